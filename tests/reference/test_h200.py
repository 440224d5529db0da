"""The case `h200-10k`: a forum's cluster of 10,000 H200, run as any other case of the book."""

from __future__ import annotations

import pandas as pd
import pytest

import finmodel
from finmodel.case import Evaluation

YEAR = 12
MILLION = 1e6


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return finmodel.load("h200-10k").evaluate()


@pytest.fixture(scope="module")
def year(evaluation: Evaluation) -> pd.Series:
    """Flows of a year with every server in service."""
    full = evaluation.lines.iloc[24 : 24 + YEAR]
    assert (full["racks_in_service"] == 1250).all()
    return full.sum()


def test_hardware_costs_435_million_and_the_whole_582(evaluation: Evaluation) -> None:
    hardware = evaluation.lines["rack_capex"].sum()
    assert hardware == pytest.approx(434.96 * MILLION)
    assert evaluation.lines["facility_capex"].sum() == pytest.approx(146.6 * MILLION, rel=1e-5)
    assert evaluation.metrics["capex_total"] == pytest.approx(581.56 * MILLION, rel=1e-5)
    assert [round(hardware / MILLION), round(evaluation.metrics["capex_total"] / MILLION)] == [435, 582]


def test_hardware_is_gpus_chassis_switches_optics_and_storage() -> None:
    values = finmodel.load("h200-10k").values
    servers = values["racks.first"]
    assert servers * values["gpus_per_rack"] * values["gpu_price"] == pytest.approx(300 * MILLION)
    assert servers * values["rack_price"] == pytest.approx(87.5 * MILLION)
    assert servers * values["switches_per_rack"] * values["switch_price"] == pytest.approx(156 * 35_000)
    assert servers * values["optics_per_rack"] * values["optic_price"] == pytest.approx(20_000 * 600)
    assert servers * values["storage_price"] == pytest.approx(30 * MILLION)


def test_it_draws_15_300_kilowatts_for_6_7_million_a_year(year: pd.Series) -> None:
    assert year["energy_drawn"] / 8760 == pytest.approx(15.3)
    assert round(year["electricity_cost"] / MILLION, 2) == 6.70


def test_a_year_costs_20_6_million_and_a_gpu_hour_24_cents(year: pd.Series) -> None:
    assert round(year["staff_cost"] / MILLION, 1) == 5.2
    assert round(year["hardware_support"] / MILLION, 1) == 8.7
    assert round(year["opex"] / MILLION, 1) == 20.6
    assert year["gpu_hours_sold"] == pytest.approx(87.6 * MILLION)
    assert round(year["opex"] / year["gpu_hours_sold"], 3) == pytest.approx(0.235)
    assert round(year["opex"] / year["gpu_hours_sold"], 2) == 0.24


def test_the_margin_is_2_26_and_pays_back_in_2_94_years(evaluation: Evaluation, year: pd.Series) -> None:
    margin = round(2.50 - round(year["opex"] / year["gpu_hours_sold"], 2), 2)
    assert margin == 2.26
    rounded = round(evaluation.metrics["capex_total"] / MILLION) / (margin * 87.6)
    assert round(rounded, 2) == 2.94
    assert evaluation.metrics["payback_from_revenue_years"] == pytest.approx(rounded, abs=0.01)
