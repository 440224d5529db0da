"""The command line on a small model, in blocks of 256 paths, run in a child as often as one asks.

    python small_case.py FOLDER

reads a request a line from standard input: arguments of `finmodel`, and when to send which signal. Each child is a fork
that has imported everything, so that a signal at a random moment meets the run and not the start of Python.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from finmodel import case, cli
from finmodel.assumptions.range import Range
from finmodel.graph.outline import Outline
from finmodel.lines import gigafactory
from finmodel.simulate import store
from tests.simulate.toys import BASE, PROJECT, project

BLOCK = 256
NAME = "small"


def small(folder: Path) -> str:
    """Write the case; its path."""
    figures = {}
    units = project().inputs
    for name, given in PROJECT.items():
        figure = {
            "value": BASE[name],
            "unit": units[name].unit,
            "as_of": "2026",
            "grade": "estimate",
            "note": "A test.",
        }
        if isinstance(given, Range):
            figure["range"] = {given.kind: given.parameters} | (
                {} if given.low is None else {"truncate": [given.low, None]}
            )
        figures[name] = figure
    structure = {"close": "DATE", "periods": 24, "per_year": 12, "phases": ["first"], "tax_year_end": 12}
    book = {"title": "Small", "description": "For tests.", "structure": structure, "figures": figures}
    path = folder / f"{NAME}.yaml"
    path.write_text(json.dumps(book).replace('"DATE"', "2027-03-31"))  # JSON is YAML, but for dates
    return str(path)


def make_small(change: Callable[[object, str, object], None] = setattr) -> None:
    """Have this process know no other model, and keep on disk whatever is longer than a block."""
    change(store, "ROWS", BLOCK)
    change(store, "HELD_AT_MOST", BLOCK)
    change(gigafactory, "model", lambda timeline, cohorts: project())
    change(gigafactory, "OUTLINE", Outline())
    change(case, "DELAYS", ())


def child(arguments: list[str], said: str) -> None:
    """Be `finmodel` and leave with its exit status."""
    file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    try:
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            cli.main(arguments)
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    except SystemExit as left:
        code = left.code
    except KeyboardInterrupt:  # before the command line was at work, or after
        code = cli.INTERRUPTED
    sys.stdout.flush()
    os._exit(code if isinstance(code, int) else 0)


def answer(request: dict[str, Any]) -> dict[str, float]:
    """Run once, send the signal at its time; exit status (negative: killed by that signal) and seconds."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    begun = time.monotonic()
    process = os.fork()
    if process == 0:
        child(request["arguments"], request["said"])
    sent = request["signal"] is None
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        seconds = time.monotonic() - begun
        if ended:
            return {"code": os.waitstatus_to_exitcode(status), "seconds": seconds}
        if not sent and seconds >= request["after"]:
            os.kill(process, request["signal"])
            sent = True
        time.sleep(0.001)


def serve() -> None:
    """Answer until there are no more requests."""
    make_small()
    for library in (
        "pandas",
        "pyarrow.parquet",
        "scipy.special",
        "finmodel.report.workbook",
        "finmodel.simulate.run",
    ):
        __import__(library)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    serve()
