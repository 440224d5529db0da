"""Figures: a value with its unit, source, date, grade and, where it is uncertain, its range."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Annotated, Literal, get_args

from pydantic import ConfigDict, Field, PlainValidator, model_validator

from finmodel.assumptions.forms import Amount, Form, Moment, Placed, Written, amount, moment, number, wrong
from finmodel.assumptions.range import KINDS, Kind

Grade = Literal["primary", "secondary", "estimate"]
GRADES: tuple[Grade, ...] = get_args(Grade)
"""Grades of evidence, strongest first: the publisher of the fact itself, somebody who reports it, a judgement."""


def weakest(grades: Iterable[Grade]) -> Grade | None:
    """The weakest of some grades; None where there are none."""
    return max(grades, key=GRADES.index, default=None)


def _list_of(*names: str) -> PlainValidator:
    """A list of amounts, by name; the one called `standard deviation` is a number."""
    expected = f"[{', '.join(names)}]"
    listed = Annotated[list[Amount], Field(min_length=len(names), max_length=len(names))]

    def check(value: object) -> tuple[Amount, ...]:
        if not isinstance(value, tuple | list) or len(value) != len(names):
            raise wrong(expected)
        return tuple(
            number(member, f"{expected}, the deviation a number") if name == "standard deviation" else amount(member)
            for name, member in zip(names, value, strict=True)
        )

    return PlainValidator(check, json_schema_input_type=listed)


Sides = Annotated[list[Amount | None], Field(min_length=2, max_length=2)]
"""A truncation as YAML reads it."""


def _truncation(value: object) -> tuple[Amount | None, Amount | None]:
    if not isinstance(value, tuple | list) or len(value) != 2 or all(side is None for side in value):
        raise wrong("[low, high], null for an open side")
    low, high = (None if side is None else amount(side) for side in value)
    return low, high


def _lognormal(value: object) -> Percentiles | tuple[float, float]:
    expected = "[mean, standard deviation] or {p10: number, p90: number}"
    if isinstance(value, tuple | list) and len(value) == 2:
        return number(value[0], expected), number(value[1], expected)
    if isinstance(value, dict) and set(value) == {"p10", "p90"}:
        return Percentiles(p10=number(value["p10"], expected), p90=number(value["p90"], expected))
    raise wrong(expected)


class Percentiles(Form):
    """A lognormal by two of its percentiles."""

    p10: float
    """One draw in ten lies below."""
    p90: float
    """One draw in ten lies above."""


Lognormal = Annotated[list[float], Field(min_length=2, max_length=2)] | Percentiles
"""A lognormal as YAML reads it."""


class StatedRange(Form):
    """A range as the book states it, in the figure's unit: one kind, and a truncation if wanted."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [kind]} for kind in KINDS]})

    pert: Annotated[tuple[Amount, ...] | None, _list_of("minimum", "most likely", "maximum")] = None
    """Minimum, most likely, maximum; a beta that leans to the most likely."""
    triangular: Annotated[tuple[Amount, ...] | None, _list_of("minimum", "most likely", "maximum")] = None
    """Minimum, most likely, maximum; a triangle."""
    uniform: Annotated[tuple[Amount, ...] | None, _list_of("low", "high")] = None
    """Lowest and highest, all between alike."""
    normal: Annotated[tuple[Amount, ...] | None, _list_of("mean", "standard deviation")] = None
    """Mean and standard deviation."""
    lognormal: Annotated[
        tuple[float, float] | Percentiles | None, PlainValidator(_lognormal, json_schema_input_type=Lognormal)
    ] = None
    """Mean and standard deviation of the figure itself, or its 10th and 90th percentiles."""
    truncate: Annotated[
        tuple[Amount | None, Amount | None] | None, PlainValidator(_truncation, json_schema_input_type=Sides)
    ] = None
    """Lowest and highest draw; null leaves a side open."""

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
    def parameters(self) -> tuple[Amount, ...] | Percentiles:
        """Its parameters, in the order of `range.Range`."""
        found: tuple[Amount, ...] | Percentiles = getattr(self, self.kind)
        return found


class Figure(Placed):
    """A sourced value."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["unit"]}, {"properties": {"value": {"type": "string"}}}]}
    )

    value: Annotated[Amount, PlainValidator(amount, json_schema_input_type=Amount)]
    """The figure of the base case: a number in `unit`, or a calendar date."""
    unit: str = ""
    """Any unit that converts to the input's; may be left out where the value is a date."""
    source: str | None = None
    """A key of sources.yaml; primary and secondary figures need one."""
    as_of: Moment
    """When the figure held: YYYY, YYYY-MM or YYYY-MM-DD."""
    grade: Grade
    """primary: the publisher of the fact itself; secondary: somebody who reports it; estimate: a judgement."""
    note: str = ""
    """What a reader should know; without a source, why this figure."""
    range: StatedRange | None = None
    """How uncertain it is; a figure without a range is certain."""

    @model_validator(mode="after")
    def _has_unit(self) -> Figure:
        if not self.unit and not isinstance(self.value, datetime.date):
            raise wrong("a unit beside the value")
        return self


class Change(Placed):
    """What a scenario does to a figure: multiplies it or adds to it, range included."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["times"]}, {"required": ["plus", "unit"]}]})

    times: Annotated[float | None, PlainValidator(number, json_schema_input_type=float)] = None
    """A factor."""
    plus: Annotated[float | None, PlainValidator(number, json_schema_input_type=float)] = None
    """An amount in `unit`."""
    unit: str = ""
    """The unit of `plus`."""
    note: str
    """Why."""
    source: str | None = None
    """A key of sources.yaml."""
    grade: Grade = "estimate"
    """Of the change; the changed figure has the weaker of both grades."""

    @model_validator(mode="after")
    def _one_change(self) -> Change:
        if (self.times is None) == (self.plus is None):
            raise wrong("either times or plus")
        if (self.plus is None) != (not self.unit):
            raise wrong("times without a unit, or plus with its unit")
        return self


class Correlation(Placed):
    """A rank correlation between two uncertain figures."""

    between: tuple[str, str]
    """The two inputs."""
    rank: Annotated[float, PlainValidator(number, json_schema_input_type=float)]
    """Spearman's, from -1 to 1."""
    source: str | None = None
    """A key of sources.yaml; primary and secondary figures need one."""
    as_of: Annotated[str | None, PlainValidator(moment, json_schema_input_type=Written)] = None
    """When it held."""
    grade: Grade
    """As of a figure."""
    note: str = ""
    """Without a source, why."""

    @property
    def name(self) -> str:
        """Both inputs, as a fault names them."""
        return f"{self.between[0]} ~ {self.between[1]}"
