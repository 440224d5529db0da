"""The engine of the vector rendering: a plan as machine code, called over columns of paths."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from finmodel.render.certain import Certain, Tables
from finmodel.render.loops import BlockPrinter, kernel_text
from finmodel.render.machine import compile_ir, host
from finmodel.render.plan import Plan

Floats = NDArray[np.float64]
ALIGNMENT = 64
WORDS = 2**32
_POINTER, _LONG, _WORD = ctypes.c_void_p, ctypes.c_int64, ctypes.c_uint32
_RUN = ctypes.CFUNCTYPE(None, *[_POINTER] * 4, *[_LONG] * 4, *[_WORD] * 2, _POINTER)
"""ctypes releases the interpreter's lock during the call."""


class Compiled:
    """Machine code for blocks of `width` paths; `text` is its intermediate representation."""

    def __init__(
        self, plan: Plan, certain: Certain, outputs: Sequence[str], width: int, rows: Sequence[str] = ()
    ) -> None:
        attributes = host().attributes
        printer = BlockPrinter(plan, certain, outputs, width, rows)
        self.text = kernel_text(printer, attributes)
        self.width = width
        self.scratch = printer.scratch
        self.code = compile_ir(self.text)
        self._function = _RUN(self.code.address("run"))

    def compute(
        self, tables: Tables, inputs: Floats, out: Floats, low: int, high: int, seed: int, first_path: int
    ) -> None:
        """Compute columns `low` to `high`; the caller has proved that the arrays are what the code expects."""
        scratch = _aligned(self.scratch)
        whole = low + (high - low) // self.width * self.width
        self._call(tables, inputs, out, low, whole, seed, first_path, scratch)
        if whole < high:
            rest = np.repeat(inputs[:, high - 1 : high], self.width, axis=1)
            rest[:, : high - whole] = inputs[:, whole:high]
            results = np.empty((out.shape[0], self.width))
            self._call(tables, rest, results, 0, self.width, seed, first_path + whole, scratch)
            out[:, whole:high] = results[:, : high - whole]

    def _call(
        self,
        tables: Tables,
        inputs: Floats,
        out: Floats,
        low: int,
        high: int,
        seed: int,
        first_path: int,
        scratch: Floats,
    ) -> None:
        arrays = [array.ctypes.data for array in (inputs, tables.numbers, tables.rows, out)]
        strides = inputs.shape[1], out.shape[1]
        self._function(*arrays, *strides, low, high, first_path % WORDS, seed, scratch.ctypes.data)


def _aligned(doubles: int) -> Floats:
    """Memory for so many doubles that starts at a multiple of 64 bytes."""
    spare = ALIGNMENT // 8
    memory = np.empty(doubles + spare)
    start = -memory.ctypes.data % ALIGNMENT // 8
    return memory[start : start + doubles]
