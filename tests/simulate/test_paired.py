"""Runs on common random numbers: paired by name, differences with honest intervals, and a word where they differ."""

import math

import numpy as np
import pytest

from finmodel.assumptions.range import Range
from finmodel.errors import Faults
from finmodel.graph import Input, Shock, line, metric, total
from finmodel.simulate.paired import difference, run
from finmodel.simulate.statistics import half_width, standard_error
from tests.graph.toys import model
from tests.simulate.subjects import linear_subject, subject
from tests.simulate.toys import BASE, PROJECT, project
from tests.simulate.toys import run as simulated


def project_subject(**given):
    return subject(project(), PROJECT | given, BASE, dimensions=("price", "volume", "cost", "outlay", "volatility"))


def test_subjects_of_equal_dimensions_have_the_draws_of_a_simulation():
    found = run([project_subject(), project_subject(cost=450.0)], paths=160, seed=3)
    metrics = simulated(project(), PROJECT, BASE, paths=160, seed=3).metrics
    for name, values in found.results[0].items():
        assert np.array_equal(values, metrics[name])
    assert found.notes == ((), ("drawn in one of the two only: cost",))


def test_a_subject_beside_itself_differs_in_nothing():
    found = run([project_subject(), project_subject()], paths=64)
    apart = difference(found.results[0]["project_npv"], found.results[1]["project_npv"], "sobol")
    assert (apart.mean, apart.half_width, apart.share) == (0.0, 0.0, 1.0)
    assert found.notes == ((), ())


def shown(*names):
    """A model that shows each of its inputs as a metric."""

    def one(name):
        def found(m):
            """The input itself."""
            return m[name] * 1.0

        found.__name__ = f"{name}_shown"
        return metric("1")(found)

    inputs = {name: Input("1", "A number.", low=None) for name in names}
    made = model(**inputs, **{f"{name}_shown": one(name) for name in names})
    return subject(made, dict.fromkeys(names, Range("normal", (0.0, 1.0))), dict.fromkeys(names, 0.0))


def test_inputs_are_paired_by_name_whatever_their_order():
    found = run([shown("a", "b", "c"), shown("d", "c", "a")], paths=64, seed=2)
    one, other = found.results
    assert np.array_equal(one["a_shown"], other["a_shown"])
    assert np.array_equal(one["c_shown"], other["c_shown"])
    assert not np.any(np.isin(other["d_shown"], one["b_shown"]))
    assert found.notes[1] == ("drawn in one of the two only: b, d",)


def test_what_is_correlated_otherwise_is_alike_and_said():
    free, tied = linear_subject(), linear_subject({(0, 1): 0.5})
    found = run([free, tied], paths=64)
    assert found.notes[1] == ("correlated otherwise, so that their draws are alike, not the same: a, b",)
    assert found.notes[0] == ()


def blown(*winds):
    @metric("1")
    def value(m):
        """Where the winds have blown."""
        return total(m.step)

    @line("1")
    def step(m):
        """All shocks together."""
        return sum((m[wind] * 1.0 for wind in winds), m.a)

    made = model(**{wind: Shock("Wind.") for wind in winds}, a=Input("1", "A number."), step=step, value=value)
    return subject(made, {"a": 1.0}, {"a": 1.0})


def test_shocks_that_are_not_common_are_said():
    one, other = run([blown("east"), blown("east", "west")], paths=32).notes
    assert one == ()
    assert other == ("shocks that are not common: west",)
    assert run([blown("west", "east"), blown("east", "west")], paths=32).notes[1] == (
        "shocks that are not common: west, east",
    )


def test_a_difference_is_that_of_the_means_with_the_interval_of_the_paired_paths():
    rng = np.random.default_rng(1)
    first, noise = rng.normal(size=(2, 1_600))
    second = first + 3.0 + 0.1 * noise
    for design in ("sobol", "random"):
        found = difference(first, second, design)
        assert found.mean == pytest.approx(second.mean() - first.mean())
        assert found.half_width == half_width(standard_error(second - first, design), 1_600, design)
        assert abs(found.mean - 3.0) < 0.02
        alone = half_width(standard_error(second, design), 1_600, design)
        assert found.half_width < 0.2 * alone


def test_a_difference_is_over_the_paths_that_have_the_metric_in_both():
    first, second = np.arange(64.0), np.arange(64.0) + 2.0
    first[:16], second[60:] = math.nan, math.nan
    found = difference(first, second, "random")
    assert (found.mean, found.share) == (2.0, 44 / 64)
    none = difference(np.full(8, math.nan), np.zeros(8), "random")
    assert math.isnan(none.mean)
    assert none.share == 0.0


def test_paths_that_cannot_be_are_a_fault():
    with pytest.raises(Faults, match="cannot run that many paths"):
        run([linear_subject()], paths=0)
