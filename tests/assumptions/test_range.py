"""Ranges: only those that exist can be stated, and scaling, shifting and percentiles mean what they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from finmodel.assumptions.percentiles import lognormal_from_percentiles, triangular_from_percentiles
from finmodel.assumptions.possible import KINDS, problems
from finmodel.assumptions.range import Range

numbers = st.floats(-1e6, 1e6)
spreads = st.floats(1e-3, 1e6)
WIDE = ("normal", "discrete", "empirical", "cumulative", "bernoulli")


weights = st.floats(1e-3, 1e3)


@st.composite
def ranges(draw, kinds=KINDS):
    kind = draw(st.sampled_from(kinds))
    if kind in ("normal", "lognormal"):
        mean = draw(numbers if kind == "normal" else spreads)
        return Range(kind, (mean, draw(spreads) if kind == "normal" else mean * draw(st.floats(1e-3, 10))))
    if kind == "bernoulli":
        return Range(kind, (draw(st.floats(0.001, 0.999)),))
    if kind in ("discrete", "cumulative", "empirical"):
        values = sorted(draw(st.lists(st.integers(-1000, 1000), min_size=2, max_size=12, unique=True)))
        if kind == "empirical":
            return Range(kind, tuple(map(float, values)))
        steps = [draw(weights) for _ in values]
        upto = [sum(steps[1 : place + 1]) / sum(steps[1:]) for place in range(len(steps))]
        second = steps if kind == "discrete" else [*upto[:-1], 1.0]
        return Range(kind, tuple(float(x) for pair in zip(values, second, strict=True) for x in pair))
    least, width = draw(numbers), draw(spreads)
    assume(least < least + width)
    if kind == "beta":
        return Range(kind, (draw(st.floats(0.5, 20)), draw(st.floats(0.5, 20)), least, least + width))
    mode = least + width * draw(st.floats(0, 1))
    return Range(
        kind, (least, least + width) if kind == "uniform" else (least, min(mode, least + width), least + width)
    )


@pytest.mark.parametrize(
    ("kind", "parameters", "low", "high", "message"),
    [
        ("pert", (1.0, 4.0, 3.0), None, None, "has its mode outside its bounds"),
        ("triangular", (2.0, 1.0, 3.0), None, None, "has its mode outside its bounds"),
        ("pert", (1.0, 1.0, 1.0), None, None, "has no width"),
        ("uniform", (2.0, 1.0), None, None, "runs backwards"),
        ("normal", (0.0, 0.0), None, None, "has no spread"),
        ("lognormal", (-1.0, 1.0), None, None, "is impossible"),
        ("lognormal", (1.0, -1.0), None, None, "has no spread"),
        ("lognormal", (1.0, 1e7), None, None, "is impossible"),
        ("beta", (0.0, 1.0, 0.0, 1.0), None, None, "is impossible"),
        ("beta", (2.0, 1e10, 0.0, 1.0), None, None, "is impossible"),
        ("beta", (2.0, 1.0, 1.0, 1.0), None, None, "has no width"),
        ("beta", (2.0, 1.0, 2.0, 1.0), None, None, "runs backwards"),
        ("beta", (2.0, 1.0, 0.0), None, None, "is no range"),
        ("beta", (0.5, 0.5, 0.0, 1.0), 0.3, 0.3000001, "is truncated to nothing"),
        ("discrete", (1.0, 0.5), None, None, "is no range"),
        ("discrete", (1.0, 0.5, 2.0), None, None, "is no range"),
        ("discrete", (1.0, 0.5, 2.0, 0.0), None, None, "has an impossible weight"),
        ("discrete", (1.0, 0.5, 2.0, -0.1), None, None, "has an impossible weight"),
        ("discrete", (1.0, 0.5, 1.0, 0.5), None, None, "names a value twice"),
        ("discrete", (1.0, 0.5, 2.0, 0.5), 1.0, None, "cannot be truncated"),
        ("empirical", (1.0, 1.0, 1.0), None, None, "has no spread"),
        ("empirical", (1.0,), None, None, "is no range"),
        ("empirical", (1.0, 2.0), None, 1.5, "cannot be truncated"),
        ("cumulative", (1.0, 0.0, 1.0, 1.0), None, None, "does not rise"),
        ("cumulative", (1.0, 0.0, 2.0, 0.7, 3.0, 0.6, 4.0, 1.0), None, None, "does not rise"),
        ("cumulative", (1.0, 0.1, 2.0, 1.0), None, None, "does not begin at 0 and end at 1"),
        ("cumulative", (1.0, 0.0, 2.0, 0.9), None, None, "does not begin at 0 and end at 1"),
        ("cumulative", (0.0, 0.0, 1.0, 0.5, 2.0, 0.5, 3.0, 1.0), 1.2, 1.8, "is truncated to nothing"),
        ("bernoulli", (0.0,), None, None, "is impossible"),
        ("bernoulli", (1.0,), None, None, "is impossible"),
        ("bernoulli", (1.2,), None, None, "is impossible"),
        ("bernoulli", (0.5,), 0.0, 1.0, "cannot be truncated"),
        ("normal", (0.0, math.nan), None, None, "is not finite"),
        ("normal", (0.0, 1.0), math.inf, None, "is not finite"),
        ("normal", (0.0, 1.0), 2.0, 1.0, "is truncated to nothing"),
        ("uniform", (0.0, 1.0), 1.0, None, "is truncated to nothing"),
        ("normal", (0.0, 1.0), 1.0, None, "has its mode outside its bounds"),
        ("lognormal", (1.0, 2.0), 0.5, None, "has its mode outside its bounds"),
        ("uniform", (0.0, 1.0, 2.0), None, None, "is no range"),
        ("cauchy", (0.0, 1.0), None, None, "is no range"),
    ],
)
def test_an_impossible_range_cannot_be_made(kind, parameters, low, high, message):
    assert [one.message for one in problems(kind, parameters, low, high)] == [message]
    with pytest.raises(ValueError, match=message):
        Range(kind, parameters, low, high)


@given(ranges())
def test_the_mode_lies_in_the_support(one):
    low, high = one.support
    assert low < high
    assert one.mode is None or low <= one.mode <= high


@given(st.floats(0.01, 1e6), st.floats(0.01, 3))
def test_the_mode_of_a_lognormal_is_where_its_density_is_highest(mean, variation):
    mode = Range("lognormal", (mean, mean * variation)).mode
    sigma = math.sqrt(math.log1p(variation**2))
    density = stats.lognorm(sigma, scale=mean / math.exp(sigma**2 / 2)).logpdf
    assert density(mode) >= max(density(mode * 0.999), density(mode * 1.001))


@given(st.floats(1e-6, 1e6), st.floats(1.001, 100))
def test_a_lognormal_has_the_percentiles_that_it_was_stated_by(p10, ratio):
    mean, sd = lognormal_from_percentiles(p10, p10 * ratio)
    sigma = math.sqrt(math.log1p((sd / mean) ** 2))
    found = stats.lognorm(sigma, scale=mean / math.exp(sigma**2 / 2)).ppf([0.1, 0.9])
    assert found == pytest.approx([p10, p10 * ratio], rel=1e-9)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.floats(0, 1))
def test_a_triangle_has_the_percentiles_and_the_mode_that_it_was_stated_by(p10, width, place):
    p90 = p10 + width
    mode = min(p10 + width * place, p90)
    least, peak, greatest = triangular_from_percentiles(p10, mode, p90)
    assert peak == mode
    found = stats.triang((mode - least) / (greatest - least), least, greatest - least).cdf([p10, p90])
    assert found == pytest.approx([0.1, 0.9], abs=1e-6)


@given(ranges(), st.floats(1e-3, 1e3))
def test_scaling_moves_support_and_mode_alike(one, factor):
    scaled = one.scaled(factor)
    assert scaled.kind == one.kind or one.kind == "bernoulli"
    assert scaled.support == pytest.approx(tuple(side * factor for side in one.support))
    assert (scaled.mode is None) == (one.mode is None)
    assert scaled.mode == pytest.approx(one.mode * factor) if one.mode is not None else True


@given(ranges(tuple(kind for kind in KINDS if kind != "lognormal")), numbers)
def test_shifting_moves_support_and_mode_and_keeps_the_spread(one, amount):
    least, greatest = one.support
    assume(least + amount < greatest + amount and (one.kind in WIDE or greatest - least > 1e-6 * abs(amount)))
    moved = one.shifted(amount)
    assert moved.support == pytest.approx(tuple(side + amount for side in one.support))
    if one.kind == "normal":
        assert moved.parameters[1] == one.parameters[1]
    if one.kind == "beta":
        assert moved.parameters[:2] == one.parameters[:2]


def test_an_event_that_is_moved_takes_two_other_values():
    event = Range("bernoulli", (0.3,))
    assert event.scaled(1.0) == event.shifted(0.0) == event
    assert event.scaled(6.0) == Range("discrete", (0.0, 0.7, 6.0, 0.3))
    assert event.shifted(2.0) == Range("discrete", (2.0, 0.7, 3.0, 0.3))


@pytest.mark.parametrize(
    ("given", "words", "brief"),
    [
        (
            Range("pert", (3e6, 3.5e6, 4e6), None, 3.9e6),
            "pert: minimum 3,000,000, mode 3,500,000, maximum 4,000,000; at most 3,900,000",
            "pert 3e+06/3.5e+06/4e+06 to 3.9e+06",
        ),
        (Range("beta", (2, 5, 0, 1)), "beta: alpha 2, beta 5, low 0, high 1", "beta 2/5/0/1"),
        (
            Range("discrete", (100, 1, 120, 3)),
            "discrete: 100 with 25 %, 120 with 75 %",
            "discrete 100 with 25 %, 120 with 75 %",
        ),
        (
            Range("cumulative", (1, 0, 2, 0.25, 5, 1)),
            "cumulative: 0 % up to 1, 25 % up to 2, 100 % up to 5",
            "cumulative 0 % up to 1, 25 % up to 2, 100 % up to 5",
        ),
        (Range("empirical", (3, 1, 2)), "empirical: 3 values from 1 to 3", "empirical 3 values from 1 to 3"),
        (Range("bernoulli", (0.2,)), "bernoulli: 1 with probability 0.2, else 0", "bernoulli 0.2"),
        (
            Range.of(stats.gamma(3, scale=2), None, 20).scaled(2).shifted(1),
            "scipy: gamma(3, scale=2) times 2 plus 1; at most 41",
            "scipy gamma(3, scale=2) times 2 plus 1 to 41",
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, Range) else "",
)
def test_a_reader_sees_the_distribution(given, words, brief):
    assert str(given) == words
    assert given.brief == brief


def test_a_range_of_many_points_says_how_many():
    assert str(Range("discrete", tuple(float(x) for x in range(1, 21)))) == "discrete: 10 values from 1 to 19"


def test_scipys_distributions_are_told_apart_by_what_they_draw():
    one, same, other = (Range.of(stats.gamma(shape)) for shape in (3, 3.0, 3.1))
    assert one.digest == same.digest
    assert repr(one) == repr(Range.of(stats.gamma(3)))
    assert one == Range.of(stats.gamma(3)) != other
    data = [Range.of(stats.rv_histogram(np.histogram(values, bins=4))) for values in ([1, 2, 4, 5], [1, 2, 3, 5])]
    assert data[0] != data[1]


def test_truncation_moves_with_its_range():
    one = Range("normal", (10.0, 2.0), 5.0, 20.0)
    assert one.scaled(2.0) == Range("normal", (20.0, 4.0), 10.0, 40.0)
    assert one.shifted(1.0) == Range("normal", (11.0, 2.0), 6.0, 21.0)
    assert one.support == (5.0, 20.0)


def test_a_lognormal_cannot_be_shifted_and_no_range_is_scaled_by_nothing():
    with pytest.raises(ValueError, match="begins at 0"):
        Range("lognormal", (1.0, 1.0)).shifted(1.0)
    with pytest.raises(ValueError, match="above 0"):
        Range("uniform", (0.0, 1.0)).scaled(0.0)
