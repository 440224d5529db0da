"""Figures: a value with its unit, source, date, grade and, where it is uncertain, its range."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Annotated, Literal, get_args

from pydantic import ConfigDict, PlainValidator, model_validator

from finmodel.assumptions.forms import Amount, Moment, Placed, Written, amount, moment, number, wrong
from finmodel.assumptions.stated import StatedRange

Grade = Literal["primary", "secondary", "estimate"]
GRADES: tuple[Grade, ...] = get_args(Grade)
"""Grades of evidence, strongest first: the publisher of the fact itself, somebody who reports it, a judgement."""


def weakest(grades: Iterable[Grade]) -> Grade | None:
    """The weakest of some grades; None where there are none."""
    return max(grades, key=GRADES.index, default=None)


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
