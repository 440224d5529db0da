"""The shape of lines: what is a row of periods and what one number a path, what may be missing, where lags open.

A line varies in time where it reads something that does; a metric that may not exist makes all that reads it missing.
What no rendering could honour is refused.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from finmodel.errors import ModelFault
from finmodel.graph.model import Line
from finmodel.graph.nodes import Apply, Item, Lag, Lead, Node, Reduce, items, same, walk


def shaped(drafts: Mapping[str, Line]) -> dict[str, Line]:
    """Find what varies, what may be missing and the openings of lags; refuse what no rendering could honour."""
    rows = {name for draft in drafts.values() for name in _rows_of(draft) if not drafts[name].is_metric}
    varies = _spread(drafts, _varies_itself, rows, through_reductions=False)
    missing = _spread(drafts, _missing_itself, through_reductions=True)
    openings: dict[str, Node] = {}
    for draft in drafts.values():
        for node in walk(draft.expression):
            if isinstance(node, Lag) and isinstance(node.line, Item):
                known = openings.setdefault(node.line.name, node.opening)
                if not same(known, node.opening):
                    raise _fault_in(draft, f"lags '{node.line.name}', which is lagged elsewhere with another opening")
                if _reads_rows(node.opening, varies):
                    raise _fault_in(draft, f"the opening of '{node.line.name}' varies in time")
            if isinstance(node, Lead) and _reads_rows(node.closing, varies):
                name = node.line.name if isinstance(node.line, Item) else draft.name
                raise _fault_in(draft, f"the closing of a lead of '{name}' varies in time or reads a row that does")
            if isinstance(node, Reduce):
                _refuse_shapes(draft, node, varies)
        _refuse_missing(draft, missing, varies)
        if draft.is_metric and draft.name in varies:
            raise _fault_in(draft, "a metric is one number a path, but this varies in time")
    return {
        name: replace(draft, varies=name in varies, may_be_missing=name in missing, opening=openings.get(name))
        for name, draft in drafts.items()
    }


def _reads_rows(node: Node, varies: set[str]) -> bool:
    return any(item.kind in ("series", "shock") or item.name in varies for item in items(node))


def _refuse_shapes(draft: Line, node: Reduce, varies: set[str]) -> None:
    for row in itertools.chain(*map(items, node.rows)):
        if row.name not in varies:
            raise _fault_in(
                draft, f"{node.reduction.name}() of '{row.name}', a metric: one number and no row of periods"
            )
    for found in itertools.chain(*map(walk, node.scalars)):
        if isinstance(found, Reduce):
            raise _fault_in(
                draft, f"{node.reduction.name}() reads {found.reduction.name}(): give that a line of its own"
            )
        if _varies_itself(found) or (isinstance(found, Item) and found.name in varies):
            raise _fault_in(draft, f"{node.reduction.name}() takes a rate or guess that varies in time")


def _refuse_missing(draft: Line, missing: set[str], varies: set[str]) -> None:
    if draft.name not in missing:
        return
    if draft.name in varies:
        raise _fault_in(draft, "varies in time but reads a metric that may not exist")
    for node in walk(draft.expression):
        read = {item.name for item in items(node)} & missing if not isinstance(node, Reduce) else set()
        if isinstance(node, Apply) and node.operation.chooses and read:
            raise _fault_in(
                draft, f"chooses by '{min(read)}', which may not exist: what reads a missing metric is missing"
            )
        if isinstance(node, Reduce) and {item.name for s in node.scalars for item in items(s)} & missing:
            raise _fault_in(draft, f"{node.reduction.name}() reads a metric that may not exist")
        if isinstance(node, Reduce) and node.reduction.may_be_missing and node is not draft.expression:
            raise _fault_in(draft, f"{node.reduction.name}() may not exist: give it a line of its own")


def _rows_of(draft: Line) -> Iterator[str]:
    """Lines that it reads as whole rows: each is a row of periods, though all of them may be alike."""
    for node in walk(draft.expression):
        if isinstance(node, Reduce):
            yield from (item.name for item in itertools.chain(*map(items, node.rows)))


def _varies_itself(node: Node) -> bool:
    return isinstance(node, Lag | Lead) or (isinstance(node, Item) and node.kind in ("series", "shock"))


def _missing_itself(node: Node) -> bool:
    return isinstance(node, Reduce) and node.reduction.may_be_missing


def _spread(
    drafts: Mapping[str, Line], itself: Callable[[Node], bool], first: Collection[str] = (), *, through_reductions: bool
) -> set[str]:
    """Names of the lines that have a property themselves or read a line that has it."""
    readers: dict[str, list[str]] = {name: [] for name in drafts}
    marked = list(first)
    for name, draft in drafts.items():
        nodes = list(walk(draft.expression, into_rows=through_reductions))
        if name not in first and any(itself(node) for node in nodes):
            marked.append(name)
        for node in nodes:
            if isinstance(node, Item) and node.kind == "line":
                readers[node.name].append(name)
    found = set(marked)
    while marked:
        for reader in readers[marked.pop()]:
            if reader not in found:
                found.add(reader)
                marked.append(reader)
    return found


def _fault_in(line: Line, why: str) -> ModelFault:
    return ModelFault(why, line=line.name, file=line.file, row=line.row)
