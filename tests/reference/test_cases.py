"""Numbers that others published, each with its source in cases.json, to their own tolerance."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy_financial as npf
import pytest

from finmodel import metrics

CASES: dict[str, dict[str, Any]] = {
    case["id"]: case for case in json.loads((Path(__file__).parent / "cases.json").read_text("utf-8"))
}
Inputs = dict[str, Any]


def sheet_npv(case: Inputs) -> float:
    """A sheet's NPV() discounts the first value by one period, unless the case says that it falls at time zero."""
    later = not case.get("first_at_t0", False)
    return float(metrics.npv(case["rate"], case["values"])) / (1.0 + case["rate"] if later else 1.0)


def principal_between(case: Inputs) -> float:
    periods = range(case["start"], case["end"] + 1)
    return sum(float(npf.ppmt(case["rate"], period, case["nper"], case["pv"])) for period in periods)


def annuity(case: Inputs) -> float:
    return float(npf.pmt(case["rate"], case["nper"], case["pv"], case.get("fv", 0), case.get("type", 0)))


# The PMT family is the library's; that it gives the published numbers is what lets the model rest on it.
WAYS: dict[str, Callable[[Inputs], Any]] = {
    "npv": sheet_npv,
    "irr": lambda case: metrics.irr(**case),
    "mirr": lambda case: metrics.mirr(**case),
    "xnpv": lambda case: metrics.xnpv(**case),
    "xirr": lambda case: metrics.xirr(**case),
    "pmt": annuity,
    "ipmt": lambda case: npf.ipmt(case["rate"], case["per"], case["nper"], case["pv"]).item(),
    "ppmt": lambda case: npf.ppmt(case["rate"], case["per"], case["nper"], case["pv"]).item(),
    "cumprinc": principal_between,
    "fv": lambda case: npf.fv(case["rate"], case["nper"], case["pmt"], case["pv"]).item(),
    "rate": lambda case: npf.rate(case["nper"], case["pmt"], case["pv"], case["fv"]),
    "nper": lambda case: npf.nper(case["rate"], case["pmt"], case["pv"], case["fv"]).item(),
    "sln": lambda case: metrics.straight_line(**case),
    "lcoe": lambda case: metrics.levelised_cost(**case),
    "pf": lambda case: metrics.nominal_rate(**case),
    "atb": lambda case: metrics.capital_recovery_factor(case["wacc"], case["years"]),
}


@pytest.mark.parametrize("name", CASES)
def test_published_number_is_reproduced(name: str) -> None:
    case = CASES[name]
    expected, tolerance = case["expected"], case["tolerance"]
    found = WAYS[name.split("-")[0]](case["inputs"])
    if expected is None:
        assert (math.isnan(found.rate), found.status) == (True, "none")
        return
    if isinstance(found, metrics.IRR):
        ours = expected if isinstance(expected, dict) else {"ours": expected, "status": "unique"}
        assert found.status == ours["status"]
        found, expected = found.rate, ours["ours"]
    assert found == pytest.approx(expected, abs=tolerance.get("abs", 0.0), rel=tolerance.get("rel", 0.0))
