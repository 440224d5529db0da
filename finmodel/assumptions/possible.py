"""Which distributions exist: what is wrong with a kind's parameters or truncation, its support and its mode."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

Kind = Literal[
    "pert",
    "triangular",
    "uniform",
    "normal",
    "lognormal",
    "beta",
    "cumulative",
    "discrete",
    "empirical",
    "bernoulli",
    "scipy",
]
KINDS: tuple[Kind, ...] = tuple(kind for kind in get_args(Kind) if kind != "scipy")
"""Kinds that a book can state; the other is given from Python."""

IN_STEPS = ("discrete", "empirical", "bernoulli")
"""Kinds of which some values are drawn and none between, so that truncation means nothing."""

COUNTS: dict[Kind, int] = {
    "pert": 3,
    "triangular": 3,
    "uniform": 2,
    "normal": 2,
    "lognormal": 2,
    "beta": 4,
    "bernoulli": 1,
    "scipy": 2,
}
"""How many parameters a kind has that lists no points."""

SHAPE_LOW, SHAPE_HIGH = 0.01, 1e9
"""Parameters of a beta distribution between which its quantiles can be computed."""

WIDEST = 1e6
"""Standard deviation of a lognormal over its mean."""

LEAST_PART = 1e-6
"""Probability that a truncation must leave."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What makes a range impossible."""

    message: str
    found: str
    expected: str
    remedy: str | None = None


def problems(
    kind: Kind, parameters: tuple[float, ...], low: float | None = None, high: float | None = None
) -> list[Problem]:
    """Why no such range exists; empty where it does. What `scipy` knows of a distribution is not looked at."""
    wanted = _count(kind, len(parameters))
    if wanted is not None:
        return [Problem("is no range", f"{kind} of {len(parameters)} numbers", wanted)]
    given = (*parameters, *(side for side in (low, high) if side is not None))
    if not all(math.isfinite(x) for x in given):
        return [Problem("is not finite", numbers(given), "finite numbers")]
    found = list(_shape(kind, parameters))
    return found or list(_truncation(kind, parameters, low, high))


def pairs(parameters: tuple[float, ...]) -> list[tuple[float, float]]:
    """The pairs that a discrete or a cumulative range lists: value and weight, value and probability."""
    return list(zip(parameters[::2], parameters[1::2], strict=True))


def support(kind: Kind, parameters: tuple[float, ...]) -> tuple[float, float]:
    """The least and the greatest value, before truncation."""
    match kind:
        case "normal":
            return -math.inf, math.inf
        case "lognormal":
            return 0.0, math.inf
        case "bernoulli":
            return 0.0, 1.0
        case "beta":
            return parameters[2], parameters[3]
        case "discrete" | "cumulative":
            return min(parameters[::2]), max(parameters[::2])
        case _:
            return min(parameters), max(parameters)


def mode(kind: Kind, parameters: tuple[float, ...]) -> float | None:
    """The most likely value; None where there is none, or no single one."""
    match kind:
        case "pert" | "triangular":
            return parameters[1]
        case "normal":
            return parameters[0]
        case "lognormal":
            mean, sd = parameters
            variation = sd / mean
            return mean / math.pow(1 + variation * variation, 1.5)
        case "beta":
            alpha, beta, low, high = parameters
            inside = alpha >= 1 and beta >= 1 and alpha + beta > 2
            return low + (high - low) * ((alpha - 1) / (alpha + beta - 2)) if inside else None
        case _:
            return None


def numbers(values: tuple[float, ...]) -> str:
    """Numbers as a fault shows them."""
    shown = [f"{value:.15g}" for value in values]
    return f"[{', '.join(shown if len(shown) <= 8 else [*shown[:6], '…', shown[-1]])}]"


def _count(kind: Kind, count: int) -> str | None:
    """How many parameters the kind has, where these are not as many."""
    if kind in ("discrete", "cumulative"):
        return None if count >= 4 and count % 2 == 0 else "two or more pairs"
    if kind == "empirical":
        return None if count >= 2 else "two or more numbers"
    if kind not in COUNTS:  # what a program may write, whatever the type says
        return f"one of {', '.join(KINDS)}"
    wanted = COUNTS[kind]
    return None if count == wanted else f"{wanted} number{'s' if wanted > 1 else ''}"


def _shape(kind: Kind, parameters: tuple[float, ...]) -> Iterator[Problem]:
    match kind:
        case "normal" | "lognormal":
            yield from _normal(kind, *parameters)
        case "beta":
            for name, value in zip(("alpha", "beta"), parameters, strict=False):
                if not SHAPE_LOW <= value <= SHAPE_HIGH:
                    expected = f"from {SHAPE_LOW:g} to {SHAPE_HIGH:g}"
                    yield Problem("is impossible", f"{name} {value:.15g}", expected)
            yield from _width(parameters[2:], "low below high")
        case "discrete":
            yield from _weights(pairs(parameters))
        case "cumulative":
            yield from _points(pairs(parameters))
        case "empirical":
            if len(set(parameters)) == 1:
                yield Problem("has no spread", numbers(parameters), "two or more values", "leave the range out")
        case "bernoulli":
            if not 0 < parameters[0] < 1:
                expected, remedy = "a probability between 0 and 1", "leave the range out if it is certain"
                yield Problem("is impossible", f"{parameters[0]:.15g}", expected, remedy)
        case "pert" | "triangular" | "uniform":
            least, greatest = parameters[0], parameters[-1]
            yield from _width(parameters, "minimum below maximum")
            if len(parameters) == 3 and least < greatest and not least <= parameters[1] <= greatest:
                between = f"between {least:.15g} and {greatest:.15g}"
                yield Problem("has its mode outside its bounds", f"mode {parameters[1]:.15g}", between)


def _width(ends: tuple[float, ...], expected: str) -> Iterator[Problem]:
    if ends[0] == ends[-1]:
        yield Problem("has no width", numbers(ends), expected, "leave the range out")
    elif ends[0] > ends[-1]:
        yield Problem("runs backwards", numbers(ends), expected)


def _normal(kind: Kind, mean: float, sd: float) -> Iterator[Problem]:
    if sd <= 0:
        yield Problem("has no spread", f"standard deviation {sd:.15g}", "above 0", "leave the range out")
    if kind == "lognormal" and mean <= 0:
        yield Problem("is impossible", f"mean {mean:.15g}", "above 0 for a lognormal")
    elif kind == "lognormal" and sd > WIDEST * mean:
        expected = f"at most {WIDEST:,.0f} times the mean"
        yield Problem("is impossible", f"standard deviation {sd:.15g}", expected)


def _weights(listed: list[tuple[float, float]]) -> Iterator[Problem]:
    for value, weight in listed:
        if weight <= 0:
            yield Problem("has an impossible weight", f"{weight:.15g} for {value:.15g}", "above 0", "leave it out")
    values = sorted(value for value, _ in listed)
    for one, other in pairwise(values):
        if one == other:
            yield Problem("names a value twice", f"{one:.15g}", "each value once", "add their weights")


def _points(listed: list[tuple[float, float]]) -> Iterator[Problem]:
    for (value, probability), (next_value, next_probability) in pairwise(listed):
        if next_value <= value:
            yield Problem("does not rise", f"{next_value:.15g} after {value:.15g}", "values from low to high")
        if next_probability < probability:
            found = f"{next_probability:.15g} after {probability:.15g}"
            yield Problem("does not rise", found, "probabilities that never fall")
    ends = listed[0][1], listed[-1][1]
    if ends != (0.0, 1.0):
        yield Problem("does not begin at 0 and end at 1", numbers(ends), "probabilities from 0 to 1")


def _truncation(kind: Kind, parameters: tuple[float, ...], low: float | None, high: float | None) -> Iterator[Problem]:
    if low is None and high is None:
        return
    lowest = -math.inf if low is None else low
    highest = math.inf if high is None else high
    shown = f"truncate [{lowest:.15g}, {highest:.15g}]"
    if kind in IN_STEPS:
        yield Problem("cannot be truncated", shown, "a continuous distribution", "leave out the values beyond it")
        return
    if not lowest < highest:
        yield Problem("is truncated to nothing", shown, "low below high")
        return
    if kind == "scipy":
        return
    least, greatest = support(kind, parameters)
    if not (lowest < greatest and highest > least):
        yield Problem("is truncated to nothing", shown, f"a part of [{least:.15g}, {greatest:.15g}]")
        return
    peak = mode(kind, parameters)
    if peak is not None and not lowest <= peak <= highest:
        yield Problem("has its mode outside its bounds", f"mode {peak:.15g}", f"inside {shown}")
    elif kind in ("beta", "cumulative") and _part(kind, parameters, lowest, highest) < LEAST_PART:
        yield Problem("is truncated to nothing", shown, f"a part of probability {LEAST_PART:g} or more")


def _part(kind: Kind, parameters: tuple[float, ...], lowest: float, highest: float) -> float:
    """Probability between two values."""
    if kind == "cumulative":
        listed = pairs(parameters)
        return _probability(listed, highest) - _probability(listed, lowest)
    from scipy.special import betainc

    alpha, beta, low, high = parameters
    places = (min(max((x - low) / (high - low), 0.0), 1.0) for x in (lowest, highest))
    below, upto = (float(betainc(alpha, beta, place)) for place in places)
    return upto - below


def _probability(listed: list[tuple[float, float]], x: float) -> float:
    """Probability up to x, along the straight lines between points."""
    if x <= listed[0][0]:
        return 0.0
    for (value, probability), (next_value, next_probability) in pairwise(listed):
        if x <= next_value:
            return probability + (next_probability - probability) * (x - value) / (next_value - value)
    return 1.0
