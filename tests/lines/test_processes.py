"""Inflation, interest, jumps and seasons: what a shock does, and that none of it moves the base case."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.lines.conftest import Site, site_of

ONE = (("only",), ("original",), 12)

PROCESSES = {
    "inflation_step": ("inflation_reversion", "inflation_volatility"),
    "base_rate_step": ("base_rate_reversion", "base_rate_volatility"),
    "electricity_step": ("electricity_reversion", "electricity_volatility"),
    "gpu_hour_price_step": ("gpu_hour_price_reversion", "gpu_hour_price_volatility"),
}
"""The standard deviation of a period's shock, and the figures that it follows from."""


def shock(at: int, size: float = 1.0, periods: int = 48) -> NDArray[np.float64]:
    row = np.zeros(periods + 1)
    row[at] = size
    return row


class TestStep:
    """Sources: Vasicek (1977), equation 25; Gillespie (1996), equation 1.9: sigma^2 (1 - exp(-2 k t)) / (2 k)."""

    @pytest.mark.parametrize("name", PROCESSES)
    @pytest.mark.parametrize("per_year", [1, 4, 12])
    @pytest.mark.parametrize("reversion", [1e-9, 0.2, 0.6, 0.99])
    def test_the_variance_of_a_period_is_that_of_an_ornstein_uhlenbeck_process(
        self, name: str, per_year: int, reversion: float
    ) -> None:
        speed = -math.log1p(-reversion)
        expected = 0.02**2 * -math.expm1(-2 * speed / per_year) / (2 * speed)
        reverts, varies = PROCESSES[name]
        step = site_of(4 * per_year, per_year, *ONE)({reverts: reversion, varies: 0.02})[name]
        assert step**2 == pytest.approx(expected, rel=1e-6)

    @pytest.mark.parametrize("name", PROCESSES)
    def test_without_reversion_it_is_a_random_walk_and_with_all_of_it_nothing(self, single: Site, name: str) -> None:
        reverts, varies = PROCESSES[name]
        assert single({reverts: 0, varies: 0.3})[name] == pytest.approx(0.3 / 12**0.5, rel=1e-15)
        assert single({reverts: 1, varies: 0.3})[name] == 0


class TestInflation:
    def test_the_base_case_keeps_to_the_figure(self, single: Site) -> None:
        result = single(inflation=0.025, wage_growth=0.035)
        assert np.all(result["inflation_deviation"] == 0)
        years = np.arange(0, 5)
        np.testing.assert_allclose(result["cost_index"][::12], 1.025**years, rtol=1e-14)
        np.testing.assert_allclose(result["wage_index"][::12], 1.035**years, rtol=1e-14)

    def test_a_shock_fades_and_leaves_prices_where_it_brought_them(self, single: Site) -> None:
        result = single(shocks={"inflation_shock": shock(10)})
        kept = 0.5 ** (1 / 12)
        step = 0.01 * math.sqrt((1 - kept**2) / (2 * math.log(2)))
        deviation = result["inflation_deviation"]
        assert np.all(deviation[:10] == 0)
        np.testing.assert_allclose(deviation[10:], step * kept ** np.arange(39), rtol=1e-12)
        surprise = step / 12 * (1 - kept**15) / (1 - kept)
        assert result["price_surprise"][24] == pytest.approx(surprise)

    @pytest.mark.parametrize("line", ["transit", "software", "facility_maintenance", "staff_cost", "water_cost"])
    def test_costs_and_wages_follow_the_surprise(self, single: Site, line: str) -> None:
        usual, surprised = (
            single(shocks={"inflation_shock": z}, water_usage=1.5) for z in (shock(10, 0), shock(10, 3))
        )
        rise = math.exp(surprised["price_surprise"][24])
        assert rise > 1.001
        assert surprised[line][24] == pytest.approx(usual[line][24] * rise)


class TestBaseRate:
    @pytest.mark.parametrize("per_year", [1, 4, 12])
    def test_the_base_case_goes_from_the_rate_at_close_to_the_mean(self, per_year: int) -> None:
        rate = site_of(4 * per_year, per_year, *ONE)()["base_rate"]
        np.testing.assert_allclose(rate[::per_year], 0.03 + 0.01 * 0.8 ** np.arange(5), rtol=1e-12)

    def test_with_all_of_the_reversion_it_is_at_its_mean_after_a_period(self, single: Site) -> None:
        rate = single(base_rate_reversion=1)["base_rate"]
        assert rate[0] == pytest.approx(0.04)
        np.testing.assert_allclose(rate[1:], 0.03)

    def test_without_reversion_it_stays(self, single: Site) -> None:
        np.testing.assert_allclose(single(base_rate_reversion=0, base_rate_mean=-0.01)["base_rate"], 0.04)

    def test_a_shock_fades_by_its_reversion(self, single: Site) -> None:
        usual, moved = single(), single(shocks={"base_rate_shock": shock(10)})
        away = moved["base_rate"] - usual["base_rate"]
        assert away[10] == pytest.approx(float(moved["base_rate_step"]))
        assert away[22] / away[10] == pytest.approx(0.8)

    @pytest.mark.parametrize("correlation", [-1, -0.4, 0, 0.7, 1])
    def test_it_shares_shocks_with_inflation(self, single: Site, correlation: float) -> None:
        shocks = {"inflation_shock": shock(5), "base_rate_shock": shock(6)}
        result = single(shocks=shocks, base_rate_correlation=correlation, base_rate_reversion=0)
        steps = np.diff(result["base_rate"]) / result["base_rate_step"]
        assert steps[4] == pytest.approx(correlation, abs=1e-12)
        assert steps[5] == pytest.approx((1 - correlation**2) ** 0.5, abs=1e-12)


@pytest.mark.parametrize("market", [-0.8, 0, 0.6])
@pytest.mark.parametrize("inflation", [-1, 0, 0.5, 1])
def test_electricity_shares_shocks_with_both_and_keeps_its_own_variance(
    single: Site, market: float, inflation: float
) -> None:
    shocks = {"gpu_hour_price_shock": shock(5), "inflation_shock": shock(6), "electricity_price_shock": shock(7)}
    result = single(shocks=shocks, price_correlation=market, electricity_inflation_correlation=inflation)
    felt = result["electricity_shock"][5:8]
    assert felt[0] == pytest.approx(market)
    assert felt[1] == pytest.approx(inflation * (1 - market**2) ** 0.5)
    assert np.sum(felt**2) == pytest.approx(1)


class TestJumps:
    """Half the sum of two squares above -ln p, where p = 1 - exp(-0.5 / 12) is the chance of a month."""

    CHANCE = 1 - math.exp(-0.5 / 12)

    @pytest.mark.parametrize(
        ("one", "other", "jump"),
        [
            (3.0, 1.0, 0.2 * (5 + math.log(CHANCE))),
            (-3.0, 1.0, -0.3 * (5 + math.log(CHANCE))),
            (1.0, -3.0, 0.2 * (5 + math.log(CHANCE))),
            (2.5, 0.0, 0.0),
            (0.0, 0.0, 0.0),
        ],
    )
    def test_a_jump_by_hand(self, single: Site, one: float, other: float, jump: float) -> None:
        shocks = {"gpu_hour_price_jump_shock": shock(5, one), "gpu_hour_price_jump_other_shock": shock(5, other)}
        result = single(shocks=shocks, gpu_hour_price_reversion=0)
        assert result["gpu_hour_price_jump"][5] == pytest.approx(jump)
        np.testing.assert_allclose(result["market_price"][5:], 5 * math.exp(jump))

    def test_the_base_case_has_none_even_where_they_come_all_the_time(self, single: Site) -> None:
        for rate in (0.0, 0.5, 1e4):
            assert np.all(single(gpu_hour_price_jump_rate=rate)["gpu_hour_price_jump"] == 0), rate

    def test_at_a_rate_of_nothing_no_shock_makes_one(self, single: Site) -> None:
        shocks = {"gpu_hour_price_jump_shock": shock(5, 9.0), "gpu_hour_price_jump_other_shock": shock(5, 9.0)}
        assert np.all(single(shocks=shocks, gpu_hour_price_jump_rate=0)["gpu_hour_price_jump"] == 0)

    def test_a_jump_fades_with_the_price(self, single: Site) -> None:
        shocks = {"gpu_hour_price_jump_shock": shock(5, 4.0)}
        deviation = single(shocks=shocks)["gpu_hour_price_deviation"]
        assert deviation[17] / deviation[5] == pytest.approx(1 - 0.2)

    def test_jumps_come_as_often_and_as_large_as_the_figures_say(self, site: Site) -> None:
        draws = np.random.default_rng(5).standard_normal((80, 2, 121))
        draws[:, :, 0] = 0
        names = ("gpu_hour_price_jump_shock", "gpu_hour_price_jump_other_shock")
        rows = [
            site(shocks=dict(zip(names, pair, strict=True)), gpu_hour_price_jump_rate=6)["gpu_hour_price_jump"][1:]
            for pair in draws
        ]
        jumps = np.concatenate(rows)
        up, down = jumps[jumps > 0], -jumps[jumps < 0]
        chance = 1 - math.exp(-6 / 12)
        error = math.sqrt(chance * (1 - chance) / jumps.size)
        assert (up.size + down.size) / jumps.size == pytest.approx(chance, abs=4 * error)
        assert up.size / (up.size + down.size) == pytest.approx(0.5, abs=2 / math.sqrt(up.size + down.size))
        for sizes, mean in ((up, 0.2), (down, 0.3)):
            assert sizes.mean() == pytest.approx(mean, abs=4 * mean / math.sqrt(sizes.size))
            assert sizes.std() == pytest.approx(mean, abs=8 * mean / math.sqrt(sizes.size))


class TestSeason:
    """Close is at the end of a December, so that month k of the first year is period k."""

    def test_the_dearest_month_and_the_cheapest(self, single: Site) -> None:
        season = single(electricity_swing=0.3, electricity_peak_month=8 / 12)["electricity_season"]
        thirds = np.array([-2, -3, -2, -1, 0, 1, 2, 3, 2, 1, 0, -1, -2])
        np.testing.assert_allclose(season[1:14], 1 + 0.3 * thirds / 3, rtol=1e-12)

    @given(peak=st.floats(0, 1), swing=st.floats(0, 1), per_year=st.sampled_from([2, 4, 12]))
    @settings(max_examples=60, deadline=None)
    def test_the_mean_of_a_year_is_one(self, peak: float, swing: float, per_year: int) -> None:
        site = site_of(4 * per_year, per_year, *ONE)
        season = site(electricity_swing=swing, electricity_peak_month=peak)["electricity_season"]
        for first in range(1, 3 * per_year):
            assert season[first : first + per_year].mean() == pytest.approx(1, abs=1e-14)
        assert np.all(season >= -1e-15)
        assert np.all(season <= 2 + 1e-14)

    def test_a_year_has_no_season(self) -> None:
        season = site_of(4, 1, *ONE)(electricity_swing=0.5)["electricity_season"]
        assert np.all(season == 1)

    def test_only_what_is_bought_at_the_market_price_has_one(self, single: Site) -> None:
        shares = {"electricity_swing": 0.5, "electricity_peak_month": 0.5}
        tariff = single(shares, electricity_market_share=0.4)["electricity_tariff"]
        assert tariff[6] == pytest.approx(60 * (0.6 + 0.4 * 1.5))
        assert tariff[12] == pytest.approx(60 * (0.6 + 0.4 * 0.5))
        assert np.all(single(shares, electricity_market_share=0)["electricity_tariff"] == 60)

    def test_a_full_year_at_an_even_draw_costs_the_same(self, single: Site) -> None:
        flat, seasonal = single(), single(electricity_swing=0.4, electricity_peak_month=0.3)
        year = slice(24, 36)
        assert seasonal["electricity_cost"][year].sum() == pytest.approx(flat["electricity_cost"][year].sum())
