"""Stress: some inputs held in a region of their range, the others as they then are, against the same paths unstressed.

A region is between two quantiles. The normal score of a stressed input moves by the rising map that spreads its own
distribution over the region; path k stays path k. What is correlated with it follows as it does in the copula: by its
regression on the stressed scores, its own part unchanged. So one stressed input, or several independent ones, give the
distribution of all inputs on condition of the region; several that are correlated each fill their region as their
range does there and keep their copula. What is independent of them, and every shock, stays as it was to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import Fault, Faults
from finmodel.simulate import designs
from finmodel.simulate.paired import difference
from finmodel.simulate.sampler import Change
from finmodel.simulate.sensitivity.shown import Shown
from finmodel.simulate.statistics import Sample
from finmodel.simulate.subject import Subject
from finmodel.simulate.wording import listed

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Region = tuple[float, float]

SHOWN = (5, 50, 95)


@dataclass(frozen=True, eq=False, repr=False)
class Stress(Shown):
    """Every metric unstressed and stressed.

    The table has a row for each metric and the columns unit, mean, mean_stressed, difference (of the means, stressed
    less unstressed, over the paths that have the metric in both), half_width (half of its 95 % interval), p5,
    p5_stressed, p50, p50_stressed, p95, p95_stressed, missing_share, missing_share_stressed.

    Attributes
    ----------
    regions
        The quantiles between which each stressed input is held.
    unstressed, stressed
        The metrics, one row a path; path k is the same path in both.
    inputs
        The stressed draws, one row a path.
    """

    regions: Mapping[str, Region]
    unstressed: pd.DataFrame
    stressed: pd.DataFrame
    inputs: pd.DataFrame


def stress(
    subject: Subject,
    regions: Mapping[str, Region],
    *,
    paths: int,
    seed: int = 0,
    design: str = "sobol",
    threads: int | None = None,
) -> Stress:
    """Run the model twice on the same paths, the second time with some inputs held in a region of their range.

    Parameters
    ----------
    regions
        For each stressed input the lower and the upper quantile, 0 <= lower < upper <= 1.

    Raises
    ------
    Faults
        Where an input is not uncertain, a region is none, or the design cannot be.
    CalculationFault
        Where a path drives the arithmetic out of bounds.
    """
    import pandas as pd

    _refuse(subject, regions)
    if found := designs.faults(design, paths, seed):
        raise Faults(found)
    held = {name: (float(low), float(high)) for name, (low, high) in regions.items()}
    metrics = subject.model.metrics
    prepared = subject.prepared(subject.uncertain, metrics, shocks=True, threads=threads)
    draws = subject.sample(paths, seed, design, threads=threads)
    before = prepared.compute(draws, seed=seed)
    draws = subject.sample(paths, seed, design, change=holding(subject, held), threads=threads)
    after = prepared.compute(draws, seed=seed)
    rows = {
        name: _row(subject.model.lines[name].unit, one, other, design)
        for name, one, other in zip(metrics, before, after, strict=True)
    }
    index = pd.RangeIndex(paths, name="path")
    said = ", ".join(f"{name} between its quantiles {low:g} and {high:g}" for name, (low, high) in held.items())
    return Stress(
        f"{said}: {paths:,} paths, seed {seed}, design {design}, the same paths unstressed",
        pd.DataFrame.from_dict(rows, orient="index").rename_axis("metric"),
        tuple(_notes(subject, held)),
        held,
        pd.DataFrame(before.T, index=index, columns=pd.Index(metrics)),
        pd.DataFrame(after.T, index=index, columns=pd.Index(metrics)),
        pd.DataFrame({name: draws[subject.uncertain.index(name)] for name in held}, index=index),
    )


def holding(subject: Subject, regions: Mapping[str, Region]) -> Change:
    """What spreads the stressed scores of some paths over their regions and has the others follow."""
    from scipy.special import ndtr, ndtri

    held = {list(subject.dimensions).index(name): region for name, region in regions.items()}
    places = list(held)
    weights = np.linalg.solve(subject.correlation[np.ix_(places, places)], subject.correlation[places])
    followers = _followers(subject, places)

    def hold(z: Floats, dimensions: Sequence[int]) -> None:
        row = {place: number for number, place in enumerate(dimensions)}
        shifts = []
        for place, (low, high) in held.items():
            score = z[row[place]]
            below = low + (high - low) * ndtr(score)
            above = (1.0 - high) + (high - low) * ndtr(-score)  # the complement, so that neither tail loses digits
            moved = np.where(below < 0.5, ndtri(below), -ndtri(above))
            shifts.append(moved - score)
            z[row[place]] = moved
        for place in followers:
            for weight, shift in zip(weights[:, place], shifts, strict=True):
                if place in row:
                    z[row[place]] += weight * shift

    return hold


def _followers(subject: Subject, places: list[int]) -> list[int]:
    """Dimensions correlated with a stressed one."""
    linked = (subject.correlation[places] != 0.0).any(axis=0)
    return [int(place) for place in np.flatnonzero(linked) if place not in places]


def _row(unit: str, before: Floats, after: Floats, design: str) -> dict[str, float | str]:
    found, samples = difference(before, after, design), (Sample(before, design), Sample(after, design))
    means = [sample.mean().value for sample in samples]
    row: dict[str, float | str] = {"unit": unit, "mean": means[0], "mean_stressed": means[1]}
    row |= {"difference": found.mean, "half_width": found.half_width}
    levels = [sample.percentiles(SHOWN) for sample in samples]
    for percent, one, other in zip(SHOWN, *levels, strict=True):
        row |= {f"p{percent}": one.value, f"p{percent}_stressed": other.value}
    shares = [sample.missing_share().value for sample in samples]
    return row | {"missing_share": shares[0], "missing_share_stressed": shares[1]}


def _refuse(subject: Subject, regions: Mapping[str, Region]) -> None:
    found = [] if regions else [Fault("nothing is stressed", key="regions", expected="an input and its region")]
    expected = "two quantiles, 0 <= lower < upper <= 1"
    found += [
        Fault("is no region", key=name, found=repr(region), expected=expected)
        for name, region in regions.items()
        if not _is_region(region)
    ]
    found += subject.unknown_inputs(regions)
    if found:
        raise Faults(found)


def _is_region(region: object) -> bool:
    """Whether something is two quantiles, which a type alone does not prove at run time."""
    if not isinstance(region, tuple | list) or len(region) != 2:
        return False
    if not all(isinstance(q, int | float) and not isinstance(q, bool) for q in region):
        return False
    return bool(0.0 <= region[0] < region[1] <= 1.0)


def _notes(subject: Subject, regions: Mapping[str, Region]) -> Iterator[str]:
    yield "difference: of the means, path by path; half_width: half of its 95 % interval"
    places = [list(subject.dimensions).index(name) for name in regions]
    names = [subject.dimensions[place] for place in _followers(subject, places)]
    following = [name for name in names if name in subject.uncertain]
    if following:
        yield f"these follow, being correlated: {listed(following)}"
    together = [group for group in subject.groups if len(set(group) & set(regions)) > 1]
    for group in together:
        held = [name for name in group if name in regions]
        yield f"{', '.join(held)} are correlated: each fills its region and they keep their copula"
