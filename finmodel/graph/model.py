"""The assembled model: names resolved, units checked, order and stages found.

`assemble` calls every line function once, resolves what it returns, and proves that the whole is a model: no name is
undefined or defined twice, units agree, nothing depends on itself within a period.
"""

from __future__ import annotations

import itertools
import keyword
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType, ModuleType

from finmodel.errors import ModelFault
from finmodel.graph.line import Definition, Input, Member, Scope, Shock
from finmodel.graph.nodes import Apply, Item, Lag, Node, Reduce, Ref, children, lift, same
from finmodel.graph.order import order_of, stages_of
from finmodel.graph.resolve import Resolver
from finmodel.graph.timeline import NUMBERS, SERIES, Timeline
from finmodel.graph.units import parse

Part = ModuleType | Definition
BLOCK = ("opening", "added", "less")
HIGHEST_COHORT = 64


@dataclass(frozen=True)
class Line:
    """A line item of the assembled model.

    Attributes
    ----------
    expression
        Its formula over resolved nodes.
    varies
        Whether it is a row of periods; else it is one number a path.
    may_be_missing
        Whether it can be a metric that does not exist, or reads one.
    opening
        What its lags read before period 0, None where nothing looks back at it.
    block
        Its place in a corkscrew: opening, added, less or closing.
    owner
        The line it was made for, where it is a helper row.
    """

    name: str
    unit: str
    note: str
    section: str
    expression: Node
    is_metric: bool
    block: str | None
    owner: str | None
    file: str
    row: int
    varies: bool = False
    may_be_missing: bool = False
    opening: Node | None = None


@dataclass(frozen=True)
class Model:
    """Lines over inputs and a timeline; everything that a rendering reads, and nothing about GPUs."""

    timeline: Timeline
    cohorts: Mapping[str, tuple[str, ...]]
    inputs: Mapping[str, Input]
    lines: Mapping[str, Line]
    shocks: Mapping[str, Shock]
    order: tuple[str, ...]
    stage: Mapping[str, int]
    parts: tuple[Part, ...]
    extra_inputs: Mapping[str, Input]

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics, in order of definition."""
        return tuple(line.name for line in self.lines.values() if line.is_metric)

    @property
    def units(self) -> dict[str, str]:
        """The unit of every input, line and metric."""
        inputs = {name: item.unit for name, item in self.inputs.items()}
        return inputs | {name: line.unit for name, line in self.lines.items()}

    def unit_of(self, item: Item) -> str:
        """The unit of anything that a formula can read."""
        match item.kind:
            case "series":
                return SERIES[item.name][0]
            case "number":
                return NUMBERS[item.name][0]
            case "shock":
                return "1"
            case "input":
                return self.inputs[item.name].unit
            case "line":
                return self.lines[item.name].unit

    def with_lines(self, *definitions: Definition, inputs: Mapping[str, Input] | None = None) -> Model:
        """A new model in which these lines are added, or replace those of the same name."""
        for place, definition in enumerate(definitions):
            if definition.name in {other.name for other in definitions[:place]}:
                raise _fault(definition, "is given twice")
        return assemble(
            (*self.parts, *definitions), self.timeline, self.cohorts, {**self.extra_inputs, **(inputs or {})}
        )


def assemble(
    parts: Sequence[Part],
    timeline: Timeline,
    cohorts: Mapping[str, Sequence[str]] | None = None,
    inputs: Mapping[str, Input] | None = None,
) -> Model:
    """Build a model from modules of lines, then single lines that add to or replace theirs.

    Raises
    ------
    ModelFault
        A circle within a period, an undefined name, units that do not agree, a line defined twice, Python's `if` on a
        line, one line lagged with two openings: naming line, file and row.
    """
    members = {name: Member.all_of(_cohort(name, names)) for name, names in (cohorts or {}).items()}
    definitions, declared, shocks = _collect(parts)
    declared |= {name: replace(value, name=name) for name, value in (inputs or {}).items()}
    for name in (*declared, *shocks):
        if not _is_name(name):
            raise ModelFault(f"{name!r} cannot name an input or a shock: {NAMING}")
    for definition in definitions:
        if not _is_name(definition.name):
            raise _fault(definition, f"cannot name a line: {NAMING}")
    expanded = _expand_inputs(declared, members)
    resolver = Resolver(timeline)
    resolver.declare_inputs(expanded, {name: _dimensions(value.each) for name, value in declared.items()}, members)
    resolver.declare_shocks(shocks)
    for definition in definitions:
        resolver.declare_line(definition, members)
    drafts: dict[str, Line] = {}
    for definition in definitions:
        for combination in _combinations(definition, members):
            made = _call(definition, combination, resolver)
            drafts |= {draft.name: draft for draft in (*resolver.take_helpers(), *made)}
    order = order_of(drafts)
    stage = stages_of(drafts, order)
    lines = _finish(drafts)
    return Model(
        timeline=timeline,
        cohorts=MappingProxyType({name: tuple(str(member) for member in group) for name, group in members.items()}),
        inputs=MappingProxyType(expanded),
        lines=MappingProxyType(lines),
        shocks=MappingProxyType(shocks),
        order=order,
        stage=MappingProxyType(stage),
        parts=tuple(parts),
        extra_inputs=MappingProxyType(dict(inputs or {})),
    )


NAMING = "use letters, digits and underscores, a letter first, and no word of Python's own or of m's"


def _is_name(name: str) -> bool:
    """Whether `m.name` can be written and means this name: Python reads identifiers in Unicode's normal form KC."""
    written = name.isidentifier() and not name.startswith("_") and not keyword.iskeyword(name)
    return written and unicodedata.normalize("NFKC", name) == name and name not in vars(Scope)


def _cohort(name: str, names: Sequence[str]) -> tuple[str, ...]:
    if not names or len(names) > HIGHEST_COHORT or len(set(names)) < len(names):
        raise ModelFault(f"cohort '{name}' needs 1 to {HIGHEST_COHORT} members of different names, found {list(names)}")
    for member in names:
        if not member.isidentifier() or member in BLOCK:
            raise ModelFault(f"'{member}' cannot name a member of cohort '{name}': use letters, digits and underscores")
    return tuple(names)


def _dimensions(each: str | tuple[str, ...]) -> tuple[str, ...]:
    return (each,) if isinstance(each, str) else each


def _collect(parts: Sequence[Part]) -> tuple[list[Definition], dict[str, Input], dict[str, Shock]]:
    found: dict[str, Definition] = {}
    inputs: dict[str, Input] = {}
    shocks: dict[str, Shock] = {}
    seen: dict[int, str] = {}

    def claim(name: str, thing: object, file: str, row: int | None) -> None:
        if name in found or name in inputs or name in shocks:
            earlier = found.get(name)
            where = f" (first at {earlier.file}:{earlier.row})" if earlier else ""
            raise ModelFault(f"is defined twice{where}", line=name, file=file, row=row)
        seen[id(thing)] = name

    for part in parts:
        if isinstance(part, Definition):
            found[part.name] = part
            continue
        for name, thing in vars(part).items():
            if id(thing) in seen:
                continue
            file = getattr(part, "__file__", None) or part.__name__
            if isinstance(thing, Definition):
                claim(thing.name, thing, thing.file, thing.row)
                found[thing.name] = thing
            elif isinstance(thing, Input):
                claim(name, thing, file, None)
                inputs[name] = replace(thing, name=name, section=part.__name__.rpartition(".")[2])
            elif isinstance(thing, Shock):
                claim(name, thing, file, None)
                shocks[name] = replace(thing, name=name)
    for name in (*inputs, *shocks):
        if name in found:
            raise ModelFault("is the name of an input already", line=name, file=found[name].file, row=found[name].row)
    return list(found.values()), inputs, shocks


def _expand_inputs(declared: Mapping[str, Input], members: Mapping[str, tuple[Member, ...]]) -> dict[str, Input]:
    expanded: dict[str, Input] = {}
    for name, value in declared.items():
        try:
            parse(value.unit)
        except ValueError as fault:
            raise ModelFault(f"unit of input '{name}': {fault}") from fault
        for dimension in _dimensions(value.each):
            if dimension not in members:
                raise ModelFault(f"input '{name}' is given for each '{dimension}', which the structure does not have")
        for combination in itertools.product(*(members[dimension] for dimension in _dimensions(value.each))):
            full = ".".join([name, *combination])
            expanded[full] = replace(value, name=full)
    return expanded


def _combinations(definition: Definition, members: Mapping[str, tuple[Member, ...]]) -> Iterator[tuple[Member, ...]]:
    for dimension in definition.each:
        if dimension not in members:
            raise _fault(definition, f"is written for each '{dimension}', which the structure does not have")
    return itertools.product(*(members[dimension] for dimension in definition.each))


def _fault(definition: Definition | Line, why: str) -> ModelFault:
    return ModelFault(why, line=definition.name, file=definition.file, row=definition.row)


def _call(definition: Definition, combination: tuple[Member, ...], resolver: Resolver) -> list[Line]:
    formulas = _formulas(definition, combination, resolver.scope)
    name = ".".join([definition.name, *combination])
    where = replace(definition, name=name)
    return [
        _line(where, f"{name}.{part}" if part in BLOCK else name, part, formula, resolver)
        for part, formula in formulas.items()
    ]


def _formulas(definition: Definition, combination: tuple[Member, ...], scope: Scope) -> dict[str | None, Node]:
    """What a line function returns, by part of a corkscrew; None for the formula of a line that is none."""
    try:
        result = definition.function(scope, *combination)
        if definition.kind != "balance":
            if isinstance(result, tuple) or result is None:
                found = "nothing" if result is None else "several values"
                raise ModelFault(f"returns {found}, not one formula")
            return {None: lift(result)}
        if not isinstance(result, tuple) or len(result) not in (2, 3):
            raise ModelFault("a balance returns what is added and what is taken, and the first opening if not zero")
        added, less, first = lift(result[0]), lift(result[1]), lift(result[2] if len(result) > 2 else 0.0)
    except ModelFault as fault:
        raise _fault(definition, str(fault)) from fault
    except (TypeError, AttributeError) as fault:
        raise _fault(definition, f"cannot be called or its operands do not fit: {fault}") from fault
    cells = {part: Ref(definition.name, combination, part) for part in BLOCK}
    return {
        "opening": Lag(Ref(definition.name, combination), 1, first),
        "added": added,
        "less": less,
        "closing": cells["opening"] + cells["added"] - cells["less"],
    }


def _line(definition: Definition, name: str, block: str | None, formula: Node, resolver: Resolver) -> Line:
    return Line(
        name=name,
        unit=definition.unit,
        note=definition.note if block in (None, "closing") else f"{block.capitalize()} of {definition.name}.",
        section=definition.section,
        expression=resolver.resolve_line(definition, name, formula),
        is_metric=definition.kind == "metric",
        block=block,
        owner=None,
        file=definition.file,
        row=definition.row,
    )


def _finish(drafts: Mapping[str, Line]) -> dict[str, Line]:
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
                    raise _fault(draft, f"lags '{node.line.name}', which is lagged elsewhere with another opening")
                if any(item.kind in ("series", "shock") or item.name in varies for item in items(node.opening)):
                    raise _fault(draft, f"the opening of '{node.line.name}' varies in time")
            if isinstance(node, Reduce):
                _refuse_shapes(draft, node, varies)
        _refuse_missing(draft, missing, varies)
        if draft.is_metric and draft.name in varies:
            raise _fault(draft, "a metric is one number a path, but this varies in time")
    return {
        name: replace(draft, varies=name in varies, may_be_missing=name in missing, opening=openings.get(name))
        for name, draft in drafts.items()
    }


def _refuse_shapes(draft: Line, node: Reduce, varies: set[str]) -> None:
    for row in itertools.chain(*map(items, node.rows)):
        if row.name not in varies:
            raise _fault(draft, f"{node.reduction.name}() of '{row.name}', a metric: one number and no row of periods")
    for item in itertools.chain(*map(items, node.scalars)):
        if item.name in varies:
            raise _fault(draft, f"{node.reduction.name}() takes a rate or guess that varies in time")


def _refuse_missing(draft: Line, missing: set[str], varies: set[str]) -> None:
    if draft.name not in missing:
        return
    if draft.name in varies:
        raise _fault(draft, "varies in time but reads a metric that may not exist")
    for node in walk(draft.expression):
        read = {item.name for item in items(node)} & missing if not isinstance(node, Reduce) else set()
        if isinstance(node, Apply) and node.operation.chooses and read:
            raise _fault(
                draft, f"chooses by '{min(read)}', which may not exist: what reads a missing metric is missing"
            )
        if isinstance(node, Reduce) and {item.name for s in node.scalars for item in items(s)} & missing:
            raise _fault(draft, f"{node.reduction.name}() reads a metric that may not exist")
        if isinstance(node, Reduce) and node.reduction.may_be_missing and node is not draft.expression:
            raise _fault(draft, f"{node.reduction.name}() may not exist: give it a line of its own")


def _rows_of(draft: Line) -> Iterator[str]:
    """Lines that it reads as whole rows: each is a row of periods, though all of them may be alike."""
    for node in walk(draft.expression):
        if isinstance(node, Reduce):
            yield from (item.name for item in itertools.chain(*map(items, node.rows)))


def _varies_itself(node: Node) -> bool:
    return isinstance(node, Lag) or (isinstance(node, Item) and node.kind in ("series", "shock"))


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


def walk(node: Node, *, into_rows: bool = True) -> Iterator[Node]:
    """The expression and everything in it; the rows of reductions only if wanted."""
    yield node
    below = node.scalars if isinstance(node, Reduce) and not into_rows else children(node)
    for child in below:
        yield from walk(child, into_rows=into_rows)


def items(node: Node) -> Iterator[Item]:
    """The items that an expression reads, lags and rows included."""
    return (found for found in walk(node) if isinstance(found, Item))
