from __future__ import annotations

import math

import pytest

from finmodel.report.numbers import scale, written


@pytest.mark.parametrize(
    ("unit", "values", "factor", "label"),
    [
        ("USD", [-3.8e10, 12.0], 1e-9, "bn USD"),
        ("USD", [2.5e6], 1e-6, "m USD"),
        ("USD", [999_999.0], 1.0, "USD"),
        ("USD/MW", [38e6], 1e-6, "m USD/MW"),
        ("USD", [math.nan, 2e9], 1e-9, "bn USD"),
        ("USD", [math.nan], 1.0, "USD"),
        ("1/year", [0.12], 100.0, "%/year"),
        ("GPU*h", [4e9], 1e-9, "bn GPU*h"),
        ("1", [4e9], 1.0, "pure number"),
    ],
)
def test_values_that_share_a_column_share_the_scale_of_the_largest(unit, values, factor, label):
    assert scale(unit, values) == (pytest.approx(factor), label)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1234567.0, "1,234,567"),
        (38.1249, "38.12"),
        (-0.0123449, "-0.01234"),
        (None, "none"),
        (math.nan, "none"),
        (1e-20, "1.000e-20"),
    ],
)
def test_a_number_is_written_at_four_significant_digits(value, text):
    assert written(value) == text
