"""What a run hands back: every path's inputs and metrics, and what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from finmodel.assumptions.bound import BoundFigure
from finmodel.errors import Fault, Faults, nearest
from finmodel.graph.model import Model
from finmodel.simulate import risk
from finmodel.simulate.convergence import SHOWN, Verdict, running
from finmodel.simulate.designs import is_whole
from finmodel.simulate.sensitivity.drivers import Drivers, Tail, drivers
from finmodel.simulate.sensitivity.sample import PATHS_AT_MOST, sensitivities
from finmodel.simulate.shocks import normals
from finmodel.simulate.statistics import LEVEL, Estimate, Sample, basis_of_errors, estimates, row_of
from finmodel.simulate.store import Store, write_parquet
from finmodel.simulate.threads import in_threads, processors

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

MEMORY, BYTES_OF_A_SAMPLE = 2**29, 64
"""Bytes that may be spent on metrics sorted at a time, and bytes a path of one of them."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """One path's inputs and shocks.

    Attributes
    ----------
    values
        A number for every input, in its unit.
    shocks
        For each shock an array of shape (periods + 1,).
    """

    values: Mapping[str, float]
    shocks: Mapping[str, Floats]


@dataclass(frozen=True, eq=False, repr=False)
class Simulation:
    """Paths of a model under one seed and design.

    Attributes
    ----------
    model
        What was run.
    values
        Every input's number in the base case, in the input's unit; uncertain inputs take their draws instead.
    uncertain
        Names of the inputs that were drawn, in the model's order.
    paths, seed, design
        What, with book and model, determines every figure to the last bit.
    timings
        Seconds by stage: compile (beside imports, inputs and base where there are two threads), imports, inputs, base
        (evaluation of the base case), paths; of a long run also blocks, waiting for the disk.
    store
        Where the draws and metrics are: in memory, or on disk where the run is long.
    verdict
        Whether the rule that was to end the run is met; None where there was none.
    asked
        The rank correlations that the book asks for, by pair of inputs.
    figures
        What was drawn from, by input.
    """

    model: Model
    values: Mapping[str, float]
    uncertain: tuple[str, ...]
    paths: int
    seed: int
    design: str
    timings: Mapping[str, float]
    store: Store
    verdict: Verdict | None = None
    asked: Mapping[tuple[str, str], float] = field(default_factory=dict)
    figures: Mapping[str, BoundFigure] = field(default_factory=dict)

    def __repr__(self) -> str:
        verdict = "" if self.verdict is None else f", {self.verdict}"
        return f"<Simulation of {self.paths:,} paths, seed {self.seed}, design {self.design}{verdict}>"

    @cached_property
    def inputs(self) -> pd.DataFrame:
        """The uncertain inputs, one row a path; read when asked for, and then in memory."""
        return self._frame(self.uncertain)

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """The metrics, one row a path; NaN is a metric that does not exist. Read when asked for, then in memory."""
        return self._frame(self.model.metrics)

    def to_frame(self) -> pd.DataFrame:
        """The number of the path, the uncertain inputs and the metrics side by side, as simulation.parquet has them."""
        import pandas as pd

        return pd.concat([self.inputs, self.metrics], axis=1).reset_index()

    def summary(self) -> pd.DataFrame:
        """One row a metric: mean, sd, standard_error, p1 to p99, missing_share, unit.

        Percentiles interpolate linearly (type 7). Everything but missing_share is over the paths that have the metric.
        """
        import pandas as pd

        rows = {name: {**row, "unit": self.model.lines[name].unit} for name, row in self.statistics.items()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("metric")

    def correlations(self) -> pd.DataFrame:
        """The rank correlations that the book asks for beside those of the draws.

        Returns
        -------
        DataFrame
            A row a pair of inputs that were both drawn: first, second, asked, achieved, standard_error, and a note
            where ties, as of a discrete range, keep the achieved one down.
        """
        from finmodel.simulate.dependence import correlations

        drawn = {pair: rank for pair, rank in self.asked.items() if set(pair) <= set(self.uncertain)}
        return correlations(self.draw, drawn, self.design)

    def sensitivity(self, metric: str = "project_npv") -> pd.DataFrame:
        """Spearman's rank correlation of each uncertain input with a metric, the strongest first, and regressions.

        From the first 65,536 paths, those left out that do not have the metric.

        Returns
        -------
        DataFrame
            A row an input: rank_correlation; rank_coefficient and rank_r_squared, of the standardised regression of
            ranks; coefficient and r_squared, of values. Where R² is below 0.7 the coefficients tell little;
            ``attrs["notes"]`` says so.

        Raises
        ------
        Faults
            Where the model has no such metric.
        """
        result, draws = self.first_paths(metric)
        return sensitivities(result, draws)

    def drivers(self, metric: str = "project_npv", share: float = 0.1, tail: Tail = "lowest") -> Drivers:
        """Where the inputs lie on the worst paths of a metric, in standard deviations from where they lie on all.

        From the first 65,536 paths, those left out that do not have the metric.

        Parameters
        ----------
        metric
            One of the model's.
        share
            Of the paths, how many are the worst.
        tail
            Where they are: ``"lowest"``, or ``"highest"`` for a cost or a payback.

        Raises
        ------
        Faults
            Where the model has no such metric, no path has it, or share or tail are none.
        """
        result, draws = self.first_paths(metric)
        units = self.model.units
        longer = [f"from the first {result.size:,} of {self.paths:,} paths"] if result.size < self.paths else []
        inputs = [(name, units[name], draw) for name, draw in draws.items()]
        return drivers(metric, result, units[metric], inputs, share=share, tail=tail, notes=longer)

    def result(self, metric: str) -> Floats:
        """One metric on every path, shape (paths,), in its unit; NaN where it does not exist.

        Raises
        ------
        Faults
            Where the model has no such metric.
        """
        return self._column(metric, self.model.metrics, "metric")

    def draw(self, name: str) -> Floats:
        """One uncertain input on every path, shape (paths,), in its unit.

        Raises
        ------
        Faults
            Where no such input was drawn.
        """
        return self._column(name, self.uncertain, "uncertain input")

    @property
    def probabilities(self) -> dict[str, float | None]:
        """Share of the paths on which something happens; None where the model does not have it."""
        return {name: None if found is None else found.value for name, found in self.events.items()}

    @property
    def probability_errors(self) -> dict[str, float | None]:
        """Standard errors of `probabilities`."""
        return {name: None if found is None else found.standard_error for name, found in self.events.items()}

    @property
    def basis_of_errors(self) -> str:
        """Where the standard errors come from, in words."""
        return basis_of_errors(self.paths, self.design)

    def risk(self, metric: str = "project_npv", level: float = LEVEL) -> pd.DataFrame:
        """Every figure of one metric, with its standard error and half the width of its 95 % interval.

        Mean, sd, p1 to p99, missing_share; of a present value also chance of loss, expected loss given a loss, value
        at risk and conditional value at risk, as `finmodel.simulate.risk` defines them: positive is money lost.

        Parameters
        ----------
        metric
            One of the model's.
        level
            Of both values at risk.

        Returns
        -------
        DataFrame
            A row a figure: value, standard_error, half_width, unit, definition.

        Raises
        ------
        Faults
            Where the model has no such metric, or the level is not between 0 and 1.
        """
        sample = Sample(self.result(metric), self.design)
        return risk.table(sample, self.model.lines[metric].unit, level if metric in risk.PRESENT_VALUES else None)

    def convergence(self, metric: str = "project_npv", statistics: Iterable[str] = SHOWN) -> pd.DataFrame:
        """Statistics of a metric over growing numbers of paths, with half the width of their 95 % intervals.

        Parameters
        ----------
        metric
            One of the model's.
        statistics
            mean, sd, or percentiles such as p5.

        Returns
        -------
        DataFrame
            By number of paths, the powers of two from 32 and all paths: for each statistic its value, in the metric's
            unit, and `<statistic>_half_width`.

        Raises
        ------
        Faults
            Where the model has no such metric, and every statistic that there is not.
        """
        return running(self.result(metric), self.design, statistics)

    @property
    def statistics(self) -> dict[str, dict[str, float]]:
        """For each metric mean, sd, standard_error, p1 to p99 and missing_share: `summary` for programs."""
        return {name: row_of(found) for name, found in self.estimates.items()}

    @cached_property
    def estimates(self) -> dict[str, dict[str, Estimate]]:
        """For each metric mean, sd, p1 to p99 and missing_share, with their standard errors."""

        def one(name: str) -> tuple[str, dict[str, Estimate]]:
            return name, estimates(Sample(self.result(name), self.design))

        threads = min(processors(), max(1, MEMORY // (self.paths * BYTES_OF_A_SAMPLE)))
        found = dict(in_threads(one, self.model.metrics, threads))
        return {name: found[name] for name in self.model.metrics}

    @cached_property
    def losses(self) -> dict[str, dict[str, Estimate]]:
        """For each present value the figures of its loss at 95 %, with their standard errors."""
        values = [name for name in risk.PRESENT_VALUES if name in self.model.metrics]
        return {name: risk.losses(Sample(self.result(name), self.design)) for name in values}

    @cached_property
    def events(self) -> dict[str, Estimate | None]:
        """Share of the paths on which something happens; None where the model does not know it."""
        return risk.probabilities(self.result, self.model.metrics, self.design)

    def first_paths(self, metric: str) -> tuple[Floats, dict[str, Floats]]:
        """A metric and every uncertain input on the first 65,536 paths, of a long run without reading the rest.

        Raises
        ------
        Faults
            Where the model has no such metric.
        """
        if self.paths <= PATHS_AT_MOST:
            return self.result(metric), {name: self.draw(name) for name in self.uncertain}
        self._refuse_unknown(metric, self.model.metrics, "metric")
        columns = next(iter(self.store.blocks()))
        return columns[metric][:PATHS_AT_MOST], {name: columns[name][:PATHS_AT_MOST] for name in self.uncertain}

    def path(self, number: int) -> Drawn:
        """Every input and every shock of one path, as the plain rendering takes them.

        Raises
        ------
        Faults
            Where there is no such path.
        """
        if found := faults_of_path(number, self.paths):
            raise Faults(found)
        columns = self.store.path(number)
        drawn = {name: columns[name] for name in self.uncertain}
        return Drawn({**self.values, **drawn}, shocks_of_path(self.model, self.seed, number))

    def to_parquet(self, path: str | Path) -> None:
        """Write `path`, the uncertain inputs and the metrics as columns; seed, design and units as metadata."""
        units = {name: self.model.units[name] for name in (*self.uncertain, *self.model.metrics)}
        write_parquet(Path(path), self.store, units, {"seed": str(self.seed), "design": self.design})

    def discard(self) -> None:
        """Remove what a long run keeps on disk; nothing that is not in memory can be read afterwards."""
        self.store.discard()

    def _column(self, name: str, known: tuple[str, ...], what: str) -> Floats:
        self._refuse_unknown(name, known, what)
        return self.store.column(name)

    def _refuse_unknown(self, name: str, known: tuple[str, ...], what: str) -> None:
        if name not in known:
            like = nearest(name, known)
            raise Faults([Fault(f"no such {what}", key=name, remedy=f"did you mean {like}?" if like else None)])

    def _frame(self, names: tuple[str, ...]) -> pd.DataFrame:
        import pandas as pd

        columns = {name: self.store.column(name) for name in names}
        return pd.DataFrame(columns, index=pd.RangeIndex(self.paths, name="path"), columns=pd.Index(names))


def shocks_of_path(model: Model, seed: int, path: int) -> dict[str, Floats]:
    """The shocks of one path by name, each of shape (periods + 1,), as the kernel draws them."""
    periods = model.timeline.periods
    return {name: normals(seed, stream, [path], periods)[0] for stream, name in enumerate(model.shocks)}


def faults_of_path(number: int, paths: int) -> list[Fault]:
    """What is wrong with the number of a path."""
    if is_whole(number) and 0 <= number < paths:
        return []
    return [Fault("no such path", key="path", found=repr(number), expected=f"a whole number from 0 to {paths - 1}")]
