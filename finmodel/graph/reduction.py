"""Reductions: one number a path from whole rows, such as a sum, a lowest value, a rate of return.

A reduction is written once against a `Writer`, and once as rows of a sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from finmodel.graph.nodes import Node, Reduce, lift
from finmodel.graph.operations import UnitOrAny
from finmodel.graph.writer import Row, Value, Writer


class Block(Protocol):
    """The part of a sheet where a reduction may put helper rows; made by the workbook's rendering.

    Addresses are texts that stand in formulas. `row` addresses are relative: in a row's formula `{name}` means the cell
    of the same period.
    """

    def across(self, row: str) -> str:
        """The range of a row over all periods, period 0 first."""

    def rest(self, row: str) -> str:
        """The range of a row over all periods but period 0."""

    def at_start(self, row: str) -> str:
        """The cell of a row in period 0."""

    def row(self, label: str, unit: str, formula: str, opening: str | None = None) -> str:
        """Add a helper row; in `formula` `{name}` is this period's cell of a row, `{name.before}` the one before,
        `{period}` the period counter, `{self.before}` the row's own previous cell. Returns the row's name.
        """

    def cell(self, label: str, unit: str, formula: str) -> str:
        """Add a helper cell; returns its address."""

    def constant(self, value: float, label: str, unit: str = "1") -> str:
        """The address of a constant on the Constants sheet."""


@dataclass(frozen=True)
class Fold:
    """A reduction in one pass: an initial value and what each period does to it."""

    initial: float
    step: Callable[[Writer, Value, Value], Value]


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
        ``sheet(block, rows, scalars) -> formula`` over row names and addresses; "none" where the result is missing.
    """

    name: str
    write: Callable[[Writer, Sequence[Row], Sequence[Value]], Value]
    fold: Fold | None
    unit: Callable[[Sequence[UnitOrAny], Sequence[UnitOrAny]], UnitOrAny]
    may_be_missing: bool
    sheet: Callable[[Block, Sequence[str], Sequence[str]], str]


def _one_pass(name: str, initial: float, step: Callable[[Writer, Value, Value], Value], function: str) -> Reduction:
    def write(w: Writer, rows: Sequence[Row], scalars: Sequence[Value]) -> Value:
        return w.fold(rows[0], (w.constant(initial),), lambda x, state: (step(w, state, x),))[0]

    return Reduction(
        name=name,
        write=write,
        fold=Fold(initial, step),
        unit=lambda rows, scalars: rows[0],
        may_be_missing=False,
        sheet=lambda block, rows, scalars: f"{function}({block.across(rows[0])})",
    )


TOTAL = _one_pass("total", 0.0, lambda w, sofar, x: sofar + x, "SUM")
LOWEST = _one_pass("lowest", float("inf"), lambda w, sofar, x: w.select(x < sofar, x, sofar), "MIN")
HIGHEST = _one_pass("highest", float("-inf"), lambda w, sofar, x: w.select(x > sofar, x, sofar), "MAX")


def total(x: Node) -> Node:
    """The sum over all periods."""
    return Reduce(TOTAL, (lift(x),), ())


def lowest(x: Node) -> Node:
    """The lowest value over all periods."""
    return Reduce(LOWEST, (lift(x),), ())


def highest(x: Node) -> Node:
    """The highest value over all periods."""
    return Reduce(HIGHEST, (lift(x),), ())
