"""From what people write to what renderings walk: names become items, scales become factors, units are proved.

Arguments of lags, leads and reductions that are no line of their own get a helper line, so that every rendering meets a
row there.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace

from finmodel.errors import ModelFault, nearest
from finmodel.graph.line import Definition, Input, Member, Scope, Shock
from finmodel.graph.model import Line
from finmodel.graph.nodes import (
    Across,
    Apply,
    Cast,
    Const,
    Convert,
    Cumulative,
    Item,
    Lag,
    Lead,
    Node,
    Reduce,
    Ref,
    extent,
)
from finmodel.graph.operations import OPERATIONS, UnitOrAny
from finmodel.graph.timeline import NUMBERS, SERIES, Timeline
from finmodel.graph.units import ONE, parse

BALANCE_PARTS = ("opening", "added", "less")
CONDITIONS = {"where": (0,), "and": (0, 1)}
"""Which arguments of an operation are conditions."""

DEEPEST = 128
"""Levels of nesting in a formula; a sum of so many terms is one."""

LARGEST = 1_000
"""Values and operations in a formula; a cell of a sheet holds 8,192 characters."""

Resolved = tuple[Node, UnitOrAny]


class Resolver:
    """Knows every declared name, its unit and its cohorts; resolves one formula at a time."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self._known: dict[str, tuple[Item, UnitOrAny]] = {}
        self._each: dict[str, tuple[str, ...]] = {}
        self._units: dict[str, str] = {}
        self._members: Mapping[str, tuple[Member, ...]] = {}
        self._helpers: list[Line] = []
        self._cumulatives: set[str] = set()
        self._where: Definition
        self._count = 0
        for name, (unit, _) in SERIES.items():
            self._known[name] = (Item("series", name), parse(unit))
        for name, (unit, _) in NUMBERS.items():
            self._known[name] = (Item("number", name), parse(unit))

    @property
    def scope(self) -> Scope:
        """What line functions get: references, and the structure."""
        return Scope(self.timeline, self._members)

    def declare_inputs(
        self,
        inputs: Mapping[str, Input],
        declared: Mapping[str, Input],
        members: Mapping[str, tuple[Member, ...]],
    ) -> None:
        """Make the inputs known, each member of a cohort its own, and how they are `declared`."""
        self._members = members
        for name, value in declared.items():
            self._each[name], self._units[name] = value.dimensions, value.unit
        for name, value in inputs.items():
            self._claim(name, Item("input", name), value.unit, None)

    def declare_shocks(self, shocks: Mapping[str, Shock]) -> None:
        """Make the shocks known."""
        for name in shocks:
            self._claim(name, Item("shock", name), "1", None)

    def declare_line(self, definition: Definition, members: Mapping[str, tuple[Member, ...]]) -> None:
        """Make a line known under each of its names, before any formula is read."""
        try:
            parse(definition.unit)
        except ValueError as fault:
            raise self._fault(str(fault), definition) from fault
        self._each[definition.name], self._units[definition.name] = definition.each, definition.unit
        for dimension in definition.each:
            if dimension not in members:
                raise self._fault(f"is written for each '{dimension}', which the structure does not have", definition)
        for combination in itertools.product(*(members[dimension] for dimension in definition.each)):
            name = ".".join([definition.name, *combination])
            for full in (name, *(f"{name}.{part}" for part in BALANCE_PARTS if definition.kind == "balance")):
                self._claim(full, Item("line", full), definition.unit, definition)

    def _claim(self, name: str, item: Item, unit: str, definition: Definition | None) -> None:
        if name in self._known:
            given = name in SERIES or name in NUMBERS
            raise ModelFault(
                "is a name of the timeline: choose another" if given else "is defined twice",
                line=name,
                file=definition.file if definition else None,
                row=definition.row if definition else None,
            )
        self._known[name] = (item, parse(unit))

    def take_helpers(self) -> list[Line]:
        """The helper lines made since the last call."""
        taken, self._helpers = self._helpers, []
        return taken

    def resolve_line(self, definition: Definition, name: str, formula: Node) -> Node:
        """The formula of a line over items, its unit proved against the declared one."""
        self._where, self._count = replace(definition, name=name), 0
        self._measure(formula)
        if isinstance(formula, Cumulative):
            added, unit = self._resolve(formula.arg)
            self._number(added)
            node: Node = Apply(OPERATIONS["+"], (Lag(Item("line", name), 1, Const(0.0)), added))
        else:
            node, unit = self._resolve(formula)
        self._number(node)
        self._measure(node)
        declared = parse(definition.unit)
        if unit is not None and not unit.equals(declared):
            scale = (
                f"write .to('{definition.unit}')" if unit.same_dimension(declared) else "mend the formula or the unit"
            )
            raise self._fault(f"is declared in {definition.unit} but its formula is in {unit}: {scale}")
        return node

    def _measure(self, formula: Node) -> None:
        """Refuse what is too large to be walked or printed, before anything walks it."""
        size, depth = extent(formula)
        if size > LARGEST:
            raise self._fault(f"is {size:,} values and operations long, more than {LARGEST:,}: make lines of its parts")
        if depth > DEEPEST:
            raise self._fault(f"is nested {depth:,} levels deep, more than {DEEPEST}: make lines of its parts")

    def _fault(self, why: str, definition: Definition | None = None) -> ModelFault:
        where = definition or self._where
        return ModelFault(why, line=where.name, file=where.file, row=where.row)

    def _resolve(self, node: Node) -> Resolved:
        match node:
            case Const():
                return node, None if node.value == 0 else parse(node.unit)
            case Ref():
                return self._ref(node)
            case Across(ref=ref, by=by):
                return self._across(ref, by)
            case Convert(arg=arg, unit=unit):
                return self._convert(*self._resolve(arg), unit)
            case Cast(arg=arg, expected=expected, unit=unit):
                return self._cast(*self._resolve(arg), expected, unit)
            case Cumulative(arg=arg):
                return self._cumulative(*self._resolve(arg))
            case Lag(line=line, periods=periods, opening=opening):
                row, outside, own = self._shifted(line, opening, "lags a quantity in {} with an opening in {}")
                return Lag(row, periods, outside), own
            case Lead(line=line, periods=periods, closing=closing):
                row, outside, own = self._shifted(line, closing, "leads a quantity in {} with a closing in {}")
                return Lead(row, periods, outside), own
            case Reduce(rows=rows, scalars=scalars):
                return self._reduce(node, [self._resolve(row) for row in rows], [self._resolve(s) for s in scalars])
            case Apply(args=args):
                return self._apply(node, [self._resolve(arg) for arg in args])
            case _:
                raise self._fault(f"{node!r} is no expression")

    def _ref(self, ref: Ref) -> Resolved:
        known = self._known.get(ref.full_name)
        each = self._each.get(ref.name)
        if known and not (each and not ref.index):
            return known
        if each and len(ref.index) != len(each):
            wanted = ", ".join(each)
            raise self._fault(
                f"'{ref.name}' is written for each {wanted}: write m.{ref.name}[{wanted}] or across(m.{ref.name})"
            )
        guess = nearest(ref.full_name, self._known)
        raise self._fault(f"reads '{ref.full_name}', which is not defined" + (f": is it '{guess}'?" if guess else ""))

    def _across(self, ref: Ref, by: str) -> Resolved:
        each = self._each.get(ref.name, ())
        if len(each) <= len(ref.index):
            raise self._fault(f"across() needs a line written for several members, '{ref.full_name}' is one line")
        rest = each[len(ref.index) :]
        result: Node | None = None
        unit: UnitOrAny = None
        for combination in itertools.product(*(self._members[dimension] for dimension in rest)):
            term, unit = self._ref(Ref(ref.name, (*ref.index, *combination)))
            result = term if result is None else Apply(OPERATIONS[by], (result, term))
        if result is not None:
            return result, unit
        if by != "+":
            raise self._fault(f"across() of '{ref.name}' has no members to take the {by} of")
        return Const(0.0), parse(self._units[ref.name])

    def _convert(self, node: Node, unit: UnitOrAny, wanted: str) -> Resolved:
        try:
            target = parse(wanted)
        except ValueError as fault:
            raise self._fault(str(fault)) from fault
        if unit is None or unit.equals(target):
            return node, target
        if not unit.same_dimension(target):
            raise self._fault(f".to('{wanted}') of a quantity in {unit}")
        scale = float(f"{unit.scale / target.scale:.15g}")
        factor = Const(scale, str(ONE), name=f"to {wanted}")
        return Apply(OPERATIONS["*"], (node, factor)), target

    def _cast(self, node: Node, unit: UnitOrAny, expected: str, wanted: str) -> Resolved:
        if unit is not None and not unit.equals(parse(expected)):
            raise self._fault(f"needs a quantity in {expected} here, found one in {unit}")
        return node, parse(wanted)

    def _cumulative(self, node: Node, unit: UnitOrAny) -> Resolved:
        self._number(node)
        if isinstance(node, Item) and node.kind == "line":
            name = f"{node.name}.cumulative"
            if name not in self._cumulatives:
                self._cumulatives.add(name)
                self._helper(name, f"Sum of {node.name} from close.", self._sum_of(name, node), unit)
        else:
            name = self._next_name()
            self._helper(name, f"Running sum in {self._where.name}.", self._sum_of(name, node), unit)
        return Item("line", name), unit

    def _sum_of(self, name: str, node: Node) -> Node:
        return Apply(OPERATIONS["+"], (Lag(Item("line", name), 1, Const(0.0)), node))

    def _shifted(self, line: Node, outside: Node, why: str) -> tuple[Item, Node, UnitOrAny]:
        """The row that a lag or lead reads, what it reads outside of it, and the unit of both."""
        (row, unit), (value, value_unit) = self._resolve(line), self._resolve(outside)
        if unit is not None and value_unit is not None and not unit.equals(value_unit):
            raise self._fault(why.format(unit, value_unit))
        self._number(value)
        return self._row(row, unit), value, unit

    def _reduce(self, node: Reduce, rows: list[Resolved], scalars: list[Resolved]) -> Resolved:
        try:
            unit = node.reduction.unit([unit for _, unit in rows], [unit for _, unit in scalars])
        except ValueError as fault:
            raise self._fault(f"{node.reduction.name}(): {fault}") from fault
        for scalar, _ in scalars:
            self._number(scalar)
        items = tuple(self._row(row, row_unit) for row, row_unit in rows)
        return Reduce(node.reduction, items, tuple(scalar for scalar, _ in scalars)), unit

    def _apply(self, node: Apply, args: list[Resolved]) -> Resolved:
        operation = node.operation
        wanted = CONDITIONS.get(operation.name, ())
        for place, (arg, _) in enumerate(args):
            is_condition = isinstance(arg, Apply) and arg.operation.condition
            if is_condition and place not in wanted:
                raise self._fault(f"'{operation.name}' of a comparison: write where(condition, 1, 0) for a flag")
            if not is_condition and place in wanted:
                raise self._fault(f"'{operation.name}' needs a comparison, such as m.month >= m.start")
        nodes = tuple(arg for arg, _ in args)
        try:
            return Apply(operation, nodes), operation.unit([unit for _, unit in args], nodes)
        except ValueError as fault:
            raise self._fault(f"'{operation.name}': {fault}") from fault

    def _row(self, node: Node, unit: UnitOrAny) -> Item:
        """The line that holds a row: the item itself if it is one, else a helper line."""
        if isinstance(node, Item) and node.kind == "line":
            return node
        self._number(node)
        name = self._next_name()
        self._helper(name, f"Part of {self._where.name}.", node, unit)
        return Item("line", name)

    def _number(self, node: Node) -> None:
        if isinstance(node, Apply) and node.operation.condition:
            raise self._fault("is a comparison: write where(condition, 1, 0) for a flag")

    def _next_name(self) -> str:
        self._count += 1
        return f"{self._where.name}.{self._count}"

    def _helper(self, name: str, note: str, expression: Node, unit: UnitOrAny) -> None:
        where = self._where
        self._measure(expression)
        self._helpers.append(
            Line(
                name=name,
                unit=str(unit or ONE),
                note=note,
                section=where.section,
                expression=expression,
                is_metric=False,
                block=None,
                owner=where.name,
                file=where.file,
                row=where.row,
            )
        )
        self._known[name] = (Item("line", name), unit)
