"""The workbook of a case: a live model with its values, and the sheets that say what it is and where it comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from finmodel.errors import Fault, Faults
from finmodel.graph.outline import Outline
from finmodel.render.excel import render
from finmodel.render.sheet import Sheet
from finmodel.render.term import lift
from finmodel.render.workings import INPUT_SERIES, WORKINGS
from finmodel.render.workings import NOTE as PERIOD_NOTE
from finmodel.report.checks import Reader, declared, structural
from finmodel.report.cover import Case, cover_sheet
from finmodel.report.figures import Inputs
from finmodel.report.layout import LIVE, NOTE, top
from finmodel.report.pages import checks_sheet, returns_sheet, simulation_sheet, sources_sheet
from finmodel.report.painting import paint
from finmodel.report.replay import replayed
from finmodel.report.trials import DRAWS, Trials
from finmodel.version import __version__

if TYPE_CHECKING:
    from finmodel.simulate.simulation import Simulation

SHOWN_AT_MOST = 5


def write(
    path: Path,
    case: Case,
    outline: Outline,
    simulation: Simulation | None = None,
    *,
    snapshots: Sequence[str] = (),
    today: dt.date | None = None,
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
        trials = Trials.of(simulation, outline.headline or case.model.metrics[0])
    made = sheets(case, outline, simulation, trials, snapshots=snapshots, date=date)
    paint(path, made, title=case.title, version=__version__, written=date)


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
    constants = rendered.constants
    reader = Reader(case.model, rendered)
    found = [*structural(reader), *declared(outline.checks, reader)]
    made = [inputs.sheet, constants.sheet]
    if rendered.series is not None:
        made.append(rendered.series)
    made += [*rendered.pages.values(), rendered.workings, returns_sheet(case.model, rendered, case.grades)]
    if simulation is not None:
        made.append(simulation_sheet(simulation, case.model, rendered, _facts(case, simulation, date)))
    if trials is not None:
        live = replayed(case.model, rendered, inputs, trials, constants, inputs.shown, lift(0))
        made += [live.sheet, trials.table(), trials.draws(case.model.timeline, constants.of("close"))]
        found.append(live.check)
    checks = checks_sheet(found, rendered.reports, inputs, constants)
    figures = case.binding.figures(None, case.fixed).values()
    made += [checks, sources_sheet(case.book.sources, figures)]
    constants.finish()
    passes = checks.cells[2, LIVE].content == 0
    along_periods = {WORKINGS, INPUT_SERIES, DRAWS, *rendered.pages}
    for sheet in made:
        column = PERIOD_NOTE if sheet.name in along_periods else NOTE
        top(sheet, sheet.name, case.title, column, passes=passes, shown=inputs.in_words)
    notes = {page.name: page.note for page in outline.pages}
    cover = cover_sheet(case, inputs, [sheet.name for sheet in made], notes, date, snapshots)
    top(cover, case.title, f"Financial model '{case.name}'", LIVE, passes=passes, shown=inputs.in_words)
    return [cover, *made]


def _refuse_of_another(case: Case, simulation: Simulation) -> None:
    """A snapshot of another case, or under other figures, would be read as one of this case."""
    apart = [name for name, value in case.values.items() if simulation.values.get(name) != value]
    if apart or simulation.model.metrics != case.model.metrics:
        found = ", ".join(apart[:SHOWN_AT_MOST]) or "other metrics"
        raise Faults(
            [
                Fault(
                    "the simulation is not one of this case",
                    key="simulation",
                    found=f"other figures: {found}" if apart else found,
                    expected="what simulate() of the same case under the same scenario returned",
                )
            ]
        )


def _facts(case: Case, simulation: Simulation, date: dt.date) -> dict[str, str]:
    return {
        "Paths": f"{simulation.paths:,}",
        "Seed": str(simulation.seed),
        "Design": simulation.design,
        **({} if simulation.verdict is None else {"Convergence": str(simulation.verdict)}),
        **({"Mended": "; ".join(mended)} if (mended := case.binding.dependence.notices) else {}),
        "Scenario": case.scenario_name,
        "Version": f"finmodel {__version__}",
        "Written": date.isoformat(),
        "Figures": f"SHA-256 {case.book.fingerprint[:16]}",
        "Percentiles": "p5 is the value that 5 % of the paths with the metric lie below; type 7, linear.",
        "Standard error": "Of the mean, from independent replicates of the design where it has them.",
        "missing_share": "Share of the paths in which the metric does not exist; the others are over the rest.",
    }
