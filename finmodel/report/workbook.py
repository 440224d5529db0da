"""The workbook of a case: a live model with its values, and the sheets that say what it is and where it comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from finmodel.graph.outline import Outline
from finmodel.render.excel import render
from finmodel.render.sheet import Sheet
from finmodel.render.workings import INPUT_SERIES, WORKINGS
from finmodel.render.workings import NOTE as PERIOD_NOTE
from finmodel.report.checks import Reader, declared, structural
from finmodel.report.cover import Case, cover_sheet
from finmodel.report.figures import Inputs
from finmodel.report.layout import LIVE, NOTE, top
from finmodel.report.pages import checks_sheet, returns_sheet, simulation_sheet, sources_sheet
from finmodel.report.painting import paint
from finmodel.version import __version__

if TYPE_CHECKING:
    from finmodel.simulate.simulation import Simulation


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
    made = sheets(case, outline, simulation, snapshots=snapshots, date=date)
    paint(path, made, title=case.title, version=__version__, written=date)


def sheets(
    case: Case,
    outline: Outline,
    simulation: Simulation | None = None,
    *,
    snapshots: Sequence[str] = (),
    date: dt.date,
) -> list[Sheet]:
    """The sheets of a case's workbook, in order, before they are a file; parameters as `write` takes them."""
    inputs = Inputs(case.binding, case.fixed, case.scenario_name)
    rendered = render(case.model, case.evaluate().path, case.values, inputs.addresses, outline.pages)
    reader = Reader(case.model, rendered)
    found = [*structural(reader), *declared(outline.checks, reader)]
    made = [inputs.sheet, rendered.constants.sheet]
    if rendered.series is not None:
        made.append(rendered.series)
    made += [*rendered.pages.values(), rendered.workings, returns_sheet(case.model, rendered, case.grades)]
    if simulation is not None:
        made.append(simulation_sheet(simulation, case.model, rendered, _facts(case, simulation, date)))
    checks = checks_sheet(found, rendered.reports, inputs, rendered.constants)
    figures = case.binding.figures(None, case.fixed).values()
    made += [checks, sources_sheet(case.book.sources, figures)]
    rendered.constants.finish()
    passes = checks.cells[2, LIVE].content == 0
    along_periods = {WORKINGS, INPUT_SERIES, *rendered.pages}
    for sheet in made:
        top(sheet, sheet.name, case.title, PERIOD_NOTE if sheet.name in along_periods else NOTE, passes=passes)
    notes = {page.name: page.note for page in outline.pages}
    cover = cover_sheet(case, inputs, [sheet.name for sheet in made], notes, date, snapshots)
    top(cover, case.title, f"Financial model '{case.name}'", LIVE, passes=passes)
    return [cover, *made]


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
