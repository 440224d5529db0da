"""Grants: received as capex is spent, up to a cap, from a date on; taxed over the life of the hardware."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lines.conftest import Result, Site, site_of

HALL, RACKS = 14.86e6, 44e6
"""Capex of the one-phase fixture: the hall over twelve months, evenly here; racks 30 % at 3, 35 % at 9, 35 % at 13."""
GRANT: dict[str, float] = {"grant_share": 0.2, "grant_cap": 1e9, "spend_curve": 1}
ALL_OF_IT = 0.2 * (HALL + RACKS)


def test_without_a_share_there_is_no_grant(single: Site) -> None:
    result = single(grant_cap=1e9)
    assert np.all(result["grant"] == 0)
    assert np.all(result["grant_income"] == 0)


def test_a_grant_is_its_share_of_what_is_spent(single: Site) -> None:
    grant = single(GRANT)["grant"]
    assert grant[1] == pytest.approx(0.2 * HALL / 12)
    assert grant[3] == pytest.approx(0.2 * (HALL / 12 + 0.3 * RACKS))
    assert grant[13] == pytest.approx(0.2 * 0.35 * RACKS)
    assert grant.sum() == pytest.approx(ALL_OF_IT)


def test_what_was_spent_before_its_date_is_granted_on_it(single: Site) -> None:
    grant = single(GRANT, grant_date=6)["grant"]
    assert np.all(grant[:6] == 0)
    assert grant[6] == pytest.approx(0.2 * (HALL / 2 + 0.3 * RACKS))
    assert grant[7] == pytest.approx(0.2 * HALL / 12)
    assert grant.sum() == pytest.approx(ALL_OF_IT)


def test_a_date_between_two_period_ends_is_split_between_them(single: Site) -> None:
    received = single(GRANT, grant_date=6.25)["grant_received"]
    assert received[5] == 0
    assert received[6] == pytest.approx(0.75 * 0.2 * (HALL / 2 + 0.3 * RACKS))
    assert received[7] == pytest.approx(0.2 * (HALL * 7 / 12 + 0.3 * RACKS))


def test_a_cap_in_local_money_binds(single: Site) -> None:
    grant = single(GRANT, grant_cap=5e6, exchange_rate=1.1)["grant"]
    assert grant.sum() == pytest.approx(5.5e6)
    assert np.all(grant[9] > 0)
    assert np.all(grant[10:] == 0)  # 20 % of 13.2, 15.4 and three quarters of 14.86 m is 7.9 m


def test_refresh_is_not_granted(site: Site) -> None:
    result = site(GRANT)
    assert result["refresh_capex"].sum() > 0
    assert result["grant"].sum() == pytest.approx(0.2 * result["capex_total"])


def test_a_grant_is_income_for_tax_from_the_first_rack_over_the_life_of_hardware(single: Site) -> None:
    none, some = single(spend_curve=1), single(GRANT)
    more = some["taxable_income.unlevered"] - none["taxable_income.unlevered"]
    assert np.all(np.abs(more[:14]) < 1e-6)
    np.testing.assert_allclose(more[14:48], ALL_OF_IT / 36)
    assert more[48] == pytest.approx(ALL_OF_IT * 2 / 36)  # operations end after 35 of 36 months
    assert some["deferred_grant"][13] == pytest.approx(ALL_OF_IT)
    assert some["deferred_grant"][31] == pytest.approx(ALL_OF_IT / 2)
    assert some["tax_losses.unlevered"][-1] == 0
    assert some["tax.unlevered"].sum() - none["tax.unlevered"].sum() == pytest.approx(0.25 * ALL_OF_IT)


def test_a_grant_is_cash_before_tax_and_leaves_capex_as_it_is(single: Site) -> None:
    none, some = single(spend_curve=1), single(GRANT)
    difference = some["cash_flow_before_tax"] - none["cash_flow_before_tax"]
    np.testing.assert_allclose(difference, some["grant"], atol=1e-6)
    for line in ("capex", "capex_total", "depreciation", "net_fixed_assets", "ebitda"):
        np.testing.assert_array_equal(some[line], none[line], err_msg=line)
    assert some["payback_years"] < none["payback_years"]
    worth = np.sum(some["grant"] * some["discount_factor"]) / some["discounted_gpu_hours"]
    cheaper = none["levelised_cost_of_compute"] - some["levelised_cost_of_compute"]
    assert cheaper == pytest.approx(worth)


def conserves(result: Result, share: float, cap: float) -> None:
    """At no time more than the share of what was spent, nor than the cap; all of it is taxed, once."""
    spent, received = result["capex"].cumsum(), result["grant"].cumsum()
    most = np.minimum(share * spent, cap)
    scale = 1e-9 * (spent[-1] + 1)
    assert np.all(received <= most + scale)
    assert np.all(result["grant"] >= -scale)
    assert np.all(result["grant_income"] >= -scale)
    assert np.all(result["deferred_grant"] >= -scale)
    assert abs(result["deferred_grant"][-1]) <= scale


@given(
    share=st.floats(0, 1),
    cap=st.floats(0, 2e8),
    date=st.floats(0, 130),
    delay=st.floats(0, 200),
    end=st.floats(0, 150),
    spread=st.floats(0, 20),
    per_year=st.sampled_from([1, 4, 12]),
)
@settings(max_examples=60, deadline=None)
def test_a_grant_is_conserved(
    share: float, cap: float, date: float, delay: float, end: float, spread: float, per_year: int
) -> None:
    site = site_of(10 * per_year, per_year, ("first", "second"), ("original", "second", "third"), 12)
    result = site(
        grant_share=share,
        grant_cap=cap,
        grant_date=date,
        construction_delay=delay,
        operations_end=end,
        installation_ramp=spread,
    )
    conserves(result, share, cap)
    if date <= min(end, 120):
        most = min(share * result["capex"].sum(), cap)
        assert result["grant"].sum() == pytest.approx(most, abs=1e-3)


@given(
    share=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    cap=st.tuples(st.floats(0, 2e8), st.floats(0, 2e8)),
    date=st.tuples(st.floats(0, 100), st.floats(0, 100)),
    tax_rate=st.floats(0, 1),
    loss_life=st.floats(1, 12),
    holiday=st.floats(0, 8),
)
@settings(max_examples=60, deadline=None)
def test_more_grant_and_sooner_never_hurts(
    share: tuple[float, float],
    cap: tuple[float, float],
    date: tuple[float, float],
    tax_rate: float,
    loss_life: float,
    holiday: float,
) -> None:
    site = site_of(120, 12, ("first", "second"), ("original", "second", "third"), 12)
    taxed = {"tax_rate": tax_rate, "loss_life": loss_life, "tax_holiday": holiday}
    less = site(taxed, grant_share=min(share), grant_cap=min(cap), grant_date=max(date))["project_npv"]
    more = site(taxed, grant_share=max(share), grant_cap=max(cap), grant_date=min(date))["project_npv"]
    assert more >= less - 1e-3
