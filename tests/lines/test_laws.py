"""Laws that hold whatever the figures, and figures at the edge of what is admitted."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lines.conftest import FIGURES, Result, Site, site_of

TWO = (("first", "second"), ("original", "second", "third"), 12)

EVERY_MODE: dict[str, float] = {
    "token_share": 0.3,
    "take_or_pay_share": 0.8,
    "promised_availability": 0.97,
    "service_credit_rate": 5,
    "prepayment_share": 0.2,
    "colocation_capacity": 2,
    "prefabrication_saving": 1.5,
    "rack_peak_power": 115,
    "generation_power.second": 1.6,
    "generation_gpus.second": 2,
    "generation_token_rate.second": 3,
    "generation_life.second": 0.75,
}
"""Every way of selling at once, and a second generation unlike the first."""


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
        *("gpu_price", "cpu_price", "design_price"),
        *("rack_price", "freight_share", "duty_share", "spares_share", "shell_cost", "contingency_share", "refit_cost"),
        *("insurance_rate", "property_tax_rate", "hardware_support_rate", "overhead_share", "receivable_days"),
        *("tax_rate", "state_tax_rate", "facility_tax_life", "construction_escalation", "inflation", "wage_growth"),
    ],
)
def test_what_costs_more_is_worth_less(site: Site, figure: str) -> None:
    low, high = FIGURES[figure], min(FIGURES[figure] * 1.1 + 0.01, site_bound(site, figure))
    assert site({figure: high})["project_npv"] < site({figure: low})["project_npv"]


@pytest.mark.parametrize(
    "figure",
    [
        *("contract_price", "gpu_hour_price", "contracted_sold_share", "take_or_pay_share", "sold_share"),
        *("recontracted_share", "token_price", "token_sold_share", "tokens_per_gpu_second", "token_software_gain"),
        *("colocation_price", "colocation_let_share", "colocation_escalation", "prepayment_share", "prepayment_lead"),
        *("generation_gpus.second", "generation_token_rate.second", "residual_share"),
    ],
)
def test_what_sells_for_more_or_is_paid_sooner_is_worth_more(site: Site, figure: str) -> None:
    mixed = EVERY_MODE | {"contracted_sold_share": 0.85, "residual_share": 0.1}
    low = mixed.get(figure, FIGURES[figure.partition(".")[0]])
    high = min(low * 1.1 + 0.01, site_bound(site, figure))
    assert site(mixed, **{figure: high})["project_npv"] > site(mixed, **{figure: low})["project_npv"]


@pytest.mark.parametrize("figure", ["service_credit_rate", "promised_availability", "token_price_decline"])
def test_what_is_given_away_is_worth_less(site: Site, figure: str) -> None:
    low = EVERY_MODE.get(figure, FIGURES[figure])
    figures = EVERY_MODE | {figure: min(low * 1.1 + 0.01, site_bound(site, figure))}
    assert site(figures)["project_npv"] < site(EVERY_MODE)["project_npv"]


def test_compute_costs_less_from_one_rack_to_a_gigawatt() -> None:
    """What the site needs at any size is shared by more; nothing else depends on size."""
    site = site_of(48, 12, ("only",), ("original",), 12)
    costs = [float(site(racks=racks)["levelised_cost_of_compute"]) for racks in (1, 10, 100, 1_000, 10_000)]
    assert np.all(np.diff(costs) < 0)


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


@pytest.mark.parametrize("delay", ["construction_delay", "grid_delay", "supply_delay", "sales_ramp", "colocation_ramp"])
def test_delay_never_helps_however_capacity_is_sold(delay: str) -> None:
    """As above, but for the prepayment: with no discounting it is cash that comes and goes."""
    site = site_of(120, 12, ("only",), ("original",), 12)
    certain = {"hardware_life": 20, "residual_share": 0, "project_discount_rate": 0, "tax_rate": 0, "demand_charge": 0}
    modes = {name: value for name, value in EVERY_MODE.items() if "." not in name}
    values = [float(site(certain | modes, **{delay: months})["project_npv"]) for months in np.arange(0, 13, 0.75)]
    assert np.all(np.diff(values) <= 1e-6 * abs(values[0]))


def test_prefabrication_never_hurts_while_operation_has_no_end_in_sight() -> None:
    site = site_of(120, 12, ("only",), ("original",), 12)
    certain = {"hardware_life": 20, "residual_share": 0, "project_discount_rate": 0, "tax_rate": 0, "demand_charge": 0}
    values = [float(site(certain, prefabrication_saving=saved)["project_npv"]) for saved in np.arange(0, 14, 0.75)]
    assert np.all(np.diff(values) >= -1e-6 * abs(values[0]))


def test_a_phase_in_two_halves_is_the_phase() -> None:
    one = site_of(96, 12, ("only",), ("original", "second"), 12)
    two = site_of(96, 12, ("left", "right"), ("original", "second"), 12)
    changes = {"construction_delay": 0.4, "construction_escalation": 0.05, "installation_ramp": 3.0} | EVERY_MODE
    whole, halves = one(changes, racks=30, colocation_capacity=4), two(changes, racks=15, colocation_capacity=2)
    for line in (
        "prepayments",
        "tokens_sold",
        "revenue",
        "opex",
        "capex",
        "refresh_capex",
        "depreciation",
        "asset_sale",
        "tax.unlevered",
        "cash_flow",
    ):
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
    profit = result["ebitda"].sum() - bought + result["asset_sale"].sum() + result["grant"].sum()
    assert result["taxable_income.unlevered"].sum() == pytest.approx(profit, abs=1e-6 * (bought + 1))
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


@given(
    lives=st.tuples(*(st.floats(0.4, 3),) * 2),
    draws=st.tuples(*(st.floats(0.3, 4),) * 2),
    prepaid=st.floats(0, 1),
    tokens=st.floats(0, 1),
    let=st.sampled_from([0.0, 3.0]),
    end=st.floats(0, 130),
)
@settings(max_examples=60, deadline=None)
def test_generations_of_any_life_and_size_conserve_money_and_power(
    lives: tuple[float, float], draws: tuple[float, float], prepaid: float, tokens: float, let: float, end: float
) -> None:
    site = site_of(120, 12, *TWO)
    figures = {"prepayment_share": prepaid, "token_share": tokens, "colocation_capacity": let, "operations_end": end}
    for generation, life, draw in zip(("second", "third"), lives, draws, strict=True):
        figures |= {f"generation_life.{generation}": life, f"generation_power.{generation}": draw}
    result = site(figures)
    conserves(result)
    assert result["rack_load"].min() >= -1e-9
    assert result["rack_load"].max() <= 3 * (1 + 1e-9)
    sold, available = result["gpu_hours_sold"], result["gpus_in_service"] * result["saleable_hours"]
    assert np.all(sold <= available * (1 + 1e-9) + 1e-6)
    assert np.all(sold >= -1e-6)
    parts = sum(result[f"{mode}_revenue"] for mode in ("contract", "market", "token", "colocation"))
    np.testing.assert_allclose(parts - result["service_credits"], result["revenue"], rtol=1e-12, atol=1e-6)


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
    changes = {"construction_delay": 1.7, "receivable_days": 0.0, "payable_days": 0.0, "tax_rate": 0.0} | EVERY_MODE
    coarse, fine = site_of(10 * per_year, per_year, *TWO)(changes), site(changes)
    for metric in ("roi", "capex_total", "revenue_total", "ebitda_total", "opex_per_mw_year", "gpu_hours_sold_total"):
        assert coarse[metric] == pytest.approx(fine[metric], rel=1e-9), metric


@pytest.mark.parametrize("end", [1, 3, 6, 12])
def test_only_the_timing_of_tax_depends_on_the_tax_year(end: int) -> None:
    site = site_of(120, 12, ("first", "second"), ("original", "second", "third"), end)
    result, usual = site(loss_use_limit=1), site_of(120, 12, *TWO)(loss_use_limit=1)
    np.testing.assert_array_equal(result["cash_flow_before_tax"], usual["cash_flow_before_tax"])
    assert np.count_nonzero(result["tax.unlevered"]) <= 11
    owed = 0.25 * (result["taxable_income.unlevered"].sum() + result["tax_losses.unlevered"][-1])
    assert result["tax.unlevered"].sum() == pytest.approx(owed)


def test_a_rack_without_gpus_earns_nothing_and_still_computes(site: Site) -> None:
    result = site(gpus_per_rack=0)
    assert result["revenue_total"] == 0
    for metric in ("payback_years", "payback_from_revenue_years", "levelised_cost_of_compute", "ebitda_margin"):
        assert math.isnan(result[metric]), metric
    assert result["project_npv"] < 0


ON: dict[str, float] = {
    "leased_share": 0.4,
    "capitalised_share": 0.5,
    "water_usage": 1.5,
    "carbon_price": 50,
    "carbon_price_growth": 0.02,
    "grid_intensity_decline": 0.05,
    "staff_per_kgpu": 3,
    "gpu_failure_rate": 0.06,
    "service_cost": 5000,
    "grant_share": 0.2,
    "grant_cap": 2e7,
    "loss_life": 4,
    "tax_holiday": 3,
    "tax_holiday_share": 0.5,
    "state_tax_rate": 0.05,
}
"""What the fixture leaves off of site, power and tax, switched on."""

SWITCHES: dict[str, tuple[str, ...]] = {
    "leased_share": ("lease_rent", "lease_escalation"),
    "capitalised_share": ("facility_rent", "capitalisation_rate"),
    "water_usage": ("water_price",),
    "carbon_price": ("grid_intensity", "grid_intensity_decline", "carbon_price_growth"),
    "grant_share": ("grant_cap", "grant_date"),
    "gpu_failure_rate": ("gpu_replacement_share", "hardware_warranty"),
    "tax_holiday": ("tax_holiday_share",),
    "interest_capped_share": ("interest_cap",),
    "investment_credit_rate": ("investment_credit_basis_share",),
    "hardware_table_share": ("hardware_tax_table",),
    "hardware_declining_share": ("hardware_declining_rate",),
    "facility_table_share": ("facility_tax_table",),
    "facility_declining_share": ("facility_declining_rate",),
}
"""A figure that is 0 in the fixture, and those that say nothing while it is."""


@pytest.mark.parametrize("switch", SWITCHES)
def test_what_is_off_moves_nothing_whatever_its_other_figures_say(site: Site, switch: str) -> None:
    assert FIGURES[switch] == 0
    base, other = site(), site({name: FIGURES[name] / 2 + 0.1 for name in SWITCHES[switch]})
    taxes = ("tax.unlevered", "tax.levered")
    for line in (*taxes, "cash_flow", "opex", "depreciation", "facility_sale", "net_fixed_assets"):
        np.testing.assert_array_equal(other[line], base[line], err_msg=line)


def test_with_all_of_it_off_the_fixture_is_worth_what_it_was_before_any_of_it(site: Site) -> None:
    assert site()["project_npv"] == pytest.approx(9831215.12607271, rel=1e-12)


DEARER = (
    *("lease_rent", "lease_escalation", "capitalisation_rate", "water_usage", "water_price", "carbon_price"),
    *("carbon_price_growth", "grid_intensity", "staff_per_kgpu", "gpu_failure_rate", "gpu_replacement_share"),
    *("service_cost", "tax_rate", "state_tax_rate", "electricity_price", "pue"),
)
CHEAPER = (
    *("grid_intensity_decline", "facility_rent", "loss_life", "tax_holiday", "tax_holiday_share"),
    *("hardware_warranty", "loss_use_limit", "grant_share", "grant_cap"),
)
MOVED = {"pue": (1.0, 1.8), "loss_life": (1.0, 12.0), "hardware_warranty": (0.0, 4.0), "tax_holiday": (0.0, 8.0)}
"""Figures whose admissible values are not those from nothing to three times the fixture's."""


def admissible(name: str, site: Site) -> st.SearchStrategy[float]:
    low, high = MOVED.get(name, (0.0, 3 * ON.get(name, FIGURES[name])))
    return st.floats(low, min(high, site_bound(site, name)))


@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_what_costs_more_never_helps_in_any_book(data: st.DataObject) -> None:
    """Random figures for all that is switched on, one of them moved: no exception among these figures."""
    site = site_of(120, 12, *TWO)
    names = list(dict.fromkeys((*ON, *DEARER, *CHEAPER)))
    drawn = {name: data.draw(admissible(name, site), label=name) for name in names}
    drawn["capitalisation_rate"] = max(drawn["capitalisation_rate"], 0.01)  # at none there is no value to speak of
    moved = data.draw(st.sampled_from([*DEARER, *CHEAPER]), label="moved")
    further = data.draw(admissible(moved, site), label="further")
    low, high = sorted((drawn[moved], max(further, 0.01)))
    before, after = (float(site(drawn | {moved: value})["project_npv"]) for value in (low, high))
    worse, better = (after, before) if moved in DEARER else (before, after)
    assert worse <= better + 1e-9 * (abs(better) + 1e6)


def test_what_is_switched_on_costs(site: Site) -> None:
    for figure in ("lease_rent", "lease_escalation", "water_price", "carbon_price", "service_cost", "gpu_failure_rate"):
        low, high = site(ON)["project_npv"], site(ON, **{figure: 2 * ON.get(figure, FIGURES[figure])})["project_npv"]
        assert high < low, figure


@given(
    leased=st.sampled_from([0.0, 0.4, 1.0]),
    delay=st.floats(0, 200),
    end=st.floats(0, 150),
    spread=st.floats(0, 20),
    shares=st.tuples(*[st.sampled_from([0.0, 0.4, 1.0])] * 3),
    per_year=st.sampled_from([1, 4, 12]),
)
@settings(max_examples=60, deadline=None)
def test_money_is_conserved_by_lease_and_by_every_method_of_depreciation(
    leased: float, delay: float, end: float, spread: float, shares: tuple[float, float, float], per_year: int
) -> None:
    methods = {
        f"{asset}_{method}_share": share
        for asset in ("hardware", "facility")
        for method, share in zip(("bonus", "table", "declining"), shares, strict=True)
    }
    site = site_of(10 * per_year, per_year, *TWO)
    conserves(
        site(
            methods,
            leased_share=leased,
            construction_delay=delay,
            operations_end=end,
            installation_ramp=spread,
        )
    )
