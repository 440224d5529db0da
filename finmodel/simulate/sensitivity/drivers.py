"""What drives the bad tail: which inputs lie elsewhere on the worst paths than on all.

For each input the median on those paths less the median on all paths, in units of its standard deviation on all paths;
an input beyond half a standard deviation counts as a driver. Source: the scenario analysis of @RISK, Palisade, @RISK
help, "Scenario Analysis".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import Fault, Faults
from finmodel.simulate.sensitivity.shown import Shown
from finmodel.simulate.wording import listed, with_unit

Floats = NDArray[np.float64]
Tail = Literal["lowest", "highest"]

THRESHOLD = 0.5
"""Standard deviations from which a shift of the median counts."""


@dataclass(frozen=True, eq=False, repr=False)
class Drivers(Shown):
    """Where the inputs lie on the worst paths of a metric.

    The table has a row for each uncertain input, the greatest shift first, and the columns unit, median,
    median_of_worst, shift (the difference in standard deviations of the input) and drives (whether it is beyond the
    threshold).

    Attributes
    ----------
    metric, tail, share
        The worst paths: the `share` of those with the metric where it is lowest, or highest.
    limit
        The metric from which on a path is among them, in its unit.
    count
        How many they are.
    """

    metric: str
    tail: Tail
    share: float
    limit: float
    count: int


def drivers(
    metric: str,
    values: Floats,
    unit: str,
    inputs: Sequence[tuple[str, str, Floats]],
    *,
    share: float = 0.1,
    tail: Tail = "lowest",
    notes: Sequence[str] = (),
) -> Drivers:
    """Compare the inputs of the worst paths with those of all.

    Parameters
    ----------
    metric, values, unit
        Its name, its value on every path, shape (paths,), and its unit. Paths where it is missing are left out.
    inputs
        Name, unit and draws, shape (paths,), of each uncertain input.
    share
        Of the paths, how many count as the worst; between 0 and 1.
    tail
        Where they are: a cost or a payback is worst where it is highest.
    notes
        Further words about the sample.

    Raises
    ------
    Faults
        Where the share or the tail is none, or no path has the metric.
    """
    import pandas as pd

    present = ~np.isnan(values)
    _refuse(metric, share, tail, present)
    found = values[present]
    limit = float(np.quantile(found, share if tail == "lowest" else 1.0 - share))
    worst = found <= limit if tail == "lowest" else found >= limit
    rows, stuck = [], []
    for name, its_unit, draws in inputs:
        all_of_them = draws[present]
        middle, there = float(np.median(all_of_them)), float(np.median(all_of_them[worst]))
        spread = float(all_of_them.std(ddof=1)) if all_of_them.size > 1 else 0.0
        shift = (there - middle) / spread if spread > 0.0 else math.nan
        rows.append((its_unit, middle, there, shift, abs(shift) > THRESHOLD))
        if float(np.mean(all_of_them == middle)) >= THRESHOLD:
            stuck.append(name)
    names = pd.Index([name for name, _, _ in inputs], name="input", dtype=object)
    table = pd.DataFrame(rows, index=names, columns=["unit", "median", "median_of_worst", "shift", "drives"])
    table = table.sort_values("shift", key=lambda column: -column.abs(), kind="stable")
    count = int(worst.sum())
    title = (
        f"where {metric} is {tail} ({with_unit(limit, unit)} {'or less' if tail == 'lowest' else 'or more'}): "
        f"{count:,} of {found.size:,} paths"
    )
    words = (*_notes(values.size - found.size, metric, stuck), *notes)
    return Drivers(title, table, words, metric, tail, share, limit, count)


def _refuse(metric: str, share: float, tail: str, present: NDArray[np.bool_]) -> None:
    found = []
    if not 0.0 < share < 1.0:
        found.append(Fault("is no share of the paths", key="share", found=repr(share), expected="between 0 and 1"))
    if tail not in ("lowest", "highest"):
        found.append(Fault("is no tail", key="tail", found=repr(tail), expected="'lowest' or 'highest'"))
    if not present.any():
        found.append(Fault("exists on no path", key=metric, found="none", expected="a metric that some paths have"))
    if found:
        raise Faults(found)


def _notes(missing: int, metric: str, stuck: list[str]) -> Iterator[str]:
    yield f"an input drives where its median shifts by more than {THRESHOLD} of its standard deviation"
    if missing:
        yield f"{missing:,} paths without {metric} are left out"
    if stuck:
        yield f"at least half of the draws are alike, so that the median hardly moves: {listed(stuck)}"
    yield "shocks are no inputs and have no row"
