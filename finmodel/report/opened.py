"""A workbook that comes back, read: every cell of its sheets, formulas as text. Nothing in it is computed or run."""

from __future__ import annotations

import datetime as dt
import io
import math
import warnings
import zipfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.datetime import to_excel
from openpyxl.utils.exceptions import InvalidFileException

from finmodel.errors import Fault, Faults
from finmodel.report.archive import safe_bytes

MOST_PLACES = 50_000_000
"""Places in the rectangles that the cells of a workbook span; ours span a million."""
MOST_ROWS = 1_048_576
"""Of a sheet; what spreadsheets know."""
UNSOUND = (
    *(InvalidFileException, ParseError, zipfile.BadZipFile, KeyError, ValueError, TypeError),
    *(AttributeError, IndexError, OverflowError, EOFError),
)
"""What openpyxl raises on a file that is none."""


class Formula(str):
    """The text of a formula, without its equals sign."""

    __slots__ = ()


class Error(str):
    """An error value that was typed, such as #N/A."""

    __slots__ = ()


@dataclass(frozen=True)
class Moment:
    """A number that is formatted as a date or time."""

    number: float


Content = str | float | bool | Formula | Error | Moment
"""What a cell holds; an empty cell is not there."""

Cells = Mapping[tuple[int, int], Content]
"""By row and column, which count from 0."""


@dataclass(frozen=True)
class Opened:
    """A workbook as read.

    Attributes
    ----------
    file
        As faults name it.
    sheets
        In order, by name.
    """

    file: str
    sheets: Mapping[str, Cells]


def open_workbook(path: Path) -> Opened:
    """Read a workbook that may come from anywhere.

    Raises
    ------
    Faults
        Where it is no workbook, or one that is refused.
    """
    file = path.name
    raw = safe_bytes(path, file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a sheet holds besides cells, which is not read
            with closing(openpyxl.load_workbook(io.BytesIO(raw), read_only=True, keep_links=False)) as book:
                return Opened(file, _sheets(book, file))
    except UNSOUND as error:
        why = " ".join(str(error).split())[:120] or type(error).__name__
        expected, remedy = "a sound Excel workbook (.xlsx)", "open it in a spreadsheet program and save it again"
        raise Faults([Fault("cannot be read as a workbook", file, None, None, why, expected, remedy)]) from error


def _sheets(book: Any, file: str) -> dict[str, dict[tuple[int, int], Content]]:
    found: dict[str, dict[tuple[int, int], Content]] = {}
    places = 0
    for sheet in book.worksheets:
        cells: dict[tuple[int, int], Content] = {}
        sheet.reset_dimensions()  # a file can say anything of its size
        for row, entries in enumerate(sheet.iter_rows()):
            places += len(entries) + 1
            if places > MOST_PLACES or row >= MOST_ROWS:
                expected = f"at most {MOST_ROWS:,} rows and {MOST_PLACES:,} cells in all"
                spanned = f"{row + 1:,} rows, {places:,} cells"
                raise Faults([Fault("spans too many cells", file, None, sheet.title, spanned, expected)])
            for column, cell in enumerate(entries):
                if cell.value is not None:
                    content = _content(cell.value, cell.data_type)
                    if content != "":
                        cells[row, column] = content
        found[sheet.title] = cells
    return found


def _content(value: Any, kind: str) -> Content:
    if kind == "f":
        return Formula(value[1:]) if isinstance(value, str) else Formula(f"{{{getattr(value, 'text', None) or value}}}")
    if kind == "e":
        return Error(value)
    if isinstance(value, dt.datetime | dt.date | dt.time | dt.timedelta):
        return Moment(float(to_excel(value)))  # type: ignore[no-untyped-call]  # published without types
    if isinstance(value, bool | str):
        return value
    number = float(value)
    return number if math.isfinite(number) else Error(str(value)[:20])
