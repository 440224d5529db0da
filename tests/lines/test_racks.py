"""What racks cost and when they are paid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lines.conftest import Site, site_of

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
