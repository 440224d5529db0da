"""The pages around the calculations say what Python says, and notice what is changed."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from openpyxl.utils.cell import coordinate_to_tuple

import finmodel
from finmodel.case import Case
from finmodel.graph.check import EndsAtZero
from finmodel.lines import gigafactory
from finmodel.lines.glossary import WORDS
from finmodel.render.excel import render
from finmodel.render.sheet import Sheet
from finmodel.report.figures import Inputs
from finmodel.report.pages.sensitivity import MOST, sensitivity_sheet
from finmodel.report.pages.simulation import simulation_sheet
from finmodel.report.workbook import sheets
from finmodel.simulate.simulation import Simulation
from tests.workbook.spreadsheets import Iron, Read, cells, keys, live_cell, office

LOG, VALUE = "Change log", 4
FRESH = ("Cover", LOG, "Scenarios", "Returns", "Simulation", "Sensitivity", "Sources", "Glossary")


@pytest.fixture(scope="module")
def case() -> Case:
    """A case with loans, scenarios and events, of eight years."""
    return finmodel.load("h200-10k")


@pytest.fixture(scope="module")
def simulation(case: Case) -> Simulation:
    """Some of its paths."""
    return case.simulate(paths=1_024, seed=3)


@pytest.fixture(scope="module")
def path(case: Case, simulation: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its workbook."""
    written = tmp_path_factory.mktemp("pages") / "workbook.xlsx"
    case.to_excel(written, simulation=simulation)
    return written


def changed(case: Case, path: Path, read: Read) -> tuple[float, list[str]]:
    """How many figures the change log counts as changed, and which it marks."""
    rows = keys(path, LOG)
    marked = [name for name in case.model.inputs if read(LOG, rows[name], VALUE) != 0]
    return read(LOG, rows["Changed since"], VALUE), marked


def table(path: Path, sheet: str, title: str) -> dict[str, dict[str, object]]:
    """The rows of a table by key, each by the heads of its columns."""
    rows = cells(path, sheet)
    first = next(number for number, row in enumerate(rows) if row[0] == title)
    head = next(
        number for number in range(first, len(rows)) if rows[number][1] is not None and rows[number][5] is not None
    )
    found = {}
    for row in rows[head + 1 :]:
        if row[1] is None or row[5] is None:
            break
        found[str(row[1])] = {str(name): value for name, value in zip(rows[head], row, strict=True) if name}
    return found


def test_nothing_is_marked_as_changed_in_a_workbook_as_exported(case: Case, path: Path) -> None:
    assert changed(case, path, Iron(path).recalculated()) == (0, [])


EDITS = {
    "another base": (("rack_price", "Base"), 9e5),
    "an empty base": (("staff_fixed", "Base"), ""),
    "a text": (("load_factor", "Base"), "much"),
    "a zero in an empty cell of a scenario": (("pue", "downside"), 0.0),
    "an error": (("pue", "Base"), "=1/0"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_ironcalc_marks_what_is_edited(case: Case, path: Path, edit: str) -> None:
    (name, heading), value = EDITS[edit]
    read = Iron(path).set({live_cell(path, name, heading): value}).recalculated()
    assert changed(case, path, read) == (1, [name])


def test_libreoffice_marks_what_is_edited(case: Case, path: Path, tmp_path: Path, libreoffice: str) -> None:
    typed = {live_cell(path, *place): value for place, value in EDITS.values() if value != ""}
    emptied = live_cell(path, "gpu_hour_price", "price-war")
    (read,) = office(path, tmp_path, libreoffice, {**typed, emptied: ""})
    count, marked = changed(case, path, read)
    assert set(marked) == {name for (name, _), value in EDITS.values() if value != ""} | {"gpu_hour_price"}
    assert count == len(marked)


def test_a_cleared_zero_and_a_figure_that_is_put_back_are_told_apart(case: Case, path: Path) -> None:
    zero = next(name for name, figure in case.figures.items() if figure.value == 0.0)
    iron = Iron(path).set({live_cell(path, zero): ""})
    assert changed(case, path, iron.recalculated()) == (1, [zero])
    assert changed(case, path, iron.set({live_cell(path, zero): 0.0}).recalculated()) == (0, [])


def test_the_log_holds_every_figure_as_exported(case: Case, path: Path) -> None:
    rows, log = cells(path, LOG), keys(path, LOG)
    head = next(row for row in rows if row[1] == "Key")
    for name in case.model.inputs:
        found = dict(zip(head, rows[log[name] - 1], strict=True))
        for scenario in case.scenarios[1:]:
            of_scenario = case.scenario(scenario).figures[name]
            expected = None if of_scenario is case.figures[name] else pytest.approx(of_scenario.value, rel=1e-15)
            assert found[scenario] == expected, (name, scenario)
        assert found["Base"] == pytest.approx(case.figures[name].value, rel=1e-15)


def test_recalculated_pages_are_as_stored(path: Path) -> None:
    read = Iron(path).recalculated()
    for sheet in FRESH:
        for row, values in enumerate(cells(path, sheet), 1):
            for column, stored in enumerate(values, 1):
                found = read(sheet, row, column)
                if isinstance(stored, float | int):
                    assert found == pytest.approx(stored, rel=1e-9, abs=1e-12), (sheet, row, column)
                else:
                    assert found == stored or (stored is None and found == ""), (sheet, row, column)


def test_scenarios_show_the_metrics_that_python_finds_under_each(case: Case, path: Path) -> None:
    found = table(path, "Scenarios", "What comes of them")
    shown = [name for name in gigafactory.COMPARED if name in case.model.metrics]
    assert list(found) == shown
    for scenario in case.scenarios:
        metrics = case.scenario(scenario).evaluate().metrics
        for name in shown:
            value = found[name]["Base" if scenario == "base" else scenario]
            assert value == ("none" if math.isnan(metrics[name]) else pytest.approx(metrics[name], rel=1e-12))


@pytest.mark.parametrize("scenario", ["", "Base", "downside", "price-war"])
def test_the_page_of_scenarios_follows_the_dropdown(case: Case, path: Path, scenario: str) -> None:
    read, rows = Iron(path).set({("Inputs", "D3"): scenario}).recalculated(), keys(path, "Scenarios")
    shown = [name for name in ("Base", *case.scenarios[1:]) if read("Scenarios", rows[name], VALUE) == "yes"]
    assert shown == [scenario or "Base"]
    live = case.scenario(scenario.lower() or "base").evaluate().metrics["project_npv"]
    assert read("Scenarios", rows["project_npv"], VALUE) == pytest.approx(live, rel=1e-9)
    assert read("Simulation", keys(path, "Simulation")["project_npv"], VALUE) == pytest.approx(live, rel=1e-9)
    row = next(number for number, row in enumerate(cells(path, "Cover"), 1) if row[1] == "Scenario shown")
    assert read("Cover", row, 3) == (scenario or "Base")


def test_a_figure_typed_for_a_scenario_is_counted_and_shown(case: Case, path: Path) -> None:
    row = keys(path, "Scenarios")["downside"]
    before = cells(path, "Scenarios")[row - 1][4]
    read = Iron(path).set({live_cell(path, "pue", "downside"): 1.4}).recalculated()
    assert read("Scenarios", row, 5) == before + 1


def test_each_change_of_a_scenario_has_its_reason(case: Case, path: Path) -> None:
    text = " ".join(str(value) for row in cells(path, "Scenarios") for value in row if value)
    for scenario in case.scenarios[1:]:
        for name, figure in case.scenario(scenario).figures.items():
            if figure is not case.figures[name]:
                assert name in text
                assert (figure.change or figure.figure).note in text


def test_the_histogram_holds_every_path(simulation: Simulation, path: Path) -> None:
    found = table(path, "Simulation", "Histogram of project_npv")
    npv = simulation.result("project_npv")
    for low, row in found.items():
        inside = float(np.mean((npv >= float(low)) & (npv < float(str(row["To"])))))
        assert row["Below zero"] + row["Zero or above"] == pytest.approx(inside)
        assert (row["Below zero"] if float(low) >= 0 else row["Zero or above"]) == 0
    said = next(row[1] for row in cells(path, "Simulation") if row[1] and "Below the first bar" in str(row[1]))
    outside = [float(share) / 100 for share in re.findall(r"([0-9.]+)%", said)]
    drawn = sum(row["Below zero"] + row["Zero or above"] for row in found.values())
    assert drawn + sum(outside) == pytest.approx(1.0, abs=2e-4)


def test_the_s_curve_and_the_fan_are_percentiles_of_the_paths(case: Case, simulation: Simulation, path: Path) -> None:
    curve = table(path, "Simulation", "S-curve of project_npv")
    npv = simulation.result("project_npv")
    for share, row in curve.items():
        assert row["Value"] == pytest.approx(np.percentile(npv, 100 * float(share)), rel=1e-9)
    fan = table(path, "Simulation", "Fan of cumulative_cash_flow")
    expected = case.fan("cumulative_cash_flow", paths=1_024, seed=3)["cumulative_cash_flow"]
    assert list(fan) == list(case.model.timeline.labels[::12])
    for month, row in fan.items():
        assert [row[f"P{p}"] for p in (5, 50, 95)] == pytest.approx(list(expected.loc[month, ["p5", "p50", "p95"]]))
        assert row["Live"] == pytest.approx(case.evaluate().lines.loc[month, "cumulative_cash_flow"], abs=1e-3)


def test_the_ranges_of_charts_hold_numbers_and_as_many_as_labels(case: Case, simulation: Simulation) -> None:
    inputs = Inputs(case.binding, {}, "base")
    rendered = render(case.model, case.evaluate().path, case.values, inputs.addresses, gigafactory.PAGES)
    fan = case.fan("cumulative_cash_flow", paths=64)
    simulated, ranges = simulation_sheet(simulation, case.model, rendered, "base", {}, fan)
    moved, tornado = sensitivity_sheet(case.tornado(), case.model, "base", simulation)
    assert {*ranges, *tornado} == {"histogram", "s-curve", "convergence", "fan", "tornado"}
    pages = {page.name: page for page in (simulated, moved)}
    for found in (*ranges.values(), *tornado.values()):
        labels = contents(pages, found.labels)
        assert all(label != "" for label in labels)
        for values in found.values.values():
            assert all(isinstance(value, float) for value in contents(pages, values)[1:])
            assert len(contents(pages, values)) == len(labels)
    assert len(contents(pages, tornado["tornado"].labels)) == MOST


def contents(pages: dict[str, Sheet], place: str) -> list[object]:
    """What stands in a range of one column."""
    name, _, ends = place.partition("!")
    (first, column), (last, same) = (coordinate_to_tuple(end) for end in ends.replace("$", "").split(":"))
    assert column == same
    return [pages[name].cells[row - 1, column - 1].content for row in range(first, last + 1)]


def test_the_simulation_says_how_it_was_made_and_how_far_off_it_may_be(simulation: Simulation, path: Path) -> None:
    text = " ".join(str(value) for row in cells(path, "Simulation") for value in row if value)
    assert "1,024 paths, seed 3, design sobol, scenario base: numbers as they were, not formulas" in text
    chances = table(path, "Simulation", "Chances: share of all paths")
    for name, found in simulation.events.items():
        if found is not None:
            assert chances[name]["Value"] == pytest.approx(found.value)
            assert chances[name]["Standard error"] == pytest.approx(found.standard_error)
    value_at_risk = table(path, "Simulation", "Losses at 95%: positive is money lost")["value_at_risk"]
    assert value_at_risk["Unit"] == "USD"
    assert math.isfinite(float(str(value_at_risk["95 % interval ±"])))


def test_the_tornado_shows_the_widest_swings_and_how_many_are_left(case: Case, path: Path) -> None:
    rows = cells(path, "Sensitivity")
    expected = case.tornado("project_npv").table
    moving = expected[expected["swing"] > 0]
    found = {row[1]: row for row in rows if row[1] in moving.index}
    assert list(found)[:MOST] == list(moving.index[:MOST])
    for name, one in moving.head(MOST).iterrows():
        first = next(row for row in rows if row[1] == name)
        assert first[7:10] == pytest.approx((one["at_low"], one["at_high"], one["swing"]))
    left = next(row for row in rows if row[1] == f"{len(moving) - MOST} more")
    assert left[9] == pytest.approx(moving["swing"].iloc[MOST])


def test_without_a_simulation_the_tornado_stands_alone(case: Case, tmp_path: Path) -> None:
    case.to_excel(tmp_path / "base.xlsx")
    assert "Simulation" not in openpyxl.load_workbook(tmp_path / "base.xlsx", read_only=True).sheetnames
    sections = [row[0] for row in cells(tmp_path / "base.xlsx", "Sensitivity") if row[0]]
    assert [words for words in sections if "Tornado" in words or "simulation" in words] == [
        "Tornado: project_npv with each input alone at its P5 and P95"
    ]


def test_the_cover_leads_to_every_sheet_with_a_sentence_on_each(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    links = {cell.hyperlink.location: cell for row in book["Cover"].iter_rows() for cell in row if cell.hyperlink}
    assert set(links) == {f"'{name}'!A1" for name in book.sheetnames if name != "Cover"}
    for cell in links.values():
        assert str(book["Cover"].cell(cell.row, 3).value).endswith(".")


def test_sources_of_scenarios_are_on_the_page_of_sources(case: Case, path: Path) -> None:
    cited = {
        (figure.change or figure.figure).source
        for scenario in case.scenarios
        for figure in case.scenario(scenario).figures.values()
    } - {None}
    assert cited == set(keys(path, "Sources")) - {"Key"}


def test_pages_of_a_case_set_by_hand_say_so(case: Case, tmp_path: Path) -> None:
    fixed = case.with_values(pue=1.21)
    fixed.to_excel(tmp_path / "fixed.xlsx")
    for sheet in ("Cover", LOG):
        assert cells(tmp_path / "fixed.xlsx", sheet)[keys(tmp_path / "fixed.xlsx", sheet)["Set by hand"] - 1][2] == (
            "pue = 1.21"
        )
    assert changed(fixed, tmp_path / "fixed.xlsx", Iron(tmp_path / "fixed.xlsx").recalculated()) == (0, [])


def glossary_of(pages: list[Sheet]) -> Sheet:
    """The sheet among those of a workbook."""
    return next(page for page in pages if page.name == "Glossary")


def test_every_word_of_the_glossary_occurs_in_some_case(path: Path, case: Case) -> None:
    found = set(keys(path, "Glossary"))
    for made in (finmodel.load("reference-1gw"), case):
        drawn = made.simulate(paths=64, design="lhs") if made is case else None
        pages = sheets(made, gigafactory.OUTLINE, drawn, date=made.model.timeline.close)
        found |= {str(cell.content) for cell in glossary_of(pages).cells.values()}
    assert {word.name for word in WORDS} - found == set()


def test_a_page_of_words_leaves_out_what_does_not_occur() -> None:
    case = finmodel.load("single-rack")
    pages = sheets(case, gigafactory.OUTLINE, date=case.model.timeline.close)
    words = {str(cell.content) for cell in glossary_of(pages).cells.values()}
    assert {"Annuity", "Tenor", "Sobol"} & words == set()
    assert {"PUE", "Capex"} <= words


def test_a_check_that_fails_as_the_workbook_is_written_is_counted_on_the_cover() -> None:
    case = finmodel.load("single-rack")
    outline = replace(gigafactory.OUTLINE, checks=(EndsAtZero("cumulative_cash_flow"),))
    cover = sheets(case, outline, date=case.model.timeline.close)[0]
    (row,) = [row for (row, _), cell in cover.cells.items() if cell.content == "Checks that fail"]
    assert cover.cells[row, 2].content == "1"
    assert "A check fails: see Checks" in {cell.content for cell in cover.cells.values()}
