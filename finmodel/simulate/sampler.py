"""Draws of the uncertain inputs of any paths: coordinates, scores, dependence, marginals, a piece at a time.

What a run needs once stands in the sampler; a piece of paths then costs a dozen passes over numbers that stay in the
processor's cache. A path's draws depend on its number only, never on the piece that it is drawn in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from finmodel.assumptions.bound import BoundFigure
from finmodel.assumptions.range import Range
from finmodel.graph.shocks import uniform
from finmodel.render.quantiles import quantiles
from finmodel.simulate import designs
from finmodel.simulate.curves import padded, tables
from finmodel.simulate.dependence import Mixture
from finmodel.simulate.distributions import marginal
from finmodel.simulate.ordered import Ordered
from finmodel.simulate.shocks import blocks
from finmodel.simulate.statistics import by_replicates

Floats = NDArray[np.float64]
Change = Callable[[Floats, Sequence[int]], None]

PIECE = 2_048
"""Paths drawn at once."""
START = np.uint32(0xFFFFFFFF)
"""Counter of the random start of a sample that keeps its own values."""


class Sampler:
    """The uncertain inputs of a run.

    Parameters
    ----------
    figures
        What each input reads, from `Binding.figures`.
    dimensions, correlation
        `Binding.uncertain` and `Binding.correlation`. An input that is uncertain in the book keeps its dimension where
        its figure is fixed, so that the draws of the others are the same either way.
    paths, seed, design
        Of the whole run.
    offset
        Where in the design its dimensions begin: from another dimension on it is another, independent sample.
    change
        What is done to the correlated scores of some paths where they stand, before they become draws; it takes them,
        shape (dimensions, paths), and which dimensions they are, and touches no path by what another has.

    Attributes
    ----------
    names : tuple of str
        The inputs that are drawn, in the order of `figures`.

    Raises
    ------
    Faults
        Paths, seed or design cannot be.
    ValueError
        An input has a range and no dimension.
    """

    def __init__(
        self,
        figures: Mapping[str, BoundFigure],
        dimensions: Sequence[str],
        correlation: Floats,
        *,
        paths: int,
        seed: int,
        design: str,
        offset: int = 0,
        change: Change | None = None,
    ) -> None:
        ranges = {name: figure.range for name, figure in figures.items() if figure.range is not None}
        if without := [name for name in ranges if name not in dimensions]:
            raise ValueError(f"without a dimension in the design: {', '.join(without)}")
        self.names = tuple(ranges)
        self._paths, self._seed, self._design = paths, seed, design
        self._offset, self._change = offset, change
        self._mixture = Mixture.of(correlation)
        place = {name: list(dimensions).index(name) for name in ranges}
        row = {name: number for number, name in enumerate(ranges)}
        places = list(place.values())
        self._places = places + [extra for extra in self._mixture.sources(places) if extra not in places]
        self._scores = self._scores_of(self._places)
        curves = {name: curve for name, one in ranges.items() if (curve := marginal(one).curve) is not None}
        rows = [row[name] for name in curves]
        self._tables = tables(list(curves.values()), rows, rows)
        self._others = [
            (row[name], self._filler(one, place[name])) for name, one in ranges.items() if name not in curves
        ]

    def draw(self, first: int = 0, last: int | None = None) -> Floats:
        """Draws for paths first to last - 1, shape (len(names), last - first), in the inputs' units and C order."""
        last = self._paths if last is None else last
        draws = np.empty((len(self.names), last - first))
        self.fill(draws, first)
        return draws

    def fill(self, draws: Floats, first: int) -> None:
        """Fill an array of shape (len(names), paths) with the draws of the paths from `first` on."""
        for part in blocks(draws.shape[1], PIECE):
            width = part.stop - part.start
            z = self._scores(first + part.start, width)
            if self._change is not None:
                self._change(z[:, :width], self._places)
            values = draws[:, part] if width == z.shape[1] else np.empty((len(draws), z.shape[1]))
            quantiles().curves(self._tables, z, values)
            for row, fill in self._others:
                fill(z[row], first + part.start, values[row])
            if width < z.shape[1]:
                draws[:, part] = values[:, :width]

    def _scores_of(self, places: Sequence[int]) -> Callable[[int, int], Floats]:
        """What gives correlated scores of some dimensions, for so many paths from a first on, padded to full width."""
        points = designs.points(self._design, self._paths, [self._offset + place for place in places], self._seed)
        mixture = self._mixture.among(places)

        def scores(first: int, paths: int) -> Floats:
            z = np.empty((len(places), padded(paths)))
            z[:, paths:] = 0.5
            points.fill(z[:, :paths], first)
            quantiles().scores(z)
            mixture.apply(z)
            return z

        return scores

    def _filler(self, given: Range, place: int) -> Callable[[Floats, int, Floats], None]:
        """What fills an array with the draws of an input, from scores and the first path's number."""
        if given.kind == "empirical":
            return self._ordered(given, place).fill
        made = marginal(given)
        return lambda z, _, draws: made.fill(z, draws)

    def _ordered(self, given: Range, place: int) -> Ordered:
        places = self._mixture.sources([place])
        drawn, mine = self._scores_of(places), places.index(place)
        scores = np.empty(self._paths)
        for part in blocks(self._paths, PIECE):
            width = part.stop - part.start
            scores[part] = drawn(part.start, width)[mine, :width]
        replicates = designs.REPLICATES if by_replicates(self._paths, self._design) else 1
        key = np.uint32(designs.INPUT_STREAM + self._offset + place)
        (start,) = uniform(np.uint32(self._seed), key, np.zeros(1, dtype=np.uint32), np.array([START]))
        return Ordered.of(given.parameters, scores, replicates, float(start))
