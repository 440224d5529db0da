"""Revenue by GPU-hour: a take-or-pay contract, then renewal or on-demand sale at the market price."""

from finmodel.graph import (
    Input,
    Member,
    Node,
    Scope,
    Shock,
    across,
    exp,
    growth,
    lag,
    line,
    minimum,
    per_period,
    ratio,
    sqrt,
)
from finmodel.lines.schedule import since

availability = Input("1", "Share of the hours of a GPU in service in which it can be sold.", high=1)
contracted_share = Input(
    "1", "Share of the original racks let take-or-pay from acceptance; the rest is sold at the market price.", high=1
)
contract_price = Input("USD/(GPU*h)", "Price under the first contract, flat in nominal terms.")
contract_term = Input(
    "year", "Term of the first contract, from each rack's acceptance; ends with the rack's life at the latest."
)
recontracted_share = Input(
    "1",
    "Share of the capacity outside the first contract that is let at the market price and paid whether used or not.",
    high=1,
)
sold_share = Input("1", "Share of the available on-demand GPU-hours that is sold, once sales have matured.", high=1)
sales_ramp = Input("month", "From the site's first rack accepted to mature on-demand sales.")
gpu_hour_price = Input("USD/(GPU*h)", "Market price at close of one hour of a new GPU of the original platform.")
gpu_hour_price_drift = Input("1/year", "Growth a year of the market price of an hour of a new GPU.", low=-1)
gpu_hour_price_volatility = Input("1/year**0.5", "Volatility of the logarithm of the market price of a GPU-hour.")
gpu_hour_price_reversion = Input(
    "1/year", "Share of the price's deviation from its drift that is gone after a year; 0 is a random walk.", high=1
)
price_ageing = Input(
    "1/year", "Fall of a GPU's market price a year of its age, below that of a new one.", low=-1, high=1
)
generation_gpu_hour_price = Input(
    "1",
    "Market price of an hour of a new GPU of the generation, over that of the original at the same date.",
    each="generation",
)

gpu_hour_price_shock = Shock("Shock to the market price of a GPU-hour.")


@line("GPU")
def gpus_in_service(m: Scope) -> Node:
    """GPUs in service, average of the period."""
    return m.racks_in_service * m.gpus_per_rack


@line("h")
def saleable_hours(m: Scope) -> Node:
    """Hours of the period in which a GPU in service can be sold."""
    return m.availability * m.hours


@line("1")
def gpu_hour_price_deviation(m: Scope) -> Node:
    """Logarithm of the market price of a GPU-hour over its drift: a shock a period, part of which stays.

    The base case keeps to the drift, which is the median of the paths. With no reversion it is a random walk.
    Source: Schwartz (1997), The Stochastic Behavior of Commodity Prices, Journal of Finance 52(3), model 1.
    """
    kept = 1 + per_period(-m.gpu_hour_price_reversion)
    step = m.gpu_hour_price_volatility * sqrt(m.years_per_period)
    return lag(m.gpu_hour_price_deviation) * kept + step * m.gpu_hour_price_shock


@line("USD/(GPU*h)")
def market_price(m: Scope) -> Node:
    """Market price of an hour of a new GPU of the original platform."""
    return m.gpu_hour_price * growth(m.gpu_hour_price_drift, m.year) * exp(m.gpu_hour_price_deviation)


@line("1")
def ageing_index(m: Scope) -> Node:
    """Price of a GPU that was new at close, over that of a new one."""
    return growth(-m.price_ageing, m.year)


@line("1", each=("phase", "generation"))
def price_when_new(m: Scope, phase: Member, generation: Member) -> Node:
    """What a GPU of the generation fetches over one of the original platform that was new at close.

    Age counts from the acceptance of the generation's first rack; times the ageing index this is the price by age.
    """
    younger = growth(-m.price_ageing, -m.acceptance_date[phase, generation].to("year"))
    return m.generation_gpu_hour_price[generation] * younger


@line("rack", each="phase")
def contracted_racks(m: Scope, phase: Member) -> Node:
    """Original racks of the phase under the first contract: each from its acceptance for the term, within its life."""
    start, spread = m.first_acceptance[phase], m.installation_ramp[phase]
    term = minimum(m.contract_term, m.hardware_life).to("month")
    under_contract = since(m, start, spread) - since(m, start + term, spread)
    return m.racks[phase] * m.contracted_share * under_contract * m.site_open


@line("rack", each=("phase", "generation"))
def open_racks_as_new(m: Scope, phase: Member, generation: Member) -> Node:
    """Racks of the generation outside the first contract, weighted by their price over that of GPUs new at close."""
    in_service = m.generation_in_service[phase, generation]
    open_racks = in_service - m.contracted_racks[phase] if generation.previous is None else in_service
    return open_racks * m.price_when_new[phase, generation]


@line("1")
def open_sold_share(m: Scope) -> Node:
    """Share sold of the available hours outside the first contract: the part re-contracted, and what demand takes."""
    maturity = ratio(since(m, m.site_opening, m.sales_ramp), since(m, m.site_opening), 0)
    on_demand = m.sold_share * maturity
    return m.recontracted_share + (1 - m.recontracted_share) * on_demand


@line("GPU*h")
def contracted_gpu_hours(m: Scope) -> Node:
    """Available GPU-hours under the first contract, paid whether used or not."""
    return across(m.contracted_racks) * m.gpus_per_rack * m.saleable_hours


@line("GPU*h")
def market_gpu_hours(m: Scope) -> Node:
    """GPU-hours sold at the market price."""
    open_racks = m.racks_in_service - across(m.contracted_racks)
    return open_racks * m.gpus_per_rack * m.saleable_hours * m.open_sold_share


@line("GPU*h")
def gpu_hours_sold(m: Scope) -> Node:
    """GPU-hours sold, or paid for under contract."""
    return m.contracted_gpu_hours + m.market_gpu_hours


@line("USD")
def contract_revenue(m: Scope) -> Node:
    """Revenue under the first contract."""
    return m.contracted_gpu_hours * m.contract_price


@line("USD")
def market_revenue(m: Scope) -> Node:
    """Revenue at the market price, each generation by its age."""
    hours = across(m.open_racks_as_new) * m.gpus_per_rack * m.saleable_hours * m.open_sold_share
    return hours * m.market_price * m.ageing_index


@line("USD")
def revenue(m: Scope) -> Node:
    """Revenue from GPU-hours."""
    return m.contract_revenue + m.market_revenue
