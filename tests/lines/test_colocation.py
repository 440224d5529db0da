"""Halls let by the kW."""

from __future__ import annotations

import numpy as np
import pytest

from tests.lines.conftest import Site

MEGAWATT = 14.86e6
"""(1 + (2 + 5 + 3 + 1 + 1) x 1.1 x 1.05) million: a MW of facility with land, soft cost and contingency."""

RENT = 5_000 * 0.9 * 150
"""A month's rent of 5 MW, nine tenths of it let."""


def test_it_is_let_from_a_ready_hall(single: Site) -> None:
    rent = single(colocation_capacity=5)["colocation_revenue"]
    expected = np.zeros(49)
    expected[13:] = RENT
    np.testing.assert_allclose(rent, expected)
    assert np.all(single()["colocation_revenue"] == 0)


def test_it_adds_its_rent_and_nothing_to_other_revenue(single: Site) -> None:
    usual, let = single(), single(colocation_capacity=5)
    assert let["revenue"][20] - usual["revenue"][20] == pytest.approx(RENT)
    np.testing.assert_array_equal(let["gpu_hours_sold"], usual["gpu_hours_sold"])


def test_it_costs_a_facility_and_no_racks(single: Site) -> None:
    usual, let = single(), single(colocation_capacity=5)
    assert let["capex_total"] - usual["capex_total"] == pytest.approx(5 * MEGAWATT)
    assert let["rack_capex"].sum() == usual["rack_capex"].sum()
    assert let["refit.only.original"] == usual["refit.only.original"]


def test_its_energy_is_passed_through_and_its_grid_capacity_reserved(single: Site) -> None:
    usual, let = single(), single(colocation_capacity=5)
    np.testing.assert_array_equal(let["electricity_cost"], usual["electricity_cost"])
    assert let["demand_charge_cost"][20] - usual["demand_charge_cost"][20] == pytest.approx(5 * 1.25 * 5_000)


def test_letting_matures_and_rent_escalates(single: Site) -> None:
    rent = single(colocation_capacity=5, colocation_ramp=3, colocation_escalation=0.04)["colocation_revenue"]
    growth = 1.04 ** (np.arange(13, 18) / 12)
    np.testing.assert_allclose(rent[13:18], RENT * np.array([0.25, 0.5, 0.75, 1, 1]) * growth)


def test_a_hall_with_tenants_outlives_the_sites_own_racks(single: Site) -> None:
    shortened = {"hardware_life": 1.0, "operations_end": 48.0}
    assert single(shortened)["phase_end.only"] == pytest.approx(25)
    let = single(shortened, colocation_capacity=5)
    assert let["phase_end.only"] == 48
    assert let["racks_in_service"][26:].max() == pytest.approx(0, abs=1e-9)
    assert let["colocation_revenue"][48] == pytest.approx(RENT)


def test_a_site_may_live_on_rent_alone(single: Site) -> None:
    result = single(racks=0, colocation_capacity=10, colocation_price=1_000, receivable_days=0, payable_days=0)
    assert result["rack_capex"].sum() == 0
    assert result["capex_per_mw"] == pytest.approx(MEGAWATT)
    assert result["opex_per_mw_year"] > 0
    assert np.isnan(result["levelised_cost_of_compute"])
    assert result["payback_from_revenue_years"] > 0
