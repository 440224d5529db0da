"""Modified internal rate of return: outflows are financed and inflows reinvested, each at a rate of its own."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from finmodel.graph.elementary import power
from finmodel.graph.writer import Row, Value, Writer
from finmodel.metrics.people import above_minus_one, finite, over_paths


def write_mirr(w: Writer, flows: Row, finance_rate: Value, reinvest_rate: Value) -> Value:
    """(future value of inflows / present value of outflows)^(1 / periods) - 1; missing without both kinds of flow."""
    zero, one = w.constant(0.0), w.constant(1.0)
    discount, growth = 1.0 / (1.0 + finance_rate), 1.0 + reinvest_rate
    outflow, count = w.fold(
        flows,
        (zero, -one),
        lambda flow, sum_, count: (sum_ * discount + w.select(flow < 0.0, -flow, zero), count + 1.0),
        backwards=True,
    )
    (inflow,) = w.fold(flows, (zero,), lambda flow, sum_: (sum_ * growth + w.select(flow > 0.0, flow, zero),))
    exists = (outflow > 0.0) & (inflow > 0.0)
    quotient = w.select(exists, inflow, one) / w.select(exists, outflow, one)
    rate = power(w, quotient, 1.0 / w.select(exists, count, one)) - 1.0
    return w.select(exists, rate, w.constant(float("nan")))


def mirr(values: ArrayLike, finance_rate: float, reinvest_rate: float) -> Any:
    """Modified internal rate of return, as a sheet's MIRR().

    Parameters
    ----------
    values : array_like, shape (periods,) or (paths, periods)
        Flows, inflow positive, the first at time 0.
    finance_rate, reinvest_rate : float
        Effective rates per period, above -1: what outflows cost, what inflows earn until the last period.

    Returns
    -------
    float or ndarray, shape (paths,)
        A fraction per period; NaN unless there are inflows and outflows.

    Raises
    ------
    Faults
        If there are no values, one is not finite, or a rate is not above -1.
    """
    finance, reinvest = above_minus_one("finance_rate", finance_rate), above_minus_one("reinvest_rate", reinvest_rate)
    (result,) = over_paths(
        finite("values", values), lambda w, row: (write_mirr(w, row, w.constant(finance), w.constant(reinvest)),)
    )
    return result
