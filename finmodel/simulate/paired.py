"""Runs on common random numbers: differences path by path, so that what moves both falls out of them.

Inputs are paired by name: one that is uncertain in several subjects has one dimension of the design for all. The
interval of a difference is that of the mean of the differences, honest whatever the runs have in common; the more they
have, the narrower it is. Source: Glasserman, Yao, Management Science 38 (1992), doi:10.1287/mnsc.38.6.884.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import Faults
from finmodel.simulate import designs
from finmodel.simulate.shocks import blocks
from finmodel.simulate.statistics import half_width, standard_error
from finmodel.simulate.subject import Subject
from finmodel.simulate.wording import listed

Floats = NDArray[np.float64]

STEP = 65_536
"""Paths between two words on how far a run is."""


@dataclass(frozen=True)
class Difference:
    """A mean difference, half the width of its 95 % interval, and the share of paths on which it exists."""

    mean: float
    half_width: float
    share: float


def difference(first: Floats, second: Floats, design: str) -> Difference:
    """The second less the first.

    Parameters
    ----------
    first, second : ndarray, shape (paths,)
        One metric in both runs, NaN where it is missing; path k is the same path in both.
    design : {"sobol", "lhs", "random"}
        Where the paths come from.
    """
    apart = second - first
    there = int((~np.isnan(apart)).sum())
    if not there:
        return Difference(math.nan, math.nan, 0.0)
    width = half_width(standard_error(apart, design), apart.size, design)
    return Difference(float(np.nanmean(apart)), width, there / apart.size)


@dataclass(frozen=True, eq=False)
class Paired:
    """Several subjects on common random numbers.

    Attributes
    ----------
    results
        For each subject its metrics by name, each of shape (paths,).
    paths, seed, design
        Of the draws.
    notes
        For each subject where its draws are not those of the first, in words.
    """

    results: tuple[Mapping[str, Floats], ...]
    paths: int
    seed: int
    design: str
    notes: tuple[tuple[str, ...], ...]


def run(
    subjects: Sequence[Subject],
    *,
    paths: int,
    seed: int = 0,
    design: str = "sobol",
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Paired:
    """Compute every metric of several subjects on the same paths of one design.

    Subjects of equal dimensions have the draws that `simulate` gives each of them. `progress` is called with the paths
    done and those in all, of every subject.

    Raises
    ------
    Faults
        Where the design cannot be.
    CalculationFault
        Where a path drives the arithmetic out of bounds.
    """
    if found := designs.faults(design, paths, seed):
        raise Faults(found)
    dimensions = tuple(dict.fromkeys(name for subject in subjects for name in subject.dimensions))
    results: list[dict[str, Floats]] = []
    for given in subjects:
        subject = replace(given, dimensions=dimensions, correlation=_spread(given, dimensions))
        draws = subject.sample(paths, seed, design, threads=threads)
        metrics = subject.model.metrics
        prepared = subject.prepared(subject.uncertain, metrics, shocks=True, threads=threads)
        found_here = np.empty((len(metrics), paths))
        for part in blocks(paths, STEP):
            found_here[:, part] = prepared.compute(
                np.ascontiguousarray(draws[:, part]), seed=seed, first_path=part.start
            )
            if progress is not None:
                progress(len(results) * paths + part.stop, len(subjects) * paths)
        results.append(dict(zip(metrics, found_here, strict=True)))
    first = subjects[0]
    notes = tuple(tuple(_unlike(first, other)) for other in subjects)
    return Paired(tuple(results), paths, seed, design, notes)


def _spread(subject: Subject, dimensions: Sequence[str]) -> Floats:
    """The correlations of a subject among more dimensions, of which those it lacks are independent."""
    places = [dimensions.index(name) for name in subject.dimensions]
    matrix = np.eye(len(dimensions))
    matrix[np.ix_(places, places)] = subject.correlation
    return matrix


def _unlike(first: Subject, other: Subject) -> Iterator[str]:
    """Where the draws of two subjects are not the same, in words."""
    ours, theirs = set(first.uncertain), set(other.uncertain)
    alone = [name for name in first.uncertain if name not in theirs] + [
        name for name in other.uncertain if name not in ours
    ]
    if alone:
        yield f"drawn in one of the two only: {listed(alone)}"
    unlike = _unlike_correlations(first, other)
    if unlike:
        yield f"correlated otherwise, so that their draws are alike, not the same: {listed(unlike)}"
    if list(first.model.shocks) != list(other.model.shocks):
        streams = itertools.zip_longest(first.model.shocks, other.model.shocks)
        odd = [name for pair in streams if pair[0] != pair[1] for name in pair if name is not None]
        yield f"shocks that are not common: {listed(list(dict.fromkeys(odd)))}"
    elif first.model.shocks and _calendar(first) != _calendar(other):
        yield "their periods are not of the same dates: shocks are common by the number of the period"


def _unlike_correlations(first: Subject, other: Subject) -> list[str]:
    shared = [name for name in first.uncertain if name in other.uncertain]
    ours, theirs = (
        subject.correlation[np.ix_(places, places)]
        for subject in (first, other)
        for places in [[list(subject.dimensions).index(name) for name in shared]]
    )
    return [name for name, differs in zip(shared, (ours != theirs).any(axis=1), strict=True) if differs]


def _calendar(subject: Subject) -> tuple[object, int]:
    return subject.model.timeline.close, subject.model.timeline.per_year
