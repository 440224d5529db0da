"""Tables that charts of a simulation are drawn from: histogram, S-curve, convergence, fan."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from finmodel.graph.model import Model
from finmodel.render.excel import Rendered, first_sentence
from finmodel.render.sheet import Style, number_format
from finmodel.report.layout import BASE, KEY, LIVE, Ranges
from finmodel.report.numbers import scale
from finmodel.report.pages.writing import Writer, format_of, put, span
from finmodel.simulate.dependence import correlations as of_draws
from finmodel.simulate.fans import PERCENTILES
from finmodel.simulate.statistics import Sample, standard_error

if TYPE_CHECKING:
    import pandas as pd

    from finmodel.simulate.simulation import Simulation

Floats = NDArray[np.float64]

BARS = 40
PICTURED = (0.005, 0.995)
"""Quantiles between which a histogram is drawn; what lies beyond is said."""
PERCENTS = (0.5, 1.0, *np.arange(2.5, 100.0, 2.5).tolist(), 99.0, 99.5)
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
ENOUGH = 8_192
"""Paths that tell how inputs move together; more would cost time and move no second digit."""
SHARE = "0.00%"
BELOW, ABOVE = "Below zero", "Zero or above"


def taken(simulation: Simulation) -> str:
    """How many paths are looked at where `ENOUGH` are, in words."""
    if simulation.paths <= ENOUGH:
        return f"{simulation.paths:,} paths"
    return f"the first {ENOUGH:,} of {simulation.paths:,} paths"


def correlations(simulation: Simulation) -> pd.DataFrame:
    """The rank correlations that the book asks for and those of the draws, as `Simulation.correlations` has them."""
    asked = {pair: rank for pair, rank in simulation.asked.items() if set(pair) <= set(simulation.uncertain)}
    return of_draws(lambda name: simulation.draw(name)[:ENOUGH], asked, simulation.design)


def tables(writer: Writer, simulation: Simulation, metric: str, unit: str, source: str) -> dict[str, Ranges]:
    """Histogram, S-curve and convergence of a metric; nothing where no path has it."""
    sample = Sample(simulation.result(metric), simulation.design)
    if not sample.present.size:
        return {}
    absent = sample.paths - sample.present.size
    said = f"{source}{f'; the {absent:,} without the metric are left out' if absent else ''}."
    return {
        "histogram": _histogram(writer, sample, metric, unit, said),
        "s-curve": _s_curve(writer, sample, metric, unit, said),
        "convergence": _convergence(writer, simulation, metric, unit, said),
    }


def edges(values: Floats) -> Floats:
    """Edges of about so many bars as `BARS`, round numbers of which zero is one, around nearly all values."""
    low, high = (float(x) for x in np.quantile(values, PICTURED))
    rough = max((high - low) / BARS or abs(low) or 1.0, sys.float_info.min)
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * step for step in STEPS if unit * step >= rough * (1.0 - 1e-9))
    first, last = math.floor(low / step), math.floor(high / step) + 1
    return step * np.arange(first, last + 1, dtype=np.float64)


def _histogram(writer: Writer, sample: Sample, metric: str, unit: str, said: str) -> Ranges:
    sheet, bounds = writer.sheet, edges(sample.present)
    number = number_format(unit, bounds)
    factor, label = scale(unit, bounds)
    writer.section(f"Histogram of {metric}")
    outside = [float(np.mean(sample.present < bounds[0])), float(np.mean(sample.present >= bounds[-1]))]
    writer.sentence(f"Shares of {said} Below the first bar {outside[0]:.2%}, above the last {outside[1]:.2%} of them.")
    numbers = ("To", BELOW, ABOVE, "Standard error")
    writer.heads(("From", "Bar", "", "Unit", *numbers), ("From", *numbers))
    first = writer.row
    for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        inside = np.where(np.isnan(sample.values), math.nan, (sample.values >= low) & (sample.values < high))
        share = float(np.nanmean(inside))
        row = writer.line(low, f"{low * factor:,.6g} to {high * factor:,.6g} {label}", number)
        sheet.text(row, BASE, unit, "unit")
        put(sheet, row, BASE + 1, high, number)
        put(sheet, row, BASE + 2, share if high <= 0 else 0.0, SHARE)
        put(sheet, row, BASE + 3, 0.0 if high <= 0 else share, SHARE)
        put(sheet, row, BASE + 4, standard_error(inside, sample.design), SHARE)
    last = writer.row - 1
    values = {BELOW: span(sheet, first, last, BASE + 2), ABOVE: span(sheet, first, last, BASE + 3)}
    return Ranges(span(sheet, first, last, KEY), values, "share of paths")


def _s_curve(writer: Writer, sample: Sample, metric: str, unit: str, said: str) -> Ranges:
    sheet, found = writer.sheet, sample.percentiles(PERCENTS)
    number = format_of(unit, [one.value for one in found])
    writer.section(f"S-curve of {metric}")
    writer.sentence(f"The value that a share of the paths lies at or below; {said}")
    numbers = ("Value", "Standard error")
    writer.heads(("Share", "Point", "", "Unit", *numbers), ("Share", *numbers))
    first = writer.row
    for percent, one in zip(PERCENTS, found, strict=True):
        row = writer.line(percent / 100.0, f"{percent:g} % of paths lie at or below", "0.0%")
        sheet.text(row, BASE, unit, "unit")
        put(sheet, row, BASE + 1, one.value, number)
        put(sheet, row, BASE + 2, one.standard_error, number)
    last = writer.row - 1
    values = {"Share of paths at or below": span(sheet, first, last, KEY)}
    return Ranges(span(sheet, first, last, BASE + 1), values, unit)


def _convergence(writer: Writer, simulation: Simulation, metric: str, unit: str, said: str) -> Ranges:
    sheet, running = writer.sheet, simulation.convergence(metric)
    number = format_of(unit, running.to_numpy().ravel().tolist())
    writer.section(f"Convergence of {metric}")
    writer.sentence(f"Statistics over growing numbers of paths, ± half the width of their 95 % intervals; {said}")
    names = [str(column) for column in running.columns]
    heads = [name.replace("_half_width", " ±") for name in names]
    writer.heads(("First paths", "Taken", "", "Unit", *heads), ("First paths", *heads))
    first = writer.row
    for paths, *values in running.itertuples(name=None):
        row = writer.line(float(paths), f"The first {paths:,} paths", "#,##0")
        sheet.text(row, BASE, unit, "unit")
        for column, value in enumerate(values, BASE + 1):
            put(sheet, row, column, value, number)
    last = writer.row - 1
    spans = {head: span(sheet, first, last, column) for column, head in enumerate(heads, BASE + 1)}
    return Ranges(span(sheet, first, last, KEY), spans, unit)


def fan(writer: Writer, percentiles: pd.DataFrame, rendered: Rendered, model: Model) -> Ranges:
    """Percentiles of a line by year, and the line as the model has it now."""
    (name,) = percentiles.columns.get_level_values(0).unique()
    line, live, timeline = model.lines[name], rendered.rows[name], model.timeline
    sheet, values, unit = writer.sheet, percentiles[name].to_numpy(), line.unit
    number = number_format(unit, values.ravel())
    writer.section(f"Fan of {name}")
    errors = ", ".join(f"P{p} {_error(p / 100.0, percentiles.attrs['paths']):.2%}" for p in PERCENTILES)
    writer.sentence(
        f"{first_sentence(line.note)} {percentiles.attrs['source'].capitalize()}, at the end of each year after close, "
        "each by itself: no single path follows a percentile. Standard error of the share below it, were the paths "
        f"random: {errors}."
    )
    heads = [f"P{percent}" for percent in PERCENTILES]
    writer.heads(("Month", "Year", "Live", "Unit", *heads), ("Live", *heads))
    first = writer.row
    for year, period in enumerate(range(0, timeline.periods + 1, timeline.per_year)):
        row = writer.line(timeline.labels[period], f"Year {year} after close" if year else "Financial close")
        now = live.fixed(period)
        sheet.formula(row, LIVE, now.text, now.number, Style("formula", number))
        sheet.text(row, BASE, unit, "unit")
        for column, value in enumerate(values[period].tolist(), BASE + 1):
            put(sheet, row, column, value, number)
    last = writer.row - 1
    spans = {head: span(sheet, first, last, BASE + 1 + place) for place, head in enumerate(heads)}
    taken = f"snapshot of {percentiles.attrs['paths']:,} paths, seed {percentiles.attrs['seed']}"
    return Ranges(span(sheet, first, last, KEY), {**spans, "Live": span(sheet, first, last, LIVE)}, unit, taken)


def _error(share: float, paths: int) -> float:
    return math.sqrt(share * (1.0 - share) / paths)
