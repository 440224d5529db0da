"""The first contract: what is paid, credited and prepaid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lines.conftest import Site, site_of

HOURS = 72 * 0.95 * 730
"""Saleable GPU-hours of one rack in a month."""

MONTH = 6 * HOURS * 4
"""Revenue of a month under the contract: six of ten racks at 4 USD, from month 14 to 37."""


@pytest.mark.parametrize(("minimum", "used", "paid"), [(1, 0.7, 1), (0.8, 0.7, 0.8), (0.5, 0.7, 0.7), (0, 0, 0)])
def test_the_customer_pays_for_what_is_used_or_for_the_minimum(
    single: Site, minimum: float, used: float, paid: float
) -> None:
    result = single(take_or_pay_share=minimum, contracted_sold_share=used)
    assert result["contract_revenue"][20] == pytest.approx(paid * MONTH)
    assert result["market_revenue"][20] == pytest.approx(single()["market_revenue"][20])


@pytest.mark.parametrize(
    ("promised", "rate", "cap", "credit"),
    [(0.98, 10, 1, 0.3), (0.98, 10, 0.25, 0.25), (0.9, 10, 1, 0), (0.98, 0, 1, 0)],
)
def test_missed_availability_is_credited_up_to_the_cap(
    single: Site, promised: float, rate: float, cap: float, credit: float
) -> None:
    usual = single()
    result = single(promised_availability=promised, service_credit_rate=rate, service_credit_cap=cap)
    assert result["service_credits"][20] == pytest.approx(credit * MONTH)
    assert usual["revenue"][20] - result["revenue"][20] == pytest.approx(credit * MONTH)


class TestPrepayment:
    """A quarter of 24 monthly invoices, received six months before acceptance at 13."""

    SHARE = 0.25

    def test_it_is_received_before_acceptance_and_credited_over_the_term(self, single: Site) -> None:
        balance = single(prepayment_share=self.SHARE)["prepayments"]
        expected = np.zeros(49)
        expected[7:14] = 24
        expected[13:38] = 24 - np.arange(25)
        np.testing.assert_allclose(balance, expected * self.SHARE * MONTH, atol=1e-3)

    def test_it_moves_cash_and_no_revenue(self, single: Site) -> None:
        usual, prepaid = (single(receivable_days=0, prepayment_share=share) for share in (0, self.SHARE))
        expected = np.zeros(49)
        expected[7] = 24
        expected[14:38] = -1
        moved = prepaid["cash_flow_before_tax"] - usual["cash_flow_before_tax"]
        np.testing.assert_allclose(moved, expected * self.SHARE * MONTH, atol=1e-3)
        for line in ("revenue", "ebitda", "tax.unlevered", "capex"):
            np.testing.assert_array_equal(prepaid[line], usual[line])
        assert prepaid["project_npv"] > usual["project_npv"]

    def test_what_was_prepaid_is_not_owed_again(self, single: Site) -> None:
        usual, prepaid = single(), single(prepayment_share=self.SHARE)
        assert usual["receivables"][20] - prepaid["receivables"][20] == pytest.approx(self.SHARE * MONTH)

    def test_what_was_not_earned_is_paid_back_at_the_end_of_operations(self, single: Site) -> None:
        result = single(prepayment_share=self.SHARE, operations_end=25)
        credited = self.SHARE * MONTH
        assert result["prepayments.less"][25] == pytest.approx(12 * credited + credited)
        assert result["invoiced"][25] == pytest.approx(result["revenue"][25] - credited)
        assert np.all(np.abs(result["prepayments"][25:]) < 1e-3)

    def test_nothing_is_received_before_close(self, single: Site) -> None:
        result = single(prepayment_share=self.SHARE, prepayment_lead=60)
        assert result["prepayments.added"][0] == pytest.approx(24 * self.SHARE * MONTH)

    @given(
        share=st.floats(0, 1),
        lead=st.floats(0, 30),
        delay=st.floats(0, 100),
        spread=st.floats(0, 8),
        end=st.floats(0, 130),
        term=st.floats(0, 4),
    )
    @settings(max_examples=60, deadline=None)
    def test_the_liability_is_never_negative_and_ends_at_nothing(
        self, share: float, lead: float, delay: float, spread: float, end: float, term: float
    ) -> None:
        site = site_of(120, 12, ("first", "second"), ("original", "second", "third"), 12)
        result = site(
            prepayment_share=share,
            prepayment_lead=lead,
            construction_delay=delay,
            installation_ramp=spread,
            operations_end=end,
            contract_term=term,
        )
        assert result["prepayments"].min() >= -1e-3
        assert abs(result["prepayments"][-1]) <= 1e-3
        assert result["prepayment_flow"].sum() == pytest.approx(0, abs=1e-3)
        assert np.all(result["prepayments.less"] >= -1e-3)
