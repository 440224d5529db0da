"""The benchmark counts what the machine code does: no more, no less, and how often."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from finmodel.graph import Input, Shock, lag, line, lowest, metric, minimum, power, total, where
from finmodel.metrics.nodes import irr_of
from finmodel.metrics.search import LADDER
from finmodel.render.plan import Plan
from finmodel.render.vector import Kernel, compile_vector
from tests.benchmarks.executed import Executed, executed, instrumented
from tests.benchmarks.ir import functions
from tests.benchmarks.limit import Work, limits, work
from tests.benchmarks.operations import count
from tests.graph.toys import MONTHLY, model

T = MONTHLY.periods + 1
PATHS = 32
MEMORY = {"load", "broadcast", "store"}


@line("1")
def climb(m: Any) -> Any:
    """One multiplication and one addition in each period."""
    return m.slope * m.period + 2


@line("1")
def capped(m: Any) -> Any:
    """A multiplication and a minimum."""
    return minimum(m.climb, 0.5 * lag(m.climb))


@line("1")
def shared(m: Any) -> Any:
    """A division, which may be one by zero."""
    return m.climb / (m.period + m.slope)


@metric("1")
def sum_of_capped(m: Any) -> Any:
    """One addition in each period."""
    return total(m.capped)


@metric("1")
def least(m: Any) -> Any:
    """One minimum in each period."""
    return lowest(m.shared)


def kernel_of(output: str, width: int = 8, **things: Any) -> Kernel:
    """A kernel for one metric, with one uncertain input, `slope`."""
    plan = Plan(model(slope=Input("1", "Uncertain."), **things))
    return compile_vector(plan, {"slope"}, shocks=bool(plan.model.shocks), outputs=[output], width=width)


def counts(kernel: Kernel) -> Executed:
    inputs = np.linspace(1.0, 2.0, PATHS).reshape(1, PATHS)
    return executed(kernel, kernel.tables({"slope": 1.0}), inputs, seed=3)


def by_period(found: dict[str, float]) -> dict[str, float]:
    return {kind: number / T for kind, number in found.items() if kind not in MEMORY}


@pytest.mark.parametrize("width", [4, 8, 16])
def test_each_operation_of_a_period_counts_once_at_any_width(width: int) -> None:
    found = counts(kernel_of("sum_of_capped", width, climb=climb, capped=capped, sum_of_capped=sum_of_capped))
    formulas = by_period(found.formulas["kernel"])
    once = 1 / T  # a zero loses its sign
    assert formulas == pytest.approx({"multiply": 2, "add": 2 + once, "minimum or maximum": 1})
    assert found.formulas["shocks"] == found.formulas["searches"] == {}


def test_what_only_finds_faults_stands_apart() -> None:
    found = counts(kernel_of("least", climb=climb, shared=shared, least=least))
    formulas = by_period(found.formulas["kernel"])
    assert formulas == pytest.approx({"multiply": 1, "add": 2 + 1 / T, "divide": 1, "minimum or maximum": 1})
    assert by_period(found.checks["kernel"])["compare"] >= 1


def test_what_does_not_change_between_periods_is_counted_once_a_path() -> None:
    @line("1")
    def steep(m: Any) -> Any:
        """A power that is the same in every period."""
        return m.period * power(m.slope, 0.3)

    @metric("1")
    def top(m: Any) -> Any:
        """Its sum."""
        return total(m.steep)

    found = counts(kernel_of("top", steep=steep, top=top)).formulas["kernel"]
    assert T < found["multiply"] < 2 * T + 40
    assert found["divide"] == pytest.approx(2)  # one in the logarithm, one in the exponential


def test_a_search_is_counted_as_often_as_it_turns() -> None:
    @line("1")
    def flow(m: Any) -> Any:
        """An outlay, then an income."""
        return where(m.period < 1, -20 * m.slope, m.slope)

    @metric("1")
    def yearly(m: Any) -> Any:
        """Its rate of return."""
        return irr_of(m.flow, 0.01)

    found = counts(kernel_of("yearly", flow=flow, yearly=yearly))
    ladder = 2 * len(LADDER) * T  # net and gross at each rung
    newton = 2 * T  # net and its moment at each step
    assert ladder + 2 * newton < found.formulas["searches"]["multiply"] < ladder + 12 * newton
    assert by_period(found.formulas["kernel"])["multiply"] < 20


def test_a_draw_takes_twenty_rounds_of_words_of_half_a_lane() -> None:
    @line("1")
    def luck(m: Any) -> Any:
        """A draw."""
        return m.slope * m.weather

    @metric("1")
    def sum_of_luck(m: Any) -> Any:
        """Its sum."""
        return total(m.luck)

    kernel = kernel_of("sum_of_luck", luck=luck, weather=Shock("Luck."), sum_of_luck=sum_of_luck)
    draws = counts(kernel).formulas["shocks"]
    drawn = -(-T // 4) * 4
    # 20 rounds of addition, rotation and exclusive or, and five injections of the key.
    assert draws["bits"] / drawn == pytest.approx(0.5 * (3 * 20 + 3 * 5) + 12, abs=8)
    assert draws["divide"] / drawn == pytest.approx(1)


def test_rotations_and_extremes_are_one_operation() -> None:
    text = """define void @toy(<8 x i32> %a, <8 x double> %x, <8 x double> %y) #0 {
entry:
  %up = shl <8 x i32> %a, splat (i32 13)
  %down = lshr <8 x i32> %a, splat (i32 19)
  %turned = or <8 x i32> %up, %down
  %less = fcmp olt <8 x double> %x, %y
  %small = select <8 x i1> %less, <8 x double> %x, <8 x double> %y
  %more = fcmp ogt <8 x double> %x, %y
  %other = select <8 x i1> %more, <8 x double> %y, <8 x double> %x
  ret void
}
"""
    (function,) = functions(text)
    assert count(function)["entry"].checks == {
        "bits": 4.0,
        "minimum or maximum": 8.0,
        "compare": 8.0,
        "choose": 8.0,
    }  # nothing reads them


def test_the_copy_that_counts_has_a_counter_for_each_block() -> None:
    kernel = kernel_of("sum_of_capped", climb=climb, capped=capped, sum_of_capped=sum_of_capped)
    text, places = instrumented(kernel.ir)
    assert len(places) == sum(len(function.blocks) for function in functions(kernel.ir))
    assert text.count("store i64 %counted") == len(places)


def test_the_limit_adds_up_what_each_kind_takes_at_its_peak() -> None:
    parts = {"kernel": Work(arithmetic=200.0, divisions=3.0)}
    rates = {"arithmetic": 50e9, "divisions": 1.5e9}
    assert limits(parts, 1_000_000, rates) == pytest.approx({"kernel": 0.004 + 0.002})


def test_work_has_no_checks() -> None:
    found = Executed({"kernel": {"add": 5.0, "divide": 1.0, "load": 9.0}}, {"kernel": {"compare": 7.0}})
    assert work(found) == {"kernel": Work(arithmetic=5.0, divisions=1.0)}
