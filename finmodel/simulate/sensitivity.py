"""Which uncertain inputs move a metric: Spearman's rank correlation, blind to the shape of the relation.

Source: Spearman, American Journal of Psychology 15 (1904), doi:10.2307/1412159; tied values share their mean rank.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def rank_correlations(inputs: Floats, metric: Floats) -> Floats:
    """Spearman's rank correlation of each input with a metric.

    Parameters
    ----------
    inputs : ndarray, shape (inputs, paths)
        Draws of the uncertain inputs.
    metric : ndarray, shape (paths,)
        The metric; paths where it is missing are left out.

    Returns
    -------
    ndarray, shape (inputs,)
        Between -1 and 1; NaN where either does not vary.
    """
    present = ~np.isnan(metric)
    if not present.any():
        return np.full(len(inputs), math.nan)
    scores = _standard(ranks(metric[present]))
    return np.array([float((_standard(ranks(draws[present])) * scores).sum()) for draws in inputs])


def ranks(values: Floats) -> Floats:
    """Ranks from 1, tied values sharing their mean rank."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: values.size])
    sizes = np.diff(np.append(first, values.size))
    found = np.empty(values.size)
    found[order] = np.repeat(first + (sizes + 1) / 2.0, sizes)
    return found


def _standard(scores: Floats) -> Floats:
    """Scores about their mean, of length 1."""
    centred = scores - scores.mean()
    length = math.sqrt(float((centred * centred).sum()))
    return centred / length if length > 0.0 else np.full(scores.shape, math.nan)
