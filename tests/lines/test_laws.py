"""Laws that hold whatever the figures, and figures at the edge of what is admitted."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lines.conftest import FIGURES, Result, Site, site_of

TWO = (("first", "second"), ("original", "second", "third"), 12)


def test_twice_the_money_is_twice_the_value(site: Site) -> None:
    money = {name for name, known in site.model.inputs.items() if known.unit.startswith(("USD", "local"))}
    money -= {"exchange_rate"}
    figures = site.figures({})
    once, twice = site(figures), site({name: value * (1 + (name in money)) for name, value in figures.items()})
    for line in ("project_npv", "capex_total", "peak_funding", "levelised_cost_of_compute", "opex_per_mw_year"):
        assert twice[line] == pytest.approx(2 * once[line], rel=1e-12), line
    for line in ("project_irr", "roi", "moic", "payback_years", "ebitda_margin"):
        assert twice[line] == pytest.approx(once[line], rel=1e-9), line


@pytest.mark.parametrize(
    "figure",
    [
        *("electricity_price", "demand_charge", "pue", "load_factor", "salary", "transit_cost", "software_cost"),
        *("rack_price", "freight_share", "duty_share", "spares_share", "shell_cost", "contingency_share", "refit_cost"),
        *("insurance_rate", "property_tax_rate", "hardware_support_rate", "overhead_share", "receivable_days"),
        *("tax_rate", "facility_tax_life", "construction_escalation", "inflation", "wage_growth"),
    ],
)
def test_what_costs_more_is_worth_less(site: Site, figure: str) -> None:
    low, high = FIGURES[figure], min(FIGURES[figure] * 1.1 + 0.01, site_bound(site, figure))
    assert site({figure: high})["project_npv"] < site({figure: low})["project_npv"]


def site_bound(site: Site, figure: str) -> float:
    high = site.model.inputs[figure].high
    return math.inf if high is None else high


@pytest.mark.parametrize(
    "delay",
    ["construction_delay", "grid_delay", "supply_delay", "sales_ramp", "installation_ramp", "installation_time"],
)
def test_delay_never_helps_while_operation_has_no_end_in_sight(delay: str) -> None:
    """One generation that outlives the horizon: no refresh to put off, and no younger racks to sell at the end.

    Nor a charge for capacity, which a late grid saves while the hall is not ready.
    """
    site = site_of(120, 12, ("only",), ("original",), 12)
    certain = {"hardware_life": 20, "residual_share": 0, "project_discount_rate": 0, "tax_rate": 0, "demand_charge": 0}
    values = [float(site(certain, **{delay: months})["project_npv"]) for months in np.arange(0, 13, 0.75)]
    assert np.all(np.diff(values) <= 1e-6 * abs(values[0]))


def test_a_phase_in_two_halves_is_the_phase() -> None:
    one = site_of(96, 12, ("only",), ("original", "second"), 12)
    two = site_of(96, 12, ("left", "right"), ("original", "second"), 12)
    changes = {"construction_delay": 0.4, "construction_escalation": 0.05, "installation_ramp": 3.0}
    whole, halves = one(changes, racks=30), two(changes, racks=15)
    for line in ("revenue", "opex", "capex", "refresh_capex", "depreciation", "asset_sale", "tax", "cash_flow"):
        np.testing.assert_allclose(halves[line], whole[line], rtol=1e-12, atol=1e-3, err_msg=line)


def conserves(result: Result) -> None:
    """Assets never fall below nothing and end at nothing; what is sold has been paid for; flows are their parts."""
    bought = result["capex"].sum() + result["refresh_capex"].sum()
    assert result["net_fixed_assets"].min() >= -1e-9 * (bought + 1)
    assert abs(result["net_fixed_assets"][-1]) <= 1e-9 * (bought + 1)
    assert np.all(result["depreciation"] >= -1e-9 * (bought + 1))
    assert np.all(result["asset_sale"] >= -1e-9 * (bought + 1))
    assert result["facility_sale"].sum() <= 0.2 * result["facility_capex"].sum() + 1e-3
    assert result["hardware_sale"].sum() <= result["rack_capex"].sum() + result["refresh_capex"].sum() + 1e-3
    profit = result["ebitda"].sum() - bought + result["asset_sale"].sum()
    assert result["taxable_income"].sum() == pytest.approx(profit, abs=1e-6 * (bought + 1))
    assert result["cash_flow_before_tax"].sum() == pytest.approx(profit, abs=1e-6 * (bought + 1))


@given(
    delay=st.floats(0, 200),
    end=st.floats(0, 150),
    spread=st.floats(0, 20),
    life=st.floats(1, 12),
    deposit=st.sampled_from([0.0, 0.3, 1.0]),
    per_year=st.sampled_from([1, 4, 12]),
)
@settings(max_examples=80, deadline=None)
def test_nothing_is_sold_or_written_off_that_was_not_paid_for(
    delay: float, end: float, spread: float, life: float, deposit: float, per_year: int
) -> None:
    site = site_of(10 * per_year, per_year, *TWO)
    conserves(
        site(
            construction_delay=delay,
            operations_end=end,
            installation_ramp=spread,
            hardware_life=life,
            rack_deposit_share=deposit,
        )
    )


def test_operations_that_end_at_close_cost_nothing(site: Site) -> None:
    result = site(operations_end=0)
    for line in ("capex", "refresh_capex", "revenue", "opex", "asset_sale", "cash_flow"):
        assert np.all(result[line] == 0), line


def test_a_hall_never_finished_is_sold_for_a_share_of_what_was_spent(single: Site) -> None:
    result = single(construction_delay=84, spend_curve=1)  # half of it spent at the horizon
    spent = result["facility_capex"].sum()
    assert spent == pytest.approx(result["facility_cost"] / 2)
    assert result["facility_sale"].sum() == pytest.approx(0.2 * spent)
    assert result["hardware_sale"].sum() == 0  # the racks arrived, and never served


def test_payback_is_zero_where_nothing_is_ever_spent(site: Site) -> None:
    result = site({"racks": 0, "racks.second": 0}, staff_fixed=0)
    assert result["payback_years"] == 0
    assert result["discounted_payback_years"] == 0
    assert math.isnan(result["payback_from_revenue_years"])


def test_a_site_without_capital_pays_back_from_its_first_operating_cost(site: Site) -> None:
    free = {name: 0.0 for name, known in site.model.inputs.items() if known.unit in ("USD/MW", "USD/rack")}
    result = site(free, property_tax_rate=0, receivable_days=0, payable_days=0)
    assert result["capex_total"] == 0
    first = int(np.argmax(result["opex"] > 0))
    assert first == 11
    back = first + int(np.argmax(np.cumsum(result["cash_flow"])[first:] >= 0))
    assert 0 < result["payback_years"] <= (back - first) / 12
    assert result["payback_from_revenue_years"] == pytest.approx(result["payback_years"] + (first - 13) / 12)


@pytest.mark.parametrize("per_year", [1, 2, 4])
def test_sums_over_the_life_do_not_depend_on_the_length_of_a_period(site: Site, per_year: int) -> None:
    changes = {"construction_delay": 1.7, "receivable_days": 0.0, "payable_days": 0.0, "tax_rate": 0.0}
    coarse, fine = site_of(10 * per_year, per_year, *TWO)(changes), site(changes)
    for metric in ("roi", "capex_total", "revenue_total", "ebitda_total", "opex_per_mw_year", "gpu_hours_sold_total"):
        assert coarse[metric] == pytest.approx(fine[metric], rel=1e-9), metric


@pytest.mark.parametrize("end", [1, 3, 6, 12])
def test_only_the_timing_of_tax_depends_on_the_tax_year(end: int) -> None:
    site = site_of(120, 12, ("first", "second"), ("original", "second", "third"), end)
    result, usual = site(loss_use_limit=1), site_of(120, 12, *TWO)(loss_use_limit=1)
    np.testing.assert_array_equal(result["cash_flow_before_tax"], usual["cash_flow_before_tax"])
    assert np.count_nonzero(result["tax"]) <= 11
    owed = 0.25 * (result["taxable_income"].sum() + result["tax_losses"][-1])
    assert result["tax"].sum() == pytest.approx(owed)


def test_a_rack_without_gpus_earns_nothing_and_still_computes(site: Site) -> None:
    result = site(gpus_per_rack=0)
    assert result["revenue_total"] == 0
    for metric in ("payback_years", "payback_from_revenue_years", "levelised_cost_of_compute", "ebitda_margin"):
        assert math.isnan(result[metric]), metric
    assert result["project_npv"] < 0
