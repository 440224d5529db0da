"""Designs: where in the unit cube the paths stand, one dimension for each uncertain input.

Sobol and Latin hypercube designs consist of 16 independent replicates; path k is number k // 16 of replicate k % 16.
Each replicate gives an estimate of its own, and their spread an honest standard error. For Sobol and random designs a
run of fewer paths is the beginning of a longer one.

Sources
-------
Owen, "Randomly permuted (t,m,s)-nets and (t,s)-sequences", MCQMC (1995), doi:10.1007/978-1-4612-2552-2_19;
Matousek, "On the L2-discrepancy for anchored boxes", J. Complexity 14 (1998), doi:10.1006/jcom.1998.0489 (scramble);
McKay, Beckman, Conover, Technometrics 21 (1979), doi:10.2307/1268522 (Latin hypercube).
"""

from __future__ import annotations

from numbers import Integral

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import Fault, Faults, nearest
from finmodel.graph.shocks import threefry, uniform
from finmodel.simulate.shocks import BLOCK, blocks

DESIGNS = ("sobol", "lhs", "random")
REPLICATES = 16
PATHS_AT_MOST = 2**32
SEED_BELOW = 2**32
INPUT_STREAM = 2**31
"""Streams from here on belong to the dimensions of a design, those below to the model's shocks."""
SOBOL_BITS = 32
BELOW_ONE = 1.0 - 2.0**-53


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


def uniforms(
    design: str, paths: int, dimensions: int, seed: int, first: int = 0, last: int | None = None
) -> NDArray[np.float64]:
    """Coordinates of the paths, strictly between 0 and 1.

    Parameters
    ----------
    design : {"sobol", "lhs", "random"}
        Kind of design.
    paths : int
        Paths of the whole design.
    dimensions : int
        Uncertain inputs.
    seed : int
        Below 2^32.
    first, last : int
        Paths first to last - 1 only; their coordinates are those they have in the whole design.

    Returns
    -------
    ndarray, shape (dimensions, last - first)
        In C order.

    Raises
    ------
    Faults
        Unknown design, or a number of paths or a seed out of bounds.
    """
    if found := faults(design, paths, seed):
        raise Faults(found)
    last = paths if last is None else last
    if not 0 <= first <= last <= paths:
        raise Faults([Fault("no such paths", found=f"{first} to {last}", expected=f"within 0 to {paths}")])
    if design == "sobol":
        return _sobol(dimensions, seed, first, last)
    if design == "lhs":
        return _latin_hypercube(paths, dimensions, seed, first, last)
    return _random(dimensions, seed, first, last)


def _sobol(dimensions: int, seed: int, first: int, last: int) -> NDArray[np.float64]:
    points = np.empty((dimensions, last - first))
    if points.size == 0:
        return points
    from scipy.stats import qmc  # half a second to import: only where a Sobol design is asked for

    for scramble in range(REPLICATES):
        begin = first + (scramble - first) % REPLICATES
        wanted = len(range(begin, last, REPLICATES))
        if wanted == 0:
            continue
        rng = np.random.default_rng(np.random.SeedSequence((seed, scramble)))
        sequence = qmc.Sobol(dimensions, bits=SOBOL_BITS, rng=rng)
        skipped = begin // REPLICATES
        if skipped:
            sequence.fast_forward(skipped)
            drawn = sequence.random(wanted)
        else:
            # The first point by itself: scipy warns where the first call asks for a number that is no power of two.
            drawn = np.concatenate([sequence.random(1), sequence.random(wanted - 1)])
        points[:, begin - first :: REPLICATES] = drawn.T
    points += 2.0 ** -(SOBOL_BITS + 1)
    return points


def _latin_hypercube(paths: int, dimensions: int, seed: int, first: int, last: int) -> NDArray[np.float64]:
    points = np.empty((dimensions, last - first))
    order, within = np.empty(paths, dtype=np.uint32), np.empty(paths)
    everyone = np.arange(paths, dtype=np.uint32)
    whole = np.empty(paths)
    for dimension in range(dimensions):
        for part in blocks(paths, BLOCK):
            words = threefry(
                np.uint32(seed), np.uint32(INPUT_STREAM + dimension), everyone[part], np.zeros(1, dtype=np.uint32)
            )
            order[part] = words[0]
            within[part] = (words[1] + 0.5) * 2.0**-32
        for replicate in range(REPLICATES):
            mine = slice(replicate, None, REPLICATES)
            by_size = np.argsort(order[mine], kind="stable")
            stratum = np.empty(by_size.size)
            stratum[by_size] = np.arange(by_size.size)
            whole[mine] = (stratum + within[mine]) / max(by_size.size, 1)
        points[dimension] = np.minimum(whole[first:last], BELOW_ONE)
    return points


def _random(dimensions: int, seed: int, first: int, last: int) -> NDArray[np.float64]:
    points = np.empty((dimensions, last - first))
    chosen = np.arange(first, last, dtype=np.uint32)
    for dimension in range(dimensions):
        stream = np.uint32(INPUT_STREAM + dimension)
        for part in blocks(chosen.size, BLOCK):
            points[dimension, part] = uniform(np.uint32(seed), stream, chosen[part], np.zeros(1, dtype=np.uint32))
    return points
