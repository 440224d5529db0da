"""The modules together: one model for one rack and for a gigawatt."""

from __future__ import annotations

import ast
import inspect
import math

import pytest

from finmodel.graph.check import AddsUp, Check, EndsAtZero
from finmodel.graph.nodes import items
from finmodel.lines import gigafactory, statements, summary
from tests.lines.conftest import FIGURES, Site, site_of
from tests.lines.test_summary import lines_by_year, lines_on_one_page


@pytest.mark.parametrize("module", gigafactory.MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_lines_hold_no_figure(module: object) -> None:
    numbers = {
        node.value
        for node in ast.walk(ast.parse(inspect.getsource(module)))  # type: ignore[arg-type]  # a module
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    }
    assert numbers <= {0, 1}


def test_every_input_moves_some_line(financed: Site) -> None:
    read = {item.name for line in financed.model.lines.values() for item in items(line.expression)}
    assert set(financed.model.inputs) <= read
    assert set(financed.model.shocks) <= read


def stem(name: str) -> str:
    return name.partition(".")[0]


def rows_of(check: Check) -> set[str]:
    """The rows that a check holds together."""
    match check:
        case AddsUp(whole=whole, parts=parts, less=less):
            return {whole, *parts, *less}
        case EndsAtZero(level=level):
            return {level}
        case _:
            return set()


def test_every_line_leads_to_a_metric_a_statement_or_a_check(financed: Site) -> None:
    lines = financed.model.lines
    metrics = {stem(name) for name in financed.model.metrics}
    read = {
        stem(item.name)
        for line in lines.values()
        for item in items(line.expression)
        if stem(item.name) != stem(line.name)
    }
    ends = {stem(name) for name in lines} - metrics - read
    shown = {*statements.INCOME_STATEMENT, *statements.BALANCE_SHEET, *statements.CASH_FLOW_STATEMENT}
    checked = set().union(*(rows_of(check) for check in gigafactory.CHECKS))
    summed_up = {*lines_by_year(summary.ANNUAL), *lines_on_one_page(summary.DASHBOARD)}
    assert ends <= {stem(name) for name in shown | checked | summed_up}


def test_every_note_is_a_sentence(site: Site) -> None:
    for item in (*site.model.inputs.values(), *site.model.lines.values()):
        first = item.note.partition("\n")[0]
        assert first[0].isupper() or first[0].isdigit(), item.name
        assert first.endswith("."), item.name


def test_figures_of_the_fixture_are_the_inputs_of_the_model(site: Site) -> None:
    declared = {*site.model.inputs, *site.model.idle_inputs}
    assert {stem(name) for name in FIGURES} == {stem(name) for name in declared}


def test_what_is_switched_off_leaves_the_model_as_it_was_without_it(site: Site) -> None:
    """Reckoned before tokens, colocation, prepayment, service credits and generations of another size were added."""
    result, before = (
        site(),
        {
            "project_npv": 9831215.12607271,
            "project_irr": 0.116076755207839,
            "roi": 0.6669490847235502,
            "capex_total": 176580000.0,
            "revenue_total": 656555868.0,
            "ebitda_total": 540388591.959999,
            "peak_funding": 159733244.52222225,
            "gpu_hours_sold_total": 135625298.39999998,
        },
    )
    assert {name: result[name] for name in before} == pytest.approx(before, rel=1e-12)


def test_one_rack_and_a_gigawatt_have_one_return_but_for_what_is_fixed() -> None:
    site = site_of(48, 12, ("only",), ("original",), 12)
    small, large = site(racks=1, staff_fixed=0), site(racks=10_000, staff_fixed=0)
    for metric in ("project_irr", "roi", "payback_years", "levelised_cost_of_compute", "capex_per_mw", "ebitda_margin"):
        assert small[metric] == pytest.approx(large[metric], rel=1e-9), metric
    assert large["project_npv"] == pytest.approx(10_000 * small["project_npv"])


def test_a_site_whose_every_figure_is_at_its_lowest_still_computes() -> None:
    site = site_of(60, 12, ("first", "second"), ("original", "second"), 12)
    lowest = {name: max(value.low or 0.0, 0.0) for name, value in site.model.inputs.items()}
    result = site(lowest)
    assert result["project_npv"] == 0
    assert math.isnan(result["project_irr"])


def test_three_phases_and_one_generation_are_a_structure_too() -> None:
    site = site_of(20, 4, ("east", "north", "west"), ("original",), 6)
    result = site(construction_start=0)
    assert result["capex_total"] == pytest.approx(3 * (14.86e6 + 44e6))
