"""Distributions of `scipy.stats`, given from Python with their parameters: what is asked of them, and whether they do.

SciPy's statistics take half a second to import, so nothing here imports them: who has such a distribution has done so.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any, Protocol, TypeGuard

import numpy as np
from numpy.typing import NDArray

from finmodel.assumptions.possible import LEAST_PART, Problem

ASKED = ("ppf", "isf", "cdf", "sf", "mean", "std", "support")
PROBABILITIES = np.array([2.0**-40, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0 - 2.0**-40])
EXPECTED = "a frozen distribution of scipy.stats, such as scipy.stats.gamma(3, scale=2)"


class Frozen(Protocol):
    """What is asked of a frozen distribution of `scipy.stats`."""

    def ppf(self, q: Any) -> Any:
        """Quantile at a probability."""

    def isf(self, q: Any) -> Any:
        """Quantile at the complement of a probability."""

    def cdf(self, x: Any) -> Any:
        """Probability up to x."""

    def sf(self, x: Any) -> Any:
        """Probability above x."""

    def mean(self) -> Any:
        """Mean."""

    def std(self) -> Any:
        """Standard deviation."""

    def support(self) -> tuple[Any, Any]:
        """Least and greatest value."""


def is_distribution(given: object) -> TypeGuard[Frozen]:
    """Whether it can be asked what is asked of a frozen distribution."""
    return not isinstance(given, type) and all(callable(getattr(given, name, None)) for name in ASKED)


def in_steps(distribution: Frozen) -> bool:
    """Whether some values are drawn and none between."""
    return hasattr(distribution, "pmf")


def name_of(distribution: Frozen) -> str:
    """What people call it, with its parameters where these are numbers."""
    maker = getattr(distribution, "dist", distribution)
    name = getattr(maker, "name", None) or type(distribution).__name__
    named = [f"{key}={value}" for key, value in getattr(distribution, "kwds", {}).items() if np.ndim(value) == 0]
    plain = [str(value) for value in getattr(distribution, "args", ()) if np.ndim(value) == 0]
    return f"{name}({', '.join([*plain, *named])})"


def digest(distribution: Frozen) -> str:
    """Of its quantiles: another distribution has another digest."""
    places = (np.arange(256) + 0.5) / 256.0
    return hashlib.sha256(_numbers(distribution.ppf(places)).tobytes()).hexdigest()[:16]


def problem_of(distribution: Frozen, low: float | None, high: float | None) -> Problem | None:
    """Why nothing can be drawn from it; None where it can."""
    name = name_of(distribution)
    sides = (-math.inf if low is None else low, math.inf if high is None else high)
    try:
        with np.errstate(all="ignore"):
            ends = _numbers(distribution.support())
            quantiles = _numbers(distribution.ppf(PROBABILITIES))
            moments = _numbers([distribution.mean(), distribution.std()])
            outside = _numbers([distribution.cdf(sides[0]), distribution.sf(sides[1])])
    except (TypeError, ValueError, ArithmeticError) as fault:
        reason = f"{name}: {' '.join(str(fault).split())[:100]}"
        return Problem("is no distribution to draw from", reason, EXPECTED)
    if quantiles.shape != PROBABILITIES.shape or not ends.shape == moments.shape == outside.shape == (2,):
        return Problem("is not one distribution", name, EXPECTED)
    if np.isnan(ends).any() or not np.isfinite(quantiles).all() or (np.diff(quantiles) < 0).any():
        return Problem("is impossible", f"{name}, quantiles {quantiles.tolist()}", "finite quantiles that rise")
    truncated = low is not None or high is not None
    if truncated and in_steps(distribution):
        return Problem("cannot be truncated", name, "a continuous distribution")
    if truncated and not 1.0 - outside.sum() >= LEAST_PART:
        expected = f"a part of probability {LEAST_PART:g} or more"
        return Problem("is truncated to nothing", f"truncate [{sides[0]:.15g}, {sides[1]:.15g}]", expected)
    open_ended = math.isinf(max(sides[0], ends[0])) or math.isinf(min(sides[1], ends[1]))
    if open_ended and not np.isfinite(moments).all():
        found = f"{name}, mean {moments[0]:.6g}, standard deviation {moments[1]:.6g}"
        remedy = "truncate it on both sides: the mean of a simulation would not exist"
        return Problem("has no finite mean and deviation", found, "both finite", remedy)
    if not (moments[1] > 0 or math.isnan(moments[1])):
        return Problem("has no spread", f"{name}, standard deviation {moments[1]:.15g}", "above 0")
    return None


def _numbers(values: Any) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)
