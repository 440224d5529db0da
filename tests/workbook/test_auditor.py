"""What a model auditor reads first: every formula of every sheet of each case's workbook."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.utils import get_column_letter

from finmodel.case import Case
from tests.workbook.conftest import Shipped
from tests.workbook.ooxml import Cell, file_cells, formulas, relative, sheet_files, sheet_xml, unlocked_looks
from tests.workbook.spreadsheets import (
    CONSTANT,
    FIRST,
    KEY,
    SCENARIO,
    TRIAL,
    UNIT,
    WORKINGS,
    cell_name,
    cells,
    headings,
    live_cell,
    rows,
    time_sheets,
    typed_row,
)

FUNCTIONS = {
    *("ABS", "AND", "COLUMNS", "COUNT", "COUNTA", "COUNTIF", "EOMONTH", "EXP", "IF", "IFERROR", "INDEX", "INT"),
    *("ISERROR", "ISNUMBER", "LN", "MATCH", "MAX", "MIN", "MINIFS", "MOD", "MONTH", "NPV", "OR", "POWER", "ROUND"),
    *("ROWS", "SIGN", "SMALL", "SQRT", "SUM", "SUMIF", "SUMIFS", "SUMPRODUCT", "YEAR"),
}
"""Functions that every spreadsheet has, that change only with the cells they name, and whose arrows an auditor sees."""
LONGEST_FORMULA = 700
DEEPEST_IF = 2
CELL = r"\$?[A-Z]{1,3}\$?[1-9]\d*"
REFERENCE = re.compile(rf"(?:(?:'[^'\[\]]+'|\w+)!)?{CELL}(?::{CELL})?")
FIXED = ("0", "1")
"""The only numbers that a formula may hold."""


class Formula:
    """A formula and where it stands first."""

    def __init__(self, place: str, text: str) -> None:
        self.place = place
        self.tokens = [token for token in Tokenizer(f"={text}").items if token.type != Token.WSPACE]

    def operands(self, kind: str) -> Iterator[str]:
        """The numbers, ranges or errors that it names."""
        return (token.value for token in self.tokens if (token.type, token.subtype) == (Token.OPERAND, kind))

    @property
    def functions(self) -> set[str]:
        """The functions that it calls."""
        return {
            token.value.rstrip("(").removeprefix("_xlfn.")
            for token in self.tokens
            if (token.type, token.subtype) == (Token.FUNC, Token.OPEN)
        }

    @property
    def depth_of_choices(self) -> int:
        """How many IFs stand inside one another."""
        deepest, opened = 0, []
        for token in self.tokens:
            if token.subtype == Token.OPEN:
                opened.append(token.value == "IF(")
                deepest = max(deepest, sum(opened))
            elif token.subtype == Token.CLOSE:
                opened.pop()
        return deepest


@pytest.fixture(scope="session")
def distinct(shipped: Shipped) -> list[Formula]:
    """Every formula that says something of its own: copies across a row or down a column stand for one another."""
    found: dict[str, tuple[str, str]] = {}
    for sheet in sheet_files(shipped.path):
        for cell in formulas(shipped.path, sheet):
            assert cell.formula is not None
            said = relative(cell.formula, cell.row, cell.column)
            if said not in found:
                found[said] = place(sheet, cell), cell.formula
    assert len(found) > 100
    return [Formula(where, text) for where, text in found.values()]


def place(sheet: str, cell: Cell) -> str:
    """Such as Inputs!D3."""
    return f"{sheet}!{get_column_letter(cell.column)}{cell.row}"


def test_every_formula_has_its_value_and_none_is_an_error(path: Path) -> None:
    for sheet in sheet_files(path):
        for cell in file_cells(path, sheet):
            if cell.formula is not None:
                assert cell.stored is not None, place(sheet, cell)
                assert cell.stored or cell.kind == "str", place(sheet, cell)
            assert cell.kind != "e", place(sheet, cell)
            assert not (cell.kind == "str" and str(cell.stored).startswith("#")), place(sheet, cell)


def test_functions_are_those_that_can_be_traced(distinct: list[Formula]) -> None:
    assert {formula.place: strange for formula in distinct if (strange := formula.functions - FUNCTIONS)} == {}


def test_no_number_but_0_and_1_stands_in_a_formula(distinct: list[Formula]) -> None:
    numbers = {formula.place: set(formula.operands(Token.NUMBER)) - set(FIXED) for formula in distinct}
    assert {where: found for where, found in numbers.items() if found} == {}


def test_formulas_name_cells_and_bounded_ranges_of_this_workbook_only(path: Path, distinct: list[Formula]) -> None:
    """No names, whole columns, external links, ranges through sheets, unions or errors."""
    sheets = {f"{quote}{sheet}{quote}" for sheet in sheet_files(path) for quote in ("", "'")}
    for formula in distinct:
        assert list(formula.operands(Token.ERROR)) == [], formula.place
        for reference in formula.operands(Token.RANGE):
            assert REFERENCE.fullmatch(reference), (formula.place, reference)
            sheet, exclamation, _ = reference.rpartition("!")
            assert not exclamation or sheet in sheets, (formula.place, reference)


def test_formulas_are_no_longer_and_no_deeper_than_can_be_read(path: Path, distinct: list[Formula]) -> None:
    for sheet in sheet_files(path):
        for cell in formulas(path, sheet):
            assert len(str(cell.formula)) <= LONGEST_FORMULA, place(sheet, cell)
    for formula in distinct:
        assert formula.depth_of_choices <= DEEPEST_IF, formula.place


def test_each_row_of_months_is_one_formula_in_relative_terms(case: Case, path: Path) -> None:
    months = list(range(FIRST, FIRST + case.model.timeline.periods + 1))
    for sheet, head in time_sheets(path).items():
        across: dict[int, list[Cell]] = {}
        for cell in file_cells(path, sheet):
            if cell.row >= head and cell.column >= FIRST and (cell.formula is not None or cell.stored is not None):
                across.setdefault(cell.row, []).append(cell)
        keys = {row: str(cells(path, sheet)[row - 1][KEY - 1]) for row in across}
        for row, found in across.items():
            if sheet == WORKINGS and (keys[row].startswith("step ") or all(cell.kind == "s" for cell in found)):
                continue  # a search for a rate, whose columns are no months
            said = {cell.formula and relative(cell.formula, row, cell.column) for cell in found}
            assert [cell.column for cell in found] == months, (sheet, row)
            assert len(said) == 1, (sheet, row, said)


def test_each_row_of_years_is_one_formula_in_relative_terms(path: Path) -> None:
    """The number of the first year may be typed."""
    head, columns = headings(path, "Annual", "Key", "Total")
    across: dict[int, list[Cell]] = {}
    for cell in file_cells(path, "Annual"):
        filled = cell.formula is not None or cell.stored is not None
        if filled and cell.row >= head and cell.column > columns["Total"]:
            across.setdefault(cell.row, []).append(cell)
    assert len(across) > 10
    years = [cell.column for cell in across[head]]
    for row, found in across.items():
        counted = found[0].formula is None and float(found[0].stored or "nan") == 1.0
        said = {cell.formula and relative(cell.formula, row, cell.column) for cell in found[counted:]}
        assert [cell.column for cell in found] == years, row
        assert len(said) == 1, (row, said)
        assert said != {None}, row


def test_the_same_column_is_the_same_month_on_every_sheet_of_months(case: Case, path: Path) -> None:
    heads = {
        sheet: [cell for cell in file_cells(path, sheet) if cell.row == head and cell.column >= FIRST and cell.formula]
        for sheet, head in time_sheets(path).items()
    }
    shown = {sheet: [(cell.row, cell.column, cell.stored) for cell in head] for sheet, head in heads.items()}
    assert len(shown) >= 2
    assert len(next(iter(shown.values()))) == case.model.timeline.periods + 1
    assert len(set(map(tuple, shown.values()))) == 1, shown.keys()


def test_every_line_stands_once_with_its_unit(case: Case, path: Path) -> None:
    found, units = rows(path), case.units
    assert sorted(set(case.model.lines) - set(found)) == []
    for name in case.model.lines:
        sheet, row = found[name]
        assert cells(path, sheet)[row - 1][UNIT - 1] == units[name], name


def test_lines_are_formulas(case: Case, path: Path) -> None:
    last = FIRST + case.model.timeline.periods
    live = {sheet: {(cell.row, cell.column) for cell in formulas(path, sheet)} for sheet in time_sheets(path)}
    found = rows(path)
    for line in case.model.lines.values():
        sheet, row = found[line.name]
        columns = range(FIRST, last + 1) if line.varies else [CONSTANT]
        assert all((row, column) in live[sheet] for column in columns), line.name


def test_shocks_are_typed_into_cells_that_hold_0(case: Case, path: Path) -> None:
    for name in case.model.shocks:
        sheet, row = typed_row(path, name)
        found = [cell for cell in file_cells(path, sheet) if cell.row == row and cell.column >= FIRST]
        assert [float(cell.stored or "nan") for cell in found] == [0.0] * (case.model.timeline.periods + 1), name
        assert not any(cell.formula for cell in found), name


def test_what_may_be_edited_is_no_formula_and_all_else_is_locked_without_a_password(case: Case, path: Path) -> None:
    unlocked, open_cells = unlocked_looks(path), set()
    for sheet in sheet_files(path):
        (protection,) = re.findall("<sheetProtection [^>]*>", sheet_xml(path, sheet))
        assert 'sheet="1"' in protection, sheet
        assert not re.search("password|hash", protection), sheet
        found = [cell for cell in file_cells(path, sheet) if cell.look in unlocked]
        assert [place(sheet, cell) for cell in found if cell.formula is not None] == []
        open_cells |= {(sheet, cell_name(cell.row, cell.column)) for cell in found}
    assert {SCENARIO, TRIAL} <= open_cells
    for name in case.model.inputs:
        assert {live_cell(path, name, heading) for heading in ("Base", *case.scenarios[1:])} <= open_cells, name
    assert {sheet for sheet, _ in open_cells} <= {"Cover", "Change log", "Inputs", "Series"}


def test_nothing_is_merged_hidden_or_an_array(path: Path) -> None:
    with zipfile.ZipFile(path) as book:
        workbook = book.read("xl/workbook.xml").decode()
    assert "hidden" not in workbook.lower()
    for sheet in sheet_files(path):
        text = sheet_xml(path, sheet)
        outside = re.sub(r"<c .*</c>", "", text)
        assert "<mergeCell" not in text, sheet
        assert "hidden=" not in outside, sheet
        assert not re.search(r' (?:ht|width)="0(?:\.0*)?"', outside), sheet
        assert "<f " not in text, sheet  # shared, array and data-table formulas carry attributes


def test_the_only_names_are_those_of_printing(path: Path) -> None:
    with zipfile.ZipFile(path) as book:
        names = set(re.findall(r'<definedName name="([^"]*)"', book.read("xl/workbook.xml").decode()))
    assert names <= {"_xlnm.Print_Area", "_xlnm.Print_Titles"}


def test_nothing_outside_the_file_is_read(path: Path) -> None:
    with zipfile.ZipFile(path) as book:
        parts = book.namelist()
        targets = [
            tag
            for part in parts
            if part.endswith(".rels")
            for tag in re.findall(r"<Relationship .*?>", book.read(part).decode())
        ]
    assert [part for part in parts if re.search("external|connection|query|vba|macro|embed", part, re.I)] == []
    outside = [tag for tag in targets if "TargetMode" in tag]
    assert [tag for tag in outside if "/hyperlink" not in tag] == []
