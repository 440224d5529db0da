"""What is written on a sheet can be read: texts fit their cells, and stand where a reader looks for them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from finmodel.render.sheet import Kind, Sheet, Style, fit_columns, fit_rows, text_width
from finmodel.report.layout import KEY, NOTE, top
from finmodel.report.painting import paint


def of_one_text(words: str, kind: Kind, width: float) -> Sheet:
    """A sheet with one text in a column of that width."""
    sheet = Sheet("One", widths={(0, 0): width})
    sheet.text(0, 0, words, kind)
    return sheet


def test_a_text_that_fits_its_column_leaves_the_row_as_it_is() -> None:
    sheet = of_one_text("Energy at the meter.", "wrapped", 30.0)
    fit_rows(sheet)
    assert not sheet.heights


def test_a_row_is_as_high_as_the_highest_of_its_texts_needs() -> None:
    sheet = of_one_text("word " * 20, "wrapped", 30.0)
    sheet.text(0, 1, "word", "wrapped")
    fit_rows(sheet)
    assert sheet.heights[0] == 13.0 * 4 + 2.0


def test_ideographs_need_twice_the_room_of_letters() -> None:
    assert text_width("千兆瓦") > 1.9 * text_width("abc")
    sheet = of_one_text("千兆瓦数据中心的租赁机架价格" * 3, "wrapped", 30.0)
    fit_rows(sheet)
    assert sheet.heights[0] == 13.0 * 3 + 2.0


@pytest.mark.parametrize("kind", ["key", "part", "head", "head of numbers", "unit"])
def test_a_column_that_was_fitted_holds_its_texts_on_one_line(kind: Kind) -> None:
    sheet = of_one_text("generation_gpu_hour_price.second", kind, 1.0)
    fit_columns(sheet, 0, 0, 5.0, 80.0)
    fit_rows(sheet)
    assert not sheet.heights
    assert sheet.widths[0, 0] > text_width("generation_gpu_hour_price.second")


def test_the_name_of_a_case_ends_before_the_master_check() -> None:
    name = "Reference gigawatt, GB300 NVL72, Texas"
    sheet = Sheet("One", widths={(0, 0): 2.0, (KEY, KEY): 14.0})
    top(sheet, "One", name, NOTE)
    assert sheet.widths[0, 0] + sheet.widths[KEY, KEY] > text_width(name)


@pytest.mark.parametrize("kind", ["title", "subtitle", "section", "wrapped", "key"])
def test_a_text_that_runs_from_right_to_left_stands_on_the_left(kind: Kind, tmp_path: Path) -> None:
    """Else it would run over the left edge of the sheet."""
    path = tmp_path / "book.xlsx"
    paint(path, [of_one_text("مرجع", kind, 8.0)], title="Title", version="test", written=dt.date(2027, 3, 31))
    assert openpyxl.load_workbook(path)["One"]["A1"].alignment.horizontal == "left"


def test_a_word_among_numbers_stands_on_the_left_and_numbers_on_the_right(tmp_path: Path) -> None:
    path, sheet = tmp_path / "book.xlsx", Sheet("One")
    sheet.text(0, 0, "Base", "input")
    sheet.number(1, 0, 3.0, Style("input"))
    paint(path, [sheet], title="Title", version="test", written=dt.date(2027, 3, 31))
    found = openpyxl.load_workbook(path)["One"]
    assert [found[place].alignment.horizontal for place in ("A1", "A2")] == ["left", "right"]


def test_the_tab_of_a_sheet_says_by_its_colour_to_which_group_it_belongs(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    sheets = [Sheet("One", tab="inputs"), Sheet("Two", tab="model"), Sheet("Three", tab="inputs"), Sheet("Four")]
    paint(path, sheets, title="Title", version="test", written=dt.date(2027, 3, 31))
    colours = [sheet.sheet_properties.tabColor for sheet in openpyxl.load_workbook(path).worksheets]
    one, two, three, four = [None if colour is None else colour.rgb for colour in colours]
    assert one == three != two
    assert four is None
