"""Carbon: emissions of the electricity drawn, and their price."""

from finmodel.graph import Input, Node, Scope, growth, line, metric, total
from finmodel.metrics.nodes import missing_ratio

grid_intensity = Input("kg/MWh", "Carbon dioxide equivalent emitted per MWh drawn, at close, net of clean supply.")
grid_intensity_decline = Input("1/year", "Fall a year of the emissions per MWh drawn.", low=-1, high=1)
carbon_price = Input(
    "local/tonne", "Price of carbon charged to the site on top of what the electricity price holds, at close."
)
carbon_price_growth = Input("1/year", "Growth a year of the price of carbon.", low=-1)


@line("tonne")
def emissions(m: Scope) -> Node:
    """Emissions of the energy drawn, at the grid's average.

    Source: the location-based method of the GHG Protocol Scope 2 Guidance (2015), with a grid that gets cleaner.
    """
    intensity = m.grid_intensity * growth(-m.grid_intensity_decline, m.year)
    return (m.energy_drawn * intensity).to("tonne")


@line("USD")
def carbon_cost(m: Scope) -> Node:
    """Emissions at the price of carbon."""
    return m.emissions * m.carbon_price * growth(m.carbon_price_growth, m.year) * m.exchange_rate


@metric("tonne")
def emissions_total(m: Scope) -> Node:
    """Emissions over the whole life."""
    return total(m.emissions)


@metric("g/(GPU*h)")
def carbon_per_gpu_hour(m: Scope) -> Node:
    """Emissions per GPU-hour sold, whole life."""
    return missing_ratio(m.emissions_total.to("g"), m.gpu_hours_sold_total)
