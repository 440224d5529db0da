from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmodel.errors import CalculationFault, Faults
from finmodel.metrics import npv
from tests.metrics.cash_flows import FLOWS


@given(FLOWS, st.floats(-0.5, 2.0))
def test_it_is_the_sum_of_discounted_flows_the_first_undiscounted(flows: list[float], rate: float) -> None:
    terms = [flow / (1.0 + rate) ** period for period, flow in enumerate(flows)]
    assert npv(rate, flows) == pytest.approx(math.fsum(terms), abs=1e-13 * math.fsum(map(abs, terms)), rel=1e-13)


@given(FLOWS)
def test_at_no_interest_it_is_the_sum(flows: list[float]) -> None:
    assert npv(0.0, flows) == pytest.approx(math.fsum(flows), abs=1e-14 * math.fsum(map(abs, flows)))


def test_many_paths_are_each_path_alone_to_the_last_bit() -> None:
    flows = np.random.default_rng(1).normal(0, 1e6, (50, 61))
    assert npv(0.07, flows).tolist() == [npv(0.07, row) for row in flows]


@pytest.mark.parametrize("rate", [-1.0, -3.0, math.nan, math.inf, "ten"])
def test_what_is_no_rate_is_a_fault(rate: float) -> None:
    with pytest.raises(Faults, match="rate"):
        npv(rate, [1.0])


def test_flows_must_be_numbers_over_periods() -> None:
    with pytest.raises(Faults, match="shape"):
        npv(0.1, [])
    with pytest.raises(Faults, match="period 2"):
        npv(0.1, [1.0, 2.0, math.nan])


def test_a_sum_past_the_largest_number_is_said_not_returned() -> None:
    with pytest.raises(CalculationFault, match="largest"):
        npv(-0.999_999, [1.0] * 100)
