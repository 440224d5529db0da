"""What the halls cost and when the money is spent."""

from __future__ import annotations

import numpy as np
import pytest

from tests.lines.conftest import Site, site_of

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


def test_a_leased_hall_costs_its_fit_out_alone(single: Site) -> None:
    leased, part = single(leased_share=1), single(leased_share=0.4)
    assert leased["facility_cost"] == pytest.approx(1e6 * 1.155)
    assert leased["facility_sale"].sum() == 0
    assert part["facility_cost"] == pytest.approx(0.6 * PER_MW + 0.4 * 1e6 * 1.155)
    assert part["facility_sale"].sum() == pytest.approx(0.2 * 0.6 * PER_MW)


def test_the_rent_steps_on_each_anniversary_of_the_lease(single: Site) -> None:
    rent = single(leased_share=0.4)["lease_cost"]
    assert np.all(rent[:13] == 0)
    np.testing.assert_allclose(rent[13:25], 60_000)
    np.testing.assert_allclose(rent[25:37], 60_000 * 1.03)
    np.testing.assert_allclose(rent[37:49], 60_000 * 1.03**2)
    assert np.all(single()["lease_cost"] == 0)
    np.testing.assert_allclose(single(leased_share=0.4, lease_escalation=0)["lease_cost"][13:], 60_000)


def test_an_anniversary_within_a_month_divides_its_rent(single: Site) -> None:
    rent = single(leased_share=0.4, construction_delay=0.25)["lease_cost"]
    assert rent[13] == pytest.approx(0.75 * 60_000)
    assert rent[24] == pytest.approx(60_000)
    assert rent[25] == pytest.approx(60_000 * (1 + 0.03 * 0.75))
    assert rent[37] == pytest.approx(60_000 * 1.03 * (1 + 0.03 * 0.75))


def test_each_phase_has_its_own_lease(site: Site) -> None:
    result = site(leased_share=1)
    assert result["phase_rent.first"][30] == pytest.approx(1000 * 150 * 1.03)
    assert result["phase_rent.second"][30] == pytest.approx(2000 * 150)
    assert result["lease_cost"][30] == pytest.approx(150_000 * 3.03)


@pytest.mark.parametrize("per_year", [1, 2, 4])
def test_rent_over_the_life_does_not_depend_on_the_length_of_a_period(per_year: int) -> None:
    def rent(n: int) -> float:
        site = site_of(10 * n, n, ("first", "second"), ("original",), 12)
        changes = {"leased_share": 0.5, "construction_delay": 1.7, "hardware_life": 20}
        return float(site(changes, operations_end=120)["lease_cost"].sum())

    assert rent(per_year) == pytest.approx(rent(12), rel=1e-9)


def test_an_owned_hall_may_sell_for_its_rent_over_the_yield(single: Site) -> None:
    value = 1000 * 100 * 12 / 0.06
    by_cost = 0.2 * PER_MW
    assert single()["facility_sale"].sum() == pytest.approx(by_cost)
    assert single(capitalised_share=1)["facility_sale"][48] == pytest.approx(value)
    half = single(capitalised_share=0.5)["facility_sale"]
    assert half[48] == pytest.approx((by_cost + value) / 2)
    assert half.sum() == pytest.approx(half[48])
    assert single(capitalised_share=1, inflation=0.02)["facility_sale"][48] == pytest.approx(value * 1.02**4)
    assert single(capitalised_share=1, leased_share=0.4)["facility_sale"][48] == pytest.approx(0.6 * value)
    assert single(capitalised_share=1, capitalisation_rate=0.08)["facility_sale"][48] == pytest.approx(value * 6 / 8)
    assert np.all(single(capitalised_share=1, facility_rent=0)["facility_sale"] == 0)


def test_cooling_by_air_or_liquid_is_a_figure(single: Site) -> None:
    liquid, air = single(mechanical_cost=3e6, pue=1.15), single(mechanical_cost=2.2e6, pue=1.4)
    assert liquid["facility_cost"] - air["facility_cost"] == pytest.approx(0.8e6 * 1.155)
    assert air["energy_drawn"][20] / liquid["energy_drawn"][20] == pytest.approx(1.4 / 1.15)
