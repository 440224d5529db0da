"""What a run is: a digest of everything that its numbers depend on, to the last bit (convention 8)."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finmodel.assumptions.bound import BoundFigure
from finmodel.errors import MachineFault
from finmodel.render.machine import host
from finmodel.render.plain import compile_plain
from finmodel.render.plan import Plan
from finmodel.simulate import store

LIBRARIES = ("numpy", "scipy", "llvmlite", "pyarrow")
DIGITS = 16
HOME = Path(__file__).parents[1]
OWN = {".py", ".txt"}
"""Where the files of this package lie, and which of them make numbers."""


def identity(
    plan: Plan,
    figures: Mapping[str, BoundFigure],
    dimensions: Sequence[str],
    correlation: NDArray[np.float64],
    *,
    book: str,
    paths: int,
    seed: int,
    design: str,
) -> str:
    """The name of a run: another one where book, model, versions, seed, design or number of paths are others.

    Parameters
    ----------
    plan
        The model; a line more, another formula or another order make another run.
    figures, dimensions, correlation
        What is drawn and from where; a scenario and figures set by hand show here.
    book
        Digest of the files that the figures come from.
    paths, seed, design
        As `simulate` takes them.

    Returns
    -------
    str
        Hexadecimal digits.
    """
    told = hashlib.sha256()
    for part in (
        _model(plan),
        [(name, figure.value.hex(), repr(figure.range)) for name, figure in figures.items()],
        (tuple(dimensions), correlation.shape, correlation.tobytes()),
        (book, int(paths), int(seed), str(design), store.ROWS),
        list(_machine()),
    ):
        told.update(repr(part).encode() + b"\n")
    return told.hexdigest()[:DIGITS]


def _model(plan: Plan) -> tuple[object, ...]:
    """The formulas as they are computed, with the timeline beneath them and the metrics that are kept."""
    timeline = plan.model.timeline
    rows = [(name, row.tobytes()) for name, row in timeline.series.items()]
    return compile_plain(plan).source, plan.model.metrics, timeline.numbers, rows, plan.model.units


def _machine() -> Iterator[str]:
    """Libraries, finmodel's own files, and the processor, for which NumPy and LLVM choose their instructions."""
    yield platform.python_version()
    for library in LIBRARIES:
        yield f"{library} {version(library)}"
    for file in sorted(file for file in HOME.rglob("*") if file.suffix in OWN):
        yield f"{file.relative_to(HOME)} {hashlib.sha256(file.read_bytes()).hexdigest()}"
    yield platform.machine()
    try:
        yield f"{host().name} {host().features}"
    except MachineFault:
        yield "no machine code"
