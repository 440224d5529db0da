"""The instruments: what they read is computed anew, what they edit is all that changes."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from finmodel.render.plain import Evaluation
from tests.workbook.ooxml import CELL, edited, file_cells, sheet_files
from tests.workbook.spreadsheets import (
    CONSTANT,
    FIRST,
    WORKINGS,
    Iron,
    Stored,
    cell_name,
    converted,
    disagreements,
    live_cell,
    office,
    rows,
    time_sheets,
)
from tests.workbook.toys import VALUES, everything, written

FALSE = 12_345.678


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The workbook of a small model."""
    return tmp_path / "toy.xlsx"


@pytest.fixture
def evaluation(path: Path) -> Evaluation:
    """What Python computes for it."""
    return written(path, everything(), VALUES)


def falsified(source: Path, target: Path) -> Path:
    """The same workbook with a false number stored beside every formula that gives one."""

    def false(match: re.Match[str]) -> str:
        return match[0] if match["formula"] is None or match["kind"] else match[0].replace(match["stored"], stored)

    stored = f"<v>{FALSE}</v>"
    with zipfile.ZipFile(source) as book, zipfile.ZipFile(target, "w") as copy:
        for part in book.infolist():
            content = book.read(part)
            if "worksheets/sheet" in part.filename and part.filename.endswith(".xml"):
                content = CELL.sub(false, content.decode()).encode()
            copy.writestr(part.filename, content)
    return target


def test_a_false_value_in_the_file_comes_back_right(
    path: Path, evaluation: Evaluation, tmp_path: Path, libreoffice: str
) -> None:
    false, model = falsified(path, tmp_path / "false.xlsx"), everything()
    assert len(list(disagreements(path, model, evaluation, Stored(false)))) > 500
    (read,) = converted([false], tmp_path, libreoffice)
    assert list(disagreements(path, model, evaluation, read)) == []
    assert list(disagreements(path, model, evaluation, Iron(false).recalculated())) == []


def test_several_edits_are_recalculated_at_once(
    path: Path, evaluation: Evaluation, tmp_path: Path, libreoffice: str
) -> None:
    prices = (61.5, 70.0, 80.0)
    reads = office(path, tmp_path, libreoffice, *({live_cell(path, "price"): price} for price in prices))
    sheet, row = rows(path)["sold"]
    found = [read(sheet, row, CONSTANT) / price for read, price in zip(reads, prices, strict=True)]
    assert found == pytest.approx([evaluation.scalars["sold"] / VALUES["price"]] * 3)


def test_an_edited_file_stores_no_value_of_a_formula_and_differs_in_nothing_else(
    path: Path, evaluation: Evaluation, tmp_path: Path
) -> None:
    copy, price, name = tmp_path / "copy.xlsx", live_cell(path, "price"), live_cell(path, "load", "Key")
    edited(path, copy, {price: 7.5, name: "<load> & more"})
    assert sheet_files(copy) == sheet_files(path)
    for sheet in sheet_files(path):
        was = {(cell.row, cell.column): cell for cell in file_cells(path, sheet)}
        left = {place for place, cell in was.items() if cell.formula is not None}
        now = Stored(copy).sheets[sheet]
        for (row, column), cell in was.items():
            value = now[row - 1][column - 1] if row <= len(now) and column <= len(now[row - 1]) else None
            if (row, column) in left:
                assert value is None, (sheet, row, column)
            elif (sheet, cell_name(row, column)) not in (price, name):
                assert value == Stored(path)(sheet, row, column), (sheet, row, column, cell)
    assert Stored(copy).at(*price) == 7.5
    assert Stored(copy).at(*name) == "<load> & more"


def test_a_cell_that_is_not_there_cannot_be_edited(path: Path, evaluation: Evaluation, tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="ZZ9"):
        edited(path, tmp_path / "copy.xlsx", {("Inputs", "ZZ9"): 1.0})


def test_a_line_is_found_by_its_key_on_whichever_sheet_it_stands(path: Path, evaluation: Evaluation) -> None:
    found, model = rows(path), everything()
    assert set(model.lines) <= set(found)
    assert {found[name][0] for name in model.lines} <= set(time_sheets(path)) - {WORKINGS}
    sheet, row = found["revenue"]
    last = FIRST + len(evaluation.rows["revenue"]) - 1
    assert Stored(path)(sheet, row, last) == pytest.approx(evaluation.rows["revenue"][-1])
