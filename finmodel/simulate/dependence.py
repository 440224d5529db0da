"""Dependence between inputs: a Gaussian copula, so that every marginal stays as it is.

Independent normal scores become correlated by the Cholesky factor of their matrix, row by row, so that a path's scores
do not depend on which other paths are worked on (a matrix product of the linear algebra library may round differently).

Source: Cario, Nelson, "Modeling and generating random vectors with arbitrary marginal distributions and correlation
matrix", Northwestern University (1997).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from finmodel.simulate.shocks import BLOCK, blocks

Floats = NDArray[np.float64]


def correlate(z: Floats, matrix: Floats) -> Floats:
    """Normal scores with the given correlations.

    Parameters
    ----------
    z : ndarray, shape (inputs, paths)
        Independent standard normal scores.
    matrix : ndarray, shape (inputs, inputs)
        Correlations of the scores, positive definite, as `finmodel.assumptions.bind` has proved.

    Returns
    -------
    ndarray, shape (inputs, paths)
        In C order.
    """
    factor = np.linalg.cholesky(matrix) if len(matrix) else matrix
    scores = np.ascontiguousarray(z)
    correlated = np.empty(scores.shape)
    for part in blocks(scores.shape[1], BLOCK):
        for row, weights in enumerate(factor):
            used = np.flatnonzero(weights)
            mixed = weights[used[0]] * scores[used[0], part]
            for column in used[1:]:
                mixed += weights[column] * scores[column, part]
            correlated[row, part] = mixed
    return correlated
