"""Small models, and how they become workbooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finmodel.graph import (
    Input,
    Model,
    Shock,
    Timeline,
    across,
    balance,
    cumulative,
    exp,
    growth,
    highest,
    highest_where,
    lag,
    lead,
    line,
    log,
    lowest,
    lowest_where,
    maximum,
    metric,
    minimum,
    opening,
    per_period,
    power,
    ramp,
    ratio,
    sqrt,
    total,
    where,
)
from finmodel.metrics.nodes import irr_of, irr_status_of, missing_ratio, payback_of
from finmodel.render.excel import Rendered, render
from finmodel.render.plain import Evaluation, compile_plain
from finmodel.render.plan import Plan
from finmodel.render.sheet import Sheet, Style
from finmodel.report.pages.returns import returns_sheet
from finmodel.report.painting import paint
from tests.graph.toys import MONTHLY, model

LIVE = 4


def laid_out(
    model: Model, values: Mapping[str, float], shocks: Mapping[str, NDArray[np.float64]] | None = None
) -> tuple[Sheet, Rendered, Evaluation]:
    """The sheet of inputs, the sheets of the model, and what Python computes."""
    inputs = Sheet("Inputs")
    for column, head in enumerate(("Key", "Live", "Base"), 1):
        inputs.text(0, column, head, "head")
    for row, name in enumerate(model.inputs, 1):
        inputs.text(row, 1, name)
        inputs.formula(row, 2, f"D{row + 1}", values[name], Style("formula"))
        inputs.number(row, 3, values[name], Style("input"))
    addresses = {name: f"Inputs!$C${row + 1}" for row, name in enumerate(model.inputs, 1)}
    evaluation = compile_plain(Plan(model)).run(values, shocks)
    return inputs, render(model, evaluation, values, addresses), evaluation


def written(
    path: Path, model: Model, values: Mapping[str, float], shocks: Mapping[str, NDArray[np.float64]] | None = None
) -> Evaluation:
    """Write a small model as a workbook."""
    inputs, rendered, evaluation = laid_out(model, values, shocks)
    rendered.constants.finish()
    sheets = [
        inputs,
        rendered.constants.sheet,
        *([] if rendered.series is None else [rendered.series]),
        *rendered.pages.values(),
        rendered.workings,
        returns_sheet(model, rendered, dict.fromkeys(model.metrics, "estimate")),
    ]
    paint(path, sheets, title="Toy", version="test", written=dt.date(2027, 3, 31))
    return evaluation


VALUES = {
    "load": 900.0,
    "price": 61.5,
    "rise": 0.03,
    "start": 4.3,
    "a_year": 1.0,
    "life": 7.6,
    "outlay": 250_000.0,
    "cash_at_close": 1_000.0,
    "size.first": 3.0,
    "size.second": 5.0,
}


def everything(timeline: Timeline = MONTHLY) -> Model:
    """A model with every operation, lags and leads of 1 and 3 periods, corkscrews, cohorts and reductions."""

    @line("MWh")
    def energy(m):
        """Energy at the meter. It needs a change of scale."""
        return (m.load * m.hours).to("MWh")

    @line("1")
    def in_service(m):
        """Clipped share of the period in service."""
        return ramp((m.month - m.start) / m.months_per_period) - ramp(
            (m.month - m.start - m.life) / m.months_per_period
        )

    @line("USD")
    def revenue(m):
        """Revenue, indexed and disturbed."""
        return m.energy * m.price * growth(m.rise, m.year) * m.in_service * (1 + 0.1 * m.weather)

    @line("USD")
    def outlays(m):
        """The outlay at close."""
        return where(m.period <= 0, m.outlay, 0)

    @line("USD")
    def received(m):
        """Revenue of three periods ago; before close, the outlay."""
        return lag(m.revenue, 3, m.outlay)

    @line("USD")
    def expected(m):
        """Revenue of the next period and of the third after; past the end, a share of the opening cash."""
        return lead(m.revenue) + lead(m.revenue, 3, m.cash_at_close / 8)

    @line("1")
    def flat_ahead(m):
        """Reads what does not vary, in the future."""
        return lead(m.flat, 2) - lead(m.since * 2, 1, 5)

    @line("USD")
    def change(m):
        """Change of revenue less its negative."""
        return m.revenue - (m.outlays - lag(m.revenue - m.outlays)) - -m.received

    @line("USD")
    def running(m):
        """Running sum of the change."""
        return cumulative(m.change)

    @balance("USD")
    def cash(m):
        """Cash."""
        return m.revenue, m.outlays, m.cash_at_close

    @line("1", each="phase")
    def built(m, phase):
        """Share built of each phase."""
        return ramp((m.month - m.start) / m.months_per_period) * m.size[phase]

    @line("1")
    def all_built(m):
        """Phases together, a share of the opening cash, growth since close."""
        return across(m.built) + minimum(opening(m.cash) / m.outlay, 1) * maximum(m.rise * m.year, 0)

    @line("1")
    def age(m):
        """Years since close as a pure number."""
        return m.year / m.a_year

    @line("1")
    def shape(m):
        """Elementary functions."""
        return exp(-m.age) + log(1 + m.age) + sqrt(m.age) + power(m.in_service, 1.5) - ratio(m.in_service, m.age, -2)

    @line("1")
    def season(m):
        """Calendar and choices."""
        inside = where((m.calendar_month >= 4) & (m.calendar_month < 9), 1, 0)
        return inside + m.tax_year_end + where(m.revenue > m.outlay / 10, m.all_built, per_period(m.rise))

    @line("USD")
    def flow(m):
        """Cash flow."""
        return m.revenue - m.outlays

    @metric("USD")
    def net(m):
        """Sum of the flow."""
        return total(m.flow)

    @metric("USD")
    def sold(m):
        """Sum of revenue."""
        return total(m.revenue)

    @metric("1")
    def multiple(m):
        """What comes back, over the worst and the best."""
        return ratio(total(m.revenue), -lowest(m.flow), 0) + highest(m.season)

    @metric("1")
    def rate(m):
        """Rate of return a period."""
        return irr_of(m.flow, per_period(m.rise))

    @metric("1")
    def rate_status(m):
        """Code of its status."""
        return irr_status_of(m.flow, per_period(m.rise))

    @metric("month")
    def months_until_paid(m):
        """Payback in months."""
        return m.paid * m.months_per_period

    @metric("1")
    def paid(m):
        """Payback in periods."""
        return payback_of(m.flow)

    @metric("USD")
    def best_in_season(m):
        """Highest revenue of the season."""
        return highest_where(m.revenue, m.season - 1)

    @metric("USD")
    def worst_when_full(m):
        """Lowest flow while more than half is in service."""
        return lowest_where(m.flow, m.in_service - 0.5)

    @metric("month")
    def never(m):
        """Missing: no season is so strong."""
        return lowest_where(m.month, m.season - 1000)

    @metric("month")
    def a_month_after_never(m):
        """Missing too."""
        return m.never + m.months_per_period

    @metric("1")
    def quotient(m):
        """Missing where nothing is sold."""
        return missing_ratio(m.net, m.sold)

    @line("1")
    def flat(m):
        """Does not vary in time."""
        return power(1 + m.rise * m.a_year, 0.25) * 3

    @line("1")
    def since(m):
        """Reads what does not vary, in the past."""
        return lag(m.flat, 2, 7) - m.flat

    parts = [
        energy,
        in_service,
        revenue,
        outlays,
        received,
        expected,
        change,
        running,
        cash,
        built,
        all_built,
        age,
        shape,
        season,
    ]
    parts += [flow, net, sold, multiple, rate, rate_status, months_until_paid, paid, quotient, flat, since]
    parts += [flat_ahead, best_in_season, worst_when_full, never, a_month_after_never]
    return model(
        timeline,
        {"phase": ("first", "second")},
        load=Input("kW", "Load."),
        price=Input("USD/MWh", "Price."),
        rise=Input("1/year", "Growth of the price.", low=-1),
        start=Input("month", "Start after close."),
        a_year=Input("year", "One year."),
        life=Input("month", "Life."),
        outlay=Input("USD", "Outlay."),
        cash_at_close=Input("USD", "Cash at close."),
        size=Input("1", "Size.", each="phase"),
        weather=Shock("Weather."),
        **{part.name: part for part in parts},
    )
