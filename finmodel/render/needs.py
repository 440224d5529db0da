"""What a kernel must compute: the uncertain lines that its outputs rest on, which of them need a row, which a check."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from finmodel.graph.nodes import Apply, Item, Lag, Lead, Node, Reduce, items
from finmodel.graph.reduction import TOTAL
from finmodel.render.certain import Certain
from finmodel.render.numbering import name_of
from finmodel.render.plan import Plan

CARRYING = frozenset({"+", "-", "*", "neg"})
"""Operations whose result is not finite if an argument is not."""


@dataclass(frozen=True)
class Needs:
    """The shape of the computation for a choice of outputs.

    Attributes
    ----------
    lines
        Uncertain lines to compute.
    stored
        Those kept as a row in memory: read by a later stage, from further back than one period, ahead of the period, or
        by a reduction that is not carried along in the loop.
    carried
        Reductions in one pass, carried along in the loop that computes the last of their uncertain rows.
    drawn
        Shocks that are read.
    checked
        Lines whose every value is tested for being finite. Where a line that is tested takes up another by sums and
        products only, it would not be finite either, and one test does for both.
    """

    lines: frozenset[str]
    stored: tuple[str, ...]
    carried: tuple[Reduce, ...]
    drawn: tuple[str, ...]
    checked: frozenset[str]


def is_carried(node: Reduce) -> bool:
    """Whether a reduction can be taken up in the loop that computes its rows."""
    return node.reduction.fold is not None and not node.scalars


def last_of(rows: Iterable[str], computed: Collection[str], stage: Mapping[str, int]) -> str | None:
    """The row, of those that are computed, that the last loop computes."""
    return max((row for row in rows if row in computed), key=lambda row: stage[row], default=None)


def needs_of(plan: Plan, certain: Certain, outputs: Sequence[str]) -> Needs:
    """Find what the outputs need."""
    wanted = _closure(plan, certain, outputs)
    stage, lines = plan.model.stage, plan.model.lines
    stored: dict[str, None] = {}
    carried: dict[tuple[object, ...], Reduce] = {}
    drawn: dict[str, None] = {}
    for name in plan.model.order:
        if name not in wanted:
            continue
        for node in _uncertain_parts(plan.expression(name), certain):
            match node:
                case Item(kind="line", name=read) if stage[read] < stage[name]:
                    stored[read] = None
                case Item(kind="shock", name=read):
                    drawn[read] = None
                case Lag(line=Item(name=read), periods=periods) if periods > 1 or stage[read] < stage[name]:
                    stored[read] = None
                case Lead(line=Item(name=read)):
                    stored[read] = None
                case Reduce(rows=rows):
                    names = [name_of(row) for row in rows]
                    last = last_of(names, wanted, stage) if is_carried(node) else None
                    if last is not None:
                        carried.setdefault((id(node.reduction), *names), node)
                    stored |= {row: None for row in names if last is None or stage[row] < stage[last]}
    return Needs(
        lines=frozenset(wanted),
        stored=tuple(name for name in stored if name in wanted and lines[name].varies),
        carried=tuple(carried.values()),
        drawn=tuple(drawn),
        checked=_checked(plan, wanted, outputs),
    )


def _closure(plan: Plan, certain: Certain, outputs: Iterable[str]) -> set[str]:
    wanted: set[str] = set()
    waiting = [name for name in outputs if name in certain.uncertain_lines]
    while waiting:
        name = waiting.pop()
        if name in wanted:
            continue
        wanted.add(name)
        waiting.extend(
            item.name
            for item in items(plan.expression(name))
            if item.kind == "line" and item.name in certain.uncertain_lines
        )
    return wanted


def _uncertain_parts(node: Node, certain: Certain) -> Iterable[Node]:
    """What the kernel evaluates of an expression, without the rows of reductions and the lines of lags and leads."""
    if certain.is_certain(node):
        return
    yield node
    match node:
        case Apply(args=args):
            below = args
        case Lag(opening=opening):
            below = (opening,)
        case Lead(closing=closing):
            below = (closing,)
        case Reduce(scalars=scalars):
            below = scalars
        case _:
            below = ()
    for part in below:
        yield from _uncertain_parts(part, certain)


def _checked(plan: Plan, wanted: set[str], outputs: Sequence[str]) -> frozenset[str]:
    covered: set[str] = set()
    checked: set[str] = set()
    for name in reversed(plan.model.order):
        if name not in wanted:
            continue
        if name in outputs or name not in covered:
            checked.add(name)
        if not plan.model.lines[name].may_be_missing:
            covered |= _carries(plan.expression(name))
    return frozenset(checked)


def _carries(node: Node) -> set[str]:
    """Lines of which no value can be infinite or NaN without a value of `node` being so."""
    match node:
        case Item(kind="line", name=name):
            return {name}
        case Apply(operation=operation, args=args) if operation.name in CARRYING:
            return set().union(*(_carries(arg) for arg in args))
        case Apply(operation=operation, args=args) if operation.name == "/":
            return _carries(args[0])
        case Reduce(reduction=reduction, rows=rows) if reduction is TOTAL:
            return {item.name for row in rows for item in items(row)}
        case _:
            return set()
