"""Trials: what a workbook shows of the simulation it was written with, and what it says when that no longer holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import finmodel
from finmodel.case import Case
from finmodel.errors import Faults
from finmodel.graph import line
from finmodel.report.trials import MOST, Trials
from finmodel.simulate.simulation import Simulation
from tests.workbook.spreadsheets import SCENARIO, TRIAL, Iron, cells, failing, live_cell, typed_row

STATE = ("Replay", 5, 4)
CHANGED = "Changed since"
RANKED = "project_npv"


@pytest.fixture(scope="module")
def case() -> Case:
    """A case that in some scenarios never pays back, though on some paths it does."""
    return finmodel.load("single-rack").with_values(gpu_hour_price=2.2)


@pytest.fixture(scope="module")
def simulation(case: Case) -> Simulation:
    """Its paths."""
    return case.simulate(paths=64, seed=3)


@pytest.fixture(scope="module")
def path(case: Case, simulation: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its workbook."""
    written = tmp_path_factory.mktemp("replay") / "workbook.xlsx"
    case.to_excel(written, simulation=simulation)
    return written


def test_the_base_lacks_a_metric_that_some_paths_have(case: Case, simulation: Simulation) -> None:
    missing = case.evaluate().metrics.isna()
    assert (missing & simulation.metrics.notna().any()).any()


def test_every_trial_agrees_with_the_simulation(path: Path) -> None:
    iron = Iron(path)
    for trial in range(1, 65):
        read = iron.set({TRIAL: trial}).recalculated()
        assert (read(*STATE), failing(read)) == ("agrees", 0), trial


def test_without_a_trial_nothing_is_compared(path: Path) -> None:
    read = Iron(path).recalculated()
    assert read(*STATE) == "no trial is shown"


@pytest.mark.parametrize("trial", [1.5, -1.0, 65.0, 64.001, "TRUE", "abc"])
def test_a_trial_that_there_is_not_fails_a_check(path: Path, trial: float | str) -> None:
    assert failing(Iron(path).set({TRIAL: trial}).recalculated()) >= 1


def test_a_cleared_trial_is_none(path: Path) -> None:
    read = Iron(path).set({TRIAL: ""}).recalculated()
    assert (read(*STATE), failing(read)) == ("no trial is shown", 0)


def test_an_edit_or_another_scenario_cannot_be_compared(case: Case, path: Path) -> None:
    for edits in (
        {live_cell(path, "pue"): 1.4},
        {live_cell(path, "pue", case.scenarios[1]): 1.4},
        {SCENARIO: case.scenarios[1]},
    ):
        read = Iron(path).set({TRIAL: 7, **edits}).recalculated()
        assert (read(*STATE), failing(read)) == ("not comparable", 0), edits


def test_typed_shocks_are_counted_and_said_on_every_sheet(case: Case, path: Path) -> None:
    shock = next(iter(case.model.shocks))
    sheet, row = typed_row(path, shock)
    read = Iron(path).set({(sheet, f"J{row}"): 1.0, (sheet, f"L{row}"): -1.0, TRIAL: 3}).recalculated()
    assert read(*STATE) == "not comparable"
    logged = next(n for n, entries in enumerate(cells(path, "Change log"), 1) if CHANGED in entries)
    assert read("Change log", logged, 4) == 2
    assert "2 changed since export" in read("Inputs", 3, 5)


def test_a_scenario_figure_out_of_bounds_fails_a_check_though_it_is_not_shown(case: Case, path: Path) -> None:
    assert failing(Iron(path).set({live_cell(path, "pue", case.scenarios[1]): 0.5}).recalculated()) == 1


def test_trials_stand_at_even_percentiles_from_worst_to_best() -> None:
    simulation = finmodel.load("single-rack").simulate(paths=4096, seed=3)
    trials = Trials.of(simulation, RANKED)
    assert trials is not None
    values = simulation.result(RANKED)
    found = values[list(trials.paths)]
    assert len(trials) == MOST
    assert (found[0], found[-1]) == (values.min(), values.max())
    ranks = np.searchsorted(np.sort(values), found)
    for trial, percentile in ((11, 5.0), (101, 50.0), (191, 95.0)):
        assert abs(ranks[trial - 1] - percentile / 100.0 * 4095) <= 0.5
    names = {row[4]: row[1] for row in table_of(trials)}
    expected = {"worst": 1, "P5": 11, "P50, the median": 101, "P95": 191, "best": 201}
    assert {name: names[f"{name} of {RANKED}"] for name in expected} == expected


@pytest.mark.parametrize("paths", [1, 2, 3, 20])
def test_few_paths_bear_no_percentile_that_is_not_theirs(case: Case, paths: int) -> None:
    trials = Trials.of(case.simulate(paths=paths, design="random"), RANKED)
    assert trials is not None
    names = [str(row[4]) for row in table_of(trials)]
    assert len(names) == paths
    if paths == 1:
        assert names == ["the only path"]
    else:
        assert (names[0], names[-1]) == (f"worst of {RANKED}", f"best of {RANKED}")
        assert not any(name.startswith(("P5 ", "P95 ")) for name in names)


def table_of(trials: Trials) -> list[list[float | str]]:
    """Its rows as the sheet has them."""
    sheet = trials.table()
    rows = range(6, 6 + len(trials))
    return [[sheet.cells[row, column].content if column else "" for column in range(5)] for row in rows]


def test_a_simulation_of_another_model_ranges_or_scenario_is_refused(
    case: Case, simulation: Simulation, tmp_path: Path
) -> None:
    @line("USD")
    def electricity_cost(m):  # type: ignore[no-untyped-def]
        """Free."""
        return m.revenue * 0

    others = {
        "other lines: electricity_cost": case.with_lines(electricity_cost),
        "other figures: pue": case.with_values(pue=1.5),
        "other figures: pue;": case.with_ranges(pue={"uniform": [1.05, 1.2]}),
        "other figures: ": case.scenario(case.scenarios[1]),
    }
    for said, other in others.items():
        with pytest.raises(Faults, match="not one of this case") as found:
            other.to_excel(tmp_path / "other.xlsx", simulation=simulation)
        assert said in str(found.value)
    assert list(tmp_path.iterdir()) == []


def test_the_same_case_loaded_again_may_carry_the_simulation(
    case: Case, simulation: Simulation, tmp_path: Path
) -> None:
    again = finmodel.load("single-rack").with_values(gpu_hour_price=2.2)
    again.to_excel(tmp_path / "again.xlsx", simulation=simulation)
    assert (tmp_path / "again.xlsx").stat().st_size > 0
