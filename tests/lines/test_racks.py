"""What racks cost and when they are paid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lines.conftest import Result, Site, site_of

COST = 4_400_000.0
"""(3.0 + 0.4 + 0.1 + 0.5) million, 5 % freight, duty and spares on top, 0.2 million of services."""


def test_a_rack_costs_its_parts_landed_and_integrated(single: Site) -> None:
    result = single()
    assert result["hardware_price"] == pytest.approx(4_000_000)
    assert result["landed_price"] == pytest.approx(COST)
    assert result["rack_unit_cost.only.original"] == pytest.approx(COST)


def test_a_rack_is_paid_at_order_delivery_and_acceptance(single: Site) -> None:
    paid = single()["rack_capex"]
    expected = np.zeros(49)
    expected[[3, 9, 13]] = np.array([0.3, 0.35, 0.35]) * 10 * COST
    np.testing.assert_allclose(paid, expected, atol=1e-3)


def test_a_rack_waits_for_its_hall_but_not_for_its_money(single: Site) -> None:
    paid = single(construction_delay=5)["rack_capex"]
    assert paid[9] == pytest.approx(0.35 * 10 * COST)
    assert paid[18] == pytest.approx(0.35 * 10 * COST)


@given(date=st.floats(0, 30))
@settings(max_examples=30, deadline=None)
def test_a_payment_between_two_period_ends_keeps_its_mean_date(date: float) -> None:
    site = site_of(48, 12, ("only",), ("original",), 12)
    paid = site(rack_order=date, rack_deposit_share=1)["rack_capex"]
    assert paid.sum() == pytest.approx(10 * COST)
    assert paid @ np.arange(49) / paid.sum() == pytest.approx(date, abs=1e-9)


def test_a_later_order_at_falling_prices_costs_less(site: Site) -> None:
    result = site(rack_price_decline=0.12)
    first, second = result["rack_unit_cost.first.original"], result["rack_unit_cost.second.original"]
    assert first == pytest.approx(COST * 0.88**0.25)
    assert second / first == pytest.approx(0.88)


def test_payments_add_up_to_the_purchase(site: Site) -> None:
    result = site(rack_price_decline=0.1, installation_ramp=5)
    bought = sum(result[f"rack_purchase.{phase}.original"] for phase in ("first", "second"))
    assert result["rack_capex"].sum() == pytest.approx(bought)
    assert result["rack_cost"] == pytest.approx(bought / 30)


@pytest.mark.parametrize(
    ("figure", "saved"),
    [
        ("network_price", 4e5 * 1.05),
        ("storage_price", 1e5 * 1.05),
        ("cooling_price", 5e5 * 1.05),
        ("integration_price", 2e5),
        ("freight_share", 4e4),
        ("duty_share", 8e4),
        ("spares_share", 8e4),
    ],
)
def test_a_part_switched_off_is_saved_in_full(site: Site, figure: str, saved: float) -> None:
    assert site()["rack_cost"] - site({figure: 0})["rack_cost"] == pytest.approx(saved)


@pytest.mark.parametrize(
    ("figures", "more"),
    [
        ({"gpu_price": 30_000}, 72 * 30_000 * 1.05),
        ({"cpu_price": 5_000}, 36 * 5_000 * 1.05),
        ({"nics_per_rack": 72, "nic_price": 2_000}, 144_000 * 1.05),
        ({"switches_per_rack": 0.125, "switch_price": 35_000}, 4_375 * 1.05),
        ({"optics_per_rack": 16, "optic_price": 600}, 9_600 * 1.05),
        ({"design_price": 100_000}, 100_000),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_is_bought_apart_costs_its_number_times_its_price(
    site: Site, figures: dict[str, float], more: float
) -> None:
    assert site(figures)["rack_cost"] - site()["rack_cost"] == pytest.approx(more)


def test_a_server_bought_as_chassis_and_gpus_is_the_server_bought_whole(single: Site) -> None:
    apart = single(gpus_per_rack=8, rack_price=70_000, gpu_price=30_000, cpus_per_rack=2, cpu_price=4_000)
    whole = single(gpus_per_rack=8, rack_price=318_000)
    assert apart["project_npv"] == pytest.approx(whole["project_npv"], rel=1e-12)


def test_grid_capacity_is_reserved_for_the_highest_draw_and_energy_is_not(single: Site) -> None:
    usual, peaky = single(), single(rack_peak_power=120)
    assert peaky["demand_charge_cost"][20] - usual["demand_charge_cost"][20] == pytest.approx(0.2 * 1.25 * 5_000)
    np.testing.assert_array_equal(peaky["energy_drawn"], usual["energy_drawn"])
    assert peaky["capex_total"] == usual["capex_total"]


def test_a_peak_below_full_load_is_none(single: Site) -> None:
    np.testing.assert_array_equal(single(rack_peak_power=80)["opex"], single()["opex"])


class TestRacksAtConstantPower:
    """The second generation draws twice as much a rack, so the halls hold half as many."""

    @pytest.fixture
    def result(self, site: Site) -> Result:
        return site({"generation_power.second": 2, "generation_gpus.second": 3, "racks.second": 0})

    def test_half_as_many_racks_draw_the_same(self, result: Result) -> None:
        np.testing.assert_allclose(result["racks_in_service"][[49, 50, 85, 86]], [10, 5, 5, 10])
        np.testing.assert_allclose(result["rack_load"][[49, 50, 85, 86]], 1)

    def test_they_cost_half(self, result: Result) -> None:
        assert result["rack_purchase.first.second"] == pytest.approx(5 * COST)
        assert result["refit.first.second"] == pytest.approx(5e5)

    def test_their_gpus_are_their_own_number(self, result: Result) -> None:
        np.testing.assert_allclose(result["gpus_in_service"][[49, 50, 86]], 72 * np.array([10, 15, 10]))
        assert result["gpu_hours_sold"][60] == pytest.approx(1.5 * result["gpu_hours_sold"][90])

    def test_a_ratio_of_the_original_to_itself_is_one_whatever_is_written(self, site: Site, result: Result) -> None:
        doubled = {"generation_power": 2, "generation_gpus": 2, "generation_life": 2, "generation_token_rate": 2}
        assert site(doubled)["project_npv"] == site()["project_npv"]
