"""Correlations and regressions of a sample: what a linear relation gives, and when they tell little."""

import math

import numpy as np
import pytest

from finmodel.errors import Faults
from finmodel.simulate.sensitivity.ranks import ranks
from finmodel.simulate.sensitivity.regression import regression
from finmodel.simulate.sensitivity.sample import sensitivities
from tests.simulate.toys import BASE, PROJECT, project, run


def draws(count=3, paths=4_000, seed=1):
    return np.random.default_rng(seed).normal(size=(count, paths))


def test_a_linear_relation_is_described_whole():
    x = draws()
    y = 4.0 + 3.0 * x[0] - 2.0 * x[1]
    found = regression(x, y)
    assert found.r_squared == pytest.approx(1.0, abs=1e-12)
    expected = np.array([3.0, -2.0, 0.0]) * x.std(axis=1) / y.std()
    assert found.coefficients == pytest.approx(expected, abs=1e-12)


def test_coefficients_and_r_squared_are_those_of_least_squares():
    x = draws()
    y = np.exp(x[0]) + x[1] * x[2] + draws(1, seed=2)[0]
    standard = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
    target = (y - y.mean()) / y.std()
    expected, residue, *_ = np.linalg.lstsq(standard.T, target)
    found = regression(x, y)
    assert found.coefficients == pytest.approx(expected, abs=1e-12)
    assert found.r_squared == pytest.approx(1.0 - residue[0] / target.size, abs=1e-12)


def test_a_coefficient_parts_what_correlated_inputs_do():
    x = draws(2)
    bystander = 0.8 * x[0] + 0.6 * x[1]
    found = sensitivities(x[0].copy(), {"cause": x[0], "bystander": bystander})
    assert found.loc["bystander", "rank_correlation"] > 0.7
    assert found.loc["bystander", "coefficient"] == pytest.approx(0.0, abs=1e-12)
    assert found.loc["cause", "coefficient"] == pytest.approx(1.0, abs=1e-12)


def test_ranks_see_a_rising_relation_of_any_shape():
    x = draws(1)
    found = sensitivities(np.exp(4.0 * x[0]), {"a": x[0]})
    assert found.loc["a", "rank_r_squared"] == pytest.approx(1.0, abs=1e-12)
    assert found.loc["a", "rank_coefficient"] == pytest.approx(1.0, abs=1e-12)
    assert found.loc["a", "r_squared"] < 0.3
    (note,) = found.attrs["notes"]
    assert note.startswith("R² of values is 0.")
    assert "below 0.7" in note


def test_a_hill_is_described_by_neither_which_is_said():
    x = draws(1)
    found = sensitivities(x[0] ** 2, {"a": x[0]})
    assert len(found.attrs["notes"]) == 2
    assert all("tell little" in note for note in found.attrs["notes"])


def test_a_relation_that_is_well_described_needs_no_note():
    x = draws()
    assert sensitivities(x[0] + x[1] + x[2], dict(zip("abc", x, strict=True))).attrs["notes"] == []


def test_the_strongest_comes_first_and_rank_columns_are_those_of_the_ranks():
    x = draws()
    y = x[2] - 5.0 * x[1] ** 3
    found = sensitivities(y, dict(zip("abc", x, strict=True)))
    assert list(found.index[:2]) == ["b", "c"]
    by_rank = regression(np.array([ranks(row) for row in x]), ranks(y))
    assert found.loc[["a", "b", "c"], "rank_coefficient"].tolist() == by_rank.coefficients.tolist()
    assert set(found["rank_r_squared"]) == {by_rank.r_squared}


def test_paths_without_the_metric_are_left_out():
    x = draws()
    y = x[0] - x[1]
    gone = x[2] > 0.5
    expected = sensitivities(y[~gone], dict(zip("abc", x[:, ~gone], strict=True)))
    assert sensitivities(np.where(gone, math.nan, y), dict(zip("abc", x, strict=True))).equals(expected)


def test_an_input_that_does_not_vary_has_no_coefficient_and_takes_none_from_the_others():
    x = draws()
    x[1] = 7.0
    found = regression(x, 2.0 * x[0])
    assert np.isnan(found.coefficients).tolist() == [False, True, False]
    assert found.r_squared == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (draws(), np.full(4_000, 2.0)),
        (draws(3, 4), draws(1, 4, 2)[0]),
        (np.repeat(draws(1), 2, axis=0), draws(1, seed=3)[0]),
        (np.full((2, 50), 1.0), draws(1, 50)[0]),
        (np.empty((0, 50)), draws(1, 50)[0]),
        (np.empty((2, 0)), np.empty(0)),
    ],
    ids=["no variance", "too few paths", "twins", "constants", "no inputs", "no paths"],
)
def test_there_is_no_regression_where_nothing_can_be_told_apart(x, y):
    found = regression(x, y)
    assert math.isnan(found.r_squared)
    assert np.isnan(found.coefficients).all()


def test_a_metric_that_no_path_has_gives_a_table_of_nothing_and_a_word():
    found = sensitivities(np.full(40, math.nan), dict(zip("ab", draws(2, 40), strict=True)))
    assert found.isna().all().all()
    assert found.attrs["notes"][0].startswith("no regression of ranks: too few paths")


# As a simulation tells it


@pytest.fixture(scope="module")
def simulation():
    return run(project(), PROJECT, BASE, paths=2_048, seed=7)


def test_a_simulation_tells_correlations_and_coefficients_side_by_side(simulation):
    found = simulation.sensitivity("margin")
    assert list(found.columns) == [
        "rank_correlation", "rank_coefficient", "rank_r_squared", "coefficient", "r_squared",
    ]  # fmt: skip
    assert set(found.index) == set(simulation.uncertain)
    alone = regression(simulation.inputs.to_numpy().T, simulation.result("margin"))
    assert found.loc[list(simulation.uncertain), "coefficient"].to_numpy() == pytest.approx(alone.coefficients)
    assert 0.0 < found["r_squared"].iloc[0] < 1.0


def test_a_long_run_is_told_by_its_first_paths(simulation, monkeypatch):
    monkeypatch.setattr("finmodel.simulate.simulation.PATHS_AT_MOST", 512)
    short = run(project(), PROJECT, BASE, paths=512, seed=7)
    assert simulation.sensitivity().equals(short.sensitivity())
    found = simulation.drivers()
    assert found.table.equals(short.drivers().table)
    assert "from the first 512 of 2,048 paths" in found.notes
    with pytest.raises(Faults, match="no such metric"):
        simulation.drivers("valeu")
