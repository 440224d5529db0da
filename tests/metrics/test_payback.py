from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmodel.errors import Faults
from finmodel.metrics import discounted_payback, payback
from tests.metrics.cash_flows import FLOWS, refreshed


@pytest.mark.parametrize(
    ("flows", "periods"),
    [
        ([-100, 40, 40, 40], 2.5),
        ([-100, 50, 50], 2.0),
        ([-100, 400], 0.25),
        ([10, -30, 40], 1.5),
        ([-50, -50, 0, 200], 2.5),
        ([-100, 150, -80, 60], 100 / 150),  # the second dip does not count
        ([0, 0, -10, 10], 3.0),
        ([5, 5], 0.0),
        ([0, 0], 0.0),
        ([10, -10, 3], 0.0),  # it touches zero and never goes below
    ],
)
def test_known_paybacks(flows: list[float], periods: float) -> None:
    assert payback(flows) == pytest.approx(periods)


@pytest.mark.parametrize("flows", [[-1], [-100, 99.99], [5, -6, 0.5]], ids=str)
def test_what_never_returns_has_none(flows: list[float]) -> None:
    assert math.isnan(payback(flows))


def test_a_return_to_exactly_zero_is_not_lost_to_rounding() -> None:
    assert -0.3 + 0.1 + 0.1 + 0.1 != 0.0
    assert payback([-0.3, 0.1, 0.1, 0.1]) == pytest.approx(3.0)
    assert payback([-0.7, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]) == pytest.approx(7.0)


@given(FLOWS)
def test_it_lies_where_the_cumulative_crosses_zero(flows: list[float]) -> None:
    at, sofar = payback(flows), np.cumsum(flows)
    scale = 1e-9 * np.abs(flows).sum()
    if math.isnan(at):
        first = int(np.argmax(sofar < 0))
        assert (sofar[first:] < scale).all()
    elif at == 0:
        assert (sofar >= -scale).all()
    else:
        assert np.interp(at, np.arange(len(flows)), sofar) == pytest.approx(0.0, abs=scale)
        assert sofar[math.ceil(at)] >= -scale
        assert (sofar[: math.ceil(at)] < scale).any()


@given(FLOWS, st.integers(-20, 20))
def test_the_currency_does_not_matter(flows: list[float], exponent: int) -> None:
    assert repr(payback([flow * 2.0**exponent for flow in flows])) == repr(payback(flows))


def test_discounting_delays_it() -> None:
    flows = [-100.0, 30.0, 40.0, 50.0, 60.0]
    assert discounted_payback(0.0, flows) == payback(flows)
    discounted = [flow / 1.1**period for period, flow in enumerate(flows)]
    assert discounted_payback(0.1, flows) == pytest.approx(payback(discounted))
    assert discounted_payback(0.1, flows) > payback(flows)
    assert math.isnan(discounted_payback(1.0, flows))


def test_many_paths_are_each_path_alone_to_the_last_bit() -> None:
    flows = refreshed(60, seed=4, periods=120)
    assert payback(flows).tobytes() == np.array([payback(row) for row in flows]).tobytes()
    together = discounted_payback(0.01, flows)
    assert together.tobytes() == np.array([discounted_payback(0.01, row) for row in flows]).tobytes()
    assert np.isnan(together).any()
    assert (together > 0).any()


def test_bad_input_is_a_fault() -> None:
    with pytest.raises(Faults, match="shape"):
        payback([])
    with pytest.raises(Faults, match="rate"):
        discounted_payback(-1.0, [-1.0, 2.0])
