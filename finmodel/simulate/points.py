"""Distributions that are stated by points: values with weights, data, and cumulative probabilities."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from finmodel.simulate.curves import Floats
from finmodel.simulate.shapes import WHOLE, Bounds, InParts, Shape, Share


@dataclass(frozen=True)
class Steps(Shape):
    """Values from low to high with the probability of at most each; nothing between is drawn."""

    values: tuple[float, ...]
    upto: tuple[float, ...]

    @classmethod
    def weighted(cls, pairs: list[tuple[float, float]]) -> Steps:
        """Values with weights, in any order."""
        ordered = sorted(pairs)
        whole = math.fsum(weight for _, weight in ordered)
        upto = (math.fsum(weight for _, weight in ordered[: place + 1]) / whole for place in range(len(ordered)))
        return cls(tuple(value for value, _ in ordered), tuple(upto))

    @classmethod
    def data(cls, values: tuple[float, ...]) -> Steps:
        """Data, each as likely as any other."""
        return cls(tuple(sorted(values)), tuple((place + 1) / len(values) for place in range(len(values))))

    @cached_property
    def _edges(self) -> tuple[Floats, Floats, Floats]:
        """Values, the probabilities at which one gives way to the next, and those as scores."""
        from scipy.special import ndtri

        edges = np.array(self.upto[:-1])
        return np.array(self.values), edges, ndtri(edges)

    def quantile(self, p: Floats, q: Floats) -> Floats:
        """The least value of at least this probability."""
        values, edges, _ = self._edges
        return values.take(np.searchsorted(edges, p, side="left"))

    def at_score(self, z: Floats, share: Share) -> Floats:
        """The same, the probabilities being scores."""
        values, _, edges = self._edges
        return values.take(np.searchsorted(edges, z, side="left"))

    def share(self, bounds: Bounds) -> Share:
        """All of it."""
        return WHOLE

    def moments(self, bounds: Bounds) -> tuple[float, float]:
        """Mean and standard deviation, each value counting with its probability."""
        weights = np.diff(self.upto, prepend=0.0)
        values = np.array(self.values)
        mean = float(np.sum(weights * values))
        return mean, math.sqrt(float(np.sum(weights * (values - mean) ** 2)))


@dataclass(frozen=True)
class Cumulative(InParts):
    """Values from low to high with the probability of at most each, straight lines between them."""

    values: tuple[float, ...]
    upto: tuple[float, ...]

    @property
    def origin(self) -> float:
        """The least value."""
        return self.values[0]

    @property
    def scale(self) -> float:
        """The width."""
        return self.values[-1] - self.values[0]

    @cached_property
    def _lines(self) -> tuple[Floats, Floats]:
        return np.array(self.upto), np.array(self.values)

    def quantile(self, p: Floats, q: Floats) -> Floats:
        """Along the lines."""
        return np.interp(p, *self._lines)

    def at_score(self, z: Floats, share: Share) -> Floats:
        """Along the lines."""
        from scipy.special import ndtr

        below, within, _ = share
        return np.interp(below + within * ndtr(z), *self._lines)

    def partial_moments(self, x: float) -> tuple[float, float, float]:
        """Between two points all values are alike."""
        found = np.zeros(3)
        for (value, upto), (next_value, next_upto) in pairwise(zip(self.values, self.upto, strict=True)):
            if x <= value:
                break
            last = min(x, next_value)
            mass = (next_upto - upto) * ((last - value) / (next_value - value))
            a, b = (value - self.origin) / self.scale, (last - self.origin) / self.scale
            found += mass * np.array([1.0, (a + b) / 2.0, (a * a + a * b + b * b) / 3.0])
        zeroth, first, second = found.tolist()
        return zeroth, first, second
