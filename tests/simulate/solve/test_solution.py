"""Searches with answers that are known: roots, internal rates of return, quantiles; and what has none."""

import json
import math

import numpy as np
import pytest
from scipy.special import ndtri

from finmodel import metrics
from finmodel.errors import CalculationFault, Faults
from finmodel.graph import Input, log, metric, where
from finmodel.simulate.solve.solution import solve
from finmodel.simulate.solve.target import read
from tests.graph.toys import model
from tests.simulate.subjects import linear_subject, subject
from tests.simulate.toys import BASE, PROJECT, hilliers_project, project, run


def found(examined, vary, text, **options):
    return solve(examined, vary, read(text, examined.model), **options)


def of_one(formula, base, low=None, high=None, note="A number."):
    """A model of one input and one value."""

    @metric("1")
    def value(m):
        """A function of the input."""
        return formula(m.a)

    return subject(model(a=Input("1", note, low=low, high=high), value=value), {"a": base}, {"a": base})


# In the base case


def test_a_linear_model_is_solved_by_division():
    solution = found(linear_subject(), "b", "value=-7")
    assert solution.value == pytest.approx((30.0 + 2.0 + 7.0) / 2.0, rel=1e-12)
    (root,) = solution.roots
    assert root.reached == pytest.approx(-7.0, abs=1e-9)
    assert (root.half_width, root.standard_error, solution.paths) == (None, None, None)
    assert (solution.base, solution.before) == (6.0, 20.0)


def test_the_rate_at_which_present_value_is_zero_is_the_internal_rate_of_return():
    examined = subject(*hilliers_project(1))
    rate = float(metrics.irr([-10_000.0] + [4_000.0] * 4).rate)
    assert found(examined, "rate", "project_npv=0").value == pytest.approx(rate, rel=1e-11)


def test_the_input_at_its_value_gives_the_target():
    examined = subject(project(), PROJECT, BASE)
    value = found(examined, "price", "margin=2.5").value
    prepared = examined.prepared(["price"], ["margin"], shocks=False)
    assert prepared.compute(np.array([[value]]))[0, 0] == pytest.approx(2.5, rel=1e-12)


def test_a_target_that_is_met_already_is_met_by_the_figure_itself():
    assert found(linear_subject(), "a", "value=20").value == 10.0


def test_every_value_is_given_the_nearest_to_the_figure_first():
    examined = of_one(lambda a: (a - 1.0) * (a - 3.0) * (a - 7.0), 2.6)
    solution = found(examined, "a", "value=0")
    assert [root.value for root in solution.roots] == pytest.approx([3.0, 1.0, 7.0], rel=1e-11)
    assert solution.value == solution.roots[0].value
    assert "3 values reach it; between the points measured there may be more" in solution.notes
    assert str(solution).count("\na = ") == 3


def test_where_to_look_can_be_said():
    examined = of_one(lambda a: (a - 1.0) * (a - 3.0) * (a - 7.0), 2.6)
    (root,) = found(examined, "a", "value=0", between=(5.0, 9.0)).roots
    assert root.value == pytest.approx(7.0, rel=1e-11)


def test_a_value_far_from_the_figure_is_found_and_so_is_one_from_zero():
    assert found(of_one(lambda a: a * 1.0, 1.0), "a", "value=-800").value == pytest.approx(-800.0)
    assert found(of_one(lambda a: a * 1.0, 0.0), "a", "value=-800").value == pytest.approx(-800.0)


def test_a_value_at_a_bound_is_found_and_none_beyond_is_looked_for():
    examined = of_one(lambda a: a * a, 2.0, low=-3.0, high=4.0)
    assert [root.value for root in found(examined, "a", "value=16").roots] == [4.0]
    assert [root.value for root in found(examined, "a", "value=9").roots] == pytest.approx([3.0, -3.0])
    solution = found(of_one(lambda a: a * a, 2.0, low=0.0), "a", "value=1")
    assert [root.value for root in solution.roots] == pytest.approx([1.0])
    assert solution.between[0] == 0.0


def test_where_no_value_reaches_the_target_both_ends_are_said():
    with pytest.raises(Faults) as caught:
        found(of_one(lambda a: a * a, 2.0, low=-3.0, high=4.0), "a", "value=20")
    (fault,) = caught.value.faults
    assert (fault.key, fault.message) == ("a", "no value gives value = 20")
    assert fault.found == "value = 9 at -3 and 16 at 4"


def test_a_jump_over_the_target_does_not_reach_it_and_is_said():
    examined = of_one(lambda a: where(a > 5.0, 2.0, 1.0), 3.0, low=0.0, high=10.0)
    with pytest.raises(Faults, match=r"at 5 it jumps over the aim, to [12]"):
        found(examined, "a", "value=1.5")


def test_a_stretch_on_which_the_target_holds_is_said():
    examined = of_one(lambda a: where(a > 5.0, 2.0, 1.0), 3.0, low=0.0, high=10.0)
    solution = found(examined, "a", "value=2")
    assert solution.value > 5.0
    assert any("it is reached at every point measured from 5." in note for note in solution.notes)


def test_where_the_metric_cannot_be_computed_is_passed_over_and_said():
    examined = of_one(lambda a: log(where(a > 1.0, a - 1.0, 0.0)), 3.0, low=-50.0, high=50.0)
    solution = found(examined, "a", "value=0")
    assert solution.value == pytest.approx(2.0, rel=1e-11)
    assert any("it does not exist or cannot be computed" in note for note in solution.notes)


def test_figures_that_break_the_arithmetic_anyway_are_named():
    with pytest.raises(CalculationFault, match="line 'value'"):
        found(of_one(lambda a: log(a * 1.0), -1.0), "a", "value=0")


@pytest.mark.parametrize(
    ("vary", "text", "options", "said"),
    [
        ("prise", "project_npv=0", {}, "perhaps 'price' is meant"),
        ("rate", "worst_flow=0", {}, "rate: does not move worst_flow"),
        ("price", "project_npv=0", {"between": (9.0, 8.0)}, "is no interval"),
        ("price", "project_npv=0", {"between": (9.0, math.inf)}, "is no interval"),
        ("price", "project_npv=0", {"between": (-1.0, 8.0)}, "is out of the input's bounds .*at least 0 USD"),
        ("price", "P(project_npv>0)=90%", {"paths": 0}, "cannot run that many paths"),
    ],
)
def test_what_cannot_be_searched_is_a_fault(vary, text, options, said):
    with pytest.raises(Faults, match=said):
        found(subject(project(), PROJECT, BASE), vary, text, **options)


def test_a_solution_tells_programs_all_and_people_its_units():
    solution = found(subject(project(), PROJECT, BASE), "price", "project_npv=0")
    content = json.loads(solution.json())
    assert (content["vary"], content["unit"], content["paths"], content["seed"]) == ("price", "USD", 0, None)
    assert content["solutions"][0]["value"] == solution.value
    assert content["target"] == {"text": "project_npv = 0 USD", "value": 0.0, "unit": "USD"}
    assert content["base"]["value"] == 10.0
    text = str(solution)
    assert text.startswith("price for project_npv = 0 USD\nprice = ")
    assert "the case has 10 USD, where project_npv = " in text
    assert "paths" not in text


# On paths


def chance_of_linear(chance):
    """At which b the linear model is above zero with a chance, all else normal."""
    sd = math.hypot(3.0 * 2.0, 0.5 * 8.0)
    return (3.0 * 10.0 + 0.5 * 4.0 - float(ndtri(chance)) * sd) / 2.0


def test_the_value_that_gives_a_chance_is_known_and_lies_in_its_interval():
    solution = found(linear_subject(), "b", "P(value>0)=90%", paths=16_384, seed=1)
    (root,) = solution.roots
    assert abs(root.value - chance_of_linear(0.9)) <= root.half_width
    assert root.half_width < 0.05
    assert abs(root.reached - 0.9) <= 1.0 / 16_384
    assert 0.0 < root.standard_error < 0.002
    assert (solution.paths, solution.seed, solution.design) == (16_384, 1, "sobol")
    assert "16,384 paths, seed 1, design sobol, the same random numbers at every value" in str(solution)
    assert "± " in str(solution)


def test_a_percentile_at_zero_is_the_chance_to_be_above():
    chance = found(linear_subject(), "b", "P(value>0)=90%", paths=4_096, seed=1)
    percentile = found(linear_subject(), "b", "p10(value)=0", paths=4_096, seed=1)
    assert percentile.value == pytest.approx(chance.value, abs=0.01)
    assert percentile.roots[0].reached == pytest.approx(0.0, abs=1e-5)
    assert percentile.roots[0].half_width == pytest.approx(chance.roots[0].half_width, rel=0.2)


def test_a_simulation_with_the_value_has_the_chance():
    examined = subject(project(), PROJECT, BASE)
    solution = found(examined, "price", "P(project_npv>1000)=75%", paths=2_048, seed=4, design="lhs")
    dimensions = ("price", "volume", "cost", "outlay", "volatility")
    given = PROJECT | {"price": solution.value}
    simulated = run(
        project(), given, BASE | {"price": solution.value}, paths=2_048, seed=4, design="lhs", dimensions=dimensions
    )
    assert (simulated.result("project_npv") > 1_000.0).mean() == solution.roots[0].reached
    assert solution.roots[0].reached == pytest.approx(0.75, abs=1.0 / 2_048)


def test_a_certain_input_can_be_sought_on_paths():
    examined = subject(project(), PROJECT, BASE)
    solution = found(examined, "rate", "P(project_npv>0)=60%", paths=1_024)
    assert solution.roots[0].reached == pytest.approx(0.6, abs=1.0 / 1_024)


@pytest.mark.parametrize("design", ["sobol", "random"])
def test_intervals_hold_the_known_value_as_often_as_they_say(design):
    known = chance_of_linear(0.8)
    examined = linear_subject()
    roots = [
        found(examined, "b", "P(value>0)=80%", paths=512, seed=seed, design=design, between=(0.0, 20.0)).roots[0]
        for seed in range(60)
    ]
    within = [abs(root.value - known) <= root.half_width for root in roots]
    assert 0.88 <= np.mean(within) <= 1.0


def test_a_chance_that_no_value_gives_is_a_fault_with_the_chance_at_the_ends():
    with pytest.raises(Faults) as caught:
        found(linear_subject(), "c", "P(value>0)=90%", paths=256, between=(-500.0, -499.0))
    (fault,) = caught.value.faults
    assert fault.message == "no value gives P(value > 0 USD) = 90 %"
    assert fault.found == "P(value > 0 USD) = 0 % at -500 USD and 0 % at -499 USD"


@pytest.mark.parametrize("text", ["P(value>0)=99.5%", "P(value>0)=0.5%", "p1(value)=0"])
def test_what_a_few_paths_do_not_see_is_found_on_all(text, monkeypatch):
    all_at_once = found(linear_subject(), "b", text, paths=2_048)
    monkeypatch.setattr("finmodel.simulate.solve.measure.SCANNED", 16)
    assert found(linear_subject(), "b", text, paths=2_048).value == pytest.approx(all_at_once.value, abs=0.1)


def test_threads_change_no_bit():
    examined = subject(project(), PROJECT, BASE)
    one, two = (
        found(examined, "price", "P(project_npv>0)=90%", paths=4_096, seed=1, threads=count) for count in (1, 2)
    )
    assert one == two
