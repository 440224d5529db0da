"""The benchmark as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.benchmarks.memory import MIB
from tests.benchmarks.operations import ARITHMETIC, DIVISIONS, MEMORY
from tests.benchmarks.sam import ABSENT

BAR_LIMIT, BAR_PROTOTYPE = 3.0, 1.25
KINDS = (*ARITHMETIC, *DIVISIONS, *MEMORY)
PARTS = {"kernel": "kernel", "shocks": "shocks", "searches": "IRR and payback"}


def written(found: Mapping[str, Any]) -> str:
    """All of it."""
    return "\n".join(
        [*_model(found), "", *_operations(found), "", *_limit(found), "", *_time(found), "", *_others(found)]
    )


def _model(found: Mapping[str, Any]) -> Iterable[str]:
    model, machine = found["model"], found["machine"]
    yield f"{model['case']}: {model['evaluated_lines']} of {model['lines']} lines evaluated by path and period, "
    yield f"  {model['periods']} periods, {model['uncertain']} uncertain inputs, {model['processes']} processes, "
    yield f"  {model['metrics']} metrics; {machine['threads']} threads"


def _operations(found: Mapping[str, Any]) -> Iterable[str]:
    counts = found["operations_per_path_period"]
    yield "Operations per path and period, as executed"
    yield f"  {'':20}" + "".join(f"{title:>18}" for title in PARTS.values()) + f"{'checks apart':>18}"
    for kind in KINDS:
        numbers = [counts["formulas"][part].get(kind, 0.0) for part in PARTS]
        numbers.append(sum(counts["checks"][part].get(kind, 0.0) for part in PARTS))
        if any(numbers):
            yield f"  {kind:20}" + "".join(f"{number:18.1f}" for number in numbers)


def _limit(found: Mapping[str, Any]) -> Iterable[str]:
    machine = found["machine"]
    yield "Peak rates, 1e9 lanes a second       additions, products      divisions"
    for key, title in (
        ("one_core_per_second", "one core, on the clock"),
        ("one_core_per_processor_second", "one core, by processor time"),
        ("all_cores_per_second", "all cores at once"),
    ):
        yield f"  {title:34}{machine[key]['arithmetic'] / 1e9:22.1f}{machine[key]['divisions'] / 1e9:15.2f}"
    yield "Limit of 100,000 paths, seconds               all cores       one core"
    limit = found["limit_seconds"]
    for part, title in PARTS.items():
        yield f"  {title:34}{limit['all_cores'][part]:20.3f}{limit['one_core'][part]:15.3f}"
    yield f"  {'together':34}{sum(limit['all_cores'].values()):20.3f}{sum(limit['one_core'].values()):15.3f}"


def _time(found: Mapping[str, Any]) -> Iterable[str]:
    run, stages = found["simulate"], found["stages_seconds"]
    yield "Stages, seconds, best of the rounds: " + ", ".join(f"{name} {value:.3f}" for name, value in stages.items())
    yield (
        f"simulate({run['paths']:,}), imports and compilation left out: {run['clock_seconds']:.3f} s, "
        f"{_verdict(run['ratio'], BAR_LIMIT)} the limit"
    )
    yield (
        f"  by processor time: {run['processor_seconds']:.3f} s of all cores, "
        f"{run['processor_ratio']:.2f} times the limit"
    )
    if beside := found.get("prototype"):
        yield (
            f"prototype: {beside['lines']} lines, {beside['periods']} periods, "
            + ", ".join(f"{name} {value:.3f}" for name, value in beside["stages_seconds"].items())
        )
        yield (
            f"  nanoseconds per path, line and period: {beside['ours_nanoseconds_per_path_line_period']:.3f} here, "
            f"{beside['nanoseconds_per_path_line_period']:.3f} there, {_verdict(beside['ratio'], BAR_PROTOTYPE)} it"
        )


def _verdict(ratio: float, bar: float) -> str:
    return f"{ratio:.2f} times (at most {bar:g}: {'holds' if ratio <= bar else 'MISSED'})"


def _others(found: Mapping[str, Any]) -> Iterable[str]:
    yield f"Peak memory of a process that simulates: {found['peak_memory_bytes'] / MIB:,.0f} MiB"
    seconds = found["sam_seconds_a_run"]
    yield f"PySAM, one run of 25 annual periods: {ABSENT if seconds is None else f'{1e3 * seconds:.1f} ms'}"
    book = found["workbook"]
    yield (
        f"Workbook: {book['cells']:,} cells, {book['size'] / MIB:.1f} MiB in {book['seconds']:.2f} s, "
        f"{book['cells'] / book['seconds']:,.0f} cells a second"
    )
