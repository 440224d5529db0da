"""Measures of return and cost, as operations of the graph (`finmodel.metrics.nodes`) and as functions for people.

The functions take flows of one path, shape (periods,), and give floats, or of many, shape (paths, periods), and give
arrays in which each path is what it would be alone, to the last bit.
"""

from finmodel.metrics.charge import (
    capital_charge,
    capital_recovery_factor,
    levelised_cost,
    nominal_rate,
    straight_line,
)
from finmodel.metrics.dated import xirr, xnpv
from finmodel.metrics.irr import IRR, irr
from finmodel.metrics.mirr import mirr
from finmodel.metrics.npv import npv
from finmodel.metrics.payback import discounted_payback, payback

__all__ = [
    "IRR",
    "capital_charge",
    "capital_recovery_factor",
    "discounted_payback",
    "irr",
    "levelised_cost",
    "mirr",
    "nominal_rate",
    "npv",
    "payback",
    "straight_line",
    "xirr",
    "xnpv",
]
