from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from finmodel.errors import CalculationFault, Faults
from finmodel.metrics import irr, npv, xirr, xnpv
from finmodel.metrics.dates import DAY_COUNTS, years_from_first
from tests.metrics.cash_flows import with_rates

DATES = [dt.date(2024, 1, 15), dt.date(2024, 7, 1), dt.date(2025, 2, 28), dt.date(2026, 3, 31), dt.date(2030, 12, 31)]
FLOWS = [-1_000.0, 200.0, 300.0, 400.0, 500.0]


def worth(rate: float, flows: Sequence[float], dates: Sequence[dt.date]) -> float:
    """Net present value over gross, by act/365f."""
    terms = [
        flow * (1.0 + rate) ** (-(date - min(dates)).days / 365.0) for flow, date in zip(flows, dates, strict=True)
    ]
    return math.fsum(terms) / math.fsum(map(abs, terms))


def test_the_present_value_is_zero_at_the_rate() -> None:
    found = xirr(FLOWS, DATES)
    assert found.status == "unique"
    assert abs(worth(found.rate, FLOWS, DATES)) < 1e-13
    assert xnpv(found.rate, FLOWS, DATES) == pytest.approx(0.0, abs=1e-9)


@given(st.permutations(range(5)))
def test_the_order_of_the_dates_does_not_matter(order: list[int]) -> None:
    flows, dates = [FLOWS[i] for i in order], [DATES[i] for i in order]
    assert xirr(flows, dates) == xirr(FLOWS, DATES)
    assert xnpv(0.1, flows, dates) == xnpv(0.1, FLOWS, DATES)


def test_flows_of_one_day_add_up() -> None:
    split = [-600.0, -400.0, *FLOWS[1:]]
    assert xirr(split, [DATES[0], *DATES]).rate == pytest.approx(xirr(FLOWS, DATES).rate, abs=1e-14)


def test_on_days_a_year_apart_it_is_the_rate_of_equally_spaced_flows() -> None:
    dates = [dt.date(2021, 1, 1) + dt.timedelta(days=365 * year) for year in range(5)]
    assert xirr(FLOWS, dates).rate == pytest.approx(irr(FLOWS).rate, abs=1e-13)
    assert xnpv(0.1, FLOWS, dates) == pytest.approx(npv(0.1, FLOWS), rel=1e-14)


@given(
    st.lists(
        st.tuples(st.floats(-1e4, 1e4).filter(lambda x: abs(x) > 1), st.integers(0, 5_000)), min_size=2, max_size=8
    )
)
def test_what_is_returned_is_a_rate_at_which_the_value_is_zero(pairs: list[tuple[float, int]]) -> None:
    flows = [flow for flow, _ in pairs]
    dates = [dt.date(2020, 2, 29) + dt.timedelta(days=days) for _, days in pairs]
    found = xirr(flows, dates)
    assert found.status != "not converged"
    assert math.isnan(found.rate) == (found.status == "none")
    if found.status != "none":
        assume(found.rate < 1e6)
        ahead = max(dates) - min(dates)
        # Seen from the last date where the rate is negative, so that no weight passes the largest number.
        mirrored = [min(dates) + ahead - (date - min(dates)) for date in dates]
        value = (
            worth(found.rate, flows, dates)
            if found.rate > 0
            else worth(-found.rate / (1 + found.rate), flows, mirrored)
        )
        assert abs(value) < max(1e-9, 1e-14 / (1.0 + found.rate))  # 1 + rate has few digits near -100 %


def test_a_sheets_way_of_giving_up_is_not_a_rate() -> None:
    """Excel's XIRR answers 2.98e-9 where it finds nothing: near -100 %, as here, and where there is no rate."""
    flows, dates = [-1_000.0, 100.0, 20.0], [dt.date(2020, 1, 1), dt.date(2020, 3, 1), dt.date(2020, 6, 1)]
    found = xirr(flows, dates)
    assert found.rate < -0.99
    assert abs(worth(found.rate, flows, dates)) < 1e-11
    assert xirr([1_000.0, 100.0, 20.0], dates).status == "none"


def test_a_tenth_gained_in_a_day_is_a_rate_too() -> None:
    found = xirr([-100.0, 110.0], ["2024-01-01", "2024-01-02"])
    assert found.rate == pytest.approx(1.1**365 - 1.0, rel=1e-9)


def test_two_rates_are_told() -> None:
    dates = [dt.date(2021, 1, 1) + dt.timedelta(days=365 * year) for year in range(3)]
    found = xirr(with_rates([0.1, 0.2]), dates)
    assert (found.rate, found.status) == (pytest.approx(0.2, abs=1e-10), "multiple")


def test_many_paths_are_each_path_alone_to_the_last_bit() -> None:
    flows = np.random.default_rng(3).normal(50, 300, (40, 5))
    flows[:, 0] = -500
    together = xirr(flows, DATES)
    alone = [xirr(row, DATES) for row in flows]
    assert together.rate.tobytes() == np.array([one.rate for one in alone]).tobytes()
    assert together.status.tolist() == [one.status for one in alone]
    assert xnpv(0.1, flows, DATES).tolist() == [xnpv(0.1, row, DATES) for row in flows]


@pytest.mark.parametrize(
    ("day_count", "start", "end", "years"),
    [
        ("act/365f", "2024-01-01", "2025-01-01", 366 / 365),
        ("act/360", "2024-01-01", "2025-01-01", 366 / 360),
        ("act/act isda", "2024-01-01", "2025-01-01", 1.0),
        ("act/act isda", "2003-11-01", "2004-05-01", 61 / 365 + 121 / 366),  # ISDA, EMU and market conventions, 1998
        ("act/act isda", "1999-02-01", "2001-07-01", 334 / 365 + 1 + 181 / 365),
        ("30/360 sia", "2024-01-31", "2024-03-31", 60 / 360),
        ("30/360 sia", "2024-01-15", "2024-03-31", 76 / 360),
        ("30/360 sia", "2023-02-28", "2023-03-31", 30 / 360),
        ("30/360 sia", "2023-02-28", "2024-02-29", 360 / 360),
        ("30/360 sia", "2024-02-28", "2024-03-31", 33 / 360),
    ],
)
def test_day_counts(day_count: str, start: str, end: str, years: float) -> None:
    assert years_from_first([end, start], day_count) == [pytest.approx(years, abs=1e-15), 0.0]
    assert years_from_first([end, start], f" {day_count.upper()} ") == years_from_first([end, start], day_count)


@pytest.mark.parametrize(
    "dates",
    [
        [date.isoformat() for date in DATES],
        [dt.datetime.combine(date, dt.time(12)) for date in DATES],
        np.array(DATES, dtype="datetime64[D]"),
        pd.to_datetime(pd.Series(DATES)),
    ],
    ids=["texts", "datetimes", "numpy", "pandas"],
)
def test_dates_come_in_many_forms(dates: Any) -> None:
    assert xirr(FLOWS, dates) == xirr(FLOWS, DATES)


@pytest.mark.parametrize(
    ("dates", "day_count", "complaint"),
    [
        (DATES[:4], "act/365f", "4 dates.*5 dates"),
        ([*DATES[:4], "31.12.2030"], "act/365f", "date 4"),
        ([*DATES[:4], None], "act/365f", "date 4"),
        ([*DATES[:4], pd.NaT], "act/365f", "date 4"),
        ([*DATES[:4], 2030], "act/365f", "date 4"),
        (DATES, "act/365", "did you mean 'act/365f'"),
        (DATES, "30e/360", "unknown day count"),
    ],
)
def test_dates_that_are_none_are_a_fault(dates: Any, day_count: str, complaint: str) -> None:
    with pytest.raises(Faults, match=complaint):
        xirr(FLOWS, dates, day_count=day_count)
    with pytest.raises(Faults, match=complaint):
        xnpv(0.1, FLOWS, dates, day_count)


def test_rates_and_flows_are_checked() -> None:
    with pytest.raises(Faults, match="guess"):
        xirr(FLOWS, DATES, guess=-1.0)
    with pytest.raises(Faults, match="rate"):
        xnpv(-1.0, FLOWS, DATES)
    with pytest.raises(Faults, match="shape"):
        xirr([], [])
    with pytest.raises(Faults, match="period 0"):
        xnpv(0.1, [math.nan], DATES[:1])
    with pytest.raises(CalculationFault, match="largest"):
        xnpv(-1.0 + 1e-12, [1.0, 1.0], ["2000-01-01", "2100-01-01"])


def test_every_day_count_of_the_reference_cases_is_known() -> None:
    assert set(DAY_COUNTS) == {"act/365f", "act/360", "30/360 sia", "act/act isda"}
