"""The distributions themselves: quantile and partial moments in closed form.

A quantile takes the probability and its complement, so that neither tail loses digits; the moments between any two
bounds are differences of partial moments, so truncation needs no integration.

Source: Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions (1994, 1995).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from finmodel.graph.elementary import exp
from finmodel.graph.writer import ARRAYS
from finmodel.simulate.curves import REACH, STEP, Curve, by_density, by_slopes, normal_density, scores

Floats = NDArray[np.float64]

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
    def share(self, bounds: Bounds) -> Share:
        """How the probability splits at the bounds."""

    @abstractmethod
    def moments(self, bounds: Bounds) -> tuple[float, float]:
        """Mean and standard deviation between the bounds."""

    def at_score(self, z: Floats, share: Share) -> Floats:
        """Quantile at the probability of standard normal scores, scaled into the share."""
        return self.quantile(*probabilities(z, share))

    def curve(self, share: Share) -> Curve | None:
        """The same as a table; None where a formula is as quick or a table would not do."""
        return None


def probabilities(z: Floats, share: Share) -> tuple[Floats, Floats]:
    """Probability of scores and its complement, scaled into the share."""
    from scipy.special import ndtr

    below, within, above = share
    return below + within * ndtr(z), above + within * ndtr(-z)


class InParts(Shape):
    """A distribution whose moments up to any value are known."""

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
class Between(InParts):
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

    def curve(self, share: Share) -> Curve | None:
        """The normal distribution function."""
        z = scores()
        p, _ = probabilities(z, share)
        slope = share[1] * normal_density(z)
        return replace(by_slopes(p, slope, -z * slope), low=0.0, high=1.0).scaled(self.low, self.scale)

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

    def curve(self, share: Share) -> Curve | None:
        """Roots of the normal distribution function from either side, two pieces meeting at the mode."""
        from scipy.special import ndtri

        below, within, above = share
        left = self.place(self.mode)
        peak = min(max(float(ndtri(min(max((left - below) / within, 0.0), 1.0))), -REACH), REACH)
        places = np.arange(math.ceil(2.0 * REACH / STEP) + 1.0)
        halves = []
        if peak > -REACH:
            z = peak - STEP * places[math.ceil((peak + REACH) / STEP) :: -1]
            halves.append(by_slopes(*_root(z, share, left), start=float(z[0])))
        if peak < REACH:
            z = peak + STEP * places[: math.ceil((REACH - peak) / STEP) + 1]
            x, slope, bend = _root(-z, (above, within, below), 1.0 - left)
            halves.append(by_slopes(1.0 - x, slope, -bend, start=peak))
        whole = halves[0] if len(halves) == 1 else halves[0].before(halves[1])
        return replace(whole, low=0.0, high=1.0).scaled(self.low, self.scale)

    def partial_moments(self, x: float) -> tuple[float, float, float]:
        """Powers of the place, over the rising part and then the falling part."""
        c, t = self.place(self.mode), self.place(x)
        rising, falling = min(t, c), max(t, c)

        def moment(k: int) -> float:
            up = 2.0 * rising ** (k + 2) / (k + 2) / c if c > 0.0 else 0.0
            return up + (_falling(k, falling) - _falling(k, c)) / (1.0 - c) if c < 1.0 else up

        return moment(0), moment(1), moment(2)


def _root(z: Floats, share: Share, part: float) -> tuple[Floats, Floats, Floats]:
    """Root of the probability of scores times a number, and its first two derivatives by the score."""
    p, _ = probabilities(z, share)
    x = np.sqrt(part * p)
    slope = part * share[1] * normal_density(z) / (2.0 * x)
    return x, slope, -z * slope - slope * slope / x


def _falling(k: int, t: float) -> float:
    """Integral from 0 to t of 2 (1 - s) s^k."""
    return 2.0 * (t ** (k + 1) / (k + 1) - t ** (k + 2) / (k + 2))


@dataclass(frozen=True)
class Normal(InParts):
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

        nearer = ndtri(np.minimum(p, q))
        return self.centre + self.spread * np.where(p < 0.5, nearer, -nearer)

    def at_score(self, z: Floats, share: Share) -> Floats:
        """The score itself, unless truncated."""
        return self.centre + self.spread * z if share == WHOLE else super().at_score(z, share)

    def curve(self, share: Share) -> Curve | None:
        """Where truncated."""
        if share == WHOLE:
            return None
        x = self.at_score(scores(), share)
        t = (x - self.centre) / self.spread
        made = by_density(x, normal_density(t) / self.spread, -t / self.spread, share[1])
        return made if made.is_near(lambda z: self.at_score(z, share)) else None

    def partial_moments(self, x: float) -> tuple[float, float, float]:
        """By the density and the distribution function."""
        z = (x - self.centre) / self.spread
        density = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
        return _normal_cdf(z), -density, _normal_cdf(z) - (z * density if math.isfinite(z) else 0.0)


@dataclass(frozen=True)
class Lognormal(InParts):
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

    def curve(self, share: Share) -> Curve | None:
        """Where that is near."""
        x, y = self.at_score(scores(), share), self.logarithm
        t = (np.log(x) - y.centre) / y.spread
        made = by_density(x, normal_density(t) / (y.spread * x), -(1.0 + t / y.spread) / x, share[1])
        return made if made.is_near(lambda z: self.at_score(z, share)) else None

    def partial_moments(self, x: float) -> tuple[float, float, float]:
        """The distribution function moved by one and two variances of the logarithm."""
        y = self.logarithm
        z = (math.log(x) - y.centre) / y.spread if x > 0.0 else -math.inf
        growth = math.exp(y.spread**2)
        return _normal_cdf(z), _normal_cdf(z - y.spread), growth * _normal_cdf(z - 2.0 * y.spread)


def _normal_cdf(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))
