"""What a painted file lets its reader do, and that it keeps every number to the last bit."""

from __future__ import annotations

import datetime as dt
import math
import random
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from finmodel.render.sheet import Bounds, Sheet, Style
from finmodel.report.painting import paint

FORMULA, INPUT = Style("formula"), Style("input")


def painted(path: Path, *sheets: Sheet) -> Path:
    paint(path, sheets, title="Title", version="test", written=dt.date(2027, 3, 31))
    return path


def page(path: Path, *sheets: Sheet) -> Worksheet:
    return openpyxl.load_workbook(painted(path, *sheets))[sheets[0].name]


@pytest.fixture
def sheet() -> Sheet:
    """A title, an input, an entry and a formula."""
    made = Sheet("One")
    made.text(0, 0, "Title", "title")
    made.number(1, 0, 3.0, INPUT)
    made.text(2, 0, "", "entry")
    made.formula(3, 0, "A2*A2", 9.0, FORMULA)
    return made


def test_a_reader_may_write_in_inputs_and_entries_alone(sheet: Sheet, tmp_path: Path) -> None:
    found = page(tmp_path / "book.xlsx", sheet)
    assert found.protection.sheet
    assert found.protection.password is None
    locked = {place: found[place].protection.locked for place in ("A1", "A2", "A3", "A4")}
    assert locked == {"A1": True, "A2": False, "A3": False, "A4": True}


def test_columns_and_rows_of_a_locked_sheet_may_be_resized_and_tables_filtered(sheet: Sheet, tmp_path: Path) -> None:
    sheet.filtered = (1, 0, 3, 0)
    found = page(tmp_path / "book.xlsx", sheet)
    assert found.auto_filter.ref == "A2:A4"
    forbidden = found.protection
    assert (forbidden.formatColumns, forbidden.formatRows, forbidden.autoFilter) == (False, False, False)
    assert (forbidden.insertRows, forbidden.deleteColumns) == (True, True)


def test_what_asks_for_whole_numbers_takes_no_others(sheet: Sheet, tmp_path: Path) -> None:
    sheet.bounds += [Bounds(1, 0, 0, 0.0, 201.0, "0 to 201.", whole=True), Bounds(4, 0, 0, 0.0, 1.0, "A share.")]
    rules = {str(rule.sqref): rule for rule in page(tmp_path / "book.xlsx", sheet).data_validations.dataValidation}
    assert {place: rule.type for place, rule in rules.items()} == {"A2": "whole", "A5": "decimal"}
    assert (rules["A2"].formula1, rules["A2"].formula2) == ("0", "201")


def test_numbers_come_back_to_the_last_bit(tmp_path: Path) -> None:
    drawn = random.Random(7)
    numbers = [0.1 + 0.2, 1 / 3, -2.5, 0.0, 5e-324, 1.7976931348623157e308, 123456789012345680.0, np.float64(2) / 3]
    numbers += [drawn.uniform(-1, 1) * 10.0 ** drawn.randint(-12, 12) for _ in range(2_000)]
    sheet = Sheet("Numbers")
    for row, number in enumerate(numbers):
        sheet.number(row, 0, number, FORMULA)
        sheet.formula(row, 1, f"A{row + 1}", number, FORMULA)
    book = openpyxl.load_workbook(painted(tmp_path / "book.xlsx", sheet), data_only=True)
    assert list(book["Numbers"].iter_rows(values_only=True)) == [(number, number) for number in numbers]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_no_cell_can_hold_is_refused(number: float, tmp_path: Path) -> None:
    sheet = Sheet("Numbers")
    sheet.number(0, 0, number, FORMULA)
    with pytest.raises(ValueError, match="fits no cell"):
        painted(tmp_path / "book.xlsx", sheet)
    assert list(tmp_path.iterdir()) == []


def test_words_and_conditions_that_formulas_give_are_stored_as_such(tmp_path: Path) -> None:
    sheet = Sheet("Words")
    for row, value in enumerate(("a < b & c", True, False, 2.5)):
        sheet.formula(row, 0, '"a"&"<"', value, FORMULA)
    path = painted(tmp_path / "book.xlsx", sheet)
    assert openpyxl.load_workbook(path)["Words"]["A1"].value == '="a"&"<"'
    stored = openpyxl.load_workbook(path, data_only=True)["Words"]
    assert [stored.cell(row, 1).value for row in (1, 2, 3, 4)] == ["a < b & c", True, False, 2.5]


def test_a_sheet_of_one_page_is_printed_on_one(sheet: Sheet, tmp_path: Path) -> None:
    sheet.one_page = True
    set_up = page(tmp_path / "book.xlsx", sheet).page_setup
    assert (set_up.fitToWidth or 1, set_up.fitToHeight or 1, set_up.orientation) == (1, 1, "landscape")
    assert openpyxl.load_workbook(tmp_path / "book.xlsx")["One"].sheet_properties.pageSetUpPr.fitToPage


def test_pages_of_a_wide_sheet_begin_at_its_breaks(tmp_path: Path) -> None:
    sheet = Sheet("Wide", one_page_wide=False, repeated_columns=1, column_breaks=[13, 25])
    for column in range(37):
        sheet.number(0, column, float(column), FORMULA)
    sheet.widths = {(0, 36): 12.0}
    found = page(tmp_path / "book.xlsx", sheet)
    assert [stop.id for stop in found.col_breaks.brk] == [13, 25]
    assert found.page_setup.scale == 70
    assert found.print_title_cols == "$A:$A"


def test_the_extent_of_a_sheet_is_that_of_its_cells_and_its_title(tmp_path: Path) -> None:
    sheet = Sheet("Far")
    sheet.number(4, 2, 1.0, FORMULA)
    sheet.formula(9, 5, "C5", 1.0, FORMULA)
    xml = zipfile.ZipFile(painted(tmp_path / "book.xlsx", sheet)).read("xl/worksheets/sheet1.xml").decode()
    assert '<dimension ref="C1:F10"/>' in xml
