"""Statistics: percentiles, missing values, and standard errors that say how far an estimate is off."""

import math

import numpy as np
import pytest
from scipy.special import ndtri

from finmodel.simulate.designs import DESIGNS, uniforms
from finmodel.simulate.statistics import PERCENTILES, half_width, standard_error, summarise

NAN = float("nan")


def test_percentiles_interpolate_linearly_between_order_statistics():
    found = summarise(np.array([40.0, 10.0, 30.0, 20.0]), "random")
    assert found["p50"] == 25.0
    assert found["p25"] == pytest.approx(17.5, rel=1e-15)
    assert found["p90"] == pytest.approx(37.0, rel=1e-15)
    assert found["mean"] == 25.0
    assert found["sd"] == pytest.approx(math.sqrt(500 / 3), rel=1e-15)


def test_the_summary_has_its_columns_in_order():
    assert list(summarise(np.arange(64.0), "sobol")) == [
        "mean", "sd", "standard_error", *(f"p{percent}" for percent in PERCENTILES), "missing_share",
    ]  # fmt: skip


def test_missing_paths_are_left_out_and_counted():
    values = np.arange(100.0)
    values[::4] = NAN
    found, rest = summarise(values, "random"), summarise(values[~np.isnan(values)], "random")
    assert found["missing_share"] == 0.25
    assert {**found, "missing_share": 0.0} == rest


def test_the_share_of_missing_paths_is_exact():
    assert summarise(np.array([NAN] * 3 + [1.0] * 7), "random")["missing_share"] == 0.3


def test_a_metric_missing_on_every_path_has_no_figures():
    found = summarise(np.full(64, NAN), "sobol")
    assert found.pop("missing_share") == 1.0
    assert all(math.isnan(value) for value in found.values())


def test_one_path_has_a_mean_and_no_spread():
    found = summarise(np.array([3.0]), "sobol")
    assert found["mean"] == found["p1"] == found["p99"] == 3.0
    assert math.isnan(found["sd"])
    assert math.isnan(found["standard_error"])
    assert math.isnan(half_width(1.0, 1, "sobol"))


def test_the_standard_error_of_random_paths_is_sd_over_root_n():
    values = np.random.default_rng(1).normal(size=1_000)
    assert standard_error(values, "random") == pytest.approx(values.std(ddof=1) / math.sqrt(1_000), rel=1e-14)


@pytest.mark.parametrize("design", ["sobol", "lhs"])
def test_the_standard_error_of_replicates_is_the_spread_of_their_means(design):
    values = np.random.default_rng(1).normal(size=16 * 50)
    means = values.reshape(50, 16).mean(axis=0)
    assert standard_error(values, design) == pytest.approx(means.std(ddof=1) / 4.0, rel=1e-12)


def test_replicates_without_the_metric_do_not_count():
    values = np.random.default_rng(1).normal(size=16 * 50)
    values[3::16] = NAN
    means = np.delete(values.reshape(50, 16), 3, axis=1).mean(axis=0)
    assert standard_error(values, "sobol") == pytest.approx(means.std(ddof=1) / math.sqrt(15), rel=1e-12)


def test_below_32_paths_the_spread_of_paths_stands_in_for_that_of_replicates():
    values = np.random.default_rng(1).normal(size=31)
    assert standard_error(values, "sobol") == standard_error(values, "random")


def test_intervals_take_students_t_with_15_degrees():
    assert half_width(2.0, 65_536, "sobol") == pytest.approx(2.0 * 2.131449545559323, rel=1e-12)
    assert half_width(2.0, 65_536, "random") == pytest.approx(2.0 * 1.95998, rel=1e-4)


def option_value(u: np.ndarray) -> np.ndarray:
    """Something like a project: a convex payoff of three normals."""
    z = ndtri(u)
    return np.maximum(np.exp(0.4 * z[0] + 0.2 * z[1]) - 0.9 - 0.1 * z[2], 0.0)


@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_hold_the_truth_for_92_to_98_percent_of_200_seeds(design):
    truth = option_value(uniforms("sobol", 2**20, 3, seed=999)).mean()
    covered = 0
    for seed in range(200):
        values = option_value(uniforms(design, 2_048, 3, seed))
        covered += abs(values.mean() - truth) <= half_width(standard_error(values, design), values.size, design)
    assert 0.92 <= covered / 200 <= 0.98
