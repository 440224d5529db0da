"""Beta distributions, PERT among them: quantiles by the inverse of the incomplete beta function, or from a table.

Sources
-------
PERT: Malcolm, Roseboom, Clark, Fazar, Operations Research 7 (1959), doi:10.1287/opre.7.5.646, as a beta distribution
with weight 4 on the mode (Vose, Risk Analysis, 3rd edition, 2008). Moments: Johnson, Kotz, Balakrishnan, Continuous
Univariate Distributions, vol. 2 (1995), ch. 25.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from finmodel.simulate.curves import Curve, Floats, by_density, scores
from finmodel.simulate.shapes import UNBOUNDED, Between, Bounds, Share, probabilities

TAME_FROM, TAME_TO = 1.0, 100.0
"""Parameters between which the table is known to be near."""


@dataclass(frozen=True)
class Beta(Between):
    """Beta distribution from low to high."""

    alpha: float
    beta: float

    @classmethod
    def pert(cls, low: float, mode: float, high: float) -> Beta:
        """The one whose mean is (low + 4 mode + high) / 6; its parameters sum to 6."""
        width = high - low
        return cls(low, high, 1.0 + 4.0 * (mode - low) / width, 1.0 + 4.0 * (high - mode) / width)

    def quantile(self, p: Floats, q: Floats) -> Floats:
        """The incomplete beta function's inverse."""
        return self.low + self.scale * _quantile(self.alpha, self.beta, p, q)[0]

    def curve(self, share: Share) -> Curve | None:
        """The same from a table, wherever that is near."""
        table = _table(self.alpha, self.beta, share)
        return None if table is None else table.scaled(self.low, self.scale)

    def partial_moments(self, x: float) -> tuple[float, float, float]:
        """Incomplete beta functions of rising order."""
        from scipy.special import betainc

        a, b = self.alpha, self.beta
        t = self.place(x)
        first = a / (a + b)
        second = first * (a + 1.0) / (a + b + 1.0)
        return float(betainc(a, b, t)), first * float(betainc(a + 1.0, b, t)), second * float(betainc(a + 2.0, b, t))

    def moments(self, bounds: Bounds) -> tuple[float, float]:
        """Mean and standard deviation between the bounds."""
        if bounds != UNBOUNDED:
            return super().moments(bounds)
        a, b = self.alpha, self.beta
        centre = a / (a + b)
        return self.low + self.scale * centre, self.scale * math.sqrt(centre * (b / (a + b)) / (a + b + 1.0))


def _quantile(a: float, b: float, p: Floats, q: Floats) -> tuple[Floats, Floats]:
    """Quantile of the beta distribution and its distance from 1, each without cancellation."""
    from scipy.special import betaincinv

    left = p < 0.5
    nearer = betaincinv(np.where(left, a, b), np.where(left, b, a), np.where(left, p, q))
    return np.where(left, nearer, 1.0 - nearer), np.where(left, 1.0 - nearer, nearer)


@lru_cache(maxsize=256)
def _table(a: float, b: float, share: Share) -> Curve | None:
    from scipy.special import betaln

    x, y = _quantile(a, b, *probabilities(scores(), share))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        density = np.exp((a - 1.0) * np.log(x) + (b - 1.0) * np.log(y) - betaln(a, b))
        made = by_density(x, density, (a - 1.0) / x - (b - 1.0) / y, share[1]).within(0.0, 1.0)
    if min(a, b) >= TAME_FROM and max(a, b) <= TAME_TO:
        return made
    return made if made.is_near(lambda z: _quantile(a, b, *probabilities(z, share))[0]) else None
