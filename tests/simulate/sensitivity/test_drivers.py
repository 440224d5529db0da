"""What drives the bad tail: shifts of a median that are known, the threshold, both tails, what is left out."""

import math

import numpy as np
import pytest
from scipy.special import ndtri

from finmodel.errors import Faults
from finmodel.simulate.sensitivity.drivers import THRESHOLD, drivers
from tests.simulate.toys import BASE, PROJECT, project, run

PATHS = 40_000


def normal(seed):
    return ndtri((np.random.default_rng(seed).permutation(PATHS) + 0.5) / PATHS)


A, B = normal(1), normal(2)
INPUTS = [("a", "USD", 100.0 + 5.0 * A), ("b", "year", B)]


def test_the_worst_tenth_of_what_is_the_metric_has_its_fifth_percentile_for_a_median():
    found = drivers("value", A, "USD", INPUTS)
    row = found.table.loc["a"]
    assert row["shift"] == pytest.approx(float(ndtri(0.05)), abs=2e-3)
    assert row["median_of_worst"] == pytest.approx(100.0 + 5.0 * float(ndtri(0.05)), abs=0.01)
    assert (row["median"], row["unit"], row["drives"]) == (pytest.approx(100.0, abs=1e-3), "USD", True)
    assert (found.count, found.limit) == (4_000, pytest.approx(float(ndtri(0.1)), abs=1e-3))
    assert found.title == "where value is lowest (-1.281495 USD or less): 4,000 of 40,000 paths"


def test_what_has_no_part_in_it_does_not_shift():
    row = drivers("value", A, "USD", INPUTS).table.loc["b"]
    assert abs(row["shift"]) < 0.06
    assert not row["drives"]


def test_the_highest_tail_is_the_lowest_of_the_opposite():
    low = drivers("value", A, "USD", INPUTS)
    high = drivers("value", -A, "USD", INPUTS, tail="highest")
    assert high.table.equals(low.table)
    assert high.title.startswith("where value is highest (1.28")


def test_an_input_drives_beyond_half_a_standard_deviation():
    # y = r a + sqrt(1 - r^2) b is normal, and on its worst tenth a is about r times as far off as y, in the median
    for share, expected in ((0.2, False), (0.4, True)):
        value = share * A + math.sqrt(1.0 - share**2) * B
        row = drivers("value", value, "USD", INPUTS).table.loc["a"]
        assert bool(abs(row["shift"]) > THRESHOLD) is expected
        assert bool(row["drives"]) is expected
        assert row["shift"] == pytest.approx(-share * 1.75, abs=0.06)


def test_the_greatest_shift_comes_first_whatever_its_sign():
    inputs = [("b", "1", B), ("a", "1", -A)]
    found = drivers("value", A + 0.2 * B, "USD", inputs).table
    assert list(found.index) == ["a", "b"]
    assert found.loc["a", "shift"] > 0 > found.loc["b", "shift"]


def test_paths_without_the_metric_are_left_out_and_counted():
    gone = B > 1.0
    found = drivers("value", np.where(gone, math.nan, A), "USD", INPUTS)
    some = [(name, unit, draws[~gone]) for name, unit, draws in INPUTS]
    assert found.table.equals(drivers("value", A[~gone], "USD", some).table)
    assert f"{int(gone.sum()):,} paths without value are left out" in found.notes


def test_an_input_of_which_half_the_draws_are_alike_is_named():
    event = (B > 1.5).astype(float)
    found = drivers("value", A - event, "USD", [("a", "1", A), ("event", "1", event)])
    assert any(note.endswith("so that the median hardly moves: event") for note in found.notes)
    assert not any("hardly" in note for note in drivers("value", A, "USD", INPUTS).notes)


def test_an_input_that_does_not_vary_has_no_shift():
    row = drivers("value", A, "USD", [("a", "1", np.ones(PATHS))]).table.loc["a"]
    assert math.isnan(row["shift"])
    assert not row["drives"]


def test_every_argument_at_fault_is_named_at_once():
    with pytest.raises(Faults) as caught:
        drivers("value", np.full(10, math.nan), "USD", [], share=1.0, tail="worst")
    assert [fault.key for fault in caught.value.faults] == ["share", "tail", "value"]


def test_a_simulation_names_its_drivers():
    simulation = run(project(), PROJECT, BASE, paths=4_096, seed=7)
    found = simulation.drivers("project_npv", share=0.05)
    worst = simulation.metrics["project_npv"] <= simulation.metrics["project_npv"].quantile(0.05)
    prices = simulation.inputs["price"]
    expected = (prices[worst].median() - prices.median()) / prices.std()
    assert found.table.loc["price", "shift"] == pytest.approx(expected)
    assert found.table.loc["price", "drives"]
    assert found.table.loc["price", "unit"] == "USD"
    assert found.count == worst.sum()
    assert "project_npv is lowest" in str(found)
