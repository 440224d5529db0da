"""Tokens: GPUs whose capacity is sold by the token instead of the hour."""

from finmodel.graph import Input, Member, Node, Scope, across, growth, line
from finmodel.lines.racks import over_original

token_share = Input("1", "Share of the GPUs whose capacity is sold as tokens; the rest is let by the hour.", high=1)
token_sold_share = Input(
    "1", "Share of the available hours of those GPUs in which tokens are sold, once sales have matured.", high=1
)
token_price = Input("USD/Mtoken", "Price of a million tokens at close, input and output at their usual mix.")
token_price_decline = Input("1/year", "Fall a year of the price of tokens.", low=-1, high=1)
tokens_per_gpu_second = Input(
    "token/(GPU*s)", "Tokens that a busy GPU of the original platform yields in a second with the software of close."
)
token_software_gain = Input("1/year", "Growth a year of a GPU's tokens per second by better software.", low=-1)
generation_token_rate = Input(
    "1",
    "Tokens per second of a GPU of the generation, over those of the original with the same software.",
    each="generation",
)


@line("GPU", each=("phase", "generation"))
def token_gpus_as_original(m: Scope, phase: Member, generation: Member) -> Node:
    """The generation's GPUs whose capacity is sold as tokens, weighted by their tokens per second."""
    speed = over_original(m.generation_token_rate, generation)
    return m.generation_gpus_in_service[phase, generation] * m.token_share * speed


@line("1")
def token_use(m: Scope) -> Node:
    """Share of the available hours in which tokens are sold."""
    return m.token_sold_share * m.sales_maturity


@line("GPU*h")
def token_gpu_hours(m: Scope) -> Node:
    """GPU-hours in which tokens are sold."""
    return m.gpus_in_service * m.token_share * m.saleable_hours * m.token_use


@line("Mtoken")
def tokens_sold(m: Scope) -> Node:
    """Tokens sold, each generation at its own speed, all with the software of the time."""
    hours = across(m.token_gpus_as_original) * m.saleable_hours * m.token_use
    speed = m.tokens_per_gpu_second * growth(m.token_software_gain, m.year)
    return (hours * speed).to("Mtoken")


@line("USD/Mtoken")
def token_market_price(m: Scope) -> Node:
    """Price of a million tokens."""
    return m.token_price * growth(-m.token_price_decline, m.year)


@line("USD")
def token_revenue(m: Scope) -> Node:
    """Revenue from tokens."""
    return m.tokens_sold * m.token_market_price
