"""A workbook as the XML that it is: each cell with its formula and stored value; edits that leave the rest alone."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINKED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CELL = re.compile(
    r'<c r="(?P<column>[A-Z]+)(?P<row>\d+)"(?P<style> s="(?P<look>\d+)")?(?: t="(?P<kind>\w+)")?'
    r"(?:/>|>(?P<formula><f>(?P<text>[^<]*)</f>)?(?P<stored><v>(?P<value>[^<]*)</v>)?</c>)"
)
"""A cell, as XlsxWriter writes it."""
REFERENCE = re.compile(r"(?<![A-Za-z_.\"])(\$?)([A-Z]{1,3})(\$?)(\d+)(?![\d(A-Za-z_])")


class Cell(NamedTuple):
    """A cell of a file; rows and columns from 1."""

    row: int
    column: int
    kind: str | None
    """``"s"`` is a text of the list of texts, ``"str"`` one of a formula, ``"e"`` an error, ``None`` a number."""
    formula: str | None
    stored: str | None
    """As it is written; ``None`` where nothing is."""
    look: int
    """Its place in the list of formats."""


@cache
def column_number(letters: str) -> int:
    """1 for A."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


def sheet_files(path: Path) -> dict[str, str]:
    """The file of each sheet inside the workbook."""
    with zipfile.ZipFile(path) as book:
        sheets = ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{MAIN}sheet")
        rels = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    targets = {rel.get("Id"): f"xl/{rel.get('Target')}" for rel in rels}
    return {str(sheet.get("name")): targets[sheet.get(LINKED)] for sheet in sheets}


def sheet_xml(path: Path, sheet: str) -> str:
    """What stands in the file of a sheet."""
    with zipfile.ZipFile(path) as book:
        return book.read(sheet_files(path)[sheet]).decode()


def file_cells(path: Path, sheet: str) -> list[Cell]:
    """Every cell of a sheet."""
    return _file_cells(path, sheet, path.stat().st_mtime_ns)


@lru_cache(maxsize=40)
def _file_cells(path: Path, sheet: str, _written: int) -> list[Cell]:
    text = sheet_xml(path, sheet)
    found = [
        Cell(
            int(row),
            column_number(column),
            kind,
            None if formula is None else html.unescape(formula),
            None if value is None else html.unescape(value),
            int(look or 0),
        )
        for column, row, kind, formula, value, look in (
            match.group("column", "row", "kind", "text", "value", "look") for match in CELL.finditer(text)
        )
    ]
    if len(found) != text.count("<c "):
        raise ValueError(f"{sheet}: {text.count('<c ')} cells, of which {len(found)} are understood")
    return found


def unlocked_looks(path: Path) -> set[int]:
    """The formats whose cells may be edited on a protected sheet."""
    with zipfile.ZipFile(path) as book:
        formats = ElementTree.fromstring(book.read("xl/styles.xml")).find(f"{MAIN}cellXfs")
    guards = [None if one is None else one.find(f"{MAIN}protection") for one in formats or ()]
    return {place for place, guard in enumerate(guards) if guard is not None and guard.get("locked") == "0"}


def formulas(path: Path, sheet: str) -> Iterator[Cell]:
    """The cells of a sheet that hold a formula."""
    return (cell for cell in file_cells(path, sheet) if cell.formula is not None)


def edited(source: Path, target: Path, edits: Mapping[tuple[str, str], float | str]) -> None:
    """Write a workbook with other contents in some cells and without the stored value of any formula.

    Raises
    ------
    KeyError
        Where the file has no such cell.
    """
    left = dict(edits)
    names = {file: sheet for sheet, file in sheet_files(source).items()}
    with (
        zipfile.ZipFile(source) as book,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy,
    ):
        for part in book.infolist():
            content = book.read(part)
            if part.filename in names:
                content = _edited(content.decode(), names[part.filename], left).encode()
            copy.writestr(part.filename, content)
    if left:
        raise KeyError(f"no such cells: {sorted(left)}")


def _edited(text: str, sheet: str, left: dict[tuple[str, str], float | str]) -> str:
    def cell(match: re.Match[str]) -> str:
        if left:
            place = match["column"] + match["row"]
            typed = left.pop((sheet, place), None)
            if typed is not None:
                return _typed(f'<c r="{place}"{match["style"] or ""}', typed)
        if match["stored"] is None or match["formula"] is None:
            return match[0]
        return f'<c r="{match["column"]}{match["row"]}"{match["style"] or ""}>{match["formula"]}</c>'

    return CELL.sub(cell, text)


def _typed(opened: str, value: float | str) -> str:
    if not isinstance(value, str):
        return f"{opened}><v>{float(value)!r}</v></c>"
    if not value:
        return f"{opened}/>"
    return f'{opened} t="inlineStr"><is><t xml:space="preserve">{html.escape(value, quote=False)}</t></is></c>'


def relative(formula: str, row: int, column: int) -> str:
    """A formula in R1C1 terms: the same text wherever it says the same."""

    def name(match: re.Match[str]) -> str:
        fixed_column, letters, fixed_row, digits = match.groups()
        at_row, at_column = int(digits), column_number(letters)
        shown_row = f"R{at_row}" if fixed_row else f"R[{at_row - row}]"
        return shown_row + (f"C{at_column}" if fixed_column else f"C[{at_column - column}]")

    return REFERENCE.sub(name, formula)
