"""Paints sheets into a workbook file: formats, widths, panes, validation, print set-up. The only user of XlsxWriter."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.worksheet import Worksheet

from finmodel.errors import OutputFault
from finmodel.render.sheet import Cell, Sheet, Style, fit_rows

INK, NAVY, BAND, PALE_YELLOW, BLUE, GREY, GREEN, RED, PALE_RED = (
    *("#1F2933", "#1F3A5F", "#E8EDF3", "#FFFBD6", "#0000FF"),
    *("#5F6B7A", "#1B7F3B", "#B00020", "#FBE0E3"),
)
FONT = {"font_name": "Calibri", "font_size": 10, "font_color": INK, "valign": "top"}
HEAD = {"bold": True, "font_color": "#FFFFFF", "bg_color": NAVY, "text_wrap": True, "valign": "vcenter"}
LOOKS: dict[str, dict[str, Any]] = {
    "text": {},
    "wrapped": {"text_wrap": True, "align": "left", "indent": 1},
    "unit": {"align": "left", "indent": 1},
    "key": {"font_color": NAVY},
    "title": {"bold": True, "font_size": 16, "font_color": NAVY, "valign": "vcenter"},
    "subtitle": {"bold": True, "font_size": 11, "font_color": NAVY},
    "section": {"bold": True, "font_size": 11, "font_color": NAVY, "bg_color": BAND},
    "head": HEAD,
    "head of numbers": {**HEAD, "align": "right", "indent": 1},
    "band": {"font_color": GREY, "bg_color": BAND, "font_size": 9},
    "said": {"align": "left", "indent": 1},
    "link": {"font_color": BLUE, "underline": 1},
    "input": {"font_color": BLUE, "bg_color": PALE_YELLOW, "border": 1, "border_color": "#E3DCA8"},
    "fixed": {"font_color": GREY},
    "formula": {},
    "check": {"bold": True, "font_color": GREEN},
    "master": {"bold": True, "font_color": GREEN, "font_size": 11},
}
RIGHT = ("formula", "fixed", "input", "check")
LONGEST_URL = 2079
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
ROW_OF_TITLE, HEIGHT_OF_TITLE = 0, 24
A3, A4 = 8, 9
WIDEST_ON_A4 = 200


class _Page(Worksheet):  # type: ignore[misc]  # published without types
    """A worksheet whose formulas mark functions newer than 2010 themselves; a search takes most of the time."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


class _Formats:
    """Each look is made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[Style, bool, bool, bool], Any] = {}

    def of(self, cell: Cell) -> Any:
        """The format of a cell; a text that looks like a formula is marked as text, also when it is edited."""
        words = isinstance(cell.content, str)
        typed = words and cell.formula is None
        quoted = typed and str(cell.content)[:1] in ("=", "+", "-", "@")
        key = (cell.style, quoted, words, typed)
        if key not in self._made:
            look = {**FONT, **LOOKS[cell.style.kind], "num_format": cell.style.number}
            if (cell.style.kind in RIGHT and not typed) or (cell.style.kind == "head" and not words):
                look["align"] = "right"
            if quoted:
                look["quote_prefix"] = True
            self._made[key] = self._book.add_format(look)
        return self._made[key]

    def row(self, kind: str) -> Any:
        """The format of a whole row."""
        return self._book.add_format({**FONT, **LOOKS[kind]})


def paint(path: Path, sheets: Sequence[Sheet], *, title: str, version: str, written: dt.date) -> None:
    """Write the sheets as a workbook: under another name in the same folder, then moved into place.

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
        pages = [(sheet, book.add_worksheet(sheet.name, _Page)) for sheet in sheets]
        for sheet, page in pages:
            fit_rows(sheet)
            _fill(sheet, page, formats)
            _set_up(sheet, page)
        _warn(book, pages)
        book.close()
        draft.replace(path)
    except (OSError, XlsxWriterException) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise OutputFault(f"cannot write to {path}: {why}; choose another folder with --out") from error
    finally:
        draft.unlink(missing_ok=True)


def _fill(sheet: Sheet, page: Any, formats: _Formats) -> None:
    section = formats.row("section")
    for (row, column), cell in sheet.cells.items():
        style = formats.of(cell)
        if cell.style.kind == "section":
            page.set_row(row, None, section)
        if cell.formula is not None:
            page.write_formula(row, column, f"={cell.formula}", style, cell.content)
        elif (row, column) in sheet.links:
            page.write_url(row, column, sheet.links[row, column], style, str(cell.content))
        elif isinstance(cell.content, str):
            page.write_string(row, column, cell.content, style) if cell.content else page.write_blank(
                row, column, None, style
            )
        else:
            page.write_number(row, column, cell.content, style)


def _set_up(sheet: Sheet, page: Any) -> None:
    for (first, last), width in sheet.widths.items():
        page.set_column(first, last, width)
    for row, height in sheet.heights.items():
        page.set_row(row, height)
    page.set_row(ROW_OF_TITLE, HEIGHT_OF_TITLE)
    page.hide_gridlines(2)
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
        page.data_validation(bound.row, bound.first, bound.row, bound.last, _between(bound.low, bound.high, bound.note))
    page.set_landscape()
    wide = sum(width * (last - first + 1) for (first, last), width in sheet.widths.items())
    page.set_paper(A4 if wide <= WIDEST_ON_A4 else A3)
    page.set_margins(0.4, 0.4, 0.6, 0.6)
    page.set_footer("&L&F&C&A&Rpage &P of &N")
    if rows:
        page.repeat_rows(0, rows - 1)
    if sheet.one_page_wide:
        page.fit_to_pages(1, 0)
    else:
        page.set_print_scale(50)
        page.repeat_columns(0, sheet.repeated_columns - 1)
    page.print_area(0, 0, sheet.last_row, sheet.last_column)


def _between(low: float | None, high: float | None, note: str) -> dict[str, Any]:
    rule: dict[str, Any] = {"validate": "decimal", "error_title": "Out of bounds", "error_message": note[:255]}
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
