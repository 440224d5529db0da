"""What the halls cost and when the money is spent."""

from __future__ import annotations

import pytest

from tests.lines.conftest import Site

PER_MW = 12e6 * 1.1 * 1.05 + 1e6
"""Five parts of construction, 10 % soft cost, 5 % contingency on both; land."""
PARTS = ("shell_capex", "electrical_capex", "mechanical_capex", "fit_out_capex", "grid_connection_capex")


def test_the_facility_is_sized_by_its_racks_at_full_load(site: Site) -> None:
    result = site()
    assert result["it_capacity.first"] == pytest.approx(1.0)
    assert result["it_capacity.second"] == pytest.approx(2.0)


def test_the_facility_costs_the_sum_of_its_parts(site: Site) -> None:
    result = site()
    parts = result["land_capex"] + sum(result[part] for part in PARTS) + result["soft_cost"] + result["contingency"]
    assert result["facility_cost"] == pytest.approx(parts)
    assert result["facility_cost"] == pytest.approx(3 * PER_MW)


def test_the_whole_cost_is_spent_and_nothing_else(site: Site) -> None:
    for steepness in (1, 2, 4.5):
        result = site(spend_curve=steepness, construction_delay=2.3)
        assert result["facility_capex"].sum() == pytest.approx(result["facility_cost"])


def test_escalation_raises_the_phase_that_starts_later(site: Site) -> None:
    assert site(construction_escalation=0.05)["facility_cost"] == pytest.approx((1 + 2 * 1.05) * PER_MW)


def test_the_regional_index_leaves_land_alone(site: Site) -> None:
    result = site(construction_index=1.2)
    assert result["land_capex"] == pytest.approx(3e6)
    assert result["facility_cost"] - 3e6 == pytest.approx(1.2 * 3 * (PER_MW - 1e6))


def test_spending_of_the_second_phase_follows_the_first(site: Site) -> None:
    spent = site()["facility_capex"]
    assert spent[1:13].sum() == pytest.approx(PER_MW)
    assert spent[13:25].sum() == pytest.approx(2 * PER_MW)


@pytest.mark.parametrize(
    ("figure", "saved"),
    [
        ("land_cost", 3e6),
        ("shell_cost", 3 * 2e6 * 1.155),
        ("electrical_cost", 3 * 5e6 * 1.155),
        ("mechanical_cost", 3 * 3e6 * 1.155),
        ("fit_out_cost", 3 * 1e6 * 1.155),
        ("grid_connection_cost", 3 * 1e6 * 1.155),
        ("soft_cost_share", 36e6 * 0.1 * 1.05),
        ("contingency_share", 36e6 * 1.1 * 0.05),
    ],
)
def test_a_part_switched_off_is_saved_in_full(site: Site, figure: str, saved: float) -> None:
    assert site()["facility_cost"] - site({figure: 0})["facility_cost"] == pytest.approx(saved)


def test_a_closed_phase_is_sold_for_its_residual_share(site: Site) -> None:
    result = site()
    assert result["facility_sale"][120] == pytest.approx(0.2 * 3 * PER_MW)
    assert result["facility_sale"].sum() == pytest.approx(0.2 * 3 * PER_MW)
    early = site(minimum_refresh_term=20)["facility_sale"]
    assert early[49] == pytest.approx(0.2 * PER_MW)
    assert early[61] == pytest.approx(0.2 * 2 * PER_MW)
