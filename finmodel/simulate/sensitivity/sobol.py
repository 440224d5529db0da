"""Sobol indices: which share of a metric's variance each independent group of inputs explains, alone and in all.

Two independent samples A and B, and for each group a third, A with the group's inputs from B. The first index is the
share that goes if the group were known; the total index the share that stays if all else were known, interactions with
others included. Inputs that are correlated share their variance in no unique way: they are one group, resampled whole,
and so are all shocks of a path together.

First index: V_i = mean f(B) (f(A_B) - f(A)); total index: mean (f(A) - f(A_B))^2 / 2, both over the variance. The
sample falls into 16 replicates, whose spread gives the standard error of the ratio, linearised, and with Student's t
at 15 degrees the interval.

Sources
-------
Saltelli, Annoni, Azzini, Campolongo, Ratto, Tarantola, Computer Physics Communications 181 (2010),
doi:10.1016/j.cpc.2009.09.018 (first, total, the latter after Jansen, 1999);
Owen, "Monte Carlo theory, methods and examples" (2013), section 17.5 (replicates).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import Fault, Faults, nearest
from finmodel.simulate import designs
from finmodel.simulate.designs import REPLICATES
from finmodel.simulate.sensitivity.shown import Shown
from finmodel.simulate.subject import Subject
from finmodel.simulate.wording import listed

Floats = NDArray[np.float64]

PATHS = 8_192
FEWEST = 4 * REPLICATES
NAMED = 3
"""Inputs of which the name of a group is made; a larger one is named by its first."""
SHOCKS = "shocks"
"""The group of all shocks of a path."""


@dataclass(frozen=True)
class Estimate:
    """Indices of one group with half the width of their 95 % intervals."""

    first: float
    first_half_width: float
    total: float
    total_half_width: float


@dataclass(frozen=True, eq=False, repr=False)
class Indices(Shown):
    """First and total Sobol indices of independent groups of inputs.

    The table has a row for each group, the greatest total index first, and the columns first, first_half_width, total,
    total_half_width: shares of the metric's variance, and half the width of their 95 % intervals. A group is named by
    its inputs, one of many by the first; `groups` has them all.

    Attributes
    ----------
    metric
        Whose variance is explained.
    groups
        The inputs of each group; `shocks` stands for all shocks of a path.
    """

    metric: str
    groups: dict[str, tuple[str, ...]]

    def __getitem__(self, name: str) -> Estimate:
        """The indices of a group, by its name or by its only input.

        Raises
        ------
        Faults
            Where there is no such group, or the input is correlated with others: it then has no index of its own.
        """
        if name not in self.groups:
            group = next((members for members in self.groups.values() if name in members), None)
            raise Faults([_unknown(name, list(self.groups)) if group is None else _inseparable(name, group)])
        place = list(self.table.index).index(name)
        return Estimate(*self.table.to_numpy(dtype=np.float64)[place].tolist())


def estimate(a: Floats, b: Floats, mixed: Floats) -> Estimate:
    """The indices of one group from what a function gives on the three samples.

    Parameters
    ----------
    a, b : ndarray, shape (paths,)
        On A and on B; path k belongs to replicate k % 16.
    mixed : ndarray, shape (paths,)
        On A with the group's inputs from B.
    """
    centre = 0.5 * (a.mean() + b.mean())
    variance = 0.5 * ((a - centre) ** 2 + (b - centre) ** 2)
    alone = (b - centre) * (mixed - a)
    together = 0.5 * (a - mixed) ** 2
    return Estimate(*_ratio(alone, variance), *_ratio(together, variance))


def _ratio(above: Floats, below: Floats) -> tuple[float, float]:
    """The ratio of two means and half the width of its 95 % interval, from the replicates' deviations from it."""
    from scipy.special import stdtrit

    whole = float(below.mean())
    if not whole > 0.0:
        return math.nan, math.nan
    ratio = float(above.mean()) / whole
    apart = (above - ratio * below) / whole
    by_replicate = np.array([apart[replicate::REPLICATES].mean() for replicate in range(REPLICATES)])
    error = float(by_replicate.std(ddof=1)) / math.sqrt(REPLICATES)
    return ratio, error * float(stdtrit(REPLICATES - 1, 0.975))


def sobol_indices(
    subject: Subject,
    metric: str,
    *,
    paths: int = PATHS,
    seed: int = 0,
    design: str = "sobol",
    inputs: Sequence[str] | None = None,
    threads: int | None = None,
) -> Indices:
    """First and total indices of the independent groups of uncertain inputs, and of the shocks.

    Parameters
    ----------
    paths
        Of each sample; the model is computed on so many for each group and twice more.
    inputs
        Whole groups, by their inputs, and ``"shocks"``; all of them unless given.

    Raises
    ------
    Faults
        Where the model has no such metric, the design cannot be, an input is asked for without those it is correlated
        with, or the metric is missing on some path, so that its variance is not that of all.
    CalculationFault
        Where a path drives the arithmetic out of bounds.
    """
    import pandas as pd

    subject.refuse_unknown_metric(metric)
    _refuse_design(design, paths, seed)
    groups = {_name(group): group for group in subject.groups}
    if subject.model.shocks:
        groups[SHOCKS] = (SHOCKS,)
    chosen = groups if inputs is None else _chosen(subject, groups, inputs)
    a, b = _samples(subject, paths, seed, design, threads)
    prepared = subject.prepared(subject.uncertain, [metric], shocks=True, threads=threads)
    (of_a,), (of_b,) = prepared.compute(a, seed=seed), prepared.compute(b, seed=seed, first_path=paths)
    missing = int((np.isnan(of_a) | np.isnan(of_b)).sum())
    rows = []
    for members in chosen.values():
        mixed, first_path = a.copy(), paths if members == (SHOCKS,) else 0
        for place, name in enumerate(prepared.varied):
            if name in members:
                mixed[place] = b[place]
        (found,) = prepared.compute(mixed, seed=seed, first_path=first_path)
        missing += int(np.isnan(found).sum())
        rows.append(estimate(of_a, of_b, found))
    if missing:
        computed = paths * (len(chosen) + 2)
        raise Faults(
            [
                Fault(
                    "has no Sobol indices where it is missing",
                    key=metric,
                    found=f"none on {missing:,} of {computed:,} paths",
                    expected="a metric that every path has",
                    remedy="take project_npv or another sum of flows",
                )
            ]
        )
    table = pd.DataFrame(
        [(one.first, one.first_half_width, one.total, one.total_half_width) for one in rows],
        index=pd.Index(list(chosen), name="group", dtype=object),
        columns=["first", "first_half_width", "total", "total_half_width"],
    ).sort_values("total", ascending=False, kind="stable")
    title = f"shares of the variance of {metric}: {paths:,} paths a sample, seed {seed}, design {design}"
    return Indices(title, table, tuple(_notes(chosen, of_a)), metric, dict(chosen))


def _samples(subject: Subject, paths: int, seed: int, design: str, threads: int | None) -> tuple[Floats, Floats]:
    """A and B: the halves of one design of twice the dimensions, so that they are independent point by point."""
    a = subject.sample(paths, seed, design, threads=threads)
    return a, subject.sample(paths, seed, design, offset=len(subject.dimensions), threads=threads)


def _name(group: Sequence[str]) -> str:
    return " + ".join(group) if len(group) <= NAMED else f"{group[0]} and {len(group) - 1} more"


def _chosen(subject: Subject, groups: dict[str, tuple[str, ...]], inputs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The groups that these inputs make up."""
    group_of = {member: group for group in groups.values() for member in group} | groups
    faults = []
    for name in dict.fromkeys(inputs):
        group = group_of.get(name)
        if group is None:
            faults.append(_unknown(name, [*subject.uncertain, *groups]))
        elif name not in groups and not set(group) <= set(inputs):
            faults.append(_inseparable(name, group))
    if faults:
        raise Faults(faults)
    wanted = {group_of[name] for name in inputs}
    return {name: group for name, group in groups.items() if group in wanted}


def _inseparable(name: str, group: Sequence[str]) -> Fault:
    others = [other for other in group if other != name]
    return Fault(
        "has no Sobol index of its own",
        key=name,
        found=f"an input correlated with {listed(others, len(others))}",
        expected="an independent input: what correlated ones explain cannot be parted among them",
        remedy=f"ask for all of the group: {', '.join(group)}",
    )


def _unknown(name: str, known: Sequence[str]) -> Fault:
    like = nearest(name, known)
    remedy = f"did you mean {like}?" if like else None
    return Fault("is no group of uncertain inputs", key=name, found=repr(name), remedy=remedy)


def _refuse_design(design: str, paths: int, seed: int) -> None:
    found = designs.faults(design, paths, seed)
    if not found and (paths < FEWEST or paths % REPLICATES):
        expected = f"a multiple of {REPLICATES}, at least {FEWEST}"
        found.append(Fault("cannot be parted into replicates", key="paths", found=f"{paths:,}", expected=expected))
    if found:
        raise Faults(found)


def _notes(groups: dict[str, tuple[str, ...]], values: Floats) -> Iterator[str]:
    yield "half widths are of 95 % intervals, from 16 replicates"
    for members in groups.values():
        if len(members) > 1:
            yield (
                f"{listed(members, len(members))} are correlated: what they explain cannot be parted among them, "
                "the indices are those of the group"
            )
    if not values.min() < values.max():
        yield "the metric does not vary: there is nothing to explain"
