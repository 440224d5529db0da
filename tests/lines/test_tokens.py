"""Capacity sold as tokens."""

from __future__ import annotations

import numpy as np
import pytest

from tests.lines.conftest import Site

HOURS = 72 * 0.95 * 730
"""Saleable GPU-hours of one rack in a month."""

MTOKENS = 0.5 * 1000 * 3600 / 1e6
"""Millions of tokens that a GPU sells in an hour: half its hours are sold, 1,000 a second."""


def test_a_month_of_tokens_by_hand(single: Site) -> None:
    result = single(token_share=1)
    assert result["tokens_sold"][20] == pytest.approx(10 * HOURS * MTOKENS)
    assert result["token_revenue"][20] == pytest.approx(10 * HOURS * MTOKENS * 2)
    assert result["revenue"][20] == result["token_revenue"][20]
    assert result["gpu_hours_sold"][20] == pytest.approx(10 * HOURS * 0.5)


def test_a_share_sold_as_tokens_is_taken_from_every_hourly_mode(single: Site) -> None:
    usual, mixed = single(), single(token_share=0.3)
    for line in ("contract_revenue", "market_revenue"):
        assert mixed[line][20] == pytest.approx(0.7 * usual[line][20]), line
        assert mixed[line][40] == pytest.approx(0.7 * usual[line][40]), line
    assert mixed["token_revenue"][20] == pytest.approx(0.3 * 10 * HOURS * MTOKENS * 2)
    assert np.all(usual["token_revenue"] == 0)


def test_the_price_falls_and_software_gains(single: Site) -> None:
    result = single(token_share=1, token_price_decline=0.4, token_software_gain=0.5)
    plain = single(token_share=1)
    assert result["tokens_sold"][24] == pytest.approx(1.5**2 * plain["tokens_sold"][24])
    assert result["token_revenue"][24] == pytest.approx((1.5 * 0.6) ** 2 * plain["token_revenue"][24])


def test_a_generation_makes_tokens_at_its_own_speed(site: Site) -> None:
    sold = site({"generation_token_rate.second": 3, "racks.second": 0}, token_share=1)["tokens_sold"]
    np.testing.assert_allclose(sold[[49, 50, 85, 86]] / sold[49], [1, 3, 3, 1])


def test_token_sales_mature_like_any_without_a_contract(single: Site) -> None:
    sold = single(token_share=1, sales_ramp=3)["tokens_sold"]
    np.testing.assert_allclose(sold[13:18] / (10 * HOURS * MTOKENS), [0, 0.25, 0.5, 0.75, 1], atol=1e-12)


@pytest.mark.parametrize("share", [0.3, 1])
def test_a_million_tokens_cost_their_hours(single: Site, share: float) -> None:
    """P4 of the published models: (cost per GPU-hour) / (tokens per GPU-second x 3600) x 1e6."""
    result = single(token_share=share)
    expected = result["levelised_cost_of_compute"] / (1000 * 3600) * 1e6
    assert result["levelised_cost_of_tokens"] == pytest.approx(expected)


def test_where_no_tokens_are_sold_they_have_no_cost(single: Site) -> None:
    assert np.isnan(single()["levelised_cost_of_tokens"])
