"""What the forms of the book have in common: frozen, closed to unknown keys, and able to say where they stand.

Every form is the manual of its part of the book: each attribute's docstring is a line of it.
"""

from __future__ import annotations

import datetime
import math
import re
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, PrivateAttr
from pydantic_core import PydanticCustomError

from finmodel.assumptions.place import Place

MOMENT = re.compile(r"(1[89]|20|21)[0-9]{2}(-[0-9]{2}){0,2}")

Amount = float | datetime.date
"""A number in the figure's unit, or a calendar date that stands for months after close."""


class Form(BaseModel):
    """A part of the book: frozen, and closed to keys it does not know."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class Placed(Form):
    """A form that knows where it stands in the book."""

    _place: Place | None = PrivateAttr(default=None)

    @property
    def place(self) -> Place | None:
        """Where it stands; None where a program made it."""
        return self._place

    def placed(self, place: Place) -> Self:
        """The same, standing there."""
        copy = self.model_copy()
        copy._place = place
        return copy


def wrong(expected: str) -> PydanticCustomError:
    """The error that a form raises: what it expected, in words."""
    return PydanticCustomError("form", "{expected}", {"expected": expected})


def amount(value: object) -> Amount:
    """The value as a number or a date, else pydantic's error."""
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    return number(value, "a number, or a calendar date (YYYY-MM-DD)")


def number(value: object, expected: str = "a number") -> float:
    """The value as a finite number, else pydantic's error."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(expected)
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise wrong("a finite number")
    return found


def moment(value: object) -> str:
    """The value as the text of a year, month or day, else pydantic's error."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    text = str(value) if isinstance(value, int) else value
    if isinstance(text, str) and MOMENT.fullmatch(text):
        try:
            datetime.date.fromisoformat(f"{text}-01-01"[:10])
        except ValueError as fault:
            raise wrong("a day of the calendar") from fault
        return text
    raise wrong("a year, month or day (YYYY, YYYY-MM or YYYY-MM-DD)")


Written = Annotated[int, Field(ge=1800, le=2199)] | Annotated[str, Field(pattern=f"^{MOMENT.pattern}$")]
"""A moment as YAML reads it: a year is a number."""

Moment = Annotated[str, PlainValidator(moment, json_schema_input_type=Written)]
"""A year, month or day, as text."""
