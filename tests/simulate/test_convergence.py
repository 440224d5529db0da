"""Convergence: running statistics, and rules that end a run."""

import dataclasses
import itertools
import json
import math

import numpy as np
import pytest

from finmodel.errors import Faults
from finmodel.simulate.convergence import FEWEST, Rule, Verdict, estimate, running, until
from finmodel.simulate.designs import DESIGNS
from finmodel.simulate.statistics import Sample, half_width
from tests.simulate.toys import BASE, PROJECT, project, run

NORMAL = np.random.default_rng(5).normal(100.0, 10.0, 10_000)


@pytest.fixture(scope="module")
def made():
    return project()


@pytest.fixture(scope="module")
def simulated(made):
    """A simulation of so many paths."""
    return lambda paths, design="sobol": run(made, PROJECT, BASE, paths=paths, seed=1, design=design)


@pytest.mark.parametrize("design", DESIGNS)
def test_running_figures_are_those_of_the_first_paths(design):
    found = running(NORMAL, design)
    assert list(found.index) == [*(2**power for power in range(5, 14)), 10_000]
    assert found.index.name == "paths"
    assert list(found.columns) == [
        name for each in ("mean", "p5", "p50", "p95") for name in (each, f"{each}_half_width")
    ]  # fmt: skip
    part = Sample(NORMAL[:512], design)
    (p95,) = part.percentiles([95])
    assert found.loc[512, "mean"] == part.mean().value
    assert found.loc[512, "p95"] == p95.value
    assert found.loc[512, "p95_half_width"] == half_width(p95.standard_error, 512, design)


def test_intervals_narrow_as_paths_grow(simulated):
    widths = running(simulated(16_384).result("project_npv"), "sobol")["mean_half_width"]
    assert widths.iloc[-1] < widths.iloc[0] / 10


def test_few_paths_have_one_row_without_an_interval():
    found = running(NORMAL[:1], "sobol", ["mean", "sd"])
    assert found.index.tolist() == [1]
    assert found.loc[1, "mean"] == NORMAL[0]
    assert found.drop(columns="mean").isna().all(axis=None)


@pytest.mark.parametrize("statistic", ["median", "p0", "p100", "p", "p-5", "p5x", "pnan", "p1e999", "mean "])
def test_a_statistic_that_there_is_not_is_named(statistic):
    with pytest.raises(Faults, match="no such statistic"):
        running(NORMAL, "random", ["mean", statistic])
    with pytest.raises(ValueError, match="no such statistic"):
        estimate(Sample(NORMAL, "random"), statistic)


def test_any_percentile_can_be_asked_for():
    assert estimate(Sample(NORMAL, "random"), "p97.5").value == pytest.approx(np.percentile(NORMAL, 97.5), rel=1e-15)


def test_a_rule_is_metric_statistic_and_tolerance(made):
    assert Rule.parse(" project_npv  mean 1% ", made) == Rule("project_npv", "mean", 0.01, True, "USD")
    assert Rule.parse("margin p5 0.05", made) == Rule("margin", "p5", 0.05, False, "1")
    assert str(Rule.parse("project_npv sd 2.5%", made)) == "project_npv sd 2.5%"
    assert str(Rule.parse("project_npv p50 5e3", made)) == "project_npv p50 5000"


@pytest.mark.parametrize("text", ["", "project_npv", "project_npv mean", "project_npv mean 1 %", 3, None])
def test_what_is_not_three_words_is_no_rule(made, text):
    with pytest.raises(Faults, match=r"until: not a rule .*expected METRIC STATISTIC TOLERANCE"):
        Rule.parse(text, made)


def test_everything_wrong_with_a_rule_is_said_at_once(made):
    with pytest.raises(Faults) as caught:
        Rule.parse("project_nvp average -1%", made)
    text = str(caught.value)
    assert len(caught.value.faults) == 3
    for said in ("did you mean project_npv?", "mean, sd or a percentile", "above zero, or a share such as 1%"):
        assert said in text


@pytest.mark.parametrize("size", ["0", "0%", "-1", "nan", "inf", "1e999", "%", "one", "1%%"])
def test_a_tolerance_is_a_number_above_zero_or_a_share(made, size):
    with pytest.raises(Faults, match=r"not a tolerance .*above zero in USD, or a share"):
        Rule.parse(f"project_npv mean {size}", made)


def test_a_rule_is_met_where_the_interval_reaches_no_further_than_the_tolerance(made):
    values = NORMAL - 90.0
    reach = half_width(Sample(values, "random").mean().standard_error, values.size, "random")
    for factor, met in ((1.01, True), (0.99, False)):
        for size in (f"{factor * reach:.15g}", f"{100 * factor * reach / values.mean():.15g}%"):
            assert Rule.parse(f"project_npv mean {size}", made).judge(values, "random").converged is met


def test_a_negative_mean_has_a_share_too(made):
    assert Rule.parse("project_npv mean 1%", made).judge(-NORMAL, "random").converged


def test_a_share_of_what_is_near_zero_is_never_met_and_the_verdict_says_so(made):
    verdict = Rule.parse("project_npv mean 50%", made).judge(NORMAL - NORMAL.mean() + 0.01, "random")
    assert not verdict.converged
    assert "of what is near zero no share can be met" in str(verdict)
    assert str(verdict).endswith("give the tolerance in USD")


def test_a_rule_that_is_nearly_met_says_how_many_paths_may_do(made):
    verdict = Rule.parse("project_npv mean 0.1%", made).judge(NORMAL, "random")
    assert str(verdict).startswith("not converged: project_npv mean 0.1%: ")
    assert str(verdict).endswith("after 10,000 paths; about 65,536 paths may do")


def test_a_tolerance_beyond_all_paths_is_to_be_widened(made):
    assert str(Rule.parse("project_npv mean 1e-9", made).judge(NORMAL, "random")).endswith("widen the tolerance")


def test_a_metric_that_no_path_has_does_not_converge(made):
    verdict = Rule.parse("project_npv mean 1%", made).judge(np.full(100, math.nan), "random")
    assert not verdict.converged
    assert "too few of the 100 paths have the metric" in str(verdict)
    assert verdict.content["value"] is None
    assert json.loads(json.dumps(verdict.content, allow_nan=False))["converged"] is False


def test_a_metric_that_is_certain_converges_at_once(made):
    assert Rule.parse("project_npv mean 1%", made).judge(np.zeros(100), "random").converged


@pytest.mark.parametrize("design", DESIGNS)
def test_a_run_ends_at_the_first_look_that_meets_its_rule(made, simulated, design):
    asked = []

    def look(paths):
        asked.append(paths)
        return simulated(paths, design)

    found = until(Rule.parse("project_npv mean 20", made), look, 2**20)
    assert found.verdict.converged
    assert asked[0] == FEWEST
    assert all(later % earlier == 0 and later > earlier for earlier, later in itertools.pairwise(asked))
    assert found.paths == found.verdict.paths == asked[-1] < 2**20
    assert found.metrics.equals(simulated(asked[-1], design).metrics)
    assert not any(
        Rule.parse("project_npv mean 20", made).judge(simulated(paths, design).result("project_npv"), design).converged
        for paths in asked[:-1]
    )


def test_a_run_that_never_meets_its_rule_ends_at_the_most_paths(made, simulated):
    found = until(Rule.parse("project_npv mean 0.001", made), simulated, 5_000)
    assert found.paths == 5_000
    assert not found.verdict.converged
    assert "not converged: project_npv mean 0.001" in repr(found)


def test_fewer_paths_than_the_first_look_are_all_that_is_looked_at(made, simulated):
    assert until(Rule.parse("project_npv mean 1e9", made), simulated, 100).paths == 100


def test_the_seconds_of_every_look_are_counted(made, simulated):
    spent = []

    def look(paths):
        spent.append(dataclasses.replace(simulated(paths), timings={"paths": 2.0}))
        return spent[-1]

    found = until(Rule.parse("project_npv mean 0.001", made), look, 3 * FEWEST)
    assert found.timings == {"paths": 2.0 * len(spent)}
    assert len(spent) > 1


def test_looks_that_cannot_do_are_left_out(made):
    rule = Rule.parse("project_npv mean 1", made)
    growth = [Verdict(rule, 4_096, 5.0, width).growth for width in (1.5, 2.0, 2.1, 9.0, math.nan, 1e300)]
    assert growth == [2, 2, 4, 16, 2, 2]
