"""Ranges: only those that exist can be stated, and scaling, shifting and percentiles mean what they say."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from finmodel.assumptions.range import KINDS, Range, lognormal_from_percentiles, problems

numbers = st.floats(-1e6, 1e6)
spreads = st.floats(1e-3, 1e6)


@st.composite
def ranges(draw, kinds=KINDS):
    kind = draw(st.sampled_from(kinds))
    if kind in ("normal", "lognormal"):
        mean = draw(numbers if kind == "normal" else spreads)
        return Range(kind, (mean, draw(spreads)))
    least, width = draw(numbers), draw(spreads)
    mode = least + width * draw(st.floats(0, 1))
    assume(least < least + width)
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


@given(ranges(), st.floats(1e-3, 1e3))
def test_scaling_moves_support_and_mode_alike(one, factor):
    scaled = one.scaled(factor)
    assert scaled.kind == one.kind
    assert scaled.support == pytest.approx(tuple(side * factor for side in one.support))
    assert (scaled.mode is None) == (one.mode is None)
    assert scaled.mode == pytest.approx(one.mode * factor) if one.mode is not None else True


@given(ranges(("pert", "triangular", "uniform", "normal")), numbers)
def test_shifting_moves_support_and_mode_and_keeps_the_spread(one, amount):
    assume(one.parameters[0] + amount < one.parameters[-1] + amount or one.kind == "normal")
    moved = one.shifted(amount)
    assert moved.support == pytest.approx(tuple(side + amount for side in one.support))
    if one.kind == "normal":
        assert moved.parameters[1] == one.parameters[1]


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
