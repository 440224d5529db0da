"""Which rows have a meaningful total: amounts of a period, not levels at its end."""

from __future__ import annotations

from finmodel.graph.model import Model
from finmodel.graph.nodes import Apply, Item, Lag, Lead, Node, Reduce, walk


def flows_of(model: Model) -> frozenset[str]:
    """Lines that are known to be amounts of a period.

    They are those that the model itself adds up over time (a total, a corkscrew, a running sum), and the terms that
    such a line adds or subtracts, unless it looks back or ahead in time, as a change in a level does.
    """
    found: set[str] = set()
    todo: list[str] = []
    for line in model.lines.values():
        if line.block in ("added", "less"):
            todo.append(line.name)
        todo += _summed(line.name, line.expression)
    while todo:
        name = todo.pop()
        line = model.lines[name]
        if name in found or not line.varies:
            continue
        found.add(name)
        if not any(isinstance(node, Lag | Lead) for node in walk(line.expression)):
            todo += [item for item in _terms(line.expression) if model.lines[item].unit == line.unit]
    return frozenset(found)


def _summed(name: str, expression: Node) -> list[str]:
    """What the formula of a line adds up over time."""
    match expression:
        case Reduce(reduction=reduction, rows=(Item(name=row),)) if reduction.name == "total":
            return [row]
        case Apply(operation=operation, args=(Lag(line=Item(name=own)), added)) if (operation.name, own) == ("+", name):
            return _terms(added)
        case _:
            return []


def _terms(node: Node) -> list[str]:
    """The lines that an expression adds or subtracts."""
    match node:
        case Item(kind="line", name=name):
            return [name]
        case Apply(operation=operation, args=args) if operation.name in ("+", "-", "neg"):
            return [name for arg in args for name in _terms(arg)]
        case _:
            return []
