"""Tax on a book of a few years whose profit, interest and investment are given: every number reckoned by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from finmodel.graph import Timeline, assemble
from finmodel.lines import tax
from finmodel.render.plain import Plain, compile_plain
from finmodel.render.plan import Plan
from tests.graph.toys import module
from tests.lines import given as given_rows

GIVEN = {
    "ebitda": "USD",
    "depreciation": "USD",
    "asset_sale": "USD",
    "grant_income": "USD",
    "interest_expense": "USD",
    "financing_cost_amortised": "USD",
    "reserve_interest": "USD",
    "placed_in_service": "USD",
    "tax_relief": "1",
}
FIGURES = {
    "tax_rate": 0.2,
    "state_tax_rate": 0.0,
    "loss_use_limit": 1.0,
    "loss_life": 50.0,
    "loss_refund_share": 0.0,
    "interest_cap": 0.3,
    "interest_capped_share": 0.0,
    "investment_credit_rate": 0.0,
}
MOST = 12


@cache
def book(per_year: int, periods: int) -> Plain:
    timeline = Timeline(dt.date(2026, 12, 31), periods, per_year)
    cohorts = {given_rows.AT: given_rows.periods(periods), "basis": tax.BASES}
    toy = module(**given_rows.given_lines(GIVEN, start=1))
    return compile_plain(Plan(assemble([tax, toy], timeline, cohorts)))


def reckon(
    rows: Mapping[str, Sequence[float]], per_year: int = 1, periods: int = MOST, **figures: float
) -> dict[str, NDArray[np.float64]]:
    """The rows of the book, from the first period after close on; what is not given is zero."""
    plain = book(per_year, periods)
    values = FIGURES | figures | given_rows.figures(rows, GIVEN, periods)
    return {name: row[1:] for name, row in plain.run(values).rows.items()}


def starts(row: NDArray[np.float64], *expected: float) -> None:
    """The row begins with these numbers and is zero after them."""
    np.testing.assert_allclose(row, [*expected, *[0.0] * (len(row) - len(expected))], atol=1e-12)


def test_a_profit_is_taxed_at_the_rate() -> None:
    rows = reckon({"ebitda": [100, 100], "depreciation": [30, 80], "asset_sale": [0, 5]})
    starts(rows["tax.unlevered"], 14, 5)
    starts(rows["tax.levered"], 14, 5)


def test_the_states_tax_is_deducted_from_the_national_base() -> None:
    """6 % of 100, and 21 % of the 94 that are left."""
    rows = reckon({"ebitda": [100]}, tax_rate=0.21, state_tax_rate=0.06)
    starts(rows["state_tax.unlevered"], 6)
    starts(rows["national_tax.unlevered"], 19.74)
    starts(rows["tax.unlevered"], 25.74)


def test_losses_lower_both_taxes() -> None:
    rows = reckon({"ebitda": [-40, 100]}, tax_rate=0.21, state_tax_rate=0.06)
    starts(rows["state_tax.unlevered"], 0, 3.6)
    starts(rows["national_tax.unlevered"], 0, 0.21 * (60 - 3.6))


def test_interest_is_deducted_where_there_is_debt_only() -> None:
    """40 of interest and 5 of fees, less 3 earned on reserves: 42 off 100."""
    debt = {"interest_expense": [40], "financing_cost_amortised": [5], "reserve_interest": [3]}
    rows = reckon({"ebitda": [100], **debt})
    starts(rows["tax.unlevered"], 20)
    starts(rows["tax.levered"], 11.6)


def test_interest_above_the_cap_waits_for_room_under_it() -> None:
    """30 of 50 may be deducted in the first year; of the 20 left 15 fit beside 15 of interest in the second."""
    flows = {"ebitda": [100, 100, 100], "interest_expense": [50, 15, 10]}
    free, capped = reckon(flows), reckon(flows, interest_capped_share=1)
    starts(free["tax.levered"], 10, 17, 18)
    starts(capped["tax.levered"], 14, 14, 17)
    starts(capped["disallowed_interest"], 20, 5, 0)
    starts(capped["taxable_income.levered"], 70, 70, 85)
    np.testing.assert_array_equal(capped["tax.unlevered"], free["tax.unlevered"])


def test_a_cap_on_part_of_the_interest_leaves_the_rest() -> None:
    """Of 100 of interest 40 % is capped, at 30: 10 are left for later."""
    rows = reckon({"ebitda": [100, 100], "interest_expense": [100, 0]}, interest_capped_share=0.4)
    starts(rows["taxable_income.levered"], 10, 90)


def test_there_is_no_room_under_the_cap_in_a_year_without_earnings() -> None:
    rows = reckon({"ebitda": [-20, 100], "interest_expense": [10, 0]}, interest_capped_share=1)
    starts(rows["disallowed_interest"], 10, 0)
    starts(rows["tax_losses.levered"], 20, 0)
    starts(rows["tax.levered"], 0, 14)


def test_interest_earned_beyond_interest_paid_is_taxed_and_not_capped() -> None:
    rows = reckon({"ebitda": [0, 0], "interest_expense": [5, 0], "reserve_interest": [15, 0]}, interest_capped_share=1)
    starts(rows["tax.levered"], 2)
    starts(rows["disallowed_interest"], 0)


def test_the_cap_looks_at_the_whole_tax_year() -> None:
    """By quarters: all the interest in the first, all the earnings in the last."""
    flows = {"ebitda": [0, 0, 0, 100], "interest_expense": [40, 0, 0, 0]}
    rows = reckon(flows, per_year=4, interest_capped_share=1)
    starts(rows["interest_disallowed"], 0, 0, 0, 10)
    starts(rows["tax.levered"], 0, 0, 0, 14)
    starts(rows["taxable_income.levered"], -40, 0, 0, 110)


def test_the_sale_of_assets_gives_no_room_under_the_cap_but_a_grant_does() -> None:
    flows = {"ebitda": [100], "asset_sale": [50], "grant_income": [10], "interest_expense": [60]}
    starts(reckon(flows, interest_capped_share=1)["disallowed_interest"], *[27] * MOST)


def test_a_loss_expires_after_its_life() -> None:
    """100 lost in the first year; 30 used in each of the two after it, and 40 gone."""
    flows = {"ebitda": [-100, 30, 30, 50]}
    lasting, lost = reckon(flows), reckon(flows, loss_life=2)
    starts(lost["tax_losses_expired.unlevered"], 0, 0, 40)
    starts(lost["tax.unlevered"], 0, 0, 0, 10)
    starts(lasting["tax.unlevered"], 0, 0, 0, 2)


def test_a_loss_is_used_within_the_limit() -> None:
    starts(reckon({"ebitda": [-100, 50, 100]}, loss_use_limit=0.8)["tax.unlevered"], 0, 2, 8)


def test_a_refund_brings_the_tax_of_its_share_of_a_loss_back_at_once() -> None:
    """40 of 100 lost are worth 8 now; the other 60 lower the next year's profit to 40."""
    flows = {"ebitda": [-100, 100]}
    starts(reckon(flows)["tax.unlevered"], 0, 0)
    starts(reckon(flows, loss_refund_share=0.4)["tax.unlevered"], -8, 8)
    starts(reckon(flows, loss_refund_share=1)["tax.unlevered"], -20, 20)


def test_a_refund_has_both_rates() -> None:
    rows = reckon({"ebitda": [-100]}, tax_rate=0.21, state_tax_rate=0.06, loss_refund_share=1)
    starts(rows["tax.unlevered"], -25.74)


def test_relief_lowers_both_rates() -> None:
    flows = {"ebitda": [100, 100, 100], "tax_relief": [1, 0.5, 0]}
    rows = reckon(flows, tax_rate=0.21, state_tax_rate=0.06)
    starts(rows["state_tax.unlevered"], 0, 3, 6)
    starts(rows["national_tax.unlevered"], 0, 0.105 * 97, 19.74)


def test_an_investment_credit_is_used_up_to_the_tax_and_carried_forward() -> None:
    """30 % of 150 are 45: the tax of two years and a quarter."""
    flows = {"ebitda": [0, 100, 100, 100], "placed_in_service": [150]}
    rows = reckon(flows, investment_credit_rate=0.3)
    starts(rows["tax.unlevered"], 0, 0, 0, 15)
    starts(rows["tax_credits.unlevered"], 45, 25, 5, 0)
    starts(reckon(flows)["tax.unlevered"], 0, 20, 20, 20)


def test_a_credit_is_set_against_national_tax_alone() -> None:
    flows = {"ebitda": [100], "placed_in_service": [1000]}
    rows = reckon(flows, tax_rate=0.21, state_tax_rate=0.06, investment_credit_rate=0.3)
    starts(rows["tax.unlevered"], 6)


def test_debt_leaves_more_of_a_credit_for_later() -> None:
    flows = {"ebitda": [100, 100], "interest_expense": [60, 60], "placed_in_service": [60]}
    rows = reckon(flows, investment_credit_rate=0.5)
    starts(rows["tax.unlevered"], 0, 10)
    starts(rows["tax.levered"], 0, 0)
    assert rows["tax_credits.levered"][1] == pytest.approx(14)


FLOW = st.floats(-200, 200)


@given(
    ebitda=st.lists(FLOW, min_size=MOST, max_size=MOST),
    interest=st.lists(st.floats(0, 200), min_size=MOST, max_size=MOST),
    placed=st.lists(st.floats(0, 100), min_size=3, max_size=3),
    shares=st.tuples(*[st.floats(0, 1)] * 6),
    life=st.floats(1, 14),
)
@settings(max_examples=80, deadline=None)
def test_no_tax_is_negative_without_refunds_and_none_is_lost(
    ebitda: list[float], interest: list[float], placed: list[float], shares: tuple[float, ...], life: float
) -> None:
    rate, state, limit, cap, capped, credit = shares
    flows = {"ebitda": ebitda, "interest_expense": interest, "placed_in_service": placed}
    rows = reckon(
        flows,
        tax_rate=rate,
        state_tax_rate=state,
        loss_use_limit=limit,
        loss_life=life,
        interest_cap=cap,
        interest_capped_share=capped,
        investment_credit_rate=credit,
    )
    for basis in tax.BASES:
        assert rows[f"tax.{basis}"].min() >= -1e-12
        assert rows[f"tax_losses.{basis}"].min() >= -1e-9
        assert rows[f"tax_credits.{basis}"].min() >= -1e-9
    assert rows["disallowed_interest"].min() >= -1e-9
    deducted = rows["taxable_income.unlevered"].sum() - rows["taxable_income.levered"].sum()
    assert deducted == pytest.approx(sum(interest) - rows["disallowed_interest"][-1], abs=1e-9)


@given(ebitda=st.lists(FLOW, min_size=MOST, max_size=MOST), refund=st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_refunded_in_full_every_year_bears_its_own_tax(ebitda: list[float], refund: float) -> None:
    full = reckon({"ebitda": ebitda}, loss_refund_share=1)
    np.testing.assert_allclose(full["tax.unlevered"], 0.2 * np.array(ebitda), atol=1e-9)
    part = reckon({"ebitda": ebitda}, loss_refund_share=refund)
    left = 0.2 * part["tax_losses.unlevered"][-1]
    assert part["tax.unlevered"].sum() == pytest.approx(0.2 * sum(ebitda) + left, abs=1e-9)
