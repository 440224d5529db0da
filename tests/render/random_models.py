"""Random small models for Hypothesis: lags with openings, leads, choices, faults, shocks, running sums, stages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from finmodel.graph import (
    Input,
    Model,
    Shock,
    Timeline,
    assemble,
    cumulative,
    exp,
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
    power,
    ramp,
    ratio,
    total,
    where,
)
from finmodel.graph.nodes import lift

INPUTS = ("alpha", "beta", "gamma", "delta")
SHOCKS = ("noise", "jump")
SERIES = ("period", "calendar_month", "tax_year_end")
HAIR = 1e-9
"""Spreadsheets call 1e-28 zero where they compare (finmodel convention 5), so nothing here turns on as little."""
Tree = tuple[Any, ...]


@dataclass(frozen=True)
class Recipe:
    """What a random model is made of.

    Attributes
    ----------
    formulas, openings
        Of each line; the lines from `first_stage` on may read whole rows of those before, and their later periods.
    beyond
        What leads of each line read past the last period.
    ahead
        A formula over later periods of all lines, in a stage of its own.
    early, late
        Formulas of numbers that do not vary: over inputs, and over whole rows of the first stage.
    """

    formulas: tuple[Tree, ...]
    openings: tuple[Tree, ...]
    beyond: tuple[Tree, ...]
    ahead: Tree
    first_stage: int
    early: tuple[Tree, ...]
    late: tuple[Tree, ...]
    periods: int
    per_year: int


def fixed_leaves(*, numbers: int = 0, wholes: int = 0) -> st.SearchStrategy[Tree]:
    """Leaves that do not vary: inputs, literals, numbers of the model, reductions of the first lines."""
    choices: list[st.SearchStrategy[Tree]] = [
        st.tuples(st.just("input"), st.sampled_from(INPUTS)),
        st.tuples(st.just("literal"), st.sampled_from((0.5, 1.0, 2.0, -1.5, 3.0))),
    ]
    if numbers:
        choices.append(st.tuples(st.just("number"), st.integers(0, numbers - 1)))
    if wholes:
        kinds = st.sampled_from(("total", "lowest", "highest"))
        choices.append(st.tuples(st.just("whole"), kinds, st.integers(0, wholes - 1)))
    return st.one_of(choices)


def leads(lines: int, *, numbers: int) -> st.SearchStrategy[Tree]:
    """Later periods of lines and numbers."""
    choices: list[st.SearchStrategy[Tree]] = [st.tuples(st.just("lead"), st.integers(0, lines - 1), st.integers(1, 5))]
    if numbers:
        choices.append(st.tuples(st.just("lead_number"), st.integers(0, numbers - 1), st.integers(1, 5)))
    return st.one_of(choices)


def leaves(known: int, lines: int, *, numbers: int, wholes: int = 0) -> st.SearchStrategy[Tree]:
    """Leaves of a line: lines below `known` in the same period, those below `lines` in an earlier one."""
    choices: list[st.SearchStrategy[Tree]] = [
        fixed_leaves(numbers=numbers, wholes=wholes),
        st.tuples(st.just("series"), st.sampled_from(SERIES)),
        st.tuples(st.just("shock"), st.sampled_from(SHOCKS)),
        st.tuples(st.just("lag"), st.integers(0, lines - 1), st.integers(1, 5)),
        st.tuples(st.just("lag"), st.integers(0, lines - 1), st.just(1)),
    ]
    if numbers:
        choices.append(st.tuples(st.just("lag_number"), st.integers(0, numbers - 1), st.integers(1, 5)))
    if known:
        choices.append(st.tuples(st.just("line"), st.integers(0, known - 1)))
        choices.append(st.tuples(st.just("cumulative"), st.integers(0, known - 1)))
    return st.one_of(choices)


def trees(leaf: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    """Formulas over these leaves."""

    def grow(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        return st.one_of(
            st.tuples(st.sampled_from(("+", "-", "*", "minimum", "maximum")), inner, inner),
            st.tuples(st.sampled_from(("neg", "ramp", "exp", "log", "root", "flag")), inner),
            st.tuples(st.sampled_from(("where", "both")), inner, inner, inner, inner),
            st.tuples(st.sampled_from(("ratio", "safe")), inner, inner, inner),
            st.tuples(st.sampled_from(("/", "/", "power")), inner, inner),
        )

    return st.recursive(leaf, grow, max_leaves=8)


@st.composite
def recipes(draw: st.DrawFn, longest: int = 14) -> Recipe:
    """A random model of up to seven lines in two stages."""
    first, second = draw(st.integers(1, 4)), draw(st.integers(0, 3))
    early = draw(st.lists(trees(fixed_leaves()), max_size=2))
    late = draw(st.lists(trees(fixed_leaves(numbers=len(early), wholes=first)), max_size=2))
    formulas = []
    for number in range(first + second):
        if number < first:
            formulas.append(draw(trees(leaves(number, first, numbers=len(early)))))
        else:
            numbers = len(early) + len(late)
            ordinary = leaves(number, first + second, numbers=numbers, wholes=first)
            formulas.append(draw(trees(ordinary | leads(first, numbers=numbers))))
    openings = [draw(trees(fixed_leaves(numbers=len(early)))) for _ in formulas]
    beyond = [draw(trees(fixed_leaves(numbers=len(early)))) for _ in formulas]
    everything = leads(len(formulas), numbers=len(early)) | leaves(len(formulas), len(formulas), numbers=len(early))
    ahead = draw(trees(everything))
    periods, per_year = draw(st.integers(1, longest)), draw(st.sampled_from((1, 4, 12)))
    return Recipe(
        formulas=tuple(formulas),
        openings=tuple(openings),
        beyond=tuple(beyond),
        ahead=ahead,
        first_stage=first,
        early=tuple(early),
        late=tuple(late),
        periods=periods,
        per_year=per_year,
    )


def build(recipe: Recipe) -> Model:
    """The model: metrics are each number, and of each line its total and its lowest value, chosen by a flag or not."""
    part = ModuleType("random_model")
    for name in INPUTS:
        setattr(part, name, Input("1", f"Input {name}.", low=None))
    for name in SHOCKS:
        setattr(part, name, Shock(f"Shock {name}."))
    for place, formula in enumerate((*recipe.early, *recipe.late)):
        _add(part, line, f"number_{place}", lambda m, formula=formula: _node(formula, m, recipe))
        _add(part, metric, f"shown_{place}", lambda m, place=place: m[f"number_{place}"] + 0.0)
    for place, formula in enumerate(recipe.formulas):
        _add(part, line, f"line_{place}", lambda m, formula=formula: _clipped(_node(formula, m, recipe)))
        for reduce in (total, lowest):
            _add(part, metric, f"{reduce.__name__}_{place}", lambda m, r=reduce, place=place: r(m[f"line_{place}"]))
        _add(part, metric, f"lowest_where_{place}", lambda m, place=place: lowest_where(m[f"line_{place}"], m.line_0))
        _add(part, metric, f"highest_where_{place}", lambda m, place=place: highest_where(m.line_0, m[f"line_{place}"]))
    _add(part, metric, "ahead", lambda m: total(_clipped(_node(recipe.ahead, m, recipe)) + 0.0 * m.period))
    return assemble([part], Timeline(dt.date(2027, 3, 31), recipe.periods, recipe.per_year))


def _add(part: ModuleType, kind: Callable[[str], Any], name: str, formula: Callable[[Any], Any]) -> None:
    def definition(m: Any) -> Any:
        return lift(formula(m))

    definition.__name__, definition.__doc__ = name, "A random formula."
    setattr(part, name, kind("1")(definition))


def _clipped(x: Any) -> Any:
    """Bounded, so that most models stay finite."""
    return minimum(maximum(x, -50.0), 1e3)


def _node(tree: Tree, m: Any, recipe: Recipe) -> Any:
    def below(place: int) -> Any:
        return _node(tree[place], m, recipe)

    match tree[0]:
        case "input" | "series" | "shock":
            return m[tree[1]]
        case "literal":
            return tree[1]
        case "number":
            return m[f"number_{tree[1]}"]
        case "lag_number":
            return lag(m[f"number_{tree[1]}"], tree[2], m.alpha)
        case "line":
            return m[f"line_{tree[1]}"]
        case "cumulative":
            return cumulative(m[f"line_{tree[1]}"])
        case "lag":
            return lag(m[f"line_{tree[1]}"], tree[2], _node(recipe.openings[tree[1]], m, recipe))
        case "lead":
            return lead(m[f"line_{tree[1]}"], tree[2], _node(recipe.beyond[tree[1]], m, recipe))
        case "lead_number":
            return lead(m[f"number_{tree[1]}"], tree[2], m.beta)
        case "whole":
            return {"total": total, "lowest": lowest, "highest": highest}[tree[1]](m[f"line_{tree[2]}"])
        case _:
            return _operation(tree, [lift(below(place)) for place in range(1, len(tree))])


def _operation(tree: Tree, args: list[Any]) -> Any:
    match tree[0], *args:
        case "+", a, b:
            return a + b
        case "-", a, b:
            return a - b
        case "*", a, b:
            return a * b
        case "/", a, b:
            return a / b
        case "safe", a, b, c:
            return where(b > 0.5, a / b, c)
        case "ratio", a, b, c:
            return ratio(a, where(maximum(b, -b) > HAIR, b, 0.0), c)
        case "neg", a:
            return -a
        case "minimum", a, b:
            return minimum(a, b)
        case "maximum", a, b:
            return maximum(a, b)
        case "ramp", a:
            return ramp(a)
        case "exp", a:
            return exp(minimum(a, 20.0))
        case "log", a:
            return log(a)
        case "root", a:
            return power(1e-3 + a * a, 0.5)
        case "power", a, b:
            return power(maximum(a, 0.0), minimum(b, 5.0))
        case "flag", a:
            return where(a >= 1.0, 1.0, 0.0)
        case "where", a, b, c, d:
            return where(a + HAIR < b, c, d)
        case "both", a, b, c, d:
            return where((a <= b + HAIR) & (c > d + HAIR), a, d)
    raise ValueError(f"{tree[0]} is no operation")
