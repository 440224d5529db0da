"""The page of a simulation: what was drawn, what was found and how far off it may be, and the tables of its charts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from finmodel.graph.model import Model
from finmodel.render.excel import Rendered, first_sentence
from finmodel.render.sheet import Sheet, Style, fit_columns
from finmodel.report.layout import BASE, KEY, LIVE, NOTE, Ranges
from finmodel.report.pages import drawn
from finmodel.report.pages.writing import Writer, format_of, put
from finmodel.simulate.risk import DEFINITIONS, PRESENT_VALUES
from finmodel.simulate.statistics import LEVEL, half_width

if TYPE_CHECKING:
    import pandas as pd

    from finmodel.simulate.simulation import Simulation

SIMULATION = "Simulation"
TOP = 4
SHARE = "0.00%"
VALUES = ("Value", "95 % interval ±", "Standard error")
EVENTS = {
    "project_npv_negative": "The project's net present value is below zero.",
    "project_irr_missing": "The project has no internal rate of return.",
    "payback_missing": "The project does not pay back within the horizon.",
    "covenant_breach": "A covenant of a loan is broken at least once.",
    "default": "Service of a loan is left unpaid at least once.",
}


def simulation_sheet(
    simulation: Simulation,
    model: Model,
    rendered: Rendered,
    scenario: str,
    facts: Mapping[str, str],
    fan: pd.DataFrame | None = None,
) -> tuple[Sheet, dict[str, Ranges]]:
    """What a simulation found: numbers as they were, with all that is needed to run it again.

    Parameters
    ----------
    scenario
        Under which it ran.
    facts
        What else it was made from, by what it is.
    fan
        Percentiles of a line by period, as `simulate.fans.fan` gives them.

    Returns
    -------
    Sheet
        Every number with its unit and, where it is one of chance, its standard error.
    dict
        Where the numbers for charts stand: `histogram`, `s-curve`, `convergence` of the first present value, where
        some path has it, and `fan`.
    """
    sheet = Sheet(SIMULATION, frozen=(TOP, NOTE))
    writer = Writer(sheet, 2)
    source = f"{simulation.paths:,} paths, seed {simulation.seed}, design {simulation.design}"
    sheet.text(writer.row, KEY, "Snapshot", "subtitle")
    writer.sentence(f"{source}, scenario {scenario}: numbers as they were, not formulas; only Live moves.", NOTE)
    told = {
        "Paths": f"{simulation.paths:,}",
        "Seed": str(simulation.seed),
        "Design": simulation.design,
        **({} if simulation.verdict is None else {"Convergence": str(simulation.verdict)}),
        "Scenario": scenario,
        **facts,
        "Percentiles": "p5 is the value that 5 % of the paths with the metric lie below; type 7, linear.",
        "Standard error": f"Of the mean, unless it stands beside another figure; {simulation.basis_of_errors}.",
        "missing_share": "Share of the paths in which the metric does not exist; the others are over the rest.",
    }
    writer.row = TOP
    for key, words in told.items():
        sheet.text(writer.row, KEY, key)
        writer.sentence(words, NOTE)
    head = writer.row
    _metrics(writer, simulation, model, rendered)
    _chances(writer, simulation)
    _losses(writer, simulation, model)
    _correlations(writer, simulation)
    ranges: dict[str, Ranges] = {}
    name = next((name for name in PRESENT_VALUES if name in model.metrics), None)
    if name is not None:
        ranges = drawn.tables(writer, simulation, name, model.lines[name].unit, source)
    if fan is not None:
        ranges["fan"] = drawn.fan(writer, fan, rendered, model)
    sheet.widths[0, 0] = 2.0
    fit_columns(sheet, KEY, KEY, 14.0, 36.0, from_row=head)
    sheet.widths[NOTE, NOTE] = 48.0
    fit_columns(sheet, LIVE, sheet.last_column, 11.0, 24.0, from_row=head)
    return sheet, ranges


def _metrics(writer: Writer, simulation: Simulation, model: Model, rendered: Rendered) -> None:
    sheet, section = writer.sheet, None
    for name, found in simulation.statistics.items():
        line, live = model.lines[name], rendered.numbers[name]
        if line.section != section:
            section = line.section
            writer.section(f"Metrics: {section}" if section else "Metrics")
            writer.heads(("Key", "What it is", "Live", "Unit", *found), ("Live", *found))
        number = format_of(line.unit, [x for column, x in found.items() if column != "missing_share"])
        row = writer.line(name, first_sentence(line.note))
        sheet.formula(row, LIVE, live.text, live.stored, Style("formula", number))
        sheet.text(row, BASE, line.unit, "unit")
        for place, (column, x) in enumerate(found.items(), BASE + 1):
            put(sheet, row, place, x, SHARE if column == "missing_share" else number)


def _chances(writer: Writer, simulation: Simulation) -> None:
    writer.section("Chances: share of all paths")
    _heads_of_values(writer)
    for name, found in simulation.events.items():
        if found is not None and math.isfinite(found.value):
            _value(writer, simulation, name, EVENTS.get(name, ""), "share", found.value, found.standard_error, SHARE)


def _losses(writer: Writer, simulation: Simulation, model: Model) -> None:
    if not simulation.losses:
        return
    writer.section(f"Losses at {LEVEL:.0%}: positive is money lost")
    _heads_of_values(writer)
    for metric, figures in simulation.losses.items():
        unit = model.lines[metric].unit
        for name, found in figures.items():
            words = DEFINITIONS[name].format(beyond=100.0 - 100.0 * LEVEL)
            share = name == "chance_of_loss"
            number = SHARE if share else format_of(unit, [found.value])
            said = f"{metric}: {words}."
            unit_said = "share" if share else unit
            _value(writer, simulation, name, said, unit_said, found.value, found.standard_error, number)


def _heads_of_values(writer: Writer) -> None:
    writer.heads(("Key", "What it is", "", "Unit", *VALUES), VALUES)


def _value(
    writer: Writer,
    simulation: Simulation,
    key: str,
    note: str,
    unit: str,
    value: float,
    error: float,
    number: str,
) -> None:
    sheet, row = writer.sheet, writer.line(key, note)
    sheet.text(row, BASE, unit, "unit")
    put(sheet, row, BASE + 1, value, number)
    put(sheet, row, BASE + 2, half_width(error, simulation.paths, simulation.design), number)
    put(sheet, row, BASE + 3, error, number)


def _correlations(writer: Writer, simulation: Simulation) -> None:
    pairs = drawn.correlations(simulation)
    if pairs.empty:
        return
    writer.section("Rank correlations asked for and drawn")
    writer.sentence(f"Spearman's, a pure number from -1 to 1; {drawn.taken(simulation)}.")
    numbers = ("Asked", "Drawn", "Standard error")
    writer.heads(("Key", "And", "", "Unit", *numbers, "Note"), numbers)
    for first, second, asked, achieved, error, note in pairs.itertuples(index=False, name=None):
        row = writer.line(first, second)
        writer.sheet.text(row, BASE, "1", "unit")
        for column, (value, number) in enumerate(((asked, "0.00"), (achieved, "0.000"), (error, "0.000")), BASE + 1):
            put(writer.sheet, row, column, value, number)
        writer.sheet.text(row, BASE + 4, note)
