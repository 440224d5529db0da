"""Tornado and spider: what a linear model must give, what is missing, and that each input moves alone."""

import math

import numpy as np
import pytest

from finmodel.assumptions.range import Range
from finmodel.errors import CalculationFault, Faults
from finmodel.graph import Input, log, metric
from finmodel.graph.assemble import extended
from finmodel.metrics.nodes import payback_of
from finmodel.simulate.distributions import ppf
from finmodel.simulate.sensitivity.one_at_a_time import LEGS, spider, tornado
from tests.graph.toys import model
from tests.simulate.subjects import COEFFICIENTS, MIDDLES, RANGES, linear_subject, subject
from tests.simulate.toys import BASE, PROJECT, project


def test_the_swing_of_a_linear_model_is_coefficient_times_range():
    found = tornado(linear_subject(), "value")
    assert list(found.table.index) == ["b", "a", "c"]
    for name, row in found.table.iterrows():
        low, high = ppf(RANGES[name], np.array([0.05, 0.95]))
        assert (row["low"], row["high"]) == (low, high)
        assert row["swing"] == pytest.approx(abs(COEFFICIENTS[name]) * (high - low), rel=1e-12)
        assert row["at_high"] - found.base == pytest.approx(COEFFICIENTS[name] * (high - MIDDLES[name]), rel=1e-12)
    assert (found.base, found.unit) == (20.0, "USD")


def test_an_input_that_lowers_the_metric_at_both_ends_swings_from_the_base():
    @metric("1")
    def value(m):
        """A hill."""
        return -(m.a * m.a)

    made = model(a=Input("1", "A number.", low=None), value=value)
    found = tornado(subject(made, {"a": Range("normal", (0.0, 1.0))}, {"a": 0.0}), "value")
    assert found.table.loc["a", "at_low"] == pytest.approx(found.table.loc["a", "at_high"])
    assert found.table.loc["a", "swing"] == pytest.approx(1.6448536269514722**2)


def payback_subject():
    """A payback that does not exist where the cost of a month is high."""

    @metric("1")
    def paid_back(m):
        """Periods until the outlay is back."""
        return payback_of(m.cash_flow)

    given = BASE | {"cost": Range("uniform", (400.0, 1_000.0)), "outlay": Range("uniform", (1_000.0, 1_100.0))}
    return subject(extended(project(), paid_back), given, BASE | {"cost": 900.0, "outlay": 1_050.0})


def test_an_input_at_whose_percentile_the_metric_does_not_exist_comes_first_without_a_swing():
    found = tornado(payback_subject(), "paid_back")
    assert list(found.table.index) == ["cost", "outlay"]
    assert math.isnan(found.table.loc["cost", "at_high"])
    assert math.isnan(found.table.loc["cost", "swing"])
    assert found.table.loc["cost", "at_low"] > 0
    assert found.table.loc["outlay", "swing"] > 0
    assert "none" in str(found)


def test_shocks_are_zero_and_each_input_moves_alone_which_is_said():
    free = tornado(linear_subject(), "value")
    tied = tornado(linear_subject({(0, 2): 0.6}), "value")
    assert tied.table.equals(free.table)
    assert not any("move with others" in note for note in free.notes)
    assert any("these move with others, here alone all the same: a, c" in note for note in tied.notes)
    made = project()
    at_base = tornado(subject(made, PROJECT, BASE), "project_npv")
    assert at_base.table.loc["volatility", "swing"] == 0.0


def test_an_event_whose_percentiles_are_alike_is_named():
    found = tornado(linear_subject(c=Range("bernoulli", (0.02,))), "value")
    assert found.table.loc["c", "swing"] == pytest.approx(0.5 * MIDDLES["c"])
    assert any(note == "P5 and P95 are the same value: c" for note in found.notes)


def test_an_input_that_breaks_the_arithmetic_is_a_fault_that_names_the_line():
    @metric("1")
    def value(m):
        """A logarithm of what may be below zero."""
        return log(m.a)

    made = model(a=Input("1", "A number.", low=None), value=value)
    with pytest.raises(CalculationFault, match="line 'value'"):
        tornado(subject(made, {"a": Range("normal", (1.0, 5.0))}, {"a": 1.0}), "value")


def test_an_unknown_metric_is_a_fault_that_names_the_nearest():
    with pytest.raises(Faults, match="did you mean value"):
        tornado(linear_subject(), "valeu")


def test_a_tornado_without_uncertain_inputs_is_empty():
    found = tornado(subject(linear_subject().model, MIDDLES, MIDDLES), "value")
    assert found.table.empty
    assert found.base == 20.0


def test_a_spider_of_a_linear_model_is_the_line_through_its_quantiles():
    found = spider(linear_subject(), "value", ["c", "a"], [0.1, 0.5, 0.9])
    assert list(found.table["input"]) == ["c"] * 3 + ["a"] * 3
    for _, row in found.table.iterrows():
        name = row["input"]
        assert row["value"] == float(ppf(RANGES[name], row["quantile"]))
        expected = 20.0 + COEFFICIENTS[name] * (row["value"] - MIDDLES[name])
        assert row["result"] == pytest.approx(expected, rel=1e-12)


def test_the_ends_of_a_spider_are_the_ends_of_the_tornado():
    examined = subject(project(), PROJECT, BASE)
    legs, swings = spider(examined, "project_npv"), tornado(examined, "project_npv")
    for name, row in swings.table.iterrows():
        leg = legs.table[legs.table["input"] == name].set_index("quantile")["result"]
        assert (leg[0.05], leg[0.95]) == (row["at_low"], row["at_high"])


def test_a_spider_takes_the_widest_inputs_where_none_are_chosen():
    names = [f"x{place}" for place in range(LEGS + 2)]

    @metric("1")
    def value(m):
        """A sum with rising weights."""
        return sum((m[name] * place for place, name in enumerate(names)), 0.0)

    made = model(**{name: Input("1", "A number.", low=None) for name in names}, value=value)
    examined = subject(made, dict.fromkeys(names, Range("normal", (0.0, 1.0))), dict.fromkeys(names, 0.0))
    assert list(spider(examined, "value").table["input"].unique()) == names[:1:-1]


@pytest.mark.parametrize(
    ("inputs", "quantiles", "said"),
    [
        (["a", "bb"], [0.5], "bb: is no input"),
        (["c"], [0.5], "c: is certain"),
        (["a"], [0.0, 0.5], "quantiles: is no quantile"),
        (["a"], [1.0], "is no quantile"),
    ],
)
def test_a_spider_of_what_cannot_be_is_a_fault(inputs, quantiles, said):
    with pytest.raises(Faults, match=said):
        spider(linear_subject(c=4.0), "value", inputs, quantiles)


def test_a_spider_says_all_that_is_wrong_with_it_at_once():
    with pytest.raises(Faults) as raised:
        spider(linear_subject(c=4.0), "value", ["c", "d"], [0.5, 1.5])
    assert [fault.key for fault in raised.value.faults] == ["quantiles", "c", "d"]
