"""Dependence between inputs: a Gaussian copula, so that every marginal stays as it is, and what it achieves.

Independent normal scores become correlated by the Cholesky factor of their matrix, row by row, so that a path's scores
do not depend on which other paths are worked on (a matrix product of the linear algebra library may round differently).
A sample that must keep its own values is put in the order of those scores: see `ordered`.

Sources
-------
Cario, Nelson, "Modeling and generating random vectors with arbitrary marginal distributions and correlation matrix",
Northwestern University (1997); Bonett, Wright, Psychometrika 65 (2000), doi:10.1007/BF02294183 (standard error of
Spearman's rank correlation).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from finmodel.simulate.designs import REPLICATES
from finmodel.simulate.sensitivity.ranks import ranks, standardised
from finmodel.simulate.shocks import BLOCK, blocks

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

FEWEST_PATHS = 16 * REPLICATES
"""From which on the replicates of a design tell the standard error of a rank correlation."""
TIED_BELOW = 0.9
"""Share of different values below which ties are worth a word."""


@dataclass(frozen=True, eq=False)
class Mixture:
    """What correlates scores: the rows of a Cholesky factor that mix several, the last first.

    Attributes
    ----------
    rows
        The place of an input, the places of those whose scores it mixes, itself last, and their weights.
    """

    rows: tuple[tuple[int, tuple[int, ...], tuple[float, ...]], ...]

    @classmethod
    def of(cls, matrix: Floats) -> Mixture:
        """The mixture that gives independent scores these correlations, a positive definite matrix."""
        found = []
        for place, row in enumerate(cholesky(matrix)):
            used = np.flatnonzero(row)
            if used.size > 1:
                found.append((place, tuple(used.tolist()), tuple(row[used].tolist())))
        return cls(tuple(reversed(found)))

    def sources(self, places: Collection[int]) -> list[int]:
        """Places of the inputs whose scores some inputs need, those themselves among them."""
        mixed = {one for place, used, _ in self.rows if place in places for one in used}
        return sorted(mixed.union(places))

    def among(self, places: Sequence[int]) -> Mixture:
        """The mixture of some inputs in the order in which their scores stand, all their sources among them."""
        at = {place: row for row, place in enumerate(places)}
        chosen = (row for row in self.rows if row[0] in at)
        return Mixture(tuple((at[place], tuple(at[one] for one in used), weights) for place, used, weights in chosen))

    def apply(self, z: Floats) -> None:
        """Correlate independent scores where they stand, shape (inputs, paths): sources of a row come after it."""
        for place, used, weights in self.rows:
            mixed = weights[0] * z[used[0]]
            for other, weight in zip(used[1:], weights[1:], strict=True):
                mixed += weight * z[other]
            z[place] = mixed


def cholesky(matrix: Floats) -> Floats:
    """The lower triangular factor of a positive definite matrix, in elementary steps.

    A library's factor may have other bits for another number of threads (convention 8).
    """
    left = matrix.copy()
    factor = np.zeros(matrix.shape)
    for place in range(len(matrix)):
        column = left[place:, place] / math.sqrt(left[place, place])
        factor[place:, place] = column
        left[place:, place:] -= column[:, np.newaxis] * column
    return factor


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
    mixture = Mixture.of(matrix)
    correlated = np.array(z, dtype=np.float64, order="C")
    for part in blocks(correlated.shape[1], BLOCK):
        mixture.apply(correlated[:, part])
    return correlated


def correlations(draw: Callable[[str], Floats], asked: Mapping[tuple[str, str], float], design: str) -> pd.DataFrame:
    """Rank correlations asked for and achieved, one row a pair.

    Parameters
    ----------
    draw
        The draws of an input by its name, shape (paths,).
    asked
        Spearman's rank correlation by pair of inputs that were drawn, from `Binding.dependence`.
    design : {"sobol", "lhs", "random"}
        Where the paths stand.

    Returns
    -------
    DataFrame
        Columns first, second, asked, achieved, standard_error, note. Tied values share their mean rank, so an input of
        few values achieves less than was asked: the note then says how many it has. The standard error is the spread of
        the 16 replicates over 4, for a random design and for few paths Bonett's and Wright's formula. NaN where an
        input does not vary or there are too few paths.
    """
    import pandas as pd

    rows = []
    one: tuple[str, Floats] | None = None
    for (first, second), wanted in sorted(asked.items()):
        if one is None or one[0] != first:
            one = first, draw(first)
        pair = one[1], draw(second)
        scores = [ranks(values) for values in pair]
        achieved = _product(*scores)
        levels = zip((first, second), map(_levels, scores), strict=True)
        tied = [f"{name}: {count:,} values" for name, count in levels if count < TIED_BELOW * scores[0].size]
        rows.append((first, second, wanted, achieved, _error(achieved, *pair, design), ", ".join(tied)))
    return pd.DataFrame(rows, columns=["first", "second", "asked", "achieved", "standard_error", "note"])


def _product(first: Floats, second: Floats) -> float:
    """Correlation of ranks; NaN where either does not vary."""
    return float((standardised(first) * standardised(second)).sum()) if first.size > 1 else math.nan


def _levels(scores: Floats) -> int:
    """How many different ranks there are."""
    return int(np.count_nonzero(np.diff(np.sort(scores)))) + 1 if scores.size else 0


def _error(achieved: float, first: Floats, second: Floats, design: str) -> float:
    paths = first.size
    if design != "random" and paths >= FEWEST_PATHS:
        parts = [slice(replicate, None, REPLICATES) for replicate in range(REPLICATES)]
        found = np.array([_product(ranks(first[part]), ranks(second[part])) for part in parts])
        return float(found.std(ddof=1)) / math.sqrt(REPLICATES)
    return (1.0 - achieved**2) * math.sqrt((1.0 + achieved**2 / 2.0) / (paths - 3)) if paths > 3 else math.nan
