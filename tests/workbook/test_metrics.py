"""Rates of return and paybacks on a sheet are those of Python, whatever the flows."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finmodel.graph import Input, Model, Shock, Timeline, line, metric
from finmodel.metrics.nodes import irr_of, irr_status_of, payback_of
from finmodel.render.plain import compile_plain
from finmodel.render.plan import Plan
from tests.graph.toys import model
from tests.metrics.cash_flows import FLOWS, refreshed, with_rates
from tests.workbook.spreadsheets import FIRST, Iron, cell_name, disagreements, live_cell, office, typed_row
from tests.workbook.toys import written


def flows_model(periods: int) -> Model:
    """A model whose flows are typed into the sheet."""

    @line("USD")
    def flow(m):
        """The flow."""
        return m.typed * m.one

    @metric("1")
    def rate(m):
        """Rate of return a period."""
        return irr_of(m.flow, m.guess)

    @metric("1")
    def status(m):
        """Code of its status."""
        return irr_status_of(m.flow, m.guess)

    @metric("1")
    def paid(m):
        """Payback in periods."""
        return payback_of(m.flow)

    parts = {part.name: part for part in (flow, rate, status, paid)}
    timeline = Timeline(dt.date(2027, 3, 31), periods, 1)
    typed, one, guess = Shock("Typed flow."), Input("USD", "One."), Input("1", "Guess.", low=None)
    return model(timeline, typed=typed, one=one, guess=guess, **parts)


class Sheets:
    """One workbook of each length, into which flows are typed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workbook = cache(self._workbook)

    def _workbook(self, periods: int) -> tuple[Path, Model]:
        path, toy = self.folder / f"{periods}.xlsx", flows_model(periods)
        written(path, toy, {"one": 1.0, "guess": 0.1}, {"typed": np.array([-1.0, *[1.0] * periods])})
        return path, toy

    def edits(self, flows: Sequence[float], guess: float) -> dict[tuple[str, str], float | str]:
        """What to type for these flows and this guess."""
        path, _ = self.workbook(len(flows) - 1)
        sheet, row = typed_row(path, "typed")
        typed: dict[tuple[str, str], float | str] = {
            (sheet, cell_name(row, FIRST + period)): float(flow) for period, flow in enumerate(flows)
        }
        return typed | {live_cell(path, "guess"): guess}

    def disagreements(self, flows: Sequence[float], guess: float = 0.1) -> list[str]:
        """Where IronCalc and Python differ on these flows."""
        path, toy = self.workbook(len(flows) - 1)
        expected = compile_plain(Plan(toy)).run({"one": 1.0, "guess": guess}, {"typed": np.array(flows, dtype=float)})
        read = Iron(path).set(self.edits(flows, guess)).recalculated()
        return list(disagreements(path, toy, expected, read, {"rate": 1.0}))


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Sheets:
    """Workbooks shared by the tests of this module."""
    return Sheets(tmp_path_factory.mktemp("flows"))


@pytest.mark.parametrize(
    "flows",
    [
        [-100, 60, 60],
        [-1, 1.1],
        [-5, 10.5, 1, -8, 1],
        [-1000, 3600, -4310, 1716],
        [-100, 230, -132],
        [100, -60, -60],  # a borrower's rate
        [-100, 60, 60, 60, -10],
        [-100, 10, 10],  # never pays back
        [100, 100],  # no rate, nothing to pay back
        [0, 0, 0],
        [0, 0, -100, 40, 90],
        [-100, 150, -80, 60],  # negative again after payback
        with_rates([0.02, 0.05, 0.5]),
        with_rates([0.1, 0.1001]),  # two roots in one dip
        with_rates([-0.3, 0.4, 0.9, 1.5], 1.0),
    ],
    ids=str,
)
def test_chosen_flows(sheets: Sheets, flows: list[float]) -> None:
    assert sheets.disagreements(flows) == []


@pytest.mark.parametrize("flows", refreshed(8, seed=10).tolist(), ids=range(8))
def test_monthly_projects_with_refresh(sheets: Sheets, flows: list[float]) -> None:
    assert sheets.disagreements(flows, guess=0.008) == []


@given(FLOWS.filter(lambda flows: len(flows) > 1), st.floats(-0.3, 0.6))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_flows(sheets: Sheets, flows: list[float], guess: float) -> None:
    assert sheets.disagreements(flows, guess) == []


def test_libreoffice_finds_the_same_rate(sheets: Sheets, tmp_path: Path, libreoffice: str) -> None:
    flows = refreshed(1, seed=10)[0]
    path, toy = sheets.workbook(len(flows) - 1)
    expected = compile_plain(Plan(toy)).run({"one": 1.0, "guess": 0.008}, {"typed": flows})
    (read,) = office(path, tmp_path, libreoffice, sheets.edits(flows, 0.008))
    assert math.isfinite(expected.scalars["rate"])
    assert list(disagreements(path, toy, expected, read)) == []
