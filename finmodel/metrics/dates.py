"""Years between dates, by the day counts of bond markets."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from finmodel.errors import Fault, Faults, nearest

Date = datetime.date


def _actual_365_fixed(start: Date, end: Date) -> float:
    return (end - start).days / 365.0


def _actual_360(start: Date, end: Date) -> float:
    return (end - start).days / 360.0


def _actual_actual_isda(start: Date, end: Date) -> float:
    if start.year == end.year:
        return (end - start).days / _days_in_year(start.year)
    first = (Date(start.year + 1, 1, 1) - start).days / _days_in_year(start.year)
    last = (end - Date(end.year, 1, 1)).days / _days_in_year(end.year)
    return first + (end.year - start.year - 1) + last


def _thirty_360_sia(start: Date, end: Date) -> float:
    first, last = start.day, end.day
    if _ends_february(start):
        if _ends_february(end):
            last = 30
        first = 30
    if last == 31 and first >= 30:
        last = 30
    first = min(first, 30)
    return (360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first) / 360.0


def _days_in_year(year: int) -> float:
    return 366.0 if calendar.isleap(year) else 365.0


def _ends_february(date: Date) -> bool:
    return date.month == 2 and date.day == calendar.monthrange(date.year, 2)[1]


DAY_COUNTS: dict[str, Callable[[Date, Date], float]] = {
    "act/365f": _actual_365_fixed,
    "act/360": _actual_360,
    "30/360 sia": _thirty_360_sia,
    "act/act isda": _actual_actual_isda,
}
"""Sources: 2006 ISDA Definitions, section 4.16 (b), (d), (e); Securities Industry Association, Standard Securities
Calculation Methods, volume 1, for 30/360."""


def years_from_first(dates: Iterable[Any], day_count: str) -> list[float]:
    """Years from the earliest date to each.

    Parameters
    ----------
    dates : iterable
        datetime.date, datetime.datetime, numpy.datetime64 or ISO texts, in any order.
    day_count : str
        One of `DAY_COUNTS`, in any case.

    Raises
    ------
    Faults
        If something is not a date or the day count is unknown.
    """
    name = str(day_count).strip().lower()
    if name not in DAY_COUNTS:
        like = nearest(name, DAY_COUNTS)
        raise Faults(
            [
                Fault(
                    "unknown day count",
                    found=f"'{day_count}'",
                    expected=", ".join(DAY_COUNTS),
                    remedy=f"did you mean '{like}'?" if like else None,
                )
            ]
        )
    days = [_date(i, value) for i, value in enumerate(dates)]
    return [DAY_COUNTS[name](min(days), day) for day in days]


def _date(index: int, value: Any) -> Date:
    try:
        if isinstance(value, np.datetime64):
            value = value.astype("datetime64[D]").item()
        if isinstance(value, str):
            value = datetime.datetime.fromisoformat(value)
        if isinstance(value, Date):
            return Date(value.year, value.month, value.day)
    except (TypeError, ValueError) as fault:
        raise _no_date(index, value) from fault
    raise _no_date(index, value)


def _no_date(index: int, value: Any) -> Faults:
    return Faults([Fault(f"date {index} is none", found=f"{value!r}", expected="a date, such as 2027-03-31")])
