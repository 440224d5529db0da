"""Colocation: halls let by the kW to customers who bring their own racks.

The site buys no racks for them. Their energy is metered and passed through at cost, so it stands in neither revenue nor
cost; the grid capacity reserved for them is the site's.
"""

from finmodel.graph import Input, Member, Node, Scope, across, growth, line
from finmodel.lines.schedule import since

colocation_capacity = Input("MW", "IT power of the phase let to customers with their own racks.", each="phase")
colocation_let_share = Input("1", "Share of the colocation capacity that is let, once letting has matured.", high=1)
colocation_ramp = Input("month", "From a ready hall to mature letting of its colocation capacity, at an even pace.")
colocation_price = Input("USD/(kW*month)", "Rent of a kW let at close prices, energy not included.")
colocation_escalation = Input("1/year", "Growth a year of the colocation rent.", low=-1)


@line("MW", each="phase")
def colocation_let(m: Scope, phase: Member) -> Node:
    """IT power of the phase let, average of the period, from a ready hall to the phase's end."""
    let = since(m, m.hall_ready[phase], m.colocation_ramp) * (1 - since(m, m.phase_end[phase]))
    return m.colocation_capacity[phase] * m.colocation_let_share * let


@line("MW")
def colocation_load(m: Scope) -> Node:
    """IT power let to customers with their own racks."""
    return across(m.colocation_let)


@line("USD")
def colocation_revenue(m: Scope) -> Node:
    """Rent of the colocation capacity let; none is paid for what an outage takes down."""
    rent = m.colocation_price * growth(m.colocation_escalation, m.year)
    return m.colocation_load.to("kW") * rent * m.hours.to("month") * m.capacity_up
