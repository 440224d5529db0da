"""Ranges in a book: each kind is read, converted to the unit and moved by scenarios; impossible ones are faults."""

from __future__ import annotations

import json
import shutil

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from finmodel.assumptions.check import prove
from finmodel.assumptions.json_schema import schemas
from finmodel.assumptions.load import load
from finmodel.assumptions.manual import manual
from finmodel.assumptions.possible import KINDS
from finmodel.assumptions.volumes import Volume, Volumes
from finmodel.errors import Faults
from tests.assumptions.world import BOOK, CASES, model_of

pytestmark = pytest.mark.usefixtures("without_the_shipped_book")

FIGURE = "{{value: {value}, unit: {unit}, as_of: 2026, grade: estimate, note: A note., range: {range}}}"

STATED = {
    "pert": ("{pert: [60, 80, 120]}", (0.06, 0.08, 0.12)),
    "triangular": ("{triangular: [60, 80, 120]}", (0.06, 0.08, 0.12)),
    "triangular by percentiles": ("{triangular: {p10: 80, mode: 80, p90: 120}}", (0.0733333333333, 0.08, 0.14)),
    "uniform": ("{uniform: [60, 120]}", (0.06, 0.12)),
    "normal": ("{normal: [80, 5], truncate: [60, null]}", (0.08, 0.005)),
    "lognormal": ("{lognormal: [80, 20]}", (0.08, 0.02)),
    "beta": ("{beta: {alpha: 2, beta: 5, low: 60, high: 120}}", (2, 5, 0.06, 0.12)),
    "cumulative": ("{cumulative: [[60, 0], [90, 0.7], [120, 1]]}", (0.06, 0, 0.09, 0.7, 0.12, 1)),
    "discrete": ("{discrete: [[60, 1], [80, 2], [120, 1]]}", (0.06, 1, 0.08, 2, 0.12, 1)),
    "empirical": ("{empirical: [60, 80, 80, 120]}", (0.06, 0.08, 0.08, 0.12)),
}


@pytest.fixture
def case(tmp_path):
    """Binds a case that builds on the sound one and has this figure of rack_power, in watts."""
    book = shutil.copytree(BOOK, tmp_path / "assumptions")

    def bound(stated, value=80, unit="W/rack", key="rack_power", scenario=""):
        path = book / "cases" / "own.yaml"
        figure = FIGURE.format(value=value, unit=unit, range=stated)
        text = f"title: Own\nextends: [cases/sound]\nfigures:\n  {key}: {figure}\n"
        if scenario:
            (book / "scenarios" / "own.yaml").write_text(f"title: Own\nfigures: {{{scenario}}}\n")
            text += "scenarios: [own]\n"
        path.write_text(text)
        return prove(str(path), model_of)

    return bound


def test_every_kind_that_a_book_can_state_is_tried_here():
    assert {name.partition(" ")[0] for name in STATED} | {"bernoulli"} == set(KINDS)


@pytest.mark.parametrize("name", STATED)
def test_a_range_is_read_and_converted_to_the_inputs_unit(case, name):
    text, parameters = STATED[name]
    found = case(text).figures()["rack_power"].range
    assert found.kind == name.partition(" ")[0]
    assert found.parameters == pytest.approx(parameters, rel=1e-9)


@pytest.mark.parametrize("name", STATED)
def test_a_scenario_multiplies_the_range_as_it_does_the_value(case, name):
    bound = case(STATED[name][0], scenario="rack_power: {times: 0.5, note: Cheap.}")
    before, after = (bound.figures(scenario)["rack_power"] for scenario in (None, "own"))
    assert after.value == before.value / 2
    assert after.range == before.range.scaled(0.5)
    assert after.range.support == pytest.approx(tuple(side / 2 for side in before.range.support))


@pytest.mark.parametrize("name", [name for name in STATED if name != "lognormal"])
def test_a_scenario_shifts_the_range_as_it_does_the_value(case, name):
    bound = case(STATED[name][0], scenario="rack_power: {plus: 0.01, unit: kW/rack, note: Dear.}")
    before, after = (bound.figures(scenario)["rack_power"] for scenario in (None, "own"))
    assert after.range == before.range.shifted(0.01)


def test_an_event_is_drawn_as_0_or_1_of_the_figures_unit(case):
    month = case("{bernoulli: 0.3}", value=0, unit="month", key="energisation.second")
    assert month.figures()["energisation.second"].range.parameters == (0.3,)
    year = case("{bernoulli: 0.3}", value=0, unit="year", key="energisation.second")
    assert year.figures()["energisation.second"].range.parameters == pytest.approx((0, 0.7, 12, 0.3))


def test_points_in_time_may_be_calendar_dates(case):
    text = "{discrete: [[2027-09-30, 3], [2028-03-31, 1]]}"
    bound = case(text, value="2027-09-30", unit="month", key="energisation.second")
    assert bound.figures()["energisation.second"].range.parameters == pytest.approx((6, 3, 12, 1))


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("{beta: [2, 5, 60, 120]}", r"range\.beta: is not valid .*expected keys and values"),
        ("{beta: {alpha: 2, beta: 5, low: 60}}", r"range\.beta\.high: is missing"),
        ("{beta: {alpha: -2, beta: 5, low: 60, high: 120}}", r"is impossible \(found alpha -2; expected from 0.01"),
        ("{beta: {alpha: 2, beta: 5, low: 120, high: 60}}", "runs backwards"),
        ("{triangular: {p10: 90, mode: 80, p90: 120}}", r"is impossible .*expected p10 <= mode <= p90"),
        ("{triangular: {p10: 80, p90: 120}}", r"is not valid .*\{p10: amount, mode: amount, p90: amount\}"),
        ("{discrete: [60, 80]}", r"range\.discrete: is not valid .*expected \[\[value, weight\]"),
        ("{discrete: [[60, 1]]}", "two or more pairs"),
        ("{discrete: [[60, 1], [80, many]]}", "the weight a number"),
        ("{discrete: [[60, 1], [80, -1]]}", r"has an impossible weight \(found -1 for 80; expected above 0"),
        ("{discrete: [[60, 1], [60, 2]]}", "names a value twice"),
        ("{discrete: [[60, 1], [80, 1]], truncate: [70, null]}", "cannot be truncated"),
        ("{cumulative: [[60, 0.1], [120, 1]]}", "does not begin at 0 and end at 1"),
        ("{cumulative: [[60, 0], [50, 0.5], [120, 1]]}", r"does not rise \(found 50 after 60"),
        ("{cumulative: [[60, 0], [90, 0.5], [100, 0.4], [120, 1]]}", r"does not rise \(found 0.4 after 0.5"),
        ("{empirical: 80}", "a list of two or more values"),
        ("{empirical: [80, 80]}", "has no spread"),
        ("{empirical: [70, 79]}", "leaves out its own value"),
        ("{empirical: [-1, 80]}", r"reaches out of bounds .*leave out the values beyond"),
        ("{bernoulli: 1.5}", r"is impossible \(found 1.5; expected a probability between 0 and 1"),
        ("{bernoulli: often}", r"range\.bernoulli: is not valid"),
        ("{normal: [80, 5]}", r"reaches out of bounds .*truncate: \[0, null\]"),
    ],
)
def test_an_impossible_range_of_a_book_is_a_fault(case, text, pattern):
    with pytest.raises(Faults, match=pattern):
        case(text)


SAID = {
    "pert": "pert 60 / 80 / 120",
    "triangular": "triangular 60 / 80 / 120",
    "triangular by percentiles": "triangular P10 80, mode 80, P90 120",
    "uniform": "uniform 60 / 120",
    "normal": "normal 80 / 5, within 60 / open",
    "lognormal": "lognormal 80 / 20",
    "beta": "beta alpha 2, beta 5, from 60 to 120",
    "cumulative": "cumulative 60 : 0 / 90 : 0.7 / 120 : 1",
    "discrete": "discrete 60 : 1 / 80 : 2 / 120 : 1",
    "empirical": "empirical 60 / 80 / 80 / 120",
}


@pytest.mark.parametrize("name", STATED)
def test_the_manual_says_what_a_book_states(case, name):
    bound = case(STATED[name][0])
    volume = Volume("cases", "own", "Own", "", None, {"rack_power": bound.book.figures["rack_power"]})
    assert f"| {SAID[name]} |" in manual(bound.model, Volumes((volume,), bound.book.sources))


@pytest.mark.parametrize("name", STATED)
def test_an_editor_accepts_what_a_book_may_state(name):
    model = model_of(load(str(CASES / "sound.yaml")))
    validator = Draft7Validator(json.loads(schemas(model, Volumes.all())["case.schema.json"]))
    stated = YAML(typ="safe").load(STATED[name][0])
    figure = {"value": 80, "unit": "W/rack", "as_of": 2026, "grade": "estimate", "note": "A note.", "range": stated}
    assert list(validator.iter_errors({"title": "Own", "figures": {"rack_power": figure}})) == []
    spoilt = figure | {"range": stated | {"unifrom": [1, 2]}}
    assert list(validator.iter_errors({"title": "Own", "figures": {"rack_power": spoilt}}))
