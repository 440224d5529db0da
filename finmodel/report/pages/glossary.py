"""The page of words: those of the field that the workbook uses, and every metric with its definition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from finmodel.graph.model import Model
from finmodel.graph.outline import Word
from finmodel.render.sheet import Sheet, fit_columns
from finmodel.render.workings import HEAD, TOP
from finmodel.report.layout import KEY, LIVE, NOTE, heads

GLOSSARY = "Glossary"
OTHER = re.compile(r"[^a-z0-9]+")


def glossary_sheet(words: Sequence[Word], model: Model, sheets: Iterable[Sheet]) -> Sheet:
    """The words that stand somewhere in the sheets, in alphabetical order, and the metrics.

    Parameters
    ----------
    sheets
        All others.
    """
    sheet = Sheet(GLOSSARY, frozen=(TOP - 1, 0))
    heads(sheet, HEAD, ("Word", "Meaning", "Unit"))
    said = {cell.content for page in sheets for cell in page.cells.values() if isinstance(cell.content, str)}
    text = _plain(" ".join(said))
    row = TOP - 1
    for word in sorted(words, key=lambda word: word.name.lower()):
        if any(f" {_plain(name).strip()} " in text for name in (word.name, *word.also)):
            sheet.text(row, KEY, word.name, "key")
            sheet.text(row, NOTE, word.meaning, "wrapped")
            row += 1
    sheet.text(row, 0, "Metrics", "section")
    for name in model.metrics:
        row += 1
        line = model.lines[name]
        sheet.text(row, KEY, name, "key")
        sheet.text(row, NOTE, " ".join(line.note.split()), "wrapped")
        sheet.text(row, LIVE, line.unit, "unit")
    sheet.widths[0, 0] = 2.0
    fit_columns(sheet, KEY, KEY, 14.0, 44.0, from_row=HEAD)
    sheet.widths[NOTE, NOTE] = 120.0
    fit_columns(sheet, LIVE, LIVE, 10.0, 20.0, from_row=HEAD)
    return sheet


def _plain(text: str) -> str:
    return f" {OTHER.sub(' ', text.lower())} "
