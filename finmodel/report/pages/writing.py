"""Tables below each other on a page: a place that moves down, numbers as they were, sentences across the columns."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Container, Iterable

from finmodel.render.sheet import MISSING, Sheet, Style, address, number_format
from finmodel.report.layout import KEY, NOTE, heads

LINE = 150
"""Characters of a sentence that stand in one row, over several columns."""


class Writer:
    """Writes rows from the top of a sheet down.

    Attributes
    ----------
    row
        The next one.
    """

    def __init__(self, sheet: Sheet, row: int) -> None:
        self.sheet, self.row = sheet, row

    def section(self, words: str) -> None:
        """A heading, an empty row above it."""
        self.sheet.text(self.row + 1, 0, words, "section")
        self.row += 2

    def sentence(self, words: str, column: int = KEY) -> None:
        """A sentence across the columns from one on, in as many rows as it needs."""
        for part in textwrap.wrap(words, LINE):
            self.sheet.text(self.row, column, part)
            self.row += 1

    def heads(self, words: Iterable[str], numbers: Container[str] = ()) -> None:
        """The headings of a table; those of `numbers` stand on the right."""
        heads(self.sheet, self.row, words, numbers)
        self.row += 1

    def line(self, key: str | float, note: str, number: str = "") -> int:
        """Begin a row of a table with what names it, a text or a number, and what it is; the row."""
        if isinstance(key, str):
            self.sheet.text(self.row, KEY, key, "key")
        else:
            self.sheet.number(self.row, KEY, key, Style("fixed", number))
        self.sheet.text(self.row, NOTE, note, "wrapped")
        self.row += 1
        return self.row - 1


def put(sheet: Sheet, row: int, column: int, value: float | None, number: str) -> None:
    """A number as it was; "none" where there is none."""
    if value is None or math.isnan(value):
        sheet.text(row, column, MISSING, "missing")
    else:
        sheet.number(row, column, value, Style("fixed", number))


def format_of(unit: str, values: Iterable[float | None]) -> str:
    """A number format for those of the values that exist."""
    return number_format(unit, [x for x in values if x is not None and math.isfinite(x)])


def span(sheet: Sheet, first: int, last: int, column: int) -> str:
    """A part of a column, sheet included and absolute."""
    return f"{sheet.name}!{address(first, column, fixed=True)}:{address(last, column, fixed=True)}"
