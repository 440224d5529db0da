"""The tables that charts of a simulation are drawn from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmodel.report.pages.drawn import BARS, STEPS, edges


@given(st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=60))
def test_bars_reach_around_nearly_all_values_with_zero_at_an_edge(values: list[float]) -> None:
    found = np.array(values)
    bounds = edges(found)
    step = bounds[1] - bounds[0]
    low, high = np.quantile(found, (0.005, 0.995))
    assert bounds[0] <= low + 1e-9 * abs(low)
    assert bounds[-1] >= high - 1e-9 * abs(high)
    assert len(bounds) <= BARS + 3
    assert np.allclose(bounds / step, np.round(bounds / step), rtol=1e-9)


@pytest.mark.parametrize(("low", "high"), [(-3.1e9, 7.7e9), (0.02, 0.31), (-61.0, -2.0), (1e-7, 3e-6)])
def test_bars_are_as_wide_as_round_numbers(low: float, high: float) -> None:
    bounds = edges(np.linspace(low, high, 1_001))
    step = bounds[1] - bounds[0]
    assert np.min(np.abs(step / 10.0 ** np.floor(np.log10(step * (1 + 1e-9))) - np.array(STEPS))) < 1e-6
    assert BARS / 3 < len(bounds) - 1 <= BARS + 2


@pytest.mark.parametrize("value", [0.0, 5e-324, 5.0, -2.3e9])
def test_a_metric_that_does_not_vary_has_a_bar(value: float) -> None:
    bounds = edges(np.full(10, value))
    assert bounds[0] <= value < bounds[-1]
