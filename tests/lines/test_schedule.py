"""From close to the first rack, and until the site closes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lines.conftest import Site, site_of

delays = st.floats(0, 12)


def test_a_rack_is_accepted_a_month_after_hall_and_rack_are_there(site: Site) -> None:
    result = site()
    assert result["rack_arrival.first"] == pytest.approx(9)
    assert result["hall_ready.first"] == 12
    assert result["first_acceptance.first"] == pytest.approx(13)
    assert result["first_acceptance.second"] == pytest.approx(25)


@given(delay=delays)
@settings(max_examples=25, deadline=None)
def test_a_construction_delay_moves_acceptance_by_exactly_as_much(delay: float) -> None:
    site = site_of(48, 12, ("only",), ("original",), 12)
    moved = site(construction_delay=delay)["first_acceptance.only"] - site()["first_acceptance.only"]
    assert moved == pytest.approx(delay, abs=1e-12)


@pytest.mark.parametrize(("delay", "moved"), [(2, 0), (3.25, 1.25), (7.5, 5.5)])
def test_a_grid_delay_counts_beyond_the_hall_that_waits_for_it(site: Site, delay: float, moved: float) -> None:
    assert site(grid_delay=delay)["first_acceptance.first"] == pytest.approx(13 + moved)


@pytest.mark.parametrize(("delay", "moved"), [(2, 0), (3, 0), (4.5, 1.5)])
def test_a_supply_delay_counts_beyond_the_rack_that_waits_for_its_hall(site: Site, delay: float, moved: float) -> None:
    assert site(supply_delay=delay)["first_acceptance.second"] == pytest.approx(25 + moved)


@pytest.mark.parametrize(("saving", "moved"), [(1, 1), (2, 2), (4, 2)])
def test_prefabrication_brings_the_first_rack_forward_until_the_grid_is_what_is_waited_for(
    single: Site, saving: float, moved: float
) -> None:
    usual, prefabricated = single(), single(prefabrication_saving=saving)
    assert usual["hall_complete.only"] - prefabricated["hall_complete.only"] == saving
    assert usual["first_acceptance.only"] - prefabricated["first_acceptance.only"] == pytest.approx(moved)
    assert prefabricated["facility_capex"].sum() == pytest.approx(usual["facility_capex"].sum())


def test_a_hall_that_comes_whole_is_paid_within_a_period_of_its_start(single: Site) -> None:
    result = single(prefabrication_saving=30, construction_start=2)
    assert result["hall_complete.only"] == 2
    np.testing.assert_array_equal(result["construction_progress.only"][[2, 3]], [0, 1])


@given(delay=delays, life=st.floats(1, 2), spread=st.integers(0, 6))
@settings(max_examples=40, deadline=None)
def test_every_rack_serves_its_life_whatever_the_dates(delay: float, life: float, spread: int) -> None:
    site = site_of(120, 12, ("first", "second"), ("original", "second", "third"), 12)
    result = site(construction_delay=delay, hardware_life=life, installation_ramp=spread)
    for phase, racks in (("first", 10), ("second", 20)):
        served = result[f"generation_in_service.{phase}.original"].sum()
        assert served == pytest.approx(racks * life * 12, rel=1e-12)


def test_weeks_count_on_a_monthly_grid(single: Site) -> None:
    in_service = single(installation_time=365 / 168 * 1.5)["racks_in_service"]  # three quarters of a month, not a half
    assert in_service[13] == 0
    assert in_service[14] == pytest.approx(10 * 0.75)
    assert in_service[15] == pytest.approx(10)


def test_racks_accepted_over_six_months_come_evenly(single: Site) -> None:
    result = single(installation_ramp=6)
    np.testing.assert_allclose(result["racks_in_service"][13:22], 10 * np.array([0, 1, 2, 3, 4, 5, 6, 7, 7]) / 7)
    assert result["last_acceptance.only"] == pytest.approx(19)


def test_service_does_not_depend_on_the_length_of_a_period() -> None:
    cohorts = (("first", "second"), ("original", "second", "third"), 12)
    monthly, quarterly = site_of(120, 12, *cohorts), site_of(40, 4, *cohorts)
    changes = {"construction_delay": 1.7, "sales_ramp": 0.0}
    by_month, by_quarter = monthly(changes), quarterly(changes)
    for line in (
        "gpu_hours_sold",
        "energy_drawn",
        "revenue",
        "staff_cost",
        "rack_capex",
        "facility_capex",
        "hardware_sale",
    ):
        assert by_quarter[line].sum() == pytest.approx(by_month[line].sum(), rel=1e-9), line
    assert by_quarter["first_acceptance.first"] == by_month["first_acceptance.first"]


def test_nothing_is_in_service_at_close(site: Site) -> None:
    result = site(construction_duration=1, grid_energisation=0, rack_order=0, rack_lead_time=0)
    for line in ("racks_in_service", "energy_drawn", "opex", "revenue"):
        assert result[line][0] == 0


@given(start=st.floats(0, 20), duration=st.floats(1, 30), delay=delays, steepness=st.floats(1, 6))
@settings(max_examples=40, deadline=None)
def test_construction_spending_adds_up_to_the_whole(
    start: float, duration: float, delay: float, steepness: float
) -> None:
    site = site_of(120, 12, ("first", "second"), ("original", "second", "third"), 12)
    result = site(
        construction_start=start, construction_duration=duration, construction_delay=delay, spend_curve=steepness
    )
    progress = result["construction_progress.first"]
    assert progress[0] == 0
    assert progress[-1] == pytest.approx(1, abs=1e-12)
    assert np.all(np.diff(progress) >= -1e-12)


def test_the_spending_curve_is_a_symmetric_s(site: Site) -> None:
    progress = site()["construction_progress.first"]
    np.testing.assert_allclose(progress[:13] + progress[12::-1], 1, atol=1e-12)
    assert progress[3] == pytest.approx(0.25**2 / (0.25**2 + 0.75**2))
    even = site(spend_curve=1)["construction_progress.first"]
    np.testing.assert_allclose(even[:13], np.arange(13) / 12, atol=1e-12)


def test_operations_do_not_outlast_the_horizon(site: Site) -> None:
    assert site(operations_end=500)["closing_date"] == 120
    assert site(operations_end=90.5)["closing_date"] == 90.5


def test_a_phase_without_a_successor_closes_when_its_racks_retire(site: Site) -> None:
    result = site(minimum_refresh_term=20)
    assert result["phase_end.first"] == pytest.approx(49)
    assert result["phase_end.second"] == pytest.approx(61)
    assert result["racks_in_service"][62:].max() == pytest.approx(0, abs=1e-12)
    assert np.abs(result["opex"][62:]).max() == pytest.approx(0, abs=1e-6)


def test_everything_stops_at_the_end_of_operations(site: Site) -> None:
    result = site(operations_end=70)
    for line in ("racks_in_service", "opex", "revenue", "capex", "refresh_capex", "asset_sale", "cash_flow_before_tax"):
        assert np.all(result[line][71:] == 0), line


@pytest.mark.parametrize(
    ("figure", "months"),
    [
        ("factory_integration_time", 0.5),
        ("shipping_time", 0.5),
        ("installation_time", 0.5),
        ("burn_in_time", 0.25),
        ("acceptance_time", 0.25),
        ("rack_lead_time", 5),
    ],
)
def test_a_step_of_delivery_switched_off_brings_the_first_rack_forward_by_its_time(
    single: Site, figure: str, months: float
) -> None:
    """The rack, ordered two years after close, is what the hall waits for."""
    usual, without = single({"rack_order": 24}), single({"rack_order": 24, figure: 0})
    assert usual["first_acceptance.only"] - without["first_acceptance.only"] == pytest.approx(months)
