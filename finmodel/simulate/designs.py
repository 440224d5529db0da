"""Designs: where in the unit cube the paths stand, one dimension for each uncertain input.

Sobol and Latin hypercube designs consist of 16 independent replicates; path k is number k // 16 of replicate k % 16.
Each replicate gives an estimate of its own, and their spread an honest standard error. For Sobol and random designs a
run of fewer paths is the beginning of a longer one. In every design the coordinates of a path are had from its number
alone, whatever other paths there are, and a further dimension leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import Fault, Faults, nearest
from finmodel.simulate.latin import Latin
from finmodel.simulate.shocks import BLOCK, blocks, uniforms_of
from finmodel.simulate.sobol import Sobol

Floats = NDArray[np.float64]

DESIGNS = ("sobol", "lhs", "random")
REPLICATES = 16
PATHS_AT_MOST = 2**32
SEED_BELOW = 2**32
INPUT_STREAM = 2**31
"""Streams from here on belong to the dimensions of a design, those below to the model's shocks."""


def faults(design: str, paths: int, seed: int) -> list[Fault]:
    """What is wrong with the design, the number of paths and the seed."""
    found = []
    if design not in DESIGNS:
        like = nearest(design, DESIGNS)
        found.append(
            Fault(
                "no such design",
                key="design",
                found=repr(design),
                expected=" or ".join(DESIGNS),
                remedy=f"did you mean {like}?" if like else None,
            )
        )
    if not (is_whole(paths) and 1 <= paths <= PATHS_AT_MOST):
        expected = f"a whole number from 1 to {PATHS_AT_MOST}"
        found.append(Fault("cannot run that many paths", key="paths", found=repr(paths), expected=expected))
    if not (is_whole(seed) and 0 <= seed < SEED_BELOW):
        expected = f"a whole number from 0 to {SEED_BELOW - 1}"
        found.append(Fault("not a seed", key="seed", found=repr(seed), expected=expected))
    return found


def is_whole(number: object) -> bool:
    """Whether a number is whole, which a type alone does not prove at run time."""
    return isinstance(number, Integral) and not isinstance(number, bool)


class Points(Protocol):
    """Some dimensions of a design."""

    def fill(self, points: Floats, first: int) -> None:
        """Fill an array of shape (dimensions, paths) with the coordinates of the paths from `first` on."""


def points(design: str, paths: int, dimensions: Sequence[int], seed: int) -> Points:
    """Some dimensions of a design, of which any paths can be had on their own.

    Only tables are held: 20 KiB a dimension for Sobol, for a Latin hypercube of 10,000,000 paths 150 KiB.

    Parameters
    ----------
    design : {"sobol", "lhs", "random"}
        Kind of design.
    paths : int
        Paths of the whole design.
    dimensions : sequence of int
        Which, from 0; a dimension is the same whatever others are wanted.
    seed : int
        Below 2^32.

    Raises
    ------
    Faults
        Unknown design, a number of paths or a seed out of bounds, or more dimensions than the design has.
    """
    if found := faults(design, paths, seed):
        raise Faults(found)
    if design == "random":
        return _Random(dimensions, seed)
    return (Sobol if design == "sobol" else Latin)(dimensions, seed, INPUT_STREAM, paths, REPLICATES)


def uniforms(design: str, paths: int, dimensions: int, seed: int, first: int = 0, last: int | None = None) -> Floats:
    """Coordinates of the paths, strictly between 0 and 1.

    Parameters
    ----------
    design, paths, seed
        As `points` takes them.
    dimensions : int
        How many.
    first, last : int
        Paths first to last - 1 only; their coordinates are those they have in the whole design.

    Returns
    -------
    ndarray, shape (dimensions, last - first)
        In C order.

    Raises
    ------
    Faults
        As `points` does, or no such paths.
    """
    made = points(design, paths, range(dimensions), seed)
    last = paths if last is None else last
    if not 0 <= first <= last <= paths:
        raise Faults([Fault("no such paths", found=f"{first} to {last}", expected=f"within 0 to {paths}")])
    coordinates = np.empty((dimensions, last - first))
    for part in blocks(last - first, BLOCK):
        made.fill(coordinates[:, part], first + part.start)
    return coordinates


class _Random:
    """Independent paths: dimension and number of a path are key and counter of Threefry."""

    def __init__(self, dimensions: Sequence[int], seed: int) -> None:
        self._streams = [INPUT_STREAM + dimension for dimension in dimensions]
        self._seed = seed

    def fill(self, points: Floats, first: int) -> None:
        """Fill an array of shape (dimensions, paths) with the coordinates of the paths from `first` on."""
        for row, stream in zip(points, self._streams, strict=True):
            row[:] = uniforms_of(self._seed, stream, first, row.size)
