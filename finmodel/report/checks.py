"""Checks of a workbook: two ways to one number, and how far apart they may be.

Some follow from the shape of a model: a corkscrew closes on what was added and taken, a running sum on its row, a
discounted total on its two rows. Others are declared by whoever knows the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from finmodel.graph.check import AddsUp, Check, Discounted, EndsAtZero
from finmodel.graph.model import Line, Model
from finmodel.graph.nodes import Apply, Item, Lag, Node, Reduce
from finmodel.render.excel import Rendered
from finmodel.render.sheet import Sheet, address
from finmodel.render.term import Term, call, lift, text
from finmodel.render.workings import FIRST, TOP

TOLERANCE = 1e-9
"""Of the scale of a check (convention 9)."""


@dataclass(frozen=True)
class Comparison:
    """Two ways to one number.

    Attributes
    ----------
    scale
        The size of what is compared, of which the tolerance is a share.
    """

    key: str
    note: str
    unit: str
    left: Term
    right: Term
    scale: Term = field(default_factory=lambda: lift(1))


@dataclass(frozen=True)
class Reader:
    """Reads a model's cells for a check."""

    model: Model
    rendered: Rendered

    def number(self, name: str) -> Term:
        """A line that does not vary, or a metric."""
        return self.rendered.numbers[name]

    def row(self, name: str) -> Term:
        """The range of a row, period 0 first."""
        return self.rendered.rows[name].whole

    def row_or_number(self, name: str) -> Term:
        """The range of a row, or the cell of a line that does not vary."""
        return self.row(name) if name in self.rendered.rows else self.number(name)

    def last(self, name: str) -> Term:
        """A row's cell in the last period."""
        row = self.rendered.rows[name]
        return row.fixed(len(row.values) - 1)

    def first(self, name: str) -> Term:
        """A row's cell in period 0."""
        return self.rendered.rows[name].fixed(0)

    def rest(self, name: str) -> Term:
        """The range of a row without period 0."""
        row = self.rendered.rows[name]
        whole = row.whole
        start = address(row.number, FIRST, fixed=True)
        return Term(whole.text.replace(start, address(row.number, FIRST + 1, fixed=True)), row.values[1:])

    def unit(self, name: str) -> str:
        """The unit of a line."""
        return self.model.lines[name].unit


def declared(checks: Iterable[Check], read: Reader) -> Iterator[Comparison]:
    """What the lines say must hold; what a line replaced by another shape no longer can be asked is left out."""
    rows, numbers = read.rendered.rows.keys(), read.rendered.numbers.keys()
    for check in checks:
        match check:
            case Discounted(metric=metric, flows=flows, rate=rate) if (
                flows not in rows or not {metric, rate} <= numbers
            ):
                continue
            case AddsUp(whole=whole, parts=parts, less=less) if whole not in rows or not {*parts, *less} <= (
                rows | numbers
            ):
                continue
            case EndsAtZero(level=level) if level not in rows:
                continue
            case Discounted(metric=metric, flows=flows, rate=rate):
                per_year = Term(read.rendered.constants.of("periods_per_year"), float(read.model.timeline.per_year))
                per_period = call("POWER", 1 + read.number(rate), 1 / per_year) - 1
                found = read.first(flows) + call("NPV", per_period, read.rest(flows))
                note = f"First {flows} plus the sheet's NPV() of the rest at {rate}."
                name, scale = f"{metric}.npv", gross(read.row(flows))
                yield Comparison(name, note, read.unit(metric), read.number(metric), found, scale)
            case AddsUp(whole=whole, parts=parts, less=less):
                rest = read.row(whole)
                for part in parts:
                    rest = rest - read.row_or_number(part)
                for part in less:
                    rest = rest + read.row_or_number(part)
                apart = call("SUMPRODUCT", call("ABS", rest))
                note = f"In every period the sum of {', '.join(parts)}{' less ' if less else ''}{', '.join(less)}."
                name, scale = f"{whole}.parts", gross(read.row(whole))
                yield Comparison(name, note, read.unit(whole), apart, lift(0), scale)
            case EndsAtZero(level=level):
                note, scale = "Zero in the last period.", gross(read.row(level))
                yield Comparison(f"{level}.end", note, read.unit(level), read.last(level), lift(0), scale)


def structural(read: Reader) -> Iterator[Comparison]:
    """The checks that follow from the shape of a model."""
    yield from map(_no_errors, (*read.rendered.pages.values(), read.rendered.workings))
    lines = read.model.lines
    for line in lines.values():
        name = line.name
        if line.block == "closing":
            opening = read.rendered.openings[name]
            added, less = (read.row(f"{name}.{part}") for part in ("added", "less"))
            note = "Closes on its first opening, plus all that was added, less all that was taken."
            right = opening + call("SUM", added) - call("SUM", less)
            yield Comparison(name, note, line.unit, read.last(name), right, gross(added) + gross(less))
        elif (summed := _running_sum(line)) in lines and lines[summed].varies:
            note, row = f"Ends on the sum of {summed}.", read.row(summed)
            yield Comparison(name, note, line.unit, read.last(name), call("SUM", row), gross(row))
        elif found := _product_summed(line.expression, read.model):
            products, one, other = found
            note = f"Sum of {one} times {other}."
            sum_ = call("SUMPRODUCT", read.row(one), read.row(other))
            yield Comparison(name, note, line.unit, read.number(name), sum_, gross(read.row(products)))


def _no_errors(sheet: Sheet) -> Comparison:
    corner = f"{address(TOP, 1, fixed=True)}:{address(sheet.last_row, sheet.last_column, fixed=True)}"
    everything = Term(f"SUM({sheet.name}!{corner})", 0.0)
    flag = call("IF", call("ISERROR", everything), 1, 0)
    return Comparison(f"errors.{sheet.name}", f"No cell of {sheet.name} is an error.", "1", flag, lift(0))


def gross(row: Term) -> Term:
    """The sum of the sizes of a row's numbers."""
    return call("SUMIF", row, text(">0")) - call("SUMIF", row, text("<0"))


def _running_sum(line: Line) -> str:
    """The row that a line is the running sum of, or nothing."""
    match line.expression:
        case Apply(operation=plus, args=(Lag(line=Item(name=own), periods=1), Item(kind="line", name=row))):
            return row if (plus.name, own) == ("+", line.name) else ""
        case _:
            return ""


def _product_summed(expression: Node, model: Model) -> tuple[str, str, str] | None:
    """The row of products that a line adds up and its two factors, or nothing."""
    match expression:
        case Reduce(reduction=reduction, rows=(Item(name=helper),)) if reduction.name == "total":
            match model.lines[helper].expression:
                case Apply(operation=times, args=(Item(kind="line", name=a), Item(kind="line", name=b))):
                    both_vary = model.lines[a].varies and model.lines[b].varies
                    return (helper, a, b) if times.name == "*" and both_vary else None
    return None
