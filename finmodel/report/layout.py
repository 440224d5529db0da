"""What the sheets of a workbook share: their columns, their headings, the master check."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from finmodel.render.sheet import DEFAULT_WIDTH, Sheet, Style, text_width

KEY, NOTE, LIVE, BASE = 1, 2, 3, 4
"""Columns; the first one holds headings."""
CHECKS, CASE_FILE = "Checks", "Case file"
FAILING = f"{CHECKS}!$D$3"
"""The number of checks that fail."""
TRIAL, SHOWN = "Inputs!$D$4", "Inputs!$D$6"
"""The cell that takes the number of a trial, 0 for none, and the flag that says whether one is shown."""
SHOWN_BASE = "Base"
"""What the dropdown calls the base."""
IN_WORDS = "Inputs!$E$3"
"""The cell that says in words which scenario and trial are shown."""
WIDEST, LARGER = 60.0, 1.2
"""Of the column of keys, and how much wider than usual letters those of the case's title are."""
PASS, FAIL = "All checks pass", "A check fails: see Checks"


def top(
    sheet: Sheet, title: str, subtitle: str, master: int = LIVE, *, passes: bool = True, shown: str | None = None
) -> None:
    """Title, case, the master check, and which scenario and trial are shown, on every sheet alike."""
    sheet.text(0, 0, title, "title")
    sheet.text(1, 0, subtitle, "subtitle")
    sheet.formula(0, master, f'IF({FAILING}=0,"{PASS}","{FAIL}")', PASS if passes else FAIL, Style("master"))
    if shown is not None:
        sheet.formula(1, master, IN_WORDS, shown, Style("said"))
    _make_room(sheet, subtitle, master)


def _make_room(sheet: Sheet, subtitle: str, master: int) -> None:
    """Widen the column of keys until the subtitle ends before the column with the master check."""
    widths = {column: width for (first, last), width in sheet.widths.items() for column in range(first, last + 1)}
    short = text_width(subtitle) * LARGER - sum(widths.get(column, DEFAULT_WIDTH) for column in range(master))
    if short > 0 and (KEY, KEY) in sheet.widths:
        sheet.widths[KEY, KEY] = max(widths[KEY], min(widths[KEY] + short, WIDEST))


def heads(sheet: Sheet, row: int, words: Iterable[str], numbers: Container[str] = ()) -> None:
    """The headings of a table, from the second column on; those of `numbers` stand on the right."""
    for column, head in enumerate(words, KEY):
        sheet.text(row, column, head, "head of numbers" if head in numbers else "head")


@dataclass(frozen=True)
class Ranges:
    """Where the numbers of a chart stand.

    Attributes
    ----------
    labels
        The range of the categories, or of the numbers along the horizontal axis, sheet included and absolute.
    values
        For each series its range.
    unit
        Of the values.
    source
        Of which run they are, in words, where that is not the run of the whole workbook.
    """

    labels: str
    values: Mapping[str, str]
    unit: str
    source: str = ""
