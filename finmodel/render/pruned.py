"""The plan without what certain figures switch off: terms that are zero on every path, choices that are made already.

A case sets many switches for good: a share of nothing, a volatility of zero, a life that never ends. Their lines would
cost a simulation as much as any other. A term times a certain zero is zero, what is added to it stands alone, and a
choice by a certain condition is one of its branches; a line that is zero in every period of every path need not be
computed. All that may differ from the whole plan is the sign of a zero, and no rendering lets that out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from finmodel.graph.nodes import Apply, Const, Item, Lag, Lead, Node, Reduce
from finmodel.graph.reduction import TOTAL
from finmodel.render.certain import Certain
from finmodel.render.plan import Plan

NOTHING = Const(0.0)
KEEPING_ZERO = {"neg": (0,), "ramp": (0,), "minimum": (0, 1), "maximum": (0, 1), "where": (1, 2), "ratio": (0, 2)}
"""Operations that are zero where these arguments are."""


def pruned(plan: Plan, certain: Certain, value: Callable[[Node], Any]) -> Plan:
    """A plan of the same model that gives the same numbers for these figures.

    Parameters
    ----------
    plan, certain
        The whole plan, and what is the same on every path.
    value
        Gives the value of a certain expression, of every period if it varies.
    """
    return _Pruner(plan, certain, value).plan()


class _Pruner:
    def __init__(self, plan: Plan, certain: Certain, value: Callable[[Node], Any]) -> None:
        self._whole, self._certain, self._value = plan, certain, value
        self._numbers: dict[int, float | None] = {}
        # What reads a metric that may not exist is missing with it, whatever it multiplies it by.
        self._uncertain = [
            line.name
            for line in map(plan.model.lines.__getitem__, plan.model.order)
            if line.name in certain.uncertain_lines and not line.may_be_missing and not plan.may_be_missing(line)
        ]
        self._zero = set(self._uncertain)
        while refuted := [name for name in self._uncertain if name in self._zero and self._refutes(name)]:
            self._zero.difference_update(refuted)

    def plan(self) -> Plan:
        """The whole plan with shorter expressions."""
        whole = {name: self._whole.expression(name) for name in self._whole.model.lines}
        return replace(self._whole, shorter=whole | {name: self._lean(whole[name]) for name in self._uncertain})

    def _refutes(self, name: str) -> bool:
        """Whether a line is not zero although all that are still taken for zero were; they are tried in order."""
        refuted = not self._is_zero(self._whole.expression(name))
        if refuted:
            self._zero.discard(name)
        return refuted

    def _is_zero(self, node: Node) -> bool:
        match node:
            case Apply(operation=operation, args=args) if not self._certain.is_certain(node):
                if operation.name == "*":
                    return any(map(self._is_zero, args))
                if operation.name in ("+", "-"):
                    return all(map(self._is_zero, args))
                if operation.name == "where" and (holds := self._number(args[0])) is not None:
                    return self._is_zero(args[1] if holds else args[2])
                places = KEEPING_ZERO.get(operation.name)
                return places is not None and all(self._is_zero(args[place]) for place in places)
            case Item(kind="line", name=name) if name in self._zero:
                return True
            case Lag(line=line, opening=outside) | Lead(line=line, closing=outside):
                return self._is_zero(line) and self._is_zero(outside)
            case Reduce(reduction=reduction, rows=rows) if reduction is TOTAL:
                return all(map(self._is_zero, rows))
            case _:
                return self._number(node) == 0.0

    def _number(self, node: Node) -> float | None:
        """The value of an expression that is the same on every path and in every period."""
        if isinstance(node, Const):
            return node.value
        if not self._certain.is_certain(node):
            return None
        key = self._certain.numbering.of(node)
        if key not in self._numbers:
            with np.errstate(all="ignore"):  # what nobody chooses may be out of bounds
                values = np.asarray(self._value(node), dtype=np.float64)
            first = float(values.flat[0])
            self._numbers[key] = first if bool(np.all(values == first)) else None
        return self._numbers[key]

    def _lean(self, node: Node) -> Node:
        """The expression without what is switched off."""
        if self._certain.is_certain(node):
            return node
        if self._is_zero(node):
            return NOTHING
        match node:
            case Apply(operation=operation, args=(condition, chosen, otherwise)) if operation.name == "where":
                holds = self._number(condition)
                if holds is not None:
                    return self._lean(chosen if holds else otherwise)
            case Apply(operation=operation, args=(a, b)):
                neutral = {"*": 1.0, "/": 1.0, "+": 0.0, "-": 0.0}.get(operation.name)
                if neutral is not None and self._stands_for(b, neutral):
                    return self._lean(a)
                if operation.name in ("*", "+") and self._stands_for(a, neutral):
                    return self._lean(b)
            case Lag(opening=opening):
                return replace(node, opening=self._lean(opening))
            case Lead(closing=closing):
                return replace(node, closing=self._lean(closing))
        if isinstance(node, Apply):
            return replace(node, args=tuple(map(self._lean, node.args)))
        return node

    def _stands_for(self, node: Node, number: float | None) -> bool:
        return self._is_zero(node) if number == 0.0 else self._number(node) == number
