"""From what a workbook is written, and its cover: what it is, how to read it, where to find what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, Self

from finmodel.assumptions.bind import Binding
from finmodel.assumptions.book import Book
from finmodel.assumptions.figure import GRADES
from finmodel.graph.model import Model
from finmodel.graph.outline import Page
from finmodel.render.constants import CONSTANTS
from finmodel.render.plain import Evaluation
from finmodel.render.sheet import Kind, Sheet, Style, address
from finmodel.render.term import text
from finmodel.render.workings import CALCULATIONS, INPUT_SERIES, TIMING, WORKINGS
from finmodel.report.annual import ANNUAL
from finmodel.report.dashboard import DASHBOARD
from finmodel.report.figures import INPUTS, SHOWN_TRIAL, Inputs
from finmodel.report.layout import BASE, CASE_FILE, CHECKS, FAILING, KEY, LIVE, NOTE
from finmodel.report.pages.glossary import GLOSSARY
from finmodel.report.pages.log import LOG
from finmodel.report.pages.returns import RETURNS
from finmodel.report.pages.scenarios import SCENARIOS
from finmodel.report.pages.sensitivity import SENSITIVITY
from finmodel.report.pages.simulation import SIMULATION
from finmodel.report.pages.sources import SOURCES
from finmodel.report.painting import link_to
from finmodel.report.replay import REPLAY
from finmodel.report.trials import DRAWS, TRIALS
from finmodel.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from finmodel.simulate.sensitivity.one_at_a_time import Tornado

COVER = "Cover"
CONTENTS = {
    LOG: "What was exported and by whom; room to write down changes; each figure that differs from the exported one.",
    SCENARIOS: "Each scenario: what it is, what it changes and why, what comes of it.",
    INPUTS: "Every figure: live, base and scenarios, bounds, range, grade, date, source. Choose the scenario here.",
    CONSTANTS: "Numbers that are no figures of the case: factors between units, the shape of time, tolerances.",
    INPUT_SERIES: "Shocks by month, which the model reads; type one to see what it does.",
    TIMING: "The timeline.",
    CALCULATIONS: "Other line items.",
    WORKINGS: "Helper rows and tables of the metrics that a sheet has no safe function for.",
    RETURNS: "Every metric, live, with the weakest grade of evidence behind it.",
    SIMULATION: "Snapshot of a Monte Carlo simulation: statistics, chances, losses, and the tables of its charts.",
    REPLAY: "The metrics of the trial that is shown, live and as simulated, and whether the two can be compared.",
    TRIALS: "Paths of the simulation, worst to best, any of which the live model can show; their metrics and inputs.",
    DRAWS: "Their shocks by month.",
    CASE_FILE: "The file of the case, which finmodel import reads.",
    SENSITIVITY: "Snapshot of what moves the net present value most.",
    ANNUAL: "The statements and key lines by tax year.",
    DASHBOARD: "The answer, key figures and charts on one page.",
    CHECKS: "What must hold, each found in two ways, with its tolerance; the master check counts those that fail.",
    SOURCES: "Title, publisher, date and address of every source that a figure cites.",
    GLOSSARY: "Words of project finance, data centres and simulation; the definition of every metric.",
}
"""What is on the sheets that are no pages of lines."""
CONVENTIONS = (
    ("Sign", "Costs and revenues are positive in their own lines; cash-flow lines carry the sign, inflow positive."),
    (
        "Time",
        "A flow falls at the end of its period, the month that heads its column. The same column is the same month "
        "on every sheet. Period 0 is financial close, a point in time; the column Opening holds what lags read before "
        "it.",
    ),
    ("Money", "Nominal unless a line says real; local money is turned into USD by exchange_rate."),
    (
        "Rates",
        "Beside each annual rate stands whether it compounds (effective) or not (simple). Discount, growth and "
        "inflation rates are effective annual rates, and so are rates of return unless they say per period; rates of "
        "loans are simple: a month bears a twelfth.",
    ),
    ("Missing", "A metric that does not exist shows 'none', and so does whatever reads it."),
    (
        "Numbers",
        "Formulas hold no number but 0 and 1; every other one has a cell with a name and a unit. Nothing is "
        "hidden, circular or volatile.",
    ),
)
LEGEND: tuple[tuple[Kind, str, str], ...] = (
    ("input", "Input", "A figure or a shock: change it."),
    ("entry", "Entry", "Room for your words, read by no formula."),
    ("fixed", "Fixed", "A number that the structure fixes, or one as it was when the workbook was written."),
    ("formula", "Formula", "Follows the inputs; read it, do not change it."),
    ("master", "Check", "Green while it holds, red when it fails."),
)
TABS = "Yellow: what you may change. Blue: the model. Green: what comes of it. Grey: about this workbook."
GRADES_MEAN = {
    "primary": "the publisher of the fact itself",
    "secondary": "somebody who reports it",
    "estimate": "a judgement",
}
LOCKED = (
    "All cells but inputs and entries are locked, without a password: that keeps a hand from slipping and is no "
    "security. Whoever wants to change a formula can (Review, Unprotect sheet); the workbook is then another model, "
    "and the way back refuses it."
)
WAY_BACK = (
    "Change figures on Inputs, save the file as .xlsx, and run 'finmodel import WORKBOOK': it says which figures "
    "differ and writes a case that keeps sources and comments. A formula that was deleted or changed, a row that was "
    "moved and a foreign workbook are refused, and the cells named."
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

    @property
    def own_lines(self) -> tuple[str, ...]:
        """Lines that were added or replaced from Python."""

    def evaluate(self) -> Evaluated:
        """Compute it."""

    def scenario(self, name: str) -> Self:
        """The case under one of its scenarios."""

    def tornado(self, metric: str) -> Tornado:
        """A metric with each uncertain input alone at two percentiles."""

    def fan(self, *lines: str, paths: int, seed: int, design: str) -> pd.DataFrame:
        """Percentiles of lines by period."""


class Evaluated(Protocol):
    """A case computed."""

    @property
    def path(self) -> Evaluation:
        """Every line."""


def contents(pages: Sequence[Page]) -> dict[str, str]:
    """What is on each sheet that there may be, in a sentence."""
    return CONTENTS | {page.name: page.note for page in pages}


def cover_sheet(
    case: Case,
    inputs: Inputs,
    sheets: Mapping[str, str],
    date: dt.date,
    snapshots: Sequence[str] = (),
    failing: float = 0.0,
) -> Sheet:
    """What the workbook is, its contents, its conventions, its colours.

    Parameters
    ----------
    sheets
        All others in their order, and what is on each.
    snapshots
        Findings from other runs, in words.
    failing
        Checks that fail as the workbook is written.
    """
    sheet = Sheet(COVER, frozen=(3, 0))
    cover = _Cover(sheet)
    cover.section("What this is")
    _facts(cover, case, inputs, date, snapshots, failing)
    cover.section("Contents")
    for name, note in sheets.items():
        sheet.text(cover.row, KEY, name, "link")
        sheet.links[cover.row, KEY] = link_to(name)
        sheet.text(cover.row, NOTE, note, "wrapped")
        cover.row += 1
    cover.section("Conventions")
    for label, words in CONVENTIONS:
        cover.fact(label, words)
    cover.section("Colours")
    for kind, label, words in LEGEND:
        cover.fact(label, words, kind)
    cover.fact("Tabs", TABS)
    cover.section("Changing it")
    cover.fact("Locked cells", LOCKED)
    cover.fact("The way back", WAY_BACK)
    cover.section("Evidence: how many figures are of which grade")
    for grade in GRADES:
        count = sum(figure.grade == grade for figure in case.binding.figures(None, case.fixed).values())
        words = f": {GRADES_MEAN[grade]}"
        cover.live(grade.capitalize(), f"COUNTIF({inputs.grades},{_quoted(grade)})&{_quoted(words)}", f"{count}{words}")
    sheet.widths = {(0, 0): 2.0, (KEY, KEY): 22.0, (NOTE, NOTE): 120.0, (LIVE, LIVE): 28.0}
    return sheet


class _Cover:
    """Writes the cover from the top down."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet, self.row = sheet, 2

    def section(self, words: str) -> None:
        self.sheet.text(self.row + 1, 0, words, "section")
        self.row += 2

    def fact(self, label: str, words: str, kind: Kind = "text") -> None:
        self.sheet.text(self.row, KEY, label, kind)
        self.sheet.text(self.row, NOTE, words, "wrapped")
        self.row += 1

    def live(self, label: str, formula: str, value: str) -> None:
        self.sheet.text(self.row, KEY, label)
        self.sheet.formula(self.row, NOTE, formula, value, Style("said"))
        self.row += 1


def _facts(cover: _Cover, case: Case, inputs: Inputs, date: dt.date, snapshots: Sequence[str], failing: float) -> None:
    timeline = case.model.timeline
    length = {12: "months", 4: "quarters", 2: "half-years", 1: "years"}[timeline.per_year]
    if case.book.description:
        cover.fact("Case", " ".join(case.book.description.split()))
    cover.live("Scenario shown", f'IF({inputs.chosen}="","Base",{inputs.chosen})', inputs.shown)
    if inputs.trials is not None:
        name = inputs.sheet.cells[SHOWN_TRIAL, BASE].content
        cover.live("Trial shown", f"{INPUTS}!{address(SHOWN_TRIAL, BASE, fixed=True)}", str(name))
    cover.live("Checks that fail", f'{FAILING}&""', f"{failing:.0f}")
    cover.fact("Scenarios", ", ".join(("Base", *inputs.scenarios)))
    cover.fact("Timeline", f"{timeline.periods} {length} after financial close on {timeline.close.isoformat()}")
    cover.fact("Structure", _structure(case))
    cover.fact("Currency", f"USD, and {case.book.currency} as the region's own ('local')")
    for label, words in origin(case, date).items():
        cover.fact(label, words)
    for words in snapshots:
        cover.fact("Snapshot", f"{words[:1].upper()}{words[1:]} (from another run, as the book had it; no formula)")


def _structure(case: Case) -> str:
    stated = case.book.structure
    parts = [f"Phases {', '.join(stated.phases)}", f"generations {', '.join(stated.generations)}"]
    for name, tranche in stated.tranches.items():
        traits = ", ".join(f"{key} {value}".replace("_", " ") for key, value in tranche.traits.items())
        parts.append(f"loan {name}: {traits}")
    return f"{'; '.join(parts)}. It is fixed: another structure is another case."


def origin(case: Case, date: dt.date) -> dict[str, str]:
    """By which release, when and from which figures a workbook was made."""
    by_hand = ", ".join(f"{name} = {value:.10g}" for name, value in case.fixed.items())
    return {
        "Made by": f"finmodel {__version__}, {date.isoformat()}",
        "Figures": f"SHA-256 {case.book.fingerprint}",
        **({"Set by hand": by_hand} if by_hand else {}),
    }


def _quoted(words: str) -> str:
    return text(words).text
