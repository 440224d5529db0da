"""Distributions: scipy.stats as the judge of quantiles, moments and draws."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr, ndtri

from finmodel.assumptions.possible import KINDS
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
    (Range("beta", (2.0, 5.0, -1.0, 3.0)), stats.beta(2, 5, -1, 4)),
    (Range("beta", (0.5, 0.5, 0.0, 1.0)), stats.beta(0.5, 0.5)),
    (Range("beta", (40.0, 3.0, 0.0, 1.0)), stats.beta(40, 3)),
    (Range("beta", (0.05, 3.0, 0.0, 1.0)), stats.beta(0.05, 3)),
    (Range("beta", (3e5, 2e5, 0.0, 1.0)), stats.beta(3e5, 2e5)),
    (Range.of(stats.gamma(3, scale=2)), stats.gamma(3, scale=2)),
    (Range.of(stats.weibull_min(1.4, scale=8)), stats.weibull_min(1.4, scale=8)),
    (Range.of(stats.t(5, 2, 3)), stats.t(5, 2, 3)),
    (Range.of(stats.gamma(3, scale=2)).scaled(2.0).shifted(-1.0), stats.gamma(3, -1, scale=4)),
]
TRUNCATED = [
    (Range("beta", (2.0, 5.0, -1.0, 3.0), -0.5, 1.0), stats.beta(2, 5, -1, 4)),
    (Range.of(stats.gamma(3, scale=2), 1.0, 12.0), stats.gamma(3, scale=2)),
    (Range.of(stats.gamma(3, scale=2), None, 12.0).scaled(2.0), stats.gamma(3, scale=4)),
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


POINTS = (10.0, 0.0, 12.0, 0.3, 15.0, 0.3, 20.0, 1.0)
BY_POINTS = [
    (Range("cumulative", POINTS), None),
    (Range("cumulative", POINTS, 11.0, 18.0), None),
]
IN_STEPS = [
    (Range("discrete", (3.0, 2.0, -1.0, 1.0, 8.0, 5.0)), stats.rv_discrete(values=([-1, 3, 8], [0.125, 0.25, 0.625]))),
    (Range("bernoulli", (0.3,)), stats.bernoulli(0.3)),
    (Range("empirical", (5.0, 1.0, 1.0, 2.0)), stats.rv_discrete(values=([1, 2, 5], [0.5, 0.25, 0.25]))),
    (Range.of(stats.poisson(4)), stats.poisson(4)),
]
EVERY = [case[0] for case in (*UNTRUNCATED, *TRUNCATED, *BY_POINTS, *IN_STEPS)]


def shown(value) -> str:
    return str(value) if isinstance(value, Range) else ""


def width_of(given: Range) -> float:
    return float(np.ptp(ppf(given, np.array([0.001, 0.999]))))


@pytest.mark.parametrize(("given", "judge"), UNTRUNCATED, ids=shown)
def test_draws_are_scipys_quantiles_in_both_tails(given, judge):
    exact = np.where(SCORES < 0, judge.ppf(ndtr(SCORES)), judge.isf(ndtr(-SCORES)))
    near = 1e-12 if given.kind not in ("beta", "scipy") else 1e-10
    assert np.max(np.abs(ppf_of_normal_scores(given, SCORES) - exact)) < near * max(
        width_of(given), np.max(np.abs(exact))
    )


def test_every_kind_is_tried_here():
    assert {given.kind for given in EVERY} == {*KINDS, "scipy"}


@pytest.mark.parametrize(("given", "judge"), IN_STEPS, ids=shown)
def test_draws_of_few_values_are_scipys_quantiles(given, judge):
    assert np.array_equal(ppf_of_normal_scores(given, SCORES), judge.ppf(ndtr(SCORES)))
    p = np.array([0.05, 0.2, 0.5, 0.9])
    assert np.array_equal(ppf(given, p), judge.ppf(p))
    assert [mean(given), sd(given)] == pytest.approx([judge.mean(), judge.std()], rel=1e-12)


def test_a_cumulative_range_runs_along_straight_lines_and_leaves_its_gap_empty():
    given = Range("cumulative", POINTS)
    p = np.array([0.0, 0.15, 0.3 - 1e-9, 0.3 + 1e-9, 0.65, 1.0])
    assert ppf(given, p) == pytest.approx([10, 11, 12, 15, 17.5, 20], abs=1e-6)
    draws = ppf_of_normal_scores(given, SCORES)
    assert not np.any((draws > 12.0) & (draws < 15.0))
    assert mean(given) == pytest.approx(0.3 * 11 + 0.7 * 17.5, rel=1e-14)
    assert sd(given) ** 2 == pytest.approx(
        0.3 * (4 / 12 + 121) + 0.7 * (25 / 12 + 17.5**2) - mean(given) ** 2, rel=1e-12
    )
    cut = Range("cumulative", POINTS, 11.0, 18.0)
    left, right = 0.15, 0.3 + 0.7 * 3 / 5
    assert ppf(cut, np.array([0.0, 0.1, 1.0])) == pytest.approx(
        np.interp(left + (right - left) * np.array([0.0, 0.1, 1.0]), POINTS[1::2], POINTS[::2])
    )


@pytest.mark.parametrize(
    "given", [Range("uniform", (0.0, 1.0)), Range("pert", (0.0, 0.3, 1.0)), Range("normal", (0.0, 1.0))], ids=str
)
def test_a_kinked_or_stepped_distribution_of_scipy_is_drawn_as_scipy_draws_it(given):
    judge = stats.rv_histogram(np.histogram(ppf(given, (np.arange(200) + 0.5) / 200), bins=7))
    draws = ppf_of_normal_scores(Range.of(judge), SCORES)
    assert np.array_equal(draws, np.where(SCORES < 0, judge.ppf(ndtr(SCORES)), judge.isf(ndtr(-SCORES))))


def test_the_mean_of_a_cut_heavy_tail_is_its_integral():
    given = Range.of(stats.cauchy(1.0), -5.0, 9.0)
    a, b = np.arctan([-6.0, 8.0])
    exact = 1.0 + 0.5 * (np.log1p(64) - np.log1p(36)) / (b - a)
    assert mean(given) == pytest.approx(exact, rel=1e-9)
    assert sd(given) ** 2 == pytest.approx((14.0 - (b - a)) / (b - a) - (exact - 1.0) ** 2, rel=1e-9)


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


@pytest.mark.parametrize(("given", "judge"), UNTRUNCATED + TRUNCATED + BY_POINTS + IN_STEPS, ids=shown)
def test_description_is_what_draws_have(given, judge):
    described = describe(given)
    draws = ppf_of_normal_scores(given, ndtri(np.array([0.05, 0.5, 0.95])))
    assert [described.p5, described.p50, described.p95] == pytest.approx(draws.tolist(), abs=1e-11 * width_of(given))
    midpoints = ppf_of_normal_scores(given, ndtri((np.arange(200_000) + 0.5) / 200_000))
    assert described.mean == pytest.approx(midpoints.mean(), rel=1e-3)
    assert described.sd == pytest.approx(midpoints.std(), rel=1e-2)


def distribution(given: Range, judge):
    """The distribution function between the bounds, of which SciPy knows the whole."""
    below, upto = judge.cdf(given.support[0]), judge.cdf(given.support[1])
    return lambda x: np.clip((judge.cdf(x) - below) / (upto - below), 0.0, 1.0)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(("given", "judge"), UNTRUNCATED + TRUNCATED, ids=shown)
def test_marginals_pass_kolmogorov_smirnov(given, judge, design):
    draws = ppf_of_normal_scores(given, ndtri(uniforms(design, 8_192, 1, seed=12)[0]))
    assert stats.kstest(draws, distribution(given, judge)).pvalue > 0.001


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(("given", "judge"), IN_STEPS, ids=shown)
def test_values_come_as_often_as_their_probability_says(given, judge, design):
    draws = ppf_of_normal_scores(given, ndtri(uniforms(design, 8_192, 1, seed=12)[0]))
    values, counts = np.unique(draws, return_counts=True)
    expected = judge.pmf(values) * draws.size
    often = expected > 5
    assert stats.chi2.sf(((counts - expected)[often] ** 2 / expected[often]).sum(), max(often.sum() - 1, 1)) > 0.001


@pytest.mark.parametrize("design", DESIGNS)
def test_a_cumulative_range_passes_kolmogorov_smirnov(design):
    draws = ppf_of_normal_scores(Range("cumulative", POINTS), ndtri(uniforms(design, 8_192, 1, seed=12)[0]))
    assert stats.kstest(draws, lambda x: np.interp(x, POINTS[::2], POINTS[1::2])).pvalue > 0.001


def test_a_draw_depends_on_its_own_score_only():
    scores = np.random.default_rng(3).normal(size=40_000)
    for given in EVERY:
        whole = ppf_of_normal_scores(given, scores)
        assert np.array_equal(ppf_of_normal_scores(given, scores[33_333:33_334]), whole[33_333:33_334])
        assert np.array_equal(ppf_of_normal_scores(given, scores.reshape(40, 1_000)), whole.reshape(40, 1_000))


def test_a_higher_score_never_draws_a_lower_value():
    scores = np.linspace(-8.2, 8.2, 100_001)
    for given in EVERY:
        assert np.diff(ppf_of_normal_scores(given, scores)).min() >= -1e-12 * width_of(given)
