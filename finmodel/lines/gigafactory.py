"""The gigafactory: its line items in the order in which they are read."""

from collections.abc import Mapping, Sequence

from finmodel.graph import Model, Timeline, assemble
from finmodel.graph.check import AddsUp, Check, Discounted, EndsAtZero
from finmodel.lines import (
    carbon,
    colocation,
    contract,
    depreciation,
    events,
    facility,
    grants,
    operations,
    power,
    processes,
    racks,
    refresh,
    returns,
    revenue,
    schedule,
    tax,
    tokens,
)

MODULES = (
    events,
    schedule,
    racks,
    facility,
    processes,
    power,
    carbon,
    operations,
    contract,
    tokens,
    colocation,
    revenue,
    refresh,
    grants,
    depreciation,
    tax,
    returns,
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
        ("taxable_income", "depreciation", "grant", "prepayment_flow"),
        less=("grant_income", "working_capital_increase", "capex", "refresh_capex"),
    ),
    AddsUp("cash_flow", ("distributions",), less=("contributions",)),
    EndsAtZero("working_capital"),
    EndsAtZero("prepayments"),
    EndsAtZero("net_fixed_assets"),
    EndsAtZero("deferred_grant"),
)
"""What must hold; the workbook finds each number again in another way."""


def model(timeline: Timeline, cohorts: Mapping[str, Sequence[str]]) -> Model:
    """Assemble the gigafactory for a structure.

    Parameters
    ----------
    timeline
        Close and periods.
    cohorts
        Names of the members of `phase`, in order of construction, of `generation`, the original hardware first, and of
        `recovery_year`, the tax years in a table of depreciation.

    Returns
    -------
    Model
        With every name resolved and every unit checked; figures come later.

    Raises
    ------
    ModelFault
        Where a cohort is absent or its names will not do.
    """
    return assemble(MODULES, timeline, cohorts)
