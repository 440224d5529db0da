"""Spearman's rank correlation: which inputs move a metric, blind to the shape of the relation.

Source: Spearman, American Journal of Psychology 15 (1904), doi:10.2307/1412159; tied values share their mean rank.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def rank_correlations(inputs: Iterable[Floats], metric: Floats) -> Floats:
    """Spearman's rank correlation of each input with a metric.

    Parameters
    ----------
    inputs : iterable of ndarray, each of shape (paths,)
        Draws of the uncertain inputs; an array of shape (inputs, paths) is one.
    metric : ndarray, shape (paths,)
        The metric; paths where it is missing are left out.

    Returns
    -------
    ndarray, shape (inputs,)
        Between -1 and 1; NaN where either does not vary.
    """
    present = ~np.isnan(metric)
    if not present.any():
        return np.array([math.nan for _ in inputs])
    scores = standardised(ranks(metric[present]))
    return np.array([float((standardised(ranks(draws[present])) * scores).sum()) for draws in inputs])


def ranks(values: Floats) -> Floats:
    """Ranks from 1, tied values sharing their mean rank."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: values.size])
    sizes = np.diff(np.append(first, values.size))
    found = np.empty(values.size)
    found[order] = np.repeat(first + (sizes + 1) / 2.0, sizes)
    return found


def standardised(scores: Floats) -> Floats:
    """Scores about their mean, of length 1; NaN where they do not vary."""
    centred = scores - scores.mean()
    length = math.sqrt(float((centred * centred).sum()))
    return centred / length if length > 0.0 else np.full(scores.shape, math.nan)
