from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

from finmodel.errors import ModelFault
from finmodel.graph import Input, Model, Node, Scope, Timeline, line, metric, per_period, total, where
from finmodel.metrics import irr, payback
from finmodel.metrics.irr import STATUSES
from finmodel.metrics.nodes import irr_of, irr_status_of, missing_ratio, payback_of
from finmodel.render.plain import Evaluation, compile_plain
from finmodel.render.plan import Plan
from tests.graph.toys import model as toy

TIMELINE = Timeline(dt.date(2027, 3, 31), 120)


@line("USD")
def cash_flow(m: Scope) -> Node:
    """A year of building, a renewal in month 60, and the site cleared in the last month."""
    building = where(m.period <= 12, -m.cost / 12, m.margin)
    renewal = where((m.period >= 60) & (m.period < 61), m.renewal, 0)
    clearing = where(m.period >= 120, m.clearing, 0)
    return where(m.period > 0, building - renewal - clearing, 0)


@metric("1")
def rate(m: Scope) -> Node:
    """Internal rate of return a month."""
    return irr_of(m.cash_flow, per_period(m.hurdle))


@metric("1")
def status(m: Scope) -> Node:
    """Status of the rate."""
    return irr_status_of(m.cash_flow, per_period(m.hurdle))


@metric("1")
def months(m: Scope) -> Node:
    """Payback."""
    return payback_of(m.cash_flow)


@metric("USD")
def gain(m: Scope) -> Node:
    """Undiscounted."""
    return total(m.cash_flow)


@metric("1")
def return_on_cost(m: Scope) -> Node:
    """Undiscounted return."""
    return missing_ratio(m.gain, m.cost)


INPUTS = {
    "cost": Input("USD", "Building."),
    "margin": Input("USD", "A month."),
    "renewal": Input("USD", "Once."),
    "clearing": Input("USD", "At the end."),
    "hurdle": Input("1/year", "Hurdle rate."),
}


def project() -> Model:
    metrics = {"rate": rate, "status": status, "months": months, "gain": gain, "return_on_cost": return_on_cost}
    return toy(TIMELINE, **INPUTS, cash_flow=cash_flow, **metrics)


def evaluate(**changed: float) -> Evaluation:
    figures = {"cost": 100.0, "margin": 2.0, "renewal": 0.0, "clearing": 0.0, "hurdle": 0.1} | changed
    return compile_plain(Plan(project())).run(figures)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "unique"),
        ({"renewal": 60.0, "clearing": 60.0}, "multiple"),
        ({"margin": 0.5}, "unique"),
        ({"margin": 0.5, "clearing": 200.0}, "none"),
        ({"cost": 0.0}, "none"),
    ],
)
def test_the_models_metrics_are_the_peoples_to_the_last_bit(changed: dict[str, float], expected: str) -> None:
    found = evaluate(**changed)
    flows = np.asarray(found.rows["cash_flow"])
    alone = irr(flows[1:], guess=1.1 ** (1 / 12) - 1.0)
    assert STATUSES[int(found.scalars["status"])] == alone.status == expected
    assert found.scalars["rate"] == pytest.approx(alone.rate, abs=1e-14, nan_ok=True)
    assert repr(found.scalars["months"]) == repr(payback(flows))


def test_a_return_on_nothing_is_missing() -> None:
    assert evaluate().scalars["return_on_cost"] == pytest.approx(1.16)
    assert math.isnan(evaluate(cost=0.0).scalars["return_on_cost"])


@metric("1")
def annual_guess(m: Scope) -> Node:
    """A rate whose guess is a year's, not a period's."""
    return irr_of(m.cash_flow, m.hurdle)


def test_a_guess_must_be_a_rate_a_period() -> None:
    with pytest.raises(ModelFault, match="per_period"):
        toy(TIMELINE, **INPUTS, cash_flow=cash_flow, annual_guess=annual_guess)
