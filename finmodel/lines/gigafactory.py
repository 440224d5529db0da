"""The gigafactory: its line items in the order in which they are read."""

from collections.abc import Mapping

from finmodel.graph import Model, Timeline, assemble
from finmodel.graph.check import AddsUp, Check, Discounted, EndsAtZero
from finmodel.graph.line import Cohort
from finmodel.lines import (
    accounts,
    carbon,
    colocation,
    contract,
    cover,
    debt,
    depreciation,
    equity,
    events,
    facility,
    grants,
    operations,
    power,
    processes,
    racks,
    refresh,
    repayment,
    returns,
    revenue,
    schedule,
    statements,
    tax,
    tax_holiday,
    tokens,
    waterfall,
    working_capital,
)

MODULES = (
    events,
    schedule,
    racks,
    facility,
    processes,
    power,
    operations,
    contract,
    tokens,
    colocation,
    revenue,
    refresh,
    grants,
    depreciation,
    accounts,
    working_capital,
    tax_holiday,
    tax,
    debt,
    repayment,
    waterfall,
    returns,
    equity,
    cover,
    statements,
    carbon,
)

CHECKS: tuple[Check, ...] = (
    Discounted("project_npv", "cash_flow", "discount_rate"),
    AddsUp("gpu_hours_sold", ("contracted_gpu_hours", "market_gpu_hours", "token_gpu_hours")),
    AddsUp(
        "revenue",
        ("contract_revenue", "market_revenue", "token_revenue", "colocation_revenue"),
        less=("service_credits",),
    ),
    AddsUp(
        "cash_flow_before_tax",
        ("taxable_income.unlevered", "depreciation", "grant", "prepayment_flow"),
        less=("grant_income", "working_capital_increase", "capex", "refresh_capex"),
    ),
    AddsUp(
        "funding_uses",
        ("debt_drawn", "grant", "contributions", "site_funds"),
        less=("equity_support",),
    ),
    AddsUp("total_assets", ("total_liabilities", "equity")),
    AddsUp(
        "financing_cash_flow",
        ("cash_and_reserves_increase",),
        less=("operating_cash_flow", "investing_cash_flow"),
    ),
    EndsAtZero("scheduled_total"),
    EndsAtZero("debt_reserve"),
    EndsAtZero("cash"),
    EndsAtZero("capitalised_financing_cost"),
    EndsAtZero("working_capital"),
    EndsAtZero("prepayments"),
    EndsAtZero("net_fixed_assets"),
    EndsAtZero("net_book_assets"),
    EndsAtZero("deferred_tax"),
    EndsAtZero("deferred_grant"),
)
"""What must hold; the workbook finds each number again in another way."""


def model(timeline: Timeline, cohorts: Mapping[str, Cohort]) -> Model:
    """Assemble the gigafactory for a structure.

    Parameters
    ----------
    timeline
        Close and periods.
    cohorts
        Names of the members of `phase`, in order of construction, of `generation`, the original hardware first, and of
        `recovery_year`, the tax years in a table of depreciation; the traits of each `tranche` of debt, none where not
        given. The cohort `basis` of the tax lines is added.

    Returns
    -------
    Model
        With every name resolved and every unit checked; figures come later.

    Raises
    ------
    ModelFault
        Where a cohort is absent or its names will not do.
    """
    return assemble(MODULES, timeline, {"tranche": {}, **cohorts, "basis": tax.BASES})
