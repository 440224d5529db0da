"""Arithmetic that a kernel does: how many operations of which kind each basic block has, and which are only checks.

What is counted are operations on lanes: a 64-bit number is one, a 32-bit word half of one, for a vector register holds
twice as many. A rotation (two shifts and an or), and a comparison with the choice between its own two numbers (a
minimum or maximum), are one instruction each on today's processors and count as one. Broadcasts, changes of type that
move no bit, addresses and the counting of loops are not counted; loads and stores stand apart.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass

from tests.benchmarks.ir import Function, Instruction

ARITHMETIC = ("add", "multiply", "minimum or maximum", "compare", "choose", "bits", "logic")
"""What runs at the rate of additions and multiplications."""
DIVISIONS = ("divide", "root")
MEMORY = ("load", "broadcast", "store")

_KINDS = {
    "fadd": "add",
    "fsub": "add",
    "fmul": "multiply",
    "fdiv": "divide",
    "fcmp": "compare",
    "icmp": "compare",
    "select": "choose",
    "fneg": "bits",
    "uitofp": "bits",
    "sitofp": "bits",
    "load": "load",
    "store": "store",
}
_CALLS = {"@llvm.sqrt": "root", "@llvm.is.fpclass": "compare", "@llvm.fmuladd": "multiply"}
_WORDS = frozenset({"add", "sub", "mul", "and", "or", "xor", "shl", "lshr", "ashr"})
_WEIGHTS = {"i32": 0.5}
_COMPARED = re.compile(r" (\w+) <[^>]+> (.+), (.+)")
_CHOSEN = re.compile(r" <[^>]+> ([^,]+), <[^>]+> (.+), <[^>]+> (.+)")
_SHIFTED = re.compile(r" <[^>]+> (%\S+), splat \(i32 (\d+)\)")


@dataclass(frozen=True)
class Count:
    """Operations of one pass through a basic block, by kind, in lanes; those that only a check needs stand apart."""

    formulas: dict[str, float]
    checks: dict[str, float]


def count(function: Function, fault_row: int | None = None) -> dict[str, Count]:
    """What one pass through each block does.

    Parameters
    ----------
    function
        Of the kernel's text.
    fault_row
        Which row of the output says whether a path is a fault: what nothing else reads is a check. Without it nothing
        is.
    """
    by_name = {one.result: one for one in function.instructions() if one.result}
    needed = _needed(function, by_name, fault_row)
    fused = _fused(function, by_name)
    width = max((one.lanes for one in function.instructions()), default=1)
    counts = {}
    for block in function.blocks:
        formulas: defaultdict[str, float] = defaultdict(float)
        checks: defaultdict[str, float] = defaultdict(float)
        for one in block.instructions:
            kind = _kind(one)
            if kind and id(one) not in fused:
                kept = id(one) in needed
                lanes = width if kind == "broadcast" else one.lanes * _WEIGHTS.get(one.element, 1.0)
                (formulas if kept else checks)[_least(one, kind, by_name)] += lanes
        counts[block.label] = Count(formulas, checks)
    return counts


def _kind(one: Instruction) -> str:
    if not one.element:
        return "broadcast" if one.operation == "load" else ""
    if one.operation == "call":
        return next((kind for name, kind in _CALLS.items() if name in one.text), "")
    if one.operation in _WORDS:
        return "logic" if one.element == "i1" else "bits"
    return _KINDS.get(one.operation, "")


def _least(one: Instruction, kind: str, by_name: dict[str, Instruction]) -> str:
    """`kind`, or that it is a minimum or maximum."""
    return "minimum or maximum" if kind == "choose" and _is_extreme(one, by_name) else kind


def _is_extreme(one: Instruction, by_name: dict[str, Instruction]) -> bool:
    chosen = _CHOSEN.fullmatch(one.text)
    test = by_name.get(chosen[1]) if chosen else None
    compared = _COMPARED.fullmatch(test.text) if test is not None and test.operation == "fcmp" else None
    if chosen is None or compared is None:
        return False
    return compared[1] in ("olt", "ogt") and (chosen[2], chosen[3]) == (compared[2], compared[3])


def _fused(function: Function, by_name: dict[str, Instruction]) -> set[int]:
    """Instructions that are done by the one that reads them."""
    readers = Counter(name for one in function.instructions() for name in one.read)
    fused = set()
    for one in function.instructions():
        if one.operation == "select" and _is_extreme(one, by_name):
            parts = [by_name[one.read[0]]]
        elif one.operation == "or" and _is_rotation(one, by_name):
            parts = [by_name[name] for name in one.read]
        else:
            continue
        fused |= {id(part) for part in parts if readers[part.result] == 1}
    return fused


def _is_rotation(one: Instruction, by_name: dict[str, Instruction]) -> bool:
    parts = [by_name.get(name) for name in one.read]
    shifts = {part.operation: _SHIFTED.fullmatch(part.text) for part in parts if part is not None}
    left, right = shifts.get("shl"), shifts.get("lshr")
    return left is not None and right is not None and left[1] == right[1] and int(left[2]) + int(right[2]) == 32


def _needed(function: Function, by_name: dict[str, Instruction], fault_row: int | None) -> set[int]:
    """Instructions that a result rests on."""
    waiting = [
        one
        for one in function.instructions()
        if not one.result and not (one.operation == "store" and _row_of(one, by_name) == fault_row)
    ]
    found = {id(one) for one in waiting}
    while waiting:
        for name in waiting.pop().read:
            source = by_name.get(name)
            if source is not None and id(source) not in found:
                found.add(id(source))
                waiting.append(source)
    return found


def _row_of(store: Instruction, by_name: dict[str, Instruction]) -> int | None:
    """The row of the output that a store writes, or another number than that of a row."""
    at = by_name.get(store.read[-1])
    while at is not None and at.operation == "getelementptr":
        row = re.search(r"ptr %out, i64 (%\S+)", at.text)
        if row:
            place = re.fullmatch(r" i64 %output_stride, (\d+)", by_name[row[1]].text)
            return int(place[1]) if place else -1
        at = by_name.get(at.read[0])
    return -1
