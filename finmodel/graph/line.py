"""What a modeller writes: inputs, shocks, and functions that become line items.

rack_power = Input("kW/rack", "Draw of one rack under full load.")

@line("MW")
def it_load(m):
    "Racks in service at their average draw."
    return (m.racks_in_service * m.rack_power * m.load_factor).to("MW")
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType, MappingProxyType
from typing import Any, Literal, NoReturn

from finmodel.errors import ModelFault
from finmodel.graph.nodes import Across, Cumulative, Lag, Lead, Node, Ref, lift
from finmodel.graph.timeline import Timeline

LONGEST_MEMORY = 64
"""Years that one formula may look back, each a term of its own."""

Cohort = Sequence[str] | Mapping[str, Mapping[str, str]]
"""The names of a cohort's members in order, or their traits by name."""

NO_TRAITS: Mapping[str, str] = MappingProxyType({})

Formula = Callable[..., Any]
Kind = Literal["line", "metric", "balance"]


@dataclass(frozen=True)
class Input:
    """A figure that the model takes.

    Parameters
    ----------
    unit
        The unit in which formulas read it.
    note
        One sentence for people.
    low, high
        Bounds, None for none.
    each
        The cohorts it is given for, such as ``"phase"``.
    """

    unit: str
    note: str
    low: float | None = 0.0
    high: float | None = None
    each: str | tuple[str, ...] = ()
    name: str = field(default="", kw_only=True)
    section: str = field(default="", kw_only=True)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The cohorts it is given for, none for an input of one figure."""
        return (self.each,) if isinstance(self.each, str) else self.each


@dataclass(frozen=True)
class Shock:
    """A standard normal in every period of every path; zero in the base case and at close."""

    note: str
    name: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class Definition:
    """A decorated function, before it is called."""

    name: str
    unit: str
    note: str
    each: tuple[str, ...]
    kind: Kind
    function: Formula
    file: str
    row: int
    section: str


class Member(str):
    """A member of a cohort, such as a phase or a tranche of debt; knows its place and the one before it.

    Attributes
    ----------
    traits
        What the structure says of it, such as the kind of a tranche's repayment: a line function may branch on it.
    """

    number: int
    previous: Member | None
    traits: Mapping[str, str]

    @classmethod
    def all_of(cls, cohort: Cohort) -> tuple[Member, ...]:
        """The members of one cohort, in order."""
        traits = cohort if isinstance(cohort, Mapping) else dict.fromkeys(cohort, NO_TRAITS)
        members: list[Member] = []
        for index, (name, of_member) in enumerate(traits.items()):
            member = cls(name)
            member.number, member.previous = index, members[-1] if members else None
            member.traits = MappingProxyType(dict(of_member))
            members.append(member)
        return tuple(members)


class Scope:
    """What a line function gets as `m`: any name is a reference, resolved when the model is assembled.

    Parameters
    ----------
    timeline, cohorts
        The structure, for what the language has no word for: a lag of whole years, a sum over members of a product.
    """

    def __init__(self, timeline: Timeline, cohorts: Mapping[str, tuple[Member, ...]]) -> None:
        self.__timeline, self.__cohorts = timeline, cohorts

    def years_ago(self, x: Node, years: int) -> Node:
        """`x` that many years ago, zero before period 0; `x` itself for none."""
        return lag(x, years * self.__timeline.per_year) if years else x

    def years_ahead(self, x: Node, years: int) -> Node:
        """`x` that many years on, zero past the last period."""
        return lead(x, years * self.__timeline.per_year)

    def whole_years(self) -> range:
        """1 and on to the whole years of the horizon, as many as a formula can hold."""
        years = self.__timeline.periods // self.__timeline.per_year
        return range(1, min(years, LONGEST_MEMORY) + 1)

    def members(self, cohort: str) -> tuple[Member, ...]:
        """The members of a cohort, in order."""
        if cohort not in self.__cohorts:
            raise ModelFault(f"members() of '{cohort}', which the structure does not have")
        return self.__cohorts[cohort]

    def __getattr__(self, name: str) -> Ref:
        if name.startswith("__"):
            raise AttributeError(name)
        return Ref(name)

    def __getitem__(self, name: str) -> Ref:
        return Ref(name)

    def __iter__(self) -> NoReturn:
        raise ModelFault("m cannot be looped over: it stands for whatever name is read from it")


def _decorator(kind: Kind, unit: str, each: str | tuple[str, ...]) -> Callable[[Formula], Definition]:
    if not isinstance(unit, str):
        raise ModelFault(f"{unit!r} is no unit: a line is decorated with its unit, such as @{kind}('USD')")

    def decorate(function: Formula) -> Definition:
        if not isinstance(function, FunctionType):
            raise ModelFault(f"{function!r} is no function: @{kind} makes a function of m a line item")
        note = inspect.getdoc(function)
        code = function.__code__
        if not note:
            raise ModelFault(
                "needs a docstring: it is its note everywhere",
                line=function.__name__,
                file=code.co_filename,
                row=code.co_firstlineno,
            )
        return Definition(
            name=function.__name__,
            unit=unit,
            note=note,
            each=(each,) if isinstance(each, str) else tuple(each),
            kind=kind,
            function=function,
            file=code.co_filename,
            row=code.co_firstlineno,
            section=(function.__module__ or "").rpartition(".")[2],
        )

    return decorate


def line(unit: str, each: str | tuple[str, ...] = ()) -> Callable[[Formula], Definition]:
    """Make a function a line item: `f(m, *members)` returns its formula, the docstring is its note."""
    return _decorator("line", unit, each)


def metric(unit: str) -> Callable[[Formula], Definition]:
    """Make a function a metric: one number a path."""
    return _decorator("metric", unit, ())


def balance(unit: str, each: str | tuple[str, ...] = ()) -> Callable[[Formula], Definition]:
    """Make a function a corkscrew: it returns what is added and what is taken (and the first opening, else zero).

    The lines are `name.opening`, `name.added`, `name.less` and `name`, the closing balance.
    """
    return _decorator("balance", unit, each)


def opening(ref: Node) -> Ref:
    """The opening balance of a corkscrew."""
    if not isinstance(ref, Ref):
        raise ModelFault("opening() takes a balance, such as m.cash")
    return Ref(ref.name, ref.index, "opening")


def lag(x: Node, periods: int = 1, opening: Node | float = 0.0) -> Node:
    """X some periods ago; `opening` before period 0. The number of periods is structure, not a figure."""
    if type(periods) is not int or periods < 1:
        raise ModelFault(f"lag() looks back a whole number of periods of at least 1, not {periods!r}")
    return Lag(lift(x), periods, lift(opening))


def lead(x: Node, periods: int = 1, closing: Node | float = 0.0) -> Node:
    """X some periods ahead; `closing` past the last period. The number of periods is structure, not a figure.

    The row of x is complete before: what leads cannot be read by x, however far around.
    """
    if type(periods) is not int or periods < 1:
        raise ModelFault(f"lead() looks ahead a whole number of periods of at least 1, not {periods!r}")
    return Lead(lift(x), periods, lift(closing))


def cumulative(x: Node) -> Node:
    """The sum of x from period 0 up to and with this period."""
    return Cumulative(lift(x))


def across(ref: Node, by: Literal["+", "minimum", "maximum"] = "+") -> Node:
    """The sum over the members of the cohorts that are not given: `across(m.racks)`, `across(m.racks[phase])`.

    With ``by="minimum"`` or ``"maximum"`` the smallest or largest of them, such as the earliest of the phases' dates.
    The sum over a cohort without members is zero; it has no smallest or largest.
    """
    if not isinstance(ref, Ref):
        raise ModelFault("across() takes a name, such as m.racks")
    if by not in ("+", "minimum", "maximum"):
        raise ModelFault(f"across() adds or takes the 'minimum' or 'maximum', not {by!r}")
    return Across(ref, by)
