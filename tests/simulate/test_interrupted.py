"""An interrupted run: nothing half written under a final name, and the same command ends in the same bytes."""

import gc
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from finmodel import cli
from tests.simulate import small_case
from tests.simulate.small_case import BLOCK, NAME

PATHS = 11 * BLOCK + 7
FILES = {"simulation.parquet", "summary.json", "workbook.xlsx"}
ROOT = Path(__file__).parents[2]


def told(path: Path) -> str:
    """A summary without its timings."""
    return json.dumps({**json.loads(path.read_text()), "timings": None})


def arguments(case: str, out: Path, seed: int) -> list[str]:
    return ["run", case, "--paths", str(PATHS), "--seed", str(seed), "--out", str(out)]


class Server:
    """Runs `finmodel` on the small case in children of a process that has imported everything."""

    def __init__(self, folder: Path) -> None:
        self.case = small_case.small(folder)
        self.said = folder / "said"
        self._process = subprocess.Popen(
            [sys.executable, small_case.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "PYTHONFAULTHANDLER": "1"},
        )

    def run(self, out: Path, seed: int, stop: int | None = None, after: float = 0.0) -> tuple[int, float]:
        request = {"arguments": arguments(self.case, out, seed), "said": str(self.said), "signal": stop, "after": after}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return answer["code"], answer["seconds"]

    def close(self) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    made = Server(tmp_path_factory.mktemp("small"))
    yield made
    made.close()


def is_whole(entry: Path, wanted: dict[int, Path]) -> bool:
    """Whether a file under a final name is that of one of the two runs, with all its bytes."""
    if entry.name == "simulation.parquet":
        return entry.read_bytes() in [(folder / entry.name).read_bytes() for folder in wanted.values()]
    if entry.name == "summary.json":
        return told(entry) in [told(folder / entry.name) for folder in wanted.values()]
    with zipfile.ZipFile(entry) as book:
        return entry.name == "workbook.xlsx" and book.testzip() is None


def test_fifty_kills_leave_nothing_half_written_and_the_runs_end_in_the_same_bytes(server, tmp_path):
    """Two runs take turns in one folder, so that each finds files of the other to replace."""
    wanted = {seed: tmp_path / f"whole-{seed}" / NAME for seed in (1, 2)}
    times = []
    for seed, folder in wanted.items():
        code, seconds = server.run(folder.parent, seed)
        assert code == 0, server.said.read_text()
        times.append(seconds)
    choose, folder = random.Random(2027), tmp_path / "out" / NAME
    seed, stopped, ended = 1, 0, 0
    while stopped < 50:
        stop = choose.choice([signal.SIGKILL, signal.SIGINT])
        code, _ = server.run(folder.parent, seed, stop, choose.uniform(0.0, min(times)))
        if code == 0:
            assert (folder / "simulation.parquet").read_bytes() == (wanted[seed] / "simulation.parquet").read_bytes()
            seed, ended = 3 - seed, ended + 1
        else:
            stopped += 1
            assert code == {signal.SIGKILL: -signal.SIGKILL, signal.SIGINT: cli.INTERRUPTED}[stop], (
                server.said.read_text()
            )
            assert "Traceback" not in server.said.read_text()
        if folder.exists():
            assert all(is_whole(entry, wanted) for entry in folder.iterdir() if not entry.name.startswith("."))
            for block in folder.glob(".run-*/*.parquet"):
                assert block.stem.endswith(hashlib.sha256(block.read_bytes()).hexdigest()[:32])
    assert ended < 100
    for seed in (1, 2):
        assert server.run(folder.parent, seed)[0] == 0
        assert (folder / "simulation.parquet").read_bytes() == (wanted[seed] / "simulation.parquet").read_bytes()
        assert told(folder / "summary.json") == told(wanted[seed] / "summary.json")
    assert {entry.name for entry in folder.iterdir()} == FILES


@pytest.fixture
def finmodel(capsys, monkeypatch, tmp_path):
    """Run the small case by the command line in this process: exit status, standard error, its folder."""
    small_case.make_small(monkeypatch.setattr)
    case = small_case.small(tmp_path)

    def call(out: str) -> tuple[int, str, Path]:
        with pytest.raises(SystemExit) as left:
            cli.main(arguments(case, tmp_path / out, seed=3))
        code = left.value.code or 0
        del left
        gc.collect()  # the process would end here, and with it the simulation that its error still holds
        return code, capsys.readouterr().err, tmp_path / out / NAME

    return call


def stopping(monkeypatch, owner, name, count, stop):
    """Have a function raise at its `count`-th call, having done nothing."""
    original, calls = getattr(owner, name), []

    def stopped(*args, **kwargs):
        calls.append(name)
        if len(calls) == count:
            raise stop()
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, stopped)


def test_an_interruption_says_what_is_kept_and_how_to_go_on(finmodel, monkeypatch):
    with monkeypatch.context() as patch:
        stopping(patch, sys.modules["finmodel.simulate.run"]._Run, "_draw", 4, KeyboardInterrupt)
        code, said, folder = finmodel("out")
    (kept,) = folder.iterdir()
    assert code == 130
    assert said.startswith(f"interrupted: 768 of {PATHS:,} paths are kept in {kept}; give the same command again")
    assert len(list(kept.glob("*.parquet"))) == 3
    assert finmodel("out")[0] == finmodel("whole")[0] == 0
    assert same(folder, folder.parents[1] / "whole" / NAME)


def same(one: Path, other: Path) -> bool:
    """Whether two folders hold the files of one run."""
    if not {entry.name for entry in one.iterdir()} == {entry.name for entry in other.iterdir()} == FILES:
        return False
    a, b = one / "simulation.parquet", other / "simulation.parquet"
    return a.read_bytes() == b.read_bytes() and told(one / "summary.json") == told(other / "summary.json")


@pytest.mark.parametrize(
    ("owner", "name", "count"),
    [
        (Path, "write_bytes", 5),
        (Path, "replace", 5),
        (pq.ParquetWriter, "write_table", 12 + 3),
        (Path, "write_text", 1),
    ],
    ids=["a block", "its name", "simulation.parquet", "summary.json"],
)
def test_a_full_disk_is_said_and_the_same_command_goes_on(finmodel, monkeypatch, owner, name, count):
    with monkeypatch.context() as patch:
        stopping(patch, owner, name, count, lambda: OSError(28, "No space left on device"))
        code, said, folder = finmodel("out")
    assert code == 2
    assert "cannot write to" in said
    assert "No space left on device" in said
    (kept,) = folder.iterdir()
    assert len(list(kept.glob("*.parquet"))) >= 4
    assert finmodel("out")[0] == finmodel("whole")[0] == 0
    assert same(folder, folder.parents[1] / "whole" / NAME)
