"""Designs: where paths stand, that a path stands alone, and that each design does what it is for."""

import numpy as np
import pytest
from scipy import stats

from finmodel.errors import Faults
from finmodel.simulate.designs import DESIGNS, REPLICATES, uniforms


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


def test_sobol_path_k_is_point_k_over_16_of_scramble_k_mod_16():
    from scipy.stats import qmc

    points = uniforms("sobol", 16 * 64, 3, seed=2)
    for scramble in range(REPLICATES):
        rng = np.random.default_rng(np.random.SeedSequence((2, scramble)))
        expected = qmc.Sobol(3, bits=32, rng=rng).random(64) + 2.0**-33
        assert np.array_equal(points[:, scramble::REPLICATES].T, expected)


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


@pytest.mark.parametrize("design", ["lhs", "random"])
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
