"""Where an expression drives its arithmetic out of bounds, given that a choice needs one of its arguments only."""

from __future__ import annotations

from collections.abc import Callable

from finmodel.graph.nodes import Apply, Lag, Lead, Node, Reduce, walk
from finmodel.graph.writer import Condition, Value, Writer


def fault_of(
    writer: Writer,
    node: Node,
    value: Callable[[Node], Value],
    below: Callable[[Node], Condition | None],
    outside: Callable[[Lag | Lead], Condition],
) -> Condition | None:
    """The condition under which evaluating `node` is a fault; None where it never is.

    Parameters
    ----------
    value
        The value of an argument.
    below
        The same condition for an argument.
    outside
        Whether the period is one in which a lag reads its opening, a lead its closing.
    """
    if isinstance(node, Lag | Lead):
        found = below(node.opening if isinstance(node, Lag) else node.closing)
        return None if found is None else found & outside(node)
    if isinstance(node, Reduce):
        return _either([below(scalar) for scalar in node.scalars])
    if not isinstance(node, Apply):
        return None
    operation = node.operation
    conditions = [below(arg) for arg in node.args]
    if operation.fault is None and all(condition is None for condition in conditions):
        return None
    values = [value(arg) for arg in node.args]
    if operation.guards is not None:
        guards = operation.guards(writer, *values)
        conditions = [
            condition if guard is None or condition is None else condition & guard
            for condition, guard in zip(conditions, guards, strict=True)
        ]
    if operation.fault is not None:
        conditions.append(operation.fault(writer, *values))
    return _either(conditions)


def may_fault(node: Node) -> bool:
    """Whether an expression has an operation that can be a fault."""
    return any(isinstance(part, Apply) and part.operation.fault is not None for part in walk(node))


def _either(conditions: list[Condition | None]) -> Condition | None:
    found: Condition | None = None
    for condition in conditions:
        if condition is not None:
            found = condition if found is None else found | condition
    return found
