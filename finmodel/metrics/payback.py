"""Payback: when the cumulative of the flows returns to zero."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from finmodel.graph.writer import Row, State, Value, Writer
from finmodel.metrics.people import above_minus_one, finite, over_paths, within_range

TOLERANCE = 1e-12
"""A cumulative this small against the gross flows so far is zero (convention 5)."""


def write_payback(w: Writer, flows: Row) -> Value:
    """Periods from index 0 to the first return of the cumulative to zero after it first went below.

    Between two periods the cumulative is taken for a straight line. 0 if it never goes below, missing if it never
    returns.
    """
    zero, one = w.constant(0.0), w.constant(1.0)

    def step(flow: Value, period: Value, sofar: Value, gross: Value, below: Value, returned: Value, at: Value) -> State:
        following = sofar + flow
        gross = gross + w.select(flow < 0.0, -flow, flow)
        under = following < -TOLERANCE * gross
        crosses = (below > 0.0) & (returned <= 0.0) & w.no(under)
        share = -sofar / w.select(crosses, flow, one)
        share = w.select(share < 1.0, share, one)
        return (
            period + 1.0,
            following,
            gross,
            w.select(under, one, below),
            w.select(crosses, one, returned),
            w.select(crosses, period - 1.0 + share, at),
        )

    _, _, _, below, returned, at = w.fold(flows, (zero,) * 6, step)
    return w.select((below <= 0.0) | (returned > 0.0), at, w.constant(float("nan")))


def payback(values: ArrayLike) -> Any:
    """Periods from the first value until the cumulative returns to zero, interpolated within the period.

    Parameters
    ----------
    values : array_like, shape (periods,) or (paths, periods)
        Flows, inflow positive, the first at time 0.

    Returns
    -------
    float or ndarray, shape (paths,)
        In periods. 0 if the cumulative never goes below zero, NaN if it does and never returns. A second dip below zero
        after the return does not count.

    Raises
    ------
    Faults
        If there are no values or one is not finite.

    Examples
    --------
    >>> payback([-100, 40, 40, 40])
    2.5
    """
    (result,) = over_paths(finite("values", values), lambda w, row: (write_payback(w, row),))
    return result


def discounted_payback(rate: float, values: ArrayLike) -> Any:
    """Payback of the flows discounted at a rate per period.

    Parameters
    ----------
    rate : float
        Effective rate per period, above -1.
    values : array_like, shape (periods,) or (paths, periods)
        Flows, inflow positive, the first at time 0.

    Returns
    -------
    float or ndarray, shape (paths,)
        In periods, as `payback`.

    Raises
    ------
    Faults
        If there are no values, one is not finite, or the rate is not above -1.
    CalculationFault
        If a discounted flow passes the largest number.
    """
    array = finite("values", values)
    ratio = 1.0 + above_minus_one("rate", rate)
    with np.errstate(all="ignore"):
        worth = array * np.power(ratio, -np.arange(array.shape[-1], dtype=np.float64))
    return payback(within_range("present value of a flow", worth))
