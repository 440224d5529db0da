"""Binding: units, dates and bounds of figures; the order of overrides; what a scenario and a fixed figure do."""

from __future__ import annotations

import datetime
import math
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmodel.assumptions.amounts import Converter, Unfit, months_after
from finmodel.assumptions.bind import bind
from finmodel.assumptions.check import prove, report
from finmodel.assumptions.load import load
from finmodel.assumptions.range import Range
from finmodel.errors import Faults
from tests.assumptions.world import BOOK, CASES, INPUTS, model_of

pytestmark = pytest.mark.usefixtures("without_the_shipped_book")

CLOSE = datetime.date(2027, 3, 31)
dates = st.dates(CLOSE, datetime.date(2060, 12, 31))


@pytest.fixture(scope="module")
def binding():
    return prove(str(CASES / "sound.yaml"), model_of)


@pytest.fixture
def case(tmp_path):
    """Binds a case that builds on the sound one and says this besides."""
    book = shutil.copytree(BOOK, tmp_path / "assumptions")

    def bound(text, scenario=None):
        if scenario is not None:
            (book / "scenarios" / "own.yaml").write_text(f"title: Own\nfigures:\n{scenario}\n")
            text += "\nscenarios: [own, downside]"
        path = book / "cases" / "own.yaml"
        path.write_text(f"title: Own\nextends: [cases/sound]\n{text}\n")
        return prove(str(path), model_of)

    return bound


def test_every_input_has_its_figure_in_the_models_order_and_unit(binding):
    figures = binding.figures()
    assert list(figures) == list(binding.model.inputs)
    assert [one.unit for one in figures.values()] == [one.unit for one in binding.model.inputs.values()]


def test_figures_convert_to_the_inputs_unit_range_included(binding):
    figures = binding.figures()
    assert figures["electricity_price"].value == 80.0
    assert figures["electricity_price"].range == Range("triangular", (50.0, 80.0, 150.0))
    assert figures["inflation"].value == 0.02
    assert figures["inflation"].range == Range("normal", (0.02, 0.005), 0.0)
    assert figures["utilisation"].range == Range("pert", (0.6, 0.85, 0.95))


@given(st.integers(-10_000, 10_000))
def test_a_percentage_is_the_decimal_that_people_write(hundredths):
    scale = Converter("USD", CLOSE).scale("%", "1")
    assert scale(float(hundredths)) == float(f"{hundredths}e-2")


@given(dates, dates)
def test_later_dates_are_later_months(one, other):
    assert (months_after(CLOSE, one) < months_after(CLOSE, other)) == (one < other)


@pytest.mark.parametrize(
    ("date", "months"),
    [
        ("2027-03-31", 0),
        ("2027-04-30", 1),
        ("2027-04-15", 0.5),
        ("2028-02-29", 11),
        ("2028-03-31", 12),
        ("2027-12-31", 9),
    ],
)
def test_a_months_end_is_a_whole_number_of_months_after_close(date, months):
    assert months_after(CLOSE, datetime.date.fromisoformat(date)) == pytest.approx(months, abs=1e-9)


def test_dates_become_months_after_close_range_included(binding):
    first = binding.figures()["energisation.first"]
    assert first.value == pytest.approx(6, abs=1e-9)
    assert first.range is not None
    assert first.range.parameters == pytest.approx((5, 6, 12), abs=1e-9)
    assert binding.figures()["energisation.second"].value == 12


def test_the_regions_currency_is_local_one_to_one():
    euro, dollar = Converter("EUR", CLOSE), Converter("USD", CLOSE)
    assert euro.scale("EUR/kWh", "local/MWh")(0.08) == 80.0
    assert euro.scale("USD/rack", "USD/rack")(5.0) == 5.0
    assert euro.scale("USD/EUR", "USD/local")(1.1) == 1.1
    assert dollar.scale("USD/MWh", "local/MWh")(5.0) == 5.0
    assert dollar.scale("local/MWh", "USD/MWh")(5.0) == 5.0


@pytest.mark.parametrize(
    ("currency", "unit", "target", "message"),
    [
        ("EUR", "SEK/MWh", "local/MWh", "is in a third currency"),
        ("EUR", "GBP", "USD", "is in a third currency"),
        ("USD", "EUR/MWh", "local/MWh", "is in a third currency"),
        ("EUR", "USD/MWh", "local/MWh", "is in another currency"),
        ("EUR", "EUR/rack", "USD/rack", "is in another currency"),
        ("EUR", "local/MWh", "USD/MWh", "is in another currency"),
        ("EUR", "kWh", "MW", "has a wrong unit"),
        ("EUR", "flops", "MW", "has an unknown unit"),
        ("EUR", "__import__('os')", "MW", "has an unknown unit"),
        ("EUR", "9**9**9**9", "1", "has an unknown unit"),
    ],
)
def test_a_unit_that_does_not_convert_is_a_fault(currency, unit, target, message):
    with pytest.raises(Unfit) as raised:
        Converter(currency, CLOSE).scale(unit, target)
    assert raised.value.problem.message == message


def test_components_then_case_then_scenario_then_fixed(case):
    figure = "{{value: {}, unit: kW/rack, as_of: 2026, grade: estimate, note: A note.}}"
    bound = case(f"figures:\n  rack_power: {figure.format(140)}", f"  rack_power: {figure.format(150)}")
    assert load(str(CASES / "sound.yaml")).figures["rack_power"].value == 132
    assert bound.figures()["rack_power"].value == 140
    assert bound.figures("own")["rack_power"].value == 150
    assert bound.figures("own", {"rack_power": 160})["rack_power"].value == 160
    assert bound.figures("downside", {"rack_power": 160})["rack_power"].value == 160


def test_base_is_the_book_as_it_stands(binding):
    assert binding.scenarios == ("base", "upside", "downside")
    assert binding.figures() == binding.figures("base") == binding.figures(None, {})


def test_times_acts_on_value_and_range_alike(binding):
    before, after = binding.figures()["rack_price"], binding.figures("upside")["rack_price"]
    assert after.value == pytest.approx(0.9 * before.value)
    assert after.range == before.range.scaled(0.9)
    assert binding.figures("downside")["gpu_hour_price"].range.parameters == pytest.approx(
        [0.8 * one for one in binding.figures()["gpu_hour_price"].range.parameters]
    )


def test_plus_acts_on_value_and_range_alike_in_its_own_unit(binding):
    after = binding.figures("downside")["electricity_price"]
    assert (after.value, after.range) == (100.0, Range("triangular", (70.0, 100.0, 170.0)))


def test_a_change_without_cohort_acts_on_all_and_one_with_its_cohort_takes_its_place(binding):
    base, upside, downside = (binding.figures(name) for name in binding.scenarios)
    for name in ("energisation.first", "energisation.second"):
        assert downside[name].value == pytest.approx(base[name].value + 6)
    assert upside["energisation.second"].value == pytest.approx(base["energisation.second"].value + 3)
    assert upside["energisation.first"].value == pytest.approx(base["energisation.first"].value - 1)


def test_a_scenarios_whole_figure_replaces_the_range_too(binding):
    assert binding.figures()["utilisation"].range is not None
    assert binding.figures("downside")["utilisation"].range is None
    assert binding.figures("downside")["utilisation"].value == 0.6


def test_bounds_are_checked_after_a_change(case):
    with pytest.raises(
        Faults, match=r"utilisation.times: is out of bounds \(found 1.02; expected at least 0 and at most 1"
    ):
        case("", "  utilisation: {times: 1.2, note: Too good.}")
    with pytest.raises(Faults, match=r"utilisation.times: reaches out of bounds"):
        case("", "  utilisation: {times: 1.1, note: Too good at its best.}")


def test_a_certain_figure_may_be_multiplied_by_nothing(case):
    assert case("", "  rack_power: {times: 0, note: Off.}").figures("own")["rack_power"].value == 0


def test_a_whole_figure_needs_its_cohort(case):
    figure = "{value: 3, unit: rack, as_of: 2026, grade: estimate, note: A note.}"
    with pytest.raises(Faults, match=r"perhaps 'racks.first, racks.second' is meant"):
        case("", f"  racks: {figure}")


def test_a_changed_figure_has_the_weaker_grade_of_both(binding):
    assert binding.figures()["electricity_price"].grade == "primary"
    assert binding.figures("downside")["electricity_price"].grade == "secondary"
    assert binding.figures("upside")["rack_price"].grade == "estimate"
    assert binding.figures(None, {"rack_power": 130})["rack_power"].grade == "estimate"


def test_the_source_of_an_input(binding):
    assert binding.source_of("rack_power").title == "Rack data sheet"
    assert binding.source_of("pue") is None


def test_a_fixed_figure_is_certain_and_the_dimensions_stay(binding):
    fixed = binding.figures("upside", {"rack_price": 3e6})["rack_price"]
    assert (fixed.value, fixed.range, fixed.fixed) == (3e6, None, True)
    assert binding.figures("upside")["rack_price"].range is not None, "a binding never changes"
    assert "rack_price" in binding.uncertain


def test_uncertain_are_the_inputs_with_a_range_anywhere_in_the_models_order(case):
    figure = "{value: 132, unit: kW/rack, as_of: 2026, grade: estimate, note: A note., range: {uniform: [120, 140]}}"
    bound = case("", f"  rack_power: {figure}")
    assert bound.uncertain == tuple(name for name in bound.model.inputs if name in set(bound.uncertain))
    assert bound.uncertain[0] == "rack_power"
    assert bound.figures()["rack_power"].range is None
    assert bound.correlation.shape == (len(bound.uncertain),) * 2


def test_correlations_are_of_normal_scores_in_the_order_of_the_uncertain(binding):
    i, j = (binding.uncertain.index(name) for name in ("rack_price", "gpu_hour_price"))
    expected = np.eye(len(binding.uncertain))
    expected[i, j] = expected[j, i] = 2 * math.sin(math.pi * 0.4 / 6)
    np.testing.assert_array_equal(binding.correlation, expected)


def test_a_figure_made_certain_ends_the_correlations_that_its_case_inherits(case):
    bound = case("figures: {rack_price: {value: 3.0e6, unit: USD/rack, as_of: 2026, grade: estimate, note: A quote.}}")
    assert "rack_price" not in bound.uncertain
    np.testing.assert_array_equal(bound.correlation, np.eye(len(bound.uncertain)))
    assert "correlated  0 pairs" in report(bound)


def test_a_case_that_correlates_a_certain_figure_itself_is_at_fault(case):
    with pytest.raises(Faults, match=r"racks\.second\.between: is certain"):
        case("correlations: [{between: [pue, racks.second], rank: 0.1, grade: estimate, note: Odd.}]")


@pytest.mark.parametrize(
    ("fixed", "pattern"),
    [
        ({"rack_prise": 1.0}, "rack_prise: is no input .*perhaps 'rack_price' is meant"),
        ({"racks": 1.0}, "racks: is no input .*perhaps 'racks.first, racks.second' is meant"),
        ({"rack_price": -1.0}, r"rack_price: is out of bounds \(found -1 USD/rack; expected at least 0 USD/rack"),
        ({"pue": 0.9}, r"pue: is out of bounds \(found 0.9; expected at least 1\)"),
        ({"pue": math.nan}, "pue: is not a finite number"),
        ({"pue": math.inf}, "pue: is not a finite number"),
        ({"pue": True}, "pue: is not a finite number"),
        ({"pue": "1.2"}, "pue: is not a finite number"),
        ({"pue": 10**400}, "pue: is not a finite number"),
        ({"periods": 12}, "periods: is structure, not a figure .*a new structure is a new case"),
        ({"phases": 3}, "a new structure is a new case"),
        ({"close": 3}, "a new structure is a new case"),
    ],
)
def test_what_cannot_be_fixed_is_a_fault(binding, fixed, pattern):
    with pytest.raises(Faults, match=pattern):
        binding.figures(None, fixed)


def test_all_that_cannot_be_fixed_is_said_at_once(binding):
    with pytest.raises(Faults) as raised:
        binding.figures(None, {"rack_prise": 1.0, "pue": 0.0, "rack_power": 130.0})
    assert len(raised.value.faults) == 2


def test_an_unknown_scenario_is_a_fault(binding):
    with pytest.raises(Faults, match=r"is no scenario of the case .*perhaps 'downside' is meant"):
        binding.figures("downsid")


def test_numpy_numbers_can_be_fixed(binding):
    assert binding.figures(None, {"pue": np.float32(1.5)})["pue"].value == 1.5


def test_an_input_without_figure_names_what_may_be_meant_for_it(tmp_path):
    book = load(str(CASES / "sound.yaml"))
    figures = dict(book.figures)
    figures["rack_powr"] = figures.pop("rack_power")
    with pytest.raises(Faults) as raised:
        bind(load(str(CASES / "sound.yaml")).__class__(**{**vars(book), "figures": figures}), model_of(book))
    without, unused = raised.value.faults
    assert (without.key, without.message, without.remedy) == (
        "rack_power", "has no figure", "perhaps 'rack_powr' is meant for it",
    )  # fmt: skip
    assert without.expected == f"a figure in kW/rack: {INPUTS['rack_power'].note}"
    assert (unused.key, unused.message, unused.row) == ("rack_powr", "has no use", 3)


@pytest.mark.parametrize("unit", ["GPU*h", "rack", "month"])
def test_a_spread_may_be_in_months_beside_a_date(case, unit):
    text = f"""figures:
  energisation.first:
    value: 2028-03-31
    unit: {unit}
    as_of: 2026
    grade: estimate
    note: A date with a spread.
    range: {{normal: [2028-03-31, 2], truncate: [2027-06-30, null]}}
"""
    if unit != "month":
        with pytest.raises(Faults, match=r"energisation.first.unit: has a wrong unit"):
            case(text)
        return
    found = case(text).figures()["energisation.first"].range
    assert (found.kind, found.low, found.high) == ("normal", pytest.approx(3), None)
    assert found.parameters == pytest.approx((12, 2))
