"""Risk: what a loss is, how likely and how large, and how sure that is."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from finmodel.errors import Faults
from finmodel.simulate.designs import DESIGNS
from finmodel.simulate.risk import ALWAYS, DEFINITIONS, losses, probabilities, table
from finmodel.simulate.statistics import PERCENTILES, Sample, half_width
from tests.simulate.toys import HILLIERS_MEAN, HILLIERS_SD, drawn_again, hilliers_project

NAN = float("nan")
HUNDRED = np.arange(100.0) - 30.0
"""-30 to 69: thirty losses."""


def found(values, level=0.95, design="random"):
    return {name: estimate.value for name, estimate in losses(Sample(np.asarray(values), design), level).items()}


def test_a_loss_is_a_value_below_zero_and_zero_is_none():
    assert found(HUNDRED)["chance_of_loss"] == 0.3
    assert found(HUNDRED)["expected_loss_given_loss"] == 15.5


def test_value_at_risk_is_the_percentile_with_the_sign_of_a_loss():
    assert found(HUNDRED)["value_at_risk"] == -np.percentile(HUNDRED, 5)
    assert found(HUNDRED, 0.5)["value_at_risk"] == -np.percentile(HUNDRED, 50)
    assert found(HUNDRED + 100.0)["value_at_risk"] < 0.0


def test_conditional_value_at_risk_is_the_mean_of_the_worst_paths():
    assert found(HUNDRED)["conditional_value_at_risk"] == -np.mean([-30, -29, -28, -27, -26])


def test_a_path_on_the_edge_of_the_tail_counts_in_part():
    """5 % of 30 paths are one and a half."""
    values = np.arange(30.0) * 10.0 - 100.0
    assert found(values)["conditional_value_at_risk"] == pytest.approx((100.0 + 0.5 * 90.0) / 1.5, rel=1e-14)
    assert found(values[:10])["conditional_value_at_risk"] == pytest.approx(100.0, rel=1e-14)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60),
    st.floats(0.01, 0.99),
)
def test_conditional_value_at_risk_is_the_least_of_rockafellars_and_uryasevs_function(values, level):
    """Over every threshold c, c + mean(max(loss - c, 0)) / (1 - level); one of the losses is where it is least."""
    losses_of_paths = -np.array(values)
    tail = (100.0 - 100.0 * level) / 100.0
    least = min(c + np.maximum(losses_of_paths - c, 0.0).mean() / tail for c in losses_of_paths)
    conditional = found(values, level)["conditional_value_at_risk"]
    assert conditional == pytest.approx(least, rel=1e-9, abs=1e-6)
    assert conditional >= found(values, level)["value_at_risk"] - 1e-6


def test_without_a_loss_there_is_none_to_expect():
    assert found(HUNDRED + 30.0)["chance_of_loss"] == 0.0
    assert math.isnan(found(HUNDRED + 30.0)["expected_loss_given_loss"])


def test_a_path_without_the_metric_is_no_loss():
    values = np.where(np.arange(100) >= 50, NAN, HUNDRED)
    assert found(values)["chance_of_loss"] == 0.3
    assert found(values)["expected_loss_given_loss"] == 15.5
    assert found(values)["conditional_value_at_risk"] == pytest.approx((30 + 29 + 0.5 * 28) / 2.5, rel=1e-14)
    assert all(math.isnan(found([NAN, NAN])[name]) for name in DEFINITIONS if name != "chance_of_loss")


@pytest.mark.parametrize("level", [0.0, 1.0, 95, NAN])
def test_a_level_is_between_zero_and_one(level):
    with pytest.raises(Faults, match="level: not a level"):
        losses(Sample(HUNDRED, "random"), level)


EDGE = float(ndtri(0.05))
START = -HILLIERS_MEAN / HILLIERS_SD[4]
DENSITY = {z: math.exp(-z * z / 2) / math.sqrt(2 * math.pi) for z in (EDGE, START)}
TRUTHS = {
    "chance_of_loss": float(ndtr(START)),
    "expected_loss_given_loss": HILLIERS_SD[4] * DENSITY[START] / float(ndtr(START)) - HILLIERS_MEAN,
    "value_at_risk": -HILLIERS_MEAN - HILLIERS_SD[4] * EDGE,
    "conditional_value_at_risk": HILLIERS_SD[4] * DENSITY[EDGE] / 0.05 - HILLIERS_MEAN,
}
"""Of a net present value that is normal: the means of its truncated distribution."""


@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_hold_the_risk_of_hilliers_project_for_92_to_98_percent_of_200_seeds(design):
    drawn, covered = drawn_again(*hilliers_project()), Counter()
    for seed in range(200):
        values = drawn(design, 2_048, seed)
        for name, estimate in losses(Sample(values, design)).items():
            half = half_width(estimate.standard_error, values.size, design)
            covered[name] += abs(estimate.value - TRUTHS[name]) <= half
    assert {name: covered[name] for name in TRUTHS if not 184 <= covered[name] <= 196} == {}


def metrics(**values):
    named = {name: np.array(value) for name, value in values.items()}
    return probabilities(named.__getitem__, tuple(named), "random")


def test_an_event_is_told_by_its_metric():
    found = metrics(
        project_npv=[-1.0, 0.0, 1.0, 2.0],
        project_irr=[NAN, NAN, 0.1, 0.2],
        payback_years=[NAN, NAN, NAN, 9.0],
        first_covenant_breach=[NAN, NAN, NAN, 0.0],
        periods_in_default=[NAN, 0.0, 14.0, 2.0],
    )
    assert {name: estimate.value for name, estimate in found.items()} == {
        "project_npv_negative": 0.25,
        "project_irr_missing": 0.5,
        "payback_missing": 0.75,
        "covenant_breach": 0.25,
        "default": 0.5,
    }
    assert found["project_irr_missing"].standard_error == pytest.approx(math.sqrt(0.25 / 3), rel=1e-14)


def test_what_the_model_lacks_has_no_probability():
    found = metrics(project_npv=[1.0, 2.0])
    assert list(found) == list(ALWAYS)
    assert [name for name, estimate in found.items() if estimate is not None] == ["project_npv_negative"]


def test_the_table_says_of_each_figure_value_error_interval_unit_and_what_it_is():
    shown = table(Sample(HUNDRED, "random"), "USD", 0.9)
    assert list(shown.columns) == ["value", "standard_error", "half_width", "unit", "definition"]
    assert list(shown.index) == [
        "mean", "sd", *(f"p{percent}" for percent in PERCENTILES), "missing_share", *DEFINITIONS,
    ]  # fmt: skip
    assert shown.loc["p5", "definition"] == "5 % of paths lie below"
    assert shown.loc["value_at_risk", "definition"].startswith("shortfall below zero that 10 % of paths exceed")
    assert (shown.loc["chance_of_loss", "unit"], shown.loc["value_at_risk", "unit"]) == ("1", "USD")
    assert shown.loc["mean", "half_width"] == half_width(shown.loc["mean", "standard_error"], 100, "random")


def test_where_a_value_below_zero_is_no_loss_the_table_has_none():
    assert not set(table(Sample(HUNDRED, "random"), "month", None).index) & set(DEFINITIONS)
