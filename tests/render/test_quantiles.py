"""Normal scores and quantile tables: machine code and operations on arrays give the same bits."""

import numpy as np
import pytest
from scipy.special import ndtri

from finmodel.errors import MachineFault
from finmodel.graph.shocks import uniform
from finmodel.render import quantiles as module
from finmodel.render.quantiles import PIECE, WIDTH, Compiled, Interpreted, Tables, quantiles

ENGINES = (Compiled(), Interpreted())


def some_tables() -> Tables:
    pieces = np.random.default_rng(1).normal(size=(90, PIECE))
    rows = np.array([[2, 0, 0, 49], [0, 3, 50, 9], [0, 1, 60, 29]])
    numbers = np.array(
        [[-8.25, 50 / 16.5, -1.0, 2.0], [-3.0, 10 / 5.0, -np.inf, np.inf], [-4.0, 30 / 8.5, 0.0, np.inf]]
    )
    return Tables(pieces, rows, numbers)


def test_uniform_numbers_are_threefrys_to_the_last_bit_alike():
    for seed, stream, first in [(0, 0, 0), (2**32 - 1, 2**31 + 7, 12_345), (5, 9, 2**32 - 2 * WIDTH)]:
        found = [np.empty(2 * WIDTH) for _ in ENGINES]
        for engine, array in zip(ENGINES, found, strict=True):
            engine.uniforms(array, seed, stream, first)
        counters = np.arange(first, first + 2 * WIDTH).astype(np.uint32)
        exact = uniform(np.uint32(seed), np.uint32(stream), counters, np.zeros(1, dtype=np.uint32))
        assert np.array_equal(found[0], exact)
        assert np.array_equal(found[1], exact)


def test_scores_are_normal_quantiles_to_the_last_bit_alike():
    ends = 2.0 ** -np.arange(1.0, 54.0)
    u = np.concatenate([np.random.default_rng(2).random(50 * WIDTH - 2 * ends.size), ends, 1.0 - ends])
    found = [u.copy() for _ in ENGINES]
    for engine, array in zip(ENGINES, found, strict=True):
        engine.scores(array)
    assert np.array_equal(found[0], found[1])
    assert np.max(np.abs(found[0] - ndtri(u)) / np.maximum(np.abs(ndtri(u)), 1e-300)) < 2e-15


def test_tables_give_their_polynomials_to_the_last_bit_alike():
    tables = some_tables()
    z = np.random.default_rng(3).normal(size=(3, 40 * WIDTH)) * 4.0
    z[0, :4] = [-3.0, 2.0, -1e300, 1e300]
    found = [np.full((5, z.shape[1]), 7.0) for _ in ENGINES]
    for engine, out in zip(ENGINES, found, strict=True):
        engine.curves(tables, z, out)
    assert np.array_equal(found[0], found[1])
    assert np.all(found[0][[2, 4]] == 7.0), "rows that no table fills"
    for (source, target, first, last), (start, scale, low, high) in zip(tables.rows, tables.numbers, strict=True):
        place = (z[source] - start) * scale
        piece = np.clip(np.floor(place), 0, last).astype(int)
        t = np.clip(place - piece, 0.0, 1.0)
        exact = sum(tables.pieces[first + piece, power] * t**power for power in range(6))
        assert found[0][target] == pytest.approx(np.clip(exact, low, high), rel=1e-12, abs=1e-12)


def test_part_of_a_wider_array_is_filled_in_its_place():
    tables, z = some_tables(), np.random.default_rng(4).normal(size=(3, 5 * WIDTH))
    for engine in ENGINES:
        whole, wide = np.zeros((4, 5 * WIDTH)), np.zeros((4, 9 * WIDTH))
        engine.curves(tables, z, whole)
        engine.curves(tables, z, wide[:, WIDTH : 6 * WIDTH])
        assert np.array_equal(wide[:, WIDTH : 6 * WIDTH], whole)
        assert not wide[:, :WIDTH].any()
        assert not wide[:, 6 * WIDTH :].any()


def test_nothing_is_nothing():
    for engine in ENGINES:
        engine.uniforms(np.empty((0, WIDTH)), 1, 2, 3)
        engine.scores(np.empty((0, WIDTH)))
        engine.curves(
            Tables(np.empty((0, PIECE)), np.empty((0, 4), np.int64), np.empty((0, 4))), *np.empty((2, 0, WIDTH))
        )


@pytest.mark.parametrize(
    "array",
    [np.zeros(WIDTH - 1), np.zeros(2 * WIDTH)[::2], np.zeros(WIDTH, dtype=np.float32), np.zeros((WIDTH, 3)).T[:, 1:]],
    ids=["odd", "apart", "single", "turned"],
)
def test_machine_code_is_not_called_on_arrays_of_another_kind(array):
    with pytest.raises(ValueError, match="is not laid out as machine code needs it"):
        ENGINES[0].scores(array)
    with pytest.raises(ValueError, match="is not laid out as machine code needs it"):
        ENGINES[0].uniforms(array, 1, 2, 3)
    with pytest.raises(ValueError, match="is not laid out as machine code needs it"):
        ENGINES[0].curves(some_tables(), np.zeros((3, WIDTH)), np.atleast_2d(array))


def test_a_platform_that_forbids_machine_code_has_operations_on_arrays(monkeypatch):
    def forbidden(text):
        raise MachineFault("this platform does not let compiled code run in memory")

    monkeypatch.setattr(module, "compile_ir", forbidden)
    module._made.cache_clear()
    try:
        assert isinstance(quantiles(), Interpreted)
    finally:
        module._made.cache_clear()
    monkeypatch.undo()
    assert isinstance(quantiles(), Compiled)
