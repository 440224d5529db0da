"""The values of formulas written as LLVM IR: one lane per path, and operators that append instructions.

Numbers are vectors of double, conditions vectors of one bit, words vectors of unsigned 32-bit integers. No instruction
carries a fast-math flag, and LLVM fuses none without one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from finmodel.render.llvm import LlvmWriter

NOT_A_NUMBER, INFINITE = 0x003, 0x204
"""Classes of the test `llvm.is.fpclass`."""


class Lanes:
    """A value of several paths under its name in the IR."""

    __slots__ = ("home", "text", "writer")
    __hash__ = object.__hash__

    def __init__(self, writer: LlvmWriter, text: str, home: Section | None = None) -> None:
        self.writer, self.text, self.home = writer, text, home

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> NoReturn:
        raise TypeError("lanes have no single truth value: use select()")

    def __eq__(self, other: object) -> NoReturn:
        raise TypeError("lanes are compared with < <= > >= only")


class Number(Lanes):
    """A double per path."""

    __slots__ = ()

    def _with(self, instruction: str, a: Number | float, b: Number | float) -> Number:
        w = self.writer
        x, y = w.number(a), w.number(b)
        return w.result(Number, f"{instruction} {w.numbers} {x}, {y}", x, y)

    def _compared(self, predicate: str, other: Number | float) -> Condition:
        w, y = self.writer, self.writer.number(other)
        return w.result(Condition, f"fcmp {predicate} {w.numbers} {self}, {y}", self, y)

    def __add__(self, other: Number | float) -> Number:
        return self._with("fadd", self, other)

    def __radd__(self, other: float) -> Number:
        return self._with("fadd", other, self)

    def __sub__(self, other: Number | float) -> Number:
        return self._with("fsub", self, other)

    def __rsub__(self, other: float) -> Number:
        return self._with("fsub", other, self)

    def __mul__(self, other: Number | float) -> Number:
        return self._with("fmul", self, other)

    def __rmul__(self, other: float) -> Number:
        return self._with("fmul", other, self)

    def __truediv__(self, other: Number | float) -> Number:
        return self._with("fdiv", self, other)

    def __rtruediv__(self, other: float) -> Number:
        return self._with("fdiv", other, self)

    def __neg__(self) -> Number:
        return self.writer.result(Number, f"fneg {self.writer.numbers} {self}", self)

    def __lt__(self, other: Number | float) -> Condition:
        return self._compared("olt", other)

    def __le__(self, other: Number | float) -> Condition:
        return self._compared("ole", other)

    def __gt__(self, other: Number | float) -> Condition:
        return self._compared("ogt", other)

    def __ge__(self, other: Number | float) -> Condition:
        return self._compared("oge", other)

    def missing(self) -> Condition:
        """Where the number is NaN."""
        return self._compared("uno", self)

    def is_class(self, classes: int) -> Condition:
        """Where the number is of one of these classes."""
        w = self.writer
        call = f"call {w.conditions} @llvm.is.fpclass.v{w.width}f64({w.numbers} {self}, i32 {classes})"
        return w.result(Condition, call, self)


class Condition(Lanes):
    """A truth per path."""

    __slots__ = ()

    def _with(self, instruction: str, other: Condition | bool) -> Condition:
        w, y = self.writer, self.writer.condition(other)
        return w.result(Condition, f"{instruction} {w.conditions} {self}, {y}", self, y)

    def __and__(self, other: Condition | bool) -> Condition:
        return self._with("and", other)

    def __or__(self, other: Condition | bool) -> Condition:
        return self._with("or", other)

    def __xor__(self, other: Condition | bool) -> Condition:
        return self._with("xor", other)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__


class Word(Lanes):
    """An unsigned 32-bit integer per path, which wraps."""

    __slots__ = ()

    def _with(self, instruction: str, other: Word | int) -> Word:
        w, y = self.writer, self.writer.word(other)
        return w.result(Word, f"{instruction} {w.words} {self}, {y}", self, y)

    def __add__(self, other: Word | int) -> Word:
        return self._with("add", other)

    def __xor__(self, other: Word | int) -> Word:
        return self._with("xor", other)

    def __or__(self, other: Word | int) -> Word:
        return self._with("or", other)

    __radd__, __rxor__, __ror__ = __add__, __xor__, __or__

    def __lshift__(self, bits: int) -> Word:
        return self._with("shl", bits)

    def __rshift__(self, bits: int) -> Word:
        return self._with("lshr", bits)

    def __mul__(self, factor: Number | float) -> Number:
        w = self.writer
        return w.result(Number, f"uitofp {w.words} {self} to {w.numbers}", self) * factor

    __rmul__ = __mul__


class Bits(Lanes):
    """The 64 bits of a number per path."""

    __slots__ = ()


@dataclass
class Section:
    """Instructions that follow one another, and the label of the basic block that the next one belongs to.

    A section inside another is a loop that is still open; once closed it is part of the other.
    """

    label: str
    depth: int = 0
    closed_into: Section | None = None
    lines: list[str] = field(default_factory=list)

    def still_open(self) -> Section:
        """The section, or the one that it has become part of."""
        return self if self.closed_into is None else self.closed_into.still_open()

    def begin(self, label: str) -> None:
        """Start a basic block."""
        self.lines.append(f"{label}:")
        self.label = label
