from __future__ import annotations

import math

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from finmodel.errors import Faults
from finmodel.metrics import irr, mirr
from tests.metrics.cash_flows import FLOWS

RATES = st.floats(-0.3, 1.0)


@given(FLOWS, RATES, RATES)
def test_it_is_the_librarys(flows: list[float], finance: float, reinvest: float) -> None:
    assume(min(flows) < 0 < max(flows))
    assert mirr(flows, finance, reinvest) == pytest.approx(npf.mirr(flows, finance, reinvest), rel=1e-10, abs=1e-12)


def test_financed_and_reinvested_at_the_rate_of_return_it_is_that_rate() -> None:
    flows = [-1_000.0, 300.0, -100.0, 500.0, 700.0]
    rate = irr(flows).rate
    assert mirr(flows, rate, rate) == pytest.approx(rate, abs=1e-12)


@pytest.mark.parametrize("flows", [[1, 2, 3], [-1, -2], [0, 0], [-5], [5]], ids=str)
def test_without_both_kinds_of_flow_it_does_not_exist(flows: list[float]) -> None:
    assert math.isnan(mirr(flows, 0.1, 0.1))


def test_many_paths_are_each_path_alone_to_the_last_bit() -> None:
    flows = np.random.default_rng(2).normal(0, 1e6, (50, 21))
    flows[7] = abs(flows[7])
    together = mirr(flows, 0.08, 0.05)
    assert together.tobytes() == np.array([mirr(row, 0.08, 0.05) for row in flows]).tobytes()
    assert math.isnan(together[7])


@pytest.mark.parametrize(("finance", "reinvest"), [(-1.0, 0.1), (0.1, math.nan)])
def test_what_is_no_rate_is_a_fault(finance: float, reinvest: float) -> None:
    with pytest.raises(Faults, match="rate"):
        mirr([-1.0, 2.0], finance, reinvest)
