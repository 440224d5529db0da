"""Ranges: the distribution of an uncertain figure, stated and checked. `simulate` draws from it.

| kind | parameters |
|---|---|
| `pert` | minimum, most likely, maximum: a beta on [minimum, maximum] with mean (minimum + 4 mode + maximum) / 6 |
| `triangular` | minimum, most likely, maximum |
| `uniform` | lowest, highest |
| `normal` | mean, standard deviation |
| `lognormal` | mean, standard deviation of the figure itself (not of its logarithm) |
| `beta` | alpha, beta, lowest, highest |
| `cumulative` | value, probability of at most this value, and so on; straight lines between the points |
| `discrete` | value, weight, and so on |
| `empirical` | the data: each draw is one of them |
| `bernoulli` | the probability of 1; else 0 |
| `scipy` | what is added to a distribution of `scipy.stats`, and what multiplies it |

The continuous ones may be truncated: draws are then from the part of the distribution between `low` and `high`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from finmodel.assumptions.frozen import Frozen, digest, in_steps, name_of
from finmodel.assumptions.possible import IN_STEPS, Kind, mode, pairs, problems, support

LISTED_AT_MOST = 6
"""Points that a reader is shown; of more, how many there are."""

LABELS: dict[Kind, tuple[str, ...]] = {
    "pert": ("minimum", "mode", "maximum"),
    "triangular": ("minimum", "mode", "maximum"),
    "uniform": ("low", "high"),
    "normal": ("mean", "sd"),
    "lognormal": ("mean", "sd"),
    "beta": ("alpha", "beta", "low", "high"),
}


@dataclass(frozen=True, slots=True)
class Range:
    """A distribution, its parameters in the unit of its input.

    Attributes
    ----------
    kind
        One of `possible.KINDS`, or ``"scipy"``.
    parameters
        As the table of this module says.
    low, high
        Truncation, None where that side is open.
    distribution
        Of the kind ``"scipy"``: what draws.
    name, digest
        What people call `distribution`, and what tells it from any other.

    Raises
    ------
    ValueError
        Where no such distribution exists; `possible.problems` lists why.
    """

    kind: Kind
    parameters: tuple[float, ...]
    low: float | None = None
    high: float | None = None
    distribution: Frozen | None = field(default=None, repr=False, compare=False)
    name: str = ""
    digest: str = ""

    def __post_init__(self) -> None:
        found = problems(self.kind, self.parameters, self.low, self.high)
        if found:
            raise ValueError("; ".join(f"{one.message}: {one.found}, expected {one.expected}" for one in found))

    @classmethod
    def of(cls, distribution: Frozen, low: float | None = None, high: float | None = None) -> Range:
        """The range of a frozen distribution of `scipy.stats`, of which `frozen.problem_of` finds nothing wrong."""
        return cls("scipy", (0.0, 1.0), low, high, distribution, name_of(distribution), digest(distribution))

    @property
    def support(self) -> tuple[float, float]:
        """The least and the greatest value that can be drawn, truncation included."""
        if self.distribution is None:
            low, high = support(self.kind, self.parameters)
        else:
            shift, factor = self.parameters
            low, high = (shift + factor * float(side) for side in self.distribution.support())
        return (
            low if self.low is None else max(low, self.low),
            high if self.high is None else min(high, self.high),
        )

    @property
    def mode(self) -> float | None:
        """The most likely value; None where there is none, or no single one."""
        return mode(self.kind, self.parameters)

    @property
    def in_steps(self) -> bool:
        """Whether some values are drawn and none between; such a range cannot be truncated."""
        return self.kind in IN_STEPS or (self.distribution is not None and in_steps(self.distribution))

    @property
    def pairs(self) -> list[tuple[float, float]]:
        """The points of a discrete or a cumulative range: value and weight, value and probability."""
        return pairs(self.parameters)

    def scaled(self, factor: float) -> Range:
        """The range of `factor` times the figure, `factor` above 0."""
        if not factor > 0:
            raise ValueError(f"a range is scaled by a number above 0, not {factor:.15g}")
        return self.converted(lambda x: x * factor)

    def shifted(self, amount: float) -> Range:
        """The range of the figure plus `amount`. A lognormal cannot be shifted: it begins at 0."""
        if self.kind == "lognormal":
            raise ValueError("a lognormal range begins at 0 and cannot be shifted")
        return self._mapped(lambda x: x + amount, lambda spread: spread)

    def converted(self, scale: Callable[[float], float]) -> Range:
        """The range in another unit, `scale` being a multiplication."""
        return self._mapped(scale, scale)

    def __str__(self) -> str:
        """The distribution as a reader sees it."""
        sides = ((self.low, "at least"), (self.high, "at most"))
        cut = ", ".join(f"{words} {side:,.12g}" for side, words in sides if side is not None)
        return f"{self.kind}: {self._stated()}" + (f"; {cut}" if cut else "")

    @property
    def brief(self) -> str:
        """The distribution in few characters."""
        sides = ((self.low, "from"), (self.high, "to"))
        cut = "".join(f" {word} {side:,.6g}" for side, word in sides if side is not None)
        many = self.kind not in LABELS and self.kind != "bernoulli"
        stated = self._stated() if many else "/".join(f"{value:,.6g}" for value in self.parameters)
        return f"{self.kind} {stated}{cut}"

    def _stated(self) -> str:
        if self.kind in LABELS:
            named = zip(LABELS[self.kind], self.parameters, strict=True)
            return ", ".join(f"{label} {value:,.12g}" for label, value in named)
        match self.kind:
            case "bernoulli":
                return f"1 with probability {self.parameters[0]:.12g}, else 0"
            case "scipy":
                shift, factor = self.parameters
                times = "" if factor == 1 else f" times {factor:,.12g}"
                return f"{self.name}{times}" + ("" if shift == 0 else f" plus {shift:,.12g}")
            case "discrete" if len(self.pairs) <= LISTED_AT_MOST:
                whole = sum(weight for _, weight in self.pairs)
                return ", ".join(f"{value:,.12g} with {100 * weight / whole:.4g} %" for value, weight in self.pairs)
            case "cumulative" if len(self.pairs) <= LISTED_AT_MOST:
                return ", ".join(f"{100 * share:.4g} % up to {value:,.12g}" for value, share in self.pairs)
            case _:
                count = len(self.parameters) if self.kind == "empirical" else len(self.pairs)
                low, high = support(self.kind, self.parameters)
                return f"{count:,} values from {low:,.12g} to {high:,.12g}"

    def _mapped(self, place: Callable[[float], float], spread: Callable[[float], float]) -> Range:
        """The range with its values at other places; a bernoulli range that is moved is a discrete one."""
        if self.kind == "bernoulli":
            off, on, chance = place(0.0), place(1.0), self.parameters[0]
            return self if (off, on) == (0.0, 1.0) else Range("discrete", (off, 1.0 - chance, on, chance))
        return replace(
            self,
            parameters=self._placed(place, spread),
            low=None if self.low is None else place(self.low),
            high=None if self.high is None else place(self.high),
        )

    def _placed(self, place: Callable[[float], float], spread: Callable[[float], float]) -> tuple[float, ...]:
        given = self.parameters
        match self.kind:
            case "normal" | "lognormal" | "scipy":
                return place(given[0]), spread(given[1])
            case "beta":
                return *given[:2], place(given[2]), place(given[3])
            case "discrete" | "cumulative":
                return tuple(x for value, number in self.pairs for x in (place(value), number))
            case _:
                return tuple(place(value) for value in given)
