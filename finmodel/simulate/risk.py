"""Risk: how likely a loss is, how large it may be, and how often what should exist does not.

A loss is how far a present value falls short of zero: L = max(0, -NPV). Value at risk and its conditional mean are of
-NPV and carry the sign of a loss, as the field writes them: positive is money lost, negative is money earned even
there. At the level a = 95 %:

- `value_at_risk` is -q, q being the 5th percentile of the NPV: 5 % of paths lose more;
- `conditional_value_at_risk` is the mean of -NPV over the worst 5 % of paths, a path on the edge counting in part;
- `chance_of_loss` is the share of paths with an NPV below zero;
- `expected_loss_given_loss` is the mean of -NPV over the paths with an NPV below zero.

Standard errors are those of means (see `statistics`). Value at risk takes that of its percentile; the conditional one
that of the mean of VaR + max(-NPV - VaR, 0) / (1 - a), which is least at VaR and so does not change, to first order,
with an error in it; the loss given a loss that of the ratio's linear part.

Sources
-------
Rockafellar, Uryasev, Journal of Risk 2 (2000), doi:10.21314/JOR.2000.038, and, where paths are few and the tail is no
whole number of them, Journal of Banking and Finance 26 (2002), doi:10.1016/S0378-4266(02)00271-6;
Cochran, "Sampling techniques" (1977), chapter 6 (ratios).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import Fault, Faults
from finmodel.simulate.statistics import LEVEL, Estimate, Sample, estimates, half_width, standard_error

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

PRESENT_VALUES = ("project_npv", "equity_npv")
"""Metrics of which a value below zero is a loss."""
DEFINITIONS = {
    "chance_of_loss": "share of paths below zero",
    "expected_loss_given_loss": "mean shortfall below zero of the paths below zero",
    "value_at_risk": "shortfall below zero that {beyond:.12g} % of paths exceed; negative where they still earn",
    "conditional_value_at_risk": "mean shortfall below zero of the worst {beyond:.12g} % of paths",
}
SHARES = ("missing_share", "chance_of_loss")
EVENTS: Mapping[str, tuple[str, Callable[[Floats], NDArray[np.bool_]]]] = {
    "project_npv_negative": ("project_npv", lambda npv: npv < 0.0),
    "project_irr_missing": ("project_irr", np.isnan),
    "payback_missing": ("payback_years", np.isnan),
    "covenant_breach": ("first_covenant_breach", lambda month: ~np.isnan(month)),
    "default": ("periods_in_default", lambda periods: periods > 0.0),
}
"""For each event the metric that tells it, and on which paths it happens."""
ALWAYS = ("project_npv_negative", "project_irr_missing", "payback_missing", "covenant_breach")
"""Events that are reported of every model, if only to say that it does not know them."""


def losses(sample: Sample, level: float = LEVEL) -> dict[str, Estimate]:
    """Chance, size given that it happens, value at risk and conditional value at risk of a loss.

    Parameters
    ----------
    sample : Sample
        A present value; a path without it counts as one without a loss.
    level : float
        Of both values at risk, between 0 and 1.

    Raises
    ------
    Faults
        The level is not between 0 and 1.
    """
    if not 0.0 < level < 1.0:
        raise Faults([Fault("not a level", key="level", found=repr(level), expected="a number between 0 and 1")])
    lost = sample.values < 0.0
    chance = Estimate(float(lost.mean()), standard_error(lost.astype(np.float64), sample.design))
    beyond = 100.0 - 100.0 * level
    (edge,) = sample.percentiles([beyond])
    return {
        "chance_of_loss": chance,
        "expected_loss_given_loss": _given(sample, lost, chance.value),
        "value_at_risk": Estimate(-edge.value, edge.standard_error),
        "conditional_value_at_risk": _worst(sample, edge.value, beyond / 100.0),
    }


def _given(sample: Sample, lost: NDArray[np.bool_], chance: float) -> Estimate:
    if not chance:
        return Estimate(math.nan, math.nan)
    size = -float(sample.values[lost].mean())
    linear = np.where(lost, -sample.values - size, 0.0)
    return Estimate(size, standard_error(linear, sample.design) / chance)


def _worst(sample: Sample, edge: float, tail: float) -> Estimate:
    if not sample.present.size:
        return Estimate(math.nan, math.nan)
    wanted = tail * sample.ordered.size
    whole = min(math.floor(wanted), sample.ordered.size - 1)
    summed = float(sample.ordered[:whole].sum()) + (wanted - whole) * float(sample.ordered[whole])
    beyond = np.maximum(edge - sample.values, 0.0) / tail
    return Estimate(-summed / wanted, standard_error(beyond, sample.design))


def table(sample: Sample, unit: str, level: float | None) -> pd.DataFrame:
    """Every figure of one metric: value, standard error, half the width of the 95 % interval, unit, definition.

    Parameters
    ----------
    sample : Sample
        The metric.
    unit : str
        Its unit.
    level : float or None
        Of the values at risk; None where a value below zero is no loss.
    """
    import pandas as pd

    found = estimates(sample)
    said = {"missing_share": "share of paths without the metric", "mean": "arithmetic mean", "sd": "standard deviation"}
    said |= {name: f"{name[1:]} % of paths lie below" for name in found if name not in said}
    if level is not None:
        found |= losses(sample, level)
        said |= {name: words.format(beyond=100.0 - 100.0 * level) for name, words in DEFINITIONS.items()}
    rows = {
        name: {
            "value": each.value,
            "standard_error": each.standard_error,
            "half_width": half_width(each.standard_error, sample.paths, sample.design),
            "unit": "1" if name in SHARES else unit,
            "definition": said[name],
        }
        for name, each in found.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("figure")


def probabilities(result: Callable[[str], Floats], metrics: tuple[str, ...], design: str) -> dict[str, Estimate | None]:
    """Share of the paths on which each event happens.

    An event that the model has no metric for is None if it is one of `ALWAYS`, and else left out.

    Parameters
    ----------
    result : callable
        Gives a metric by name, shape (paths,).
    metrics : tuple of str
        Those of the model.
    design : {"sobol", "lhs", "random"}
        Where the paths come from.
    """

    def share(metric: str, happens: Callable[[Floats], NDArray[np.bool_]]) -> Estimate | None:
        if metric not in metrics:
            return None
        flags = happens(result(metric))
        return Estimate(float(flags.mean()), standard_error(flags.astype(np.float64), design))

    return {name: share(*event) for name, event in EVENTS.items() if name in ALWAYS or event[0] in metrics}
