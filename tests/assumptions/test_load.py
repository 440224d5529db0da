"""A case is its components, then itself; names are looked up near the case first, and all is fingerprinted."""

from __future__ import annotations

import datetime
import shutil

import pytest

from finmodel.assumptions import finding
from finmodel.assumptions.check import faults_of, prove, report
from finmodel.assumptions.figure import GRADES, Change, Correlation, Figure, StatedRange, weakest
from finmodel.assumptions.finding import catalogue, shipped, titles
from finmodel.assumptions.forms import Place
from finmodel.assumptions.load import load
from finmodel.assumptions.schema import CaseFile, ComponentFile, RegionFile, ScenarioFile, Source, Structure
from finmodel.errors import Faults
from tests.assumptions.world import BOOK, CASES, model_of

pytestmark = pytest.mark.usefixtures("without_the_shipped_book")

FIGURE = "{value: 140, unit: kW/rack, as_of: 2026, grade: estimate, note: A note.}"
STRUCTURE = "structure: {close: 2027-03-31, periods: 24, phases: [first, second]}"


@pytest.fixture
def book(tmp_path):
    """A copy of the book, to be written to."""
    return shutil.copytree(BOOK, tmp_path / "assumptions")


def written(book, name, text):
    path = book / "cases" / f"{name}.yaml"
    path.write_text(f"title: Written by a test\n{text}\n", encoding="utf-8")
    return str(path)


def test_a_case_knows_its_structure_title_currency_and_sources():
    case = load(str(CASES / "sound.yaml"))
    assert (case.name, case.title, case.currency, case.repair) == ("sound", "A sound case", "EUR", None)
    assert case.timeline.close == datetime.date(2027, 3, 31)
    assert (case.timeline.periods, case.timeline.per_year, case.timeline.tax_year_end) == (24, 12, 12)
    table = ("y1", "y2", "y3", "y4", "y5", "y6")
    assert case.cohorts == {
        "phase": ("first", "second"),
        "generation": ("original",),
        "recovery_year": table,
        "tranche": {},
    }
    assert list(case.scenarios) == ["upside", "downside"]
    assert case.sources["datasheet"].publisher == "A maker of racks"
    assert case.sources["datasheet"].date == "2026-02"


def test_a_figure_knows_where_it_stands_and_what_it_rests_on():
    figure = load(str(CASES / "sound.yaml")).figures["electricity_price"]
    assert figure.place is not None
    assert figure.place.file.endswith("regions/eurozone.yaml")
    assert (figure.place.row, figure.place.at("unit"), figure.place.at("range")) == (4, 6, 10)
    assert (figure.value, figure.unit, figure.as_of, figure.grade) == (0.08, "EUR/kWh", "2025-12-31", "primary")


def test_a_file_replaces_whole_figures_of_what_it_builds_on(book):
    case = load(written(book, "own", f"extends: [cases/sound]\nfigures:\n  rack_price: {FIGURE}"))
    assert case.figures["rack_price"].value == 140
    assert case.figures["rack_price"].range is None
    assert load(str(book / "cases" / "sound.yaml")).figures["rack_price"].range is not None


def test_components_build_on_components_of_their_kind(book):
    text = f"extends: [platforms/cheap-rack]\n{STRUCTURE}"
    case = load(written(book, "own", text))
    assert case.figures["rack_price"].value == 3_000_000
    assert case.figures["rack_power"].value == 132
    (book / "regions" / "mixed.yaml").write_text("title: Mixed\ncurrency: EUR\nextends: [platforms/rack]\n")
    with pytest.raises(Faults, match=r"extends\[0\]: cannot be built on"):
        load(written(book, "own", f"extends: [regions/mixed]\n{STRUCTURE}"))


def test_a_file_reached_twice_is_no_conflict(book):
    (book / "platforms" / "other.yaml").write_text("title: Another\nextends: [platforms/rack]\n")
    case = load(written(book, "own", f"extends: [platforms/rack, platforms/other]\n{STRUCTURE}"))
    assert case.figures["rack_price"].value == 3_500_000


def test_a_key_of_two_components_is_no_fault_if_the_case_sets_it(book):
    components = "extends: [platforms/rack, facilities/hall, facilities/hot]"
    (book / "facilities" / "hot.yaml").write_text(f"title: Hot\nfigures:\n  rack_price: {FIGURE}\n")
    with pytest.raises(Faults, match="rack_price: has two owners"):
        load(written(book, "own", f"{components}\n{STRUCTURE}"))
    case = load(written(book, "own", f"{components}\n{STRUCTURE}\nfigures:\n  rack_price: {FIGURE}"))
    assert case.figures["rack_price"].value == 140


def test_a_case_that_extends_a_case_takes_what_it_does_not_say(book):
    parent = load(str(book / "cases" / "impossible-correlations.yaml"))
    text = """extends: [cases/impossible-correlations]
structure: {close: 2028-12-31, periods: 40, per_year: 4, phases: [first, second]}
repair: nearest
scenarios: [base, downside]
correlations:
  - {between: [utilisation, rack_price], rank: 0.1, grade: estimate, note: Given in the other order.}
"""
    case = load(written(book, "own", text))
    assert case.structure.per_year == 4
    assert list(case.scenarios) == ["downside"]
    assert case.repair == "nearest"
    ranks = {frozenset(one.between): one.rank for one in case.correlations}
    assert ranks == {frozenset(one.between): one.rank for one in parent.correlations} | {
        frozenset({"utilisation", "rack_price"}): 0.1
    }


BUILDING = {"finances": "facility", "sizing": "smaller", "repayment": "sculpted", "draws": "pro_rata"}
HARDWARE = {"finances": "hardware", "sizing": "gearing", "repayment": "annuity", "draws": "equity_first"}


def test_a_case_has_the_tranches_of_all_its_financings(book):
    case = prove(str(book / "cases" / "levered.yaml"), model_of)
    assert case.book.cohorts["tranche"] == {"building": BUILDING, "hardware": HARDWARE}
    assert [member.traits for member in case.model.cohorts["tranche"]] == [BUILDING, HARDWARE]
    assert case.model.cohorts["tranche"] == ("building", "hardware")
    assert [name for name in case.model.inputs if "loan" in name] == ["loan_margin.building", "loan_margin.hardware"]


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("tranches: {}", {}),
        ("tranches: {hardware: {finances: hardware, draws: equity_first}}", {"hardware": HARDWARE}),
    ],
)
def test_the_tranches_of_a_cases_own_structure_take_the_place_of_all_others(book, own, expected):
    structure = f"structure: {{close: 2027-03-31, periods: 24, phases: [first, second], {own}}}"
    assert load(written(book, "own", f"extends: [cases/levered]\n{structure}")).cohorts["tranche"] == expected


def test_a_case_that_builds_on_a_case_may_add_a_financing(book):
    assert load(written(book, "own", "extends: [cases/sound, finance/loan]")).cohorts["tranche"] == {
        "building": BUILDING
    }
    assert list(load(written(book, "own", "extends: [cases/levered]")).cohorts["tranche"]) == ["building", "hardware"]


def test_a_financing_may_replace_a_tranche_of_the_one_it_builds_on(book):
    text = "title: Level\nextends: [finance/loan]\ntranches:\n  building: {finances: facility, repayment: annuity}\n"
    (book / "finance" / "level.yaml").write_text(text)
    (tranche,) = load(written(book, "own", "extends: [cases/sound, finance/level]")).cohorts["tranche"].values()
    assert (tranche["repayment"], tranche["sizing"]) == ("annuity", "gearing")


def test_what_the_fault_of_a_financing_leaves_unknown_is_no_further_fault(book):
    path = book / "finance" / "loan.yaml"
    path.write_text(path.read_text().replace("sculpted", "sculptured"))
    (fault,) = faults_of(str(book / "cases" / "levered.yaml"), model_of)
    assert (fault.key, fault.row, fault.remedy) == ("tranches.building.repayment", 3, "perhaps 'sculpted' is meant")


def test_a_figure_for_a_tranche_that_the_case_does_not_have_has_no_use(book):
    structure = f"{STRUCTURE[:-1]}, tranches: {{hardware: {{finances: hardware}}}}}}"
    (fault,) = faults_of(written(book, "own", f"extends: [cases/levered]\n{structure}"), model_of)
    assert (fault.message, fault.key) == ("has no use", "loan_margin.building")


def test_a_change_of_all_loans_changes_nothing_where_there_are_none(book):
    text = "title: Dear money\nfigures:\n  loan_margin: {plus: 0.01, unit: 1/year, note: Scarce credit.}\n"
    (book / "scenarios" / "dear-money.yaml").write_text(text)
    for name, expected in (("sound", []), ("levered", [0.04, 0.07])):
        path = written(book, "own", f"extends: [cases/{name}]\nscenarios: [dear-money]")
        figures = prove(path, model_of).figures("dear-money")
        assert [figures[key].value for key in figures if "loan" in key] == pytest.approx(expected)


@pytest.mark.parametrize("name", ["phases", "generations", "recovery_years"])
def test_other_cohorts_are_never_empty(book, name):
    text = f"{STRUCTURE[:-1]}, {name}: []}}".replace("phases: [first, second], phases: []", "phases: []")
    with pytest.raises(Faults, match=rf"structure\.{name}: is not valid .*a list of 1 to 64"):
        load(written(book, "own", text))


def test_a_case_without_a_region_counts_in_dollars(book):
    assert load(written(book, "own", f"extends: [platforms/rack]\n{STRUCTURE}")).currency == "USD"


def test_a_case_of_more_phases_than_a_model_holds_is_at_fault(book):
    names = ", ".join(f"p{number}" for number in range(65))
    with pytest.raises(Faults, match=r"structure\.phases: is not valid .*a list of 1 to 64"):
        load(written(book, "own", f"structure: {{close: 2027-03-31, periods: 24, phases: [{names}]}}"))


@pytest.mark.parametrize("code", ["EURO", "usd", "XXX"])
def test_a_region_has_a_known_currency(book, code):
    (book / "regions" / "odd.yaml").write_text(f"title: Odd\ncurrency: {code}\n")
    with pytest.raises(Faults, match="currency: is no currency"):
        load(written(book, "own", f"extends: [regions/odd]\n{STRUCTURE}"))


def test_a_region_without_currency_is_a_fault(book):
    (book / "regions" / "odd.yaml").write_text("title: Odd\n")
    with pytest.raises(Faults, match="currency: is missing"):
        load(written(book, "own", f"extends: [regions/odd]\n{STRUCTURE}"))


def test_a_verified_source_has_an_address(book):
    (book / "sources.yaml").write_text("datasheet: {title: A, publisher: B, verified: true}\n")
    faults = faults_of(written(book, "own", f"extends: [platforms/rack]\n{STRUCTURE}"), model_of)
    about = [fault for fault in faults if fault.file and fault.file.endswith("sources.yaml")]
    assert [(fault.key, fault.row, fault.expected) for fault in about] == [
        ("datasheet", 1, "a url, since the source is verified")
    ]
    assert not [fault for fault in faults if fault.key and fault.key.endswith(".source")], "the source is known"


def test_a_name_is_a_path_then_below_the_working_folder_then_in_the_shipped_book(book, tmp_path, monkeypatch):
    monkeypatch.setattr(finding, "shipped", lambda: tmp_path / "wheel")
    (tmp_path / "wheel" / "cases").mkdir(parents=True)
    text = "title: {}\n" + STRUCTURE.replace("{", "{{").replace("}", "}}")
    (tmp_path / "wheel" / "cases" / "site.yaml").write_text(text.format("Shipped"))
    monkeypatch.chdir(tmp_path)
    assert load("site").title == "Shipped"
    (book / "cases" / "site.yaml").write_text(text.format("Near"))
    assert load("site").title == "Near"
    (tmp_path / "site").write_text(text.format("A path"))
    assert load("site").title == "A path"
    (tmp_path / "site").unlink()
    (tmp_path / "site").mkdir()
    assert load("site").title == "Near", "a folder of results does not hide the case"


def test_a_link_that_leads_in_a_circle_is_no_case(tmp_path):
    (tmp_path / "circle.yaml").symlink_to("circle.yaml")
    with pytest.raises(Faults, match="is no case"):
        load(str(tmp_path / "circle.yaml"))


def test_what_a_case_builds_on_is_looked_for_beside_it_then_in_the_shipped_book(book, tmp_path, monkeypatch):
    monkeypatch.setattr(finding, "shipped", lambda: book)
    lonely = tmp_path / "elsewhere" / "my.yaml"
    (lonely.parent / "platforms").mkdir(parents=True)
    lonely.write_text(f"title: Mine\nextends: [platforms/rack, facilities/hall]\n{STRUCTURE}\n")
    assert load(str(lonely)).figures["rack_power"].value == 132
    (lonely.parent / "platforms" / "rack.yaml").write_text(f"title: My rack\nfigures:\n  rack_power: {FIGURE}\n")
    assert load(str(lonely)).figures["rack_power"].value == 140
    assert "datasheet" in load(str(lonely)).sources


def test_the_fingerprint_is_of_what_was_read_and_not_of_where_it_lies(book):
    here, there = str(CASES / "sound.yaml"), str(book / "cases" / "sound.yaml")
    before = load(there).fingerprint
    assert load(here).fingerprint == before
    unread = book / "platforms" / "cheap-rack.yaml"
    unread.write_text(unread.read_text() + "# more\n")
    assert load(there).fingerprint == before
    region = book / "regions" / "eurozone.yaml"
    region.write_text(region.read_text() + "# more\n")
    assert load(there).fingerprint != before


def test_the_catalogue_names_every_file_of_a_kind_and_its_title(book, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(finding, "shipped", lambda: tmp_path / "nowhere")
    assert list(catalogue("platforms")) == ["cheap-rack", "rack"]
    assert titles("regions") == {"dollar": "A state of the dollar", "eurozone": "A country of the euro"}
    assert titles("cases")["empty"] == "(is empty)"


def test_the_shipped_book_is_beside_the_package_in_a_checkout(repository):
    assert shipped() == repository / "assumptions"


def test_a_report_counts_grades_ranges_and_sources():
    text = report(prove(str(CASES / "sound.yaml"), model_of))
    assert "2 primary, 2 secondary, 7 estimate" in text
    assert [line.split(maxsplit=1)[1] for line in text.splitlines() if "correlated" in line or "uncertain" in line] == [
        "8 inputs", "1 pairs",
    ]  # fmt: skip
    assert "base, upside, downside" in text
    assert "3 cited, not verified: rumour" in text


def test_the_weakest_grade_is_the_last_of_those_there_are():
    assert weakest(["primary", "estimate", "secondary"]) == "estimate"
    assert weakest(GRADES[:2]) == "secondary"
    assert weakest([]) is None


@pytest.mark.parametrize(
    "form",
    [Figure, Change, Correlation, StatedRange, Structure, ComponentFile, RegionFile, CaseFile, ScenarioFile, Source],
)
def test_every_key_of_a_form_is_explained_in_a_sentence(form):
    assert form.__doc__
    for name, field in form.model_fields.items():
        assert (field.description or "").endswith("."), f"{form.__name__}.{name}"


def test_a_figure_made_by_a_program_obeys_the_same_rules():
    made = Figure(value=3, unit="1", as_of="2026", grade="estimate", note="Why.")
    assert made.place is None
    assert made.placed(Place("file", 3)).place == Place("file", 3)
    for wrong in (
        {"value": True},
        {"as_of": "yesterday"},
        {"grade": "good"},
        {"colour": "red"},
        {"value": float("nan")},
    ):
        with pytest.raises(ValueError, match="validation error"):
            Figure(**{"value": 3, "unit": "1", "as_of": "2026", "grade": "estimate", "note": "Why.", **wrong})


def test_figures_set_by_hand_are_estimates():
    case = load(str(CASES / "sound.yaml")).with_figures({"new": ("USD", 3.0)})
    assert (case.figures["new"].value, case.figures["new"].grade) == (3.0, "estimate")
    with pytest.raises(Faults, match="not a finite number"):
        case.with_figures({"new": ("USD", float("inf"))})
