"""Dependence: achieved rank correlations, untouched marginals, and that a path stands alone."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from finmodel.assumptions.correlation import matrix_of
from finmodel.assumptions.range import Range
from finmodel.simulate.dependence import correlate
from finmodel.simulate.designs import DESIGNS, uniforms
from finmodel.simulate.distributions import ppf_of_normal_scores
from finmodel.simulate.sensitivity import rank_correlations

PAIRS = {(0, 1): 0.4, (1, 3): -0.6, (0, 3): 0.1, (2, 4): 0.9}
RANGES = [
    Range("pert", (1.0, 2.0, 6.0)),
    Range("lognormal", (3.0, 2.0)),
    Range("triangular", (0.0, 0.0, 1.0)),
    Range("uniform", (0.0, 1.0)),
    Range("normal", (0.0, 1.0)),
]


def scores(design: str, paths: int, seed: int = 8) -> np.ndarray:
    return ndtri(uniforms(design, paths, 5, seed))


@pytest.mark.parametrize("design", DESIGNS)
def test_rank_correlations_are_those_asked_for_within_4_standard_errors(design):
    paths = 16_384
    correlated = correlate(scores(design, paths), matrix_of(5, PAIRS))
    draws = np.array([ppf_of_normal_scores(given, z) for given, z in zip(RANGES, correlated, strict=True)])
    for first in range(5):
        achieved = rank_correlations(draws, draws[first])
        for second in range(5):
            if first != second:
                asked = PAIRS.get((min(first, second), max(first, second)), 0.0)
                assert abs(achieved[second] - asked) < 4.0 / np.sqrt(paths)


def test_every_marginal_stays_standard_normal():
    for row in correlate(scores("sobol", 8_192), matrix_of(5, PAIRS)):
        assert stats.kstest(row, "norm").pvalue > 0.001


def test_without_correlations_scores_stay_as_they_are():
    z = scores("random", 1_000)
    assert np.array_equal(correlate(z, np.eye(5)), z)


def test_an_uncorrelated_input_keeps_its_scores():
    z = scores("random", 1_000)
    correlated = correlate(z, matrix_of(5, {(0, 1): 0.5}))
    assert np.array_equal(correlated[2:], z[2:])


def test_a_path_is_correlated_alike_alone_and_in_any_company():
    z = scores("random", 40_000)
    whole = correlate(z, matrix_of(5, PAIRS))
    assert np.array_equal(correlate(z[:, 33_333:33_334], matrix_of(5, PAIRS)), whole[:, 33_333:33_334])
    assert np.array_equal(correlate(z[:, 100:20_000], matrix_of(5, PAIRS)), whole[:, 100:20_000])


def test_the_product_is_that_of_linear_algebra():
    z, matrix = scores("random", 500), matrix_of(5, PAIRS)
    assert correlate(z, matrix) == pytest.approx(np.linalg.cholesky(matrix) @ z, abs=1e-13)


def test_no_inputs_are_no_scores():
    assert correlate(np.empty((0, 10)), np.empty((0, 0))).shape == (0, 10)
