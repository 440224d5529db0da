"""Samples that keep their own values: data put in the order of correlated scores, as Iman and Conover put theirs.

Of n paths the one with the i-th score takes the value at the place (i + u) / n among the data, u being random. So every
value comes as often as every other, give or take one path, and ranks are correlated as the scores are. Each replicate
of a design is ordered by itself, so that its estimate needs nothing of the others; their u are a sixteenth apart, so
that all replicates together keep the data's frequencies as well.

Where one value gives way to the next is a score, and those are all that is kept: a path's draw follows from its own
score. Finding them takes the scores of every path, 8 bytes each, once.

Source: Iman, Conover, Communications in Statistics B 11 (1982), doi:10.1080/03610918208812265.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ordered:
    """Data in the order of scores.

    Attributes
    ----------
    values
        The data from low to high, shape (values,).
    edges
        For each replicate the scores from which the next value is taken, shape (replicates, values - 1).
    """

    values: Floats
    edges: tuple[Floats, ...]

    @classmethod
    def of(cls, data: tuple[float, ...], scores: Floats, replicates: int, start: float) -> Ordered:
        """Put data in the order of the scores of all paths.

        Parameters
        ----------
        scores : ndarray, shape (paths,)
            Path k belongs to replicate k % replicates.
        start : float
            Random, between 0 and 1.
        """
        values = np.sort(np.array(data))
        following = np.arange(1, values.size)
        edges = []
        for replicate in range(replicates):
            ordered = np.append(np.sort(scores[replicate::replicates]), np.inf)
            paths, u = ordered.size - 1, (start + replicate / replicates) % 1.0
            begin = np.ceil(following * (paths / values.size) - u).astype(np.int64)
            edges.append(np.where(begin > 0, ordered[np.clip(begin, 0, paths)], -np.inf))
        return cls(values, tuple(edges))

    def fill(self, z: Floats, first: int, draws: Floats) -> None:
        """Fill an array with the values of the paths from `first` on at their scores, both of shape (paths,)."""
        for replicate, edges in enumerate(self.edges):
            mine = slice((replicate - first) % len(self.edges), None, len(self.edges))
            draws[mine] = self.values.take(np.searchsorted(edges, z[mine], side="right"))
