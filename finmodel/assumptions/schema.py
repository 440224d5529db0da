"""The files of the book: components, cases, scenarios and sources."""

from __future__ import annotations

import calendar
import datetime
import re
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, PlainValidator, model_validator

from finmodel.assumptions.forms import Form, Written, moment, wrong
from finmodel.graph.model import HIGHEST_COHORT

MEMBER = re.compile(r"[a-z][a-z0-9_]*")
PARTS_OF_A_BALANCE = ("opening", "added", "less")

Names = Annotated[
    list[Annotated[str, Field(pattern=f"^{MEMBER.pattern}$")]], Field(min_length=1, max_length=HIGHEST_COHORT)
]
"""Names of members of a cohort as YAML reads them."""


def _name(value: object) -> str:
    if not isinstance(value, str) or not MEMBER.fullmatch(value) or value in PARTS_OF_A_BALANCE:
        raise wrong("a name of lower-case letters, digits and underscores, a letter first")
    return value


Name = Annotated[
    str, PlainValidator(_name, json_schema_input_type=Annotated[str, Field(pattern=f"^{MEMBER.pattern}$")])
]
"""The name of a member of a cohort."""


def _members(value: object) -> tuple[str, ...]:
    expected = f"a list of 1 to {HIGHEST_COHORT} different names, of lower-case letters, digits and underscores"
    if not isinstance(value, tuple | list) or not 1 <= len(value) <= HIGHEST_COHORT:
        raise wrong(expected)
    if len(set(map(str, value))) < len(value):
        raise wrong(expected)
    for name in value:
        if not isinstance(name, str) or not MEMBER.fullmatch(name) or name in PARTS_OF_A_BALANCE:
            raise wrong(expected)
    return tuple(value)


def _close(value: object) -> datetime.date:
    if not isinstance(value, datetime.date):
        raise wrong("a calendar date (YYYY-MM-DD)")
    last = calendar.monthrange(value.year, value.month)[1]
    if value.day != last:
        raise wrong(f"a month's last day, such as {value.replace(day=last)}")
    return value


class Tranche(Form):
    """What kind of debt a tranche is: its size, rates and dates are figures."""

    finances: Literal["project", "facility", "hardware"]
    """What it pays for: the whole project, the building and its plant, or the hardware."""
    sizing: Literal["gearing", "dscr", "smaller"] = "gearing"
    """What limits it: a share of the cost, the cash flow that covers its service, or the smaller of the two."""
    repayment: Literal["annuity", "equal_principal", "sculpted"] = "annuity"
    """Level payments, level repayments of principal, or payments in proportion to the cash flow."""
    draws: Literal["pro_rata", "equity_first"] = "pro_rata"
    """Drawn beside equity in a fixed proportion, or once the equity is spent."""

    @property
    def traits(self) -> dict[str, str]:
        """Its kinds by key."""
        return self.model_dump()


Tranches = Annotated[
    dict[Name, Tranche], Field(max_length=HIGHEST_COHORT, json_schema_extra={"additionalProperties": False})
]
"""Tranches by name, in order."""


class Structure(Form):
    """What builds the model, and no scenario can change: periods and the names of cohorts."""

    close: Annotated[datetime.date, PlainValidator(_close, json_schema_input_type=datetime.date)]
    """Financial close, the last day of a month; period 0."""
    periods: Annotated[int, Field(ge=1, le=1200)]
    """How many periods follow close."""
    per_year: Literal[1, 2, 4, 12] = 12
    """Periods a year: 12 for months, 4 for quarters, 1 for years."""
    phases: Annotated[tuple[str, ...], PlainValidator(_members, json_schema_input_type=Names)]
    """Names of the phases, in order."""
    generations: Annotated[tuple[str, ...], PlainValidator(_members, json_schema_input_type=Names)] = ("original",)
    """Names of the generations of hardware, in order."""
    recovery_years: Annotated[tuple[str, ...], PlainValidator(_members, json_schema_input_type=Names)] = (
        *("y1", "y2", "y3", "y4", "y5", "y6"),
    )
    """Names of the tax years in a table of depreciation, the year of entry into service first."""
    tax_year_end: Annotated[int, Field(ge=1, le=12)] = 12
    """Calendar month in which the tax year ends."""
    tranches: Tranches = Field(default_factory=dict)
    """Tranches of debt by name, in order; those of the financing where none are given, {} for no debt."""


class Composed(Form):
    """What component and case have in common."""

    title: str
    """What it is, in a few words."""
    description: str = ""
    """A sentence or two for readers."""
    extends: tuple[str, ...] = ()
    """Files that this one builds on, such as platforms/gb300-nvl72; their figures may not overlap."""
    figures: dict[str, Any] = Field(default_factory=dict)
    """Figures by the input's name; they replace those of the files it builds on, whole."""


class ComponentFile(Composed):
    """A platform or a facility."""


class FinanceFile(Composed):
    """A financing: figures, and the tranches of debt that they are for."""

    tranches: Tranches = Field(default_factory=dict)
    """Tranches of debt by name, for cases whose structure gives none."""


class RegionFile(Composed):
    """A region: figures in its currency."""

    currency: str
    """ISO code; `local` in units of figures and lines."""


class CaseFile(Composed):
    """A case: components, structure, its own figures, correlations and scenarios."""

    structure: dict[str, Any] | None = None
    """Timeline and cohorts, a `Structure`; taken from the case that it extends where it gives none."""
    correlations: tuple[Any, ...] = ()
    """Rank correlations between uncertain figures; a pair that is not given is independent."""
    repair: Literal["nearest"] | None = None
    """`nearest`: take the nearest possible correlations where those given are impossible together."""
    scenarios: tuple[str, ...] = ()
    """Names of the scenarios that apply, files of scenarios/; `base`, the book as it stands, always does."""
    scenario_figures: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """By scenario and input, figures and changes of this case in place of those in the scenario's file; null: none."""


class ScenarioFile(Form):
    """A scenario: figures of its own, and changes to those of the case."""

    title: str
    """What it is, in a few words."""
    description: str = ""
    """A sentence or two for readers."""
    figures: dict[str, Any]
    """By the input's name: a whole figure, or `times` or `plus`."""


class Source(Form):
    """Where a figure comes from."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["url"]}, {"properties": {"verified": {"const": False}}}]}
    )

    title: str
    """Of the page, report or data set."""
    publisher: str
    """Who answers for it."""
    verified: bool
    """Whether the page was seen; what it says is an estimate until then."""
    url: str | None = None
    """Its address."""
    date: Annotated[str | None, PlainValidator(moment, json_schema_input_type=Written)] = None
    """Of publication."""
    accessed: Annotated[str | None, PlainValidator(moment, json_schema_input_type=Written)] = None
    """When it was seen."""
    note: str = ""
    """What a reader should know."""

    @model_validator(mode="after")
    def _can_be_found(self) -> Source:
        if self.verified and self.url is None:
            raise wrong("a url, since the source is verified")
        if self.url is not None and not re.match(r"https?://\S+$", self.url):
            raise wrong("a url that begins with http:// or https://, or none")
        return self
