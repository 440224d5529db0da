"""Replay: what the live model finds on a shown trial beside what the simulation found on the same path.

The two are comparable while nothing was edited and the scenario that was simulated is chosen.
"""

from __future__ import annotations

from finmodel.graph.model import Model
from finmodel.graph.nodes import Item, Reduce
from finmodel.render.constants import Constants
from finmodel.render.excel import Rendered, first_sentence
from finmodel.render.sheet import MISSING, WHOLE, Sheet, Style, address, fit_columns, number_format
from finmodel.render.term import Term, lift, text
from finmodel.report.checks import TOLERANCE, Comparison, gross
from finmodel.report.figures import Inputs
from finmodel.report.layout import KEY, LIVE, NOTE, SHOWN, SHOWN_BASE, TRIAL, heads
from finmodel.report.trials import Trials

REPLAY = "Replay"
STORED, SIZE, APART, UNIT = range(LIVE + 1, LIVE + 5)
TRIAL_ROW, PATH_ROW, STATE_ROW, FACTS, HEAD = 2, 3, 4, 6, 12
COMPARABLE, NOT_COMPARABLE, NOTHING = "comparable", "not comparable", "no trial is shown"


def replayed(
    model: Model,
    rendered: Rendered,
    inputs: Inputs,
    trials: Trials,
    constants: Constants,
    simulated: str,
    changes: Term,
) -> tuple[Sheet, Comparison]:
    """The sheet, and its check.

    Parameters
    ----------
    simulated
        The scenario that was simulated, as the dropdown says it.
    changes
        How many figures are not those that were exported.
    """
    sheet = Sheet(REPLAY, frozen=(HEAD + 1, 0))
    _facts(sheet, inputs, trials, simulated, changes)
    tolerance = constants.named("tolerance of a check", TOLERANCE, "1", "Share of the size of what is compared.")
    heads(
        sheet,
        HEAD,
        ("Key", "What it is", "Live", "Simulated", "Size", "Apart", "Unit"),
        ("Live", "Simulated", "Size", "Apart"),
    )
    shown = address(FACTS, LIVE, fixed=True)
    for row, name in enumerate(model.metrics, HEAD + 1):
        line, live = model.lines[name], rendered.numbers[name]
        style = Style("formula", number_format(line.unit, [live.value] if isinstance(live.value, float) else []))
        cells = {column: address(row, column) for column in (LIVE, STORED, SIZE)}
        sheet.text(row, KEY, name, "key")
        sheet.text(row, NOTE, first_sentence(line.note), "wrapped")
        sheet.formula(row, LIVE, live.text, live.stored, style)
        sheet.formula(row, STORED, f"IF({shown}>0,{trials.of_shown(name)},{cells[LIVE]})", live.stored, style)
        size = _size(model, rendered, name)
        sheet.formula(row, SIZE, size.text, size.number, style)
        both = f"AND(ISNUMBER({cells[LIVE]}),ISNUMBER({cells[STORED]}))"
        within = f"ABS({cells[LIVE]}-{cells[STORED]})<={tolerance}*{cells[SIZE]}"
        alike = f"IF({cells[LIVE]}={cells[STORED]},0,1)"
        sheet.formula(row, APART, f"IF({both},IF({within},0,1),{alike})", 0.0, Style("check", "0"))
        sheet.text(row, UNIT, line.unit, "unit")
    sheet.widths[0, 0] = 2.0
    fit_columns(sheet, KEY, KEY, 14.0, 44.0, from_row=HEAD)
    sheet.widths[NOTE, NOTE] = 70.0
    fit_columns(sheet, LIVE, APART, 14.0, 28.0, from_row=HEAD)
    fit_columns(sheet, UNIT, UNIT, 10.0, 20.0, from_row=HEAD)
    apart = Term(f"{REPLAY}!{address(FACTS + 4, LIVE, fixed=True)}", 0.0)
    note = "The live metrics are those that the simulation found on the shown trial's path, where comparable."
    return sheet, Comparison("replay", note, "1", apart, lift(0))


def _facts(sheet: Sheet, inputs: Inputs, trials: Trials, simulated: str, changes: Term) -> None:
    """Which trial is shown, and whether it can be compared."""
    says: dict[int, tuple[str, str, str, float | str]] = {
        TRIAL_ROW: (
            "Trial",
            f"Choose it at {TRIAL.replace('$', '')}; each row of the sheet Trials is one.",
            TRIAL,
            0.0,
        ),
        PATH_ROW: ("Path", "Its number in the simulation.", f'IF({SHOWN}>0,{trials.path_shown},"{MISSING}")', MISSING),
    }
    for row, (key, note, formula, value) in says.items():
        sheet.text(row, KEY, key, "subtitle")
        sheet.text(row, NOTE, note, "wrapped")
        sheet.formula(row, LIVE, formula, value, Style("formula", WHOLE))
    shown, same, edits, comparable = (address(FACTS + place, LIVE, fixed=True) for place in range(4))
    base = f"{inputs.chosen}={text(simulated).text}"
    if simulated == SHOWN_BASE:  # which an empty cell means too
        base = f'OR({base},{inputs.chosen}="")'
    last = HEAD + len(trials.model.metrics)
    apart = f"SUM({address(HEAD + 1, APART, fixed=True)}:{address(last, APART, fixed=True)})"
    rows: tuple[tuple[str, str, str, float], ...] = (
        ("a trial is shown", "1 where the trial's number is not 0.", SHOWN, 0.0),
        ("the simulated scenario", f"1 while '{simulated}' is chosen.", f"IF({base},1,0)", 1.0),
        (
            "figures changed",
            "Figures that are not those exported; typed shocks.",
            changes.text,
            changes.number,
        ),
        (COMPARABLE, "1 where all of these allow it.", f"IF(AND({shown}>0,{same}>0,{edits}=0),1,0)", 0.0),
        ("metrics apart", "Metrics that differ by more than a check allows.", f"IF({comparable}>0,{apart},0)", 0.0),
    )
    for place, (key, note, formula, value) in enumerate(rows, FACTS):
        sheet.text(place, KEY, key)
        sheet.text(place, NOTE, note, "wrapped")
        sheet.formula(place, LIVE, formula, value, Style("formula", "0"))
    agrees = f'IF({address(FACTS + 4, LIVE, fixed=True)}>0,"differs","agrees")'
    otherwise = f'IF({shown}>0,"{NOT_COMPARABLE}","{NOTHING}")'
    sheet.text(STATE_ROW, KEY, "Live and simulated", "subtitle")
    sheet.text(STATE_ROW, NOTE, "Not comparable after an edit or under another scenario.", "wrapped")
    sheet.formula(STATE_ROW, LIVE, f"IF({comparable}>0,{agrees},{otherwise})", NOTHING, Style("said"))


def _size(model: Model, rendered: Rendered, name: str) -> Term:
    """The size that a metric is held against: of a total the gross flows, else its own."""
    match model.lines[name].expression:
        case Reduce(reduction=reduction, rows=(Item(name=row),)) if reduction.name == "total":
            return gross(rendered.rows[row].whole)
    live = rendered.numbers[name]  # which may be missing now and there on another path, or the other way round
    size = abs(live.value) if isinstance(live.value, float) else 0.0
    return Term(f"IF(ISNUMBER({live.text}),ABS({live.text}),0)", size)
