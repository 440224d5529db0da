"""Ranges as the book states them: one kind, in the figure's own unit, amounts of time as calendar dates if wanted."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, PlainValidator, model_validator

from finmodel.assumptions.forms import Amount, Form, amount, number, wrong
from finmodel.assumptions.possible import KINDS, Kind

POINTS_AT_MOST = 50_000
"""Values of one range."""


class Percentiles(Form):
    """A lognormal by two of its percentiles."""

    p10: float
    """One draw in ten lies below."""
    p90: float
    """One draw in ten lies above."""


class ModeAndPercentiles(Form):
    """A triangular distribution by its mode and two of its percentiles."""

    p10: Annotated[Amount, PlainValidator(amount, json_schema_input_type=Amount)]
    """One draw in ten lies below."""
    mode: Annotated[Amount, PlainValidator(amount, json_schema_input_type=Amount)]
    """The most likely value."""
    p90: Annotated[Amount, PlainValidator(amount, json_schema_input_type=Amount)]
    """One draw in ten lies above."""


class StatedBeta(Form):
    """A beta distribution from `low` to `high`."""

    alpha: Annotated[float, PlainValidator(number, json_schema_input_type=float)]
    """The larger, the less lies near `low`."""
    beta: Annotated[float, PlainValidator(number, json_schema_input_type=float)]
    """The larger, the less lies near `high`."""
    low: Annotated[Amount, PlainValidator(amount, json_schema_input_type=Amount)]
    """The least value."""
    high: Annotated[Amount, PlainValidator(amount, json_schema_input_type=Amount)]
    """The greatest value."""


Points = Annotated[
    list[Annotated[list[Amount], Field(min_length=2, max_length=2)]], Field(min_length=2, max_length=POINTS_AT_MOST)
]
"""Pairs as YAML reads them."""


def _list_of(*names: str) -> PlainValidator:
    """A list of amounts, by name; the one called `standard deviation` is a number."""
    expected = f"[{', '.join(names)}]"
    listed = Annotated[list[Amount], Field(min_length=len(names), max_length=len(names))]

    def check(value: object) -> tuple[Amount, ...]:
        return _listed(value, names, expected)

    return PlainValidator(check, json_schema_input_type=listed)


def _listed(value: object, names: tuple[str, ...], expected: str) -> tuple[Amount, ...]:
    if not isinstance(value, tuple | list) or len(value) != len(names):
        raise wrong(expected)
    return tuple(
        number(member, f"{expected}, the deviation a number") if name == "standard deviation" else amount(member)
        for name, member in zip(names, value, strict=True)
    )


def _triangular(value: object) -> ModeAndPercentiles | tuple[Amount, ...]:
    expected = "[minimum, most likely, maximum] or {p10: amount, mode: amount, p90: amount}"
    if isinstance(value, dict) and set(value) == {"p10", "mode", "p90"}:
        return ModeAndPercentiles(p10=amount(value["p10"]), mode=amount(value["mode"]), p90=amount(value["p90"]))
    return _listed(value, ("minimum", "most likely", "maximum"), expected)


def _lognormal(value: object) -> Percentiles | tuple[float, ...]:
    expected = "[mean, standard deviation] or {p10: number, p90: number}"
    if isinstance(value, tuple | list) and len(value) == 2:
        return number(value[0], expected), number(value[1], expected)
    if isinstance(value, dict) and set(value) == {"p10", "p90"}:
        return Percentiles(p10=number(value["p10"], expected), p90=number(value["p90"], expected))
    raise wrong(expected)


def _pairs_of(name: str) -> PlainValidator:
    """A list of pairs: an amount and what is said of it."""
    expected = f"[[value, {name}], [value, {name}], ...], two or more pairs"

    def check(value: object) -> tuple[tuple[Amount, float], ...]:
        members = _several(value, expected)
        if not all(isinstance(member, tuple | list) and len(member) == 2 for member in members):
            raise wrong(expected)
        return tuple((amount(member[0]), number(member[1], f"{expected}, the {name} a number")) for member in members)

    return PlainValidator(check, json_schema_input_type=Points)


def _data(value: object) -> tuple[Amount, ...]:
    return tuple(amount(member) for member in _several(value, "a list of two or more values"))


def _several(value: object, expected: str) -> tuple[Any, ...]:
    if not isinstance(value, tuple | list) or len(value) < 2:
        raise wrong(expected)
    if len(value) > POINTS_AT_MOST:
        raise wrong(f"at most {POINTS_AT_MOST:,} values")
    return tuple(value)


Sides = Annotated[list[Amount | None], Field(min_length=2, max_length=2)]
"""A truncation as YAML reads it."""


def _truncation(value: object) -> tuple[Amount | None, Amount | None]:
    if not isinstance(value, tuple | list) or len(value) != 2 or all(side is None for side in value):
        raise wrong("[low, high], null for an open side")
    low, high = (None if side is None else amount(side) for side in value)
    return low, high


Triangle = Annotated[list[Amount], Field(min_length=3, max_length=3)] | ModeAndPercentiles
"""A triangular distribution as YAML reads it."""

Lognormal = Annotated[list[float], Field(min_length=2, max_length=2)] | Percentiles
"""A lognormal as YAML reads it."""

Data = Annotated[list[Amount], Field(min_length=2, max_length=POINTS_AT_MOST)]
"""Data as YAML reads them."""

Pairs = tuple[tuple[Amount, float], ...]
Stated = tuple[Amount, ...] | Pairs | Percentiles | ModeAndPercentiles | StatedBeta | float
"""What may stand under the name of a kind."""


class StatedRange(Form):
    """A range as the book states it, in the figure's unit: one kind, and a truncation if wanted."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [kind]} for kind in KINDS]})

    pert: Annotated[tuple[Amount, ...] | None, _list_of("minimum", "most likely", "maximum")] = None
    """Minimum, most likely, maximum; a beta that leans to the most likely."""
    triangular: Annotated[
        tuple[Amount, ...] | ModeAndPercentiles | None, PlainValidator(_triangular, json_schema_input_type=Triangle)
    ] = None
    """Minimum, most likely, maximum; a triangle. Or its 10th percentile, mode and 90th percentile."""
    uniform: Annotated[tuple[Amount, ...] | None, _list_of("low", "high")] = None
    """Lowest and highest, all between alike."""
    normal: Annotated[tuple[Amount, ...] | None, _list_of("mean", "standard deviation")] = None
    """Mean and standard deviation."""
    lognormal: Annotated[
        tuple[float, ...] | Percentiles | None, PlainValidator(_lognormal, json_schema_input_type=Lognormal)
    ] = None
    """Mean and standard deviation of the figure itself, or its 10th and 90th percentiles."""
    beta: StatedBeta | None = None
    """A beta distribution by alpha and beta, from low to high."""
    cumulative: Annotated[Pairs | None, _pairs_of("probability")] = None
    """Values from low to high, each with the probability of at most that value, from 0 to 1; straight lines between."""
    discrete: Annotated[Pairs | None, _pairs_of("weight")] = None
    """Values, each with its weight; nothing between is drawn."""
    empirical: Annotated[tuple[Amount, ...] | None, PlainValidator(_data, json_schema_input_type=Data)] = None
    """Data: each draw is one of them, all as often as the number of paths allows."""
    bernoulli: Annotated[float | None, PlainValidator(number, json_schema_input_type=float)] = None
    """The probability of 1; else 0 is drawn."""
    truncate: Annotated[
        tuple[Amount | None, Amount | None] | None, PlainValidator(_truncation, json_schema_input_type=Sides)
    ] = None
    """Lowest and highest draw of a continuous kind; null leaves a side open."""

    @model_validator(mode="after")
    def _one_kind(self) -> StatedRange:
        if len(self.model_fields_set - {"truncate"}) != 1:
            raise wrong(f"one of {', '.join(KINDS)}")
        return self

    @property
    def kind(self) -> Kind:
        """Which distribution."""
        return next(kind for kind in KINDS if kind in self.model_fields_set)

    @property
    def parameters(self) -> Stated:
        """What is said of it."""
        found: Stated = getattr(self, self.kind)
        return found
