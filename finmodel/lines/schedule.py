"""Schedule: from financial close to the first accepted rack, phase by phase.

Dates and durations are real numbers of months after close (finmodel convention 1), so weeks count on a monthly grid.
"""

from finmodel.graph import Input, Member, Node, Scope, across, lag, line, maximum, minimum, power, ramp, where

construction_start = Input("month", "Start of construction of the phase, after close.", each="phase")
construction_duration = Input("month", "Months from start of construction to a complete hall.", low=1, each="phase")
prefabrication_saving = Input("month", "Months that prefabrication takes off the construction of every hall.")
construction_delay = Input("month", "Delay of every hall's completion; spending stretches with it.")
spend_curve = Input("1", "Steepness of the construction spending curve: 1 is even spending, larger is an S.", low=1)
grid_energisation = Input("month", "Energisation of the phase's grid connection, after close.", each="phase")
grid_delay = Input("month", "Delay of every phase's energisation.")
rack_order = Input("month", "Order of the phase's racks, after close.", each="phase")
rack_lead_time = Input("month", "From the order until the rack maker has the parts and an assembly slot.")
supply_delay = Input("month", "Delay of the first racks by a shortage of chips, memory or other parts.")
factory_integration_time = Input("week", "Assembly, test and burn-in of a rack at the factory.")
shipping_time = Input("week", "From the factory gate to the site.")
installation_time = Input("week", "Placing, piping, cabling and powering a rack in a ready hall.")
burn_in_time = Input("week", "Burn-in of a rack on site.")
acceptance_time = Input("week", "Acceptance tests of a rack by the operator.")
installation_ramp = Input("month", "From the phase's first rack accepted to its last, at an even pace.", each="phase")
operations_end = Input("month", "End of operations, after close; the end of the horizon where that is earlier.")


def since(m: Scope, date: Node, spread: Node | float = 0) -> Node:
    """Share of the period for which what starts at `date` is in service.

    The clipped ramp of the time since the start (finmodel convention 1), so that the time in service is exact over all
    periods. What starts evenly over `spread` months has the same first and last moment and the same mean as if every
    item had its own ramp, and the same total where the spread is a whole number of periods.
    """
    return ramp((m.month - date) / (m.months_per_period + spread))


def paid_by(m: Scope, date: Node, spread: Node | float = 0) -> Node:
    """Share paid by the end of the period of what falls due at `date`, or evenly over `spread` months from it.

    A payment between two period ends is split between them in proportion, so that its mean date is its due date.
    What falls due after the end of operations is never paid.
    """
    return ramp((m.payment_clock - date + m.months_per_period) / (m.months_per_period + spread))


def change(x: Node) -> Node:
    """What a cumulative quantity, zero before close, gained in the period."""
    return x - lag(x)


def tax_year_to_date(m: Scope, to_date: Node, flow: Node) -> Node:
    """What has flowed since the start of the tax year: the formula of the line `to_date` over the line `flow`."""
    return lag(to_date * (1 - m.tax_year_end)) + flow


@line("month", each="phase")
def hall_complete(m: Scope, phase: Member) -> Node:
    """Completion of the phase's hall."""
    built = m.construction_start[phase] + maximum(m.construction_duration[phase] - m.prefabrication_saving, 0)
    return built + m.construction_delay


@line("month", each="phase")
def energisation_date(m: Scope, phase: Member) -> Node:
    """Energisation of the phase's grid connection, delay included."""
    return m.grid_energisation[phase] + m.grid_delay + m.late_grid


@line("month", each="phase")
def hall_ready(m: Scope, phase: Member) -> Node:
    """A complete and energised hall."""
    return maximum(m.hall_complete[phase], m.energisation_date[phase])


@line("month")
def factory_time(m: Scope) -> Node:
    """From the start of a rack's assembly to its arrival on site."""
    return (m.factory_integration_time + m.shipping_time).to("month")


@line("month")
def site_time(m: Scope) -> Node:
    """From a rack's place in a ready hall to its acceptance."""
    return (m.installation_time + m.burn_in_time + m.acceptance_time).to("month")


def successor_due(m: Scope, phase: Member, generation: Member) -> Node:
    """When the generation has been replaced, if its successor comes in time."""
    retired = m.acceptance_date[phase, generation] + m.service_life[generation].to("month")
    return retired + m.refresh_downtime.to("month")


@line("month", each=("phase", "generation"))
def rack_due(m: Scope, phase: Member, generation: Member) -> Node:
    """When the generation's first rack is due on site; an export control may hold it up."""
    if generation.previous is None:
        made = m.rack_order[phase] + m.rack_lead_time + m.supply_delay + m.supplier_slip
        return made + m.factory_time
    return successor_due(m, phase, generation.previous) - m.site_time


@line("month", each=("phase", "generation"))
def export_delay(m: Scope, phase: Member, generation: Member) -> Node:
    """Delay of the generation's racks by an export control: those due while it holds arrive at its end."""
    due, start = m.rack_due[phase, generation], m.export_control_date
    end = start + m.export_control_length
    return m.export_control * where((due >= start) & (due < end), end - due, 0)


@line("month", each="phase")
def rack_arrival(m: Scope, phase: Member) -> Node:
    """Arrival on site of the phase's first rack; it waits there if the hall is late."""
    original = m.members("generation")[0]
    return m.rack_due[phase, original] + m.export_delay[phase, original]


@line("month", each="phase")
def first_acceptance(m: Scope, phase: Member) -> Node:
    """Acceptance of the phase's first rack: installed once both rack and hall are there."""
    return maximum(m.rack_arrival[phase], m.hall_ready[phase]) + m.site_time


@line("month")
def site_opening(m: Scope) -> Node:
    """Acceptance of the site's first rack."""
    return across(m.first_acceptance, "minimum")


@line("month", each="phase")
def last_acceptance(m: Scope, phase: Member) -> Node:
    """Acceptance of the phase's last rack."""
    return m.first_acceptance[phase] + m.installation_ramp[phase]


@line("month")
def closing_date(m: Scope) -> Node:
    """End of operations, within the horizon."""
    return minimum(m.operations_end, m.horizon)


@line("month")
def payment_clock(m: Scope) -> Node:
    """Months after close at the end of the period, stopped at the end of operations, after which nothing is paid."""
    return minimum(m.month, m.closing_date)


@line("1")
def site_open(m: Scope) -> Node:
    """Share of the period before the end of operations."""
    return 1 - since(m, m.closing_date)


@line("month", each=("phase", "generation"))
def acceptance_date(m: Scope, phase: Member, generation: Member) -> Node:
    """Acceptance of the generation's first rack: the phase's first, or when the generation before has been replaced."""
    if generation.previous is None:
        return m.first_acceptance[phase]
    return successor_due(m, phase, generation.previous) + m.export_delay[phase, generation]


@line("1", each=("phase", "generation"))
def generation_bought(m: Scope, phase: Member, generation: Member) -> Node | float:
    """1 if the generation is bought: the original always, a later one if enough time remains before the end."""
    if generation.previous is None:
        return 1
    last_start = m.closing_date - m.minimum_refresh_term.to("month")
    enough = where(m.acceptance_date[phase, generation] <= last_start, 1, 0)
    return enough * m.generation_bought[phase, generation.previous]


@line("month", each=("phase", "generation"))
def generation_turn(m: Scope, phase: Member, generation: Member) -> Node:
    """From the generation's acceptance to when a successor is due, and what it waited itself; nothing if not bought."""
    turn = m.service_life[generation].to("month") + m.refresh_downtime.to("month")
    if generation.previous is not None:
        turn = turn + m.export_delay[phase, generation]
    return m.generation_bought[phase, generation] * turn


@line("month", each="phase")
def phase_end(m: Scope, phase: Member) -> Node:
    """End of the phase: the end of operations, or when its last racks retire and no successor is bought.

    A hall let to customers with their own racks stays until the end of operations.
    """
    turns = across(m.generation_turn[phase]) - m.refresh_downtime.to("month")
    own_end = minimum(m.closing_date, m.last_acceptance[phase] + turns)
    return where(m.colocation_capacity[phase] > 0, m.closing_date, own_end)


@line("1", each="phase")
def phase_operating(m: Scope, phase: Member) -> Node:
    """Share of the period in which the phase is in operation, from a ready hall to its end."""
    return since(m, m.hall_ready[phase]) * (1 - since(m, m.phase_end[phase]))


@line("1", each="phase")
def phase_closed(m: Scope, phase: Member) -> Node:
    """1 once the phase has closed and its facility is sold."""
    return paid_by(m, m.phase_end[phase])


@line("1", each="phase")
def construction_progress(m: Scope, phase: Member) -> Node:
    """Share of the phase's construction cost spent, cumulative: x^a / (x^a + (1-x)^a) of the share x of time passed.

    Definition: a symmetric S; an exponent of 1 is even spending. It stops at the end of operations. A hall that takes
    no time to build is paid within a period.
    """
    start = m.construction_start[phase]
    duration = m.hall_complete[phase] - start
    passed = ramp((m.payment_clock - start) / where(duration > 0, duration, m.months_per_period))
    done, left = power(passed, m.spend_curve), power(1 - passed, m.spend_curve)
    return done / (done + left)


@line("rack", each=("phase", "generation"))
def generation_in_service(m: Scope, phase: Member, generation: Member) -> Node:
    """Racks of the generation in service, average of the period: accepted evenly, each retired after its life."""
    start, spread = m.acceptance_date[phase, generation], m.installation_ramp[phase]
    accepted, retired = since(m, start, spread), since(m, start + m.service_life[generation].to("month"), spread)
    bought = m.generation_racks[phase, generation] * m.generation_bought[phase, generation]
    return bought * (accepted - retired) * m.site_open


@line("rack")
def racks_in_service(m: Scope) -> Node:
    """Racks in service, all phases and generations, average of the period."""
    return across(m.generation_in_service)
