"""Ingredients: short formulas on the sheet, the same numbers, and no cell that could be an error."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

import finmodel
from finmodel.errors import CalculationFault
from finmodel.graph import (
    Input,
    Model,
    Shock,
    balance,
    exp,
    growth,
    lag,
    lead,
    line,
    log,
    lowest,
    lowest_where,
    metric,
    power,
    ramp,
    ratio,
    where,
)
from finmodel.lines.gigafactory import OUTLINE
from finmodel.render.anatomy import Anatomy
from finmodel.render.ingredients import with_ingredients
from finmodel.render.plain import Evaluation, compile_plain
from finmodel.render.plan import Plan
from finmodel.render.quantities import values_of
from finmodel.render.recipe import DEEPEST, LONGEST, recipe_of, tidied
from finmodel.render.trace import in_names
from tests.graph.toys import MONTHLY, model
from tests.render.random_models import INPUTS, SHOCKS, build, recipes

TIGHT = 30
VALUES = {"a": 1.5, "b": -2.25, "c": 0.75, "rise": 0.03}


def toy(*parts: object) -> Model:
    """A model of these lines over three inputs, a rate and a shock."""
    inputs = {name: Input("1", f"Input {name}.", low=None) for name in "abc"}
    return model(
        MONTHLY,
        rise=Input("1/year", "Growth.", low=-1),
        weather=Shock("Weather."),
        **inputs,
        **{part.name: part for part in parts},  # type: ignore[attr-defined]  # each is a definition
    )


def parted(made: Model, name: str, longest: int = LONGEST) -> dict[str, str]:
    """The formulas of a line and its ingredients, over names."""
    recipe = recipe_of(made, made.lines[name], longest=longest)
    return {part.name: in_names(part.expression) for part in recipe.ingredients} | {name: in_names(recipe.expression)}


def computed(made: Model, values: dict[str, float], longest: int) -> tuple[Model, Evaluation]:
    """The model as it is shown, and its values."""
    return with_ingredients(made, compile_plain(Plan(made)).run(values), values, longest=longest)


def test_a_short_and_plain_formula_stays_whole() -> None:
    @line("1")
    def plain(m):
        """Short."""
        return where(m.a > m.b, m.a / m.b, 0) + m.c

    assert parted(toy(plain), "plain") == {"plain": "where(a > b, a / b, 0) + c"}


def test_what_is_used_more_than_once_gets_a_row() -> None:
    @line("1")
    def twice(m):
        """A distance squared."""
        return (m.a - m.b) * m.c * (m.a - m.b)

    assert parted(toy(twice), "twice", 60) == {"twice.1": "a - b", "twice": "twice.1 * c * twice.1"}


def test_the_divisor_of_a_ratio_counts_twice_since_a_sheet_prints_it_twice() -> None:
    @line("1")
    def share(m):
        """A share of a sum."""
        return ratio(m.a, m.a + m.b + m.c, 0)

    assert parted(toy(share), "share", 100) == {"share.1": "a + b + c", "share": "ratio(a, share.1, 0)"}


def test_choices_do_not_stand_in_choices() -> None:
    @line("1")
    def staged(m):
        """Three stages."""
        return where(m.a > 0, 1, where(m.b > 0, 2, where(m.c > 0, 3, 4)))

    assert parted(toy(staged), "staged") == {
        "staged.1": "where(c > 0, 3, 4)",
        "staged.2": "where(b > 0, 2, staged.1)",
        "staged": "where(a > 0, 1, staged.2)",
    }


def test_a_lead_within_a_choice_is_a_choice_too() -> None:
    @line("1")
    def ahead(m):
        """Next period's, where there is any."""
        return where(m.a > 0, lead(m.drift), 0)

    @line("1")
    def drift(m):
        """Moves."""
        return m.a * m.period

    assert parted(toy(ahead, drift), "ahead") == {"ahead.1": "drift[+1]", "ahead": "where(a > 0, ahead.1, 0)"}


def test_a_long_condition_becomes_a_flag() -> None:
    @line("1")
    def gated(m):
        """Where both hold."""
        return where((m.a * m.b > m.c * m.a) & (m.a > m.c), m.a, m.b)

    made = parted(toy(gated), "gated", 70)
    assert made["gated"].startswith("where(gated.")
    assert " > 0, a, b)" in made["gated"]
    assert any(text.startswith("where(") and text.endswith(", 1, 0)") for text in made.values())


def test_a_long_sum_becomes_running_sums_in_the_same_order() -> None:
    @line("1")
    def added(m):
        """A sum of products."""
        total = m.a * m.b
        for name in "bcabcabc":
            total = total + m[name] * m.c
        return total

    made = toy(added)
    shown, seen = computed(made, VALUES, 60)
    assert len(shown.lines) > 3
    assert values_of(shown.lines["added"].expression, made, seen, VALUES) == seen.scalars["added"]


@pytest.mark.parametrize("longest", [TIGHT, 60, LONGEST])
def test_what_fails_where_it_is_not_needed_never_leaves_its_choice(longest: int) -> None:
    @line("1")
    def guarded(m):
        """Divides, takes a logarithm and a root only where that can be done."""
        root = power(m.b, 0.5) * (1 + power(m.b, 0.5))
        return where(m.b > 0, (m.a + m.c) / m.b + log(m.b) * root, where(m.a > 0, m.c, m.a - m.c)) + 1

    made = toy(guarded)
    for b in (0.0, -2.25, 4.0):
        values = VALUES | {"b": b}
        shown, seen = computed(made, values, longest)
        cells = [seen.scalars[name] for name in shown.lines]
        assert np.all(np.isfinite(cells)), shown.lines.keys()
        assert values_of(shown.lines["guarded"].expression, made, seen, values) == made_alone(made, values)


def made_alone(made: Model, values: dict[str, float]) -> float:
    """What Python computes for the only line of a model."""
    (value,) = compile_plain(Plan(made)).run(values).scalars.values()
    return value


def test_what_a_nested_choice_protects_has_a_row_that_is_0_where_it_is_not_needed() -> None:
    @line("1")
    def level(m):
        """A share of an annuity."""
        return where(m.a > 0, where(m.b > 0, m.a / (power(1 + m.a, m.b) - 1), m.c), 1)

    assert parted(toy(level), "level") == {
        "level.1": "where(a > 0 and b > 0, 1, 0)",
        "level.2": "where(level.1 > 0, a / (power(1 + a, b) - 1), 0)",
        "level.3": "where(b > 0, level.2, c)",
        "level": "where(a > 0, level.3, 1)",
    }


def test_what_is_computed_whatever_is_chosen_may_leave() -> None:
    @line("1")
    def quotient(m):
        """The condition divides already."""
        return where(m.a / m.b > 1, m.a / m.b * m.c, m.c)

    assert parted(toy(quotient), "quotient", 60) == {
        "quotient.1": "a / b",
        "quotient": "where(quotient.1 > 1, quotient.1 * c, c)",
    }


def test_a_division_by_a_number_of_the_timeline_never_fails() -> None:
    @line("1")
    def ramped(m):
        """By the length of a period."""
        return ramp((m.month - m.horizon) / m.months_per_period)

    @line("1")
    def divided(m):
        """By what may be zero."""
        return m.a / m.b

    @line("1")
    def exponential(m):
        """May be beyond all numbers."""
        return exp(m.a)

    anatomy = Anatomy(lambda node: 5)
    safe = {
        name: anatomy.never_fails(found.expression) for name, found in toy(ramped, divided, exponential).lines.items()
    }
    assert safe == {"ramped": True, "divided": False, "exponential": False}


def test_a_corkscrew_stays_whole() -> None:
    @balance("1")
    def stock(m):
        """What comes and goes."""
        return where(m.a > 0, where(m.b > 0, 1, 2), where(m.c > 0, 3, 4)), m.a * m.b * m.c * m.a * m.b * m.c

    made = toy(stock)
    shown, _ = computed(made, VALUES, TIGHT)
    assert shown.lines.keys() == made.lines.keys()


def test_names_of_helper_rows_are_not_taken_twice() -> None:
    @line("1")
    def looking(m):
        """Has a helper row of its own."""
        return lag(m.a * m.period, 3) * ((m.a - m.b) * (m.a - m.b)) + m.c * m.month / m.months_per_period

    made = toy(looking)
    assert "looking.1" in made.lines
    assert "looking.2" in parted(made, "looking", 60)
    shown, _ = computed(made, VALUES, 60)
    assert list(shown.lines) == ["looking.1", "looking.2", "looking.3", "looking"]
    assert {name for name in shown.lines if shown.lines[name].owner == "looking"} > {"looking.2", "looking.3"}


def test_an_ingredient_varies_only_if_what_it_reads_does() -> None:
    @line("1")
    def moving(m):
        """A constant times what moves, and a lag of itself."""
        return (m.a - m.b) * (m.a - m.b) * (m.period - m.c) * (m.period - m.c) + lag(m.moving, 2) * m.weather

    shown, seen = computed(toy(moving), VALUES, 60)
    parts = [part for part in shown.lines.values() if part.owner == "moving"]
    assert {part.varies for part in parts} == {True, False}
    assert all((part.name in seen.rows) == part.varies for part in parts)


def test_an_ingredient_has_the_unit_of_what_it_is() -> None:
    @line("USD/year")
    def charge(m):
        """An escalated charge."""
        return (m.load.to("MW") * m.hours * m.price * growth(m.rise, m.year) * m.share) / m.a_year

    made = model(
        MONTHLY,
        load=Input("kW", "Load."),
        price=Input("USD/MWh", "Price."),
        rise=Input("1/year", "Growth."),
        share=Input("1", "Share."),
        a_year=Input("year", "One year."),
        charge=charge,
    )
    recipe = recipe_of(made, made.lines["charge"], longest=TIGHT)
    units = {in_names(part.expression): part.unit for part in recipe.ingredients}
    assert set(units.values()) >= {"1"}
    assert units["load * 0.001"] == "MW"


def test_what_reads_a_metric_that_may_not_exist_stays_in_its_line() -> None:
    @line("1")
    def drift(m):
        """Moves."""
        return m.a * m.period

    @metric("1")
    def worst(m):
        """Missing where no flag is set."""
        return lowest_where(m.drift, m.drift - m.c)

    @metric("1")
    def later(m):
        """Missing with it."""
        return m.worst * (m.a - m.b) * (m.a - m.b) + where(lowest(m.drift) < 0, m.b, m.c) + m.worst * m.worst * m.c

    made = toy(drift, worst, later)
    recipe = recipe_of(made, made.lines["later"], longest=TIGHT)
    assert recipe.ingredients
    assert not any("worst" in in_names(part.expression) for part in recipe.ingredients)
    assert not any(part.may_be_missing for part in recipe.ingredients)
    assert "where" not in in_names(recipe.expression)


def test_what_changes_nothing_is_not_printed() -> None:
    @line("1")
    def padded(m):
        """As loops and defaults write it."""
        return 0 + m.a * 1 + (m.b + 0) + -m.c - 0

    made = toy(padded)
    assert in_names(tidied(made.lines["padded"].expression)) == "a + b - c"


def test_the_model_that_is_computed_is_left_alone() -> None:
    @line("1")
    def twice(m):
        """A distance squared."""
        return (m.a - m.b) * m.c * (m.a - m.b)

    made = toy(twice)
    before = made.lines["twice"].expression
    shown, _ = computed(made, VALUES, 60)
    assert list(made.lines) == ["twice"]
    assert made.lines["twice"].expression is before
    assert list(shown.lines) == ["twice.1", "twice"]


@given(recipes(), st.tuples(*[st.floats(-3, 3)] * 4), st.integers(0, 2**31), st.sampled_from((20, 50, LONGEST)))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_models_have_the_same_numbers(recipe, numbers, seed, longest) -> None:
    made, draw = build(recipe), np.random.default_rng(seed)
    values = dict(zip(INPUTS, numbers, strict=True))
    shocks = {name: draw.standard_normal(recipe.periods + 1) for name in SHOCKS}
    try:
        evaluation = compile_plain(Plan(made)).run(values, shocks)
    except CalculationFault:
        reject()
    shown, seen = with_ingredients(made, evaluation, values, longest=longest)
    for name, written in shown.lines.items():
        expected = seen.rows[name] if written.varies else seen.scalars[name]
        if name in made.lines and not written.may_be_missing:
            found = values_of(written.expression, made, seen, values)
            assert np.allclose(found, expected, rtol=1e-9, atol=1e-9), name
        assert name in made.lines or np.all(np.isfinite(expected)), name
        assert np.shape(expected) == ((recipe.periods + 1,) if written.varies else ()), name


def test_every_formula_of_the_reference_is_short_and_has_no_choice_within_a_choice() -> None:
    case = finmodel.load("reference-1gw")
    by_section = {section: page.name for page in OUTLINE.pages for section in page.sections}
    evaluation = case.evaluate().path
    shown, seen = with_ingredients(
        case.model, evaluation, case.values, lambda section: by_section.get(section, "Timing")
    )
    anatomy = Anatomy(lambda node: 5)
    assert [name for name, found in shown.lines.items() if anatomy.depth(found.expression) > DEEPEST] == []
    assert [name for name, found in shown.lines.items() if anatomy.length(found.expression) > LONGEST] == []
    assert all(np.all(np.isfinite(seen.rows[name])) for name, found in shown.lines.items() if found.varies)
