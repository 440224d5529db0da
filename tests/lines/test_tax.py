"""Corporate tax of the whole site: per tax year, with losses carried forward."""

from __future__ import annotations

import numpy as np
import pytest

from tests.lines.conftest import Result, Site, site_of


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
    np.testing.assert_allclose(result["tax.unlevered"], expected, atol=1e-3)
    assert result["tax.unlevered"].sum() > 0
    assert result["tax_losses.unlevered.added"].sum() > 0


def test_tax_falls_in_the_last_period_of_the_tax_year_or_of_the_horizon() -> None:
    site = site_of(50, 12, ("only",), ("original",), 6)  # close in December, tax years end in June
    result = site()
    ends = [6, 18, 30, 42, 50]
    assert np.all(np.delete(result["tax.unlevered"], ends) == 0)
    np.testing.assert_allclose(result["tax.unlevered"], year_by_year(result, ends, 0.25, 0.8), atol=1e-3)


def test_losses_are_a_corkscrew(site: Site) -> None:
    result = site()
    opened, added, less = (result[f"tax_losses.unlevered.{part}"] for part in ("opening", "added", "less"))
    np.testing.assert_array_equal(result["tax_losses.unlevered"], opened + added - less)
    np.testing.assert_array_equal(opened[1:], result["tax_losses.unlevered"][:-1])
    assert opened[0] == 0
    assert result["tax_losses.unlevered"].min() >= 0


def test_without_a_tax_rate_both_cash_flows_agree(site: Site) -> None:
    result = site(tax_rate=0)
    np.testing.assert_array_equal(result["cash_flow"], result["cash_flow_before_tax"])


def first_in_first_out(result: Result, ends: list[int], limit: float, life: int) -> tuple[np.ndarray, np.ndarray]:
    """Losses used and expired by hand: the oldest first, each of use in the `life` years after its own."""
    income = result["taxable_income.unlevered"]
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
    scale = result["tax_losses.unlevered.added"].sum()
    np.testing.assert_allclose(result["tax_loss_used.unlevered"], used, atol=1e-9 * scale)
    np.testing.assert_allclose(result["tax_losses_expired.unlevered"], expired, atol=1e-9 * scale)
    assert np.all(site(changes, loss_use_limit=limit)["tax_losses_expired.unlevered"] == 0)


def test_an_expired_loss_is_taxed_as_profit(site: Site) -> None:
    bonus = {"hardware_bonus_share": 1.0, "loss_use_limit": 0.1}
    kept, lost = site(bonus, loss_life=100), site(bonus, loss_life=1)
    assert lost["tax_losses_expired.unlevered"].sum() > 1e6
    difference = kept["tax_loss_used.unlevered"].sum() - lost["tax_loss_used.unlevered"].sum()
    assert lost["tax.unlevered"].sum() - kept["tax.unlevered"].sum() == pytest.approx(0.25 * difference)


def test_a_longer_life_of_losses_never_costs(site: Site) -> None:
    values = [site(hardware_bonus_share=1, loss_life=life)["project_npv"] for life in np.arange(1, 9, 0.5)]
    assert np.all(np.diff(values) >= -1e-6)
    assert values[-1] > values[0]
