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
