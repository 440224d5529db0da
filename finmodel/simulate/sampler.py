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
from finmodel.simulate import designs
from finmodel.simulate.curves import Curves
from finmodel.simulate.dependence import Mixture
from finmodel.simulate.distributions import marginal
from finmodel.simulate.ordered import Ordered
from finmodel.simulate.shocks import blocks
from finmodel.simulate.statistics import by_replicates

Floats = NDArray[np.float64]
Change = Callable[[Floats, Sequence[int]], None]

PIECE = 2_048
"""Paths drawn at once."""
TOGETHER = 8
"""Tables worked off at once."""
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
        curves = {name: curve for name, one in ranges.items() if (curve := marginal(one).curve) is not None}
        tabled, others = list(curves), [name for name in ranges if name not in curves]
        self._places = [place[name] for name in (*tabled, *others)]
        self._places += [extra for extra in self._sources(self._places) if extra not in self._places]
        self._points = self._in_design(self._places)
        self._tables = [
            (some, [row[name] for name in tabled[some]], Curves([curves[name] for name in tabled[some]]))
            for some in blocks(len(tabled), TOGETHER)
        ]
        self._others = [
            (number, row[name], self._filler(ranges[name], place[name]))
            for number, name in enumerate(others, len(tabled))
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
            z = self._scores(self._points, self._places, first + part.start, part.stop - part.start)
            if self._change is not None:
                self._change(z, self._places)
            for some, rows, curves in self._tables:
                values = np.empty((len(rows), z.shape[1]))
                curves.fill(z[some], values)
                draws[rows, part] = values
            for number, row, fill in self._others:
                fill(z[number], first + part.start, draws[row, part])

    def _sources(self, places: Sequence[int]) -> list[int]:
        """Places of the inputs whose scores others mix, themselves included."""
        return sorted({used for place in places for used in self._mixture.rows[place][0]})

    def _in_design(self, places: Sequence[int]) -> designs.Points:
        return designs.points(self._design, self._paths, [self._offset + place for place in places], self._seed)

    def _scores(self, points: designs.Points, places: Sequence[int], first: int, paths: int) -> Floats:
        """Correlated normal scores of some dimensions and paths."""
        from scipy.special import ndtri

        z = np.empty((len(places), paths))
        points.fill(z, first)
        ndtri(z, out=z)
        self._mixture.apply(z, places)
        return z

    def _filler(self, given: Range, place: int) -> Callable[[Floats, int, Floats], None]:
        """What fills an array with the draws of an input, from scores and the first path's number."""
        if given.kind == "empirical":
            return self._ordered(given, place).fill
        made = marginal(given)
        return lambda z, _, draws: made.fill(z, draws)

    def _ordered(self, given: Range, place: int) -> Ordered:
        places = self._sources([place])
        points = self._in_design(places)
        scores, mine = np.empty(self._paths), places.index(place)
        for part in blocks(self._paths, PIECE):
            scores[part] = self._scores(points, places, part.start, part.stop - part.start)[mine]
        replicates = designs.REPLICATES if by_replicates(self._paths, self._design) else 1
        key = np.uint32(designs.INPUT_STREAM + self._offset + place)
        (start,) = uniform(np.uint32(self._seed), key, np.zeros(1, dtype=np.uint32), np.array([START]))
        return Ordered.of(given.parameters, scores, replicates, float(start))
