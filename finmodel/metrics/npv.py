"""Net present value of equally spaced flows, the first one undiscounted."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from finmodel.graph.writer import Row, Value, Writer
from finmodel.metrics.people import above_minus_one, finite, over_paths, within_range


def write_npv(w: Writer, flows: Row, discount: Value) -> Value:
    """Horner's rule from the last flow to the first; `discount` is 1 / (1 + rate)."""
    return w.fold(flows, (w.constant(0.0),), lambda flow, sum_: (sum_ * discount + flow,), backwards=True)[0]


def npv(rate: float, values: ArrayLike) -> Any:
    """Sum of values[k] / (1 + rate)^k, the first value undiscounted.

    A sheet's NPV() discounts its first value by one period: it is this divided by 1 + rate.

    Parameters
    ----------
    rate : float
        Effective rate per period, above -1.
    values : array_like, shape (periods,) or (paths, periods)
        Flows, inflow positive, the first at time 0.

    Returns
    -------
    float or ndarray, shape (paths,)
        In the unit of the values.

    Raises
    ------
    Faults
        If there are no values, one is not finite, or the rate is not above -1.
    CalculationFault
        If the sum passes the largest number.
    """
    discount = 1.0 / (1.0 + above_minus_one("rate", rate))
    (result,) = over_paths(finite("values", values), lambda w, row: (write_npv(w, row, w.constant(discount)),))
    return within_range("net present value", result)
