"""What an assembled model is, and what assembling refuses: naming line, file and row."""

import datetime as dt
from typing import Any

import pytest

from finmodel.errors import ModelFault
from finmodel.graph import (
    Input,
    Shock,
    Timeline,
    across,
    assemble,
    balance,
    cumulative,
    growth,
    highest_where,
    lag,
    lead,
    line,
    lowest_where,
    metric,
    opening,
    power,
    ratio,
    total,
    where,
)
from finmodel.graph.assemble import extended
from finmodel.metrics.nodes import missing_ratio
from finmodel.render.plain import compile_plain
from finmodel.render.plan import Plan
from tests.graph.toys import MONTHLY, model, module

price = Input("USD/MWh", "Price of energy.")
load = Input("MW", "Load.")


@line("USD")
def cost(m: Any) -> Any:
    """Cost of energy."""
    return m.load * m.hours * m.price


def fault_of(**things: Any) -> ModelFault:
    with pytest.raises(ModelFault) as caught:
        model(**things)
    return caught.value


def assert_places(fault: ModelFault, name: str) -> None:
    assert fault.line == name
    assert fault.file is not None
    assert fault.file.endswith("test_model.py")
    assert fault.row is not None
    assert fault.row > 0


def test_a_line_knows_where_it_was_defined() -> None:
    found = model(price=price, load=load, cost=cost).lines["cost"]
    assert found.file.endswith("test_model.py")
    assert (found.unit, found.note, found.section) == ("USD", "Cost of energy.", "test_model")


def test_shape_is_inferred() -> None:
    @line("USD/MWh")
    def twice(m: Any) -> Any:
        """Twice the price."""
        return m.price * 2

    @metric("USD")
    def all_cost(m: Any) -> Any:
        """Cost over life."""
        return total(m.cost)

    lines = model(price=price, load=load, cost=cost, twice=twice, all_cost=all_cost).lines
    assert {name: found.varies for name, found in lines.items()} == {"cost": True, "twice": False, "all_cost": False}


def test_a_balance_is_a_corkscrew_of_four_lines() -> None:
    @balance("USD")
    def owed(m: Any) -> Any:
        """Owed to the supplier."""
        return m.cost, lag(m.cost)

    lines = model(price=price, load=load, cost=cost, owed=owed).lines
    blocks = {name: found.block for name, found in lines.items() if found.block}
    assert blocks == {"owed.opening": "opening", "owed.added": "added", "owed.less": "less", "owed": "closing"}


def test_a_line_is_written_for_each_member_of_a_cohort() -> None:
    racks = Input("rack", "Racks.", each="phase")

    @line("rack", each="phase")
    def spare(m: Any, phase: Any) -> Any:
        """Spare racks; a later phase has those of the one before too."""
        return m.racks[phase] * 0.1 + (m.spare[phase.previous] if phase.previous else 0)

    @line("rack")
    def all_spare(m: Any) -> Any:
        """Over all phases."""
        return across(m.spare)

    made = model(cohorts={"phase": ("first", "second")}, racks=racks, spare=spare, all_spare=all_spare)
    assert list(made.inputs) == ["racks.first", "racks.second"]
    assert list(made.lines) == ["spare.first", "spare.second", "all_spare"]


def test_a_line_can_be_replaced_and_added_without_touching_the_package() -> None:
    @line("USD")
    def cost(m: Any) -> Any:
        """Half the cost."""
        return m.load * m.hours * m.price / 2

    @line("USD")
    def more(m: Any) -> Any:
        """Security."""
        return m.cost + m.guards

    first = model(price=price, load=load, cost=globals()["cost"])
    second = extended(first, cost, more, inputs={"guards": Input("USD", "Guards.")})
    assert second.lines["cost"].note == "Half the cost."
    assert "more" not in first.lines
    assert "guards" in second.inputs


def test_a_circle_within_a_period_prints_its_path() -> None:
    @line("USD")
    def interest(m: Any) -> Any:
        """Interest."""
        return m.debt * 0.1

    @line("USD")
    def debt(m: Any) -> Any:
        """Debt."""
        return m.interest + 0

    fault = fault_of(interest=interest, debt=debt)
    assert "interest -> debt -> interest" in str(fault)
    assert_places(fault, "interest")


def test_a_total_of_a_row_that_needs_it_is_a_circle() -> None:
    @line("USD")
    def fee(m: Any) -> Any:
        """A fee on everything spent, fees of the past included."""
        return total(m.spent) * 0.01

    @line("USD")
    def spent(m: Any) -> Any:
        """Spent."""
        return lag(m.fee_due) + m.cost

    @line("USD")
    def fee_due(m: Any) -> Any:
        """Due."""
        return m.fee * where(m.period > 1, 1, 0)

    fault = fault_of(price=price, load=load, cost=cost, fee=fee, spent=spent, fee_due=fee_due)
    assert "looks ahead over a row that needs it" in str(fault)
    assert " -> " in str(fault)


def test_an_undefined_name_gets_the_nearest_valid_one() -> None:
    @line("USD")
    def wrong(m: Any) -> Any:
        """Misspelt."""
        return m.load * m.hours * m.prise

    fault = fault_of(price=price, load=load, wrong=wrong)
    assert "is it 'price'?" in str(fault)
    assert_places(fault, "wrong")


@pytest.mark.parametrize(
    ("unit", "formula", "words"),
    [
        ("USD", lambda m: m.load * m.price, "is declared in USD"),
        ("kW", lambda m: m.load * 1, r"write .to\('kW'\)"),
        ("MW", lambda m: m.load + m.price, "do not go together"),
        ("MW", lambda m: m.load + 1, "do not go together"),
        ("1", lambda m: growth(m.load, m.year), "needs a quantity in 1/year"),
        ("1", lambda m: where(m.load > m.price, 1, 0), "do not go together"),
        ("MW", lambda m: m.load.to("USD"), "of a quantity in MW"),
        ("1", lambda m: ratio(m.load, m.price, 0), "is declared in 1"),
        ("1", lambda m: m.load > 0, "is a comparison"),
        ("1", lambda m: (m.load > 0) + 1, "of a comparison"),
        ("1", lambda m: where(m.period, 1, 0), "needs a comparison"),
        ("1", lambda m: cumulative(m.load > 0), "is a comparison"),
        ("1", lambda m: cumulative(m.load > 0) + 1, "is a comparison"),
        ("1", lambda m: lag(m.period, 1, m.load > 0), "is a comparison"),
        ("1", lambda m: total(m.period > 3), "is a comparison"),
        ("1", lambda m: lead(m.period, 1, m.load > 0), "is a comparison"),
        ("1", lambda m: lead(m.period > 3), "is a comparison"),
        ("MW", lambda m: lead(m.load * m.period, 1, m.price), "leads a quantity in MW with a closing in USD"),
        ("USD", lambda m: lowest_where(m.load * m.period, m.period), "is declared in USD but its formula is in MW"),
        ("MW", lambda m: power(m.load.to("W"), 400), "out of bounds"),
    ],
)
def test_units_and_conditions_are_proved(unit: str, formula: Any, words: str) -> None:
    @line(unit)
    def odd(m: Any) -> Any:
        """Odd."""
        return formula(m)

    with pytest.raises(ModelFault, match=words) as caught:
        model(price=price, load=load, odd=odd)
    assert_places(caught.value, "odd")


def test_zero_fits_every_unit_and_scales_are_explicit() -> None:
    @line("kW")
    def spare(m: Any) -> Any:
        """In kW."""
        return where(m.load > 0, m.load.to("kW"), 0)

    assert model(load=load, spare=spare).lines["spare"].unit == "kW"


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (lambda m: m.cost if m.cost > m.cost else 0, "where"),
        (lambda m: m.cost > m.cost and m.cost, "where"),
        (lambda m: 0 if not m.cost else m.cost, "where"),
        (lambda m: 0 < m.cost < 1, "where"),
        (lambda m: m.cost if m.cost == 0 else 0, "== or !="),
        (lambda m: m.cost * "2", "neither a number"),
        (lambda m: None, "returns nothing"),
        (lambda m: (m.cost, m.cost), "returns several"),
        (lambda m: lag(m.cost, 0), "whole number of periods"),
        (lambda m: lag(m.cost, 1.5), "whole number of periods"),
        (lambda m: lead(m.cost, 0), "looks ahead a whole number of periods"),
        (lambda m: lead(m.cost, -1), "looks ahead a whole number of periods"),
        (lambda m: lead(m.cost, True), "looks ahead a whole number of periods"),
        (lambda m: "cost", "neither a number"),
        (lambda m: m.cost * float("nan"), "is finite"),
        (lambda m: m.cost * 10**400, "is finite"),
        (lambda m: m.cost**2, "operands do not fit"),
        (lambda m: m.cost.first, "operands do not fit"),
        (lambda m: m.cost[0], "takes members"),
        (lambda m: sum(m.cost), r"across\(m.cost\)"),
        (lambda m: sum(m), "cannot be looped over"),
        (lambda m: across(m.cost, "max"), "'minimum' or 'maximum'"),
    ],
)
def test_python_that_cannot_be_recorded_is_refused(formula: Any, words: str) -> None:
    @line("USD")
    def odd(m: Any) -> Any:
        """Odd."""
        return formula(m)

    with pytest.raises(ModelFault, match=words) as caught:
        model(price=price, load=load, cost=cost, odd=odd)
    assert_places(caught.value, "odd")


def test_a_line_defined_twice_is_refused_with_both_places() -> None:
    @line("USD")
    def cost(m: Any) -> Any:
        """Another cost."""
        return m.load * m.hours * m.price

    with pytest.raises(ModelFault, match="defined twice") as caught:
        assemble([module(price=price, load=load, cost=globals()["cost"]), module(cost=cost)], MONTHLY)
    assert str(caught.value).count("test_model.py") == 2


def test_one_line_lagged_with_two_openings_is_refused() -> None:
    @line("USD")
    def one(m: Any) -> Any:
        """One."""
        return lag(m.cost, 1, 0)

    @line("USD")
    def two(m: Any) -> Any:
        """Two."""
        return lag(m.cost, 2, m.budget)

    fault = fault_of(price=price, load=load, cost=cost, one=one, two=two, budget=Input("USD", "Budget."))
    assert "another opening" in str(fault)
    assert_places(fault, "two")


def test_an_opening_that_varies_is_refused() -> None:
    @line("USD")
    def odd(m: Any) -> Any:
        """Odd."""
        return lag(m.cost, 1, m.cost)

    assert "varies in time" in str(fault_of(price=price, load=load, cost=cost, odd=odd))


def test_a_metric_that_varies_is_refused() -> None:
    @metric("USD")
    def odd(m: Any) -> Any:
        """Odd."""
        return m.cost + 0

    assert "one number a path" in str(fault_of(price=price, load=load, cost=cost, odd=odd))


def test_a_line_without_a_docstring_is_refused() -> None:
    with pytest.raises(ModelFault, match="docstring"):

        @line("USD")
        def odd(m: Any) -> Any:
            return m.cost


@pytest.mark.parametrize("name", ["hours", "horizon"])
def test_a_name_of_the_timeline_is_refused(name: str) -> None:
    with pytest.raises(ModelFault, match="name of the timeline"):
        model(**{name: Input("USD", "Taken.")})


@pytest.mark.parametrize(
    "name", ["class", "None", "two words", "x = 1; import os #", "_hidden", "1st", "", "a.b", "\u00b5"]
)
def test_a_name_that_cannot_be_written_in_a_formula_is_refused(name: str) -> None:
    with pytest.raises(ModelFault, match="cannot name an input"):
        assemble([module(price=price)], MONTHLY, inputs={name: Input("1", "An input.")})


def test_a_line_is_given_once_when_lines_are_added() -> None:
    with pytest.raises(ModelFault, match="given twice") as caught:
        extended(model(price=price, load=load, cost=cost), cost, cost)
    assert_places(caught.value, "cost")


def test_a_cohort_line_read_without_its_member_says_how() -> None:
    @line("rack")
    def odd(m: Any) -> Any:
        """Odd."""
        return m.racks * 1

    racks = Input("rack", "Racks.", each="phase")
    assert "across(m.racks)" in str(fault_of(cohorts={"phase": ("a", "b")}, racks=racks, odd=odd))


def test_cumulatives_of_one_line_share_a_row() -> None:
    @line("USD")
    def one(m: Any) -> Any:
        """One."""
        return cumulative(m.cost) * 2

    @line("USD")
    def two(m: Any) -> Any:
        """Two."""
        return cumulative(m.cost) * 3

    names = list(model(price=price, load=load, cost=cost, one=one, two=two).lines)
    assert names == ["cost", "cost.cumulative", "one", "two"]


def test_the_opening_of_a_balance_can_be_a_figure() -> None:
    @balance("USD")
    def cash(m: Any) -> Any:
        """Cash."""
        return m.cost, opening(m.cash) * 0.5, m.budget

    made = model(price=price, load=load, cost=cost, cash=cash, budget=Input("USD", "Budget."))
    assert made.lines["cash"].opening is not None


def test_shocks_and_timelines_are_part_of_the_model() -> None:
    made = model(Timeline(dt.date(2027, 3, 31), 5, 1), z=Shock("A shock."), price=price)
    assert list(made.shocks) == ["z"]
    assert made.timeline.labels[-1] == "2032-03"


def test_across_takes_the_smallest_or_largest_member_too() -> None:
    @line("month")
    def span(m: Any) -> Any:
        """From the first start to the last."""
        return across(m.start, "maximum") - across(m.start, "minimum")

    made = model(cohorts={"phase": ("a", "b", "c")}, start=Input("month", "Start.", each="phase"), span=span)
    values = {"start.a": 3.0, "start.b": 1.0, "start.c": 7.0}
    assert compile_plain(Plan(made)).run(values).scalars["span"] == 6.0


KINDS = {"building": {"repayment": "sculpted"}, "hardware": {"repayment": "annuity"}}
margin = Input("1/year", "Above the base rate.", each="tranche")


@line("USD", each="tranche")
def debt(m: Any, tranche: Any) -> Any:
    """Twice the cost where it is sculpted."""
    return m.cost * 2 if tranche.traits["repayment"] == "sculpted" else m.cost


@line("USD")
def all_debt(m: Any) -> Any:
    """Over all tranches."""
    return across(m.debt)


def test_a_line_function_may_branch_on_the_traits_of_its_member() -> None:
    made = model(cohorts={"tranche": KINDS}, price=price, load=load, cost=cost, debt=debt)
    assert dict(made.cohorts["tranche"][0].traits) == {"repayment": "sculpted"}
    rows = compile_plain(Plan(made)).run({"price": 2.0, "load": 3.0}).rows
    assert rows["debt.building"].tolist() == (2 * rows["debt.hardware"]).tolist()
    assert dict(model(cohorts={"phase": ("first",)}).cohorts["phase"][0].traits) == {}


def test_a_trait_that_no_one_gave_is_a_fault() -> None:
    fault = fault_of(cohorts={"tranche": ("building",)}, price=price, load=load, cost=cost, debt=debt)
    assert "'repayment', which is no trait" in str(fault)
    assert_places(fault, "debt")


def test_traits_last_through_an_analysts_own_lines() -> None:
    @line("USD")
    def more(m: Any) -> Any:
        """More."""
        return m.debt["hardware"] * 2

    first = model(cohorts={"tranche": KINDS}, price=price, load=load, cost=cost, debt=debt)
    assert extended(first, more).cohorts["tranche"][0].traits == {"repayment": "sculpted"}
    assert extended(first, more).cohorts == first.cohorts


def test_a_cohort_may_be_empty_and_then_its_lines_do_not_exist() -> None:
    @line("1/year")
    def margins(m: Any) -> Any:
        """Over all tranches."""
        return across(m.margin)

    @line("kW")
    def mixed(m: Any) -> Any:
        """A sum over no members has the unit of the line."""
        return across(m.power).to("kW") + across(m.power_of[m.members("phase")[0]]).to("kW")

    power = Input("MW", "Power.", each="tranche")
    power_of = Input("MW", "Power.", each=("phase", "tranche"))
    cohorts: Any = {"tranche": {}, "phase": ("first",)}
    made = model(
        cohorts=cohorts, price=price, load=load, cost=cost, debt=debt, all_debt=all_debt, margin=margin,
        margins=margins, power=power, power_of=power_of, mixed=mixed,
    )  # fmt: skip
    assert list(made.lines) == ["cost", "all_debt", "margins", "mixed"]
    assert list(made.inputs) == ["price", "load"]
    assert set(made.idle_inputs) == {"margin", "power", "power_of"}
    scalars = compile_plain(Plan(made)).run({"price": 2.0, "load": 3.0}).scalars
    assert scalars == {"all_debt": 0.0, "margins": 0.0, "mixed": 0.0}


def test_a_sum_over_no_members_has_the_unit_of_the_line() -> None:
    @line("MWh")
    def odd(m: Any) -> Any:
        """Money is no energy, not even none of it."""
        return across(m.debt)

    fault = fault_of(cohorts={"tranche": {}}, price=price, load=load, cost=cost, debt=debt, odd=odd)
    assert "is declared in MWh but its formula is in USD" in str(fault)


@pytest.mark.parametrize("by", ["minimum", "maximum"])
def test_no_members_have_no_smallest_or_largest(by: Any) -> None:
    @line("1/year")
    def odd(m: Any) -> Any:
        """Of none."""
        return across(m.margin, by)

    fault = fault_of(cohorts={"tranche": {}}, margin=margin, odd=odd)
    assert f"has no members to take the {by} of" in str(fault)
    assert_places(fault, "odd")


def test_a_line_of_an_empty_cohort_read_without_its_member_says_how() -> None:
    @line("USD")
    def odd(m: Any) -> Any:
        """Odd."""
        return m.debt * 1

    fault = fault_of(cohorts={"tranche": {}}, price=price, load=load, cost=cost, debt=debt, odd=odd)
    assert "across(m.debt)" in str(fault)


@pytest.mark.parametrize("names", [("a", "a"), ("added",), ("no name",), tuple(f"n{k}" for k in range(65))])
def test_members_of_a_cohort_have_names_of_their_own(names: tuple[str, ...]) -> None:
    with pytest.raises(ModelFault, match="cohort 'phase'"):
        model(cohorts={"phase": names})


def test_a_lead_reads_a_finished_row_in_a_later_stage() -> None:
    @line("USD")
    def next_cost(m: Any) -> Any:
        """Of the next period."""
        return lead(m.cost)

    @line("USD")
    def after(m: Any) -> Any:
        """Of the one after, of a row that is no line of its own."""
        return lead(m.next_cost + m.cost, 2, m.budget)

    budget = Input("USD", "Budget.")
    made = model(price=price, load=load, cost=cost, next_cost=next_cost, after=after, budget=budget)
    assert made.stage == {"cost": 0, "next_cost": 1, "after.1": 1, "after": 2}
    assert made.lines["after"].varies


def test_a_circle_through_a_lead_prints_its_path() -> None:
    @line("USD")
    def value(m: Any) -> Any:
        """What is left."""
        return lead(m.value) + m.spent

    @line("USD")
    def spent(m: Any) -> Any:
        """Out of a budget."""
        return m.budget * m.period

    @line("USD")
    def slow(m: Any) -> Any:
        """Looks back at what looks ahead at it."""
        return lag(m.ahead) + m.spent

    @line("USD")
    def ahead(m: Any) -> Any:
        """Ahead."""
        return lead(m.slow)

    budget = Input("USD", "Budget.")
    fault = fault_of(budget=budget, spent=spent, value=value)
    assert "depends on itself within a period: value -> value" in str(fault)
    assert_places(fault, "value")
    fault = fault_of(budget=budget, spent=spent, slow=slow, ahead=ahead)
    assert "looks ahead over a row that needs it" in str(fault)
    assert any(f"{path} -> {path.split(' ')[0]}" in str(fault) for path in ("slow -> ahead", "ahead -> slow"))


@pytest.mark.parametrize(
    "closing", [lambda m: m.cost, lambda m: m.year * m.budget, lambda m: total(m.cost)], ids=["row", "series", "total"]
)
def test_what_is_read_past_the_last_period_does_not_vary(closing: Any) -> None:
    @line("USD")
    def odd(m: Any) -> Any:
        """Odd."""
        return lead(m.cost, 1, closing(m))

    fault = fault_of(price=price, load=load, cost=cost, odd=odd, budget=Input("USD/year", "Budget."))
    assert "the closing of a lead of 'cost' varies in time" in str(fault)
    assert_places(fault, "odd")


def test_two_leads_of_one_line_may_close_differently() -> None:
    @line("1")
    def both(m: Any) -> Any:
        """Sum of both."""
        return lead(m.period, 1, 100) + lead(m.period, 2, 1000)

    rows = compile_plain(Plan(model(both=both))).run({}).rows
    assert rows["both"][-3:].tolist() == [23 + 24, 24 + 1000, 100 + 1000]


def test_what_reads_the_lowest_value_of_flagged_periods_may_be_missing() -> None:
    @metric("USD")
    def cheapest(m: Any) -> Any:
        """Lowest cost while the load is on."""
        return lowest_where(m.cost, m.period - m.start)

    @metric("USD")
    def twice(m: Any) -> Any:
        """Twice."""
        return m.cheapest * 2

    @metric("USD")
    def dearest(m: Any) -> Any:
        """Highest cost, added to a total: that needs a line of its own."""
        return highest_where(m.cost, m.period) + total(m.cost)

    @line("USD")
    def odd(m: Any) -> Any:
        """A row cannot be missing."""
        return m.cost - m.cheapest

    sound = {"price": price, "load": load, "start": Input("1", "Start."), "cost": cost, "cheapest": cheapest}
    made = model(**sound, twice=twice)
    assert {name for name, each in made.lines.items() if each.may_be_missing} == {"cheapest", "twice"}
    assert "highest_where() may not exist: give it a line of its own" in str(fault_of(**sound, dearest=dearest))
    assert "reads a metric that may not exist" in str(fault_of(**sound, odd=odd))


def test_a_line_that_is_summed_over_periods_is_a_row_though_all_of_it_is_alike() -> None:
    @line("USD")
    def fee(m: Any) -> Any:
        """The same in every period."""
        return m.price * 1

    @metric("USD")
    def all_fees(m: Any) -> Any:
        """Over life."""
        return total(m.fee) + total(m.price)

    made = model(price=Input("USD", "Price."), fee=fee, all_fees=all_fees)
    assert {name: found.varies for name, found in made.lines.items()} == {
        "fee": True, "all_fees.1": True, "all_fees": False,
    }  # fmt: skip
    assert compile_plain(Plan(made)).run({"price": 3.0}).scalars["all_fees"] == 2 * 3.0 * (MONTHLY.periods + 1)


def test_a_metric_is_no_row_to_be_summed() -> None:
    @metric("USD")
    def all_cost(m: Any) -> Any:
        """Cost over life."""
        return total(m.cost)

    @metric("USD")
    def odd(m: Any) -> Any:
        """Odd."""
        return total(m.all_cost)

    fault = fault_of(price=price, load=load, cost=cost, all_cost=all_cost, odd=odd)
    assert "one number and no row" in str(fault)
    assert_places(fault, "odd")


def doubled(m: Any, times: int) -> Any:
    value = m.load
    for _ in range(times):
        value = value + value
    return value


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (lambda m: sum((m.load * k for k in range(2000)), 0), "make lines of its parts"),
        (lambda m: sum((m.load * k for k in range(200)), 0), "levels deep"),
        (lambda m: doubled(m, 60), "operations long"),
        (lambda m: cumulative(doubled(m, 60)), "operations long"),
    ],
)
def test_a_formula_too_large_to_print_is_refused_at_once(formula: Any, words: str) -> None:
    @line("MW")
    def odd(m: Any) -> Any:
        """Odd."""
        return formula(m)

    fault = fault_of(load=load, odd=odd)
    assert words in str(fault)
    assert_places(fault, "odd")


def test_a_sum_over_more_members_than_a_formula_holds_is_refused() -> None:
    @line("rack", each=("phase", "generation"))
    def racks(m: Any, phase: Any, generation: Any) -> Any:
        """Racks."""
        return m.one * 1

    @line("rack")
    def all_racks(m: Any) -> Any:
        """Over all."""
        return across(m.racks)

    names = tuple(f"n{number}" for number in range(12))
    fault = fault_of(
        cohorts={"phase": names, "generation": names}, one=Input("rack", "Racks."), racks=racks, all_racks=all_racks
    )
    assert "levels deep" in str(fault)
    assert_places(fault, "all_racks")


@pytest.mark.parametrize("decorate", [line, metric, balance])
def test_a_decorator_without_its_unit_is_refused(decorate: Any) -> None:
    with pytest.raises(ModelFault, match="is no unit"):

        @decorate
        def odd(m: Any) -> Any:
            """Odd."""
            return m.cost

    with pytest.raises(ModelFault, match="is no function"):
        decorate("USD")(5)


@pytest.mark.parametrize("per_year", [1, 4, 12])
def test_a_line_looks_back_whole_years_whatever_the_period(per_year: int) -> None:
    @line("year")
    def then(m: Any) -> Any:
        """The time two years ago."""
        return m.years_ago(m.now, 2)

    @line("year")
    def now(m: Any) -> Any:
        """The time."""
        return m.years_ago(m.year, 0)

    timeline = Timeline(dt.date(2027, 3, 31), 5 * per_year, per_year)
    rows = compile_plain(Plan(model(timeline, now=now, then=then))).run({}).rows
    assert rows["then"][2 * per_year :] == pytest.approx(rows["now"][: -2 * per_year])
    assert not rows["then"][: 2 * per_year].any()


@pytest.mark.parametrize("per_year", [1, 4, 12])
def test_a_line_looks_ahead_whole_years_whatever_the_period(per_year: int) -> None:
    @line("year")
    def soon(m: Any) -> Any:
        """The time in two years."""
        return m.years_ahead(m.year, 2)

    for years in (5, 1):
        timeline = Timeline(dt.date(2027, 3, 31), years * per_year, per_year)
        soon_row = compile_plain(Plan(model(timeline, soon=soon))).run({}).rows["soon"]
        time = [period / per_year for period in range(years * per_year + 1)]
        assert soon_row.tolist() == pytest.approx([now + 2 if now + 2 <= years else 0 for now in time])


def test_a_line_may_add_over_the_years_of_the_horizon_and_the_members_of_a_cohort() -> None:
    share = Input("1", "Share of a year's flow.", each="age")

    @line("1")
    def flow(m: Any) -> Any:
        """One in period 1."""
        return where(m.period > 0, 1, 0) * where(m.period < 2, 1, 0)

    @line("1")
    def spread(m: Any) -> Any:
        """The flow by the share of its age."""
        return sum(m.share[age] * m.years_ago(m.flow, age.number) for age in m.members("age"))

    @line("1")
    def echoes(m: Any) -> Any:
        """The flow of all years before."""
        return sum(m.years_ago(m.flow, age) for age in m.whole_years())

    cohorts = {"age": ("newborn", "infant")}
    made = model(MONTHLY, cohorts, share=share, flow=flow, spread=spread, echoes=echoes)
    rows = compile_plain(Plan(made)).run({"share.newborn": 0.75, "share.infant": 0.25}).rows
    assert {at: rows["spread"][at] for at in rows["spread"].nonzero()[0]} == {1: 0.75, 13: 0.25}
    assert rows["echoes"].nonzero()[0].tolist() == [13]  # 25 would be next, after the horizon of two years


def test_the_members_of_a_cohort_that_the_structure_lacks_are_a_fault() -> None:
    @line("1")
    def count(m: Any) -> Any:
        """As many as there are."""
        return sum(1 for _ in m.members("vintage"))

    fault = fault_of(count=count)
    assert "'vintage', which the structure does not have" in str(fault)
    assert_places(fault, "count")


def test_a_line_may_not_take_a_name_that_m_has() -> None:
    members = Input("1", "How many.")
    assert "cannot name an input" in str(fault_of(members=members))


def test_a_reduction_inside_another_asks_for_a_line_of_its_own() -> None:
    @metric("1")
    def share(m: Any) -> Any:
        """Share."""
        return missing_ratio(total(m.cost), total(m.cost))

    assert "total(): give that a line of its own" in str(fault_of(price=price, load=load, cost=cost, share=share))
