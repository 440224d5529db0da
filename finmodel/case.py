"""A case: a book of figures bound to the model. Evaluate it, simulate it, change it, write it.

A `Case` never changes; whatever changes a figure, a scenario or a line returns another one. The file is long
because all that a person can ask of a case stands here, described; the work is done elsewhere.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from finmodel.assumptions.bind import Binding, bind
from finmodel.assumptions.book import BASE, Book
from finmodel.assumptions.bound import BoundFigure
from finmodel.assumptions.by_hand import with_ranges
from finmodel.assumptions.check import prove, report
from finmodel.assumptions.figure import weakest
from finmodel.assumptions.finding import titles
from finmodel.errors import Fault, Faults, FinmodelError, ModelFault
from finmodel.graph.assemble import extended
from finmodel.graph.line import Definition, Input
from finmodel.graph.model import Model
from finmodel.lines import gigafactory, statements
from finmodel.render import plain, trace
from finmodel.render.plan import Plan
from finmodel.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from finmodel.report.compare import Comparison
    from finmodel.report.imported import Imported
    from finmodel.report.tables import Summary
    from finmodel.simulate.distributions import Description
    from finmodel.simulate.run import Progress
    from finmodel.simulate.sensitivity.one_at_a_time import Spider, Tornado
    from finmodel.simulate.sensitivity.sobol import Indices
    from finmodel.simulate.simulation import Simulation
    from finmodel.simulate.solve.solution import Solution
    from finmodel.simulate.stress import Stress
    from finmodel.simulate.subject import Subject

PATHS = 65_536
DELAYS = ("construction_delay", "grid_delay", "supply_delay")
"""Inputs that, all made later by a time, make every first acceptance later by it."""


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """All line items of a case on one path.

    Attributes
    ----------
    values
        The inputs behind it: the case's own, or those drawn for the path.
    """

    case: Case
    path: plain.Evaluation
    values: Mapping[str, float]

    def __repr__(self) -> str:
        return f"<Evaluation of {self.case!r}>"

    @cached_property
    def lines(self) -> pd.DataFrame:
        """Every line, in order of the model: periods (by month) x lines; what does not vary in time is repeated."""
        import pandas as pd

        timeline = self.case.model.timeline
        shown = [line for line in self.case.model.lines.values() if not line.is_metric]
        columns = {
            line.name: self.path.rows[line.name] if line.varies else self.path.scalars[line.name] for line in shown
        }
        return pd.DataFrame(columns, index=pd.Index(timeline.labels, name="period"))

    @cached_property
    def metrics(self) -> pd.Series[float]:
        """Every metric, in order of the model; NaN is one that does not exist."""
        import pandas as pd

        values = {name: self.path.scalars[name] for name in self.case.model.metrics}
        return pd.Series(values, dtype="float64", name="value").rename_axis("metric")

    def statement(self, name: str, *, yearly: bool = False) -> pd.DataFrame:
        """One of the three statements, periods (by month) x rows, in USD.

        Parameters
        ----------
        name
            ``"income"``, ``"balance"`` or ``"cash flow"``.
        yearly
            By tax year, named by its last month: flows added up, the balance sheet as it stands at its end.

        Raises
        ------
        Faults
            Where there is no such statement.
        """
        if name not in statements.STATEMENTS:
            known = ", ".join(statements.STATEMENTS)
            raise Faults([Fault("is no statement", key="name", found=repr(name), expected=known)])
        rows: pd.DataFrame = self.lines[list(statements.STATEMENTS[name])]
        if not yearly:
            return rows
        ends = self.case.model.timeline.series["tax_year_end"] == 1
        by_year: pd.DataFrame = rows[ends]
        if name != "balance":
            years_to_come = ends[::-1].cumsum()[::-1]
            by_year = rows.groupby(years_to_come, sort=False).sum().set_axis(by_year.index)
        return by_year

    def explain(self, line: str, period: str | None = None) -> trace.Trace:
        """Why a line item has its value: formula and arguments, down to figures and their sources.

        Parameters
        ----------
        line
            A line item, a metric or an input.
        period
            The month (YYYY-MM) of a line that varies; the last period unless given.

        Raises
        ------
        Faults
            Where there is no such line or month.
        """
        return trace.trace(self.case.model, self.path, self.values, self._origin, line, period)

    def _origin(self, name: str) -> str:
        figure, origin = self.case.figures[name], self.case.describe(name)
        if self.values[name] == figure.value:
            return origin
        return f"drawn; {figure.value:,.12g} in the base case: {origin}"


@dataclass(frozen=True, eq=False, repr=False)
class Case:
    """A book bound to a model, under one scenario, with some figures fixed.

    Attributes
    ----------
    scenario_name
        ``"base"`` unless chosen.
    fixed
        Figures set by hand, in their inputs' units; they hold under every scenario.
    own_lines
        Names of lines and inputs that `with_lines` added or replaced.
    """

    book: Book
    model: Model
    binding: Binding
    scenario_name: str = BASE
    fixed: Mapping[str, float] = field(default_factory=dict)
    own_lines: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "fixed", MappingProxyType(dict(self.fixed)))

    def __repr__(self) -> str:
        fixed = "".join(f", {name}={value:.12g}" for name, value in self.fixed.items())
        return f"<Case {self.name}, scenario {self.scenario_name}{fixed}>"

    @property
    def name(self) -> str:
        """The name of the case's file."""
        return self.book.name

    @property
    def title(self) -> str:
        """What people call it."""
        return self.book.title

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of its scenarios, ``"base"`` first."""
        return self.binding.scenarios

    @cached_property
    def figures(self) -> Mapping[str, BoundFigure]:
        """The figure of every input under the scenario, in order of the model."""
        return MappingProxyType(self.binding.figures(self.scenario_name, self.fixed))

    @cached_property
    def units(self) -> dict[str, str]:
        """The unit of every input, line and metric."""
        return self.model.units

    @cached_property
    def values(self) -> Mapping[str, float]:
        """The base value of every input, in its unit."""
        return MappingProxyType({name: figure.value for name, figure in self.figures.items()})

    @cached_property
    def grades(self) -> Mapping[str, str]:
        """For each metric the weakest grade of evidence among the figures that it depends on."""
        found = {name: self.model.inputs_behind(name) for name in self.model.metrics}
        return MappingProxyType(
            {name: weakest(self.figures[key].grade for key in keys) or "" for name, keys in found.items()}
        )

    @property
    def notices(self) -> tuple[str, ...]:
        """What was mended of the correlations that the book asks for, in words."""
        return self.binding.dependence.notices

    @cached_property
    def plan(self) -> Plan:
        """The order in which the model is computed."""
        return Plan(self.model)

    @cached_property
    def _plain(self) -> plain.Plain:
        return plain.compile_plain(self.plan)

    def describe(self, name: str) -> str:
        """Where the figure of an input comes from, in one line."""
        if name in self.fixed:
            return "set by hand"
        figure = self.figures[name]
        source = self.binding.source_of(name, self.scenario_name)
        origin = f"{source.publisher}, {source.title}" if source else figure.figure.note
        found = f"{origin} (as of {figure.as_of}, {figure.grade})" + (f" {source.url}" if source and source.url else "")
        if figure.change is None:
            return found
        by = (
            f"times {figure.change.times:.12g}"
            if figure.change.plus is None
            else (f"plus {figure.change.plus:.12g} {figure.change.unit}")
        )
        return f"{found}; {by} in scenario {self.scenario_name}: {figure.change.note}"

    def implied(self, name: str) -> Description | None:
        """Mean, standard deviation, P5, P50 and P95 of an input's range, in its unit; None where it is certain."""
        from finmodel.simulate.distributions import describe

        given = self.figures[name].range
        return None if given is None else describe(given)

    def evaluate(self) -> Evaluation:
        """The base case of the scenario: every uncertain figure at its value, every shock zero.

        Raises
        ------
        CalculationFault
            Where the figures drive the arithmetic out of bounds.
        """
        return Evaluation(self, self._base, self.values)

    @cached_property
    def _base(self) -> plain.Evaluation:
        """The base case, which all who ask share: nobody can write to it."""
        path = self._plain.run(self.values)
        for row in (*path.rows.values(), *path.shocks.values()):
            row.flags.writeable = False
        return path

    def simulate(
        self,
        paths: int | None = None,
        seed: int = 0,
        design: str = "sobol",
        threads: int | None = None,
        progress: Progress | None = None,
        folder: str | Path | None = None,
        until: str | None = None,
    ) -> Simulation:
        """Draw the uncertain figures and shocks, and compute the metrics of every path.

        Parameters
        ----------
        paths
            How many: 65,536 unless given. With `until` the most, 1,048,576 unless given.
        seed
            Of the draws; the same seed gives the same metrics to the last bit, whatever the threads.
        design
            ``"sobol"``, ``"lhs"`` or ``"random"``.
        threads
            Every core unless given.
        progress
            Called with paths done and paths in all.
        folder
            Where a run of more than 131,072 paths keeps what it has, in a hidden folder of its own: the same call goes
            on with it after an interruption. It stays until `Simulation.discard`; without a folder it goes with the
            simulation.
        until
            A rule METRIC STATISTIC TOLERANCE that ends the run, such as ``"project_npv mean 1%"``: from 4,096 on paths
            are added until the 95 % interval of the statistic (mean, sd, p5, ...) reaches no further than the
            tolerance, in the metric's unit or as a share. The simulation's `verdict` says whether it was met.

        Raises
        ------
        Faults
            Where paths, seed, design or rule cannot be.
        CalculationFault
            Where a path drives the arithmetic out of bounds; names path, line and period.
        OutputFault
            Where a long run cannot write what it keeps.
        """
        from finmodel.simulate import convergence
        from finmodel.simulate.run import simulate

        def run(count: int) -> Simulation:
            with _uncollected() if count <= PATHS else nullcontext():
                drawn = simulate(
                    self.plan,
                    self.figures,
                    self.binding.uncertain,
                    self.binding.correlation,
                    paths=count,
                    seed=seed,
                    design=design,
                    threads=threads,
                    progress=progress,
                    folder=None if folder is None else Path(folder),
                    book=self.book.fingerprint,
                    base=lambda: self._base,
                )
            return replace(drawn, figures=self.figures, asked=self.binding.dependence.asked)

        if until is None:
            return run(PATHS if paths is None else paths)
        rule = convergence.Rule.parse(until, self.model)
        return convergence.until(rule, run, convergence.MOST if paths is None else paths)

    def fan(
        self,
        *lines: str,
        paths: int = PATHS,
        seed: int = 0,
        design: str = "sobol",
        threads: int | None = None,
    ) -> pd.DataFrame:
        """Percentiles of lines by period, over the first 100,000 paths of `simulate` under the same options.

        Parameters
        ----------
        lines
            Names of lines that vary in time.
        paths, seed, design, threads
            As `simulate` takes them.

        Returns
        -------
        DataFrame
            Periods (by month) x lines x p5, p10, p25, p50, p75, p90, p95: ``case.fan("revenue")["revenue"]["p50"]``.
            Its `attrs` hold `units` by line, and as `source` how many paths of which run it is made of.

        Raises
        ------
        Faults
            Every line that there is not or that has one value a path; paths, seed or design that cannot be.
        CalculationFault
            Where a path drives the arithmetic out of bounds; names path, line and period.
        """
        from finmodel.simulate.fans import fan

        return fan(self._subject, lines, paths=paths, seed=seed, design=design, threads=threads)

    def replay(self, path: int, paths: int = PATHS, seed: int = 0, design: str = "sobol") -> Evaluation:
        """All line items of one path of `simulate`, by the plain rendering.

        Raises
        ------
        Faults
            Where there is no such path, seed or design.
        """
        from finmodel.simulate.run import inputs_of_path
        from finmodel.simulate.simulation import shocks_of_path

        drawn = inputs_of_path(
            self.figures,
            self.binding.uncertain,
            self.binding.correlation,
            path,
            paths=paths,
            seed=seed,
            design=design,
        )
        values = {**self.values, **drawn}
        shocks = shocks_of_path(self.model, seed, path)
        return Evaluation(self, self._plain.run(values, shocks, path), values)

    def with_values(self, **values: float) -> Case:
        """The case with some figures fixed, in their inputs' units; they are then certain, under every scenario.

        Names with a dot go in as ``case.with_values(**{"racks.first": 3000})``.

        Raises
        ------
        Faults
            Every name that is no input, every value out of bounds.
        """
        return self._changed(fixed={**self.fixed, **values})

    def with_ranges(self, **ranges: object) -> Case:
        """The case with ranges of one's own in place of the book's, in the inputs' units.

        A figure keeps its base value, and a scenario's times and plus act on the range as they do on the book's. An
        input that had no range yet is drawn from a dimension of its own behind the others', whose draws stay.

        Parameters
        ----------
        ranges
            For each input what a book states under `range`, such as ``{"pert": [1, 2, 3]}``; a frozen distribution of
            `scipy.stats`, such as ``scipy.stats.gamma(3, scale=2)``; or ``{"scipy": ..., "truncate": [0, None]}``.
            Names with a dot go in as ``case.with_ranges(**{"racks.first": ...})``.

        Raises
        ------
        Faults
            Every name that is no input or whose figure is set by hand, every range that is impossible, reaches out of
            the input's bounds or leaves out the base value.
        """
        return self._changed(binding=with_ranges(self.binding, ranges, self.scenario_name, self.fixed))

    def scenario(self, name: str) -> Case:
        """The case under one of its scenarios.

        Raises
        ------
        Faults
            Where it has no such scenario.
        """
        return self._changed(scenario_name=name)

    def _changed(self, **changes: object) -> Case:
        changed = replace(self, **changes)  # type: ignore[arg-type]  # fields of this class, named above
        _ = changed.figures  # faults show where the change is made, not at first use
        for name in ("plan", "_plain") if changed.model is self.model else ():
            if name in self.__dict__:
                changed.__dict__[name] = self.__dict__[name]  # they hang on the model alone
        return changed

    def with_lines(self, *lines: Definition, **inputs: tuple[Input, float]) -> Case:
        """The case with lines of one's own, which are added or replace those of the same name.

        Parameters
        ----------
        lines
            Functions decorated with `finmodel.graph.line`, `metric` or `balance`.
        inputs
            What they read besides the model's own: for each name the `Input` and its value.

        Raises
        ------
        ModelFault
            Where the lines do not fit the model.
        Faults
            Where a value is out of bounds.
        """
        for given in lines:
            if not isinstance(given, Definition):
                raise ModelFault(f"{given!r} is no line item: decorate a function with finmodel.graph.line")
        pairs: dict[str, object] = dict(inputs)
        for name, pair in pairs.items():
            if not (isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], Input)):
                raise ModelFault(f"'{name}' needs an Input and its value: {name}=(Input(unit, note), value)")
        model = extended(self.model, *lines, inputs={name: declared for name, (declared, _) in inputs.items()})
        book = self.book.with_figures({name: (declared.unit, value) for name, (declared, value) in inputs.items()})
        binding = bind(book, model)
        if self.binding.ranged:
            binding = with_ranges(binding, self.binding.ranged, self.scenario_name, {})
        own = dict.fromkeys((*self.own_lines, *(given.name for given in lines), *inputs))
        return Case(book, model, binding, self.scenario_name, self.fixed, tuple(own))

    def check(self) -> str:
        """A report on the book: inputs, ranges, grades, sources. Faults were raised when the case was loaded."""
        return report(self.binding)

    def summary(self, base: Evaluation | None = None, simulation: Simulation | None = None) -> Summary:
        """What summary.json holds, printable."""
        from finmodel.report.tables import Summary

        evaluation = base or self.evaluate()
        return Summary.of(
            case=self.name,
            title=self.title,
            scenario=self.scenario_name,
            version=__version__,
            base={name: evaluation.path.scalars[name] for name in self.model.metrics},
            units=self.units,
            grades=self.grades,
            simulation=simulation,
            notices=self.notices,
        )

    def tornado(self, metric: str = "project_npv") -> Tornado:
        """A metric of the base case with each uncertain input alone at its P5 and P95, the widest swing first.

        Raises
        ------
        Faults
            Where the model has no such metric.
        CalculationFault
            Where an input at its percentile drives the arithmetic out of bounds.
        """
        from finmodel.simulate.sensitivity.one_at_a_time import tornado

        return tornado(self._subject, metric)

    def spider(
        self, metric: str = "project_npv", inputs: Sequence[str] | None = None, quantiles: Sequence[float] | None = None
    ) -> Spider:
        """A metric of the base case with each of some inputs alone at quantiles of its range.

        Parameters
        ----------
        inputs
            Uncertain inputs; the seven with the widest swing unless given.
        quantiles
            Between 0 and 1; from 0.05 to 0.95 unless given.

        Raises
        ------
        Faults
            Where the model has no such metric, an input is not uncertain, or a quantile is none.
        CalculationFault
            Where an input at a quantile drives the arithmetic out of bounds.
        """
        from finmodel.simulate.sensitivity.one_at_a_time import QUANTILES, spider

        return spider(self._subject, metric, inputs, QUANTILES if quantiles is None else quantiles)

    def sobol_indices(
        self,
        metric: str = "project_npv",
        paths: int = 8_192,
        seed: int = 0,
        design: str = "sobol",
        inputs: Sequence[str] | None = None,
        threads: int | None = None,
    ) -> Indices:
        """Which shares of a metric's variance the independent groups of inputs explain: first and total Sobol indices.

        Correlated inputs are one group, and so are all shocks; the model is computed on so many paths for each group
        and twice more.

        Parameters
        ----------
        paths
            Of each sample, a multiple of 16.
        inputs
            Whole groups, by their inputs, and ``"shocks"``; all unless given.

        Raises
        ------
        Faults
            Where the model has no such metric, some path does not have it, an input is asked for without those it is
            correlated with, or paths, seed or design cannot be.
        CalculationFault
            Where a path drives the arithmetic out of bounds.
        """
        from finmodel.simulate.sensitivity.sobol import sobol_indices

        return sobol_indices(
            self._subject, metric, paths=paths, seed=seed, design=design, inputs=inputs, threads=threads
        )

    def stress(
        self,
        paths: int = PATHS,
        seed: int = 0,
        design: str = "sobol",
        threads: int | None = None,
        **regions: tuple[float, float],
    ) -> Stress:
        """Hold inputs in a region of their range and see every metric move, on the same paths unstressed and stressed.

        ``case.stress(grid_delay=(0.8, 1.0))`` takes the longest fifth of grid delays. What is correlated with a
        stressed input follows it, all else stays as it was.

        Parameters
        ----------
        regions
            For each stressed input the lower and the upper quantile; names with a dot go in as
            ``**{"racks.first": (0.0, 0.2)}``.

        Raises
        ------
        Faults
            Where an input is not uncertain, a region is none, or paths, seed or design cannot be.
        CalculationFault
            Where a path drives the arithmetic out of bounds.
        """
        from finmodel.simulate.stress import stress

        return stress(self._subject, regions, paths=paths, seed=seed, design=design, threads=threads)

    def solve(
        self,
        vary: str,
        target: str,
        between: tuple[float, float] | None = None,
        paths: int = PATHS,
        seed: int = 0,
        design: str = "sobol",
        threads: int | None = None,
    ) -> Solution:
        """Find the value of an input at which a target is reached.

        Parameters
        ----------
        vary
            The input.
        target
            ``"project_npv=0"`` in the base case; on paths ``"P(project_npv>0)=90%"``, ``"p10(project_npv)=0"``.
        between
            Where to look, in the input's unit; outward from its figure as far as its bounds unless given.
        paths, seed, design
            Of a target that is measured on paths.

        Raises
        ------
        Faults
            Where no value reaches the target, which is then said for both ends, or an argument cannot be.
        CalculationFault
            Where the figures drive the arithmetic out of bounds.
        """
        from finmodel.simulate.solve.solution import solve
        from finmodel.simulate.solve.target import read

        aim = read(target, self.model)
        found = solve(self._subject, vary, aim, between=between, paths=paths, seed=seed, design=design, threads=threads)
        return replace(found, case=self.name, scenario=self.scenario_name)

    @cached_property
    def _subject(self) -> Subject:
        from finmodel.simulate.subject import Subject

        return Subject(self.plan, self.figures, self.binding.uncertain, self.binding.correlation, lambda: self._base)

    def compare(
        self,
        *others: Case,
        paths: int | None = None,
        seed: int = 0,
        design: str = "sobol",
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> Comparison:
        """This case beside others: structure, figures and metrics that differ, printable, and written as a workbook.

        Parameters
        ----------
        paths
            With a number, all are simulated on common random numbers, and the mean of each metric's difference stands
            there with its 95 % interval.
        seed, design, threads
            Of that simulation.
        progress
            Called with paths done and paths in all, those of every case.

        Raises
        ------
        Faults
            Where paths, seed or design cannot be.
        CalculationFault
            Where the figures of one drive the arithmetic out of bounds.
        """
        from finmodel.report.compare import Comparison

        drawn = None
        if paths is not None:
            from finmodel.simulate import paired

            subjects = [case._subject for case in (self, *others)]
            drawn = paired.run(subjects, paths=paths, seed=seed, design=design, threads=threads, progress=progress)
        return Comparison.of((self, *others), drawn, flows=gigafactory.FLOWS_BY_YEAR, levels=gigafactory.LEVELS_BY_YEAR)

    def price_of_delay(self, months: float = 1.0) -> float:
        """Net present value of the project lost per month, in USD/month, if every first acceptance is later.

        From a second evaluation in which halls, grid and racks are all late by so many months more; the end of
        operations stays, and so do the dates of order and of contracts. Negative where delay pays.

        Raises
        ------
        Faults
            Where `months` is 0 or no number, or so negative that a delay would be less than none.
        CalculationFault
            Where the figures drive the arithmetic out of bounds.
        """
        if not months:
            raise Faults([Fault("is no delay", key="months", found="0", expected="months, not 0")])
        later = self.with_values(**{name: self.values[name] + months for name in DELAYS}).values
        lost = self._base.scalars["project_npv"] - self._plain.run(later).scalars["project_npv"]
        return lost / months

    @cached_property
    def delay_in_words(self) -> str:
        """The price of a month's delay in one line, to four digits."""
        try:
            price = self.price_of_delay()
        except FinmodelError as fault:
            return f"price of a month's delay: none ({fault})"
        digits = 3 - math.floor(math.log10(abs(price))) if price else 0
        shown = f"{round(price, digits):,.12g} USD/month of project_npv"
        return f"price of a month's delay of every first acceptance: {shown}"

    def write_manual(self, out: str | Path = "outputs") -> tuple[Path, ...]:
        """Write the manual of assumptions and JSON Schemas of the book's files, for the inputs of this case's model.

        They go into the folder manual/ below `out`.

        Raises
        ------
        Faults
            Everything that is wrong with the files of the book.
        OutputFault
            Where a file cannot be written.
        """
        from finmodel.assumptions.json_schema import schemas
        from finmodel.assumptions.manual import manual
        from finmodel.assumptions.volumes import Volumes
        from finmodel.report import files

        folder, volumes = files.folder(out, "manual"), Volumes.all()
        texts = {"assumptions-manual.md": manual(self.model, volumes), **schemas(self.model, volumes)}
        writers = {name: partial(Path.write_text, data=text, encoding="utf-8") for name, text in texts.items()}
        return files.write(folder, writers)

    def to_excel(
        self, path: str | Path, simulation: Simulation | None = None, progress: Progress | None = None
    ) -> None:
        """Write the live workbook; with a simulation, its results as a snapshot and some of its paths to be shown live.

        Parameters
        ----------
        progress
            Called with what is done and what there is to do.

        Raises
        ------
        OutputFault
            Where the file cannot be written.
        """
        from finmodel.report.workbook import write

        with _uncollected():
            snapshots = (self.delay_in_words,)
            write(Path(path), self, gigafactory.OUTLINE, simulation, snapshots=snapshots, progress=progress)

    @classmethod
    def from_excel(cls, path: str | Path) -> Case:
        """The case of a workbook that `to_excel` wrote and somebody edited, under the scenario that it shows.

        What it builds on is looked for from the working folder, then from ./assumptions/cases/. Figures that were set
        by hand are so again; a figure that was changed is an estimate without a range.

        Raises
        ------
        Faults
            Everything that makes it no such workbook, every cell that was changed and is no input, every figure that
            cannot be.
        """
        return bring_back(path).case

    def folder(self, out: str | Path = "outputs") -> Path:
        """The folder for this case's files, tried by writing to it; nothing stays.

        Raises
        ------
        OutputFault
            Where it cannot be written.
        """
        from finmodel.report import files

        return files.folder(out, self.name)

    def write(
        self,
        folder: str | Path,
        summary: Summary,
        simulation: Simulation | None = None,
        progress: Progress | None = None,
    ) -> tuple[Path, ...]:
        """Write workbook.xlsx, summary.json and, with a simulation, simulation.parquet: all or none.

        Parameters
        ----------
        progress
            Called with what is done of the workbook and what there is to do.

        Raises
        ------
        OutputFault
            Where a file cannot be written.
        """
        from finmodel.report import files

        writers = {
            "workbook.xlsx": lambda path: self.to_excel(path, simulation=simulation, progress=progress),
            "summary.json": summary.write,
        }
        if simulation is not None:
            writers["simulation.parquet"] = simulation.to_parquet
        return files.write(folder, writers, stale=("simulation.parquet",))


def load(name: str | Path) -> Case:
    """The case of that name or path.

    Raises
    ------
    Faults
        Everything that is wrong with its files.
    """
    with _uncollected():
        binding = prove(str(name), _model)
    return Case(binding.book, binding.model, binding)


def bring_back(path: str | Path, out: Path | None = None, progress: Progress | None = None) -> Imported[Case]:
    """What was changed in a workbook, and the case that it makes; `out` is where the case's new file will stand.

    Parameters
    ----------
    progress
        Called with what is done and what there is to do.

    Raises
    ------
    Faults
        As `Case.from_excel`.
    """
    from finmodel.report.imported import bring_back

    def made(binding: Binding, scenario: str, fixed: Mapping[str, float]) -> Case:
        return Case(binding.book, binding.model, binding).scenario(scenario).with_values(**fixed)

    folders = (Path(), Path("assumptions", "cases")) if out is None else (out.parent,)
    with _uncollected():
        return bring_back(Path(path), _model, made, gigafactory.OUTLINE, folders, progress=progress)


def _model(book: Book) -> Model:
    return gigafactory.model(book.timeline, book.cohorts)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector: a book, its model and its machine code are many objects, none of them garbage."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def folder_of_comparison(out: str | Path = "outputs") -> Path:
    """The folder for the workbook of a comparison, tried by writing to it; nothing stays.

    Raises
    ------
    OutputFault
        Where it cannot be written.
    """
    from finmodel.report import files

    return files.folder(out, "comparison")


def library(kind: str) -> dict[str, str]:
    """Names and titles of the files of one kind: ``"cases"``, ``"platforms"``, ``"regions"``."""
    return titles(kind)
