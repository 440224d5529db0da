"""Paints sheets into a workbook file: formats, widths, panes, validation, locks, print set-up.

With `report.painted_page` and `report.painted_charts` the only user of XlsxWriter.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from finmodel.errors import OutputFault
from finmodel.render.sheet import DEFAULT_WIDTH, INDENTS, Bounds, Cell, Sheet, Style, Tab, fit_rows
from finmodel.report.painted_charts import draw
from finmodel.report.painted_page import Formula, Number, PaintedPage

INK, NAVY, BAND, PALE_YELLOW, BLUE, GREY, GREEN, RED, PALE_RED = (
    *("#1F2933", "#1F3A5F", "#E8EDF3", "#FFFBD6", "#0000FF"),
    *("#5F6B7A", "#1B7F3B", "#B00020", "#FBE0E3"),
)
FONT = {"font_name": "Calibri", "font_size": 10, "font_color": INK, "valign": "vcenter"}
HEAD = {"bold": True, "font_color": "#FFFFFF", "bg_color": NAVY, "text_wrap": True}
BELOW_HEAD = {"font_color": GREY, "bg_color": BAND, "font_size": 9}
LOOKS: dict[str, dict[str, Any]] = {
    "text": {},
    "wrapped": {"text_wrap": True},
    "unit": {},
    "key": {"font_color": NAVY},
    "part": {"font_color": GREY},
    "title": {"bold": True, "font_size": 16, "font_color": NAVY},
    "subtitle": {"bold": True, "font_size": 11, "font_color": NAVY},
    "section": {"bold": True, "font_size": 11, "font_color": NAVY, "bg_color": BAND},
    "head": HEAD,
    "head of numbers": {**HEAD, "align": "right"},
    "band": BELOW_HEAD,
    "band of numbers": {**BELOW_HEAD, "align": "right"},
    "said": {},
    "link": {"font_color": BLUE, "underline": 1, "text_wrap": True},
    "input": {"font_color": BLUE, "bg_color": PALE_YELLOW, "border": 1, "border_color": "#E3DCA8"},
    "entry": {"bg_color": PALE_YELLOW, "border": 1, "border_color": "#E3DCA8", "text_wrap": True},
    "long entry": {"bg_color": PALE_YELLOW, "bottom": 1, "bottom_color": "#E3DCA8"},
    "fixed": {"font_color": GREY},
    "missing": {"font_color": GREY, "align": "right"},
    "formula": {},
    "check": {"bold": True, "font_color": GREEN},
    "master": {"bold": True, "font_color": GREEN, "font_size": 11},
    "caption": BELOW_HEAD,
    "figure": {"bold": True, "font_size": 14, "font_color": NAVY, "bg_color": BAND},
    "answer": {"font_size": 12, "font_color": NAVY},
}
UNLOCKED = ("input", "entry", "long entry")
ALLOWED = {"format_columns": True, "format_rows": True, "autofilter": True, "objects": True}
"""What a reader may do to a protected sheet; there is no password, so that a lock keeps from slips and from no more."""
RIGHT = ("formula", "fixed", "input", "check")
LONGEST_URL = 2079
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
ROW_OF_TITLE, HEIGHT_OF_TITLE = 0, 24
ZOOM = 85
TABS: dict[Tab, str] = {"inputs": "#E8C547", "model": NAVY, "results": GREEN, "about": "#9AA5B1"}
A3, A4 = 8, 9
WIDEST_ON_A4 = 200
CHARACTERS_ON_A3 = 185
"""How many characters of the columns' width a page holds at full scale, on its long side."""
SMALLEST_SCALE, LARGEST_SCALE = 30, 70


class _Formats:
    """Each look is made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._of_numbers: dict[int, tuple[Style, Any]] = {}
        self._made: dict[tuple[Style, bool, bool, bool], Any] = {}

    def of(self, cell: Cell) -> Any:
        """The format of a cell; a text that looks like a formula is marked as text, also when it is edited."""
        if not isinstance(cell.content, str):  # most cells: a style is asked for by its place in memory, and kept there
            found = self._of_numbers.get(id(cell.style))
            if found is None:
                made = self._look(cell.style, quoted=False, words=False, typed=False)
                found = self._of_numbers[id(cell.style)] = (cell.style, made)
            return found[1]
        typed = cell.formula is None
        quoted = typed and cell.content[:1] in ("=", "+", "-", "@")
        return self._look(cell.style, quoted=quoted, words=True, typed=typed)

    def _look(self, style: Style, *, quoted: bool, words: bool, typed: bool) -> Any:
        key = (style, quoted, words, typed)
        if key not in self._made:
            look = {**FONT, **LOOKS[style.kind], "num_format": style.number, "locked": style.kind not in UNLOCKED}
            if style.kind in INDENTS or (words and typed and style.kind in RIGHT):
                look |= {"align": "left", "indent": INDENTS.get(style.kind, 1)}
            if (style.kind in RIGHT and not typed) or (style.kind == "head" and not words):
                look |= {"align": "right", "indent": 0}
            if quoted:
                look["quote_prefix"] = True
            self._made[key] = self._book.add_format(look)
        return self._made[key]

    def row(self, kind: str) -> Any:
        """The format of a whole row."""
        return self._book.add_format({**FONT, **LOOKS[kind]})


def paint(
    path: Path,
    sheets: Sequence[Sheet],
    *,
    title: str,
    version: str,
    written: dt.date,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write the sheets as a workbook: under another name in the same folder, then moved into place.

    Parameters
    ----------
    progress
        Called with what is done and what there is to do, in cells.

    Raises
    ------
    OutputFault
        Where the file cannot be written.
    """
    draft = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        book = xlsxwriter.Workbook(str(draft), OPTIONS)
        created = dt.datetime.combine(written, dt.time())
        book.set_properties({"title": title[:255], "comments": f"finmodel {version}", "created": created})
        formats = _Formats(book)
        pages = [(sheet, book.add_worksheet(sheet.name, PaintedPage)) for sheet in sheets]
        told = _Told(sheets, progress)
        for sheet, page in pages:
            page.painted = partial(told, sheet)
            fit_rows(sheet)
            _fill(sheet, page, formats)
            _set_up(sheet, page)
            for chart in sheet.charts:
                draw(chart, sheet, book, page)
            told(sheet)
        _warn(book, pages)
        book.close()
        draft.replace(path)
    except (OSError, XlsxWriterException) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise OutputFault(f"cannot write to {path}: {why}; choose another folder with --out") from error
    finally:
        with suppress(OSError):  # where it could not be written it is not there
            draft.unlink()


class _Told:
    """Tells how far the work is: each sheet is filled, and then written."""

    def __init__(self, sheets: Sequence[Sheet], progress: Callable[[int, int], None] | None) -> None:
        self._progress, self._done = progress, 0
        self._total = 2 * sum(len(sheet.cells) for sheet in sheets)

    def __call__(self, sheet: Sheet) -> None:
        self._done += len(sheet.cells)
        if self._progress is not None:
            self._progress(self._done, self._total)


def _fill(sheet: Sheet, page: Any, formats: _Formats) -> None:
    section = formats.row("section")
    for (row, column), cell in sheet.cells.items():
        style, content = formats.of(cell), cell.content
        if cell.formula is not None:
            page.put(row, column, Formula(cell.formula, style, content))
        elif not isinstance(content, str):
            page.put(row, column, Number(content, style))
        elif (row, column) in sheet.links:
            page.write_url(row, column, sheet.links[row, column], style, content)
        elif content:
            if cell.style.kind == "section":
                page.set_row(row, None, section)
            page.write_string(row, column, content, style)
        else:
            page.write_blank(row, column, None, style)
    if sheet.cells:
        rows, columns = zip(*sheet.cells, strict=True)
        page.covers((min(rows), max(rows)), (min(columns), max(columns)))


def _set_up(sheet: Sheet, page: Any) -> None:
    for (first, last), width in sheet.widths.items():
        page.set_column(first, last, width)
    for row, height in sheet.heights.items():
        page.set_row(row, height)
    page.set_row(ROW_OF_TITLE, HEIGHT_OF_TITLE)
    page.hide_gridlines(2)
    page.set_zoom(ZOOM)
    if sheet.tab:
        page.set_tab_color(TABS[sheet.tab])
    rows, columns = sheet.frozen
    if rows or columns:
        page.freeze_panes(rows, columns)
    for choice in sheet.choices:
        page.data_validation(
            choice.row,
            choice.column,
            choice.row,
            choice.column,
            {"validate": "list", "source": f"={choice.source}", "error_message": choice.note},
        )
    for bound in sheet.bounds:
        page.data_validation(bound.row, bound.first, bound.row, bound.last, _between(bound))
    if sheet.filtered is not None:
        page.autofilter(*sheet.filtered)
    page.protect("", ALLOWED)
    _set_up_print(sheet, page)


def _set_up_print(sheet: Sheet, page: Any) -> None:
    rows, _ = sheet.frozen
    widths = {column: width for (first, last), width in sheet.widths.items() for column in range(first, last + 1)}
    wide = sum(widths.values())
    page.set_landscape()
    page.set_paper(A4 if wide <= WIDEST_ON_A4 or sheet.one_page else A3)
    page.set_margins(0.4, 0.4, 0.6, 0.6)
    page.set_footer("&L&F&C&A&Rpage &P of &N")
    if sheet.one_page:
        page.fit_to_pages(1, 1)
        page.center_horizontally()
    elif sheet.one_page_wide:
        page.fit_to_pages(1, 0)
    else:
        page.repeat_columns(0, sheet.repeated_columns - 1)
        page.set_v_pagebreaks(sheet.column_breaks)
        page.set_print_scale(_scale(sheet, widths))
    if rows and not sheet.one_page:
        page.repeat_rows(0, rows - 1)
    last_row = max((sheet.last_row, *(chart.row + chart.rows - 1 for chart in sheet.charts)))
    last_column = max((sheet.last_column, *(chart.column + chart.columns - 1 for chart in sheet.charts)))
    page.print_area(0, 0, last_row, last_column)


def _scale(sheet: Sheet, widths: Mapping[int, float]) -> int:
    """The scale in per cent at which what stands between two breaks fits on a page, beside the repeated columns."""
    if not sheet.column_breaks:
        return 50

    def width(first: int, end: int) -> float:
        return sum(widths.get(column, DEFAULT_WIDTH) for column in range(first, end))

    begins = (sheet.repeated_columns, *sheet.column_breaks, sheet.last_column + 1)
    widest = max(width(first, end) for first, end in itertools.pairwise(begins)) + width(0, sheet.repeated_columns)
    return int(min(max(100 * CHARACTERS_ON_A3 / widest, SMALLEST_SCALE), LARGEST_SCALE))


def _between(bound: Bounds) -> dict[str, Any]:
    low, high = (int(end) if bound.whole and end is not None else end for end in (bound.low, bound.high))
    rule: dict[str, Any] = {
        "validate": "integer" if bound.whole else "decimal",
        "error_title": "Out of bounds",
        "error_message": bound.note[:255],
    }
    if low is not None and high is not None:
        return rule | {"criteria": "between", "minimum": low, "maximum": high}
    if low is not None:
        return rule | {"criteria": ">=", "value": low}
    return rule | {"criteria": "<=", "value": high}


def _warn(book: Any, pages: Sequence[tuple[Sheet, Any]]) -> None:
    """Red for a check that fails, and for the master check on every sheet."""
    red = book.add_format({"bold": True, "font_color": RED, "bg_color": PALE_RED})
    for sheet, page in pages:
        for (row, column), cell in sheet.cells.items():
            if cell.style.kind == "check":
                rule = {"type": "cell", "criteria": ">", "value": 0, "format": red}
                page.conditional_format(row, column, row, column, rule)
            elif cell.style.kind == "master":
                rule = {"type": "text", "criteria": "containing", "value": "fail", "format": red}
                page.conditional_format(row, column, row, column, rule)


def link_to(sheet: str) -> str:
    """A link to a sheet of the same workbook."""
    return f"internal:'{sheet}'!A1"


def can_link(url: str | None) -> bool:
    """Whether an address may become a link that opens in a browser."""
    return url is not None and url.startswith(("https://", "http://")) and url.isascii() and len(url) <= LONGEST_URL
