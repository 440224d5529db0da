"""Reductions: one number a path from whole rows, such as a sum, a lowest value, a rate of return.

A reduction is written once against a `Writer`, and once as rows of a sheet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from finmodel.graph.nodes import Node, Reduce, lift
from finmodel.graph.operations import UnitOrAny
from finmodel.graph.writer import Row, Value, Writer

Term = Any
"""A piece of a sheet's formula: supports + - * / and unary -, comparisons and & |, with 0 and 1 on either side."""
SheetRow = Any
"""A row of a sheet, a cell a period; opaque to the formula."""


class Moment(Protocol):
    """One period of a helper row."""

    @property
    def before(self) -> Term:
        """The row's own cell of the period before."""

    @property
    def period(self) -> Term:
        """The number of the period."""

    def __call__(self, row: SheetRow) -> Term:
        """Another row's cell of this period."""

    def earlier(self, row: SheetRow) -> Term:
        """Another helper row's cell of the period before."""


class Table(Protocol):
    """Steps of a calculation that does not run along the periods: one a row, one quantity a column."""

    def write(self, step: int, column: str, term: Term) -> Term:
        """Write a cell; returns a term that reads it, relative to the row that it is read in."""

    def mark(self, step: int, column: str, value: float) -> Term:
        """Write a number that the shape of the table fixes, such as the number of a step."""

    def at(self, step: int, column: str) -> Term:
        """A cell written before, wherever it is read from."""

    def column(self, column: str) -> Term:
        """The range of a column written before."""


class Block(Protocol):
    """The part of a workbook where a reduction puts its workings; made by the workbook's rendering."""

    def number(self, value: float, label: str, unit: str = "1") -> Term:
        """A constant, by the cell that the workbook gives it."""

    def call(self, function: str, *args: Term | float) -> Term:
        """A worksheet function."""

    def choose(self, condition: Term, chosen: Term | float, otherwise: Term | float) -> Term:
        """`chosen` where the condition holds, else `otherwise`."""

    def text(self, words: str) -> Term:
        """A text, such as a criterion of a worksheet function."""

    def missing(self) -> Term:
        """What stands for a result that does not exist."""

    def whole(self, row: SheetRow) -> Term:
        """The range of a row over all periods, period 0 first."""

    def periods(self) -> Term:
        """The range of the numbers of the periods."""

    def row(self, label: str, unit: str, step: Callable[[Moment], Term], opening: float = 0.0) -> SheetRow:
        """Add a helper row, in the unit of the reduced rows where it has none; `before` reads `opening` in period 0."""

    def cell(self, label: str, unit: str, term: Term) -> Term:
        """Add a helper cell; returns a term that reads it."""

    def table(self, title: str, columns: Mapping[str, str], steps: int) -> Table:
        """Add a table; `columns` gives the unit of each."""

    def report(self, note: str, term: Term) -> None:
        """Tell the reader where `term` is above zero: no fault, but worth knowing."""

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` returns, made once for a key and the rows and scalars of this reduction."""


@dataclass(frozen=True)
class Fold:
    """A reduction in one pass over its rows.

    Attributes
    ----------
    initial, step
        A state before the first period, and ``step(writer, state, *elements)`` after each.
    finish
        The result from the last state, where it is not that state.
    """

    initial: float
    step: Callable[..., Value]
    finish: Callable[[Writer, Value], Value] | None = None

    def over(self, w: Writer, rows: Sequence[Row]) -> Value:
        """The result, where it is not fused into a loop."""
        first, *beside = rows
        step, initial = self.step, (w.constant(self.initial),)
        if beside:
            (state,) = w.fold(first, initial, lambda *xs: (step(w, xs[-1], *xs[:-1]),), beside=beside)
        else:
            (state,) = w.fold(first, initial, lambda x, state: (step(w, state, x),))
        return state if self.finish is None else self.finish(w, state)


@dataclass(frozen=True)
class Part:
    """One of several results that are found together, so that a rendering that needs more than one finds them once."""

    write: Callable[[Writer, Sequence[Row], Sequence[Value]], tuple[Value, ...]]
    place: int


@dataclass(frozen=True, kw_only=True)
class Reduction:
    """One number a path from whole rows.

    Attributes
    ----------
    write
        ``write(writer, rows, scalars) -> value``; a result that does not exist is NaN.
    fold
        The same in one pass, where it can be fused into the loop over periods.
    unit
        The result's unit from those of rows and scalars; raises ValueError.
    may_be_missing
        Whether the result may not exist (convention 5).
    sheet
        ``sheet(block, rows, scalars) -> term``; the block's `missing` where the result does not exist.
    part
        Where `write` gives one of several results that are found together: how to find them all.
    """

    name: str
    write: Callable[[Writer, Sequence[Row], Sequence[Value]], Value]
    fold: Fold | None
    unit: Callable[[Sequence[UnitOrAny], Sequence[UnitOrAny]], UnitOrAny]
    may_be_missing: bool
    sheet: Callable[[Block, Sequence[SheetRow], Sequence[Term]], Term]
    part: Part | None = None


def _one_pass(
    name: str, fold: Fold, sheet: Callable[[Block, Sequence[SheetRow]], Term], *, may_be_missing: bool = False
) -> Reduction:
    return Reduction(
        name=name,
        write=lambda w, rows, scalars: fold.over(w, rows),
        fold=fold,
        unit=lambda rows, scalars: rows[0],
        may_be_missing=may_be_missing,
        sheet=lambda block, rows, scalars: sheet(block, rows),
    )


def _function(name: str) -> Callable[[Block, Sequence[SheetRow]], Term]:
    return lambda block, rows: block.call(name, block.whole(rows[0]))


def _function_where(name: str) -> Callable[[Block, Sequence[SheetRow]], Term]:
    def sheet(block: Block, rows: Sequence[SheetRow]) -> Term:
        (values, flags), above = map(block.whole, rows), block.text(">0")
        found = block.call(name, values, flags, above)
        return block.choose(block.call("COUNTIF", flags, above) > 0, found, block.missing())

    return sheet


TOTAL = _one_pass("total", Fold(0.0, lambda w, sofar, x: sofar + x), _function("SUM"))
LOWEST = _one_pass("lowest", Fold(math.inf, lambda w, sofar, x: w.select(x < sofar, x, sofar)), _function("MIN"))
HIGHEST = _one_pass("highest", Fold(-math.inf, lambda w, sofar, x: w.select(x > sofar, x, sofar)), _function("MAX"))
LOWEST_WHERE = _one_pass(
    "lowest_where",
    Fold(
        math.inf,
        lambda w, sofar, x, flag: w.select((flag > 0.0) & (x < sofar), x, sofar),
        lambda w, found: w.select(found < math.inf, found, w.constant(math.nan)),
    ),
    _function_where("MINIFS"),
    may_be_missing=True,
)
HIGHEST_WHERE = _one_pass(
    "highest_where",
    Fold(
        -math.inf,
        lambda w, sofar, x, flag: w.select((flag > 0.0) & (x > sofar), x, sofar),
        lambda w, found: w.select(found > -math.inf, found, w.constant(math.nan)),
    ),
    _function_where("MAXIFS"),
    may_be_missing=True,
)


def total(x: Node) -> Node:
    """The sum over all periods."""
    return Reduce(TOTAL, (lift(x),), ())


def lowest(x: Node) -> Node:
    """The lowest value over all periods."""
    return Reduce(LOWEST, (lift(x),), ())


def highest(x: Node) -> Node:
    """The highest value over all periods."""
    return Reduce(HIGHEST, (lift(x),), ())


def lowest_where(x: Node, flag: Node) -> Node:
    """The lowest value over the periods in which `flag` is above zero; missing where there are none."""
    return Reduce(LOWEST_WHERE, (lift(x), lift(flag)), ())


def highest_where(x: Node, flag: Node) -> Node:
    """The highest value over the periods in which `flag` is above zero; missing where there are none."""
    return Reduce(HIGHEST_WHERE, (lift(x), lift(flag)), ())
