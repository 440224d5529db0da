"""Racks: what a rack holds and draws, what it costs landed and integrated, and when it is paid.

A rack is the unit in which hardware is bought: a rack of many GPUs, or one server.
"""

from finmodel.graph import Input, Member, Node, Scope, across, growth, line, maximum, ratio, where
from finmodel.graph.nodes import Ref
from finmodel.lines.schedule import change, paid_by

racks = Input("rack", "Racks of the phase, of the original platform.", each="phase")
rack_power = Input("kW/rack", "Draw of one rack of the original platform under full load.")
rack_peak_power = Input(
    "kW/rack", "Highest draw of one rack, for which grid capacity is reserved; 0 where that is its full load."
)
generation_power = Input(
    "1",
    "Draw of a rack of the generation under full load, over that of the original; the halls hold as many as they feed.",
    each="generation",
)
gpus_per_rack = Input("GPU/rack", "GPU packages in one rack of the original platform.")
generation_gpus = Input("1", "GPUs in a rack of the generation, over those of the original.", each="generation")
cpus_per_rack = Input("CPU/rack", "CPUs in one rack.")
rack_price = Input(
    "USD/rack", "Price of one rack of the original platform, ordered at close; the chassis where GPUs are bought apart."
)
gpu_price = Input("USD/GPU", "Price of one GPU bought apart from its rack.")
cpu_price = Input("USD/CPU", "Price of one CPU bought apart from its rack.")
rack_price_decline = Input(
    "1/year", "Fall a year of the price of like racks, by order date; negative where prices rise.", low=-1, high=1
)
network_price = Input("USD/rack", "Scale-out network of one rack, but for adapters, switches and optics counted apart.")
nics_per_rack = Input("1/rack", "Network adapters of one rack that are counted apart.")
nic_price = Input("USD", "Price of one network adapter.")
switches_per_rack = Input("1/rack", "Switches of the scale-out network for one rack that are counted apart.")
switch_price = Input("USD", "Price of one switch.")
optics_per_rack = Input("1/rack", "Optical modules of the scale-out network for one rack that are counted apart.")
optic_price = Input("USD", "Price of one optical module.")
storage_price = Input("USD/rack", "Storage of one rack.")
cooling_price = Input("USD/rack", "Cooling parts of one rack outside its price: distribution unit, manifolds, hoses.")
integration_price = Input("USD/rack", "Integration, installation and test services for one rack.")
design_price = Input("USD/rack", "Design and project services for one rack.")
freight_share = Input("1", "Freight and insurance in transit, as a share of the hardware's price.", high=1)
duty_share = Input("1", "Import duty, as a share of the hardware's price.", high=1)
spares_share = Input("1", "Initial spare parts, as a share of the hardware's price.", high=1)
rack_deposit_share = Input("1", "Share of a rack's cost paid at the order.", high=1)
rack_delivery_share = Input("1", "Share of the rest paid at delivery; what then remains is paid at acceptance.", high=1)


def over_original(figure: Ref, generation: Member) -> Node | float:
    """A generation's ratio to the original platform, whose own is one whatever its figure."""
    original = generation
    while original.previous is not None:
        original = original.previous
    return 1 if generation is original else ratio(figure[generation], figure[original], 0)


@line("rack", each=("phase", "generation"))
def generation_racks(m: Scope, phase: Member, generation: Member) -> Node:
    """Racks of the generation in the phase's halls: as many as draw what the original racks drew.

    None where the generation is said to draw nothing.
    """
    return ratio(m.racks[phase], over_original(m.generation_power, generation), 0)


@line("MW", each="phase")
def rack_capacity(m: Scope, phase: Member) -> Node:
    """IT power of the phase's own racks under full load, the same for every generation."""
    return (m.racks[phase] * m.rack_power).to("MW")


@line("MW", each="phase")
def peak_capacity(m: Scope, phase: Member) -> Node:
    """Highest draw of the phase's IT, colocation in."""
    own = m.racks[phase] * maximum(m.rack_power, m.rack_peak_power)
    return own.to("MW") + m.colocation_capacity[phase]


@line("MW", each=("phase", "generation"))
def generation_load(m: Scope, phase: Member, generation: Member) -> Node:
    """The generation's racks in service under full load."""
    draw = m.rack_power * over_original(m.generation_power, generation)
    return (m.generation_in_service[phase, generation] * draw).to("MW")


@line("MW")
def rack_load(m: Scope) -> Node:
    """Racks in service under full load, all phases and generations."""
    return across(m.generation_load)


@line("GPU", each=("phase", "generation"))
def generation_gpus_in_service(m: Scope, phase: Member, generation: Member) -> Node:
    """The generation's GPUs in service, average of the period."""
    gpus = m.gpus_per_rack * over_original(m.generation_gpus, generation)
    return m.generation_in_service[phase, generation] * gpus


@line("GPU")
def gpus_in_service(m: Scope) -> Node:
    """GPUs in service, all phases and generations, average of the period."""
    return across(m.generation_gpus_in_service)


@line("USD/rack")
def platform_price(m: Scope) -> Node:
    """One rack of the original platform ordered at close, with the GPUs and CPUs that are bought apart."""
    return m.rack_price + m.gpus_per_rack * m.gpu_price + m.cpus_per_rack * m.cpu_price


@line("USD/rack")
def network_cost(m: Scope) -> Node:
    """Scale-out network of one rack: adapters, switches, optics, and what is priced as a whole."""
    switches = m.switches_per_rack * m.switch_price + m.optics_per_rack * m.optic_price
    return m.network_price + m.nics_per_rack * m.nic_price + switches


@line("USD/rack")
def hardware_price(m: Scope) -> Node:
    """Hardware of one rack of the original platform ordered at close: rack, network, storage, cooling parts."""
    return m.platform_price + m.network_cost + m.storage_price + m.cooling_price


@line("USD/rack")
def landed_price(m: Scope) -> Node:
    """The hardware on site and integrated: with freight, duty, spare parts and services."""
    services = m.integration_price + m.design_price
    return m.hardware_price * (1 + m.freight_share + m.duty_share + m.spares_share) + services


@line("month", each=("phase", "generation"))
def order_date(m: Scope, phase: Member, generation: Member) -> Node:
    """Order of the generation's racks; a later generation is ordered in time, though not before close."""
    if generation.previous is None:
        return m.rack_order[phase]
    return maximum(0, m.delivery_date[phase, generation] - m.factory_time - m.rack_lead_time)


@line("month", each=("phase", "generation"))
def delivery_date(m: Scope, phase: Member, generation: Member) -> Node:
    """Delivery to site of the generation's first rack."""
    if generation.previous is None:
        return m.rack_arrival[phase]
    return m.acceptance_date[phase, generation] - m.site_time


@line("USD/rack", each=("phase", "generation"))
def rack_unit_cost(m: Scope, phase: Member, generation: Member) -> Node:
    """Cost of one rack of the generation, landed and integrated, at the price of its order date.

    Racks that an export control holds up cost more.
    """
    decline = growth(-m.rack_price_decline, m.order_date[phase, generation].to("year"))
    detour = 1 + m.export_control_price_rise * where(m.export_delay[phase, generation] > 0, 1, 0)
    return m.landed_price * m.generation_price[generation] * decline * detour


@line("USD", each=("phase", "generation"))
def rack_purchase(m: Scope, phase: Member, generation: Member) -> Node:
    """Cost of the generation's racks; nothing if it is not bought."""
    bought = m.generation_racks[phase, generation] * m.generation_bought[phase, generation]
    return bought * m.rack_unit_cost[phase, generation]


@line("1", each=("phase", "generation"))
def rack_paid_share(m: Scope, phase: Member, generation: Member) -> Node:
    """Share of the generation's racks paid so far: deposit at order, a part at delivery, the rest at acceptance."""
    spread = m.installation_ramp[phase]
    at_order = paid_by(m, m.order_date[phase, generation])
    at_delivery = paid_by(m, m.delivery_date[phase, generation], spread)
    at_acceptance = paid_by(m, m.acceptance_date[phase, generation], spread)
    after_deposit = m.rack_delivery_share * at_delivery + (1 - m.rack_delivery_share) * at_acceptance
    return m.rack_deposit_share * at_order + (1 - m.rack_deposit_share) * after_deposit


@line("USD", each=("phase", "generation"))
def initial_racks_paid(m: Scope, phase: Member, generation: Member) -> Node | float:
    """Paid so far for the phase's original racks; later generations are refresh."""
    if generation.previous is not None:
        return 0
    return m.rack_purchase[phase, generation] * m.rack_paid_share[phase, generation]


@line("USD")
def rack_capex(m: Scope) -> Node:
    """Payments for the racks first installed."""
    return change(across(m.initial_racks_paid))
