"""The page of what moves a metric: inputs one at a time, and in a simulation together."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from finmodel.graph.model import Model
from finmodel.render.excel import first_sentence
from finmodel.render.sheet import Sheet, fit_columns
from finmodel.report.layout import BASE, KEY, LIVE, NOTE, Ranges
from finmodel.report.pages import drawn
from finmodel.report.pages.writing import Writer, format_of, put, span
from finmodel.simulate.sensitivity.drivers import drivers
from finmodel.simulate.sensitivity.sample import sensitivities

if TYPE_CHECKING:
    from finmodel.simulate.sensitivity.one_at_a_time import Tornado
    from finmodel.simulate.simulation import Simulation

SENSITIVITY = "Sensitivity"
TOP = 4
MOST = 15
"""Inputs of each table; how many are left is said."""
RANK = "0.000"


def sensitivity_sheet(
    tornado: Tornado, model: Model, scenario: str, simulation: Simulation | None = None
) -> tuple[Sheet, dict[str, Ranges]]:
    """What moves a metric most: numbers as they were.

    Parameters
    ----------
    tornado
        The metric with each uncertain input alone at two percentiles.
    scenario
        Under which all was computed.
    simulation
        With it, how inputs move with the metric on its paths, and where they lie on the worst.

    Returns
    -------
    Sheet
        The widest `MOST` of each, and how many are left.
    dict
        `tornado`: labels are inputs, the widest first; values how far the metric moves from base. Nothing where no
        input is uncertain.
    """
    sheet = Sheet(SENSITIVITY, frozen=(TOP, NOTE))
    writer = Writer(sheet, 2)
    writer.sentence(f"Snapshot, scenario {scenario}: numbers as they were, no formulas.")
    ranges = _tornado(writer, tornado, model)
    if simulation is not None and simulation.uncertain:
        _moves(writer, simulation, tornado.metric, model)
    sheet.widths[0, 0] = 2.0
    fit_columns(sheet, KEY, KEY, 14.0, 40.0, from_row=TOP)
    sheet.widths[NOTE, NOTE] = 56.0
    fit_columns(sheet, LIVE, max(BASE, sheet.last_column), 12.0, 24.0, from_row=TOP)
    return sheet, ranges


def _tornado(writer: Writer, tornado: Tornado, model: Model) -> dict[str, Ranges]:
    sheet, metric, unit, base = writer.sheet, tornado.metric, tornado.unit, tornado.base
    table = tornado.table.sort_values("swing", ascending=False, kind="stable", na_position="last")
    moving = table[table["swing"] > 0.0]
    writer.section(f"Tornado: {metric} with each input alone at its P5 and P95")
    number = format_of(unit, [base, *moving["at_low"], *moving["at_high"]])
    writer.sentence(f"{metric} in {unit}, first in the base case. {_sentences(tornado.notes)}")
    row = writer.line(metric, first_sentence(model.lines[metric].note))
    put(sheet, row, LIVE, base, number)
    sheet.text(row, BASE, unit, "unit")
    if moving.empty:
        writer.sentence("No uncertain input moves it.")
        return {}
    of_metric = (f"{metric} at P5", f"{metric} at P95", "Swing", "P5 less base", "P95 less base")
    words = ("Key", "What it is", "Input at base", "Unit", "Input at P5", "Input at P95", *of_metric)
    writer.heads(words, {*words[2:3], *words[4:]})
    first = writer.row
    for name, one in moving.head(MOST).iterrows():
        row = writer.line(str(name), first_sentence(model.inputs[str(name)].note))
        places = [one["base"], one["low"], one["high"]]
        of_input = format_of(str(one["unit"]), places)
        sheet.text(row, BASE, str(one["unit"]), "unit")
        for column, value in zip((LIVE, BASE + 1, BASE + 2), places, strict=True):
            put(sheet, row, column, float(value), of_input)
        found = (one["at_low"], one["at_high"], one["swing"], one["at_low"] - base, one["at_high"] - base)
        for column, value in enumerate(found, BASE + 3):
            put(sheet, row, column, float(value), number)
    last = writer.row - 1
    if len(moving) > MOST:
        row = writer.line(f"{len(moving) - MOST} more", "Inputs that move it less; the widest swing of them.")
        put(sheet, row, BASE + 5, float(moving["swing"].iloc[MOST]), number)
    _still(writer, len(table) - len(moving), int(table["swing"].isna().sum()))
    values = {
        "Input at its P5": span(sheet, first, last, BASE + 6),
        "Input at its P95": span(sheet, first, last, BASE + 7),
    }
    return {"tornado": Ranges(span(sheet, first, last, KEY), values, unit)}


def _still(writer: Writer, still: int, missing: int) -> None:
    if still > missing:
        many = still - missing
        writer.sentence(
            f"Uncertain inputs that do not move it alone, such as those of events, which are off at base: {many}."
        )
    if missing:
        writer.sentence(f"Inputs at a percentile of which it does not exist: {missing}.")


def _moves(writer: Writer, simulation: Simulation, metric: str, model: Model) -> None:
    result, inputs = simulation.first_paths(metric)
    values = result[: drawn.ENOUGH]
    source = f"{drawn.taken(simulation)}, seed {simulation.seed}, design {simulation.design}"
    writer.section(f"How inputs and {metric} move together in the simulation")
    if np.isnan(values).all():
        writer.sentence(f"No path has it; {source}.")
        return
    draws = {name: draw[: drawn.ENOUGH] for name, draw in inputs.items()}
    _together(writer, metric, values, draws, model, source)
    _worst(writer, metric, values, draws, model, source)


def _together(
    writer: Writer, metric: str, values: drawn.Floats, draws: dict[str, drawn.Floats], model: Model, source: str
) -> None:
    sheet, table = writer.sheet, sensitivities(values, draws)
    error = 1.0 / math.sqrt(max(1, values.size - 1))
    writer.sentence(
        f"Pure numbers, from {source}; standard error of a rank correlation at most about {error:.3f}. A coefficient "
        f"is of a standardised regression: standard deviations of {metric} for one of the input's. "
        f"{_sentences(table.attrs['notes'])}"
    )
    words = ("Rank correlation", "Unit", "Coefficient of ranks", "Coefficient of values")
    writer.heads(("Key", "What it is", *words), {*words[:1], *words[2:]})
    shown = table.head(MOST)
    for name, one in shown.iterrows():
        row = writer.line(str(name), first_sentence(model.inputs[str(name)].note))
        put(sheet, row, LIVE, float(one["rank_correlation"]), RANK)
        sheet.text(row, BASE, "1", "unit")
        put(sheet, row, BASE + 1, float(one["rank_coefficient"]), RANK)
        put(sheet, row, BASE + 2, float(one["coefficient"]), RANK)
    row = writer.line("R²", "Share of the variance that each regression describes.")
    sheet.text(row, BASE, "1", "unit")
    put(sheet, row, BASE + 1, float(table["rank_r_squared"].iloc[0]), RANK)
    put(sheet, row, BASE + 2, float(table["r_squared"].iloc[0]), RANK)
    if len(table) > MOST:
        row = writer.line(f"{len(table) - MOST} more", "Inputs that move with it less; the strongest of them.")
        put(sheet, row, LIVE, abs(float(table["rank_correlation"].iloc[MOST])), RANK)


def _worst(
    writer: Writer, metric: str, values: drawn.Floats, draws: dict[str, drawn.Floats], model: Model, source: str
) -> None:
    sheet, units = writer.sheet, model.units
    found = drivers(metric, values, units[metric], [(name, units[name], draw) for name, draw in draws.items()])
    writer.section(f"Where the inputs lie on the worst tenth of the paths by {metric}")
    writer.sentence(f"{found.title[:1].upper()}{found.title[1:]}; {source}. {_sentences(found.notes)}")
    words = ("Median of all", "Unit", "Median of the worst", "Shift in standard deviations")
    writer.heads(("Key", "What it is", *words), {*words[:1], *words[2:]})
    for name, one in found.table.head(MOST).iterrows():
        row = writer.line(str(name), first_sentence(model.inputs[str(name)].note))
        number = format_of(str(one["unit"]), [float(one["median"]), float(one["median_of_worst"])])
        put(sheet, row, LIVE, float(one["median"]), number)
        sheet.text(row, BASE, str(one["unit"]), "unit")
        put(sheet, row, BASE + 1, float(one["median_of_worst"]), number)
        put(sheet, row, BASE + 2, float(one["shift"]), "0.00")
    if len(found.table) > MOST:
        row = writer.line(f"{len(found.table) - MOST} more", "Inputs that lie nearer; the farthest of them.")
        put(sheet, row, BASE + 2, abs(float(found.table["shift"].iloc[MOST])), "0.00")


def _sentences(notes: Iterable[str]) -> str:
    return " ".join(f"{note[:1].upper()}{note[1:]}." for note in notes)
