"""In which order lines can be computed: nothing before what it reads, and whole rows before what sums them up.

Within a period a line comes after the lines it reads; a lag reads an earlier period and orders nothing. A reduction and
a lead need a finished row, so what reads it belongs to a later stage: another loop over the periods.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from finmodel.errors import ModelFault
from finmodel.graph.nodes import Item, Lag, Lead, Node, Reduce, children


class Ordered(Protocol):
    """What ordering needs to know of a line."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def expression(self) -> Node:
        """Its resolved formula."""

    @property
    def file(self) -> str:
        """Where it was defined."""

    @property
    def row(self) -> int:
        """On which row."""


@dataclass(frozen=True)
class Reads:
    """The lines that a line reads: in the same period, in earlier periods, as whole rows or later periods of them."""

    same: tuple[str, ...]
    lagged: tuple[str, ...]
    whole: tuple[str, ...]


def reads(expression: Node) -> Reads:
    """What an expression reads, each name once, in order of appearance."""
    same: dict[str, None] = {}
    lagged: dict[str, None] = {}
    whole: dict[str, None] = {}

    def look(node: Node, into: dict[str, None]) -> None:
        match node:
            case Item(kind="line", name=name):
                into[name] = None
            case Lag(line=line, opening=opening):
                look(line, lagged)
                look(opening, into)
            case Lead(line=line, closing=closing):
                look(line, whole)
                look(closing, into)
            case Reduce(rows=rows, scalars=scalars):
                for row in rows:
                    look(row, whole)
                for scalar in scalars:
                    look(scalar, into)
            case _:
                for child in children(node):
                    look(child, into)

    look(expression, same)
    return Reads(tuple(same), tuple(lagged), tuple(whole))


def order_of(lines: Mapping[str, Ordered]) -> tuple[str, ...]:
    """Names in an order of computation within one period.

    Raises
    ------
    ModelFault
        Where lines depend on each other within a period; the message prints the circle.
    """
    needs = {name: reads(line.expression) for name, line in lines.items()}
    done: dict[str, bool] = {}
    order: list[str] = []
    for start in lines:
        stack: list[tuple[str, Iterator[str]]] = []
        if start not in done:
            done[start] = False
            stack.append((start, iter((*needs[start].same, *needs[start].whole))))
        while stack:
            name, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                done[name] = True
                order.append(name)
                stack.pop()
            elif following not in done:
                done[following] = False
                stack.append((following, iter((*needs[following].same, *needs[following].whole))))
            elif not done[following]:
                circle = [entry for entry, _ in stack]
                circle = [*circle[circle.index(following) :], following]
                raise _fault(lines[following], f"depends on itself within a period: {' -> '.join(circle)}")
    return tuple(order)


def stages_of(lines: Mapping[str, Ordered], order: tuple[str, ...]) -> dict[str, int]:
    """For each line the number of loops over the periods before its own.

    Raises
    ------
    ModelFault
        Where a reduction or a lead looks ahead over a row that needs its own result.
    """
    needs = {name: reads(line.expression) for name, line in lines.items()}
    stage = dict.fromkeys(lines, 0)
    changed = True
    while changed:
        changed = False
        for name in order:
            read = needs[name]
            now = max(
                [stage[name]]
                + [stage[other] for other in (*read.same, *read.lagged)]
                + [stage[other] + 1 for other in read.whole]
            )
            if now > len(lines):
                raise _fault(lines[name], f"looks ahead over a row that needs it: {' -> '.join(_ahead(needs, name))}")
            changed |= now > stage[name]
            stage[name] = now
    return stage


def _ahead(needs: Mapping[str, Reads], start: str) -> list[str]:
    """A circle through lags and whole rows; `start` reads one, however far back."""
    seen: list[str] = []
    name = start
    while name not in seen:
        seen.append(name)
        read = needs[name]
        name = next(other for other in (*read.whole, *read.same, *read.lagged) if _reaches(needs, other, name))
    return [*seen[seen.index(name) :], name]


def _reaches(needs: Mapping[str, Reads], start: str, goal: str) -> bool:
    seen, todo = {start}, [start]
    while todo:
        name = todo.pop()
        if name == goal:
            return True
        read = needs[name]
        for other in (*read.same, *read.lagged, *read.whole):
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return False


def _fault(line: Ordered, why: str) -> ModelFault:
    return ModelFault(why, line=line.name, file=line.file, row=line.row)
