"""Every way in which a book can be at fault has a file that is, and its fault says where, what and how to mend it."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finmodel.assumptions.check import faults_of, prove
from finmodel.assumptions.load import load
from finmodel.assumptions.possible import KINDS
from finmodel.errors import Fault, Faults
from tests.assumptions.world import BOOK, CASES, model_of

pytestmark = pytest.mark.usefixtures("without_the_shipped_book")

SOUND = {"sound", "repaired-correlations", "levered"}

EXPECTED: dict[str, list[Fault]] = {
    "a-folder": [
        Fault(
            "is a folder",
            file="cases/a-folder.yaml",
            found="a folder",
            expected="a YAML file",
            remedy="name a file in it",
        ),
    ],
    "alias-bomb": [
        Fault(
            "grows too large when its aliases are written out",
            file="cases/alias-bomb.yaml",
            row=6,
            key="e",
            found="111,111 values",
            expected="at most 100,000 values",
        ),
    ],
    "circle-one": [
        Fault(
            "goes in a circle",
            file="cases/circle-two.yaml",
            row=2,
            key="extends[0]",
            found="cases/circle-one -> cases/circle-two -> cases/circle-one",
            expected="files that build on others only",
            remedy="take 'cases/circle-one' out of one of them",
        ),
    ],
    "circle-two": [
        Fault(
            "goes in a circle",
            file="cases/circle-one.yaml",
            row=2,
            key="extends[0]",
            found="cases/circle-two -> cases/circle-one -> cases/circle-two",
            expected="files that build on others only",
            remedy="take 'cases/circle-two' out of one of them",
        ),
    ],
    "close-within-a-month": [
        Fault(
            "is not valid",
            file="cases/close-within-a-month.yaml",
            row=3,
            key="structure.close",
            found="2027-03-15",
            expected="a month's last day, such as 2027-03-31",
        ),
    ],
    "correlation-above-one": [
        Fault(
            "is no correlation",
            file="cases/correlation-above-one.yaml",
            row=4,
            key="rack_price ~ pue.rank",
            found="1.4",
            expected="from -1 to 1",
        ),
    ],
    "correlation-given-twice": [
        Fault(
            "is given twice",
            file="cases/correlation-given-twice.yaml",
            row=5,
            key="pue ~ rack_price",
            found="rows 4 and 5",
            expected="each pair once",
        ),
    ],
    "correlation-of-certain-input": [
        Fault(
            "is certain",
            file="cases/correlation-of-certain-input.yaml",
            row=4,
            key="rack_price ~ rack_power.between",
            found="'rack_power', which has no range",
            expected="an uncertain figure",
            remedy="give it a range",
        ),
    ],
    "correlation-of-unknown-input": [
        Fault(
            "is no input",
            file="cases/correlation-of-unknown-input.yaml",
            row=4,
            key="rack_price ~ gpu_hour_prise.between",
            found="'gpu_hour_prise'",
            expected="an input of the model",
            remedy="perhaps 'gpu_hour_price' is meant",
        ),
    ],
    "date-before-close": [
        Fault(
            "lies before close",
            file="cases/date-before-close.yaml",
            row=4,
            key="energisation.first.value",
            found="2026-12-31",
            expected="a date from close on, 2027-03-31",
            remedy="give a later date, or an earlier close",
        ),
    ],
    "date-for-a-price": [
        Fault(
            "is a date",
            file="cases/date-for-a-price.yaml",
            row=4,
            key="rack_price.value",
            found="2028-12-31",
            expected="a number in USD/rack",
        ),
    ],
    "empty": [
        Fault("is empty", file="cases/empty.yaml", row=1, found="nothing", expected="keys and values"),
    ],
    "impossible-correlations": [
        Fault(
            "are impossible together",
            file="cases/impossible-correlations.yaml",
            row=4,
            key="correlations",
            found="a smallest eigenvalue of -0.816",
            expected="a positive definite matrix; the nearest has rack_price ~ gpu_hour_price: 0.4825, "
            "gpu_hour_price ~ utilisation: 0.4825, rack_price ~ utilisation: -0.4825",
            remedy="take these ranks, or write 'repair: nearest' in the case",
        ),
    ],
    "infinite": [
        Fault(
            "is not a finite number",
            file="cases/infinite.yaml",
            row=4,
            key="rack_price.value",
            found="1e999",
            expected="a finite number",
        ),
    ],
    "key-not-text": [
        Fault(
            "is no name",
            file="cases/key-not-text.yaml",
            row=4,
            key="figures",
            found="2026",
            expected="text as a key",
            remedy="put it in quotes",
        ),
    ],
    "key-twice": [
        Fault(
            "stands twice",
            file="cases/key-twice.yaml",
            row=5,
            key="rack_power",
            found="rows 4 and 5",
            expected="each key once",
            remedy="leave one out",
        ),
    ],
    "many-faults": [
        Fault(
            "is no known source",
            file="cases/many-faults.yaml",
            row=4,
            key="rack_power.source",
            found="'datashet'",
            expected="a key of sources.yaml",
            remedy="perhaps 'datasheet' is meant",
        ),
        Fault(
            "has a wrong unit",
            file="cases/many-faults.yaml",
            row=4,
            key="rack_power.unit",
            found="kWh/rack",
            expected="a scale of kW/rack",
            remedy="write it in kW/rack",
        ),
        Fault(
            "is out of bounds",
            file="cases/many-faults.yaml",
            row=5,
            key="rack_price.value",
            found="-1 USD/rack",
            expected="at least 0 USD/rack",
        ),
        Fault(
            "is not a finite number",
            file="cases/many-faults.yaml",
            row=6,
            key="pue.value",
            found=".nan",
            expected="a finite number",
        ),
        Fault(
            "has no use",
            file="cases/many-faults.yaml",
            row=7,
            key="rack_powr",
            found="'rack_powr'",
            expected="an input of the model",
            remedy="perhaps 'rack_power' is meant",
        ),
        Fault(
            "has no use",
            file="scenarios/typing-error.yaml",
            row=3,
            key="rack_prise",
            found="'rack_prise'",
            expected="an input of the model",
            remedy="perhaps 'rack_price' is meant",
        ),
    ],
    "merge-key": [
        Fault(
            "merges keys",
            file="cases/merge-key.yaml",
            row=4,
            key="rack_power",
            found="<<",
            expected="YAML 1.2",
            remedy="write the keys out",
        ),
    ],
    "missing-key": [
        Fault(
            "is missing",
            file="cases/missing-key.yaml",
            row=4,
            key="rack_power.as_of",
            found="nothing",
            expected="When the figure held: YYYY, YYYY-MM or YYYY-MM-DD.",
            remedy="add 'as_of'",
        ),
    ],
    "mode-outside-bounds": [
        Fault(
            "has its mode outside its bounds",
            file="cases/mode-outside-bounds.yaml",
            row=4,
            key="utilisation.range",
            found="mode 1.1",
            expected="at least 0 and at most 1",
        ),
    ],
    "mode-outside-range": [
        Fault(
            "has its mode outside its bounds",
            file="cases/mode-outside-range.yaml",
            row=4,
            key="rack_power.range",
            found="mode 150",
            expected="between 120 and 145",
        ),
    ],
    "negative-price": [
        Fault(
            "is out of bounds",
            file="cases/negative-price.yaml",
            row=4,
            key="rack_price.value",
            found="-3500000 USD/rack",
            expected="at least 0 USD/rack",
        ),
    ],
    "no-reason": [
        Fault(
            "says neither source nor reason",
            file="cases/no-reason.yaml",
            row=4,
            key="rack_power.note",
            found="nothing",
            expected="a note that says why, since there is no source",
            remedy="add 'note'",
        ),
    ],
    "no-source": [
        Fault(
            "has no source",
            file="cases/no-source.yaml",
            row=4,
            key="rack_power.source",
            found="grade primary without a source",
            expected="a key of sources.yaml",
            remedy="name the source, or grade it an estimate and say why in its note",
        ),
    ],
    "no-structure": [
        Fault(
            "is missing",
            file="cases/no-structure.yaml",
            row=1,
            key="structure",
            found="nothing",
            expected="close, periods, phases",
        ),
    ],
    "no-such-day": [
        Fault(
            "is no day of the calendar",
            file="cases/no-such-day.yaml",
            row=4,
            key="energisation.first.value",
            found="2028-02-30",
            expected="YYYY-MM-DD",
        ),
    ],
    "no-unit": [
        Fault(
            "is not valid",
            file="cases/no-unit.yaml",
            row=4,
            key="rack_power",
            found="{value, source, as_of, grade}",
            expected="a unit beside the value",
        ),
    ],
    "not-a-number-in-range": [
        Fault(
            "is not a finite number",
            file="cases/not-a-number-in-range.yaml",
            row=4,
            key="pue.range.uniform[1]",
            found=".inf",
            expected="a finite number",
        ),
    ],
    "not-a-number": [
        Fault(
            "is not a finite number",
            file="cases/not-a-number.yaml",
            row=4,
            key="rack_price.value",
            found=".nan",
            expected="a finite number",
        ),
    ],
    "not-yaml": [
        Fault(
            "is not YAML",
            file="cases/not-yaml.yaml",
            row=2,
            found="while parsing a flow sequence expected ',' or ']', but got ':'",
            expected="YAML 1.2",
        ),
    ],
    "old-yaml": [
        Fault("is not YAML 1.2", file="cases/old-yaml.yaml", row=2, found="%YAML 1.1", expected="%YAML 1.2"),
    ],
    "only-a-comment": [
        Fault("is empty", file="cases/only-a-comment.yaml", row=1, found="nothing", expected="keys and values"),
    ],
    "other-currency": [
        Fault(
            "is in another currency",
            file="cases/other-currency.yaml",
            row=4,
            key="electricity_price.unit",
            found="USD/MWh",
            expected="a scale of local/MWh (local is EUR)",
            remedy="convert it at a stated rate, and say so in its note",
        ),
    ],
    "phase-without-name": [
        Fault(
            "is not valid",
            file="cases/phase-without-name.yaml",
            row=3,
            key="structure.phases",
            found="['first', 'First phase']",
            expected="a list of 1 to 64 different names, of lower-case letters, digits and underscores",
        ),
    ],
    "plain-text": [
        Fault(
            "does not hold keys and values",
            file="cases/plain-text.yaml",
            row=1,
            found="'This is a letter, not a book.'",
            expected="keys",
        ),
    ],
    "python-tag": [
        Fault(
            "has a tag",
            file="cases/python-tag.yaml",
            row=4,
            key="rack_power",
            found="tag:yaml.org,2002:python/object/apply:os.system",
            expected="a plain value",
            remedy="leave the tag out",
        ),
    ],
    "range-backwards": [
        Fault(
            "runs backwards",
            file="cases/range-backwards.yaml",
            row=4,
            key="utilisation.range",
            found="[0.95, 0.9]",
            expected="minimum below maximum",
        ),
    ],
    "range-of-two-kinds": [
        Fault(
            "is not valid",
            file="cases/range-of-two-kinds.yaml",
            row=4,
            key="pue.range",
            found="{uniform, normal}",
            expected=f"one of {', '.join(KINDS)}",
        ),
    ],
    "range-of-wrong-length": [
        Fault(
            "is not valid",
            file="cases/range-of-wrong-length.yaml",
            row=4,
            key="pue.range.pert",
            found="[1.1, 1.3]",
            expected="[minimum, most likely, maximum]",
        ),
    ],
    "range-outside-bounds": [
        Fault(
            "reaches out of bounds",
            file="cases/range-outside-bounds.yaml",
            row=4,
            key="utilisation.range",
            found="[-inf, inf]",
            expected="at least 0 and at most 1",
            remedy="truncate: [0, 1]",
        ),
    ],
    "range-unknown-kind": [
        Fault(
            "is an unknown key",
            file="cases/range-unknown-kind.yaml",
            row=4,
            key="pue.range.unifrom",
            found="'unifrom'",
            expected=f"one of {', '.join(KINDS)}, truncate",
            remedy="perhaps 'uniform' is meant",
        ),
    ],
    "range-without-spread": [
        Fault(
            "has no spread",
            file="cases/range-without-spread.yaml",
            row=4,
            key="utilisation.range",
            found="standard deviation 0",
            expected="above 0",
            remedy="leave the range out",
        ),
    ],
    "range-without-width": [
        Fault(
            "has no width",
            file="cases/range-without-width.yaml",
            row=4,
            key="utilisation.range",
            found="[0.9, 0.9]",
            expected="minimum below maximum",
            remedy="leave the range out",
        ),
    ],
    "recursive-alias": [
        Fault(
            "contains itself",
            file="cases/recursive-alias.yaml",
            row=4,
            key="rack_power",
            found="*all",
            expected="a value without itself inside",
            remedy="write the value out",
        ),
    ],
    "scenario-of-unknown-input": [
        Fault(
            "has no use",
            file="scenarios/typing-error.yaml",
            row=3,
            key="rack_prise",
            found="'rack_prise'",
            expected="an input of the model",
            remedy="perhaps 'rack_price' is meant",
        ),
    ],
    "scenario-out-of-bounds": [
        Fault(
            "is out of bounds",
            file="scenarios/too-much.yaml",
            row=3,
            key="utilisation.times",
            found="1.105",
            expected="at least 0 and at most 1",
        ),
        Fault(
            "cannot scale a range",
            file="scenarios/too-much.yaml",
            row=4,
            key="rack_price.times",
            found="times -1",
            expected="above 0, since the figure has a range",
        ),
        Fault(
            "cannot be shifted",
            file="scenarios/too-much.yaml",
            row=5,
            key="gpu_hour_price.plus",
            found="plus on a lognormal range",
            expected="a range of another kind",
            remedy="use times, or give the whole figure",
        ),
        Fault(
            "has a wrong unit",
            file="scenarios/too-much.yaml",
            row=6,
            key="inflation.unit",
            found="USD",
            expected="a scale of 1/year",
            remedy="write it in 1/year",
        ),
    ],
    "third-currency": [
        Fault(
            "is in a third currency",
            file="cases/third-currency.yaml",
            row=4,
            key="electricity_price.unit",
            found="SEK in SEK/MWh",
            expected="USD, or EUR as the region's currency",
            remedy="convert it at a stated rate, and say so in its note",
        ),
    ],
    "too-deep": [
        Fault(
            "is nested too deep",
            file="cases/too-deep.yaml",
            row=3,
            key="a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a",
            expected="at most 20 levels",
        ),
    ],
    "truncated-to-nothing": [
        Fault(
            "is truncated to nothing",
            file="cases/truncated-to-nothing.yaml",
            row=4,
            key="pue.range",
            found="truncate [2, 3]",
            expected="a part of [1.1, 1.3]",
        ),
    ],
    "two-documents": [
        Fault(
            "holds several documents",
            file="cases/two-documents.yaml",
            row=2,
            found="a second '---'",
            expected="one document",
        ),
    ],
    "tranche-of-unknown-kind": [
        Fault(
            "is not valid",
            file="cases/tranche-of-unknown-kind.yaml",
            row=8,
            key="structure.tranches.building.finances",
            found="'facilty'",
            expected="'project', 'facility' or 'hardware'",
            remedy="perhaps 'facility' is meant",
        ),
        Fault(
            "is not valid",
            file="cases/tranche-of-unknown-kind.yaml",
            row=8,
            key="structure.tranches.building.sizing",
            found="'gering'",
            expected="'gearing', 'dscr' or 'smaller'",
            remedy="perhaps 'gearing' is meant",
        ),
        Fault(
            "is missing",
            file="cases/tranche-of-unknown-kind.yaml",
            row=9,
            key="structure.tranches.hardware.finances",
            found="nothing",
            expected="What it pays for: the whole project, the building and its plant, or the hardware.",
            remedy="add 'finances'",
        ),
        Fault(
            "is an unknown key",
            file="cases/tranche-of-unknown-kind.yaml",
            row=9,
            key="structure.tranches.hardware.repayments",
            found="'repayments'",
            expected="one of finances, sizing, repayment, draws",
            remedy="perhaps 'repayment' is meant",
        ),
        Fault(
            "is not valid",
            file="cases/tranche-of-unknown-kind.yaml",
            row=10,
            key="structure.tranches.Third loan",
            found="'Third loan'",
            expected="a name of lower-case letters, digits and underscores, a letter first",
        ),
    ],
    "tranches-of-a-platform": [
        Fault(
            "is an unknown key",
            file="facilities/financed.yaml",
            row=2,
            key="tranches",
            found="'tranches'",
            expected="one of title, description, extends, figures",
            remedy="leave it out",
        ),
    ],
    "tranches-of-a-scenario": [
        Fault(
            "is an unknown key",
            file="scenarios/with-a-loan.yaml",
            row=2,
            key="tranches",
            found="'tranches'",
            expected="one of title, description, figures",
            remedy="leave it out",
        ),
    ],
    "tranches-of-two-owners": [
        Fault(
            "has two owners",
            file="finance/rival-loan.yaml",
            row=3,
            key="tranches.building",
            found="finance/loan.yaml:3 and finance/rival-loan.yaml:3",
            expected="one owner of each tranche",
            remedy="leave it out of one, or set it in the case",
        ),
    ],
    "two-owners": [
        Fault(
            "has two currencies",
            file="cases/two-owners.yaml",
            row=2,
            key="extends[2]",
            found="EUR and USD",
            expected="one region",
        ),
        Fault(
            "has two owners",
            file="regions/dollar.yaml",
            row=4,
            key="electricity_price",
            found="regions/eurozone.yaml:4 and regions/dollar.yaml:4",
            expected="one owner of each figure",
            remedy="leave it out of one, or set it in the case",
        ),
    ],
    "unknown-anchor": [
        Fault(
            "names no anchor",
            file="cases/unknown-anchor.yaml",
            row=4,
            key="rack_power",
            found="*nowhere",
            expected="&nowhere in an earlier row",
        ),
    ],
    "unknown-component": [
        Fault(
            "does not exist",
            file="cases/unknown-component.yaml",
            row=2,
            key="extends[1]",
            found="'platforms/rak'",
            expected="one of platforms/cheap-rack, platforms/rack",
            remedy="perhaps 'platforms/rack' is meant",
        ),
    ],
    "unknown-folder": [
        Fault(
            "cannot be built on",
            file="cases/unknown-folder.yaml",
            row=2,
            key="extends[1]",
            found="'platform/rack'",
            expected="platforms/NAME or regions/NAME or facilities/NAME or finance/NAME or cases/NAME",
            remedy="perhaps 'platforms/rack' is meant",
        ),
    ],
    "unknown-input": [
        Fault(
            "has no use",
            file="cases/unknown-input.yaml",
            row=4,
            key="rack_powr",
            found="'rack_powr'",
            expected="an input of the model",
            remedy="perhaps 'rack_power' is meant",
        ),
    ],
    "unknown-key": [
        Fault(
            "is an unknown key",
            file="cases/unknown-key.yaml",
            row=4,
            key="rack_power.sorce",
            found="'sorce'",
            expected="one of value, unit, source, as_of, grade, note, range",
            remedy="perhaps 'source' is meant",
        ),
    ],
    "unknown-scenario": [
        Fault(
            "does not exist",
            file="cases/unknown-scenario.yaml",
            row=3,
            key="scenarios[0]",
            found="'upsid'",
            expected="one of downside, too-much, typing-error, upside, with-a-loan",
            remedy="perhaps 'upside' is meant",
        ),
    ],
    "unknown-section": [
        Fault(
            "is an unknown key",
            file="cases/unknown-section.yaml",
            row=3,
            key="figuers",
            found="'figuers'",
            expected="one of title, description, extends, figures, structure, correlations, repair, scenarios, "
            "scenario_figures",
            remedy="perhaps 'figures' is meant",
        ),
    ],
    "unknown-source": [
        Fault(
            "is no known source",
            file="cases/unknown-source.yaml",
            row=4,
            key="rack_power.source",
            found="'datashet'",
            expected="a key of sources.yaml",
            remedy="perhaps 'datasheet' is meant",
        ),
    ],
    "unknown-unit": [
        Fault(
            "has an unknown unit",
            file="cases/unknown-unit.yaml",
            row=4,
            key="rack_power.unit",
            found="'kilowat' is not a unit: 'kilowat' is not defined in the unit registry",
            expected="a scale of kW/rack",
            remedy="write it in kW/rack",
        ),
    ],
    "unverified-source": [
        Fault(
            "is graded too well",
            file="cases/unverified-source.yaml",
            row=4,
            key="rack_power.grade",
            found="secondary, from a source that is not verified",
            expected="estimate",
            remedy="grade it an estimate until someone has seen 'rumour'",
        ),
    ],
    "value-outside-range": [
        Fault(
            "leaves out its own value",
            file="cases/value-outside-range.yaml",
            row=4,
            key="pue.range",
            found="[1.1, 1.3]",
            expected="around 1.5",
            remedy="let value and range agree",
        ),
    ],
    "wrong-grade": [
        Fault(
            "is not valid",
            file="cases/wrong-grade.yaml",
            row=4,
            key="rack_power.grade",
            found="'primery'",
            expected="'primary', 'secondary' or 'estimate'",
            remedy="perhaps 'primary' is meant",
        ),
    ],
    "wrong-moment": [
        Fault(
            "is not valid",
            file="cases/wrong-moment.yaml",
            row=4,
            key="rack_power.as_of",
            found="'May 2026'",
            expected="a year, month or day (YYYY, YYYY-MM or YYYY-MM-DD)",
        ),
    ],
    "wrong-type": [
        Fault(
            "is not valid",
            file="cases/wrong-type.yaml",
            row=4,
            key="rack_power.value",
            found="'many'",
            expected="a number, or a calendar date (YYYY-MM-DD)",
        ),
    ],
    "wrong-unit": [
        Fault(
            "has a wrong unit",
            file="cases/wrong-unit.yaml",
            row=6,
            key="rack_power.unit",
            found="kWh/rack",
            expected="a scale of kW/rack",
            remedy="write it in kW/rack",
        ),
    ],
}


def from_book(fault: Fault) -> Fault:
    """The fault with files named from the book's folder, wherever the tests are run."""
    folder = f"{BOOK.relative_to(Path.cwd()) if BOOK.is_relative_to(Path.cwd()) else BOOK}/"
    texts = {key: getattr(fault, key) for key in ("file", "found", "expected", "remedy")}
    return replace(fault, **{key: text and text.replace(folder, "") for key, text in texts.items()})


@pytest.mark.parametrize("name", EXPECTED)
def test_each_fault_names_file_row_key_found_expected_and_remedy(name):
    found = [from_book(fault) for fault in faults_of(str(CASES / f"{name}.yaml"), model_of)]
    assert found == EXPECTED[name]


def test_every_case_of_the_book_is_sound_or_has_its_faults_listed():
    assert {path.stem for path in CASES.glob("*.yaml")} == SOUND | set(EXPECTED)


@pytest.mark.parametrize("name", sorted(SOUND))
def test_the_sound_cases_have_no_fault(name):
    assert faults_of(str(CASES / f"{name}.yaml"), model_of) == ()
    assert prove(str(CASES / f"{name}.yaml"), model_of).book.name == name


def test_all_faults_of_files_and_model_come_in_one_list_by_file_and_row():
    faults = faults_of(str(CASES / "many-faults.yaml"), model_of)
    assert len(faults) == 6
    assert [(fault.file, fault.row) for fault in faults] == sorted((fault.file, fault.row) for fault in faults)


def test_loading_raises_the_faults_of_the_files_alone():
    with pytest.raises(Faults, match="datashet") as raised:
        load(str(CASES / "many-faults.yaml"))
    assert {fault.key for fault in raised.value.faults} == {"rack_power.source", "pue.value"}


def test_a_python_tag_runs_nothing(tmp_path):
    mark = tmp_path / "mark"
    case = tmp_path / "case.yaml"
    case.write_text(f"title: !!python/object/apply:pathlib.Path.touch [{mark}]\n")
    assert faults_of(str(case), model_of)[0].message == "has a tag"
    assert not mark.exists()


def test_a_file_of_fifty_megabytes_is_refused_before_it_is_read(tmp_path):
    case = tmp_path / "large.yaml"
    with case.open("wb") as stream:
        stream.truncate(50_000_000)
    (fault,) = faults_of(str(case), model_of)
    assert (fault.message, fault.found, fault.expected) == (
        "is too large to be read", "50,000,000 bytes", "at most 1,000,000 bytes",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message", "found", "row"),
    [
        (b"title: x\nfigures: \xff\xfe\n", "is not a YAML file", "byte 0xff", 2),
        (b"title: x\nPK\x03\x04" + bytes(range(128)), "is not YAML", None, 2),
        ("title: Kaffeeküche\n".encode("latin-1"), "is not a YAML file", "byte 0xfc", 1),
        ("title: x\n".encode("utf-16"), "is not a YAML file", "byte 0xff", 1),
    ],
)
def test_a_file_that_is_not_text_is_refused(tmp_path, content, message, found, row):
    case = tmp_path / "case.yaml"
    case.write_bytes(content)
    (fault,) = faults_of(str(case), model_of)
    assert (fault.message, fault.row) == (message, row)
    assert found is None or fault.found == found


def test_a_device_is_refused_and_not_read():
    (fault,) = faults_of("/dev/zero", model_of)
    assert fault.message == "is not a regular file"


def test_an_unknown_case_names_the_nearest_one(tmp_path, monkeypatch):
    (tmp_path / "assumptions" / "cases").mkdir(parents=True)
    (tmp_path / "assumptions" / "cases" / "my-site.yaml").write_text("title: Mine\n")
    monkeypatch.chdir(tmp_path)
    (fault,) = faults_of("my-sight", model_of)
    assert fault.message == "is no case"
    assert fault.remedy == "perhaps 'my-site' is meant"


@pytest.mark.parametrize("name", ["", "\0", "a/../../etc/passwd", "x" * 5000])
def test_a_name_that_can_be_no_file_is_a_fault(name):
    assert len(faults_of(name, model_of)) == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("platforms/rack", "platforms/rak", "does not exist"),
        ("currency: EUR", "currency: EURO", "is no currency"),
        ("figures:\n  racks", "figuers:\n  racks", "is an unknown key"),
        ("title: A rack", "title: [A rack", "is not YAML"),
        ("close: 2027-03-31", "close: 2027-03-30", "is not valid"),
    ],
)
def test_one_fault_is_said_once_and_not_again_in_all_that_follows_from_it(tmp_path, old, new, message):
    book = shutil.copytree(BOOK, tmp_path / "assumptions")
    for path in (book / "cases" / "sound.yaml", book / "regions" / "eurozone.yaml", book / "platforms" / "rack.yaml"):
        path.write_text(path.read_text().replace(old, new))
    faults = faults_of(str(book / "cases" / "sound.yaml"), model_of)
    assert [fault.message for fault in faults] == [message]


VALUES = """
|null|true|-1|1e308|1e-308|.nan|2027-03-31|9999-12-31|0001-01-01|text|''|[]|{}|[1, 2]|[null, 1]|[[1]]|{a: 1}
|[a, b, c]|{p10: 1, p90: 2}|{p10: 1e-300, p90: 1e300}|[1e300, 1e300]|{normal: [0, 1]}|{lognormal: {p10: 1, p90: 2}}
|USD**2|9**9**9**9|{lognormal: [1e-300, 1e300]}|cases/sound|'*'|&a 1|*a|!!int 1|99999999999999999999|-0.0|'%'|close
|[rack_price, rack_price]
""".replace("\n", "").split("|")


@given(st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_takes_the_place_of_a_value_is_sound_or_a_list_of_faults(tmp_path, data):
    book = tmp_path / "assumptions"
    if not book.exists():
        shutil.copytree(BOOK, book)
    name = data.draw(
        st.sampled_from(["cases/sound", "regions/eurozone", "finance/plain", "scenarios/downside", "sources"])
    )
    path = book / f"{name}.yaml"
    text = (BOOK / f"{name}.yaml").read_text()
    places = list(re.finditer(r"(?<=: )[^,{}\[\]\n]+(?=[,}\n])|\[[^\[\]]*\]|\{[^{}]*\}|\w+(?=:)", text))
    place = data.draw(st.sampled_from(places))
    path.write_text(text[: place.start()] + data.draw(st.sampled_from(VALUES)) + text[place.end() :])
    try:
        faults = faults_of(str(book / "cases" / "sound.yaml"), model_of)
    finally:
        path.write_text(text)
    assert all(fault.message and (fault.file or fault.key) for fault in faults)
