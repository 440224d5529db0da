"""The statements of a small book, reckoned by hand.

A plant of 99 and a loan's fee of 3 are paid at close by a loan of 42 and equity of 60. The loan bears ten percent of
interest and is repaid by 21 in each of the last two of three years; its fee is written off over the three. EBITDA is 60
a year; the plant is written off by 59, 40 and 0 for tax and by a third a year in the accounts; tax is 20 %. Customers
owe 8 and suppliers are owed 2 at the end of the first two years, and 5 are held in reserve; the rest is paid out.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from numpy.typing import NDArray

from finmodel.graph import Timeline, assemble
from finmodel.lines import statements, tax
from finmodel.render.plain import compile_plain
from finmodel.render.plan import Plan
from tests.graph.toys import module
from tests.lines import given

Rows = dict[str, NDArray[np.float64]]

ROWS: dict[str, tuple[float, ...]] = {
    "revenue": (0, 70, 70, 70),
    "opex": (0, 10, 10, 10),
    "ebitda": (0, 60, 60, 60),
    "capex": (99, 0, 0, 0),
    "refresh_capex": (0, 0, 0, 0),
    "asset_sale": (0, 0, 0, 0),
    "grant": (0, 0, 0, 0),
    "grant_income": (0, 0, 0, 0),
    "prepayment_flow": (0, 0, 0, 0),
    "prepayments": (0, 0, 0, 0),
    "deferred_grant": (0, 0, 0, 0),
    "receivables": (0, 8, 8, 0),
    "payables": (0, 2, 2, 0),
    "working_capital_increase": (0, 6, 0, -6),
    "depreciation": (0, 59, 40, 0),
    "book_depreciation": (0, 33, 33, 33),
    "net_fixed_assets": (99, 40, 0, 0),
    "net_book_assets": (99, 66, 33, 0),
    "interest_expense": (0, 4.2, 4.2, 2.1),
    "financing_cost": (3, 0, 0, 0),
    "financing_cost_amortised": (0, 1, 1, 1),
    "capitalised_financing_cost": (3, 2, 1, 0),
    "reserve_interest": (0, 0, 0.5, 0.5),
    "debt_drawn": (42, 0, 0, 0),
    "debt_total": (42, 42, 21, 0),
    "operating_reserve": (0, 5, 5, 0),
    "debt_reserve": (0, 0, 0, 0),
    "cash": (0, 0, 0, 0),
    "contributions": (60, 0, 0, 0),
    "tax_relief": (0, 0, 0, 0),
    "placed_in_service": (0, 99, 0, 0),
}
"""Flows and levels at close and in three years."""

OF_THE_LOAN: dict[str, tuple[float, ...]] = {
    "interest_paid": (0, 4.2, 4.2, 2.1),
    "principal_paid": (0, 0, 21, 21),
    "debt_swept": (0, 0, 0, 0),
    "refinancing_drawn": (0, 0, 0, 0),
    "refinancing_repaid": (0, 0, 0, 0),
}
FIGURES: dict[str, float] = {
    "tax_rate": 0.2,
    "state_tax_rate": 0,
    "loss_use_limit": 1,
    "loss_life": 50,
    "loss_refund_share": 0,
    "interest_cap": 0.3,
    "interest_capped_share": 0,
    "investment_credit_rate": 0,
}

TAX = np.array([0, 0, 0.2 * (15.3 - 4.2), 0.2 * 57.4])
"""On 60 - 59 - 4.2 - 1 = -4.2, a loss; then on 60 - 40 - 4.2 - 1 + 0.5 = 15.3 less that; then on 57.4."""
LEFT = np.array([60 + 42 - 99 - 3, 60 - 6 - 4.2 - 5, 60 + 0.5 - 4.2 - 21, 60 + 6 + 0.5 - 2.1 - 21 + 5]) - TAX


@pytest.fixture(scope="module")
def rows() -> Rows:
    known = {**ROWS, **OF_THE_LOAN, "distributions": tuple(LEFT)}
    plain = {name: "1" if name == "tax_relief" else "USD" for name in known if name not in OF_THE_LOAN}
    loan = dict.fromkeys(OF_THE_LOAN, "USD")
    toy = module(**given.given_lines(plain), **given.given_lines(loan, each="tranche"))
    cohorts = {given.AT: given.periods(4), "basis": tax.BASES, "tranche": ("loan",)}
    model = assemble([tax, statements, toy], Timeline(dt.date(2026, 12, 31), 3, 1), cohorts)
    return compile_plain(Plan(model)).run({**FIGURES, **given.figures(known, known, 4)}).rows


def test_profit_bears_its_own_tax(rows: Rows) -> None:
    before = np.array([0, 60 - 33 - 4.2 - 1, 60 - 33 - 4.2 - 1 + 0.5, 60 - 33 - 2.1 - 1 + 0.5])
    np.testing.assert_allclose(rows["profit_before_tax"], before)
    np.testing.assert_allclose(rows["net_income"], 0.8 * before)


def test_tax_is_put_off_and_comes_back(rows: Rows) -> None:
    np.testing.assert_allclose(rows["tax.levered"], [0, 0, 2.22, 11.48])
    np.testing.assert_allclose(rows["deferred_tax"], [0, 0.2 * (26 - 4.2), 0.2 * 33, 0], atol=1e-12)


def test_the_balance_sheet(rows: Rows) -> None:
    np.testing.assert_allclose(rows["total_assets"], [102, 81, 47, 0])
    np.testing.assert_allclose(rows["total_liabilities"], [42, 2 + 42 + 4.36, 2 + 21 + 6.6, 0], atol=1e-12)
    np.testing.assert_allclose(rows["paid_in_capital"], 60)
    np.testing.assert_allclose(rows["equity"], [60, 81 - 48.36, 47 - 29.6, 0], atol=1e-12)
    np.testing.assert_allclose(rows["total_assets"], rows["total_liabilities"] + rows["equity"], atol=1e-12)


def test_the_cash_flow_statement(rows: Rows) -> None:
    np.testing.assert_allclose(rows["operating_cash_flow"], [0, 49.8, 60.5 - 4.2 - 2.22, 66.5 - 2.1 - 11.48])
    np.testing.assert_allclose(rows["investing_cash_flow"], [-99, 0, 0, 0])
    assert rows["financing_cash_flow"][0] == 99
    np.testing.assert_allclose(rows["cash_and_reserves_increase"], [0, 5, 0, -5])
    flows = sum(rows[f"{kind}_cash_flow"] for kind in ("operating", "investing", "financing"))
    np.testing.assert_allclose(flows, [0, 5, 0, -5], atol=1e-12)
