"""The assembled model: its inputs, its lines, its timeline, and the order in which lines can be computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

from finmodel.graph.line import Definition, Input, Member, Shock
from finmodel.graph.nodes import Item, Node, items
from finmodel.graph.timeline import NUMBERS, SERIES, Timeline

Part = ModuleType | Definition
BLOCK = ("opening", "added", "less")
HIGHEST_COHORT = 64


@dataclass(frozen=True)
class Line:
    """A line item of the assembled model.

    Attributes
    ----------
    expression
        Its formula over resolved nodes.
    varies
        Whether it is a row of periods; else it is one number a path.
    may_be_missing
        Whether it can be a metric that does not exist, or reads one.
    opening
        What its lags read before period 0, None where nothing looks back at it.
    block
        Its place in a corkscrew: opening, added, less or closing.
    owner
        The line it was made for, where it is a helper row.
    """

    name: str
    unit: str
    note: str
    section: str
    expression: Node
    is_metric: bool
    block: str | None
    owner: str | None
    file: str
    row: int
    varies: bool = False
    may_be_missing: bool = False
    opening: Node | None = None


@dataclass(frozen=True)
class Model:
    """Lines over inputs and a timeline; everything that a rendering reads, and nothing about GPUs.

    Attributes
    ----------
    cohorts
        The members of each, in order, with their traits.
    inputs
        By full name, one for each member of a cohort.
    idle_inputs
        By name those that are given for each member of a cohort that has none: they have no figures.
    """

    timeline: Timeline
    cohorts: Mapping[str, tuple[Member, ...]]
    inputs: Mapping[str, Input]
    idle_inputs: Mapping[str, Input]
    lines: Mapping[str, Line]
    shocks: Mapping[str, Shock]
    order: tuple[str, ...]
    stage: Mapping[str, int]
    parts: tuple[Part, ...]
    extra_inputs: Mapping[str, Input]

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics, in order of definition."""
        return tuple(line.name for line in self.lines.values() if line.is_metric)

    @property
    def units(self) -> dict[str, str]:
        """The unit of every input, line and metric."""
        inputs = {name: item.unit for name, item in self.inputs.items()}
        return inputs | {name: line.unit for name, line in self.lines.items()}

    def inputs_behind(self, name: str) -> set[str]:
        """The inputs that a line depends on, through whatever lines it reads."""
        found: set[str] = set()
        seen, todo = {name}, [name]
        while todo:
            for item in items(self.lines[todo.pop()].expression):
                if item.kind == "input":
                    found.add(item.name)
                elif item.kind == "line" and item.name not in seen:
                    seen.add(item.name)
                    todo.append(item.name)
        return found

    def unit_of(self, item: Item) -> str:
        """The unit of anything that a formula can read."""
        match item.kind:
            case "series":
                return SERIES[item.name][0]
            case "number":
                return NUMBERS[item.name][0]
            case "shock":
                return "1"
            case "input":
                return self.inputs[item.name].unit
            case "line":
                return self.lines[item.name].unit
