"""The workbook's rendering: one row per line item, one column per period, the same formula across each row.

The sheets are data (`render.sheet`); where inputs stand is told by whoever lays out their sheet. Formulas are those
that the lines were written with, not those of the plan's passes.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from finmodel.errors import ModelFault
from finmodel.graph.model import Line, Model
from finmodel.graph.nodes import Const, Item, Lag, Lead, Reduce, walk
from finmodel.graph.timeline import SERIES
from finmodel.render import term
from finmodel.render.constants import Constants
from finmodel.render.flows import flows_of
from finmodel.render.formulas import Formulas, Places
from finmodel.render.plain import Evaluation
from finmodel.render.rates import compounding, said
from finmodel.render.sheet import (
    DATE,
    MISSING,
    MOST_COLUMNS,
    Sheet,
    Style,
    column_name,
    fit_columns,
    number_format,
    shown_width,
)
from finmodel.render.term import Term
from finmodel.render.workings import (
    CALCULATIONS,
    CONSTANT,
    COUNTER,
    FIRST,
    HEAD,
    KEY,
    NOTE,
    OPENING,
    TOP,
    TOTAL,
    UNIT,
    PeriodRow,
    Workings,
    fill_row,
)

HEADS = {KEY: "Key", UNIT: "Unit", NOTE: "What it is", CONSTANT: "Constant", TOTAL: "Total", OPENING: "Opening"}
EXCEL_DAY_ZERO = dt.date(1899, 12, 30)
WIDEST_KEY, WIDEST_NOTE, WIDEST_NUMBER = 44.0, 100.0, 24.0


@dataclass(frozen=True)
class Rendered:
    """The sheets of a model, and where its lines stand.

    Attributes
    ----------
    numbers
        The cell of each line that does not vary; "none" is a metric that does not exist.
    rows
        The row of each line that has one.
    openings
        The opening cell of each line that is looked back at.
    reports
        What readers should know: the line concerned, a note, and a term that is above zero where it holds.
    """

    calculations: Sheet
    workings: Sheet
    constants: Constants
    numbers: Mapping[str, Term]
    rows: Mapping[str, PeriodRow]
    openings: Mapping[str, Term]
    reports: Sequence[tuple[str, str, Term]]


def render(model: Model, evaluation: Evaluation, values: Mapping[str, float], inputs: Mapping[str, str]) -> Rendered:
    """Lay out a model as sheets of live formulas with their values.

    Parameters
    ----------
    evaluation
        The values to store beside the formulas.
    values
        The inputs behind it.
    inputs
        The address of each input's live cell, sheet included.

    Raises
    ------
    ModelFault
        Where a row is longer than a sheet or a formula longer than a cell.
    CalculationFault
        Where an opening that no cell reads is out of bounds.
    """
    if FIRST + model.timeline.periods >= MOST_COLUMNS:
        raise ModelFault(f"{model.timeline.periods} periods fit no sheet of {MOST_COLUMNS:,} columns")
    return _Renderer(model, evaluation, values, inputs).render()


class _Renderer:
    def __init__(
        self, model: Model, evaluation: Evaluation, values: Mapping[str, float], inputs: Mapping[str, str]
    ) -> None:
        self.model, self.evaluation = model, evaluation
        timeline = model.timeline
        self.length = timeline.periods + 1
        self.sheet = Sheet(CALCULATIONS)
        self.constants = Constants(timeline, float((timeline.close - EXCEL_DAY_ZERO).days), HEAD + 1)
        first = TOP + 1
        self.places = Places(
            {name: PeriodRow(CALCULATIONS, first + at, timeline.series[name]) for at, name in enumerate(SERIES)}
        )
        self.desk = Workings(self.constants, self.places.series["period"], TOP)
        self.formulas = Formulas(model, evaluation, values, inputs, self.places, self.constants, self.desk)
        self.effective = compounding(model)

    def render(self) -> Rendered:
        sections = self._place()
        self._heads(self.sheet)
        self._heads(self.desk.sheet)
        self._timeline()
        self._shocks()
        for row, words in sections.items():
            self.sheet.text(row, 0, words, "section")
        flows = flows_of(self.model)
        for line in self.model.lines.values():
            self.constants.user = line.name
            self._line(line, total=line.name in flows)
        self._widths()
        numbers = {
            name: Term(self.places.constant(name), _stored(self.evaluation.scalars[name]))
            for name, line in self.model.lines.items()
            if not line.varies
        }
        openings = {
            name: Term(self.places.opening(name), self.formulas.value(line.opening))
            for name, line in self.model.lines.items()
            if line.opening is not None
        }
        return Rendered(
            self.sheet, self.desk.sheet, self.constants, numbers, self.places.rows, openings, self.desk.reports
        )

    def _place(self) -> dict[int, str]:
        """Give every shock and line its row; returns the headings between them."""
        headings = {TOP: "timeline"}
        row = TOP + 1 + len(SERIES)
        if self.model.shocks:
            headings[row + 1] = "shocks"
            row += 2
            for name in self.model.shocks:
                self.places.shocks[name] = PeriodRow(CALCULATIONS, row, self.evaluation.shocks[name])
                row += 1
        by_section: dict[str, list[Line]] = {}
        for line in self.model.lines.values():
            by_section.setdefault(line.section, []).append(line)
        wanted = set(_rows_wanted(self.model))
        for section, lines in by_section.items():
            headings[row + 1] = section
            row += 2
            for line in lines:
                self.places.numbers[line.name] = row
                if line.varies or line.name in wanted:
                    self.places.rows[line.name] = PeriodRow(CALCULATIONS, row, self._values(line))
                row += 1
        return headings

    def _values(self, line: Line) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        if line.varies:
            return np.asarray(self.evaluation.rows[line.name], dtype=np.float64)
        return np.full(self.length, self.evaluation.scalars[line.name])

    def _heads(self, sheet: Sheet) -> None:
        for column, words in HEADS.items():
            sheet.text(HEAD, column, words, "head of numbers" if column >= CONSTANT else "head")
            sheet.text(COUNTER, column, "", "band")
        sheet.text(COUNTER, KEY, "column counter", "band")
        month = self.places.series["month"].number + 1
        ends = [float((_end_of_month(label) - EXCEL_DAY_ZERO).days) for label in self.model.timeline.labels]
        close = self.constants.of("close")
        fill_row(sheet, HEAD, f"EOMONTH({close},{CALCULATIONS}!{{c}}${month})", ends, Style("head", DATE))
        sheet.heights[COUNTER] = 14.0
        counter = np.arange(2.0, self.length + 2.0)
        style = Style("band", "0")
        if sheet is self.sheet:
            sheet.number(COUNTER, OPENING, 1.0, style)
            fill_row(sheet, COUNTER, f"{{p}}{COUNTER + 1}+1", counter, style)
        else:
            sheet.formula(COUNTER, OPENING, f"{CALCULATIONS}!{column_name(OPENING)}${COUNTER + 1}", 1.0, style)
            fill_row(sheet, COUNTER, f"{CALCULATIONS}!{{c}}${COUNTER + 1}", counter, style)

    def _timeline(self) -> None:
        of = self.constants.of
        read = {name: f"{{c}}${row.number + 1}" for name, row in self.places.series.items()}
        period, month, calendar = read["period"], read["month"], read["calendar_month"]
        start = f"${column_name(FIRST)}${COUNTER + 1}"
        year, last = of("months_per_year"), of("periods")
        first_of_year = f"IF({period}=0,1,{of('months_per_period')})"
        since = f"MOD({calendar}-{of('tax_year_end')},{year})"
        formulas = {
            "period": f"{{c}}${COUNTER + 1}-{start}",
            "month": f"{period}*{of('months_per_period')}",
            "year": f"{period}/{of('periods_per_year')}",
            "hours": f"IF({period}=0,0,{of('hours_per_year')}/{of('periods_per_year')})",
            "calendar_month": f"MOD({of('close_month')}-1+{month},{year})+1",
            "tax_year_end": f"IF(OR({period}={last},{since}<{first_of_year}),1,0)",
        }
        for name, row in self.places.series.items():
            unit, note = SERIES[name]
            self._label(row.number, name, note, unit)
            style = Style("formula", number_format(unit, row.values))
            fill_row(self.sheet, row.number, formulas[name], row.values, style)

    def _shocks(self) -> None:
        for name, row in self.places.shocks.items():
            self._label(row.number, name, self.model.shocks[name].note, "1")
            for place, value in enumerate(row.values.tolist()):
                self.sheet.number(row.number, FIRST + place, value, Style("input", number_format("1", row.values)))

    def _label(self, row: int, key: str, note: str, unit: str) -> None:
        self.sheet.text(row, KEY, key, "key")
        self.sheet.text(row, NOTE, note, "wrapped")
        self.sheet.text(row, UNIT, unit, "unit")

    def _line(self, line: Line, *, total: bool) -> None:
        number = self.places.numbers[line.name]
        note = said(first_sentence(line.note), line.name, line.unit, self.effective)
        self._label(number, line.name, note, line.unit)
        row = self.places.rows.get(line.name)
        if line.varies and row is not None:
            style = Style("formula", number_format(line.unit, row.values))
            fill_row(self.sheet, number, self.formulas.printed(line.expression), row.values, style)
            if total:
                self.sheet.formula(number, TOTAL, f"SUM({row.whole.text})", float(row.values.sum()), style)
        else:
            value = self.evaluation.scalars[line.name]
            style = Style("formula", number_format(line.unit, [value]))
            self.sheet.formula(number, CONSTANT, self.formulas.guarded(line), _stored(value), style)
            if row is not None:
                fill_row(self.sheet, number, f"${column_name(CONSTANT)}{number + 1}", row.values, style)
        if line.opening is not None:
            self._opening(line, number, style)

    def _opening(self, line: Line, number: int, style: Style) -> None:
        value = self.formulas.value(line.opening)
        if isinstance(line.opening, Const) and line.opening.value in term.WRITTEN:
            self.sheet.number(number, OPENING, value, Style("fixed", style.number))
        else:
            self.sheet.formula(number, OPENING, self.formulas.printed(line.opening), value, style)

    def _widths(self) -> None:
        for sheet in (self.sheet, self.desk.sheet):
            sheet.frozen = (TOP, NOTE)
            sheet.one_page_wide = False
            sheet.repeated_columns = NOTE
            sheet.widths[0, 0] = 2.0
            fit_columns(sheet, KEY, KEY, 14.0, WIDEST_KEY, from_row=HEAD)
            fit_columns(sheet, UNIT, UNIT, 8.0, 20.0, from_row=HEAD)
            fit_columns(sheet, CONSTANT, OPENING, 10.0, WIDEST_NUMBER, from_row=HEAD)
            widest = max(
                (
                    shown_width(cell.content, cell.style)
                    for (row, column), cell in sheet.cells.items()
                    if column >= FIRST and row >= TOP and not isinstance(cell.content, str)
                ),
                default=8,
            )
            sheet.widths[FIRST, FIRST + self.length - 1] = min(max(widest + 2.0, 11.0), WIDEST_NUMBER)
            fit_columns(sheet, NOTE, NOTE, 30.0, WIDEST_NOTE, from_row=HEAD)


def _rows_wanted(model: Model) -> Iterator[str]:
    """Lines that need a cell for each period: read as a whole row or in another one, or part of a corkscrew."""
    for line in model.lines.values():
        if line.block is not None:
            yield line.name
        for node in walk(line.expression):
            if isinstance(node, Lag | Lead) and isinstance(node.line, Item):
                yield node.line.name
            if isinstance(node, Reduce):
                yield from (row.name for row in node.rows if isinstance(row, Item))


def _stored(value: float) -> float | str:
    return MISSING if math.isnan(value) else value


def _end_of_month(label: str) -> dt.date:
    year, month = (int(part) for part in label.split("-"))
    return dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)


def first_sentence(note: str) -> str:
    """The first sentence of a docstring, on one line."""
    paragraph = " ".join(note.split("\n\n")[0].split())
    head, stop, _ = paragraph.partition(". ")
    return f"{head}." if stop else paragraph
