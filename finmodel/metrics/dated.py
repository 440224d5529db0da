"""Net present value and internal rate of return of flows on any dates."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from finmodel.errors import Fault, Faults
from finmodel.graph import elementary
from finmodel.graph.writer import Row, State, Value, Writer
from finmodel.metrics.dates import years_from_first
from finmodel.metrics.irr import IRR, conclude, named, sign_changes
from finmodel.metrics.people import above_minus_one, as_share_of_largest, finite, over_paths, within_range
from finmodel.metrics.search import search


@dataclass(frozen=True)
class Dated:
    """Flows at any times in years, ascending from 0."""

    w: Writer
    row: Row
    times: Sequence[float]

    def _sums(self, ratio: Value) -> tuple[Value, Value, Value, Value]:
        """Net and gross sums and their moments, on the scale on which the heaviest flow has weight 1."""
        w, zero = self.w, self.w.constant(0.0)
        x = elementary.log(w, ratio)
        origin = w.select(x < 0.0, w.constant(self.times[-1]), zero)
        times = iter(self.times)

        def step(flow: Value, net: Value, moment: Value, gross: Value, gross_moment: Value) -> State:
            time = next(times)
            worth = flow * elementary.exp(w, (origin - time) * x)
            size = w.select(worth < 0.0, -worth, worth)
            return net + worth, moment + time * worth, gross + size, gross_moment + time * size

        net, moment, gross, gross_moment = w.fold(self.row, (zero,) * 4, step)
        return net, moment, gross, gross_moment

    def levels(self, ratios: Sequence[Value]) -> list[tuple[Value, Value]]:
        """Net and gross sum at each ratio."""
        return [(net, gross) for net, _, gross, _ in map(self._sums, ratios)]

    def slope(self, ratio: Value) -> tuple[Value, Value]:
        """Net sum and its moment."""
        net, moment, _, _ = self._sums(ratio)
        return net, moment

    def shape(self, ratio: Value) -> tuple[Value, Value, Value, Value]:
        """Net and gross sum and their moments."""
        return self._sums(ratio)


def by_date(values: ArrayLike, dates: Iterable[Any], day_count: str) -> tuple[NDArray[np.float64], list[float]]:
    """Flows in order of their time in years, those of one time added up.

    Raises
    ------
    Faults
        If there are no values, one is not finite, or there are not as many dates.
    """
    array = finite("values", values)
    years = years_from_first(dates, day_count)
    if len(years) != array.shape[-1]:
        raise Faults(
            [Fault("every value needs one date", found=f"{len(years)} dates", expected=f"{array.shape[-1]} dates")]
        )
    order = sorted(range(len(years)), key=years.__getitem__)
    groups = [(time, list(same)) for time, same in itertools.groupby(order, years.__getitem__)]
    return np.stack([sum(array[..., i] for i in same) for _, same in groups], axis=-1), [time for time, _ in groups]


def xnpv(rate: float, values: ArrayLike, dates: Iterable[Any], day_count: str = "act/365f") -> Any:
    """Sum of values / (1 + rate)^years, the years counted from the earliest date.

    Parameters
    ----------
    rate : float
        Effective annual rate, above -1.
    values : array_like, shape (flows,) or (paths, flows)
        Flows, inflow positive.
    dates : iterable, as long as the flows
        Dates or ISO texts, in any order; several flows may fall on one date.
    day_count : str
        "act/365f" (a sheet's), "act/360", "30/360 sia" or "act/act isda", in any case.

    Returns
    -------
    float or ndarray, shape (paths,)
        In the unit of the values, at the earliest date.

    Raises
    ------
    Faults
        If there are no values, one is not finite, the dates do not fit, or the rate is not above -1.
    CalculationFault
        If the sum passes the largest number.
    """
    ratio = above_minus_one("rate", rate) + 1.0
    array, times = by_date(values, dates, day_count)
    with np.errstate(over="ignore"):
        worth = array * np.power(ratio, -np.asarray(times))
    (result,) = over_paths(worth, lambda w, row: (w.fold(row, (w.constant(0.0),), lambda x, sum_: (sum_ + x,))[0],))
    return within_range("net present value", result)


def xirr(values: ArrayLike, dates: Iterable[Any], guess: float = 0.1, day_count: str = "act/365f") -> IRR:
    """Annual rate at which the net present value of dated flows is zero, by the rule of `irr`.

    Parameters
    ----------
    values : array_like, shape (flows,) or (paths, flows)
        Flows, inflow positive.
    dates : iterable, as long as the flows
        Dates or ISO texts, in any order; several flows may fall on one date.
    guess : float
        An annual rate above -1.
    day_count : str
        "act/365f" (a sheet's), "act/360", "30/360 sia" or "act/act isda", in any case.

    Returns
    -------
    IRR
        Effective annual rate and status: a float and a str, or arrays over paths. What is no root is never returned.

    Raises
    ------
    Faults
        If there are no values, one is not finite, the dates do not fit, or the guess is not above -1.
    """
    start = above_minus_one("guess", guess)
    array, times = by_date(values, dates, day_count)

    def formula(w: Writer, row: Row) -> tuple[Value, Value]:
        return conclude(w, search(w, Dated(w, row, times), w.constant(start)), *sign_changes(w, row))

    rate, code = over_paths(as_share_of_largest(array), formula)
    return IRR(rate, named(code))
