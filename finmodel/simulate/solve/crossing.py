"""Where a target is reached: between which measured points it lies on either side of the aim, and at which value.

Only what changes sides between neighbouring points is seen; what touches the aim and turns back between two of them is
not. A target that jumps over the aim reaches it nowhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from finmodel.simulate.solve.measure import Measure
from finmodel.simulate.solve.target import Target
from finmodel.simulate.wording import written

Floats = NDArray[np.float64]

ROUNDING = 1e-6
"""A residue up to this share of the change between the two points is rounding, one above it a jump."""
AS_NEAR = 8
"""So many times what a measurement can tell is reached: a few paths may change sides together."""
FINE, COARSE = 1e-13, 1e-8
"""How far a value is pursued, in units of it: in the base case, on paths."""


@dataclass(frozen=True)
class Crossing:
    """A value at which the target is reached, and measured values around it."""

    value: float
    low: float
    high: float


class Search:
    """The search among points.

    Attributes
    ----------
    notes
        What was seen on the way: further values, jumps, gaps.
    """

    def __init__(self, measure: Measure, target: Target, points: Floats, base: float) -> None:
        self._measure, self._target, self._points, self._base = measure, target, points, base
        self._scanned = measure.scan(points)
        self.notes: list[str] = []

    def crossings(self) -> list[Crossing]:
        """Every value found, the nearest to the base first."""
        apart = self._apart()
        places = sorted(apart)
        found = [self._among(group) for group in _runs_of_zero(apart, places)]
        for low, high in pairwise(places):
            if apart[low] * apart[high] < 0.0 and not np.isnan(self._scanned[low : high + 1]).any():
                found += self._between(low, high, max(abs(apart[low]), abs(apart[high])))
        if len(found) > 1:
            self.notes.append(f"{len(found)} values reach it; between the points measured there may be more")
        absent = int(np.isnan(self._scanned).sum())
        if absent:
            of = f"{absent} of {self._points.size} points measured"
            self.notes.append(f"at {of} it does not exist or cannot be computed")
        return sorted(found, key=lambda crossing: abs(crossing.value - self._base))

    def ends(self) -> list[tuple[float, float]]:
        """The least and the greatest value at which the target exists, with what it comes to there."""
        there = np.flatnonzero(~np.isnan(self._scanned))
        places = (int(there[0]), int(there[-1])) if there.size else (0, self._points.size - 1)
        return [(float(self._points[place]), self._measure.at(float(self._points[place]))) for place in places]

    def _apart(self) -> dict[int, float]:
        """How far from the aim the target is, by place; on all paths where it matters."""
        rough = np.where(np.isnan(self._scanned), math.nan, self._scanned - self._target.aim)
        rough[np.abs(rough) <= self._measure.tolerance] = 0.0
        there = np.flatnonzero(~np.isnan(rough)).tolist()
        if not self._measure.rough:
            return {place: float(rough[place]) for place in there}
        wanted = {place + step for place in there if rough[place] == 0.0 for step in (-1, 0, 1)}
        for low, high in pairwise(there):
            if rough[low] * rough[high] < 0.0:
                wanted |= {low, high}
        exact = self._exact(wanted & set(there))
        if not _change_sides(exact):  # few paths may miss what all see: one point further
            exact |= self._exact({place + step for place in exact for step in (-1, 1)} & set(there) - set(exact))
        if there and not _change_sides(exact):
            extremes = {there[0], there[-1], int(np.nanargmin(rough)), int(np.nanargmax(rough))}
            exact |= self._exact(extremes - set(exact))
        return {place: value for place, value in exact.items() if not math.isnan(value)}

    def _exact(self, places: set[int]) -> dict[int, float]:
        return {place: self._off(float(self._points[place])) for place in places}

    def _off(self, value: float) -> float:
        """How far from the aim, 0 where no measurement could be nearer."""
        apart = self._measure.at(value) - self._target.aim
        return 0.0 if abs(apart) <= self._measure.precision else apart

    def _among(self, group: list[int]) -> Crossing:
        """One of neighbouring points that all reach the target: the nearest to the base."""
        values = [float(self._points[place]) for place in group]
        nearest = min(group, key=lambda place: abs(float(self._points[place]) - self._base))
        if len(group) > 1:
            self.notes.append(
                f"it is reached at every point measured from {written(values[0])} to {written(values[-1])}"
            )
        low, high = max(nearest - 1, 0), min(nearest + 1, self._points.size - 1)
        return Crossing(float(self._points[nearest]), float(self._points[low]), float(self._points[high]))

    def _between(self, low: int, high: int, change: float) -> list[Crossing]:
        """The value between two points on either side of the aim; none where the target jumps or stops existing."""
        from scipy.optimize import brentq

        a, b = float(self._points[low]), float(self._points[high])
        fineness = COARSE if self._measure.rough else FINE
        try:
            value = float(brentq(self._existing, a, b, xtol=fineness * max(abs(a), abs(b)), rtol=fineness))
        except _GapError as gap:
            self.notes.append(f"at {written(gap.value)}, between values on either side of the aim, it does not exist")
            return []
        residue = self._off(value)
        if abs(residue) <= max(ROUNDING * change, AS_NEAR * self._measure.precision):
            return [Crossing(value, a, b)]
        reached = self._target.written(residue + self._target.aim)
        self.notes.append(f"at {written(value)} it jumps over the aim, to {reached}")
        return []

    def _existing(self, value: float) -> float:
        apart = self._off(value)
        if math.isnan(apart):
            raise _GapError(value)
        return apart


class _GapError(ArithmeticError):
    """The target does not exist at a value between two at which it does."""

    def __init__(self, value: float) -> None:
        self.value = value
        super().__init__(f"nothing to measure at {value:g}")


def _change_sides(apart: dict[int, float]) -> bool:
    found = [value for _, value in sorted(apart.items()) if not math.isnan(value)]
    return any(value == 0.0 for value in found) or any(a * b < 0.0 for a, b in pairwise(found))


def _runs_of_zero(apart: dict[int, float], places: list[int]) -> list[list[int]]:
    """Neighbouring places at which the target is reached."""
    runs: list[list[int]] = []
    for place in places:
        if apart[place] == 0.0:
            if runs and runs[-1][-1] == place - 1:
                runs[-1].append(place)
            else:
                runs.append([place])
    return runs
