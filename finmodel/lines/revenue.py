"""Revenue: GPU-hours outside the first contract at the market price, and the sum of all that is sold."""

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
    log,
    maximum,
    ratio,
    where,
)
from finmodel.lines.processes import kept, step
from finmodel.lines.racks import over_original
from finmodel.lines.schedule import change, since

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
gpu_hour_price_jump_rate = Input("1/year", "Jumps of the market price of a GPU-hour expected a year, half of them up.")
gpu_hour_price_jump_up = Input("1", "Mean rise of the logarithm of the market price in a jump up.", high=1)
gpu_hour_price_jump_down = Input("1", "Mean fall of the logarithm of the market price in a jump down.", high=1)
price_ageing = Input(
    "1/year",
    "Fall of the market price of a GPU of the original platform a year of its age, below that of a new one.",
    low=-1,
    high=1,
)
generation_price_ageing = Input(
    "1",
    "Fall of the market price of the generation's GPUs a year of age, over that of the original's; with the market's "
    "drift it makes the generation's own.",
    each="generation",
)
generation_gpu_hour_price = Input(
    "1",
    "Market price of an hour of a new GPU of the generation, over that of the original at the same date.",
    each="generation",
)

gpu_hour_price_shock = Shock("Shock to the market price of a GPU-hour.")
gpu_hour_price_jump_shock = Shock("First shock to the jumps of that price; its sign is the jump's.")
gpu_hour_price_jump_other_shock = Shock("Second shock to the jumps of that price.")


@line("1")
def gpu_hour_price_step(m: Scope) -> Node:
    """Standard deviation of a period's shock to the logarithm of the market price of a GPU-hour."""
    return step(m, m.gpu_hour_price_reversion, m.gpu_hour_price_volatility)


@line("1")
def gpu_hour_price_jump_chance(m: Scope) -> Node:
    """Probability that the market price of a GPU-hour jumps in a period."""
    return 1 - exp(-m.gpu_hour_price_jump_rate * m.years_per_period)


@line("1")
def gpu_hour_price_jump(m: Scope) -> Node:
    """Jump of the logarithm of the market price of a GPU-hour: none in most periods, none in the base case.

    Half the sum of the squares of two shocks is exponential with mean 1. It lies above -ln p with probability p, and
    its excess is again exponential with mean 1: so often a jump comes, and so large it is beside its mean. Jumps are
    not compensated: the drift is that between them.
    Source: Kou (2002), A Jump-Diffusion Model for Option Pricing, Management Science 48(8), with jumps as often up as
    down.
    """
    one, other = m.gpu_hour_price_jump_shock, m.gpu_hour_price_jump_other_shock
    mean = where(one < 0, -m.gpu_hour_price_jump_down, m.gpu_hour_price_jump_up)
    excess = maximum((one * one + other * other) / (1 + 1) + log(m.gpu_hour_price_jump_chance), 0)
    return where(m.gpu_hour_price_jump_chance > 0, mean * excess, 0)


@line("1")
def gpu_hour_price_deviation(m: Scope) -> Node:
    """Logarithm of the market price of a GPU-hour over its drift: shocks and jumps, part of which stays.

    The base case keeps to the drift, which is the median of the paths but for jumps. With no reversion it is a random
    walk.
    Source: Schwartz (1997), The Stochastic Behavior of Commodity Prices, Journal of Finance 52(3), model 1.
    """
    stays = lag(m.gpu_hour_price_deviation) * kept(m.gpu_hour_price_reversion)
    return stays + m.gpu_hour_price_step * m.gpu_hour_price_shock + m.gpu_hour_price_jump


@line("USD/(GPU*h)")
def market_price(m: Scope) -> Node:
    """Market price of an hour of a new GPU of the original platform."""
    return m.gpu_hour_price * growth(m.gpu_hour_price_drift, m.year) * exp(m.gpu_hour_price_deviation)


def ageing(m: Scope, generation: Member) -> Node:
    """Fall of the market price of the generation's GPUs a year of their age."""
    return m.price_ageing * over_original(m.generation_price_ageing, generation)


@line("1", each=("phase", "generation"))
def price_when_new(m: Scope, phase: Member, generation: Member) -> Node:
    """What a GPU of the generation fetches over one of the original platform that was new at close.

    Age counts from the acceptance of the generation's first rack.
    """
    younger = growth(-ageing(m, generation), -m.acceptance_date[phase, generation].to("year"))
    return m.generation_gpu_hour_price[generation] * younger


@line("GPU", each=("phase", "generation"))
def open_gpus_as_new(m: Scope, phase: Member, generation: Member) -> Node:
    """GPUs let by the hour outside the first contract, weighted by their price over that of GPUs new at close."""
    gpus = m.generation_gpus_in_service[phase, generation] * m.gpu_hour_share
    if generation.previous is None:
        gpus = gpus - m.contracted_gpus[phase] * m.tenant_holding
    return gpus * m.price_when_new[phase, generation]


@line("GPU", each="generation")
def open_gpus_as_aged(m: Scope, generation: Member) -> Node:
    """The generation's GPUs let by the hour outside the first contract, weighted by their price over that of new ones.

    All of a generation age at its own pace.
    """
    as_new = [m.open_gpus_as_new[phase, generation] for phase in m.members("phase")]
    return sum(as_new[1:], start=as_new[0]) * growth(-ageing(m, generation), m.year)


@line("1")
def sales_maturity(m: Scope) -> Node:
    """How far sales without a contract have matured since the site's first rack, average of the time in service."""
    return ratio(since(m, m.site_opening, m.sales_ramp), since(m, m.site_opening), 0)


@line("1")
def open_sold_share(m: Scope) -> Node:
    """Share sold of the available hours outside the first contract: the part re-contracted, and what demand takes."""
    on_demand = m.sold_share * m.sales_maturity
    return m.recontracted_share + (1 - m.recontracted_share) * on_demand


@line("GPU*h")
def market_gpu_hours(m: Scope) -> Node:
    """GPU-hours sold at the market price."""
    open_gpus = m.gpus_in_service * m.gpu_hour_share - across(m.contracted_gpus) * m.tenant_holding
    return open_gpus * m.saleable_hours * m.open_sold_share


@line("GPU*h")
def gpu_hours_sold(m: Scope) -> Node:
    """GPU-hours sold by the hour or as tokens, or paid for under contract."""
    return m.contracted_gpu_hours + m.market_gpu_hours + m.token_gpu_hours


@line("USD")
def market_revenue(m: Scope) -> Node:
    """Revenue at the market price, each generation by its age."""
    hours = across(m.open_gpus_as_aged) * m.saleable_hours * m.open_sold_share
    return hours * m.market_price


@line("USD")
def revenue(m: Scope) -> Node:
    """Revenue from GPU-hours, tokens and colocation, less service credits."""
    sold = m.contract_revenue + m.market_revenue + m.token_revenue + m.colocation_revenue
    return sold - m.service_credits


@line("USD")
def invoiced(m: Scope) -> Node:
    """Revenue still to be paid for: what was prepaid is not."""
    return m.revenue - change(m.prepayment_credited)
