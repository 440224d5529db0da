"""The prototype of the engine, run beside in a process of its own: `make bench SPIKE=folder`."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PATHS = 102_400
WIDTH = 16
PROGRAM = "e2e.py"
_STAGES = re.compile(r"warm s/100k: (\{.*?\})")
_LINES = """
from backends import Plan
from model import build
from passes import reciprocals, sink
model = build()
reciprocals(model)
sink(model, Plan)
lines = [line for line in Plan(model).lines if model.tdep[line.id] and model.pdep[line.id]]
print(len(lines), model.T)
"""
"""Its own plan's lines that depend on path and period, as it computes them, and its periods."""


@dataclass(frozen=True)
class Prototype:
    """Where the prototype lies, and the size of its model."""

    folder: Path
    lines: int
    periods: int

    @classmethod
    def at(cls, folder: Path) -> Prototype:
        """The prototype in a folder."""
        if not (folder / PROGRAM).is_file():
            raise SystemExit(f"SPIKE={folder}: there is no {PROGRAM} in it")
        lines, periods = map(int, _python(folder, "-c", _LINES).split())
        return cls(folder, lines, periods)

    def seconds(self, threads: int) -> dict[str, float]:
        """Seconds of each stage for 100,000 paths, the best of its own repeats."""
        said = _python(self.folder, PROGRAM, str(threads), str(WIDTH), "1", str(PATHS), "sobol", "warm")
        stages = _STAGES.search(said)
        if stages is None:
            raise SystemExit(f"{self.folder / PROGRAM} said nothing of its stages:\n{said}")
        return {str(name): float(seconds) for name, seconds in ast.literal_eval(stages[1]).items()}


def _python(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"the prototype in {folder} failed:\n{done.stderr}")
    return done.stdout
