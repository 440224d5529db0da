"""What a sample of paths says: moments, percentiles, shares, and how far each may be off.

A missing metric is NaN. Every figure is over the paths that have the metric; `missing_share` says how many do not.

Sobol and Latin hypercube designs consist of 16 independent replicates of equal size, give or take a path where their
number is no multiple of 16. The standard error of a mean is then the spread of the replicates' means over the square
root of their number, and an interval takes Student's t with 15 degrees. For a random design, and below 32 paths, where
a replicate has no two paths, it is the standard deviation over the square root of the number of paths.

What is no mean is made one. A standard deviation moves with the mean of the squared deviations (the delta method). A
percentile moves with the share of paths at or below it: the interval of that share, which is a mean, is read back
through the sample's own distribution, and the root mean square of its two arms over Student's t is the standard error
(after Woodruff). Percentiles of single replicates, which have a sixteenth of the paths, are not used: in the tails they
are biased.

Sources
-------
Owen, "Monte Carlo theory, methods and examples" (2013), section 17.5 (replicated randomised quasi-Monte Carlo);
Hyndman, Fan, The American Statistician 50 (1996), doi:10.2307/2684934 (percentiles of type 7);
Woodruff, J. American Statistical Association 47 (1952), doi:10.1080/01621459.1952.10483443 (intervals of percentiles).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from finmodel.simulate.designs import REPLICATES

Floats = NDArray[np.float64]

PERCENTILES = (1, 5, 10, 25, 50, 75, 90, 95, 99)
FEWEST_PATHS_OF_REPLICATES = 2 * REPLICATES
LEVEL = 0.95
"""Chance with which an interval holds the truth."""


@dataclass(frozen=True)
class Estimate:
    """A figure found from paths and its standard error, in one unit; NaN is what the paths cannot tell."""

    value: float
    standard_error: float


class Sample:
    """One metric on the paths of a design.

    Parameters
    ----------
    values : ndarray, shape (paths,)
        The metric, NaN where it is missing; path k belongs to replicate k % 16.
    design : {"sobol", "lhs", "random"}
        Where the paths come from.
    """

    def __init__(self, values: Floats, design: str) -> None:
        self.values, self.design = values, design

    @property
    def paths(self) -> int:
        """How many paths, those without the metric included."""
        return self.values.size

    @cached_property
    def present(self) -> Floats:
        """The values that exist, in order of their paths."""
        absent = np.isnan(self.values)
        return self.values[~absent] if absent.any() else self.values

    @cached_property
    def ordered(self) -> Floats:
        """The values that exist, the least first."""
        return np.sort(self.present)

    def mean(self) -> Estimate:
        """Arithmetic mean."""
        value = float(self.present.mean()) if self.present.size else math.nan
        return Estimate(value, standard_error(self.values, self.design))

    def sd(self) -> Estimate:
        """Standard deviation, with one degree less than there are paths."""
        if self.present.size < 2:
            return Estimate(math.nan, math.nan)
        sd = float(self.present.std(ddof=1))
        squares = standard_error((self.values - self.present.mean()) ** 2, self.design)
        return Estimate(sd, squares / (2.0 * sd) if sd else squares)

    def missing_share(self) -> Estimate:
        """Share of the paths that do not have the metric."""
        error = standard_error(np.isnan(self.values).astype(np.float64), self.design)
        return Estimate((self.paths - self.present.size) / self.paths, error)

    def percentiles(self, percents: Sequence[float]) -> list[Estimate]:
        """The values below which so many per cent of the paths lie, by linear interpolation (type 7).

        Parameters
        ----------
        percents : sequence of float
            Between 0 and 100.
        """
        if not self.present.size:
            return [Estimate(math.nan, math.nan)] * len(percents)
        shares = np.asarray(percents, dtype=np.float64) / 100.0
        found, t = self._quantiles(shares), _student(self.paths, self.design, LEVEL)
        reach = t * self._errors_of_shares_up_to(found)
        low = self._quantiles(np.maximum(shares - reach, 0.0))
        high = self._quantiles(np.minimum(shares + reach, 1.0))
        errors = np.sqrt(((found - low) ** 2 + (high - found) ** 2) / 2.0) / t
        return [Estimate(*pair) for pair in zip(found.tolist(), errors.tolist(), strict=True)]

    def _quantiles(self, shares: Floats) -> Floats:
        """To the last bit what numpy.quantile gives, without sorting again; NaN for a share that is NaN."""
        place = (self.ordered.size - 1) * shares
        known = np.where(np.isnan(place), 0.0, place)
        below = np.floor(known).astype(np.int64)
        low, high = self.ordered[below], self.ordered[np.minimum(below + 1, self.ordered.size - 1)]
        part, step = place - below, high - low
        return np.where(part >= 0.5, high - step * (1.0 - part), low + step * part)

    def _errors_of_shares_up_to(self, levels: Floats) -> Floats:
        """Standard errors of the shares of paths at or below each level."""
        if not by_replicates(self.paths, self.design):
            share = np.searchsorted(self.ordered, levels, side="right") / self.ordered.size
            free = self.ordered.size - 1
            return np.sqrt(share * (1.0 - share) / free) if free else np.full(share.shape, math.nan)
        parts = [np.sort(part) for part in _replicates(self.values)]
        if len(parts) < 2:
            return np.full(levels.shape, math.nan)
        shares = np.array([np.searchsorted(part, levels, side="right") / part.size for part in parts])
        spread: Floats = shares.std(axis=0, ddof=1)
        return spread / math.sqrt(len(parts))


def summarise(values: Floats, design: str) -> dict[str, float]:
    """Mean, sd, standard_error of the mean, p1 to p99 and missing_share of one metric.

    Parameters
    ----------
    values : ndarray, shape (paths,)
        The metric, NaN where it is missing.
    design : {"sobol", "lhs", "random"}
        Where the paths come from.

    Returns
    -------
    dict
        In the metric's unit, missing_share between 0 and 1; NaN for what too few paths cannot tell.
    """
    return row_of(estimates(Sample(values, design)))


def row_of(found: Mapping[str, Estimate]) -> dict[str, float]:
    """What `summarise` returns, from what `estimates` found."""
    mean, sd, *percentiles = found
    return {
        mean: found[mean].value,
        sd: found[sd].value,
        "standard_error": found[mean].standard_error,
        **{name: found[name].value for name in percentiles},
    }


def estimates(sample: Sample) -> dict[str, Estimate]:
    """Mean, sd, p1 to p99 and missing_share of one metric, each with its standard error."""
    percentiles = zip(PERCENTILES, sample.percentiles(PERCENTILES), strict=True)
    return {
        "mean": sample.mean(),
        "sd": sample.sd(),
        **{f"p{percent}": estimate for percent, estimate in percentiles},
        "missing_share": sample.missing_share(),
    }


def standard_error(values: Floats, design: str) -> float:
    """Standard error of the mean over the paths whose value is not NaN; NaN where fewer than two estimates exist."""
    if by_replicates(values.size, design):
        found = np.array([part.mean() for part in _replicates(values)])
    else:
        found = values[~np.isnan(values)]
    if found.size < 2:
        return math.nan
    return float(found.std(ddof=1)) / math.sqrt(found.size)


def _replicates(values: Floats) -> list[Floats]:
    """The values that exist in each replicate that has any."""
    parts = (values[replicate::REPLICATES] for replicate in range(REPLICATES))
    present = (part[~np.isnan(part)] for part in parts)
    return [part for part in present if part.size]


def by_replicates(paths: int, design: str) -> bool:
    """Whether standard errors come from the spread of replicates."""
    return design != "random" and paths >= FEWEST_PATHS_OF_REPLICATES


def half_width(error: float, paths: int, design: str, level: float = LEVEL) -> float:
    """Half the width of the interval around an estimate that holds the truth with probability `level`."""
    return error * _student(paths, design, level)


def _student(paths: int, design: str, level: float) -> float:
    """How many standard errors the interval reaches to either side."""
    from scipy.special import stdtrit

    degrees = REPLICATES - 1 if by_replicates(paths, design) else paths - 1
    return float(stdtrit(degrees, (1.0 + level) / 2.0)) if degrees > 0 else math.nan


def basis_of_errors(paths: int, design: str) -> str:
    """Where a standard error comes from, in words."""
    if by_replicates(paths, design):
        size, over = divmod(paths, REPLICATES)
        return f"spread of {REPLICATES} replicates of {size:,}{f' or {size + 1:,}' if over else ''} paths"
    few = f", too few for replicates: {FEWEST_PATHS_OF_REPLICATES} paths are needed" if design != "random" else ""
    return f"spread of {paths:,} path{'s' if paths != 1 else ''}{few}"
