"""What is painted: text stays text, a style is made once, nothing is written by halves."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pytest

from finmodel.errors import Faults, OutputFault
from finmodel.graph import Input, line
from finmodel.render.sheet import Sheet, Style
from finmodel.report.painting import paint
from tests.graph.toys import MONTHLY, model
from tests.workbook.spreadsheets import cells, office, rows
from tests.workbook.toys import written

DATE = dt.date(2027, 3, 31)
NASTY = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("https://example.org","x")', "'=1", "_x0041_", " =1")
FOREIGN = ("Capacità installata", "机柜价格", "سعر الخادم", "Ελλάδα 😀")


def painted(path: Path, *words: str) -> Path:
    """A file with these texts in its first column."""
    sheet = Sheet("Text")
    for row, text in enumerate(words):
        sheet.text(row, 0, text)
    paint(path, [sheet], title="Text", version="test", written=DATE)
    return path


@pytest.mark.parametrize("text", [*NASTY, *FOREIGN, "x" * 32_767])
def test_text_reaches_the_file_as_text(tmp_path: Path, text: str) -> None:
    cell = openpyxl.load_workbook(painted(tmp_path / "text.xlsx", text))["Text"]["A1"]
    assert (cell.data_type, cell.value) == ("s", text)
    assert cell.quotePrefix or text[0] not in "=+-@"


def test_text_that_looks_like_a_formula_is_text_to_libreoffice(tmp_path: Path, libreoffice: str) -> None:
    (read,) = office(painted(tmp_path / "text.xlsx", *NASTY[:5]), tmp_path, libreoffice)
    assert [read("Text", row, 1) for row in range(1, 6)] == list(NASTY[:5])


def test_a_note_that_looks_like_a_formula_is_text(tmp_path: Path) -> None:
    @line("1")
    def sly(m):
        """=1+1"""
        return m.given

    path = tmp_path / "sly.xlsx"
    written(path, model(MONTHLY, sly=sly, given=Input("1", "=2+2")), {"given": 3.0})
    sheet, row = rows(path)["sly"]
    assert openpyxl.load_workbook(path)[sheet].cell(row, 4).data_type == "s"


def test_what_no_document_may_hold_is_replaced(tmp_path: Path) -> None:
    (found,) = cells(painted(tmp_path / "text.xlsx", "a\x00b\x1bc\ud800d\u202ee\tf\ufffe"), "Text")
    assert found == ("a\ufffdb\ufffdc\ufffdd\ufffde f\ufffd",)


def test_a_text_longer_than_a_cell_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Faults, match="too long for a cell"):
        painted(tmp_path / "text.xlsx", "x" * 32_768)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputFault, match="choose another folder"):
        painted(tmp_path / "absent" / "text.xlsx", "x")


def test_a_file_that_cannot_be_replaced_leaves_no_draft(tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").mkdir()
    with pytest.raises(OutputFault):
        painted(tmp_path / "text.xlsx", "x")
    assert [entry.name for entry in tmp_path.iterdir()] == ["text.xlsx"]


def test_a_style_is_made_once(tmp_path: Path) -> None:
    sheet = Sheet("Many")
    for row in range(200):
        sheet.number(row, 0, float(row), Style("fixed", "0.00"))
    paint(tmp_path / "many.xlsx", [sheet], title="Many", version="test", written=DATE)
    styles = zipfile.ZipFile(tmp_path / "many.xlsx").read("xl/styles.xml").decode()
    assert styles.count("<xf ") < 8
