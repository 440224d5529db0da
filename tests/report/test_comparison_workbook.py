"""The workbook of a comparison: numbers of each case as they were, and every difference a formula that holds."""

from __future__ import annotations

import datetime as dt
import math
import re

import openpyxl
import pytest

import finmodel
from finmodel.errors import OutputFault
from finmodel.graph import Input, metric
from finmodel.report.comparison import CONTENTS, sheets
from finmodel.report.layout import FAIL, PASS
from tests.workbook.ooxml import relative
from tests.workbook.spreadsheets import Iron, cell_name, office

DATE = dt.date(2027, 3, 31)
KEY, UNIT, FIRST = 2, 4, 5
"""Columns of the tables, from 1."""
CASE, TOTAL, YEARS = 2, 4, 5
"""Columns of the years, from 1."""
HEAD, TOP = 5, 6
"""Rows, from 1."""
FORBIDDEN = re.compile(r"\b(OFFSET|INDIRECT|NOW|TODAY|RAND|RANDBETWEEN|LET|LAMBDA|AGGREGATE)\(|\[")
NUMBER = re.compile(r"(?<![A-Za-z$\d.])\d+(?:\.\d+)?(?![\d(])")


@pytest.fixture(scope="module")
def case():
    return finmodel.load("reference-1gw")


@pytest.fixture(scope="module")
def epoch():
    """A case that closes earlier, is shorter, and has no debt."""
    return finmodel.load("epoch-1gw")


@pytest.fixture(scope="module")
def found(case, epoch):
    return case.compare(case.scenario("downside"), epoch, paths=64, seed=3)


@pytest.fixture(scope="module")
def path(found, tmp_path_factory):
    path = tmp_path_factory.mktemp("comparison") / "workbook.xlsx"
    found.to_excel(path)
    return path


@pytest.fixture(scope="module")
def book(path):
    """Its formulas."""
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def stored(path):
    """Its stored values."""
    return openpyxl.load_workbook(path, data_only=True)


def written(comparison, folder):
    comparison.to_excel(folder / "x.xlsx")
    return openpyxl.load_workbook(folder / "x.xlsx", data_only=True)


def formulas(book):
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def rows(sheet):
    """The row of each key of a table, from 1."""
    return {sheet.cell(row, KEY).value: row for row in range(TOP, sheet.max_row + 1) if sheet.cell(row, KEY).value}


def years(sheet):
    """The column of each year, from 1."""
    return {sheet.cell(HEAD, column).value: column for column in range(YEARS, sheet.max_column + 1)}


def lines(sheet):
    """The row of each line and case, or difference of cases, from 1."""
    placed, line = {}, None
    for row in range(TOP, sheet.max_row + 1):
        heading, label = (sheet.cell(row, column).value for column in (1, CASE))
        line = heading.partition(":")[0] if heading else line
        if label:
            placed[line, label] = row
    return placed


def same(one, other):
    if isinstance(one, float | int) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    return one == other


def with_guards(case, unit):
    @metric(unit)
    def guards(m):
        """Cost of guards."""
        return m.guard_cost

    return case.with_lines(guards, guard_cost=(Input(unit, "Guards."), 9e4))


# The file


def test_the_sheets_are_those_of_the_contents_and_none_is_hidden(book):
    assert book.sheetnames == ["Cover", *CONTENTS]
    assert {sheet.sheet_state for sheet in book} == {"visible"}
    linked = [cell.value for (cell,) in book["Cover"].iter_rows(min_col=KEY, max_col=KEY) if cell.hyperlink]
    assert linked == list(CONTENTS)


def test_another_engine_finds_the_stored_value_of_every_formula(path, book, stored):
    read = Iron(path).recalculated()
    every = formulas(book)
    assert len(every) > 1_000
    for cell in every:
        sheet, place = cell.parent.title, cell.coordinate
        value = stored[sheet][place].value
        assert value is not None, (sheet, place)
        assert same(read(sheet, cell.row, cell.column), value), (sheet, place, cell.value)


def test_libreoffice_finds_them_too(path, book, stored, libreoffice, tmp_path):
    (read,) = office(path, tmp_path, libreoffice)
    for cell in formulas(book):
        sheet = cell.parent.title
        value = stored[sheet][cell.coordinate].value
        assert same(read(sheet, cell.row, cell.column), value), (sheet, cell.coordinate)


def test_formulas_hold_no_number_and_nothing_volatile(book):
    for cell in formulas(book):
        assert not FORBIDDEN.search(cell.value), cell.value
        assert set(NUMBER.findall(re.sub(r'"[^"]*"', "", cell.value))) <= {"0", "1"}, cell.value


def test_the_differences_of_a_year_are_one_formula_across_the_row(book):
    sheet = book["Annual"]
    for row in range(TOP, sheet.max_row + 1):
        across = [cell for cell in sheet[row][YEARS - 1 :] if cell.data_type == "f"]
        assert len({relative(cell.value, cell.row, cell.column) for cell in across}) <= 1
        assert len(across) in (0, len(years(sheet)))


def test_every_sheet_with_a_table_keeps_its_heads_in_sight_and_on_each_page(book):
    for name in ("Metrics", "Annual", "Figures", "Structure", "Simulation", "Checks", "Sources"):
        assert book[name].freeze_panes is not None
        assert book[name].print_title_rows == f"$1:${HEAD}"


def test_text_that_looks_like_a_formula_stays_text(case, tmp_path):
    source = case.book.path.read_text(encoding="utf-8")
    named = tmp_path / "=1+1.yaml"
    named.write_text(source.replace(source.partition("\n")[0], 'title: "=2+2"'), encoding="utf-8")
    book = written(finmodel.load(named).compare(case), tmp_path)
    head = book["Metrics"].cell(HEAD, FIRST)
    assert (head.value, head.data_type) == ("=1+1", "s")
    said = [cell for row in book["Cover"].iter_rows() for cell in row if str(cell.value).startswith("=2+2")]
    assert [cell.data_type for cell in said] == ["s"]


def test_a_long_label_is_cut_in_headings_and_whole_on_the_cover(case, tmp_path):
    fixed = {name: case.values[name] for name in list(case.values)[:12]}
    book = written(case.compare(case.with_values(**fixed)), tmp_path)
    label = book["Metrics"].cell(HEAD, FIRST + 1).value
    assert label.startswith("reference-1gw, ")
    assert label.endswith("… (2)")
    assert len(label) <= 48
    cover = [str(cell.value) for (cell,) in book["Cover"].iter_rows(min_col=KEY + 1, max_col=KEY + 1)]
    (said,) = [words for words in cover if "Set by hand" in words]
    assert all(f"{name} = " in said for name in fixed)


def test_a_folder_that_cannot_be_written_is_a_fault(found, tmp_path):
    with pytest.raises(OutputFault, match="cannot write"):
        found.to_excel(tmp_path / "missing" / "x.xlsx")


def test_write_puts_it_into_a_folder_that_it_makes(case, tmp_path):
    assert case.compare(case).write(tmp_path / "new") == (tmp_path / "new" / "workbook.xlsx",)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["workbook.xlsx"]


# Metrics


def test_metrics_and_differences_are_those_of_python(found, stored):
    sheet, placed = stored["Metrics"], rows(stored["Metrics"])
    assert list(placed) == list(found.metrics.index)
    count = len(found.labels)
    for name, row in placed.items():
        shown = [sheet.cell(row, column).value for column in range(FIRST, FIRST + 2 * count - 1)]
        expected = [*found.metrics.loc[name, found.labels], *found.differences.loc[name]]
        for value, number in zip(shown, expected, strict=True):
            assert value == "none" if math.isnan(number) else same(value, number), name


def test_a_share_is_of_the_size_of_the_first_and_none_where_that_is_nothing(found, stored):
    sheet, placed = stored["Metrics"], rows(stored["Metrics"])
    share = FIRST + 2 * len(found.labels) - 1
    row = placed["equity_npv"]
    first, second = (sheet.cell(row, column).value for column in (FIRST, FIRST + 1))
    assert first < 0
    assert same(sheet.cell(row, share).value, (second - first) / abs(first))
    assert sheet.cell(placed["periods_in_default"], FIRST).value == 0
    assert sheet.cell(placed["periods_in_default"], share).value == "none"


def test_a_difference_follows_the_numbers_it_is_made_of(path, stored):
    row = rows(stored["Metrics"])["project_npv"]
    read = Iron(path).set({("Metrics", cell_name(row, FIRST)): 10.0, ("Metrics", cell_name(row, FIRST + 1)): 4.0})
    values = read.recalculated()
    assert (values("Metrics", row, FIRST + 3), values("Metrics", row, FIRST + 5)) == (-6.0, -0.6)


def test_a_metric_that_a_case_lacks_or_has_in_another_unit_has_no_difference(case, tmp_path):
    others = (with_guards(case, "USD/year"), with_guards(case, "USD/month"))
    lacking = written(case.compare(others[0]), tmp_path)["Metrics"]
    row = [cell.value for cell in lacking[rows(lacking)["guards"]]][UNIT - 1 :]
    assert row == ["USD/year", "none", 9e4, "none", "none"]
    unlike = written(others[0].compare(others[1]), tmp_path)["Metrics"]
    row = [cell.value for cell in unlike[rows(unlike)["guards"]]][UNIT - 1 :]
    assert row == ["USD/year; USD/month", 9e4, 9e4, "none", "none"]


# Years


def test_years_are_calendar_years_whenever_a_case_closes(found, epoch):
    table = found.annual
    expected = epoch.evaluate().lines["revenue"].groupby(lambda month: int(month[:4])).sum()
    row = table.loc[("revenue", "epoch-1gw")].drop("unit").dropna()
    assert row.index.tolist() == expected.index.tolist()
    assert row.tolist() == pytest.approx(expected.tolist(), rel=1e-12)
    assert math.isnan(table.loc[("revenue", "reference-1gw"), 2026])
    assert math.isnan(table.loc[("revenue", "epoch-1gw"), 2047])


def test_a_level_is_that_at_the_end_of_the_year(found, case):
    assert found.annual.loc[("debt_total", "reference-1gw"), 2030] == case.evaluate().lines["debt_total"]["2030-12"]


def test_a_line_that_does_not_vary_has_its_value_in_every_year(found):
    assert (found.annual.loc[("service_due", "epoch-1gw")].drop("unit").dropna() == 0).all()


def test_the_sheet_shows_the_years_of_python_and_leaves_out_what_is_outside_of_the_horizon(found, stored):
    sheet, table = stored["Annual"], found.annual
    placed, columns = lines(sheet), years(sheet)
    assert list(columns) == [year for year in table.columns if year != "unit"]
    for (line, label), row in table.iterrows():
        for year, column in columns.items():
            value = sheet.cell(placed[line, label], column).value
            assert value is None if math.isnan(row[year]) else same(value, row[year])
    assert ("revenue", "epoch-1gw less reference-1gw") in placed


def test_differences_of_the_years_add_up_to_the_difference_of_the_totals(found, stored):
    sheet, placed = stored["Annual"], lines(stored["Annual"])
    for label in found.labels[1:]:
        ours, theirs, apart = (
            sheet.cell(placed["cash_flow", row], TOTAL).value
            for row in (found.labels[0], label, f"{label} less {found.labels[0]}")
        )
        assert apart == pytest.approx(theirs - ours, rel=1e-9)


def test_a_year_that_is_changed_no_longer_adds_up(path, stored):
    assert stored["Metrics"]["C1"].value == PASS
    sheet = stored["Annual"]
    place = cell_name(lines(sheet)["revenue", "epoch-1gw"], years(sheet)[2030])
    read = Iron(path).set({("Annual", place): sheet[place].value * 1.001}).recalculated()
    assert read("Checks", 3, 4) == 1
    assert [read(name, 1, 3) for name in ("Metrics", "Annual", "Figures")] == [FAIL] * 3


def test_what_is_zero_in_every_case_is_left_out_and_said(epoch, tmp_path):
    sheet = written(epoch.compare(epoch.with_values(rack_price=3e6)), tmp_path)["Annual"]
    assert not any(line == "debt_total" for line, _ in lines(sheet))
    said = sheet.cell(sheet.max_row, CASE).value
    assert said.startswith("Zero in every case and left out: ")
    assert "debt_total" in said


def test_each_line_has_a_chart_of_every_case_with_words_for_those_who_cannot_see_it(found):
    by_name = {sheet.name: sheet for sheet in sheets(found, DATE)}
    charts, annual = by_name["Charts"].charts, by_name["Annual"]
    assert {chart.title.split()[0] for chart in charts} == set(found.annual.index.get_level_values("line"))
    for chart in charts:
        assert [series.name for series in chart.series] == found.labels
        assert all(label in chart.described for label in found.labels)
        assert "USD" in chart.up.title
        for series in chart.series:
            row = int(re.fullmatch(r"Annual!\$E\$(\d+):\$[A-Z]+\$\1", series.values)[1])
            assert annual.cells[row - 1, CASE - 1].content == series.name


def test_more_cases_than_a_chart_tells_apart_take_more_charts(case):
    many = [case.with_values(rack_price=3e6 + 1e4 * k) for k in range(8)]
    charts = {sheet.name: sheet for sheet in sheets(case.compare(*many), DATE)}["Charts"].charts
    shown = [[series.name for series in chart.series] for chart in charts if chart.title.startswith("revenue ")]
    assert [len(names) for names in shown] == [7, 3]
    assert {names[0] for names in shown} == {"reference-1gw"}


# Figures, structure, sources


def test_figures_that_differ_stand_side_by_side(found, stored):
    sheet, placed = stored["Figures"], rows(stored["Figures"])
    assert list(placed) == list(found.figures.index.unique("input"))
    row = [cell.value for cell in sheet[placed["grid_delay"]]][KEY - 1 :]
    base, late = (found.figures.loc[("grid_delay", label)] for label in found.labels[:2])
    assert row[2:6] == ["month", base["value"], late["value"], found.figures.loc[("grid_delay", "epoch-1gw"), "value"]]
    assert row[6] == late["value"] - base["value"]
    assert row[-2] == "rabobank-power, plus 6 month"
    assert str(row[-9]).startswith("pert: minimum")
    assert sheet.cell(placed["racks.second"], FIRST + 2).value == "absent"


def test_a_figure_in_another_currency_has_no_difference(case, tmp_path):
    book = written(case.compare(finmodel.load("italy-100k-gpu")), tmp_path)
    sheet = book["Figures"]
    row = [cell.value for cell in sheet[rows(sheet)["salary"]]][UNIT - 1 :]
    assert row[0] == "USD/(FTE*year); EUR/(FTE*year)"
    assert row[3:5] == ["none", "none"]
    structure = book["Structure"]
    currency = rows(structure)["currency"]
    assert [structure.cell(currency, column).value for column in (3, 4)] == ["USD", "EUR"]


def test_a_case_beside_itself_says_that_nothing_differs(case, tmp_path):
    book = written(case.compare(case), tmp_path)
    assert book["Figures"].cell(TOP, 3).value == "No figure differs."
    assert book["Structure"].cell(TOP, KEY).value == "No structure differs."
    assert book["Metrics"].cell(TOP, FIRST + 2).value == 0


def test_sources_are_those_of_the_figures_that_differ(case, tmp_path):
    book = written(case.compare(case.scenario("downside")), tmp_path)
    sheet = book["Sources"]
    cited = {
        key
        for name in case.compare(case.scenario("downside")).figures.index.unique("input")
        for figure in (case.figures[name], case.scenario("downside").figures[name])
        for key in (figure.figure.source, figure.change.source if figure.change else None)
        if key
    }
    assert set(rows(sheet)) == cited


# Simulation


def test_without_paths_there_is_no_simulation(case, tmp_path):
    assert "Simulation" not in written(case.compare(case), tmp_path).sheetnames


def test_the_simulation_is_that_of_python_with_the_ends_of_its_intervals(found, stored):
    sheet, placed = stored["Simulation"], rows(stored["Simulation"])
    count, first = len(found.labels), found.labels[0]
    assert sheet.cell(HEAD - 1, FIRST).value == "Mean over 64 paths, seed 3, design sobol"
    for place, label in enumerate(found.labels):
        mean = found.simulated.loc[("project_npv", label), "mean"]
        assert same(sheet.cell(placed["project_npv"], FIRST + place).value, mean)
    for place, label in enumerate(found.labels[1:]):
        row, column = found.simulated.loc[("project_npv", label)], FIRST + count + 5 * place
        assert sheet.cell(HEAD - 1, column).value == f"{label} less {first}"
        middle, half = row["difference"], row["half_width"]
        outside = "yes" if abs(middle) > half else "no"
        shown = [sheet.cell(placed["project_npv"], column + k).value for k in range(5)]
        expected = [middle, half, middle - half, middle + half, outside]
        assert all(same(value, number) for value, number in zip(shown, expected, strict=True))
    shares = FIRST + count + 5 * (count - 1)
    share = found.simulated.loc[("payback_years", found.labels[1]), "share"]
    assert sheet.cell(placed["payback_years"], shares).value == share < 1.0


def test_draws_that_are_not_common_are_said(stored):
    said = [cell.value for (cell,) in stored["Simulation"].iter_rows(min_col=KEY, max_col=KEY)]
    assert any(str(words).startswith("epoch-1gw: drawn in one of the two only") for words in said)


def test_progress_counts_the_paths_of_every_case(case):
    said = []
    case.compare(case.scenario("downside"), paths=32, progress=lambda done, total: said.append((done, total)))
    assert said == [(32, 64), (64, 64)]
