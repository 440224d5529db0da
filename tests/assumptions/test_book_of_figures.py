"""The book that ships: every figure says where it comes from, every case loads and binds, in every region."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

import finmodel
from finmodel.assumptions.book import Book
from finmodel.assumptions.load import load as load_book
from finmodel.case import library

ASSUMPTIONS = Path(__file__).parents[2] / "assumptions"
CASES = sorted(path.stem for path in (ASSUMPTIONS / "cases").glob("*.yaml"))
REGIONS = {"italy": "EUR", "sweden": "SEK"}


@pytest.fixture(params=CASES)
def book(request: pytest.FixtureRequest) -> Book:
    return load_book(str(ASSUMPTIONS / "cases" / f"{request.param}.yaml"))


@pytest.fixture(params=REGIONS)
def moved(request: pytest.FixtureRequest, tmp_path: Path) -> finmodel.Case:
    """The reference gigawatt, built in another region."""
    text = (ASSUMPTIONS / "cases" / "reference-1gw.yaml").read_text(encoding="utf-8")
    path = tmp_path / f"reference-{request.param}.yaml"
    path.write_text(text.replace("regions/texas", f"regions/{request.param}"), encoding="utf-8")
    return finmodel.load(path)


def test_every_figure_has_a_source_or_is_an_estimate_that_says_why(book: Book) -> None:
    silent = [name for name, figure in book.figures.items() if not figure.source and figure.grade != "estimate"]
    assert not silent
    assert not [name for name, figure in book.figures.items() if not figure.note]


def test_what_rests_on_a_page_not_seen_is_an_estimate(book: Book) -> None:
    for name, figure in book.figures.items():
        if figure.source and not book.sources[figure.source].verified:
            assert figure.grade == "estimate", name


def test_every_source_says_what_it_is_who_answers_for_it_where_and_when(book: Book) -> None:
    for key, source in book.sources.items():
        assert source.title, key
        assert source.publisher, key
        assert source.url, key
        assert source.date, key


def test_every_note_is_one_line_that_ends(book: Book) -> None:
    for name, figure in book.figures.items():
        assert "\n" not in figure.note, name
        assert figure.note.endswith("."), name


@pytest.mark.parametrize("name", CASES)
def test_every_case_runs_under_every_scenario(name: str) -> None:
    case = finmodel.load(ASSUMPTIONS / "cases" / f"{name}.yaml")
    for scenario in case.scenarios:
        metrics = case.scenario(scenario).evaluate().metrics
        assert metrics["capex_total"] > 0


def test_the_reference_case_is_uncertain_in_what_decides_it() -> None:
    case = finmodel.load("reference-1gw")
    uncertain = {name for name, figure in case.figures.items() if figure.range}
    assert len(uncertain) >= 15
    assert {
        "rack_price",
        "contract_price",
        "gpu_hour_price",
        "gpu_hour_price_drift",
        "electricity_price",
        "pue",
        "load_factor",
        "availability",
        "sold_share",
        "electrical_cost",
        "construction_duration.first",
        "construction_delay",
        "grid_delay",
        "hardware_life",
        "staff_per_mw",
    } <= uncertain


def test_the_book_uses_every_kind_of_range() -> None:
    kinds = {figure.range.kind for figure in finmodel.load("reference-1gw").figures.values() if figure.range}
    assert kinds == {"pert", "triangular", "uniform", "normal", "lognormal"}


def test_the_reference_case_has_a_gigawatt_of_it() -> None:
    case = finmodel.load("reference-1gw")
    evaluation = case.evaluate()
    capacity = evaluation.lines[["it_capacity.first", "it_capacity.second"]].iloc[-1].sum()
    assert capacity == pytest.approx(1000, rel=0.001)


def test_a_region_replaces_texas_whole(moved: finmodel.Case) -> None:
    region = moved.name.removeprefix("reference-")
    assert moved.book.currency == REGIONS[region]
    for scenario in moved.scenarios:
        assert moved.scenario(scenario).evaluate().metrics["capex_total"] > 0


def test_every_region_gives_the_same_figures() -> None:
    owned = {
        path.stem: set(YAML(typ="safe").load(path)["figures"]) for path in (ASSUMPTIONS / "regions").glob("*.yaml")
    }
    assert set(owned) == {"texas", *REGIONS}
    assert owned["italy"] == owned["texas"] == owned["sweden"]


def test_scenarios_move_the_net_present_value_as_their_titles_say() -> None:
    case = finmodel.load("reference-1gw")
    value = {name: case.scenario(name).evaluate().metrics["project_npv"] for name in case.scenarios}
    assert value["downside"] < value["base"] < value["upside"]


def test_the_command_line_finds_the_book() -> None:
    assert {"reference-1gw", "epoch-1gw"} <= set(library("cases"))
    assert {"gb200-nvl72", "gb300-nvl72"} <= set(library("platforms"))
    assert {"texas", "italy", "sweden"} <= set(library("regions"))
