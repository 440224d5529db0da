"""A chart before it is part of a file: what is drawn from which cells, where it stands, and what it says to the blind.

Nothing here knows a spreadsheet library. Colours, dashes, markers and hatching are given by whoever paints the chart, a
different one of each to every series, so that colour is never the only mark.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mark = Literal["column", "stacked column", "bar", "stacked bar", "line", "area", "stacked area", "scatter"]
"""How a series is drawn. `bar` lies along the horizontal; `scatter` is a line over numbers instead of categories."""
Dash = Literal["solid", "dash", "round_dot", "long_dash", "dash_dot", "square_dot", "long_dash_dot"]


@dataclass(frozen=True)
class Axis:
    """An axis of a chart.

    Attributes
    ----------
    title
        What is measured, with its unit; empty where the labels say it themselves.
    number
        The number format of its labels; that of the cells unless given.
    low, high
        Where it begins and ends; found from the values unless given.
    reverse
        Whether it runs from top to bottom, or from right to left.
    crosses
        At which of its values the other axis stands; at zero unless given.
    """

    title: str
    number: str | None = None
    low: float | None = None
    high: float | None = None
    reverse: bool = False
    crosses: float | None = None


@dataclass(frozen=True)
class Series:
    """What a chart draws in one look.

    Attributes
    ----------
    name
        In the legend.
    labels, values
        Ranges, sheet included and absolute, such as `Annual!$H$4:$AB$4`.
    second
        Whether it is measured on the axis on the right.
    colour
        Such as `#0072B2`; the next of the palette unless given.
    dash
        Of a line; the next of its kind unless given.
    """

    name: str
    labels: str
    values: str
    mark: Mark = "column"
    second: bool = False
    colour: str | None = None
    dash: Dash | None = None


@dataclass(frozen=True)
class Chart:
    """A chart over the cells of a sheet; rows and columns count from 0.

    Attributes
    ----------
    title
        The headline.
    described
        What it shows, for those who cannot see it.
    across, up
        The horizontal and the vertical axis; of bars too.
    series
        From the first, which is drawn lowest; marks of at most two kinds, `scatter` with no other.
    second
        The vertical axis on the right, where a series is measured on it.
    legend
        Whether the names of the series stand below the chart.
    gap
        Between columns or bars, in per cent of their thickness.
    overlaid
        Whether columns or bars of several series stand on one place instead of side by side.
    row, column
        The cell of its upper left corner.
    rows, columns
        How many cells it covers.
    """

    title: str
    described: str
    across: Axis
    up: Axis
    series: tuple[Series, ...]
    second: Axis | None = None
    legend: bool = True
    gap: int = 40
    overlaid: bool = False
    row: int = 0
    column: int = 0
    rows: int = 16
    columns: int = 8

    def __post_init__(self) -> None:
        if not self.described.strip():
            raise ValueError(f"chart '{self.title}' has no description for those who cannot see it")
        if not self.series:
            raise ValueError(f"chart '{self.title}' has no series")
        if any(series.second for series in self.series) != (self.second is not None):
            raise ValueError(f"chart '{self.title}' needs a second axis where a series is measured on it, only there")
        if len({(series.mark, series.second) for series in self.series}) > 2:
            raise ValueError(f"chart '{self.title}' has more than two kinds of marks and axes")
