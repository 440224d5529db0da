"""Cash flow and the metrics of the design's table that need no debt."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.lines.conftest import Site

METRICS = (
    *("project_npv", "project_irr", "roi", "moic", "payback_years", "payback_from_revenue_years"),
    *("discounted_payback_years", "levelised_cost_of_compute", "levelised_cost_of_compute_after_tax", "capex_total"),
    *("capex_per_mw", "capex_per_rack", "rack_cost", "opex_per_mw_year", "peak_funding", "time_to_first_token_months"),
    "ready_hall_to_token_weeks",
)


def test_every_metric_of_the_table_is_there(site: Site) -> None:
    assert set(METRICS) <= set(site.model.metrics)


def test_cash_flow_is_what_comes_in_less_what_goes_out(site: Site) -> None:
    result = site()
    flow = (
        result["revenue"]
        - result["opex"]
        - result["working_capital_increase"]
        - result["facility_capex"]
        - result["rack_capex"]
        - result["refresh_capex"]
        + result["hardware_sale"]
        + result["facility_sale"]
        - result["tax.unlevered"]
    )
    np.testing.assert_allclose(result["cash_flow"], flow, atol=1e-3)


def test_net_present_value_discounts_each_flow_from_its_period_end(site: Site) -> None:
    result = site(country_risk_premium=0.02)
    factors = 1.12 ** (-np.arange(121) / 12)
    assert result["project_npv"] == pytest.approx(result["cash_flow"] @ factors)


def test_the_internal_rate_of_return_brings_present_value_to_zero(site: Site) -> None:
    result = site()
    rate = result["project_irr"]
    flows = result["cash_flow"]
    value = flows @ (1 + rate) ** (-np.arange(121) / 12)
    assert abs(value) <= 1e-7 * np.abs(flows).sum()
    assert result["project_irr_status"] in (1, 2)
    assert site(project_discount_rate=float(rate))["project_npv"] == pytest.approx(0, abs=1e-5 * np.abs(flows).sum())


def test_return_on_investment_is_over_initial_capex(site: Site) -> None:
    result = site()
    assert result["roi"] == pytest.approx(result["cash_flow"].sum() / result["capex_total"])
    assert result["capex_total"] == pytest.approx(result["facility_cost"] + 30 * 4.4e6)


def test_multiple_is_distributions_over_contributions(site: Site) -> None:
    result = site()
    flow = result["cash_flow"]
    assert result["moic"] == pytest.approx(flow[flow > 0].sum() / -flow[flow < 0].sum())
    np.testing.assert_allclose(result["distributions"] - result["contributions"], flow, rtol=1e-12)


def test_unit_costs_by_hand(site: Site) -> None:
    result = site()
    assert result["capex_per_mw"] == pytest.approx(14.86e6 + 44e6)
    assert result["capex_per_rack"] == pytest.approx((14.86e6 + 44e6) / 10)
    assert result["rack_cost"] == pytest.approx(4.4e6)
    served = result["racks_in_service"].sum() * 0.1 / 12
    assert result["opex_per_mw_year"] == pytest.approx(result["opex"].sum() / served)


def test_peak_funding_is_the_depth_of_the_cumulative(site: Site) -> None:
    result = site()
    assert result["peak_funding"] == pytest.approx(-np.cumsum(result["cash_flow"]).min())
    assert result["peak_funding"] > 0


def crossing(flows: np.ndarray) -> float:
    """First return of the cumulative to zero after it went below, in periods."""
    cumulative = np.cumsum(flows)
    below = int(np.argmax(cumulative < 0))
    back = below + int(np.argmax(cumulative[below:] >= 0))
    return back - cumulative[back] / flows[back]


def test_payback_counts_from_first_spending_and_from_revenue(site: Site) -> None:
    result = site(construction_start=2, **{"construction_start.second": 14}, rack_order=4)
    periods = crossing(result["cash_flow"])
    spent = int(np.argmax(result["capex"] > 0))
    assert spent == 3
    assert result["payback_years"] == pytest.approx((periods - spent) / 12)
    sold = int(np.argmax(result["revenue"] > 0))
    assert result["payback_from_revenue_years"] == pytest.approx((periods - (sold - 1)) / 12)
    discounted = crossing(result["cash_flow"] * result["discount_factor"])
    assert result["discounted_payback_years"] == pytest.approx((discounted - spent) / 12)


def test_a_site_that_never_earns_has_no_payback_and_no_levelised_cost(site: Site) -> None:
    result = site(availability=0, residual_share=0, facility_residual_share=0)
    for metric in ("payback_years", "discounted_payback_years", "levelised_cost_of_compute", "ebitda_margin"):
        assert math.isnan(result[metric]), metric
    assert result["roi"] < 0


def test_a_site_without_racks_has_no_unit_costs(site: Site) -> None:
    result = site({"racks": 0, "racks.first": 0, "racks.second": 0})
    for metric in ("roi", "moic", "capex_per_mw", "capex_per_rack", "rack_cost", "opex_per_mw_year"):
        assert math.isnan(result[metric]) or metric == "moic", metric
    assert result["capex_total"] == 0


def test_sold_at_its_levelised_cost_compute_breaks_even_before_tax(site: Site) -> None:
    certain = {"overhead_share": 0, "receivable_days": 0}  # what else depends on the price
    cost = float(site(certain)["levelised_cost_of_compute"])
    result = site(certain, gpu_hour_price=cost, contract_price=cost)
    value = result["cash_flow_before_tax"] @ result["discount_factor"]
    assert abs(value) <= 1e-9 * np.abs(result["cash_flow_before_tax"]).sum()


def test_levelised_cost_after_tax_adds_the_tax(site: Site) -> None:
    result = site()
    taxes = result["tax.unlevered"] @ result["discount_factor"]
    hours = result["gpu_hours_sold"] @ result["discount_factor"]
    before, after = result["levelised_cost_of_compute"], result["levelised_cost_of_compute_after_tax"]
    assert after - before == pytest.approx(taxes / hours)


def test_time_to_first_token_is_to_the_earliest_rack_of_all_phases(site: Site) -> None:
    result = site()
    assert result["time_to_first_token_months"] == pytest.approx(13)
    assert result["time_to_full_load_months"] == pytest.approx(25)
    assert result["ready_hall_to_token_weeks"] == pytest.approx(730 / 168)
    late = site({"construction_start.first": 30})
    assert late["time_to_first_token_months"] == pytest.approx(25)


def test_a_token_a_month_later_costs_a_month_of_revenue_or_more(site: Site) -> None:
    base, late = site(), site(construction_delay=1)
    assert late["project_npv"] < base["project_npv"]
    assert late["revenue_total"] < base["revenue_total"]
