"""Formulas in blocks with their ingredients above: independent engines still compute what Python computes."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from finmodel.errors import CalculationFault
from finmodel.render import excel
from finmodel.render.ingredients import with_ingredients
from tests.graph.toys import MONTHLY
from tests.render.random_models import INPUTS, SHOCKS, build, recipes
from tests.workbook.spreadsheets import Iron, disagreements
from tests.workbook.test_small_models import strict_powers
from tests.workbook.toys import VALUES, everything, written

__all__ = ["strict_powers"]

WEATHER = np.random.default_rng(7).standard_normal(MONTHLY.periods + 1)


@pytest.fixture(params=(20, 60))
def tight(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Formulas of so few characters that nearly every line has ingredients."""
    monkeypatch.setattr(excel, "with_ingredients", partial(with_ingredients, longest=request.param))
    longest: int = request.param
    return longest


def test_ironcalc_agrees_with_python(tmp_path: Path, tight: int) -> None:
    path, toy = tmp_path / f"{tight}.xlsx", everything()
    evaluation = written(path, toy, VALUES, {"weather": WEATHER})
    assert list(disagreements(path, toy, evaluation, Iron(path).recalculated())) == []


@pytest.mark.usefixtures("strict_powers")
@given(recipes(), st.tuples(*[st.floats(-3, 3)] * 4), st.integers(0, 2**31))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_models_agree_with_ironcalc(tmp_path: Path, tight: int, recipe, numbers, seed) -> None:
    toy = build(recipe)
    draw = np.random.default_rng(seed)
    values = dict(zip(INPUTS, (round(x, 3) + 0.0137 for x in numbers), strict=True))
    shocks = {name: draw.standard_normal(recipe.periods + 1) for name in SHOCKS}
    path = tmp_path / f"{tight}.xlsx"
    try:
        evaluation = written(path, toy, values, shocks)
    except CalculationFault:
        reject()
    assert list(disagreements(path, toy, evaluation, Iron(path).recalculated())) == []
