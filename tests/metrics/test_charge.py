from __future__ import annotations

import math

import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmodel.errors import Faults
from finmodel.metrics import (
    capital_charge,
    capital_recovery_factor,
    irr,
    levelised_cost,
    nominal_rate,
    npv,
    straight_line,
)
from finmodel.metrics.charge import CONVENTIONS, Convention

RATES = st.floats(0.001, 0.5)


@given(RATES, st.integers(1, 40))
def test_the_recovery_factor_is_the_librarys_payment(rate: float, periods: int) -> None:
    assert capital_recovery_factor(rate, periods) == pytest.approx(-npf.pmt(rate, periods, 1.0), rel=1e-11)


@pytest.mark.parametrize("rate", [0.0, 1e-14, -1e-14])
def test_without_interest_the_charge_is_the_share_of_the_cost(rate: float) -> None:
    for convention in CONVENTIONS:
        assert capital_charge(1_200.0, rate, 4.0, convention) == pytest.approx(300.0)


@given(RATES, st.integers(1, 20))
def test_a_year_in_advance_the_charge_is_discounted_once(rate: float, years: int) -> None:
    advance = capital_charge(1_000.0, rate, years, "annual in advance")
    assert npv(rate, [advance] * years) == pytest.approx(1_000.0, rel=1e-9)
    assert advance * (1.0 + rate) == pytest.approx(capital_charge(1_000.0, rate, years, "annual"))


@given(RATES, st.integers(1, 10))
def test_twelve_monthly_payments_return_the_nominal_rate(rate: float, years: int) -> None:
    monthly = capital_charge(1_000.0, rate, years, "monthly") / 12.0
    assert 12.0 * irr([-1_000.0, *[monthly] * (12 * years)], guess=0.01).rate == pytest.approx(rate, abs=1e-9)


def test_straight_line_adds_the_average_interest_of_a_loan_repaid_in_equal_shares() -> None:
    cost, rate, years = 1_000.0, 0.08, 5
    interest = [rate * cost * (1.0 - paid / years) for paid in range(years)]
    expected = cost / years + sum(interest) / years
    assert capital_charge(cost, rate, years, "straight line") == pytest.approx(expected)


def test_conventions_differ_as_they_should() -> None:
    advance, straight, monthly, annual = (
        capital_charge(100.0, 0.07, 5, convention)
        for convention in ("annual in advance", "straight line", "monthly", "annual")
    )
    assert advance < monthly < annual
    assert straight < annual


def test_levelised_cost_is_what_it_adds_up() -> None:
    assert levelised_cost(1_000.0, 0.1, 50.0, 300.0, 0.2) == pytest.approx((100.0 + 50.0) / 300.0 + 0.2)


@given(st.floats(-0.5, 1.0), st.floats(-0.5, 1.0))
def test_a_nominal_rate_less_inflation_is_the_real_one(real: float, inflation: float) -> None:
    assert (1.0 + nominal_rate(real, inflation)) / (1.0 + inflation) - 1.0 == pytest.approx(real, abs=1e-12)


def test_bad_input_is_a_fault() -> None:
    unknown: Convention = "weekly"  # type: ignore[assignment]  # what a caller without types may pass
    with pytest.raises(Faults, match=r"weekly.*monthly"):
        capital_charge(1.0, 0.1, 5, unknown)
    with pytest.raises(Faults, match="years"):
        capital_charge(1.0, 0.1, 0.0)
    with pytest.raises(Faults, match="rate"):
        capital_charge(1.0, -1.0, 5)
    with pytest.raises(Faults, match="periods"):
        capital_recovery_factor(0.1, math.inf)
    with pytest.raises(Faults, match="annual_units"):
        levelised_cost(1.0, 0.1, 1.0, 0.0)
    with pytest.raises(Faults, match="life"):
        straight_line(1.0, 0.0, -1.0)
    with pytest.raises(Faults, match="inflation"):
        nominal_rate(0.1, math.nan)
