"""Laws of the financing, over random admissible projects, loans and timelines."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmodel import metrics
from finmodel.render.plain import Evaluation
from tests.lines.plain_project import PLAIN, project

MONEY = ("asset_cost", "yearly_revenue", "yearly_opex", "prepaid", "equity_support_limit", "debt_limit")
KINDS = {
    "sizing": ("gearing", "dscr", "smaller"),
    "repayment": ("annuity", "equal_principal", "sculpted"),
    "draws": ("pro_rata", "equity_first"),
}


def between(low: float, high: float) -> st.SearchStrategy[float]:
    """Six decimals: whether a loan of 1e-313 is repaid says nothing."""
    return st.floats(low, high).map(lambda x: round(x, 6))


share = between(0, 1)
rate = between(0, 0.15)
figures = st.fixed_dictionaries(
    {
        "asset_cost": between(100, 5000),
        "construction_time": st.sampled_from([0.0, 6.0, 17.5, 24.0]),
        "yearly_revenue": between(0, 900),
        "revenue_growth": between(-0.1, 0.1),
        "yearly_opex": between(0, 200),
        "dip_start": between(0, 60),
        "dip_end": between(60, 120),
        "dip_share": share,
        "grant_share": share,
        "prepaid": between(0, 100),
        "collection_time": between(0, 3),
        "tax_life": between(1, 20),
        "book_life": between(1, 20),
        "tax_rate": share,
        "state_tax_rate": share,
        "loss_use_limit": share,
        "loss_life": between(1, 30),
        "interest_cap": share,
        "interest_capped_share": share,
        "investment_credit_rate": between(0, 0.5),
        "base_rate": rate,
        "tax_in_cfads": share,
        "operating_reserve_months": between(0, 12),
        "reserve_rate": rate,
        "equity_support_limit": between(0, 500),
        "sweep_share": share,
        "lock_up_dscr": between(0, 2),
        "default_dscr": between(0, 1.5),
        "gearing": share,
        "debt_limit": st.sampled_from([100.0, 1e9]),
        "target_dscr": between(0.8, 3),
        "availability_period": between(0, 40),
        "debt_tenor": between(0.5, 30),
        "interest_margin": rate,
        "swap_rate": rate,
        "hedged_share": share,
        "commitment_fee": between(0, 0.02),
        "upfront_fee": between(0, 0.05),
        "debt_reserve_months": between(0, 12),
        "balloon_share": share,
        "refinancing_date": between(0, 300),
        "refinancing_margin": rate,
        "refinancing_tenor": between(0.5, 20),
        "refinancing_fee": between(0, 0.05),
        "refinancing_ratio": between(0, 1.5),
    }
)
loan = st.fixed_dictionaries({kind: st.sampled_from(choices) for kind, choices in KINDS.items()})
tranches = st.one_of(
    st.just({}), st.builds(lambda one: {"loan": one}, loan), st.builds(lambda a, b: {"a": a, "b": b}, loan, loan)
)
grid = st.sampled_from([(20, 1), (40, 4), (120, 12)])


def close(found: Any, expected: Any, size: float) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * size + 1e-12)


def size_of(case: Evaluation) -> float:
    """The largest sum of money about, by which rounding is measured: balances are made of sums over all periods."""
    flows = ("capex", "revenue", "opex", "service_due", "contributions", "distributions", "funding_uses")
    return float(sum(np.abs(case.rows[name]).sum() for name in flows)) + 1.0


@settings(max_examples=150, deadline=None)
@given(figures, tranches, grid)
def test_the_statements_balance_and_the_waterfall_pays_what_is_there(
    given_figures: Mapping[str, float], loans: Mapping[str, Mapping[str, str]], periods: tuple[int, int]
) -> None:
    case = project(given_figures, tranches=loans, periods=periods[0], per_year=periods[1])
    row, one = case.rows, {**case.scalars}
    size = size_of(case)
    # the balance sheet balances; nothing is left of the assets at the horizon
    close(row["total_assets"], row["total_liabilities"] + row["equity"], size)
    close(row["total_assets"][-1], 0, size)
    # sources equal uses
    sources = row["debt_drawn"] + row["grant"] + row["contributions"] - row["equity_support"] + row["site_funds"]
    close(sources, row["funding_uses"], size)
    # cash reconciles
    flows = row["operating_cash_flow"] + row["investing_cash_flow"] + row["financing_cash_flow"]
    close(flows, row["cash_and_reserves_increase"], size)
    # the waterfall pays what is there
    for name in ("cash", "debt_reserve", "operating_reserve", "contributions", "distributions", "service_unpaid"):
        assert row[name].min() >= -1e-9 * size, name
    assert (row["service_from_cash"] <= np.maximum(row["cash_before_service"], 0) + 1e-9 * size).all()
    assert row["equity_support"].sum() <= given_figures["equity_support_limit"] + 1e-9 * size
    close(
        row["service_from_cash"] + row["reserve_drawn"] + row["equity_support"] + row["service_unpaid"],
        row["service_due"],
        size,
    )
    # tax is not refunded
    assert row["tax.levered"].min() >= -1e-9 * size
    assert row["tax.unlevered"].min() >= -1e-9 * size
    # debt is never negative, and ends at zero unless it was not paid
    for name in loans:
        assert row[f"debt.{name}"].min() >= -1e-9 * size
        assert row[f"scheduled_debt.{name}"][-1] == 0.0
        assert row[f"debt.{name}"][-1] <= row["service_unpaid"][-1] + 1e-9 * size
        assert one[f"commitment.{name}"] >= 0.0
        drawn = row[f"loan_drawn.{name}"]
        close(drawn.sum(), one[f"commitment.{name}"], size)
        assert drawn.min() >= -1e-9 * size
    assert row["cash"][-1] == 0.0
    # the owners' net present value at their rate of return is zero
    if one["equity_irr_status"] == 1.0 and one["equity_irr"] > -0.99:
        per_period = (1 + one["equity_irr"]) ** (1 / periods[1]) - 1
        gross = metrics.npv(per_period, np.abs(row["equity_flow"]))
        assert abs(metrics.npv(per_period, row["equity_flow"])) <= 1e-7 * gross


@settings(max_examples=40, deadline=None)
@given(figures, tranches)
def test_twice_the_money_is_twice_all_money(
    given_figures: Mapping[str, float], loans: Mapping[str, Mapping[str, str]]
) -> None:
    doubled = {**given_figures, **{name: 2 * {**PLAIN, **given_figures}[name] for name in MONEY}}
    once, twice = (project(book, tranches=loans, periods=40, per_year=4) for book in (given_figures, doubled))
    size = size_of(once)
    for name in ("debt_total", "equity_flow", "tax.levered", "cash", "debt_reserve", "net_income", "service_unpaid"):
        close(twice.rows[name], 2 * once.rows[name], size)
    assert twice.scalars["equity_npv"] == pytest.approx(2 * once.scalars["equity_npv"], abs=1e-8 * size)


@settings(max_examples=60, deadline=None)
@given(
    between(1.05, 2.5),
    between(0, 0.12),
    between(-0.05, 0.1),
    between(2, 18),
    st.sampled_from(["dscr", "smaller"]),
    grid,
)
def test_sculpted_cover_is_flat_where_cash_flow_allows(
    target: float, interest: float, growth: float, tenor: float, sizing: str, periods: tuple[int, int]
) -> None:
    book = {"target_dscr": target, "swap_rate": interest, "interest_margin": 0.0, "gearing": 1.0, "debt_tenor": tenor}
    book |= {"revenue_growth": growth, "asset_cost": 1e5, "availability_period": 24.0}
    case = project(book, periods=periods[0], per_year=periods[1], sizing=sizing, repayment="sculpted")
    whole = case.rows["sizing_discount.loan"] > 0
    maturity = case.scalars["first_maturity.loan"]
    last = case.rows["periods_left.loan"] < 1 + 1e-9
    allowed = case.rows["scheduled_principal.loan"] > 0
    dates = (case.rows["test_date"] > 0) & whole & allowed & ~last
    assert maturity > 24
    if (case.rows["scheduled_principal.loan"][whole & ~last] > 0).all():
        np.testing.assert_allclose(case.rows["dscr"][dates], target, rtol=1e-9)
