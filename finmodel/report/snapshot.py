"""What a simulation found, on the dashboard: a sentence, and charts from its tables; each says that it is not live."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from finmodel.render.chart import Axis, Chart, Dash, Series
from finmodel.render.sheet import Sheet, column_number
from finmodel.report.layout import Ranges
from finmodel.report.numbers import on_axis, scale
from finmodel.report.palette import BLUE, INK, SKY, VERMILLION

if TYPE_CHECKING:
    from finmodel.simulate.simulation import Simulation

REFERENCE = re.compile(r"(.+)!\$([A-Z]+)\$(\d+):\$([A-Z]+)\$(\d+)")
FAN: Mapping[str, tuple[str, Dash]] = {
    "P5": (SKY, "round_dot"),
    "P25": (BLUE, "dash"),
    "P50": (INK, "solid"),
    "P75": (BLUE, "dash"),
    "P95": (SKY, "round_dot"),
    "Live": (VERMILLION, "long_dash_dot"),
}
"""The percentiles that a fan shows, those as far from the median alike, and the model as it is."""
MOST_BARS = 10
Numbers = Callable[[str], Sequence[float]]


@dataclass(frozen=True)
class Snapshot:
    """What a simulation found, in a sentence, and charts of it; nothing where there was none."""

    words: str = ""
    charts: Sequence[Chart] = ()

    @classmethod
    def of(
        cls,
        called: Callable[[str], str],
        metric: str,
        line: str,
        simulation: Simulation | None,
        ranges: Mapping[str, Ranges],
        sheets: Iterable[Sheet],
    ) -> Snapshot:
        """From tables on some sheets; charts of tables that are not there are left out.

        Parameters
        ----------
        called
            Gives what people call a metric or line.
        metric, line
            What histogram, S-curve and tornado are of, and the line of the fan.
        ranges
            By name: histogram, s-curve, tornado, fan.
        """
        by_name = {sheet.name: sheet for sheet in sheets}
        taken = "" if simulation is None else f"snapshot of {simulation.paths:,} paths, seed {simulation.seed}"
        words = "" if simulation is None else _in_words(simulation, metric, called(metric))
        charts = _charts(ranges, lambda reference: _numbers(by_name, reference), called(metric), called(line), taken)
        return cls(words, list(charts))


def _in_words(simulation: Simulation, metric: str, name: str) -> str:
    """The chance that a metric is below zero with its standard error, and three percentiles of the metric."""
    values = simulation.summary().loc[metric]
    chance, error = (of.get(f"{metric}_negative") for of in (simulation.probabilities, simulation.probability_errors))
    shown = [float(str(values[column])) for column in ("p5", "p50", "p95")]
    taken = f"Snapshot of {simulation.paths:,} paths ({simulation.design}, seed {simulation.seed}), not live: {name}"
    if not all(map(math.isfinite, shown)):
        return f"{taken} exists on none of them."
    factor, unit = scale(str(values["unit"]), shown)
    low, middle, high = (f"{value * factor:,.1f}" for value in shown)
    said = f"has its median at {middle} {unit} and lies between {low} (P5) and {high} (P95)"
    if chance is None or math.isnan(chance):
        return f"{taken} {said}."
    exact = "" if error is None or math.isnan(error) else f" (standard error {100.0 * error:.1f} %)"
    return f"{taken} is below zero in {100.0 * chance:.1f} % of them{exact}, {said}."


def _charts(ranges: Mapping[str, Ranges], read: Numbers, metric: str, line: str, taken: str) -> Iterator[Chart]:
    if "histogram" in ranges:
        table = ranges["histogram"]
        curve = ranges.get("s-curve")
        unit, number = on_axis(curve.unit if curve else "", read(table.labels))
        yield Chart(
            title=f"{metric}: how often ({taken})",
            described=f"Columns: the share of the paths in which {metric} falls between one label and the next; "
            f"those below zero stand apart by hatching. {taken.capitalize()}: no formula.",
            across=Axis(f"{metric}, {unit}, from", number),
            up=Axis("share of paths", "0%"),
            series=tuple(
                Series(name, table.labels, values, "stacked column", colour=colour)
                for (name, values), colour in zip(table.values.items(), (VERMILLION, BLUE), strict=True)
            ),
            gap=4,
        )
    if "s-curve" in ranges:
        table = ranges["s-curve"]
        unit, number = on_axis(table.unit, read(table.labels))
        yield Chart(
            title=f"{metric}: the chance to stay below ({taken})",
            described=f"A line that rises from 0 to 1: the share of the paths in which {metric} is at or below the "
            f"value on the horizontal axis. {taken.capitalize()}: no formula.",
            across=Axis(f"{metric}, {unit}", number),
            up=Axis("share of paths at or below", "0%", low=0.0, high=1.0),
            series=tuple(Series(name, table.labels, values, "scatter") for name, values in table.values.items()),
            legend=False,
        )
    if "tornado" in ranges:
        table = _first(ranges["tornado"], MOST_BARS)
        unit, number = on_axis(table.unit, [value for values in table.values.values() for value in read(values)])
        yield Chart(
            title=f"{metric}: change when one input goes to its P5 or P95 (snapshot)",
            described=f"Two bars for each of at most {MOST_BARS} inputs, the widest swing on top: how far {metric} "
            "moves from the base case where that input alone goes to its 5th and to its 95th percentile. A snapshot, "
            "no formula.",
            across=Axis(f"change of {metric}, {unit}", number),
            up=Axis("", reverse=True),
            series=tuple(Series(name, table.labels, values, "bar") for name, values in table.values.items()),
            overlaid=True,
        )
    if "fan" in ranges:
        table = ranges["fan"]
        taken = table.source or taken
        lines = {name: values for name, values in table.values.items() if name in FAN}
        unit, number = on_axis(table.unit, [value for values in lines.values() for value in read(values)])
        yield Chart(
            title=f"{line}: percentiles ({taken})",
            described=f"Lines over time: the 5th, 25th, 50th, 75th and 95th percentile of {line} at each date, and the "
            f"live model. Each date by itself: no single path follows a percentile. {taken.capitalize()}.",
            across=Axis(""),
            up=Axis(unit, number),
            series=tuple(
                Series(name, table.labels, values, "line", colour=FAN[name][0], dash=FAN[name][1])
                for name, values in lines.items()
            ),
        )


def _first(table: Ranges, count: int) -> Ranges:
    """The first rows of a table."""

    def cut(reference: str) -> str:
        found = REFERENCE.fullmatch(reference)
        if found is None:
            raise ValueError(f"{reference} is no range")
        last = min(int(found[5]), int(found[3]) + count - 1)
        return f"{found[1]}!${found[2]}${found[3]}:${found[4]}${last}"

    return replace(table, labels=cut(table.labels), values={name: cut(values) for name, values in table.values.items()})


def _numbers(sheets: Mapping[str, Sheet], reference: str) -> list[float]:
    """The numbers in a range."""
    found = REFERENCE.fullmatch(reference)
    if found is None or found[1] not in sheets:
        raise ValueError(f"{reference} is no range of the workbook")
    cells = sheets[found[1]].cells
    rows = range(int(found[3]) - 1, int(found[5]))
    columns = range(column_number(found[2]), column_number(found[4]) + 1)
    held = (cells.get((row, column)) for row in rows for column in columns)
    return [float(cell.content) for cell in held if cell is not None and not isinstance(cell.content, str)]
