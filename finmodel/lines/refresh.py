"""Refresh: generations of hardware in the same halls, what they cost, what the retired racks bring."""

from finmodel.graph import Input, Member, Node, Scope, across, growth, line, maximum, minimum, power, ratio, where
from finmodel.lines.racks import over_original
from finmodel.lines.schedule import change, paid_by

hardware_life = Input("year", "Service life of a rack, from its acceptance to its retirement.", low=1)
generation_life = Input("1", "Service life of a rack of the generation, over that of the original.", each="generation")
refresh_downtime = Input("week", "From a rack's retirement to the acceptance of its successor.")
minimum_refresh_term = Input("year", "Least service before the end of operations for which a new generation is bought.")
generation_price = Input(
    "1",
    "Price of a rack of the generation, over that of the original platform ordered at the same date.",
    each="generation",
)
refit_cost = Input("USD/MW", "Refit of a hall for a new generation per MW of IT, at close prices.")
residual_share = Input("1", "Sale value of a rack at the end of its life, as a share of its cost.", high=1)


@line("year", each="generation")
def service_life(m: Scope, generation: Member) -> Node:
    """Service life of a rack of the generation."""
    return m.hardware_life * over_original(m.generation_life, generation)


@line("USD", each=("phase", "generation"))
def refit(m: Scope, phase: Member, generation: Member) -> Node | float:
    """Refit of the phase's hall for the generation; the original needs none."""
    if generation.previous is None:
        return 0
    escalation = growth(m.construction_escalation, m.acceptance_date[phase, generation].to("year"))
    return m.refit_cost * m.rack_capacity[phase] * escalation * m.generation_bought[phase, generation]


@line("USD", each=("phase", "generation"))
def refresh_paid(m: Scope, phase: Member, generation: Member) -> Node | float:
    """Paid so far to replace the generation before: racks by their milestones, the refit as the racks arrive."""
    if generation.previous is None:
        return 0
    refitted = paid_by(m, m.delivery_date[phase, generation], m.installation_ramp[phase])
    bought = m.rack_purchase[phase, generation] * m.rack_paid_share[phase, generation]
    return bought + m.refit[phase, generation] * refitted


@line("USD")
def refresh_capex(m: Scope) -> Node:
    """Payments for later generations of hardware and their refits."""
    return change(across(m.refresh_paid))


@line("1", each=("phase", "generation"))
def retired_share(m: Scope, phase: Member, generation: Member) -> Node:
    """Share of the generation's racks retired and sold: each at the end of its life, all at the end of operations."""
    end_of_life = m.acceptance_date[phase, generation] + m.service_life[generation].to("month")
    return maximum(paid_by(m, end_of_life, m.installation_ramp[phase]), paid_by(m, m.closing_date))


@line("year", each=("phase", "generation"))
def service_term(m: Scope, phase: Member, generation: Member) -> Node:
    """Time the generation serves: its life, or less where operations end before."""
    until_end = maximum(0, m.closing_date - m.acceptance_date[phase, generation])
    return minimum(m.service_life[generation], until_end.to("year"))


@line("USD", each=("phase", "generation"))
def resale_value(m: Scope, phase: Member, generation: Member) -> Node:
    """Sale value of the generation's racks: a constant rate of fall that leaves the residual share after a full life.

    Racks that never served bring nothing.
    Definition: the declining-balance rate for a given salvage value, 1 - (salvage/cost)^(1/life).
    """
    age = ratio(m.service_term[phase, generation], m.service_life[generation], 0)
    return m.rack_purchase[phase, generation] * where(age > 0, power(m.residual_share, age), 0)


@line("USD", each=("phase", "generation"))
def resale_received(m: Scope, phase: Member, generation: Member) -> Node:
    """Received so far for the generation's retired racks; only what has been paid for is sold."""
    sold = minimum(m.retired_share[phase, generation], m.rack_paid_share[phase, generation])
    return m.resale_value[phase, generation] * sold


@line("USD")
def hardware_sale(m: Scope) -> Node:
    """Sale of retired racks."""
    return change(across(m.resale_received))
