"""Load, energy, tariff, demand charge."""

from __future__ import annotations

import numpy as np
import pytest

from tests.lines.conftest import Site


def shock(at: int, size: float = 1.0) -> np.ndarray:
    row = np.zeros(49)
    row[at] = size
    return row


def test_energy_is_racks_times_draw_times_hours(single: Site) -> None:
    result = single()
    expected = result["racks_in_service"] * 100 * 0.8 * 1.25 * 730 / 1000
    expected[0] = 0
    np.testing.assert_allclose(result["energy_drawn"], expected)
    assert result["energy_drawn"][20] == pytest.approx(730)


def test_a_month_of_energy_costs_its_tariff(single: Site) -> None:
    assert single()["electricity_cost"][20] == pytest.approx(730 * 60)
    assert single(exchange_rate=1.1)["electricity_cost"][20] == pytest.approx(730 * 60 * 1.1)


def test_the_tariff_grows_by_its_escalation_a_year(single: Site) -> None:
    tariff = single(electricity_escalation=0.03)["electricity_tariff"]
    assert tariff[0] == 60
    np.testing.assert_allclose(tariff[12::12], 60 * 1.03 ** np.arange(1, 5))


def test_reserved_capacity_is_paid_from_energisation(single: Site) -> None:
    result = single(grid_energisation=10.25)
    charged = result["demand_charge_cost"]
    assert np.all(charged[:11] == 0)
    assert charged[11] == pytest.approx(0.75 * 1.25 * 5000)
    np.testing.assert_allclose(charged[12:], 1.25 * 5000)


def test_the_base_case_keeps_to_the_trend(single: Site) -> None:
    result = single()
    assert np.all(result["electricity_deviation"] == 0)
    assert np.all(result["electricity_tariff"] == 60)


def test_a_shock_fades_by_its_reversion_a_year(single: Site) -> None:
    deviation = single(shocks={"electricity_price_shock": shock(10)})["electricity_deviation"]
    assert np.all(deviation[:10] == 0)
    shape = (1 - 0.4 ** (2 / 12)) / (-2 * np.log(0.4))
    assert deviation[10] == pytest.approx(0.3 * shape**0.5)
    assert deviation[22] / deviation[10] == pytest.approx(1 - 0.6)
    tariff = single(shocks={"electricity_price_shock": shock(10)})["electricity_tariff"]
    assert tariff[10] == pytest.approx(60 * np.exp(0.3 * shape**0.5))


def test_the_fixed_price_share_feels_no_shock(single: Site) -> None:
    shocks = {"electricity_price_shock": shock(10)}
    assert np.all(single(shocks=shocks, electricity_market_share=0)["electricity_tariff"] == 60)
    whole, half = (single(shocks=shocks, electricity_market_share=s)["electricity_tariff"][10] - 60 for s in (1.0, 0.5))
    assert half == pytest.approx(whole / 2)


@pytest.mark.parametrize("correlation", [-1, -0.5, 0, 0.3, 1])
def test_correlation_splits_the_shock_between_both_prices(single: Site, correlation: float) -> None:
    common = {"gpu_hour_price_shock": shock(5), "electricity_price_shock": shock(6)}
    felt = single(shocks=common, price_correlation=correlation)["electricity_shock"]
    assert felt[5] == pytest.approx(correlation)
    assert felt[6] == pytest.approx((1 - correlation**2) ** 0.5)


def test_water_is_a_measure_of_it_energy_at_its_price(single: Site) -> None:
    dry, wet = single(), single(water_usage=1.5)
    assert np.all(dry["water_cost"] == 0)
    assert wet["water_drawn"][20] == pytest.approx(0.8 * 730 * 1.5)
    assert wet["water_cost"][20] == pytest.approx(876 * 3)
    np.testing.assert_allclose(wet["opex"] - dry["opex"], wet["water_cost"], atol=1e-6)
    assert single(water_usage=1.5, exchange_rate=1.1)["water_cost"][20] == pytest.approx(876 * 3.3)
    assert single(water_usage=1.5, inflation=0.02)["water_cost"][24] == pytest.approx(876 * 3 * 1.02**2)
    assert np.all(single(water_usage=1.5, water_price=0)["water_cost"] == 0)
