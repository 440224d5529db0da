"""Ranges from Python: stated as in a book or made by SciPy, under scenarios, behind the other dimensions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from finmodel.assumptions.by_hand import with_ranges
from finmodel.assumptions.check import prove
from finmodel.assumptions.range import Range
from finmodel.errors import Faults
from tests.assumptions.world import CASES, model_of


@pytest.fixture(scope="module")
def binding():
    return prove(str(CASES / "sound.yaml"), model_of)


def ranged(binding, scenario="base", fixed=None, **ranges):
    return with_ranges(binding, ranges, scenario, fixed or {})


GAMMA = stats.gamma(44, scale=3)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"pert": [120, 132, 150]}, Range("pert", (120, 132, 150))),
        ({"pert": (120, 132, 150), "truncate": [None, 145]}, Range("pert", (120, 132, 150), None, 145)),
        ({"empirical": np.array([131, 133, 140])}, Range("empirical", (131, 133, 140))),
        ({"discrete": np.array([[130, 1], [140, 2]])}, Range("discrete", (130, 1, 140, 2))),
        ({"normal": [np.float64(132), np.float32(2)], "truncate": (100, None)}, Range("normal", (132, 2), 100)),
        (Range("uniform", (130, 140)), Range("uniform", (130, 140))),
        (GAMMA, Range.of(GAMMA)),
        ({"scipy": GAMMA, "truncate": [100, None]}, Range.of(GAMMA, 100)),
        (stats.rv_histogram(np.histogram([130, 131, 140], bins=3)), None),
        (stats.poisson(132), Range.of(stats.poisson(132))),
    ],
    ids=lambda given: type(given).__name__,
)
def test_a_range_may_be_stated_or_be_scipys(binding, given, expected):
    figure = ranged(binding, rack_power=given).figures()["rack_power"]
    assert figure.value == 132
    assert expected is None or figure.range == expected
    assert figure.range.distribution is None or figure.range.kind == "scipy"


def test_an_input_without_a_range_becomes_the_last_dimension_and_is_independent(binding):
    changed = ranged(binding, rack_power={"uniform": [130, 140]}, rack_price={"uniform": [3.4e6, 3.6e6]})
    assert changed.uncertain == (*binding.uncertain, "rack_power")
    assert binding.uncertain[0] != "rack_power", "although it is the model's first input"
    size = len(binding.uncertain)
    np.testing.assert_array_equal(changed.correlation[:size, :size], binding.correlation)
    np.testing.assert_array_equal(changed.correlation[size], np.eye(size + 1)[size])
    assert changed.dependence.asked == binding.dependence.asked
    assert list(changed.figures()) == list(binding.model.inputs)
    assert binding.figures()["rack_power"].range is None, "a binding never changes"


def test_a_scenario_acts_on_such_a_range_as_on_the_books(binding):
    changed = ranged(binding, gpu_hour_price=stats.gamma(9, scale=binding.figures()["gpu_hour_price"].value / 9))
    base, downside = (changed.figures(scenario)["gpu_hour_price"].range for scenario in (None, "downside"))
    assert downside == base.scaled(0.8)
    upside = ranged(binding, rack_price={"uniform": [3.4e6, 3.6e6]}).figures("upside")["rack_price"]
    assert upside.range == Range("uniform", (0.9 * 3.4e6, 0.9 * 3.6e6))
    assert changed.figures("downside")["utilisation"].range is None, "the scenario replaces it whole"


@pytest.mark.parametrize(
    ("ranges", "pattern"),
    [
        ({"rack_powr": {"uniform": [130, 140]}}, r"rack_powr: is no input .*perhaps 'rack_power' is meant"),
        ({"racks": {"uniform": [130, 140]}}, r"racks: is no input .*perhaps 'racks.first, racks.second' is meant"),
        ({"periods": {"uniform": [130, 140]}}, "is structure, not a figure"),
        ({"rack_power": {"uniform": [140, 130]}}, r"rack_power\.range: runs backwards \(found \[140, 130\]"),
        ({"rack_power": {"unifrom": [130, 140]}}, r"rack_power\.range: is an unknown key .*expected one of pert"),
        ({"rack_power": {"uniform": [130, 140], "pert": [1, 2, 3]}}, r"rack_power\.range: is not valid .*one of pert"),
        ({"rack_power": {"uniform": [130, "140"]}}, r"rack_power\.range: is not valid \(found uniform"),
        ({"rack_power": [130, 140]}, r"rack_power\.range: is no range .*expected a frozen distribution"),
        ({"rack_power": 132}, r"is no range \(found 132; expected a frozen distribution of scipy\.stats"),
        ({"rack_power": {"uniform": [133, 140]}}, r"leaves out its own value \(found \[133, 140\] kW/rack"),
        ({"rack_power": {"uniform": [-1, 140]}}, r"reaches out of bounds .*truncate: \[0, null\]"),
        ({"rack_power": {"discrete": [[-1, 1], [140, 1]]}}, r"reaches out of bounds .*leave out the values beyond"),
        ({"rack_power": stats.norm(132, 10)}, r"reaches out of bounds .*truncate: \[0, null\]"),
        ({"rack_power": stats.gamma(-1)}, "is impossible"),
        ({"rack_power": stats.gamma}, r"is no distribution to draw from .*missing"),
        ({"rack_power": stats.gamma([3, 4], scale=40)}, "is no distribution to draw from"),
        ({"rack_power": stats.gamma([44], scale=3)}, "is not one distribution"),
        ({"rack_power": stats.cauchy(132)}, "has no finite mean and deviation"),
        ({"rack_power": stats.t(2, 132)}, "has no finite mean and deviation"),
        ({"rack_power": {"scipy": stats.t(2, 132), "truncate": [0, None]}}, "has no finite mean and deviation"),
        ({"rack_power": {"scipy": stats.norm(132, 1), "truncate": [200, None]}}, "is truncated to nothing"),
        ({"rack_power": {"scipy": stats.norm(132, 1), "truncate": [140, 130]}}, "is truncated to nothing"),
        ({"rack_power": {"scipy": stats.poisson(132), "truncate": [0, 150]}}, "cannot be truncated"),
        ({"rack_power": {"scipy": GAMMA, "uniform": [1, 2]}}, "is no range"),
        ({"rack_power": {"scipy": GAMMA, "truncate": 3}}, r"is not valid .*null for an open side"),
        ({"rack_power": stats.randint(132, 133)}, "has no spread"),
    ],
)
def test_what_cannot_be_a_range_is_a_fault(binding, ranges, pattern):
    with pytest.raises(Faults, match=pattern):
        with_ranges(binding, ranges, "base", {})


def test_a_heavy_tail_is_welcome_once_it_is_cut_on_both_sides(binding):
    given = ranged(binding, rack_power={"scipy": stats.cauchy(132), "truncate": [100, 200]})
    assert given.figures()["rack_power"].range.support == (100, 200)


def test_all_that_is_wrong_is_said_at_once(binding):
    with pytest.raises(Faults) as raised:
        ranged(binding, rack_powr={"uniform": [1, 2]}, rack_power={"uniform": [2, 1]}, pue={"uniform": [1.1, 1.4]})
    assert [fault.key for fault in raised.value.faults] == ["rack_powr", "rack_power.range"]


def test_a_range_that_would_change_nothing_is_a_fault(binding):
    with pytest.raises(Faults, match=r"rack_power\.range: is set by hand"):
        ranged(binding, fixed={"rack_power": 140.0}, rack_power={"uniform": [130, 140]})
    with pytest.raises(Faults, match=r"utilisation\.range: is replaced by scenario downside"):
        ranged(binding, "downside", utilisation={"uniform": [0.5, 0.9]})
    assert ranged(binding, utilisation={"uniform": [0.5, 0.9]}).figures("downside")["utilisation"].range is None


def test_a_scenario_that_cannot_act_on_a_range_is_a_fault(binding):
    value = binding.figures()["electricity_price"].value
    with pytest.raises(Faults, match=r"electricity_price\.plus: cannot be shifted"):
        ranged(binding, electricity_price={"lognormal": [value, 10]})
