"""The timeline: financial close as period 0, then months, quarters or years (convention 1)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

HOURS_PER_YEAR = 8760.0
MONTHS_PER_YEAR = 12

MONTH = re.compile("([0-9]{4,})-(0[1-9]|1[0-2])")

SERIES: dict[str, tuple[str, str]] = {
    "period": ("1", "Number of the period; 0 is financial close."),
    "month": ("month", "Months from close to the end of the period."),
    "year": ("year", "Years from close to the end of the period."),
    "hours": ("h", "Hours in the period; none at close, which has no length."),
    "calendar_month": ("1", "Calendar month in which the period ends, 1 to 12."),
    "tax_year_end": ("1", "1 in the last period of each tax year and of the horizon, else 0."),
}
"""Given series of a timeline: unit and note."""

NUMBERS: dict[str, tuple[str, str]] = {
    "months_per_period": ("month", "Length of a period."),
    "years_per_period": ("year", "Length of a period."),
    "periods_per_year": ("1", "Periods a year."),
    "horizon": ("month", "Months from close to the end of the last period."),
}
"""Structural numbers of a timeline: unit and note."""


@dataclass(frozen=True)
class Timeline:
    """Periods of equal length after financial close.

    Parameters
    ----------
    close
        Financial close; period 0 is that point in time, named by its month.
    periods
        How many periods follow it.
    per_year
        12 for months, 4 for quarters, 1 for years.
    tax_year_end
        Month in which the tax year ends, 1 to 12.
    """

    close: dt.date
    periods: int
    per_year: int = 12
    tax_year_end: int = 12

    def __post_init__(self) -> None:
        if self.per_year not in (1, 2, 4, 12):
            raise ValueError(f"periods a year must be 1, 2, 4 or 12, not {self.per_year}")
        if self.periods < 1:
            raise ValueError(f"a timeline needs at least one period, not {self.periods}")
        if not 1 <= self.tax_year_end <= MONTHS_PER_YEAR:
            raise ValueError(f"the tax year ends in a month from 1 to 12, not {self.tax_year_end}")

    @property
    def months_per_period(self) -> int:
        """Months in a period."""
        return MONTHS_PER_YEAR // self.per_year

    def _months(self) -> list[int]:
        first = self.close.year * MONTHS_PER_YEAR + self.close.month - 1
        return [first + k * self.months_per_period for k in range(self.periods + 1)]

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The month in which each period ends, as YYYY-MM, period 0 first; length periods + 1."""
        return tuple(f"{month // MONTHS_PER_YEAR:04d}-{month % MONTHS_PER_YEAR + 1:02d}" for month in self._months())

    def period_of(self, label: str) -> int:
        """The number of the period that contains the month `label` (YYYY-MM).

        Raises
        ------
        ValueError
            Where the text is no month or lies outside the timeline.
        """
        written = MONTH.fullmatch(label)
        if written is None:
            raise ValueError(f"'{label}' is not a month written as YYYY-MM")
        year, month = int(written[1]), int(written[2])
        past = year * MONTHS_PER_YEAR + month - 1 - self._months()[0]
        period = -(-past // self.months_per_period)
        if not 0 <= period <= self.periods:
            raise ValueError(f"{label} lies outside the timeline, {self.labels[0]} to {self.labels[-1]}")
        return period

    @cached_property
    def series(self) -> dict[str, NDArray[np.float64]]:
        """Each given series over all periods, shape (periods + 1,)."""
        number = np.arange(self.periods + 1, dtype=np.float64)
        calendar = np.array([month % MONTHS_PER_YEAR + 1 for month in self._months()], dtype=np.float64)
        since_tax_year_end = (calendar - self.tax_year_end) % MONTHS_PER_YEAR
        tax = since_tax_year_end < self.months_per_period
        tax[0] = since_tax_year_end[0] == 0
        tax[-1] = True
        hours = np.full(self.periods + 1, HOURS_PER_YEAR / self.per_year)
        hours[0] = 0.0
        return {
            "period": number,
            "month": number * self.months_per_period,
            "year": number / self.per_year,
            "hours": hours,
            "calendar_month": calendar,
            "tax_year_end": tax.astype(np.float64),
        }

    @cached_property
    def numbers(self) -> dict[str, float]:
        """The structural numbers."""
        return {
            "months_per_period": float(self.months_per_period),
            "years_per_period": 1.0 / self.per_year,
            "periods_per_year": float(self.per_year),
            "horizon": float(self.periods * self.months_per_period),
        }
