"""Taking one formula of a sheet apart: what is used more than once, choices within choices, then its largest parts.

Each part becomes an ingredient, a row of its own that the formula reads. A part that may be an error where the formula
does not need it leaves only as a row that is 0 there.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce

from finmodel.graph.model import Line, Model
from finmodel.graph.nodes import Apply, Const, Item, Lag, Lead, Node, Reduce, items, walk
from finmodel.graph.operations import OPERATIONS
from finmodel.graph.timeline import NUMBERS, SERIES
from finmodel.render.anatomy import CHOICES, Anatomy, Guard, Place, is_condition, opposite, places, substituted
from finmodel.render.numbering import name_of
from finmodel.render.quantities import unit_of
from finmodel.render.trace import in_names

LONGEST = 120
"""Characters of a formula that is read at a glance, with the names of sheets in it."""
DEEPEST = 1
"""IFs within each other."""
LEAST_SAVED = 12
"""Characters that a row of its own must save."""
SHORT_CONDITION = 30
"""Characters of a condition that needs no flag."""
WEIGHTS = {"+": 1.0, "-": 1.0, "*": 0.8, "/": 0.8}
"""How much it matters that a part of the formula has a fitting length; little for what a reader has a word for."""

CELL, FIXED_CELL = len("BC123"), len("$E$1234")
OF_CONSTANT, OF_INPUT = len("Constants!$D$12"), len("Inputs!$D$123")
TIMELINE = "timeline"
"""The section of the series and the shocks."""
ZERO, ONE = Const(0.0), Const(1.0)

SheetOf = Callable[[str], str]
"""The name of the sheet that a section of lines stands on."""


@dataclass(frozen=True)
class Recipe:
    """A line's formula over its ingredients.

    Attributes
    ----------
    ingredients
        Lines of the sheet only, each after those that it reads; `owner` is the line that they belong to.
    """

    ingredients: tuple[Line, ...]
    expression: Node


def recipe_of(model: Model, line: Line, sheet_of: SheetOf = lambda section: "", longest: int = LONGEST) -> Recipe:
    """What a line's formula is made of; a corkscrew stays whole, and so does what is short and plain already."""
    line = replace(line, expression=tidied(line.expression))
    if line.block is not None:
        return Recipe((), line.expression)
    return _Parting(model, line, sheet_of, longest).recipe()


def tidied(node: Node) -> Node:
    """The expression without what adds nothing or multiplies by one; the same number but for the sign of a zero."""
    if not isinstance(node, Apply):
        return node
    args = tuple(map(tidied, node.args))
    match node.operation.name, args:
        case ("+" | "-", (arg, Const(value=0.0))) | ("+", (Const(value=0.0), arg)):
            return arg
        case ("*", (arg, Const(value=1.0, unit="1"))) | ("*", (Const(value=1.0, unit="1"), arg)):
            return arg
        case "+", (arg, Apply(operation=negative, args=(taken,))) if negative.name == "neg":
            return Apply(OPERATIONS["-"], (arg, taken))
        case _:
            return replace(node, args=args)


class _Parting:
    """Takes one formula apart."""

    def __init__(self, model: Model, line: Line, sheet_of: SheetOf, longest: int) -> None:
        self.model, self.line, self.sheet_of, self.longest = model, line, sheet_of, longest
        self.anatomy = Anatomy(self._width)
        self.made: dict[str, Line] = {}
        self._replaced: dict[int, Node] = {}
        taken = {*model.lines, *model.inputs, *model.shocks, *SERIES, *NUMBERS}
        self._names = (name for n in itertools.count(1) if (name := f"{line.name}.{n}") not in taken)

    def recipe(self) -> Recipe:
        """The line's formula and its ingredients."""
        guards = (Guard(None),) if self.line.may_be_missing else ()
        expression = self._shortened(self.line.expression, guards, DEEPEST - len(guards))
        return Recipe(tuple(self.made.values()), expression)

    def _shortened(self, node: Node, guards: tuple[Guard, ...] = (), deepest: int = DEEPEST) -> Node:
        """The formula over ingredients; it is computed where the guards hold."""
        node = self._with_replacements(node)
        while True:
            long, deep = self.anatomy.length(node) > self.longest, self.anatomy.depth(node) > deepest
            here = self._parts(node, guards) if long or deep else []
            taken = self._shared(here)
            if taken is None and deep:
                taken = self._inner_choice(here, deepest)
                if taken is None and (protected := self._protected(here)) is not None:
                    node = self._with_protected(node, protected)
                    continue
            if taken is None and long:
                taken = self._large(here, node)
            if taken is None:
                return node
            self._take(taken)
            node = self._with_replacements(node)

    def _take(self, node: Node) -> None:
        """Give an expression a row and note what stands for it."""
        instead = self._flagged(node) if is_condition(node) else self._row(node, f"Part of {self.line.name}")
        self._replaced[self.anatomy.numbering.of(node)] = instead

    def _flagged(self, condition: Node) -> Node:
        """The condition that reads another one from a row of 0 and 1."""
        flag = self._row(_flag(condition), f"Flag of {self.line.name}")
        return Apply(OPERATIONS[">"], (flag, ZERO))

    def _row(self, node: Node, what: str) -> Item:
        """Give an expression a row, and what it is made of the rows above."""
        expression = self._shortened(node)
        name = next(self._names)
        self.made[name] = replace(
            self.line,
            name=name,
            unit=unit_of(node, self._unit, self.line.unit),
            note=f"{what}: {in_names(expression)}",
            expression=expression,
            is_metric=False,
            owner=self.line.name,
            varies=self._varies(node),
            may_be_missing=False,
            opening=None,
        )
        return Item("line", name)

    def _with_replacements(self, node: Node) -> Node:
        """The expression with every ingredient made so far read from its row."""
        return substituted(node, lambda part: self._replaced.get(self.anatomy.numbering.of(part)))

    # what to take

    def _parts(self, node: Node, guards: tuple[Guard, ...]) -> list[Place]:
        """What a formula is made of, as far as it makes rows shorter than the formula."""
        length = self.anatomy.length(node)
        return [found for found in places(node, guards) if self._length_of_row(found.node) < length]

    def _length_of_row(self, node: Node) -> int:
        return self.anatomy.length(_flag(node) if is_condition(node) else node)

    def _may_leave(self, found: Place) -> bool:
        """Whether what stands here can be a row of its own, which is computed always."""
        node = found.node
        if isinstance(node, Const | Item) or (isinstance(node, Lag) and node.periods == 1):
            return False
        if any(item.name in self.model.lines and self.model.lines[item.name].may_be_missing for item in items(node)):
            return False
        return not found.guards or self.anatomy.never_fails(node)

    def _shared(self, here: list[Place]) -> Node | None:
        """What is printed more than once and would save most as a row."""
        copies: dict[int, int] = {}
        for found in here:
            number = self.anatomy.numbering.of(found.node)
            copies[number] = copies.get(number, 0) + found.copies
        return self._best(
            here, lambda node: (copies[self.anatomy.numbering.of(node)] - 1) * (self.anatomy.length(node) - FIXED_CELL)
        )

    def _inner_choice(self, here: list[Place], deepest: int) -> Node | None:
        """The largest choice within a choice."""
        choices = [found for found in here if found.inside >= deepest and self._is_choice(found.node)]
        return self._best(choices, self.anatomy.length)

    def _is_choice(self, node: Node) -> bool:
        return isinstance(node, Lead) or (isinstance(node, Apply) and node.operation.name in CHOICES)

    def _large(self, here: list[Place], whole: Node) -> Node | None:
        """The part that comes nearest to an equal share of the formula, rather an argument than part of a sum."""
        length = self.anatomy.length(whole)
        share = length / math.ceil(length / self.longest)

        def worth(node: Node) -> float:
            own = self.anatomy.length(node)
            if own - FIXED_CELL < LEAST_SAVED:
                return 0.0
            weight = WEIGHTS.get(node.operation.name, 0.5) if isinstance(node, Apply) else 1.0
            return 4.0 * self.longest - abs(min(own, 2 * self.longest) - share) * weight - (own > self.longest) * share

        return self._best(here, worth)

    def _best(self, here: list[Place], worth: Callable[[Node], float]) -> Node | None:
        """Of what may leave the formula, what is worth most; the first of several."""
        allowed = [found.node for found in here if self._may_leave(found)]
        best = max(allowed, key=worth, default=None)
        return best if best is not None and worth(best) >= LEAST_SAVED else None

    def _protected(self, here: list[Place]) -> Place | None:
        """What may fail where it is not needed, which keeps choices around it from leaving the formula."""
        numbers = self.anatomy.numbering
        guards: dict[int, set[tuple[tuple[int, bool], ...]]] = {}
        for found in here:
            seen = tuple((-1 if g.condition is None else numbers.of(g.condition), g.holds) for g in found.guards)
            guards.setdefault(numbers.of(found.node), set()).add(seen)
        for found in here:
            node = found.node
            alone = len(guards[numbers.of(node)]) == 1 and found.inside > DEEPEST
            plain = self.anatomy.depth(node) == 0 and not is_condition(node)
            if alone and plain and not self.anatomy.never_fails(node) and self._needed(found.guards) is not None:
                return found
        return None

    def _needed(self, guards: tuple[Guard, ...]) -> Node | None:
        """The condition under which all guards hold; None where it cannot be asked."""
        conditions: list[Node] = []
        for guard in guards:
            if guard.condition is None or not self.anatomy.never_fails(guard.condition):
                return None
            condition = guard.condition if guard.holds else opposite(guard.condition)
            if condition is None:
                return None
            conditions.append(condition)
        if not conditions:
            return None
        return reduce(lambda a, b: Apply(OPERATIONS["and"], (a, b)), conditions)

    def _with_protected(self, whole: Node, found: Place) -> Node:
        """The formula with a part that may fail read from a row, which is 0 where it is not needed."""
        needed = self._needed(found.guards)
        if needed is None:
            raise ValueError("where it is needed cannot be asked")
        if self.anatomy.length(needed) > SHORT_CONDITION or self.anatomy.depth(needed) or _is_and(needed):
            needed = self._flagged(needed)
        safe = Apply(OPERATIONS["where"], (needed, found.node, ZERO))
        row = self._row(safe, f"Part of {self.line.name}, 0 where it is not needed")
        number = self.anatomy.numbering.of(found.node)
        return substituted(whole, lambda part: row if self.anatomy.numbering.of(part) == number else None)

    # what a name is

    def _varies(self, node: Node) -> bool:
        return any(
            isinstance(part, Lag | Lead)
            or (isinstance(part, Item) and (part.kind in ("series", "shock") or self._line_varies(part)))
            for part in walk(node, into_rows=False)
        )

    def _line_varies(self, item: Item) -> bool:
        if item.kind != "line":
            return False
        made = self.made.get(item.name)
        return self.model.lines[item.name].varies if made is None else made.varies

    def _unit(self, item: Item) -> str:
        made = self.made.get(item.name)
        return self.model.unit_of(item) if made is None else made.unit

    def _width(self, node: Node) -> int:
        """The printed length of what is no operation, wherever it will stand."""
        match node:
            case Const(value=value):
                return 1 if value in (0.0, 1.0) else OF_CONSTANT
            case Item(kind="input"):
                return OF_INPUT
            case Item(kind="number"):
                return OF_CONSTANT
            case Item(kind="series" | "shock"):
                return self._of_sheet(TIMELINE) + CELL
            case Item():
                return self._of_line(node) + (CELL if self._line_varies(node) else FIXED_CELL)
            case Lag(line=Item() as row, periods=1):
                return self._of_line(row) + CELL
            case Lag(line=Item() as row):
                return self._of_line(row) + len("INDEX($G123:BC123,MAX(BC$5-,1))") + OF_CONSTANT
            case Lead(line=Item() as row, closing=closing):
                period = self._of_sheet(TIMELINE) + len("BC$8+1")
                index = self._of_line(row) + len("INDEX($H$123:$IN$123,+1)")
                return len("IF(>,,)") + 2 * period + OF_CONSTANT + self.anatomy.length(closing) + index
            case Reduce(rows=rows):
                return len("SUM()") + sum(self._of_line(row) + len("$H$123:$IN$123,") for row in rows)
            case _:
                raise TypeError(f"{node!r} cannot be printed")

    def _of_line(self, node: Node) -> int:
        """Characters of the name of the sheet that a line stands on; its ingredients stand beside it."""
        line = self.model.lines.get(name_of(node))
        return 0 if line is None else self._of_sheet(line.section)

    def _of_sheet(self, section: str) -> int:
        name = self.sheet_of(section)
        return 0 if name == self.sheet_of(self.line.section) else len(name) + len("!")


def _flag(condition: Node) -> Node:
    return Apply(OPERATIONS["where"], (condition, ONE, ZERO))


def _is_and(node: Node) -> bool:
    return isinstance(node, Apply) and node.operation.name == "and"
