"""Cases side by side: what differs is shown, what does not is not, and a difference is to the first."""

from __future__ import annotations

import json
import math

import pytest

import finmodel
from finmodel.graph import Input, metric
from finmodel.report.compare import WIDTH


@pytest.fixture(scope="module")
def case():
    return finmodel.load("reference-1gw")


@pytest.fixture(scope="module")
def epoch():
    return finmodel.load("epoch-1gw")


def region(case, tmp_path, **changes):
    """The case's file with some text changed, as a case of its own."""
    text = case.book.path.read_text(encoding="utf-8")
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "moved.yaml"
    path.write_text(text, encoding="utf-8")
    return finmodel.load(path)


def test_a_case_beside_itself_differs_in_nothing(case):
    found = case.compare(case)
    assert found.labels == ["reference-1gw", "reference-1gw (2)"]
    assert found.figures.empty
    assert found.structure.empty
    assert (found.differences["reference-1gw (2)"].fillna(0) == 0).all()
    assert "No figure differs" in str(found)
    assert "Structure" not in str(found)


def test_a_fixed_figure_is_the_one_that_differs(case):
    changed = case.with_values(rack_price=3.2e6)
    found = case.compare(changed)
    assert found.labels == ["reference-1gw", "reference-1gw, rack_price=3200000"]
    assert list(found.figures.index.unique("input")) == ["rack_price"]
    one = found.figures.loc[("rack_price", found.labels[1])]
    assert one.to_dict() == {
        "value": 3.2e6,
        "unit": "USD/rack",
        "range": "",
        "grade": "estimate",
        "source": "set by hand",
    }
    values = found.figures["value"].unstack("case")
    assert values.loc["rack_price", "reference-1gw"] == case.values["rack_price"]


def test_a_difference_is_to_the_first_case(case, epoch):
    found = case.compare(epoch, case.scenario("downside"))
    for other, one in (("epoch-1gw", epoch), ("reference-1gw@downside", case.scenario("downside"))):
        expected = one.evaluate().metrics["project_npv"] - case.evaluate().metrics["project_npv"]
        assert found.differences.loc["project_npv", other] == expected
    assert found.metrics["unit"]["project_npv"] == "USD"
    assert list(found.metrics.columns) == ["unit", *found.labels]


def test_figures_are_those_that_a_scenario_changes(case):
    found = case.compare(case.scenario("downside"))
    changed = {
        name
        for name in case.figures
        if (case.figures[name].value, case.figures[name].range)
        != (case.scenario("downside").figures[name].value, case.scenario("downside").figures[name].range)
    }
    assert set(found.figures.index.unique("input")) == changed
    assert found.figures.loc[("grid_delay", "reference-1gw@downside"), "source"] == "rabobank-power, plus 6 month"


def test_structure_that_differs_is_said_in_words(case, epoch):
    found = case.compare(epoch).structure
    assert found.loc["phases"].tolist() == ["first, second", "first"]
    assert found.loc["close"].tolist() == [str(one.book.structure.close) for one in (case, epoch)]
    assert "per_year" not in found.index


def test_a_figure_that_one_case_lacks_has_no_row_for_it(case, epoch):
    found = case.compare(epoch)
    assert ("racks.second", "reference-1gw") in found.figures.index
    assert ("racks.second", "epoch-1gw") not in found.figures.index
    line = next(line for line in str(found).splitlines() if line.startswith("racks.second"))
    assert line.split()[-1] == "absent"
    assert json.loads(found.json())["figures"]["racks.second"]["epoch-1gw"] is None


def test_local_money_is_named_by_its_currency(case, tmp_path):
    moved = region(case, tmp_path, region=("regions/texas", "regions/italy"))
    found = case.compare(moved)
    assert found.structure.loc["currency"].tolist() == ["USD", "EUR"]
    units = found.figures["unit"]
    assert not units.str.contains("local").any()
    assert any("EUR" in unit for unit in units)
    mixed = [name for name, group in units.groupby(level="input") if group.nunique() > 1]
    assert mixed, "an input in local money has a unit of its own in each region"
    line = next(line for line in str(found).splitlines() if line.startswith(f"{mixed[0]} "))
    assert "USD" in line
    assert "EUR" in line


def test_lines_of_ones_own_are_structure_that_differs_and_metrics_that_others_lack(case):
    @metric("USD/year")
    def guards(m):
        """Cost of guards."""
        return m.guard_cost

    found = case.compare(case.with_lines(guards, guard_cost=(Input("USD/year", "Guards."), 9e4)))
    other = found.labels[1]
    assert found.structure.loc["own lines"].tolist() == ["none", "guards"]
    assert math.isnan(found.metrics.loc["guards", "reference-1gw"])
    assert math.isnan(found.differences.loc["guards", other])
    content = json.loads(found.json())["metrics"]["guards"]
    assert content["reference-1gw"] == {"value": None, "unit": None}
    assert content[other] == {"value": 9e4, "unit": "USD/year", "difference": None}


def test_metrics_in_unlike_units_have_no_difference(case):
    def with_unit(unit):
        @metric(unit)
        def guards(m):
            """Cost of guards."""
            return m.guard_cost

        return case.with_lines(guards, guard_cost=(Input(unit, "Guards."), 9e4))

    found = with_unit("USD/year").compare(with_unit("USD/month"))
    assert found.metrics["unit"]["guards"] == "USD/year; USD/month"
    assert found.differences.loc["guards"].isna().all()


def test_json_is_all_of_it(case, epoch):
    found = case.compare(epoch)
    content = json.loads(found.json())
    assert content["cases"]["epoch-1gw"] == {"case": "epoch-1gw", "scenario": "base", "title": epoch.title}
    assert set(content["figures"]) == set(found.figures.index.unique("input"))
    price = content["figures"]["rack_price"]["reference-1gw"]
    assert set(price) == {"value", "unit", "range", "grade", "source"}
    assert set(price["range"]) == {"kind", "parameters", "low", "high"}
    npv = content["metrics"]["project_npv"]
    assert npv["epoch-1gw"]["difference"] == npv["epoch-1gw"]["value"] - npv["reference-1gw"]["value"]
    assert "difference" not in npv["reference-1gw"]


def test_three_cases_stay_within_a_hundred_columns_and_hide_nothing(case, epoch):
    found = case.compare(case.scenario("downside"), epoch)
    text = str(found)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "…" not in text
    for name in (*found.figures.index.unique("input"), *found.metrics.index):
        assert any(line.startswith(f"{name} ") for line in text.splitlines()), name
    assert "3,289" in text


def test_numbers_of_metrics_say_scale_and_sign(case):
    text = str(case.compare(case.with_values(rack_price=3.2e6)))
    line = next(line for line in text.splitlines() if line.startswith("capex_total"))
    assert "bn USD" in line
    assert any("(-" in line for line in text.splitlines())
    assert any("(+" in line for line in text.splitlines())


# Simulated on common random numbers


@pytest.fixture(scope="module")
def simulated(case):
    return case.compare(case.scenario("downside"), paths=256, seed=3)


def test_simulated_cases_have_the_paths_of_a_simulation_and_the_difference_of_their_means(case, simulated):
    downside = case.scenario("downside")
    ours, theirs = (one.simulate(paths=256, seed=3).metrics["project_npv"] for one in (case, downside))
    first, other = (simulated.simulated.loc[("project_npv", label)] for label in simulated.labels)
    assert (first["mean"], other["mean"]) == (ours.mean(), theirs.mean())
    assert other["difference"] == pytest.approx((theirs - ours).mean())
    assert (other["unit"], other["share"]) == ("USD", 1.0)
    assert math.isnan(first["difference"])


def test_the_interval_of_a_difference_is_narrower_than_that_of_either_mean(case, simulated):
    changed = case.with_values(rack_price=case.values["rack_price"] * 1.05)
    found = case.with_values(rack_price=case.values["rack_price"]).compare(changed, paths=256)
    row = found.simulated.loc[("project_npv", found.labels[1])]
    alone = case.simulate(paths=256).summary().loc["project_npv", "standard_error"]
    assert 0.0 < row["half_width"] < 0.2 * alone
    assert row["difference"] < 0.0


def test_a_case_beside_itself_differs_on_no_path(case):
    found = case.compare(case, paths=64).simulated
    second = found.xs("reference-1gw (2)", level="case")
    there = second["mean"].notna()
    assert (second.loc[there, ["difference", "half_width"]] == 0).all().all()


def test_a_metric_that_some_paths_lack_says_on_how_many_the_difference_is(simulated):
    row = simulated.simulated.loc[("payback_years", "reference-1gw@downside")]
    assert 0.0 < row["share"] < 1.0
    text = " ".join(str(simulated).split())
    assert f"on {row['share']:.1%} of paths)" in text


def test_the_print_says_paths_seed_design_and_what_the_interval_is(simulated):
    text = str(simulated)
    assert "Means over 256 paths, seed 3, design sobol, differences to reference-1gw in brackets" in text
    assert "± is half of a 95 % interval, from differences path by path on common random numbers" in text
    assert max(map(len, text.splitlines())) <= WIDTH


def test_json_has_the_simulation_where_there_is_one(case, simulated):
    content = json.loads(simulated.json())["simulation"]
    assert (content["paths"], content["seed"], content["design"]) == (256, 3, "sobol")
    npv = content["metrics"]["project_npv"]
    assert set(npv["reference-1gw"]) == {"unit", "mean"}
    assert set(npv["reference-1gw@downside"]) == {"unit", "mean", "difference", "half_width", "share"}
    assert content["metrics"]["levelised_cost_of_tokens"]["reference-1gw@downside"]["difference"] is None
    assert "simulation" not in json.loads(case.compare(case).json())
    assert case.compare(case).simulated.empty


def test_draws_that_are_not_common_are_said(case, epoch):
    found = case.compare(epoch, paths=64)
    (note,) = [line for line in str(found).splitlines() if "drawn in one of the two only" in line]
    assert note.startswith("epoch-1gw: ")
    assert json.loads(found.json())["simulation"]["notes"]["epoch-1gw"]


def test_simulated_metrics_in_unlike_units_have_no_difference(case):
    def with_unit(unit):
        @metric(unit)
        def guards(m):
            """Cost of guards."""
            return m.guard_cost

        return case.with_lines(guards, guard_cost=(Input(unit, "Guards."), 9e4))

    found = with_unit("USD/year").compare(with_unit("USD/month"), paths=32)
    row = found.simulated.loc[("guards", found.labels[1])]
    assert (row["mean"], row["unit"]) == (9e4, "USD/month")
    assert math.isnan(row["difference"])
