"""The text of a kernel, read back as functions, basic blocks and instructions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_INSTRUCTION = re.compile(r"\s+(?:(%[\w.]+) = )?(\w+)(.*)")
_NAME = re.compile(r"%[\w.]+")
_VECTOR = re.compile(r"<(\d+) x (\w+)>")
_FUNCTION = re.compile(r"define .*@(\w+)\(")


@dataclass(frozen=True)
class Instruction:
    """One row of the text.

    Attributes
    ----------
    result
        Its register; empty where it has none.
    operation
        Its first word, such as `fadd`.
    text
        What follows that word.
    lanes, element
        Of the vectors that it works on: how many lanes, of which type; one lane and an empty type for scalars.
    """

    result: str
    operation: str
    text: str
    lanes: int
    element: str

    @property
    def read(self) -> tuple[str, ...]:
        """The registers and labels that it names."""
        return tuple(_NAME.findall(self.text))


@dataclass
class Block:
    """A basic block."""

    label: str
    instructions: list[Instruction] = field(default_factory=list)


@dataclass
class Function:
    """A function of the module."""

    name: str
    blocks: list[Block] = field(default_factory=list)

    def instructions(self) -> Iterator[Instruction]:
        """All of them, in the order of the text."""
        return (instruction for block in self.blocks for instruction in block.instructions)


def functions(text: str) -> list[Function]:
    """The functions that a module defines."""
    found: list[Function] = []
    inside = False
    for row in _joined(text):
        if head := _FUNCTION.match(row):
            found.append(Function(head[1]))
            inside = True
        elif row == "}":
            inside = False
        elif inside and row.endswith(":"):
            found[-1].blocks.append(Block(row[:-1]))
        elif inside and (parts := _INSTRUCTION.fullmatch(row)):
            found[-1].blocks[-1].instructions.append(_instruction(parts))
    return found


def _joined(text: str) -> Iterator[str]:
    """Rows of the text; one that ends in a comma goes on in the next."""
    waiting = ""
    for row in text.splitlines():
        waiting += row
        if not row.endswith(","):
            yield waiting
            waiting = ""


def _instruction(parts: re.Match[str]) -> Instruction:
    result, operation, text = parts[1] or "", parts[2], parts[3]
    vector = _VECTOR.search(text)
    return Instruction(result, operation, text, int(vector[1]) if vector else 1, vector[2] if vector else "")
