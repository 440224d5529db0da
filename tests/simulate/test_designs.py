"""Designs: where paths stand, that a path stands alone, and that each design does what it is for."""

import tracemalloc

import numpy as np
import pytest
from scipy import stats

from finmodel.errors import Faults
from finmodel.graph.shocks import threefry
from finmodel.simulate.designs import DESIGNS, REPLICATES, uniforms
from finmodel.simulate.sobol import DIMENSIONS, directions_of


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("paths", [1, 15, 16, 17, 1_000])
def test_points_are_strictly_inside_the_unit_cube(design, paths):
    points = uniforms(design, paths, 5, seed=3)
    assert points.shape == (5, paths)
    assert points.flags.c_contiguous
    assert points.dtype == np.float64
    assert points.min() > 0.0
    assert points.max() < 1.0


@pytest.mark.parametrize("design", DESIGNS)
def test_every_dimension_is_uniform(design):
    for coordinate in uniforms(design, 4_096, 4, seed=5):
        assert stats.kstest(coordinate, "uniform").pvalue > 0.001


@pytest.mark.parametrize("design", ["sobol", "random"])
def test_fewer_paths_are_the_beginning_of_more(design):
    assert np.array_equal(uniforms(design, 1_000, 6, seed=9), uniforms(design, 4_096, 6, seed=9)[:, :1_000])


@pytest.mark.parametrize("design", DESIGNS)
def test_a_path_can_be_drawn_alone(design):
    whole = uniforms(design, 1_000, 6, seed=9)
    for first, last in [(0, 1), (17, 18), (999, 1_000), (5, 300), (16, 33)]:
        assert np.array_equal(uniforms(design, 1_000, 6, 9, first, last), whole[:, first:last])


def test_direction_numbers_are_those_of_joe_and_kuo_as_scipy_has_them():
    from scipy.stats import qmc

    points = qmc.Sobol(DIMENSIONS, scramble=False, bits=32).random_base2(11)
    places, directions = np.arange(2**11), directions_of(DIMENSIONS)
    words = np.zeros((places.size, DIMENSIONS), dtype=np.uint32)
    for bit in range(11):
        words ^= np.where((places >> bit & 1)[:, np.newaxis] == 1, directions[:, bit], np.uint32(0))
    assert np.array_equal(words[places ^ places >> 1] * 2.0**-32, points)


def test_sobol_path_k_is_point_k_over_16_of_scramble_k_mod_16():
    few, many = (uniforms("sobol", paths, 3, seed=2) for paths in (16 * 64, 16 * 4_096))
    assert np.array_equal(few, many[:, : 16 * 64])
    shifts = set()
    for scramble in range(REPLICATES):
        words = np.floor(many[:, scramble::REPLICATES] * 2.0**32).astype(np.uint64)
        first = words[:, :1]
        # a linear scramble: the point at i + j is the exclusive or of those at i, j and 0 where i and j share no bit
        assert np.array_equal(words[:, 64:128] ^ words[:, 64:65] ^ first, words[:, :64])
        shifts.add(tuple(first[:, 0].tolist()))
    assert len(shifts) == REPLICATES


def test_a_scramble_keeps_what_makes_the_points_even_in_two_dimensions():
    points = uniforms("sobol", 16 * 1_024, 2, seed=5)
    for scramble in range(REPLICATES):
        x, y = points[:, scramble::REPLICATES]
        for rows in (1, 4, 32, 256, 1_024):
            boxes = np.floor(x * rows) * 4_096 + np.floor(y * (1_024 // rows))
            assert np.unique(boxes).size == 1_024


def test_a_run_of_more_blocks_than_the_table_holds_is_still_had_path_by_path():
    whole = uniforms("sobol", 16 * 2_000, 4, seed=11)
    for first, last in [(16 * 255 + 3, 16 * 257 + 9), (16 * 1_023, 16 * 1_025 + 1), (31_999, 32_000)]:
        assert np.array_equal(uniforms("sobol", 16 * 2_000, 4, 11, first, last), whole[:, first:last])


def test_the_last_of_ten_million_paths_is_drawn_without_the_others():
    for design in DESIGNS:
        tracemalloc.start()
        uniforms(design, 10_000_000, 82, 7, 9_999_000, 10_000_000)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 64e6, design


def test_a_design_of_too_many_dimensions_is_a_fault():
    with pytest.raises(Faults, match=r"found 1,025 uncertain inputs; expected at most 1,024; remedy: take the design"):
        uniforms("sobol", 16, DIMENSIONS + 1, seed=1)


def test_random_coordinates_are_threefrys_counters():
    points = uniforms("random", 40_000, 3, seed=9)
    for dimension in range(3):
        for path in (0, 1, 16_384, 39_999):
            key, counter = (np.uint32(9), np.uint32(2**31 + dimension)), np.array([path], dtype=np.uint32)
            x0, x1 = threefry(*key, counter, np.zeros(1, dtype=np.uint32))
            cell = (int(x0[0]) >> 6) * 2**26 + (int(x1[0]) >> 6)
            assert points[dimension, path] == (cell + 0.5) * 2.0**-52


@pytest.mark.parametrize("size", [2, 3, 5, 16])
def test_every_order_of_a_hypercubes_strata_is_as_likely(size):
    pairs = np.zeros((size, size))
    for seed in range(60):
        strata = np.floor(uniforms("lhs", 16 * size, 32, seed) * size).astype(int).reshape(32, size, 16)
        np.add.at(pairs, (strata[:, 0], strata[:, 1]), 1)
    assert not np.diag(pairs).any()
    expected = pairs.sum() / (size * (size - 1))
    apart = ~np.eye(size, dtype=bool)
    assert stats.chi2.sf(((pairs[apart] - expected) ** 2 / expected).sum(), apart.sum() - 1) > 1e-3


@pytest.mark.parametrize("design", ["sobol", "lhs"])
def test_each_replicate_has_one_point_in_each_stratum(design):
    points = uniforms(design, 16 * 256, 3, seed=4)
    for replicate in range(REPLICATES):
        for coordinate in points[:, replicate::REPLICATES]:
            assert np.array_equal(np.sort(np.floor(coordinate * 256)), np.arange(256))


@pytest.mark.parametrize("design", DESIGNS)
def test_dimensions_are_uncorrelated(design):
    points = uniforms(design, 8_192, 4, seed=6)
    assert np.abs(np.corrcoef(points) - np.eye(4)).max() < 4.0 / np.sqrt(points.shape[1])


@pytest.mark.parametrize("design", DESIGNS)
def test_a_further_dimension_leaves_the_others_as_they_are(design):
    assert np.array_equal(uniforms(design, 500, 3, seed=1), uniforms(design, 500, 7, seed=1)[:3])


@pytest.mark.parametrize("design", DESIGNS)
def test_the_seed_decides(design):
    assert np.array_equal(uniforms(design, 100, 3, seed=1), uniforms(design, 100, 3, seed=1))
    assert not np.any(uniforms(design, 100, 3, seed=1) == uniforms(design, 100, 3, seed=2))


@pytest.mark.parametrize("design", ["sobol", "lhs"])
def test_a_smooth_integral_is_nearer_than_by_random_draws(design):
    exact = (4.0 * np.expm1(0.25)) ** 4

    def error(kind: str) -> float:
        values = [np.exp(uniforms(kind, 2_048, 4, seed) / 4.0).prod(axis=0).mean() - exact for seed in range(20)]
        return float(np.sqrt(np.mean(np.square(values))))

    assert error(design) < error("random") / 3.0


def test_no_dimension_is_an_empty_design():
    for design in DESIGNS:
        assert uniforms(design, 64, 0, seed=1).shape == (0, 64)


def test_every_fault_is_named_at_once():
    with pytest.raises(Faults) as caught:
        uniforms("sobel", 0, 3, seed=-1)
    assert [fault.key for fault in caught.value.faults] == ["design", "paths", "seed"]
    assert "did you mean sobol?" in str(caught.value)
