"""The run: draws of the inputs, then the kernel over chunks of paths on all cores.

A path's metrics depend on book, model, seed, design and the path's number only: inputs come from its place in the
design, shocks from counters, and it fills cells of its own. Threads and chunks decide when a path is computed, never
what it gives.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing, contextmanager
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from finmodel.assumptions.bound import BoundFigure
from finmodel.errors import CalculationFault, Fault, Faults
from finmodel.render.certain import Tables
from finmodel.render.plain import compile_plain
from finmodel.render.plan import Plan
from finmodel.render.vector import Kernel, compile_vector
from finmodel.simulate import designs
from finmodel.simulate.dependence import correlate
from finmodel.simulate.distributions import ppf_of_normal_scores
from finmodel.simulate.shocks import BLOCK, blocks
from finmodel.simulate.simulation import Simulation, faults_of_path

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

    Returns
    -------
    Simulation

    Raises
    ------
    Faults
        Design, number of paths, seed, threads or chunk are out of bounds.
    CalculationFault
        A path drives the arithmetic out of bounds; names the first such path, the line and the period.
    """
    workers = _processors() if threads is None else threads
    if found := [*designs.faults(design, paths, seed), *_faults_of_work(workers, chunk)]:
        raise Faults(found)
    model = plan.model
    timings: dict[str, float] = {}
    values = {name: figure.value for name, figure in figures.items()}

    def compiled() -> tuple[Kernel, Tables]:
        with _timed(timings, "compile"):
            uncertain = [name for name, figure in figures.items() if figure.range is not None]
            kernel = compile_vector(plan, uncertain, shocks=bool(model.shocks), outputs=model.metrics)
            return kernel, kernel.tables(values)

    def drawn() -> tuple[tuple[str, ...], Floats]:
        with _timed(timings, "imports"):
            _import_libraries(design)
        with _timed(timings, "inputs"):
            return draw_inputs(figures, dimensions, correlation, paths=paths, seed=seed, design=design, threads=workers)

    with _within_memory(paths):
        (kernel, tables), (uncertain, draws) = _beside(compiled, drawn, workers)
        out = np.empty((len(model.metrics) + 1, paths))
    with _timed(timings, "paths"):

        def work(part: slice) -> int:
            kernel.run(tables, draws, out, low=part.start, high=part.stop, seed=seed)
            return int(part.stop - part.start)

        done = 0
        with closing(_in_threads(work, blocks(paths, chunk), workers)) as finished:
            for count in finished:
                done += count
                if progress is not None:
                    progress(done, paths)
    simulation = Simulation(model, values, uncertain, draws, out[:-1], paths, seed, design, timings)
    _refuse_faults(plan, simulation, out[-1] > 0.0)
    return simulation


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
    names, draws = draw_inputs(
        figures, dimensions, correlation, paths=paths, seed=seed, design=design, first=path, last=path + 1
    )
    return dict(zip(names, draws[:, 0].tolist(), strict=True))


def draw_inputs(
    figures: Mapping[str, BoundFigure],
    dimensions: Sequence[str],
    correlation: Floats,
    *,
    paths: int,
    seed: int,
    design: str,
    first: int = 0,
    last: int | None = None,
    threads: int = 1,
) -> tuple[tuple[str, ...], Floats]:
    """Draws of the uncertain inputs for paths first to last - 1 of a design.

    An input that is uncertain in the book keeps its dimension where its figure is fixed, so that the draws of the
    others are the same either way.

    Returns
    -------
    names : tuple of str
        The inputs whose figures have a range, in the order of `dimensions`.
    draws : ndarray, shape (len(names), last - first)
        In the inputs' units, in C order.

    Raises
    ------
    ValueError
        An input has a range and no dimension.
    """
    from scipy.special import ndtri

    if without := [name for name, figure in figures.items() if figure.range is not None and name not in dimensions]:
        raise ValueError(f"without a dimension in the design: {', '.join(without)}")
    places = {name: place for place, name in enumerate(dimensions) if figures[name].range is not None}
    z = designs.uniforms(design, paths, len(dimensions), seed, first, last)
    draws = np.empty((len(places), z.shape[1]))

    def score(part: slice) -> None:
        z[:, part] = correlate(ndtri(z[:, part]), correlation)

    def fill(item: tuple[int, str]) -> None:
        row, name = item
        given = figures[name].range
        if given is not None:
            draws[row] = ppf_of_normal_scores(given, z[places[name]])

    for _ in _in_threads(score, blocks(z.shape[1], BLOCK), threads):
        pass
    for _ in _in_threads(fill, enumerate(places), threads):
        pass
    return tuple(places), draws


Task = TypeVar("Task")
Result = TypeVar("Result")


def _beside(first: Callable[[], Task], second: Callable[[], Result], threads: int) -> tuple[Task, Result]:
    """Both results; the first is worked on beside the second if more than one thread is wanted."""
    if threads == 1:
        return first(), second()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(first)
        result = second()
        return future.result(), result


def _in_threads(work: Callable[[Task], Result], tasks: Iterable[Task], threads: int) -> Generator[Result, None, None]:
    """Results as they come, in any order; what has not begun when one fails is dropped."""
    if threads == 1:
        yield from map(work, tasks)
        return
    with ThreadPoolExecutor(threads) as pool:
        try:
            for future in as_completed([pool.submit(work, task) for task in tasks]):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _refuse_faults(plan: Plan, simulation: Simulation, flagged: NDArray[np.bool_]) -> None:
    """Have the plain rendering explain the first path on which the kernel or a metric that must exist went wrong."""
    bad = flagged.copy()
    for name, result in zip(plan.model.metrics, simulation.results, strict=True):
        bad |= np.isinf(result) if plan.model.lines[name].may_be_missing else ~np.isfinite(result)
    if not bad.any():
        return
    first = int(np.argmax(bad))
    drawn = simulation.path(first)
    compile_plain(plan).run(drawn.values, drawn.shocks, first)
    raise CalculationFault("out of bounds in the vector rendering and not in the plain one", path=first)


def _import_libraries(design: str) -> None:
    """Libraries that only a simulation needs, imported here so that no stage is charged with them."""
    importlib.import_module("scipy.special")
    if design == "sobol":
        importlib.import_module("scipy.stats.qmc")


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
        raise Faults(
            [Fault("more than the memory holds", key="paths", found=f"{paths:,}", expected="fewer")]
        ) from fault


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    timings[stage] = time.perf_counter() - begun
