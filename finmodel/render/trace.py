"""The trace: why one cell has its value, down to the figures and their sources.

Building the trace and printing it are separate: `trace` walks the formulas as they were written, `Trace.__str__` lays
the steps out, one block a line item.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from finmodel.errors import Fault, Faults, nearest
from finmodel.graph.model import Model
from finmodel.graph.nodes import Apply, Const, Item, Lag, Lead, Node, Reduce, children
from finmodel.render.plain import Evaluation
from finmodel.render.printing import print_expression

DIGITS = 12


@dataclass(frozen=True)
class Argument:
    """What a formula reads.

    Attributes
    ----------
    text
        As it stands in the formula.
    period
        The month it is read in, None where it does not vary.
    source
        For a figure: where it comes from.
    row
        For the row of a reduction: its values over all periods.
    """

    text: str
    name: str
    period: str | None
    value: float | None
    unit: str
    source: str | None = None
    row: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Step:
    """One line item: its formula and what went into it."""

    name: str
    period: str | None
    value: float
    unit: str
    note: str
    formula: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class Trace:
    """The steps behind one cell; the first is the cell itself, each line item stands once."""

    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return "\n\n".join(_print_step(step) for step in self.steps)


def trace(
    model: Model,
    evaluation: Evaluation,
    values: Mapping[str, float],
    source: Callable[[str], str],
    line: str,
    period: str | None = None,
) -> Trace:
    """Explain one cell.

    Parameters
    ----------
    values
        The inputs behind the evaluation.
    source
        Says where an input's figure comes from.
    line
        A line item, metric or input.
    period
        Its month (YYYY-MM); the last one where a line varies and none is given.

    Raises
    ------
    Faults
        Where there is no such line or month.
    """
    number = None if period is None else _period(model, line, period)
    if line in model.inputs:
        declared = model.inputs[line]
        figure = Argument(line, line, None, values[line], declared.unit, source(line))
        return Trace((Step(line, None, values[line], declared.unit, declared.note, "figure", (figure,)),))
    if line not in model.lines:
        guess = nearest(line, [*model.lines, *model.inputs])
        raise Faults([Fault("no such line or input", key=line, remedy=f"is it '{guess}'?" if guess else None)])
    if not model.lines[line].varies:
        number = None
    elif number is None:
        number = model.timeline.periods
    reader = _Reader(model, evaluation, values, source)
    todo = [(line, number)]
    steps: list[Step] = []
    seen = {line}
    while todo:
        step, further = reader.step(*todo.pop())
        steps.append(step)
        fresh = {name: at for name, at in reversed(further) if name not in seen}
        seen |= fresh.keys()
        todo.extend(fresh.items())
    return Trace(tuple(steps))


def _period(model: Model, line: str, label: str) -> int:
    try:
        return model.timeline.period_of(label)
    except ValueError as fault:
        first, last = model.timeline.labels[0], model.timeline.labels[-1]
        expected = f"a month from {first} to {last}, as YYYY-MM"
        raise Faults([Fault("no such period", key=line, found=f"'{label}'", expected=expected)]) from fault


@dataclass(frozen=True)
class _Reader:
    model: Model
    evaluation: Evaluation
    values: Mapping[str, float]
    source: Callable[[str], str]

    def step(self, name: str, number: int | None) -> tuple[Step, list[tuple[str, int | None]]]:
        """One line item in one period, and the line items it reads."""
        line = self.model.lines[name]
        arguments: dict[str, Argument] = {}
        further: dict[str, int | None] = {}

        def look(node: Node) -> None:
            match node:
                case Item():
                    arguments.setdefault(in_names(node), self._argument(node, number))
                    if node.kind == "line":
                        further.setdefault(node.name, number if self.model.lines[node.name].varies else None)
                case (
                    Lag(line=Item() as item, periods=periods, opening=outside)
                    | Lead(line=Item() as item, periods=periods, closing=outside)
                ) if number is not None:
                    read = number - periods if isinstance(node, Lag) else number + periods
                    if not 0 <= read <= self.model.timeline.periods:
                        arguments.setdefault(in_names(node), self._outside(node, outside, item))
                        look(outside)
                    else:
                        arguments.setdefault(in_names(node), self._argument(item, read, in_names(node)))
                        further.setdefault(item.name, read if self.model.lines[item.name].varies else None)
                case Reduce(rows=rows, scalars=scalars):
                    for row in rows:
                        if isinstance(row, Item):
                            arguments.setdefault(row.name, self._row(row))
                    for scalar in scalars:
                        look(scalar)
                case _:
                    for child in children(node):
                        look(child)

        look(line.expression)
        further.pop(name, None)
        step = Step(
            name=name,
            period=self._label(number),
            value=self._value(Item("line", name), number),
            unit=line.unit,
            note=line.note.splitlines()[0],
            formula=print_expression(line.expression, "text", in_names),
            arguments=tuple(arguments.values()),
        )
        return step, list(further.items())

    def _label(self, number: int | None) -> str | None:
        return None if number is None else self.model.timeline.labels[number]

    def _varies(self, item: Item) -> bool:
        return item.kind in ("series", "shock") or (item.kind == "line" and self.model.lines[item.name].varies)

    def _argument(self, item: Item, number: int | None, text: str | None = None) -> Argument:
        at = number if self._varies(item) else None
        source = self.source(item.name) if item.kind == "input" else None
        return Argument(text or item.name, item.name, self._label(at), self._value(item, at), self._unit(item), source)

    def _outside(self, node: Node, outside: Node, item: Item) -> Argument:
        """The opening of a lag, the closing of a lead."""
        value = outside.value if isinstance(outside, Const) else None
        if isinstance(outside, Item):
            value = self._value(outside, None)
        period = "opening" if isinstance(node, Lag) else "closing"
        return Argument(in_names(node), item.name, period, value, self._unit(item))

    def _row(self, row: Item) -> Argument:
        values = tuple(self.evaluation.rows[row.name].tolist())
        return Argument(row.name, row.name, None, None, self._unit(row), row=values)

    def _unit(self, item: Item) -> str:
        return self.model.unit_of(item)

    def _value(self, item: Item, number: int | None) -> float:
        match item.kind:
            case "input":
                return self.values[item.name]
            case "number":
                return self.model.timeline.numbers[item.name]
            case "series":
                return float(self.model.timeline.series[item.name][number])
            case "shock":
                return float(self.evaluation.shocks[item.name][number]) if item.name in self.evaluation.shocks else 0.0
            case _ if number is None:
                return self.evaluation.scalars[item.name]
            case _:
                return float(self.evaluation.rows[item.name][number])


def in_names(node: Node) -> str:
    """An expression over the names of its items, as people read it."""
    match node:
        case Const(value=value):
            return f"{value:.15g}"
        case Item(name=name):
            return name
        case Lag(line=Item(name=name), periods=periods):
            return f"{name}[-{periods}]"
        case Lead(line=Item(name=name), periods=periods):
            return f"{name}[+{periods}]"
        case Reduce(reduction=reduction, rows=rows, scalars=scalars):
            shown = (
                *(in_names(row) for row in rows),
                *(print_expression(scalar, "text", in_names) for scalar in scalars),
            )
            return f"{reduction.name}({', '.join(shown)})"
        case Apply():
            return print_expression(node, "text", in_names)
        case _:
            raise TypeError(f"{node!r} cannot be printed")


def number_text(value: float | None) -> str:
    """A number with thousands separators and enough digits to compute with."""
    if value is None:
        return "as computed"
    return "none" if math.isnan(value) else f"{value:,.{DIGITS}g}"


def _quantity(value: float | None, unit: str) -> str:
    return f"{number_text(value)} {'(pure number)' if unit == '1' else unit}"


def _print_step(step: Step) -> str:
    where = f" [{step.period}]" if step.period else ""
    head = [f"{step.name}{where} = {_quantity(step.value, step.unit)}", f"  {step.note}", f"  = {step.formula}"]
    width = max((len(argument.text) for argument in step.arguments), default=0)
    return "\n".join([*head, *(f"    {_print_argument(argument, width)}" for argument in step.arguments)])


def _print_argument(argument: Argument, width: int) -> str:
    name = argument.text.ljust(width)
    if argument.row is not None:
        total = math.fsum(argument.row)
        return f"{name}  row of {len(argument.row)} periods, sum {_quantity(total, argument.unit)}"
    period = f"  [{argument.period}]" if argument.period else ""
    source = f"  <- {argument.source}" if argument.source else ""
    return f"{name}  {_quantity(argument.value, argument.unit)}{period}{source}"
