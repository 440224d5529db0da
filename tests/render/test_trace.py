"""The trace explains a cell down to figures, and its printed arguments recompute it."""

import math
import re
from typing import Any

import pytest

from finmodel.errors import Faults
from finmodel.graph import Input, balance, lag, lead, line, maximum, metric, minimum, ramp, total, where
from finmodel.graph.elementary import power
from finmodel.graph.writer import SCALARS
from finmodel.render.plain import compile_plain
from finmodel.render.plan import Plan
from finmodel.render.trace import Trace, trace
from tests.graph.toys import model

VALUES = {"price": 61.5, "load": 130.0, "start": 3.4, "growth_rate": 0.03, "fee": 250.0}


@line("MW")
def running(m: Any) -> Any:
    """Load in service."""
    return m.load * ramp((m.month - m.start) / m.months_per_period)


@line("USD")
def cost(m: Any) -> Any:
    """Cost of energy."""
    return m.running * m.hours * m.price * where(m.running > 0, 1, 0) + lag(m.cost, 2) / 7


@balance("USD")
def owed(m: Any) -> Any:
    """Owed to the supplier."""
    return m.cost, minimum(lag(m.cost), maximum(m.cost, 0))


@line("USD")
def reserve(m: Any) -> Any:
    """Half of the cost to come, at the end that of the closing load."""
    return (lead(m.cost) + lead(m.cost, 2, m.fee)) / 2


@metric("USD")
def life_cost(m: Any) -> Any:
    """Cost over life."""
    return total(m.cost)


MODEL = model(
    price=Input("USD/MWh", "Price."),
    load=Input("MW", "Load."),
    start=Input("month", "Start."),
    growth_rate=Input("1/year", "Growth."),
    running=running,
    cost=cost,
    owed=owed,
    reserve=reserve,
    fee=Input("USD", "Fee."),
    life_cost=life_cost,
)
EVALUATION = compile_plain(Plan(MODEL)).run(VALUES)


def explain(name: str, period: str | None = None) -> Trace:
    return trace(MODEL, EVALUATION, VALUES, lambda key: f"source of {key}", name, period)


def recompute(step: Any) -> float:
    """The step's formula over its arguments as printed."""
    formula = step.formula.replace("power(", "power_(")
    names = {"minimum": min, "maximum": max, "where": lambda c, a, b: a if c else b}
    names |= {"ramp": lambda x: min(max(x, 0.0), 1.0), "power_": lambda a, b: power(SCALARS, a, b)}
    for number, argument in enumerate(sorted(step.arguments, key=lambda argument: -len(argument.text))):
        formula = formula.replace(argument.text, f"@{number}@")
        names[f"v{number}"] = argument.value if argument.row is None else argument.row
    formula = re.sub(r"@(\d+)@", r"v\1", formula).replace("total(", "sum(")
    return float(eval(formula, {"sum": sum}, names))


@pytest.mark.parametrize("period", ["2027-03", "2027-05", "2027-07", "2029-02", "2029-03"])
@pytest.mark.parametrize("name", ["cost", "owed", "reserve", "life_cost"])
def test_the_arguments_of_every_step_recompute_it(name: str, period: str) -> None:
    for step in explain(name, period).steps:
        assert math.isclose(recompute(step), step.value, rel_tol=1e-12, abs_tol=1e-12), step


def test_it_goes_down_to_figures_with_their_sources() -> None:
    text = str(explain("cost", "2027-07"))
    for key in ("price", "load", "start"):
        assert f"source of {key}" in text
    assert "61.5 USD/MWh" in text


def test_a_lead_says_the_month_it_reads_or_that_it_is_past_the_end() -> None:
    (step, *_) = explain("reserve", "2029-02").steps
    assert step.formula == "(cost[+1] + cost[+2]) / 2"
    read = {argument.text: (argument.period, argument.value) for argument in step.arguments}
    assert read["cost[+1]"] == ("2029-03", EVALUATION.rows["cost"][-1])
    assert read["cost[+2]"] == ("closing", 250.0)
    assert read["fee"] == (None, 250.0)


def test_each_line_item_stands_once() -> None:
    names = [step.name for step in explain("owed", "2028-01").steps]
    assert len(names) == len(set(names))
    assert names[0] == "owed"


def test_an_input_can_be_explained() -> None:
    assert "source of price" in str(explain("price"))


def test_an_unknown_line_gets_the_nearest_valid_name() -> None:
    with pytest.raises(Faults, match="is it 'cost'"):
        explain("costs")


@pytest.mark.parametrize("name", ["cost", "life_cost", "price"])
@pytest.mark.parametrize("period", ["2050-01", "2027-13", "March", ""])
def test_what_is_no_month_of_the_timeline_is_refused_whatever_is_explained(name: str, period: str) -> None:
    with pytest.raises(Faults, match="a month from 2027-03 to 2029-03"):
        explain(name, period)
