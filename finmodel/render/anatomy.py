"""What a formula is like once it is printed on a sheet: how long, how deep its choices, what it may safely leave.

A sheet computes a cell always, but the branch of an IF only where it is chosen. So an expression may stand in a cell of
its own if nothing in it can ever be an error, or if the formula computes it whatever is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from finmodel.graph.nodes import Apply, Const, Item, Lag, Lead, Node, Reduce
from finmodel.graph.operations import ATOM, OPERATIONS
from finmodel.render.numbering import Numbering
from finmodel.render.printing import needs_brackets

CHOICES = ("where", "ratio")
"""Operations that print as an IF."""
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True)
class Guard:
    """A condition that holds, or does not, wherever an expression is needed; None for one that has no name."""

    condition: Node | None
    holds: bool = True


@dataclass(frozen=True)
class Place:
    """Where an expression stands in a formula.

    Attributes
    ----------
    guards
        What must be chosen for it to be computed, the outermost first.
    inside
        How many IFs are around it.
    copies
        How often it is printed there.
    """

    node: Node
    guards: tuple[Guard, ...]
    inside: int
    copies: int


def places(node: Node, guards: tuple[Guard, ...] = (), inside: int = 0, copies: int = 1) -> Iterator[Place]:
    """The expression and everything in it that is computed in the same period, the largest first."""
    yield Place(node, guards, inside, copies)
    if not isinstance(node, Apply):
        return
    name = node.operation.name
    around = inside + (name in CHOICES)
    for place, arg in enumerate(node.args):
        added: tuple[Guard, ...] = ()
        if name == "where" and place > 0:
            added = (Guard(node.args[0], place == 1),)
        elif name == "ratio" and place != 1:
            added = (Guard(None),)
        yield from places(arg, guards + added, around, copies * node.operation.excel.count(f"{{{place}}}"))


def opposite(condition: Node) -> Node | None:
    """The comparison that holds where this one does not, None for what is no comparison."""
    if isinstance(condition, Apply) and condition.operation.name in OPPOSITE:
        return Apply(OPERATIONS[OPPOSITE[condition.operation.name]], condition.args)
    return None


def is_condition(node: Node) -> bool:
    """Whether it holds or not, and is no number."""
    return isinstance(node, Apply) and node.operation.condition


def substituted(node: Node, instead: Callable[[Node], Node | None]) -> Node:
    """The expression with parts of the same period replaced; the largest part that has a substitute is."""
    found = instead(node)
    if found is not None:
        return found
    if not isinstance(node, Apply):
        return node
    args = tuple(substituted(arg, instead) for arg in node.args)
    return node if all(new is old for new, old in zip(args, node.args, strict=True)) else replace(node, args=args)


class Anatomy:
    """Measures expressions, each once.

    Parameters
    ----------
    leaf
        The length of whatever is no operation.
    """

    def __init__(self, leaf: Callable[[Node], int]) -> None:
        self.numbering = Numbering()
        self._leaf = leaf
        self._lengths: dict[int, tuple[int, int]] = {}
        self._depths: dict[int, int] = {}
        self._totals: dict[int, bool] = {}

    def length(self, node: Node) -> int:
        """Characters of the printed formula."""
        return self._printed(node)[0]

    def _printed(self, node: Node) -> tuple[int, int]:
        """Length and precedence."""
        number = self.numbering.of(node)
        if number not in self._lengths:
            if isinstance(node, Apply):
                operation, length = node.operation, len(node.operation.excel)
                for place, arg in enumerate(node.args):
                    own, binding = self._printed(arg)
                    brackets = 2 if needs_brackets(operation, place, binding) else 0
                    length += operation.excel.count(f"{{{place}}}") * (own + brackets - len("{0}"))
                self._lengths[number] = length, operation.precedence
            else:
                self._lengths[number] = self._leaf(node), ATOM
        return self._lengths[number]

    def depth(self, node: Node) -> int:
        """How many IFs stand within each other."""
        number = self.numbering.of(node)
        if number not in self._depths:
            below = max((self.depth(arg) for arg in node.args), default=0) if isinstance(node, Apply) else 0
            own = isinstance(node, Lead) or (isinstance(node, Apply) and node.operation.name in CHOICES)
            self._depths[number] = below + own
        return self._depths[number]

    def never_fails(self, node: Node) -> bool:
        """Whether the expression is a number whatever its items are."""
        number = self.numbering.of(node)
        if number not in self._totals:
            self._totals[number] = self._is_total(node)
        return self._totals[number]

    def _is_total(self, node: Node) -> bool:
        match node:
            case Const() | Item() | Lag():
                return True
            case Lead(closing=closing):
                return self.never_fails(closing)
            case Reduce(reduction=reduction, scalars=scalars):
                return not reduction.may_be_missing and all(map(self.never_fails, scalars))
            case Apply(operation=operation, args=args):
                bounded = operation.fault is None or (operation.name == "/" and _is_never_zero(args[1]))
                return bounded and all(map(self.never_fails, args))
            case _:
                return False


def _is_never_zero(node: Node) -> bool:
    """Numbers of the timeline are lengths and counts above zero."""
    return (isinstance(node, Const) and node.value != 0.0) or (isinstance(node, Item) and node.kind == "number")
