"""Small uncertain models and figures for them."""

from collections.abc import Mapping

import numpy as np

from finmodel.assumptions.bound import BoundFigure
from finmodel.assumptions.figure import Figure
from finmodel.assumptions.range import Range
from finmodel.graph import Input, Model, Shock, exp, growth, lag, line, lowest, metric, ratio, sqrt, total, where
from finmodel.render.plan import Plan
from finmodel.render.vector import compile_vector
from finmodel.simulate.run import simulate
from finmodel.simulate.sampler import Sampler
from finmodel.simulate.simulation import Simulation
from tests.graph.toys import MONTHLY, model

PRICE, VOLUME, COST, OUTLAY, VOLATILITY = (
    Range("pert", (8.0, 10.0, 14.0)),
    Range("triangular", (80.0, 100.0, 110.0)),
    Range("lognormal", (500.0, 100.0)),
    Range("normal", (9_000.0, 700.0), 5_000.0),
    Range("uniform", (0.1, 0.3)),
)


def project() -> Model:
    """A project whose price wanders: its value, its margin, and a payback that may not exist."""

    @line("1")
    def price_level(m):
        """Geometric walk."""
        return lag(m.price_level, 1, 1.0) * exp(
            m.volatility * sqrt(m.years_per_period) * m.price_shock * where(m.period > 0.0, 1.0, 0.0)
        )

    @line("USD")
    def cash_flow(m):
        """Revenue less cost, the outlay at close."""
        running = where(m.period > 0.0, m.price * m.volume * m.price_level - m.cost, 0)
        return running - where(m.period > 0.0, 0, m.outlay)

    @metric("USD")
    def project_npv(m):
        """Net present value."""
        return total(m.cash_flow * (1 / growth(m.rate, m.year)))

    @metric("USD")
    def worst_flow(m):
        """The lowest flow."""
        return lowest(m.cash_flow)

    @metric("1")
    def margin(m):
        """Share of the outlay that comes back."""
        return ratio(total(m.cash_flow) + m.outlay, m.outlay, 0)

    return model(
        MONTHLY,
        price=Input("USD", "Price of a unit."),
        volume=Input("1", "Units a month."),
        cost=Input("USD", "Cost a month."),
        outlay=Input("USD", "Paid at close."),
        rate=Input("1/year", "Discount rate."),
        volatility=Input("1/year**0.5", "Volatility of the price."),
        price_shock=Shock("Shock to the price."),
        price_level=price_level,
        cash_flow=cash_flow,
        project_npv=project_npv,
        worst_flow=worst_flow,
        margin=margin,
    )


def hilliers_project(flows: int = 4) -> tuple[Model, dict[str, float | Range], dict[str, float]]:
    """An outlay, then four yearly flows that move as one or each by itself; with what it is given and its base case.

    Hillier, "The derivation of probabilistic information for the evaluation of risky investments", 1963: the flows are
    normal, and so is the net present value, with mean and standard deviation known.
    """
    names = [f"flow_{year if flows > 1 else 1}" for year in range(1, 5)]

    @metric("USD")
    def project_npv(m):
        """Net present value."""
        return sum((m[name] * (1 / growth(m.rate, m.span * year)) for year, name in enumerate(names, 1)), -m.outlay)

    inputs = {name: Input("USD", "Flow of a year.", low=None) for name in dict.fromkeys(names)}
    made = model(
        **inputs,
        outlay=Input("USD", "Outlay."),
        rate=Input("1/year", "Discount rate."),
        span=Input("year", "One year."),
        project_npv=project_npv,
    )
    certain = {"outlay": 10_000.0, "rate": 0.1, "span": 1.0}
    given = {name: Range("normal", (4_000.0, 2_000.0)) for name in inputs}
    return made, given | certain, dict.fromkeys(inputs, 4_000.0) | certain


HILLIERS_MEAN = sum(4_000.0 / 1.1**year for year in range(1, 5)) - 10_000.0
HILLIERS_SD = {
    1: sum(2_000.0 / 1.1**year for year in range(1, 5)),
    4: sum((2_000.0 / 1.1**year) ** 2 for year in range(1, 5)) ** 0.5,
}
"""Of flows that move as one, and of four that move each by itself."""

PROJECT = {
    "price": PRICE,
    "volume": VOLUME,
    "cost": COST,
    "outlay": OUTLAY,
    "rate": 0.1,
    "volatility": VOLATILITY,
}
BASE = {"price": 10.0, "volume": 100.0, "cost": 500.0, "outlay": 9_000.0, "rate": 0.1, "volatility": 0.2}


def figures(made: Model, given: Mapping[str, float | Range], base: Mapping[str, float]) -> dict[str, BoundFigure]:
    """A figure for every input: a number is certain."""
    found = {}
    for name, declared in made.inputs.items():
        figure = Figure(value=base[name], unit=declared.unit, as_of="2026", grade="estimate", note="For a test.")
        one = given[name]
        found[name] = BoundFigure(name, base[name], declared.unit, one if isinstance(one, Range) else None, figure)
    return found


Bound = tuple[dict[str, BoundFigure], tuple[str, ...], np.ndarray]


def bound(made: Model, given: Mapping[str, float | Range], base: Mapping[str, float], **options) -> Bound:
    """Figures, dimensions and correlation; every ranged input is a dimension unless told, and none is correlated."""
    dimensions = options.pop("dimensions", tuple(name for name in made.inputs if isinstance(given[name], Range)))
    return figures(made, given, base), dimensions, options.pop("correlation", np.eye(len(dimensions)))


def drawn_again(
    made: Model, given: Mapping[str, float | Range], base: Mapping[str, float], metric: str = "project_npv"
):
    """One metric of a model, compiled once, as a function of design, paths and seed."""
    figures, dimensions, correlation = bound(made, given, base)
    plan, shocks = Plan(made), bool(made.shocks)
    kernel = compile_vector(plan, dimensions, shocks=shocks, outputs=(metric,))
    tables = kernel.tables(base)

    def values(design: str, paths: int, seed: int) -> np.ndarray:
        draws = Sampler(figures, dimensions, correlation, paths=paths, seed=seed, design=design).draw()
        out = np.empty((2, paths))
        kernel.run(tables, draws, out, seed=seed)
        return out[0]

    return values


def run(made: Model, given: Mapping[str, float | Range], base: Mapping[str, float], **options) -> Simulation:
    """A simulation."""
    shape = {name: options.pop(name) for name in ("dimensions", "correlation") if name in options}
    return simulate(Plan(made), *bound(made, given, base, **shape), **options)
