"""Returns to equity: what the owners pay in and take out, after debt and tax."""

from finmodel.graph import (
    Input,
    Node,
    Scope,
    cumulative,
    growth,
    line,
    lowest,
    maximum,
    metric,
    per_period,
    power,
    total,
)
from finmodel.metrics.nodes import irr_of, irr_status_of, missing_ratio

cost_of_equity = Input("1/year", "Return that the owners ask for, after tax, nominal.")


@line("USD")
def discounted_equity_flow(m: Scope) -> Node:
    """Present value at close of the owners' cash flow."""
    return m.equity_flow * growth(m.cost_of_equity, -m.year)


@line("USD")
def cumulative_equity_flow(m: Scope) -> Node:
    """The owners' cash flow since close."""
    return cumulative(m.equity_flow)


@line("1")
def equity_irr_per_period(m: Scope) -> Node:
    """Internal rate of return of the owners' cash flow, per period, sought from the cost of equity."""
    return irr_of(m.equity_flow, per_period(m.cost_of_equity))


@line("USD")
def contributions_total(m: Scope) -> Node:
    """Paid in by the owners over the whole life."""
    return total(m.contributions)


@line("USD")
def distributions_total(m: Scope) -> Node:
    """Paid out to the owners over the whole life."""
    return total(m.distributions)


@metric("USD")
def equity_npv(m: Scope) -> Node:
    """Net present value at close of the owners' cash flow, at the cost of equity."""
    return total(m.discounted_equity_flow)


@metric("1")
def equity_irr(m: Scope) -> Node:
    """Internal rate of return of the owners' cash flow after tax, effective annual, a fraction."""
    return power(1 + m.equity_irr_per_period, m.periods_per_year) - 1


@metric("1")
def equity_irr_status(m: Scope) -> Node:
    """How sure the owners' rate of return is: 0 none, 1 unique, 2 multiple, 3 not converged."""
    return irr_status_of(m.equity_flow, per_period(m.cost_of_equity))


@metric("1")
def moic(m: Scope) -> Node:
    """Multiple on invested capital: sum of distributions over sum of contributions; without debt, of the project."""
    return missing_ratio(m.distributions_total, m.contributions_total)


@metric("USD")
def peak_equity(m: Scope) -> Node:
    """The most that the owners have paid in, net of what they have taken out, at any time."""
    return maximum(0, -lowest(m.cumulative_equity_flow))
