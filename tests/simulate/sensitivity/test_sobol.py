"""Sobol indices: Ishigami's, those of additive models in closed form, groups of what is correlated, and refusals."""

import math

import numpy as np
import pytest

from finmodel.assumptions.correlation import matrix_of
from finmodel.assumptions.range import Range
from finmodel.errors import Faults
from finmodel.graph import Input, Shock, line, metric, total, where
from finmodel.metrics.nodes import payback_of
from finmodel.simulate.designs import uniforms
from finmodel.simulate.sensitivity.sobol import SHOCKS, estimate, sobol_indices
from tests.graph.toys import MONTHLY, model
from tests.simulate.subjects import COEFFICIENTS, RANGES, linear_subject, sd_of, subject
from tests.simulate.toys import BASE, PROJECT, project

# Ishigami, Homma, "An importance quantification technique in uncertainty analysis for computer models", ISUMA (1990);
# with a = 7 and b = 0.1 the variances are known: those of x1, of x2, and of x1 and x3 together.
A, B = 7.0, 0.1
BY_FIRST = 0.5 * (1.0 + B * math.pi**4 / 5.0) ** 2
BY_SECOND = A**2 / 8.0
BY_FIRST_AND_THIRD = B**2 * math.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
VARIANCE = BY_FIRST + BY_SECOND + BY_FIRST_AND_THIRD
FIRST = (BY_FIRST / VARIANCE, BY_SECOND / VARIANCE, 0.0)
TOTAL = ((BY_FIRST + BY_FIRST_AND_THIRD) / VARIANCE, BY_SECOND / VARIANCE, BY_FIRST_AND_THIRD / VARIANCE)


def ishigami(x):
    return np.sin(x[0]) + A * np.sin(x[1]) ** 2 + B * x[2] ** 4 * np.sin(x[0])


def estimates(paths, seed, design="sobol"):
    u = uniforms(design, paths, 6, seed) * 2.0 * math.pi - math.pi
    a, b = u[:3], u[3:]
    found = []
    for place in range(3):
        mixed = a.copy()
        mixed[place] = b[place]
        found.append(estimate(ishigami(a), ishigami(b), ishigami(mixed)))
    return found


def test_ishigamis_indices_are_those_of_the_literature():
    assert pytest.approx(13.844587940719254, rel=1e-14) == VARIANCE
    assert pytest.approx((0.31390519114781146, 0.4424111447900409, 0.0), rel=1e-14) == FIRST
    assert pytest.approx((0.5575888552099592, 0.4424111447900409, 0.2436836640621477), rel=1e-14) == TOTAL


def test_ishigamis_indices_are_found():
    for found, first, total_index in zip(estimates(4_096, 1), FIRST, TOTAL, strict=True):
        assert found.first == pytest.approx(first, abs=0.03)
        assert found.total == pytest.approx(total_index, abs=0.03)
        assert max(found.first_half_width, found.total_half_width) < 0.05


@pytest.mark.parametrize("design", ["sobol", "random"])
def test_ishigamis_indices_are_within_their_intervals_as_often_as_these_say(design):
    within = []
    for seed in range(60):
        for found, first, total_index in zip(estimates(1_024, seed, design), FIRST, TOTAL, strict=True):
            within.append(abs(found.first - first) <= found.first_half_width)
            within.append(abs(found.total - total_index) <= found.total_half_width)
    assert 0.91 <= np.mean(within) <= 0.98


def sine(x):
    """The sine between -pi and pi by its Taylor series, for the language has none."""
    found = 1.0
    for order in range(13, 0, -1):
        found = 1.0 - found * (x * x) * (1.0 / (2 * order * (2 * order + 1)))
    return x * found


def ishigamis_model():
    @metric("1")
    def value(m):
        """Ishigami's function."""
        second = sine(m.x2)
        third = m.x3 * m.x3
        return sine(m.x1) * (1.0 + B * third * third) + A * second * second

    return model(**{name: Input("1", "An angle.", low=None) for name in ("x1", "x2", "x3")}, value=value)


def test_ishigamis_function_as_a_model_has_its_indices():
    names = ("x1", "x2", "x3")
    given = dict.fromkeys(names, Range("uniform", (-math.pi, math.pi)))
    found = sobol_indices(subject(ishigamis_model(), given, dict.fromkeys(names, 0.5)), "value", paths=8_192, seed=1)
    assert list(found.table.index) == ["x1", "x2", "x3"]
    for name, first, total_index in zip(names, FIRST, TOTAL, strict=True):
        assert abs(found[name].first - first) <= found[name].first_half_width
        assert abs(found[name].total - total_index) <= found[name].total_half_width
    assert "8,192 paths a sample, seed 1, design sobol" in found.title


def test_in_an_additive_model_first_and_total_index_are_the_share_of_variance():
    variances = {name: (COEFFICIENTS[name] * sd_of(RANGES[name])) ** 2 for name in RANGES}
    found = sobol_indices(linear_subject(), "value", paths=4_096, seed=2)
    for name, variance in variances.items():
        share = variance / sum(variances.values())
        assert found[name].first == pytest.approx(share, abs=0.01)
        assert found[name].total == pytest.approx(share, abs=0.01)
    assert list(found.table.index) == sorted(variances, key=variances.get, reverse=True)


def test_correlated_inputs_have_the_indices_of_their_group():
    normal = {"a": Range("normal", (10.0, 2.0)), "b": Range("normal", (6.0, 3.0)), "c": Range("normal", (4.0, 8.0))}
    rank = 0.6
    correlation = 2.0 * math.sin(math.pi * rank / 6.0)
    part = {name: COEFFICIENTS[name] * sd_of(normal[name]) for name in normal}
    together = part["a"] ** 2 + part["b"] ** 2 + 2.0 * correlation * part["a"] * part["b"]
    share = together / (together + part["c"] ** 2)
    found = sobol_indices(linear_subject({(0, 1): rank}, **normal), "value", paths=4_096, seed=2)
    assert found.groups == {"a + b": ("a", "b"), "c": ("c",)}
    assert found["a + b"].first == pytest.approx(share, abs=0.015)
    assert found["a + b"].total == pytest.approx(share, abs=0.015)
    assert found["c"].total == pytest.approx(1.0 - share, abs=0.015)
    assert any(note.startswith("a, b are correlated: what they explain cannot be parted") for note in found.notes)


def test_an_index_of_an_input_within_a_group_is_refused_with_the_reason():
    examined = linear_subject({(0, 2): 0.6})
    found = sobol_indices(examined, "value", paths=256)
    with pytest.raises(Faults, match=r"a: has no Sobol index of its own .found an input correlated with c"):
        _ = found["a"]
    with pytest.raises(Faults, match="remedy: ask for all of the group: a, c"):
        sobol_indices(examined, "value", paths=256, inputs=["a", "b"])
    with pytest.raises(Faults, match="bb: is no group of uncertain inputs"):
        _ = found["bb"]


def test_a_choice_of_groups_has_the_indices_that_all_have():
    examined = linear_subject({(0, 2): 0.6})
    everything = sobol_indices(examined, "value", paths=256, seed=5)
    some = sobol_indices(examined, "value", paths=256, seed=5, inputs=["c", "a"])
    assert some.table.equals(everything.table.loc[["a + c"]])
    assert sobol_indices(examined, "value", paths=256, seed=5, inputs=["a + c"]).table.equals(some.table)


def walk():
    """An input and the sum of shocks, each of variance 1, over 24 periods."""

    @line("1")
    def step(m):
        """A shock."""
        return where(m.period > 0.0, m.wind, 0.0)

    @metric("1")
    def value(m):
        """What is given, and where the wind has blown."""
        return m.a + total(m.step)

    return model(a=Input("1", "A number.", low=None), wind=Shock("Wind."), step=step, value=value)


def test_all_shocks_of_a_path_are_one_more_group():
    examined = subject(walk(), {"a": Range("normal", (0.0, 3.0))}, {"a": 0.0})
    found = sobol_indices(examined, "value", paths=8_192, seed=3)
    share = 9.0 / (9.0 + MONTHLY.periods)
    assert found["a"].first == pytest.approx(share, abs=0.03)
    assert found["a"].total == pytest.approx(share, abs=0.03)
    assert found[SHOCKS].first == pytest.approx(1.0 - share, abs=0.03)
    assert found[SHOCKS].total == pytest.approx(1.0 - share, abs=0.03)
    alone = sobol_indices(examined, "value", paths=8_192, seed=3, inputs=["shocks"])
    assert alone.table.equals(found.table.loc[["shocks"]])


def test_interactions_are_in_the_total_index_only():
    found = sobol_indices(subject(project(), PROJECT, BASE), "project_npv", paths=2_048, seed=1)
    volatility = found["volatility"]
    assert volatility.first + volatility.first_half_width < volatility.total - volatility.total_half_width
    assert found.table["first"].sum() <= 1.0 + found.table["first_half_width"].sum()
    assert found.table["total"].sum() >= 1.0 - found.table["total_half_width"].sum()


def test_threads_change_no_bit_and_the_seed_decides():
    examined = subject(project(), PROJECT, BASE)
    one, two = (sobol_indices(examined, "project_npv", paths=4_096, seed=1, threads=count) for count in (1, 2))
    assert one.table.equals(two.table)
    assert not one.table.equals(sobol_indices(examined, "project_npv", paths=4_096, seed=2).table)


def test_a_metric_that_is_missing_on_some_path_has_no_indices():
    @line("1")
    def flow(m):
        """Rent after the outlay."""
        return where(m.period > 0.0, m.rent, -1.0)

    @metric("1")
    def paid_back(m):
        """Periods until the outlay is back."""
        return payback_of(m.flow)

    made = model(rent=Input("1", "Rent.", low=None), flow=flow, paid_back=paid_back)
    with pytest.raises(Faults, match=r"paid_back: has no Sobol indices where it is missing .found none on"):
        sobol_indices(subject(made, {"rent": Range("uniform", (-1.0, 1.0))}, {"rent": 0.5}), "paid_back", paths=256)


def test_a_metric_that_does_not_vary_has_none_either_and_says_so():
    found = sobol_indices(linear_subject(a=1.0, b=2.0, c=Range("uniform", (1.0, 2.0))), "value", paths=64)
    assert found["c"].total == pytest.approx(1.0, abs=0.2)

    @metric("1")
    def value(m):
        """Nothing moves it."""
        return m.a * 0.0

    made = model(a=Input("1", "A number."), value=value)
    found = sobol_indices(subject(made, {"a": Range("uniform", (0.0, 1.0))}, {"a": 0.5}), "value", paths=64)
    assert math.isnan(found["a"].first)
    assert "the metric does not vary: there is nothing to explain" in found.notes


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"paths": 100}, "a multiple of 16, at least 64"),
        ({"paths": 32}, "a multiple of 16, at least 64"),
        ({"design": "halton"}, "no such design"),
        ({"seed": -1}, "not a seed"),
    ],
)
def test_a_design_that_cannot_be_parted_is_a_fault(options, said):
    with pytest.raises(Faults, match=said):
        sobol_indices(linear_subject(), "value", **options)


def test_an_unknown_metric_is_a_fault():
    with pytest.raises(Faults, match="did you mean value"):
        sobol_indices(linear_subject(), "valeu")


def test_a_large_group_is_named_by_its_first_input_and_holds_them_all():
    matrix = matrix_of(5, {(0, 1): 0.3, (1, 2): 0.3, (2, 3): 0.3})
    found = sobol_indices(subject(project(), PROJECT, BASE, correlation=matrix), "project_npv", paths=256)
    assert set(found.table.index) == {"price and 3 more", "volatility", SHOCKS}
    assert found.groups["price and 3 more"] == ("price", "volume", "cost", "outlay")
    assert found["price and 3 more"].total > 0.5
    with pytest.raises(Faults, match="ask for all of the group: price, volume, cost, outlay"):
        _ = found["price"]
