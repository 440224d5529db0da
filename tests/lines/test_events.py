"""The register of events: when each happens, what it costs by hand, and that it leaves no trace where it does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lines.conftest import FIGURES, Result, Site, site_of
from tests.lines.test_laws import TWO, conserves

HOURS = 72 * 0.95 * 730
"""Saleable GPU-hours of one rack in a month."""

IMPACTS: dict[str, tuple[str, ...]] = {
    "late_grid": ("late_grid_delay",),
    "supplier_slip": ("supplier_slip_delay",),
    "export_control": ("export_control_date", "export_control_length", "export_control_price_rise"),
    "outage": ("outage_date", "outage_length", "outage_share"),
    "tenant_default": ("tenant_default_date", "remarketing_time"),
}
"""Each event, and the figures that matter only where it happens."""


def happening(event: str) -> dict[str, float]:
    return {f"{event}_roll": FIGURES[f"{event}_probability"] / 2}


def test_every_event_of_the_model_is_in_the_register(site: Site) -> None:
    rolls = {name.removesuffix("_roll") for name in site.model.inputs if name.endswith("_roll")}
    assert rolls == set(IMPACTS)
    for event in rolls:
        roll, probability = (site.model.inputs[f"{event}_{part}"] for part in ("roll", "probability"))
        assert (roll.low, roll.high, probability.low, probability.high) == (0, 1, 0, 1)


@pytest.mark.parametrize("event", IMPACTS)
def test_an_event_that_does_not_happen_leaves_every_bit_as_it_was(site: Site, event: str) -> None:
    base = site()
    other = site({name: FIGURES[name] / 2 + 1 / 8 for name in IMPACTS[event]}, **{f"{event}_probability": 0.9})
    for name, line in site.model.lines.items():
        if line.is_metric or line.varies:
            np.testing.assert_array_equal(other[name], base[name], err_msg=name)


@pytest.mark.parametrize("event", IMPACTS)
@pytest.mark.parametrize(("roll", "probability", "happens"), [(0.3, 0.3, False), (0.299, 0.3, True), (1, 1, False)])
def test_an_event_happens_where_its_roll_lies_below_its_probability(
    site: Site, event: str, roll: float, probability: float, happens: bool
) -> None:
    rolled = site({f"{event}_roll": roll, f"{event}_probability": probability})
    assert bool(rolled[event] > 0) is happens


@pytest.mark.parametrize("event", IMPACTS)
def test_an_event_costs_money(site: Site, event: str) -> None:
    assert site(happening(event))["project_npv"] < site()["project_npv"] - 1e5


def test_a_late_grid_delays_energisation_and_what_waits_for_it(site: Site) -> None:
    usual, late = site(), site(happening("late_grid"))
    for phase in ("first", "second"):
        assert late[f"energisation_date.{phase}"] == usual[f"energisation_date.{phase}"] + 4
        assert late[f"first_acceptance.{phase}"] - usual[f"first_acceptance.{phase}"] == pytest.approx(4 - 2)
    together = site(happening("late_grid"), grid_delay=1.5)
    assert together["energisation_date.first"] == 10 + 1.5 + 4


def test_a_supplier_that_slips_delays_the_first_racks_and_no_later_ones(site: Site) -> None:
    usual, late = site(), site(happening("supplier_slip"), supply_delay=1)
    assert late["rack_arrival.first"] - usual["rack_arrival.first"] == pytest.approx(7)
    assert late["first_acceptance.first"] == pytest.approx(9 + 7 + 1)
    turn = late["acceptance_date.first.second"] - late["acceptance_date.first.original"]
    assert turn == pytest.approx(36)


class TestExportControl:
    """From month 40 for 15: the first phase's second generation, due at 48, waits until 55."""

    def test_racks_due_while_it_holds_arrive_at_its_end(self, site: Site) -> None:
        usual, held = site(), site(happening("export_control"))
        assert usual["rack_due.first.second"] == pytest.approx(48)
        assert held["delivery_date.first.second"] == pytest.approx(55)
        assert held["acceptance_date.first.second"] == pytest.approx(56)
        assert held["acceptance_date.first.third"] == pytest.approx(56 + 36)
        for other in ("first.original", "second.original", "second.second"):
            assert held[f"acceptance_date.{other}"] == usual[f"acceptance_date.{other}"]

    def test_the_hall_is_empty_while_it_waits(self, site: Site) -> None:
        racks = site(happening("export_control"), **{"racks.second": 0})["racks_in_service"]
        np.testing.assert_allclose(racks[[49, 50, 56, 57, 92, 93]], [10, 0, 0, 10, 10, 10], atol=1e-9)

    def test_racks_that_it_holds_up_cost_more(self, site: Site) -> None:
        usual, held = site(), site(happening("export_control"))
        assert held["rack_unit_cost.first.second"] == pytest.approx(1.2 * usual["rack_unit_cost.first.second"])
        added = held["rack_purchase.first.second"] - usual["rack_purchase.first.second"]
        assert added == pytest.approx(0.2 * 10 * 4.4e6)
        assert held["rack_unit_cost.second.second"] == usual["rack_unit_cost.second.second"]

    def test_the_second_phase_waits_where_it_comes_earlier(self, site: Site) -> None:
        held = site(happening("export_control"), export_control_date=20, export_control_length=8)
        assert held["rack_arrival.second"] == pytest.approx(28)
        assert held["first_acceptance.second"] == pytest.approx(29)
        assert held["rack_arrival.first"] == pytest.approx(9)

    def test_a_phase_closes_later_by_what_its_racks_waited(self, site: Site) -> None:
        short = {"hardware_life": 2, "export_control_date": 30, "export_control_length": 10}
        usual, held = site(short), site(short | happening("export_control"))
        assert usual["phase_end.first"] == pytest.approx(13 + 3 * 24)
        assert held["phase_end.first"] == pytest.approx(13 + 3 * 24 + 4)
        served = (result["generation_in_service.first.third"].sum() for result in (usual, held))
        assert list(served) == pytest.approx([10 * 24] * 2)


class TestOutage:
    """Two months from the middle of month 20, of 40 % of the site."""

    UP = np.array([1, 0.8, 0.6, 0.8, 1])

    def test_the_share_that_is_down_sells_nothing_and_draws_nothing(self, single: Site) -> None:
        usual, down = single(), single(happening("outage"))
        for line in ("contract_revenue", "market_revenue", "electricity_cost"):
            np.testing.assert_allclose(down[line][19:24], usual[line][19:24] * self.UP, err_msg=line)
        lost = usual["contract_revenue"].sum() - down["contract_revenue"].sum()
        assert lost == pytest.approx(0.4 * 2 * 6 * HOURS * 4)
        np.testing.assert_array_equal(down["staff_cost"], usual["staff_cost"])

    def test_tokens_and_colocation_are_down_too(self, single: Site) -> None:
        mixed = {"token_share": 0.3, "colocation_capacity": 2}
        usual, down = single(mixed), single(mixed | happening("outage"))
        for line in ("token_revenue", "colocation_revenue"):
            np.testing.assert_allclose(down[line][19:24], usual[line][19:24] * self.UP, err_msg=line)

    def test_before_the_first_rack_it_costs_nothing(self, single: Site) -> None:
        down = single(happening("outage"), outage_date=5)
        np.testing.assert_array_equal(down["revenue"], single()["revenue"])


class TestTenantDefault:
    """At month 24, in a contract from 13 to 37; its GPUs are on the market from 27."""

    def test_the_contract_pays_no_more(self, single: Site) -> None:
        usual, failed = single(), single(happening("tenant_default"))
        np.testing.assert_array_equal(failed["contract_revenue"][:25], usual["contract_revenue"][:25])
        assert np.all(failed["contract_revenue"][25:] == 0)
        lost = usual["contract_revenue"].sum() - failed["contract_revenue"].sum()
        assert lost == pytest.approx(13 * 6 * HOURS * 4)

    def test_its_gpus_go_to_the_market_after_the_remarketing_time(self, single: Site) -> None:
        sold = single(happening("tenant_default"))["market_gpu_hours"]
        np.testing.assert_allclose(sold[[24, 25, 27, 28, 48]], HOURS * 0.9 * np.array([4, 4, 4, 10, 10]))
        part = single(happening("tenant_default"), tenant_default_date=24.5, remarketing_time=2.25)
        assert part["market_gpu_hours"][27] == pytest.approx(HOURS * 0.9 * (4 + 6 * 0.25))

    def test_the_hours_are_worth_the_market_price(self, single: Site) -> None:
        failed = single(happening("tenant_default"))
        np.testing.assert_allclose(failed["market_revenue"], failed["market_gpu_hours"] * 5)

    def test_a_site_without_a_contract_does_not_notice(self, single: Site) -> None:
        usual, failed = (single(roll, contracted_share=0) for roll in ({}, happening("tenant_default")))
        np.testing.assert_array_equal(failed["revenue"], usual["revenue"])

    def test_what_it_prepaid_is_paid_back_when_the_contract_would_have_run_out(self, single: Site) -> None:
        prepaid = single(happening("tenant_default"), prepayment_share=0.25)["prepayments"]
        month = 0.25 * 6 * HOURS * 4
        np.testing.assert_allclose(prepaid[[24, 25, 36]], np.array([13, 13, 13]) * month)
        assert abs(prepaid[37]) < 1e-3


def test_events_happen_on_top_of_each_other(single: Site) -> None:
    both: Result = single({**happening("late_grid"), **happening("outage"), **happening("tenant_default")})
    assert both["first_acceptance.only"] == pytest.approx(15)
    assert both["contract_revenue"][21] == pytest.approx(0.6 * 6 * HOURS * 4)
    assert np.all(both["contract_revenue"][25:] == 0)


@given(
    rolls=st.tuples(*[st.sampled_from([0.0, 1.0])] * len(IMPACTS)),
    dates=st.tuples(*[st.floats(0, 130)] * 3),
    lengths=st.tuples(*[st.floats(0, 60)] * 2),
    delays=st.tuples(*[st.floats(0, 60)] * 3),
    share=st.floats(0, 1),
    prepaid=st.floats(0, 1),
)
@settings(max_examples=60, deadline=None)
def test_money_is_conserved_whatever_happens(
    rolls: tuple[float, ...],
    dates: tuple[float, ...],
    lengths: tuple[float, ...],
    delays: tuple[float, ...],
    share: float,
    prepaid: float,
) -> None:
    site = site_of(120, 12, *TWO)
    result = site(
        {f"{event}_roll": roll for event, roll in zip(IMPACTS, rolls, strict=True)},
        export_control_date=dates[0],
        outage_date=dates[1],
        tenant_default_date=dates[2],
        export_control_length=lengths[0],
        outage_length=lengths[1],
        late_grid_delay=delays[0],
        supplier_slip_delay=delays[1],
        remarketing_time=delays[2],
        outage_share=share,
        prepayment_share=prepaid,
    )
    conserves(result)
    available = result["gpus_in_service"] * result["saleable_hours"]
    assert np.all(result["gpu_hours_sold"] <= available * (1 + 1e-9) + 1e-6)
    assert np.all(result["market_gpu_hours"] >= -1e-6)
    assert result["prepayments"].min() >= -1e-3
    assert abs(result["prepayments"][-1]) <= 1e-3
