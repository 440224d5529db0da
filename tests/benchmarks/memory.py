"""Peak memory of a process, and of a long simulation in a process of its own."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import finmodel
from tests.benchmarks.prepared import Prepared

MIB = 2.0**20


@dataclass(frozen=True)
class Long:
    """One simulation: paths, seconds on the clock without imports and compilation, and the process's peak memory."""

    paths: int
    seconds: float
    stages: dict[str, float]
    peak_bytes: float


def peak_bytes() -> float:
    """The most memory that this process has held, since it began to run its own program.

    The resource usage of a child begins with its parent's, so that Linux is asked for the high-water mark itself.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for row in status.read_text().splitlines():
            if row.startswith("VmHWM:"):
                return float(row.split()[1]) * 1024.0
    most = float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return most if sys.platform == "darwin" else most * 1024.0


def measured(case: str, paths: int, threads: int) -> Long:
    """Simulate in a fresh process."""
    command = [sys.executable, "-m", "tests.benchmarks.memory", case, str(paths), str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{paths:,} paths failed:\n{done.stderr}")
    return Long(**json.loads(done.stdout))


def _main(case: str, paths: str, threads: str) -> None:
    prepared = Prepared(finmodel.load(case), int(threads))
    prepared.inputs(1_024)  # what is imported at first use
    timing = prepared.simulate(int(paths))
    print(json.dumps(asdict(Long(int(paths), timing.clock, timing.stages, peak_bytes()))))


if __name__ == "__main__":
    _main(*sys.argv[1:])
