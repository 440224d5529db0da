"""Emissions of the electricity drawn, and their price."""

from __future__ import annotations

import numpy as np
import pytest

from tests.lines.conftest import Site

MONTH = 730 * 0.4
"""Tonnes in a month in full service: 730 MWh at 400 kg/MWh."""


def test_emissions_are_energy_times_the_grid_s_intensity(single: Site) -> None:
    result = single()
    assert result["emissions"][20] == pytest.approx(MONTH)
    assert result["emissions_total"] == pytest.approx(35 * MONTH)
    assert np.all(single(grid_intensity=0)["emissions"] == 0)


def test_a_grid_gets_cleaner_by_its_decline_a_year(single: Site) -> None:
    result = single(grid_intensity_decline=0.1)
    np.testing.assert_allclose(result["emissions"][24::12], MONTH * 0.9 ** np.array([2, 3, 4]))


def test_carbon_costs_its_price(single: Site) -> None:
    free, priced = single(), single(carbon_price=50)
    assert np.all(free["carbon_cost"] == 0)
    assert priced["carbon_cost"][20] == pytest.approx(MONTH * 50)
    np.testing.assert_allclose(priced["opex"] - free["opex"], priced["carbon_cost"], atol=1e-6)
    assert single(carbon_price=50, exchange_rate=1.1)["carbon_cost"][20] == pytest.approx(MONTH * 55)


def test_the_price_of_carbon_grows_by_its_rate_a_year(single: Site) -> None:
    cost = single(carbon_price=50, carbon_price_growth=0.04)["carbon_cost"]
    np.testing.assert_allclose(cost[24::12], MONTH * 50 * 1.04 ** np.array([2, 3, 4]))


def test_carbon_per_gpu_hour_is_all_emissions_over_all_hours_sold(single: Site) -> None:
    result = single()
    expected = result["emissions"].sum() * 1e6 / result["gpu_hours_sold"].sum()
    assert result["carbon_per_gpu_hour"] == pytest.approx(expected)
    assert 100 < expected < 1000  # grams: 1.1 kW a GPU at the meter, 400 g/kWh, most hours sold
    assert np.isnan(single(racks=0)["carbon_per_gpu_hour"])
