"""What somebody edits in a workbook comes back as a case, with all else as it was; what is no edit is refused."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from rich.console import Console

import finmodel
from finmodel import case, cli
from finmodel.case import Case, bring_back
from finmodel.errors import Faults, OutputFault
from finmodel.graph import Input, line
from finmodel.graph.outline import Outline
from finmodel.lines import gigafactory
from finmodel.render.sheet import Sheet
from finmodel.report import imported, workbook
from finmodel.report.case_file import read_case_file
from finmodel.report.opened import open_workbook
from finmodel.report.painting import paint
from tests.simulate.toys import project

NAME = "capacità-机柜"
CASE = """\
# Kept: the first line.
title: "=1+1 is no formula"
description: "Capacità installata, 机柜价格, سعر الخادم, ⟦U+0041⟧ _x0041_\\ttab"
extends: [facilities/plant]
scenarios: [downside, dear]

structure: {close: 2027-03-31, periods: 24, per_year: 12, phases: [first], tax_year_end: 12}

figures:
  # what is sold
  price:
    value:  10      # kept: as offered
    unit:   USD
    as_of:  2026-05
    grade:  estimate
    range:  {pert: [8, 10, 14]}   # kept: a trader's
    note:   >
      Prices are
      volatile.

  # kept: of the market
  volume: {value: 100, unit: "1", source: census, as_of: 2026, grade: secondary, range: {triangular: [80, 100, 110]}}
  rate: {value: 57, unit: "%/year", as_of: 2026, grade: estimate, note: Dear., range: {uniform: [50, 60]}}

correlations:
  - {between: [price, volume], rank: -0.4, grade: estimate, note: Demand.}
  - {between: [volume, rate], rank: 0.1, grade: estimate, note: A guess.}

# Kept: the last line.
"""
PLANT = """\
title: A plant
figures:
  outlay: {value: 9000, unit: USD, as_of: 2026, grade: estimate, note: An offer., range: {uniform: [8000, 9500]}}
  volatility: {value: 20, unit: "%/year**0.5", as_of: 2026, grade: estimate, note: Like coal's.}
  cost: {value: 500, unit: USD, as_of: 2026, grade: estimate, note: Contracts.}
"""
SCENARIOS = {
    "downside": "title: Less\nfigures:\n  price: {times: 0.5, note: Glut.}\n"
    "  cost: {plus: 100, unit: USD, note: Strikes.}\n",
    "dear": "title: Dear\nfigures:\n  rate: {value: 80, unit: '%/year', as_of: 2026, grade: estimate, note: Panic.}\n",
}
SOURCES = "census: {title: A census, publisher: A bureau, verified: true, url: 'https://example.org/census'}\n"
DAY = dt.date(2026, 10, 1)
Edits = Mapping[tuple[str, str], Any]


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The working folder: a case of a small model, with what it builds on beside it."""
    folder = tmp_path_factory.mktemp("import")
    for name, text in {"facilities/plant": PLANT, "sources": SOURCES, NAME: CASE}.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "scenarios").mkdir()
    for name, text in SCENARIOS.items():
        (folder / "scenarios" / f"{name}.yaml").write_text(text)
    with pytest.MonkeyPatch.context() as change:
        change.setattr(gigafactory, "model", lambda timeline, cohorts: project())
        change.setattr(gigafactory, "OUTLINE", Outline())
        change.setattr(case, "DELAYS", ())
        change.chdir(folder)
        yield folder


@pytest.fixture(scope="module")
def given() -> Case:
    """The case that goes out."""
    return finmodel.load(f"{NAME}.yaml")


@pytest.fixture(scope="module")
def sent(given: Case, folder: Path) -> Path:
    """Its workbook."""
    given.to_excel(folder / "sent.xlsx")
    return folder / "sent.xlsx"


def row_of(sheet: Worksheet, key: str) -> int:
    return next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 2).value == key)


def at(sheet: Worksheet, key: str, heading: str) -> str:
    """The address of an input's cell under a heading."""
    head = row_of(sheet, "Key")
    column = next(cell.column_letter for cell in sheet[head] if cell.value == heading)
    return f"{column}{row_of(sheet, key)}"


def edited(sent: Path, edits: Edits, out: Path | None = None) -> Path:
    """The workbook after somebody typed into it: by input and heading, or by sheet and address."""
    book = openpyxl.load_workbook(sent)
    for (first, second), value in edits.items():
        if first in book.sheetnames:
            book[first][second] = value
        else:
            book["Inputs"][at(book["Inputs"], first, second)] = value
    out = out or sent.with_name("edited.xlsx")
    book.save(out)
    return out


def brought(path: Path) -> imported.Imported[Case]:
    return bring_back(path)


def refused(path: Path) -> str:
    with pytest.raises(Faults) as faults:
        Case.from_excel(path)
    return str(faults.value)


def sheets_of(one: Case) -> list[Sheet]:
    return workbook.sheets(one, gigafactory.OUTLINE, date=DAY)


def test_export_import_export_changes_nothing(given: Case, sent: Path) -> None:
    back = Case.from_excel(sent)
    assert back.book.text == given.book.text
    assert back.book.fingerprint == given.book.fingerprint
    for one, other in zip(sheets_of(given), sheets_of(back), strict=True):
        assert one.name == other.name
        assert one.cells == other.cells


def test_scenario_and_figures_set_by_hand_come_back(given: Case, folder: Path) -> None:
    shown = given.scenario("downside").with_values(price=1 / 3, rate=0.1)
    shown.to_excel(folder / "shown.xlsx")
    back = Case.from_excel(folder / "shown.xlsx")
    assert (back.scenario_name, dict(back.fixed)) == ("downside", {"price": 1 / 3, "rate": 0.1})
    assert [one.cells for one in sheets_of(back)] == [one.cells for one in sheets_of(shown)]
    path = brought(folder / "shown.xlsx").write(folder / "stated.yaml")
    stated = finmodel.load(path)
    assert [stated.scenario(name).values for name in stated.scenarios] == [
        shown.scenario(name).values for name in shown.scenarios
    ]


def test_what_was_set_by_hand_is_no_change_and_what_is_typed_over_it_says_so(given: Case, folder: Path) -> None:
    by_hand = given.with_values(cost=600)
    path = folder / "by-hand.xlsx"
    by_hand.to_excel(path)
    console = Console(file=StringIO(), width=200)
    console.print(brought(path))
    assert "no figure changed" in console.file.getvalue()
    typed = brought(edited(path, {("cost", "Base"): 700}))
    (change,) = [one for one in typed.edits if not one.stated and one.value is not None]
    assert (change.name, change.was, change.value) == ("cost", 600.0, 700.0)
    assert "was 600 USD (set by hand)" in typed.text


def test_a_workbook_with_trials_comes_back_whichever_is_shown(given: Case, folder: Path) -> None:
    simulated = given.simulate(paths=64)
    given.to_excel(folder / "trials.xlsx", simulation=simulated)
    assert Case.from_excel(folder / "trials.xlsx").book.text == given.book.text
    found = brought(edited(folder / "trials.xlsx", {("Inputs", "D4"): 7}))
    assert found.text == given.book.text
    assert any("trial 7 is shown" in words for words in found.said)


def test_what_libreoffice_saves_unchanged_comes_back_unchanged(
    given: Case, folder: Path, libreoffice: str, tmp_path: Path
) -> None:
    given.to_excel(folder / "office.xlsx", simulation=given.simulate(paths=64))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [libreoffice, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(folder / "office.xlsx")], check=True, capture_output=True, timeout=300)
    found = brought(tmp_path / "office.xlsx")
    assert (found.text, found.edits, found.said) == (given.book.text, (), ())


def test_an_edited_figure_is_a_certain_estimate_that_says_what_it_was(given: Case, sent: Path) -> None:
    found = brought(edited(sent, {("price", "Base"): 12.5}))
    figure = found.case.book.figures["price"]
    assert (figure.value, figure.unit, figure.grade, figure.range, figure.source) == (
        12.5,
        "USD",
        "estimate",
        None,
        None,
    )
    assert figure.as_of == dt.date.today().isoformat()[:7]
    assert figure.note.startswith("Changed in edited.xlsx on ")
    assert figure.note.endswith(": was 10 USD (estimate, 2026-05).")
    assert any("certain now" in words and "price" in words for words in found.said)
    others = {name: value for name, value in found.case.values.items() if name != "price"}
    assert others == {name: value for name, value in given.values.items() if name != "price"}


def test_comments_order_and_what_was_not_edited_stay_as_written(sent: Path) -> None:
    text = brought(edited(sent, {("price", "Base"): 12.5})).text
    kept = [row for row in CASE.splitlines() if "Kept:" in row or row.startswith(("title", "description", "  volume:"))]
    assert all(row in text.splitlines() for row in kept)
    assert "value:  12.5      # kept: as offered" in text
    assert "# kept: a trader's" in text
    assert text.index("price:") < text.index("volume:") < text.index("rate:")


def test_a_figure_comes_back_in_the_unit_in_which_its_case_states_it(sent: Path) -> None:
    text = brought(edited(sent, {("rate", "Base"): 0.29})).text
    assert 'rate: {value: 29, unit: "%/year"' in text


def test_a_components_figure_becomes_the_cases_own_in_the_inputs_unit(sent: Path, folder: Path) -> None:
    found = brought(edited(sent, {("volatility", "Base"): 0.25}))
    figure = found.case.book.figures["volatility"]
    assert (figure.value, figure.unit) == (0.25, "1/year**0.5")
    assert figure.note.endswith(": was 20 %/year**0.5 (estimate, 2026).")
    assert (folder / "facilities" / "plant.yaml").read_text() == PLANT


def test_a_correlation_goes_with_the_range_that_it_needs(sent: Path) -> None:
    found = brought(edited(sent, {("price", "Base"): 12.5}))
    assert [one.between for one in found.case.book.correlations] == [("volume", "rate")]
    assert any("price ~ volume" in words for words in found.said)
    both = brought(edited(sent, {("volume", "Base"): 90}))
    assert both.case.book.correlations == ()


def test_an_edited_scenario_holds_under_that_scenario_only(given: Case, sent: Path) -> None:
    back = brought(edited(sent, {("price", "downside"): 4, ("volume", "dear"): 70})).case
    assert back.scenario("downside").values["price"] == 4
    assert back.scenario("dear").values["volume"] == 70
    assert back.values == given.values
    assert back.scenario("downside").values["cost"] == given.scenario("downside").values["cost"]


def test_a_cleared_scenario_leaves_the_figure_as_the_base_has_it(given: Case, sent: Path) -> None:
    found = brought(edited(sent, {("cost", "downside"): None, ("cost", "Base"): 450}))
    assert found.case.scenario("downside").values["cost"] == 450
    again = found.case.scenario("dear")
    assert again.values["cost"] == 450


def test_a_scenario_keeps_the_number_that_the_workbook_shows_when_the_base_moves(sent: Path) -> None:
    found = brought(edited(sent, {("price", "Base"): 12.5}))
    assert found.case.scenario("downside").values["price"] == 5.0
    assert found.case.values["price"] == 12.5


def test_an_edited_workbook_and_the_workbook_of_its_case_hold_the_same_figures(sent: Path, folder: Path) -> None:
    edits = {("price", "Base"): 1 / 3, ("rate", "Base"): 0.1 + 0.2, ("cost", "downside"): None, ("rate", "dear"): 0.7}
    path = edited(sent, edits)
    Case.from_excel(path).to_excel(folder / "again.xlsx")
    one, other = (openpyxl.load_workbook(file)["Inputs"] for file in (path, folder / "again.xlsx"))
    for key in ("price", "volume", "cost", "outlay", "rate", "volatility"):
        for heading in ("Base", "downside", "dear"):
            was, now = one[at(one, key, heading)].value, other[at(other, key, heading)].value
            assert was == pytest.approx(now, rel=1e-15, abs=0) if was is not None else now is None


def test_the_chosen_scenario_is_the_cases(sent: Path) -> None:
    assert Case.from_excel(edited(sent, {("Inputs", "D3"): "downside"})).scenario_name == "downside"
    assert Case.from_excel(edited(sent, {("Inputs", "D3"): None})).scenario_name == "base"
    assert "perhaps 'downside' is meant" in refused(edited(sent, {("Inputs", "D3"): "downsid"}))


def test_imports_build_on_each_other(sent: Path, folder: Path) -> None:
    first = brought(edited(sent, {("price", "downside"): 4, ("cost", "downside"): None})).case
    first.to_excel(folder / "first.xlsx")
    second = brought(edited(folder / "first.xlsx", {("price", "downside"): None, ("cost", "downside"): 700})).case
    assert second.scenario("downside").values["price"] == 10
    assert second.scenario("downside").values["cost"] == 700


def test_every_cell_that_cannot_be_is_said_at_once(sent: Path) -> None:
    words = refused(
        edited(
            sent,
            {
                ("price", "Base"): None,
                ("volume", "Base"): "many",
                ("cost", "Base"): -1,
                ("outlay", "Base"): "=2*3",
                ("rate", "dear"): dt.datetime(2027, 1, 1),
                ("volatility", "Base"): True,
            },
        )
    )
    for key, what in {
        "price, Base": "is empty",
        "volume, Base": "is no number (found 'many'",
        "cost, Base": "is out of bounds (found -1 USD; expected at least 0 USD)",
        "outlay, Base": "is no number (found =2*3",
        "rate, dear": "is no number (found a date or time",
        "volatility, Base": "is no number (found TRUE",
    }.items():
        assert f"({key}): {what}" in words


def test_a_typed_shock_has_no_place_in_a_case(sent: Path) -> None:
    book = openpyxl.load_workbook(sent)
    row = row_of(book["Series"], "price_shock typed")
    words = refused(edited(sent, {("Series", f"K{row}"): 1.5}))
    assert f"Series!K{row} (price_shock typed): is a shock: a case has no place for it (found 1.5; expected 0" in words


def test_a_changed_or_lost_formula_is_refused_with_its_cell(sent: Path) -> None:
    sheet = openpyxl.load_workbook(sent)["Inputs"]
    lost = f"D{row_of(openpyxl.load_workbook(sent)['Returns'], 'project_npv')}"
    live, bounds = at(sheet, "price", "Live"), at(sheet, "price", "In bounds")
    words = refused(edited(sent, {("price", "Live"): 11, ("price", "In bounds"): "=1", ("Returns", lost): None}))
    assert f"Inputs!{live} (price): has lost its formula (found 11; expected =" in words
    assert f"Inputs!{bounds} (price): has another formula (found =1; expected =IF(" in words
    assert f"Returns!{lost} (project_npv): has lost its formula (found nothing" in words


def test_a_formula_on_a_sheet_with_results_is_held_against_its_digest(sent: Path) -> None:
    typed: Edits = {("Cover", "D1"): "=1+1", ("Cover", "D2"): "nothing", ("Sensitivity", "Z99"): "=1"}
    said = refused(edited(sent, typed))
    assert "Cover!D1: has another formula (found =1+1" in said
    assert "Cover!D2: has lost its formula" in said
    assert "Sensitivity!Z99: holds a formula where none was" in said


def test_a_moved_dollar_sign_is_another_formula(sent: Path) -> None:
    sheet = openpyxl.load_workbook(sent)["Inputs"]
    place = at(sheet, "price", "Live")
    formula = str(sheet[place].value)
    assert "$" in formula
    assert "has another formula" in refused(edited(sent, {("Inputs", place): formula.replace("$", "", 1)}))


def test_formulas_may_be_spelled_otherwise(given: Case, sent: Path) -> None:
    sheet = openpyxl.load_workbook(sent)["Inputs"]
    spelled = str(sheet[at(sheet, "price", "In bounds")].value).replace("(", "( ").replace("IF", "if")
    master = str(sheet["C1"].value or sheet["D1"].value)
    quoted = master.replace("Checks!", "'Checks'!", 1)
    assert quoted != master
    edits = {("price", "In bounds"): spelled, ("Inputs", "C1" if sheet["C1"].value else "D1"): quoted}
    assert brought(edited(sent, edits)).text == given.book.text


@pytest.mark.parametrize(("what", "place"), [("rows", 10), ("columns", 6)])
def test_shifted_rows_and_columns_are_refused(sent: Path, what: str, place: int) -> None:
    book = openpyxl.load_workbook(sent)
    getattr(book["Inputs"], f"insert_{'rows' if what == 'rows' else 'cols'}")(place)
    path = sent.with_name("shifted.xlsx")
    book.save(path)
    words = refused(path)
    assert f"has its {what} shifted" in words.splitlines()[0]
    assert "Inputs!" in words.splitlines()[0]


def test_only_twenty_faults_are_named_and_the_others_counted(sent: Path) -> None:
    book = openpyxl.load_workbook(sent)
    pages = [name for name in book.sheetnames if row_or_none(book[name], "cash_flow")]
    row = row_of(book[pages[0]], "cash_flow")
    words = refused(edited(sent, {(pages[0], f"{column}{row}"): 0 for column in "HIJKLMNOPQRSTUVWXYZ"} | {
        (pages[0], f"A{column}{row}"): 0 for column in "ABCDE"
    }))  # fmt: skip
    assert len(words.splitlines()) == 21
    assert words.endswith("and 4 more such faults")


def row_or_none(sheet: Worksheet, key: str) -> int | None:
    return next((row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 2).value == key), None)


def test_a_changed_label_is_refused_and_a_note_in_an_empty_cell_is_not(given: Case, sent: Path) -> None:
    sheet = openpyxl.load_workbook(sent)["Inputs"]
    unit = at(sheet, "price", "Unit")
    words = refused(edited(sent, {("price", "Unit"): "EUR"}))
    assert f"Inputs!{unit} (price): is not as it was (found 'EUR'; expected 'USD'" in words
    found = brought(edited(sent, {("Inputs", "A2000"): "ask Ann", ("Inputs", "A2001"): 5}))
    assert found.text == given.book.text
    assert any("Inputs!A2000: 'ask Ann'" in words for words in found.said)
    assert any("Inputs!A2001: 5" in words for words in found.said)


def test_a_number_within_the_table_is_refused(sent: Path) -> None:
    book = openpyxl.load_workbook(sent)
    place = next(
        (name, f"F{row_of(book[name], 'cash_flow')}")
        for name in book.sheetnames
        if row_or_none(book[name], "cash_flow")
    )
    free = next(f"A{row}" for row in range(6, 12) if book[place[0]][f"A{row}"].value is None)
    assert "holds something where nothing was" in refused(edited(sent, {(place[0], free): 5}))


def test_a_lost_or_renamed_sheet_is_refused(sent: Path) -> None:
    book = openpyxl.load_workbook(sent)
    book["Returns"].title = "Yields"
    del book["Sources"]
    book.save(sent.with_name("lost.xlsx"))
    words = refused(sent.with_name("lost.xlsx"))
    assert "Returns: has lost a sheet (found Yields instead" in words
    assert "Sources: has lost a sheet" in words


def test_a_foreign_workbook_is_refused(folder: Path) -> None:
    book = openpyxl.Workbook()
    book.save(folder / "foreign.xlsx")
    assert "is no workbook that can be imported (found sheets Sheet; expected" in refused(folder / "foreign.xlsx")


def test_another_version_is_refused(sent: Path) -> None:
    book = openpyxl.load_workbook(sent)
    row = row_of(book["Case file"], "Made by")
    words = refused(edited(sent, {("Case file", f"C{row}"): "finmodel 0.0.1"}))
    assert "was written by another version (found '0.0.1'" in words
    assert "import it with finmodel 0.0.1" in words


def test_another_text_of_the_case_file_is_refused(sent: Path) -> None:
    book = openpyxl.load_workbook(sent)
    row = next(row for row in range(1, 200) if "value:  10" in str(book["Case file"].cell(row, 3).value))
    assert "is not as it was written" in refused(edited(sent, {("Case file", f"C{row}"): "    value:  11"}))


def test_a_case_file_that_says_it_is_endless_is_refused_at_once(sent: Path) -> None:
    row = row_of(openpyxl.load_workbook(sent)["Case file"], "Lines")
    assert "is not as it was written" in refused(edited(sent, {("Case file", f"C{row}"): "999999999"}))


def test_other_components_are_refused_by_name(sent: Path, folder: Path) -> None:
    plant = folder / "facilities" / "plant.yaml"
    try:
        plant.write_text(PLANT.replace("500", "600"))
        words = refused(sent)
    finally:
        plant.write_text(PLANT)
    assert "facilities/plant.yaml: is not what the workbook was written from (found another text" in words


def test_what_was_given_from_python_is_refused(given: Case, folder: Path) -> None:
    @line("USD")
    def cash_flow(m):
        """Half of it."""
        return m.price * m.half

    own = given.with_lines(cash_flow, half=(Input("1", "A half."), 0.5))
    assert own.own_lines == ("cash_flow", "half")
    own.to_excel(folder / "own.xlsx")
    assert "holds lines that were given from Python (found cash_flow, half" in refused(folder / "own.xlsx")
    given.with_ranges(price={"uniform": [9, 11]}).to_excel(folder / "ranged.xlsx")
    assert "holds ranges that were given from Python (found price" in refused(folder / "ranged.xlsx")


def test_the_text_of_the_case_reaches_its_sheet_to_the_last_character(folder: Path, tmp_path: Path) -> None:
    hard = (
        "\n# \ttab, \u202e turned, ⟦ bracket, _x005F_ and x005F_ and _x0041_, 'quoted'\n#"
        + "x" * 70_000
        + "😀" * 20_000
        + "\n"
    )
    (folder / "hard.yaml").write_bytes(b"\xef\xbb\xbf" + (CASE + hard).replace("\n", "\r\n").encode())
    case = finmodel.load("hard.yaml")
    case.to_excel(tmp_path / "hard.xlsx")
    assert read_case_file(open_workbook(tmp_path / "hard.xlsx")).text == CASE + hard
    assert Case.from_excel(tmp_path / "hard.xlsx").book.fingerprint == case.book.fingerprint


def test_a_change_log_becomes_comments(given: Case, sent: Path) -> None:
    row = row_of(openpyxl.load_workbook(sent)["Change log"], "Date") + 1
    first = {"B": dt.datetime(2026, 9, 30), "C": "price\nto 12", "D": "Ann", "E": "she knows"}
    typed = {("Change log", f"{column}{row}"): value for column, value in first.items()}
    found = brought(edited(sent, typed | {("Change log", f"C{row + 1}"): "سعر"}))
    head, *rows = found.text.removesuffix(CASE).splitlines()
    assert head.startswith("# Change log of edited.xlsx, imported on ")
    assert rows == ["#   2026-09-30, price", "# to 12, Ann, she knows", "#   سعر"]
    assert found.case.values == given.values
    assert "kept as comments at the top of the file: 2 of the change log" in found.said


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    return int(left.value.code or 0), *capsys.readouterr()


def test_the_command_says_what_changed_and_writes_the_case(capsys: pytest.CaptureFixture[str], sent: Path) -> None:
    path = edited(sent, {("price", "Base"): 12.5})
    code, out, _ = call(capsys, "import", str(path))
    assert code == 0
    table = [row.split() for row in out.splitlines()]
    assert ["figure", "column", "was", "is", "unit"] in table
    assert ["price", "Base", "10", "12.5", "USD"] in table
    assert "1 figure changed" in out
    assert f"wrote {NAME}-edited.yaml" in out
    assert finmodel.load(f"{NAME}-edited.yaml").values["price"] == 12.5
    code, _, err = call(capsys, "import", str(path))
    assert (code, "it is there already" in err) == (2, True)
    code, out, _ = call(capsys, "import", str(path), "--out", f"{NAME}-edited.yaml")
    assert (code, f"replaced {NAME}-edited.yaml" in out) == (0, True)
    code, _, err = call(capsys, "import", str(path), "--out", "other.txt")
    assert (code, "ends in .yaml" in err, os.path.exists("other.txt")) == (2, True, False)


def test_the_command_without_a_change_writes_the_same_text(
    capsys: pytest.CaptureFixture[str], sent: Path, folder: Path
) -> None:
    code, out, _ = call(capsys, "import", str(sent), "--out", "same.yaml")
    assert (code, "no figure changed" in out) == (0, True)
    assert (folder / "same.yaml").read_text(encoding="utf-8") == CASE


def test_the_command_refuses_without_a_traceback(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "words.xlsx").write_text("no workbook")
    code, out, err = call(capsys, "import", "words.xlsx", "--out", "words.yaml")
    assert (code, out) == (2, "")
    assert "words.xlsx: is no workbook" in err
    assert not (folder / "words.yaml").exists()


def test_a_case_that_cannot_be_written_leaves_nothing(sent: Path, folder: Path) -> None:
    with pytest.raises(OutputFault, match="cannot write to"):
        brought(sent).write(folder / "no-folder" / "x.yaml")
    for place in (folder / f"{'x' * 260}.yaml", folder / f"{NAME}.yaml" / "x.yaml"):
        with pytest.raises(OutputFault, match="cannot write to"):
            brought(sent).write(place)
    assert not list(folder.glob(".*"))


@pytest.mark.parametrize("name", ["single-rack", "reference-1gw"])
def test_a_shipped_case_comes_back_as_it_went(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_of_the_package: None, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    went = sheets_of(finmodel.load(name))
    paint(tmp_path / "went.xlsx", went, title=name, version="test", written=DAY)
    for one, other in zip(went, sheets_of(Case.from_excel("went.xlsx")), strict=True):
        assert one.cells == other.cells


ASSEMBLE, OUTLINE, DELAYS = gigafactory.model, gigafactory.OUTLINE, case.DELAYS


@pytest.fixture
def model_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gigafactory itself, not the small model of the other tests."""
    monkeypatch.setattr(gigafactory, "model", ASSEMBLE)
    monkeypatch.setattr(gigafactory, "OUTLINE", OUTLINE)
    monkeypatch.setattr(case, "DELAYS", DELAYS)
