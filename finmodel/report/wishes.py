"""What changed cells of a workbook ask of its case: figures, under which scenario; what is at fault about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from finmodel.assumptions.book import BASE
from finmodel.assumptions.bound import allowed, quantity, within
from finmodel.assumptions.edited import Edit
from finmodel.errors import Fault, Faults, nearest
from finmodel.graph.line import Input
from finmodel.render.sheet import Sheet
from finmodel.render.workings import INPUT_SERIES
from finmodel.report import layout
from finmodel.report.cover import Case
from finmodel.report.figures import CHOSEN, HEAD, INPUTS, SHOWN_TRIAL
from finmodel.report.layout import KEY, LIVE, SHOWN_BASE
from finmodel.report.opened import Formula
from finmodel.report.returned import Change, shown


@dataclass
class Wishes:
    """What the changed cells ask for.

    Attributes
    ----------
    figures
        By scenario and input, the new number; None for a scenario's cell that was cleared.
    scenario
        The one that is chosen.
    ignored
        What has no place in a case and does no harm, in words.
    """

    scenario: str
    figures: dict[tuple[str, str], float | None] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)


def wishes(case: Case, changes: Sequence[Change], sheets: Mapping[str, Sheet], file: str) -> Wishes:
    """Read the changed cells.

    Parameters
    ----------
    case
        As it was when the workbook was written.
    sheets
        Of that case, by name.

    Raises
    ------
    Faults
        Every cell that does not hold what it may hold.
    """
    found = Wishes(case.scenario_name)
    faults: list[Fault] = []
    for change in changes:
        if change.sheet == INPUTS and change.row > HEAD:
            faults += _figure(case.model.inputs, change, sheets[INPUTS], file, found)
        elif (change.sheet, change.row, change.column) == (INPUTS, CHOSEN, LIVE):
            faults += _scenario(case, change, file, found)
        elif (change.sheet, change.row, change.column) == (INPUTS, SHOWN_TRIAL, LIVE):
            found.ignored.append(f"{change.place}: trial {shown(change.found)} is shown, which changes no figure")
        else:
            faults.append(_without_place(change, sheets[change.sheet], file))
    if faults:
        raise Faults(faults)
    return found


def _figure(inputs: Mapping[str, Input], change: Change, sheet: Sheet, file: str, found: Wishes) -> Iterator[Fault]:
    name = str(sheet.cells[change.row, KEY].content)
    heading = str(sheet.cells[HEAD, change.column].content)
    scenario = BASE if change.column == layout.BASE else heading
    declared, key = inputs[name], f"{change.place} ({name}, {heading})"
    expected = f"a number of {declared.unit}" if declared.unit != "1" else "a number"
    value = change.found
    if value is None or value == "":
        if scenario == BASE:
            yield Fault("is empty", file, None, key, "nothing", expected, "type the figure: the model needs one")
        else:
            found.figures[scenario, name] = None
    elif isinstance(value, bool) or not isinstance(value, float | int):
        remedy = "type the number that it comes to" if isinstance(value, Formula) else "type a number"
        yield Fault("is no number", file, None, key, shown(value), expected, remedy)
    elif not within(declared, value, value):
        yield Fault("is out of bounds", file, None, key, quantity(value, declared.unit), allowed(declared))
    else:
        found.figures[scenario, name] = float(value)


def _scenario(case: Case, change: Change, file: str, found: Wishes) -> Iterator[Fault]:
    known = [SHOWN_BASE, *case.binding.scenarios[1:]]
    name = "" if change.found is None else str(change.found)
    chosen = next((one for one in known if one.casefold() == name.strip().casefold()), None)
    if not name.strip() or chosen == SHOWN_BASE:
        found.scenario = BASE
    elif chosen is not None:
        found.scenario = chosen
    else:
        near = nearest(name, known)
        remedy = f"perhaps '{near}' is meant" if near else None
        expected = f"one of {', '.join(known)}"
        yield Fault("is no scenario of the case", file, None, change.place, shown(change.found), expected, remedy)


def _without_place(change: Change, sheet: Sheet, file: str) -> Fault:
    """A cell that may be changed to see what it does, and that no case can hold."""
    named = sheet.cells.get((change.row, KEY))
    key = change.place + (f" ({named.content})" if named is not None else "")
    message = "is a shock: a case has no place for it" if change.sheet == INPUT_SERIES else "has no place in a case"
    return Fault(message, file, None, key, shown(change.found), shown(change.was), "put back what was there")


def edits(case: Case, found: Wishes, file: str, date: str, *, stated: bool) -> list[Edit]:
    """The edits that make the case's file say what the workbook says.

    A figure under a scenario that multiplies or adds to the base is kept where the base changed: the workbook holds its
    number.

    Parameters
    ----------
    stated
        Whether figures that were set by hand are to be stated in the file too; else those that were changed only.
    """
    binding, made = case.binding, dict[tuple[str, str], Edit]()
    base = binding.by_scenario[BASE]

    def edit(scenario: str, name: str, value: float | None, note: str, *, stated: bool = False) -> None:
        before = binding.by_scenario[scenario][name]
        was = before.value if scenario == BASE or before is not base[name] else None
        by_hand = name in case.fixed and not stated
        if by_hand:
            was = case.fixed[name] if scenario == BASE else None
        by_hand = by_hand and was is not None
        made[scenario, name] = Edit(name, scenario, was, value, before.unit, note, by_hand, stated)

    changed = dict.fromkeys(name for _, name in found.figures)
    by_hand = {name: value for name, value in case.fixed.items() if stated or name in changed}
    for name, number in by_hand.items():
        edit(BASE, name, number, f"Set by hand, as {file} of {date} has it", stated=True)
        for scenario in binding.scenarios[1:]:
            if binding.by_scenario[scenario][name] is not base[name]:
                edit(scenario, name, None, "", stated=True)
    for (scenario, name), value in found.figures.items():
        under = "" if scenario == BASE else f" under {scenario}"
        edit(scenario, name, value, f"Changed in {file} on {date}{under}")
    for scenario, name in [(s, n) for n in changed for s in binding.scenarios[1:] if (BASE, n) in made]:
        kept = binding.by_scenario[scenario][name]
        if kept.change is not None and (scenario, name) not in made:
            edit(scenario, name, kept.value, f"Kept as it stands in {file} of {date}, where the base changed")
    return list(made.values())
