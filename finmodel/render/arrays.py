"""The plan as operations on arrays over paths: slower than machine code, the same bits, and no permission needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finmodel.graph.model import Line
from finmodel.graph.nodes import Apply, Const, Item, Lag, Lead, Node, Reduce, children
from finmodel.graph.reduction import Fold
from finmodel.graph.shocks import normal_score, uniform
from finmodel.graph.writer import ARRAYS
from finmodel.render.certain import Certain, Tables
from finmodel.render.faults import fault_of, may_fault
from finmodel.render.needs import last_of, needs_of
from finmodel.render.numbering import name_of
from finmodel.render.plan import Plan

Floats = NDArray[np.float64]
TOGETHER = 4096
"""Paths worked on at once: few enough for the processor's cache, enough to pay for a call of NumPy."""


@dataclass
class _Paths:
    """Some paths in the middle of their computation; an array over them, or one number where all are alike."""

    tables: Tables
    inputs: Mapping[str, Floats]
    draws: Mapping[str, Floats]
    period: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    previous: Mapping[str, Any] = field(default_factory=dict)
    rows: dict[str, list[Any]] = field(default_factory=dict)
    reduced: dict[object, Any] = field(default_factory=dict)
    fault: Any = np.False_


Code = Callable[[_Paths], Any]


@dataclass(frozen=True)
class _Carried:
    """A reduction in one pass, taken up in the loop that computes the `last` of its uncertain rows."""

    key: object
    last: str | None
    rows: Sequence[Code]
    fold: Fold


class Interpreted:
    """Walks the plan for some thousand paths at a time."""

    def __init__(self, plan: Plan, certain: Certain, outputs: Sequence[str], rows: Sequence[str] = ()) -> None:
        self.plan, self.model, self.certain, self.outputs = plan, plan.model, certain, tuple(outputs)
        self.length = plan.model.timeline.periods + 1
        self.rows = tuple(rows)
        self.needs = needs_of(plan, certain, (*outputs, *rows))
        self._code: dict[int, Code] = {}
        self._folds = [
            _Carried(
                self._result(node),
                last_of(map(name_of, node.rows), self.needs.lines, plan.model.stage),
                [self._compiled(row) for row in node.rows],
                node.reduction.fold,
            )
            for node in self.needs.carried
            if node.reduction.fold is not None
        ]
        self._results = [self._compiled(Item("line", name)) for name in self.outputs]
        self._lines = {name: self._line(plan.model.lines[name]) for name in self.needs.lines}

    def compute(
        self, tables: Tables, inputs: Floats, out: Floats, low: int, high: int, seed: int, first_path: int
    ) -> None:
        """Compute columns `low` to `high`."""
        with np.errstate(all="ignore"):
            for start in range(low, high, TOGETHER):
                columns = slice(start, min(start + TOGETHER, high))
                numbers = np.arange(columns.start, columns.stop, dtype=np.int64) + first_path
                paths = _Paths(
                    tables,
                    dict(zip(self.certain.uncertain, inputs[:, columns], strict=True)),
                    {name: self._draw(name, seed, numbers.astype(np.uint32)) for name in self.needs.drawn},
                )
                self._walk(paths)
                for row, code in enumerate(self._results):
                    out[row, columns] = code(paths) + 0.0  # a zero has no sign outside
                out[len(self.outputs), columns] = paths.fault
                for place, name in enumerate(self.rows):
                    first = len(self.outputs) + 1 + place * self.length
                    for period, value in enumerate(paths.rows[name]):
                        out[first + period, columns] = value + 0.0

    def _draw(self, name: str, seed: int, paths: NDArray[np.uint32]) -> Floats:
        """Normals of a shock, shape (periods + 1, paths)."""
        draws = np.zeros((self.length, paths.size))
        stream = np.uint32(list(self.model.shocks).index(name))
        periods = np.arange(1, self.length, dtype=np.uint32)[:, np.newaxis]
        draws[1:] = normal_score(ARRAYS, uniform(np.uint32(seed), stream, paths, periods))
        return draws

    def _walk(self, paths: _Paths) -> None:
        for stage in self.plan.stages:
            for line in stage.once:
                if line.name in self._lines:
                    paths.values[line.name] = self._lines[line.name](paths)
            names = [line.name for line in stage.each_period if line.name in self._lines]
            folds = [carried for carried in self._folds if carried.last in names]
            paths.reduced |= {carried.key: np.float64(carried.fold.initial) for carried in folds}
            for period in range(self.length if names else 0):
                paths.period = period
                for name in names:
                    value = paths.values[name] = self._lines[name](paths)
                    if name in self.needs.stored or name in self.rows:
                        paths.rows.setdefault(name, []).append(value)
                for carried in folds:
                    elements = [row(paths) for row in carried.rows]
                    paths.reduced[carried.key] = carried.fold.step(ARRAYS, paths.reduced[carried.key], *elements)
                paths.previous = {name: paths.values[name] for name in names}
            for carried in folds:
                if carried.fold.finish is not None:
                    paths.reduced[carried.key] = carried.fold.finish(ARRAYS, paths.reduced[carried.key])

    def _line(self, line: Line) -> Code:
        """Computes a line's value and notes where that is a fault."""
        expression = self.plan.expression(line.name)
        value = self._compiled(expression)
        absent = [self._compiled(Item("line", name)) for name in self.plan.may_be_missing(line)]
        fault, checked = self._fault(expression, guarded=bool(absent)), line.name in self.needs.checked

        def compute(paths: _Paths) -> Any:
            result, missing = value(paths), np.False_
            for code in absent:
                missing = missing | np.isnan(code(paths))
            if fault is not None and (found := fault(paths)) is not None:
                paths.fault = paths.fault | (found & ~missing)
            result = np.where(missing, np.nan, result) if absent else result
            if checked:
                paths.fault = paths.fault | (np.isinf(result) if line.may_be_missing else ~np.isfinite(result))
            return result

        return compute

    def _fault(self, node: Node, *, guarded: bool) -> Code | None:
        """Whether evaluating an expression is a fault; None where it never is or the plain evaluation says so."""
        if self.certain.is_certain(node):
            return self._certain(node, fault=True) if guarded and may_fault(node) else None
        choice = guarded or (isinstance(node, Apply) and node.operation.guards is not None)
        parts = {id(child): self._fault(child, guarded=choice) for child in children(node)}

        def below(paths: _Paths, child: Node) -> Any:
            code = parts[id(child)]
            return None if code is None else code(paths)

        return lambda paths: fault_of(
            ARRAYS,
            node,
            lambda arg: self._compiled(arg)(paths),
            lambda child: below(paths, child),
            lambda shift: np.bool_(self._is_outside(shift, paths.period)),
        )

    def _compiled(self, node: Node) -> Code:
        number = self.certain.numbering.of(node)
        if number not in self._code:
            self._code[number] = self._code_of(node)
        return self._code[number]

    def _code_of(self, node: Node) -> Code:
        if isinstance(node, Const):
            number = np.float64(node.value)
            return lambda paths: number
        if self.certain.is_certain(node):
            return self._certain(node)
        match node:
            case Item(kind="input", name=name):
                return lambda paths: paths.inputs[name]
            case Item(kind="shock", name=name):
                return lambda paths: paths.draws[name][paths.period]
            case Item(name=name) if name in self.needs.stored:
                return lambda paths: paths.rows[name][paths.period]
            case Item(name=name):
                return lambda paths: paths.values[name]
            case Apply(operation=operation, args=args):
                codes = [self._compiled(arg) for arg in args]
                return lambda paths: operation.write(ARRAYS, *(code(paths) for code in codes))
            case Lag():
                return self._lag(node)
            case Lead():
                return self._lead(node)
            case Reduce():
                return self._reduce(node)
            case _:
                raise TypeError(f"{node!r} cannot be computed")

    def _certain(self, node: Node, *, fault: bool = False) -> Code:
        place, varies = self.certain.place(node, fault=fault), self.plan.varies(node)
        if fault or (isinstance(node, Apply) and node.operation.condition):
            return lambda paths: (paths.tables.rows[paths.period] if varies else paths.tables.numbers)[place] > 0.0
        return lambda paths: (paths.tables.rows[paths.period] if varies else paths.tables.numbers)[place]

    def _lag(self, node: Lag) -> Code:
        opening, past = self._compiled(node.opening), self._past(node.line, node.periods)
        return lambda paths: opening(paths) if self._is_outside(node, paths.period) else past(paths)

    def _lead(self, node: Lead) -> Code:
        closing, ahead = self._compiled(node.closing), self._ahead(node.line, node.periods)
        return lambda paths: closing(paths) if self._is_outside(node, paths.period) else ahead(paths)

    def _is_outside(self, node: Lag | Lead, period: int) -> bool:
        """Whether a lag reads its opening in a period, a lead its closing."""
        return period < node.periods if isinstance(node, Lag) else period >= self.length - node.periods

    def _ahead(self, line: Node, periods: int) -> Code:
        name = name_of(line)
        if name in self.needs.stored:
            return lambda paths: paths.rows[name][paths.period + periods]
        if self.plan.varies(line):
            place = self.certain.place(line)
            return lambda paths: paths.tables.rows[paths.period + periods, place]
        return self._compiled(line)

    def _past(self, line: Node, periods: int) -> Code:
        name = name_of(line)
        if name in self.needs.stored:
            return lambda paths: paths.rows[name][paths.period - periods]
        if name in self.needs.lines and self.plan.varies(line):
            return lambda paths: paths.previous[name]
        if self.plan.varies(line):
            place = self.certain.place(line)
            return lambda paths: paths.tables.rows[paths.period - periods, place]
        return self._compiled(line)

    def _reduce(self, node: Reduce) -> Code:
        """Found once for all periods, together with the results that come with it."""
        reduction, part = node.reduction, node.reduction.part
        write, key = reduction.write if part is None else part.write, self._result(node)
        if any(key == carried.key for carried in self._folds):
            return lambda paths: paths.reduced[key]
        rows, scalars = [self._row(row) for row in node.rows], [self._compiled(scalar) for scalar in node.scalars]

        def code(paths: _Paths) -> Any:
            if key not in paths.reduced:
                paths.reduced[key] = write(ARRAYS, [row(paths) for row in rows], [each(paths) for each in scalars])
            return paths.reduced[key] if part is None else paths.reduced[key][part.place]

        return code

    def _row(self, node: Node) -> Code:
        name = name_of(node)
        if name in self.needs.stored:
            return lambda paths: np.stack(np.broadcast_arrays(*paths.rows[name]), axis=-1)
        place = self.certain.place(node)
        return lambda paths: paths.tables.rows[:, place]

    def _result(self, node: Reduce) -> object:
        """What reductions have in common that are found together."""
        part = node.reduction.part
        found = node.reduction if part is None else part.write
        return id(found), *map(self.certain.numbering.of, (*node.rows, *node.scalars))
