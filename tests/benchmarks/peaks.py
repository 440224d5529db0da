"""The machine's peak rates: independent vector additions and multiplications, and divisions, as fast as they go."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from finmodel.render.machine import compile_ir, host

CHAINS = 16
"""Independent values: enough to hide the latency of four cycles behind two instructions a cycle."""
TURNS = {"arithmetic": 1_000_000, "divisions": 60_000}
"""A few milliseconds each."""
_CALL = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)


@dataclass(frozen=True)
class Peaks:
    """Lanes a second.

    Attributes
    ----------
    arithmetic, divisions
        Of one core, on the clock.
    of_thread
        The same by the processor time of the thread, which other work on the machine disturbs less.
    together
        Of all cores at once, on the clock.
    """

    arithmetic: float
    divisions: float
    of_thread: dict[str, float]
    together: dict[str, float]

    def best(self, other: Peaks) -> Peaks:
        """The higher of two measurements of each rate."""
        return Peaks(
            max(self.arithmetic, other.arithmetic),
            max(self.divisions, other.divisions),
            {kind: max(rate, other.of_thread[kind]) for kind, rate in self.of_thread.items()},
            {kind: max(rate, other.together[kind]) for kind, rate in self.together.items()},
        )


class Machine:
    """Compiled loops at a kernel's width, run when asked."""

    def __init__(self, width: int, threads: int) -> None:
        text = _loop("arithmetic", ("fadd", "fmul"), width) + _loop("divisions", ("fdiv",), width)
        self._code = compile_ir(f"{text}attributes #0 = {{ nounwind {host().attributes} }}\n")
        self._width, self._threads = width, threads

    def peaks(self, repeats: int = 5) -> Peaks:
        """The highest rates of a few repeats."""
        alone = {kind: self._fastest(kind, time.perf_counter, 1, repeats) for kind in TURNS}
        of_thread = {kind: self._fastest(kind, time.thread_time, 1, repeats) for kind in TURNS}
        together = {kind: self._fastest(kind, time.perf_counter, self._threads, repeats) for kind in TURNS}
        return Peaks(alone["arithmetic"], alone["divisions"], of_thread, together)

    def _fastest(self, kind: str, clock: Callable[[], float], threads: int, repeats: int) -> float:
        function, memory = _CALL(self._code.address(kind)), np.zeros((threads, self._width))

        def work(place: int) -> None:
            function(memory[place].ctypes.data, TURNS[kind])

        seconds = []
        with ThreadPoolExecutor(threads) as pool:
            for _ in range(repeats):
                begun = clock()
                if threads == 1:
                    work(0)
                else:
                    list(pool.map(work, range(threads)))
                seconds.append(clock() - begun)
        return CHAINS * self._width * TURNS[kind] * threads / min(seconds)


def _loop(name: str, operations: tuple[str, ...], width: int) -> str:
    """A loop of independent chains, alternating the operations."""
    kind, near_one = f"<{width} x double>", "splat (double 0x3FEFFFFFFFFFFFFF)"
    phis = "".join(f"  %a{k} = phi {kind} [splat (double 1.5), %entry], [%b{k}, %loop]\n" for k in range(CHAINS))
    steps = "".join(f"  %b{k} = {operations[k % len(operations)]} {kind} %a{k}, {near_one}\n" for k in range(CHAINS))
    sums = "".join(f"  %s{k} = fadd {kind} {'%b0' if k == 1 else f'%s{k - 1}'}, %b{k}\n" for k in range(1, CHAINS))
    return f"""define void @{name}(ptr %memory, i64 %turns) #0 {{
entry:
  br label %loop
loop:
  %turn = phi i64 [0, %entry], [%following, %loop]
{phis}{steps}  %following = add i64 %turn, 1
  %more = icmp slt i64 %following, %turns
  br i1 %more, label %loop, label %done
done:
{sums}  store {kind} %s{CHAINS - 1}, ptr %memory, align 8
  ret void
}}
"""
