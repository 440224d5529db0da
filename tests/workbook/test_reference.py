"""The real cases: what independent engines compute from the workbook is what Python computes, in every scenario."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

import finmodel
from finmodel.case import Case, library
from tests.workbook.spreadsheets import FIRST, Iron, cell_name, cells, disagreements, keys, live_cell, office

CASES = ("reference-1gw", "epoch-1gw")
OTHERS = ("rubin-1gw", "italy-100k-gpu", "regional-100mw", "provider-10mw", "single-rack", "h200-10k")
EDITS = {
    "rack_price": 2_400_000.0,
    "grid_energisation.first": 14.25,  # a date
    "hardware_life": 6.4,  # a life
    "contract_price": 4.1,
    "electricity_price": 38.0,
    "sweep_share": 0.3,
    "lock_up_dscr": 1.6,
}
LOANS = {
    "gearing.building": 0.55,
    "debt_tenor.building": 9.4,
    "interest_margin.building": 0.041,
    "refinancing_date.building": 75.0,
    "refinancing_ratio.building": 1.2,
    "debt_reserve_months.hardware": 4.5,
    "balloon_share.hardware": 0.2,
    "hedged_share.hardware": 0.0,
}
"""Terms of loans, for the cases that have them."""
SCENARIO = ("Inputs", "D3")


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    """A case of the book."""
    return finmodel.load(request.param)


@pytest.fixture(scope="module")
def path(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its workbook."""
    written = tmp_path_factory.mktemp(case.name) / "workbook.xlsx"
    case.to_excel(written)
    return written


@pytest.fixture(scope="module")
def edits(case: Case) -> dict[str, float]:
    """Figures to be typed in."""
    return EDITS | {name: value for name, value in LOANS.items() if name in case.values}


def scenarios(case: Case) -> Iterator[tuple[str, Case]]:
    """What the dropdown offers, and the case it stands for."""
    yield "", case
    for name in case.scenarios:
        yield name, case.scenario(name)


def test_ironcalc_agrees_in_every_scenario(case: Case, path: Path) -> None:
    iron = Iron(path)
    for name, chosen in scenarios(case):
        read = iron.set({SCENARIO: name}).recalculated()
        assert list(disagreements(path, case.model, chosen.evaluate().path, read)) == [], name
        assert read("Checks", 3, 4) == 0


@pytest.mark.parametrize("name", OTHERS)
def test_ironcalc_agrees_on_the_other_cases_in_every_scenario(name: str, tmp_path: Path) -> None:
    case, path = finmodel.load(name), tmp_path / "workbook.xlsx"
    case.to_excel(path)
    test_ironcalc_agrees_in_every_scenario(case, path)


@pytest.mark.parametrize("name", [*CASES, *OTHERS])
def test_libreoffice_agrees_on_each_case_in_two_scenarios(name: str, tmp_path: Path, libreoffice: str) -> None:
    case, path = finmodel.load(name), tmp_path / "workbook.xlsx"
    case.to_excel(path)
    for scenario in dict.fromkeys((case.scenarios[0], case.scenarios[-1])):
        read = office(path, tmp_path, libreoffice, {SCENARIO: scenario})
        assert list(disagreements(path, case.model, case.scenario(scenario).evaluate().path, read)) == [], scenario
        assert read("Checks", 3, 4) == 0


def test_every_case_of_the_book_is_recalculated() -> None:
    assert sorted((*CASES, *OTHERS)) == sorted(library("cases"))


def test_edited_figures_move_the_recalculated_file(
    case: Case, path: Path, edits: dict[str, float], tmp_path: Path, libreoffice: str
) -> None:
    typed = {live_cell(path, name): value for name, value in edits.items()}
    expected = case.with_values(**edits).evaluate()
    before = case.evaluate()
    for read in (Iron(path).set(typed).recalculated(), office(path, tmp_path, libreoffice, typed)):
        assert list(disagreements(path, case.model, expected.path, read)) == []
        for name in ("project_irr", "payback_years", "equity_irr"):
            found = read("Returns", keys(path, "Returns")[name], 4)
            assert isinstance(found, float)
            assert found != before.metrics[name]


def test_figures_set_by_hand_are_the_base_and_hold_in_every_scenario(
    case: Case, edits: dict[str, float], tmp_path: Path
) -> None:
    fixed = case.with_values(**edits)
    path = tmp_path / "fixed.xlsx"
    fixed.to_excel(path)
    iron = Iron(path)
    for name, chosen in scenarios(fixed):
        read = iron.set({SCENARIO: name}).recalculated()
        assert list(disagreements(path, case.model, chosen.evaluate().path, read)) == [], name
    for name in edits:
        for scenario in case.scenarios[1:]:
            sheet, place = live_cell(path, name, scenario)
            assert openpyxl.load_workbook(path)[sheet][place].value is None


def test_a_scenario_is_shown_when_the_case_has_it_chosen(case: Case, tmp_path: Path) -> None:
    path, chosen = tmp_path / "chosen.xlsx", case.scenario(case.scenarios[-1])
    chosen.to_excel(path)
    stored = {sheet: cells(path, sheet) for sheet in ("Calculations", "Returns")}
    evaluation = chosen.evaluate().path
    assert not list(
        disagreements(path, case.model, evaluation, lambda sheet, row, column: stored[sheet][row - 1][column - 1])
    )
    assert openpyxl.load_workbook(path)["Inputs"]["D3"].value.lower() == case.scenarios[-1]


def test_stored_values_are_those_of_python(case: Case, path: Path) -> None:
    stored = {sheet: cells(path, sheet) for sheet in ("Calculations", "Returns")}
    evaluation = case.evaluate().path
    assert not list(
        disagreements(path, case.model, evaluation, lambda sheet, row, column: stored[sheet][row - 1][column - 1])
    )
    assert any(math.isfinite(value) for value in case.evaluate().metrics)


def test_every_cell_is_the_same_after_recalculation(path: Path) -> None:
    """Also the cells that Python has no line for: workings, constants, checks."""
    read = Iron(path).recalculated()
    for sheet in openpyxl.load_workbook(path, read_only=True).sheetnames:
        for number, row in enumerate(cells(path, sheet), 1):
            numbers = [abs(value) for value in row if isinstance(value, int | float)]
            for column, value in enumerate(row, 1):
                found = read(sheet, number, column)
                if isinstance(value, int | float):
                    assert found == pytest.approx(value, rel=0, abs=1e-9 * max(numbers)), (sheet, number, column)
                elif isinstance(value, str) and value:
                    assert found == value, (sheet, number, column)


@pytest.mark.parametrize("trial", [0, 17, 4001])
def test_a_replayed_path_can_be_typed_into_the_file(case: Case, path: Path, trial: int) -> None:
    replayed = case.replay(trial, paths=8192, seed=3)
    rows = keys(path, "Calculations")
    edits = {live_cell(path, name): value for name, value in replayed.values.items() if value != case.values[name]}
    for name, shocks in replayed.path.shocks.items():
        places = (cell_name(rows[name], FIRST + period) for period in range(len(shocks)))
        edits |= {("Calculations", place): float(shock) for place, shock in zip(places, shocks, strict=True)}
    read = Iron(path).set(edits).recalculated()
    assert list(disagreements(path, case.model, replayed.path, read)) == []
