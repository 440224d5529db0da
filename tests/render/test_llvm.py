"""Formulas written as LLVM IR give every lane the bits that they give one path on its own."""

from __future__ import annotations

import ctypes
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmodel.errors import MachineFault
from finmodel.graph import elementary
from finmodel.graph.shocks import normal_score, threefry, uniform
from finmodel.graph.writer import ARRAYS, SCALARS
from finmodel.render import machine
from finmodel.render.lanes import Number, Section, Word
from finmodel.render.llvm import LlvmWriter, Row

WIDTH = 8
PERIODS = 5


def compiled(formula: Callable[..., Sequence[Any]], arguments: int, results: int) -> Callable[..., np.ndarray]:
    """A function of so many rows of `WIDTH` lanes; `formula(w, *numbers)` gives its results."""
    w = LlvmWriter(WIDTH)
    given = [w.load(w.offset("%in", row * WIDTH), 8) for row in range(arguments)]
    for place, result in enumerate(formula(w, *given)):
        number = w.lanes(result)
        number = number if isinstance(number, Number) else w.choose(number, 1.0, 0.0)  # type: ignore[arg-type]
        w.store(number, w.offset("%out", place * WIDTH), 8)
    body = "\n".join(w.section.lines)
    text = f"define void @f(ptr %in, ptr %out) #0 {{\nentry:\n{body}\n  ret void\n}}\n"
    code = machine.compile_ir(text + f"attributes #0 = {{ nounwind {machine.host().attributes} }}\n")
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(code.address("f"))

    def call(*rows: Any) -> np.ndarray:
        memory = np.ascontiguousarray([np.broadcast_to(np.asarray(row, np.float64), (WIDTH,)) for row in rows])
        out = np.empty((results, WIDTH))
        function(memory.ctypes.data, out.ctypes.data)
        return out

    call.code = code  # type: ignore[attr-defined]
    return call


def same_bits(a: float, b: float) -> bool:
    return struct.pack("<d", a) == struct.pack("<d", b) or (math.isnan(a) and math.isnan(b))


def on_scalars(formula: Callable[..., Sequence[Any]], *rows: Any) -> list[list[float]]:
    lanes = [np.broadcast_to(np.asarray(row, np.float64), (WIDTH,)) for row in rows]
    return [[float(x) for x in formula(SCALARS, *(float(row[lane]) for row in lanes))] for lane in range(WIDTH)]


def assert_alike(formula: Callable[..., Sequence[Any]], function: Callable[..., np.ndarray], *rows: Any) -> None:
    for lane, expected in enumerate(on_scalars(formula, *rows)):
        for place, value in enumerate(expected):
            found = function(*rows)[place, lane]
            assert same_bits(found, value), f"lane {lane}, result {place}: {found!r} is not {value!r}"


def arithmetic(w: Any, a: Any, b: Any) -> Sequence[Any]:
    return a + b, a - b, a * b, -a, 2.0 - a, 3.0 * a, 1.0 + b, a * b + a, a * a - b * b, (a + b) * 0.1 - b


def choices(w: Any, a: Any, b: Any) -> Sequence[Any]:
    both = (a < b) & (b <= 1.0)
    return (
        *(w.select(test, a, b) for test in (a < b, a <= b, a > b, a >= b)),
        w.select(w.no(both), 1.0, b),
        w.select(both | (a > 2.0), a, -1.0),
        w.select((a > 0.0) ^ (b > 0.0), a, b),
        w.select(w.select(a > 0.0, a < b, b < 0.0), a, b),
    )


def division(w: Any, a: Any, b: Any) -> Sequence[Any]:
    nonzero = (b < 0.0) | (b > 0.0)
    return (w.select(nonzero, a / w.select(nonzero, b, w.constant(1.0)), w.constant(float("nan"))),)


ARITHMETIC, CHOICES, DIVISION = (
    (formula, compiled(formula, 2, results)) for formula, results in ((arithmetic, 10), (choices, 8), (division, 1))
)
LANES = st.lists(st.floats(allow_nan=False), min_size=WIDTH, max_size=WIDTH)


@settings(deadline=None)
@given(a=LANES, b=LANES)
def test_arithmetic_choice_and_division_are_those_of_one_path(a: list[float], b: list[float]) -> None:
    for formula, function in (ARITHMETIC, CHOICES, DIVISION):
        assert_alike(formula, function, a, b)


def test_a_product_and_a_sum_are_rounded_each() -> None:
    # 1 + 2^-30 squared is 1 + 2^-29 + 2^-60; a fused multiply-add would keep the last term.
    x = 1.0 + 2.0**-30
    assert ARITHMETIC[1](x, x * x)[8].tolist() == [x * x - (x * x) * (x * x)] * WIDTH
    product = compiled(lambda w, a, b: (a * a + b,), 2, 1)
    assert product(x, -(1.0 + 2.0**-29))[0].tolist() == [0.0] * WIDTH


POSITIVE = st.lists(st.floats(0.0, math.inf, exclude_min=True), min_size=WIDTH, max_size=WIDTH)
ORDINARY = st.lists(st.floats(-800.0, 800.0), min_size=WIDTH, max_size=WIDTH)
PARTS = compiled(lambda w, x: (*w.split(w.select(x < math.inf, x, 1.0)), w.sqrt(x), elementary.log(w, x)), 1, 4)
EXP = compiled(lambda w, x: (elementary.exp(w, x), elementary.exp(w, -x)), 1, 2)
POWER = compiled(lambda w, a, b: (elementary.power(w, a, b * 0.01),), 2, 1)


@settings(deadline=None)
@given(x=POSITIVE, y=ORDINARY)
def test_elementary_functions_are_those_of_one_path(x: list[float], y: list[float]) -> None:
    assert_alike(lambda w, x: (*w.split(x if x < math.inf else 1.0), w.sqrt(x), elementary.log(w, x)), PARTS, x)
    assert_alike(lambda w, x: (elementary.exp(w, x), elementary.exp(w, -x)), EXP, y)
    assert_alike(lambda w, a, b: (elementary.power(w, a, b * 0.01),), POWER, x, y)


@pytest.mark.parametrize("k", [-1022.0, -1.0, 0.0, 1.0, 52.0, 1023.0])
def test_a_power_of_two_is_exact(k: float) -> None:
    assert compiled(lambda w, k: (w.two_to(k),), 1, 1)(k)[0].tolist() == [2.0**k] * WIDTH


def test_a_lane_nobody_chooses_spoils_nothing() -> None:
    """The exponential of NaN or of infinity has no meaning, but is no undefined behaviour either."""
    guarded = compiled(lambda w, x: (w.select(x < 1e9, 1.0, elementary.exp(w, x)),), 1, 1)
    assert guarded([1.0, 2.0, 3.0, -math.inf, 5.0, 6.0, 7.0, 8.0])[0].tolist() == [1.0] * WIDTH


def rows_of(w: Any, numbers: Sequence[Any]) -> Any:
    """The arguments as one row over the periods."""
    if w is SCALARS:
        return list(numbers)
    return Row(len(numbers), lambda period: w.load(w.offset("%in", w.emit(f"mul i64 {period}, {WIDTH}")), 8))


def folds(w: Any, *flows: Any) -> Sequence[Any]:
    row = rows_of(w, flows)
    (forwards,) = w.fold(row, (0.5,), lambda x, state: (state * 0.9 + x,))
    (backwards,) = w.fold(row, (w.constant(0.0),), lambda x, state: (state / 1.1 + x,), backwards=True)
    lowest, seen = w.fold(row, (1e9, False), lambda x, low, seen: (w.select(x < low, x, low), seen | (x < 0.0)))
    (beside,) = w.fold(row, (0.5,), lambda x, y, state: (state * x + y,), beside=[rows_of(w, flows)], backwards=True)
    return forwards, backwards, lowest, w.select(seen, 1.0, 0.0), beside


FOLDS = compiled(folds, PERIODS, 5)
FLOWS = st.lists(st.lists(st.floats(-1e6, 1e6), min_size=WIDTH, max_size=WIDTH), min_size=PERIODS, max_size=PERIODS)


@settings(deadline=None)
@given(flows=FLOWS)
def test_a_fold_goes_through_the_row_in_order(flows: list[list[float]]) -> None:
    assert_alike(folds, FOLDS, *flows)


def root_by_halving(w: Any, *flows: Any) -> Sequence[Any]:
    """A loop until each lane is content, with a pass over the row in every turn."""
    row = rows_of(w, flows)

    def turn(low: Any, high: Any, turns: Any) -> Any:
        middle = 0.5 * (low + high)
        (value,) = w.fold(row, (0.0,), lambda x, state: (state * middle + x,), backwards=True)
        positive = value > 0.0
        low, high = w.select(positive, middle, low), w.select(positive, high, middle)
        return (low, high, turns + 1.0), high - low > 1e-3

    going = flows[0] < 1e5
    return w.repeat((w.constant(0.0), w.constant(2.0), 0.0), going, turn, 9)


ROOT = compiled(root_by_halving, PERIODS, 3)


@settings(deadline=None)
@given(flows=FLOWS)
def test_each_lane_of_a_loop_stops_when_it_would_on_its_own(flows: list[list[float]]) -> None:
    assert_alike(root_by_halving, ROOT, *flows)


@pytest.mark.parametrize("limit", [0, 1, 2, 7])
def test_a_loop_ends_at_its_limit(limit: int) -> None:
    def count(w: Any, going: Any) -> Sequence[Any]:
        return w.repeat((w.constant(0.0),), going > 0.0, lambda n: ((n + 1.0,), True), limit)

    assert compiled(count, 1, 1)([1, 0, 1, 1, -1, 1, 1, 0])[0].tolist() == [
        limit if going else 0 for going in (True, False, True, True, False, True, True, False)
    ]


def test_random_words_and_normals_are_those_of_numpy() -> None:
    seed, stream = 0xDEADBEEF, 3
    paths = np.array([0, 1, 2, 5, 1000, 2**31, 2**32 - 2, 2**32 - 1], dtype=np.uint32)

    def draws(w: Any) -> Sequence[Any]:
        key = Word(w, f"splat (i32 {seed})")
        counter = Word(w, f"<{', '.join(f'i32 {path}' for path in paths)}>")
        words = threefry(key, w.word(stream), counter, w.word(77))
        u = uniform(key, w.word(stream), counter, w.word(77))
        return words[0] * 1.0, words[1] * 1.0, u, normal_score(w, u)

    counter = (np.uint32(seed), np.uint32(stream), paths, np.uint32(77))
    u = uniform(*counter)
    expected = [*(word.astype(np.float64) for word in threefry(*counter)), u, normal_score(ARRAYS, u)]
    np.testing.assert_array_equal(compiled(draws, 0, 4)(), expected)


def test_normals_agree_far_out_in_both_tails() -> None:
    u = np.array([2.0**-53, 1e-12, 1e-5, 0.0013, 0.5, 1 - 1e-5, 1 - 1e-12, 1 - 2.0**-53])
    np.testing.assert_array_equal(compiled(lambda w, u: (normal_score(w, u),), 1, 1)(u)[0], normal_score(ARRAYS, u))


def test_what_a_loop_does_not_change_is_computed_before_it() -> None:
    w = LlvmWriter(WIDTH)
    outside = w.load("%in", 8)
    inner = w.section
    w.section = Section("loop", depth=1)
    inside = w.load("%in", 8)
    w.result(Number, "before", outside, w.constant(2.0))
    w.result(Number, "within", outside, inside)
    assert [line.split(" = ")[1] for line in inner.lines][1:] == ["before"]
    assert [line.split(" = ")[1] for line in w.section.lines][1:] == ["within"]


def test_python_cannot_branch_on_lanes() -> None:
    w = LlvmWriter(WIDTH)
    x = w.constant(1.0)
    with pytest.raises(TypeError, match="select"):
        bool(x < 2.0)
    with pytest.raises(TypeError, match="compared with"):
        _ = x == x
    with pytest.raises(TypeError, match="number and a condition"):
        w.select(x < 2.0, x, x > 1.0)


def test_the_same_text_is_compiled_once_for_a_processor() -> None:
    text = "define double @one() {\n  ret double 1.0\n}\n"
    code, other = machine.compile_ir(text), replace(machine.host(), attributes="of another")
    assert machine.compile_ir(text) is code
    with patch.object(machine, "host", return_value=other):
        assert machine.compile_ir(text) is not code


def test_a_platform_that_forbids_compiled_code_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden() -> None:
        raise OSError("cannot allocate executable memory")

    machine.host.cache_clear()
    monkeypatch.setattr(machine.llvm, "check_jit_execution", forbidden)
    with pytest.raises(MachineFault, match="compiled code"):
        machine.compile_ir("")
    machine.host.cache_clear()
