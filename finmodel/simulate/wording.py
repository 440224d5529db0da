"""Numbers and names in sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence


def written(number: float) -> str:
    """A number at seven digits, with thousands apart; "none" where it is missing."""
    if math.isnan(number):
        return "none"
    if number and not 1e-4 <= abs(number) < 1e15:
        return f"{number:.6g}"
    decimals = 6 - math.floor(math.log10(abs(number))) if number else 0
    text = f"{round(number, decimals):,.{max(decimals, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def with_unit(number: float, unit: str) -> str:
    """A number as `written`, with its unit unless it is a pure number."""
    return written(number) if unit == "1" or math.isnan(number) else f"{written(number)} {unit}"


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names in a row; of many, the first and how many more."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
