"""Fans: percentiles of lines by period, over the first 100,000 paths of a run.

A simulation keeps metrics only. Here its first paths are computed once more, and of them the periods of a few lines at
a time are held, in float64, until their percentiles are found: exact ones, not those of a histogram. Memory does not
grow with the number of lines or of paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import CalculationFault, Fault, Faults, nearest
from finmodel.render.certain import uncertain_lines
from finmodel.render.plain import compile_plain
from finmodel.render.vector import compile_vector
from finmodel.simulate import designs
from finmodel.simulate.shocks import blocks
from finmodel.simulate.simulation import shocks_of_path
from finmodel.simulate.subject import CHUNK, Subject
from finmodel.simulate.threads import in_threads, processors

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

PERCENTILES = (5, 10, 25, 50, 75, 90, 95)
PATHS = 100_000
"""Paths that a fan is made of at most."""
MEMORY = 2**29
"""Bytes for the lines that are held at a time; one line is held in any case."""


def fan(
    subject: Subject, lines: Sequence[str], *, paths: int, seed: int, design: str, threads: int | None = None
) -> pd.DataFrame:
    """Percentiles of lines by period.

    Parameters
    ----------
    subject
        The model with its figures.
    lines
        Names of lines that vary in time.
    paths, seed, design
        The run of which the first 100,000 paths are taken.
    threads
        How many work at once; as many as there are processors where not given.

    Returns
    -------
    DataFrame
        A row a period, by month; for each line the columns p5, p10, p25, p50, p75, p90 and p95 (type 7), in its unit.
        `attrs` hold `units` by line, the numbers of `paths` taken and `paths_of_run`, `seed`, `design`, and all of
        that in words as `source`.

    Raises
    ------
    Faults
        Every line that there is not or that does not vary in time; a design, number of paths, seed or threads out of
        bounds.
    CalculationFault
        A path drives the arithmetic out of bounds; names the first such path, the line and the period.
    """
    import pandas as pd

    names = tuple(dict.fromkeys(lines))
    workers = processors() if threads is None else threads
    found = [*_faults_of_lines(subject, names), *designs.faults(design, paths, seed)]
    if not (designs.is_whole(workers) and workers >= 1):
        found.append(Fault("must be at least 1", key="threads", found=repr(workers), expected="a whole number from 1"))
    if found:
        raise Faults(found)
    taken = min(paths, PATHS)
    rows = _certain(subject, names)
    if uncertain := [name for name in names if name not in rows]:
        draws = subject.sample(paths, seed, design, taken)
        together = max(1, MEMORY // (8 * taken * len(subject.model.timeline.labels)))
        for part in blocks(len(uncertain), together):
            rows |= _few(subject, uncertain[part], draws, seed, workers)
    columns = {(name, f"p{percent}"): rows[name][:, k] for name in names for k, percent in enumerate(PERCENTILES)}
    table = pd.DataFrame(columns, index=pd.Index(subject.model.timeline.labels, name="period"))
    table.columns = table.columns.set_names(["line", "percentile"])
    drawn = f"{paths:,} paths" if taken == paths else f"the first {taken:,} of {paths:,} paths"
    table.attrs = {
        "units": {name: subject.model.lines[name].unit for name in names},
        "paths": taken,
        "paths_of_run": paths,
        "seed": seed,
        "design": design,
        "source": f"percentiles of {drawn}, seed {seed}, design {design}",
    }
    return table


def _certain(subject: Subject, names: Sequence[str]) -> dict[str, Floats]:
    """Lines that are the same on every path, and so are all their percentiles."""
    uncertain = uncertain_lines(subject.plan, subject.uncertain, shocks=bool(subject.model.shocks))
    alike = [name for name in names if name not in uncertain]
    if not alike:
        return {}
    return {name: np.repeat(subject.base.rows[name][:, np.newaxis], len(PERCENTILES), axis=1) for name in alike}


def _few(subject: Subject, names: Sequence[str], draws: Floats, seed: int, threads: int) -> dict[str, Floats]:
    """Percentiles of as many lines as are held at a time."""
    kernel = compile_vector(subject.plan, subject.uncertain, shocks=bool(subject.model.shocks), outputs=(), rows=names)
    tables = kernel.tables(subject.values, subject.base)
    places = [subject.uncertain.index(name) for name in kernel.uncertain]
    inputs = draws if places == list(range(len(draws))) else draws[places]
    length, paths = len(subject.model.timeline.labels), draws.shape[1]
    out = np.empty((1 + len(names) * length, paths))

    def compute(part: slice) -> None:
        kernel.run(tables, inputs, out, low=part.start, high=part.stop, seed=seed)

    for _ in in_threads(compute, blocks(paths, CHUNK), threads):
        pass
    if out[0].any():
        _explain(subject, inputs, kernel.uncertain, seed, int(np.argmax(out[0])))
    found = np.empty((len(out) - 1, len(PERCENTILES)))

    def reduce(row: int) -> None:
        present = out[row + 1][~np.isnan(out[row + 1])]
        found[row] = np.percentile(present, PERCENTILES, overwrite_input=True) if present.size else np.nan

    for _ in in_threads(reduce, range(len(found)), threads):
        pass
    return {name: found[place * length : (place + 1) * length] for place, name in enumerate(names)}


def _explain(subject: Subject, inputs: Floats, uncertain: Sequence[str], seed: int, path: int) -> None:
    """Have the plain rendering raise the fault of a path."""
    values = subject.values | dict(zip(uncertain, inputs[:, path].tolist(), strict=True))
    compile_plain(subject.plan).run(values, shocks_of_path(subject.model, seed, path), path)
    raise CalculationFault("out of bounds in the vector rendering and not in the plain one", path=path)


def _faults_of_lines(subject: Subject, names: Sequence[str]) -> list[Fault]:
    """What is wrong with the names of the lines."""
    known = subject.model.lines
    varying = [name for name, line in known.items() if line.varies]
    if not names:
        return [Fault("no line is named", key="fan", expected="lines that vary in time, such as " + varying[0])]
    found = []
    for name in names:
        if name in varying:
            continue
        like = nearest(name, varying)
        remedy = f"did you mean {like}?" if like else None
        if name in known:
            expected = "a line that differs between periods; a metric has its percentiles in the summary"
            found.append(Fault("has one value a path", key="fan", found=f"'{name}'", expected=expected))
        else:
            found.append(Fault("no such line", key="fan", found=f"'{name}'", remedy=remedy))
    return found
