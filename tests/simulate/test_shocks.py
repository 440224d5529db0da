"""Shocks: the generator's published answers, the inverse normal's accuracy, and that a path stands alone."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from finmodel.graph.shocks import normal_score, threefry, uniform
from finmodel.graph.writer import ARRAYS, SCALARS
from finmodel.simulate.shocks import normals


def words(*values: int) -> list[np.ndarray]:
    return [np.array([value], dtype=np.uint32) for value in values]


# kat_vectors of Random123 1.14 (threefry2x32, 20 rounds): counter, key, answer
KNOWN = [
    ((0x00000000, 0x00000000), (0x00000000, 0x00000000), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x243F6A88, 0x85A308D3), (0x13198A2E, 0x03707344), (0xC4923A9C, 0x483DF7A0)),
]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_threefry_gives_the_known_answers_of_random123(counter, key, answer):
    found = threefry(*words(*key), *words(*counter))
    assert tuple(int(word[0]) for word in found) == answer


def test_uniform_is_the_middle_of_one_of_two_to_the_52_cells():
    u = uniform(np.uint32(3), np.uint32(1), np.arange(10_000, dtype=np.uint32), np.uint32(5))
    cell = u * 2.0**52 - 0.5
    assert np.array_equal(cell, np.floor(cell))
    assert u.min() > 0.0
    assert u.max() < 1.0


def test_normal_score_agrees_with_scipy_over_the_whole_range():
    ends = 2.0 ** -np.arange(2.0, 54.0)
    u = np.concatenate([np.random.default_rng(1).random(200_000), ends, 1.0 - ends])
    exact = ndtri(u)
    assert np.max(np.abs(normal_score(ARRAYS, u) - exact) / np.abs(exact)) < 2e-15


def test_the_median_has_score_zero():
    assert normal_score(SCALARS, 0.5) == 0.0


def test_one_number_and_an_array_give_the_same_bits():
    u = np.concatenate([np.random.default_rng(2).random(2_000), [2.0**-53, 1e-4, 1e-7, 1.0 - 2.0**-53]])
    assert [normal_score(SCALARS, float(x)) for x in u] == normal_score(ARRAYS, u).tolist()


def test_period_0_has_no_shock():
    assert not normals(7, 0, range(100), 12)[:, 0].any()


def test_a_path_has_the_same_shocks_alone_and_in_any_company():
    together = normals(7, 1, range(3_000), 24)
    assert together.shape == (3_000, 25)
    assert np.array_equal(normals(7, 1, [2_345], 24)[0], together[2_345])
    assert np.array_equal(normals(7, 1, range(100, 2_900), 24), together[100:2_900])


def test_a_shorter_horizon_draws_the_beginning_of_a_longer_one():
    assert np.array_equal(normals(7, 0, range(50), 12), normals(7, 0, range(50), 240)[:, :13])


def test_shocks_are_standard_normal_and_independent_of_path_period_and_stream():
    first, second = (normals(11, stream, range(5_000), 40)[:, 1:] for stream in (0, 1))
    assert stats.kstest(first.ravel(), "norm").pvalue > 0.001
    bound = 4.0 / np.sqrt(first.size)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < bound
    assert abs(np.corrcoef(first[:, :-1].ravel(), first[:, 1:].ravel())[0, 1]) < bound
    assert abs(np.corrcoef(first[:-1].ravel(), first[1:].ravel())[0, 1]) < bound


def test_another_seed_draws_other_shocks():
    assert not np.any(normals(1, 0, range(20), 12)[:, 1:] == normals(2, 0, range(20), 12)[:, 1:])


def test_no_periods_and_no_paths_are_empty_not_wrong():
    assert normals(1, 0, range(3), 0).shape == (3, 1)
    assert normals(1, 0, [], 12).shape == (0, 13)
