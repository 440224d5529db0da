"""NREL's System Advisor Model (PySAM, compute module Singleowner), for information: seconds a run."""

from __future__ import annotations

import importlib
import time

RUNS = 20
CONFIGURATION = "CustomGenerationProfileSingleOwner"
HOURS = 8_760
KILOWATTS = 10_000.0
ABSENT = "not installed (pip install nrel-pysam)"


def seconds_a_run() -> float | None:
    """Seconds of one run of 25 annual periods with hourly generation; None where PySAM is not installed."""
    try:
        module = importlib.import_module("PySAM.Singleowner")
    except ModuleNotFoundError:
        return None
    model = module.default(CONFIGURATION)
    model.SystemOutput.gen = [KILOWATTS] * HOURS
    model.SystemOutput.system_pre_curtailment_kwac = [KILOWATTS] * HOURS
    model.SystemOutput.annual_energy_pre_curtailment_ac = KILOWATTS * HOURS
    model.execute()
    seconds = []
    for run in range(RUNS):
        model.FinancialParameters.inflation_rate = 2.5 + run / 100.0
        begun = time.perf_counter()
        model.execute()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)
