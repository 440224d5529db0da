"""Draws, quantiles and moments of the ranges that figures carry.

A draw starts from a standard normal score z, which the copula has correlated with the others, and is the quantile at
the probability of z: for normal, lognormal, uniform and triangular ranges and those stated by points in closed form,
for the others from a table against z. A truncated range keeps its shape between the bounds: the probability is scaled
into [F(low), F(high)].
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from finmodel.assumptions.range import Range
from finmodel.simulate.betas import Beta
from finmodel.simulate.curves import Curve, Floats
from finmodel.simulate.given import Given
from finmodel.simulate.points import Cumulative, Steps
from finmodel.simulate.shapes import UNBOUNDED, Bounds, Lognormal, Normal, Shape, Share, Triangular, Uniform
from finmodel.simulate.shocks import BLOCK, blocks


@dataclass(frozen=True)
class Description:
    """What a range implies: moments and percentiles, in the input's unit."""

    mean: float
    sd: float
    p5: float
    p50: float
    p95: float


@dataclass(frozen=True, eq=False)
class Marginal:
    """A range, ready to be drawn from.

    Attributes
    ----------
    shape, bounds, share
        The distribution, where it is truncated and how that splits its probability.
    curve
        Its table against the score; None where a formula is as quick, or a table would not do.
    """

    shape: Shape
    bounds: Bounds
    share: Share
    curve: Curve | None

    def fill(self, z: Floats, draws: Floats) -> None:
        """Fill an array with the quantiles at the probabilities of normal scores, both of shape (scores,)."""
        if self.curve is not None:
            draws[:] = self.curve.at(z)
            return
        draws[:] = self.shape.at_score(z, self.share)
        if self.bounds != UNBOUNDED:
            np.clip(draws, *self.bounds, out=draws)


@lru_cache(maxsize=512)
def marginal(given: Range) -> Marginal:
    """A range made ready to be drawn from."""
    shape, bounds, share = _cut(given)
    curve = shape.curve(share)
    return Marginal(shape, bounds, share, None if curve is None else curve.within(*bounds))


def _cut(given: Range) -> tuple[Shape, Bounds, Share]:
    """A range's distribution, where it is truncated and how that splits its probability."""
    shape = shape_of(given)
    bounds = (-math.inf if given.low is None else given.low, math.inf if given.high is None else given.high)
    return shape, bounds, shape.share(bounds)


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
    made, scores = marginal(given), z.reshape(-1)
    draws = np.empty(scores.size)
    for part in blocks(scores.size, BLOCK):
        made.fill(scores[part], draws[part])
    return draws.reshape(z.shape)


def ppf(given: Range, p: Floats | float) -> Floats:
    """The range's quantile at probabilities p, between 0 and 1."""
    shape, bounds, (below, within, above) = _cut(given)
    probability = np.asarray(p, dtype=np.float64)
    return np.clip(shape.quantile(below + within * probability, above + within * (1.0 - probability)), *bounds)


def mean(given: Range) -> float:
    """Mean of the range, in its unit."""
    return describe(given).mean


def sd(given: Range) -> float:
    """Standard deviation of the range, in its unit."""
    return describe(given).sd


@lru_cache(maxsize=512)
def describe(given: Range) -> Description:
    """Mean, standard deviation and percentiles 5, 50, 95 of the range."""
    shape, bounds, _ = _cut(given)
    low, middle, high = (float(x) for x in ppf(given, np.array([0.05, 0.5, 0.95])))
    return Description(*shape.moments(bounds), low, middle, high)


def shape_of(given: Range) -> Shape:
    """The distribution of a range, before truncation."""
    first, last = given.parameters[0], given.parameters[-1]
    match given.kind:
        case "uniform":
            return Uniform(first, last)
        case "triangular":
            return Triangular(first, last, given.parameters[1])
        case "pert":
            return Beta.pert(*given.parameters)
        case "beta":
            alpha, beta, low, high = given.parameters
            return Beta(low, high, alpha, beta)
        case "normal":
            return Normal(first, last)
        case "lognormal":
            return Lognormal(first, last)
        case "discrete":
            return Steps.weighted(given.pairs)
        case "bernoulli":
            return Steps.weighted([(0.0, 1.0 - first), (1.0, first)])
        case "empirical":
            return Steps.data(given.parameters)
        case "cumulative":
            return Cumulative(given.parameters[::2], given.parameters[1::2])
        case "scipy":
            if given.distribution is None:
                raise ValueError("a range of the kind scipy needs its distribution")
            return Given(given.digest, first, last, given.distribution)
