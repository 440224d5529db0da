"""Dependence: achieved rank correlations, untouched marginals, and that a path stands alone."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from finmodel.assumptions.correlation import matrix_of
from finmodel.assumptions.range import Range
from finmodel.simulate.dependence import cholesky, correlate, correlations
from finmodel.simulate.designs import DESIGNS, uniforms
from finmodel.simulate.distributions import ppf_of_normal_scores
from finmodel.simulate.sensitivity.ranks import rank_correlations

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


def test_the_factor_is_that_of_linear_algebra_and_leaves_zeros_zero():
    matrix = matrix_of(5, PAIRS)
    assert cholesky(matrix) == pytest.approx(np.linalg.cholesky(matrix), abs=1e-15)
    assert not cholesky(matrix)[4, [0, 1, 3]].any()


def test_asked_and_achieved_stand_side_by_side_with_a_standard_error():
    paths = 16_384
    for design in DESIGNS:
        correlated = correlate(scores(design, paths), matrix_of(5, PAIRS))
        draws = {
            f"x{row}": ppf_of_normal_scores(one, z) for row, (one, z) in enumerate(zip(RANGES, correlated, strict=True))
        }
        asked = {(f"x{i}", f"x{j}"): rank for (i, j), rank in PAIRS.items()}
        table = correlations(draws.__getitem__, asked, design)
        assert list(table.columns) == ["first", "second", "asked", "achieved", "standard_error", "note"]
        assert dict(zip(zip(table["first"], table["second"], strict=True), table["asked"], strict=True)) == asked
        for row in table.itertuples():
            exact = stats.spearmanr(draws[row.first], draws[row.second]).statistic
            assert row.achieved == pytest.approx(exact, abs=1e-12)
            assert abs(row.achieved - row.asked) < 4.0 * row.standard_error + 1e-4
            assert 0.0 < row.standard_error < 2.0 / np.sqrt(paths)
            assert row.note == ""


def test_the_standard_error_of_independent_paths_is_what_seeds_show():
    asked = {("a", "b"): 0.6}
    rows = []
    for seed in range(200):
        z = correlate(ndtri(uniforms("random", 500, 2, seed)), matrix_of(2, {(0, 1): 0.6}))
        rows.append(correlations(dict(zip("ab", z, strict=True)).__getitem__, asked, "random").iloc[0])
    spread = np.std([row["achieved"] for row in rows])
    assert np.mean([row["standard_error"] for row in rows]) == pytest.approx(spread, rel=0.15)


def test_an_input_of_few_values_achieves_less_and_the_note_says_so():
    z = correlate(scores("sobol", 8_192), matrix_of(5, {(0, 1): 0.8}))
    event, price = ppf_of_normal_scores(Range("bernoulli", (0.2,)), z[0]), z[1]
    (row,) = correlations({"event": event, "price": price}.__getitem__, {("event", "price"): 0.8}, "sobol").itertuples()
    assert row.achieved == pytest.approx(stats.spearmanr(event, price).statistic)
    assert row.achieved < 0.7
    assert row.note == "event: 2 values"


def test_what_few_paths_cannot_tell_is_missing():
    (row,) = correlations(
        {"a": np.array([1.0]), "b": np.array([2.0])}.__getitem__, {("a", "b"): 0.5}, "sobol"
    ).itertuples()
    assert np.isnan(row.achieved)
    assert np.isnan(row.standard_error)
    assert correlations(dict[str, np.ndarray]().__getitem__, {}, "sobol").empty


def test_no_inputs_are_no_scores():
    assert correlate(np.empty((0, 10)), np.empty((0, 0))).shape == (0, 10)
