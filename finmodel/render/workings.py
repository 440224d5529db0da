"""Workings: the helper rows, cells and tables by which a sheet finds what it has no function for.

They stand on a sheet of their own, whose columns are the same periods as those of the calculations.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finmodel.render import term
from finmodel.render.constants import Constants
from finmodel.render.sheet import MISSING, Cell, Sheet, Style, address, column_name, number_format
from finmodel.render.term import Term

Floats = NDArray[np.float64]
KEY, UNIT, NOTE, CONSTANT, TOTAL, OPENING, FIRST = range(1, 8)
"""Columns of the sheets that run along the periods; the first column holds headings."""
HEAD, COUNTER, TOP = 3, 4, 5
"""Rows with the headings and the column counter, and the first row below, on the same sheets."""
TIMING, INPUT_SERIES, CALCULATIONS, WORKINGS = "Timing", "Series", "Calculations", "Workings"


@dataclass(frozen=True)
class PeriodRow:
    """A row with a cell for each period, and its values."""

    sheet: str
    number: int
    values: Floats
    opening: float = 0.0

    @property
    def whole(self) -> Term:
        """Its range, period 0 first."""
        last = column_name(FIRST + len(self.values) - 1)
        return Term(f"{self.sheet}!${column_name(FIRST)}${self.number + 1}:${last}${self.number + 1}", self.values)

    def cell(self, period: int) -> Term:
        """Its cell of a period, the column left open."""
        return Term(f"{self.sheet}!{{c}}{self.number + 1}", float(self.values[period]))

    def fixed(self, period: int) -> Term:
        """Its cell of a period, wherever it is read from."""
        return Term(f"{self.sheet}!{address(self.number, FIRST + period, fixed=True)}", float(self.values[period]))


def fill_row(sheet: Sheet, number: int, formula: str, values: Sequence[float] | Floats, style: Style) -> None:
    """Write one formula across the periods; `{c}` in it is the column of the cell, `{p}` the column before.

    Raises
    ------
    ModelFault
        Where the formula is longer than a cell holds, or one of its values is not finite.
    """
    numbers = np.asarray(values, dtype=np.float64)
    names = [column_name(OPENING + place) for place in range(len(numbers) + 1)]
    own = sheet.own(formula)
    widest = max(range(len(numbers)), key=lambda place: (not np.isfinite(numbers[place]), place))
    sheet.formula(number, FIRST + widest, own.format(c=names[widest + 1], p=names[widest]), numbers[widest], style)
    parts = [(text, which) for text, which, _, _ in string.Formatter().parse(own)]
    for place, value in enumerate(numbers.tolist()):
        letters = {"c": names[place + 1], "p": names[place], None: ""}
        text = "".join([part + letters[which] for part, which in parts])
        sheet.cells[number, FIRST + place] = Cell(value, style, text)


class _Moment:
    """One period of a helper row that is being filled."""

    def __init__(self, number: int, at: int, before: float, counter: PeriodRow) -> None:
        self.before = Term(f"{WORKINGS}!{{p}}{number + 1}", before)
        self.period = counter.cell(at)
        self._at = at

    def __call__(self, row: PeriodRow) -> Term:
        return row.cell(self._at)

    def earlier(self, row: PeriodRow) -> Term:
        value = float(row.values[self._at - 1]) if self._at else row.opening
        return Term(f"{row.sheet}!{{p}}{row.number + 1}", value)


class Steps:
    """A table of steps below the helper rows of a reduction."""

    def __init__(self, sheet: Sheet, top: int, title: str, columns: Mapping[str, str], steps: int) -> None:
        self._sheet, self._units, self._steps = sheet, columns, steps
        self._places = {name: CONSTANT + place for place, name in enumerate(columns)}
        self._first = top + 2
        self._terms: dict[tuple[int, str], Term] = {}
        sheet.text(top, KEY, title, "subtitle")
        for name, place in self._places.items():
            sheet.text(top + 1, place, name, "head of numbers")
        for step in range(steps):
            sheet.text(self._first + step, KEY, f"step {step}", "text")

    @property
    def last_row(self) -> int:
        """The row of the last step."""
        return self._first + self._steps - 1

    def write(self, step: int, column: str, cell: Term) -> Term:
        """Write a cell; returns a term that reads it, relative to the row that it is read in."""
        place = self._first + step, self._places[column]
        style = Style("formula", number_format(self._units[column], _numbers(cell.value)))
        self._sheet.formula(*place, cell.text, cell.stored, style)
        return self._keep(step, column, cell.value)

    def mark(self, step: int, column: str, value: float) -> Term:
        """Write a number that the shape of the table fixes."""
        self._sheet.number(self._first + step, self._places[column], value, Style("fixed", number_format("1", [value])))
        return self._keep(step, column, value)

    def _keep(self, step: int, column: str, value: Any) -> Term:
        place = address(self._first + step, self._places[column])
        self._terms[step, column] = Term(f"{WORKINGS}!{place}", value)
        return self._terms[step, column]

    def at(self, step: int, column: str) -> Term:
        """A cell written before, wherever it is read from."""
        place = address(self._first + step, self._places[column], fixed=True)
        return Term(f"{WORKINGS}!{place}", self._terms[step, column].value)

    def column(self, column: str) -> Term:
        """The range of a column written before."""
        place = self._places[column]
        ends = (address(row, place, fixed=True) for row in (self._first, self.last_row))
        values = term.block_of([self._terms[step, column] for step in range(self._steps)])
        return Term(f"{WORKINGS}!{':'.join(ends)}", values)


class Workings:
    """The sheet of workings, and the block that a reduction writes into.

    Attributes
    ----------
    reports
        What readers should know: the line concerned, a note, and a term that is above zero where it holds.
    """

    def __init__(self, constants: Constants, counter: PeriodRow, top: int) -> None:
        self.sheet = Sheet(WORKINGS)
        self._constants, self._counter = constants, counter
        self._next = top
        self._made: dict[Hashable, Any] = {}
        self._asker: Hashable = None
        self._heading: str | None = None
        self._owner = self._unit = ""
        self.reports: list[tuple[str, str, Term]] = []

    def begin(self, owner: str, reduction: str, asker: Hashable, unit: str) -> None:
        """Start the workings of a line's reduction of rows in that unit.

        `asker` is the same for the same rows and scalars.
        """
        self._owner, self._heading, self._asker, self._unit = owner, f"{owner}: {reduction}", asker, unit

    def _reserve(self, rows: int) -> int:
        if self._heading is not None:
            self._next += 1
            self.sheet.text(self._next, 0, self._heading, "section")
            self._heading = None
            self._next += 1
        taken = self._next
        self._next += rows
        return taken

    def number(self, value: float, label: str, unit: str = "1") -> Term:
        """A constant, by the cell that the workbook gives it."""
        if value in term.WRITTEN:
            return term.lift(value)
        return Term(self._constants.named(label, value, unit, "Of the method by which a metric is found."), value)

    def call(self, function: str, *args: Term | float) -> Term:
        """A worksheet function."""
        return term.call(function, *args)

    def choose(self, condition: Term, chosen: Term | float, otherwise: Term | float) -> Term:
        """`chosen` where the condition holds, else `otherwise`."""
        return term.call("IF", condition, chosen, otherwise)

    def missing(self) -> Term:
        """What stands for a result that does not exist."""
        return term.text(MISSING)

    def whole(self, row: PeriodRow) -> Term:
        """The range of a row over all periods, period 0 first."""
        return row.whole

    def periods(self) -> Term:
        """The range of the numbers of the periods."""
        return self._counter.whole

    def row(self, label: str, unit: str, step: Callable[[_Moment], Term], opening: float = 0.0) -> PeriodRow:
        """Add a helper row, in the unit of the reduced rows where it has none; `before` reads `opening` in period 0."""
        number, unit = self._reserve(1), unit or self._unit
        values: list[float] = []
        texts: set[str] = set()
        for at in range(len(self._counter.values)):
            made = step(_Moment(number, at, values[-1] if values else opening, self._counter))
            values.append(made.number)
            texts.add(made.text)
        if len(texts) != 1:
            raise ValueError(f"helper row '{label}' has {len(texts)} formulas, not one")
        style = Style("formula", number_format(unit, values))
        self.sheet.text(number, KEY, label)
        self.sheet.text(number, UNIT, unit, "unit")
        self.sheet.number(number, OPENING, opening, Style("fixed", style.number))
        fill_row(self.sheet, number, texts.pop(), values, style)
        return PeriodRow(WORKINGS, number, np.array(values), opening)

    def text(self, words: str) -> Term:
        """A text, such as a criterion of a worksheet function."""
        return term.text(words)

    def cell(self, label: str, unit: str, cell: Term) -> Term:
        """Add a helper cell; returns a term that reads it."""
        number = self._reserve(1)
        self.sheet.text(number, KEY, label)
        self.sheet.text(number, UNIT, unit, "unit")
        style = Style("formula", number_format(unit, _numbers(cell.value)))
        self.sheet.formula(number, CONSTANT, cell.text, cell.stored, style)
        return Term(f"{WORKINGS}!{address(number, CONSTANT, fixed=True)}", cell.value)

    def table(self, title: str, columns: Mapping[str, str], steps: int) -> Steps:
        """Add a table; `columns` gives the unit of each."""
        top = self._reserve(steps + 3)
        return Steps(self.sheet, top, title, columns, steps)

    def report(self, note: str, term: Term) -> None:
        """Tell the reader where `term` is above zero."""
        self.reports.append((self._owner, note, term))

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` returns, made once for a key and the rows and scalars of this reduction."""
        full = (key, self._asker)
        if full not in self._made:
            self._made[full] = make()
        return self._made[full]


def _numbers(value: Any) -> list[float]:
    return [float(value)] if isinstance(value, float) else []
