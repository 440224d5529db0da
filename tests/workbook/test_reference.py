"""The cases of the book: what independent engines compute from a workbook is what Python computes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

import finmodel
from finmodel.case import Case, library
from tests.workbook.conftest import CASES, Shipped
from tests.workbook.spreadsheets import (
    FIRST,
    SCENARIO,
    TRIAL,
    Edits,
    Iron,
    Stored,
    cell_name,
    disagreements,
    failing,
    live_cell,
    office,
    returns,
    typed_row,
)

TYPED = {
    "rack_price": 2_400_000.0,
    "grid_energisation.first": 14.25,  # a date
    "hardware_life": 6.4,  # a life
    "contract_price": 4.1,
    "electricity_price": 38.0,
    "sweep_share": 0.3,
    "lock_up_dscr": 1.6,
    # terms of loans, for the cases that have them
    "gearing.building": 0.55,
    "debt_tenor.building": 9.4,
    "interest_margin.building": 0.041,
    "refinancing_date.building": 75.0,
    "refinancing_ratio.building": 1.2,
    "debt_reserve_months.hardware": 4.5,
    "balloon_share.hardware": 0.2,
    "hedged_share.hardware": 0.0,
}
EDITED = ("reference-1gw", "epoch-1gw")
"""Cases that LibreOffice recalculates with these figures too."""
REPLAYED = 10
"""Trials in each scenario."""


@pytest.fixture
def typed(case: Case) -> dict[str, float]:
    """Figures that are typed over the base, more than five."""
    found = {name: value for name, value in TYPED.items() if name in case.values}
    assert len(found) >= 5
    return found


def base_cells(path: Path, typed: dict[str, float]) -> Edits:
    """Where they are typed."""
    return {live_cell(path, name): value for name, value in typed.items()}


def some_trials(shipped: Shipped) -> Iterator[tuple[str, int]]:
    """Ten trials in each scenario, each time others."""
    numbers = sorted(shipped.trials)
    for at, scenario in enumerate(shipped.case.scenarios):
        turn = itertools.islice(itertools.cycle(numbers), at, None, max(1, len(numbers) // REPLAYED))
        yield from ((scenario, trial) for trial in itertools.islice(turn, REPLAYED))


def test_every_case_of_the_book_is_recalculated() -> None:
    assert sorted(CASES) == sorted(library("cases"))


def test_stored_values_are_those_of_python(shipped: Shipped, case: Case, path: Path) -> None:
    assert list(disagreements(path, case.model, case.evaluate().path, Stored(path))) == []
    assert any(math.isfinite(value) for value in case.evaluate().metrics)


def test_ironcalc_agrees_in_every_scenario(shipped: Shipped, case: Case, path: Path) -> None:
    iron = Iron(path)
    for chosen in ("", *case.scenarios):
        read = iron.set({SCENARIO: chosen}).recalculated()
        expected = case.scenario(chosen or "base").evaluate().path
        assert list(disagreements(path, case.model, expected, read)) == [], chosen
        assert failing(read) == 0


def test_ironcalc_agrees_on_ten_trials_in_every_scenario(shipped: Shipped, case: Case, path: Path) -> None:
    iron = Iron(path)
    for scenario, trial in some_trials(shipped):
        read = iron.set({SCENARIO: scenario, TRIAL: trial}).recalculated()
        assert list(disagreements(path, case.model, shipped.python(scenario, trial), read)) == [], (scenario, trial)
        assert failing(read) == 0, (scenario, trial)


def test_ironcalc_agrees_after_figures_are_edited(
    shipped: Shipped, case: Case, path: Path, typed: dict[str, float]
) -> None:
    iron = Iron(path).set(base_cells(path, typed))
    before, expected = case.evaluate(), case.with_values(**typed).evaluate()
    read = iron.recalculated()
    assert list(disagreements(path, case.model, expected.path, read)) == []
    assert failing(read) == 0
    for name in ("project_irr", "payback_years", "equity_irr"):
        assert read(*returns(path)[name]) != before.metrics[name]
    for scenario in case.scenarios[1:]:
        read = iron.set({SCENARIO: scenario}).recalculated()
        assert list(disagreements(path, case.model, shipped.python(scenario, typed=typed), read)) == [], scenario


def test_ironcalc_agrees_on_trials_after_figures_are_edited(
    shipped: Shipped, case: Case, path: Path, typed: dict[str, float]
) -> None:
    iron = Iron(path).set(base_cells(path, typed))
    for scenario, trial in ((case.scenarios[0], 1), (case.scenarios[-1], max(shipped.trials))):
        read = iron.set({SCENARIO: scenario, TRIAL: trial}).recalculated()
        assert list(disagreements(path, case.model, shipped.python(scenario, trial, typed), read)) == [], trial


def test_a_trial_of_the_simulated_case_is_the_path_of_its_simulation(shipped: Shipped, case: Case) -> None:
    simulation = shipped.simulation
    for trial in (1, max(shipped.trials)):
        path = shipped.trials[trial]
        again = case.replay(path, simulation.paths, simulation.seed, simulation.design)
        found = shipped.python("base", trial).scalars
        for name in case.model.metrics:
            assert found[name] == pytest.approx(again.path.scalars[name], rel=0, abs=0, nan_ok=True)
            assert found[name] == pytest.approx(simulation.metrics[name].iloc[path], rel=0, abs=0, nan_ok=True)


def test_libreoffice_agrees_on_the_base_a_scenario_and_a_trial(
    shipped: Shipped, case: Case, path: Path, typed: dict[str, float], tmp_path: Path, libreoffice: str
) -> None:
    scenario, trial = case.scenarios[-1], sorted(shipped.trials)[len(shipped.trials) // 2]
    variants: list[tuple[Edits, str, int, dict[str, float]]] = [
        ({}, "base", 0, {}),
        ({SCENARIO: scenario}, scenario, 0, {}),
        ({TRIAL: trial}, "base", trial, {}),
    ]
    if len(case.scenarios) == 1:
        del variants[1]
    if case.name in EDITED:
        variants.append((base_cells(path, typed), "base", 0, typed))
    found = office(path, tmp_path, libreoffice, *(edits for edits, *_ in variants))
    for read, (_, *chosen) in zip(found, variants, strict=True):
        assert list(disagreements(path, case.model, shipped.python(*chosen), read)) == [], chosen
        assert failing(read) == 0


def test_every_cell_is_the_same_after_recalculation(shipped: Shipped, path: Path) -> None:
    """Also the cells that Python has no line for: workings, constants, checks."""
    iron = Iron(path).recalculated()
    for sheet, table in Stored(path).sheets.items():
        for number, stored in enumerate(table, 1):
            found = iron.run(sheet, number, 1, len(stored))
            if list(stored) != found:
                size = max((abs(value) for value in stored if isinstance(value, int | float)), default=0.0)
                for column, (value, again) in enumerate(zip(stored, found, strict=True), 1):
                    if isinstance(value, int | float):
                        assert again == pytest.approx(value, rel=0, abs=1e-9 * size), (sheet, number, column)
                    elif isinstance(value, str) and value:
                        assert again == value, (sheet, number, column)


@pytest.mark.parametrize("shipped", ["reference-1gw", "epoch-1gw"], indirect=True)
def test_figures_set_by_hand_are_the_base_and_hold_in_every_scenario(
    case: Case, typed: dict[str, float], tmp_path: Path
) -> None:
    fixed = case.with_values(**typed)
    path = tmp_path / "fixed.xlsx"
    fixed.to_excel(path)
    iron = Iron(path)
    for name in ("", *case.scenarios):
        read = iron.set({SCENARIO: name}).recalculated()
        expected = fixed.scenario(name or "base").evaluate().path
        assert list(disagreements(path, case.model, expected, read)) == [], name
    stored = Stored(path)
    for name in typed:
        for scenario in case.scenarios[1:]:
            sheet, place = live_cell(path, name, scenario)
            assert stored.at(sheet, place) is None


def test_a_scenario_is_shown_when_the_case_has_it_chosen(tmp_path: Path) -> None:
    case = finmodel.load("h200-10k").scenario("chip-delay")
    path = tmp_path / "chosen.xlsx"
    case.to_excel(path)
    assert list(disagreements(path, case.model, case.evaluate().path, Stored(path))) == []
    assert Stored(path).at(*SCENARIO) == "chip-delay"


@pytest.mark.parametrize("shipped", ["reference-1gw", "epoch-1gw"], indirect=True)
@pytest.mark.parametrize("trial", [0, 17, 4001])
def test_any_path_can_be_typed_into_the_file(case: Case, path: Path, trial: int) -> None:
    replayed = case.replay(trial, paths=8192, seed=3)
    edits = {live_cell(path, name): value for name, value in replayed.values.items() if value != case.values[name]}
    for name, shocks in replayed.path.shocks.items():
        sheet, row = typed_row(path, name)
        edits |= {(sheet, cell_name(row, FIRST + at)): float(shock) for at, shock in enumerate(shocks)}
    read = Iron(path).set(edits).recalculated()
    assert list(disagreements(path, case.model, replayed.path, read)) == []
