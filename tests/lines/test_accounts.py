"""Depreciation in the accounts: over the service life of racks, whatever the tax code allows."""

from __future__ import annotations

import numpy as np
import pytest

from tests.lines.conftest import Site

FACILITY, LAND = 12e6 * 1.1 * 1.05, 1e6
HARDWARE = 10 * 4.4e6


def test_racks_are_written_off_over_their_service_life(single: Site) -> None:
    written = np.diff(single(hardware_tax_life=1)["hardware_book_written_off"])
    assert np.all(written[:13] == 0)  # accepted in month 13
    np.testing.assert_allclose(written[13:47], HARDWARE / 36)
    assert written[47] == pytest.approx(2 * HARDWARE / 36)  # operations end a month before their life


def test_a_refit_is_written_off_with_its_racks(site: Site) -> None:
    """Three lives of three years from months 13 and 25; a refit costs half a million a MW."""
    charge = site()["hardware_charge.second"]
    first, second = HARDWARE + 5e5, 2 * (HARDWARE + 5e5)
    assert charge[50] == pytest.approx(first / 36)
    assert charge[62] == pytest.approx((first + second) / 36)
    assert charge.sum() == pytest.approx(first + second)


def test_a_longer_life_of_a_generation_is_its_own_life_in_the_accounts(site: Site) -> None:
    charge = site({"generation_life.second": 1.5})["hardware_charge.second"]
    assert charge[50] == pytest.approx((HARDWARE + 5e5) / 54)


def test_halls_are_written_off_in_a_straight_line_and_land_when_it_is_sold(single: Site) -> None:
    """Ten years from month 12, of which three have passed at the end."""
    result = single()
    halls = result["book_depreciation"] - np.diff(result["hardware_book_written_off"], prepend=0)
    np.testing.assert_allclose(halls[13:48], FACILITY / 120)
    assert halls[48] == pytest.approx(FACILITY * (1 - 35 / 120) + LAND)


def test_the_accounts_know_no_bonus_and_no_table(site: Site) -> None:
    usual = site()
    fast = site(hardware_bonus_share=1, facility_bonus_share=0.5, hardware_tax_life=1, facility_table_share=1)
    np.testing.assert_array_equal(fast["book_depreciation"], usual["book_depreciation"])
    assert fast["depreciation"][13] > usual["depreciation"][13]


def test_racks_that_never_serve_are_written_off_when_operations_end(site: Site) -> None:
    result = site({"generation_life.second": 0}, minimum_refresh_term=0)
    assert result["net_book_assets"][-1] == pytest.approx(0, abs=1e-3)
    assert result["net_book_assets"].min() >= -1e-3


def test_what_was_not_paid_is_not_written_off(site: Site) -> None:
    for spread in (0, 3, 7.5):
        result = site(installation_ramp=spread)
        assert result["net_book_assets"].min() >= -1e-9 * result["net_book_assets"].max()
        assert np.all(result["hardware_book_written_off"] <= result["hardware_paid"] * (1 + 1e-12))
