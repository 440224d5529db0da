"""What a sample of paths says: moments, percentiles, shares, and how far each may be off.

A missing metric is NaN. Every figure is over the paths that have the metric; `missing_share` says how many do not.

Sobol and Latin hypercube designs consist of 16 independent replicates of equal size, give or take a path where their
number is no multiple of 16. The standard error is then the spread of the replicates' means over the square root of
their number, and an interval takes Student's t with 15 degrees. For a random design, and below 32 paths, where a
replicate has no two paths, it is the standard deviation over the square root of the number of paths.

Sources
-------
Owen, "Monte Carlo theory, methods and examples" (2013), section 17.5 (replicated randomised quasi-Monte Carlo);
Hyndman, Fan, The American Statistician 50 (1996), doi:10.2307/2684934 (percentiles of type 7).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from finmodel.simulate.designs import REPLICATES

Floats = NDArray[np.float64]

PERCENTILES = (1, 5, 10, 25, 50, 75, 90, 95, 99)
FEWEST_PATHS_OF_REPLICATES = 2 * REPLICATES


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
    present = values[~np.isnan(values)]
    found = {
        "mean": float(present.mean()) if present.size else math.nan,
        "sd": float(present.std(ddof=1)) if present.size > 1 else math.nan,
        "standard_error": standard_error(values, design),
    }
    levels = np.percentile(present, PERCENTILES) if present.size else np.full(len(PERCENTILES), math.nan)
    found |= {f"p{percent}": float(level) for percent, level in zip(PERCENTILES, levels, strict=True)}
    found["missing_share"] = (values.size - present.size) / values.size
    return found


def standard_error(values: Floats, design: str) -> float:
    """Standard error of the mean over the paths whose value is not NaN; NaN where fewer than two estimates exist."""
    if by_replicates(values.size, design):
        parts = (values[replicate::REPLICATES] for replicate in range(REPLICATES))
        estimates = np.array([part[~np.isnan(part)].mean() for part in parts if not np.isnan(part).all()])
    else:
        estimates = values[~np.isnan(values)]
    if estimates.size < 2:
        return math.nan
    return float(estimates.std(ddof=1)) / math.sqrt(estimates.size)


def by_replicates(paths: int, design: str) -> bool:
    """Whether standard errors come from the spread of replicates."""
    return design != "random" and paths >= FEWEST_PATHS_OF_REPLICATES


def half_width(error: float, paths: int, design: str, level: float = 0.95) -> float:
    """Half the width of the interval around an estimate that holds the truth with probability `level`."""
    from scipy.special import stdtrit

    degrees = REPLICATES - 1 if by_replicates(paths, design) else paths - 1
    return error * float(stdtrit(degrees, (1.0 + level) / 2.0)) if degrees > 0 else math.nan


def basis_of_errors(paths: int, design: str) -> str:
    """Where a standard error comes from, in words."""
    if by_replicates(paths, design):
        size, over = divmod(paths, REPLICATES)
        return f"spread of {REPLICATES} replicates of {size:,}{f' or {size + 1:,}' if over else ''} paths"
    few = f", too few for replicates: {FEWEST_PATHS_OF_REPLICATES} paths are needed" if design != "random" else ""
    return f"spread of {paths:,} path{'s' if paths != 1 else ''}{few}"
