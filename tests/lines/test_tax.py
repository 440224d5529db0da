"""Working capital, losses carried forward, corporate tax."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lines.conftest import Result, Site, site_of


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


def first_in_first_out(result: Result, ends: list[int], limit: float, life: int) -> tuple[np.ndarray, np.ndarray]:
    """Losses used and expired by hand: the oldest first, each of use in the `life` years after its own."""
    income = result["taxable_income"]
    used, expired, start = np.zeros(len(income)), np.zeros(len(income)), 0
    vintages: list[list[float]] = []
    for number, end in enumerate(ends):
        profit = income[start : end + 1].sum()
        wanted = limit * max(profit, 0.0)
        for vintage in vintages:
            taken = min(vintage[1], wanted - used[end])
            vintage[1] -= taken
            used[end] += taken
        for vintage in vintages:
            if number - vintage[0] >= life:
                expired[end] += vintage[1]
                vintage[1] = 0.0
        vintages.append([number, max(-profit, 0.0)])
        start = end + 1
    return used, expired


@pytest.mark.parametrize("life", [1, 2, 3, 5, 9])
@pytest.mark.parametrize("limit", [0.1, 0.5, 1])
@pytest.mark.parametrize("changes", [{}, {"hardware_bonus_share": 1}, {"contract_price": 1, "gpu_hour_price": 1}])
def test_a_loss_expires_unused_after_its_life_the_oldest_used_first(
    site: Site, life: int, limit: float, changes: dict[str, float]
) -> None:
    result = site(changes, loss_use_limit=limit, loss_life=life)
    used, expired = first_in_first_out(result, list(range(0, 121, 12)), limit, life)
    scale = result["tax_losses.added"].sum()
    np.testing.assert_allclose(result["tax_loss_used"], used, atol=1e-9 * scale)
    np.testing.assert_allclose(result["tax_losses_expired"], expired, atol=1e-9 * scale)
    assert np.all(site(changes, loss_use_limit=limit)["tax_losses_expired"] == 0)


def test_an_expired_loss_is_taxed_as_profit(site: Site) -> None:
    bonus = {"hardware_bonus_share": 1.0, "loss_use_limit": 0.1}
    kept, lost = site(bonus, loss_life=100), site(bonus, loss_life=1)
    assert lost["tax_losses_expired"].sum() > 1e6
    difference = kept["tax_loss_used"].sum() - lost["tax_loss_used"].sum()
    assert lost["tax"].sum() - kept["tax"].sum() == pytest.approx(0.25 * difference)


def test_a_longer_life_of_losses_never_costs(site: Site) -> None:
    values = [site(hardware_bonus_share=1, loss_life=life)["project_npv"] for life in np.arange(1, 9, 0.5)]
    assert np.all(np.diff(values) >= -1e-6)
    assert values[-1] > values[0]


def test_a_holiday_takes_its_share_of_the_rate_until_it_ends(single: Site) -> None:
    usual = single(loss_use_limit=1)["tax"]  # the first rack is accepted in month 13
    holiday = single(loss_use_limit=1, tax_holiday=2)["tax"]
    np.testing.assert_allclose(holiday[[24, 36, 48]], usual[[24, 36, 48]] * np.array([0, 0, 11 / 12]), atol=1e-6)
    half = single(loss_use_limit=1, tax_holiday=2, tax_holiday_share=0.5)["tax"]
    np.testing.assert_allclose(half[[24, 36, 48]], usual[[24, 36, 48]] * np.array([0.5, 0.5, 1 - 1 / 24]), atol=1e-6)
    short = single(loss_use_limit=1, tax_holiday=0.5)["tax"]  # six months of the eleven of its first tax year
    np.testing.assert_allclose(short[[24, 36, 48]], usual[[24, 36, 48]] * np.array([5 / 11, 1, 1]), atol=1e-6)
    assert usual[24] > 0
    assert usual[48] > 0
