"""The laws of a case: it never changes, what is fixed is certain, a path can be replayed, lines can be added."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import finmodel
from finmodel.case import DELAYS, Case, library
from finmodel.errors import Faults, ModelFault
from finmodel.graph import Input, across, line, metric
from finmodel.simulate.designs import DESIGNS

SEED = 2**32 - 1
ANALYST = """
from finmodel.graph import line, metric, total

@line("USD")
def guard_cost(m):
    "Guards at the gates."
    return m.guards * m.guard_wage * m.years_per_period

@metric("USD")
def guard_cost_total(m):
    "Guards over life."
    return total(m.guard_cost)
"""


@pytest.fixture(scope="module")
def case() -> Case:
    return finmodel.load("reference-1gw")


@pytest.fixture(scope="module")
def typed() -> dict[str, Any]:
    """Lines as an analyst types them into a notebook: their source is in no file."""
    names: dict[str, Any] = {}
    exec(compile(ANALYST, "<ipython-input-3-d0c5>", "exec"), names)
    return names


def with_guards(case: Case, typed: dict[str, Any], guards: float = 100.0) -> Case:
    return case.with_lines(
        typed["guard_cost"],
        typed["guard_cost_total"],
        guards=(Input("FTE", "Guards."), guards),
        guard_wage=(Input("USD/FTE/year", "Wage of a guard."), 90_000.0),
    )


# A case never changes


def test_whatever_changes_a_case_returns_another(case: Case, typed: dict[str, Any]) -> None:
    before = dict(case.values)
    changed = case.with_values(rack_price=3.2e6).scenario("downside")
    with_guards(case, typed)
    assert changed.values["rack_price"] == 3.2e6
    assert (case.scenario_name, dict(case.fixed), dict(case.values)) == ("base", {}, before)
    assert "guard_cost" not in case.model.lines


@pytest.mark.parametrize("book", ["fixed", "values", "figures"])
def test_no_figure_of_a_case_can_be_written(case: Case, book: str) -> None:
    with pytest.raises(TypeError):
        getattr(case.with_values(rack_price=3.2e6), book)["rack_price"] = 1.0


def test_a_case_keeps_its_figures_though_the_mapping_it_was_given_changes(case: Case) -> None:
    given = {"rack_price": 3.2e6}
    made = Case(case.book, case.model, case.binding, fixed=given)
    given["rack_price"] = 1.0
    assert made.values["rack_price"] == 3.2e6


def test_a_case_shows_itself_in_one_line(case: Case) -> None:
    changed = case.with_values(rack_price=3.2e6).scenario("downside")
    assert repr(changed) == "<Case reference-1gw, scenario downside, rack_price=3200000>"
    assert len(repr(changed.evaluate())) < 100
    assert len(repr(case.simulate(paths=2))) < 100


# Figures and scenarios


@pytest.mark.parametrize("scenario", ["base", "upside", "downside"])
def test_a_fixed_figure_is_certain_under_every_scenario(case: Case, scenario: str) -> None:
    price = case.figures["gpu_hour_price"].value * 1.1
    for fixed in (
        case.with_values(gpu_hour_price=price).scenario(scenario),
        case.scenario(scenario).with_values(gpu_hour_price=price),
    ):
        figure = fixed.figures["gpu_hour_price"]
        assert (figure.value, figure.range, figure.grade) == (price, None, "estimate")
        assert "gpu_hour_price" not in fixed.simulate(paths=2).uncertain


def test_a_fixed_figure_leaves_the_draws_of_the_others(case: Case) -> None:
    free = case.simulate(paths=100, seed=5).inputs
    fixed = case.with_values(rack_price=3.2e6).simulate(paths=100, seed=5).inputs
    assert set(free) - set(fixed) == {"rack_price"}
    assert fixed.equals(free[fixed.columns])


def test_a_later_value_takes_the_place_of_an_earlier_one(case: Case) -> None:
    assert case.with_values(rack_price=3e6).with_values(rack_price=4e6).values["rack_price"] == 4e6


def test_every_figure_at_fault_is_named_at_once(case: Case) -> None:
    with pytest.raises(Faults) as caught:
        case.with_values(rack_price=-1.0, rack_prise=3e6, phases=3, pue=math.nan)
    assert [fault.key for fault in caught.value.faults] == ["rack_price", "rack_prise", "phases", "pue"]
    assert "a new structure is a new case" in str(caught.value)


def test_an_unknown_scenario_is_a_fault_that_names_the_known_ones(case: Case) -> None:
    with pytest.raises(Faults, match="one of base, upside, downside"):
        case.scenario("sideways")


def test_a_case_is_loaded_by_its_path_as_by_its_name(case: Case) -> None:
    assert finmodel.load(case.book.path).book.fingerprint == case.book.fingerprint


def test_the_library_lists_what_can_be_loaded() -> None:
    assert {"reference-1gw", "epoch-1gw"} <= set(library("cases"))


# Evaluation and replay


def test_an_evaluation_has_every_line_by_month_and_every_metric(case: Case) -> None:
    base = case.evaluate()
    assert list(base.lines.index) == list(case.model.timeline.labels)
    assert {*base.lines.columns, *base.metrics.index} == set(case.model.lines)
    np.testing.assert_array_equal(base.lines["electricity_cost"], base.path.rows["electricity_cost"])


@pytest.mark.parametrize("name", ["income", "balance", "cash flow"])
def test_a_statement_by_year_adds_up_that_by_month(case: Case, name: str) -> None:
    base = case.evaluate()
    monthly, yearly = base.statement(name), base.statement(name, yearly=True)
    assert list(yearly) == list(monthly)
    assert yearly.index[:2].tolist() == ["2027-12", "2028-12"]
    assert yearly.index[-1] == monthly.index[-1]
    assert yearly.index.name == monthly.index.name
    if name == "balance":
        assert yearly.equals(monthly.loc[yearly.index])
        np.testing.assert_allclose(yearly["total_assets"], yearly["total_liabilities"] + yearly["equity"], atol=1)
    else:
        assert len(monthly.loc[:"2027-12"]) == 10  # close, and nine months
        np.testing.assert_allclose(yearly.iloc[0], monthly.loc[:"2027-12"].sum(), rtol=1e-12)
        np.testing.assert_allclose(yearly.sum(), monthly.sum(), rtol=1e-9, atol=1e-3)


def test_what_is_no_statement_is_a_fault_that_names_those_there_are(case: Case) -> None:
    with pytest.raises(Faults, match="expected income, balance, cash flow"):
        case.evaluate().statement("cashflow")


@pytest.mark.parametrize("paths", [1, 15, 17, 100])
@pytest.mark.parametrize("design", DESIGNS)
def test_a_replayed_path_is_its_row_to_the_last_bit(case: Case, design: str, paths: int) -> None:
    simulation = case.simulate(paths=paths, seed=SEED, design=design)
    for path in {0, paths // 2, paths - 1}:
        replayed = case.replay(path, paths=paths, seed=SEED, design=design)
        np.testing.assert_array_equal(replayed.metrics, simulation.metrics.loc[path])
        assert {name: replayed.values[name] for name in simulation.uncertain} == dict(simulation.inputs.loc[path])


def test_a_fan_is_the_percentiles_of_its_paths_replayed_to_the_last_bit(case: Case) -> None:
    names = ["revenue", "cash_flow"]
    found = case.fan(*names, paths=24, seed=SEED)
    replayed = [case.replay(path, paths=24, seed=SEED).lines[names] for path in range(24)]
    for name in names:
        rows = np.array([lines[name] for lines in replayed])
        percents = [int(column[1:]) for column in found[name].columns]
        np.testing.assert_array_equal(found[name].to_numpy(), np.percentile(rows, percents, axis=0).T)
    assert list(found.index) == list(replayed[0].index)
    assert found.attrs["source"] == f"percentiles of 24 paths, seed {SEED}, design sobol"


def test_a_rule_ends_a_run_with_the_paths_of_a_run_of_that_many(case: Case) -> None:
    found = case.simulate(until="capex_total mean 1%", seed=3)
    assert found.verdict is not None
    assert found.verdict.converged
    assert found.paths == 4_096
    assert found.metrics.equals(case.simulate(4_096, seed=3).metrics)
    with pytest.raises(Faults, match="did you mean capex_total"):
        case.simulate(until="capex_totl mean 1%")


def test_a_replayed_path_keeps_scenario_and_fixed_figures(case: Case) -> None:
    changed = case.scenario("downside").with_values(rack_price=3.2e6)
    simulation = changed.simulate(paths=32, seed=3)
    np.testing.assert_array_equal(changed.replay(21, paths=32, seed=3).metrics, simulation.metrics.loc[21])


@pytest.mark.parametrize("path", [-1, 65_536, 1.5])
def test_there_is_no_path_beyond_the_design(case: Case, path: Any) -> None:
    with pytest.raises(Faults, match="no such path"):
        case.replay(path)


@pytest.mark.parametrize(
    "wrong",
    [{"paths": 0}, {"paths": 10.5}, {"seed": -1}, {"seed": 2**32}, {"seed": 1.5}, {"threads": 0}, {"design": "soboll"}],
)
def test_a_run_that_cannot_be_is_a_fault(case: Case, wrong: dict[str, Any]) -> None:
    with pytest.raises(Faults, match=next(iter(wrong))):
        case.simulate(**{"paths": 4, **wrong})


# The price of delay


CASES = sorted(library("cases"))


@pytest.mark.parametrize("name", CASES)
def test_a_delay_moves_every_first_acceptance_by_as_much(name: str) -> None:
    case = finmodel.load(name)
    later = case.with_values(**{delay: case.values[delay] + 1 for delay in DELAYS})

    def dates(of: Case) -> dict[str, float]:
        scalars = of.evaluate().path.scalars
        return {line: value for line, value in scalars.items() if line.startswith("first_acceptance.")}

    assert dates(case)
    assert dates(later) == pytest.approx({line: date + 1 for line, date in dates(case).items()})


@pytest.mark.parametrize("name", CASES)
def test_delay_costs_and_its_price_is_the_fall_of_the_net_present_value(name: str) -> None:
    case = finmodel.load(name)
    later = case.with_values(**{delay: case.values[delay] + 3 for delay in DELAYS})
    fall = case.evaluate().metrics["project_npv"] - later.evaluate().metrics["project_npv"]
    assert case.price_of_delay(3) == pytest.approx(fall / 3)
    assert case.price_of_delay() != 0


def test_the_price_of_delay_of_the_reference_case_is_a_part_of_a_months_ebitda(case: Case) -> None:
    ebitda = case.evaluate().lines["ebitda"].max()
    assert 0.1 * ebitda < case.price_of_delay() < ebitda


@pytest.mark.parametrize("months", [0, math.nan, math.inf, -1000.0])
def test_there_is_no_price_of_no_delay(case: Case, months: float) -> None:
    with pytest.raises(Faults):
        case.price_of_delay(months)


# Why a cell has its value


def test_an_explanation_says_where_a_figure_comes_from(case: Case) -> None:
    def origin(of: Any) -> str:
        return str(of.explain("gpu_hour_price").steps[0].arguments[0].source)

    stated = origin(case.evaluate())
    assert stated.startswith(case.binding.source_of("gpu_hour_price").publisher)  # type: ignore[union-attr]  # it cites one
    assert origin(case.with_values(gpu_hour_price=2.0).evaluate()) == "set by hand"
    assert "; times 0.75 in scenario downside: " in origin(case.scenario("downside").evaluate())
    drawn = origin(case.replay(3, paths=16))
    assert drawn.startswith("drawn; ")
    assert drawn.endswith(stated)


def test_the_printed_arguments_of_the_electricity_cost_recompute_it(case: Case) -> None:
    step = case.evaluate().explain("electricity_cost", "2029-03").steps[0]
    values = {argument.text.replace(".", "_"): argument.value for argument in step.arguments}
    assert math.isclose(eval(step.formula.replace(".", "_"), {}, values), step.value, rel_tol=1e-12)
    assert step.value > 0


# Lines of one's own


def test_an_analyst_adds_a_line_from_a_notebook(case: Case, typed: dict[str, Any]) -> None:
    guarded = with_guards(case, typed)
    years = case.model.timeline.periods / case.model.timeline.per_year
    found = guarded.evaluate()
    assert math.isclose(found.metrics["guard_cost_total"], 100 * 90_000 * (years + 1 / 12), rel_tol=1e-12)
    assert found.metrics["project_npv"] == case.evaluate().metrics["project_npv"]
    simulation = guarded.simulate(paths=20)
    np.testing.assert_array_equal(guarded.replay(9, paths=20).metrics, simulation.metrics.loc[9])


def test_a_line_replaces_that_of_the_same_name_everywhere(case: Case) -> None:
    @line("USD")
    def electricity_cost(m: Any) -> Any:
        """Electricity for nothing."""
        return m.hours * 0 * m.free

    free = case.with_lines(electricity_cost, free=(Input("USD/h", "Nothing."), 0.0))
    assert free.evaluate().metrics["project_npv"] > case.evaluate().metrics["project_npv"]


def test_added_lines_keep_scenario_and_fixed_figures(case: Case, typed: dict[str, Any]) -> None:
    guarded = with_guards(case.scenario("downside").with_values(rack_price=3.2e6), typed)
    assert guarded.scenario_name == "downside"
    assert guarded.values["rack_price"] == 3.2e6
    assert guarded.with_values(guards=3.0).values["guards"] == 3.0


def test_a_fault_of_a_typed_line_names_it_and_its_row(case: Case, typed: dict[str, Any]) -> None:
    with pytest.raises(ModelFault, match="reads 'guards', which is not defined") as caught:
        case.with_lines(typed["guard_cost"])
    assert (caught.value.line, caught.value.file, caught.value.row) == ("guard_cost", "<ipython-input-3-d0c5>", 4)


def test_a_circle_through_the_models_own_lines_is_refused(case: Case) -> None:
    @line("USD")
    def electricity_cost(m: Any) -> Any:
        """A share of what is left."""
        return m.cash_flow * 0.1

    with pytest.raises(ModelFault, match=r"depends on itself within a period: .*cash_flow -> .*cash_flow"):
        case.with_lines(electricity_cost)


@pytest.mark.parametrize(
    "value", [-1.0, math.nan, "many", True, 10**400], ids=["negative", "nan", "text", "bool", "huge"]
)
def test_a_value_that_an_input_of_ones_own_cannot_take_is_a_fault(
    case: Case, typed: dict[str, Any], value: Any
) -> None:
    with pytest.raises(Faults, match="guards") as caught:
        with_guards(case, typed, value)
    assert caught.value.faults[0].file is None


def test_what_is_no_line_or_no_input_is_refused(case: Case) -> None:
    anything: Any = lambda m: m.racks  # noqa: E731  # the mistake that a newcomer makes
    with pytest.raises(ModelFault, match="is no line item"):
        case.with_lines(anything)
    for wrong in (5.0, (5.0, 5.0), (Input("1", "A."),)):
        given: Any = wrong
        with pytest.raises(ModelFault, match="needs an Input and its value"):
            case.with_lines(guards=given)


def test_a_metric_of_ones_own_reads_the_models_cohorts(case: Case) -> None:
    @metric("rack")
    def racks_of_all_phases(m: Any) -> Any:
        """Racks of both halves."""
        return across(m.racks)

    found = case.with_lines(racks_of_all_phases).evaluate().metrics["racks_of_all_phases"]
    assert found == case.values["racks.first"] + case.values["racks.second"]


def test_an_input_of_ones_own_may_take_the_place_of_an_uncertain_correlated_one(case: Case) -> None:
    @metric("USD/rack")
    def quote(m: Any) -> Any:
        """Read back."""
        return m.rack_price * 1

    quoted = case.with_lines(quote, rack_price=(Input("USD/rack", "A quote."), 3.2e6))
    assert quoted.evaluate().metrics["quote"] == 3.2e6
    assert "rack_price" not in quoted.simulate(paths=2).uncertain


def test_a_metric_has_the_weakest_grade_among_the_figures_behind_it(case: Case) -> None:
    behind = case.model.inputs_behind("time_to_first_token_months")
    assert "grid_delay" in behind
    assert "gpu_hour_price" not in behind
    assert case.grades["time_to_first_token_months"] == "estimate"
    assert set(case.grades) == set(case.model.metrics)


def test_a_part_of_platforms_is_no_platform() -> None:
    assert "gb300-nvl72" in library("platforms")
    assert "nvl72-common" not in library("platforms")


# What moves a metric, what reaches it


def test_the_discount_rate_at_which_present_value_is_zero_is_the_internal_rate_of_return(case: Case) -> None:
    found = case.solve("project_discount_rate", "project_npv=0")
    irr = case.evaluate().metrics["project_irr"]
    assert found.value == pytest.approx(irr - case.values["country_risk_premium"], rel=1e-9)
    assert (found.case, found.scenario) == ("reference-1gw", "base")


def test_a_solution_holds_under_a_scenario_and_with_what_is_fixed(case: Case) -> None:
    changed = case.scenario("downside").with_values(rack_price=3e6)
    value = changed.solve("gpu_hour_price", "project_irr=8%").value
    assert changed.with_values(gpu_hour_price=value).evaluate().metrics["project_irr"] == pytest.approx(0.08, rel=1e-9)


def test_a_price_for_a_chance_gives_it_in_a_simulation(case: Case) -> None:
    found = case.solve("gpu_hour_price", "P(project_npv>0)=70%", paths=256, seed=2)
    simulated = case.with_values(gpu_hour_price=found.value).simulate(paths=256, seed=2)
    assert 1.0 - simulated.probabilities["project_npv_negative"] == found.roots[0].reached
    assert found.roots[0].reached == pytest.approx(0.7, abs=1.0 / 256)


def test_a_tornado_is_what_each_input_alone_does_to_the_base_case(case: Case) -> None:
    found = case.tornado("project_npv")
    row = found.table.loc["gpu_hour_price"]
    moved = case.with_values(gpu_hour_price=row["high"]).evaluate().metrics["project_npv"]
    assert row["at_high"] == moved
    assert found.base == case.evaluate().metrics["project_npv"]
    assert len(found.table) == len([figure for figure in case.figures.values() if figure.range is not None])


def test_a_spider_and_a_stress_take_inputs_by_name(case: Case) -> None:
    legs = case.spider("capex_total", inputs=["rack_price"], quantiles=[0.5]).table
    assert legs["input"].tolist() == ["rack_price"]
    found = case.stress(paths=128, grid_delay=(0.8, 1.0), **{"construction_duration.first": (0.5, 1.0)})
    assert found.table.loc["time_to_first_token_months", "difference"] > 0.0
    (followers,) = [note for note in found.notes if note.startswith("these follow")]
    assert followers == "these follow, being correlated: construction_duration.second, construction_delay"


def test_sobol_indices_of_the_case_are_those_of_its_groups_and_its_shocks(case: Case) -> None:
    found = case.sobol_indices("project_npv", paths=64, inputs=["shocks", "construction_delay", "grid_delay"])
    assert set(found.table.index) == {"shocks", "construction_delay + grid_delay"}
    with pytest.raises(Faults, match="ask for all of the group: construction_delay, grid_delay"):
        case.sobol_indices("project_npv", paths=64, inputs=["grid_delay"])
