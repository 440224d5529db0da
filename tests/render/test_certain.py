"""What is the same on every path, what a kernel needs, and which formulas are the same formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from finmodel.graph import Input, Shock, growth, highest_where, lag, lead, line, lowest, metric, minimum, total, where
from finmodel.graph.nodes import Apply
from finmodel.render.certain import Certain, uncertain_lines
from finmodel.render.needs import Needs, needs_of
from finmodel.render.numbering import Numbering
from finmodel.render.plan import Plan
from finmodel.render.vector import compile_vector
from tests.graph.toys import MONTHLY, model

T = MONTHLY.periods


@line("1")
def price(m: Any) -> Any:
    """Grows at a certain rate from an uncertain start."""
    return m.start * growth(m.rate, m.year)


@line("1")
def index(m: Any) -> Any:
    """Grows at the same rate from 2."""
    return 1 + growth(m.rate, m.year)


@line("1")
def bumpy(m: Any) -> Any:
    """The index with luck."""
    return m.index * (1 + m.luck)


@line("1")
def late(m: Any) -> Any:
    """The index of three periods ago; the start before."""
    return lag(m.index, 3, m.start)


@line("1")
def later(m: Any) -> Any:
    """Late twice, and capped."""
    return minimum(lag(m.late, 2, m.start) + lag(m.bumpy), 9)


@line("1")
def share(m: Any) -> Any:
    """Price over all prices."""
    return m.price * m.start / total(m.price)


@metric("1")
def worth(m: Any) -> Any:
    """All of it."""
    return total(m.price - m.index) + lowest(m.later)


@metric("1")
def shares(m: Any) -> Any:
    """Their sum."""
    return total(m.share)


@line("1")
def coming(m: Any) -> Any:
    """The index in three periods; the start past the end."""
    return lead(m.index, 3, m.start)


@line("1")
def expected(m: Any) -> Any:
    """Luck to come, and the certain index to come."""
    return lead(m.bumpy) + lead(m.index, 2) * m.start


@metric("1")
def hoped(m: Any) -> Any:
    """All that is to come, and the best of it."""
    return total(m.coming * m.expected)


@metric("1")
def best(m: Any) -> Any:
    """The best of what is expected while the price is below 6."""
    return highest_where(m.expected, 6 - m.price)


@pytest.fixture
def plan() -> Plan:
    lines = (price, index, bumpy, late, later, share, worth, shares, coming, expected, hoped, best)
    inputs = {"start": Input("1", "At close."), "rate": Input("1/year", "Growth."), "luck": Shock("Luck.")}
    return Plan(model(**{each.name: each for each in lines}, **inputs))


def needs(plan: Plan, *outputs: str) -> Needs:
    return needs_of(plan, Certain(plan, ["start"], shocks=True), outputs)


def test_a_line_is_uncertain_by_what_it_reads_also_before_period_0_and_in_whole_rows(plan: Plan) -> None:
    certain = {"index", "index.1", "worth.2"}
    assert set(plan.model.lines) - uncertain_lines(plan, ["start"], shocks=True) <= certain
    assert uncertain_lines(plan, [], shocks=False) == frozenset()
    ahead = {"expected", "hoped.1", "hoped", "best"}
    assert uncertain_lines(plan, [], shocks=True) == {"bumpy", "later", "worth", *ahead}


def test_the_largest_certain_expression_becomes_one_row_of_the_tables(plan: Plan) -> None:
    kernel = compile_vector(plan, ["start"], shocks=False, outputs=["shares"])
    tables = kernel.tables({"start": 5.0, "rate": 0.1})
    assert tables.numbers.shape == (0,)
    np.testing.assert_allclose(tables.rows, 1.1 ** (np.arange(T + 1)[:, np.newaxis] / 12), rtol=1e-14)


def test_only_lines_that_the_outputs_rest_on_are_computed(plan: Plan) -> None:
    assert needs(plan, "shares").lines == {"price", "share", "shares"}
    assert needs(plan, "shares").drawn == ()
    assert needs(plan, "worth").drawn == ("luck",)


def test_rows_are_stored_for_later_stages_and_long_lags_only(plan: Plan) -> None:
    assert needs(plan, "shares").stored == ("price",)
    assert needs(plan, "worth").stored == ("late",)
    assert {node.reduction.name for node in needs(plan, "worth").carried} == {"total", "lowest"}


def test_a_row_is_stored_for_a_lead_and_a_certain_one_is_read_from_the_tables(plan: Plan) -> None:
    assert needs(plan, "hoped").stored == ("bumpy",)
    kernel = compile_vector(plan, ["start"], shocks=False, outputs=["hoped"])
    figures = {"start": 5.0, "rate": 0.1}
    rows = kernel.tables(figures).rows.T
    index = 1 + 1.1 ** (np.arange(T + 1) / 12)
    assert any(np.allclose(row[:-2], index[2:]) and not row[-2:].any() for row in rows)


def test_an_extreme_of_flagged_periods_is_carried_in_the_loop_of_its_last_row(plan: Plan) -> None:
    found = needs(plan, "best")
    assert [node.reduction.name for node in found.carried] == ["highest_where"]
    assert found.stored == ("bumpy", "best.1")


def test_a_line_is_tested_for_being_finite_unless_a_sum_of_it_is(plan: Plan) -> None:
    assert "price" not in needs(plan, "worth").checked
    assert {"worth", "later", "bumpy"} <= needs(plan, "worth").checked


def test_formulas_that_are_written_alike_have_one_number(plan: Plan) -> None:
    numbering, expressions = Numbering(), {name: plan.expression(name) for name in ("price", "index", "bumpy")}
    of_price, of_index = expressions["price"], expressions["index"]
    assert isinstance(of_price, Apply)
    assert isinstance(of_index, Apply)
    assert numbering.of(of_price.args[1]) == numbering.of(of_index.args[1])
    assert len({numbering.of(node) for node in (of_price, of_index, *of_index.args, of_price.args[0])}) == 5
    assert numbering.of(of_price) != numbering.line("price")


def test_a_choice_between_certain_things_is_a_row_too(plan: Plan) -> None:
    @metric("1")
    def steps(m: Any) -> Any:
        """Steps of an uncertain height."""
        return total(where((m.period > 3) & (m.rate > 0), m.height, 0))

    made = Plan(model(steps=steps, height=Input("1", "A."), rate=Input("1", "B.")))
    kernel = compile_vector(made, ["height"], shocks=False, outputs=["steps"])
    out = np.empty((2, 2))
    for rate, count in ((1.0, T - 3), (0.0, 0)):
        kernel.run(kernel.tables({"height": 1.0, "rate": rate}), np.array([[1.0, 2.0]]), out)
        assert out.tolist() == [[count, 2.0 * count], [0.0, 0.0]]
