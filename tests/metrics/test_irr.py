from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from finmodel.errors import Faults
from finmodel.metrics import irr
from finmodel.metrics.search import LADDER
from tests.metrics.cash_flows import FLOWS, imbalance, refreshed, with_rates

RATES = st.floats(-0.6, 1.5)


def dense_roots(flows: NDArray[np.float64], lowest: float, highest: float) -> list[list[tuple[float, float]]]:
    """(rate, direction) of every change of sign, for each path, on a grid far finer than the ladder."""
    log_ratios = np.linspace(math.log1p(lowest), math.log1p(highest), 8_001)
    periods = np.arange(flows.shape[1])
    exponents = np.where(log_ratios[:, None] > 0, -periods, periods[-1] - periods) * log_ratios[:, None]
    weights = np.exp(np.maximum(exponents, -700.0)).T
    found = []
    for level in flows @ weights / (np.abs(flows) @ weights):
        seen = np.abs(level) > 1e-12
        signs, rates = np.sign(level[seen]), np.expm1(log_ratios[seen])
        at = np.nonzero(np.diff(signs))[0]
        found.append([(float(rates[i] + rates[i + 1]) / 2, float(signs[i + 1])) for i in at])
    return found


@pytest.mark.parametrize(
    ("flows", "rate", "status"),
    [
        ([-100, 60, 60], 0.1306623862918075, "unique"),
        ([-1, 1.1], 0.1, "unique"),  # the guess itself
        ([-5, 10.5, 1, -8, 1], 0.7095595276861836, "multiple"),
        ([-1000, 3600, -4310, 1716], 0.1, "multiple"),  # 10, 20 and 30 %
        ([-100, 230, -132], 0.2, "multiple"),  # rises at 10 %, falls at 20 %
        ([-100, 60, 60, 60, -10], 0.340201399967762, "unique"),  # cumulative turns once, although the flows turn twice
        ([-3000, 2.3926932267015667e-07, 4.1672087103345505e-16], -0.9999999995852922, "unique"),
        ([-1, 1e9], 999_999_999.0, "unique"),
        ([-100, 0, 0, 74], -0.0954958303, "unique"),
        ([0, 0, 0, -100, 110, 0, 0], 0.1, "unique"),
    ],
)
def test_known_rates(flows: list[float], rate: float, status: str) -> None:
    found = irr(flows)
    assert found.status == status
    assert found.rate == pytest.approx(rate, rel=1e-7, abs=1e-10)
    # Near -100 % the rate itself has few digits left in 1 + rate.
    assert abs(imbalance(flows, found.rate)) < max(1e-12, 1e-16 / (1.0 + found.rate))


@pytest.mark.parametrize(
    "flows",
    [[40_000, 5_000, 8_000, 12_000], [-1, -2, -3], [0, 0, 0], [5], [-5], [0], [-100, 230, -133], [100, -230, 133]],
    ids=str,
)
def test_no_rate_is_not_a_number(flows: list[float]) -> None:
    found = irr(flows)
    assert (math.isnan(found.rate), found.status) == (True, "none")


@given(st.floats(-0.5, 2.0), st.sampled_from([-1.0, 1.0]))
def test_a_rate_where_the_value_only_touches_zero_is_none(rate: float, sign: float) -> None:
    assert irr(with_rates([rate, rate], sign)).status == "none"


@given(st.floats(-0.5, 2.0), st.floats(1e-5, 1e-3))
def test_two_rates_closer_than_the_ladder_are_found_in_the_dip(rate: float, apart: float) -> None:
    higher = (1.0 + rate) * (1.0 + apart) - 1.0
    assume(rate > 1e-3 or higher < -1e-3)  # else the higher one is the only positive one, and so "unique"
    found = irr(with_rates([rate, higher]))
    assert found.status == "multiple"
    assert found.rate == pytest.approx(higher, abs=1e-7)


def test_a_dip_that_misses_zero_by_a_hair_is_none() -> None:
    assert irr([-1.0, 2.3, -1.3225 * (1.0 + 1e-10)]).status == "none"
    assert irr([-1.0, 2.3, -1.3225 * (1.0 - 1e-10)]).status == "multiple"


def test_the_borrowers_rate_is_taken_when_it_is_alone() -> None:
    found = irr([100, -110])
    assert (found.rate, found.status) == (pytest.approx(0.1), "unique")


def test_of_two_falling_rates_the_one_nearest_the_guess_is_taken() -> None:
    flows = with_rates([0.05, 0.3, 0.6])
    assert irr(flows, guess=0.1).rate == pytest.approx(0.05)
    assert irr(flows, guess=0.5).rate == pytest.approx(0.6)
    # 0.32 is 0.27 from one and 0.28 from the other: distance decides, not the side of the guess.
    assert irr(flows, guess=0.32).rate == pytest.approx(0.05)
    assert irr(flows, guess=0.33).rate == pytest.approx(0.6)


@given(st.lists(RATES, min_size=1, max_size=5), st.sampled_from([-1.0, 1.0]), st.floats(0.0, 0.3))
def test_the_falling_rate_nearest_the_guess_is_found_wherever_rungs_part_the_rates(
    rates: list[float], sign: float, guess: float
) -> None:
    rungs = [(1.0 + guess) * multiple - 1.0 for multiple in LADDER]
    ordered = sorted(rates, reverse=True)
    assume(all(any(low + 0.01 < rung < high - 0.01 for rung in rungs) for high, low in pairwise(ordered)))
    # The sign of the first flow is that at the highest rates; it changes at each rate on the way down.
    falling = [rate for place, rate in enumerate(ordered) if sign * (-1.0) ** place < 0] or ordered
    nearest, *others = sorted(falling, key=lambda rate: abs(rate - guess))
    assume(not others or abs(others[0] - guess) > abs(nearest - guess) + 1e-6)
    flows = with_rates(rates, sign)
    found = irr(flows, guess)
    assert found.rate == pytest.approx(nearest, abs=1e-6)
    if len(rates) == 1:
        assert found.status == "unique"


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=6))
def test_it_agrees_with_the_roots_of_the_polynomial(flows: list[int]) -> None:
    """An independent oracle: eigenvalues of the companion matrix, taken where they are well apart."""
    assume(flows[0] and flows[-1])
    roots = [complex(root) for root in np.roots(flows)]
    real = sorted(root.real for root in roots if abs(root.imag) < 1e-9 and root.real > 0)
    assume(all(abs(root.imag) > 0.3 for root in roots if abs(root.imag) >= 1e-9 and root.real > 0))
    assume(all(0.3 < root < 4 for root in real) and all(high > 1.5 * low for low, high in pairwise(real)))
    found = irr(flows)
    falling = [root for root in real if np.polyval(np.polyder(flows), root) * root ** -(len(flows) - 1) < 0] or real
    if not real:
        assert found.status == "none"
    else:
        assert found.rate == pytest.approx(min(falling, key=lambda root: abs(root - 1.1)) - 1.0, abs=1e-7)


@given(FLOWS, st.floats(-0.2, 0.5))
def test_the_net_present_value_is_zero_at_the_rate(flows: list[float], guess: float) -> None:
    found = irr(flows, guess)
    assert found.status != "not converged"
    assert math.isnan(found.rate) == (found.status == "none")
    if found.status != "none":
        assert abs(imbalance(flows, found.rate)) < max(1e-10, 1e-14 / (1.0 + found.rate))


@given(FLOWS, st.integers(-40, 40))
def test_a_power_of_two_of_the_flows_has_the_same_rate_to_the_last_bit(flows: list[float], exponent: int) -> None:
    assert repr(irr([flow * 2.0**exponent for flow in flows])) == repr(irr(flows))


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_the_currency_does_not_matter(scale: float) -> None:
    flows = refreshed(40, seed=3)
    alone, scaled = irr(flows, guess=0.008), irr(flows * scale, guess=0.008)
    assert (alone.status == scaled.status).all()
    np.testing.assert_allclose(alone.rate, scaled.rate, rtol=0, atol=1e-11)


@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1e300, 1e308])
def test_nor_do_flows_near_the_ends_of_the_numbers(scale: float) -> None:
    assert irr([-scale, scale, scale]).rate == pytest.approx((math.sqrt(5.0) - 1.0) / 2.0)


@given(FLOWS, st.integers(0, 30), st.integers(0, 30))
def test_zeros_before_and_after_do_not_matter(flows: list[float], before: int, after: int) -> None:
    assert repr(irr([0.0] * before + flows + [0.0] * after)) == repr(irr(flows))


def test_a_thousand_periods_of_waiting_do_not_matter() -> None:
    assert irr([0.0] * 1_100 + [-1.0, 2.5]).rate == pytest.approx(1.5)
    assert irr([-1.0, 1.1] + [0.0] * 1_100).rate == pytest.approx(0.1)


@given(st.floats(-0.4, 0.6), st.floats(0.2, 0.8))
def test_turning_every_sign_makes_the_rising_rate_the_falling_one(low: float, apart: float) -> None:
    flows = with_rates([low, low + apart])
    assert irr(flows).rate == pytest.approx(low + apart, abs=1e-8)
    assert irr([-flow for flow in flows]).rate == pytest.approx(low, abs=1e-8)


@pytest.mark.parametrize("guess", [0.0, 0.008, 0.1])
def test_monthly_flows_of_refreshed_hardware_have_the_rates_of_a_dense_search(guess: float) -> None:
    flows = refreshed(200, seed=11)
    found = irr(flows, guess)
    for roots, rate, status in zip(dense_roots(flows, -0.4, 0.6), found.rate, found.status, strict=True):
        assert (status == "none") == (not roots)
        if roots:
            falling = [root for root, direction in roots if direction < 0] or [root for root, _ in roots]
            assert rate == pytest.approx(min(falling, key=lambda root: abs(root - guess)), abs=1e-4)
    assert {"none", "unique", "multiple"} <= set(found.status)


def test_many_paths_are_each_path_alone_to_the_last_bit() -> None:
    draw = np.random.default_rng(5)
    flows = np.concatenate([refreshed(20, seed=1, periods=80), draw.normal(0.3, 2.0, (60, 81)), np.zeros((1, 81))])
    flows[25, :9] = 0.0
    together = irr(flows, guess=0.01)
    alone = [irr(row, guess=0.01) for row in flows]
    assert together.rate.tobytes() == np.array([one.rate for one in alone]).tobytes()
    assert together.status.tolist() == [one.status for one in alone]


def test_more_paths_than_are_taken_at_once() -> None:
    flows = np.tile([[-100.0, 60.0, 60.0], [-1.0, 1.1, 0.0]], (2_000, 1))
    found = irr(flows)
    assert found.rate.shape == found.status.shape == (4_000,)
    assert len(set(found.rate.tolist())) == 2


def test_no_paths_have_no_rates() -> None:
    found = irr(np.empty((0, 5)))
    assert found.rate.shape == found.status.shape == (0,)


@pytest.mark.parametrize(
    ("flows", "complaint"),
    [
        ([], "shape"),
        ([[]], "shape"),
        (3.0, "shape"),
        (np.zeros((2, 2, 2)), "shape"),
        ([-1.0, math.nan], "period 1"),
        ([[-1.0, 1.0], [-1.0, math.inf]], "period 1 of path 1"),
        (["a", "b"], "numbers"),
        ([1j, 2.0], "numbers"),
    ],
    ids=str,
)
def test_flows_that_are_none_are_a_fault(flows: Sequence[float], complaint: str) -> None:
    with pytest.raises(Faults, match=complaint):
        irr(flows)


@pytest.mark.parametrize("guess", [-1.0, -2.0, math.nan, math.inf])
def test_a_guess_that_is_no_rate_is_a_fault(guess: float) -> None:
    with pytest.raises(Faults, match="guess"):
        irr([-1.0, 1.1], guess)


def test_the_ladder_rises_and_the_guess_is_on_it() -> None:
    assert list(LADDER) == sorted(LADDER)
    assert LADDER[len(LADDER) // 2] == 1.0
