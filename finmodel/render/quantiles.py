"""Uniform numbers from counters, their normal scores, and quantiles from tables against the score, for whole arrays.

    engine = quantiles()
    engine.uniforms(u, seed, stream, first)
    engine.scores(u)
    engine.curves(tables, z, out)

As machine code, and as operations on arrays where the platform forbids it: the same bits.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import MachineFault
from finmodel.graph.shocks import normal_score, uniform
from finmodel.graph.writer import ARRAYS
from finmodel.render.lanes import Number, Word
from finmodel.render.llvm import LlvmWriter
from finmodel.render.machine import Code, compile_ir, host

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

WIDTH = 32
"""Numbers worked on at once by machine code; arrays are as wide as a multiple of it."""
DEGREE = 5
PIECE = 8
"""Places of a piece's coefficients, of t^0 to t^5 and none: a piece is one line of the processor's cache."""
TOGETHER = 8
"""Rows worked on at once by operations on arrays."""

WORDS = 2**32

_POINTER, _LONG = ctypes.c_void_p, ctypes.c_int64
_WORD = ctypes.c_uint32
_UNIFORMS = ctypes.CFUNCTYPE(None, _POINTER, _LONG, _WORD, _WORD, _WORD)
_SCORES = ctypes.CFUNCTYPE(None, _POINTER, _LONG)
_CURVES = ctypes.CFUNCTYPE(None, *[_POINTER] * 5, *[_LONG] * 4)
"""ctypes releases the interpreter's lock during a call."""


@dataclass(frozen=True, eq=False)
class Tables:
    """Tables behind each other.

    Attributes
    ----------
    pieces
        Coefficients, shape (pieces of all, PIECE).
    rows
        For each table the row of the scores, the row of the quantiles, its first and its last piece, counted from the
        first; shape (tables, 4).
    numbers
        For each table the score where it begins, pieces per score, and what its quantile never leaves; shape
        (tables, 4).
    """

    pieces: Floats
    rows: Places
    numbers: Floats


class Engine(Protocol):
    """What computes."""

    def uniforms(self, u: Floats, seed: int, stream: int, first: int) -> None:
        """Fill an array with Threefry's numbers for key (seed, stream) and counters (first, 0), (first + 1, 0), ...

        The array is C-contiguous and as large as a multiple of WIDTH.
        """

    def scores(self, u: Floats) -> None:
        """Put the normal quantiles of uniform numbers, from 2^-53 to 1 - 2^-53, in their place, the array as above."""

    def curves(self, tables: Tables, z: Floats, out: Floats) -> None:
        """Fill the rows of quantiles from the rows of scores, both as wide as a multiple of WIDTH, columns adjacent."""


_COMPILING = threading.Lock()


def quantiles() -> Engine:
    """Machine code where the platform allows it; made once a process, who comes meanwhile waits."""
    with _COMPILING:
        return _made()


@cache
def _made() -> Engine:
    try:
        return Compiled()
    except MachineFault:  # the kernel, without which no path is computed, warns of it
        return Interpreted()


class Interpreted:
    """Operations on arrays."""

    def uniforms(self, u: Floats, seed: int, stream: int, first: int) -> None:
        """Fill an array with Threefry's numbers."""
        counters = np.arange(first, first + u.size).astype(np.uint32).reshape(u.shape)
        u[...] = uniform(np.uint32(seed), np.uint32(stream), counters, np.zeros(1, dtype=np.uint32))

    def scores(self, u: Floats) -> None:
        """Put the normal quantiles of uniform numbers in their place."""
        u[...] = normal_score(ARRAYS, u)

    def curves(self, tables: Tables, z: Floats, out: Floats) -> None:
        """Fill the rows of quantiles from the rows of scores."""
        coefficients = np.ascontiguousarray(tables.pieces.T)
        for first in range(0, len(tables.rows), TOGETHER):
            source, target, begin, last = tables.rows[first : first + TOGETHER, :, np.newaxis].swapaxes(0, 1)
            start, scale, low, high = tables.numbers[first : first + TOGETHER, :, np.newaxis].swapaxes(0, 1)
            place = (z[source[:, 0]] - start) * scale
            piece = np.clip(place, 0.0, last).astype(np.int64)
            t = np.clip(place - piece, 0.0, 1.0)
            piece += begin
            values = coefficients[DEGREE][piece]
            for power in range(DEGREE - 1, -1, -1):
                values = values * t + coefficients[power][piece]
            out[target[:, 0]] = np.clip(values, low, high)


class Compiled:
    """Machine code."""

    def __init__(self) -> None:
        self.code: Code = compile_ir(text(host().attributes))
        self._uniforms = _UNIFORMS(self.code.address("uniforms"))
        self._scores = _SCORES(self.code.address("scores"))
        self._curves = _CURVES(self.code.address("curves"))

    def uniforms(self, u: Floats, seed: int, stream: int, first: int) -> None:
        """Fill an array with Threefry's numbers."""
        if not u.size:
            return
        _refuse_foreign(u, u.flags.c_contiguous and u.size % WIDTH == 0)
        self._uniforms(u.ctypes.data, u.size, seed, stream, first % WORDS)

    def scores(self, u: Floats) -> None:
        """Put the normal quantiles of uniform numbers in their place."""
        if not u.size:
            return
        _refuse_foreign(u, u.flags.c_contiguous and u.size % WIDTH == 0)
        self._scores(u.ctypes.data, u.size)

    def curves(self, tables: Tables, z: Floats, out: Floats) -> None:
        """Fill the rows of quantiles from the rows of scores."""
        if not tables.rows.size:
            return
        for array in (z, out):
            adjacent = array.ndim == 2 and array.strides[1] == 8 and array.strides[0] >= 0
            _refuse_foreign(array, adjacent and array.shape[1] == z.shape[1] and z.shape[1] % WIDTH == 0)
        arrays = (z, out, tables.pieces, tables.rows, tables.numbers)
        strides = z.strides[0] // 8, out.strides[0] // 8
        self._curves(*(array.ctypes.data for array in arrays), *strides, z.shape[1], len(tables.rows))


def _refuse_foreign(array: Floats, fits: bool) -> None:
    """Machine code checks nothing: an array of another kind would give nonsense or end the process."""
    if array.dtype != np.dtype(np.float64) or not fits or not array.flags.aligned:
        raise ValueError(f"an array of {array.dtype} and shape {array.shape} is not laid out as machine code needs it")


def text(attributes: str) -> str:
    """The module in LLVM's intermediate representation."""
    return f"{_uniforms_text()}{_scores_text()}{_curves_text()}attributes #0 = {{ nounwind {attributes} }}\n"


def _uniforms_text() -> str:
    w = LlvmWriter(WIDTH)
    lanes = Word(w, f"<{', '.join(f'i32 {lane}' for lane in range(WIDTH))}>")
    seed, stream, first = (w.splat(Word, name, "i32") for name in ("%seed", "%stream", "%first"))

    def turn() -> None:
        counter = first + w.splat(Word, w.emit("trunc i64 %at to i32"), "i32") + lanes
        w.store(uniform(seed, stream, counter, w.word(0)), w.offset("%u", "%at"), 8)

    return _over_an_array(w, "uniforms", "ptr noalias %u, i64 %size, i32 %seed, i32 %stream, i32 %first", turn)


def _scores_text() -> str:
    w = LlvmWriter(WIDTH)

    def turn() -> None:
        address = w.offset("%u", "%at")
        w.store(normal_score(w, w.load(address, 8)), address, 8)

    return _over_an_array(w, "scores", "ptr noalias %u, i64 %size", turn)


def _over_an_array(w: LlvmWriter, name: str, arguments: str, turn: Callable[[], None]) -> str:
    """A function that works off `%size` numbers, `%at` being the place of the first of each turn."""
    w.effect("br label %turn")
    w.section.begin("turn")
    place = len(w.section.lines)
    turn()
    following = w.emit(f"add i64 %at, {WIDTH}")
    more = w.emit(f"icmp slt i64 {following}, %size")
    w.section.lines.insert(place, f"  %at = phi i64 [0, %start], [{following}, %{w.section.label}]")
    w.effect(f"br i1 {more}, label %turn, label %done")
    body = "\n".join(w.section.lines)
    return f"""define void @{name}({arguments}) #0 {{
entry:
  %some = icmp sgt i64 %size, 0
  br i1 %some, label %start, label %done
start:
{body}
done:
  ret void
}}
"""


def _curves_text() -> str:
    w = LlvmWriter(WIDTH)
    known = [w.emit(f"load i64, ptr {w.offset('%rows', w.emit(f'add i64 %row4, {k}'))}, align 8") for k in range(4)]
    numbers = [w.load_splat(w.offset("%numbers", w.emit(f"add i64 %row4, {k}"))) for k in range(4)]
    source, target = (
        w.offset(base, w.emit(f"mul i64 {row}, {stride}"))
        for base, row, stride in (("%z", known[0], "%z_stride"), ("%out", known[1], "%out_stride"))
    )
    pieces = w.offset("%pieces", w.emit(f"mul i64 {known[2]}, {PIECE}"))
    last = w.splat(Number, w.emit(f"sitofp i64 {known[3]} to double"), "double")
    w.effect("br label %turn")
    w.section.begin("turn")
    place = len(w.section.lines)
    start, scale, low, high = numbers
    exact = (w.load(w.offset(source, "%at"), 8) - start) * scale
    kept = w.choose(exact < last, exact, last)
    floor = w.emit(f"fptosi {w.numbers} {w.choose(kept > 0.0, kept, 0.0)} to {w.words}")
    part = exact - Number(w, w.emit(f"sitofp {w.words} {floor} to {w.numbers}"))
    t = w.choose(part > 0.0, part, 0.0)
    t = w.choose(t < 1.0, t, 1.0)
    first = w.emit(f"shl {w.words} {floor}, splat (i32 {PIECE.bit_length() - 1})")
    values = _gathered(w, pieces, first, DEGREE)
    for power in range(DEGREE - 1, -1, -1):
        values = values * t + _gathered(w, pieces, first, power)
    values = w.choose(values > low, values, low)
    w.store(w.choose(values < high, values, high), w.offset(target, "%at"), 8)
    following = w.emit(f"add i64 %at, {WIDTH}")
    more = w.emit(f"icmp slt i64 {following}, %size")
    w.section.lines.insert(place, f"  %at = phi i64 [0, %row_start], [{following}, %turn]")
    w.effect(f"br i1 {more}, label %turn, label %row_done")
    body = "\n".join(w.section.lines)
    gather = f"@llvm.masked.gather.v{WIDTH}f64.v{WIDTH}p0(<{WIDTH} x ptr>, i32, {w.conditions}, {w.numbers})"
    return f"""declare {w.numbers} {gather}
define void @curves(ptr noalias %z, ptr noalias %out, ptr noalias %pieces, ptr noalias %rows, ptr noalias %numbers,
                    i64 %z_stride, i64 %out_stride, i64 %size, i64 %count) #0 {{
entry:
  %wide = icmp sgt i64 %size, 0
  %any = icmp sgt i64 %count, 0
  %some = and i1 %wide, %any
  br i1 %some, label %row_start, label %done
row_start:
  %row = phi i64 [0, %entry], [%next, %row_done]
  %row4 = mul i64 %row, 4
{body}
row_done:
  %next = add i64 %row, 1
  %again = icmp slt i64 %next, %count
  br i1 %again, label %row_start, label %done
done:
  ret void
}}
"""


def _gathered(w: LlvmWriter, pieces: str, first: str, power: int) -> Number:
    """The coefficients of one power, each from its own piece."""
    base = w.offset(pieces, power)
    addresses = w.emit(f"getelementptr double, ptr {base}, {w.words} {first}")
    kind, vector = w.numbers, f"<{w.width} x ptr>"
    call = f"call {kind} @llvm.masked.gather.v{w.width}f64.v{w.width}p0({vector} {addresses}, i32 8, {w.conditions}"
    return Number(w, w.emit(f"{call} splat (i1 true), {kind} poison)"), w.section)
