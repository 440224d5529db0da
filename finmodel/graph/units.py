"""Units: what can be added to what, and which factor lies between two scales of one quantity.

The registry is our own short text: 1 year = 8,760 h = 12 months, each currency its own dimension. pint reads the text
of a unit once; the algebra on expressions is a few lines of our own, since a model checks thousands of nodes.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from tokenize import TokenError
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pint

CURRENCIES = (
    *("USD", "EUR", "SEK", "NOK", "DKK", "GBP", "CHF", "PLN", "JPY", "KRW", "INR", "MYR", "SGD", "IDR"),
    *("AED", "SAR", "QAR", "KZT", "CAD", "BRL", "AUD"),
)
"""Currencies that a figure may name; `local` stands for the region's own."""

DEFINITIONS = f"""
{chr(10).join(f"{code} = [{code}]" for code in CURRENCIES)}
local = [local]
rack = [rack]
server = [server]
GPU = [GPU]
kGPU = 1000 GPU
CPU = [CPU]
FTE = [FTE]
site = [site]
token = [token]
Mtoken = 1e6 token
hour = [time] = h
day = 24 h
week = 168 h
month = 730 h
year = 8760 h
minute = h / 60
second = h / 3600 = s
kW = [power]
W = 0.001 kW
MW = 1000 kW
GW = 1000000 kW
Wh = 0.001 kWh
kWh = kW * h
MWh = 1000 kWh
GWh = 1000000 kWh
TWh = 1000000000 kWh
kg = [mass]
g = 0.001 kg
tonne = 1000 kg
m3 = [volume]
litre = 0.001 m3
percent = 0.01 = %
"""

TOLERANCE = 1e-12
LONGEST = 80
EXPONENT = re.compile(r"\*\*\s*-?\d+(\.\d+)?")
NUMBER = re.compile(r"(?<![A-Za-z_])\d[\d.]*")


@dataclass(frozen=True)
class Unit:
    """A scale and the powers of its dimensions, in order of name."""

    scale: float
    powers: tuple[tuple[str, Fraction], ...]

    def __mul__(self, other: Unit) -> Unit:
        return self._combined(other, 1)

    def __truediv__(self, other: Unit) -> Unit:
        return self._combined(other, -1)

    def _combined(self, other: Unit, sign: int) -> Unit:
        powers = dict(self.powers)
        for name, exponent in other.powers:
            powers[name] = powers.get(name, Fraction(0)) + sign * exponent
        kept = tuple(sorted((name, exponent) for name, exponent in powers.items() if exponent))
        return Unit(self.scale * other.scale if sign > 0 else self.scale / other.scale, kept)

    def raised(self, exponent: float) -> Unit:
        """The unit of a quantity raised to a constant.

        Raises
        ------
        ValueError
            Where its scale is beyond all numbers.
        """
        exact = Fraction(exponent).limit_denominator(64)
        try:
            scale = self.scale**exponent
        except OverflowError:
            scale = math.inf
        if not (math.isfinite(scale) and scale > 0):
            raise ValueError(f"{self} to the power {exponent:g} is out of bounds")
        return Unit(scale, tuple((name, old * exact) for name, old in self.powers if old * exact))

    def same_dimension(self, other: Unit) -> bool:
        """Whether quantities of both units differ by a factor only."""
        return self.powers == other.powers

    def equals(self, other: Unit) -> bool:
        """Whether dimension and scale agree."""
        return self.same_dimension(other) and math.isclose(self.scale, other.scale, rel_tol=TOLERANCE)

    def __str__(self) -> str:
        choices = [SHOWN.get(name, ((name, 1.0),)) for name, _ in self.powers]
        for chosen in itertools.product(*choices):
            scale = math.prod(size ** float(e) for (_, size), (_, e) in zip(chosen, self.powers, strict=True))
            if math.isclose(scale, self.scale, rel_tol=TOLERANCE):
                return _written([(name, e) for (name, _), (_, e) in zip(chosen, self.powers, strict=True)])
        base = [(SHOWN[name][0][0] if name in SHOWN else name, exponent) for name, exponent in self.powers]
        return f"{self.scale:g} {_written(base)}"


SHOWN: dict[str, tuple[tuple[str, float], ...]] = {
    "time": (("h", 1.0), ("month", 730.0), ("year", 8760.0)),
    "power": (("kW", 1.0), ("MW", 1e3), ("GW", 1e6)),
    "mass": (("kg", 1.0), ("tonne", 1e3)),
    "volume": (("m3", 1.0),),
    "token": (("token", 1.0), ("Mtoken", 1e6)),
}
"""How a dimension whose name is no unit, or that has several scales, is written."""


def _written(powers: list[tuple[str, Fraction]]) -> str:
    def raised(name: str, exponent: Fraction) -> str:
        return name if exponent == 1 else f"{name}**{float(exponent):g}"

    above = [raised(name, e) for name, e in powers if e > 0]
    below = [raised(name, -e) for name, e in powers if e < 0]
    return "/".join(["*".join(above) or "1", *below])


ONE = Unit(1.0, ())


@cache
def _registry() -> pint.UnitRegistry[float]:
    import pint

    return pint.UnitRegistry(DEFINITIONS.strip().splitlines(), on_redefinition="raise")


@cache
def parse(text: str) -> Unit:
    """The unit that `text` names, such as ``USD/MWh``, ``GPU*h`` or ``1/year**0.5``.

    Raises
    ------
    ValueError
        Where the text names no unit of the registry.
    """
    stripped = text.strip()
    if stripped in ("1", ""):
        return ONE
    if len(stripped) > LONGEST:
        raise ValueError(f"'{stripped[:LONGEST]}…' is too long for a unit")
    if any(number != "1" for number in NUMBER.findall(EXPONENT.sub("", stripped))):
        raise ValueError(f"'{text}' is not a unit: only 1 and exponents are numbers in a unit")
    registry = _registry()
    try:
        quantity = registry.parse_expression(stripped)
        base: Any = registry.Quantity(quantity).to_base_units()
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        SyntaxError,
        TypeError,
        ValueError,
        TokenError,
    ) as fault:
        raise ValueError(f"'{text}' is not a unit: {fault}") from fault
    powers = {
        str(name).strip("[]"): Fraction(float(exponent)).limit_denominator(64)
        for name, exponent in base.dimensionality.items()
    }
    scale = float(base.magnitude)
    if not (math.isfinite(scale) and scale > 0):
        raise ValueError(f"'{text}' is not a unit")
    return Unit(scale, tuple(sorted(powers.items())))


def factor(source: str, target: str, aliases: Mapping[str, str] | None = None) -> float:
    """What to multiply a number in `source` by to have it in `target`.

    Parameters
    ----------
    aliases
        Dimensions to read as others, such as ``{"EUR": "local"}`` for a region whose currency is the euro.

    Raises
    ------
    ValueError
        Where either is no unit, or their dimensions differ.
    """
    have, want = parse(source), parse(target)
    if aliases and not have.same_dimension(want):
        renamed = ONE
        for name, exponent in have.powers:
            renamed = renamed * Unit(1.0, ((aliases.get(name, name), exponent),))
        have = Unit(have.scale, renamed.powers)
    if not have.same_dimension(want):
        raise ValueError(f"'{source}' is not a scale of '{target}'")
    return float(f"{have.scale / want.scale:.15g}")
