"""How often each basic block of a kernel runs: measured by a copy of it that counts."""

from __future__ import annotations

import copy
import ctypes
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finmodel.render.certain import Tables
from finmodel.render.compiled import _RUN, Compiled
from finmodel.render.machine import compile_ir
from finmodel.render.vector import Kernel
from tests.benchmarks.ir import Function, functions
from tests.benchmarks.operations import count

PARTS = ("kernel", "shocks", "searches")
"""The loops over the periods and what is computed once a path; the draws; the loops after them (IRR, payback)."""


@dataclass(frozen=True)
class Executed:
    """Operations that a path took on average, by part of the kernel and kind; those of checks stand apart."""

    formulas: dict[str, dict[str, float]]
    checks: dict[str, dict[str, float]]


def executed(kernel: Kernel, tables: Tables, inputs: NDArray[np.float64], seed: int) -> Executed:
    """Count what the machine code does on these paths, whose number is a multiple of the kernel's width."""
    paths = inputs.shape[1]
    module = functions(kernel.ir)
    times = _times(kernel, module, tables, inputs, seed)
    fault_row = len(kernel.outputs)
    formulas: dict[str, dict[str, float]] = {part: defaultdict(float) for part in PARTS}
    checks: dict[str, dict[str, float]] = {part: defaultdict(float) for part in PARTS}
    for function in module:
        counts = count(function, fault_row if function.name == "block" else None)
        parts = _parts(function, times)
        for label, found in counts.items():
            turns = times[function.name, label] / paths
            _add(formulas[parts[label]], found.formulas, turns)
            _add(checks[parts[label]], found.checks, turns)
    return Executed(formulas, checks)


def instrumented(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The module with a counter for each basic block, in `@executions`; the blocks in the order of the counters."""
    rows, places, inside, waiting = [], [], "", False
    for row in text.splitlines():
        if row.startswith("define"):
            inside = row.partition("@")[2].partition("(")[0]
        if waiting and " = phi " not in row:
            rows += _counting(len(places) - 1)
            waiting = False
        rows.append(row)
        if inside and row.endswith(":"):
            places.append((inside, row[:-1]))
            waiting = True
        elif row == "}":
            inside = ""
    text = "\n".join(rows).replace("COUNTERS", str(len(places)))
    return f"@executions = global [{len(places)} x i64] zeroinitializer\n{text}\n", places


def _counting(place: int) -> list[str]:
    at = f"ptr getelementptr ([COUNTERS x i64], ptr @executions, i64 0, i64 {place})"
    return [
        f"  %executed.{place} = load i64, {at}",
        f"  %counted.{place} = add i64 %executed.{place}, 1",
        f"  store i64 %counted.{place}, {at}",
    ]


def _times(
    kernel: Kernel, module: list[Function], tables: Tables, inputs: NDArray[np.float64], seed: int
) -> dict[tuple[str, str], int]:
    """How often each block of the module ran."""
    text, places = instrumented(kernel.ir)
    code = compile_ir(text)
    engine: Any = copy.copy(kernel._engine)
    if not isinstance(engine, Compiled):
        raise SystemExit("this platform forbids compiled code: there are no operations to count")
    engine.code, engine._function = code, _RUN(code.address("run"))
    paths = inputs.shape[1]
    engine.compute(tables, inputs, np.empty((len(kernel.outputs) + 1, paths)), 0, paths, seed, 0)
    counters = (ctypes.c_int64 * len(places)).from_address(code.engine.get_global_value_address("executions"))
    return dict(zip(places, counters, strict=True))


def _parts(function: Function, times: dict[tuple[str, str], int]) -> dict[str, str]:
    """Which part each block of a function belongs to."""
    if function.name == "draw":
        return {block.label: "shocks" for block in function.blocks}
    once, stage, parts = times[function.name, function.blocks[0].label], "", {}
    for block in function.blocks:
        if block.label.startswith("stage"):
            stage = block.label.removeprefix("stage")
        elif block.label == f"after{stage}":
            stage = ""
        within = bool(stage) or times[function.name, block.label] == once
        parts[block.label] = "kernel" if within else "searches"
    return parts


def _add(sums: dict[str, float], counts: dict[str, float], times: float) -> None:
    for kind, number in counts.items():
        sums[kind] += number * times
