"""The search for the value of one input at which a target is reached, everything else as it is.

The target is measured at points around the input's figure, ever further out up to the input's bounds, or evenly
between bounds that are given. Between neighbours on either side of the aim Brent's method finds the value. On paths the
random numbers are the same at every value, so that the target moves with the input alone; the points are measured on
some of the paths first, the search itself on all.

Source: Brent, "Algorithms for minimization without derivatives" (1973), chapter 4.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finmodel.assumptions.bound import allowed, quantity, within
from finmodel.errors import Fault, Faults, nearest
from finmodel.simulate import designs
from finmodel.simulate.distributions import sd
from finmodel.simulate.solve.crossing import Crossing, Search
from finmodel.simulate.solve.measure import InBaseCase, OnPaths
from finmodel.simulate.solve.target import PathTarget, Target
from finmodel.simulate.subject import Subject
from finmodel.simulate.wording import with_unit, written

Floats = NDArray[np.float64]

PATHS = 65_536
POINTS = 48
"""Points between two bounds."""
NEAR, FAR = np.arange(1, 41) / 20.0, np.array([2.5, 3.0, 4.0, 6.0, 10.0, 20.0, 50.0, 100.0, 300.0, 1000.0])
"""Distances of points from a figure, in units of it, where a bound is missing."""


@dataclass(frozen=True)
class Root:
    """A value of the input at which the target is reached.

    Attributes
    ----------
    value
        Of the input, in its unit.
    reached
        What the target comes to there, in its unit.
    half_width
        Half of the 95 % interval of `value`, for the paths are a sample; None in the base case, and where the target
        hardly moves.
    standard_error
        Of the chance, or of the share of paths below the percentile, at `value`; None in the base case.
    """

    value: float
    reached: float
    half_width: float | None = None
    standard_error: float | None = None


@dataclass(frozen=True)
class Solution:
    """Where a target is reached; prints itself.

    Attributes
    ----------
    vary, unit, base
        The input, its unit and its figure.
    target, before
        What was to be reached, and what it comes to at `base`; None where that does not exist.
    roots
        Every value found, the nearest to the figure first.
    between
        The least and the greatest value at which the target was measured.
    paths, seed, design
        Of the paths; None in the base case.
    notes
        What else was seen.
    case, scenario
        Of what, where it is known.
    """

    vary: str
    unit: str
    base: float
    target: Target
    before: float | None
    roots: tuple[Root, ...]
    between: tuple[float, float]
    paths: int | None
    seed: int | None
    design: str | None
    notes: tuple[str, ...]
    case: str = ""
    scenario: str = ""

    @property
    def value(self) -> float:
        """The value nearest to the input's figure, in its unit."""
        return self.roots[0].value

    def json(self) -> str:
        """All of it for programs; what does not exist is null."""
        content: dict[str, Any] = {
            "case": self.case,
            "scenario": self.scenario,
            "vary": self.vary,
            "unit": self.unit,
            "base": {"value": self.base, "reached": self.before},
            "target": {"text": str(self.target), "value": self.target.aim, "unit": self.target.unit},
            "solutions": [asdict(root) for root in self.roots],
            "between": list(self.between),
            "paths": self.paths or 0,
            "seed": self.seed,
            "design": self.design,
            "notes": list(self.notes),
        }
        return json.dumps(content, indent=2, allow_nan=False) + "\n"

    def __str__(self) -> str:
        of = f"{self.case}, scenario {self.scenario}: " if self.case else ""
        head = f"{of}{self.vary} for {self.target}"
        return "\n".join([head, *map(self._line, self.roots), *self._basis(), *self.notes])

    def _line(self, root: Root) -> str:
        spread = "" if root.half_width is None else f" ± {root.half_width:.2g}"
        unit = "" if self.unit == "1" else f" {self.unit}"
        error = ""
        if root.standard_error is not None:
            error = f", standard error of that share of paths {100.0 * root.standard_error:.2g} %"
        reached = f"{self.target.measure} = {self.target.written(root.reached)}"
        return f"{self.vary} = {written(root.value)}{spread}{unit}, where {reached}{error}"

    def _basis(self) -> Iterator[str]:
        before = "none" if self.before is None else self.target.written(self.before)
        yield f"the case has {with_unit(self.base, self.unit)}, where {self.target.measure} = {before}"
        low, high = self.between
        yield f"searched from {written(low)} to {with_unit(high, self.unit)}"
        if self.paths is not None:
            drawn = f"{self.paths:,} paths, seed {self.seed}, design {self.design}"
            yield f"{drawn}, the same random numbers at every value; ± is half of the 95 % interval"


def solve(
    subject: Subject,
    vary: str,
    target: Target,
    *,
    between: tuple[float, float] | None = None,
    paths: int = PATHS,
    seed: int = 0,
    design: str = "sobol",
    threads: int | None = None,
) -> Solution:
    """Find the values of an input at which a target is reached.

    Parameters
    ----------
    vary
        The input; on paths its range gives way to the one value that is tried.
    between
        Where to look, in the input's unit; outward from its figure, as far as its bounds, unless given.
    paths, seed, design
        Of a target that is measured on paths.

    Raises
    ------
    Faults
        Where there is no such input, it does not move the metric, the bounds are none, or no value reaches the target:
        the fault then says what the target comes to at the ends.
    CalculationFault
        Where the case's own figures drive the arithmetic out of bounds.
    """
    on_paths = isinstance(target, PathTarget)
    if found := [
        *_faults_of(subject, vary, target, between),
        *(designs.faults(design, paths, seed) if on_paths else []),
    ]:
        raise Faults(found)
    points, base = _points(subject, vary, between), subject.values[vary]
    measure = (
        OnPaths(subject, vary, target, paths, seed, design, threads)
        if isinstance(target, PathTarget)
        else InBaseCase(subject, vary, target)
    )
    search = Search(measure, target, points, base)
    crossings = search.crossings()
    if not crossings:
        raise Faults([_without_solution(subject, vary, target, search)])
    before = measure.at(base)
    return Solution(
        vary,
        subject.figures[vary].unit,
        base,
        target,
        None if math.isnan(before) else before,
        tuple(_root(measure, crossing) for crossing in crossings),
        (float(points[0]), float(points[-1])),
        paths if on_paths else None,
        seed if on_paths else None,
        design if on_paths else None,
        tuple(search.notes),
    )


def _root(measure: InBaseCase | OnPaths, crossing: Crossing) -> Root:
    reached = measure.at(crossing.value)
    if isinstance(measure, OnPaths):
        return Root(crossing.value, reached, *measure.spread(crossing.value, crossing.low, crossing.high))
    return Root(crossing.value, reached)


def _points(subject: Subject, vary: str, between: tuple[float, float] | None) -> Floats:
    """Where to measure, in rising order: around the figure and ever further out, or evenly between two bounds."""
    declared, base = subject.model.inputs[vary], subject.values[vary]
    low, high = between or (declared.low, declared.high)
    if low is not None and high is not None:
        points = np.linspace(low, high, POINTS)
    else:
        given = subject.figures[vary].range
        step = abs(base) or (1.0 if given is None else sd(given))
        out = step * np.concatenate([NEAR, FAR])
        least, greatest = (-math.inf if low is None else low), (math.inf if high is None else high)
        points = np.clip(np.concatenate([base - out, base + out]), least, greatest)
    inside = points.min() <= base <= points.max()
    return np.unique(np.append(points, base) if inside else points)


def _faults_of(subject: Subject, vary: str, target: Target, between: tuple[float, float] | None) -> Iterator[Fault]:
    inputs = subject.model.inputs
    declared = inputs.get(vary)
    if declared is None:
        members = [name for name in inputs if name.startswith(f"{vary}.")]
        like = ", ".join(members[:4]) or nearest(vary, inputs)
        yield Fault("is no input", key=vary, remedy=f"perhaps '{like}' is meant" if like else "finmodel list inputs")
        return
    if vary not in subject.model.inputs_behind(target.metric):
        expected = f"an input that {target.metric} depends on"
        yield Fault(f"does not move {target.metric}", key=vary, expected=expected)
    if between is not None:
        low, high = between
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            yield Fault(
                "is no interval", key="between", found=f"{low:g} {high:g}", expected="a lower and a higher number"
            )
        elif not within(declared, low, high):
            found = f"{low:.12g} to {quantity(high, declared.unit)}"
            yield Fault("is out of the input's bounds", key="between", found=found, expected=allowed(declared))


def _without_solution(subject: Subject, vary: str, target: Target, search: Search) -> Fault:
    """That no value was found, with what the target comes to at the ends."""
    unit = subject.figures[vary].unit
    ends = [f"{target.written(value)} at {with_unit(x, unit)}" for x, value in search.ends()]
    return Fault(
        f"no value gives {target}",
        key=vary,
        found="; ".join([f"{target.measure} = {' and '.join(ends)}", *search.notes]),
        expected="a target between what is reached",
        remedy="another target, another input, or other bounds to look between",
    )
