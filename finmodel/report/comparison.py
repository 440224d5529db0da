"""The workbook of a comparison: cases side by side, their numbers as they were, what differs between them as formulas.

The mean of simulated differences is a number as it was too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from finmodel.render.sheet import Kind, Sheet
from finmodel.report.compare import Comparison
from finmodel.report.comparison_charts import CHARTS, charts_sheet
from finmodel.report.comparison_tables import (
    FIGURES,
    METRICS,
    SIMULATION,
    SOURCES,
    STRUCTURE,
    figures_sheet,
    metrics_sheet,
    simulation_sheet,
    sources_sheet,
    structure_sheet,
)
from finmodel.report.comparison_years import ANNUAL, Annual, checks_sheet
from finmodel.report.cover import COVER
from finmodel.report.layout import CHECKS, KEY, LIVE, NOTE, top
from finmodel.report.painting import link_to, paint
from finmodel.report.side import Side
from finmodel.version import __version__

CONTENTS = {
    METRICS: "Every metric of the base cases, with differences to the first case.",
    CHARTS: "Lines by calendar year, a chart each.",
    ANNUAL: "Lines by calendar year, with differences to the first case.",
    FIGURES: "The figures that differ: value, range, grade and source in each case.",
    STRUCTURE: "What differs in what builds the models.",
    SIMULATION: "Means over common paths, and differences path by path with 95 % intervals.",
    CHECKS: "That the years add up, with tolerances.",
    SOURCES: "Title, publisher, date and address of the sources behind the figures that differ.",
}
CONVENTIONS = (
    "Differences and totals are formulas, but for simulated means of differences; the numbers of each case are "
    "snapshots of that case under its scenario. "
    "The case's own workbook has the live model behind them: change a figure there, or compare again.",
    "A difference is a case less the first one; its share is of the first one's size, whatever its sign.",
    "A metric that does not exist shows 'none', a figure that a case does not have 'absent'; a difference to either "
    "is 'none', and so is one between unlike units.",
    "Years are calendar years, whenever a case closes: a flow counts in the year in which its period ends, a level is "
    "that of the last period to end in the year. A year outside of a case's horizon is empty and counts as 0 in a "
    "difference.",
    "Costs and revenues are positive in their own lines; cash-flow lines carry the sign, inflow positive.",
    "Money is nominal unless a line says real; local money is named by its currency.",
    "Rates of return are effective annual rates unless they say per period.",
)
OF_THE_SIMULATION = (
    "A simulated difference is the mean of what a path has more in the case than in the first one, on common random "
    "numbers and over the paths that have the metric in both; it need not be the difference of the means. From and To "
    "are the ends of its 95 % interval.",
)
LEGEND: tuple[tuple[Kind, str, str], ...] = (
    ("fixed", "snapshot", "a number of a case as it was, no formula"),
    ("formula", "formula", "a formula"),
    ("master", "check", "a check; red when it fails"),
)
LONGEST_LABEL, CUT = 48, 40
LENGTHS = {12: "months", 4: "quarters", 2: "half-years", 1: "years"}


def write(path: Path, comparison: Comparison, *, today: dt.date | None = None) -> None:
    """Write a comparison as a workbook.

    Parameters
    ----------
    today
        The date that the workbook carries; today's unless given.

    Raises
    ------
    Faults
        Where a text of a case is too long for a cell.
    OutputFault
        Where the file cannot be written.
    """
    date = today or dt.date.today()
    paint(path, sheets(comparison, date), title=_title(_briefly_named(comparison)), version=__version__, written=date)


def sheets(comparison: Comparison, date: dt.date) -> list[Sheet]:
    """The sheets in order."""
    comparison = _briefly_named(comparison)
    found = {METRICS: metrics_sheet(comparison)}
    annual = Annual(comparison)
    if annual.rows:
        found[CHARTS] = charts_sheet(annual)
        found[ANNUAL] = annual.sheet
    found[FIGURES] = figures_sheet(comparison)
    found[STRUCTURE] = structure_sheet(comparison)
    if comparison.paired is not None:
        found[SIMULATION] = simulation_sheet(comparison, comparison.paired)
    if annual.rows:
        found[CHECKS] = checks_sheet(annual)
    found[SOURCES] = sources_sheet(comparison)
    cover = _cover(comparison, found, date)
    subtitle = _title(comparison)
    for name, sheet in found.items():
        _top(sheet, name, subtitle, NOTE, found)
    _top(cover, "Comparison", subtitle, LIVE, found)
    return [cover, *found.values()]


def _briefly_named(comparison: Comparison) -> Comparison:
    """The same with labels that fit a heading; what is set by hand stands on the cover in full."""
    sides = [
        side if len(side.label) <= LONGEST_LABEL else replace(side, label=f"{side.label[:CUT].rstrip(', ')}… ({place})")
        for place, side in enumerate(comparison.sides, 1)
    ]
    return replace(comparison, sides=tuple(sides))


def _top(sheet: Sheet, title: str, subtitle: str, master: int, found: Mapping[str, Sheet]) -> None:
    """Title and cases, and the master check where there are checks."""
    if CHECKS in found:
        top(sheet, title, subtitle, master, passes=found[CHECKS].cells[2, LIVE].content == 0)
    else:
        sheet.text(0, 0, title, "title")
        sheet.text(1, 0, subtitle, "subtitle")


def _title(comparison: Comparison) -> str:
    """The cases in a line, as many as fit."""
    first, *others = comparison.labels
    words = f"{first} beside {', '.join(others)}" if others else first
    return words if len(words) <= 200 else f"{first} beside {len(others)} others"


def _cover(comparison: Comparison, found: Mapping[str, Sheet], date: dt.date) -> Sheet:
    """What the workbook is, its cases, contents, conventions and colours."""
    sheet = Sheet(COVER)
    row = 3

    def section(words: str) -> None:
        nonlocal row
        row += row > 3
        sheet.text(row, 0, words, "section")
        row += 1

    def fact(label: str, words: str, kind: Kind = "text") -> None:
        nonlocal row
        sheet.text(row, KEY, label, kind)
        sheet.text(row, NOTE, words, "wrapped")
        row += 1

    section("What this is")
    fact("Cases", f"{len(comparison.sides)}, side by side; differences are to the first, {comparison.labels[0]}.")
    fact("Made by", f"finmodel {__version__}, {date.isoformat()}")
    if comparison.paired is not None:
        drawn = comparison.paired
        fact("Simulation", f"{drawn.paths:,} common paths, seed {drawn.seed}, design {drawn.design}")
    section("Cases")
    for side in comparison.sides:
        fact(side.label, _facts(side), "wrapped")
    section("Contents")
    for name in found:
        sheet.links[row, KEY] = link_to(name)
        fact(name, CONTENTS[name], "link")
    section("Conventions")
    for words in (*CONVENTIONS, *(OF_THE_SIMULATION if SIMULATION in found else ())):
        fact("", words)
    section("Colours")
    for kind, label, words in LEGEND:
        if kind != "master" or CHECKS in found:
            fact(label, f"{words[:1].upper()}{words[1:]}.", kind)
    sheet.widths = {(0, 0): 2.0, (KEY, KEY): 34.0, (NOTE, NOTE): 100.0, (LIVE, LIVE): 26.0}
    return sheet


def _facts(side: Side) -> str:
    line = side.timeline
    when = f"{line.periods} {LENGTHS[line.per_year]} after financial close on {line.close.isoformat()}"
    money = f"local currency {side.currency}"
    by_hand = f"\nSet by hand: {found}" if (found := _by_hand(side)) else ""
    return f"{side.title}\n{when}; {money}; figures SHA-256 {side.fingerprint[:16]}{by_hand}"


def _by_hand(side: Side) -> str:
    fixed = (figure for figure in side.figures.values() if figure.fixed)
    return ", ".join(f"{figure.name} = {figure.value:.10g}" for figure in fixed)
