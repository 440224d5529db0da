"""Sensitivity: Spearman's rank correlation against scipy, and what it must not see."""

import math

import numpy as np
import pytest
from scipy import stats

from finmodel.simulate.sensitivity.ranks import rank_correlations, ranks


def test_ranks_are_scipys_with_ties_sharing_their_mean():
    values = np.random.default_rng(1).integers(0, 20, size=500).astype(float)
    assert np.array_equal(ranks(values), stats.rankdata(values))


def test_rank_correlations_are_scipys():
    rng = np.random.default_rng(2)
    inputs = rng.normal(size=(4, 3_000))
    metric = np.exp(inputs[0]) - 0.3 * inputs[2] ** 3 + rng.normal(size=3_000)
    expected = [stats.spearmanr(draws, metric).statistic for draws in inputs]
    assert rank_correlations(inputs, metric) == pytest.approx(expected, abs=1e-12)


def test_a_rising_function_of_one_input_has_correlation_1_whatever_its_shape():
    draws = np.random.default_rng(3).normal(size=(1, 1_000))
    assert rank_correlations(draws, np.exp(5 * draws[0])) == pytest.approx([1.0], abs=1e-12)
    assert rank_correlations(draws, -(draws[0] ** 3)) == pytest.approx([-1.0], abs=1e-12)


def test_paths_without_the_metric_are_left_out():
    rng = np.random.default_rng(4)
    inputs, metric = rng.normal(size=(2, 400)), rng.normal(size=400)
    gone = rng.random(400) < 0.3
    expected = rank_correlations(inputs[:, ~gone], metric[~gone])
    assert np.array_equal(rank_correlations(inputs, np.where(gone, math.nan, metric)), expected)


def test_what_does_not_vary_has_no_rank_correlation():
    inputs = np.vstack([np.random.default_rng(5).normal(size=50), np.ones(50)])
    assert np.isnan(rank_correlations(inputs, inputs[0])).tolist() == [False, True]
    assert np.isnan(rank_correlations(inputs, np.full(50, 2.0))).all()
    assert np.isnan(rank_correlations(inputs, np.full(50, math.nan))).all()
