"""What is examined is what a simulation runs: the same draws, the same shocks, the same metrics."""

import numpy as np
import pytest

from finmodel.assumptions.correlation import matrix_of
from finmodel.assumptions.range import Range
from finmodel.errors import CalculationFault
from finmodel.graph import Input, metric
from finmodel.simulate.designs import DESIGNS
from finmodel.simulate.run import simulate
from tests.graph.toys import model
from tests.simulate.subjects import linear_subject, subject
from tests.simulate.toys import BASE, PRICE, PROJECT, project, run

UNCERTAIN = ("price", "volume", "cost", "outlay", "volatility")


@pytest.mark.parametrize("design", DESIGNS)
def test_draws_and_metrics_are_those_of_a_simulation(design):
    made, matrix = project(), matrix_of(5, {(0, 2): 0.5, (1, 2): -0.3})
    simulated = run(made, PROJECT, BASE, paths=320, seed=7, design=design, correlation=matrix)
    examined = subject(made, PROJECT, BASE, correlation=matrix)
    draws = examined.sample(320, 7, design)
    assert examined.uncertain == simulated.uncertain == UNCERTAIN
    assert np.array_equal(draws, simulated.inputs.to_numpy().T)
    prepared = examined.prepared(UNCERTAIN, made.metrics, shocks=True, threads=2)
    found = prepared.compute(prepared.arrange(dict(zip(UNCERTAIN, draws, strict=True)), 320), seed=7)
    assert np.array_equal(found, simulated.metrics.to_numpy().T)


def test_shocks_can_be_those_of_later_paths():
    made = project()
    examined = subject(made, PROJECT, BASE)
    prepared = examined.prepared([], ["project_npv"], shocks=True)
    (first,) = prepared.compute(prepared.arrange({}, 48), seed=3)
    (later,) = prepared.compute(prepared.arrange({}, 16), seed=3, first_path=32)
    assert np.array_equal(first[32:], later)
    assert not np.array_equal(first[:16], later)


def test_what_is_not_given_is_at_base():
    prepared = linear_subject().prepared(["c", "a"], ["value"], shocks=False)
    assert prepared.varied == ("a", "c")
    (found,) = prepared.compute(prepared.arrange({"c": np.array([0.0, 2.0])}, 2))
    assert found.tolist() == [30.0 - 12.0, 30.0 - 12.0 + 1.0]


def test_a_fixed_figure_moves_no_draw_of_the_others():
    pairs = {(0, 1): 0.5, (1, 2): 0.4}
    free, held = linear_subject(pairs), linear_subject(pairs, b=5.0)
    assert held.uncertain == ("a", "c")
    assert np.array_equal(held.sample(64, 1, "sobol"), free.sample(64, 1, "sobol")[[0, 2]])


def test_inputs_that_depend_on_each_other_are_a_group_though_through_a_third():
    assert linear_subject().groups == (("a",), ("b",), ("c",))
    assert linear_subject({(0, 2): 0.3}).groups == (("a", "c"), ("b",))
    assert linear_subject({(0, 1): 0.5, (1, 2): 0.4}).groups == (("a", "b", "c"),)


def test_inputs_that_depend_on_a_certain_one_only_are_independent():
    assert linear_subject({(0, 1): 0.5, (1, 2): 0.4}, b=5.0).groups == (("a",), ("c",))


def test_a_column_that_cannot_be_computed_is_explained_by_the_plain_rendering():
    @metric("1")
    def value(m):
        """One over what may be zero."""
        return 1 / m.a

    made = model(a=Input("1", "A number.", low=None), value=value)
    prepared = subject(made, {"a": PRICE}, {"a": 10.0}).prepared(["a"], ["value"], shocks=False)
    columns = prepared.arrange({"a": np.array([2.0, 0.0, 4.0])}, 3)
    with pytest.raises(CalculationFault, match="line 'value': division by zero"):
        prepared.compute(columns)
    (found,), bad = prepared.try_to_compute(columns)
    assert bad.tolist() == [False, True, False]
    assert found[[0, 2]].tolist() == [0.5, 0.25]


DATA = Range("empirical", tuple(float(value) for value in (3, 1, 4, 1, 5, 9, 2, 6, 5, 3)))
KINDS = {"a": DATA, "b": Range("bernoulli", (0.3,)), "c": Range("pert", (1.0, 2.0, 4.0), 1.1, 3.5)}


def test_draws_of_every_kind_of_range_are_those_of_a_simulation():
    examined = linear_subject({(0, 1): 0.4, (0, 2): -0.3}, **KINDS)
    simulated = simulate(
        examined.plan, examined.figures, examined.dimensions, examined.correlation, paths=320, seed=7, design="lhs"
    )
    assert np.array_equal(examined.sample(320, 7, "lhs", threads=2), simulated.inputs.to_numpy().T)


def test_the_first_paths_can_be_had_alone():
    examined = linear_subject({(0, 1): 0.4}, **KINDS)
    assert np.array_equal(examined.sample(640, 7, "sobol", 64), examined.sample(640, 7, "sobol")[:, :64])


@pytest.mark.parametrize("design", DESIGNS)
def test_dimensions_further_on_are_an_independent_sample_of_the_same_ranges(design):
    examined = linear_subject({(0, 2): 0.6})
    first, second = examined.sample(4_096, 1, design), examined.sample(4_096, 1, design, offset=3)
    assert second.mean(axis=1) == pytest.approx(first.mean(axis=1), abs=0.6)
    assert np.corrcoef(second)[0, 2] == pytest.approx(np.corrcoef(first)[0, 2], abs=0.06)
    between = np.corrcoef(first, second)[:3, 3:]
    assert np.abs(between).max() < 0.06
