"""The vector rendering gives every path what the plain rendering gives it, to the last bit."""

from __future__ import annotations

import math
import platform
import struct
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import finmodel
from finmodel.errors import CalculationFault, MachineFault
from finmodel.graph import (
    Input,
    Shock,
    exp,
    highest_where,
    lag,
    lead,
    line,
    log,
    lowest_where,
    metric,
    minimum,
    power,
    ratio,
    total,
    where,
)
from finmodel.metrics.nodes import irr_of, irr_status_of, payback_of
from finmodel.render import compiled, machine
from finmodel.render.plain import compile_plain
from finmodel.render.plan import Plan
from finmodel.render.vector import WIDTHS, Kernel, compile_vector
from finmodel.simulate.shocks import normals
from tests.graph.toys import model
from tests.render.random_models import INPUTS, Recipe, build, recipes

POSITIVE = (0.1, 0.5, 1.0, 1.25, 2.0, 7.5)
FIGURES = (-1.5, -0.25, 0.0, *POSITIVE)


def bits(x: float) -> bytes:
    return b"missing" if math.isnan(x) else struct.pack("<d", x)


def differences(
    kernel: Kernel, values: Mapping[str, float], inputs: np.ndarray, seed: int, *, shocks: bool
) -> list[str]:
    """What the vector rendering says otherwise than the plain one, path by path."""
    paths = inputs.shape[1]
    out = np.full((len(kernel.outputs) + 1, paths), 9.0)
    kernel.run(kernel.tables(values), inputs, out, seed=seed, first_path=5)
    known, plain = kernel.plan.model, compile_plain(kernel.plan)
    streams = [normals(seed, k, range(5, 5 + paths), known.timeline.periods) for k in range(len(known.shocks))]
    found = []
    for path in range(paths):
        figures = {**values, **{name: inputs[row, path] for row, name in enumerate(kernel.uncertain)}}
        drawn = {name: streams[k][path] for k, name in enumerate(known.shocks)} if shocks else None
        try:
            metrics = plain.run(figures, drawn).scalars
        except CalculationFault as fault:
            if out[-1, path] != 1.0:
                found.append(f"path {path}: the fault was not seen: {fault}")
            continue
        if out[-1, path] != 0.0:
            found.append(f"path {path}: a fault that is none")
        for row, name in enumerate(kernel.outputs):
            if bits(metrics[name]) != bits(out[row, path]):
                found.append(f"path {path}, {name}: {metrics[name]!r} in plain, {out[row, path]!r} in vectors")
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    recipe=recipes(),
    uncertain=st.just(set(INPUTS)) | st.sets(st.sampled_from(INPUTS)),
    shocks=st.booleans(),
    width=st.sampled_from((4, 8, 16)),
    data=st.data(),
)
def test_every_path_of_a_random_model_has_the_bits_of_the_plain_rendering(
    recipe: Recipe, uncertain: set[str], shocks: bool, width: int, data: st.DataObject
) -> None:
    plan = Plan(build(recipe))
    kernel = compile_vector(plan, uncertain, shocks=shocks, outputs=plan.model.metrics, width=width)
    assert "define void @run" in kernel.ir
    check(kernel, data, paths=width + 3, shocks=shocks)


def check(kernel: Kernel, data: st.DataObject, paths: int, *, shocks: bool) -> None:
    """Compare paths of drawn figures with the plain rendering."""
    values = {name: data.draw(st.sampled_from(POSITIVE), label=name) for name in INPUTS}
    rows = st.lists(st.sampled_from(FIGURES), min_size=paths, max_size=paths)
    inputs = np.array([data.draw(rows, label=name) for name in kernel.uncertain]).reshape(len(kernel.uncertain), paths)
    try:
        kernel.tables(values)
    except CalculationFault:
        return  # the base case itself is a fault, and says so
    assert differences(kernel, values, inputs, seed=11, shocks=shocks) == []


@contextmanager
def no_compiled_code() -> Iterator[None]:
    """A platform that forbids it."""
    refusal = MachineFault("this platform does not let compiled code run in memory")
    with patch.object(compiled, "host", side_effect=refusal), pytest.warns(RuntimeWarning, match="much slower"):
        yield


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(recipe=recipes(), uncertain=st.sets(st.sampled_from(INPUTS)), shocks=st.booleans(), data=st.data())
def test_where_compiled_code_is_forbidden_arrays_give_the_same_bits(
    recipe: Recipe, uncertain: set[str], shocks: bool, data: st.DataObject
) -> None:
    plan = Plan(build(recipe))
    with no_compiled_code():
        kernel = compile_vector(plan, uncertain, shocks=shocks, outputs=plan.model.metrics)
    assert kernel.ir == kernel.assembly == ""
    check(kernel, data, paths=7, shocks=shocks)


@line("USD")
def flow(m: Any) -> Any:
    """An outlay at close, then an income that grows by a random walk, and a cost of closing."""
    income = m.income * exp(m.walk)
    return where(m.period < 1, -m.outlay, where(m.period < 24, income, -m.closing))


@line("1")
def walk(m: Any) -> Any:
    """A random walk."""
    return lag(m.walk) + m.volatility * m.weather


@metric("USD")
def worth(m: Any) -> Any:
    """All flows."""
    return total(m.flow)


@metric("1")
def rate(m: Any) -> Any:
    """Internal rate of return per period."""
    return irr_of(m.flow, 0.05)


@metric("1")
def rate_status(m: Any) -> Any:
    """Its status."""
    return irr_status_of(m.flow, 0.05)


@metric("1")
def yearly(m: Any) -> Any:
    """Rate of return of a year."""
    return power(1 + m.rate, m.periods_per_year) - 1


@metric("1")
def returned(m: Any) -> Any:
    """Periods to payback."""
    return payback_of(m.flow)


VENTURE = {
    "outlay": Input("USD", "Spent at close."),
    "income": Input("USD", "Earned in a period."),
    "closing": Input("USD", "Spent at the end."),
    "volatility": Input("1", "Of the income."),
    "weather": Shock("Good and bad luck."),
}
VENTURE_VALUES = {"outlay": 100.0, "income": 8.0, "closing": 20.0, "volatility": 0.1}


def venture(width: int = 8, uncertain: Collection[str] = ("outlay", "income", "closing")) -> Kernel:
    lines = (flow, walk, worth, rate, rate_status, yearly, returned)
    made = model(**{each.name: each for each in lines}, **VENTURE)
    return compile_vector(Plan(made), uncertain, shocks=True, outputs=made.metrics, width=width)


def draws(kernel: Kernel, paths: int) -> np.ndarray:
    rng = np.random.default_rng(3)
    return np.array([VENTURE_VALUES[name] * rng.uniform(0.2, 2.5, paths) for name in kernel.uncertain])


def computed(kernel: Kernel, inputs: np.ndarray, **how: int) -> np.ndarray:
    out = np.full((len(kernel.outputs) + 1, inputs.shape[1]), -7.0)
    kernel.run(kernel.tables(VENTURE_VALUES), inputs, out, seed=5, **how)
    return out


@pytest.mark.parametrize("width", WIDTHS)
def test_rates_of_return_and_paybacks_have_the_bits_of_the_plain_rendering(width: int) -> None:
    kernel = venture(width)
    inputs = draws(kernel, 53)
    assert differences(kernel, VENTURE_VALUES, inputs, seed=5, shocks=True) == []
    found = dict(zip(kernel.outputs, computed(kernel, inputs), strict=False))
    assert 0 < np.isnan(found["rate"]).sum() < 53
    assert 0 < np.isnan(found["returned"]).sum() < 53


def test_arrays_find_the_same_rates_of_return_and_paybacks() -> None:
    with no_compiled_code():
        kernel = venture()
    inputs = draws(kernel, 4100)
    np.testing.assert_array_equal(computed(kernel, inputs), computed(venture(), inputs))


def test_what_reads_a_missing_metric_is_missing_and_no_fault() -> None:
    kernel = venture()
    out = computed(kernel, draws(kernel, 53))
    found = dict(zip(kernel.outputs, out, strict=False))
    np.testing.assert_array_equal(np.isnan(found["yearly"]), np.isnan(found["rate"]))
    assert not out[-1].any()


def test_a_path_has_the_same_bits_alone_in_any_chunk_and_at_any_width() -> None:
    kernel = venture()
    inputs = draws(kernel, 53)
    whole = computed(kernel, inputs, first_path=100)
    for other in (venture(4), venture(16)):
        np.testing.assert_array_equal(computed(other, inputs, first_path=100), whole)
    for path in (0, 7, 8, 31, 52):
        alone = computed(kernel, np.ascontiguousarray(inputs[:, path : path + 1]), first_path=100 + path)
        np.testing.assert_array_equal(alone[:, 0], whole[:, path])
    tables, out = kernel.tables(VENTURE_VALUES), np.empty_like(whole)
    parts = [(0, 1), (1, 12), (12, 20), (20, 20), (20, 53)]
    with ThreadPoolExecutor(4) as pool:
        for part in parts:
            pool.submit(kernel.run, tables, inputs, out, low=part[0], high=part[1], seed=5, first_path=100)
    np.testing.assert_array_equal(out, whole)


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="names processors of one family")
@pytest.mark.parametrize("processor", ["x86-64", "x86-64-v3"])
def test_an_older_processor_of_the_family_gives_the_same_bits(processor: str) -> None:
    """One without 512-bit vectors, and one without fused multiply-add either."""
    inputs = draws(venture(), 53)
    here = machine.host()
    with patch.object(machine, "host", return_value=machine.Host(processor, "", "")):
        with patch.object(compiled, "host", machine.host):
            older = venture()
        assert "zmm" not in older.assembly
    assert machine.host() == here
    np.testing.assert_array_equal(computed(older, inputs), computed(venture(), inputs))


def test_only_the_columns_asked_for_are_written() -> None:
    kernel = venture()
    out = computed(kernel, draws(kernel, 53), low=9, high=30)
    assert (out[:, :9] == -7.0).all()
    assert (out[:, 30:] == -7.0).all()
    assert not (out[-1, 9:30] == -7.0).any()


def test_the_last_path_that_has_a_number_is_drawn_like_the_others() -> None:
    kernel = venture()
    last = computed(kernel, draws(kernel, 8), first_path=2**32 - 8)
    plain = compile_plain(kernel.plan)
    weather = normals(5, 0, np.array([2**32 - 1]), 24)[0]
    figures = {**VENTURE_VALUES, **dict(zip(kernel.uncertain, draws(kernel, 8)[:, 7], strict=True))}
    assert plain.run(figures, {"weather": weather}).scalars["worth"] == last[0, 7]


def test_without_shocks_every_path_is_the_base_case() -> None:
    kernel = venture()
    quiet = compile_vector(kernel.plan, (), shocks=False, outputs=kernel.outputs)
    out = computed(quiet, np.empty((0, 11)))
    base = compile_plain(kernel.plan).run(VENTURE_VALUES).scalars
    np.testing.assert_array_equal(out[:-1], np.tile([[base[name]] for name in kernel.outputs], 11))
    assert "fold" not in quiet.ir
    assert "stage" not in quiet.ir


def one_metric(formula: Callable[[Any], Any]) -> Plan:
    """A model of inputs a and b whose only metric is the total of a formula."""

    @metric("1")
    def result(m: Any) -> Any:
        """The total of a formula."""
        return total(formula(m) + 0 * m.period)

    return Plan(model(result=result, a=Input("1", "A number.", low=None), b=Input("1", "A number.", low=None)))


FAULTS = [
    (lambda m: 1 / m.a, [0, 1, 0]),
    (lambda m: m.period / (m.a + m.period), [0, 1, 1]),
    (lambda m: where(m.a > 0, 1 / m.a, 2), [0, 0, 0]),
    (lambda m: where(m.period > 3, 1 / (m.a + m.period - 2), 0), [0, 0, 1]),
    (lambda m: ratio(1, m.a, 2), [0, 0, 0]),
    (lambda m: ratio(1, m.a, 1 / m.a), [0, 1, 0]),
    (lambda m: log(m.a), [0, 1, 1]),
    (lambda m: power(m.a, m.period - 1), [0, 1, 1]),
    (lambda m: where(m.a > 0, power(m.a, 0.5), where(m.a < 0, 1, log(m.a))), [0, 1, 0]),
    (lambda m: lag(m.a + m.period, 2, 1 / m.a), [0, 1, 0]),
    (lambda m: lead(m.a + m.period, 2, 1 / m.a), [0, 1, 0]),
    (lambda m: where(m.period > 22, 0, lead(m.period, 2, 1 / m.a)), [0, 0, 0]),
    (lambda m: where(m.period > 23, 0, lead(m.period, 2, 1 / m.a)), [0, 1, 0]),
    (lambda m: exp(1000 * m.a), [1, 0, 0]),
]


@pytest.mark.parametrize(("formula", "expected"), FAULTS)
def test_a_fault_is_seen_on_its_path_where_no_choice_makes_it_harmless(formula: Any, expected: list[int]) -> None:
    plan, values = one_metric(formula), {"a": 0.5, "b": 0.5}
    kernel = compile_vector(plan, ["a"], shocks=False, outputs=["result"])
    inputs = np.array([[1.0, 0.0, -2.0]])
    out = np.empty((2, 3))
    kernel.run(kernel.tables(values), inputs, out)
    assert out[1].tolist() == expected
    assert differences(kernel, values, inputs, seed=5, shocks=False) == []


@line("1")
def dscr(m: Any) -> Any:
    """Cover that falls by luck."""
    return m.a - lag(m.fall) + lead(m.certain, 2, m.b)


@line("1")
def fall(m: Any) -> Any:
    """A random walk."""
    return lag(m.fall) + m.luck


@line("1")
def certain(m: Any) -> Any:
    """The same on every path."""
    return m.period * 0.1 + 1


@line("1")
def due(m: Any) -> Any:
    """Known in a later stage than the cover, by what comes."""
    return lead(m.dscr, 3, -1) - 2


@metric("1")
def worst(m: Any) -> Any:
    """Lowest cover while some is due."""
    return lowest_where(m.dscr, m.due)


@metric("1")
def best(m: Any) -> Any:
    """Highest cover in the first year."""
    return highest_where(m.dscr, 12.5 - m.period)


@metric("1")
def first_due(m: Any) -> Any:
    """A certain row under an uncertain flag."""
    return lowest_where(m.certain, m.due)


@metric("1")
def flagged(m: Any) -> Any:
    """Everything ahead of everything behind."""
    return total(lead(m.due, 5, m.a) * lag(m.dscr, 2, m.b))


@pytest.mark.parametrize("width", [*WIDTHS, 0])
def test_leads_and_flagged_extremes_have_the_bits_of_the_plain_rendering(width: int) -> None:
    """Width 0 is where compiled code is forbidden."""
    lines = (dscr, fall, certain, due, worst, best, first_due, flagged)
    inputs = {"a": Input("1", "A number.", low=None), "b": Input("1", "A number.", low=None), "luck": Shock("Luck.")}
    made = model(**{each.name: each for each in lines}, **inputs)
    values = {"a": 1.0, "b": 2.0}
    if width:
        kernel = compile_vector(Plan(made), ["a"], shocks=True, outputs=made.metrics, width=width)
    else:
        with no_compiled_code():
            kernel = compile_vector(Plan(made), ["a"], shocks=True, outputs=made.metrics)
    rows = np.linspace(-12.0, 3.0, 37)[np.newaxis]
    assert differences(kernel, values, rows, seed=5, shocks=True) == []
    out = np.empty((len(kernel.outputs) + 1, 37))
    kernel.run(kernel.tables(values), rows, out, seed=5)
    found = dict(zip(kernel.outputs, out, strict=False))
    for name in ("worst", "first_due"):
        assert 0 < np.isnan(found[name]).sum() < 37
    assert not np.isnan(found["best"]).any()


def test_an_overflow_is_a_fault_also_where_the_metric_does_not_show_it() -> None:
    @line("1")
    def huge(m: Any) -> Any:
        """More than a number can be for a above 0.7."""
        return exp(1000 * m.a) + m.period

    @metric("1")
    def capped(m: Any) -> Any:
        """A choice that hides it."""
        return total(minimum(m.huge, 1))

    made = model(huge=huge, capped=capped, a=Input("1", "A number."))
    kernel = compile_vector(Plan(made), ["a"], shocks=False, outputs=["capped"])
    out = np.empty((2, 2))
    kernel.run(kernel.tables({"a": 0.0}), np.array([[0.5, 0.9]]), out)
    assert out[1].tolist() == [0.0, 1.0]


def test_what_no_output_needs_is_not_computed() -> None:
    @line("1")
    def unneeded(m: Any) -> Any:
        """A fault where a is zero."""
        return m.period / m.a

    @metric("1")
    def needed(m: Any) -> Any:
        """Does not read it."""
        return total(m.a * m.period)

    made = model(unneeded=unneeded, needed=needed, a=Input("1", "A number."))
    kernel = compile_vector(Plan(made), ["a"], shocks=False, outputs=["needed"])
    out = np.empty((2, 1))
    kernel.run(kernel.tables({"a": 1.0}), np.array([[0.0]]), out)
    assert out[:, 0].tolist() == [0.0, 0.0]


def test_a_fault_that_every_path_meets_is_told_when_the_tables_are_made() -> None:
    plan = one_metric(lambda m: m.b + 1 / m.a)
    kernel = compile_vector(plan, ["b"], shocks=False, outputs=["result"])
    with pytest.raises(CalculationFault, match=r"result\.1.*division by zero"):
        kernel.tables({"a": 0.0, "b": 1.0})


def test_a_certain_fault_behind_an_uncertain_choice_counts_on_the_paths_that_choose_it() -> None:
    plan = one_metric(lambda m: where(m.b > 1, m.period / (m.a - 1) + log(m.a - 2 + m.period), 0))
    kernel = compile_vector(plan, ["b"], shocks=False, outputs=["result"])
    out = np.empty((2, 3))
    kernel.run(kernel.tables({"a": 1.0, "b": 1.0}), np.array([[0.0, 1.0, 2.0]]), out)
    assert out[1].tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inputs": lambda x: np.asfortranarray(x)}, "inputs must be C-contiguous"),
        ({"inputs": lambda x: x.astype(np.float32)}, "inputs must be an array of float64, not float32"),
        ({"inputs": lambda x: x.astype(">f8")}, "inputs must be an array of float64, not >f8"),
        ({"inputs": lambda x: x.tolist()}, "inputs must be an array of float64, not list"),
        ({"inputs": lambda x: x[:2]}, r"inputs must have shape \(3, 16\), not \(2, 16\)"),
        ({"inputs": lambda x: x[0]}, r"inputs must have shape \(3, 0\), not \(16,\)"),
        ({"inputs": lambda x: np.repeat(x, 2, axis=1)[:, ::2]}, "inputs must be C-contiguous"),
        ({"out": lambda x: x[:-1]}, r"out must have shape \(6, 16\), not \(5, 16\)"),
        ({"out": lambda x: np.broadcast_to(x[:, :1], x.shape)}, "out must be C-contiguous"),
        ({"low": lambda x: -1}, "columns -1 to 16 are not within the 16 paths"),
        ({"high": lambda x: 17}, "columns 0 to 17 are not within the 16 paths"),
        ({"low": lambda x: 9, "high": lambda x: 8}, "columns 9 to 8"),
        ({"seed": lambda x: 2**32}, "a seed is from 0"),
        ({"first_path": lambda x: 2**32 - 15}, "numbers of paths"),
    ],
)
def test_machine_code_is_given_nothing_it_was_not_made_for(change: Mapping[str, Any], message: str) -> None:
    kernel = venture()
    arguments: dict[str, Any] = {"inputs": draws(kernel, 16), "out": np.empty((6, 16)), "low": 0, "high": 16}
    arguments |= {"seed": 0, "first_path": 0}
    arguments |= {name: make(arguments[name]) for name, make in change.items()}
    with pytest.raises(ValueError, match=message):
        kernel.run(kernel.tables(VENTURE_VALUES), **arguments)


def test_a_read_only_result_and_foreign_tables_are_refused() -> None:
    kernel, other = venture(), venture(uncertain=["outlay"])
    out = np.empty((6, 16))
    out.flags.writeable = False
    with pytest.raises(ValueError, match="out cannot be written"):
        kernel.run(kernel.tables(VENTURE_VALUES), draws(kernel, 16), out)
    with pytest.raises(ValueError, match=r"tables\.\w+ must have shape"):
        kernel.run(other.tables(VENTURE_VALUES), draws(kernel, 16), np.empty((6, 16)))


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"uncertain": ["outlai"]}, "no input named outlai"),
        ({"outputs": ["worthy"]}, "no line named worthy"),
        ({"outputs": ["flow"]}, "flow varies in time"),
        ({"width": 5}, "4, 8, 16 paths wide, not 5"),
    ],
)
def test_a_kernel_cannot_be_made_of_what_is_not_there(how: Mapping[str, Any], message: str) -> None:
    asked: dict[str, Any] = {"uncertain": ["outlay"], "shocks": True, "outputs": ["worth"], **how}
    with pytest.raises(ValueError, match=message):
        compile_vector(venture().plan, **asked)


@pytest.fixture(scope="module")
def reference() -> Any:
    return finmodel.load("reference-1gw")


@pytest.mark.parametrize("width", WIDTHS)
def test_every_metric_of_the_reference_case_has_the_bits_of_the_plain_rendering(reference: Any, width: int) -> None:
    uncertain, values = reference.binding.uncertain, reference.values
    kernel = compile_vector(reference.plan, uncertain, shocks=True, outputs=reference.model.metrics, width=width)
    rng = np.random.default_rng(width)
    inputs = np.empty((len(kernel.uncertain), width + 1))
    for row, name in enumerate(kernel.uncertain):
        known = reference.model.inputs[name]
        inputs[row] = np.clip(values[name] * rng.uniform(0.9, 1.1, width + 1), known.low, known.high)
    assert differences(kernel, values, inputs, seed=width, shocks=True) == []
