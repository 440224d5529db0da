"""The gigafactory: its line items in the order in which they are read."""

from collections.abc import Mapping, Sequence

from finmodel.graph import Model, Timeline, assemble
from finmodel.graph.check import AddsUp, Check, Discounted, EndsAtZero
from finmodel.lines import facility, operations, power, racks, refresh, returns, revenue, schedule, tax

MODULES = (schedule, racks, facility, power, operations, revenue, refresh, tax, returns)

CHECKS: tuple[Check, ...] = (
    Discounted("project_npv", "cash_flow", "discount_rate"),
    AddsUp("gpu_hours_sold", ("contracted_gpu_hours", "market_gpu_hours")),
    AddsUp("revenue", ("contract_revenue", "market_revenue")),
    AddsUp("cash_flow", ("distributions",), less=("contributions",)),
    EndsAtZero("working_capital"),
    EndsAtZero("net_fixed_assets"),
)
"""What must hold; the workbook finds each number again in another way."""


def model(timeline: Timeline, cohorts: Mapping[str, Sequence[str]]) -> Model:
    """Assemble the gigafactory for a structure.

    Parameters
    ----------
    timeline
        Close and periods.
    cohorts
        Names of the members of `phase`, in order of construction, and of `generation`, the original hardware first.

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
