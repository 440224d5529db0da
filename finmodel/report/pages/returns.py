"""The page of returns: every metric, live."""

from __future__ import annotations

from collections.abc import Mapping

from finmodel.graph.model import Model
from finmodel.render.excel import Rendered, first_sentence
from finmodel.render.sheet import Sheet, Style, fit_columns, number_format
from finmodel.render.workings import HEAD, TOP
from finmodel.report.layout import BASE, KEY, LIVE, NOTE, heads

RETURNS = "Returns"


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
