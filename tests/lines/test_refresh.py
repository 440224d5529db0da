"""Generations of hardware in the same halls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lines.conftest import Result, Site, site_of

RACK = 4.4e6


def bought(result: Result, phase: str) -> list[float]:
    return [float(result[f"generation_bought.{phase}.{g}"]) for g in ("original", "second", "third")]


def test_a_generation_starts_when_the_one_before_has_served(site: Site) -> None:
    result = site()
    dates = [result[f"acceptance_date.first.{g}"] for g in ("original", "second", "third")]
    assert dates == pytest.approx([13, 49, 85])
    assert np.all(np.abs(result["racks_in_service"][26:] - 30) < 1e-9)


@pytest.mark.parametrize(
    ("least", "first", "second"),
    [(1, [1, 1, 1], [1, 1, 1]), (2, [1, 1, 1], [1, 1, 0]), (3, [1, 1, 0], [1, 1, 0]), (6, [1, 0, 0], [1, 0, 0])],
)
def test_hardware_is_refreshed_only_with_enough_time_left(
    site: Site, least: float, first: list[float], second: list[float]
) -> None:
    result = site(minimum_refresh_term=least)
    assert bought(result, "first") == first
    assert bought(result, "second") == second


def test_a_longer_life_refreshes_less_often(site: Site) -> None:
    counts = [sum(bought(site(hardware_life=life), "first")) for life in (2, 3, 4.5, 8)]
    assert counts == [3, 3, 2, 1]


def test_downtime_leaves_the_halls_empty(site: Site) -> None:
    result = site({"racks.second": 0}, refresh_downtime=365 / 84)  # one month
    assert result["acceptance_date.first.second"] == pytest.approx(50)
    in_service = result["racks_in_service"]
    assert in_service[49] == pytest.approx(10)
    assert in_service[50] == pytest.approx(0, abs=1e-9)
    assert in_service[51] == pytest.approx(10)


@given(life=st.floats(1, 5), spread=st.floats(0, 9), downtime=st.floats(0, 20), end=st.floats(20, 130))
@settings(max_examples=60, deadline=None)
def test_racks_in_service_never_exceed_the_places(life: float, spread: float, downtime: float, end: float) -> None:
    site = site_of(120, 12, ("first", "second"), ("original", "second", "third"), 12)
    racks = site(hardware_life=life, installation_ramp=spread, refresh_downtime=downtime, operations_end=end)[
        "racks_in_service"
    ]
    assert racks.min() >= -1e-9
    assert racks.max() <= 30 + 1e-9


def test_refresh_pays_racks_and_refit(site: Site) -> None:
    result = site({"racks.second": 0})
    paid = result["refresh_capex"]
    cost = 10 * RACK
    expected = np.zeros(121)
    for accepted in (49, 85):  # delivered a month before, ordered six months before that
        expected[accepted - 7] += 0.3 * cost
        expected[accepted - 1] += 0.35 * cost + 5e5
        expected[accepted] += 0.35 * cost
    np.testing.assert_allclose(paid, expected, atol=1e-2)


def test_a_generation_costs_its_price_at_its_order(site: Site) -> None:
    result = site({"generation_price.second": 1.6}, rack_price_decline=0.1)
    ordered = 49 - 7
    assert result["rack_unit_cost.first.second"] == pytest.approx(RACK * 1.6 * 0.9 ** (ordered / 12))


def test_retired_racks_bring_what_age_has_left(site: Site) -> None:
    result = site({"racks.second": 0})
    sold = result["hardware_sale"]
    cost = 10 * RACK
    assert sold[49] == pytest.approx(0.1 * cost)
    assert sold[85] == pytest.approx(0.1 * cost)
    assert sold[120] == pytest.approx(0.1 ** (35 / 36) * cost)
    assert sold.sum() == pytest.approx(sold[[49, 85, 120]].sum())


def test_worthless_racks_bring_nothing_and_hinder_nothing(site: Site) -> None:
    result = site(residual_share=0, operations_end=60)
    assert np.all(result["hardware_sale"] == 0)


class TestThreeGenerationsWithLivesOfTheirOwn:
    """Three years, one and a half, and two: accepted at 13, 49 and 67, the last retired at 91; nothing follows."""

    @pytest.fixture
    def result(self, site: Site) -> Result:
        return site({"generation_life.second": 0.5, "generation_life.third": 2 / 3, "racks.second": 0})

    def test_each_starts_where_the_one_before_retires(self, result: Result) -> None:
        dates = [result[f"acceptance_date.first.{g}"] for g in ("original", "second", "third")]
        assert dates == pytest.approx([13, 49, 67])
        for generation, served in (("original", 36), ("second", 18), ("third", 24)):
            assert result[f"generation_in_service.first.{generation}"].sum() == pytest.approx(10 * served)

    def test_the_phase_ends_with_the_last(self, result: Result) -> None:
        assert result["phase_end.first"] == pytest.approx(91)
        assert result["racks_in_service"][92:].max() == pytest.approx(0, abs=1e-9)

    def test_each_is_sold_at_the_end_of_its_own_life(self, result: Result) -> None:
        sold = result["hardware_sale"]
        np.testing.assert_allclose(sold[[49, 67, 91]], 0.1 * 10 * RACK)
        assert sold.sum() == pytest.approx(3 * 0.1 * 10 * RACK)

    def test_a_like_life_gives_the_usual_dates(self, site: Site) -> None:
        assert site()["acceptance_date.first.third"] == pytest.approx(85)

    def test_a_generation_that_never_serves_brings_and_takes_nothing(self, site: Site) -> None:
        result = site({"generation_life.second": 0}, minimum_refresh_term=0)
        assert result["generation_in_service.first.second"].max() == 0
        assert result["resale_value.first.second"] == 0


def test_downtime_counts_once_between_generations(site: Site) -> None:
    month = 365 / 84
    result = site({"generation_life.second": 0.5, "racks.second": 0}, refresh_downtime=month)
    assert result["acceptance_date.first.second"] == pytest.approx(50)
    assert result["acceptance_date.first.third"] == pytest.approx(69)
    assert result["phase_end.first"] == pytest.approx(105)


def test_a_site_of_one_generation_buys_no_other(single: Site) -> None:
    assert np.all(single()["refresh_capex"] == 0)
