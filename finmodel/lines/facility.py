"""Facility: halls owned or leased: cost of land, halls, power and cooling per MW of IT, rent, sale.

Cooling by air or by liquid is a matter of figures: the mechanical plant's cost, and the PUE and water of the site.
"""

from finmodel.graph import Input, Member, Node, Scope, across, growth, lag, line, minimum, ramp, ratio, where
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
leased_share = Input(
    "1", "Share of the IT power in leased halls: rent and fit-out instead of land, shell, plant and connection.", high=1
)
lease_rent = Input("USD/(kW*month)", "Rent per kW of IT leased, in the first year of each phase's lease.")
lease_escalation = Input("1/year", "Growth of the rent on each anniversary of the lease.", low=-1)
capitalised_share = Input(
    "1", "Share of a closed facility's sale value reckoned by capitalising its rent instead of by its cost.", high=1
)
facility_rent = Input(
    "USD/(kW*month)", "Net rent, after the owner's cost, at which an owned hall would let, at close prices."
)
capitalisation_rate = Input("1/year", "Yield at which the net rent of a let hall is valued.")
facility_residual_share = Input("1", "Sale value of a closed phase's facility and land, as a share of their cost.")


@line("MW", each="phase")
def it_capacity(m: Scope, phase: Member) -> Node:
    """IT power of the phase: its own racks under full load, and what is let to customers with theirs."""
    return m.rack_capacity[phase] + m.colocation_capacity[phase]


@line("MW", each="phase")
def escalated_capacity(m: Scope, phase: Member) -> Node:
    """IT power of the phase times the growth of construction cost until its start, when contracts fix the price."""
    return m.it_capacity[phase] * growth(m.construction_escalation, m.construction_start[phase].to("year"))


@line("1")
def owned_share(m: Scope) -> Node:
    """Share of the IT power in owned halls."""
    return 1 - m.leased_share


@line("USD")
def land_capex(m: Scope) -> Node:
    """Land and site preparation, all phases, owned halls."""
    return m.land_cost * across(m.escalated_capacity) * m.owned_share


@line("USD")
def shell_capex(m: Scope) -> Node:
    """Shell and core, all phases, owned halls."""
    return m.shell_cost * m.construction_index * across(m.escalated_capacity) * m.owned_share


@line("USD")
def electrical_capex(m: Scope) -> Node:
    """Electrical plant, all phases, owned halls."""
    return m.electrical_cost * m.construction_index * across(m.escalated_capacity) * m.owned_share


@line("USD")
def mechanical_capex(m: Scope) -> Node:
    """Mechanical plant, all phases, owned halls."""
    return m.mechanical_cost * m.construction_index * across(m.escalated_capacity) * m.owned_share


@line("USD")
def fit_out_capex(m: Scope) -> Node:
    """Fit-out, all phases, owned and leased halls."""
    return m.fit_out_cost * m.construction_index * across(m.escalated_capacity)


@line("USD")
def grid_connection_capex(m: Scope) -> Node:
    """Grid connection and substation, all phases, owned halls."""
    return m.grid_connection_cost * m.construction_index * across(m.escalated_capacity) * m.owned_share


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
def leased_fit_out(m: Scope) -> Node:
    """Fit-out of leased halls with its soft cost and contingency, which stays with the owner of the hall."""
    return m.leased_share * m.fit_out_capex * (1 + m.soft_cost_share) * (1 + m.contingency_share)


@line("USD")
def value_by_cost(m: Scope) -> Node:
    """Sale value of all owned halls and land as a share of their cost."""
    return m.facility_residual_share * (m.facility_cost - m.leased_fit_out)


@line("USD")
def value_by_rent(m: Scope) -> Node:
    """Sale value of all owned halls and land at the prices of the period: a year's net rent over the yield.

    Source: direct capitalisation, value = stabilised net operating income / capitalisation rate; Appraisal Institute,
    The Appraisal of Real Estate.
    """
    rent = across(m.it_capacity) * m.owned_share * m.facility_rent.to("USD/(MW*year)") * m.cost_index
    return ratio(rent, m.capitalisation_rate, 0)


@line("USD")
def facility_sale(m: Scope) -> Node:
    """Sale of the owned facility and land of phases that close."""
    value = (1 - m.capitalised_share) * m.value_by_cost + m.capitalised_share * m.value_by_rent
    return value * change(across(m.facility_closed_share))


@line("1")
def lease_step(m: Scope) -> Node:
    """Growth of the rent on an anniversary."""
    return growth(m.lease_escalation, m.years_per_period * m.periods_per_year) - 1


def anniversary_passed(m: Scope, phase: Member) -> tuple[Node, Node]:
    """The anniversary that was due a period ago, and whether it fell before the start of this period."""
    due = lag(m.lease_anniversary[phase], opening=m.hall_ready[phase] + m.months_per_period * m.periods_per_year)
    return due, m.month - m.months_per_period >= due


@line("month", each="phase")
def lease_anniversary(m: Scope, phase: Member) -> Node:
    """First anniversary of the phase's lease from the start of the period on; the lease begins with a ready hall."""
    due, passed = anniversary_passed(m, phase)
    return where(passed, due + m.months_per_period * m.periods_per_year, due)


@line("1", each="phase")
def lease_level(m: Scope, phase: Member) -> Node:
    """Rent at the start of the period over that of the lease's first year."""
    _, passed = anniversary_passed(m, phase)
    return lag(m.lease_level[phase], opening=1) * where(passed, 1 + m.lease_step, 1)


@line("USD", each="phase")
def phase_rent(m: Scope, phase: Member) -> Node:
    """Rent of the phase's leased halls, from a ready hall to its end, whether racks are in service or not.

    An anniversary within a period divides it (finmodel convention 4).
    """
    since_step = ramp((m.month - m.lease_anniversary[phase]) / m.months_per_period)
    rent = m.lease_rent.to("USD/(MW*month)") * m.lease_level[phase] * (1 + m.lease_step * since_step)
    return m.leased_share * m.capacity_in_operation[phase] * rent * m.hours.to("month")


@line("USD")
def lease_cost(m: Scope) -> Node:
    """Rent of leased halls, all phases."""
    return across(m.phase_rent)
