import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmodel.graph import elementary
from finmodel.graph.writer import ARRAYS, SCALARS

ULP = 2.0**-52


@given(st.floats(-700, 700))
def test_exp_is_within_an_ulp_of_the_library(x: float) -> None:
    assert elementary.exp(SCALARS, x) == pytest.approx(math.exp(x), rel=2 * ULP)


@given(st.floats(1e-300, 1e300))
def test_log_is_within_an_ulp_of_the_library(x: float) -> None:
    assert elementary.log(SCALARS, x) == pytest.approx(math.log(x), rel=2 * ULP, abs=ULP)


@given(st.floats(1e-3, 1e3), st.floats(-30, 30))
def test_power_agrees_with_the_library(base: float, exponent: float) -> None:
    assert elementary.power(SCALARS, base, exponent) == pytest.approx(base**exponent, rel=2e-13)


@given(st.lists(st.floats(-750, 750), min_size=1, max_size=20))
def test_arrays_and_scalars_give_the_same_bits(xs: list[float]) -> None:
    together = elementary.exp(ARRAYS, np.array(xs))
    assert [float(y) for y in together] == [elementary.exp(SCALARS, x) for x in xs]
    positive = np.abs(np.array(xs)) + 1e-9
    assert elementary.log(ARRAYS, positive).tolist() == [elementary.log(SCALARS, float(x)) for x in positive]


def test_the_exact_points_are_exact() -> None:
    assert elementary.exp(SCALARS, 0.0) == 1.0
    assert elementary.log(SCALARS, 1.0) == 0.0
    assert elementary.power(SCALARS, 1.0, 123.4) == 1.0
    assert elementary.power(SCALARS, 0.0, 2.0) == 0.0
    assert elementary.power(SCALARS, 7.5, 0.0) == 1.0


def test_beyond_the_range_exp_is_infinite_or_zero() -> None:
    assert elementary.exp(SCALARS, 710.0) == math.inf
    assert elementary.exp(SCALARS, -800.0) == 0.0
