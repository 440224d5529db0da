"""Distributions by two of their percentiles, the 10th and the 90th, as people tend to know them."""

from __future__ import annotations

import math

NORMAL_P90 = 1.2815515655446004
"""The 90th percentile of the standard normal distribution."""

HALVINGS = 200
"""More than enough for the last bit of a number between 0.1 and 0.9."""


def lognormal_from_percentiles(p10: float, p90: float) -> tuple[float, float]:
    """Mean and standard deviation of the lognormal with these 10th and 90th percentiles, 0 < p10 < p90.

    ln X is normal with mean (ln p10 + ln p90) / 2 and standard deviation s = ln(p90 / p10) / (2 x 1.2816), so that
    E X = exp(mean + s^2 / 2) and sd X = E X sqrt(exp(s^2) - 1) (Johnson, Kotz and Balakrishnan, Continuous Univariate
    Distributions, vol. 1, 1994, ch. 14).
    """
    centre = (math.log(p10) + math.log(p90)) / 2
    variance = (math.log(p90 / p10) / (2 * NORMAL_P90)) ** 2
    mean = math.exp(centre + variance / 2)
    return mean, mean * math.sqrt(math.expm1(variance))


def triangular_from_percentiles(p10: float, mode: float, p90: float) -> tuple[float, float, float]:
    """Minimum, mode and maximum of the triangular distribution with these percentiles, p10 <= mode <= p90, p10 < p90.

    Let c be the probability below the mode and w the width. The density rises and falls in straight lines, so that
    mode - p10 = w (c - sqrt(0.1 c)) and p90 - mode = w (1 - c - sqrt(0.1 (1 - c))). The share of the first in both
    rises with c from 0 at c = 0.1 to 1 at c = 0.9; c is found by bisection, then w.
    """
    share = (mode - p10) / (p90 - p10)
    low, high = 0.1, 0.9
    for _ in range(HALVINGS):
        c = (low + high) / 2
        below, above = c - math.sqrt(0.1 * c), 1 - c - math.sqrt(0.1 * (1 - c))
        low, high = (c, high) if below < share * (below + above) else (low, c)
    c = (low + high) / 2
    width = (p90 - p10) / (1 - math.sqrt(0.1 * c) - math.sqrt(0.1 * (1 - c)))
    return mode - c * width, mode, mode + (1 - c) * width
