"""What running the site costs."""

from __future__ import annotations

import numpy as np
import pytest

from tests.lines.conftest import Site

FACILITY = 12e6 * 1.1 * 1.05 + 1e6
HARDWARE = 10 * 4.4e6

MONTH = {
    "electricity_cost": 730 * 60,
    "demand_charge_cost": 1.25 * 5000,
    "staff_cost": (10 + 2) * 120_000 / 12,
    "facility_maintenance": (FACILITY - 1e6) * 0.02 / 12,
    "hardware_support": HARDWARE * 0.03 / 12,
    "insurance": (FACILITY + HARDWARE) * 0.004 / 12,
    "property_tax": (FACILITY + HARDWARE / 2) * 0.01 / 12,
    "transit": 50_000 / 12,
    "software": 720 * 500 / 12,
}
"""One month of one MW in full service, by hand."""


@pytest.mark.parametrize("line", MONTH)
def test_a_month_in_full_service_costs_what_hand_reckoning_says(single: Site, line: str) -> None:
    assert single()[line][20] == pytest.approx(MONTH[line])


def test_operating_cost_is_the_sum_of_its_parts(single: Site) -> None:
    result = single()
    assert result["opex"][20] == pytest.approx(sum(MONTH.values()) + 0.03 * result["revenue"][20])


def test_before_a_ready_hall_only_reserved_power_is_paid(single: Site) -> None:
    result = single()
    assert np.all(result["opex"][:13] == result["demand_charge_cost"][:13])
    assert result["staff_cost"][13] > 0


@pytest.mark.parametrize(
    ("figure", "line"),
    [
        ("electricity_price", "electricity_cost"),
        ("demand_charge", "demand_charge_cost"),
        ("salary", "staff_cost"),
        ("facility_maintenance_rate", "facility_maintenance"),
        ("hardware_support_rate", "hardware_support"),
        ("insurance_rate", "insurance"),
        ("property_tax_rate", "property_tax"),
        ("transit_cost", "transit"),
        ("software_cost", "software"),
        ("overhead_share", "overhead"),
    ],
)
def test_a_cost_switched_off_leaves_the_others_alone(single: Site, figure: str, line: str) -> None:
    base, without = single(), single({figure: 0})
    assert np.all(without[line] == 0)
    np.testing.assert_allclose(base["opex"] - without["opex"], base[line], atol=1e-6)


def test_staff_of_the_site_is_counted_once_for_all_phases(site: Site) -> None:
    staff = site()["full_time_equivalents"]
    assert staff[14] == pytest.approx(10 + 2 * 1)
    assert staff[30] == pytest.approx(10 + 2 * 3)


@pytest.mark.parametrize(
    ("figure", "line"),
    [
        ("inflation", "transit"),
        ("inflation", "software"),
        ("inflation", "facility_maintenance"),
        ("wage_growth", "staff_cost"),
    ],
)
def test_costs_follow_their_index(single: Site, figure: str, line: str) -> None:
    row = single({figure: 0.04})[line]
    assert row[36] / row[24] == pytest.approx(1.04)
    assert row[24] / single()[line][24] == pytest.approx(1.04**2)


@pytest.mark.parametrize(
    ("changes", "line", "month"),
    [
        ({"staff_per_kgpu": 5}, "staff_cost", (10 + 2 + 5 * 0.72) * 120_000 / 12),
        ({"service_cost": 6000}, "services", 10 * 6000 / 12),
        ({"gpu_failure_rate": 0.06, "hardware_warranty": 0}, "failures", HARDWARE * 0.06 * 0.8 / 12),
        ({"leased_share": 0.4, "fit_out_cost": 0}, "lease_cost", 400 * 150),
    ],
)
def test_a_cost_switched_on_adds_what_hand_reckoning_says(
    single: Site, changes: dict[str, float], line: str, month: float
) -> None:
    without, result = single(), single(changes)
    assert result[line][20] == pytest.approx(month)
    added = result[line] - without[line]
    sized_by_cost = sum(result[name] - without[name] for name in ("facility_maintenance", "insurance", "property_tax"))
    np.testing.assert_allclose(result["opex"] - without["opex"], added + sized_by_cost, atol=1e-6)


def test_failures_cost_nothing_under_warranty(single: Site) -> None:
    failures = single(gpu_failure_rate=0.06)["failures"]  # two years from month 13
    assert np.all(failures[:38] == 0)
    np.testing.assert_allclose(failures[38:], HARDWARE * 0.06 * 0.8 / 12)
    assert np.all(single(gpu_failure_rate=0.06, hardware_warranty=9)["failures"] == 0)


def test_a_warranty_starts_anew_with_each_generation(site: Site) -> None:
    result = site({"racks.second": 0, "generation_price.second": 2}, gpu_failure_rate=0.06)
    expected = HARDWARE * 0.06 * 0.8 / 12  # two years of three are covered
    paid = result["failures"]
    np.testing.assert_allclose(paid[38:50], expected)
    np.testing.assert_allclose(paid[50:74], 0, atol=1e-6)
    np.testing.assert_allclose(paid[74:86], 2 * expected)
