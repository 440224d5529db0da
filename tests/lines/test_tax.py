"""Working capital, depreciation, corporate tax."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lines.conftest import Result, Site, site_of

FACILITY = 12e6 * 1.1 * 1.05
HARDWARE = 10 * 4.4e6


def test_receivables_and_payables_are_days_of_revenue_and_cost(single: Site) -> None:
    result = single()  # one month and half a month
    assert result["receivables"][20] == pytest.approx(result["revenue"][20])
    assert result["payables"][20] == pytest.approx(result["opex"][20] / 2)


@given(owed=st.floats(0, 120), owing=st.floats(0, 120), end=st.floats(40, 200), least=st.floats(0, 10))
@settings(max_examples=40, deadline=None)
def test_working_capital_is_released_in_full(owed: float, owing: float, end: float, least: float) -> None:
    site = site_of(120, 12, ("first", "second"), ("original", "second", "third"), 12)
    result = site(receivable_days=owed, payable_days=owing, operations_end=end, minimum_refresh_term=least)
    scale = np.abs(result["working_capital"]).max() + 1
    assert abs(result["working_capital_increase"].sum()) <= 1e-9 * scale
    assert result["working_capital"][-1] == pytest.approx(0, abs=1e-9 * scale)


def test_hardware_is_written_off_in_a_straight_line(single: Site) -> None:
    written = np.diff(single(facility_tax_life=1000)["hardware_written_off.only.original"])
    np.testing.assert_allclose(written[13:47], HARDWARE / 36)
    assert written[47] == pytest.approx(2 * HARDWARE / 36)  # retired a month before its last


def test_the_facility_is_written_off_from_a_ready_hall(single: Site) -> None:
    share = np.diff(single()["facility_written_off_share.only"])
    assert np.all(share[:12] == 0)
    np.testing.assert_allclose(share[12:47], 1 / 120)
    assert share.sum() == pytest.approx(1)


@given(
    delay=st.floats(0, 9),
    life=st.floats(1, 5),
    tax_life=st.floats(1, 8),
    spread=st.floats(0, 6),
    end=st.floats(60, 130),
    least=st.floats(0, 6),
)
@settings(max_examples=60, deadline=None)
def test_depreciation_adds_up_to_cost(
    delay: float, life: float, tax_life: float, spread: float, end: float, least: float
) -> None:
    site = site_of(120, 12, ("first", "second"), ("original", "second", "third"), 12)
    result = site(
        construction_delay=delay,
        hardware_life=life,
        hardware_tax_life=tax_life,
        installation_ramp=spread,
        operations_end=end,
        minimum_refresh_term=least,
    )
    cost = result["capex"].sum() + result["refresh_capex"].sum()
    assert result["depreciation"].sum() == pytest.approx(cost)
    assert np.all(result["depreciation"] >= -1e-6 * cost)
    assert result["net_fixed_assets"][-1] == pytest.approx(0, abs=1e-9 * cost)


def test_assets_on_the_books_are_never_worth_less_than_nothing(site: Site) -> None:
    for spread in (0, 3, 7.5):
        result = site(installation_ramp=spread)
        assert result["net_fixed_assets"].min() >= -1e-9 * result["net_fixed_assets"].max()


def year_by_year(result: Result, ends: list[int], rate: float, limit: float) -> np.ndarray:
    """Tax by hand: yearly income, losses carried forward, used up to the limit."""
    income = result["ebitda"] - result["depreciation"] + result["asset_sale"]
    tax, losses, start = np.zeros(len(income)), 0.0, 0
    for end in ends:
        profit = income[start : end + 1].sum()
        used = min(losses, limit * max(profit, 0.0))
        losses += max(-profit, 0.0) - used
        tax[end] = rate * (max(profit, 0.0) - used)
        start = end + 1
    return tax


@pytest.mark.parametrize("limit", [0, 0.8, 1])
def test_tax_is_reckoned_per_tax_year_with_losses_carried_forward(site: Site, limit: float) -> None:
    result = site(loss_use_limit=limit)
    expected = year_by_year(result, [0, *range(12, 121, 12)], 0.25, limit)
    np.testing.assert_allclose(result["tax"], expected, atol=1e-3)
    assert result["tax"].sum() > 0
    assert result["tax_losses.added"].sum() > 0


def test_tax_falls_in_the_last_period_of_the_tax_year_or_of_the_horizon() -> None:
    site = site_of(50, 12, ("only",), ("original",), 6)  # close in December, tax years end in June
    result = site()
    ends = [6, 18, 30, 42, 50]
    assert np.all(np.delete(result["tax"], ends) == 0)
    np.testing.assert_allclose(result["tax"], year_by_year(result, ends, 0.25, 0.8), atol=1e-3)


def test_losses_are_a_corkscrew(site: Site) -> None:
    result = site()
    opened, added, less = (result[f"tax_losses.{part}"] for part in ("opening", "added", "less"))
    np.testing.assert_array_equal(result["tax_losses"], opened + added - less)
    np.testing.assert_array_equal(opened[1:], result["tax_losses"][:-1])
    assert opened[0] == 0
    assert result["tax_losses"].min() >= 0


def test_without_a_tax_rate_both_cash_flows_agree(site: Site) -> None:
    result = site(tax_rate=0)
    np.testing.assert_array_equal(result["cash_flow"], result["cash_flow_before_tax"])
