"""Sobol's sequence in 16 independent scrambles, any points of it on their own, in the order in which paths are stored.

A point is the exclusive or of the direction numbers that the bits of its place choose. A random linear scramble acts on
direction numbers, so it is paid once for a run, and the points of neighbouring places are one table shifted by a word.
The scrambles come from Threefry, as all that is random here, so a browser can make the same points.

Sources
-------
Sobol, USSR Comp. Math. Math. Phys. 7 (1967), doi:10.1016/0041-5553(67)90144-9;
Joe, Kuo, SIAM J. Sci. Comput. 30 (2008), doi:10.1137/070709359 (direction numbers);
Owen, "Randomly permuted (t,m,s)-nets and (t,s)-sequences", MCQMC (1995), doi:10.1007/978-1-4612-2552-2_19;
Matousek, "On the L2-discrepancy for anchored boxes", J. Complexity 14 (1998), doi:10.1006/jcom.1998.0489 (scramble).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import Fault, Faults
from finmodel.graph.shocks import threefry

Words = NDArray[np.uint32]

NUMBERS = Path(__file__).with_name("joe-kuo.txt")
DIMENSIONS = 1_024
BITS = 32
CELL = 2.0**-BITS
TOGETHER = 8
"""Bits of a place whose points stand in the table: 256 places of 16 paths each."""


class Sobol:
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
        Independent scrambles; path k is point k // replicates of scramble k % replicates.

    Raises
    ------
    Faults
        The sequence has no such dimension.
    """

    def __init__(self, dimensions: Sequence[int], seed: int, stream: int, paths: int, replicates: int) -> None:
        if max(dimensions, default=0) >= DIMENSIONS:
            found, expected = f"{max(dimensions) + 1:,} uncertain inputs", f"at most {DIMENSIONS:,}"
            remedy = "take the design 'lhs' or 'random'"
            raise Faults([Fault("has too few dimensions", None, None, "design sobol", found, expected, remedy)])
        self._replicates = replicates
        bits = max((-(-paths // replicates) - 1).bit_length(), 1)
        rows, self._shift = _scrambles(dimensions, seed, stream, replicates)
        directions = directions_of(max(dimensions, default=0) + 1)[list(dimensions), :bits]
        # by dimension, bit of the place, scramble
        self._directions = _product(rows[:, np.newaxis], directions[:, :, np.newaxis])
        self._table = np.zeros((len(dimensions), 1, replicates), dtype=np.uint32)
        for bit in range(min(bits, TOGETHER)):
            self._table = np.concatenate([self._table, self._table ^ self._directions[:, bit, np.newaxis]], axis=1)

    def fill(self, points: NDArray[np.float64], first: int) -> None:
        """Fill an array of shape (dimensions, paths) with the points of the paths from `first` on."""
        width, paths = self._replicates, points.shape[1]
        place, last = first // width, -(-(first + paths) // width)
        while place < last:
            block, low = divmod(place, 2**TOGETHER)
            high = min(self._table.shape[1], low + last - place)
            words = self._table[:, low:high] ^ self._of_block(block)[:, np.newaxis]
            begin = place * width - first
            left = max(-begin, 0)
            right = min(words.shape[1] * width, paths - begin)
            flat = words.reshape(len(words), words.shape[1] * width)[:, left:right]
            np.multiply(flat, CELL, out=points[:, begin + left : begin + right])
            place += high - low
        points += 0.5 * CELL

    def _of_block(self, block: int) -> Words:
        """What the higher bits of a place, and the shift, do to the words of every scramble."""
        chosen = self._shift
        for bit in range(block.bit_length()):
            if block >> bit & 1:
                chosen = chosen ^ self._directions[:, TOGETHER + bit]
        return chosen


@cache
def directions_of(count: int) -> Words:
    """Direction numbers of the first dimensions before scrambling, shape (count, BITS), a place's lowest bit first."""
    words = np.zeros((count, BITS), dtype=np.uint64)
    words[0] = np.uint64(1) << np.arange(BITS - 1, -1, -1, dtype=np.uint64)
    with NUMBERS.open(encoding="ascii") as file:
        lines = (line for line in file if not line.startswith("#"))
        for row, line in zip(words[1:], islice(lines, count - 1), strict=True):
            polynomial, *initial = map(int, line.split())
            row[:] = _by_recurrence(polynomial, initial)
    return words.astype(np.uint32)


def _by_recurrence(polynomial: int, initial: list[int]) -> list[int]:
    degree = len(initial)
    words = [number << (BITS - 1 - place) for place, number in enumerate(initial)]
    chosen = [back for back in range(1, degree) if polynomial >> (degree - back) & 1]
    for place in range(degree, BITS):
        word = words[place - degree] ^ (words[place - degree] >> degree)
        for back in chosen:
            word ^= words[place - back]
        words.append(word)
    return words[:BITS]


def _scrambles(dimensions: Sequence[int], seed: int, stream: int, replicates: int) -> tuple[Words, Words]:
    """Random matrices, lower triangular with ones on the diagonal, and shifts, for each dimension and scramble.

    Returns
    -------
    rows : ndarray, shape (dimensions, replicates, BITS)
        A word is a row of a matrix, its highest bit the first column.
    shift : ndarray, shape (dimensions, replicates)
    """
    keys = np.asarray(dimensions, dtype=np.uint32)[:, np.newaxis, np.newaxis] + np.uint32(stream)
    scramble = np.arange(replicates, dtype=np.uint32)[:, np.newaxis]
    turns = np.arange(1, BITS // 2 + 2, dtype=np.uint32)  # from 1: turn 0 is the random design's
    one, other = threefry(np.uint32(seed), keys, scramble, turns)
    words = np.concatenate([one, other], axis=-1)
    place = np.arange(BITS, dtype=np.uint32)
    diagonal = np.uint32(1) << (np.uint32(BITS - 1) - place)
    before = ~(diagonal | (diagonal - np.uint32(1)))
    return words[..., :BITS] & before | diagonal, words[..., BITS]


def _product(rows: Words, words: Words) -> Words:
    """Matrices times vectors over the field of two elements: rows of shape (..., BITS), words of shape (...)."""
    result = np.zeros(np.broadcast_shapes(rows.shape[:-1], words.shape), dtype=np.uint32)
    for place in range(BITS):
        parity = np.bitwise_count(rows[..., place] & words).astype(np.uint32) & np.uint32(1)
        result |= parity << np.uint32(BITS - 1 - place)
    return result
