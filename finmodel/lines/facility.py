"""Facility: cost of land, halls, power and cooling per MW of IT, spent along the construction curve."""

from finmodel.graph import Input, Member, Node, Scope, across, growth, line, minimum, ratio
from finmodel.lines.schedule import change

land_cost = Input("USD/MW", "Land and site preparation per MW of IT.")
shell_cost = Input("USD/MW", "Building shell and core per MW of IT, before the regional index.")
electrical_cost = Input(
    "USD/MW", "Electrical plant per MW of IT: switchgear, UPS, generators, before the regional index."
)
mechanical_cost = Input(
    "USD/MW", "Mechanical plant per MW of IT: cooling and its distribution, before the regional index."
)
fit_out_cost = Input("USD/MW", "Fit-out of the white space per MW of IT, before the regional index.")
grid_connection_cost = Input("USD/MW", "Grid connection and substation per MW of IT, before the regional index.")
soft_cost_share = Input("1", "Design, permits, management and owner's cost, as a share of construction cost.", high=1)
contingency_share = Input("1", "Contingency, as a share of construction and soft cost.", high=1)
construction_index = Input("1", "Cost of construction in the region over that of the place where the costs were taken.")
construction_escalation = Input(
    "1/year", "Growth a year of construction cost from close to the start of each phase.", low=-1
)
facility_residual_share = Input("1", "Sale value of a closed phase's facility and land, as a share of their cost.")


@line("MW", each="phase")
def it_capacity(m: Scope, phase: Member) -> Node:
    """IT power of the phase: its racks under full load."""
    return (m.racks[phase] * m.rack_power).to("MW")


@line("MW", each="phase")
def escalated_capacity(m: Scope, phase: Member) -> Node:
    """IT power of the phase times the growth of construction cost until its start, when contracts fix the price."""
    return m.it_capacity[phase] * growth(m.construction_escalation, m.construction_start[phase].to("year"))


@line("USD")
def land_capex(m: Scope) -> Node:
    """Land and site preparation, all phases."""
    return m.land_cost * across(m.escalated_capacity)


@line("USD")
def shell_capex(m: Scope) -> Node:
    """Shell and core, all phases."""
    return m.shell_cost * m.construction_index * across(m.escalated_capacity)


@line("USD")
def electrical_capex(m: Scope) -> Node:
    """Electrical plant, all phases."""
    return m.electrical_cost * m.construction_index * across(m.escalated_capacity)


@line("USD")
def mechanical_capex(m: Scope) -> Node:
    """Mechanical plant, all phases."""
    return m.mechanical_cost * m.construction_index * across(m.escalated_capacity)


@line("USD")
def fit_out_capex(m: Scope) -> Node:
    """Fit-out, all phases."""
    return m.fit_out_cost * m.construction_index * across(m.escalated_capacity)


@line("USD")
def grid_connection_capex(m: Scope) -> Node:
    """Grid connection and substation, all phases."""
    return m.grid_connection_cost * m.construction_index * across(m.escalated_capacity)


@line("USD")
def construction_cost(m: Scope) -> Node:
    """Construction and plant, all phases, before soft cost and contingency."""
    plant = m.electrical_capex + m.mechanical_capex
    return m.shell_capex + plant + m.fit_out_capex + m.grid_connection_capex


@line("USD")
def soft_cost(m: Scope) -> Node:
    """Design, permits, management and owner's cost."""
    return m.soft_cost_share * m.construction_cost


@line("USD")
def contingency(m: Scope) -> Node:
    """Contingency, taken as spent."""
    return m.contingency_share * (m.construction_cost + m.soft_cost)


@line("USD")
def facility_cost(m: Scope) -> Node:
    """The facility, all phases, with land, soft cost and contingency."""
    return m.land_capex + m.construction_cost + m.soft_cost + m.contingency


@line("1", each="phase")
def phase_share(m: Scope, phase: Member) -> Node:
    """Share of the phase in the facility's cost."""
    return ratio(m.escalated_capacity[phase], across(m.escalated_capacity), 0)


@line("1", each="phase")
def facility_spent_share(m: Scope, phase: Member) -> Node:
    """Share of the whole facility's cost that has been spent on the phase so far."""
    return m.phase_share[phase] * m.construction_progress[phase]


@line("USD")
def facility_capex(m: Scope) -> Node:
    """Spending on the facility along the construction curve."""
    return m.facility_cost * change(across(m.facility_spent_share))


@line("1", each="phase")
def facility_operating_share(m: Scope, phase: Member) -> Node:
    """Share of the whole facility that the phase has in operation."""
    return m.phase_share[phase] * m.phase_operating[phase]


@line("1", each="phase")
def facility_closed_share(m: Scope, phase: Member) -> Node:
    """Share of the whole facility that has closed with the phase so far; of an unfinished hall, what was spent."""
    return m.phase_share[phase] * minimum(m.phase_closed[phase], m.construction_progress[phase])


@line("USD")
def facility_sale(m: Scope) -> Node:
    """Sale of the facility and land of phases that close."""
    return m.facility_residual_share * m.facility_cost * change(across(m.facility_closed_share))
