"""The model by tax year, in live formulas: flows summed, levels as they stand at year end, ratios of a year's sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finmodel.graph.model import Model
from finmodel.graph.summary import Annual, EveryYear, Fold, PerYear, Row, Yearly
from finmodel.render import months
from finmodel.render.excel import Rendered, first_sentence
from finmodel.render.sheet import DATE, Sheet, Style, address, column_name, fit_columns, number_format
from finmodel.render.term import Term, call, text
from finmodel.render.workings import COUNTER, HEAD, KEY, NOTE, TOP, UNIT, PeriodRow
from finmodel.report.checks import Comparison, gross

ANNUAL = "Annual"
HOW, TOTAL, FIRST = NOTE + 1, NOTE + 2, NOTE + 3
"""Columns: what becomes of the periods of a year, the total, the first year; those before are as on other sheets."""
HEADS = {KEY: "Key", UNIT: "Unit", NOTE: "What it is", HOW: "In a year", TOTAL: "Total"}
SHOWN_IN_MILLIONS, MILLIONS = 1e8, "#,##0.0,,"
SAID = (
    "By tax year, named by the calendar year in which it ends. A unit with m is shown in millions; cells hold it whole."
)
FOLDS = {"sum": "sum", "end": "at year end", "lowest": "lowest"}


@dataclass(frozen=True)
class YearRow:
    """A row with a cell for each year, and what they hold."""

    number: int
    values: NDArray[np.float64]
    unit: str

    @property
    def range(self) -> str:
        """Its cells, sheet included and absolute."""
        last = FIRST + len(self.values) - 1
        ends = (address(self.number, column, fixed=True) for column in (FIRST, last))
        return f"{ANNUAL}!{':'.join(ends)}"

    def cell(self, year: int) -> Term:
        """Its cell of a year, the column left open."""
        return Term(f"{ANNUAL}!{{c}}{self.number + 1}", float(self.values[year]))


@dataclass(frozen=True)
class ByYear:
    """The sheet, where its rows stand, and what must hold.

    Attributes
    ----------
    years
        The range of the years' names: the calendar year in which each tax year ends.
    rows
        By key.
    """

    sheet: Sheet
    years: str
    rows: Mapping[str, YearRow]
    checks: Sequence[Comparison]


def by_year(model: Model, rendered: Rendered, annual: Annual) -> ByYear | None:
    """Lay out the sheet; None where the model does not number its years."""
    if annual.year not in rendered.rows:
        return None
    return _ByYear(model, rendered, rendered.rows[annual.year]).laid_out(annual)


class _ByYear:
    def __init__(self, model: Model, rendered: Rendered, year: PeriodRow) -> None:
        self.model, self.rendered, self.year = model, rendered, year
        self.sheet = Sheet(ANNUAL, frozen=(TOP, NOTE))
        self.count = int(year.values.max())
        self.rows: dict[str, YearRow] = {}
        self.written: list[YearRow] = []
        self.checks: list[Comparison] = []
        self.next = TOP

    def laid_out(self, annual: Annual) -> ByYear:
        years = self._heads()
        for title, rows in annual.blocks:
            present = [row for row in rows if self._has(row)]
            if present:
                self.sheet.text(self.next + 1, 0, title, "section")
                self.next += 2
            for row in present:
                self._row(row)
        self._in_millions()
        self._widths()
        return ByYear(self.sheet, years.range, self.rows, self.checks)

    def _has(self, row: Row) -> bool:
        match row:
            case Yearly(line=name, where=where):
                return name in self.model.lines and (not where or where in self.rendered.rows)
            case PerYear(above=above, below=below):
                return {above, below} <= self.model.lines.keys()
            case EveryYear(line=name):
                return name in self.rendered.numbers

    def _heads(self) -> YearRow:
        """Name the columns; the name of a year is the calendar year in which it ends."""
        sheet = self.sheet
        for column, words in HEADS.items():
            sheet.text(HEAD, column, words, "head of numbers" if column == TOTAL else "head")
            sheet.text(COUNTER, column, "", "band")
        sheet.text(COUNTER, KEY, "number of the year", "band")
        sheet.heights[COUNTER] = 14.0
        sheet.number(COUNTER, FIRST, 1.0, Style("band", "0"))
        for place in range(1, self.count):
            before = address(COUNTER, FIRST + place - 1)
            sheet.formula(COUNTER, FIRST + place, f"{before}+1", place + 1.0, Style("band", "0"))
        days = PeriodRow(self.year.sheet, HEAD, np.array(months.ends(self.model.timeline))).whole
        closing = self.rendered.rows["tax_year_end"].whole
        ends = self._fill(
            "year_end",
            "date",
            "Last month of the tax year.",
            lambda at: call("SUMIFS", days, self.year.whole, self._counter(at), closing, 1),
        )
        month = Term(self.rendered.constants.of("tax_year_end"), float(self.model.timeline.tax_year_end))
        dates = [months.date(end) for end in ends.values.tolist()]
        years = [float(date.year + (date.month > month.number)) for date in dates]  # the last may be cut short
        for place, year in enumerate(years, FIRST):
            end = address(ends.number, place)
            sheet.formula(HEAD, place, f"YEAR({end})+IF(MONTH({end})>{month.text},1,0)", year, Style("head", "0"))
        return YearRow(HEAD, np.array(years), "year")

    def _counter(self, year: int) -> Term:
        return Term(f"{{c}}${COUNTER + 1}", year + 1.0)

    def _row(self, row: Row) -> None:
        match row:
            case Yearly(line=name, fold=fold, where=where):
                self._line(name, fold, where)
            case PerYear(key=key, note=note, unit=unit, above=above, below=below):
                self._ratio(key, note, unit, self.rows[above], self.rows[below])
            case EveryYear(line=name):
                line, cell = self.model.lines[name], self.rendered.numbers[name]
                self._fill(name, line.unit, first_sentence(line.note), lambda _: cell, "the same")

    def _line(self, name: str, fold: Fold, where: str) -> None:
        line = self.model.lines[name]
        whole = self.rendered.rows[name].whole if name in self.rendered.rows else None
        year, closing = self.year.whole, self.rendered.rows["tax_year_end"].whole

        def folded(at: int) -> Term:
            number = self._counter(at)
            if whole is None:
                alike = self.rendered.numbers[name]
                return alike * call("COUNTIF", year, number) if fold == "sum" else alike
            match fold:
                case "sum":
                    return call("SUMIFS", whole, year, number)
                case "end":
                    return call("SUMIFS", whole, year, number, closing, 1)
                case "lowest":
                    counted = (self.rendered.rows[where].whole, text(">0")) if where else ()
                    return call("MINIFS", whole, year, number, *counted)

        made = self._fill(name, line.unit, first_sentence(line.note), folded, FOLDS[fold])
        if fold == "sum" and whole is not None:
            self._total(made, call("SUM", Term(made.range, made.values)))
            total = Term(f"{ANNUAL}!{address(made.number, TOTAL, fixed=True)}", float(made.values.sum()))
            note = "The sum over the years is that over the periods."
            self.checks.append(Comparison(f"{name}.years", note, line.unit, total, call("SUM", whole), gross(whole)))

    def _ratio(self, key: str, note: str, unit: str, above: YearRow, below: YearRow) -> None:
        made = self._fill(key, unit, note, lambda at: over(above.cell(at), below.cell(at)), "ratio of sums")
        totals = (Term(f"{ANNUAL}!{address(row.number, TOTAL)}", float(row.values.sum())) for row in (above, below))
        self._total(made, over(*totals))

    def _total(self, row: YearRow, term: Term) -> None:
        style = Style("formula", number_format(row.unit, [*row.values, term.number]))
        self.sheet.formula(row.number, TOTAL, term.text, term.number, style)

    def _fill(self, key: str, unit: str, note: str, step: Callable[[int], Term], how: str = "") -> YearRow:
        """Write one formula across the years in the next row."""
        number = self.next
        self.next += 1
        made = [step(at) for at in range(self.count)]
        if len({term.text for term in made}) != 1:
            raise ValueError(f"row '{key}' has several formulas, not one")
        values = np.array([term.number for term in made])
        shown = DATE if unit == "date" else number_format(unit, values)
        for place, term in enumerate(made, FIRST):
            text_here = term.text.replace("{c}", column_name(place))
            self.sheet.formula(number, place, text_here, term.stored, Style("formula", shown))
        self.sheet.text(number, KEY, key, "key")
        self.sheet.text(number, UNIT, unit, "unit")
        self.sheet.text(number, NOTE, note, "wrapped")
        self.sheet.text(number, HOW, how)
        row = YearRow(number, values, unit)
        self.rows.setdefault(key, row)
        self.written.append(row)
        return row

    def _in_millions(self) -> None:
        """Show amounts in millions where those of their unit are large; the cells keep them whole."""
        largest: dict[str, float] = {}
        for row in self.written:
            largest[row.unit] = max(largest.get(row.unit, 0.0), float(np.nanmax(np.abs(row.values), initial=0.0)))
        for row in self.written:
            if largest[row.unit] >= SHOWN_IN_MILLIONS and row.unit != "date":
                self.sheet.text(row.number, UNIT, f"m {row.unit}", "unit")
                for column in (TOTAL, *range(FIRST, FIRST + self.count)):
                    cell = self.sheet.cells.get((row.number, column))
                    if cell is not None:
                        self.sheet.cells[row.number, column] = cell._replace(style=Style("formula", MILLIONS))
        self.sheet.text(HEAD - 1, 0, SAID)

    def _widths(self) -> None:
        sheet = self.sheet
        sheet.widths[0, 0] = 2.0
        fit_columns(sheet, KEY, KEY, 14.0, months.WIDEST_KEY, from_row=HEAD)
        fit_columns(sheet, UNIT, UNIT, 8.0, 20.0, from_row=HEAD)
        sheet.widths[NOTE, NOTE] = 60.0
        fit_columns(sheet, HOW, HOW, 10.0, 16.0, from_row=HEAD)
        fit_columns(sheet, TOTAL, TOTAL, 12.0, months.WIDEST_NUMBER, from_row=HEAD)
        years = (FIRST, FIRST + self.count - 1)
        fit_columns(sheet, *years, 9.0, months.WIDEST_NUMBER, from_row=TOP)
        sheet.widths[years] = max(sheet.widths.pop(columns) for columns in list(sheet.widths) if columns[0] >= FIRST)


def over(above: Term, below: Term) -> Term:
    """A ratio that is 0 where what it is divided by is not above zero."""
    return call("IF", below > 0, above / below, 0)
