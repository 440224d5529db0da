"""A case's file with figures that somebody changed elsewhere: each an estimate that says what it was before.

All else stays as it was written, but for ends of lines, which are LF. A figure of the base is stated among the case's
own figures, one of a scenario under `scenario_figures`; a range goes with the figure that it was around, and so does a
correlation that needs it.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from finmodel.assumptions.amounts import Converter
from finmodel.assumptions.bind import Binding
from finmodel.assumptions.book import BASE
from finmodel.assumptions.bound import BoundFigure, quantity
from finmodel.assumptions.reading import parsed
from finmodel.assumptions.splice import REMOVED, spliced
from finmodel.errors import Faults


@dataclass(frozen=True)
class Edit:
    """A figure that was changed.

    Attributes
    ----------
    scenario
        `base`, or the scenario under which it was changed.
    was, value
        In `unit`, the input's; None where the scenario left or leaves the figure as the base has it.
    note
        Why; what it was before is added.
    by_hand
        Whether `was` is a figure set by hand, of which no file says anything.
    stated
        Whether nobody changed it in the workbook: what was set by hand goes into the file as it is.
    """

    name: str
    scenario: str
    was: float | None
    value: float | None
    unit: str
    note: str
    by_hand: bool = False
    stated: bool = False


@dataclass(frozen=True)
class Rewritten:
    """The text of a case's file after edits.

    Attributes
    ----------
    certain
        Inputs that lost their range.
    uncorrelated
        Pairs of inputs whose correlation went with it.
    """

    text: str
    certain: tuple[str, ...] = ()
    uncorrelated: tuple[str, ...] = ()


def rewritten(binding: Binding, edits: Sequence[Edit], file: str, as_of: str, comments: Iterable[str]) -> Rewritten:
    """The text of the case's file with edits in it.

    Parameters
    ----------
    file
        As a fault names it.
    as_of
        The month of the edits, YYYY-MM.
    comments
        Lines that go to the top of the file as comments.

    Raises
    ------
    Faults
        Where its text cannot be changed so.
    """
    book = binding.book
    document, faults = parsed(book.text, file)
    if document is None:
        raise Faults(faults)
    plain = document.plain()
    own = plain.get("figures") or {}
    scenario_figures = plain.get("scenario_figures") or {}
    wanted: dict[str, Any] = {}
    for edit in edits:
        before = binding.by_scenario[edit.scenario][edit.name]
        if edit.scenario == BASE:
            stated = own.get(edit.name)
            wanted.setdefault("figures", {})[edit.name] = _figure(edit, before, stated, as_of, binding)
        else:
            stated = (scenario_figures.get(edit.scenario) or {}).get(edit.name)
            entry = None if edit.value is None else _figure(edit, before, stated, as_of, binding)
            wanted.setdefault("scenario_figures", {}).setdefault(edit.scenario, {})[edit.name] = entry
    certain = _certain(binding, edits)
    gone = [
        place
        for place, pair in enumerate(plain.get("correlations") or ())
        if isinstance(pair, dict) and set(pair.get("between") or ()) & certain
    ]
    text = spliced(book.text, wanted, file, {"correlations": set(gone)} if gone else None)
    rows = "".join(f"# {line}\n" for comment in comments for line in _printable(comment))
    pairs = tuple(" ~ ".join(plain["correlations"][place]["between"]) for place in gone)
    return Rewritten(rows + text, tuple(name for name in binding.uncertain if name in certain), pairs)


def _printable(comment: str) -> list[str]:
    return ["".join(mark if mark.isprintable() else " " for mark in line).rstrip() for line in comment.splitlines()]


def _certain(binding: Binding, edits: Iterable[Edit]) -> set[str]:
    """Inputs that have no range left under any scenario."""
    edited = {(edit.scenario, edit.name) for edit in edits}
    based = {edit.name for edit in edits if edit.scenario == BASE}

    def keeps(scenario: str, name: str) -> bool:
        figure = binding.by_scenario[scenario][name]
        own = figure.change is None and figure is not binding.by_scenario[BASE][name]
        return (scenario, name) not in edited and figure.range is not None and (own or name not in based)

    names = {edit.name for edit in edits} & set(binding.uncertain)
    return {name for name in names if not any(keeps(scenario, name) for scenario in binding.scenarios)}


def _figure(edit: Edit, before: BoundFigure, stated: Any, as_of: str, binding: Binding) -> dict[str, Any]:
    """What the file is to say of a figure, in the unit in which it said it."""
    value, unit = float(edit.value or 0.0), edit.unit
    if isinstance(stated, dict) and isinstance(stated.get("unit"), str) and _is_number(stated.get("value")):
        value, unit = _in_unit(value, stated["unit"], edit.unit, binding)
    told = {
        "value": value,
        "unit": unit,
        "as_of": as_of,
        "grade": "estimate",
        "note": f"{edit.note}{_was(edit, before)}.",
    }
    others = [key for key in stated or () if key not in told] if isinstance(stated, dict) else []
    return {**told, **dict.fromkeys(others, REMOVED)}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _in_unit(value: float, unit: str, of_input: str, binding: Binding) -> tuple[float, str]:
    """A number in another unit, such that it is read back as the same; else as it is, in the input's."""
    converter = Converter(binding.book.currency, binding.book.structure.close)
    back = converter.scale(unit, of_input)
    near = value / back(1.0)
    digits = (float(f"{near:.{count}g}") for count in (12, 15, 16, 17))
    tried = (*digits, math.nextafter(near, math.inf), math.nextafter(near, -math.inf))
    found = next((one for one in tried if back(one) == value), None)
    return (value, of_input) if found is None else (found, unit)


def _was(edit: Edit, before: BoundFigure) -> str:
    """What the figure was, and on what it rested."""
    if edit.was is None:
        return ": was as in the base"
    if edit.by_hand:
        return f": was {quantity(f'{edit.was:,.12g}', edit.unit)} (set by hand)"
    figure, change = before.figure, before.change
    was = quantity(f"{edit.was:,.12g}", edit.unit)
    if change is None and not isinstance(figure.value, datetime.date):
        was = quantity(f"{figure.value:,.12g}", figure.unit) if before.value == edit.was else was
    elif change is None:
        was = f"{figure.value} ({was})"
    source = f"{figure.source}, " if figure.source else ""
    if change is None:
        return f": was {was} ({source}{figure.grade}, {figure.as_of})"
    by = f"times {change.times:.12g}" if change.times is not None else f"plus {change.plus:.12g} {change.unit}"
    of_change = f"{change.source}, " if change.source else ""
    return f": was {was} ({by}; {of_change}{change.grade})"
