"""Standardised regression: by how many of its standard deviations a metric moves with one of an input's.

On the values the coefficients describe a linear relation, on the ranks a rising or falling one of any shape. R² says
how much of the metric's variance they describe; below 0.7 they tell little. Unlike correlations they part what
correlated inputs do.

Source: Helton, Davis, Reliability Engineering and System Safety 81 (2003), doi:10.1016/S0951-8320(03)00058-9.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finmodel.simulate.sensitivity.ranks import standardised

Floats = NDArray[np.float64]

SINGULAR = 1e-9
"""Smallest eigenvalue of the inputs' correlations below which their effects cannot be told apart."""


@dataclass(frozen=True, eq=False)
class Regression:
    """Coefficients by input and R².

    Attributes
    ----------
    coefficients
        Shape (inputs,); NaN where an input does not vary.
    r_squared
        Between 0 and 1; NaN where there is no regression: the metric does not vary, the inputs cannot be told apart,
        or there are too few paths.
    """

    coefficients: Floats
    r_squared: float


def regression(inputs: Floats, metric: Floats) -> Regression:
    """Least squares of a standardised metric on standardised inputs.

    By the normal equations, which are well conditioned where there is an answer at all.

    Parameters
    ----------
    inputs : ndarray, shape (inputs, paths)
        Values or ranks of the inputs.
    metric : ndarray, shape (paths,)
        Of the metric, on the same paths.
    """
    none = Regression(np.full(len(inputs), math.nan), math.nan)
    if not metric.size or not metric.min() < metric.max():
        return none
    varying = [place for place, row in enumerate(inputs) if row.min() < row.max()]
    if not varying or metric.size <= len(varying) + 1:
        return none
    x, y = np.array([standardised(inputs[place]) for place in varying]), standardised(metric)
    correlations = x @ x.T
    if np.linalg.eigvalsh(correlations)[0] < SINGULAR:
        return none
    alone = x @ y
    solved = np.linalg.solve(correlations, alone)
    coefficients = none.coefficients.copy()
    coefficients[varying] = solved
    return Regression(coefficients, float(solved @ alone))
