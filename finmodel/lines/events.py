"""Events: what may happen once, each with its probability, its time and its impact; none does in the base case.

An event happens where its roll, a number drawn evenly from 0 to 1, lies below its probability. A roll of 1, that of the
base case, is never. The delays of an event come on top of those that every project has.
"""

from finmodel.graph import Input, Node, Scope, line, where
from finmodel.graph.nodes import Ref
from finmodel.lines.schedule import since

late_grid_probability = Input("1", "Probability that a failure or a new study holds up the grid connection.", high=1)
late_grid_roll = Input("1", "Roll of the late grid; 1 is never.", high=1)
late_grid_delay = Input("month", "Delay of every phase's energisation by the event.")
supplier_slip_probability = Input("1", "Probability that the maker of the first racks slips.", high=1)
supplier_slip_roll = Input("1", "Roll of the supplier's slip; 1 is never.", high=1)
supplier_slip_delay = Input("month", "Delay of the first racks by the event.")
export_control_probability = Input("1", "Probability that an export control stops deliveries to the region.", high=1)
export_control_roll = Input("1", "Roll of the export control; 1 is never.", high=1)
export_control_date = Input("month", "Start of the export control, after close.")
export_control_length = Input("month", "Length of the export control; racks due while it holds arrive at its end.")
export_control_price_rise = Input(
    "1", "Rise of the price of racks that an export control holds up, for licences, brokers and detours."
)
outage_probability = Input("1", "Probability of an outage that takes part of the site down for long.", high=1)
outage_roll = Input("1", "Roll of the outage; 1 is never.", high=1)
outage_date = Input("month", "Start of the outage, after close.")
outage_length = Input("month", "Length of the outage.")
outage_share = Input("1", "Share of the site's capacity that the outage takes down.", high=1)
tenant_default_probability = Input("1", "Probability that the customer of the first contract fails.", high=1)
tenant_default_roll = Input("1", "Roll of the customer's failure; 1 is never.", high=1)
tenant_default_date = Input("month", "Date from which the failed customer pays nothing, after close.")
remarketing_time = Input("month", "From a customer's failure until the GPUs of its contract are on the market.")


def rolled(roll: Ref, probability: Ref, impact: Node | float = 1) -> Node:
    """The impact of an event that happens, else nothing."""
    return where(roll < probability, impact, 0)


@line("month")
def late_grid(m: Scope) -> Node:
    """Delay of every phase's energisation by the event, if it happens."""
    return rolled(m.late_grid_roll, m.late_grid_probability, m.late_grid_delay)


@line("month")
def supplier_slip(m: Scope) -> Node:
    """Delay of the first racks by the event, if it happens."""
    return rolled(m.supplier_slip_roll, m.supplier_slip_probability, m.supplier_slip_delay)


@line("1")
def export_control(m: Scope) -> Node:
    """1 if the export control comes."""
    return rolled(m.export_control_roll, m.export_control_probability)


@line("1")
def outage(m: Scope) -> Node:
    """Share of the site's capacity that the outage takes down, if it happens."""
    return rolled(m.outage_roll, m.outage_probability, m.outage_share)


@line("1")
def capacity_up(m: Scope) -> Node:
    """Share of the site's capacity that no outage has taken down, average of the period."""
    return 1 - m.outage * (since(m, m.outage_date) - since(m, m.outage_date + m.outage_length))


@line("1")
def tenant_default(m: Scope) -> Node:
    """1 if the customer of the first contract fails."""
    return rolled(m.tenant_default_roll, m.tenant_default_probability)


@line("1")
def tenant_paying(m: Scope) -> Node:
    """Share of the period in which the customer of the first contract pays.

    What it prepaid and has not been credited is paid back when its contract would have run out.
    """
    return 1 - m.tenant_default * since(m, m.tenant_default_date)


@line("1")
def tenant_holding(m: Scope) -> Node:
    """Share of the period in which the GPUs of the first contract are not on the market: let, or waiting for it."""
    return 1 - m.tenant_default * since(m, m.tenant_default_date + m.remarketing_time)
