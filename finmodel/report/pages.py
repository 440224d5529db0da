"""The sheets around the calculations: returns, checks, snapshot of a simulation, sources."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from finmodel.assumptions.bound import BoundFigure
from finmodel.assumptions.schema import Source
from finmodel.graph.model import Model
from finmodel.render.constants import Constants
from finmodel.render.excel import Rendered, first_sentence
from finmodel.render.sheet import MISSING, Sheet, Style, address, fit_columns, number_format
from finmodel.render.term import Term, call, lift, text
from finmodel.render.workings import HEAD, TOP
from finmodel.report.checks import TOLERANCE, Comparison
from finmodel.report.figures import Inputs
from finmodel.report.layout import BASE, CHECKS, KEY, LIVE, NOTE, heads
from finmodel.report.painting import can_link

if TYPE_CHECKING:
    from finmodel.simulate.simulation import Simulation

CHECK_HEADS = ("Key", "What must hold", "Fails", "One way", "Other way", "Size", "Apart", "Allowed", "Unit")
RETURNS, SIMULATION, SOURCES = "Returns", "Simulation", "Sources"


def returns_sheet(model: Model, rendered: Rendered, grades: Mapping[str, str]) -> Sheet:
    """The metrics, each a formula, and the weakest grade of evidence among the figures behind it."""
    sheet = Sheet(RETURNS, frozen=(TOP - 1, 0))
    heads(sheet, HEAD, ("Key", "What it is", "Value", "Unit", "Weakest grade"), ("Value",))
    for row, name in enumerate(model.metrics, TOP - 1):
        line, cell = model.lines[name], rendered.numbers[name]
        present = [cell.value] if isinstance(cell.value, float) else []
        sheet.text(row, KEY, name, "key")
        sheet.text(row, NOTE, first_sentence(line.note), "wrapped")
        sheet.formula(row, LIVE, cell.text, cell.stored, Style("formula", number_format(line.unit, present)))
        sheet.text(row, BASE, line.unit, "unit")
        sheet.text(row, BASE + 1, grades[name], "unit")
    sheet.widths[0, 0] = 2.0
    fit_columns(sheet, KEY, KEY, 14.0, 44.0, from_row=HEAD)
    sheet.widths[NOTE, NOTE] = 80.0
    fit_columns(sheet, LIVE, LIVE, 16.0, 28.0, from_row=HEAD)
    fit_columns(sheet, BASE, BASE + 1, 10.0, 20.0, from_row=HEAD)
    return sheet


def checks_sheet(
    checks: Sequence[Comparison], reports: Sequence[tuple[str, str, Term]], inputs: Inputs, constants: Constants
) -> Sheet:
    """Each check with what it compares and what it allows; the number that fail is the master check.

    Below stands what is no fault, but worth knowing.
    """
    sheet = Sheet(CHECKS, frozen=(TOP, 0))
    heads(sheet, TOP - 1, CHECK_HEADS, CHECK_HEADS[2:-1])
    one, other, size, apart, allowed, unit = range(LIVE + 1, LIVE + 7)
    tolerance = constants.named("tolerance of a check", TOLERANCE, "1", "Share of the size of what is compared.")
    failing = 0.0
    for row, check in enumerate((*_of_inputs(inputs), *checks), TOP):
        left, right, scale = check.left, check.right, check.scale
        gap = abs(left.number - right.number) / (scale.number or 1.0)
        number = number_format(check.unit, [left.number, right.number])
        sheet.text(row, KEY, check.key, "key")
        sheet.text(row, NOTE, check.note, "wrapped")
        sheet.formula(row, one, left.text, left.number, Style("formula", number))
        sheet.formula(row, other, right.text, right.number, Style("formula", number))
        sheet.formula(row, size, scale.text, scale.number, Style("formula", number_format(check.unit, [scale.number])))
        cells = {column: address(row, column) for column in (one, other, size, apart, allowed)}
        ways = f"ABS({cells[one]}-{cells[other]})"
        sheet.formula(row, apart, f"IF({cells[size]}>0,{ways}/{cells[size]},{ways})", gap, Style("formula", "0.0E+00"))
        sheet.formula(row, allowed, tolerance, TOLERANCE, Style("formula", "0.0E+00"))
        fails = f"IF(ISERROR({cells[apart]}),1,IF({cells[apart]}<={cells[allowed]},0,1))"
        sheet.formula(row, LIVE, fails, float(gap > TOLERANCE), Style("check", "0"))
        sheet.text(row, unit, check.unit, "unit")
        failing += gap > TOLERANCE
    sheet.text(2, NOTE, "Checks that fail")
    all_of_them = f"{address(TOP, LIVE)}:{address(sheet.last_row, LIVE)}"
    sheet.formula(2, LIVE, f"SUM({all_of_them})", float(failing), Style("check", "0"))
    if reports:
        first = sheet.last_row + 2
        sheet.text(first, 0, "No faults, but worth knowing", "section")
        for row, (key, note, term) in enumerate(reports, first + 1):
            sheet.text(row, KEY, key, "key")
            sheet.text(row, NOTE, note, "wrapped")
            answer = call("IF", term > 0, text("yes"), text("no"))
            sheet.formula(row, LIVE, answer.text, answer.stored, Style("formula"))
    sheet.widths[0, 0] = 2.0
    fit_columns(sheet, KEY, KEY, 14.0, 40.0, from_row=HEAD)
    sheet.widths[NOTE, NOTE] = 70.0
    fit_columns(sheet, LIVE, unit, 9.0, 24.0, from_row=HEAD)
    return sheet


def _of_inputs(inputs: Inputs) -> tuple[Comparison, Comparison]:
    unknown = call("IF", call("ISERROR", Term(inputs.column_of_chosen, 1.0)), 1, 0)
    within = Term(f"MIN({inputs.in_bounds})", 1.0)
    return (
        Comparison("scenario", "The chosen scenario is one of the list.", "1", unknown, lift(0)),
        Comparison("bounds", "Every base figure is a number, every live one within its bounds.", "1", within, lift(1)),
    )


def simulation_sheet(simulation: Simulation, model: Model, rendered: Rendered, facts: Mapping[str, str]) -> Sheet:
    """What a simulation found: numbers as they were, with all that is needed to run it again."""
    sheet = Sheet(SIMULATION)
    sheet.text(2, KEY, "Snapshot", "subtitle")
    sheet.text(2, NOTE, "Numbers as they were, not formulas: an edit of the workbook moves only the column Live.")
    row = 3
    for key, words in facts.items():
        sheet.text(row, KEY, key)
        sheet.text(row, NOTE, words)
        row += 1
    row += 1
    summary = simulation.summary()
    columns = [str(column) for column in summary.columns if column != "unit"]
    heads(sheet, row, ("Key", "What it is", "Live", "Unit", *columns), ("Live", *columns))
    sheet.frozen = (row + 1, NOTE)
    for name, drawn in summary.iterrows():
        row += 1
        key = str(name)
        line, live = model.lines[key], rendered.numbers[key]
        found = {column: float(drawn[column]) for column in columns}
        shown = [x for column, x in found.items() if column != "missing_share"]
        sheet.text(row, KEY, key, "key")
        sheet.text(row, NOTE, first_sentence(line.note), "wrapped")
        number = number_format(line.unit, [x for x in shown if math.isfinite(x)])
        sheet.formula(row, LIVE, live.text, live.stored, Style("formula", number))
        sheet.text(row, BASE, line.unit, "unit")
        for place, (column, x) in enumerate(found.items(), BASE + 1):
            style = Style("fixed", "0.00%" if column == "missing_share" else number)
            if math.isnan(x):
                sheet.text(row, place, MISSING)
            else:
                sheet.number(row, place, x, style)
    first = BASE + 1
    row += 2
    sheet.text(row, KEY, "Share of paths", "subtitle")
    errors = simulation.probability_errors
    for name, chance in simulation.probabilities.items():
        if chance is not None and math.isfinite(chance):
            row += 1
            sheet.text(row, KEY, str(name), "key")
            sheet.number(row, first + columns.index("mean"), chance, Style("fixed", "0.00%"))
            error, place = errors[name], first + columns.index("standard_error")
            if error is None or math.isnan(error):
                sheet.text(row, place, MISSING)
            else:
                sheet.number(row, place, error, Style("fixed", "0.00%"))
    sheet.widths[0, 0] = 2.0
    fit_columns(sheet, KEY, KEY, 14.0, 44.0, from_row=3)
    sheet.widths[NOTE, NOTE] = 44.0
    fit_columns(sheet, LIVE, first + len(columns), 11.0, 24.0, from_row=3)
    return sheet


def sources_sheet(sources: Mapping[str, Source], figures: Iterable[BoundFigure]) -> Sheet:
    """The sources that the case cites, and the inputs that rest on each."""
    sheet = Sheet(SOURCES, frozen=(TOP - 1, 0))
    heads(sheet, HEAD, ("Key", "Title", "Publisher", "Date", "Seen", "Verified", "Used by", "Note", "Address"))
    users: dict[str, list[str]] = {}
    for figure in figures:
        if figure.figure.source is not None and not figure.fixed:
            users.setdefault(figure.figure.source, []).append(figure.name)
    row = TOP - 1
    for key, source in sources.items():
        if key not in users:
            continue
        words = (source.title, source.publisher, source.date or "", source.accessed or "")
        sheet.text(row, KEY, key, "key")
        for column, said in enumerate((*words, "yes" if source.verified else "no"), NOTE):
            sheet.text(row, column, said, "wrapped")
        sheet.text(row, 7, ", ".join(users[key]), "wrapped")
        sheet.text(row, 8, source.note, "wrapped")
        sheet.text(row, 9, source.url or "", "link" if can_link(source.url) else "text")
        if can_link(source.url):
            sheet.links[row, 9] = str(source.url)
        row += 1
    sheet.widths[0, 0] = 2.0
    fit_columns(sheet, KEY, KEY, 14.0, 40.0, from_row=HEAD)
    for column, width in zip(range(NOTE, 10), (50.0, 28.0, 12.0, 12.0, 9.0, 44.0, 50.0, 80.0), strict=True):
        sheet.widths[column, column] = width
    return sheet
