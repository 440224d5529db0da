"""Statistics: percentiles, missing values, and standard errors that say how far an estimate is off."""

import math
from collections import Counter

import numpy as np
import pytest
from scipy.special import ndtri

from finmodel.simulate.designs import DESIGNS, uniforms
from finmodel.simulate.statistics import PERCENTILES, Sample, estimates, half_width, row_of, standard_error, summarise
from tests.simulate.toys import (
    BASE,
    HILLIERS_MEAN,
    HILLIERS_SD,
    PROJECT,
    drawn_again,
    hilliers_project,
    project,
)

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


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("paths", [1, 2, 5, 31, 64, 1_000])
def test_percentiles_are_numpys_to_the_last_bit(design, paths):
    values = np.random.default_rng(paths).normal(size=paths)
    found = [estimate.value for estimate in Sample(values, design).percentiles(PERCENTILES)]
    assert found == np.percentile(values, PERCENTILES).tolist()


def test_the_standard_error_of_a_percentile_is_that_of_its_share_over_the_density():
    """Of numbers spread evenly over 0 to 1 the density is 1; the variance of a share is p (1 - p) / n."""
    values = (np.arange(200_000) + 0.5) / 200_000
    for percent, estimate in zip(PERCENTILES, Sample(values, "random").percentiles(PERCENTILES), strict=True):
        share = percent / 100
        assert estimate.standard_error == pytest.approx(math.sqrt(share * (1 - share) / values.size), rel=1e-3)


def test_percentiles_of_stratified_paths_are_better_known_than_those_of_random_ones():
    values = {design: uniforms(design, 4_096, 1, seed=1)[0] for design in DESIGNS}
    (random,), (lhs,), (sobol,) = (Sample(values[d], d).percentiles([50]) for d in ("random", "lhs", "sobol"))
    assert max(lhs.standard_error, sobol.standard_error) < random.standard_error / 10


def test_a_metric_that_is_the_same_on_every_path_is_known_exactly():
    found = estimates(Sample(np.full(64, 3.0), "sobol"))
    assert {estimate.value for name, estimate in found.items() if name[0] in "mp" and name != "missing_share"} == {3.0}
    assert {estimate.standard_error for estimate in found.values()} == {0.0}
    assert found["sd"].value == found["missing_share"].value == 0.0


def test_what_two_paths_cannot_tell_has_no_standard_error():
    found = estimates(Sample(np.array([1.0]), "random"))
    assert (found["mean"].value, found["p50"].value) == (1.0, 1.0)
    assert all(math.isnan(estimate.standard_error) for estimate in found.values())


def test_the_summary_is_the_value_of_every_estimate():
    values = np.where(np.arange(1_000) % 7 == 0, NAN, np.random.default_rng(2).normal(size=1_000))
    found = estimates(Sample(values, "lhs"))
    assert summarise(values, "lhs") == row_of(found)
    assert row_of(found)["standard_error"] == found["mean"].standard_error


TRUTHS = {
    "mean": HILLIERS_MEAN,
    "sd": HILLIERS_SD[4],
    **{f"p{percent}": HILLIERS_MEAN + HILLIERS_SD[4] * float(ndtri(percent / 100)) for percent in (5, 25, 50, 95)},
}


@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_hold_hilliers_mean_sd_and_percentiles_for_92_to_98_percent_of_200_seeds(design):
    # Eighteen counts of 200 seeds: a true 95 % leaves 184 to 196 about once in twenty, so some ranges of seeds fail on
    # one of them. Over thousands of seeds the shares are 94 to 95 %.
    drawn, covered = drawn_again(*hilliers_project()), Counter()
    for seed in range(400, 600):
        values = drawn(design, 2_048, seed)
        found = estimates(Sample(values, design))
        for name, truth in TRUTHS.items():
            half = half_width(found[name].standard_error, values.size, design)
            covered[name] += abs(found[name].value - truth) <= half
    assert {name: covered[name] for name in TRUTHS if not 184 <= covered[name] <= 196} == {}


@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_hold_the_mean_of_a_wandering_price_for_92_to_98_percent_of_200_seeds(design):
    """The expectation of the walk is exp(volatility^2 t / 2); inputs and shocks do not depend on each other."""
    made, given = project(), {**PROJECT, "volatility": 0.2}
    years = np.arange(1, made.timeline.periods + 1) / 12
    price, volume = (8.0 + 4 * 10.0 + 14.0) / 6, (80.0 + 100.0 + 110.0) / 3
    running = price * volume * np.exp(0.2**2 / 2 * years) - 500.0
    truth = float((running * 1.1**-years).sum()) - 9_000.0  # the outlay is cut off 5.7 sd below its mean: 1e-5 USD
    drawn, covered = drawn_again(made, given, BASE), 0
    for seed in range(200):
        values = drawn(design, 2_048, seed)
        covered += abs(values.mean() - truth) <= half_width(standard_error(values, design), values.size, design)
    assert 184 <= covered <= 196


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("flows", [1, 4], ids=["flows move as one", "each flow by itself"])
def test_hilliers_mean_and_sd_lie_within_the_intervals_of_one_run(design, flows):
    sample = Sample(drawn_again(*hilliers_project(flows))(design, 16_384, 3), design)
    for estimate, truth in ((sample.mean(), HILLIERS_MEAN), (sample.sd(), HILLIERS_SD[flows])):
        reach = half_width(estimate.standard_error, sample.paths, design, level=0.999)
        assert abs(estimate.value - truth) <= reach + 1e-9 * abs(truth)


def test_hilliers_numbers_are_the_published_ones():
    assert (HILLIERS_MEAN, HILLIERS_SD[1]) == pytest.approx((2_679.461785, 6_339.730893), abs=1e-6)
