"""Rank correlations that are impossible together are named with the nearest that are possible, and mended if wanted."""

from __future__ import annotations

import math
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from finmodel.assumptions.check import prove, report
from finmodel.assumptions.correlation import (
    is_possible,
    matrix_of,
    nearest_possible,
    normal_of_rank,
    possible_ranks,
    rank_of_normal,
    ranks_of,
    smallest_eigenvalue,
)
from tests.assumptions.world import BOOK, CASES, model_of

ranks = st.floats(-1, 1)


@st.composite
def given_pairs(draw):
    size = draw(st.integers(2, 7))
    places = [(i, j) for i in range(size) for j in range(i + 1, size)]
    chosen = draw(st.lists(st.sampled_from(places), unique=True, min_size=1))
    return size, {pair: draw(ranks) for pair in chosen}


@given(ranks)
def test_rank_and_normal_correlation_are_inverse(rank):
    assert rank_of_normal(normal_of_rank(rank)) == pytest.approx(rank, abs=1e-12)


def test_normal_scores_so_correlated_have_the_rank_correlation_asked_for():
    draws = np.random.default_rng(1).multivariate_normal([0, 0], matrix_of(2, {(0, 1): 0.6}), size=200_000)
    assert stats.spearmanr(draws).statistic == pytest.approx(0.6, abs=0.005)


@given(given_pairs())
@settings(max_examples=60, deadline=None)
def test_a_mended_matrix_is_possible_and_leaves_other_pairs_independent(case):
    size, pairs = case
    matrix = matrix_of(size, pairs)
    mended = nearest_possible(matrix)
    assert is_possible(mended)
    np.testing.assert_allclose(mended, mended.T, atol=0)
    np.testing.assert_array_equal(np.diag(mended), np.ones(size))
    assert not mended[(matrix == 0)].any()


@given(given_pairs())
@settings(max_examples=60, deadline=None)
def test_the_ranks_that_a_fault_shows_are_possible_as_written(case):
    size, pairs = case
    shown = possible_ranks(matrix_of(size, pairs), pairs)
    assert shown.keys() == pairs.keys()
    assert is_possible(matrix_of(size, {pair: float(f"{rank:g}") for pair, rank in shown.items()}))


def test_the_published_example_of_a_nearest_correlation_matrix():
    # Higham (2002), section 4: the matrix of ones with -1 beside the diagonal, here with all pairs given
    given_matrix = np.array([[2.0, -1, 0, 0], [-1, 2, -1, 0], [0, -1, 2, -1], [0, 0, -1, 2]])
    np.fill_diagonal(given_matrix, 1.0)
    free = nearest_possible(np.where(given_matrix == 0, 1e-300, given_matrix))
    expected = [
        [1.0, -0.8084, 0.1916, 0.1068],
        [-0.8084, 1.0, -0.6562, 0.1916],
        [0.1916, -0.6562, 1.0, -0.8084],
        [0.1068, 0.1916, -0.8084, 1.0],
    ]
    np.testing.assert_allclose(free, expected, atol=5e-4)


def test_no_possible_matrix_of_a_grid_is_nearer_than_the_mended_one():
    pairs = {(0, 1): 0.9, (1, 2): 0.9, (0, 2): -0.9}
    matrix = matrix_of(3, pairs)
    distance = np.linalg.norm(nearest_possible(matrix) - matrix)
    a, b, c = np.meshgrid(*[np.linspace(-0.95, 0.95, 39)] * 3)
    definite = 1 + 2 * a * b * c - a * a - b * b - c * c > 0
    asked = normal_of_rank(0.9)
    nearest = np.sqrt(2 * ((a - asked) ** 2 + (b - asked) ** 2 + (c + asked) ** 2)[definite]).min()
    assert distance <= nearest + 1e-3


SPOILT = """title: Correlations that are possible as ranks only
extends: [cases/sound]
correlations:
  - {between: [rack_price, gpu_hour_price], rank: -0.49, grade: estimate, note: A note.}
  - {between: [gpu_hour_price, utilisation], rank: -0.49, grade: estimate, note: A note.}
  - {between: [rack_price, utilisation], rank: -0.49, grade: estimate, note: A note.}
"""


def test_ranks_that_only_the_conversion_spoils_are_mended_and_the_report_says_so(tmp_path):
    book = shutil.copytree(BOOK, tmp_path / "assumptions")
    (book / "cases" / "own.yaml").write_text(SPOILT)
    pairs = dict.fromkeys([(0, 1), (1, 2), (0, 2)], -0.49)
    assert is_possible(ranks_of(3, pairs))
    assert not is_possible(matrix_of(3, pairs))
    binding = prove(str(book / "cases" / "own.yaml"), model_of)
    assert is_possible(binding.correlation)
    assert set(binding.dependence.asked.values()) == {-0.49}
    (notice,) = binding.dependence.notices
    assert notice.startswith("correlations are possible as ranks, but not for normal scores; the nearest possible are")
    assert "rack_price ~ gpu_hour_price -0.483 for -0.49" in notice
    assert f"mended      {notice}" in report(binding)
    i, j = (binding.uncertain.index(name) for name in ("rack_price", "utilisation"))
    assert rank_of_normal(binding.correlation[i, j]) == pytest.approx(-0.483, abs=5e-4)


def test_a_case_that_is_possible_is_left_alone():
    binding = prove(str(CASES / "sound.yaml"), model_of)
    assert binding.dependence.notices == ()
    assert binding.dependence.asked == {("rack_price", "gpu_hour_price"): 0.4}
    assert "mended" not in report(binding)


def test_a_case_may_ask_for_the_nearest():
    binding = prove(str(CASES / "repaired-correlations.yaml"), model_of)
    (notice,) = binding.dependence.notices
    assert "impossible together; the nearest possible are taken: rack_price ~ gpu_hour_price 0.483 for 0.9" in notice
    assert smallest_eigenvalue(binding.correlation) > 0
    i, j = (binding.uncertain.index(name) for name in ("rack_price", "gpu_hour_price"))
    assert 0.4 < binding.correlation[i, j] < normal_of_rank(0.9)
    assert math.isclose(binding.correlation[i, i], 1.0)
