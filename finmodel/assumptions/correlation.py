"""Rank correlations: the matrix of normal scores, whether it is possible, and the nearest that is.

Pairs that the book does not give are independent, in the repaired matrix as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

SMALLEST = 1e-9
"""A matrix with a smaller eigenvalue counts as impossible."""

FLOOR = 1e-4
"""Smallest eigenvalue of a repaired matrix."""

ROUNDS = 5000
"""Of projections; a matrix of thirty inputs needs some hundred."""

Pairs = Mapping[tuple[int, int], float]
"""Rank correlation by pair of places, the first below the second."""


def normal_of_rank(rank: float) -> float:
    """The correlation of normal scores that gives this rank correlation: 2 sin(pi r / 6).

    K. Pearson, On further methods of determining correlation (1907).
    """
    return 2 * math.sin(math.pi * rank / 6)


def rank_of_normal(correlation: float) -> float:
    """The inverse of `normal_of_rank`."""
    return 6 / math.pi * math.asin(correlation / 2)


def matrix_of(size: int, pairs: Pairs) -> NDArray[np.float64]:
    """Correlations of normal scores, shape (size, size)."""
    return ranks_of(size, {pair: normal_of_rank(rank) for pair, rank in pairs.items()})


def ranks_of(size: int, pairs: Pairs) -> NDArray[np.float64]:
    """The rank correlations themselves, shape (size, size)."""
    matrix = np.eye(size)
    for (first, second), rank in pairs.items():
        matrix[first, second] = matrix[second, first] = rank
    return matrix


def smallest_eigenvalue(matrix: NDArray[np.float64]) -> float:
    """The smallest eigenvalue of a symmetric matrix; 1 where it is empty."""
    return float(np.linalg.eigvalsh(matrix)[0]) if matrix.size else 1.0


def is_possible(matrix: NDArray[np.float64]) -> bool:
    """Whether a matrix of correlations is positive definite."""
    return smallest_eigenvalue(matrix) > SMALLEST


def nearest_possible(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The positive definite matrix nearest to `matrix` that has its ones and its zeros, shape (n, n).

    Alternating projections with Dykstra's correction onto the matrices with no eigenvalue below `FLOOR` and onto those
    with the ones and zeros: N. J. Higham, Computing the nearest correlation matrix, IMA J. Numer. Anal. 22 (2002),
    doi:10.1093/imanum/22.3.329; fixed elements as in N. J. Higham and N. Strabić, Numer. Algorithms 72 (2016),
    doi:10.1007/s11075-015-0078-3.
    """
    involved = np.flatnonzero(np.count_nonzero(matrix, axis=1) > 1)
    repaired = matrix.copy()
    if involved.size:
        block = np.ix_(involved, involved)
        repaired[block] = _projected(matrix[block])
    return repaired


def _projected(given: NDArray[np.float64]) -> NDArray[np.float64]:
    free = given != 0
    np.fill_diagonal(free, False)
    current = given
    correction = np.zeros_like(given)
    for _ in range(ROUNDS):
        wanted = current - correction
        values, vectors = np.linalg.eigh(wanted)
        definite = (vectors * np.maximum(values, FLOOR)) @ vectors.T
        correction = definite - wanted
        current = np.where(free, (definite + definite.T) / 2, np.eye(len(given)))
        if float(np.abs(current - definite).max()) < FLOOR / 100:
            break
    short = FLOOR / 2 - smallest_eigenvalue(current)
    if short > 0:  # a slow case: the rest of the way is a mixture with independence
        weight = short / (short + 1 - FLOOR / 2)
        current = (1 - weight) * current + weight * np.eye(len(given))
    return current


def possible_ranks(matrix: NDArray[np.float64], pairs: Pairs) -> dict[tuple[int, int], float]:
    """The nearest possible rank correlations, rounded as far as they stay possible."""
    repaired = nearest_possible(matrix)
    exact = {pair: rank_of_normal(float(repaired[pair])) for pair in pairs}
    for digits in (3, 4, 5, 6):
        ranks = {pair: round(rank, digits) for pair, rank in exact.items()}
        if is_possible(matrix_of(len(matrix), ranks)):
            return ranks
    return exact
