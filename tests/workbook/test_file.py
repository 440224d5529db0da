"""The workbook of the reference case: its public face, its evidence, its checks turn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from finmodel.case import Case
from tests.workbook.conftest import PATHS, SEED, Shipped
from tests.workbook.ooxml import sheet_files, sheet_xml
from tests.workbook.spreadsheets import (
    FIRST,
    Iron,
    Stored,
    cell_name,
    cells,
    failing,
    headings,
    keys,
    live_cell,
    returns,
    rows,
)

pytestmark = pytest.mark.parametrize("shipped", ["reference-1gw"], indirect=True)


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


def test_there_is_one_list_to_choose_from(case: Case, path: Path) -> None:
    lists = {
        sheet: re.findall(r'<dataValidation type="list"[^>]* sqref="(.*?)"><formula1>(.*?)<', sheet_xml(path, sheet))
        for sheet in sheet_files(path)
    }
    head, columns = headings(path, "Inputs", "Key", "Live")
    first, last = (cell_name(head, columns[name]) for name in ("Base", (*case.scenarios, "Base")[-2]))
    source = re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", f"{first}:{last}")
    assert {sheet: found for sheet, found in lists.items() if found} == {"Inputs": [("D3", source)]}


def test_headings_stay_in_sight(path: Path) -> None:
    flowing = [sheet for sheet in sheet_files(path) if 'state="frozen"' not in sheet_xml(path, sheet)]
    assert flowing == []


def test_a_formula_overwritten_in_a_corkscrew_fails_the_master_check(path: Path) -> None:
    sheet, row = rows(path)["tax_losses.unlevered"]
    read = Iron(path).set({(sheet, cell_name(row, FIRST + 40)): 1e9}).recalculated()
    assert failing(read) >= 1
    assert read("Cover", 1, 4) == "A check fails: see Checks"


def test_an_error_anywhere_fails_the_master_check(path: Path) -> None:
    sheet, row = rows(path)["revenue"]
    read = Iron(path).set({(sheet, cell_name(row, FIRST + 40)): "=1/0"}).recalculated()
    assert read("Inputs", 1, 3) == "A check fails: see Checks"


def test_a_figure_out_of_its_bounds_fails_the_master_check(path: Path) -> None:
    read = Iron(path).set({live_cell(path, "pue"): 0.5}).recalculated()
    assert failing(read) == 1


def test_a_base_figure_that_is_cleared_fails_the_master_check(path: Path) -> None:
    read = Iron(path).set({live_cell(path, "electricity_price"): ""}).recalculated()
    assert failing(read) == 1


def test_an_unknown_scenario_is_never_taken_for_the_base(path: Path) -> None:
    read = Iron(path).set({("Inputs", "D3"): "upsid"}).recalculated()
    assert read(*returns(path)["project_npv"]) == "#N/A"
    assert read("Cover", 1, 4) == "A check fails: see Checks"


def test_the_simulation_is_labelled_as_a_snapshot(case: Case, path: Path) -> None:
    said = {row[1]: row[2] for row in cells(path, "Simulation") if row[1]}
    assert (said["Paths"], said["Seed"], said["Design"], said["Scenario"]) == (f"{PATHS}", f"{SEED}", "sobol", "base")
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


def test_the_same_case_gives_the_same_sheets(case: Case, path: Path, shipped: Shipped, tmp_path: Path) -> None:
    again = tmp_path / "again.xlsx"
    case.to_excel(again, simulation=shipped.simulation)
    assert Stored(again).sheets == Stored(path).sheets
