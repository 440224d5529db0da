"""A case made ready: imports and compilation done, so that what is timed is the simulation alone."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from finmodel.case import Case
from finmodel.render.certain import Tables
from finmodel.render.needs import needs_of
from finmodel.render.vector import Kernel
from finmodel.simulate import store
from finmodel.simulate.run import CHUNK, _Run

SEED = 7
DESIGN = "sobol"


@dataclass(frozen=True)
class Timing:
    """Seconds of one simulation.

    Attributes
    ----------
    clock, processor
        On the clock, and of all processors together.
    stages
        On the clock, by stage.
    """

    clock: float
    processor: float
    stages: dict[str, float]


class Prepared:
    """A case and its kernel.

    Attributes
    ----------
    kernel, tables
        What paths are computed with.
    compiling
        Seconds that they and the base case took to make.
    """

    def __init__(self, case: Case, threads: int) -> None:
        self.case, self.threads = case, threads
        begun = time.perf_counter()
        kernel, tables = self._run(1)._kernel
        self.kernel: Kernel = kernel
        self.tables: Tables = tables
        self.compiling = time.perf_counter() - begun

    @cached_property
    def lines(self) -> int:
        """How many lines the kernel evaluates in each period of each path: those that differ between both."""
        certain, known = self.kernel._certain, self.case.model.lines
        needed = needs_of(certain.plan, certain, self.kernel.outputs).lines
        return sum(known[name].varies for name in needed)

    def inputs(self, paths: int) -> NDArray[np.float64]:
        """Draws of the first paths, as the kernel reads them."""
        return self._run(paths)._draw(slice(0, paths))

    def simulate(self, paths: int) -> Timing:
        """Run so many paths, held in memory or, where they are too many, kept on disk."""
        run = self._run(paths)
        run._kernel = self.kernel, self.tables
        clock, processor = time.perf_counter(), time.process_time()
        if paths <= store.HELD_AT_MOST:
            run.held()
        else:
            run.kept(None, "").discard()
        return Timing(time.perf_counter() - clock, time.process_time() - processor, dict(run.timings))

    def _run(self, paths: int) -> _Run:
        case = self.case
        drawn = case.binding.uncertain, case.binding.correlation
        return _Run(case.plan, case.figures, *drawn, paths, SEED, DESIGN, self.threads, CHUNK, None, None)
