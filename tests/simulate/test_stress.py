"""Stress: held inputs stay in their region, what depends on them follows, nothing else moves."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr, ndtri

from finmodel.assumptions.range import Range
from finmodel.errors import Faults
from finmodel.simulate.dependence import correlate
from finmodel.simulate.designs import DESIGNS, uniforms
from finmodel.simulate.distributions import ppf
from finmodel.simulate.stress import holding, stress
from tests.simulate.subjects import COEFFICIENTS, RANGES, linear_subject, subject
from tests.simulate.toys import BASE, PROJECT, project, run


def scores(examined, paths=4_096, seed=1, design="sobol"):
    u = uniforms(design, paths, len(examined.dimensions), seed)
    return correlate(ndtri(u), examined.correlation)


def held(examined, z, regions):
    """The scores with some held in their regions."""
    moved = z.copy()
    holding(examined, regions)(moved, range(len(z)))
    return moved


def test_a_held_input_fills_its_region_as_its_range_does_there():
    found = stress(linear_subject(), {"c": (0.8, 1.0)}, paths=4_096, seed=1)
    drawn = found.inputs["c"].to_numpy()
    low = float(ppf(RANGES["c"], 0.8))
    assert drawn.min() >= low
    within = (ndtr((drawn - 4.0) / 8.0) - 0.8) / 0.2
    assert stats.kstest(within, "uniform").statistic < 0.02


@pytest.mark.parametrize("design", DESIGNS)
def test_unstressed_it_is_the_simulation(design):
    found = stress(subject(project(), PROJECT, BASE), {"cost": (0.5, 1.0)}, paths=320, seed=3, design=design)
    simulated = run(project(), PROJECT, BASE, paths=320, seed=3, design=design)
    assert found.unstressed.equals(simulated.metrics)
    assert not found.stressed.equals(simulated.metrics)


def test_what_is_independent_stays_to_the_last_bit():
    examined = linear_subject({(0, 1): 0.5})
    z = scores(examined)
    moved = held(examined, z, {"c": (0.1, 0.3)})
    assert np.array_equal(moved[:2], z[:2])
    moved = held(examined, z, {"a": (0.1, 0.3)})
    assert np.array_equal(moved[2], z[2])
    assert not np.any(moved[1] == z[1])


def test_a_rank_is_kept_within_the_region():
    z = scores(linear_subject())
    moved = held(linear_subject(), z, {"b": (0.2, 0.6)})
    assert np.array_equal(np.argsort(z[1]), np.argsort(moved[1]))


def test_a_correlated_input_is_as_it_is_on_the_paths_where_the_other_lies_in_the_region():
    examined = linear_subject({(0, 2): 0.6, (0, 1): -0.4})
    z = scores(examined, paths=65_536)
    there = z[:, ndtr(z[0]) >= 0.8]
    moved = held(examined, z, {"a": (0.8, 1.0)})
    for place in (1, 2):
        assert moved[place].mean() == pytest.approx(there[place].mean(), abs=0.01)
        assert moved[place].std() == pytest.approx(there[place].std(), abs=0.01)
    assert np.corrcoef(moved) == pytest.approx(np.corrcoef(there), abs=0.02)


def test_independent_inputs_held_together_give_the_paths_on_which_both_lie_there():
    examined = linear_subject({(0, 2): 0.6, (1, 2): 0.5})
    z = scores(examined, paths=65_536)
    there = z[:, (ndtr(z[0]) >= 0.7) & (ndtr(z[1]) <= 0.5)]
    moved = held(examined, z, {"a": (0.7, 1.0), "b": (0.0, 0.5)})
    assert moved[2].mean() == pytest.approx(there[2].mean(), abs=0.02)
    assert moved[2].std() == pytest.approx(there[2].std(), abs=0.02)


def test_correlated_inputs_held_together_each_fill_their_region_and_keep_their_rank_correlation():
    examined = linear_subject({(0, 1): 0.5})
    z = scores(examined)
    moved = held(examined, z, {"a": (0.5, 1.0), "b": (0.5, 1.0)})
    for place in (0, 1):
        assert stats.kstest(2.0 * ndtr(moved[place]) - 1.0, "uniform").statistic < 0.02
    assert stats.spearmanr(*moved[:2]).statistic == pytest.approx(stats.spearmanr(*z[:2]).statistic, abs=1e-12)


def test_the_whole_range_is_no_stress():
    examined = linear_subject({(0, 1): 0.5})
    z = scores(examined)
    assert held(examined, z, {"a": (0.0, 1.0)}) == pytest.approx(z, abs=1e-9)


def test_tails_keep_their_digits():
    examined = linear_subject()
    z = np.array([[-8.0, 0.0, 8.0]] * 3)
    moved = held(examined, z, {"a": (0.0, 0.5), "b": (0.5, 1.0)})
    assert moved[0] == pytest.approx([ndtri(0.5 * ndtr(-8.0)), ndtri(0.25), 0.0], abs=1e-9)
    assert moved[1] == pytest.approx([0.0, ndtri(0.75), -ndtri(0.5 * ndtr(-8.0))], abs=1e-9)


def test_the_difference_of_a_linear_model_is_known_and_its_interval_holds_it():
    found = stress(linear_subject(), {"a": (0.9, 1.0)}, paths=4_096, seed=1)
    beyond = 2.0 * math.exp(-0.5 * ndtri(0.9) ** 2) / math.sqrt(2.0 * math.pi) / 0.1
    row = found.table.loc["value"]
    assert abs(row["difference"] - COEFFICIENTS["a"] * beyond) <= row["half_width"] < 0.2
    assert row["difference"] == pytest.approx(row["mean_stressed"] - row["mean"])
    assert row["p50_stressed"] == pytest.approx(found.stressed["value"].median())
    assert (row["unit"], row["missing_share"], row["missing_share_stressed"]) == ("USD", 0.0, 0.0)


def test_the_same_paths_make_a_difference_sharper_than_either_mean():
    found = stress(subject(project(), PROJECT, BASE), {"outlay": (0.5, 1.0)}, paths=1_024, seed=1)
    apart = found.stressed["project_npv"] - found.unstressed["project_npv"]
    assert apart.std() < 0.2 * found.stressed["project_npv"].std()


def test_what_follows_and_what_is_held_together_is_said():
    tied = linear_subject({(0, 1): 0.5})
    assert "these follow, being correlated: b" in stress(tied, {"a": (0.5, 1.0)}, paths=64).notes
    both = stress(tied, {"a": (0.5, 1.0), "b": (0.5, 1.0)}, paths=64)
    assert "a, b are correlated: each fills its region and they keep their copula" in both.notes
    assert both.title.startswith("a between its quantiles 0.5 and 1, b between")
    assert len(stress(linear_subject(), {"a": (0.5, 1.0)}, paths=64).notes) == 1


@pytest.mark.parametrize(
    "region", [(0.5, 0.5), (0.9, 0.1), (-0.1, 0.5), (0.5, 1.1), (0.5,), 0.5, ("0", "1"), (0, True), (math.nan, 1.0)]
)
def test_what_is_no_region_is_a_fault(region):
    with pytest.raises(Faults, match="a: is no region"):
        stress(linear_subject(), {"a": region}, paths=64)


def test_every_stress_at_fault_is_named_at_once():
    with pytest.raises(Faults) as caught:
        stress(linear_subject(c=4.0), {"a": (2.0, 3.0), "bb": (0.0, 0.5), "c": (0.0, 0.5)}, paths=64)
    assert [fault.key for fault in caught.value.faults] == ["a", "bb", "c"]
    with pytest.raises(Faults, match="nothing is stressed"):
        stress(linear_subject(), {}, paths=64)
    with pytest.raises(Faults, match="no such design"):
        stress(linear_subject(), {"a": (0.0, 0.5)}, paths=64, design="halton")


def test_data_held_in_a_region_are_those_of_the_region_and_data_that_follow_follow():
    data = Range("empirical", tuple(float(value) for value in range(1, 11)))
    examined = linear_subject({(0, 1): 0.6}, a=data, b=data)
    held_high = stress(examined, {"a": (0.85, 1.0)}, paths=1_600, seed=1)
    assert set(held_high.inputs["a"]) == {9.0, 10.0}
    followed = stress(examined, {"b": (0.8, 1.0)}, paths=1_600, seed=1)
    there = examined.sample(1_600, 1, "sobol")
    expected = there[0, there[1] >= 9.0].mean()
    of_a = (followed.stressed["value"] + 2.0 * followed.inputs["b"] - 0.5 * there[2]) / 3.0
    assert of_a.mean() == pytest.approx(expected, abs=0.2)
    assert expected > examined.sample(1_600, 1, "sobol")[0].mean() + 1.0
