"""Quantiles as functions of the normal score, in tables: pieces of degree five between equally spaced scores.

Against the score, unlike against the probability, a quantile has no steep ends, so that one table serves both tails.
Where slope and bend of the quantile are known they fix the pieces at their ends; else six neighbouring values do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from finmodel.render.quantiles import DEGREE, PIECE, WIDTH, Tables, quantiles

Floats = NDArray[np.float64]

REACH = 8.25
"""Scores reach 8.21 where a uniform number has 52 bits."""
PIECES, PIECES_OF_VALUES = 384, 2_048
STEP = 2.0 * REACH / PIECES
WITHIN = 1e-10
"""Largest error of a table in the middle of a piece, over the distance from the median plus the quartiles'."""

THROUGH_SIX = np.round(120.0 * np.linalg.inv(np.vander(np.arange(-2.0, 4.0), increasing=True))) / 120.0
"""From six neighbouring values to the coefficients of the piece between the third and the fourth."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A table.

    Attributes
    ----------
    pieces
        Coefficients of t^0 to t^5 on each piece, t running from 0 to 1; shape (pieces, 6).
    start, step
        The score where the first piece begins, and how wide each is.
    low, high
        What the quantile never leaves.
    """

    pieces: Floats
    start: float = -REACH
    step: float = STEP
    low: float = -math.inf
    high: float = math.inf

    def at(self, z: Floats) -> Floats:
        """The quantile at scores, shape (scores,)."""
        wide = np.zeros((1, padded(z.size)))
        wide[0, : z.size] = z
        values = np.empty(wide.shape)
        quantiles().curves(tables([self]), wide, values)
        return values[0, : z.size]

    def within(self, low: float, high: float) -> Curve:
        """The same, never leaving these bounds either."""
        return replace(self, low=max(self.low, low), high=min(self.high, high))

    def scaled(self, origin: float, scale: float) -> Curve:
        """The curve of origin + scale times the quantile, scale above 0."""
        pieces = scale * self.pieces
        pieces[:, 0] += origin
        return replace(self, pieces=pieces, low=origin + scale * self.low, high=origin + scale * self.high)

    def before(self, other: Curve) -> Curve:
        """The pieces of this curve and then those of another that begins where this one ends."""
        return replace(self, pieces=np.concatenate([self.pieces, other.pieces]))

    def is_near(self, quantile: Callable[[Floats], Floats]) -> bool:
        """Whether the table is as good as the function that it stands for, seen from the middle of its pieces."""
        middle = self.start + self.step * (np.arange(len(self.pieces), dtype=np.float64) + 0.5)
        exact = quantile(middle)
        quartile, median, other = self.at(np.array([-0.6745, 0.0, 0.6745]))
        allowed = WITHIN * (np.abs(exact - median) + (other - quartile))
        return bool(np.isfinite(self.pieces).all() and np.all(np.abs(self.at(middle) - exact) <= allowed))


def padded(size: int) -> int:
    """The next multiple of the width at which tables are worked off."""
    return -(-size // WIDTH) * WIDTH


def tables(curves: Sequence[Curve], sources: Sequence[int] = (0,), targets: Sequence[int] = (0,)) -> Tables:
    """Curves behind each other, the rows of scores that they read and the rows of quantiles that they fill."""
    counts = np.array([len(curve.pieces) for curve in curves], dtype=np.int64)
    pieces = np.zeros((int(counts.sum()), PIECE))
    pieces[:, : DEGREE + 1] = np.concatenate([curve.pieces for curve in curves]) if curves else 0.0
    rows = np.array([sources, targets, np.cumsum(counts) - counts, counts - 1], dtype=np.int64)
    numbers = [(curve.start, 1.0 / curve.step, curve.low, curve.high) for curve in curves]
    return Tables(pieces, np.ascontiguousarray(rows.T), np.array(numbers, dtype=np.float64).reshape(-1, 4))


def scores(pieces: int = PIECES, beyond: int = 0) -> Floats:
    """The ends of so many pieces over the whole reach, and of some beyond them on either side."""
    places = np.arange(-beyond, pieces + 1 + beyond, dtype=np.float64)
    return places * (2.0 * REACH / pieces) - REACH


def by_slopes(x: Floats, slope: Floats, bend: Floats, start: float = -REACH, step: float = STEP) -> Curve:
    """The curve through values with given first and second derivatives by the score, at the ends of its pieces."""
    rise = np.diff(x)
    first, last = step * slope[:-1], step * slope[1:]
    begin, end = step**2 * bend[:-1], step**2 * bend[1:]
    pieces = (
        x[:-1],
        first,
        0.5 * begin,
        10.0 * rise - 6.0 * first - 4.0 * last - 1.5 * begin + 0.5 * end,
        -15.0 * rise + 8.0 * first + 7.0 * last + 1.5 * begin - end,
        6.0 * rise - 3.0 * (first + last) - 0.5 * (begin - end),
    )
    return Curve(np.array(pieces).T, start, step)


def by_density(x: Floats, density: Floats, fall: Floats, within: float) -> Curve:
    """The curve of a quantile.

    Parameters
    ----------
    x, density, fall : ndarray
        The quantiles at `scores()`, the density at them, and the derivative of its logarithm.
    within : float
        Probability that a truncation leaves.
    """
    z = scores()
    slope = within * normal_density(z) / density
    return by_slopes(x, slope, slope * (-z - slope * fall))


def by_values(quantile: Callable[[Floats], Floats]) -> Curve:
    """The curve through values alone."""
    values = quantile(scores(PIECES_OF_VALUES, 2))
    pieces = np.zeros((6, PIECES_OF_VALUES))
    for row, weights in zip(pieces, THROUGH_SIX, strict=True):
        for place, weight in enumerate(weights):
            row += weight * values[place : place + PIECES_OF_VALUES]
    return Curve(pieces.T, -REACH, 2.0 * REACH / PIECES_OF_VALUES)


def normal_density(z: Floats) -> Floats:
    """Of the standard normal distribution."""
    return np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
