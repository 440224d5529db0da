"""The summaries: what an independent engine computes by year and on one page is what Python computes."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pytest
from openpyxl.workbook import Workbook

import finmodel
from finmodel.case import Case
from finmodel.graph import Timeline, cumulative, line
from finmodel.graph.summary import Annual, Yearly
from finmodel.lines.statements import STATEMENTS
from finmodel.render.excel import render
from finmodel.render.plain import compile_plain
from finmodel.render.plan import Plan
from finmodel.report.annual import by_year
from finmodel.report.painting import paint
from tests.graph.toys import model
from tests.workbook.spreadsheets import Iron

SCENARIOS = ("base", "downside", "price-war")
TITLES = {
    "income": "income statement",
    "balance": "balance sheet, at year end",
    "cash flow": "cash flow statement",
}
KEY, TOTAL, FIRST_YEAR, HEAD = 2, 6, 7, 4
"""Columns of the sheet Annual and the row of its headings, from 1."""
CHOSEN = ("Inputs", "D3")
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


@pytest.fixture(scope="module")
def case() -> Case:
    """The reference case."""
    return finmodel.load("reference-1gw")


@pytest.fixture(scope="module")
def path(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its workbook."""
    written = tmp_path_factory.mktemp("dashboard") / "workbook.xlsx"
    case.to_excel(written)
    return written


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    """Its stored values."""
    return openpyxl.load_workbook(path, data_only=True)


@pytest.fixture(scope="module")
def iron(path: Path) -> Iron:
    """It in an engine that is not ours."""
    return Iron(path)


def places(book: Workbook) -> dict[tuple[str, str], int]:
    """Of each row of the sheet Annual the number, by its heading and key."""
    found, heading = {}, ""
    for number, (first, key, *_) in enumerate(book["Annual"].iter_rows(values_only=True), 1):
        heading = heading if first is None else str(first)
        if key is not None:
            found[heading, str(key)] = number
    return found


def years_of(case: Case) -> int:
    return int(case.model.timeline.series["tax_year_end"].sum())


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_years_are_those_of_the_statements_in_python(scenario: str, case: Case, book: Workbook, iron: Iron) -> None:
    read, rows = iron.set({CHOSEN: scenario}).recalculated(), places(book)
    evaluated = case.scenario(scenario).evaluate()
    for name, keys in STATEMENTS.items():
        expected = evaluated.statement(name, yearly=True)
        assert len(expected) == years_of(case)
        size = float(np.abs(evaluated.statement(name).to_numpy()).max())
        for key in keys:
            row = rows[TITLES[name], key]
            found = [read("Annual", row, FIRST_YEAR + year) for year in range(len(expected))]
            assert found == pytest.approx(expected[key].tolist(), rel=0, abs=1e-9 * size), (name, key)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_lowest_cover_of_a_year_is_over_the_periods_in_which_service_is_due(
    scenario: str, case: Case, book: Workbook, iron: Iron
) -> None:
    read = iron.set({CHOSEN: scenario}).recalculated()
    rows = case.scenario(scenario).evaluate().path.rows
    row = places(book)["project, debt and equity", "dscr"]
    for year in range(1, years_of(case) + 1):
        tested = rows["dscr"][(rows["tax_year"] == year) & (rows["test_date"] > 0)]
        assert read("Annual", row, FIRST_YEAR + year - 1) == pytest.approx(min(tested, default=0.0), rel=1e-9)


def test_a_ratio_of_a_year_is_that_of_its_sums(case: Case, book: Workbook, iron: Iron) -> None:
    read = iron.set({CHOSEN: ""}).recalculated()
    rows, row = case.evaluate().path.rows, places(book)["per GPU-hour", "revenue_per_gpu_hour"]
    for year in range(1, years_of(case) + 1):
        revenue, hours = (rows[name][rows["tax_year"] == year].sum() for name in ("revenue", "gpu_hours_sold"))
        expected = revenue / hours if hours else 0.0
        assert read("Annual", row, FIRST_YEAR + year - 1) == pytest.approx(expected, rel=1e-9)
    assert read("Annual", row, TOTAL) == pytest.approx(rows["revenue"].sum() / rows["gpu_hours_sold"].sum(), rel=1e-9)


def test_a_year_is_named_by_the_calendar_year_in_which_it_ends(case: Case, book: Workbook) -> None:
    labels = case.model.timeline.labels
    ends = [label for label, end in zip(labels, case.model.timeline.series["tax_year_end"], strict=True) if end]
    sheet = book["Annual"]
    named = [sheet.cell(HEAD, FIRST_YEAR + year).value for year, _ in enumerate(ends)]
    dated = [sheet.cell(HEAD + 2, FIRST_YEAR + year).value for year, _ in enumerate(ends)]
    assert named == [int(label[:4]) for label in ends]
    assert [f"{date:%Y-%m}" for date in dated] == ends


def test_each_sum_over_years_is_checked_against_the_periods(book: Workbook) -> None:
    checked = {row[1] for row in book["Checks"].iter_rows(values_only=True)}
    flows = {key for name in ("income", "cash flow") for key in STATEMENTS[name]}
    assert {f"{key}.years" for key in flows} <= checked


def test_a_tax_year_may_end_in_any_month_and_the_last_may_be_short(tmp_path: Path) -> None:
    """Quarters to June from September on: year 1 has four of them with the close, the last two."""

    @line("1")
    def tax_year(m):
        """Number of the tax year."""
        return 1 + cumulative(m.tax_year_end) - m.tax_year_end

    @line("1")
    def flow(m):
        """A flow that tells its periods apart."""
        return 1 + m.period

    @line("1")
    def constant(m):
        """What never varies."""
        return 1 + m.periods_per_year

    timeline = Timeline(dt.date(2026, 9, 30), 9, per_year=4, tax_year_end=6)
    toy = model(timeline, tax_year=tax_year, flow=flow, constant=constant)
    rendered = render(toy, compile_plain(Plan(toy)).run({}), {}, {})
    shown = (Yearly("flow"), Yearly("flow", "lowest"), Yearly("flow", "end"), Yearly("constant"))
    years = by_year(toy, rendered, Annual("tax_year", (("rows", shown),)))
    assert years is not None
    rendered.constants.finish()
    sheets = [rendered.constants.sheet, *rendered.pages.values(), rendered.workings, years.sheet]
    path = tmp_path / "book.xlsx"
    paint(path, sheets, title="Toy", version="test", written=dt.date(2027, 3, 31))
    read = Iron(path).recalculated()
    found = [[read("Annual", row, FIRST_YEAR + year) for year in range(3)] for row in range(9, 13)]
    assert found == [[10.0, 26.0, 19.0], [1.0, 5.0, 9.0], [4.0, 8.0, 10.0], [20.0, 20.0, 10.0]]
    assert [read("Annual", HEAD, FIRST_YEAR + year) for year in range(3)] == [2027, 2028, 2029]


def test_a_model_that_does_not_number_its_years_has_no_summary() -> None:
    toy = model(Timeline(dt.date(2026, 9, 30), 3))
    rendered = render(toy, compile_plain(Plan(toy)).run({}), {}, {})
    assert by_year(toy, rendered, Annual("tax_year", ())) is None


def figures(book: Workbook) -> dict[str, tuple[int, int]]:
    """Of each key figure the cell, by its label."""
    return {
        str(cell.value): (cell.row + 1, cell.column) for cell in book["Dashboard"][8] if isinstance(cell.value, str)
    }


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_key_figures_are_the_metrics_of_the_scenario(scenario: str, case: Case, book: Workbook, iron: Iron) -> None:
    read, cells = iron.set({CHOSEN: scenario}).recalculated(), figures(book)
    scalars = case.scenario(scenario).evaluate().path.scalars
    expected = {"Project NPV": "project_npv", "Initial capex": "capex_total", "Lowest DSCR": "min_dscr"}
    expected |= {"Equity IRR": "equity_irr", "Debt committed": "committed", "Capex per MW of IT": "capex_per_mw"}
    for label, name in expected.items():
        assert read("Dashboard", *cells[label]) == pytest.approx(scalars[name], rel=1e-9), label
    assert read("Checks", 3, 4) == 0


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_answer_says_the_numbers_of_the_scenario(scenario: str, case: Case, iron: Iron) -> None:
    read = iron.set({CHOSEN: scenario}).recalculated()
    scalars = case.scenario(scenario).evaluate().path.scalars
    project, equity = read("Dashboard", 4, 2), read("Dashboard", 5, 2)
    assert f"earns {_plain(100 * scalars['project_irr'], 1)} % a year" in project
    assert f"NPV is {_plain(scalars['project_npv'] / 1e9, 1)} bn USD" in project
    payback = scalars["payback_years"]
    assert project.endswith(f": {'none' if np.isnan(payback) else _plain(payback, 1) + ' years'}.")
    assert f"cover ratio is {_plain(scalars['min_dscr'], 2)}." in equity


def _plain(number: float, digits: int) -> str:
    return f"{round(number, digits):.12g}"


def test_the_parts_of_the_capex_add_up_in_all_per_mw_and_per_rack(case: Case, book: Workbook, iron: Iron) -> None:
    read, scalars = iron.set({CHOSEN: "downside"}).recalculated(), case.scenario("downside").evaluate().path.scalars
    sheet = book["Dashboard"]
    top = next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == "Initial capex by part")
    last = sheet.max_column
    for row, name in enumerate(("capex_total", "capex_per_mw", "capex_per_rack"), top + 2):
        *parts, whole = (read("Dashboard", row, column) for column in range(3, last + 1))
        assert whole == pytest.approx(scalars[name], rel=1e-9)
        assert sum(parts) == pytest.approx(whole, rel=1e-9)


def test_a_project_without_debt_says_so_and_has_no_chart_of_it(tmp_path: Path) -> None:
    path = tmp_path / "workbook.xlsx"
    finmodel.load("single-rack").to_excel(path)
    assert openpyxl.load_workbook(path, data_only=True)["Dashboard"]["B5"].value == "The project has no debt."
    assert not [title for title, *_ in charts(path) if "debt at year end" in title.lower()]


def charts(path: Path) -> list[tuple[str, list[str], list[tuple[str, str]]]]:
    """Of each chart of a file the title, the titles of its axes, and the ranges of its series."""
    book, found = zipfile.ZipFile(path), []
    for name in sorted(book.namelist()):
        if re.fullmatch(r"xl/charts/chart\d+\.xml", name):
            root = ElementTree.fromstring(book.read(name))
            title, *_ = _words(root.find(f"{CHART}chart/{CHART}title"))
            axes = [axis for axis in root.iter() if axis.tag in (f"{CHART}catAx", f"{CHART}valAx")]
            named = [words for axis in axes for words in _words(axis.find(f"{CHART}title"))]
            ranges = [
                tuple(str(one.findtext(f"{CHART}{part}//{CHART}f")) for part in ("cat", "val"))
                for one in root.iter(f"{CHART}ser")
            ]
            found.append((title, named, ranges))
    return found


def _words(title: Any) -> list[str]:
    if title is None:
        return []
    return ["".join(part.text or "" for part in title.iter() if part.tag.endswith("}t"))]


def test_charts_have_titles_axes_with_units_and_words_for_the_blind(path: Path) -> None:
    found = charts(path)
    assert len({title for title, *_ in found}) == len(found) >= 5
    for title, axes, _ in found:
        assert axes, title
        assert any(re.search(r"USD|times", words) for words in axes), (title, axes)
    book = zipfile.ZipFile(path)
    drawings = "".join(book.read(name).decode() for name in book.namelist() if "drawings/drawing" in name)
    described = re.findall(r'descr="([^"]+)"', drawings)
    assert len(described) == len(found)
    assert all(len(words) > 40 for words in described)


def test_charts_read_labels_and_values_of_one_length(path: Path, book: Workbook) -> None:
    for title, _, ranges in charts(path):
        for labels, values in ranges:
            one, other = _cells(book, labels), _cells(book, values)
            assert len(one) == len(other) > 1, title
            assert all(isinstance(cell.value, int | float) for cell in other), title


def _cells(book: Workbook, reference: str) -> list[Any]:
    """The cells of a range, one row or one column of a sheet."""
    sheet, _, place = reference.partition("!")
    return [cell for row in book[sheet.strip("'")][place.replace("$", "")] for cell in row]


def test_charts_do_not_overlap(path: Path) -> None:
    drawing = next(name for name in zipfile.ZipFile(path).namelist() if "drawings/drawing" in name)
    xml = zipfile.ZipFile(path).read(drawing).decode()
    taken: set[tuple[int, int]] = set()
    for anchor in re.findall(r"<xdr:from>.*?</xdr:to>", xml, flags=re.DOTALL):
        left, top, right, bottom = (int(place) for place in re.findall(r"<xdr:(?:col|row)>(\d+)<", anchor))
        covered = {(row, column) for row in range(top, bottom) for column in range(left, right)}
        assert covered
        assert not covered & taken
        taken |= covered
