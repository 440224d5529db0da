"""How a number is written for a person: its scale, its digits and its unit together."""

from __future__ import annotations

import math
from collections.abc import Iterable

_STEPS = ((1e9, "bn "), (1e6, "m "))
THOUSANDS = {1 / 1e9: ",,,", 1 / 1e6: ",,", 1.0: ""}
"""By the factor of a scale, the end of a spreadsheet's number format that does the same."""


def scale(unit: str, values: Iterable[float]) -> tuple[float, str]:
    """The factor to multiply by, and the unit to write, for values that are to share one column or axis.

    A million and more is written in millions or billions ("bn USD"), a rate ("1/year") in per cent a year, and a pure
    number ("1") says so.

    Parameters
    ----------
    unit : str
        The unit the values are in.
    values : iterable of float
        Those values; NaN is passed over.
    """
    if unit == "1/year":
        return 100.0, "%/year"
    if unit == "1":
        return 1.0, "pure number"
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    for step, prefix in _STEPS:
        if largest >= step:
            return 1 / step, prefix + unit
    return 1.0, unit


def on_axis(unit: str, values: Iterable[float]) -> tuple[str, str]:
    """The unit and the number format with which an axis of a spreadsheet's chart shows values as they are in cells."""
    present = [value for value in values if math.isfinite(value)]
    factor, said = scale(unit, present)
    if unit == "1/year":
        return said.removeprefix("%/"), "0%"
    largest = max((abs(value) for value in present), default=0.0) * factor
    digits = "#,##0" if largest >= 10 else "0.0" if largest >= 1 else "0.00"
    return said, digits + THOUSANDS[factor]


def written(value: float | None, digits: int = 4) -> str:
    """A number at so many significant digits, with thousands apart; "none" where it is missing."""
    if value is None or math.isnan(value):
        return "none"
    if value == 0:
        return "0"
    if abs(value) < 1e-6:
        return f"{value:.{digits - 1}e}"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}"
