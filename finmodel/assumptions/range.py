"""Ranges: the distribution of an uncertain figure, stated and checked. `simulate` draws from it.

| kind | parameters |
|---|---|
| `pert` | minimum, most likely, maximum: a beta on [minimum, maximum] with mean (minimum + 4 mode + maximum) / 6 |
| `triangular` | minimum, most likely, maximum |
| `uniform` | lowest, highest |
| `normal` | mean, standard deviation |
| `lognormal` | mean, standard deviation of the figure itself (not of its logarithm) |

Each may be truncated: draws are then from the part of the distribution between `low` and `high`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

Kind = Literal["pert", "triangular", "uniform", "normal", "lognormal"]
KINDS: tuple[Kind, ...] = get_args(Kind)

NORMAL_P90 = 1.2815515655446004
"""The 90th percentile of the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What makes a range impossible."""

    message: str
    found: str
    expected: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """A distribution, its parameters in the unit of its input.

    Attributes
    ----------
    kind
        One of `KINDS`.
    parameters
        As the table of this module says.
    low, high
        Truncation, None where that side is open.

    Raises
    ------
    ValueError
        Where no such distribution exists; `problems` lists why.
    """

    kind: Kind
    parameters: tuple[float, ...]
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        found = problems(self.kind, self.parameters, self.low, self.high)
        if found:
            raise ValueError("; ".join(f"{one.message}: {one.found}, expected {one.expected}" for one in found))

    @property
    def support(self) -> tuple[float, float]:
        """The least and the greatest value that can be drawn, truncation included."""
        low, high = _support(self.kind, self.parameters)
        return (
            low if self.low is None else max(low, self.low),
            high if self.high is None else min(high, self.high),
        )

    @property
    def mode(self) -> float | None:
        """The most likely value; None for a uniform range, which has none."""
        return _mode(self.kind, self.parameters)

    def scaled(self, factor: float) -> Range:
        """The range of `factor` times the figure, `factor` above 0."""
        if not factor > 0:
            raise ValueError(f"a range is scaled by a number above 0, not {factor:.15g}")
        return self._mapped(lambda x: x * factor, lambda spread: spread * factor)

    def shifted(self, amount: float) -> Range:
        """The range of the figure plus `amount`. A lognormal cannot be shifted: it begins at 0."""
        if self.kind == "lognormal":
            raise ValueError("a lognormal range begins at 0 and cannot be shifted")
        return self._mapped(lambda x: x + amount, lambda spread: spread)

    def __str__(self) -> str:
        """The distribution as a reader sees it."""
        names = {"normal": ("mean", "sd"), "lognormal": ("mean", "sd"), "uniform": ("low", "high")}
        labels = names.get(self.kind, ("minimum", "mode", "maximum"))
        stated = ", ".join(f"{label} {value:,.12g}" for label, value in zip(labels, self.parameters, strict=True))
        sides = ((self.low, "at least"), (self.high, "at most"))
        cut = ", ".join(f"{words} {side:,.12g}" for side, words in sides if side is not None)
        return f"{self.kind}: {stated}" + (f"; {cut}" if cut else "")

    def _mapped(self, place: Callable[[float], float], spread: Callable[[float], float]) -> Range:
        first, second = self.parameters[0], self.parameters[1:]
        moved = (spread(second[0]),) if self.kind in ("normal", "lognormal") else tuple(place(x) for x in second)
        return replace(
            self,
            parameters=(place(first), *moved),
            low=None if self.low is None else place(self.low),
            high=None if self.high is None else place(self.high),
        )


def lognormal_from_percentiles(p10: float, p90: float) -> tuple[float, float]:
    """Mean and standard deviation of the lognormal with these 10th and 90th percentiles, 0 < p10 < p90.

    ln X is normal with mean (ln p10 + ln p90) / 2 and standard deviation s = ln(p90 / p10) / (2 x 1.2816), so that
    E X = exp(mean + s^2 / 2) and sd X = E X sqrt(exp(s^2) - 1) (Johnson, Kotz and Balakrishnan, Continuous Univariate
    Distributions, vol. 1, 1994, ch. 14).
    """
    centre = (math.log(p10) + math.log(p90)) / 2
    variance = (math.log(p90 / p10) / (2 * NORMAL_P90)) ** 2
    mean = math.exp(centre + variance / 2)
    return mean, mean * math.sqrt(math.expm1(variance))


def problems(
    kind: Kind, parameters: tuple[float, ...], low: float | None = None, high: float | None = None
) -> list[Problem]:
    """Why no such range exists; empty where it does."""
    wanted = 3 if kind in ("pert", "triangular") else 2
    if kind not in KINDS or len(parameters) != wanted:
        return [Problem("is no range", f"{kind} of {len(parameters)} numbers", f"{wanted} numbers")]
    given = (*parameters, *(side for side in (low, high) if side is not None))
    if not all(math.isfinite(x) for x in given):
        return [Problem("is not finite", numbers(given), "finite numbers")]
    found = list(_shape_problems(kind, parameters))
    return found or list(_truncation_problems(kind, parameters, low, high))


def _shape_problems(kind: Kind, parameters: tuple[float, ...]) -> list[Problem]:
    if kind in ("normal", "lognormal"):
        mean, sd = parameters
        found = []
        if sd <= 0:
            found.append(Problem("has no spread", f"standard deviation {sd:.15g}", "above 0", "leave the range out"))
        if kind == "lognormal" and mean <= 0:
            found.append(Problem("is impossible", f"mean {mean:.15g}", "above 0 for a lognormal"))
        return found
    least, greatest = parameters[0], parameters[-1]
    if least == greatest:
        return [Problem("has no width", numbers(parameters), "minimum below maximum", "leave the range out")]
    if least > greatest:
        return [Problem("runs backwards", numbers(parameters), "minimum below maximum")]
    if len(parameters) == 3 and not least <= parameters[1] <= greatest:
        between = f"between {least:.15g} and {greatest:.15g}"
        return [Problem("has its mode outside its bounds", f"mode {parameters[1]:.15g}", between)]
    return []


def _truncation_problems(
    kind: Kind, parameters: tuple[float, ...], low: float | None, high: float | None
) -> list[Problem]:
    lowest = -math.inf if low is None else low
    highest = math.inf if high is None else high
    least, greatest = _support(kind, parameters)
    shown = f"truncate [{lowest:.15g}, {highest:.15g}]"
    if not lowest < highest:
        return [Problem("is truncated to nothing", shown, "low below high")]
    if not (lowest < greatest and highest > least):
        return [Problem("is truncated to nothing", shown, f"a part of [{least:.15g}, {greatest:.15g}]")]
    mode = _mode(kind, parameters)
    if mode is not None and not lowest <= mode <= highest:
        return [Problem("has its mode outside its bounds", f"mode {mode:.15g}", f"inside {shown}")]
    return []


def _support(kind: Kind, parameters: tuple[float, ...]) -> tuple[float, float]:
    match kind:
        case "normal":
            return -math.inf, math.inf
        case "lognormal":
            return 0.0, math.inf
        case _:
            return parameters[0], parameters[-1]


def _mode(kind: Kind, parameters: tuple[float, ...]) -> float | None:
    match kind:
        case "pert" | "triangular":
            return parameters[1]
        case "normal":
            return parameters[0]
        case "lognormal":
            mean, sd = parameters
            variation = sd / mean
            return mean / math.pow(1 + variation * variation, 1.5)
        case _:
            return None


def numbers(values: tuple[float, ...]) -> str:
    """Numbers as a fault shows them."""
    return f"[{', '.join(f'{value:.15g}' for value in values)}]"
