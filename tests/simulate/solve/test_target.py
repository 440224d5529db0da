"""Targets: what their text says, what they measure, and what is wrong with those that are none."""

import math

import numpy as np
import pytest

from finmodel.errors import Faults
from finmodel.graph import Input, metric
from finmodel.simulate.solve.target import Chance, Percentile, Value, read
from tests.graph.toys import model

VALUES = np.array([-2.0, 0.0, 1.0, 5.0, math.nan])


@pytest.fixture(scope="module")
def made():
    @metric("USD")
    def project_npv(m):
        """Money."""
        return m.a * m.dollar

    @metric("1")
    def margin(m):
        """A pure number."""
        return m.a * 1.0

    return model(a=Input("1", "A number."), dollar=Input("USD", "One."), project_npv=project_npv, margin=margin)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("project_npv=0", Value("project_npv", 0.0, "USD")),
        (" project_npv = -1.5e9 ", Value("project_npv", -1.5e9, "USD")),
        ("margin=12.5%", Value("margin", 0.125, "1")),
        ("P(project_npv>0)=90%", Chance("project_npv", 0.9, "1", ">", 0.0, "USD")),
        ("P( project_npv <= -1e6 ) = 0.05", Chance("project_npv", 0.05, "1", "<=", -1e6, "USD")),
        ("P(margin>=10%)=1%", Chance("margin", 0.01, "1", ">=", 0.1, "1")),
        ("p10(project_npv)=0", Percentile("project_npv", 0.0, "USD", 10.0)),
        ("P97.5(margin)=20%", Percentile("margin", 0.2, "1", 97.5)),
    ],
)
def test_a_target_is_read_from_its_text(made, text, expected):
    assert read(text, made) == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("project_npv=1234567.5", "project_npv = 1,234,568 USD"),
        ("margin=12.5%", "margin = 0.125"),
        ("P(project_npv>0)=90%", "P(project_npv > 0 USD) = 90 %"),
        ("p10(project_npv)=0", "p10(project_npv) = 0 USD"),
    ],
)
def test_a_target_shows_itself_with_units(made, text, shown):
    assert str(read(text, made)) == shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("project_npv", "is not understood"),
        ("project_npv>0", "is not understood"),
        ("P(project_npv)=90%", "is not understood"),
        ("p10(project_npv>0)=1", "is not understood"),
        ("", "is not understood"),
        ("project_nvp=0", "did you mean project_npv"),
        ("P(project_nvp>0)=90%", "did you mean project_npv"),
        ("p10(a)=0", "has no such metric"),
        ("project_npv=much", "'much'"),
        ("project_npv=nan", "is not a finite number"),
        ("project_npv=1e999", "is not a finite number"),
        ("project_npv=10%", "is not in per cent"),
        ("P(project_npv>0)=0%", "is no chance to aim at"),
        ("P(project_npv>0)=100%", "is no chance to aim at"),
        ("P(project_npv>0)=90", "is no chance to aim at"),
        ("p0(project_npv)=0", "is no percentile"),
        ("p100(project_npv)=0", "is no percentile"),
    ],
)
def test_what_is_no_target_is_a_fault_that_says_why(made, text, said):
    with pytest.raises(Faults, match=said) as caught:
        read(text, made)
    assert {fault.key for fault in caught.value.faults} == {"target"}


def test_everything_wrong_with_a_target_is_said_at_once(made):
    with pytest.raises(Faults) as caught:
        read("P(project_nvp>nan)=200%", made)
    assert len(caught.value.faults) == 3


def test_a_chance_is_a_share_of_all_paths_and_one_without_the_metric_does_not_count(made):
    for relation, share in ((">", 0.4), (">=", 0.6), ("<", 0.2), ("<=", 0.4)):
        assert read(f"P(project_npv{relation}0)=50%", made).measured(VALUES) == share


def test_a_percentile_is_over_the_paths_that_have_the_metric(made):
    target = read("p50(project_npv)=0.5", made)
    assert target.measured(VALUES) == 0.5
    assert target.counted(VALUES)[:4].tolist() == [1.0, 1.0, 0.0, 0.0]
    assert math.isnan(target.counted(VALUES)[4])
    assert math.isnan(target.measured(np.full(3, math.nan)))


def test_the_tolerance_of_a_chance_is_a_path():
    target = Chance("x", 0.9, "1", ">", 0.0, "1")
    assert target.tolerance(1_000) == pytest.approx(1e-3)
    assert Percentile("x", 0.0, "1", 10.0).tolerance(1_000) == 0.0
