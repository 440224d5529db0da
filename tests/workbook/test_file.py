"""The file itself: text stays text, every formula has its value, checks turn, nothing is written by halves."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

import finmodel
from finmodel.case import Case
from finmodel.errors import Faults, OutputFault
from finmodel.graph import Input, line
from finmodel.render.sheet import Sheet, Style
from finmodel.report.painting import paint
from tests.graph.toys import MONTHLY, model
from tests.workbook.spreadsheets import CONSTANT, FIRST, Iron, cell_name, cells, keys, live_cell, office, relative
from tests.workbook.toys import written

DATE = dt.date(2027, 3, 31)
NASTY = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("https://example.org","x")', "'=1", "_x0041_", " =1")
FOREIGN = ("Capacità installata", "机柜价格", "سعر الخادم", "Ελλάδα 😀")


@pytest.fixture(scope="module")
def case() -> Case:
    """The reference case."""
    return finmodel.load("reference-1gw")


@pytest.fixture(scope="module")
def path(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its workbook, with the snapshot of a small simulation."""
    written_to = tmp_path_factory.mktemp("file") / "workbook.xlsx"
    case.to_excel(written_to, simulation=case.simulate(paths=64, seed=5))
    return written_to


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    """Its formulas."""
    return openpyxl.load_workbook(path)


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
    read = office(painted(tmp_path / "text.xlsx", *NASTY[:5]), tmp_path, libreoffice)
    assert [read("Text", row, 1) for row in range(1, 6)] == list(NASTY[:5])


def test_a_note_that_looks_like_a_formula_is_text(tmp_path: Path) -> None:
    @line("1")
    def sly(m):
        """=1+1"""
        return m.given

    path = tmp_path / "sly.xlsx"
    written(path, model(MONTHLY, sly=sly, given=Input("1", "=2+2")), {"given": 3.0})
    row = keys(path, "Calculations")["sly"]
    assert openpyxl.load_workbook(path)["Calculations"].cell(row, 4).data_type == "s"


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


def test_every_formula_has_its_value(path: Path, book: Workbook) -> None:
    for sheet in book:
        stored = cells(path, sheet.title)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    value = stored[cell.row - 1][cell.column - 1]
                    assert value is not None, (sheet.title, cell.coordinate)
                    assert not str(value).startswith("#"), (sheet.title, cell.coordinate)


def test_each_row_is_one_formula_in_relative_terms(case: Case, book: Workbook) -> None:
    last = FIRST + case.model.timeline.periods
    for sheet in (book["Calculations"], book["Workings"]):
        for row in sheet.iter_rows(min_row=5, min_col=FIRST, max_col=last):
            formulas = {relative(str(cell.value), cell.row, cell.column) for cell in row if cell.data_type == "f"}
            if all(cell.data_type == "f" for cell in row):
                assert len(formulas) == 1, (sheet.title, row[0].row)


def test_every_line_and_metric_is_a_formula_and_shocks_are_inputs(case: Case, path: Path, book: Workbook) -> None:
    sheet, rows = book["Calculations"], keys(path, "Calculations")
    last = FIRST + case.model.timeline.periods
    for line_ in case.model.lines.values():
        columns = range(FIRST, last + 1) if line_.varies else [CONSTANT]
        assert all(sheet.cell(rows[line_.name], column).data_type == "f" for column in columns), line_.name
    for name in case.model.shocks:
        assert all(sheet.cell(rows[name], column).value == 0 for column in range(FIRST, last + 1))
    returns = keys(path, "Returns")
    assert all(book["Returns"].cell(returns[name], 4).data_type == "f" for name in case.model.metrics)


def test_returns_and_inputs_keep_their_public_face(case: Case, path: Path) -> None:
    inputs, returns = (cells(path, sheet) for sheet in ("Inputs", "Returns"))
    head = next(row for row in inputs if "Key" in row)
    assert [
        column for column in ("Live", "Base", *case.scenarios[1:], "Unit", "Low", "High") if column not in head
    ] == []
    assert {"Key", "Value", "Unit"} <= set(next(row for row in returns if "Key" in row))
    assert set(case.model.inputs) <= set(keys(path, "Inputs"))
    assert set(case.model.metrics) <= set(keys(path, "Returns"))


def test_figures_carry_their_evidence(case: Case, path: Path) -> None:
    rows = cells(path, "Inputs")
    head = next(row for row in rows if "Key" in row)
    found = {row[1]: dict(zip(head, row, strict=True)) for row in rows if row[1] in case.model.inputs}
    for name, figure in case.figures.items():
        assert found[name]["Grade"] == figure.grade
        assert found[name]["Base"] == pytest.approx(figure.value, rel=1e-15)
        assert (found[name]["Distribution"] or "") == str(figure.range or "")


def test_there_is_one_list_to_choose_from(case: Case, book: Workbook) -> None:
    last = get_column_letter(4 + len(case.scenarios))  # Base and the scenarios stand from column E
    lists = [rule for sheet in book for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert [(str(rule.sqref), rule.formula1) for rule in lists] == [("D3", f"$E$6:${last}$6")]


def test_nothing_is_merged_hidden_linked_or_named(path: Path, book: Workbook) -> None:
    assert not any(sheet.merged_cells.ranges for sheet in book)
    assert all(sheet.sheet_state == "visible" for sheet in book)
    names = zipfile.ZipFile(path).namelist()
    assert not [name for name in names if "external" in name.lower() or "vba" in name.lower()]
    assert all(sheet.freeze_panes for sheet in book if sheet.title not in ("Cover",))


def test_a_formula_overwritten_in_a_corkscrew_fails_the_master_check(path: Path) -> None:
    place = cell_name(keys(path, "Calculations")["tax_losses.unlevered"], FIRST + 40)
    read = Iron(path).set({("Calculations", place): 1e9}).recalculated()
    assert read("Checks", 3, 4) >= 1
    assert read("Cover", 1, 4) == "A check fails: see Checks"


def test_an_error_anywhere_fails_the_master_check(path: Path) -> None:
    place = cell_name(keys(path, "Calculations")["revenue"], FIRST + 40)
    read = Iron(path).set({("Calculations", place): "=1/0"}).recalculated()
    assert read("Inputs", 1, 3) == "A check fails: see Checks"


def test_a_figure_out_of_its_bounds_fails_the_master_check(path: Path) -> None:
    read = Iron(path).set({live_cell(path, "pue"): 0.5}).recalculated()
    assert read("Checks", 3, 4) == 1


def test_a_base_figure_that_is_cleared_fails_the_master_check(path: Path) -> None:
    read = Iron(path).set({live_cell(path, "electricity_price"): ""}).recalculated()
    assert read("Checks", 3, 4) == 1


def test_an_unknown_scenario_is_never_taken_for_the_base(path: Path) -> None:
    read = Iron(path).set({("Inputs", "D3"): "upsid"}).recalculated()
    assert read("Returns", keys(path, "Returns")["project_npv"], 4) == "#N/A"
    assert read("Cover", 1, 4) == "A check fails: see Checks"


def test_the_simulation_is_labelled_as_a_snapshot(case: Case, path: Path) -> None:
    said = {row[1]: row[2] for row in cells(path, "Simulation") if row[1]}
    assert (said["Paths"], said["Seed"], said["Design"], said["Scenario"]) == ("64", "5", "sobol", "base")
    assert "not formulas" in said["Snapshot"]
    head = next(row for row in cells(path, "Simulation") if "p50" in row)
    assert {"mean", "sd", "standard_error", "p5", "p95", "missing_share"} <= set(head)
    assert set(case.model.metrics) <= set(said)


def test_a_share_of_paths_stands_with_its_standard_error_and_not_in_the_live_column(path: Path) -> None:
    rows = cells(path, "Simulation")
    head = next(row for row in rows if "p50" in row)
    shares = [dict(zip(head, row, strict=True)) for row in rows if row[1] == "project_npv_negative"]
    assert [share["Live"] for share in shares] == [None]
    assert 0 < shares[0]["mean"] < 1
    assert 0 < shares[0]["standard_error"] < shares[0]["mean"]


def test_every_row_of_the_workings_has_its_unit(path: Path) -> None:
    rows = [row for row in cells(path, "Workings")[5:] if isinstance(row[FIRST - 1], int | float)]
    rows = [row for row in rows if not str(row[1]).startswith("step ")]
    assert len(rows) > 10
    assert [row[1] for row in rows if not row[2]] == []


def test_the_same_case_gives_the_same_sheets(case: Case, path: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.xlsx"
    case.to_excel(again)
    for sheet in ("Inputs", "Constants", "Calculations", "Workings", "Returns", "Sources"):
        assert cells(again, sheet) == cells(path, sheet)


def test_a_style_is_made_once(tmp_path: Path) -> None:
    sheet = Sheet("Many")
    for row in range(200):
        sheet.number(row, 0, float(row), Style("fixed", "0.00"))
    paint(tmp_path / "many.xlsx", [sheet], title="Many", version="test", written=DATE)
    styles = zipfile.ZipFile(tmp_path / "many.xlsx").read("xl/styles.xml").decode()
    assert styles.count("<xf ") < 8
