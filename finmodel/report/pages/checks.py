"""The page of checks: what must hold, found twice, and the master check."""

from __future__ import annotations

from collections.abc import Sequence

from finmodel.render.constants import Constants
from finmodel.render.sheet import Sheet, Style, address, fit_columns, number_format
from finmodel.render.term import Term, call, lift, text
from finmodel.render.workings import HEAD, TOP
from finmodel.report.checks import TOLERANCE, Comparison
from finmodel.report.figures import Inputs
from finmodel.report.layout import CHECKS, KEY, LIVE, NOTE, TRIAL, heads
from finmodel.report.trials import NUMBER, ROWS, TRIALS

CHECK_HEADS = ("Key", "What must hold", "Fails", "One way", "Other way", "Size", "Apart", "Allowed", "Unit")


def checks_sheet(
    checks: Sequence[Comparison], reports: Sequence[tuple[str, str, Term]], inputs: Inputs, constants: Constants
) -> Sheet:
    """Each check with what it compares and what it allows; the number that fail is the master check.

    Below stands what is no fault, but worth knowing.
    """
    sheet = Sheet(CHECKS, frozen=(TOP, 0))
    heads(sheet, TOP - 1, CHECK_HEADS, CHECK_HEADS[2:-1])
    one, other, size, apart, allowed, unit = range(LIVE + 1, LIVE + 7)
    tolerance = constants.named("tolerance of a check", TOLERANCE, "1", "Share of the size of what is compared.")
    failing = 0.0
    for row, check in enumerate((*_of_inputs(inputs), *checks), TOP):
        left, right, scale = check.left, check.right, check.scale
        gap = abs(left.number - right.number) / (scale.number or 1.0)
        number = number_format(check.unit, [left.number, right.number])
        sheet.text(row, KEY, check.key, "key")
        sheet.text(row, NOTE, check.note, "wrapped")
        sheet.formula(row, one, left.text, left.number, Style("formula", number))
        sheet.formula(row, other, right.text, right.number, Style("formula", number))
        sheet.formula(row, size, scale.text, scale.number, Style("formula", number_format(check.unit, [scale.number])))
        cells = {column: address(row, column) for column in (one, other, size, apart, allowed)}
        ways = f"ABS({cells[one]}-{cells[other]})"
        sheet.formula(row, apart, f"IF({cells[size]}>0,{ways}/{cells[size]},{ways})", gap, Style("formula", "0.0E+00"))
        sheet.formula(row, allowed, tolerance, TOLERANCE, Style("formula", "0.0E+00"))
        fails = f"IF(ISERROR({cells[apart]}),1,IF({cells[apart]}<={cells[allowed]},0,1))"
        sheet.formula(row, LIVE, fails, float(gap > TOLERANCE), Style("check", "0"))
        sheet.text(row, unit, check.unit, "unit")
        failing += gap > TOLERANCE
    sheet.text(2, NOTE, "Checks that fail")
    all_of_them = f"{address(TOP, LIVE)}:{address(sheet.last_row, LIVE)}"
    sheet.formula(2, LIVE, f"SUM({all_of_them})", float(failing), Style("check", "0"))
    if reports:
        first = sheet.last_row + 2
        sheet.text(first, 0, "No faults, but worth knowing", "section")
        for row, (key, note, term) in enumerate(reports, first + 1):
            sheet.text(row, KEY, key, "key")
            sheet.text(row, NOTE, note, "wrapped")
            answer = call("IF", term > 0, text("yes"), text("no"))
            sheet.formula(row, LIVE, answer.text, answer.stored, Style("formula"))
    sheet.widths[0, 0] = 2.0
    fit_columns(sheet, KEY, KEY, 14.0, 40.0, from_row=HEAD)
    sheet.widths[NOTE, NOTE] = 70.0
    fit_columns(sheet, LIVE, unit, 9.0, 24.0, from_row=HEAD)
    return sheet


def _of_trial(count: int) -> Comparison:
    ends = f"{TRIALS}!{address(ROWS, NUMBER, fixed=True)}:{address(ROWS + count - 1, NUMBER, fixed=True)}"
    whole = f"AND(ISNUMBER({TRIAL}),{TRIAL}=INT({TRIAL}),{TRIAL}>=0,{TRIAL}<=ROWS({ends}))"
    flag = Term(f'IF({TRIAL}="",0,IF({whole},0,1))', 0.0)
    return Comparison("trial", "The trial is one of those on the sheet Trials, or 0.", "1", flag, lift(0))


def _of_inputs(inputs: Inputs) -> tuple[Comparison, ...]:
    unknown = call("IF", call("ISERROR", Term(inputs.column_of_chosen, 1.0)), 1, 0)
    within = Term(f"MIN({inputs.in_bounds})", 1.0)
    trial = () if inputs.trials is None else (_of_trial(len(inputs.trials)),)
    return (
        *trial,
        Comparison("scenario", "The chosen scenario is one of the list.", "1", unknown, lift(0)),
        Comparison("bounds", "Every base figure is a number, every figure within its bounds.", "1", within, lift(1)),
    )
