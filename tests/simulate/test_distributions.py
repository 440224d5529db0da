"""Distributions: scipy.stats as the judge of quantiles, moments and draws."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr, ndtri

from finmodel.assumptions.range import Range
from finmodel.simulate.designs import DESIGNS, uniforms
from finmodel.simulate.distributions import describe, mean, ppf, ppf_of_normal_scores, sd


def beta_of_pert(low: float, mode: float, high: float):
    width = high - low
    return stats.beta(1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width, low, width)


def lognormal(centre: float, spread: float):
    variance = math.log1p((spread / centre) ** 2)
    return stats.lognorm(math.sqrt(variance), scale=centre * math.exp(-variance / 2))


PERTS = [(0, 0, 1), (0, 1, 1), (0, 0.5, 1), (3000, 3500, 4200), (0, 0.02, 1), (-5, -4, 10), (2.9e6, 3.2e6, 4.5e6)]
UNTRUNCATED = [
    *((Range("pert", p), beta_of_pert(*p)) for p in PERTS),
    (Range("uniform", (2.0, 5.0)), stats.uniform(2, 3)),
    (Range("triangular", (10.0, 12.0, 20.0)), stats.triang(0.2, 10, 10)),
    (Range("triangular", (10.0, 10.0, 20.0)), stats.triang(0, 10, 10)),
    (Range("triangular", (10.0, 20.0, 20.0)), stats.triang(1, 10, 10)),
    (Range("normal", (3.0, 2.0)), stats.norm(3, 2)),
    (Range("lognormal", (3.0, 2.0)), lognormal(3, 2)),
    (Range("lognormal", (0.9, 0.01)), lognormal(0.9, 0.01)),
]
TRUNCATED = [
    (Range("pert", (0.0, 0.3, 1.0), 0.1, 0.8), beta_of_pert(0, 0.3, 1)),
    (Range("pert", (0.0, 0.0, 1.0), None, 0.5), beta_of_pert(0, 0, 1)),
    (Range("uniform", (2.0, 5.0), 2.5, 4.4), stats.uniform(2, 3)),
    (Range("triangular", (10.0, 12.0, 20.0), 11.0, 17.0), stats.triang(0.2, 10, 10)),
    (Range("normal", (3.0, 2.0), 0.0, None), stats.norm(3, 2)),
    (Range("normal", (3.0, 2.0), 1.0, 4.0), stats.norm(3, 2)),
    (Range("lognormal", (3.0, 2.0), 1.0, 9.0), lognormal(3, 2)),
]
SCORES = ndtri(
    np.concatenate([np.random.default_rng(1).random(20_000), [2.0**-53, 1e-9, 1e-6, 0.5, 1 - 1e-6, 1 - 2.0**-53]])
)


def shown(case) -> str:
    return str(case[0]) if isinstance(case, tuple) else str(case)


def width_of(given: Range) -> float:
    return float(np.ptp(ppf(given, np.array([0.001, 0.999]))))


@pytest.mark.parametrize(("given", "judge"), UNTRUNCATED, ids=shown)
def test_draws_are_scipys_quantiles_in_both_tails(given, judge):
    exact = np.where(SCORES < 0, judge.ppf(ndtr(SCORES)), judge.isf(ndtr(-SCORES)))
    assert np.max(np.abs(ppf_of_normal_scores(given, SCORES) - exact)) < 1e-12 * max(
        width_of(given), np.max(np.abs(exact))
    )


@pytest.mark.parametrize("parameters", PERTS, ids=str)
def test_the_table_of_pert_is_within_a_trillionth_of_its_range(parameters):
    low, mode, high = parameters
    judge = beta_of_pert(low, mode, high)
    exact = np.where(SCORES < 0, judge.ppf(ndtr(SCORES)), judge.isf(ndtr(-SCORES)))
    draws = ppf_of_normal_scores(Range("pert", parameters), SCORES)
    assert np.max(np.abs(draws - exact)) < 1e-12 * (high - low)


@pytest.mark.parametrize(("given", "judge"), TRUNCATED, ids=shown)
def test_truncation_scales_the_probability_between_the_bounds(given, judge):
    low, high = given.support
    below, upto = judge.cdf(low), judge.cdf(high)
    scores = SCORES[np.abs(SCORES) < 5]
    exact = judge.ppf(below + (upto - below) * ndtr(scores))
    draws = ppf_of_normal_scores(given, scores)
    assert np.max(np.abs(draws - exact)) < 1e-9 * width_of(given)
    everywhere = ppf_of_normal_scores(given, SCORES)
    assert everywhere.min() >= low
    assert everywhere.max() <= high


@pytest.mark.parametrize(("given", "judge"), UNTRUNCATED, ids=shown)
def test_mean_and_sd_are_scipys(given, judge):
    assert mean(given) == pytest.approx(judge.mean(), rel=1e-12)
    assert sd(given) == pytest.approx(judge.std(), rel=1e-9)


@pytest.mark.parametrize(("given", "judge"), TRUNCATED, ids=shown)
def test_mean_and_sd_between_bounds_are_the_integrals(given, judge):
    low, high = given.support
    grid = np.linspace(low, min(high, judge.isf(1e-18)), 400_001)
    density = judge.pdf(grid)
    whole = np.trapezoid(density, grid)
    centre = np.trapezoid(density * grid, grid) / whole
    spread = math.sqrt(np.trapezoid(density * (grid - centre) ** 2, grid) / whole)
    assert mean(given) == pytest.approx(centre, rel=1e-8)
    assert sd(given) == pytest.approx(spread, rel=1e-7)


def test_triangular_moments_of_the_reference_case():
    given = Range("triangular", (10.0, 12.0, 20.0))
    assert mean(given) == pytest.approx(14.0, abs=1e-9)
    assert sd(given) ** 2 == pytest.approx(4.666666666666667, abs=1e-9)
    assert float(ppf(given, 0.2)) == pytest.approx(12.0, abs=1e-9)


def test_pert_has_the_mean_that_names_it():
    assert mean(Range("pert", (3000.0, 3500.0, 4200.0))) == pytest.approx((3000 + 4 * 3500 + 4200) / 6, rel=1e-14)


@pytest.mark.parametrize(("given", "judge"), UNTRUNCATED + TRUNCATED, ids=shown)
def test_description_is_what_draws_have(given, judge):
    described = describe(given)
    draws = ppf_of_normal_scores(given, ndtri(np.array([0.05, 0.5, 0.95])))
    assert [described.p5, described.p50, described.p95] == pytest.approx(draws.tolist(), abs=1e-11 * width_of(given))
    midpoints = ppf_of_normal_scores(given, ndtri((np.arange(200_000) + 0.5) / 200_000))
    assert described.mean == pytest.approx(midpoints.mean(), rel=1e-3)
    assert described.sd == pytest.approx(midpoints.std(), rel=1e-2)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(("given", "judge"), UNTRUNCATED, ids=shown)
def test_marginals_pass_kolmogorov_smirnov(given, judge, design):
    draws = ppf_of_normal_scores(given, ndtri(uniforms(design, 8_192, 1, seed=12)[0]))
    assert stats.kstest(draws, judge.cdf).pvalue > 0.001


def test_a_draw_depends_on_its_own_score_only():
    scores = np.random.default_rng(3).normal(size=40_000)
    for given, _ in UNTRUNCATED + TRUNCATED:
        whole = ppf_of_normal_scores(given, scores)
        assert np.array_equal(ppf_of_normal_scores(given, scores[33_333:33_334]), whole[33_333:33_334])
        assert np.array_equal(ppf_of_normal_scores(given, scores.reshape(40, 1_000)), whole.reshape(40, 1_000))


def test_a_higher_score_never_draws_a_lower_value():
    scores = np.linspace(-8.2, 8.2, 100_001)
    for given, _ in UNTRUNCATED + TRUNCATED:
        assert np.diff(ppf_of_normal_scores(given, scores)).min() >= -1e-12 * width_of(given)
