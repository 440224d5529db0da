"""The workbook of a case: a live model with its values, and the sheets that say what it is and where it comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from finmodel.errors import Fault, Faults
from finmodel.graph.model import Model
from finmodel.graph.outline import Outline
from finmodel.render.constants import CONSTANTS
from finmodel.render.excel import Rendered, render
from finmodel.render.sheet import Sheet, Tab
from finmodel.render.term import Term
from finmodel.render.trace import in_names
from finmodel.render.workings import INPUT_SERIES, WORKINGS
from finmodel.render.workings import NOTE as PERIOD_NOTE
from finmodel.report.annual import ANNUAL, by_year
from finmodel.report.case_file import SNAPSHOTS, case_file_sheet
from finmodel.report.checks import Reader, declared, structural
from finmodel.report.cover import COVER, Case, contents, cover_sheet, origin
from finmodel.report.dashboard import DASHBOARD, MASTER, Live, dashboard_sheet
from finmodel.report.figures import INPUTS, Inputs
from finmodel.report.layout import CASE_FILE, LIVE, NOTE, Ranges, top
from finmodel.report.pages.checks import checks_sheet
from finmodel.report.pages.drawn import ENOUGH
from finmodel.report.pages.glossary import GLOSSARY, glossary_sheet
from finmodel.report.pages.log import log_sheet
from finmodel.report.pages.returns import RETURNS, returns_sheet
from finmodel.report.pages.scenarios import SCENARIOS, scenarios_sheet
from finmodel.report.pages.sensitivity import SENSITIVITY, sensitivity_sheet
from finmodel.report.pages.simulation import SIMULATION, simulation_sheet
from finmodel.report.pages.sources import sources_sheet
from finmodel.report.painting import paint
from finmodel.report.replay import REPLAY, replayed
from finmodel.report.snapshot import Snapshot
from finmodel.report.trials import DRAWS, NAME, TRIALS, Trials
from finmodel.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from finmodel.simulate.run import Progress
    from finmodel.simulate.simulation import Simulation

SHOWN_AT_MOST = 5
STEPS, LAID_OUT = 100, 55
"""Of the work, in percent: all, and what is done once the sheets are laid out."""


def write(
    path: Path,
    case: Case,
    outline: Outline,
    simulation: Simulation | None = None,
    *,
    snapshots: Sequence[str] = (),
    today: dt.date | None = None,
    progress: Progress | None = None,
) -> None:
    """Write a case as a workbook.

    Parameters
    ----------
    outline
        How the model is laid out, and what must hold in it besides what follows from its shape.
    simulation
        Its results go in as a snapshot.
    snapshots
        Findings from other runs, in words; the cover says that they are no formulas.
    today
        The date that the workbook carries; today's unless given.
    progress
        Called with what is done and what there is to do.

    Raises
    ------
    Faults
        Where a text of the case is too long for a cell.
    OutputFault
        Where the file cannot be written.
    """
    date = today or dt.date.today()
    trials = None
    if simulation is not None:
        _refuse_of_another(case, simulation)
        trials = Trials.of(simulation, outline.ranked_by(case.model.metrics))
    tell = progress or (lambda done, total: None)
    tell(0, STEPS)
    made = sheets(case, outline, simulation, trials, snapshots=snapshots, date=date)
    paint(
        path,
        made,
        title=case.title,
        version=__version__,
        written=date,
        progress=lambda done, total: tell(LAID_OUT + (STEPS - LAID_OUT) * done // total, STEPS),
    )


def sheets(
    case: Case,
    outline: Outline,
    simulation: Simulation | None = None,
    trials: Trials | None = None,
    *,
    snapshots: Sequence[str] = (),
    date: dt.date,
) -> list[Sheet]:
    """The sheets of a case's workbook, in order, before they are a file.

    Parameters
    ----------
    trials
        Paths of the simulation that the live model can show; the other parameters are those of `write`.
    """
    inputs = Inputs(case.binding, case.fixed, case.scenario_name, trials)
    replay = None if trials is None else trials.replay
    rendered = render(case.model, case.evaluate().path, case.values, inputs.addresses, outline.pages, replay)
    constants, ranked = rendered.constants, outline.ranked_by(case.model.metrics)
    log, changes = log_sheet(origin(case, date), case.model.inputs, inputs, rendered.typed_counts)
    inputs.tell(changes)
    reader = Reader(case.model, rendered)
    found = [*structural(reader), *declared(outline.checks, reader)]
    drawn, ranges = _drawn(case, outline, rendered, ranked, simulation, date)
    if trials is not None:
        replay_sheet, check = replayed(case.model, rendered, inputs, trials, constants, inputs.shown, changes)
        drawn += [replay_sheet, trials.table(), trials.draws(case.model.timeline, constants.of("close"))]
        found.append(check)
    years = None if outline.annual is None else by_year(case.model, rendered, outline.annual)
    dashboard = []
    if years is not None:
        found += years.checks
        if outline.dashboard is not None:
            figures = {name: Term(place, case.values[name]) for name, place in inputs.addresses.items()}
            called = outline.dashboard.called
            snapshot = Snapshot.of(called, ranked, outline.fan or ranked, simulation, ranges, drawn)
            dashboard.append(dashboard_sheet(outline.dashboard, Live(case.model, rendered, figures), years, snapshot))
    checks = checks_sheet(found, rendered.reports, inputs, constants)
    constants.finish()
    made = [
        *(log, _scenarios(case, outline, rendered, inputs), inputs.sheet),
        *(() if rendered.series is None else (rendered.series,)),
        *(constants.sheet, *rendered.pages.values(), rendered.workings),
        *(() if years is None else (years.sheet,)),
        *(returns_sheet(case.model, rendered, case.grades), *dashboard, *drawn),
        *(checks, sources_sheet(case.binding, case.fixed)),
    ]
    failing = float(checks.cells[2, LIVE].content)
    notes = contents(outline.pages)
    names = (*(sheet.name for sheet in made), GLOSSARY, CASE_FILE)
    cover = cover_sheet(case, inputs, {name: notes[name] for name in names}, date, snapshots, failing)
    made.append(glossary_sheet(outline.glossary, case.model, [cover, *made]))
    passes = not failing
    columns = dict.fromkeys((ANNUAL, WORKINGS, INPUT_SERIES, DRAWS, *rendered.pages), PERIOD_NOTE) | {
        DASHBOARD: MASTER,
        TRIALS: NAME,
    }
    groups = _groups(rendered)
    for sheet in (cover, *made):
        sheet.tab = groups.get(sheet.name, "about")
    for sheet in made:
        column = columns.get(sheet.name, NOTE)
        top(sheet, sheet.name, case.title, column, passes=passes, shown=inputs.in_words)
    top(cover, case.title, f"Financial model '{case.name}'", LIVE, passes=passes, shown=inputs.in_words)
    of_a_run = [sheet for sheet in (cover, *made) if sheet.name in SNAPSHOTS]
    carried = [COVER, *(sheet.name for sheet in made)]
    made.append(case_file_sheet(case, carried, date, 0 if trials is None else len(trials), of_a_run))
    top(made[-1], CASE_FILE, case.title, NOTE, passes=passes, shown=inputs.in_words)
    return [cover, *made]


def _groups(rendered: Rendered) -> dict[str, Tab]:
    """To which group each sheet belongs but those that are about the workbook."""
    groups: dict[Tab, Sequence[str]] = {
        "inputs": (SCENARIOS, INPUTS, INPUT_SERIES),
        "model": (CONSTANTS, *rendered.pages, WORKINGS),
        "results": (ANNUAL, RETURNS, DASHBOARD, SIMULATION, SENSITIVITY, REPLAY, TRIALS, DRAWS),
    }
    return {name: group for group, names in groups.items() for name in names}


def _scenarios(case: Case, outline: Outline, rendered: Rendered, inputs: Inputs) -> Sheet:
    cases = {name: case.scenario(name) for name in case.binding.scenarios} | {case.scenario_name: case}
    computed = {name: one.evaluate().path.scalars for name, one in cases.items()}
    return scenarios_sheet(case.binding, inputs, rendered, computed, outline.compared)


def _drawn(
    case: Case, outline: Outline, rendered: Rendered, ranked: str, simulation: Simulation | None, date: dt.date
) -> tuple[list[Sheet], dict[str, Ranges]]:
    """What a simulation found and what moves the model most, and where charts find their numbers on these sheets."""
    made: list[Sheet] = []
    ranges: dict[str, Ranges] = {}
    if simulation is not None:
        facts, fan = origin(case, date) | _mended(case), _fan(case, outline.fan, simulation)
        page, ranges = simulation_sheet(simulation, case.model, rendered, case.scenario_name, facts, fan)
        made.append(page)
    page, moved = sensitivity_sheet(case.tornado(ranked), case.model, case.scenario_name, simulation)
    return [*made, page], {**ranges, **moved}


def _refuse_of_another(case: Case, simulation: Simulation) -> None:
    """A snapshot of another model, or under other figures, would be read as one of this case."""
    drawn = {name: (figure.value, figure.range) for name, figure in simulation.figures.items()}
    given = case.binding.figures(case.scenario_name, case.fixed)
    figures = [name for name, figure in given.items() if drawn.get(name) != (figure.value, figure.range)]
    lines = [] if simulation.model is case.model else _other_lines(case.model, simulation.model)
    correlations = ["correlations"] if simulation.asked != case.binding.dependence.asked else []
    for apart, what in ((lines, "lines"), (figures, "figures"), (correlations, "dependence")):
        if apart:
            more = f" and {len(apart) - SHOWN_AT_MOST} more" if len(apart) > SHOWN_AT_MOST else ""
            raise Faults(
                [
                    Fault(
                        "the simulation is not one of this case",
                        key="simulation",
                        found=f"other {what}: {', '.join(apart[:SHOWN_AT_MOST])}{more}",
                        expected="what simulate() of the same case under the same scenario returned",
                    )
                ]
            )


def _other_lines(one: Model, other: Model) -> list[str]:
    """Lines that are not in both models, or not by the same formula."""
    if one.timeline != other.timeline:
        return ["timeline"]
    told = [
        {name: (line.unit, in_names(line.expression)) for name, line in model.lines.items()} for model in (one, other)
    ]
    return [name for name in dict.fromkeys((*told[0], *told[1])) if told[0].get(name) != told[1].get(name)]


def _mended(case: Case) -> dict[str, str]:
    notices = case.binding.dependence.notices
    return {"Mended": "; ".join(notices)} if notices else {}


def _fan(case: Case, line: str | None, simulation: Simulation) -> pd.DataFrame | None:
    if line is None or line not in case.model.lines or not case.model.lines[line].varies:
        return None
    paths = min(simulation.paths, ENOUGH)
    return case.fan(line, paths=paths, seed=simulation.seed, design=simulation.design)
