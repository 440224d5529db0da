from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from finmodel.errors import OutputFault
from finmodel.report import files


def test_trying_a_folder_leaves_nothing_behind(tmp_path):
    path = files.folder(tmp_path / "new" / "outputs", "reference-1gw")
    assert path == tmp_path / "new" / "outputs" / "reference-1gw"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_made_with_its_parents_when_it_is_written(tmp_path):
    path = files.folder(tmp_path / "new" / "outputs", "reference-1gw")
    assert files.write(path, {"a.json": lambda draft: draft.write_text("new")}) == (path / "a.json",)


@pytest.mark.parametrize("name", ["", ".", "..", "../elsewhere", "a/b", "a\\b", "/etc", "bell\a", "C:"])
def test_a_name_that_leads_elsewhere_names_no_folder(tmp_path, name):
    with pytest.raises(OutputFault, match="cannot name an output folder"):
        files.folder(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_under_a_file_cannot_be_written(tmp_path):
    (tmp_path / "outputs").write_text("in the way")
    with pytest.raises(OutputFault, match=r"cannot write to .*outputs.*--out"):
        files.folder(tmp_path / "outputs", "case")


def test_a_folder_behind_a_link_to_nowhere_is_said_before_anything_is_written(tmp_path):
    (tmp_path / "outputs").symlink_to("nowhere")
    with pytest.raises(OutputFault, match=r"cannot write to .*outputs.*--out"):
        files.folder(tmp_path / "outputs", "case")
    assert [entry.name for entry in tmp_path.iterdir()] == ["outputs"]


def test_a_folder_whose_name_is_too_long_is_said_and_its_parents_do_not_stay(tmp_path):
    with pytest.raises(OutputFault, match=r"cannot write to .*--out"):
        files.folder(tmp_path / "new" / ("x" * 300), "case")
    assert list(tmp_path.iterdir()) == []


def test_files_are_written_under_another_name_and_moved_together(tmp_path):
    seen: list[list[str]] = []

    def writer(path: Path) -> None:
        seen.append(sorted(entry.name for entry in tmp_path.iterdir() if not entry.name.startswith(".")))
        path.write_text("new")

    (tmp_path / "a.xlsx").write_text("old")
    written = files.write(tmp_path, {"a.xlsx": writer, "b.json": writer})
    assert seen == [["a.xlsx"], ["a.xlsx"]]
    assert written == (tmp_path / "a.xlsx", tmp_path / "b.json")
    assert [path.read_text() for path in written] == ["new", "new"]


def test_the_name_written_to_keeps_its_ending(tmp_path):
    files.write(tmp_path, {"a.xlsx": lambda path: path.write_text(path.suffix)})
    assert (tmp_path / "a.xlsx").read_text() == ".xlsx"


def test_a_writer_that_fails_leaves_the_earlier_files_as_they_were(tmp_path):
    def fails(path: Path) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    (tmp_path / "a.json").write_text("old")
    with pytest.raises(OutputFault, match="No space left on device"):
        files.write(tmp_path, {"a.json": lambda path: path.write_text("new"), "b.json": fails})
    assert {entry.name: entry.read_text() for entry in tmp_path.iterdir()} == {"a.json": "old"}


def test_drafts_of_a_process_that_is_no_more_are_removed(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    mine = f".{os.getppid()}.a.json"
    for name in (
        f".{gone.pid}.a.json",
        f".{gone.pid}..{gone.pid}.a.json",
        f".{gone.pid}.notes.txt",
        ".notes",
        ".1.2",
        mine,
    ):
        (tmp_path / name).write_text("half")
    files.write(tmp_path, {"a.json": lambda path: path.write_text("new")})
    assert {entry.name for entry in tmp_path.iterdir()} == {"a.json", f".{gone.pid}.notes.txt", ".notes", ".1.2", mine}


def test_a_file_of_an_earlier_run_does_not_stay_beside_newer_ones(tmp_path):
    (tmp_path / "simulation.parquet").write_text("old")
    files.write(tmp_path, {"summary.json": lambda path: path.write_text("new")}, stale=("simulation.parquet",))
    assert [entry.name for entry in tmp_path.iterdir()] == ["summary.json"]


def test_a_folder_where_a_file_belongs_is_said(tmp_path):
    (tmp_path / "summary.json").mkdir()
    with pytest.raises(OutputFault, match="is a folder where a file is to be written"):
        files.write(tmp_path, {"summary.json": lambda path: path.write_text("new")})
