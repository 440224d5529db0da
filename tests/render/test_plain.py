"""The plain rendering against numbers computed by hand."""

import math
import traceback
from typing import Any

import numpy as np
import pytest

from finmodel.errors import CalculationFault
from finmodel.graph import (
    Input,
    Model,
    Shock,
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
from finmodel.render.plain import Evaluation, compile_plain
from finmodel.render.plan import Plan
from tests.graph.toys import model

T = 24
MONTHS = np.arange(T + 1, dtype=float)


def run(made: Model, shocks: dict[str, Any] | None = None, **values: float) -> Evaluation:
    return compile_plain(Plan(made)).run(values, shocks)


def one(unit: str, formula: Any, **values: float) -> Any:
    """The row or number of one line over inputs a and b without unit."""

    @line(unit)
    def probe(m: Any) -> Any:
        """Probe."""
        return formula(m)

    @line("1")
    def ticks(m: Any) -> Any:
        """The period."""
        return m.period + 0

    inputs = {name: Input("1/year" if name == "rate" else "1", "An input.", low=None) for name in values}
    result = run(model(probe=probe, ticks=ticks, **inputs), **values)
    return result.rows["probe"] if "probe" in result.rows else result.scalars["probe"]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (lambda m: m.ticks * 2 - 1, MONTHS * 2 - 1),
        (lambda m: -m.ticks / 4, -MONTHS / 4),
        (lambda m: 12 - m.ticks - (5 - m.ticks), np.full(T + 1, 7.0)),
        (lambda m: 24 / (1 + m.ticks) / 2, 24 / (1 + MONTHS) / 2),
        (lambda m: 24 / ((1 + m.ticks) / 2), 24 / ((1 + MONTHS) / 2)),
        (lambda m: minimum(m.ticks, 5), np.minimum(MONTHS, 5)),
        (lambda m: maximum(m.ticks, 5), np.maximum(MONTHS, 5)),
        (lambda m: where((m.ticks >= 3) & (m.ticks < 6), 1, 0), ((MONTHS >= 3) & (MONTHS < 6)) * 1.0),
        (lambda m: where(m.ticks > 0, 1 / m.ticks, 7), np.concatenate([[7.0], 1 / MONTHS[1:]])),
        (lambda m: ratio(1, m.ticks, 7), np.concatenate([[7.0], 1 / MONTHS[1:]])),
        (lambda m: ratio(ratio(1, m.ticks, 2), ratio(m.ticks, 1, 3), 5), np.concatenate([[5.0], 1 / MONTHS[1:] ** 2])),
        (lambda m: ramp((m.ticks - 3.5) / 2), np.clip((MONTHS - 3.5) / 2, 0, 1)),
        (lambda m: power(1.1, m.ticks), 1.1**MONTHS),
        (lambda m: sqrt(m.ticks), np.sqrt(MONTHS)),
        (lambda m: exp(m.ticks / 10), np.exp(MONTHS / 10)),
        (lambda m: log(1 + m.ticks), np.log1p(MONTHS)),
        (lambda m: lag(m.ticks), np.concatenate([[0.0], MONTHS[:-1]])),
        (lambda m: lag(m.ticks, 3, 9), np.concatenate([[9.0] * 3, MONTHS[:-3]])),
        (lambda m: lag(m.ticks * 2, 2), np.concatenate([[0.0] * 2, 2 * MONTHS[:-2]])),
        (lambda m: lead(m.ticks), np.concatenate([MONTHS[1:], [0.0]])),
        (lambda m: lead(m.ticks, 3, 9), np.concatenate([MONTHS[3:], [9.0] * 3])),
        (lambda m: lead(m.ticks * 2, 2), np.concatenate([2 * MONTHS[2:], [0.0] * 2])),
        (lambda m: lead(m.ticks, T + 5, 7), np.full(T + 1, 7.0)),
        (lambda m: lead(lead(m.ticks, 2, 1), 1, 5), np.concatenate([MONTHS[3:], [1.0] * 2, [5.0]])),
        (lambda m: lead(lag(m.ticks, 2, 6), 2, 8), np.concatenate([MONTHS[:-2], [8.0] * 2])),
        (lambda m: cumulative(m.ticks), np.cumsum(MONTHS)),
        (lambda m: cumulative(m.ticks * 2) + 1, 2 * np.cumsum(MONTHS) + 1),
    ],
)
def test_each_operation_computes_what_it_says(formula: Any, expected: Any) -> None:
    np.testing.assert_allclose(one("1", formula), expected, rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (lambda m: total(m.ticks), 300.0),
        (lambda m: lowest(m.ticks - 7), -7.0),
        (lambda m: highest(m.ticks - 7), 17.0),
        (lambda m: total(m.ticks) / highest(m.ticks), 12.5),
        (lambda m: per_period(m.rate) + 1, 1.1 ** (1 / 12)),
        (lambda m: lowest(lag(m.ticks, 1, m.a)), -5.0),
        (lambda m: lowest_where(m.ticks * 2, m.ticks - 7), 16.0),
        (lambda m: highest_where(-m.ticks, m.ticks - 7), -8.0),
        (lambda m: highest_where(m.ticks, 7 - m.ticks), 6.0),
        (lambda m: lowest_where(m.ticks - 30, 0 * m.ticks + m.a), np.nan),
        (lambda m: highest_where(m.ticks + 30, 0 * m.ticks), np.nan),
        (lambda m: lowest_where(m.ticks + 5, where(m.period >= T, 1, 0)), T + 5),
    ],
)
def test_reductions_and_rates(formula: Any, expected: float) -> None:
    assert one("1", formula, rate=0.1, a=-5.0) == pytest.approx(expected, rel=1e-14, nan_ok=True)


def test_convention_2_growth_is_effective_annual() -> None:
    np.testing.assert_allclose(one("1", lambda m: growth(m.rate, m.year), rate=0.1), 1.1 ** (MONTHS / 12), rtol=1e-14)


def test_a_row_that_needs_a_total_runs_in_a_later_stage() -> None:
    shares = one("1", lambda m: lag(m.ticks) / total(m.ticks))
    np.testing.assert_allclose(shares, np.concatenate([[0.0], MONTHS[:-1]]) / 300.0, rtol=1e-15)


def test_a_ratio_keeps_its_divisor_while_an_opening_in_its_numerator_is_a_ratio_too() -> None:
    row = one("1", lambda m: ratio(lag(m.ticks, 1, ratio(m.a, m.b, 0)), m.c, 0), a=6.0, b=2.0, c=4.0)
    assert row[:3].tolist() == [0.75, 0.0, 0.25]


def test_a_corkscrew_carries_its_closing_balance_forward() -> None:
    @balance("1")
    def stock(m: Any) -> Any:
        """Half of the stock goes each period."""
        return m.period, opening(m.stock) / 2, m.first

    rows = run(model(stock=stock, first=Input("1", "First stock.")), first=64.0).rows
    assert rows["stock.opening"][0] == 64.0
    np.testing.assert_array_equal(rows["stock"], rows["stock.opening"] + rows["stock.added"] - rows["stock.less"])
    np.testing.assert_array_equal(rows["stock.opening"][1:], rows["stock"][:-1])
    assert rows["stock"][:3].tolist() == [32.0, 17.0, 10.5]


def test_a_shock_is_zero_unless_given() -> None:
    @line("1")
    def walk(m: Any) -> Any:
        """A random walk."""
        return lag(m.walk) + m.z

    made = model(walk=walk, z=Shock("A shock."))
    assert not run(made).rows["walk"].any()
    drawn = np.linspace(-1, 1, T + 1)
    np.testing.assert_allclose(run(made, {"z": drawn}).rows["walk"], np.cumsum(drawn), atol=1e-15)


@pytest.mark.parametrize(
    ("formula", "why", "period"),
    [
        (lambda m: 1 / (m.ticks - 3), "division by zero", "2027-06"),
        (lambda m: log(5 - m.ticks), "logarithm of 0", "2027-08"),
        (lambda m: power(4 - m.ticks, 0.5), "-1 to the power 0.5", "2027-08"),
        (lambda m: exp(m.ticks * 100), "exponential of 800", "2027-11"),
        (lambda m: minimum(exp(m.ticks * 100), 1), "exponential of 800", "2027-11"),
        (lambda m: m.ticks * 1e307 * m.ticks, "not a finite number", "2027-08"),
        (lambda m: ratio(1, m.ticks * 1e308 - m.ticks * 1e308, 7), "not a finite number", "2027-05"),
    ],
)
def test_arithmetic_out_of_bounds_names_line_and_period(formula: Any, why: str, period: str) -> None:
    with pytest.raises(CalculationFault, match=why) as caught:
        one("1", formula)
    assert (caught.value.line, caught.value.period) == ("probe", period)


def test_a_constant_line_out_of_bounds_names_no_period() -> None:
    with pytest.raises(CalculationFault) as caught:
        one("1", lambda m: 1 / m.a, a=0.0)
    assert (caught.value.line, caught.value.period) == ("probe", None)


def test_the_source_is_readable_and_shown_in_tracebacks() -> None:
    @line("1")
    def share(m: Any) -> Any:
        """A share."""
        return 1 / (m.period - m.a)

    plain = compile_plain(Plan(model(share=share, a=Input("1", "An input."))))
    assert "share = 1.0 / (period_row[t] - a)" in plain.source
    with pytest.raises(CalculationFault) as caught:
        plain.run({"a": 2.0})
    assert "share = 1.0 / (period_row[t] - a)" in "".join(traceback.format_exception(caught.value))


def test_a_division_by_a_path_constant_is_a_multiplication_by_its_reciprocal() -> None:
    @line("1")
    def share(m: Any) -> Any:
        """A share."""
        return m.period / m.a

    plain = compile_plain(Plan(model(share=share, a=Input("1", "An input."))))
    assert "share = period_row[t] * (1.0 / a)" in plain.source
    assert plain.run({"a": 3.0}).rows["share"][7] == 7.0 * (1.0 / 3.0)


def test_a_metric_reads_as_one_number() -> None:
    @metric("1")
    def all_of_it(m: Any) -> Any:
        """Everything."""
        return total(m.period)

    assert math.isclose(run(model(all_of_it=all_of_it)).scalars["all_of_it"], 300.0)


@pytest.mark.parametrize(
    "name",
    ["range", "series", "length", "t", "min", "power", "total", "ticks_row", "period_row", "racks__first", "run"],
)
def test_no_name_of_an_input_disturbs_the_generated_source(name: str) -> None:
    @line("1")
    def ticks(m: Any) -> Any:
        """The period."""
        return m.period + 0

    @line("1")
    def probe(m: Any) -> Any:
        """Reads inputs, rows, a function and a sum."""
        return m[name] * 1000 + m.racks["first"] * 100 + lag(m.ticks) + power(minimum(m.ticks, 2), 2) / total(m.ticks)

    inputs = {name: Input("1", "An input."), "racks": Input("1", "Racks.", each="phase")}
    made = model(cohorts={"phase": ("first",)}, ticks=ticks, probe=probe, **inputs)
    row = run(made, **{name: 7.0, "racks.first": 3.0}).rows["probe"]
    np.testing.assert_allclose(row[5], 7304 + 4 / 300, rtol=1e-12)


def test_a_line_may_be_called_like_the_row_of_another() -> None:
    @line("1")
    def cost(m: Any) -> Any:
        """The period."""
        return m.period + 0

    @line("1")
    def cost_row(m: Any) -> Any:
        """Twice the one before."""
        return lag(m.cost) * 2

    assert run(model(cost=cost, cost_row=cost_row)).rows["cost_row"][5] == 8.0


def test_what_is_not_a_number_is_a_fault_also_within_a_function() -> None:
    with pytest.raises(CalculationFault, match="not a finite number"):
        one("1", lambda m: power(m.a * 1e300 - m.a * 1e300, 2), a=1e10)
