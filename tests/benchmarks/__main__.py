"""`make bench`: how near a simulation of 100,000 paths comes to what the machine can do.

    python -m tests.benchmarks [CASE] [--spike FOLDER] [--rounds N]

The limit is that of the arithmetic which the machine code was seen to do, at the rates that the same machine reached in
the same rounds; simulation, rates and prototype take turns, so that what else the machine does hits them alike.
Processor time is shown beside the clock: on a busy machine it is the better guide.
"""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path
from typing import Any

import finmodel
from finmodel.simulate.threads import processors
from tests.benchmarks import memory, sam, table, workbook
from tests.benchmarks.executed import executed
from tests.benchmarks.limit import limits, work
from tests.benchmarks.peaks import Machine, Peaks
from tests.benchmarks.prepared import SEED, Prepared, Timing
from tests.benchmarks.prototype import Prototype

PATHS = 100_000
COUNTED = 4_096
"""Paths whose operations are counted."""
ROUNDS = 7
RESULT = Path("outputs/bench.json")


def main() -> None:
    """Measure, print, and write the file."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("case", nargs="?", default="reference-1gw")
    parser.add_argument("--spike", type=Path, help="folder of the prototype, run beside")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    found = measure(asked.case, asked.spike, asked.rounds)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=1) + "\n")
    print(table.written(found))
    print(f"\nwrote {RESULT}")


def measure(name: str, spike: Path | None, rounds: int) -> dict[str, Any]:
    """Everything that the table shows."""
    threads = processors()
    prototype = Prototype.at(spike) if spike else None
    case = finmodel.load(name)
    prepared = Prepared(case, threads)
    machine = Machine(width(prepared), threads)
    counts = executed(prepared.kernel, prepared.tables, prepared.inputs(COUNTED), SEED)
    prepared.simulate(PATHS)
    timings, peaks, beside = [], machine.peaks(), []
    for _ in range(rounds):
        timings.append(prepared.simulate(PATHS))
        peaks = peaks.best(machine.peaks())
        if prototype:
            beside.append(prototype.seconds(threads))
    clock, processor = min(t.clock for t in timings), min(t.processor for t in timings)
    together = limits(work(counts), PATHS, peaks.together)
    alone = limits(work(counts), PATHS, peaks.of_thread)
    periods = case.model.timeline.periods + 1
    found = {
        "machine": {"processor": platform.processor() or platform.machine(), "threads": threads} | _rates(peaks),
        "model": {
            "case": name,
            "lines": len(case.model.lines),
            "evaluated_lines": prepared.lines,
            "periods": periods,
            "uncertain": len(prepared.kernel.uncertain),
            "processes": len(case.model.shocks),
            "metrics": len(case.model.metrics),
        },
        "operations_per_path_period": {
            "formulas": _per_period(counts.formulas, periods),
            "checks": _per_period(counts.checks, periods),
        },
        "limit_seconds": {"all_cores": together, "one_core": alone},
        "stages_seconds": _stages(timings) | {"compile": prepared.compiling},
        "simulate": {
            "paths": PATHS,
            "clock_seconds": clock,
            "processor_seconds": processor,
            "limit_seconds": sum(together.values()),
            "ratio": clock / sum(together.values()),
            "processor_ratio": processor / sum(alone.values()),
        },
        "peak_memory_bytes": memory.measured(name, PATHS, threads).peak_bytes,
        "sam_seconds_a_run": sam.seconds_a_run(),
        "workbook": vars(workbook.written(case)),
    }
    if prototype:
        found["prototype"] = _beside(prototype, beside, clock / prepared.lines / periods)
    return found


def width(prepared: Prepared) -> int:
    """Paths in a vector of the kernel."""
    return int(prepared.kernel.ir.partition("<")[2].partition(" x double>")[0].rpartition("<")[2] or 8)


def _rates(peaks: Peaks) -> dict[str, Any]:
    return {
        "one_core_per_second": {"arithmetic": peaks.arithmetic, "divisions": peaks.divisions},
        "one_core_per_processor_second": peaks.of_thread,
        "all_cores_per_second": peaks.together,
    }


def _per_period(parts: dict[str, dict[str, float]], periods: int) -> dict[str, dict[str, float]]:
    return {part: {kind: number / periods for kind, number in found.items()} for part, found in parts.items()}


def _stages(timings: list[Timing]) -> dict[str, float]:
    """The best of each stage, and of what no stage names."""
    stages = {name: min(t.stages[name] for t in timings) for name in timings[0].stages}
    return stages | {"rest": min(t.clock - sum(t.stages.values()) for t in timings)}


def _beside(prototype: Prototype, seconds: list[dict[str, float]], ours: float) -> dict[str, Any]:
    """Seconds of 100,000 paths for one evaluated line in one period, here and there; percentiles are left out there."""
    stages = {name: min(one[name] for one in seconds) for name in seconds[0]}
    theirs = sum(value for name, value in stages.items() if name != "quantiles")
    each = theirs / prototype.lines / prototype.periods
    return {
        "lines": prototype.lines,
        "periods": prototype.periods,
        "stages_seconds": stages,
        "nanoseconds_per_path_line_period": each / PATHS * 1e9,
        "ours_nanoseconds_per_path_line_period": ours / PATHS * 1e9,
        "ratio": ours / each,
    }


if __name__ == "__main__":
    main()
