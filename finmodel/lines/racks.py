"""Racks: what a rack costs landed and integrated, and when it is paid."""

from finmodel.graph import Input, Member, Node, Scope, across, growth, line, maximum
from finmodel.lines.schedule import change, paid_by

racks = Input("rack", "Racks of the phase.", each="phase")
rack_power = Input("kW/rack", "Draw of one rack under full load.")
gpus_per_rack = Input("GPU/rack", "GPU packages in one rack.")
rack_price = Input("USD/rack", "Price of one rack of the original platform, ordered at close.")
rack_price_decline = Input(
    "1/year", "Fall a year of the price of like racks, by order date; negative where prices rise.", low=-1, high=1
)
network_price = Input("USD/rack", "Scale-out network of one rack: adapters, switches, optics, cables.")
storage_price = Input("USD/rack", "Storage of one rack.")
cooling_price = Input("USD/rack", "Cooling parts of one rack outside its price: distribution unit, manifolds, hoses.")
integration_price = Input("USD/rack", "Integration, installation and test services for one rack.")
freight_share = Input("1", "Freight and insurance in transit, as a share of the hardware's price.", high=1)
duty_share = Input("1", "Import duty, as a share of the hardware's price.", high=1)
spares_share = Input("1", "Initial spare parts, as a share of the hardware's price.", high=1)
rack_deposit_share = Input("1", "Share of a rack's cost paid at the order.", high=1)
rack_delivery_share = Input("1", "Share of the rest paid at delivery; what then remains is paid at acceptance.", high=1)


@line("USD/rack")
def hardware_price(m: Scope) -> Node:
    """Hardware of one rack of the original platform ordered at close: rack, network, storage, cooling parts."""
    return m.rack_price + m.network_price + m.storage_price + m.cooling_price


@line("USD/rack")
def landed_price(m: Scope) -> Node:
    """The hardware on site and integrated: with freight, duty, spare parts and services."""
    return m.hardware_price * (1 + m.freight_share + m.duty_share + m.spares_share) + m.integration_price


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
    """Cost of one rack of the generation, landed and integrated, at the price of its order date."""
    decline = growth(-m.rack_price_decline, m.order_date[phase, generation].to("year"))
    return m.landed_price * m.generation_price[generation] * decline


@line("USD", each=("phase", "generation"))
def rack_purchase(m: Scope, phase: Member, generation: Member) -> Node:
    """Cost of the generation's racks; nothing if it is not bought."""
    return m.racks[phase] * m.rack_unit_cost[phase, generation] * m.generation_bought[phase, generation]


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
