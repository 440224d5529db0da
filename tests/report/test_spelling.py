"""The same formula and the same number, whatever program saved the file; another one is another one."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmodel.report.spelling import same_formula, same_number, same_text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SUM(A1:B2)+1", "=sum( A1:B2 ) + 1"),
        ("Inputs!$D$3", "'Inputs'!$d$3"),
        ("_xlfn.MINIFS(A1:A2,B1:B2,1)", "MINIFS(A1:A2,B1:B2,1)"),
        ("'Case file'!A1", "'case file'!A1"),
        ('IF(A1="","none",B1)', 'IF(A1 = "", "none", B1)'),
    ],
)
def test_a_formula_may_be_spelled_otherwise(one: str, other: str) -> None:
    assert same_formula(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A1", "$A1"),
        ("A$1", "$A1"),
        ("Inputs!A1", "A1"),
        ('"none"', '"None"'),
        ('"a b"', '"ab"'),
        ("'Case file'!A1", "'Casefile'!A1"),
        ("A1+B1", "A1-B1"),
        ("A1", "{A1}"),
    ],
)
def test_what_says_something_else_is_another_formula(one: str, other: str) -> None:
    assert not same_formula(one, other)


NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300).filter(
    lambda number: number == 0 or abs(number) > 1e-290
)


@given(NUMBERS)
def test_a_number_is_the_same_after_15_to_17_digits_and_after_rounding_twice(number: float) -> None:
    for digits in (15, 16, 17):
        assert same_number(number, float(f"{number:.{digits}g}"))
    assert same_number(number, float(f"{float(f'{number:.16g}'):.15g}"))


@given(NUMBERS)
def test_a_step_of_a_millionth_of_a_millionth_is_another_number(number: float) -> None:
    assert number == 0 or not same_number(number, number * (1 + 1e-12))


def test_a_number_of_few_digits_is_itself_only() -> None:
    assert not same_number(10.0, 10.0000000000001)
    assert not same_number(0.0, 1e-300)
    assert not same_number(math.pi, 0.0)


def test_marks_that_readers_drop_make_no_other_text() -> None:
    assert same_text("a _x005F_x0041_", "a _x0041_")
    assert same_text("a\nb", "a\r\nb")
    assert not same_text("a", "b")
