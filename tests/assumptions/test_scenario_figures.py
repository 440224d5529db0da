"""A case may state figures and changes of its own under its scenarios; they take the place of those in their files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from finmodel.assumptions.bind import bind
from finmodel.assumptions.check import faults_of
from finmodel.assumptions.json_schema import schemas
from finmodel.assumptions.load import load
from finmodel.assumptions.reading import read
from finmodel.assumptions.volumes import Volumes
from tests.assumptions.test_json_schema import plain
from tests.assumptions.world import BOOK, model_of

pytestmark = pytest.mark.usefixtures("without_the_shipped_book")
FIGURE = "{value: 5, unit: USD/GPU/h, as_of: 2026, grade: estimate, note: A note.}"


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """The cases of a copy of the book, to be written to."""
    return shutil.copytree(BOOK, tmp_path / "assumptions") / "cases"


def written(cases: Path, name: str, text: str) -> str:
    path = cases / f"{name}.yaml"
    path.write_text(f"title: Written by a test\n{text}\n", encoding="utf-8")
    return str(path)


def values(path: str) -> dict[str, dict[str, float]]:
    """Every input under every scenario."""
    book = load(path)
    bound = bind(book, model_of(book)).by_scenario
    return {scenario: {name: figure.value for name, figure in figures.items()} for scenario, figures in bound.items()}


def test_a_figure_a_change_and_none_take_the_place_of_the_scenarios_own(cases: Path) -> None:
    before = values(str(cases / "sound.yaml"))
    changed = {name for name, value in before["downside"].items() if value != before["base"][name]}
    assert changed
    gone = sorted(changed)[0]
    stated = f"{{gpu_hour_price: {FIGURE}, rack_power: {{times: 2, note: Twice.}}, {gone}: null}}"
    after = values(written(cases, "own", f"extends: [cases/sound]\nscenario_figures:\n  downside: {stated}"))
    expected = before["downside"] | {gone: before["base"][gone]} | {"rack_power": 2 * before["base"]["rack_power"]}
    if gone != "gpu_hour_price":
        expected |= {"gpu_hour_price": 5}
    assert after["downside"] == expected
    assert (after["base"], after["upside"]) == (before["base"], before["upside"])


def test_one_member_of_a_cohort_may_be_left_as_the_base_has_it(cases: Path) -> None:
    all_twice = "racks: {times: 2, note: Twice.}"
    text = f"extends: [cases/sound]\nscenario_figures:\n  upside: {{{all_twice}, racks.first: null}}"
    after = values(written(cases, "own", text))
    assert after["upside"]["racks.first"] == after["base"]["racks.first"]
    assert after["upside"]["racks.second"] == 2 * after["base"]["racks.second"]


def test_a_case_that_builds_on_another_states_over_it(cases: Path) -> None:
    written(
        cases, "lower", "extends: [cases/sound]\nscenario_figures:\n  upside: {rack_power: {times: 2, note: Twice.}}"
    )
    both = (
        "scenario_figures:\n  upside: {rack_power: {times: 3, note: Thrice.}, pue: {plus: 0.5, unit: '1', note: Hot.}}"
    )
    after = values(written(cases, "upper", f"extends: [cases/lower]\n{both}"))
    assert after["upside"]["rack_power"] == 3 * after["base"]["rack_power"]
    assert after["upside"]["pue"] == after["base"]["pue"] + 0.5


def test_what_is_wrong_is_said_with_its_row(cases: Path) -> None:
    text = f"""extends: [cases/sound]
scenario_figures:
  downsid: {{gpu_hour_price: {FIGURE}}}
  downside:
    gpu_hour_prise: null
    pue: {{value: 0.5, unit: "1", as_of: 2026, grade: estimate, note: Cold.}}
    rack_power: {{times: 2}}"""
    found = {(fault.row, fault.key): fault for fault in faults_of(written(cases, "wrong", text), model_of)}
    unknown = found[4, "scenario_figures.downsid"]
    assert unknown.message == "is no scenario of the case"
    assert unknown.remedy == "perhaps 'downside' is meant"
    assert found[7, "pue.value"].message == "is out of bounds"
    assert found[8, "scenario_figures.downside.rack_power.note"].message == "is missing"
    assert any(fault.key == "gpu_hour_prise" and fault.message == "has no use" for fault in found.values())


def test_the_schema_knows_them(cases: Path) -> None:
    path = written(cases, "own", f"scenario_figures:\n  downside: {{gpu_hour_price: {FIGURE}, racks: null, pue: null}}")
    schema = json.loads(schemas(model_of(load(str(cases / "sound.yaml"))), Volumes.all())["case.schema.json"])
    document, _ = read(Path(path))
    assert document is not None
    data = plain(document.plain())
    assert not list(Draft7Validator(schema).iter_errors(data))
    data["scenario_figures"]["downside"]["pue"] = 3
    assert list(Draft7Validator(schema).iter_errors(data))
