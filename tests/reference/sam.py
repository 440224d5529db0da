"""NREL's System Advisor Model, Single Owner, rebuilt from the finance lines over one plant, one revenue and one cost.

`run(inputs)` takes SAM's inputs and gives SAM's rows and outputs. What this module adds to the public lines is the
plant: what it costs, sells and spends, how it is written off for tax, and that owners pay what cash does not cover
before a reserve is touched. The rest is SAM's names for things. It stands in one file, so that it may be loaded by its
path from anywhere.
"""

import datetime as dt
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from finmodel import metrics
from finmodel.graph import Input, Member, Model, Node, Scope, Timeline, assemble, lag, line, maximum
from finmodel.graph.line import Cohort, Definition
from finmodel.lines import cover, debt, equity, repayment, tax, waterfall, write_off
from finmodel.lines.schedule import change
from finmodel.render.plain import Evaluation, compile_plain
from finmodel.render.plan import Plan

plant_cost = Input("USD", "What the plant costs, with what is spent on arranging its finance.")
plant_basis = Input("USD", "The part of it that is written off for tax.")
plant_tax_table = Input("1", "Share written off in that year for the federal tax.", each="recovery_year")
state_tax_table = Input("1", "Share written off in that year for the state's tax.", each="recovery_year")
sales = Input("USD", "Revenue of that year.", low=None, each="recovery_year")
spending = Input("USD", "Operating cost of that year.", low=None, each="recovery_year")
base_rate = Input("1/year", "Base rate; the loan is fixed.")
arrangement_fee = Input("1", "Fee on the loan, paid by the owner.")


def year_by_year(m: Scope, name: str) -> Any:
    """The figures of a cohort of years, each in its year of operation."""
    years = m.members("recovery_year")
    return sum(m[name][year] * m.years_ago(m.first_year, year.number) for year in years)


@line("1")
def first_year(m: Scope) -> Node:
    """1 in the first year of operation."""
    return m.started - lag(m.started)


@line("USD")
def revenue(m: Scope) -> Node:
    """Revenue, year by year."""
    return year_by_year(m, "sales")


@line("USD")
def opex(m: Scope) -> Node:
    """Operating cost, year by year."""
    return year_by_year(m, "spending")


@line("USD")
def ebitda(m: Scope) -> Node:
    """Revenue less operating cost."""
    return m.revenue - m.opex


@line("USD")
def capex(m: Scope) -> Node:
    """The plant, paid at close."""
    return m.plant_cost * (1 - m.started)


@line("USD")
def refresh_capex(m: Scope) -> Node:
    """Fee on the loan, which the loan does not pay."""
    return m.arrangement_fee * m.committed * (1 - m.started)


@line("USD")
def plant_entry(m: Scope) -> Node:
    """The plant enters service in the first year."""
    return m.plant_basis * m.first_year


@line("USD")
def plant_placed_in_tax_year(m: Scope) -> Node:
    """What entered service in the year."""
    return write_off.in_tax_year(m, "plant")


@line("USD")
def depreciation(m: Scope) -> Node:
    """Depreciation of the year by the plant's table."""
    return change(write_off.by_table(m, "plant"))


@line("USD")
def state_depreciation(m: Scope) -> Node:
    """Depreciation of the year by the state's table."""
    return m.plant_basis * year_by_year(m, "state_tax_table")


@line("USD", each="basis")
def state_tax(m: Scope, basis: Member) -> Node:
    """Income tax of the state, on what its own depreciation leaves."""
    return m.state_tax_rate * (m.tax_base[basis] + m.depreciation - m.state_depreciation)


@line("USD")
def reserve_drawn(m: Scope) -> Node:
    """Nothing: the owners pay what cash does not cover."""
    return 0 * m.service_due


@line("USD")
def reserve_topped_up(m: Scope) -> Node:
    """All that is missing, out of cash or by the owners."""
    return maximum(m.reserve_missing, 0)


@line("month")
def closing_date(m: Scope) -> Node:
    """The plant runs to the horizon."""
    return m.horizon


@line("1")
def tax_relief(m: Scope) -> float:
    """None."""
    return 0


def _nothing(name: str) -> Any:
    def formula(m: Scope) -> float:
        """None."""
        return 0

    formula.__name__ = name
    return line("USD")(formula)


NOTHING = tuple(
    _nothing(name)
    for name in (
        "asset_sale",
        "grant",
        "grant_income",
        "placed_in_service",
        "prepayment_flow",
        "working_capital_increase",
    )
)
PLANT = tuple(thing for thing in list(globals().values()) if isinstance(thing, Definition))
FIGURES = {name: thing for name, thing in list(globals().items()) if isinstance(thing, Input)}


def model(years: int, sizing: str, repaid: str) -> Model:
    """The plant under one loan, a period a year."""
    parts = (tax, debt, repayment, waterfall, cover, equity, *NOTHING, *PLANT)
    loan = {"finances": "project", "sizing": sizing, "repayment": repaid, "draws": "pro_rata"}
    members: dict[str, Cohort] = {
        "basis": tax.BASES,
        "tranche": {"loan": loan},
        "recovery_year": [f"y{year}" for year in range(1, years + 1)],
    }
    return assemble(parts, Timeline(dt.date(2026, 12, 31), years, 1), members, FIGURES)


CLASSES: Mapping[str, tuple[float, ...]] = {
    "macrs_5": (20, 32, 19.2, 11.52, 11.52, 5.76),
    "macrs_15": (5, 9.5, 8.55, 7.7, 6.93, 6.23, *(5.9, 5.9, *(5.91, 5.9) * 3, 5.91)[:9], 2.95),
    "sl_5": (10, 20, 20, 20, 20, 10),
    "sl_15": (3.33, *(6.67,) * 6, *(6.66, 6.67) * 4, 3.33),
    "sl_20": (2.5, *(5,) * 19, 2.5),
    "sl_39": (100 / 78, *(100 / 39,) * 38, 100 / 78),
}
"""Written off in each year, in % (IRS Publication 946, appendix A, half-year; straight lines rounded as printed)."""

LEVELS = ("fed", "sta")
SERIES = ("om_fixed", "om_capacity", "om_production", "om_land_lease")
READ = {
    *("analysis_period", "system_capacity", "inflation_rate", "real_discount_rate", "federal_tax_rate"),
    *("state_tax_rate", "total_installed_cost", "construction_financing_cost", "cost_debt_fee", "cost_debt_closing"),
    *("cost_other_financing", "dscr_reserve_months", "months_working_reserve", "reserves_interest", "insurance_rate"),
    *("prop_tax_cost_assessed_percent", "prop_tax_assessed_decline", "property_tax_rate", "salvage_percentage"),
    *(*SERIES, *(f"{name}_escal" for name in SERIES), "land_area", "ppa_price_input", "ppa_escalation", "degradation"),
    *("gen", "debt_option", "debt_percent", "payment_option", "term_int_rate", "term_tenor", "dscr", "ppa_soln_mode"),
    *("dscr_limit_debt_fraction", "dscr_maximum_debt_fraction", "depr_alloc_custom_percent", "depr_custom_schedule"),
    *("depr_bonus_fed", "depr_bonus_sta", "dispatch_factors_ts", "dispatch_tod_factors"),
    *(f"depr_alloc_{name}_percent" for name in CLASSES),
    *(f"depr_bonus_{level}_{name}" for level in LEVELS for name in (*CLASSES, "custom")),
}
WITHOUT_EFFECT = (
    *("flip_", "ppa_soln_", "equip1_reserve_freq", "equip2_reserve_freq", "equip3_reserve_freq", "equip_reserve_depr_"),
    *("depr_fedbas_method", "depr_stabas_method", "om_fuel_cost", "cp_system_nameplate", "grid_curtailment_price"),
    *("dispatch_sched_", "rate_escalation", "ppa_multiplier_model"),
)
"""Beginnings of names of inputs that move nothing while those that they belong to are refused."""


def run(inputs: Mapping[str, Any]) -> tuple[pd.DataFrame, pd.Series]:
    """One run of the Single Owner model.

    Parameters
    ----------
    inputs
        By SAM's names and in its units, all groups in one mapping or a mapping a group; numbers, series in lists or
        arrays, and `gen` as 8760 hours or ``{"constant_8760": kW}``. What is absent or None is 0; `analysis_period` and
        `gen` must be there.

    Returns
    -------
    rows : DataFrame
        A row a year, year 0 first; a column for each of SAM's annual rows.
    outputs : Series
        SAM's single outputs.

    Raises
    ------
    ValueError
        An input is set whose effect is not modelled; names all of them. Or the loan comes out as no lender here makes
        it: larger than the cost, or repaid by less than nothing in a year whose cash flow does not bear the interest.
    """
    given = {
        name: value
        for key, group in inputs.items()
        for name, value in (
            group.items() if isinstance(group, Mapping) and "constant_8760" not in group else [(key, group)]
        )
        if value is not None
    }
    _refuse(given)
    sam = _Inputs(given)
    operation = _operation(sam)
    years, tenor, rate = sam.years, int(sam("term_tenor")), sam("term_int_rate") / 100
    fee, sized_by_cover = sam("cost_debt_fee") / 100, sam("debt_option") == 1
    arranging = sam("construction_financing_cost") + sam("cost_other_financing")
    cost = sam("total_installed_cost") + arranging + sam("cost_debt_closing")
    months, share = sam("months_working_reserve"), sam("debt_percent") / 100
    discount = (1 + sam("real_discount_rate") / 100) * (1 + sam("inflation_rate") / 100) - 1
    limit = 1e15
    if sized_by_cover and sam("dscr_limit_debt_fraction"):
        spent = cost + fee * sam("total_installed_cost") + months / 12 * operation["cf_operating_expenses"][1]
        limit = sam("dscr_maximum_debt_fraction", 100) / 100 * spent
    federal, state, tables = _tables(sam)
    values: dict[str, float] = {
        "plant_cost": cost,
        "plant_basis": sam("total_installed_cost") + arranging,
        "arrangement_fee": fee,
        **{f"plant_tax_table.y{year}": federal[year] for year in range(1, years + 1)},
        **{f"state_tax_table.y{year}": state[year] for year in range(1, years + 1)},
        **{f"sales.y{year}": operation["cf_total_revenue"][year] for year in range(1, years + 1)},
        **{f"spending.y{year}": operation["cf_operating_expenses"][year] for year in range(1, years + 1)},
        "tax_rate": sam("federal_tax_rate") / 100,
        "state_tax_rate": sam("state_tax_rate") / 100,
        "loss_use_limit": 0,
        "loss_life": years,
        "loss_refund_share": 1,
        "interest_cap": 0,
        "interest_capped_share": 0,
        "investment_credit_rate": 0,
        "base_rate": 0,
        "gearing.loan": share * (1 + share * fee),  # SAM adds the fee to the cost once, before it takes the share
        "debt_limit.loan": limit,
        "target_dscr.loan": sam("dscr", 1) if sized_by_cover else 1,
        "availability_period.loan": 0,
        "debt_tenor.loan": tenor,
        "interest_margin.loan": 0,
        "swap_rate.loan": rate,
        "hedged_share.loan": 1,
        "commitment_fee.loan": 0,
        "upfront_fee.loan": 0,
        "debt_reserve_months.loan": sam("dscr_reserve_months"),
        "balloon_share.loan": 0,
        "refinancing_date.loan": 12 * (years + 1),
        "refinancing_margin.loan": 0,
        "refinancing_tenor.loan": 1,
        "refinancing_fee.loan": 0,
        "refinancing_ratio.loan": 1,
        "tax_in_cfads": 0,
        "operating_reserve_months": months,
        "reserve_rate": sam("reserves_interest") / 100,
        "equity_support_limit": 1e15,
        "sweep_share": 0,
        "lock_up_dscr": 0,
        "default_dscr": 0,
        "cover_tolerance": 0,
        "cost_of_equity": discount,
    }
    repaid = "sculpted" if sized_by_cover else ("annuity", "equal_principal")[int(sam("payment_option"))]
    found = compile_plain(Plan(model(years, "dscr" if sized_by_cover else "gearing", repaid))).run(values)
    _refuse_loan(found, by_cover=sized_by_cover, limit=limit)
    rows = {**operation, **tables, **_rows(sam, found.rows, discount, rate, tenor)}
    rows["cf_annual_costs"] = rows["cf_project_return_aftertax"] - rows["cf_energy_value"]
    return pd.DataFrame(rows).rename_axis("year"), pd.Series(_outputs(sam, rows, found.scalars, discount, rate))


class _Inputs:
    """SAM's inputs: numbers, and series that hold one number or a number a year."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self.years = int(self("analysis_period"))

    def __call__(self, name: str, otherwise: float = 0.0) -> float:
        return float(self.series(name, otherwise)[0])

    def series(self, name: str, otherwise: float = 0.0) -> list[float]:
        return [float(x) for x in np.atleast_1d(self._given.get(name, otherwise))]

    def yearly(self, name: str, growth: float) -> NDArray[np.float64]:
        """One number grows; a number a year stands as it is. Year 0 has none."""
        values, row = self.series(name), np.zeros(self.years + 1)
        if len(values) == 1:
            row[1:] = values[0] * (1 + growth) ** np.arange(self.years)
        else:
            row[1 : len(values) + 1] = values[: self.years]
        return row

    @property
    def energy(self) -> float:
        """Energy of the first year, in kWh."""
        gen = self._given["gen"]
        return 8760.0 * gen["constant_8760"] if isinstance(gen, Mapping) else float(np.sum(gen))


def _refuse(given: Mapping[str, Any]) -> None:
    absent = [name for name in ("analysis_period", "gen") if name not in given]
    if absent:
        raise ValueError(f"needed and not given: {', '.join(absent)}")

    def moves(name: str, value: Any) -> bool:
        if (
            name in READ
            or name.startswith(WITHOUT_EFFECT)
            or (name.startswith("depr_itc_") and not np.any(given.get("itc_fed_percent", 0)))
        ):
            return False
        if isinstance(value, Mapping):
            return value.get("constant_8760") not in (0, 1)
        if isinstance(value, str):
            return True
        return bool(np.any(np.asarray(value, dtype=np.float64) != 0))

    sam = _Inputs(given)
    refused = [name for name, value in given.items() if moves(name, value)]
    if sam("ppa_soln_mode", 1) != 1:
        refused.append("ppa_soln_mode")
    for name in ("dispatch_factors_ts", "dispatch_tod_factors"):
        value = given.get(name, 1)
        if np.any(np.asarray(value["constant_8760"] if isinstance(value, Mapping) else value) != 1):
            refused.append(name)
    if sam("term_tenor") > sam.years:
        refused.append("term_tenor beyond analysis_period")
    if sam("term_tenor") < 1 and (sam("debt_option") or sam("debt_percent")):
        refused.append("debt without term_tenor")
    refused += [
        f"{name} that changes from year to year"
        for name in ("federal_tax_rate", "state_tax_rate")
        if len({*sam.series(name)}) > 1
    ]
    if refused:
        raise ValueError(f"not modelled: {', '.join(sorted(refused))}")


def _refuse_loan(found: Evaluation, *, by_cover: bool, limit: float) -> None:
    """Where a rule of the finance lines binds that SAM does not have."""
    loan = {name.removesuffix(".loan"): value for name, value in found.scalars.items() if name.endswith(".loan")}
    wanted, most = min(loan["loan_by_cover" if by_cover else "loan_by_gearing"], limit), loan["loan_of_all_cost"]
    if wanted > most * (1 + 1e-9):
        raise ValueError(f"not modelled: a loan of {wanted:,.0f}, more than the cost of {most:,.0f}")
    if by_cover:
        short = (found.rows["sizing_discount.loan"] > 0) & (found.rows["scheduled_share.loan"] <= 0)
        years = ", ".join(map(str, np.flatnonzero(short)))
        if years:
            raise ValueError(
                f"not modelled: cash flow that at the target cover does not bear the interest, year {years}"
            )


def _operation(sam: _Inputs) -> dict[str, NDArray[np.float64]]:
    """What the plant makes, sells and spends."""
    inflation, cost = sam("inflation_rate") / 100, sam("total_installed_cost")
    degradation = sam.series("degradation")
    left = np.zeros(sam.years + 1)
    if len(degradation) == 1:
        left[1:] = (1 - degradation[0] / 100) ** np.arange(sam.years)
    else:
        left[1 : len(degradation) + 1] = 1 - np.array(degradation[: sam.years]) / 100
    energy = sam.energy * left
    price = 100 * sam.yearly("ppa_price_input", sam("ppa_escalation") / 100)

    def spent(name: str, quantity: Any) -> NDArray[np.float64]:
        return sam.yearly(name, sam(f"{name}_escal") / 100 + inflation) * quantity

    year = np.arange(sam.years + 1)
    assessed = cost * sam("prop_tax_cost_assessed_percent") / 100
    falling = np.maximum(1 - (year - 1) * sam("prop_tax_assessed_decline") / 100, 0) * (year > 0)
    rows = {
        "cf_energy_net": energy,
        "cf_energy_sales": energy,
        "cf_ppa_price": price,
        "cf_energy_value": energy * price / 100,
        "cf_om_fixed_expense": spent("om_fixed", 1),
        "cf_om_capacity_expense": spent("om_capacity", sam("system_capacity")),
        "cf_om_production_expense": spent("om_production", energy / 1000),
        "cf_land_lease_expense": spent("om_land_lease", sam("land_area")),
        "cf_insurance_expense": cost * sam("insurance_rate") / 100 * (1 + inflation) ** (year - 1) * (year > 0),
        "cf_property_tax_assessed_value": assessed * falling,
        "cf_property_tax_expense": assessed * falling * sam("property_tax_rate") / 100,
        "cf_net_salvage_value": cost * sam("salvage_percentage") / 100 * (year == sam.years),
    }
    rows["cf_operating_expenses"] = sum(row for name, row in rows.items() if name.endswith("_expense"))
    rows["cf_total_revenue"] = rows["cf_energy_value"] + rows["cf_net_salvage_value"]
    return rows


def _tables(sam: _Inputs) -> tuple[NDArray[np.float64], NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Shares of the plant written off in each year, federal and state's, and the rows of each class."""
    basis, rows = _basis(sam), {}
    whole = {level: np.zeros(sam.years + 1) for level in LEVELS}
    for name, percents in {**CLASSES, "custom": tuple(sam.series("depr_custom_schedule"))}.items():
        share, length = sam(f"depr_alloc_{name}_percent") / 100, min(len(percents), sam.years)
        for level in LEVELS:
            bonus = _bonus(sam, level, name)
            table = np.zeros(sam.years + 1)
            table[1 : length + 1] = np.array(percents[:length]) / 100 * share * (1 - bonus)
            rows[f"cf_{level}depr_{name}"] = basis * table
            whole[level] += table
            whole[level][1] += share * bonus
    return whole["fed"], whole["sta"], rows


def _basis(sam: _Inputs) -> float:
    """What is written off for tax, and earns a bonus."""
    return sum(sam(name) for name in ("total_installed_cost", "construction_financing_cost", "cost_other_financing"))


def _bonus(sam: _Inputs, level: str, name: str) -> float:
    """Share of a class that is written off in the first year."""
    return sam(f"depr_bonus_{level}") / 100 * bool(sam(f"depr_bonus_{level}_{name}"))


def _rows(
    sam: _Inputs, found: Mapping[str, NDArray[np.float64]], discount: float, rate: float, tenor: int
) -> dict[str, NDArray[np.float64]]:
    """SAM's rows from those of the model."""
    year = np.arange(sam.years + 1)
    served = (year > 0) & (year <= tenor)
    equity_flow, taxes = found["equity_flow"], found["tax.levered"]
    before_tax = equity_flow + taxes
    reserves = {"debtservice": found["debt_reserve"], "om": found["operating_reserve"]}
    released = {"debtservice": tenor, "om": sam.years}
    rows = {
        "cf_ebitda": found["ebitda"],
        "cf_cash_for_ds": found["cfads_before_tax"] * served,
        "cf_pv_interest_factor": (1 + rate) ** -np.maximum(year, 1.0) * (year <= tenor),
        "cf_debt_balance": found["debt_total"],
        "cf_debt_payment_interest": found["interest_expense"],
        "cf_debt_payment_principal": found["repayment_due"],
        "cf_debt_payment_total": found["service_due"],
        "cf_pretax_dscr": found["dscr"],
        "cf_reserve_interest": found["reserve_interest"],
        "cf_reserve_total": reserves["debtservice"] + reserves["om"],
        "cf_feddepr_total": found["depreciation"],
        "cf_stadepr_total": found["state_depreciation"],
        "cf_statax": -found["state_tax.levered"],
        "cf_fedtax": -found["national_tax.levered"],
        "cf_project_return_aftertax": equity_flow,
        "cf_project_return_pretax": before_tax,
        "cf_project_return_aftertax_cash": before_tax,
        "cf_pretax_cashflow": before_tax * (year > 0),
    }
    for name, balance in reserves.items():
        moved, last = np.diff(balance, prepend=0.0), year == released[name]
        rows[f"cf_reserve_{name}"] = balance
        rows[f"cf_funding_{name}"], rows[f"cf_disbursement_{name}"] = moved * ~last, moved * last
        rows["cf_project_dsra" if name == "debtservice" else "cf_project_wcra"] = -moved
    rows["cf_project_ra"] = rows["cf_project_dsra"] + rows["cf_project_wcra"]
    rows["cf_pv_cash_for_ds"] = rows["cf_cash_for_ds"] * rows["cf_pv_interest_factor"]
    by_cover = sam("debt_option") == 1
    rows["cf_debt_size"] = found["service_due"] * rows["cf_pv_interest_factor"] if by_cover else found["repayment_due"]
    income = found["taxable_income.levered"]
    incomes = {
        "sta": income + found["depreciation"] - found["state_depreciation"],
        "fed": income - found["state_tax.levered"],
    }
    for level in LEVELS:
        rows[f"cf_{level}tax_income_prior_incentives"] = rows[f"cf_{level}tax_income_with_incentives"] = incomes[level]
    federal, state = sam("federal_tax_rate") / 100, sam("state_tax_rate") / 100
    rows["cf_federal_tax_frac"], rows["cf_state_tax_frac"] = federal * (year > 0), state * (year > 0)
    rows["cf_effective_tax_frac"] = (state + (1 - state) * federal) * (year > 0)
    rows["cf_project_operating_activities"] = found["ebitda"] + found["reserve_interest"] - found["interest_expense"]
    drawn = found["debt_total"][0] * (year == 0)
    bought = -(found["capex"] + found["refresh_capex"])
    rows["cf_project_investing_activities"] = rows["cf_project_ra"] + bought
    rows["cf_project_financing_activities"] = drawn - found["repayment_due"] - equity_flow * (year == 0)
    for name in ("aftertax", "pretax"):
        flows = rows[f"cf_project_return_{name}"]
        rows[f"cf_project_return_{name}_npv"] = np.cumsum(flows / (1 + discount) ** year)
        until = [metrics.irr(flows[: last + 1]).rate if last else np.nan for last in year]
        rows[f"cf_project_return_{name}_irr"] = 100 * np.array(until)
    highest = np.nan_to_num(rows["cf_project_return_aftertax_irr"])
    highest[:2] = np.nan, 0  # SAM's running maximum starts from nothing in year 0, which makes it 0 in year 1
    rows["cf_project_return_aftertax_max_irr"] = np.append(np.nan, np.maximum.accumulate(highest[1:]))
    return rows


def _outputs(
    sam: _Inputs, rows: Mapping[str, NDArray[np.float64]], found: Mapping[str, float], discount: float, rate: float
) -> dict[str, float]:
    """SAM's single outputs from rows and metrics of the model."""
    year = np.arange(sam.years + 1)
    real = sam("real_discount_rate") / 100
    loan, cost = found["committed"], sam("total_installed_cost")
    reserved = rows["cf_reserve_total"][0]
    equity_paid = -rows["cf_project_return_aftertax"][0]
    installed, bought = loan + equity_paid, loan + equity_paid - reserved

    def present(name: str, at: float = discount) -> float:
        return float((rows[name] / (1 + at) ** year).sum())

    def over(amount: float, quantity: float) -> float:
        return amount / quantity if quantity else np.nan

    costs, sold = -present("cf_annual_costs"), present("cf_energy_value")
    nominal, in_real = present("cf_energy_net"), present("cf_energy_net", real)
    irr, share = found["equity_irr"], loan / installed
    taxed = rows["cf_effective_tax_frac"][1]
    spent = ("cf_om_fixed_expense", "cf_om_capacity_expense", "cf_om_production_expense")
    flip = min(int(sam("flip_target_year")), sam.years)
    return {
        **_bases(sam),
        "flip_target_year": float(flip),
        "flip_actual_year": float(flip),
        "flip_target_irr": sam("flip_target_percent"),
        "flip_actual_irr": float(rows["cf_project_return_aftertax_irr"][flip]),
        "size_of_debt": loan,
        "size_of_equity": equity_paid,
        "issuance_of_equity": equity_paid,
        "cost_prefinancing": cost,
        "cost_installed": installed,
        "adjusted_installed_cost": installed,
        "cost_installedperwatt": over(installed, 1000 * sam("system_capacity")),
        "cost_financing": installed - cost,
        "cost_debt_upfront": sam("cost_debt_fee") / 100 * loan,
        "purchase_of_property": -bought,
        "debt_fraction": 100 * share,
        "cash_for_debt_service": float(rows["cf_cash_for_ds"].sum()),
        "pv_cafds": float(rows["cf_pv_cash_for_ds"].sum()),
        "min_dscr": sys.float_info.max if np.isnan(found["min_dscr"]) else found["min_dscr"],
        "nominal_discount_rate": discount,
        "effective_tax_rate": 100 * taxed,
        "wacc": 100 * ((1 - share) * irr + share * rate * (1 - taxed)),
        "project_return_aftertax_npv": found["equity_npv"],
        "project_return_aftertax_irr": 100 * irr,
        "analysis_period_irr": 100 * irr,
        "npv_annual_costs": costs,
        "npv_energy_nom": nominal,
        "npv_energy_real": in_real,
        "npv_ppa_revenue": sold,
        "npv_salvage_value": present("cf_net_salvage_value"),
        "lcoe_nom": 100 * over(costs, nominal),
        "lcoe_real": 100 * over(costs, in_real),
        "lppa_nom": 100 * over(sold, nominal),
        "lppa_real": 100 * over(sold, in_real),
        "present_value_oandm": sum(present(name) for name in spent),
        "present_value_oandm_nonfuel": sum(present(name) for name in spent),
        "present_value_insandproptax": present("cf_insurance_expense") + present("cf_property_tax_expense"),
        "salvage_value": float(rows["cf_net_salvage_value"][-1]),
        "prop_tax_assessed_value": float(rows["cf_property_tax_assessed_value"][1]),
        "ppa": float(rows["cf_ppa_price"][1]),
        "ppa_price": float(rows["cf_ppa_price"][1]),
        "ppa_escalation": sam("ppa_escalation"),
        "cf_length": sam.years + 1.0,
        "firstyear_energy_dispatch1": float(rows["cf_energy_net"][1]),
        "firstyear_energy_price1": float(rows["cf_ppa_price"][1]),
        "firstyear_revenue_dispatch1": float(rows["cf_energy_value"][1]),
    }


def _bases(sam: _Inputs) -> dict[str, float]:
    """What is written off for tax by class, before and after a bonus."""
    basis = _basis(sam)
    shares = {name: sam(f"depr_alloc_{name}_percent") / 100 for name in (*CLASSES, "custom")}
    allotted = sum(shares.values())
    found = {
        "pre_depr_alloc_basis": basis,
        "pre_itc_qual_basis": basis,
        "depr_alloc_total": allotted * basis,
        "depr_alloc_none": (1 - allotted) * allotted * basis,
        "depr_alloc_none_percent": 100 * (1 - allotted),
    }
    for level in LEVELS:
        name = f"depr_{level}bas"
        bonuses = {key: share * basis * _bonus(sam, level, key) for key, share in shares.items()}
        for key, share in shares.items():
            found[f"depr_alloc_{key}"] = found[f"{name}_prior_itc_{key}"] = found[f"{name}_after_itc_{key}"] = (
                share * basis
            )
            found[f"{name}_first_year_bonus_{key}"] = bonuses[key]
            found[f"{name}_{key}"] = share * basis - bonuses[key]
            found[f"{name}_percent_{key}"] = 100 * share / allotted if allotted else 0.0
        found[f"{name}_total"] = allotted * basis - sum(bonuses.values())
        found[f"{name}_first_year_bonus_total"] = sum(bonuses.values())
        found[f"{name}_prior_itc_total"] = found[f"{name}_after_itc_total"] = allotted * basis
        found[f"{name}_percent_total"] = found[f"{name}_percent_qual_total"] = 100.0
    return found
