"""One input at a time, the others at base: the tornado at two quantiles of each, the spider at several of a few.

Shocks are zero, as in the base case. What an input does together with others is not seen here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import Fault, Faults
from finmodel.simulate.distributions import ppf
from finmodel.simulate.sensitivity.shown import Shown
from finmodel.simulate.subject import Subject
from finmodel.simulate.wording import listed

Floats = NDArray[np.float64]

LOW, HIGH = 0.05, 0.95
QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
LEGS = 7
"""Inputs of a spider where none are chosen: those with the widest swing."""


@dataclass(frozen=True, eq=False, repr=False)
class Tornado(Shown):
    """A metric with each uncertain input at its 5th and 95th percentile, the others at base.

    The table has a row for each input, the widest swing first, and the columns unit, low, base, high (the input at its
    P5, at base, at its P95), at_low, at_high (the metric there) and swing: the distance between the least and the
    greatest of the metric at the three. An input at whose percentile the metric does not exist stands before all
    others, without a swing.

    Attributes
    ----------
    metric, unit
        What was computed, and its unit.
    base
        The metric in the base case; NaN where it does not exist.
    """

    metric: str
    unit: str
    base: float


@dataclass(frozen=True, eq=False, repr=False)
class Spider(Shown):
    """A metric with each of a few inputs at several quantiles, the others at base.

    The table has a row for each input and quantile and the columns input, unit, quantile, value (of the input) and
    result (of the metric).

    Attributes
    ----------
    metric, unit
        What was computed, and its unit.
    base
        The metric in the base case; NaN where it does not exist.
    """

    metric: str
    unit: str
    base: float


def tornado(subject: Subject, metric: str) -> Tornado:
    """Move each uncertain input alone to its 5th and 95th percentile.

    Raises
    ------
    Faults
        Where the model has no such metric.
    CalculationFault
        Where an input at its percentile drives the arithmetic out of bounds.
    """
    import pandas as pd

    subject.refuse_unknown_metric(metric)
    names = subject.uncertain
    base, found, places = _computed(subject, metric, names, (LOW, HIGH))
    rows = []
    for name, (low, high), (at_low, at_high) in zip(names, places, found, strict=True):
        ends = [x for x in (at_low, base, at_high) if not math.isnan(x)]
        swing = math.nan if math.isnan(at_low + at_high) else max(ends) - min(ends)
        figure = subject.figures[name]
        rows.append((figure.unit, low, figure.value, high, at_low, at_high, swing))
    columns = ["unit", "low", "base", "high", "at_low", "at_high", "swing"]
    table = pd.DataFrame(rows, index=pd.Index(names, name="input", dtype=object), columns=columns)
    table = table.sort_values("swing", ascending=False, kind="stable", na_position="first")
    unit = subject.model.lines[metric].unit
    still = [name for name, (low, high) in zip(names, places, strict=True) if low == high]
    return Tornado(
        f"{metric} ({unit}) with each input at its P5 and P95, the others at base",
        table,
        (*_notes(subject, names), *([f"P5 and P95 are the same value: {listed(still)}"] if still else [])),
        metric,
        unit,
        base,
    )


def spider(
    subject: Subject, metric: str, inputs: Sequence[str] | None = None, quantiles: Sequence[float] = QUANTILES
) -> Spider:
    """Move each of some inputs alone through quantiles of its range.

    Parameters
    ----------
    inputs
        Uncertain inputs; the seven with the widest swing in a tornado unless given.
    quantiles
        Between 0 and 1, both excluded.

    Raises
    ------
    Faults
        Where the model has no such metric, an input is not uncertain, or a quantile is none.
    CalculationFault
        Where an input at a quantile drives the arithmetic out of bounds.
    """
    import pandas as pd

    subject.refuse_unknown_metric(metric)
    found = [
        Fault("is no quantile", key="quantiles", found=repr(q), expected="between 0 and 1")
        for q in quantiles
        if not 0.0 < q < 1.0
    ]
    found += subject.unknown_inputs(inputs or ())
    if found:
        raise Faults(found)
    if inputs is None:
        names = tuple(map(str, tornado(subject, metric).table.index[:LEGS]))
    else:
        names = tuple(dict.fromkeys(inputs))
    base, results, places = _computed(subject, metric, names, tuple(quantiles))
    rows = [
        (name, subject.figures[name].unit, quantile, float(value), float(result))
        for name, values, row in zip(names, places, results, strict=True)
        for quantile, value, result in zip(quantiles, values, row, strict=True)
    ]
    unit = subject.model.lines[metric].unit
    return Spider(
        f"{metric} ({unit}) with each input at quantiles of its range, the others at base",
        pd.DataFrame(rows, columns=["input", "unit", "quantile", "value", "result"]),
        tuple(_notes(subject, names)),
        metric,
        unit,
        base,
    )


def _computed(
    subject: Subject, metric: str, names: Sequence[str], quantiles: Sequence[float]
) -> tuple[float, Floats, Floats]:
    """The metric in the base case, and by input and quantile the metric and the input's value."""
    shape = (len(names), len(quantiles))
    places = np.empty(shape)
    for row, name in enumerate(names):
        given = subject.figures[name].range
        if given is not None:
            places[row] = ppf(given, np.array(quantiles))
    prepared = subject.prepared(names, [metric], shocks=False)
    inputs = prepared.arrange({}, places.size + 1)
    for row, name in enumerate(names):
        first = 1 + row * shape[1]
        inputs[prepared.varied.index(name), first : first + shape[1]] = places[row]
    (found,) = prepared.compute(inputs)
    return float(found[0]), found[1:].reshape(shape), places


def _notes(subject: Subject, names: Sequence[str]) -> Iterator[str]:
    yield "each input moves alone, all shocks are zero"
    together = [name for group in subject.groups if len(group) > 1 for name in group if name in names]
    if together:
        yield f"in a simulation these move with others, here alone all the same: {listed(together)}"
