"""What a target comes to at a value of one input: in the base case, or on paths that are the same at every value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from finmodel.simulate.solve.target import PathTarget, Target
from finmodel.simulate.statistics import half_width, standard_error
from finmodel.simulate.subject import Subject

Floats = NDArray[np.float64]

SCANNED = 1_024
"""Paths on which many values are measured at once."""


class Measure(Protocol):
    """What a target comes to, by the value of an input; NaN where it does not exist or cannot be computed."""

    def scan(self, points: Floats) -> Floats:
        """At many values, roughly."""

    def at(self, value: float) -> float:
        """At one value."""

    @property
    def rough(self) -> bool:
        """Whether a scan says less than the measurement of one value."""

    @property
    def tolerance(self) -> float:
        """How far from the aim a scan, at best, can tell."""

    @property
    def precision(self) -> float:
        """How far from the aim a measurement, at best, can tell."""


class InBaseCase:
    """The metric of the base case."""

    rough, tolerance, precision = False, 0.0, 0.0

    def __init__(self, subject: Subject, vary: str, target: Target) -> None:
        self._prepared = subject.prepared([vary], [target.metric], shocks=False)
        self._target = target

    def scan(self, points: Floats) -> Floats:
        """At many values."""
        (found,), bad = self._prepared.try_to_compute(np.ascontiguousarray(points).reshape(1, -1))
        measured = np.array([self._target.measured(found[place : place + 1]) for place in range(found.size)])
        measured[bad] = math.nan
        return measured

    def at(self, value: float) -> float:
        """At one value."""
        return float(self.scan(np.array([value]))[0])


@dataclass(frozen=True)
class _Seen:
    """What was measured at one value: the target, the share of paths behind it and that share's standard error."""

    measured: float
    share: float
    error: float


class OnPaths:
    """A statistic of the metric on paths, whose draws and shocks are the same at every value of the input."""

    rough = True

    def __init__(
        self,
        subject: Subject,
        vary: str,
        target: PathTarget,
        paths: int,
        seed: int,
        design: str,
        threads: int | None,
    ) -> None:
        self._target, self._paths, self._seed, self._design = target, paths, seed, design
        draws = dict(zip(subject.uncertain, subject.sample(paths, seed, design, threads=threads), strict=True))
        varied = {vary, *subject.uncertain}
        self._prepared = subject.prepared(varied, [target.metric], shocks=True, threads=threads)
        self._inputs = self._prepared.arrange(draws, paths)
        self._row = self._prepared.varied.index(vary)
        self.tolerance, self.precision = target.tolerance(min(paths, SCANNED)), target.tolerance(paths)
        self._seen: dict[float, _Seen] = {}

    def scan(self, points: Floats) -> Floats:
        """At many values, on the first paths only."""
        inputs = np.ascontiguousarray(self._inputs[:, :SCANNED])
        found = (self._values(inputs, float(point)) for point in points)
        return np.array([math.nan if values is None else self._target.measured(values) for values in found])

    def at(self, value: float) -> float:
        """At one value, on all paths."""
        return self._measured(value).measured

    def spread(self, value: float, low: float, high: float) -> tuple[float | None, float | None]:
        """Half the width of the 95 % interval of a solution, and the standard error of the share of paths there.

        The interval of the share, read back through the slope of the share around the solution.

        Parameters
        ----------
        value
            The solution.
        low, high
            Values on either side of it.
        """
        here = self._measured(value)
        width = half_width(here.error, self._paths, self._design)
        slope = abs(self._slope(low, high))
        if width > 0.0 and slope > 0.0:
            step = 2.0 * width / slope
            slope = abs(self._slope(max(low, value - step), min(high, value + step)))
        reach = width / slope if slope > 0.0 else math.nan
        return _or_none(reach), _or_none(here.error)

    def _slope(self, low: float, high: float) -> float:
        return (self._measured(high).share - self._measured(low).share) / (high - low)

    def _measured(self, value: float) -> _Seen:
        if value not in self._seen:
            values = self._values(self._inputs, value)
            self._seen[value] = _Seen(math.nan, math.nan, math.nan) if values is None else self._looked_at(values)
        return self._seen[value]

    def _looked_at(self, values: Floats) -> _Seen:
        counted = self._target.counted(values)
        share = math.nan if np.isnan(counted).all() else float(np.nanmean(counted))
        return _Seen(self._target.measured(values), share, standard_error(counted, self._design))

    def _values(self, inputs: Floats, value: float) -> Floats | None:
        """The metric on the paths of these inputs; None where one of them cannot be computed."""
        inputs[self._row] = value
        (found,), bad = self._prepared.try_to_compute(inputs, seed=self._seed)
        return None if bad.any() else found


def _or_none(number: float) -> float | None:
    return None if math.isnan(number) else number
