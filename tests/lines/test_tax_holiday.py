"""A tax holiday counts from the site's first rack, by the part of each tax year that it covers."""

from __future__ import annotations

import numpy as np

from tests.lines.conftest import Site


def test_a_holiday_takes_its_share_of_the_rate_until_it_ends(single: Site) -> None:
    usual = single(loss_use_limit=1)["tax.unlevered"]  # the first rack is accepted in month 13
    holiday = single(loss_use_limit=1, tax_holiday=2)["tax.unlevered"]
    np.testing.assert_allclose(holiday[[24, 36, 48]], usual[[24, 36, 48]] * np.array([0, 0, 11 / 12]), atol=1e-6)
    half = single(loss_use_limit=1, tax_holiday=2, tax_holiday_share=0.5)["tax.unlevered"]
    np.testing.assert_allclose(half[[24, 36, 48]], usual[[24, 36, 48]] * np.array([0.5, 0.5, 1 - 1 / 24]), atol=1e-6)
    short = single(loss_use_limit=1, tax_holiday=0.5)["tax.unlevered"]  # six months of the eleven of its first tax year
    np.testing.assert_allclose(short[[24, 36, 48]], usual[[24, 36, 48]] * np.array([5 / 11, 1, 1]), atol=1e-6)
    assert usual[24] > 0
    assert usual[48] > 0
