"""What is the same on every path of a simulation, and therefore computed once, outside the machine code.

A line is uncertain if it reads an uncertain input, a shock or an uncertain line. The kernel of the vector rendering
computes uncertain expressions only; the values of the largest certain expressions within them are handed to it as a
table of numbers and a table of rows, and so are the faults of certain expressions that a choice may make harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finmodel.graph.nodes import Apply, Const, Item, Lag, Lead, Node, Reduce, children, walk
from finmodel.graph.writer import ARRAYS
from finmodel.render.faults import fault_of
from finmodel.render.numbering import Numbering
from finmodel.render.plain import Evaluation
from finmodel.render.plan import Plan

Floats = NDArray[np.float64]


def uncertain_lines(plan: Plan, uncertain: Collection[str], *, shocks: bool) -> frozenset[str]:
    """Names of the lines that differ between paths."""
    model = plan.model
    readers: dict[str, list[str]] = {name: [] for name in model.lines}
    found: set[str] = set()
    for name in model.lines:
        for node in walk(plan.expression(name)):
            if not isinstance(node, Item):
                continue
            if node.kind == "line":
                readers[node.name].append(name)
            elif (node.kind == "input" and node.name in uncertain) or (node.kind == "shock" and shocks):
                found.add(name)
    spreading = list(found)
    while spreading:
        for reader in readers[spreading.pop()]:
            if reader not in found:
                found.add(reader)
                spreading.append(reader)
    return frozenset(found)


@dataclass(frozen=True)
class Tables:
    """Certain values, as the kernel reads them.

    Attributes
    ----------
    numbers
        One for each certain expression that does not vary in time.
    rows
        Shape (periods + 1, expressions): those that do, by period.
    """

    numbers: Floats
    rows: Floats


@dataclass(frozen=True)
class _Asked:
    """The value of an expression, or whether it is a fault."""

    node: Node
    fault: bool


class Certain:
    """Knows which expressions are certain and collects those that the kernel asks for.

    Attributes
    ----------
    uncertain
        Inputs that differ between paths, in the model's order.
    numbering
        Of the plan's expressions.
    """

    def __init__(self, plan: Plan, uncertain: Collection[str], *, shocks: bool) -> None:
        self.plan = plan
        self.uncertain = tuple(name for name in plan.model.inputs if name in uncertain)
        self.shocks = shocks
        self.uncertain_lines = uncertain_lines(plan, uncertain, shocks=shocks)
        self.numbering = Numbering()
        self._numbers: list[_Asked] = []
        self._rows: list[_Asked] = []
        self._places: dict[tuple[int, bool], int] = {}
        self._known: dict[int, bool] = {}

    def is_certain(self, node: Node) -> bool:
        """Whether an expression is the same on every path."""
        number = self.numbering.of(node)
        if number not in self._known:
            itself = not isinstance(node, Item) or not self._is_uncertain(node)
            self._known[number] = itself and all(map(self.is_certain, children(node)))
        return self._known[number]

    def _is_uncertain(self, item: Item) -> bool:
        if item.kind == "line":
            return item.name in self.uncertain_lines
        return item.name in self.uncertain if item.kind == "input" else item.kind == "shock" and self.shocks

    def place(self, node: Node, *, fault: bool = False) -> int:
        """Where the kernel finds a certain expression: its column of `Tables.rows` if it varies, else of `numbers`.

        With `fault` the table says instead, by 1 or 0, where evaluating the expression is a fault.
        """
        key = (self.numbering.of(node), fault)
        if key not in self._places:
            asked = self._rows if self.plan.varies(node) else self._numbers
            self._places[key] = len(asked)
            asked.append(_Asked(node, fault))
        return self._places[key]

    @property
    def shape(self) -> tuple[int, int]:
        """How many numbers and how many rows the tables have."""
        return len(self._numbers), len(self._rows)

    def reader(self, values: Mapping[str, float], evaluation: Evaluation) -> Callable[[Node], Any]:
        """What gives the value of a certain expression, of all its periods, from a plain evaluation."""
        return _Reader(self.plan, values, evaluation).value

    def tables(self, values: Mapping[str, float], evaluation: Evaluation) -> Tables:
        """The values of what was asked for.

        Parameters
        ----------
        values
            A number for every input; those of uncertain inputs do not matter.
        evaluation
            The plain rendering's result for these values.
        """
        reader = _Reader(self.plan, values, evaluation)
        length = self.plan.model.timeline.periods + 1
        with np.errstate(all="ignore"):
            numbers = np.array([float(reader.read(asked)) for asked in self._numbers])
            rows = np.empty((length, len(self._rows)))
            for column, asked in enumerate(self._rows):
                rows[:, column] = reader.read(asked)
        return Tables(numbers, rows)


class _Reader:
    """Evaluates certain expressions for all periods at once, from the lines of a plain evaluation."""

    def __init__(self, plan: Plan, values: Mapping[str, float], evaluation: Evaluation) -> None:
        self.timeline = plan.model.timeline
        self.length = self.timeline.periods + 1
        self.values = values
        self.evaluation = evaluation

    def read(self, asked: _Asked) -> Any:
        return self.fault(asked.node) if asked.fault else self.value(asked.node)

    def fault(self, node: Node) -> Any:
        found = self._fault_below(node)
        return np.False_ if found is None else found

    def _fault_below(self, node: Node) -> Any:
        return fault_of(ARRAYS, node, self.value, self._fault_below, self._outside)

    def _outside(self, node: Lag | Lead) -> Any:
        period = np.arange(self.length)
        return period < node.periods if isinstance(node, Lag) else period >= self.length - node.periods

    def value(self, node: Node) -> Any:
        match node:
            case Const(value=value):
                return np.float64(value)
            case Item(kind="input", name=name):
                return np.float64(self.values[name])
            case Item(kind="number", name=name):
                return np.float64(self.timeline.numbers[name])
            case Item(kind="series", name=name):
                return self.timeline.series[name]
            case Item(kind="shock"):
                return np.zeros(self.length)
            case Item(name=name):
                row = self.evaluation.rows.get(name)
                return np.float64(self.evaluation.scalars[name]) if row is None else row
            case Apply(operation=operation, args=args):
                return operation.write(ARRAYS, *(self.value(arg) for arg in args))
            case Lag(line=line, periods=periods, opening=opening):
                past = self._row(line)[: max(self.length - periods, 0)]
                return np.concatenate([np.full(self.length - past.size, self.value(opening)), past])
            case Lead(line=line, periods=periods, closing=closing):
                ahead = self._row(line)[periods:]
                return np.concatenate([ahead, np.full(self.length - ahead.size, self.value(closing))])
            case Reduce(reduction=reduction, rows=rows, scalars=scalars):
                return reduction.write(ARRAYS, [self._row(row) for row in rows], [self.value(s) for s in scalars])
            case _:
                raise TypeError(f"{node!r} has no value")

    def _row(self, node: Node) -> Floats:
        return np.broadcast_to(np.asarray(self.value(node)), (self.length,))
