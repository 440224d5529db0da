"""From what a workbook is written, and its cover: what it is, how to read it, where to find what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Protocol

from finmodel.assumptions.bind import Binding
from finmodel.assumptions.book import Book
from finmodel.assumptions.figure import GRADES
from finmodel.graph.model import Model
from finmodel.render.constants import CONSTANTS
from finmodel.render.plain import Evaluation
from finmodel.render.sheet import Kind, Sheet, Style
from finmodel.render.workings import CALCULATIONS, INPUT_SERIES, TIMING, WORKINGS
from finmodel.report.figures import INPUTS, Inputs
from finmodel.report.layout import CHECKS, KEY, LIVE, NOTE
from finmodel.report.pages import RETURNS, SIMULATION, SOURCES
from finmodel.report.painting import link_to
from finmodel.version import __version__

COVER = "Cover"
CONTENTS = {
    INPUTS: "Every figure: live, base and scenarios, bounds, range, grade, date, source. Choose the scenario here.",
    CONSTANTS: "Numbers that are no figures of the case: factors between units, the shape of time, tolerances.",
    INPUT_SERIES: "Shocks by month, which the model reads; type one to see what it does.",
    TIMING: "The timeline.",
    CALCULATIONS: "Other line items.",
    WORKINGS: "Helper rows and tables of the metrics that a sheet has no safe function for.",
    RETURNS: "The metrics, live.",
    SIMULATION: "Snapshot of a Monte Carlo simulation.",
    "Replay": "The metrics of a shown trial, live and as simulated.",
    "Trials": "Paths of the simulation that can be shown, with their metrics and inputs.",
    "Draws": "Their shocks by month.",
    CHECKS: "What must hold, with tolerances.",
    SOURCES: "Title, publisher, date and address of every source that a figure cites.",
}
CONVENTIONS = (
    "Costs and revenues are positive in their own lines; cash-flow lines carry the sign, inflow positive.",
    "Money is nominal unless a line says real. A flow falls at the end of its period, the month that heads its column.",
    "Period 0 is financial close, a point in time; the column Opening holds what lags read before it.",
    "Beside each annual rate stands whether it compounds (effective) or not (simple); rates of return are effective "
    "annual rates unless they say per period.",
    "A metric that does not exist shows 'none', and so does whatever reads it.",
    "Each figure has a grade: primary (the publisher of the fact itself), secondary (somebody who reports it), "
    "estimate (a judgement).",
)
LEGEND: tuple[tuple[Kind, str], ...] = (
    ("input", "a figure or a shock: change it"),
    ("fixed", "a number that the structure of the model fixes: a new structure is a new case"),
    ("formula", "a formula"),
    ("master", "a check; red when it fails"),
)


class Case(Protocol):
    """From what a workbook is written."""

    @property
    def name(self) -> str:
        """The name of the case's file."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def book(self) -> Book:
        """The figures and their sources."""

    @property
    def model(self) -> Model:
        """The lines."""

    @property
    def binding(self) -> Binding:
        """Figures bound to inputs."""

    @property
    def scenario_name(self) -> str:
        """The scenario that is shown first."""

    @property
    def fixed(self) -> Mapping[str, float]:
        """Figures set by hand."""

    @property
    def values(self) -> Mapping[str, float]:
        """The inputs under that scenario."""

    @property
    def grades(self) -> Mapping[str, str]:
        """The weakest grade of evidence behind each metric."""

    def evaluate(self) -> Evaluated:
        """Compute it."""


class Evaluated(Protocol):
    """A case computed."""

    @property
    def path(self) -> Evaluation:
        """Every line."""


def cover_sheet(
    case: Case,
    inputs: Inputs,
    sheets: Sequence[str],
    notes: Mapping[str, str],
    date: dt.date,
    snapshots: Sequence[str] = (),
) -> Sheet:
    """What the workbook is, its contents, its conventions, its colours."""
    sheet = Sheet(COVER)
    timeline = case.model.timeline
    length = {12: "months", 4: "quarters", 2: "half-years", 1: "years"}[timeline.per_year]
    row = 3

    def section(words: str) -> None:
        nonlocal row
        sheet.text(row, 0, words, "section")
        row += 1

    def fact(label: str, words: str) -> None:
        nonlocal row
        sheet.text(row, KEY, label)
        sheet.text(row, NOTE, words, "wrapped")
        row += 1

    section("What this is")
    if case.book.description:
        fact("Case", " ".join(case.book.description.split()))
    sheet.text(row, KEY, "Scenario shown")
    shown = case.scenario_name if case.scenario_name in inputs.scenarios else "Base"
    sheet.formula(row, NOTE, f'IF({inputs.chosen}="","Base",{inputs.chosen})', shown, Style("said"))
    row += 1
    fact("Scenarios", ", ".join(("Base", *inputs.scenarios)))
    fact("Timeline", f"{timeline.periods} {length} after financial close on {timeline.close.isoformat()}")
    fact("Currency", f"USD, and {case.book.currency} as the region's own ('local')")
    fact("Made by", f"finmodel {__version__}, {date.isoformat()}")
    fact("Figures", f"SHA-256 {case.book.fingerprint}")
    if case.fixed:
        fact("Set by hand", ", ".join(f"{name} = {value:.10g}" for name, value in case.fixed.items()))
    for words in snapshots:
        fact("Snapshot", f"{words[:1].upper()}{words[1:]} (from another run, as the book had it; no formula)")
    row += 1
    section("Contents")
    for name in sheets:
        sheet.text(row, KEY, name, "link")
        sheet.links[row, KEY] = link_to(name)
        sheet.text(row, NOTE, notes.get(name) or CONTENTS[name], "wrapped")
        row += 1
    row += 1
    section("Conventions")
    for words in CONVENTIONS:
        sheet.text(row, NOTE, words, "wrapped")
        row += 1
    row += 1
    section("Grades of the figures")
    for grade in GRADES:
        sheet.text(row, KEY, grade)
        count = sum(figure.grade == grade for figure in case.binding.figures(None, case.fixed).values())
        sheet.formula(row, NOTE, f'COUNTIF({inputs.grades},"{grade}")', float(count), Style("said", "0"))
        row += 1
    row += 1
    section("Colours")
    for kind, words in LEGEND:
        sheet.text(row, KEY, kind if kind != "master" else "check", kind)
        sheet.text(row, NOTE, words[:1].upper() + words[1:] + ".", "wrapped")
        row += 1
    sheet.widths = {(0, 0): 2.0, (KEY, KEY): 22.0, (NOTE, NOTE): 100.0, (LIVE, LIVE): 26.0}
    return sheet
