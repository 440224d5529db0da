"""GPU-hours and what they fetch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lines.conftest import Site, site_of

HOURS = 72 * 0.95 * 730
"""Saleable GPU-hours of one rack in a month."""

shares = st.just(0.0) | st.floats(0.001, 1)


def test_a_month_of_sales_by_hand(single: Site) -> None:
    result = single()
    assert result["contract_revenue"][20] == pytest.approx(6 * HOURS * 4)
    assert result["market_revenue"][20] == pytest.approx(4 * HOURS * (0.5 + 0.5 * 0.8) * 5)
    assert result["revenue"][20] == pytest.approx(result["contract_revenue"][20] + result["market_revenue"][20])


def test_after_its_term_contracted_capacity_goes_to_the_market(single: Site) -> None:
    result = single()  # accepted at 13, two years of contract
    assert result["contract_revenue"][37] > 0
    assert np.all(result["contract_revenue"][38:] == 0)
    assert result["market_gpu_hours"][38] == pytest.approx(10 * HOURS * 0.9)


def test_the_contract_is_paid_whether_hours_are_used_or_not(single: Site) -> None:
    busy, idle = single(), single(sold_share=0, recontracted_share=0)
    np.testing.assert_array_equal(busy["contract_revenue"], idle["contract_revenue"])
    assert np.all(idle["market_revenue"] == 0)


def test_the_contract_does_not_outlive_the_rack(site: Site) -> None:
    contracted = site(contract_term=9)["contracted_gpus.first"]
    assert contracted[49] > 0
    assert np.all(np.abs(contracted[50:]) < 1e-12)


@given(contracted=shares, recontracted=shares, sold=shares, delay=st.floats(0, 6), spread=st.floats(0, 6))
@settings(max_examples=40, deadline=None)
def test_no_more_hours_are_sold_than_there_are(
    contracted: float, recontracted: float, sold: float, delay: float, spread: float
) -> None:
    site = site_of(120, 12, ("first", "second"), ("original", "second", "third"), 12)
    result = site(
        contracted_share=contracted,
        recontracted_share=recontracted,
        sold_share=sold,
        construction_delay=delay,
        installation_ramp=spread,
    )
    available = result["gpus_in_service"] * result["saleable_hours"]
    assert np.all(result["gpu_hours_sold"] <= available * (1 + 1e-9) + 1e-6)
    assert np.all(result["market_gpu_hours"] >= -1e-6)


def test_on_demand_sales_mature_from_the_first_rack(single: Site) -> None:
    share = single(sales_ramp=3, recontracted_share=0)["open_sold_share"]
    np.testing.assert_allclose(share[13:18], 0.8 * np.array([0, 0.25, 0.5, 0.75, 1]), atol=1e-12)


def test_the_market_price_drifts_at_an_annual_rate(single: Site) -> None:
    price = single(gpu_hour_price_drift=-0.1)["market_price"]
    np.testing.assert_allclose(price[::12], 5 * 0.9 ** np.arange(5))


def test_without_reversion_the_price_is_a_random_walk(single: Site) -> None:
    z = np.random.default_rng(1).standard_normal(49)
    z[0] = 0
    price = single(shocks={"gpu_hour_price_shock": z}, gpu_hour_price_reversion=0)["market_price"]
    np.testing.assert_allclose(np.log(price / 5), np.cumsum(z) * 0.25 / 12**0.5, atol=1e-12)


def test_a_gpu_fetches_less_with_age_and_its_successor_starts_anew(site: Site) -> None:
    result = site(price_ageing=0.2, contracted_share=0, racks=10, **{"racks.second": 0})
    hourly = result["market_revenue"][14:] / result["market_gpu_hours"][14:]
    months = np.arange(14, 121)
    age = np.where(months <= 49, months - 13, np.where(months <= 85, months - 49, months - 85))
    np.testing.assert_allclose(hourly, 5 * 0.8 ** (age / 12))


def test_a_better_generation_fetches_its_own_price(site: Site) -> None:
    result = site({"generation_gpu_hour_price.second": 1.5, "racks.second": 0}, contracted_share=0)
    hourly = result["market_revenue"][14:] / result["market_gpu_hours"][14:]
    np.testing.assert_allclose(hourly[[0, 35, 36, 71, 72]], [5, 5, 7.5, 7.5, 5])


def test_each_generation_has_a_drift_of_its_own(site: Site) -> None:
    """From acceptance at 13, 49 and 85: the market falls by a tenth a year, the GPUs by a twentieth, twice it, none."""
    ratios = {f"generation_price_ageing.{name}": ratio for name, ratio in (("second", 2.0), ("third", 0.0))}
    result = site(ratios | {"racks.second": 0}, contracted_share=0, gpu_hour_price_drift=-0.1, price_ageing=0.05)
    hourly = result["market_revenue"][14:] / result["market_gpu_hours"][14:]
    months = np.arange(14, 121)
    aged = np.where(months <= 49, 0.95 ** ((months - 13) / 12), np.where(months <= 85, 0.9 ** ((months - 49) / 12), 1))
    np.testing.assert_allclose(hourly, 5 * 0.9 ** (months / 12) * aged)
