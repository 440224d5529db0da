"""Laws of economics over random admissible books, each with its exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.lines.conftest import FIGURES, Result, Site, site_of

ON: dict[str, float] = {
    "rack_price_decline": 0.05,
    "leased_share": 0.4,
    "construction_escalation": 0.03,
    "capitalised_share": 0.5,
    "water_usage": 1.5,
    "carbon_price": 50,
    "carbon_price_growth": 0.02,
    "grid_intensity_decline": 0.05,
    "electricity_escalation": 0.02,
    "inflation": 0.02,
    "wage_growth": 0.03,
    "staff_per_kgpu": 3,
    "gpu_failure_rate": 0.06,
    "service_cost": 5000,
    "promised_availability": 0.97,
    "service_credit_rate": 3,
    "prepayment_share": 0.2,
    "sales_ramp": 4,
    "token_share": 0.3,
    "token_price_decline": 0.2,
    "token_software_gain": 0.1,
    "gpu_hour_price_drift": 0.02,
    "grant_share": 0.2,
    "grant_cap": 1e7,
    "installation_ramp": 2,
}
"""What the fixture leaves off, switched on."""

DATES = ("construction_start", "construction_duration", "grid_energisation", "rack_order", "operations_end")
ROLLS = ("late_grid_roll", "supplier_slip_roll", "export_control_roll", "outage_roll", "tenant_default_roll")
DELAYS = ("construction_delay", "grid_delay", "supply_delay", "sales_ramp")
CERTAIN: dict[str, float] = {
    "hardware_life": 20,
    "residual_share": 0,
    "price_ageing": 0,
    "project_discount_rate": 0,
    "tax_rate": 0,
    "demand_charge": 0,
    "rack_order": 0,
    "rack_lead_time": 5,
}
"""Delay: racks outlive the horizon, wait for their hall, and do not age; nothing is discounted, taxed or reserved."""


@st.composite
def books(draw: st.DrawFn, site: Site, kept: Iterable[str] = ()) -> dict[str, float]:
    """Every figure at a third of the fixture's to twice it, within its bounds; dates and `kept` as they are.

    No event happens: one that has a date is better missed by a later site.
    """
    figures: dict[str, float] = {}
    for name, known in site.model.inputs.items():
        stem = name.partition(".")[0]
        if stem in kept or stem in DATES or stem in ROLLS:
            continue
        base = ON.get(stem, FIGURES.get(name, FIGURES[stem]))
        low, high = known.low or 0.0, np.inf if known.high is None else known.high
        figures[name] = float(np.clip(base * draw(st.floats(1 / 3, 2), label=name), low, high))
    return figures


def of_one_phase() -> Site:
    return site_of(120, 12, ("only",), ("original",), 12)


def worst_month(site: Site, book: Mapping[str, float]) -> float:
    """Least revenue of a month in full service, at the market or under contract, less the dearest month's cost."""
    full: dict[str, float] = {"sales_ramp": 0, "hardware_warranty": 0, "installation_ramp.only": 0}
    sold = ({"contracted_share": 0.0}, {"contracted_share": 1.0, "contract_term": 20.0})
    ways: list[Result] = [site({**book, **full, **way}) for way in sold]
    dearest = max(float(way["opex"].max()) for way in ways)
    return min(float(way["revenue"][14:].min()) for way in ways) - dearest


@given(data=st.data())
@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("delay", DELAYS)
def test_more_delay_never_helps(delay: str, data: st.DataObject) -> None:
    """But where a month in service loses money, or its racks are younger at the end, or money has a price of time.

    A hall that stands ready before its racks costs money that its own delay would save.
    """
    site = of_one_phase()
    book = data.draw(books(site, (*CERTAIN, *DELAYS))) | CERTAIN
    assume(worst_month(site, book) > 0)
    less, more = sorted(data.draw(st.tuples(*[st.floats(0, 12)] * 2), label="delays"))
    early, late = (float(site(book | {delay: months})["project_npv"]) for months in (less, more))
    assert late <= early + 1e-9 * (abs(early) + 1e6)


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_later_phase_at_a_falling_price_costs_less(data: st.DataObject) -> None:
    """A rack of it, landed; its hall, whose price rises, may cost more."""
    site = site_of(120, 12, ("first", "second"), ("original", "second", "third"), 12)
    book = data.draw(books(site))
    assume(book["rack_price_decline"] > 0.001)
    wait = data.draw(st.floats(0.5, 24), label="months")
    result = site(book | {"rack_order.second": 3 + wait})
    first, second = (float(np.max(result[f"rack_unit_cost.{phase}.original"])) for phase in ("first", "second"))
    assert second < first
    hardware = result["landed_price"] * (1 - book["rack_price_decline"]) ** ((3 + wait) / 12)
    assert second == pytest.approx(float(hardware) * book["generation_price.original"])


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_higher_price_of_power_never_helps(data: st.DataObject) -> None:
    site = site_of(120, 12, ("first", "second"), ("original", "second", "third"), 12)
    book = data.draw(books(site))
    dearer = book["electricity_price"] * data.draw(st.floats(1.01, 4), label="times")
    usual, dear = (site(book | {"electricity_price": price}) for price in (book["electricity_price"], dearer))
    for metric, sign in (("project_npv", 1), ("levelised_cost_of_compute", -1)):
        before, after = sign * float(usual[metric]), sign * float(dear[metric])
        assert after <= before + 1e-9 * abs(before), metric


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_gpu_hour_costs_less_from_one_rack_to_a_gigawatt(data: st.DataObject) -> None:
    """All else alike: what a site needs at any size is shared by more. Beside tenants, whose hall stays, not."""
    site = of_one_phase()
    book = data.draw(books(site, ("racks", "grant_share"))) | {"colocation_capacity": 0}
    costs = [float(site(book | {"racks": racks})["levelised_cost_of_compute"]) for racks in (1, 10, 1_000, 10_000)]
    assert np.all(np.diff(costs) <= 1e-9 * costs[0])
    assert costs[-1] < costs[0]
