"""Cash flows for tests: made from chosen roots, and those of a project whose hardware is replaced."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

FLOWS = st.lists(
    st.floats(-1e6, 1e6, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-3), min_size=1, max_size=12
)


def with_rates(rates: Sequence[float], sign: float = -1.0) -> list[float]:
    """Flows whose net present value is zero at these rates; `sign` is that of the first flow."""
    flows = np.array([sign])
    for rate in rates:
        flows = np.convolve(flows, [1.0, -(1.0 + rate)])
    return [float(flow) for flow in flows]


def refreshed(paths: int, seed: int, periods: int = 240) -> NDArray[np.float64]:
    """Monthly flows of projects that build, earn less and less, replace their hardware and clear the site."""
    draw = np.random.default_rng(seed)
    flows = np.zeros((paths, periods + 1))
    for row in flows:
        build, life = draw.integers(6, 24), draw.integers(48, 72)
        row[1 : 1 + build] = -draw.uniform(50, 150, build) / build
        earned = draw.uniform(1.5, 4.5) * draw.uniform(0.97, 1.0) ** np.arange(periods - build)
        row[1 + build :] += earned * draw.uniform(0.9, 1.1, periods - build)
        for start in range(build + life, periods - 12, life):
            row[start : start + 6] -= draw.uniform(30, 70) / 6
        row[-1] -= draw.uniform(0, 60)
    return flows


def imbalance(flows: Sequence[float] | NDArray[np.float64], rate: float) -> float:
    """Net present value over the gross discounted flows, whatever the rate."""
    periods = np.arange(len(flows))
    # Worth at the end below zero rates and at the start above them, so that no weight passes 1.
    weights = (1.0 + rate) ** -periods if rate > 0 else (1.0 + rate) ** (periods[-1] - periods)
    return float(np.dot(flows, weights) / np.dot(np.abs(flows), weights))
