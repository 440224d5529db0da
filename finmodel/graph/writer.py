"""What a formula is written against, so that one text serves every rendering.

A metric or an elementary function is a Python function over a `Writer` and its values. `Scalars` runs it on floats,
`Arrays` on arrays over paths; the vector rendering brings a writer that emits machine code. All of them do the same
IEEE operations in the same order, so their results are equal to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Value = Any
"""A number of the writer's kind: supports + - * / unary - and the comparisons, with numbers on either side."""
Condition = Any
"""What a comparison of values gives: supports & | ^."""
Row = Any
"""A line's values over all periods, opaque to the formula."""
State = tuple[Value, ...]

HALF_SQUARE_ROOT = math.sqrt(0.5)


class Writer(Protocol):
    """The few constructs a formula may use beyond operators. Division by zero is the formula's to avoid."""

    def constant(self, number: float) -> Value:
        """A number, the same on every path."""

    def select(self, condition: Condition, chosen: Value, otherwise: Value) -> Value:
        """`chosen` where the condition holds, else `otherwise`; both are evaluated."""

    def no(self, condition: Condition) -> Condition:
        """Logical not."""

    def sqrt(self, x: Value) -> Value:
        """Correctly rounded square root."""

    def fold(
        self,
        row: Row,
        initial: State,
        step: Callable[..., State],
        *,
        beside: Sequence[Row] = (),
        backwards: bool = False,
    ) -> State:
        """Carry a state through the row, and the rows `beside` it: `state = step(element, *others, *state)`."""

    def repeat(
        self, initial: State, going: Condition, step: Callable[..., tuple[State, Condition]], limit: int
    ) -> State:
        """Repeat `step` on the paths that are still going, at most `limit` times.

        A path stops after the first step whose second result is false for it and keeps the state of that step.
        """

    def split(self, x: Value) -> tuple[Value, Value]:
        """(m, k) with x = m 2^k and sqrt(1/2) <= m < sqrt(2), for positive normal x."""

    def two_to(self, k: Value) -> Value:
        """2^k for a whole number k between -1022 and 1023."""


class Scalars:
    """One path: values are floats, conditions are bools, a row is a sequence of floats."""

    def constant(self, number: float) -> float:
        return float(number)

    def select(self, condition: bool, chosen: float, otherwise: float) -> float:
        return chosen if condition else otherwise

    def no(self, condition: bool) -> bool:
        return not condition

    def sqrt(self, x: float) -> float:
        return math.sqrt(x)

    def fold(
        self,
        row: Any,
        initial: State,
        step: Callable[..., State],
        *,
        beside: Sequence[Any] = (),
        backwards: bool = False,
    ) -> State:
        state = initial
        if beside:
            for elements in zip(*(reversed(one) if backwards else one for one in (row, *beside)), strict=True):
                state = step(*elements, *state)
            return state
        for element in reversed(row) if backwards else row:
            state = step(element, *state)
        return state

    def repeat(self, initial: State, going: bool, step: Callable[..., tuple[State, bool]], limit: int) -> State:
        state = initial
        for _ in range(limit):
            if not going:
                break
            state, going = step(*state)
        return state

    def split(self, x: float) -> tuple[float, float]:
        mantissa, exponent = math.frexp(x)
        return (2.0 * mantissa, exponent - 1.0) if mantissa < HALF_SQUARE_ROOT else (mantissa, float(exponent))

    def two_to(self, k: float) -> float:
        return math.ldexp(1.0, int(k)) if k == k else 0.0  # as arrays do, where not a number is no whole number either


class Arrays:
    """Many paths: values and conditions are arrays over paths, a row has shape (paths, periods)."""

    def constant(self, number: float) -> NDArray[np.float64]:
        return np.float64(number)  # type: ignore[return-value]  # a zero-dimensional array broadcasts over the paths

    def select(self, condition: Any, chosen: Any, otherwise: Any) -> Any:
        return np.where(condition, chosen, otherwise)

    def no(self, condition: Any) -> Any:
        return np.logical_not(condition)

    def sqrt(self, x: Any) -> Any:
        return np.sqrt(x)

    def fold(
        self,
        row: Any,
        initial: State,
        step: Callable[..., State],
        *,
        beside: Sequence[Any] = (),
        backwards: bool = False,
    ) -> State:
        state = initial
        periods: Iterable[int] = range(row.shape[-1])
        for period in reversed(range(row.shape[-1])) if backwards else periods:
            state = step(row[..., period], *(one[..., period] for one in beside), *state)
        return state

    def repeat(self, initial: State, going: Any, step: Callable[..., tuple[State, Any]], limit: int) -> State:
        state = initial
        for _ in range(limit):
            if not np.any(going):
                break
            following, more = step(*state)
            state = tuple(np.where(going, new, old) for new, old in zip(following, state, strict=True))
            going = going & more
        return state

    def split(self, x: Any) -> tuple[Any, Any]:
        mantissa, exponent = np.frexp(x)
        low = mantissa < HALF_SQUARE_ROOT
        return np.where(low, 2.0 * mantissa, mantissa), np.where(low, exponent - 1.0, exponent.astype(np.float64))

    def two_to(self, k: Any) -> Any:
        return np.ldexp(1.0, np.asarray(k).astype(np.int64))


SCALARS = Scalars()
ARRAYS = Arrays()
