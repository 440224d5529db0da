"""The plan that all renderings of the engine walk: stages, order within them, and formulas after the passes.

The passes change how a formula is computed, not what it says; the plain and the vector rendering both see their result,
so they stay equal to the last bit. The workbook and the trace show the formula as it was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from finmodel.graph.model import Line, Model
from finmodel.graph.nodes import Apply, Const, Item, Lag, Lead, Node, Reduce, items
from finmodel.graph.operations import OPERATIONS


@dataclass(frozen=True)
class Stage:
    """One loop over the periods.

    Attributes
    ----------
    once
        Lines that do not vary in time, computed before the loop, in order.
    each_period
        Lines that do, computed in this order in each period.
    """

    once: tuple[Line, ...]
    each_period: tuple[Line, ...]


@dataclass(frozen=True)
class Plan:
    """A model in order of computation.

    Attributes
    ----------
    shorter
        Formulas of lines for figures that are known (`finmodel.render.pruned`).
    """

    model: Model
    shorter: Mapping[str, Node] = field(default_factory=dict, compare=False)

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The loops, first to last."""
        lines = [self.model.lines[name] for name in self.model.order]
        last = max(self.model.stage.values(), default=0)
        return tuple(
            Stage(
                once=tuple(line for line in lines if self.model.stage[line.name] == number and not line.varies),
                each_period=tuple(line for line in lines if self.model.stage[line.name] == number and line.varies),
            )
            for number in range(last + 1)
        )

    @cached_property
    def _expressions(self) -> dict[str, Node]:
        return {name: self._reciprocals(line.expression, guarded=False) for name, line in self.model.lines.items()}

    def expression(self, name: str) -> Node:
        """The formula of a line after the passes."""
        return self.shorter[name] if name in self.shorter else self._expressions[name]

    def varies(self, node: Node) -> bool:
        """Whether an expression differs between periods."""
        if isinstance(node, Lag | Lead):
            return True
        if isinstance(node, Reduce):
            return False
        if isinstance(node, Apply):
            return any(self.varies(arg) for arg in node.args)
        if isinstance(node, Item):
            return node.kind in ("series", "shock") or (node.kind == "line" and self.model.lines[node.name].varies)
        return False

    def may_be_missing(self, line: Line) -> tuple[str, ...]:
        """The metrics that `line` reads in arithmetic and that may not exist: it is missing where one of them is."""
        if isinstance(line.expression, Reduce):
            return ()
        read = dict.fromkeys(item.name for item in items(line.expression) if item.kind == "line")
        return tuple(name for name in read if self.model.lines[name].may_be_missing)

    def _reciprocals(self, node: Node, *, guarded: bool) -> Node:
        """X / c becomes x * (1 / c) where x varies in time and c does not: one division a path, not one a period.

        Not under a choice, where a division by zero may be harmless.
        """
        if not isinstance(node, Apply):
            return node
        operation = node.operation
        under = guarded or operation.guards is not None
        args = tuple(self._reciprocals(arg, guarded=under) for arg in node.args)
        if operation.name == "/" and not guarded and self.varies(args[0]) and not self.varies(args[1]):
            divisor = args[1]
            inverse: Node = (
                Const(1.0 / divisor.value)
                if isinstance(divisor, Const) and divisor.value != 0.0
                else Apply(operation, (Const(1.0), divisor))
            )
            return Apply(OPERATIONS["*"], (args[0], inverse))
        return replace(node, args=args)
