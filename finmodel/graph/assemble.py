"""Assembling: line functions are called once, names resolved, units proved, order and shape found.

What comes out is a model: no name is undefined or defined twice, units agree, nothing depends on itself within a
period.
"""

from __future__ import annotations

import itertools
import keyword
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from finmodel.errors import ModelFault
from finmodel.graph.line import Cohort, Definition, Input, Member, Scope, Shock
from finmodel.graph.model import BLOCK, HIGHEST_COHORT, Line, Model, Part
from finmodel.graph.nodes import Lag, Node, Ref, lift
from finmodel.graph.order import order_of, stages_of
from finmodel.graph.resolve import Resolver
from finmodel.graph.shape import shaped
from finmodel.graph.timeline import Timeline
from finmodel.graph.units import parse


def assemble(
    parts: Sequence[Part],
    timeline: Timeline,
    cohorts: Mapping[str, Cohort] | None = None,
    inputs: Mapping[str, Input] | None = None,
) -> Model:
    """Build a model from modules of lines, then single lines that add to or replace theirs.

    Parameters
    ----------
    cohorts
        By name the names of their members, or their traits by name; for a cohort without members its lines and inputs
        do not exist.

    Raises
    ------
    ModelFault
        A circle within a period, an undefined name, units that do not agree, a line defined twice, Python's `if` on a
        line, one line lagged with two openings: naming line, file and row.
    """
    members = {name: _members(name, cohort) for name, cohort in (cohorts or {}).items()}
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
    resolver.declare_inputs(expanded, declared, members)
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
    lines = shaped(drafts)
    return Model(
        timeline=timeline,
        cohorts=MappingProxyType(members),
        inputs=MappingProxyType(expanded),
        idle_inputs=MappingProxyType(
            {name: value for name, value in declared.items() if not all(members[each] for each in value.dimensions)}
        ),
        lines=MappingProxyType(lines),
        shocks=MappingProxyType(shocks),
        order=order,
        stage=MappingProxyType(stage),
        parts=tuple(parts),
        extra_inputs=MappingProxyType(dict(inputs or {})),
    )


def extended(model: Model, *definitions: Definition, inputs: Mapping[str, Input] | None = None) -> Model:
    """A new model in which these lines are added, or replace those of the same name.

    Raises
    ------
    ModelFault
        As `assemble`; and where one line is given twice.
    """
    for place, definition in enumerate(definitions):
        if definition.name in {other.name for other in definitions[:place]}:
            raise _fault(definition, "is given twice")
    cohorts = {name: {str(member): member.traits for member in group} for name, group in model.cohorts.items()}
    return assemble((*model.parts, *definitions), model.timeline, cohorts, {**model.extra_inputs, **(inputs or {})})


NAMING = "use letters, digits and underscores, a letter first, and no word of Python's own or of m's"


def _is_name(name: str) -> bool:
    """Whether `m.name` can be written and means this name: Python reads identifiers in Unicode's normal form KC."""
    written = name.isidentifier() and not name.startswith("_") and not keyword.iskeyword(name)
    return written and unicodedata.normalize("NFKC", name) == name and name not in vars(Scope)


def _members(name: str, cohort: Cohort) -> tuple[Member, ...]:
    names = list(cohort)
    if len(names) > HIGHEST_COHORT or len(set(names)) < len(names):
        raise ModelFault(
            f"cohort '{name}' holds at most {HIGHEST_COHORT} members, of different names, found {len(names)}: {names}"
        )
    for member in names:
        if not member.isidentifier() or member in BLOCK:
            raise ModelFault(f"'{member}' cannot name a member of cohort '{name}': use letters, digits and underscores")
    return Member.all_of(cohort)


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
        for dimension in value.dimensions:
            if dimension not in members:
                raise ModelFault(f"input '{name}' is given for each '{dimension}', which the structure does not have")
        for combination in itertools.product(*(members[dimension] for dimension in value.dimensions)):
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
    except KeyError as fault:
        raise _fault(definition, f"reads {fault}, which is no trait of its member or no key of a table") from fault
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
