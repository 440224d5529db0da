"""What a simulation found, on the dashboard: in words with its error, in charts that say they are not live."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest

from finmodel.render.chart import Chart
from finmodel.render.sheet import Sheet, Style, address
from finmodel.report.layout import Ranges
from finmodel.report.snapshot import MOST_BARS, Snapshot

ROWS = 25
FAN = ("P5", "P10", "P25", "P50", "P75", "P90", "P95", "Live")


@dataclass
class Found:
    """As much of a simulation as is said of it."""

    percentiles: tuple[float, float, float] = (-47.06e9, -11.9e9, 34.3e9)
    chance: float | None = 0.68234
    paths: int = 4096
    seed: int = 7
    design: str = "sobol"
    probabilities: dict[str, float | None] = field(init=False)
    probability_errors: dict[str, float | None] = field(init=False)

    def __post_init__(self) -> None:
        self.probabilities = {"npv_negative": self.chance}
        self.probability_errors = {"npv_negative": None if self.chance is None else 0.00312}

    def summary(self) -> pd.DataFrame:
        return pd.DataFrame([(*self.percentiles, "USD")], columns=["p5", "p50", "p95", "unit"], index=["npv"])


def tables() -> tuple[Sheet, dict[str, Ranges]]:
    """A sheet of numbers, and tables of every kind on it."""
    sheet = Sheet("Numbers")
    for row in range(ROWS):
        for column in range(1 + len(FAN)):
            sheet.number(row, column, 1e9 * (row - column), Style("fixed"))

    def span(column: int) -> str:
        return f"Numbers!{address(0, column, fixed=True)}:{address(ROWS - 1, column, fixed=True)}"

    return sheet, {
        "histogram": Ranges(span(0), {"Below zero": span(1), "Zero or above": span(2)}, "share of paths"),
        "s-curve": Ranges(span(0), {"Share of paths at or below": span(1)}, "USD"),
        "tornado": Ranges(span(0), {"Input at its P5": span(1), "Input at its P95": span(2)}, "USD"),
        "fan": Ranges(span(0), {name: span(place) for place, name in enumerate(FAN, 1)}, "USD"),
    }


def snapshot(simulation: Any, *names: str) -> Snapshot:
    sheet, ranges = tables()
    chosen = {name: ranges[name] for name in names}
    return Snapshot.of({"npv": "Net value", "flow": "Flow"}.__getitem__, "npv", "flow", simulation, chosen, [sheet])


def test_a_snapshot_says_its_paths_its_seed_and_its_error() -> None:
    assert snapshot(Found()).words == (
        "Snapshot of 4,096 paths (sobol, seed 7), not live: Net value is below zero in 68.2 % of them (standard error "
        "0.3 %), has its median at -11.9 bn USD and lies between -47.1 (P5) and 34.3 (P95)."
    )


def test_a_chance_that_is_not_known_is_not_said() -> None:
    assert "below zero" not in snapshot(Found(chance=None)).words


def test_a_metric_that_no_path_has_is_said_to_be_missing() -> None:
    assert snapshot(Found((math.nan,) * 3)).words.endswith("Net value exists on none of them.")


def test_tables_that_are_not_there_are_left_out() -> None:
    assert snapshot(None) == Snapshot("", [])
    assert [chart.title for chart in snapshot(None, "tornado").charts] == [
        "Net value: change when one input goes to its P5 or P95 (snapshot)"
    ]


@pytest.fixture
def charts() -> list[Chart]:
    """One of each kind."""
    return list(snapshot(Found(), "histogram", "s-curve", "tornado", "fan").charts)


def test_every_chart_says_that_it_is_a_snapshot(charts: list[Chart]) -> None:
    assert len(charts) == 4
    assert all("snapshot" in chart.title for chart in charts)
    assert all("snapshot" in chart.described.lower() for chart in charts)


def test_axes_show_billions_of_what_cells_hold_whole(charts: list[Chart]) -> None:
    histogram, curve, tornado, fan = charts
    assert histogram.across.title == "Net value, bn USD, from"
    assert all(str(axis.number).endswith("0,,,") for axis in (curve.across, tornado.across, fan.up))


def test_a_tornado_shows_the_widest_bars_alone(charts: list[Chart]) -> None:
    assert charts[2].series[0].labels == f"Numbers!$A$1:$A${MOST_BARS}"
    assert charts[2].series[1].values == f"Numbers!$C$1:$C${MOST_BARS}"


def test_a_fan_shows_as_many_percentiles_as_eyes_can_follow(charts: list[Chart]) -> None:
    assert [series.name for series in charts[3].series] == ["P5", "P25", "P50", "P75", "P95", "Live"]


def test_a_range_on_no_sheet_is_refused() -> None:
    _, ranges = tables()
    with pytest.raises(ValueError, match="no range of the workbook"):
        Snapshot.of(str, "npv", "flow", None, ranges, [])
