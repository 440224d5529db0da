"""Convergence: what more paths would change, and a rule that says when there are enough.

A rule is three words, METRIC STATISTIC TOLERANCE: `project_npv mean 1%`, `project_npv p5 50e6`. The statistic is mean,
sd or a percentile (p5, p97.5); the tolerance is a share of the statistic where it ends in %, else an amount in the
metric's unit. The rule holds where the 95 % interval of the statistic reaches no further than the tolerance to either
side. Paths are doubled, from 4,096 or the most that are allowed, until it does; doublings that would not do even if
errors fell as fast as the number of paths grows are left out.

A run that ends when its interval is narrow holds the truth a little less often than 95 %; few looks, and the fewest
paths, keep that little. A tolerance that is a share cannot be met by a statistic near zero: whatever the
paths, zero then stays within the interval. The verdict says so.

Source: Chow, Robbins, Annals of Mathematical Statistics 36 (1965), doi:10.1214/aoms/1177700156 (sequential intervals
of fixed width).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import Fault, Faults, nearest
from finmodel.graph.model import Model
from finmodel.simulate.designs import PATHS_AT_MOST, is_whole
from finmodel.simulate.statistics import FEWEST_PATHS_OF_REPLICATES, LEVEL, Estimate, Sample, half_width

if TYPE_CHECKING:
    import pandas as pd

    from finmodel.simulate.simulation import Simulation

Floats = NDArray[np.float64]

FEWEST = 4_096
"""Paths before a rule is first asked."""
MOST = 1_048_576
"""Paths at which a rule is given up, unless told otherwise."""
MOMENTS = ("mean", "sd")
SHOWN = ("mean", "p5", "p50", "p95")
GRAMMAR = "METRIC STATISTIC TOLERANCE, such as 'project_npv mean 1%' or 'project_npv p5 50e6'"


@dataclass(frozen=True)
class Rule:
    """When there are enough paths: a statistic of a metric is known to a tolerance.

    Attributes
    ----------
    metric, statistic
        Such as project_npv and mean.
    tolerance
        Half the width of the 95 % interval that is allowed: in `unit`, or a share of the statistic where `relative`.
    unit
        Of the metric.
    """

    metric: str
    statistic: str
    tolerance: float
    relative: bool
    unit: str

    def __str__(self) -> str:
        size = f"{100.0 * self.tolerance:.12g}%" if self.relative else f"{self.tolerance:.12g}"
        return f"{self.metric} {self.statistic} {size}"

    @classmethod
    def parse(cls, text: str, model: Model) -> Rule:
        """Read METRIC STATISTIC TOLERANCE.

        Raises
        ------
        Faults
            Everything about the text that is not understood.
        """
        words = text.split() if isinstance(text, str) else []
        if len(words) != 3:
            raise Faults([Fault("not a rule", key="until", found=repr(text), expected=GRAMMAR)])
        metric, statistic, size = words
        relative = size.endswith("%")
        tolerance = _number(size.removesuffix("%"))
        found = []
        if metric not in model.metrics:
            like = nearest(metric, model.metrics)
            remedy = f"did you mean {like}?" if like else None
            found.append(Fault("no such metric", key="until", found=repr(metric), remedy=remedy))
        found += _faults_of_statistic(statistic, "until")
        if tolerance is None or tolerance <= 0.0:
            unit = f" in {model.lines[metric].unit}" if metric in model.metrics else ""
            expected = f"a number above zero{unit}, or a share such as 1%"
            found.append(Fault("not a tolerance", key="until", found=repr(size), expected=expected))
        if found or tolerance is None:
            raise Faults(found)
        share = tolerance / 100.0 if relative else tolerance
        return cls(metric, statistic, share, relative, model.lines[metric].unit)

    def judge(self, values: Floats, design: str) -> Verdict:
        """Whether the metric's values, shape (paths,), meet the rule."""
        found = estimate(Sample(values, design), self.statistic)
        width = half_width(found.standard_error, values.size, design)
        return Verdict(self, values.size, found.value, width)


@dataclass(frozen=True)
class Verdict:
    """Whether a run has met its rule.

    Attributes
    ----------
    rule
        What was asked.
    paths
        After how many.
    value, half_width
        The statistic and half the width of its 95 % interval, in the metric's unit; NaN where paths cannot tell.
    """

    rule: Rule
    paths: int
    value: float
    half_width: float

    @property
    def allowed(self) -> float:
        """Half the width that the rule allows, in the metric's unit."""
        return self.rule.tolerance * abs(self.value) if self.rule.relative else self.rule.tolerance

    @property
    def converged(self) -> bool:
        """Whether the rule is met."""
        return self.half_width <= self.allowed

    @property
    def growth(self) -> int:
        """How many times the paths to look next: a power of two, from 2."""
        times = self.half_width / self.allowed if self.allowed else math.nan
        return 2 ** math.ceil(math.log2(times)) if 2.0 < times < PATHS_AT_MOST else 2

    def __str__(self) -> str:
        rule, unit = self.rule, self.rule.unit
        asked = f"{'' if self.converged else 'not '}converged: {rule}"
        if math.isnan(self.half_width):
            return f"{asked}: too few of the {self.paths:,} paths have the metric"
        share = f" ({self.half_width / abs(self.value):.2%})" if rule.relative and self.value else ""
        reach = f"{_written(self.value)} {unit}, {LEVEL:.0%} interval ± {_written(self.half_width)} {unit}{share}"
        said = f"{asked}: {reach} after {self.paths:,} paths"
        return said if self.converged else f"{said}; {self._remedy()}"

    def _remedy(self) -> str:
        if self.rule.relative and abs(self.value) <= self.half_width:
            return (
                "zero lies within the interval, and of what is near zero no share can be met, however many the paths: "
                f"give the tolerance in {self.rule.unit}"
            )
        wanted = self.paths * (self.half_width / self.allowed) ** 2
        if wanted > PATHS_AT_MOST:
            return "more paths than can be run would be needed: widen the tolerance"
        return f"about {2 ** math.ceil(math.log2(wanted)):,} paths may do"

    @property
    def content(self) -> dict[str, Any]:
        """What summary.json holds of it; a number that is missing is None."""
        return {
            "rule": str(self.rule),
            "converged": self.converged,
            "paths": self.paths,
            "value": _or_none(self.value),
            "half_width": _or_none(self.half_width),
            "allowed": _or_none(self.allowed),
            "level": LEVEL,
            "unit": self.rule.unit,
            "words": str(self),
        }


def until(rule: Rule, run: Callable[[int], Simulation], most: int) -> Simulation:
    """Run ever more paths until the rule is met or `most` are run; the simulation carries the verdict.

    With Sobol and random designs each run begins with the paths of the one before; a Latin hypercube is drawn anew.

    Parameters
    ----------
    rule
        What is asked of the paths.
    run
        Simulates so many paths.
    most
        Paths at most.
    """
    spent: Counter[str] = Counter()
    paths = min(FEWEST, most) if is_whole(most) else most  # which the run refuses
    while True:
        simulation = run(paths)
        spent.update(simulation.timings)
        verdict = rule.judge(simulation.result(rule.metric), simulation.design)
        if verdict.converged or paths == most:
            return replace(simulation, verdict=verdict, timings=dict(spent))
        simulation.discard()
        paths = min(paths * verdict.growth, most)


def running(values: Floats, design: str, statistics: Iterable[str] = SHOWN) -> pd.DataFrame:
    """Statistics over growing numbers of paths, with half the width of their 95 % intervals.

    Parameters
    ----------
    values : ndarray, shape (paths,)
        A metric, NaN where it is missing.
    design : {"sobol", "lhs", "random"}
        Where the paths come from. The beginning of a Latin hypercube is none itself: only the last row has the
        precision of the whole.
    statistics : iterable of str
        mean, sd, or percentiles such as p5.

    Returns
    -------
    DataFrame
        By number of paths: the powers of two from 32, and all paths. For each statistic its value, in the metric's
        unit, and `<statistic>_half_width`.

    Raises
    ------
    Faults
        Every statistic that there is not.
    """
    import pandas as pd

    chosen = tuple(statistics)
    if found := [fault for name in chosen for fault in _faults_of_statistic(name, "statistics")]:
        raise Faults(found)
    sizes = [2**power for power in range(64) if FEWEST_PATHS_OF_REPLICATES <= 2**power < values.size]
    sizes.append(values.size)
    columns: dict[str, list[float]] = {column: [] for name in chosen for column in (name, f"{name}_half_width")}
    for paths in sizes:
        sample = Sample(values[:paths], design)
        for name in chosen:
            reached = estimate(sample, name)
            columns[name].append(reached.value)
            columns[f"{name}_half_width"].append(half_width(reached.standard_error, paths, design))
    return pd.DataFrame(columns, index=pd.Index(sizes, name="paths"))


def estimate(sample: Sample, statistic: str) -> Estimate:
    """One statistic of a metric: mean, sd, or a percentile such as p5.

    Raises
    ------
    ValueError
        There is no such statistic.
    """
    percent = _percent(statistic)
    if percent is not None:
        return sample.percentiles([percent])[0]
    if statistic not in MOMENTS:
        raise ValueError(f"no such statistic: {statistic}")
    return sample.mean() if statistic == "mean" else sample.sd()


def _faults_of_statistic(name: str, key: str) -> list[Fault]:
    if name in MOMENTS or _percent(name) is not None:
        return []
    expected = "mean, sd or a percentile between p0 and p100, such as p5"
    return [Fault("no such statistic", key=key, found=repr(name), expected=expected)]


def _percent(statistic: str) -> float | None:
    """What a percentile is called by, or None where the statistic is no percentile."""
    number = _number(statistic[1:]) if statistic[:1] == "p" and statistic[1:2].isdigit() else None
    return number if number is not None and 0.0 < number < 100.0 else None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _written(number: float) -> str:
    """A number at four significant digits, with thousands apart."""
    return f"{float(f'{number:.4g}'):,.12g}"


def _or_none(number: float) -> float | None:
    return None if math.isnan(number) else number
