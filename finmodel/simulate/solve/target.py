"""A target: what a search is to reach, read from text and measured on paths.

| text | reached where |
|---|---|
| `project_npv=0` | the metric of the base case is that number |
| `P(project_npv>0)=90%` | the metric is above the number on that share of the paths |
| `p10(project_npv)=0` | that percentile of the metric over the paths is that number |

Numbers are in the metric's unit; a pure number or a rate may be written in per cent.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import Fault, Faults, nearest
from finmodel.graph.model import Model
from finmodel.simulate.wording import with_unit, written

Floats = NDArray[np.float64]

NUMBER = r"\s*([^=<>()%\s]+)\s*(%?)\s*"
NAME = r"\s*([A-Za-z_][\w.]*)\s*"
CHANCE = re.compile(rf"\s*P\s*\({NAME}(>=|<=|>|<){NUMBER}\)\s*={NUMBER}")
PERCENTILE = re.compile(rf"\s*[pP](\d+(?:\.\d+)?)\s*\({NAME}\)\s*={NUMBER}")
VALUE = re.compile(rf"{NAME}={NUMBER}")
FORMS = "METRIC=VALUE, 'P(METRIC>VALUE)=SHARE' or 'p10(METRIC)=VALUE'"
PER_CENT = ("1", "1/year")
"""Units whose numbers may be written in per cent."""


@dataclass(frozen=True)
class Target(ABC):
    """What is to be reached.

    Attributes
    ----------
    metric
        Of the model.
    aim
        The number to reach, in `unit`.
    unit
        Of the aim: the metric's, or 1 for a chance.
    """

    metric: str
    aim: float
    unit: str

    @property
    @abstractmethod
    def measure(self) -> str:
        """What is measured, without the aim."""

    @abstractmethod
    def measured(self, values: Floats) -> float:
        """What the metric's values, one a path, come to, in `unit`; NaN where that does not exist."""

    def __str__(self) -> str:
        return f"{self.measure} = {self.written(self.aim)}"

    def written(self, number: float) -> str:
        """A number of this target with its unit."""
        return with_unit(number, self.unit)


@dataclass(frozen=True)
class PathTarget(Target):
    """What is measured on the paths of a simulation."""

    @abstractmethod
    def counted(self, values: Floats) -> Floats:
        """The paths whose share says whether the aim is reached: 1 where one counts, 0 where not, NaN left out."""

    def tolerance(self, paths: int) -> float:
        """How far from the aim is as near as so many paths can tell."""
        return 0.0


@dataclass(frozen=True)
class Value(Target):
    """A metric of the base case."""

    @property
    def measure(self) -> str:
        """The metric's name."""
        return self.metric

    def measured(self, values: Floats) -> float:
        """The metric, of one path."""
        return float(values[0])


@dataclass(frozen=True)
class Chance(PathTarget):
    """The share of paths on which a metric is above or below a number; a path without the metric does not count."""

    relation: str
    level: float
    level_unit: str

    @property
    def measure(self) -> str:
        """The chance in words."""
        return f"P({self.metric} {self.relation} {with_unit(self.level, self.level_unit)})"

    def measured(self, values: Floats) -> float:
        """The share of paths."""
        return float(self.counted(values).mean())

    def counted(self, values: Floats) -> Floats:
        """Whether the relation holds, path by path."""
        return RELATIONS[self.relation](values, self.level).astype(np.float64)

    def tolerance(self, paths: int) -> float:
        """One path, and so little more that rounding does not matter."""
        return (1.0 + 1e-9) / paths

    def written(self, number: float) -> str:
        """A chance in per cent."""
        return f"{written(100.0 * number)} %"


@dataclass(frozen=True)
class Percentile(PathTarget):
    """A percentile of a metric over the paths that have it (type 7)."""

    percent: float

    @property
    def measure(self) -> str:
        """The percentile in words."""
        return f"p{self.percent:g}({self.metric})"

    def measured(self, values: Floats) -> float:
        """The percentile."""
        present = values[~np.isnan(values)]
        return float(np.percentile(present, self.percent)) if present.size else math.nan

    def counted(self, values: Floats) -> Floats:
        """Whether a path is at or below the aim: the share that is says the same as the percentile."""
        return np.where(np.isnan(values), math.nan, (values <= self.aim).astype(np.float64))


RELATIONS: dict[str, Callable[[Floats, float], NDArray[np.bool_]]] = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
}


def read(text: str, model: Model) -> Target:
    """A target from its text.

    Raises
    ------
    Faults
        Where the text is no target, or the model has no such metric.
    """
    reader = _Reader(text, model)
    target = reader.read()
    if reader.faults or target is None:
        raise Faults(reader.faults)
    return target


class _Reader:
    """Reads one target and collects what is wrong with it."""

    def __init__(self, text: str, model: Model) -> None:
        self.text, self.model = text, model
        self.faults: list[Fault] = []

    def read(self) -> Target | None:
        if found := CHANCE.fullmatch(self.text):
            metric, relation, level_text, level_sign, aim_text, aim_sign = found.groups()
            unit = self.unit(metric)
            level, aim = self.number(level_text, level_sign, unit), self.number(aim_text, aim_sign, "1")
            if not 0.0 < aim < 1.0:
                self.fault("is no chance to aim at", f"{aim:.12g}", "between 0 and 1, or 0% and 100%")
            return Chance(metric, aim, "1", relation, level, unit)
        if found := PERCENTILE.fullmatch(self.text):
            percent, metric, text, sign = found.groups()
            unit = self.unit(metric)
            if not 0.0 < float(percent) < 100.0:
                self.fault("is no percentile", f"p{percent}", "above p0 and below p100")
            return Percentile(metric, self.number(text, sign, unit), unit, float(percent))
        if found := VALUE.fullmatch(self.text):
            metric, text, sign = found.groups()
            unit = self.unit(metric)
            return Value(metric, self.number(text, sign, unit), unit)
        self.fault("is not understood", repr(self.text), FORMS)
        return None

    def unit(self, metric: str) -> str:
        """The metric's unit; a fault where the model has none of that name."""
        if metric in self.model.metrics:
            return self.model.lines[metric].unit
        like = nearest(metric, self.model.metrics)
        remedy = f"did you mean {like}?" if like else None
        self.fault("has no such metric", f"'{metric}'", "a metric of the model", remedy)
        return "1"

    def number(self, text: str, per_cent: str, unit: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.fault("is not a finite number", repr(text), f"a number of {unit}")
            return 0.5
        if per_cent and unit not in PER_CENT:
            self.fault("is not in per cent", f"'{text}%'", f"a number of {unit}")
        return value / 100.0 if per_cent else value

    def fault(self, message: str, found: str, expected: str, remedy: str | None = None) -> None:
        self.faults.append(Fault(message, key="target", found=found, expected=expected, remedy=remedy))
