"""A run kept on disk: the same as one held in memory, taken up where it stopped, and nobody else's."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from finmodel.assumptions.range import Range
from finmodel.errors import CalculationFault, OutputFault
from finmodel.graph import Input, exp, line, metric
from finmodel.render.plain import compile_plain
from finmodel.render.plan import Plan
from finmodel.simulate import store
from finmodel.simulate.designs import DESIGNS
from finmodel.simulate.identity import identity
from finmodel.simulate.run import inputs_of_path
from finmodel.simulate.simulation import shocks_of_path
from tests.graph.toys import model
from tests.simulate.toys import BASE, PROJECT, bound, project, run

BLOCK, PATHS = 128, 5 * 128 + 9


@pytest.fixture(scope="module")
def made():
    return project()


@pytest.fixture
def on_disk(monkeypatch):
    """Runs of more than a block are kept on disk."""
    monkeypatch.setattr(store, "ROWS", BLOCK)
    monkeypatch.setattr(store, "HELD_AT_MOST", BLOCK)


@pytest.fixture
def held(made, on_disk, monkeypatch):
    """The run in memory."""
    with monkeypatch.context() as patch:
        patch.setattr(store, "HELD_AT_MOST", PATHS)
        found = run(made, PROJECT, BASE, paths=PATHS, seed=7)
    assert found.store.folder is None
    return found


def written(simulation, path: Path) -> bytes:
    simulation.to_parquet(path)
    return path.read_bytes()


def blocks_of(folder: Path) -> dict[str, int]:
    """Files of blocks and when they were written."""
    return {file.name: file.stat().st_mtime_ns for file in folder.glob("*.parquet")}


@pytest.mark.parametrize("options", [{"threads": 1}, {"threads": 2, "chunk": 50}, {"threads": 3, "chunk": 1}], ids=str)
def test_a_run_on_disk_is_that_in_memory_to_the_last_bit(made, held, tmp_path, options):
    found = run(made, PROJECT, BASE, paths=PATHS, seed=7, folder=tmp_path, **options)
    assert found.store.folder is not None
    assert found.inputs.equals(held.inputs)
    assert found.metrics.equals(held.metrics)
    assert found.summary().equals(held.summary())
    assert found.sensitivity().equals(held.sensitivity())
    assert found.probabilities == held.probabilities
    assert written(found, tmp_path / "a") == written(held, tmp_path / "b")
    for path in (0, BLOCK - 1, BLOCK, PATHS - 1):
        assert found.path(path).values == held.path(path).values


@pytest.mark.parametrize("design", DESIGNS)
def test_blocks_change_no_bit_of_a_design(made, on_disk, monkeypatch, design):
    found = run(made, PROJECT, BASE, paths=PATHS, seed=7, design=design)
    monkeypatch.setattr(store, "HELD_AT_MOST", PATHS)
    whole = run(made, PROJECT, BASE, paths=PATHS, seed=7, design=design)
    assert found.inputs.equals(whole.inputs)
    assert found.metrics.equals(whole.metrics)


def test_every_path_on_disk_can_be_computed_alone(made, on_disk, tmp_path):
    found, plain = run(made, PROJECT, BASE, paths=PATHS, seed=7, folder=tmp_path), compile_plain(Plan(made))
    for path in (0, BLOCK - 1, BLOCK, 3 * BLOCK + 5, PATHS - 1):
        inputs = inputs_of_path(*bound(made, PROJECT, BASE), path, paths=PATHS, seed=7)
        alone = plain.run(BASE | inputs, shocks_of_path(made, 7, path))
        assert found.inputs.loc[path].to_dict() == inputs
        assert found.metrics.loc[path].to_dict() == {name: alone.scalars[name] for name in made.metrics}


def test_one_column_is_read_from_the_blocks_it_lies_in(made, held, tmp_path):
    found = run(made, PROJECT, BASE, paths=PATHS, seed=7, folder=tmp_path)
    assert np.array_equal(found.result("margin"), held.result("margin"))
    assert np.array_equal(found.draw("cost"), held.draw("cost"))
    assert [len(columns["cost"]) for columns in found.store.blocks()] == [BLOCK] * 5 + [9]


def test_columns_in_memory_cannot_be_written_to(held):
    with pytest.raises(ValueError, match="read-only"):
        held.result("project_npv")[0] = 0.0


def test_without_a_folder_the_blocks_go_with_the_simulation(made, on_disk, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    found = run(made, PROJECT, BASE, paths=PATHS)
    assert found.store.folder.parent == tmp_path
    assert len(list(found.store.folder.glob("*.parquet"))) == 6
    del found
    assert list(tmp_path.iterdir()) == []


def test_whole_blocks_are_taken_and_the_others_computed(made, held, tmp_path):
    first = run(made, PROJECT, BASE, paths=PATHS, seed=7, folder=tmp_path)
    folder = first.store.folder
    before = blocks_of(folder)
    gone = sorted(before)[2]
    (folder / gone).unlink()
    calls = []
    again = run(made, PROJECT, BASE, paths=PATHS, seed=7, folder=tmp_path, progress=lambda *done: calls.append(done))
    after = blocks_of(folder)
    assert calls == [(128, PATHS), (256, PATHS), (384, PATHS), (512, PATHS), (640, PATHS), (649, PATHS)]
    assert {name for name in before if after[name] != before[name]} == {gone}
    assert again.metrics.equals(held.metrics)
    assert "compile" in again.timings
    assert "compile" not in run(made, PROJECT, BASE, paths=PATHS, seed=7, folder=tmp_path).timings


def flip(file: Path, place: float) -> None:
    content = bytearray(file.read_bytes())
    content[int(place * (len(content) - 1))] ^= 0x10
    file.write_bytes(content)


SPOILS = {
    "its first byte flipped": lambda file: flip(file, 0.0),
    "a byte of its data flipped": lambda file: flip(file, 0.4),
    "its last byte flipped": lambda file: flip(file, 1.0),
    "cut in half": lambda file: os.truncate(file, file.stat().st_size // 2),
    "a byte short": lambda file: os.truncate(file, file.stat().st_size - 1),
    "a byte long": lambda file: file.write_bytes(file.read_bytes() + b"\0"),
    "empty": lambda file: file.write_bytes(b""),
    "another block's": lambda file: shutil.copy(min(file.parent.glob("000004-*.parquet")), file),
    "under another block's number": lambda file: file.rename(file.with_name(file.name.replace("000002", "000009"))),
}


@pytest.mark.parametrize("spoil", SPOILS)
def test_a_spoilt_block_is_computed_again(made, held, tmp_path, spoil):
    folder = run(made, PROJECT, BASE, paths=PATHS, seed=7, folder=tmp_path).store.folder
    before = blocks_of(folder)
    (file,) = folder.glob("000002-*.parquet")
    content = file.read_bytes()
    SPOILS[spoil](file)
    again = run(made, PROJECT, BASE, paths=PATHS, seed=7, folder=tmp_path)
    assert file.read_bytes() == content
    assert {name for name in before if blocks_of(folder)[name] != before[name]} == {file.name}
    assert again.metrics.equals(held.metrics)


def test_a_draft_that_a_killed_run_left_is_removed(made, on_disk, tmp_path):
    folder = run(made, PROJECT, BASE, paths=PATHS, folder=tmp_path).store.folder
    (folder / "000002-ab.99-1.draft").write_text("half")
    run(made, PROJECT, BASE, paths=PATHS, folder=tmp_path)
    assert list(folder.glob("*.draft")) == []


def test_a_simulation_that_is_discarded_leaves_nothing_and_says_so(made, on_disk, tmp_path):
    found = run(made, PROJECT, BASE, paths=PATHS, folder=tmp_path)
    found.discard()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OutputFault, match="cannot read the blocks of a run"):
        found.result("margin")
    found.discard()


def test_the_last_of_two_at_the_same_run_removes_its_blocks(made, on_disk, tmp_path):
    one, other = (run(made, PROJECT, BASE, paths=PATHS, folder=tmp_path) for _ in range(2))
    one.discard()
    assert other.metrics["margin"].notna().all()
    other.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_ends_in_a_fault_names_the_first_path_and_keeps_nothing(on_disk, tmp_path):
    @metric("1")
    def project_npv(m):
        """Beyond what there is a number for where the size is above 709.8."""
        return exp(m.size)

    small = model(size=Input("1", "Size."), project_npv=project_npv)
    given, options = {"size": Range("normal", (500.0, 80.0), 1.0)}, {"paths": PATHS, "design": "random", "seed": 1}
    with pytest.raises(CalculationFault) as caught:
        run(small, given, {"size": 500.0}, folder=tmp_path, **options)
    with pytest.raises(CalculationFault) as again:
        run(small, given, {"size": 500.0}, chunk=7, **options)
    assert caught.value.path == again.value.path > BLOCK
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at_work", [False, True])
def test_blocks_of_another_run_go_after_a_week_unless_it_is_at_work(made, on_disk, tmp_path, at_work):
    folders = {}
    for seed in (1, 2, 3):
        other = run(made, PROJECT, BASE, paths=PATHS, seed=seed, folder=tmp_path)
        folders[seed] = other.store.folder
    past = time.time() - 8 * 24 * 3600
    for seed in (1, 3):
        os.utime(folders[seed], (past, past))
    if not at_work:
        del other
    mine = run(made, PROJECT, BASE, paths=PATHS, seed=4, folder=tmp_path).store.folder
    left = {folders[2], mine} | ({folders[3]} if at_work else set())
    assert set(tmp_path.iterdir()) == left


def test_what_cannot_be_a_folder_is_said(made, on_disk, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputFault, match=r"cannot write to .*; make room there or choose another folder"):
        run(made, PROJECT, BASE, paths=PATHS, folder=tmp_path / "file")


def test_an_interrupted_run_says_how_far_it_came(made, on_disk, tmp_path):
    def stop(done, total):
        if done > 3 * BLOCK:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        run(made, PROJECT, BASE, paths=PATHS, folder=tmp_path, progress=stop)
    (folder,) = tmp_path.iterdir()
    assert caught.value.__notes__ == [f"384 of 649 paths are kept in {folder}"]


# The name of a run


def named(made, given=PROJECT, base=BASE, **options) -> str:
    shape = {name: options.pop(name) for name in ("dimensions", "correlation") if name in options}
    settled = {"book": "abc", "paths": 1_000, "seed": 1, "design": "sobol"} | options
    return identity(Plan(made), *bound(made, given, base, **shape), **settled)


def with_line(made, **lines):
    return model(made.timeline, **(vars(made.parts[0]) | lines))


def changed_models(made):
    @line("USD")
    def cash_flow(m):
        """One that differs in a constant."""
        return m.price * 2.0 - m.cost

    @metric("USD")
    def spare(m):
        """One more."""
        return m.price * 1.0

    things = {name: thing for name, thing in vars(made.parts[0]).items() if not name.startswith("__")}
    names = list(things)
    backwards = dict(sorted(things.items(), key=lambda item: -names.index(item[0])))
    return {
        "a formula": with_line(made, cash_flow=cash_flow),
        "a line more": with_line(made, spare=spare),
        "another order": model(made.timeline, **backwards),
    }


def test_a_run_has_the_same_name_each_time_and_in_each_process(made):
    code = "from tests.simulate.test_kept import named, project; print(named(project()))"
    root = Path(__file__).parents[2]
    for salt in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": salt, "PYTHONPATH": str(root)}
        other = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        assert other.stdout.strip() == named(project()) == named(made)


@pytest.mark.parametrize("what", ["a formula", "a line more", "another order"])
def test_another_model_is_another_run(made, what):
    assert named(changed_models(made)[what]) != named(made)


@pytest.mark.parametrize(
    "options",
    [
        {"paths": 1_001},
        {"seed": 2},
        {"design": "lhs"},
        {"book": "abd"},
        {"given": {**PROJECT, "price": Range("pert", (8.0, 10.0, 14.000000000000002))}},
        {"given": {**PROJECT, "price": 10.0}},
        {"base": {**BASE, "rate": 0.1 + 2**-56}},
        {"correlation": np.eye(5) + 0.1 * (1 - np.eye(5))},
        {"dimensions": ("volume", "price", "cost", "outlay", "volatility")},
    ],
    ids=lambda options: next(iter(options)),
)
def test_whatever_the_numbers_depend_on_makes_another_run(made, options):
    assert named(made, **options) != named(made)


def test_another_release_of_a_library_makes_another_run(made, monkeypatch):
    before = named(made)
    monkeypatch.setattr("finmodel.simulate.identity.version", lambda library: "0.0.0")
    assert named(made) != before


def test_memory_does_not_grow_with_the_paths():
    """Eight columns of two million paths are 128 MB; a block of each is 4 MB."""
    code = (
        "import resource, sys; from tests.simulate.toys import *; made = project();"
        "found = run(made, PROJECT, BASE, paths=int(sys.argv[1]), design='random'); found.result('margin');"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}

    def peak(paths: int) -> float:
        command = [sys.executable, "-c", code, str(paths)]
        return float(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)

    assert peak(2_000_000) - peak(200_000) < 64.0
