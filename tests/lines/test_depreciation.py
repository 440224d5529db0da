"""Depreciation for tax, by asset class and method."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lines.conftest import RECOVERY_YEARS, Result, Site, site_of

FACILITY = 12e6 * 1.1 * 1.05
HARDWARE = 10 * 4.4e6

HALF_YEAR = (0.2, 0.32, 0.192, 0.1152, 0.1152, 0.0576)
"""IRS Publication 946, table A-1: property of five years, half-year convention."""
FOURTH_QUARTER = (0.05, 0.38, 0.228, 0.1368, 0.1094, 0.0958)
"""IRS Publication 946, table A-5: property of five years, mid-quarter convention, placed in the fourth quarter."""


def table(asset: str, shares: tuple[float, ...]) -> dict[str, float]:
    """Figures that write an asset class off by a table."""
    listed = {f"{asset}_tax_table.{year}": share for year, share in zip(RECOVERY_YEARS, shares, strict=True)}
    return {f"{asset}_table_share": 1.0, **listed}


@pytest.fixture(scope="module")
def lasting() -> Site:
    """One phase and one generation that outlives its ten years by month."""
    return site_of(120, 12, ("only",), ("original",), 12)


def steps(result: Result, line: str) -> dict[int, float]:
    """Where a cumulative row moves, and by how much."""
    row = np.diff(result[line], prepend=0.0)
    return {int(at): float(row[at]) for at in np.flatnonzero(np.abs(row) > 1e-9 * np.abs(row).max())}


def test_hardware_is_written_off_in_a_straight_line(single: Site) -> None:
    written = np.diff(single(facility_tax_life=1000)["hardware_written_off.only.original"])
    np.testing.assert_allclose(written[13:47], HARDWARE / 36)
    assert written[47] == pytest.approx(2 * HARDWARE / 36)  # retired a month before its last


def test_the_facility_is_written_off_from_a_ready_hall(single: Site) -> None:
    share = np.diff(single()["facility_written_off_share.only"])
    assert np.all(share[:12] == 0)
    np.testing.assert_allclose(share[12:47], 1 / 120)
    assert share.sum() == pytest.approx(1)


@given(
    delay=st.floats(0, 9),
    life=st.floats(1, 5),
    tax_life=st.floats(1, 8),
    spread=st.floats(0, 6),
    end=st.floats(60, 130),
    least=st.floats(0, 6),
    shares=st.tuples(*[st.sampled_from([0.0, 0.3, 1.0])] * 3),
)
@settings(max_examples=80, deadline=None)
def test_depreciation_adds_up_to_cost_by_whatever_method(
    delay: float,
    life: float,
    tax_life: float,
    spread: float,
    end: float,
    least: float,
    shares: tuple[float, float, float],
) -> None:
    methods = {
        f"{asset}_{method}_share": share
        for asset in ("hardware", "facility")
        for method, share in zip(("bonus", "table", "declining"), shares, strict=True)
    }
    site = site_of(120, 12, ("first", "second"), ("original", "second", "third"), 12)
    result = site(
        methods,
        construction_delay=delay,
        hardware_life=life,
        hardware_tax_life=tax_life,
        installation_ramp=spread,
        operations_end=end,
        minimum_refresh_term=least,
    )
    cost = result["capex"].sum() + result["refresh_capex"].sum()
    assert result["depreciation"].sum() == pytest.approx(cost)
    assert np.all(result["depreciation"] >= -1e-6 * cost)
    assert result["net_fixed_assets"].min() >= -1e-9 * cost
    assert result["net_fixed_assets"][-1] == pytest.approx(0, abs=1e-9 * cost)


def test_assets_on_the_books_are_never_worth_less_than_nothing(site: Site) -> None:
    for spread in (0, 3, 7.5):
        result = site(installation_ramp=spread)
        assert result["net_fixed_assets"].min() >= -1e-9 * result["net_fixed_assets"].max()


@pytest.mark.parametrize("shares", [HALF_YEAR, FOURTH_QUARTER], ids=["half-year", "mid-quarter"])
def test_a_table_of_the_tax_code_is_reproduced(lasting: Site, shares: tuple[float, ...]) -> None:
    assert sum(shares) == pytest.approx(1)
    result = lasting(table("hardware", shares), hardware_life=20)  # accepted in month 13, tax years end in 24, 36, ...
    expected = {24 + 12 * age: share * HARDWARE for age, share in enumerate(shares)}
    assert steps(result, "hardware_depreciated") == pytest.approx(expected)
    off = lasting(table("hardware", shares), hardware_life=20, hardware_table_share=0)
    assert off["hardware_depreciated"][49] == pytest.approx(HARDWARE)  # straight line over 36 months from 13


def test_a_table_asks_only_in_which_tax_year_an_asset_enters_service() -> None:
    for end, first in ((12, 24), (3, 15), (6, 18)):  # accepted in month 13, January
        site = site_of(120, 12, ("only",), ("original",), end)
        result = site(table("hardware", HALF_YEAR), hardware_life=20)
        assert steps(result, "hardware_depreciated") == pytest.approx(
            {first + 12 * age: share * HARDWARE for age, share in enumerate(HALF_YEAR)}
        )


def test_racks_of_two_tax_years_follow_the_table_each_from_its_own(site: Site) -> None:
    result = site(table("hardware", HALF_YEAR), hardware_life=20)
    first, second = HARDWARE, 2 * HARDWARE  # accepted in 13 and 25
    due = steps(result, "hardware_depreciated")
    assert due[24] == pytest.approx(0.2 * first)
    assert due[36] == pytest.approx(0.32 * first + 0.2 * second)
    assert due[96] == pytest.approx(0.0576 * second)
    spread = site({**table("hardware", HALF_YEAR), "racks.second": 0}, hardware_life=20, installation_ramp=23)
    halves = steps(spread, "hardware_depreciated")  # twelve months of twenty-four in each tax year
    assert halves[24] == pytest.approx(0.2 * first / 2)
    assert halves[36] == pytest.approx((0.32 + 0.2) * first / 2)


def test_what_a_table_leaves_is_written_off_at_the_end(single: Site) -> None:
    due = steps(single(table("hardware", HALF_YEAR)), "hardware_depreciated")
    assert due == pytest.approx({24: 0.2 * HARDWARE, 36: 0.32 * HARDWARE, 48: 0.48 * HARDWARE})


def test_a_table_that_says_more_than_all_writes_off_all(lasting: Site) -> None:
    result = lasting(table("hardware", (0.6,) * 6), hardware_life=20)
    assert steps(result, "hardware_depreciated") == pytest.approx({24: 0.6 * HARDWARE, 36: 0.4 * HARDWARE})


def test_the_facility_has_a_table_of_its_own(lasting: Site) -> None:
    result = lasting(table("facility", HALF_YEAR), hardware_life=20)  # ready in month 12, the end of a tax year
    expected = {12 + 12 * age: share for age, share in enumerate(HALF_YEAR)}
    assert steps(result, "facility_depreciated_share") == pytest.approx(expected)
    assert lasting(hardware_life=20)["facility_depreciated_share"][72] == pytest.approx(0.5)


def test_a_bonus_is_written_off_at_entry_into_service(single: Site) -> None:
    result, without = single(hardware_bonus_share=0.4), single()
    written = result["hardware_depreciated"]
    assert written[12] == 0
    assert written[13] == pytest.approx(0.4 * HARDWARE)
    assert written[25] == pytest.approx((0.4 + 0.6 / 3) * HARDWARE)
    assert result["depreciation"][13] - without["depreciation"][13] == pytest.approx(0.4 * HARDWARE)
    building = single(facility_bonus_share=0.4)
    assert building["facility_depreciated_share"][12] == pytest.approx(0.4)
    assert building["facility_depreciated_share"][24] == pytest.approx(0.4 + 0.6 / 10)
    assert building["depreciation"][12] - without["depreciation"][12] == pytest.approx(0.4 * FACILITY)


def test_a_bonus_comes_before_the_table(lasting: Site) -> None:
    result = lasting(table("hardware", HALF_YEAR), hardware_life=20, hardware_bonus_share=0.4)
    due = steps(result, "hardware_depreciated")
    assert due[13] == pytest.approx(0.4 * HARDWARE)
    assert due[24] == pytest.approx(0.6 * 0.2 * HARDWARE)


def test_a_declining_balance_loses_its_rate_a_year(lasting: Site) -> None:
    """Double declining balance over six years: the published 333,333, 222,222, 148,148, ... of a million."""
    result = lasting(hardware_declining_share=1, hardware_declining_rate=1 / 3, hardware_life=20)
    yearly = np.diff(result["hardware_depreciated"][13:90:12]) / HARDWARE
    published = [333333.3333333333, 222222.22222222225, 148148.14814814815, 98765.43209876546, 65843.62139917696]
    np.testing.assert_allclose(yearly[:5], np.array(published) / 1e6)
    building = lasting(facility_declining_share=1, facility_declining_rate=0.2)["facility_depreciated_share"]
    np.testing.assert_allclose(building[12:49:12], 1 - 0.8 ** np.arange(4))
    assert building[120] == pytest.approx(1)


def test_methods_share_what_is_written_off(lasting: Site) -> None:
    half = lasting(hardware_declining_share=0.5, hardware_life=20)["hardware_depreciated"]
    assert half[25] == pytest.approx((0.2 + 1 / 3) / 2 * HARDWARE)


def test_faster_depreciation_never_costs(site: Site) -> None:
    base = site()["project_npv"]
    for asset in ("hardware", "facility"):
        values = [site({f"{asset}_bonus_share": share}, loss_use_limit=1)["project_npv"] for share in (0, 0.3, 0.6, 1)]
        assert np.all(np.diff(values) > 0), asset
    assert site(hardware_bonus_share=0, facility_bonus_share=0)["project_npv"] == base
