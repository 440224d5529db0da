"""Power and water: load, energy, tariff, demand charge; water for cooling."""

from finmodel.graph import Input, Member, Node, Scope, Shock, across, exp, growth, lag, line, maximum, where
from finmodel.graph.nodes import Const
from finmodel.lines.processes import correlated, kept, step
from finmodel.lines.schedule import since

load_factor = Input(
    "1", "Average electrical load of a rack in service, as a share of full load (not the share sold).", high=1
)
pue = Input("1", "Power usage effectiveness: facility energy over IT energy.", low=1)
electricity_price = Input("local/MWh", "All-in price of energy at the meter, at close.")
electricity_escalation = Input("1/year", "Growth a year of the trend of the electricity price.", low=-1)
electricity_market_share = Input(
    "1", "Share of the energy bought at the market price; the rest keeps to the trend.", high=1
)
electricity_volatility = Input("1/year**0.5", "Volatility of the logarithm of the market price of electricity.")
electricity_reversion = Input(
    "1/year", "Share of the market price's deviation from trend that is gone after a year.", high=1
)
electricity_swing = Input(
    "1", "Market price of electricity in the dearest month of the year over the mean of the year, less one.", high=1
)
electricity_peak_month = Input(
    "year", "End of the month in which electricity is dearest, from the start of the calendar year.", high=1
)
demand_charge = Input("local/(MW*month)", "Charge for grid capacity reserved, at close prices.")
water_usage = Input("m3/MWh", "Water usage effectiveness: water over IT energy.")
water_price = Input("local/m3", "Price of water and of its discharge, at close.")
exchange_rate = Input("USD/local", "Price of one unit of the region's currency.")
price_correlation = Input(
    "1", "Correlation of the shocks to the electricity price with those to the GPU-hour price.", low=-1, high=1
)

electricity_inflation_correlation = Input(
    "1",
    "Correlation of the shocks to the electricity price with those to inflation, once what it shares with the GPU-hour "
    "price is taken out.",
    low=-1,
    high=1,
)

electricity_price_shock = Shock("Shock to the electricity price, before its correlation with others.")

ONE_MONTH = Const(1.0, "month")


@line("MW")
def it_load(m: Scope) -> Node:
    """Racks in service at their average draw; what an outage takes down draws nothing."""
    return m.rack_load * m.load_factor * m.capacity_up


@line("MWh")
def energy_drawn(m: Scope) -> Node:
    """Energy at the meter.

    Source: The Green Grid, PUE: A Comprehensive Examination of the Metric, white paper 49.
    """
    return m.it_load * m.pue * m.hours


@line("1")
def electricity_index(m: Scope) -> Node:
    """Trend of electricity prices since close."""
    return growth(m.electricity_escalation, m.year)


@line("1")
def electricity_shock(m: Scope) -> Node:
    """Shock to the electricity price, correlated with those to the GPU-hour price and to inflation."""
    other = correlated(m.electricity_inflation_correlation, m.inflation_shock, m.electricity_price_shock)
    return correlated(m.price_correlation, m.gpu_hour_price_shock, other)


@line("1")
def electricity_step(m: Scope) -> Node:
    """Standard deviation of a period's shock to the logarithm of the market price of electricity."""
    return step(m, m.electricity_reversion, m.electricity_volatility)


@line("1")
def electricity_deviation(m: Scope) -> Node:
    """Logarithm of the market price of electricity over its trend: it reverts to zero and takes a shock a period.

    The base case keeps to the trend, which is the median of the paths.
    Source: Schwartz (1997), The Stochastic Behavior of Commodity Prices, Journal of Finance 52(3), model 1.
    """
    return lag(m.electricity_deviation) * kept(m.electricity_reversion) + m.electricity_step * m.electricity_shock


@line("1")
def electricity_season(m: Scope) -> Node:
    """Market price of electricity in the month over the mean of the year.

    Definition: a triangle wave, which falls evenly from the dearest month to the one half a year away and rises back,
    so that the periods of a year have a mean of exactly one. A period of a whole year has no season.
    """
    year = m.months_per_period * m.periods_per_year
    past = m.calendar_month * ONE_MONTH - m.electricity_peak_month.to("month")
    apart = maximum(past, -past)
    near = maximum(year - apart - apart, apart + apart - year) / year
    return 1 + where(m.periods_per_year > 1, m.electricity_swing, 0) * (near - (1 - near))


@line("local/MWh")
def electricity_tariff(m: Scope) -> Node:
    """Price of energy at the meter: a part at the market price and its season, the rest at the trend."""
    market = m.electricity_market_share * m.electricity_season * exp(m.electricity_deviation)
    return m.electricity_price * m.electricity_index * (1 - m.electricity_market_share + market)


@line("USD")
def electricity_cost(m: Scope) -> Node:
    """Energy at the meter at the tariff."""
    return m.energy_drawn * m.electricity_tariff * m.exchange_rate


@line("MW", each="phase")
def reserved_capacity(m: Scope, phase: Member) -> Node:
    """Grid capacity reserved for the phase, from energisation to its end: highest draw and its overhead."""
    held = since(m, m.energisation_date[phase]) * (1 - since(m, m.phase_end[phase]))
    return m.peak_capacity[phase] * m.pue * held


@line("USD")
def demand_charge_cost(m: Scope) -> Node:
    """Charge for the grid capacity reserved, whether used or not."""
    charge = m.demand_charge * m.electricity_index * m.exchange_rate
    return across(m.reserved_capacity) * charge * m.hours.to("month")


@line("m3")
def water_drawn(m: Scope) -> Node:
    """Water for cooling.

    Source: The Green Grid, Water Usage Effectiveness (WUE), white paper 35: litres per kWh of IT energy.
    """
    return m.it_load * m.hours * m.water_usage


@line("USD")
def water_cost(m: Scope) -> Node:
    """Water and its discharge; its price follows inflation."""
    return m.water_drawn * m.water_price * m.cost_index * m.exchange_rate


@line("USD")
def power_cost(m: Scope) -> Node:
    """Energy and demand charge."""
    return m.electricity_cost + m.demand_charge_cost
