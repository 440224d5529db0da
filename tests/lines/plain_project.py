"""A project without racks: one asset, one revenue, one cost, under the finance lines as they are."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from finmodel.graph import Input, Node, Scope, Timeline, assemble, balance, growth, line, ramp, where
from finmodel.graph.line import Definition
from finmodel.lines import cover, debt, equity, repayment, statements, tax, waterfall
from finmodel.lines.schedule import change
from finmodel.render.plain import Evaluation, Plain, compile_plain
from finmodel.render.plan import Plan

asset_cost = Input("USD", "Cost of the asset.")
construction_time = Input("month", "Over which the cost falls due, evenly; operation follows.")
yearly_revenue = Input("USD/year", "Revenue at close's prices.")
revenue_growth = Input("1/year", "Growth of revenue.", low=-1)
yearly_opex = Input("USD/year", "Operating cost.")
dip_start = Input("month", "Start of a time of low revenue.")
dip_end = Input("month", "End of it.")
dip_share = Input("1", "Share of revenue lost in it.", high=1)
grant_share = Input("1", "Share of the cost granted as it is spent, taxed at once.", high=1)
prepaid = Input("USD", "Paid by a customer at close, credited in the first year after construction.")
tax_life = Input("year", "Straight line for tax, from the end of construction.")
book_life = Input("year", "Straight line in the accounts, from the end of construction.")
base_rate = Input("1/year", "Base rate of floating loans.")
collection_time = Input("month", "Revenue owed by customers.")


@line("1")
def operating(m: Scope) -> Node:
    """1 in periods of operation."""
    return where(m.month > m.construction_time, 1, 0)


@line("USD")
def capex(m: Scope) -> Node:
    """Cost of the asset as it falls due, from close on."""
    return m.asset_cost * change(ramp((m.month + m.months_per_period) / (m.construction_time + m.months_per_period)))


@line("USD")
def revenue(m: Scope) -> Node:
    """Revenue."""
    low = where(m.month > m.dip_start, where(m.month > m.dip_end, 0, m.dip_share), 0)
    return m.yearly_revenue * m.years_per_period * growth(m.revenue_growth, m.year) * (1 - low) * m.operating


@line("USD")
def opex(m: Scope) -> Node:
    """Operating cost."""
    return m.yearly_opex * m.years_per_period * m.operating


@line("USD")
def ebitda(m: Scope) -> Node:
    """Revenue less operating cost."""
    return m.revenue - m.opex


@line("USD")
def receivables(m: Scope) -> Node:
    """Owed by customers, collected at the horizon."""
    return m.revenue * m.collection_time / m.months_per_period * where(m.month < m.horizon, 1, 0)


@line("USD")
def working_capital_increase(m: Scope) -> Node:
    """Growth of what customers owe."""
    return change(m.receivables)


@line("USD")
def prepayments(m: Scope) -> Node:
    """Owed to the customer who has paid in advance."""
    return m.prepaid * (1 - ramp((m.month - m.construction_time).to("year") / m.one_year))


@line("year")
def one_year(m: Scope) -> Node:
    """A year."""
    return m.years_per_period * m.periods_per_year


@line("USD")
def prepayment_flow(m: Scope) -> Node:
    """Received in advance, less what is credited."""
    return change(m.prepayments)


@line("USD")
def grant(m: Scope) -> Node:
    """Share of the cost granted."""
    return m.grant_share * m.capex


@line("USD")
def grant_income(m: Scope) -> Node:
    """Taxed as it comes."""
    return m.grant


@line("USD")
def placed_in_service(m: Scope) -> Node:
    """What earns a credit: the asset, with the first period of operation."""
    return m.asset_cost * change(m.operating)


@line("USD")
def depreciation(m: Scope) -> Node:
    """Straight line for tax, the rest at the horizon."""
    passed = ramp((m.month - m.construction_time) / m.tax_life.to("month"))
    return m.asset_cost * change(where(m.month < m.horizon, passed, 1))


@line("USD")
def book_depreciation(m: Scope) -> Node:
    """Straight line in the accounts, the rest at the horizon."""
    passed = ramp((m.month - m.construction_time) / m.book_life.to("month"))
    return m.asset_cost * change(where(m.month < m.horizon, passed, 1))


@balance("USD")
def net_fixed_assets(m: Scope) -> tuple[Node, Node]:
    """Cost so far less depreciation for tax."""
    return m.capex, m.depreciation


@balance("USD")
def net_book_assets(m: Scope) -> tuple[Node, Node]:
    """Cost so far less depreciation in the accounts."""
    return m.capex, m.book_depreciation


@line("USD")
def refresh_capex(m: Scope) -> Node:
    """The asset is never renewed."""
    return 0 * m.capex


@line("USD")
def asset_sale(m: Scope) -> Node:
    """The asset is never sold."""
    return 0 * m.capex


@line("USD")
def payables(m: Scope) -> Node:
    """Suppliers are paid at once."""
    return 0 * m.capex


@line("USD")
def deferred_grant(m: Scope) -> Node:
    """A grant is taxed as it comes."""
    return 0 * m.capex


@line("month")
def closing_date(m: Scope) -> Node:
    """The asset runs to the horizon."""
    return m.horizon


@line("1")
def tax_relief(m: Scope) -> float:
    """None."""
    return 0


PROJECT = tuple(thing for thing in list(globals().values()) if isinstance(thing, Definition))
INPUTS = {name: thing for name, thing in list(globals().items()) if isinstance(thing, Input)}

PLAIN = {
    "asset_cost": 1000,
    "construction_time": 24,
    "yearly_revenue": 260,
    "revenue_growth": 0,
    "yearly_opex": 60,
    "dip_start": 0,
    "dip_end": 0,
    "dip_share": 0,
    "grant_share": 0,
    "prepaid": 0,
    "collection_time": 0,
    "tax_life": 10,
    "book_life": 15,
    "tax_rate": 0.25,
    "state_tax_rate": 0,
    "loss_use_limit": 1,
    "loss_life": 1000,
    "loss_refund_share": 0,
    "interest_cap": 0.3,
    "interest_capped_share": 0,
    "investment_credit_rate": 0,
    "base_rate": 0.04,
    "tax_in_cfads": 0,
    "operating_reserve_months": 0,
    "reserve_rate": 0,
    "equity_support_limit": 0,
    "sweep_share": 0,
    "lock_up_dscr": 1.1,
    "default_dscr": 1.05,
    "cover_tolerance": 1e-6,
    "cost_of_equity": 0.12,
    # terms of every loan
    "gearing": 0.7,
    "debt_limit": 1e12,
    "target_dscr": 1.3,
    "availability_period": 24,
    "debt_tenor": 10,
    "interest_margin": 0.02,
    "swap_rate": 0.04,
    "hedged_share": 1,
    "commitment_fee": 0.01,
    "upfront_fee": 0.02,
    "debt_reserve_months": 6,
    "balloon_share": 0,
    "refinancing_date": 10_000,
    "refinancing_margin": 0.01,
    "refinancing_tenor": 5,
    "refinancing_fee": 0.01,
    "refinancing_ratio": 1,
}
"""Figures of round size: two years of construction, a loan of 70 % at 6 % over ten years."""

LOAN = {"finances": "project", "sizing": "gearing", "repayment": "annuity", "draws": "pro_rata"}


@cache
def _compiled(tranches: tuple[tuple[str, tuple[tuple[str, str], ...]], ...], periods: int, per_year: int) -> Plain:
    cohorts: dict[str, Any] = {"basis": tax.BASES, "tranche": {name: dict(traits) for name, traits in tranches}}
    modules = (tax, debt, repayment, waterfall, cover, equity, statements)
    timeline = Timeline(dt.date(2026, 12, 31), periods, per_year)
    return compile_plain(Plan(assemble((*PROJECT, *modules), timeline, cohorts, INPUTS)))


def project(
    figures: Mapping[str, float] | None = None,
    *,
    periods: int = 240,
    per_year: int = 12,
    tranches: Mapping[str, Mapping[str, str]] | None = None,
    **traits: str,
) -> Evaluation:
    """The project under one loan of the given traits, or under the given tranches.

    A figure of a loan may be given for all of them (`gearing`) or for one (`gearing.loan`). What does not vary in time
    is repeated among the rows.
    """
    loans = {"loan": {**LOAN, **traits}} if tranches is None else tranches
    key = tuple((name, tuple(sorted({**LOAN, **loan}.items()))) for name, loan in loans.items())
    plain = _compiled(key, periods, per_year)
    given = {**PLAIN, **(figures or {})}
    values = {name: float(given.get(name, given[name.partition(".")[0]])) for name in plain.plan.model.inputs}
    found = plain.run(values)
    level = {name: np.full(periods + 1, value) for name, value in found.scalars.items()}
    return replace(found, rows={**level, **found.rows})
