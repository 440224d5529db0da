"""The workbook's rendering: one row per line item, one column per period, the same formula across each row.

The sheets are data (`render.sheet`); where inputs stand is told by whoever lays out their sheet. Formulas are those
that the lines were written with, not those of the plan's passes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from finmodel.errors import ModelFault
from finmodel.graph.model import Line, Model
from finmodel.graph.nodes import Const, Item, Lag, Lead, Reduce, walk
from finmodel.graph.outline import Page
from finmodel.graph.timeline import SERIES
from finmodel.render import months, term
from finmodel.render.constants import Constants
from finmodel.render.flows import flows_of
from finmodel.render.formulas import Formulas, Places
from finmodel.render.ingredients import with_ingredients
from finmodel.render.plain import Evaluation
from finmodel.render.rates import compounding, said
from finmodel.render.recipe import TIMELINE
from finmodel.render.sheet import MISSING, MOST_COLUMNS, Kind, Sheet, Style, address, column_name, number_format
from finmodel.render.term import Term
from finmodel.render.workings import (
    CALCULATIONS,
    CONSTANT,
    COUNTER,
    FIRST,
    HEAD,
    INPUT_SERIES,
    KEY,
    NOTE,
    OPENING,
    TIMING,
    TOP,
    TOTAL,
    UNIT,
    PeriodRow,
    Workings,
    fill_row,
)


@dataclass(frozen=True)
class Replay:
    """What shows a drawn path in place of the case's own figures.

    Attributes
    ----------
    shown
        The cell that is 1 while a path is shown, else 0.
    shocks
        For each shock the formula that reads its draw; `{c}` in it is the column of the period.
    """

    shown: str
    shocks: Mapping[str, str]


@dataclass(frozen=True)
class Rendered:
    """The sheets of a model, and where its lines stand.

    Attributes
    ----------
    pages
        The sheets with lines, by name, in order.
    series
        The sheet of shocks; None where the model has none.
    numbers
        The cell of each line that does not vary; "none" is a metric that does not exist.
    rows
        The row of each line that has one, and of each series of the timeline.
    typed_counts
        For each shock the cell that says how many of its periods were typed.
    openings
        The opening cell of each line that is looked back at.
    reports
        What readers should know: the line concerned, a note, and a term that is above zero where it holds.
    """

    pages: Mapping[str, Sheet]
    series: Sheet | None
    workings: Sheet
    constants: Constants
    numbers: Mapping[str, Term]
    rows: Mapping[str, PeriodRow]
    typed_counts: Sequence[Term]
    openings: Mapping[str, Term]
    reports: Sequence[tuple[str, str, Term]]


def render(
    model: Model,
    evaluation: Evaluation,
    values: Mapping[str, float],
    inputs: Mapping[str, str],
    pages: Sequence[Page] = (),
    replay: Replay | None = None,
) -> Rendered:
    """Lay out a model as sheets of live formulas with their values.

    Parameters
    ----------
    evaluation
        The values to store beside the formulas.
    values
        The inputs behind it.
    inputs
        The address of each input's live cell, sheet included.
    pages
        Which sections share a sheet; what has none stands on the sheet Calculations.
    replay
        Where shocks of drawn paths stand, if the workbook has any.

    Raises
    ------
    ModelFault
        Where a row is longer than a sheet or a formula longer than a cell.
    CalculationFault
        Where an opening that no cell reads is out of bounds.
    """
    if FIRST + model.timeline.periods >= MOST_COLUMNS:
        raise ModelFault(f"{model.timeline.periods} periods fit no sheet of {MOST_COLUMNS:,} columns")
    by_section = {section: page.name for page in pages for section in page.sections} | {TIMELINE: TIMING}
    shown, seen = with_ingredients(model, evaluation, values, lambda section: by_section.get(section, CALCULATIONS))
    return _Renderer(model, shown, seen, values, inputs, pages, replay).render()


class _Renderer:
    """Lays out `shown`, which is the model as it is `written` with ingredients."""

    def __init__(
        self,
        written: Model,
        shown: Model,
        evaluation: Evaluation,
        values: Mapping[str, float],
        inputs: Mapping[str, str],
        pages: Sequence[Page],
        replay: Replay | None,
    ) -> None:
        self.written, self.model, self.evaluation, self.pages, self.replay = written, shown, evaluation, pages, replay
        timeline = written.timeline
        self.length = timeline.periods + 1
        self.sheets: dict[str, Sheet] = {}
        self.constants = Constants(timeline, months.day(timeline.close), HEAD + 1)
        first = TOP + 1
        self.places = Places(
            {name: PeriodRow(TIMING, first + at, timeline.series[name]) for at, name in enumerate(SERIES)}
        )
        self.desk = Workings(self.constants, self.places.series["period"], TOP)
        self.formulas = Formulas(shown, evaluation, values, inputs, self.places, self.constants, self.desk)
        self.effective = compounding(written)
        self.typed_counts: list[Term] = []

    def render(self) -> Rendered:
        self._place()
        series = self._shocks()
        self._timeline()
        flows = flows_of(self.written)
        for line in self.model.lines.values():
            self.constants.user = line.name
            self._line(line, total=line.name in flows)
        every = [*self.sheets.values(), self.desk.sheet]
        for sheet in every if series is None else [*every, series]:
            months.head(sheet, self.model.timeline, self.constants.of("close"))
            months.fit(sheet, self.length)
        numbers = {
            name: Term(self.places.constant(name), _stored(self.evaluation.scalars[name]))
            for name, line in self.written.lines.items()
            if not line.varies
        }
        openings = {
            name: Term(self.places.opening(name), self.formulas.value(line.opening))
            for name, line in self.model.lines.items()
            if line.opening is not None
        }
        return Rendered(
            self.sheets,
            series,
            self.desk.sheet,
            self.constants,
            numbers,
            self.places.series | {name: row for name, row in self.places.rows.items() if name in self.written.lines},
            self.typed_counts,
            openings,
            self.desk.reports,
        )

    def _place(self) -> None:
        """Give every line its row on a sheet, with headings between the sections."""
        by_section: dict[str, list[Line]] = {}
        for line in self.model.lines.values():
            by_section.setdefault(line.section, []).append(line)
        placed = {section for page in self.pages for section in page.sections}
        rest = Page(CALCULATIONS, "", tuple(section for section in by_section if section not in placed))
        wanted = set(_rows_wanted(self.model))
        self.sheets[TIMING] = Sheet(TIMING)
        self.sheets[TIMING].text(TOP, 0, "timeline", "section")
        for page in (*self.pages, rest):
            present = [section for section in page.sections if section in by_section]
            if not present:
                continue
            sheet = self.sheets.setdefault(page.name, Sheet(page.name))
            row = TOP + 1 + len(SERIES) if page.name == TIMING else TOP - 1
            for section in present:
                sheet.text(row + 1, 0, section.replace("_", " "), "section")
                row += 2
                for line in by_section[section]:
                    self.places.numbers[line.name] = page.name, row
                    if line.varies or line.name in wanted:
                        self.places.rows[line.name] = PeriodRow(page.name, row, self._values(line))
                    row += 1

    def _values(self, line: Line) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        if line.varies:
            return np.asarray(self.evaluation.rows[line.name], dtype=np.float64)
        return np.full(self.length, self.evaluation.scalars[line.name])

    def _timeline(self) -> None:
        of = self.constants.of
        sheet = self.sheets[TIMING]
        read = {name: f"{{c}}${row.number + 1}" for name, row in self.places.series.items()}
        period, month, calendar = read["period"], read["month"], read["calendar_month"]
        start = f"${column_name(FIRST)}${COUNTER + 1}"
        year, last = of("months_per_year"), of("periods")
        first_of_year = f"MIN({of('months_per_period')},1+{month})"
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
            _label(sheet, row.number, name, note, unit)
            style = Style("formula", number_format(unit, row.values))
            fill_row(sheet, row.number, formulas[name], row.values, style)

    def _shocks(self) -> Sheet | None:
        """The shocks that the model reads, each a drawn path's while one is shown, else what is typed below."""
        if not self.model.shocks:
            return None
        sheet, count = Sheet(INPUT_SERIES), len(self.model.shocks)
        sheet.text(TOP, 0, "live", "section")
        sheet.text(TOP + count + 2, 0, "typed", "section")
        for place, (name, shock) in enumerate(self.model.shocks.items(), TOP + 1):
            values, typed = self.evaluation.shocks[name], place + count + 2
            style = Style("input", number_format("1", values))
            self.places.shocks[name] = PeriodRow(INPUT_SERIES, place, values)
            _label(
                sheet,
                typed,
                f"{name} typed",
                "Standard normals, 0 unless typed; Total is how many are not.",
                "1",
            )
            for period, value in enumerate(values.tolist()):
                sheet.number(typed, FIRST + period, value, style)
            whole = PeriodRow(INPUT_SERIES, typed, values).whole.text
            sheet.formula(typed, TOTAL, f"COLUMNS({whole})-COUNTIF({whole},0)", 0.0, Style("formula", "0"))
            self.typed_counts.append(Term(f"{INPUT_SERIES}!{address(typed, TOTAL, fixed=True)}", 0.0))
            _label(sheet, place, name, shock.note, "1")
            formula = f"{{c}}{typed + 1}"
            if self.replay is not None:
                formula = f"IF({self.replay.shown}>0,{self.replay.shocks[name]},{formula})"
            fill_row(sheet, place, formula, values, Style("formula", style.number))
        return sheet

    def _line(self, line: Line, *, total: bool) -> None:
        name, number = self.places.numbers[line.name]
        sheet = self.sheets[name]
        note = line.note
        if line.name in self.written.lines:
            note = said(first_sentence(note), line.name, line.unit, self.effective)
        _label(sheet, number, line.name, note, line.unit, "key" if line.owner is None else "part")
        row = self.places.rows.get(line.name)
        if line.varies and row is not None:
            style = Style("formula", number_format(line.unit, row.values))
            fill_row(sheet, number, self.formulas.printed(line.expression), row.values, style)
            if total:
                sheet.formula(number, TOTAL, f"SUM({row.whole.text})", float(row.values.sum()), style)
        else:
            value = self.evaluation.scalars[line.name]
            style = Style("formula", number_format(line.unit, [value]))
            sheet.formula(number, CONSTANT, self.formulas.guarded(line), _stored(value), style)
            if row is not None:
                fill_row(sheet, number, f"${column_name(CONSTANT)}{number + 1}", row.values, style)
        if line.opening is not None:
            self._opening(line, sheet, number, style)

    def _opening(self, line: Line, sheet: Sheet, number: int, style: Style) -> None:
        value = self.formulas.value(line.opening)
        if isinstance(line.opening, Const) and line.opening.value in term.WRITTEN:
            sheet.number(number, OPENING, value, Style("fixed", style.number))
        else:
            sheet.formula(number, OPENING, self.formulas.printed(line.opening), value, style)


def _label(sheet: Sheet, row: int, key: str, note: str, unit: str, kind: Kind = "key") -> None:
    sheet.text(row, KEY, key, kind)
    sheet.text(row, NOTE, note, "wrapped")
    sheet.text(row, UNIT, unit, "unit")


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


def first_sentence(note: str) -> str:
    """The first sentence of a docstring, on one line."""
    paragraph = " ".join(note.split("\n\n")[0].split())
    head, stop, _ = paragraph.partition(". ")
    return f"{head}." if stop else paragraph
