"""What is examined: a model with its figures and their dependence, computed wherever a method wants it.

Sensitivities, stresses, searches and comparisons all do the same three things: choose where in the unit cube the paths
stand, turn that into draws as a simulation does, and have a kernel, compiled once, compute some metrics there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from finmodel.assumptions.bound import BoundFigure
from finmodel.errors import CalculationFault, Fault, Faults, nearest
from finmodel.graph.model import Model
from finmodel.render.plain import Evaluation, compile_plain
from finmodel.render.plan import Plan
from finmodel.render.vector import compile_vector
from finmodel.simulate.sampler import PIECE, Change, Sampler
from finmodel.simulate.shocks import blocks, normals
from finmodel.simulate.threads import in_threads, processors

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CHUNK = 2_048
"""Paths that a thread takes at a time; it changes no result."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A model, its figures and the dependence of the uncertain ones.

    Attributes
    ----------
    plan
        The model in order of computation.
    figures
        What each input reads.
    dimensions, correlation
        Inputs that have a dimension in a design, in order, and the correlations of their normal scores. A dimension
        whose figure is certain, or which the model lacks, moves nothing, and the others' draws stay as they are.
    evaluated
        Gives the base case, where somebody has computed it already.
    """

    plan: Plan
    figures: Mapping[str, BoundFigure]
    dimensions: Sequence[str]
    correlation: Floats
    evaluated: Callable[[], Evaluation] | None = None

    @property
    def model(self) -> Model:
        """What is computed."""
        return self.plan.model

    @cached_property
    def values(self) -> dict[str, float]:
        """Every input's number in the base case."""
        return {name: figure.value for name, figure in self.figures.items()}

    @cached_property
    def base(self) -> Evaluation:
        """The base case."""
        return self.evaluated() if self.evaluated else compile_plain(self.plan).run(self.values)

    @cached_property
    def uncertain(self) -> tuple[str, ...]:
        """Inputs whose figures have a range, in the model's order."""
        return tuple(name for name, figure in self.figures.items() if figure.range is not None)

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The uncertain inputs, those that depend on each other together, directly or through others."""
        places = [list(self.dimensions).index(name) for name in self.uncertain]
        linked = self.correlation[np.ix_(places, places)] != 0.0
        groups: list[tuple[str, ...]] = []
        left = set(range(len(places)))
        while left:
            group, todo = set(), [min(left)]
            while todo:
                place = todo.pop()
                if place not in group:
                    group.add(place)
                    todo += np.flatnonzero(linked[place]).tolist()
            left -= group
            groups.append(tuple(self.uncertain[place] for place in sorted(group)))
        return tuple(groups)

    def sample(
        self,
        paths: int,
        seed: int,
        design: str,
        taken: int | None = None,
        *,
        offset: int = 0,
        change: Change | None = None,
        threads: int | None = None,
    ) -> Floats:
        """Draws of the uncertain inputs, as a simulation has them, shape (len(uncertain), taken).

        Parameters
        ----------
        paths, seed, design
            Of the whole run.
        taken
            How many paths, from the first; all of them unless given.
        offset, change
            As `Sampler` takes them: another sample of the same design, scores that are changed before they are drawn
            from.
        """
        sampler = Sampler(
            self.figures,
            self.dimensions,
            self.correlation,
            paths=paths,
            seed=seed,
            design=design,
            offset=offset,
            change=change,
        )
        draws = np.empty((len(self.uncertain), paths if taken is None else taken))

        def work(part: slice) -> None:
            sampler.fill(draws[:, part], part.start)

        for _ in in_threads(work, blocks(draws.shape[1], PIECE), threads or processors()):
            pass
        return draws

    def refuse_unknown_metric(self, name: str) -> None:
        """Raise Faults where the model has no such metric."""
        if name not in self.model.metrics:
            like = nearest(name, self.model.metrics)
            raise Faults([Fault("no such metric", key=name, remedy=f"did you mean {like}?" if like else None)])

    def unknown_inputs(self, names: Collection[str]) -> list[Fault]:
        """A fault for every name that is not an uncertain input."""
        found = []
        for name in names:
            if name in self.uncertain:
                continue
            if name in self.model.inputs:
                found.append(Fault("is certain", key=name, expected="an uncertain input"))
            else:
                like = nearest(name, self.uncertain)
                remedy = f"did you mean {like}?" if like else None
                found.append(Fault("is no input", key=name, expected="an uncertain input", remedy=remedy))
        return found

    def prepared(
        self, varied: Collection[str], metrics: Sequence[str], *, shocks: bool, threads: int | None = None
    ) -> Prepared:
        """The model compiled for a choice of inputs that vary and metrics that are wanted."""
        return Prepared(self, varied, metrics, shocks=shocks, threads=threads)


class Prepared:
    """A model compiled once, to be computed for many values of some inputs.

    Attributes
    ----------
    varied
        Names of the inputs that vary, in the order of the rows of what is computed.
    metrics
        What is computed, in order.
    """

    def __init__(
        self,
        subject: Subject,
        varied: Collection[str],
        metrics: Sequence[str],
        *,
        shocks: bool,
        threads: int | None = None,
    ) -> None:
        self._subject, self.metrics = subject, tuple(metrics)
        self._shocks = shocks and bool(subject.model.shocks)
        values, base = subject.values, subject.base
        self._kernel = compile_vector(
            subject.plan, varied, shocks=self._shocks, outputs=self.metrics, values=values, evaluation=base
        )
        self._tables = self._kernel.tables(values, base)
        self.varied = self._kernel.uncertain
        self._threads = threads or processors()

    def arrange(self, rows: Mapping[str, Floats], paths: int) -> Floats:
        """Inputs as `compute` takes them: a row of each that is given, the base value of the rest."""
        inputs = np.empty((len(self.varied), paths))
        for place, name in enumerate(self.varied):
            inputs[place] = rows.get(name, self._subject.values[name])
        return inputs

    def try_to_compute(self, inputs: Floats, *, seed: int = 0, first_path: int = 0) -> tuple[Floats, Flags]:
        """The metrics, and where they cannot be computed.

        Parameters
        ----------
        inputs
            Shape (len(varied), paths).
        seed, first_path
            The shocks of column k are those of path `first_path` + k under this seed.

        Returns
        -------
        results : ndarray, shape (len(metrics), paths)
            NaN is a metric that does not exist.
        bad : ndarray, shape (paths,)
            Where the arithmetic goes out of bounds; results there mean nothing.
        """
        paths = inputs.shape[1]
        out = np.empty((len(self.metrics) + 1, paths))

        def work(part: slice) -> None:
            self._kernel.run(
                self._tables, inputs, out, low=part.start, high=part.stop, seed=seed, first_path=first_path
            )

        for _ in in_threads(work, blocks(paths, CHUNK), self._threads if paths > CHUNK else 1):
            pass
        bad = out[-1] > 0.0
        for name, result in zip(self.metrics, out[:-1], strict=True):
            may_be_missing = self._subject.model.lines[name].may_be_missing
            bad |= np.isinf(result) if may_be_missing else ~np.isfinite(result)
        return out[:-1], bad

    def compute(self, inputs: Floats, *, seed: int = 0, first_path: int = 0) -> Floats:
        """The metrics, shape (len(metrics), paths); parameters as `try_to_compute` has them.

        Raises
        ------
        CalculationFault
            Where a column drives the arithmetic out of bounds; names line and period.
        """
        results, bad = self.try_to_compute(inputs, seed=seed, first_path=first_path)
        if bad.any():
            self._explain(inputs, int(np.argmax(bad)), seed, first_path)
        return results

    def _explain(self, inputs: Floats, column: int, seed: int, first_path: int) -> None:
        """Have the plain rendering raise the fault of a column."""
        model = self._subject.model
        values = self._subject.values | dict(zip(self.varied, inputs[:, column].tolist(), strict=True))
        path = first_path + column if self._shocks else None
        shocks = None
        if path is not None:
            periods = model.timeline.periods
            shocks = {name: normals(seed, stream, [path], periods)[0] for stream, name in enumerate(model.shocks)}
        compile_plain(self._subject.plan).run(values, shocks, path)
        raise CalculationFault("out of bounds in the vector rendering and not in the plain one", path=path)
