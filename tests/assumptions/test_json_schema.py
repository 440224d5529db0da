"""The schemas that editors read: what the forms accept they accept, and what a person easily mistypes they mark."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

import finmodel
from finmodel.assumptions.check import faults_of
from finmodel.assumptions.finding import SUFFIX, catalogue
from finmodel.assumptions.json_schema import schemas
from finmodel.assumptions.load import load
from finmodel.assumptions.reading import read
from finmodel.assumptions.volumes import KINDS, Volumes
from finmodel.graph.units import parse
from tests.assumptions.world import BOOK, CASES, model_of

ASSUMPTIONS = Path(__file__).parents[2] / "assumptions"
SCHEMA = {"cases": "case", "regions": "region", "scenarios": "scenario"}
FIGURE = {"value": 0.03, "unit": "1/year", "as_of": 2026, "grade": "estimate", "note": "Usual."}
SHIPPED = [(kind, name) for kind in KINDS for name in catalogue(kind)]


def validators(model):
    made = schemas(model, Volumes.all())
    for text in made.values():
        Draft7Validator.check_schema(json.loads(text))
    return {name.removesuffix(".schema.json"): Draft7Validator(json.loads(text)) for name, text in made.items()}


@pytest.fixture(scope="module")
def shipped():
    return validators(finmodel.load("reference-1gw").model)


@pytest.fixture(scope="module")
def toy():
    return validators(model_of(load(str(CASES / "sound.yaml"))))


def plain(value):
    """A value of the book as an editor reads it."""
    match value:
        case dict():
            return {key: plain(member) for key, member in value.items()}
        case tuple():
            return [plain(member) for member in value]
        case datetime.date():
            return value.isoformat()
        case _:
            return value


def faults(validator, path):
    document, wrong = read(path)
    assert document is not None, wrong
    return [
        f"{list(error.absolute_path)}: {error.message[:200]}"
        for error in validator.iter_errors(plain(document.plain()))
    ]


@pytest.mark.parametrize(("kind", "name"), SHIPPED, ids="/".join)
def test_every_shipped_file_is_valid(shipped, kind, name):
    assert faults(shipped[SCHEMA.get(kind, "component")], catalogue(kind)[name]) == []


def test_the_shipped_sources_are_valid(shipped):
    assert faults(shipped["sources"], ASSUMPTIONS / "sources.yaml") == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_component_of_the_tests_own_book_is_valid(toy, kind):
    refused = {"typing-error", "with-a-loan"}  # scenarios for an input that does not exist and for a new structure
    for path in sorted((BOOK / kind).glob(f"*{SUFFIX}")) if kind != "cases" else []:
        assert bool(faults(toy[SCHEMA.get(kind, "component")], path)) == (path.stem in refused), path


def readable():
    return [path for path in sorted(CASES.glob("*.yaml")) if path.is_file() and read(path)[0] is not None]


@pytest.mark.parametrize("path", readable(), ids=lambda path: path.stem)
def test_what_the_schema_refuses_check_refuses(toy, path):
    if faults(toy["case"], path):
        assert faults_of(str(path), model_of)


@pytest.mark.parametrize(
    "name",
    [
        *("missing-key", "no-unit", "range-of-two-kinds", "range-of-wrong-length", "range-unknown-kind", "wrong-type"),
        *("unknown-input", "unknown-key", "unknown-section", "wrong-grade", "wrong-moment", "phase-without-name"),
        "tranche-of-unknown-kind",
    ],
)
def test_what_a_person_mistypes_is_marked(toy, name):
    assert faults(toy["case"], CASES / f"{name}.yaml")


def test_each_input_is_completed_with_its_note_and_unit(shipped):
    model = finmodel.load("reference-1gw").model
    figures = shipped["case"].schema["properties"]["figures"]
    for name, declared in model.inputs.items():
        entry = figures["properties"][name]
        assert entry["description"].startswith(declared.note)
        assert f"Unit: {declared.unit}" in entry["description"]
        (unit,) = entry["allOf"][1]["properties"]["unit"]["examples"]
        assert parse(unit).equals(parse(declared.unit))
    assert figures["additionalProperties"] is False


def test_another_phase_is_an_input_too_and_a_scenario_may_name_all_of_them(shipped):
    change = {"plus": 2, "unit": "month", "note": "Late."}
    figure = {"value": 2, "unit": "month", "as_of": 2026, "grade": "estimate", "note": "Late."}
    name = "construction_duration"

    def valid(kind, key, entry):
        return shipped[kind].is_valid({"title": "A", "figures": {key: entry}})

    assert valid("case", f"{name}.ninth", figure)
    assert not valid("case", name, figure)
    assert not valid("case", f"{name}.ninth", change)
    assert valid("scenario", name, change)
    assert valid("scenario", f"{name}.ninth", change)
    assert valid("scenario", f"{name}.ninth", figure)
    assert not valid("scenario", name, figure)


def test_a_figure_for_a_loan_is_accepted_though_this_models_case_has_none(toy):
    assert toy["component"].is_valid({"title": "A", "figures": {"loan_margin.building": FIGURE}})
    assert not toy["component"].is_valid({"title": "A", "figures": {"loan_margin": FIGURE}})
    assert "loan_margin" not in toy["case"].schema["properties"]["figures"]["properties"]


@pytest.mark.parametrize(
    ("tranches", "sound"),
    [
        ({}, True),
        ({"building": {"finances": "facility"}}, True),
        ({"building": {"finances": "facility", "draws": "equity_first"}}, True),
        ({"building": {}}, False),
        ({"building": {"finances": "land"}}, False),
        ({"building": {"finances": "facility", "repayment": "bullet"}}, False),
        ({"Building loan": {"finances": "facility"}}, False),
        (["building"], False),
    ],
)
def test_tranches_are_checked_as_they_are_typed(toy, tranches, sound):
    structure = {"close": "2027-03-31", "periods": 24, "phases": ["first"], "tranches": tranches}
    assert toy["case"].is_valid({"title": "A", "structure": structure}) is sound
    assert toy["component"].is_valid({"title": "A", "tranches": tranches}) is sound


def test_an_editor_proposes_the_books_sources_and_components_and_accepts_others(shipped):
    parts = shipped["case"].schema["$defs"]
    assert "bernstein-gigawatt" in parts["Figure"]["properties"]["source"]["anyOf"][0]["enum"]
    extends = shipped["case"].schema["properties"]["extends"]["items"]["anyOf"][0]["enum"]
    assert {"platforms/gb300-nvl72", "regions/texas", "cases/reference-1gw"} <= set(extends)
    assert shipped["case"].is_valid({"title": "A", "extends": ["platforms/of-ones-own"]})
