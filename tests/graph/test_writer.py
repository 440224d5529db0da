import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from finmodel.graph.writer import ARRAYS, SCALARS, Condition, Value, Writer

ROWS = st.lists(st.lists(st.floats(-10, 10), min_size=5, max_size=5), min_size=1, max_size=6)


def halvings(w: Writer, x: Value) -> Value:
    """How often x can be halved before it is at most 1."""

    def step(left: Value, count: Value) -> tuple[tuple[Value, Value], Condition]:
        return (left * 0.5, count + 1.0), left > 2.0

    return w.repeat((x, x * 0.0), x > 1.0, step, 60)[1]


@given(ROWS)
def test_a_fold_over_many_paths_is_each_paths_fold(rows: list[list[float]]) -> None:
    def step(element: Value, state: Value) -> tuple[Value]:
        return (state * 0.9 + element,)

    for backwards in (False, True):
        together = ARRAYS.fold(np.array(rows), (ARRAYS.constant(1.0),), step, backwards=backwards)[0]
        assert together.tolist() == [SCALARS.fold(row, (1.0,), step, backwards=backwards)[0] for row in rows]


@given(ROWS, st.lists(st.floats(-10, 10), min_size=5, max_size=5))
def test_a_fold_takes_the_same_period_of_the_rows_beside(rows: list[list[float]], other: list[float]) -> None:
    def step(element: Value, beside: Value, state: Value) -> tuple[Value]:
        return (state * 0.9 + element * beside,)

    for backwards in (False, True):
        beside = [np.array(other)]
        together = ARRAYS.fold(np.array(rows), (ARRAYS.constant(1.0),), step, beside=beside, backwards=backwards)[0]
        alone = [SCALARS.fold(row, (1.0,), step, beside=[other], backwards=backwards)[0] for row in rows]
        assert together.tolist() == alone


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=8))
def test_a_path_that_has_stopped_keeps_its_state(xs: list[float]) -> None:
    assert halvings(ARRAYS, np.array(xs)).tolist() == [halvings(SCALARS, x) for x in xs]
    assert [halvings(SCALARS, x) for x in xs] == [max(0, math.ceil(math.log2(x))) if x > 1 else 0 for x in xs]


@given(st.floats(1e-300, 1e300))
def test_split_gives_back_the_number(x: float) -> None:
    mantissa, exponent = SCALARS.split(x)
    assert mantissa * SCALARS.two_to(exponent) == x
    assert math.sqrt(0.5) <= mantissa < math.sqrt(2.0) + 1e-15
    together = ARRAYS.split(np.array([x]))
    assert (float(together[0][0]), float(together[1][0])) == (mantissa, exponent)
