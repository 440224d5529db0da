"""LLVM IR as a writer: a formula becomes vector instructions that work on several paths at once.

Every lane has the bits that the formula has on a single path: the instructions are the same IEEE operations in the same
order, and nothing contracts or reorders them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from finmodel.graph.writer import HALF_SQUARE_ROOT
from finmodel.render.lanes import Bits, Condition, Lanes, Number, Section, Word

TWO_52 = 2.0**52
TWO_54 = 2.0**54
SMALLEST_NORMAL = 2.0**-1022
TWO_52_BITS = 0x4330000000000000
ONE_BITS = 0x3FF0000000000000
FRACTION = 0x000FFFFFFFFFFFFF
BIAS = 1023.0

Kind = TypeVar("Kind", bound=Lanes)


@dataclass(frozen=True)
class Row:
    """A line's values over all periods: how many, and how to fetch those of the period in an integer register."""

    length: int
    at: Callable[[str], Number]


class LlvmWriter:
    """A `Writer` whose values are `Lanes`.

    An instruction goes to the innermost section that defines one of its operands: what does not change from turn to
    turn of a loop is computed before it. Whatever has no operands, such as a load, goes to the current `section`.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.numbers = f"<{width} x double>"
        self.conditions = f"<{width} x i1>"
        self.words = f"<{width} x i32>"
        self.bits = f"<{width} x i64>"
        self.section = Section("entry")
        self._types: dict[type[Lanes], str] = {
            Number: self.numbers,
            Condition: self.conditions,
            Word: self.words,
            Bits: self.bits,
        }
        self._names = 0

    def fresh(self, stem: str) -> str:
        """A name that no register or block has yet."""
        self._names += 1
        return f"{stem}{self._names}"

    def emit(self, instruction: str) -> str:
        """Append an instruction on scalars to the current section; returns the register that holds its result."""
        register = f"%{self.fresh('v')}"
        self.section.lines.append(f"  {register} = {instruction}")
        return register

    def result(self, kind: type[Kind], instruction: str, *operands: Lanes) -> Kind:
        """Append an instruction where its operands are known; returns its result."""
        homes = [x.home.still_open() for x in operands if x.home is not None]
        home = max(homes, key=lambda section: section.depth, default=self.section)
        register = f"%{self.fresh('v')}"
        home.lines.append(f"  {register} = {instruction}")
        return kind(self, register, home)

    def effect(self, instruction: str) -> None:
        """Append an instruction without a result."""
        self.section.lines.append(f"  {instruction}")

    def number(self, x: Number | float) -> Number:
        """A number of Python as lanes; lanes as they are."""
        return x if isinstance(x, Number) else self.constant(x)

    def condition(self, x: Condition | bool) -> Condition:
        """A truth of Python as lanes; lanes as they are."""
        return x if isinstance(x, Condition) else Condition(self, f"splat (i1 {'true' if x else 'false'})")

    def word(self, x: Word | int) -> Word:
        """An integer of Python as lanes, modulo 2^32; lanes as they are."""
        return x if isinstance(x, Word) else Word(self, f"splat (i32 {x % 2**32})")

    def lanes(self, x: Lanes | float | bool) -> Lanes:
        """Anything that a formula may carry, as lanes."""
        if isinstance(x, Lanes):
            return x
        return self.condition(x) if isinstance(x, bool) else self.constant(x)

    def type_of(self, x: Lanes) -> str:
        """The type of a value in the IR."""
        return self._types[type(x)]

    def splat(self, kind: type[Kind], scalar: str, scalar_type: str) -> Kind:
        """A scalar register in every lane."""
        lanes = self._types[kind]
        first = self.emit(f"insertelement {lanes} poison, {scalar_type} {scalar}, i64 0")
        return self.result(kind, f"shufflevector {lanes} {first}, {lanes} poison, <{self.width} x i32> zeroinitializer")

    def load(self, address: str, align: int) -> Number:
        """The numbers at an address, one per lane."""
        return self.result(Number, f"load {self.numbers}, ptr {address}, align {align}")

    def load_splat(self, address: str) -> Number:
        """The number at an address, in every lane."""
        return self.splat(Number, self.emit(f"load double, ptr {address}, align 8"), "double")

    def store(self, x: Number, address: str, align: int) -> None:
        """Put the numbers at an address."""
        self.effect(f"store {self.numbers} {x}, ptr {address}, align {align}")

    def offset(self, base: str, doubles: int | str) -> str:
        """The address some doubles after another."""
        return self.emit(f"getelementptr double, ptr {base}, i64 {doubles}")

    def spoilt(self, so_far: Number, x: Number) -> Number:
        """Zero as long as it was zero and x is finite, else NaN: in one instruction, where there is one for both."""
        kind, zero = self.numbers, self.constant(0.0)
        call = f"call {kind} @llvm.fmuladd.v{self.width}f64({kind} {x}, {kind} {zero}, {kind} {so_far})"
        return self.result(Number, call, x, so_far)

    def any(self, condition: Condition) -> str:
        """A scalar truth: whether the condition holds in any lane."""
        mask = self.emit(f"bitcast {self.conditions} {condition} to i{self.width}")
        return self.emit(f"icmp ne i{self.width} {mask}, 0")

    def register(self, like: Kind) -> Kind:
        """A fresh register for a value of the same kind, to be defined by a phi."""
        return type(like)(self, f"%{self.fresh('p')}", self.section)

    def choose(self, condition: Condition, chosen: Number | float, otherwise: Number | float) -> Number:
        """`select` of numbers."""
        x, y, kind = self.number(chosen), self.number(otherwise), self.numbers
        return self.result(Number, f"select {self.conditions} {condition}, {kind} {x}, {kind} {y}", condition, x, y)

    def choose_all(self, scalar: str, chosen: Number, otherwise: Number) -> Number:
        """One number or the other in all lanes, by a scalar truth."""
        return self.result(Number, f"select i1 {scalar}, {self.numbers} {chosen}, {self.numbers} {otherwise}")

    # The protocol of finmodel.graph.writer.

    def constant(self, number: float) -> Number:
        """A number, the same on every path."""
        (bits,) = struct.unpack("<Q", struct.pack("<d", float(number)))
        return Number(self, f"splat (double 0x{bits:016X})")

    def select(self, condition: Condition | bool, chosen: Lanes | float, otherwise: Lanes | float) -> Lanes:
        """`chosen` in the lanes where the condition holds, else `otherwise`."""
        x, y, c = self.lanes(chosen), self.lanes(otherwise), self.condition(condition)
        if type(x) is not type(y):
            raise TypeError(f"select() of a {type(x).__name__.lower()} and a {type(y).__name__.lower()}")
        kind = self.type_of(x)
        return self.result(type(x), f"select {self.conditions} {c}, {kind} {x}, {kind} {y}", c, x, y)

    def no(self, condition: Condition | bool) -> Condition:
        """Logical not."""
        return self.condition(condition) ^ True

    def sqrt(self, x: Number) -> Number:
        """Correctly rounded square root."""
        kind, argument = self.numbers, self.number(x)
        return self.result(Number, f"call {kind} @llvm.sqrt.v{self.width}f64({kind} {argument})", argument)

    def split(self, x: Number) -> tuple[Number, Number]:
        """(m, k) with x = m 2^k and sqrt(1/2) <= m < sqrt(2), for positive x; m is x where x is infinite or NaN."""
        x = self.number(x)
        small = x < SMALLEST_NORMAL
        bits = self._as_bits(self.choose(small, x * TWO_54, x))
        exponent = self.result(Bits, f"lshr {self.bits} {bits}, splat (i64 52)", bits)
        shifted = self.result(Bits, f"or {self.bits} {exponent}, splat (i64 {TWO_52_BITS})", exponent)
        power = self._as_number(shifted) - self.choose(small, TWO_52 + BIAS + 54.0, TWO_52 + BIAS)
        fraction = self.result(Bits, f"and {self.bits} {bits}, splat (i64 {FRACTION})", bits)
        scaled = self.result(Bits, f"or {self.bits} {fraction}, splat (i64 {ONE_BITS})", fraction)
        mantissa = self.choose(x < float("inf"), self._as_number(scaled), x)
        low = mantissa < 2.0 * HALF_SQUARE_ROOT
        return self.choose(low, mantissa, mantissa * 0.5), self.choose(low, power, power + 1.0)

    def two_to(self, k: Number) -> Number:
        """2^k for a whole number k between -1022 and 1023.

        Adding 2^52 puts the biased exponent into the lowest bits; unlike a conversion to integer this has a defined
        result for every k, so that a lane that nobody chooses spoils nothing.
        """
        bits = self._as_bits(self.number(k) + (TWO_52 + BIAS))
        return self._as_number(self.result(Bits, f"shl {self.bits} {bits}, splat (i64 52)", bits))

    def fold(
        self,
        row: Row,
        initial: tuple[Lanes | float, ...],
        step: Callable[..., tuple[Lanes | float, ...]],
        *,
        beside: Sequence[Row] = (),
        backwards: bool = False,
    ) -> tuple[Lanes, ...]:
        """Carry a state through the row, and those beside it, in a loop; a row has at least one period."""
        first, last, stride = (row.length - 1, 0, -1) if backwards else (0, row.length - 1, 1)
        before, loop, after = self.section.label, self.fresh("fold"), self.fresh("folded")
        state = [self.lanes(x) for x in initial]
        self.effect(f"br label %{loop}")
        self.section.begin(loop)
        place = len(self.section.lines)
        period = f"%{self.fresh('i')}"
        carried = [self.register(x) for x in state]
        following = [self.lanes(x) for x in step(*(one.at(period) for one in (row, *beside)), *carried)]
        advanced = self.emit(f"add i64 {period}, {stride}")
        done = self.emit(f"icmp eq i64 {period}, {last}")
        phis = [f"  {period} = phi i64 [{first}, %{before}], [{advanced}, %{self.section.label}]"]
        phis += self._phis(carried, (before, state), (self.section.label, following))
        self.section.lines[place:place] = phis
        self.effect(f"br i1 {done}, label %{after}, label %{loop}")
        self.section.begin(after)
        return tuple(following)

    def repeat(
        self,
        initial: tuple[Lanes | float, ...],
        going: Condition | bool,
        step: Callable[..., tuple[tuple[Lanes | float, ...], Condition | bool]],
        limit: int,
    ) -> tuple[Lanes, ...]:
        """Repeat `step` while any lane is going, at most `limit` times; a lane that has stopped keeps its state."""
        if limit < 1:
            return tuple(self.lanes(x) for x in initial)
        state, start = [self.lanes(x) for x in initial], self.condition(going)
        before, test, body, after = self.section.label, *(self.fresh(stem) for stem in ("test", "repeat", "done"))
        self.effect(f"br label %{test}")
        self.section.begin(test)
        place = len(self.section.lines)
        count = f"%{self.fresh('n')}"
        carried, live = [self.register(x) for x in state], self.register(start)
        more = self.any(live)
        allowed = self.emit(f"icmp ult i64 {count}, {limit}")
        again = self.emit(f"and i1 {more}, {allowed}")
        self.effect(f"br i1 {again}, label %{body}, label %{after}")
        self.section.begin(body)
        results, goes_on = step(*carried)
        following = [self.select(live, new, old) for new, old in zip(results, carried, strict=True)]
        still = live & goes_on
        counted = self.emit(f"add i64 {count}, 1")
        end = self.section.label
        self.effect(f"br label %{test}")
        phis = [f"  {count} = phi i64 [0, %{before}], [{counted}, %{end}]"]
        phis += self._phis([*carried, live], (before, [*state, start]), (end, [*following, still]))
        self.section.lines[place:place] = phis
        self.section.begin(after)
        return tuple(carried)

    def _as_bits(self, x: Number) -> Bits:
        return self.result(Bits, f"bitcast {self.numbers} {x} to {self.bits}", x)

    def _as_number(self, x: Bits) -> Number:
        return self.result(Number, f"bitcast {self.bits} {x} to {self.numbers}", x)

    def _phis(self, names: list[Lanes], *edges: tuple[str, list[Lanes]]) -> list[str]:
        return [
            f"  {name} = phi {self.type_of(name)} " + ", ".join(f"[{values[k]}, %{label}]" for label, values in edges)
            for k, name in enumerate(names)
        ]
