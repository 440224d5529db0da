"""The manual of assumptions: complete, well formed, and written in sentences."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import finmodel
from finmodel.assumptions import manual as module
from finmodel.assumptions.figure import Change, Figure
from finmodel.assumptions.manual import manual
from finmodel.assumptions.volumes import Volume, Volumes
from finmodel.errors import Faults, OutputFault
from finmodel.graph import Input

CELLS = re.compile(r"(?<!\\)\|")


@pytest.fixture(scope="module")
def case():
    return finmodel.load("reference-1gw")


@pytest.fixture(scope="module")
def volumes():
    return Volumes.all()


@pytest.fixture(scope="module")
def text(case, volumes):
    return manual(case.model, volumes)


@pytest.fixture(scope="module")
def entries(text):
    """The text of each input by its name."""
    parts = re.split(r"^### (\S+)$", text.partition("\n## sources\n")[0], flags=re.MULTILINE)
    return {name.replace("\\_", "_"): entry for name, entry in zip(parts[1::2], parts[2::2], strict=True)}


def stem(name):
    return name.partition(".")[0]


def test_each_input_stands_once_whatever_its_cohorts(case, text, entries):
    headings = re.findall(r"^### (\S+)$", text, re.MULTILINE)
    assert len(headings) == len(set(headings))
    inputs, idle = {stem(name) for name in case.model.inputs}, set(case.model.idle_inputs)
    assert inputs <= set(entries) <= inputs | idle


def test_each_figure_of_the_book_stands_with_its_input(volumes, entries):
    rows = {name: len(re.findall(r"^\| [a-z]+/", entry, re.MULTILINE)) for name, entry in entries.items()}
    expected = dict.fromkeys(rows, 0)
    for volume in volumes.files:
        for key in volume.figures:
            expected[stem(key)] += 1
    assert rows == expected


def test_an_entry_says_unit_bounds_cohort_readers_and_figures_with_their_sources(entries):
    entry = entries["construction_duration"]
    assert "- unit: month\n- bounds: at least 1 month\n- given for each: phase\n" in entry
    assert re.search(r"^- read by: .*`hall_complete`", entry, re.MULTILINE)
    assert (
        "| cases/reference-1gw, first | 18 month | pert 14 / 18 / 24 | 2026 | secondary | [rabobank-power](<https://"
        in entry
    )
    assert (
        "| scenarios/downside | plus 3 month | | | estimate | | Late transformers and crews. |"
        in (entries["construction_delay"])
    )


def test_the_manual_is_well_formed(text):
    lines = text.split("\n")
    assert text.endswith("\n")
    assert not text.endswith("\n\n\n")
    assert not [line for line in lines if line != line.rstrip()]
    assert not [line for line in lines if "\t" in line]
    width = None
    for line_ in lines:
        cells = len(CELLS.findall(line_)) if line_.startswith("|") else None
        assert cells is None or width in (None, cells), line_
        width = cells
    sections = re.findall(r"^## (\S+)$", text, re.MULTILINE)
    assert re.findall(r"^- \[(\S+)\]\(#(\S+)\)$", text, re.MULTILINE) == [(name, name) for name in sections]


def test_every_source_is_listed_with_its_address(text, volumes):
    listed = text.partition("\n## sources\n")[2]
    for key, source in volumes.sources.items():
        assert f"| [{key.replace('_', chr(92) + '_')}](<{source.url}>) |" in listed


def test_text_of_the_book_stays_in_its_cell():
    assert module._plain("a | b\n[c](d) <e> *f* `g` h_i") == r"a \| b \[c\](d) \<e\> \*f\* \`g\` h\_i"


def sentences(volumes):
    for volume in volumes.files:
        if volume.description:
            yield volume.reference, volume.description
        for key, figure in volume.figures.items():
            yield f"{volume.reference}: {key}", figure.note


def test_every_note_of_the_book_is_a_sentence(volumes):
    """One that begins with a capital, a digit or a sign, ends with a full stop, and has no double space or stop."""
    wrong = [
        f"{where}: {note!r}"
        for where, note in sentences(volumes)
        if note
        and (
            not re.match(r"[A-Z0-9\"'(+-]|[a-z]+[A-Z]", note)
            or not re.search(r"[.!?)\"]$", note)
            or re.search(r"  |\.\.(?!\.)|\s[.,;:]|\n", note)
        )
    ]
    assert wrong == []


def test_every_figure_of_the_book_has_a_note(volumes):
    silent = [
        f"{volume.reference}: {key}" for volume in volumes.files for key, one in volume.figures.items() if not one.note
    ]
    assert silent == []


def test_titles_are_no_sentences(volumes):
    titles = [volume.title for volume in volumes.files]
    assert not [title for title in titles if title.endswith((".", ",", ";", " ")) or not title]
    assert len(titles) == len(set(titles))


def test_volumes_are_figures_and_changes(volumes):
    for volume in volumes.files:
        forms = (Figure, Change) if volume.kind == "scenarios" else (Figure,)
        assert all(isinstance(figure, forms) for figure in volume.figures.values())
        assert (volume.currency is not None) == (volume.kind == "regions")


def test_a_figure_without_an_input_is_a_fault_that_says_where(case, volumes):
    model = replace(case.model, inputs={name: one for name, one in case.model.inputs.items() if name != "rack_price"})
    with pytest.raises(Faults, match="has no use") as caught:
        manual(model, volumes)
    assert {fault.key for fault in caught.value.faults} == {"rack_price"}
    assert all(fault.file and fault.row for fault in caught.value.faults)


def test_an_input_of_a_cohort_that_is_empty_here_stands_only_where_the_book_has_figures_for_it(case, volumes):
    made_up = Input("1/year", "A margin that nobody has made up yet.", each="tranche", name="made_up_margin")
    model = replace(case.model, idle_inputs={**case.model.idle_inputs, "made_up_margin": made_up})
    assert "nobody has made up" not in manual(model, volumes)
    figure = Figure(value=0.03, unit="1/year", as_of="2026", grade="estimate", note="Usual.")
    loan = Volume("finance", "loan", "A loan", "", None, {"made_up_margin.building": figure})
    text = manual(model, replace(volumes, files=(*volumes.files, loan)))
    assert "### made_up_margin\n\nA margin that nobody has made up yet." in text
    assert "| finance/loan, building | 0.03 1/year |" in text


def test_a_case_writes_the_manual_and_the_schemas(case, tmp_path, text):
    written = case.write_manual(tmp_path)
    assert [path.name for path in written] == [
        "assumptions-manual.md",
        "case.schema.json",
        "component.schema.json",
        "region.schema.json",
        "scenario.schema.json",
        "sources.schema.json",
    ]
    assert written[0].read_text(encoding="utf-8") == text


def test_a_folder_in_the_way_is_a_fault(case, tmp_path):
    (tmp_path / "manual").write_text("in the way")
    with pytest.raises(OutputFault):
        case.write_manual(tmp_path)


def test_every_fault_of_the_book_is_said_at_once(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "assumptions" / "cases").mkdir(parents=True)
    (tmp_path / "assumptions" / "sources.yaml").write_text("one: {title: A, publisher: B}\n")
    (tmp_path / "assumptions" / "cases" / "two.yaml").write_text("title: A\nfigures:\n  racks: {value: many}\n")
    with pytest.raises(Faults) as caught:
        Volumes.all()
    assert {fault.key for fault in caught.value.faults} >= {"one.verified", "racks.value", "racks.as_of"}
