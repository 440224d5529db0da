"""Which annual rates compound and which are simple (convention 2): the workbook says so beside each."""

from __future__ import annotations

from finmodel.graph.model import Model
from finmodel.graph.nodes import Apply, items, walk

RATE = "1/year"


def compounding(model: Model) -> frozenset[str]:
    """Inputs and lines in 1/year that a formula raises to a number of years, as 1 + rate or 1 - rate."""
    units = model.units
    todo = [
        item.name
        for line in model.lines.values()
        for node in walk(line.expression)
        if isinstance(node, Apply) and node.operation.name == "power"
        for item in items(node.args[0])
        if units.get(item.name) == RATE
    ]
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            if name in model.lines:
                read = items(model.lines[name].expression)
                todo += [item.name for item in read if units.get(item.name) == RATE]
    return frozenset(found)


def said(note: str, name: str, unit: str, effective: frozenset[str]) -> str:
    """A note that says how an annual rate is to be read, if it does not say so itself."""
    if unit != RATE or "effective annual" in note.lower():
        return note
    return f"{note} {'Effective' if name in effective else 'Simple'} annual rate."
