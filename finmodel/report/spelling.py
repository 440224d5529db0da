"""Formulas and numbers as programs write them: the same, whatever program saved the file."""

from __future__ import annotations

import math
import re
from functools import lru_cache

PART = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'!|[^"\']+|.', re.DOTALL)
FUTURE = re.compile(r"_XL(?:FN|WS|UDF)\.")
SIMPLE = re.compile(r"'([A-Z_][A-Z0-9_]*)'!")
SAME, DIGITS = 1e-15, 15
"""Relative, and significant digits: files store 15 to 17, and who rounds twice may miss the last by one."""


def same_formula(one: str, other: str) -> bool:
    """Whether two formulas differ in spelling at most: blanks, upper and lower case, quotes around a sheet's name."""
    return one == other or canonical(one) == canonical(other)


@lru_cache(maxsize=4096)
def canonical(formula: str) -> str:
    """A formula in the one spelling that all programs' spellings of it lead to."""
    text = formula.removeprefix("=").removeprefix("+")
    return "".join(_spelled(part) for part in PART.findall(text))


def _spelled(part: str) -> str:
    if part.startswith('"'):
        return part
    if part.startswith("'"):
        return SIMPLE.sub(r"\1!", part.upper())
    return FUTURE.sub("", "".join(part.split()).upper())


def same_text(one: str, other: str) -> bool:
    """Whether two texts are the same but for marks that readers of workbooks drop, and ends of lines."""
    return one == other or _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return text.replace("x005F_", "").replace("_x000D_", "").replace("\r", "")


def same_number(written: float, found: float) -> bool:
    """Whether a number that was written is the one found, but for last digits that a file may not hold."""
    if math.isclose(written, found, rel_tol=SAME):
        return True
    if found == 0 or not _is_short(found) or _is_short(written):
        return False
    last = 10.0 ** (math.floor(math.log10(abs(found))) - DIGITS + 1)
    return abs(written - found) < 1.5 * last


def _is_short(number: float) -> bool:
    return float(f"{number:.{DIGITS}g}") == number
