"""Processes: general inflation and the base rate of interest, and how a rate or price that reverts moves in a period.

Each deviation is an Ornstein-Uhlenbeck process, exact at the ends of periods of any length: a share of it stays, and a
normal shock comes on top. Prices of GPU-hours and of electricity move alike; they stand with their own subjects.
Source: Vasicek (1977), An equilibrium characterization of the term structure, Journal of Financial Economics 5(2);
Gillespie (1996), Exact numerical simulation of the Ornstein-Uhlenbeck process and its integral, Physical Review E
54(2).
"""

from finmodel.graph import Input, Node, Scope, Shock, lag, line, log, per_period, ratio, sqrt, where

inflation_volatility = Input("1/year**1.5", "Volatility of inflation about its figure.")
inflation_reversion = Input(
    "1/year", "Share of inflation's deviation from its figure that is gone after a year.", high=1
)
base_rate_now = Input("1/year", "Base rate of floating loans at close, nominal.", low=-1)
base_rate_mean = Input("1/year", "Rate to which the base rate reverts.", low=-1)
base_rate_volatility = Input("1/year**1.5", "Volatility of the base rate.")
base_rate_reversion = Input(
    "1/year", "Share of the base rate's distance from its mean that is gone after a year.", high=1
)
base_rate_correlation = Input(
    "1", "Correlation of the shocks to the base rate with those to inflation.", low=-1, high=1
)

inflation_shock = Shock("Shock to inflation.")
base_rate_shock = Shock("Shock to the base rate, before its correlation with inflation.")


def kept(reversion: Node) -> Node:
    """Share of a deviation that is left after a period."""
    return 1 + per_period(-reversion)


def step(m: Scope, reversion: Node, volatility: Node) -> Node:
    """Standard deviation of what a period's shock adds to a deviation that reverts.

    The variance of a random walk over the period, times (1 - q) / -ln q, where q is the square of the share kept:
    1 without reversion, 0 where nothing is kept.
    """
    squared = kept(reversion) * kept(reversion)
    share = where(squared > 0, ratio(1 - squared, -log(squared), 1), 0)
    return volatility * sqrt(m.years_per_period * share)


def correlated(correlation: Node, common: Node, own: Node) -> Node:
    """A standard normal shock with this correlation to the common one: r z1 + (1 - r^2)^(1/2) z2."""
    return correlation * common + sqrt(1 - correlation * correlation) * own


@line("1/year")
def inflation_step(m: Scope) -> Node:
    """Standard deviation of a period's shock to inflation."""
    return step(m, m.inflation_reversion, m.inflation_volatility)


@line("1/year")
def inflation_deviation(m: Scope) -> Node:
    """Inflation over its figure: none in the base case, which is the median of the paths."""
    return lag(m.inflation_deviation) * kept(m.inflation_reversion) + m.inflation_step * m.inflation_shock


@line("1")
def price_surprise(m: Scope) -> Node:
    """Logarithm of general prices over the index that the inflation figure gives; wages keep up with it."""
    return lag(m.price_surprise) + m.inflation_deviation * m.years_per_period


@line("1/year")
def base_rate_step(m: Scope) -> Node:
    """Standard deviation of a period's shock to the base rate."""
    return step(m, m.base_rate_reversion, m.base_rate_volatility)


@line("1/year")
def base_rate(m: Scope) -> Node:
    """Base rate of floating loans at the end of the period, nominal: it reverts to its mean and takes a shock a period.

    The base case goes from the rate at close towards the mean. As a normal variable it may fall below zero.
    """
    stays = where(m.period > 0, kept(m.base_rate_reversion), 1)
    shock = correlated(m.base_rate_correlation, m.inflation_shock, m.base_rate_shock)
    away = lag(m.base_rate, opening=m.base_rate_now) - m.base_rate_mean
    return m.base_rate_mean + away * stays + m.base_rate_step * shock
