"""Paints the charts of a sheet with XlsxWriter: native charts that follow the cells.

Each series has a colour, and besides it a dash, a marker or a hatching of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from finmodel.render.chart import Axis, Chart, Dash, Mark, Series
from finmodel.render.sheet import DEFAULT_WIDTH, Sheet, column_number
from finmodel.report.palette import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, SKY, VERMILLION

COLOURS = (BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY, INK)
DASHES: tuple[Dash, ...] = ("solid", "dash", "round_dot", "long_dash", "dash_dot", "square_dot", "long_dash_dot")
MARKERS = ("circle", "square", "diamond", "triangle", "x", "plus", "star")
HATCHES = (None, "wide_upward_diagonal", "small_grid", "wide_downward_diagonal", "dotted_diamond", "horizontal_brick")
TYPES: dict[Mark, dict[str, str]] = {
    "column": {"type": "column"},
    "stacked column": {"type": "column", "subtype": "stacked"},
    "bar": {"type": "bar"},
    "stacked bar": {"type": "bar", "subtype": "stacked"},
    "line": {"type": "line"},
    "area": {"type": "area"},
    "stacked area": {"type": "area", "subtype": "stacked"},
    "scatter": {"type": "scatter", "subtype": "straight"},
}
SOLID = ("column", "stacked column", "bar", "stacked bar")
FONT = {"name": "Calibri", "size": 9, "color": INK, "bold": False}
SMALL = {**FONT, "size": 8}
SLANT = -45
TITLE = {"name": "Calibri", "size": 11, "color": "#1F3A5F", "bold": True}
HAIR = {"color": "#D9DEE4", "width": 0.5}
GRID = {"major_gridlines": {"visible": True, "line": HAIR}}
MOST_LABELS = 12
"""Labels along a horizontal axis above which some are left out."""
MOST_MARKED = 40
"""Points of a line above which markers would hide it."""
MARGIN = 5
"""Pixels that are left free on either side of a chart."""
DEFAULT_HEIGHT, PIXELS_PER_POINT, PIXELS_PER_CHARACTER, PADDING = 15.0, 4 / 3, 7, 5
RANGE = re.compile(r"\$([A-Z]+)\$(\d+):\$([A-Z]+)\$(\d+)$")


def draw(chart: Chart, sheet: Sheet, book: Any, page: Any) -> None:
    """Insert a chart into a page of an XlsxWriter workbook."""
    groups: dict[tuple[Mark, bool], list[Series]] = {}
    for series in chart.series:
        groups.setdefault((series.mark, series.second), []).append(series)
    first, *rest = (_painted(chart, book, mark, members) for (mark, _), members in groups.items())
    upright = not _lies(chart)
    first.set_x_axis(_axis(chart.across) | (_labels(chart) if upright else _numbers(chart)))
    first.set_y_axis(_axis(chart.up) | (_numbers(chart) if upright else _labels(chart)))
    for second in rest:
        first.combine(second)
    if chart.second is not None:
        (rest[0] if rest else first).set_y2_axis(_axis(chart.second) | {"label_position": "next_to"})
    first.set_title({"name": chart.title, "name_font": TITLE, "overlay": False})
    first.set_legend({"position": "bottom", "font": FONT} if chart.legend else {"none": True})
    first.set_chartarea({"border": HAIR, "fill": {"color": "#FFFFFF"}})
    first.show_blanks_as("gap")
    first.set_size({"width": _width(chart, sheet) - 2 * MARGIN, "height": _height(chart, sheet)})
    options = {"description": chart.described, "object_position": 2, "x_offset": MARGIN}
    page.insert_chart(chart.row, chart.column, first, options)


def _painted(chart: Chart, book: Any, mark: Mark, members: Sequence[Series]) -> Any:
    """The series of one mark and axis as a chart of XlsxWriter."""
    painted = book.add_chart(TYPES[mark])
    alike = [series for series in chart.series if (series.mark in SOLID) == (mark in SOLID)]
    for series in members:
        painted.add_series(
            {
                "name": series.name,
                "categories": f"={series.labels}",
                "values": f"={series.values}",
                "y2_axis": series.second,
                **_look(series, chart.series.index(series), alike.index(series)),
                **({"gap": chart.gap} if mark in SOLID else {}),
                **({"overlap": 100} if chart.overlaid else {}),
            }
        )
    return painted


def _look(series: Series, place: int, among: int) -> dict[str, Any]:
    """Colour by the place among all series; hatching, dash and marker by that `among` those that are drawn alike."""
    colour = series.colour or COLOURS[place % len(COLOURS)]
    if series.mark in ("line", "scatter"):
        line = {"color": colour, "width": 2.0, "dash_type": series.dash or DASHES[among % len(DASHES)]}
        dot = {"type": MARKERS[among % len(MARKERS)], "size": 5, "fill": {"color": colour}, "border": {"color": colour}}
        return {"line": line, "marker": dot if _points(series.values) <= MOST_MARKED else {"type": "none"}}
    hatch = HATCHES[among % len(HATCHES)] if series.mark in SOLID else None
    if hatch is None:
        return {"fill": {"color": colour}, "border": {"color": "#FFFFFF", "width": 0.5}}
    pattern = {"pattern": hatch, "fg_color": colour, "bg_color": "#FFFFFF"}
    return {"pattern": pattern, "border": {"color": colour, "width": 0.5}}


def _axis(axis: Axis) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": axis.title,
        "name_font": FONT,
        "num_font": SMALL,
        "line": {"color": MUTED, "width": 0.75},
        "major_gridlines": {"visible": False},
        "label_position": "low",
        "reverse": axis.reverse,
    }
    given = {"min": axis.low, "max": axis.high, "crossing": axis.crosses, "num_format": axis.number}
    return shown | {key: value for key, value in given.items() if value is not None}


def _labels(chart: Chart) -> dict[str, Any]:
    """What the axis of the labels has besides: no more of them than fit; where it is reversed, the other at its end."""
    if chart.series[0].mark == "scatter":
        return GRID
    skipped = 1 if _lies(chart) else -(-_points(chart.series[0].labels) // MOST_LABELS)
    slanted = {"num_font": {**SMALL, "rotation": SLANT}} if skipped > 1 else {}
    return {"text_axis": True, "interval_unit": skipped, **slanted, **({"crossing": "max"} if _reversed(chart) else {})}


def _numbers(chart: Chart) -> dict[str, Any]:
    """What the axis of the numbers has besides."""
    return GRID | ({"label_position": "next_to"} if _reversed(chart) else {})


def _lies(chart: Chart) -> bool:
    return chart.series[0].mark in ("bar", "stacked bar")


def _reversed(chart: Chart) -> bool:
    return (chart.up if _lies(chart) else chart.across).reverse


def _points(reference: str) -> int:
    """How many cells a range has."""
    found = RANGE.search(reference)
    if found is None:
        return 1
    wide = column_number(found[3]) - column_number(found[1]) + 1
    return wide * (int(found[4]) - int(found[2]) + 1)


def _width(chart: Chart, sheet: Sheet) -> int:
    widths = {column: width for (first, last), width in sheet.widths.items() for column in range(first, last + 1)}
    shown = (widths.get(chart.column + at, DEFAULT_WIDTH) for at in range(chart.columns))
    return sum(int(width * PIXELS_PER_CHARACTER + 0.5) + PADDING for width in shown)


def _height(chart: Chart, sheet: Sheet) -> int:
    heights = (sheet.heights.get(chart.row + at, DEFAULT_HEIGHT) for at in range(chart.rows))
    return sum(int(height * PIXELS_PER_POINT) for height in heights)
