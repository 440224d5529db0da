"""Normal scores: those of uniform numbers, and the shocks of a path, bit for bit what the vector rendering draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from finmodel.graph.shocks import uniform
from finmodel.render.quantiles import WIDTH, quantiles

BLOCK = 16_384
"""Draws worked on at once: few enough to stay in the processor's cache."""


def uniforms_of(seed: int, stream: int, first: int, count: int) -> NDArray[np.float64]:
    """Threefry's numbers between 0 and 1 for key (seed, stream) and counters (first, 0), (first + 1, 0), ..."""
    wide = np.empty(-(-count // WIDTH) * WIDTH)
    quantiles().uniforms(wide, seed, stream, first)
    return wide[:count]


def normal_scores(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard normal quantiles of numbers from 2^-53 to 1 - 2^-53, of u's shape and in C order."""
    wide = np.full(-(-u.size // WIDTH) * WIDTH, 0.5)
    wide[: u.size] = u.reshape(-1)
    quantiles().scores(wide)
    return wide[: u.size].reshape(u.shape)


def normals(seed: int, stream: int, paths: Sequence[int] | NDArray[np.integer], periods: int) -> NDArray[np.float64]:
    """Standard normals of one shock, by path and period.

    Parameters
    ----------
    seed : int
        Below 2^32.
    stream : int
        The shock's place among the model's shocks.
    paths : sequence of int
        Numbers of paths, in any order.
    periods : int
        Periods after period 0.

    Returns
    -------
    ndarray, shape (len(paths), periods + 1)
        Column 0 is zero: period 0 is a point without length.
    """
    counters = np.asarray(paths, dtype=np.uint32)
    draws = np.zeros((counters.size, periods + 1))
    times = np.arange(1, periods + 1, dtype=np.uint32)
    for rows in blocks(counters.size, max(1, BLOCK // max(periods, 1))):
        u = uniform(np.uint32(seed), np.uint32(stream), counters[rows, np.newaxis], times)
        draws[rows, 1:] = normal_scores(u)
    return draws


def blocks(size: int, width: int) -> Iterator[slice]:
    """Slices of at most `width` that cover `size`, in order."""
    for start in range(0, size, width):
        yield slice(start, min(start + width, size))
