"""Small models: every operation and construct, recalculated by independent engines."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from finmodel.errors import CalculationFault
from finmodel.graph import Timeline
from finmodel.render import plain
from finmodel.render.plain import compile_plain
from finmodel.render.plan import Plan
from tests.graph.toys import MONTHLY
from tests.render.random_models import INPUTS, SHOCKS, build, recipes
from tests.workbook.spreadsheets import FIRST, Iron, cell_name, disagreements, live_cell, office, typed_row
from tests.workbook.toys import VALUES, everything, written

CLOSE = dt.date(2027, 3, 31)
TIMELINES = (MONTHLY, Timeline(CLOSE, 9, 4, 6), Timeline(CLOSE, 7, 1, 3), Timeline(dt.date(2026, 12, 31), 6, 2, 12))
WEATHER = np.random.default_rng(7).standard_normal


@pytest.mark.parametrize("timeline", TIMELINES, ids=lambda timeline: f"{timeline.per_year} a year")
def test_ironcalc_agrees_with_python(timeline: Timeline, tmp_path: Path) -> None:
    path, toy = tmp_path / "toy.xlsx", everything(timeline)
    evaluation = written(path, toy, VALUES, {"weather": WEATHER(timeline.periods + 1)})
    assert list(disagreements(path, toy, evaluation, Iron(path).recalculated())) == []


def test_libreoffice_agrees_with_python(tmp_path: Path, libreoffice: str) -> None:
    path, toy = tmp_path / "toy.xlsx", everything()
    evaluation = written(path, toy, VALUES, {"weather": WEATHER(MONTHLY.periods + 1)})
    assert list(disagreements(path, toy, evaluation, *office(path, tmp_path, libreoffice))) == []


def test_edited_inputs_and_shocks_move_the_model(tmp_path: Path) -> None:
    path, toy = tmp_path / "toy.xlsx", everything()
    written(path, toy, VALUES)
    changes = {"start": 1.75, "life": 12.2, "price": 90.0, "rise": -0.2, "outlay": 80_000.0}
    weather = WEATHER(MONTHLY.periods + 1)
    sheet, row = typed_row(path, "weather")
    iron = Iron(path).set({live_cell(path, name): value for name, value in changes.items()})
    iron.set({(sheet, cell_name(row, FIRST + period)): value for period, value in enumerate(weather)})
    expected = compile_plain(Plan(toy)).run(VALUES | changes, {"weather": weather})
    assert list(disagreements(path, toy, expected, iron.recalculated())) == []


@pytest.fixture
def strict_powers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Powers beyond the largest number are faults: a sheet has no infinity, not even on the way to a finite result."""

    def strict(function: Callable[..., float]) -> Callable[..., float]:
        def computed(*args: float) -> float:
            result = function(*args)
            if math.isinf(result):
                raise OverflowError("beyond the largest number")
            return result

        return computed

    for name in ("_power", "_exp"):
        monkeypatch.setattr(plain, name, strict(getattr(plain, name)))


@pytest.mark.usefixtures("strict_powers")
@given(recipes(), st.tuples(*[st.floats(-3, 3)] * 4), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_models_agree_with_ironcalc(tmp_path: Path, recipe, numbers, seed) -> None:
    toy = build(recipe)
    draw = np.random.default_rng(seed)
    values = dict(zip(INPUTS, (round(x, 3) + 0.0137 for x in numbers), strict=True))
    shocks = {name: draw.standard_normal(recipe.periods + 1) for name in SHOCKS}
    path = tmp_path / "random.xlsx"
    try:
        evaluation = written(path, toy, values, shocks)
    except CalculationFault:
        reject()
    assert list(disagreements(path, toy, evaluation, Iron(path).recalculated())) == []
