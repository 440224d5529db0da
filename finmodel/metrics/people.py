"""What the functions for people share: checks of their arguments, and one path or many."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from finmodel.errors import CalculationFault, Fault, Faults
from finmodel.graph.writer import ARRAYS, SCALARS, Row, Value, Writer

BLOCK = 2048
"""Paths taken at once: their working values stay in the cache."""
SHAPE = "shape (periods,) or (paths, periods)"


def finite(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """The values as numbers: one or two dimensions, not empty, all finite.

    Raises
    ------
    Faults
        Otherwise.
    """
    try:
        array = np.asarray(values)
        if np.iscomplexobj(array):
            raise TypeError("complex numbers")
        array = array.astype(np.float64)
    except (TypeError, ValueError) as fault:
        raise Faults([Fault(f"{name} must be numbers", found=str(fault), expected=SHAPE)]) from fault
    if array.ndim not in (1, 2) or array.shape[-1] == 0:
        raise Faults([Fault(f"{name} must be flows over periods", found=f"shape {array.shape}", expected=SHAPE)])
    wrong = np.argwhere(~np.isfinite(array))
    if wrong.size:
        at = tuple(int(i) for i in wrong[0])
        place = f"{array[at]} in period {at[-1]}" + (f" of path {at[0]}" if len(at) > 1 else "")
        raise Faults([Fault(f"{name} must be finite", found=place, expected="a number in every period")])
    return array


def above_minus_one(name: str, rate: float) -> float:
    """The rate, which must be a finite number above -1.

    Raises
    ------
    Faults
        Otherwise.
    """
    try:
        number = float(rate)
    except (TypeError, ValueError) as fault:
        raise Faults([Fault(f"{name} is no number", found=f"{rate!r}", expected="such as 0.1 for 10 %")]) from fault
    if not (math.isfinite(number) and number > -1.0):
        raise Faults([Fault(f"{name} is no rate", found=f"{rate!r}", expected="above -1, such as 0.1 for 10 %")])
    return number


def over_paths(array: NDArray[np.float64], formula: Callable[[Writer, Row], tuple[Value, ...]]) -> tuple[Any, ...]:
    """The formula's results: floats for one path, arrays for many, where each path is as if it were alone."""
    if array.ndim == 1:
        return tuple(float(result) for result in formula(SCALARS, array.tolist()))
    if len(array) == 0:
        return tuple(np.empty(0) for _ in formula(SCALARS, [0.0] * array.shape[1]))
    with np.errstate(all="ignore"):  # sums may pass the largest number on the way: the formulas allow for it
        blocks = [
            [np.broadcast_to(result, len(block)) for result in formula(ARRAYS, block)]
            for block in (np.asfortranarray(array[start : start + BLOCK]) for start in range(0, len(array), BLOCK))
        ]
    return tuple(np.concatenate(results) for results in zip(*blocks, strict=True))


def within_range(name: str, result: Any) -> Any:
    """The result, which must not have passed the largest number.

    Raises
    ------
    CalculationFault
        Otherwise.
    """
    if not np.all(np.isfinite(result)):
        raise CalculationFault(f"the {name} passes the largest number: the rate is too near -1 for so many periods")
    return result


def as_share_of_largest(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each path divided by a power of two near its largest flow, which is exact and leaves its rates as they are."""
    _, exponent = np.frexp(np.max(np.abs(array), axis=-1, keepdims=True))
    scaled: NDArray[np.float64] = np.ldexp(array, -exponent)
    return scaled
