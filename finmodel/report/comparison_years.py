"""Sheets that set the years of cases side by side: lines by calendar year, their differences, and that they add up."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from finmodel.render.sheet import MISSING, WHOLE, Sheet, Style, address, fit_columns, number_format
from finmodel.report.checks import TOLERANCE
from finmodel.report.compare import Comparison
from finmodel.report.comparison_tables import HEAD, LACKING, TOP, cut, note_of
from finmodel.report.layout import CHECKS, KEY, LIVE, NOTE, heads
from finmodel.report.pages.checks import CHECK_HEADS
from finmodel.report.side import Side, Years

ANNUAL = "Annual"
UNIT, TOTAL, FIRST = NOTE, NOTE + 1, NOTE + 2
YEARS_ON_A_PAGE = 8


@dataclass(frozen=True)
class Row:
    """A line of a case by year on the sheet."""

    line: str
    side: Side
    years: Years
    row: int


class Annual:
    """The sheet of lines by calendar year; of a case it holds numbers as they were, the differences are formulas.

    Attributes
    ----------
    rows
        Where each line of each case stands.
    idle
        Lines that are zero in every case, which are left out.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.sheet = Sheet(ANNUAL, frozen=(TOP, UNIT))
        self.sides = comparison.sides
        self.years = sorted({year for side in self.sides for year in side.months})
        self.rows: list[Row] = []
        names = list(dict.fromkeys(name for side in self.sides for name in side.years))
        self.idle = [name for name in names if not any(any(years.values.values()) for years in self._of(name))]
        self._next = TOP
        heads(self.sheet, HEAD, ("Case", "Unit", "Total"), ("Total",))
        for column, year in enumerate(self.years, FIRST):
            self.sheet.number(HEAD, column, year, Style("head", "0"))
        self._months()
        for name in names:
            if name not in self.idle:
                self._block(name)
        if self.idle:
            words = f"Zero in every case and left out: {', '.join(self.idle)}."
            self.sheet.text(self._next, KEY, words)
        self.sheet.widths[0, 0] = 2.0
        fit_columns(self.sheet, KEY, KEY, 24.0, 48.0, from_row=TOP)
        fit_columns(self.sheet, UNIT, FIRST + len(self.years) - 1, 9.0, 22.0, from_row=HEAD)
        cut(self.sheet, FIRST, range(FIRST + YEARS_ON_A_PAGE, FIRST + len(self.years), YEARS_ON_A_PAGE))

    @property
    def heads(self) -> str:
        """The cells with the years."""
        return self.range_of_years(HEAD)

    def range_of_years(self, row: int) -> str:
        """The cells of a row, a year each."""
        ends = (address(row, column, fixed=True) for column in (FIRST, FIRST + len(self.years) - 1))
        return f"{ANNUAL}!{':'.join(ends)}"

    def _of(self, name: str) -> Iterator[Years]:
        return (side.years[name] for side in self.sides if name in side.years)

    def _months(self) -> None:
        """How much of each year is in the horizon of each case."""
        self._heading("Months of the horizon in the year; elsewhere a case has no numbers")
        for side in self.sides:
            self._numbers(side.label, Years("month", side.months, float(sum(side.months.values()))), WHOLE)
        self._next += 1

    def _block(self, name: str) -> None:
        """A line: each case, then each but the first less the first."""
        first, *others = self.sides
        shown = [value for years in self._of(name) for value in years.values.values()]
        totals = [years.total for years in self._of(name) if years.total is not None]
        number = number_format("", [*shown, *totals])
        when = "" if totals else " At the end of the year."
        self._heading(f"{name}: {note_of(self.sides, name)}{when}")
        placed: dict[str, Row] = {}
        for side in self.sides:
            if name in side.years:
                placed[side.label] = Row(name, side, side.years[name], self._next)
                self._numbers(side.label, side.years[name], number)
            else:
                self.sheet.text(self._next, KEY, side.label, "key")
                self.sheet.text(self._next, TOTAL, MISSING, LACKING)
                self._next += 1
        self.rows += placed.values()
        for other in others:
            self.sheet.text(self._next, KEY, f"{other.label} less {first.label}", "wrapped")
            ours, theirs = placed.get(first.label), placed.get(other.label)
            if ours is not None and theirs is not None and ours.years.unit == theirs.years.unit:
                self._difference(ours, theirs, number)
            else:
                self.sheet.text(self._next, TOTAL, MISSING, LACKING)
            self._next += 1
        self._next += 1

    def _heading(self, words: str) -> None:
        self.sheet.text(self._next, 0, words, "section")
        self._next += 1

    def _numbers(self, label: str, years: Years, number: str) -> None:
        sheet, row = self.sheet, self._next
        sheet.text(row, KEY, label, "key")
        sheet.text(row, UNIT, years.unit, "unit")
        for column, year in enumerate(self.years, FIRST):
            if year in years.values:
                sheet.number(row, column, years.values[year], Style("fixed", number))
        if years.total is not None:
            added = math.fsum(years.values.values())
            sheet.formula(row, TOTAL, f"SUM({self._own(row)})", added, Style("formula", number))
        self._next += 1

    def _difference(self, first: Row, other: Row, number: str) -> None:
        sheet, row = self.sheet, self._next
        sheet.text(row, UNIT, first.years.unit, "unit")
        found = []
        for column, year in enumerate(self.years, FIRST):
            more = other.years.values.get(year, 0.0) - first.years.values.get(year, 0.0)
            formula = f"{address(other.row, column)}-{address(first.row, column)}"
            sheet.formula(row, column, formula, more, Style("formula", number))
            found.append(more)
        if first.years.total is not None:
            sheet.formula(row, TOTAL, f"SUM({self._own(row)})", math.fsum(found), Style("formula", number))

    def _own(self, row: int) -> str:
        return f"{address(row, FIRST)}:{address(row, FIRST + len(self.years) - 1)}"


def checks_sheet(annual: Annual) -> Sheet:
    """That the years of each flow add up to the total of the case's own model; the number that fail is the master."""
    sheet = Sheet(CHECKS, frozen=(TOP, 0))
    heads(sheet, HEAD, CHECK_HEADS, CHECK_HEADS[2:-1])
    one, other, size, apart, allowed, unit = range(LIVE + 1, LIVE + 7)
    failing, row = 0.0, HEAD
    for found in annual.rows:
        total = found.years.total
        if total is None:
            continue
        row += 1
        number = number_format("", [total])
        added, largest = math.fsum(found.years.values.values()), max(map(abs, found.years.values.values()))
        gap = abs(added - total) / (largest or 1.0)
        cells = {column: address(row, column) for column in (one, other, size, apart, allowed)}
        years = annual.range_of_years(found.row)
        sheet.text(row, KEY, f"{found.line}, {found.side.label}", "key")
        sheet.text(row, NOTE, "The years add up to the total of all periods in the case's own model.", "wrapped")
        sheet.formula(row, one, f"{ANNUAL}!{address(found.row, TOTAL, fixed=True)}", added, Style("formula", number))
        sheet.number(row, other, total, Style("fixed", number))
        sheet.formula(row, size, f"MAX(MAX({years}),-MIN({years}))", largest, Style("formula", number))
        ways = f"ABS({cells[one]}-{cells[other]})"
        sheet.formula(row, apart, f"IF({cells[size]}>0,{ways}/{cells[size]},{ways})", gap, Style("formula", "0.0E+00"))
        sheet.number(row, allowed, TOLERANCE, Style("fixed", "0.0E+00"))
        fails = f"IF(ISERROR({cells[apart]}),1,IF({cells[apart]}<={cells[allowed]},0,1))"
        sheet.formula(row, LIVE, fails, float(gap > TOLERANCE), Style("check", "0"))
        sheet.text(row, unit, found.years.unit, "unit")
        failing += gap > TOLERANCE
    sheet.text(2, NOTE, "Checks that fail")
    every = f"{address(TOP, LIVE)}:{address(row, LIVE)}"
    sheet.formula(2, LIVE, f"SUM({every})", float(failing), Style("check", "0"))
    sheet.widths[0, 0] = 2.0
    fit_columns(sheet, KEY, KEY, 14.0, 48.0, from_row=HEAD)
    sheet.widths[NOTE, NOTE] = 64.0
    fit_columns(sheet, LIVE, unit, 9.0, 24.0, from_row=HEAD)
    return sheet
