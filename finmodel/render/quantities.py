"""What any expression of a model amounts to: its values on one path, and its unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finmodel.graph.model import Model
from finmodel.graph.nodes import Apply, Const, Item, Lag, Lead, Node, Reduce
from finmodel.graph.operations import UnitOrAny
from finmodel.graph.units import ONE, Unit, parse
from finmodel.graph.writer import ARRAYS, SCALARS
from finmodel.render.numbering import name_of
from finmodel.render.plain import Evaluation


def values_of(
    node: Node, model: Model, evaluation: Evaluation, values: Mapping[str, float]
) -> NDArray[np.float64] | np.float64:
    """The values of an expression over all periods, shape (periods + 1,), or its one value where it has only one.

    Parameters
    ----------
    evaluation
        The lines on the path; it may hold more than the model's.
    values
        The inputs behind it.
    """
    length = model.timeline.periods + 1

    def row(line: Node) -> Any:
        name = name_of(line)
        return evaluation.rows[name] if name in evaluation.rows else np.full(length, evaluation.scalars[name])

    def compute(part: Node) -> Any:
        match part:
            case Const(value=value):
                return np.float64(value)
            case Item(kind="input", name=name):
                return np.float64(values[name])
            case Item(kind="number", name=name):
                return np.float64(model.timeline.numbers[name])
            case Item(kind="series", name=name):
                return model.timeline.series[name]
            case Item(kind="shock", name=name):
                return evaluation.shocks[name]
            case Item(name=name):
                return evaluation.rows[name] if name in evaluation.rows else np.float64(evaluation.scalars[name])
            case Apply(operation=operation, args=args):
                return operation.write(ARRAYS, *map(compute, args))
            case Lag(line=line, periods=periods, opening=opening):
                return np.concatenate([np.full(periods, compute(opening)), row(line)])[:length]
            case Lead(line=line, periods=periods, closing=closing):
                return np.concatenate([row(line), np.full(periods, compute(closing))])[-length:]
            case Reduce(reduction=reduction, rows=rows, scalars=scalars):
                read = [row(line).tolist() for line in rows]
                return np.float64(reduction.write(SCALARS, read, [float(compute(scalar)) for scalar in scalars]))
            case _:
                raise TypeError(f"{part!r} has no value")

    with np.errstate(all="ignore"):  # what is not chosen may be out of bounds
        found: NDArray[np.float64] | np.float64 = compute(node) + 0.0  # a zero has no sign outside
    return found


def unit_of(node: Node, of_item: Callable[[Item], str], wanted: str) -> str:
    """The unit of a part of a line, as text; `wanted` is the line's own, in which it is written if they agree.

    A number that a formula reads in another unit, as the exponent of a growth is a count of years, is a pure number.
    """
    found = _unit(node, of_item) or ONE
    return wanted if found.equals(parse(wanted)) else str(found)


def _unit(node: Node, of_item: Callable[[Item], str]) -> UnitOrAny:
    match node:
        case Const(value=value, unit=unit):
            return None if value == 0.0 else parse(unit)
        case Item():
            return parse(of_item(node))
        case Lag(line=line) | Lead(line=line):
            return _unit(line, of_item)
        case Reduce(reduction=reduction, rows=rows, scalars=scalars):
            return reduction.unit([_unit(row, of_item) for row in rows], [_unit(scalar, of_item) for scalar in scalars])
        case Apply(operation=times, args=(_, Const(name=str() as name))) if times.name == "*":
            return parse(name.removeprefix("to "))
        case Apply(operation=operation, args=args):
            units: list[Unit | None] = [_unit(arg, of_item) for arg in args]
            try:
                return operation.unit(units, args)
            except ValueError:
                return ONE
        case _:
            raise TypeError(f"{node!r} has no unit")
