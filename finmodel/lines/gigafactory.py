"""The gigafactory: its line items in the order in which they are read."""

from collections.abc import Mapping

from finmodel.graph import Model, Timeline, assemble
from finmodel.graph.check import AddsUp, Check, Discounted, EndsAtZero
from finmodel.graph.line import Cohort
from finmodel.graph.outline import Outline, Page
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
    glossary,
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
    summary,
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
    summary,
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

PAGES = (
    Page("Timing", "The timeline; inflation and the base rate, which move along it.", ("processes",)),
    Page("Construction", "What happens to the site, and when halls, grid and racks are ready.", ("events", "schedule")),
    Page("Racks", "Racks bought, installed and in service, and what they cost.", ("racks",)),
    Page("Facility", "Halls, cooling and grid connection: what they cost and what is granted.", ("facility", "grants")),
    Page("Power", "Load, energy, tariff; carbon.", ("power", "carbon")),
    Page("Operations", "Operating costs.", ("operations",)),
    Page(
        "Revenue",
        "Compute sold by contract, on the market, as tokens and as colocation, and its prices.",
        ("contract", "tokens", "colocation", "revenue"),
    ),
    Page("Refresh", "Racks replaced and sold.", ("refresh",)),
    Page("Debt", "Loans drawn, repaid and refinanced; cover and covenants.", ("debt", "repayment", "cover")),
    Page("Tax", "Depreciation, losses carried forward, tax due.", ("depreciation", "accounts", "tax_holiday", "tax")),
    Page("Cashflow", "Before and after debt: the waterfall, project and equity.", ("returns", "waterfall", "equity")),
    Page(
        "Statements",
        "Income statement, balance sheet, cash flow statement; tax years.",
        ("working_capital", "statements", "summary"),
    ),
)
COMPARED = (
    "project_npv",
    "project_irr",
    "payback_years",
    "levelised_cost_of_compute",
    "capex_total",
    "capex_per_mw",
    "opex_per_mw_year",
    "revenue_total",
    "time_to_first_token_months",
    "peak_funding",
    "equity_npv",
    "equity_irr",
    "moic",
    "peak_equity",
    "min_dscr",
    "llcr",
)
"""Metrics by which cases and scenarios are compared."""
OUTLINE = Outline(
    PAGES,
    CHECKS,
    headline="project_npv",
    compared=COMPARED,
    fan="cumulative_cash_flow",
    annual=summary.ANNUAL,
    dashboard=summary.DASHBOARD,
    glossary=glossary.WORDS,
)
"""How the workbook is laid out."""

FLOWS_BY_YEAR = (
    "capex",
    "refresh_capex",
    "revenue",
    "opex",
    "ebitda",
    "cash_flow",
    "cfads",
    "service_due",
    "equity_flow",
)
LEVELS_BY_YEAR = ("debt_total", "cumulative_cash_flow", "cumulative_equity_flow")
"""Lines that are set side by side by year, where cases are compared."""


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
