"""Expressions: what a line function returns, before and after names are resolved.

A line function is called once, when the model is assembled; the operators below record what it would compute. `Ref`,
`Across`, `Convert`, `Cast` and `Cumulative` are what people write; assembling turns them into the six kinds that every
rendering walks: `Const`, `Item`, `Apply`, `Lag`, `Lead`, `Reduce`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Literal, NoReturn

from finmodel.errors import ModelFault

if TYPE_CHECKING:
    from finmodel.graph.operations import Operation
    from finmodel.graph.reduction import Reduction

Kind = Literal["input", "line", "series", "number", "shock"]


class Node:
    """An expression over line items. Its operators build larger expressions; it has no value and no truth."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __add__(self, other: Node | float) -> Node:
        return _apply("+", self, other)

    def __radd__(self, other: float) -> Node:
        return _apply("+", other, self)

    def __sub__(self, other: Node | float) -> Node:
        return _apply("-", self, other)

    def __rsub__(self, other: float) -> Node:
        return _apply("-", other, self)

    def __mul__(self, other: Node | float) -> Node:
        return _apply("*", self, other)

    def __rmul__(self, other: float) -> Node:
        return _apply("*", other, self)

    def __truediv__(self, other: Node | float) -> Node:
        return _apply("/", self, other)

    def __rtruediv__(self, other: float) -> Node:
        return _apply("/", other, self)

    def __neg__(self) -> Node:
        return _apply("neg", self)

    def __lt__(self, other: Node | float) -> Node:
        return _apply("<", self, other)

    def __le__(self, other: Node | float) -> Node:
        return _apply("<=", self, other)

    def __gt__(self, other: Node | float) -> Node:
        return _apply(">", self, other)

    def __ge__(self, other: Node | float) -> Node:
        return _apply(">=", self, other)

    def __and__(self, other: Node) -> Node:
        return _apply("and", self, other)

    def __eq__(self, other: object) -> bool:
        raise ModelFault("a line item cannot be compared with == or !=: money is never exactly equal; use <= or >=")

    def __bool__(self) -> bool:
        raise ModelFault("a line item has no truth value: write where(condition, a, b) for if, & for and")

    def to(self, unit: str) -> Node:
        """The same quantity on another scale, such as kW to MW; the factor becomes part of the formula."""
        return Convert(self, unit)


@dataclass(frozen=True, eq=False, slots=True)
class Const(Node):
    """A number; `name` says what it converts where it is the factor between two scales."""

    value: float
    unit: str = "1"
    name: str | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Item(Node):
    """The value of an input, a line, a series of the timeline, a structural number or a shock, in the same period."""

    kind: Kind
    name: str


@dataclass(frozen=True, eq=False, slots=True)
class Apply(Node):
    """An operation on values of one period."""

    operation: Operation
    args: tuple[Node, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Lag(Node):
    """The value of a line some periods ago; its opening before period 0."""

    line: Node
    periods: int
    opening: Node


@dataclass(frozen=True, eq=False, slots=True)
class Lead(Node):
    """The value of a line some periods ahead; its closing past the last period."""

    line: Node
    periods: int
    closing: Node


@dataclass(frozen=True, eq=False, slots=True)
class Reduce(Node):
    """One number made from whole rows, such as a sum or an internal rate of return."""

    reduction: Reduction
    rows: tuple[Node, ...]
    scalars: tuple[Node, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Ref(Node):
    """A name as written on a line: `m.racks[phase]` has the members as index, `opening(m.cash)` a part."""

    name: str
    index: tuple[str, ...] = ()
    part: str | None = None

    def __getitem__(self, members: str | tuple[str, ...]) -> Ref:
        if self.index or self.part:
            raise ModelFault(f"'{self.name}' has its members given twice")
        index = members if isinstance(members, tuple) else (members,)
        if not all(isinstance(member, str) for member in index):
            raise ModelFault(
                f"'{self.name}' takes members such as a phase, not {members!r}; lag() looks back in time, lead() ahead"
            )
        return Ref(self.name, index)

    def __iter__(self) -> NoReturn:
        raise ModelFault(f"'{self.name}' cannot be looped over: write across(m.{self.name}) for the sum of its members")

    @property
    def full_name(self) -> str:
        """The name with its members and part."""
        return ".".join([self.name, *self.index, *([self.part] if self.part else [])])


@dataclass(frozen=True, eq=False, slots=True)
class Across(Node):
    """A line over the members of its cohorts that are not given: their sum, or the operation `by` of two at a time."""

    ref: Ref
    by: str = "+"


@dataclass(frozen=True, eq=False, slots=True)
class Convert(Node):
    """An explicit change of scale."""

    arg: Node
    unit: str


@dataclass(frozen=True, eq=False, slots=True)
class Cast(Node):
    """A number read as if it had another unit, as the exponent of a growth is a count of years."""

    arg: Node
    expected: str
    unit: str


@dataclass(frozen=True, eq=False, slots=True)
class Cumulative(Node):
    """The sum of a quantity from period 0 up to this period."""

    arg: Node


def lift(x: Node | float) -> Node:
    """A number or expression as an expression."""
    if isinstance(x, Node):
        return x
    number: object = x
    if isinstance(number, bool) or not isinstance(number, Real):
        raise ModelFault(f"{x!r} is neither a number nor a line item")
    try:
        value = float(number)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise ModelFault(f"a number in a formula is finite, not {value:g}")
    return Const(value)


def _apply(name: str, *args: Node | float) -> Node:
    from finmodel.graph.operations import OPERATIONS

    return Apply(OPERATIONS[name], tuple(lift(arg) for arg in args))


def children(node: Node) -> tuple[Node, ...]:
    """What the expression is made of, rows, openings and closings included."""
    match node:
        case Apply(args=args):
            return args
        case Lag(line=line, opening=opening):
            return (line, opening)
        case Lead(line=line, closing=closing):
            return (line, closing)
        case Reduce(rows=rows, scalars=scalars):
            return (*rows, *scalars)
        case Convert(arg=arg) | Cast(arg=arg) | Cumulative(arg=arg):
            return (arg,)
        case Across(ref=ref):
            return (ref,)
        case _:
            return ()


def extent(node: Node) -> tuple[int, int]:
    """How many nodes an expression has when written out, and how deep they are nested.

    Without recursion and each shared part looked at once, so that any expression can be measured before it is walked.
    """
    found: dict[int, tuple[int, int]] = {}
    todo: list[tuple[Node, Iterator[Node]]] = [(node, iter(children(node)))]
    while todo:
        current, rest = todo[-1]
        following = next((child for child in rest if id(child) not in found), None)
        if following is not None:
            todo.append((following, iter(children(following))))
            continue
        below = [found[id(child)] for child in children(current)]
        found[id(current)] = 1 + sum(size for size, _ in below), 1 + max((depth for _, depth in below), default=0)
        todo.pop()
    return found[id(node)]


def same(a: Node, b: Node) -> bool:
    """Whether two resolved expressions are written alike."""
    match a, b:
        case Const(), Const():
            return a.value == b.value
        case Item(), Item():
            return (a.kind, a.name) == (b.kind, b.name)
        case Apply(), Apply():
            alike = a.operation is b.operation
        case Lag(), Lag():
            alike = a.periods == b.periods
        case Lead(), Lead():
            alike = a.periods == b.periods
        case Reduce(), Reduce():
            alike = a.reduction is b.reduction
        case _:
            return False
    left, right = children(a), children(b)
    return alike and len(left) == len(right) and all(same(x, y) for x, y in zip(left, right, strict=True))


def walk(node: Node, *, into_rows: bool = True) -> Iterator[Node]:
    """The expression and everything in it; the rows of reductions only if wanted."""
    yield node
    below = node.scalars if isinstance(node, Reduce) and not into_rows else children(node)
    for child in below:
        yield from walk(child, into_rows=into_rows)


def items(node: Node) -> Iterator[Item]:
    """The items that an expression reads, lags, leads and rows included."""
    return (found for found in walk(node) if isinstance(found, Item))
