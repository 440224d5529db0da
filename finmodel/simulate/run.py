"""The run: draws of the inputs, then the kernel over chunks of paths on all cores, block after block.

A path's metrics depend on book, model, seed, design and the path's number only: inputs come from its place in the
design, shocks from counters, and it fills cells of its own. Threads, chunks and blocks decide when a path is computed,
never what it gives.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finmodel.assumptions.bound import BoundFigure
from finmodel.errors import CalculationFault, Fault, Faults, OutputFault
from finmodel.render.certain import Tables
from finmodel.render.plain import Evaluation, compile_plain
from finmodel.render.plan import Plan
from finmodel.render.quantiles import quantiles
from finmodel.render.vector import Kernel, compile_vector
from finmodel.simulate import designs, store
from finmodel.simulate.kept import Kept
from finmodel.simulate.sampler import PIECE, Sampler
from finmodel.simulate.shocks import blocks
from finmodel.simulate.simulation import Simulation, faults_of_path, shocks_of_path
from finmodel.simulate.threads import beside, in_threads, processors

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]

DEFAULT_PATHS = 65_536
CHUNK = 2_048


def simulate(
    plan: Plan,
    figures: Mapping[str, BoundFigure],
    dimensions: Sequence[str],
    correlation: Floats,
    *,
    paths: int = DEFAULT_PATHS,
    seed: int = 0,
    design: str = "sobol",
    threads: int | None = None,
    chunk: int = CHUNK,
    progress: Progress | None = None,
    folder: Path | None = None,
    book: str = "",
    base: Callable[[], Evaluation] | None = None,
) -> Simulation:
    """Run a model on many paths.

    Parameters
    ----------
    plan
        The model in order of computation.
    figures
        What each input reads, from `Binding.figures`.
    dimensions, correlation
        `Binding.uncertain` and `Binding.correlation`: the inputs that have a dimension in the design, and the
        correlations of their normal scores.
    paths, seed, design
        How many paths and where they stand. With `sobol` and `random` a run of fewer paths is the beginning of a longer
        one.
    threads
        How many work at once; as many as there are processors where not given.
    chunk
        Paths that a thread takes at a time.
    progress
        Called with the paths done and the paths in all, from the calling thread.
    folder
        Where a run of more than `store.HELD_AT_MOST` paths keeps its blocks, in a folder of its own; the same call goes
        on with those that are there. Not given, they go with the simulation.
    book
        Digest of the files behind the figures, which has a part in the name of that folder.
    base
        What gives the base case's evaluation, where the caller knows it or will want it.

    Returns
    -------
    Simulation

    Raises
    ------
    Faults
        Design, number of paths, seed, threads or chunk are out of bounds.
    CalculationFault
        A path drives the arithmetic out of bounds; names the first such path, the line and the period.
    OutputFault
        A block cannot be written.
    """
    workers = processors() if threads is None else threads
    if found := [*designs.faults(design, paths, seed), *_faults_of_work(workers, chunk)]:
        raise Faults(found)
    run = _Run(plan, figures, dimensions, correlation, int(paths), int(seed), design, workers, chunk, progress, base)
    with _within_memory(paths):
        columns = run.held() if paths <= store.HELD_AT_MOST else run.kept(folder, book)
    return Simulation(plan.model, run.values, run.uncertain, paths, seed, design, run.timings, columns)


class _Run:
    """A run under way: compiled once, then computed block by block."""

    def __init__(
        self,
        plan: Plan,
        figures: Mapping[str, BoundFigure],
        dimensions: Sequence[str],
        correlation: Floats,
        paths: int,
        seed: int,
        design: str,
        workers: int,
        chunk: int,
        progress: Progress | None,
        base: Callable[[], Evaluation] | None,
    ) -> None:
        self.plan, self.metrics = plan, plan.model.metrics
        self.figures, self.dimensions, self.correlation = figures, dimensions, correlation
        self.paths, self.seed, self.design = paths, seed, design
        self.workers, self.chunk = workers, chunk
        self.values = {name: figure.value for name, figure in figures.items()}
        self.uncertain = tuple(name for name, figure in figures.items() if figure.range is not None)
        self.timings: dict[str, float] = {}
        self._base = base or (lambda: compile_plain(plan).run(self.values))
        self._progress, self._done = progress, 0

    def held(self) -> store.Held:
        """Every path in memory."""
        return store.Held(self._block(slice(0, self.paths)), self.paths)

    def kept(self, folder: Path | None, book: str) -> Kept:
        """Every path on disk; blocks that are there already are not computed again."""
        names = (*self.uncertain, *self.metrics)
        if folder is None:
            return self._fill(Kept.for_now(names, self.paths))
        from finmodel.simulate.identity import identity  # reads metadata of libraries, which short runs go without

        name = identity(
            self.plan,
            self.figures,
            self.dimensions,
            self.correlation,
            book=book,
            paths=self.paths,
            seed=self.seed,
            design=self.design,
        )
        disk = Kept.within(folder, name, names, self.paths)
        try:
            return self._fill(disk)
        except KeyboardInterrupt as stop:
            stop.add_note(disk.leave())
            raise
        except OutputFault as fault:
            raise OutputFault(f"{fault}; {disk.leave()}, from where the same run goes on") from fault
        except CalculationFault:
            disk.discard()  # the same run would come to the same fault
            raise

    def _fill(self, disk: Kept) -> Kept:
        """A block is written while the next is computed, so that two are in memory at a time."""
        written: Future[None] | None = None
        with ThreadPoolExecutor(1) as writer:
            for number, part in enumerate(blocks(self.paths, disk.rows)):
                with _timed(self.timings, "blocks"):
                    there = disk.whole(number)
                if there:
                    self._advance(part.stop - part.start)
                    continue
                columns = self._block(part)
                with _timed(self.timings, "blocks"):
                    if written is not None:
                        written.result()
                written = writer.submit(disk.write, number, columns)
            with _timed(self.timings, "blocks"):
                if written is not None:
                    written.result()
        return disk

    def _block(self, part: slice) -> dict[str, Floats]:
        """The columns of some paths."""
        (kernel, tables), draws = beside(lambda: self._kernel, lambda: self._draw(part), self.workers)
        size = part.stop - part.start
        out = np.empty((len(self.metrics) + 1, size))

        def work(columns: slice) -> int:
            low, high = columns.start, columns.stop
            kernel.run(tables, draws, out, low=low, high=high, seed=self.seed, first_path=part.start)
            return int(high - low)

        with _timed(self.timings, "paths"), closing(in_threads(work, blocks(size, self.chunk), self.workers)) as ended:
            for count in ended:
                self._advance(count)
        columns = dict(zip((*self.uncertain, *self.metrics), (*draws, *out[:-1]), strict=True))
        self._refuse_faults(columns, out[-1] > 0.0, part.start)
        for column in columns.values():
            column.flags.writeable = False
        return columns

    @cached_property
    def _kernel(self) -> tuple[Kernel, Tables]:
        """Machine code and tables, made for the first block that asks, while its inputs are drawn."""
        with _timed(self.timings, "compile"):
            quantiles()  # first, since the draws beside wait for it
        with _timed(self.timings, "base"):
            base = self._base()
        with _timed(self.timings, "compile"):
            kernel = compile_vector(
                self.plan,
                self.uncertain,
                shocks=bool(self.plan.model.shocks),
                outputs=self.metrics,
                values=self.values,
                evaluation=base,
            )
            return kernel, kernel.tables(self.values, base)

    @cached_property
    def _sampler(self) -> Sampler:
        with _timed(self.timings, "imports"):
            importlib.import_module("scipy.special")
        with _timed(self.timings, "inputs"):
            drawn_from = self.figures, self.dimensions, self.correlation
            return Sampler(*drawn_from, paths=self.paths, seed=self.seed, design=self.design)

    def _draw(self, part: slice) -> Floats:
        """Draws of some paths, shape (len(uncertain), paths)."""
        sampler, draws = self._sampler, np.empty((len(self.uncertain), part.stop - part.start))

        def fill(columns: slice) -> None:
            sampler.fill(draws[:, columns], part.start + columns.start)

        with _timed(self.timings, "inputs"):
            for _ in in_threads(fill, blocks(draws.shape[1], PIECE), self.workers):
                pass
        return draws

    def _advance(self, paths: int) -> None:
        self._done += paths
        if self._progress is not None:
            self._progress(self._done, self.paths)

    def _refuse_faults(self, columns: Mapping[str, Floats], flagged: NDArray[np.bool_], first: int) -> None:
        """Have the plain rendering explain the first path on which the kernel or a metric that must exist fails."""
        model, bad = self.plan.model, flagged.copy()
        for name in self.metrics:
            bad |= np.isinf(columns[name]) if model.lines[name].may_be_missing else ~np.isfinite(columns[name])
        if not bad.any():
            return
        place = int(np.argmax(bad))
        drawn = {name: float(columns[name][place]) for name in self.uncertain}
        path = first + place
        compile_plain(self.plan).run({**self.values, **drawn}, shocks_of_path(model, self.seed, path), path)
        raise CalculationFault("out of bounds in the vector rendering and not in the plain one", path=path)


def inputs_of_path(
    figures: Mapping[str, BoundFigure],
    dimensions: Sequence[str],
    correlation: Floats,
    path: int,
    *,
    paths: int = DEFAULT_PATHS,
    seed: int = 0,
    design: str = "sobol",
) -> dict[str, float]:
    """The uncertain inputs that `simulate` gives one path, without running the others.

    Raises
    ------
    Faults
        The design has no such path, or cannot be.
    """
    if found := [*designs.faults(design, paths, seed), *faults_of_path(path, paths)]:
        raise Faults(found)
    sampler = Sampler(figures, dimensions, correlation, paths=paths, seed=seed, design=design)
    return dict(zip(sampler.names, sampler.draw(path, path + 1)[:, 0].tolist(), strict=True))


def _faults_of_work(threads: int, chunk: int) -> list[Fault]:
    return [
        Fault("must be at least 1", key=key, found=repr(value), expected="a whole number from 1")
        for key, value in (("threads", threads), ("chunk", chunk))
        if not (designs.is_whole(value) and value >= 1)
    ]


@contextmanager
def _within_memory(paths: int) -> Iterator[None]:
    try:
        yield
    except MemoryError as fault:
        found = Fault("more than the memory holds", key="paths", found=f"{paths:,}", expected="fewer")
        raise Faults([found]) from fault


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    timings[stage] = timings.get(stage, 0.0) + time.perf_counter() - begun
