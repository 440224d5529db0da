"""Internal rate of return of equally spaced flows, with a status that says how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from finmodel.graph.writer import Row, State, Value, Writer
from finmodel.metrics.people import above_minus_one, as_share_of_largest, finite, over_paths
from finmodel.metrics.search import Root, search

STATUSES = ("none", "unique", "multiple", "not converged")
"""In the order of their codes 0 to 3, by which the graph knows them."""
NONE, UNIQUE, MULTIPLE, NOT_CONVERGED = (float(code) for code in range(4))

TOGETHER = 8
"""How many rates share one pass over the flows: enough to hide the latency of a multiplication and an addition, and few
enough for their sums to stay in registers."""


@dataclass(frozen=True)
class IRR:
    """An internal rate of return.

    Attributes
    ----------
    rate : float or ndarray
        A fraction per period (for dated flows, per year); NaN where the status is "none" or "not converged".
    status : str or ndarray of str
        "unique": the flows, or for a positive rate their cumulative, change sign once, or no second root was seen;
        "multiple": a second root was seen on the ladder of rates or in a dip between two of its steps;
        "none": no root was seen; "not converged": one was seen but not reached.
    """

    rate: Any
    status: Any


@dataclass(frozen=True)
class EquallySpaced:
    """Flows of the periods 0, 1, 2, ... of a row.

    Sums run from the last flow to the first: at low rates they may pass the largest number, but with the right sign.
    """

    w: Writer
    row: Row

    def levels(self, ratios: Sequence[Value]) -> list[tuple[Value, Value]]:
        """Net and gross present value at each ratio by Horner's rule, several ratios in one pass."""
        w, sums = self.w, []
        for first in range(0, len(ratios), TOGETHER):
            discounts = [1.0 / ratio for ratio in ratios[first : first + TOGETHER]]

            def step(flow: Value, *state: Value, discounts: Sequence[Value] = discounts) -> State:
                size = w.select(flow < 0.0, -flow, flow)
                return tuple(x * discounts[i // 2] + (size if i % 2 else flow) for i, x in enumerate(state))

            state = w.fold(self.row, (w.constant(0.0),) * (2 * len(discounts)), step, backwards=True)
            sums += list(zip(state[::2], state[1::2], strict=True))
        return sums

    def slope(self, ratio: Value) -> tuple[Value, Value]:
        """Net present value and its moment, by Horner's rule and its derivative."""
        d, zero = 1.0 / ratio, self.w.constant(0.0)
        net, by_d = self.w.fold(
            self.row, (zero, zero), lambda flow, net, by_d: (net * d + flow, by_d * d + net), backwards=True
        )
        return net, by_d * d

    def shape(self, ratio: Value) -> tuple[Value, Value, Value, Value]:
        """Net and gross present value and their moments."""
        w, d, zero = self.w, 1.0 / ratio, self.w.constant(0.0)

        def step(flow: Value, net: Value, by_d: Value, gross: Value, gross_by_d: Value) -> State:
            size = w.select(flow < 0.0, -flow, flow)
            return net * d + flow, by_d * d + net, gross * d + size, gross_by_d * d + gross

        net, by_d, gross, gross_by_d = w.fold(self.row, (zero,) * 4, step, backwards=True)
        return net, by_d * d, gross, gross_by_d * d


def sign_changes(w: Writer, row: Row) -> tuple[Value, Value]:
    """How often the flows change sign, and how often their cumulative does; zeros have none."""
    zero, one = w.constant(0.0), w.constant(1.0)

    def count(x: Value, sign: Value, changes: Value) -> State:
        changed = x * sign < 0.0
        following = w.select(x > 0.0, one, w.select(x < 0.0, -one, sign))
        return following, w.select(changed, changes + 1.0, changes)

    def step(flow: Value, sign: Value, changes: Value, sofar: Value, side: Value, turns: Value) -> State:
        sofar = sofar + flow
        return *count(flow, sign, changes), sofar, *count(sofar, side, turns)

    _, changes, _, _, turns = w.fold(row, (zero,) * 5, step)
    return changes, turns


def conclude(w: Writer, root: Root, changes: Value, turns: Value) -> tuple[Value, Value]:
    """Rate and code of the status, from what the search found and how often the flows change sign.

    One change of sign among the flows means one root above -100 % (Descartes); one among their cumulatives means one
    positive root (C. J. Norstrom, A sufficient condition for a unique nonnegative internal rate of return, Journal of
    Financial and Quantitative Analysis 7(3), 1972, doi:10.2307/2329806).
    """
    rate = root.ratio - 1.0
    proved = ((changes > 0.0) & (changes < 2.0)) | ((turns > 0.0) & (turns < 2.0) & (rate > 0.0))
    several = w.select(root.others & w.no(proved), w.constant(MULTIPLE), w.constant(UNIQUE))
    status = w.select(root.found, w.select(root.settled, several, w.constant(NOT_CONVERGED)), w.constant(NONE))
    exists = root.found & root.settled
    return w.select(exists, rate, w.constant(float("nan"))), status


def write_irr(w: Writer, flows: Row, guess: Value) -> tuple[Value, Value]:
    """Rate per period and code of the status."""
    changes, turns = sign_changes(w, flows)
    return conclude(w, search(w, EquallySpaced(w, flows), guess), changes, turns)


def irr(values: ArrayLike, guess: float = 0.1) -> IRR:
    """Rate at which the net present value of equally spaced flows is zero.

    With several such rates: the one nearest the guess among those where the net present value goes from plus to minus
    as the rate rises; a rate where it only touches zero does not count. A lone rate is taken whichever way it goes, so
    a borrower has one too. Two rates closer together than the steps of the ladder are seen only by the dip of the
    present value between them (`finmodel.metrics.search` has the rule).

    Parameters
    ----------
    values : array_like, shape (periods,) or (paths, periods)
        Flows, inflow positive, the first at time 0.
    guess : float
        A rate per period above -1.

    Returns
    -------
    IRR
        Rate per period and status: a float and a str, or arrays over paths.

    Raises
    ------
    Faults
        If there are no values, one is not finite, or the guess is not above -1.

    Examples
    --------
    >>> irr([-100, 60, 60])
    IRR(rate=0.1306623862918075, status='unique')
    """
    start = above_minus_one("guess", guess)
    array = _from_first_flow(as_share_of_largest(finite("values", values)))
    rate, code = over_paths(array, lambda w, row: write_irr(w, row, w.constant(start)))
    return IRR(rate, named(code))


def named(code: Any) -> Any:
    """The name of a status, or an array of names."""
    return np.array(STATUSES)[np.asarray(code, dtype=np.int64)] if np.ndim(code) else STATUSES[int(code)]


def _from_first_flow(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each path begun at its first flow, the zeros before it moved to its end: its rates of return are the same."""
    ahead = np.argmax(array != 0.0, axis=-1, keepdims=True)
    periods = array.shape[-1]
    return np.take_along_axis(array, (np.arange(periods) + ahead) % periods, axis=-1)
