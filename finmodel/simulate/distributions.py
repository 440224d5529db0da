"""Draws, quantiles and moments of the ranges that figures carry.

A draw starts from a standard normal score z, which the copula has correlated with the others, and is the quantile at
the probability of z: for normal, lognormal, uniform and triangular ranges in closed form, for PERT from a table against
z whose cubic pieces match values and slopes at the knots. A truncated range keeps its shape between the bounds: the
probability is scaled into [F(low), F(high)].
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from finmodel.assumptions.range import Range
from finmodel.simulate.shapes import UNBOUNDED, Bounds, Floats, Lognormal, Normal, Pert, Shape, Triangular, Uniform
from finmodel.simulate.shocks import BLOCK, blocks


@dataclass(frozen=True)
class Description:
    """What a range implies: moments and percentiles, in the input's unit."""

    mean: float
    sd: float
    p5: float
    p50: float
    p95: float


def ppf_of_normal_scores(given: Range, z: Floats) -> Floats:
    """The range's quantile at the probability of each standard normal score.

    Parameters
    ----------
    given : Range
        Distribution, truncated or not.
    z : ndarray
        Standard normal scores.

    Returns
    -------
    ndarray, of z's shape
        In the range's unit, inside its bounds.
    """
    shape, bounds = _shape(given), _bounds(given)
    share = shape.share(bounds)
    scores = z.reshape(-1)
    draws = np.empty(scores.size)
    for part in blocks(scores.size, BLOCK):
        draws[part] = shape.at_score(scores[part], share)
    if bounds != UNBOUNDED:
        np.clip(draws, *bounds, out=draws)
    return draws.reshape(z.shape)


def ppf(given: Range, p: Floats | float) -> Floats:
    """The range's quantile at probabilities p, between 0 and 1."""
    shape, bounds = _shape(given), _bounds(given)
    below, within, above = shape.share(bounds)
    probability = np.asarray(p, dtype=np.float64)
    return np.clip(shape.quantile(below + within * probability, above + within * (1.0 - probability)), *bounds)


def mean(given: Range) -> float:
    """Mean of the range, in its unit."""
    return _shape(given).moments(_bounds(given))[0]


def sd(given: Range) -> float:
    """Standard deviation of the range, in its unit."""
    return _shape(given).moments(_bounds(given))[1]


def describe(given: Range) -> Description:
    """Mean, standard deviation and percentiles 5, 50, 95 of the range."""
    low, middle, high = (float(x) for x in ppf(given, np.array([0.05, 0.5, 0.95])))
    return Description(mean(given), sd(given), low, middle, high)


def _shape(given: Range) -> Shape:
    first, last = given.parameters[0], given.parameters[-1]
    match given.kind:
        case "uniform":
            return Uniform(first, last)
        case "triangular":
            return Triangular(first, last, given.parameters[1])
        case "pert":
            return Pert(first, last, given.parameters[1])
        case "normal":
            return Normal(first, last)
        case "lognormal":
            return Lognormal(first, last)


def _bounds(given: Range) -> Bounds:
    return (-math.inf if given.low is None else given.low, math.inf if given.high is None else given.high)
