"""The three statements: they articulate in every period of every book, and each period bears its own tax."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmodel.lines import gigafactory, statements
from tests.lines.conftest import TWO_LOANS, Result, Site, site_of
from tests.lines.test_random_books import books

STRUCTURES = {
    "without debt": (),
    "two loans": TWO_LOANS,
    "one loan": (("senior", "project", "dscr", "pro_rata", "equal_principal"),),
}
TWO_PHASES = (("first", "second"), ("original", "second", "third"), 12)


def articulates(result: Result) -> None:
    """Assets are liabilities and equity, cash is what flowed, and the bridges between the statements hold."""
    scale = np.abs(result["total_assets"]).max() + np.abs(result["contributions"]).sum() + 1
    tolerance = {"atol": 1e-9 * scale, "rtol": 0.0}
    np.testing.assert_allclose(result["total_assets"], result["total_liabilities"] + result["equity"], **tolerance)
    flows = sum(result[f"{kind}_cash_flow"] for kind in ("operating", "investing", "financing"))
    funds = result["cash"] + result["debt_reserve"] + result["operating_reserve"]
    np.testing.assert_allclose(np.cumsum(flows), funds, **tolerance)
    np.testing.assert_allclose(np.diff(funds, prepend=0), result["cash_and_reserves_increase"], **tolerance)
    changes = (
        ("debt_total", result["debt_raised"] - result["debt_repaid"] + result["interest_expense"]
         - result["interest_settled"]),
        ("equity", result["net_income"] + result["contributions"] - result["distributions"]),
        ("capitalised_financing_cost", result["financing_cost"] - result["financing_cost_amortised"]),
        ("net_book_assets", result["capex"] + result["refresh_capex"] - result["book_depreciation"]),
        ("deferred_grant", result["grant"] - result["grant_income"]),
    )  # fmt: skip
    for level, change in changes:
        np.testing.assert_allclose(np.diff(result[level], prepend=0), change, err_msg=level, **tolerance)
    for level in ("net_book_assets", "deferred_grant", "prepayments", "debt_total"):
        assert result[level].min() >= -1e-9 * scale, level


def bears_its_own_tax(result: Result) -> None:
    """Tax of the period, current and deferred, is the rate on its profit: but for what expires, or ends unused."""
    charge = result["tax.levered"] + result["deferred_tax_expense"]
    own = result["combined_tax_rate"] * (result["profit_before_tax"] + result["tax_losses_expired.levered"])
    scale = np.abs(result["profit_before_tax"]).max() + 1
    np.testing.assert_allclose(charge[:-1], own[:-1], rtol=0, atol=1e-9 * scale)
    unused = result["tax_losses.levered"][-1] + result["disallowed_interest"][-1]
    assert charge[-1] == pytest.approx(own[-1] + result["combined_tax_rate"] * unused, abs=1e-9 * scale)


@pytest.mark.parametrize("tranches", STRUCTURES.values(), ids=STRUCTURES)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_statements_articulate_in_any_book(tranches: tuple[tuple[str, ...], ...], data: st.DataObject) -> None:
    site = site_of(120, 12, *TWO_PHASES, tranches)  # type: ignore[arg-type]  # names and kinds, as above
    book = data.draw(books(site))
    state = data.draw(st.floats(0, 0.15), label="state_tax_rate")
    book |= {
        "state_tax_rate": state,
        "loss_life": data.draw(st.floats(1, 12), label="loss_life"),
        "loss_refund_share": data.draw(st.sampled_from([0.0, 0.5, 1.0]), label="refund"),
        "interest_capped_share": data.draw(st.sampled_from([0.0, 1.0]), label="capped"),
        "hardware_bonus_share": data.draw(st.sampled_from([0.0, 1.0]), label="bonus"),
        "operating_reserve_months": data.draw(st.sampled_from([0.0, 3.0]), label="reserve"),
        "sweep_share": data.draw(st.sampled_from([0.0, 0.5]), label="sweep"),
        "operations_end": data.draw(st.floats(0, 130), label="end"),
        "construction_delay": data.draw(st.floats(0, 60), label="delay"),
    }
    for name, *_ in tranches:
        book[f"refinancing_date.{name}"] = data.draw(st.sampled_from([50.0, 1000.0]), label="refinancing")
    result = site(book)
    articulates(result)
    bears_its_own_tax(result)


@given(
    credit=st.floats(0, 0.5),
    reduction=st.floats(0, 1),
    holiday=st.floats(0, 6),
    delay=st.floats(0, 200),
    end=st.floats(0, 150),
    shares=st.tuples(*[st.sampled_from([0.0, 0.4, 1.0])] * 3),
    per_year=st.sampled_from([1, 4, 12]),
)
@settings(max_examples=50, deadline=None)
def test_credits_holidays_and_methods_of_depreciation_keep_the_books_straight(
    credit: float,
    reduction: float,
    holiday: float,
    delay: float,
    end: float,
    shares: tuple[float, float, float],
    per_year: int,
) -> None:
    methods = {
        f"{asset}_{method}_share": share
        for asset in ("hardware", "facility")
        for method, share in zip(("bonus", "table", "declining"), shares, strict=True)
    }
    site = site_of(10 * per_year, per_year, *TWO_PHASES, TWO_LOANS)
    result = site(
        methods,
        investment_credit_rate=credit,
        investment_credit_basis_share=reduction,
        tax_holiday=holiday,
        construction_delay=delay,
        operations_end=end,
    )
    articulates(result)
    spent = result["capex"].sum() + result["refresh_capex"].sum() + 1
    assert result["net_fixed_assets"].min() >= -1e-9 * spent
    assert result["depreciation"].min() >= -1e-9 * spent
    for level in ("net_fixed_assets", "net_book_assets", "deferred_tax", "capitalised_financing_cost"):
        assert result[level][-1] == pytest.approx(0, abs=1e-9 * spent), level


def test_a_bonus_puts_tax_off(single: Site) -> None:
    """44 m written off at once in month 13; the accounts have written off one of thirty-six months by month 14."""
    usual, fast = single(), single(hardware_bonus_share=1)
    np.testing.assert_array_equal(fast["profit_before_tax"], usual["profit_before_tax"])
    later = fast["taxed_later"] - usual["taxed_later"]
    assert later[13] == pytest.approx(0, abs=1e-3)  # the tax year is open: what depreciation adds, income lacks
    losses = fast["tax_losses.levered"][24] - usual["tax_losses.levered"][24]
    assert losses > 0
    gap = 44e6 * (1 - 11 / 36)
    assert fast["net_book_assets"][24] - fast["net_fixed_assets"][24] == pytest.approx(gap)
    assert fast["deferred_tax"][24] == pytest.approx(0.25 * (gap - fast["tax_losses.levered"][24]))


def test_interest_that_the_cap_disallows_is_an_asset_of_deferred_tax(financed: Site) -> None:
    free = financed(interest_capped_share=0)
    capped = financed(interest_capped_share=1, interest_cap=0.01)
    assert capped["disallowed_interest"][36] > 0
    carried = capped["disallowed_interest"] + capped["tax_losses.levered"] - free["tax_losses.levered"]
    difference = free["deferred_tax"] - capped["deferred_tax"]
    np.testing.assert_allclose(difference[12:120:12], 0.25 * carried[12:120:12], atol=1)


def test_a_credit_lowers_the_tax_of_the_period_in_which_it_is_earned(single: Site) -> None:
    usual, credited = single(), single(investment_credit_rate=0.1, investment_credit_basis_share=0)
    more = credited["net_income"] - usual["net_income"]
    expected = 0.1 * usual["placed_in_service"]
    np.testing.assert_allclose(more[:48], expected[:48], atol=1e-3)
    assert usual["placed_in_service"].sum() == pytest.approx(44e6 + 12e6 * 1.1 * 1.05)


def test_half_a_credit_off_the_basis_is_depreciation_lost(single: Site) -> None:
    """A tenth of 57.86 m, land left out, is the credit; half of it is never written off."""
    whole, halved = (single(investment_credit_rate=0.1, investment_credit_basis_share=share) for share in (0, 0.5))
    lost = whole["depreciation"] - halved["depreciation"]
    assert lost.sum() == pytest.approx(0.05 * (44e6 + 12e6 * 1.1 * 1.05))
    assert lost[14] == pytest.approx(0.05 * whole["depreciation"][14])


def test_every_row_of_a_statement_is_a_line_of_money(site: Site) -> None:
    for rows in (statements.INCOME_STATEMENT, statements.BALANCE_SHEET, statements.CASH_FLOW_STATEMENT):
        assert len(set(rows)) == len(rows)
        assert {site.model.lines[name].unit for name in rows} == {"USD"}


def test_the_statements_are_checked_in_the_workbook() -> None:
    checked = {getattr(check, "whole", None) for check in gigafactory.CHECKS}
    assert {"total_assets", "financing_cash_flow"} <= checked
