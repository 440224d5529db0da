"""Working capital: what is owed, and that all of it comes back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lines.conftest import Site, site_of


def test_receivables_and_payables_are_days_of_revenue_and_cost(single: Site) -> None:
    result = single()  # one month and half a month
    assert result["receivables"][20] == pytest.approx(result["revenue"][20])
    assert result["payables"][20] == pytest.approx(result["opex"][20] / 2)


@given(owed=st.floats(0, 120), owing=st.floats(0, 120), end=st.floats(40, 200), least=st.floats(0, 10))
@settings(max_examples=40, deadline=None)
def test_working_capital_is_released_in_full(owed: float, owing: float, end: float, least: float) -> None:
    site = site_of(120, 12, ("first", "second"), ("original", "second", "third"), 12)
    result = site(receivable_days=owed, payable_days=owing, operations_end=end, minimum_refresh_term=least)
    scale = np.abs(result["working_capital"]).max() + 1
    assert abs(result["working_capital_increase"].sum()) <= 1e-9 * scale
    assert result["working_capital"][-1] == pytest.approx(0, abs=1e-9 * scale)
