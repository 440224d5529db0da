"""From what the book writes to the input's unit: scales, percent, currencies and calendar dates."""

from __future__ import annotations

import calendar
import datetime
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from finmodel.assumptions.forms import Amount
from finmodel.assumptions.percentiles import lognormal_from_percentiles, triangular_from_percentiles
from finmodel.assumptions.possible import Problem, problems
from finmodel.assumptions.range import Range
from finmodel.assumptions.stated import ModeAndPercentiles, Percentiles, Stated, StatedBeta, StatedRange
from finmodel.graph.units import CURRENCIES, Unit, factor, parse

MONTHS_PER_YEAR = 12


def months_after(close: datetime.date, date: datetime.date) -> float:
    """Months from close to the end of a day: whole months, and days over the days of their month.

    Close is a month's end, so that the last day of the next month is 1 (convention 1).
    """
    return _position(date) - _position(close)


def _position(date: datetime.date) -> float:
    days = calendar.monthrange(date.year, date.month)[1]
    return date.year * MONTHS_PER_YEAR + date.month - 1 + date.day / days


class Unfit(Exception):
    """An amount that does not fit its input."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True)
class Converter:
    """Converts amounts of one case.

    Attributes
    ----------
    currency
        The region's; `local` stands for it one to one.
    close
        What calendar dates are counted from.
    """

    currency: str
    close: datetime.date

    def scale(self, unit: str, target: str) -> Callable[[float], float]:
        """The function from a number in `unit` to one in `target`.

        Raises
        ------
        Unfit
            Where either is no unit, a third currency is named, or the dimensions differ.
        """
        remedy = f"write it in {target}"
        try:
            named = {name for name, _ in parse(unit).powers}
        except ValueError as fault:
            raise Unfit(Problem("has an unknown unit", str(fault), f"a scale of {target}", remedy)) from fault
        third = sorted((named & set(CURRENCIES)) - {"USD", self.currency})
        if third:
            expected = "USD" if self.currency == "USD" else f"USD, or {self.currency} as the region's currency"
            stated = "convert it at a stated rate, and say so in its note"
            raise Unfit(Problem("is in a third currency", f"{third[0]} in {unit}", expected, stated))
        renamings = ({self.currency: "local"}, {"local": "USD"} if self.currency == "USD" else {})
        for renaming in renamings:
            try:
                ratio = factor(unit, target, renaming)
            except ValueError:
                continue
            return _scaling(ratio)
        local = f" (local is {self.currency})" if "local" in target else ""
        if _without_currency(parse(unit)) == _without_currency(parse(target)):
            stated = "convert it at a stated rate, and say so in its note"
            raise Unfit(Problem("is in another currency", unit, f"a scale of {target}{local}", stated))
        raise Unfit(Problem("has a wrong unit", unit, f"a scale of {target}{local}", remedy))

    def is_time(self, unit: str) -> bool:
        """Whether calendar dates can stand for amounts in `unit`."""
        return parse(unit).same_dimension(parse("month"))

    def number(self, amount: Amount, unit: str) -> float:
        """An amount in the figure's own unit; a calendar date as time after close.

        Raises
        ------
        Unfit
            Where a date stands for something else than time, or lies before close.
        """
        if not isinstance(amount, datetime.date):
            return amount
        months = months_after(self.close, amount)
        if months < 0:
            expected, remedy = f"a date from close on, {self.close}", "give a later date, or an earlier close"
            raise Unfit(Problem("lies before close", str(amount), expected, remedy))
        return self.scale("month", unit)(months)


def _without_currency(unit: Unit) -> list[tuple[str, Fraction]]:
    """The dimensions of a unit, any currency called money."""
    money = {*CURRENCIES, "local"}
    return sorted(("money" if name in money else name, exponent) for name, exponent in unit.powers)


def _scaling(ratio: float) -> Callable[[float], float]:
    """Multiplication, or division where the inverse is a whole number: 57 / 100 is 0.57, but 57 * 0.01 is not."""
    inverse = round(1 / ratio)
    if ratio < 1 and math.isclose(inverse * ratio, 1.0, rel_tol=1e-12):
        return lambda x: x / inverse
    return lambda x: x * ratio


def stated_range(stated: StatedRange, number: Callable[[Amount], float], scale: Callable[[float], float]) -> Range:
    """The range in the input's unit.

    Parameters
    ----------
    number
        From an amount to the figure's own unit, in which what is wrong is reported.
    scale
        From the figure's own unit to the input's, by multiplication.

    Raises
    ------
    Unfit
        Where there is no such distribution.
    """
    parameters = _parameters(stated.parameters, number)
    low, high = (None if side is None else number(side) for side in stated.truncate or (None, None))
    found = problems(stated.kind, parameters, low, high)
    if found:
        raise Unfit(found[0])
    try:
        return Range(stated.kind, parameters, low, high).converted(scale)
    except ValueError as fault:
        raise Unfit(Problem("is impossible in the input's unit", str(fault), "a range of ordinary size")) from fault


def _parameters(stated: Stated, number: Callable[[Amount], float]) -> tuple[float, ...]:
    """What is stated of a distribution, in the order of `range.Range`."""
    match stated:
        case Percentiles():
            return _lognormal(stated)
        case ModeAndPercentiles():
            return _triangular(number(stated.p10), number(stated.mode), number(stated.p90))
        case StatedBeta():
            return stated.alpha, stated.beta, number(stated.low), number(stated.high)
        case tuple():
            pairs = (member if isinstance(member, tuple) else (member,) for member in stated)
            return tuple(number(one) for pair in pairs for one in pair)
        case _:
            return (number(stated),)


def _lognormal(given: Percentiles) -> tuple[float, float]:
    shown = f"p10 {given.p10:.15g}, p90 {given.p90:.15g}"
    if not 0 < given.p10 < given.p90:
        raise Unfit(Problem("is impossible", shown, "0 < p10 < p90"))
    try:
        return lognormal_from_percentiles(given.p10, given.p90)
    except OverflowError as fault:
        raise Unfit(Problem("is impossible", shown, "percentiles of one order of magnitude")) from fault


def _triangular(p10: float, mode: float, p90: float) -> tuple[float, float, float]:
    if not (p10 <= mode <= p90 and p10 < p90):
        shown = f"p10 {p10:.15g}, mode {mode:.15g}, p90 {p90:.15g}"
        raise Unfit(Problem("is impossible", shown, "p10 <= mode <= p90, and p10 < p90"))
    return triangular_from_percentiles(p10, mode, p90)
