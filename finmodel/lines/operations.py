"""Operations: staff, maintenance, support, failures, insurance, property tax, transit, software, services, overhead.

Rates of charge (maintenance, support, insurance, property tax) are simple: a share of a cost for each year, never
compounded.
"""

from finmodel.graph import Input, Member, Node, Scope, across, exp, growth, line, maximum
from finmodel.lines.schedule import since

inflation = Input("1/year", "General inflation of operating cost other than wages and electricity.", low=-1)
wage_growth = Input("1/year", "Growth a year of wages.", low=-1)
staff_fixed = Input("FTE", "Staff that the site needs at any size.")
staff_per_mw = Input("FTE/MW", "Staff per MW of IT in operation.")
staff_per_kgpu = Input("FTE/kGPU", "Staff per thousand GPUs in service.")
salary = Input("local/(FTE*year)", "Cost of employing one person, social charges in, at close.")
facility_maintenance_rate = Input(
    "1/year", "Facility maintenance a year, as a share of facility cost without land.", high=1
)
hardware_support_rate = Input(
    "1/year",
    "Hardware support a year, with replacements not counted as failures, as a share of the cost of racks in service.",
    high=1,
)
gpu_failure_rate = Input("1/year", "GPUs that fail a year, as a share of those in service.", high=1)
gpu_replacement_share = Input("1", "Cost of replacing a failed GPU, over its rack's cost per GPU.")
hardware_warranty = Input("year", "Time from a rack's acceptance in which failed GPUs are replaced free of charge.")
insurance_rate = Input(
    "1/year", "Insurance premium a year, as a share of the cost of facility and racks in service.", high=1
)
property_tax_rate = Input("1/year", "Property tax a year after abatements, as a share of assessed cost.", high=1)
hardware_assessed_share = Input("1", "Share of the cost of racks in service that is assessed for property tax.", high=1)
transit_cost = Input("USD/(MW*year)", "Network transit and dark fibre per MW of IT in service, at close prices.")
software_cost = Input("USD/(GPU*year)", "Software licences and support per GPU in service, at close prices.")
service_cost = Input("USD/(rack*year)", "Services by contract per rack in service, at close prices.")
overhead_share = Input("1", "Selling, general and administrative cost, as a share of revenue.", high=1)


@line("1")
def cost_index(m: Scope) -> Node:
    """General prices since close: the inflation figure, and what came as a surprise."""
    return growth(m.inflation, m.year) * exp(m.price_surprise)


@line("1")
def wage_index(m: Scope) -> Node:
    """Wages since close; they keep up with surprises in prices."""
    return growth(m.wage_growth, m.year) * exp(m.price_surprise)


@line("MW", each="phase")
def capacity_in_operation(m: Scope, phase: Member) -> Node:
    """IT power of the phase while it is in operation, whether racks are in service or not."""
    return m.it_capacity[phase] * m.phase_operating[phase]


@line("MW")
def it_in_service(m: Scope) -> Node:
    """IT power of the racks in service, at full load, and of the capacity let to customers with theirs."""
    return m.rack_load + m.colocation_load


@line("FTE")
def full_time_equivalents(m: Scope) -> Node:
    """Staff on the payroll."""
    site = across(m.phase_operating, "maximum")
    by_size = m.staff_per_mw * across(m.capacity_in_operation) + (m.staff_per_kgpu * m.gpus_in_service).to("FTE")
    return m.staff_fixed * site + by_size


@line("USD")
def staff_cost(m: Scope) -> Node:
    """Wages and social charges."""
    return m.full_time_equivalents * m.salary * m.hours.to("year") * m.wage_index * m.exchange_rate


@line("USD")
def facility_maintenance(m: Scope) -> Node:
    """Maintenance of the facility in operation, land excluded."""
    maintained = (m.facility_cost - m.land_capex) * across(m.facility_operating_share)
    return maintained * m.facility_maintenance_rate * m.hours.to("year") * m.cost_index


@line("USD", each=("phase", "generation"))
def generation_value(m: Scope, phase: Member, generation: Member) -> Node:
    """The generation's racks in service at their cost."""
    return m.generation_in_service[phase, generation] * m.rack_unit_cost[phase, generation]


@line("USD")
def hardware_in_service(m: Scope) -> Node:
    """Racks in service at their cost, all phases and generations."""
    return across(m.generation_value)


@line("USD")
def hardware_support(m: Scope) -> Node:
    """Support, repairs and replacements of racks in service."""
    return m.hardware_in_service * m.hardware_support_rate * m.hours.to("year")


@line("USD", each=("phase", "generation"))
def generation_out_of_warranty(m: Scope, phase: Member, generation: Member) -> Node:
    """The generation's racks in service whose warranty has ended, at their cost, average of the period."""
    accepted, spread = m.acceptance_date[phase, generation], m.installation_ramp[phase]
    ended = since(m, accepted + m.hardware_warranty.to("month"), spread)
    retired = since(m, accepted + m.service_life[generation].to("month"), spread)
    return m.rack_purchase[phase, generation] * maximum(ended - retired, 0) * m.site_open


@line("USD")
def failures(m: Scope) -> Node:
    """Replacement of GPUs that fail out of warranty, at the cost of their generation."""
    replaced = m.gpu_failure_rate * m.hours.to("year") * m.gpu_replacement_share
    return across(m.generation_out_of_warranty) * replaced


@line("USD")
def facility_in_operation(m: Scope) -> Node:
    """Facility and land in operation at cost."""
    return m.facility_cost * across(m.facility_operating_share)


@line("USD")
def insurance(m: Scope) -> Node:
    """Insurance of facility and racks at cost."""
    return (m.facility_in_operation + m.hardware_in_service) * m.insurance_rate * m.hours.to("year")


@line("USD")
def property_tax(m: Scope) -> Node:
    """Property tax on the facility and the assessed share of the racks."""
    assessed = m.facility_in_operation + m.hardware_assessed_share * m.hardware_in_service
    return assessed * m.property_tax_rate * m.hours.to("year")


@line("USD")
def transit(m: Scope) -> Node:
    """Network transit and dark fibre."""
    return m.it_in_service * m.transit_cost * m.hours.to("year") * m.cost_index


@line("USD")
def software(m: Scope) -> Node:
    """Software licences and their support."""
    return m.gpus_in_service * m.software_cost * m.hours.to("year") * m.cost_index


@line("USD")
def services(m: Scope) -> Node:
    """Services by contract on racks in service."""
    return m.racks_in_service * m.service_cost * m.hours.to("year") * m.cost_index


@line("USD")
def overhead(m: Scope) -> Node:
    """Selling, general and administrative cost."""
    return m.overhead_share * m.revenue


@line("USD")
def opex(m: Scope) -> Node:
    """Operating cost, power and rent included; tax on income, depreciation and debt are not."""
    site = m.lease_cost + m.staff_cost + m.facility_maintenance + m.insurance + m.property_tax
    hardware = m.hardware_support + m.failures + m.services + m.transit + m.software
    return m.power_cost + m.water_cost + m.carbon_cost + site + hardware + m.overhead
