"""Latin hypercubes whose permutations are computed path by path, so that no path needs the others.

In each dimension each of a replicate's n paths stands in a stratum of its own, of width 1/n. Which, says a random
permutation of 0 .. n - 1: a number is split into a row and a column of a table that just holds n, and in turns the one
is shifted by a random function of the other, drawn from Threefry. What leads beyond n is permuted again until it does
not.

Sources
-------
McKay, Beckman, Conover, Technometrics 21 (1979), doi:10.2307/1268522 (Latin hypercube);
Black, Rogaway, "Ciphers with arbitrary finite domains", CT-RSA (2002), doi:10.1007/3-540-45760-7_9 (permutation).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from finmodel.graph.shocks import threefry
from finmodel.simulate.shocks import BLOCK, blocks, uniforms_of

Whole = NDArray[np.int64]
Shifts = NDArray[np.uint16]

TURNS, TURNS_OF_FEW = 6, 24
"""Shifts of either kind, in all, that make a permutation look random; a small table needs more."""
FEW = 1_024
BELOW_ONE = 1.0 - 2.0**-53


class Latin:
    """Points of some dimensions.

    Parameters
    ----------
    dimensions : sequence of int
        Which dimensions of the design, from 0.
    seed : int
        Below 2^32.
    stream : int
        The first dimension's stream of random words.
    paths : int
        Of the whole run.
    replicates : int
        Hypercubes of their own; path k is number k // replicates of hypercube k % replicates.
    """

    def __init__(self, dimensions: Sequence[int], seed: int, stream: int, paths: int, replicates: int) -> None:
        self._keys = np.asarray(dimensions, dtype=np.uint32)[:, np.newaxis] + np.uint32(stream)
        self._seed, self._replicates = np.uint32(seed), replicates
        self._sizes = np.array([len(range(replicate, paths, replicates)) for replicate in range(replicates)])
        largest = int(self._sizes.max())
        self._rows = max(math.isqrt(max(largest - 1, 0)) + 1, 1)
        self._columns = max(-(-largest // self._rows), 1)
        self._turns = TURNS if largest >= FEW else TURNS_OF_FEW
        self._shifts = [self._functions(turn) for turn in range(0, self._turns, 2)]

    def fill(self, points: NDArray[np.float64], first: int) -> None:
        """Fill an array of shape (dimensions, paths) with the points of the paths from `first` on."""
        rows = max(1, BLOCK // max(points.shape[1], 1))
        for some in blocks(len(points), rows):
            self._fill(points[some], some, first)

    def _functions(self, turn: int) -> tuple[Shifts, Shifts]:
        """Random functions to shift rows and columns by, flat by dimension, replicate and argument."""
        scramble = np.arange(self._replicates, dtype=np.uint32)[:, np.newaxis] + np.uint32(turn * self._replicates)
        places = np.arange(1, self._rows + 1, dtype=np.uint32)  # from 1: place 0 is the random design's
        words = threefry(self._seed, self._keys[:, :, np.newaxis], scramble, places)
        by_row, by_column = (
            (word.astype(np.uint64) * np.uint64(below) >> np.uint64(32)).astype(np.uint16).reshape(-1)
            for word, below in zip(words, (self._rows, self._columns), strict=True)
        )
        return by_row, by_column

    def _fill(self, points: NDArray[np.float64], dimensions: slice, first: int) -> None:
        paths = np.arange(first, first + points.shape[1], dtype=np.int64)
        number, replicate = np.divmod(paths, self._replicates)
        size = self._sizes[replicate]
        chosen = np.arange(dimensions.start, dimensions.stop, dtype=np.int64)[:, np.newaxis]
        function = (chosen * self._replicates + replicate) * self._rows
        stratum = self._permuted(np.broadcast_to(number, function.shape), function)
        beyond = np.nonzero(stratum >= size)
        while beyond[0].size:
            stratum[beyond] = self._permuted(stratum[beyond], function[beyond])
            still = stratum[beyond] >= size[beyond[1]]
            beyond = beyond[0][still], beyond[1][still]
        for row, key in zip(points, self._keys[dimensions, 0].tolist(), strict=True):
            row[:] = uniforms_of(int(self._seed), key, first, row.size)
        points += stratum
        points /= size
        np.minimum(points, BELOW_ONE, out=points)

    def _permuted(self, number: Whole, function: Whole) -> Whole:
        """Where each number leads, `function` being the place of its functions' value at 0."""
        row, column = np.divmod(number, self._columns)
        for by_row, by_column in self._shifts:
            row += by_row.take(function + column)
            row -= self._rows * (row >= self._rows)
            column += by_column.take(function + row)
            column -= self._columns * (column >= self._columns)
        row *= self._columns
        row += column
        return row
