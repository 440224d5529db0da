"""The distributions themselves: quantile and partial moments in closed form, PERT's quantile also from a table.

A quantile takes the probability and its complement, so that neither tail loses digits; the moments between any two
bounds are differences of partial moments, so truncation needs no integration.

Sources
-------
PERT: Malcolm, Roseboom, Clark, Fazar, Operations Research 7 (1959), doi:10.1287/opre.7.5.646, as a beta distribution
with weight 4 on the mode (Vose, Risk Analysis, 3rd edition, 2008). The others: Johnson, Kotz,
Balakrishnan, Continuous Univariate Distributions (1994, 1995).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from finmodel.graph.elementary import exp
from finmodel.graph.writer import ARRAYS

Floats = NDArray[np.float64]

KNOTS = 4_097
SCORE_BOUND = 8.25
"""Scores reach 8.21 where a uniform number has 52 bits."""

Bounds = tuple[float, float]
Share = tuple[float, float, float]
"""Probability below the lower bound, between the bounds, above the upper bound."""
UNBOUNDED: Bounds = (-math.inf, math.inf)
WHOLE: Share = (0.0, 1.0, 0.0)


class Shape(ABC):
    """A distribution before truncation."""

    @abstractmethod
    def quantile(self, p: Floats, q: Floats) -> Floats:
        """Quantile at probability p, q being 1 - p without its rounding."""

    @abstractmethod
    def partial_moments(self, x: float) -> tuple[float, float, float]:
        """Integrals up to x of the density times 1, t and t^2, t being the value less `origin`, over `scale`."""

    @property
    @abstractmethod
    def origin(self) -> float:
        """Where partial moments measure from."""

    @property
    @abstractmethod
    def scale(self) -> float:
        """In what partial moments measure."""

    def at_score(self, z: Floats, share: Share) -> Floats:
        """Quantile at the probability of standard normal scores, scaled into the share."""
        from scipy.special import ndtr

        below, within, above = share
        return self.quantile(below + within * ndtr(z), above + within * ndtr(-z))

    def share(self, bounds: Bounds) -> Share:
        """How the probability splits at the bounds."""
        if bounds == UNBOUNDED:
            return WHOLE
        below, upto = self.partial_moments(bounds[0])[0], self.partial_moments(bounds[1])[0]
        return below, upto - below, 1.0 - upto

    def moments(self, bounds: Bounds) -> tuple[float, float]:
        """Mean and standard deviation between the bounds."""
        low, high = self.partial_moments(bounds[0]), self.partial_moments(bounds[1])
        whole, first, second = (b - a for a, b in zip(low, high, strict=True))
        centre = first / whole
        spread = math.sqrt(max(second / whole - centre**2, 0.0))
        return self.origin + self.scale * centre, self.scale * spread


@dataclass(frozen=True)
class Between(Shape):
    """A distribution between two ends, measured from the lower end in widths."""

    low: float
    high: float

    @property
    def origin(self) -> float:
        """The lower end."""
        return self.low

    @property
    def scale(self) -> float:
        """The width."""
        return self.high - self.low

    def place(self, x: float) -> float:
        """Where x stands between the ends, from 0 to 1."""
        return min(max((x - self.low) / self.scale, 0.0), 1.0)


@dataclass(frozen=True)
class Uniform(Between):
    """All values from low to high alike."""

    def quantile(self, p: Floats, q: Floats) -> Floats:
        """In proportion to the probability."""
        return self.low + self.scale * p

    def partial_moments(self, x: float) -> tuple[float, float, float]:
        """Powers of the place."""
        t = self.place(x)
        return t, t**2 / 2.0, t**3 / 3.0


@dataclass(frozen=True)
class Triangular(Between):
    """Density rising in a line from low to mode and falling in a line to high."""

    mode: float

    def quantile(self, p: Floats, q: Floats) -> Floats:
        """Square root of the probability from whichever end is on the mode's side."""
        left, right = self.mode - self.low, self.high - self.mode
        rising, falling = self.low + np.sqrt(p * (self.scale * left)), self.high - np.sqrt(q * (self.scale * right))
        return np.where(p * self.scale < left, rising, falling)

    def partial_moments(self, x: float) -> tuple[float, float, float]:
        """Powers of the place, over the rising part and then the falling part."""
        c, t = self.place(self.mode), self.place(x)
        rising, falling = min(t, c), max(t, c)

        def moment(k: int) -> float:
            up = 2.0 * rising ** (k + 2) / (k + 2) / c if c > 0.0 else 0.0
            return up + (_falling(k, falling) - _falling(k, c)) / (1.0 - c) if c < 1.0 else up

        return moment(0), moment(1), moment(2)


def _falling(k: int, t: float) -> float:
    """Integral from 0 to t of 2 (1 - s) s^k."""
    return 2.0 * (t ** (k + 1) / (k + 1) - t ** (k + 2) / (k + 2))


@dataclass(frozen=True)
class Pert(Between):
    """Beta distribution from low to high whose mean is (low + 4 mode + high) / 6."""

    mode: float

    @property
    def exponents(self) -> tuple[float, float]:
        """The beta distribution's two parameters, which sum to 6."""
        return 1.0 + 4.0 * (self.mode - self.low) / self.scale, 1.0 + 4.0 * (self.high - self.mode) / self.scale

    def quantile(self, p: Floats, q: Floats) -> Floats:
        """The incomplete beta function's inverse."""
        return self.low + self.scale * _beta_quantile(*self.exponents, p, q)[0]

    def at_score(self, z: Floats, share: Share) -> Floats:
        """The same from the table."""
        return self.low + self.scale * _interpolate(_beta_table(*self.exponents, share), z)

    def partial_moments(self, x: float) -> tuple[float, float, float]:
        """Incomplete beta functions of rising order."""
        from scipy.special import betainc

        a, b = self.exponents
        t = self.place(x)
        first = a / (a + b)
        second = first * (a + 1.0) / (a + b + 1.0)
        return float(betainc(a, b, t)), first * float(betainc(a + 1.0, b, t)), second * float(betainc(a + 2.0, b, t))


@dataclass(frozen=True)
class Normal(Shape):
    """Normal distribution, by its mean and standard deviation."""

    centre: float
    spread: float

    @property
    def origin(self) -> float:
        """The mean."""
        return self.centre

    @property
    def scale(self) -> float:
        """The standard deviation."""
        return self.spread

    def quantile(self, p: Floats, q: Floats) -> Floats:
        """From the nearer tail."""
        from scipy.special import ndtri

        return self.centre + self.spread * np.where(p < 0.5, ndtri(p), -ndtri(q))

    def at_score(self, z: Floats, share: Share) -> Floats:
        """The score itself, unless truncated."""
        return self.centre + self.spread * z if share == WHOLE else super().at_score(z, share)

    def partial_moments(self, x: float) -> tuple[float, float, float]:
        """By the density and the distribution function."""
        z = (x - self.centre) / self.spread
        density = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
        return _normal_cdf(z), -density, _normal_cdf(z) - (z * density if math.isfinite(z) else 0.0)


@dataclass(frozen=True)
class Lognormal(Shape):
    """Distribution of e^y for normal y, by its own mean and standard deviation."""

    centre: float
    spread: float

    @property
    def logarithm(self) -> Normal:
        """The distribution of y."""
        variance = math.log1p((self.spread / self.centre) ** 2)
        return Normal(math.log(self.centre) - variance / 2.0, math.sqrt(variance))

    @property
    def origin(self) -> float:
        """Zero."""
        return 0.0

    @property
    def scale(self) -> float:
        """The mean."""
        return self.centre

    def quantile(self, p: Floats, q: Floats) -> Floats:
        """Exponential of the normal quantile."""
        result: Floats = exp(ARRAYS, self.logarithm.quantile(p, q))
        return result

    def at_score(self, z: Floats, share: Share) -> Floats:
        """Exponential of the normal quantile."""
        result: Floats = exp(ARRAYS, self.logarithm.at_score(z, share))
        return result

    def partial_moments(self, x: float) -> tuple[float, float, float]:
        """The distribution function moved by one and two variances of the logarithm."""
        y = self.logarithm
        z = (math.log(x) - y.centre) / y.spread if x > 0.0 else -math.inf
        growth = math.exp(y.spread**2)
        return _normal_cdf(z), _normal_cdf(z - y.spread), growth * _normal_cdf(z - 2.0 * y.spread)


def _normal_cdf(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def _beta_quantile(a: float, b: float, p: Floats, q: Floats) -> tuple[Floats, Floats]:
    """Quantile of the beta distribution and its distance from 1, each without cancellation."""
    from scipy.special import betaincinv

    left = p < 0.5
    lower, upper = betaincinv(a, b, p, where=left, out=np.zeros(p.shape)), np.zeros(p.shape)
    betaincinv(b, a, q, where=~left, out=upper)
    return np.where(left, lower, 1.0 - upper), np.where(left, 1.0 - lower, upper)


@lru_cache(maxsize=256)
def _beta_table(a: float, b: float, share: Share) -> tuple[Floats, Floats, Floats, Floats]:
    """Coefficients of t^0 to t^3 on each interval between knots, t running from 0 to 1."""
    from scipy.special import betaln, ndtr

    z = np.linspace(-SCORE_BOUND, SCORE_BOUND, KNOTS)
    below, within, above = share
    x, y = _beta_quantile(a, b, below + within * ndtr(z), above + within * ndtr(-z))
    density = np.exp((a - 1.0) * np.log(x) + (b - 1.0) * np.log(y) - betaln(a, b))
    slope = within * np.exp(-0.5 * z**2) / math.sqrt(2.0 * math.pi) / density * (z[1] - z[0])
    rise = np.diff(x)
    start, end = slope[:-1], slope[1:]
    return x[:-1].copy(), start.copy(), 3.0 * rise - 2.0 * start - end, start + end - 2.0 * rise


def _interpolate(table: tuple[Floats, Floats, Floats, Floats], z: Floats) -> Floats:
    place = (z + SCORE_BOUND) * ((KNOTS - 1) / (2.0 * SCORE_BOUND))
    piece = np.clip(place.astype(np.int64), 0, KNOTS - 2)
    t = np.clip(place - piece, 0.0, 1.0)
    c0, c1, c2, c3 = (coefficient[piece] for coefficient in table)
    return np.clip(c0 + t * (c1 + t * (c2 + t * c3)), 0.0, 1.0)
