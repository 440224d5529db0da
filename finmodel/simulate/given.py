"""Distributions of `scipy.stats` that a program gives: drawn from a table where that is near, else as SciPy draws."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from finmodel.assumptions.frozen import Frozen, in_steps, name_of
from finmodel.errors import Fault, Faults
from finmodel.simulate.curves import PIECES_OF_VALUES, Curve, Floats, by_values, scores
from finmodel.simulate.shapes import UNBOUNDED, WHOLE, Bounds, Shape, Share, probabilities


@dataclass(frozen=True)
class Given(Shape):
    """A frozen distribution, multiplied and shifted; `digest` tells it from others."""

    digest: str
    shift: float
    factor: float
    distribution: Frozen = field(compare=False)

    def quantile(self, p: Floats, q: Floats) -> Floats:
        """From the nearer tail."""
        left, drawn = p < 0.5, np.empty(np.shape(p))
        with np.errstate(all="ignore"):
            drawn[left], drawn[~left] = self.distribution.ppf(p[left]), self.distribution.isf(q[~left])
        if not np.isfinite(drawn).all():
            raise Faults([Fault("has quantiles that are no numbers", key="scipy", found=name_of(self.distribution))])
        return self.shift + self.factor * drawn

    def share(self, bounds: Bounds) -> Share:
        """By the distribution function."""
        if bounds == UNBOUNDED:
            return WHOLE
        low, high = ((side - self.shift) / self.factor for side in bounds)
        below, above = float(self.distribution.cdf(low)), float(self.distribution.sf(high))
        return below, 1.0 - below - above, above

    def moments(self, bounds: Bounds) -> tuple[float, float]:
        """SciPy's own; of a truncated distribution by integration over the normal score."""
        if bounds == UNBOUNDED:
            mean, sd = float(self.distribution.mean()), float(self.distribution.std())
            return self.shift + self.factor * mean, self.factor * sd
        z = scores(PIECES_OF_VALUES)
        weights = np.exp(-0.5 * z * z)
        weights /= weights.sum()
        x = np.clip(self.at_score(z, self.share(bounds)), *bounds)
        centre = float(np.sum(weights * x))
        return centre, math.sqrt(float(np.sum(weights * (x - centre) ** 2)))

    def curve(self, share: Share) -> Curve | None:
        """Through values of a continuous one, where that is near."""
        return _curve(self, share)


@lru_cache(maxsize=64)
def _curve(given: Given, share: Share) -> Curve | None:
    if in_steps(given.distribution):
        return None

    def quantile(z: Floats) -> Floats:
        return given.quantile(*probabilities(z, share))

    made = by_values(quantile)
    return made if made.is_near(quantile) else None
