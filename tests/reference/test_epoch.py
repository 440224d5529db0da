"""One gigawatt of IT on GB200 NVL72 as Epoch AI reckons it (May 2026); DIFFERENCES.md bridges it part by part."""

from __future__ import annotations

import pandas as pd
import pytest

import finmodel
from finmodel.metrics import capital_charge

RATE = 0.07
FACILITY_LIFE = 14.0
ENERGY, OPEX, CAPEX = 0.6e9, 0.9e9, 38e9


def annual_cost(hardware: float, facility: float, opex: float, hardware_life: float) -> float:
    """Level annuities in arrears of both parts, and what the site costs to run."""
    hardware_charge = capital_charge(hardware, RATE, hardware_life, "annual")
    return hardware_charge + capital_charge(facility, RATE, FACILITY_LIFE, "annual") + opex


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return finmodel.load("epoch-1gw").evaluate().lines


@pytest.fixture(scope="module")
def year(lines: pd.DataFrame) -> pd.Series:
    """Flows of a year with every rack in service."""
    full = lines.iloc[48:60]
    assert (full["racks_in_service"] == full["racks_in_service"].iloc[0]).all()
    return full.sum()


@pytest.mark.parametrize(
    ("hardware_life", "published", "tolerance"), [(3, 12.0e9, 0.5e9), (5, 8.5e9, 0.1e9), (7, 7.05e9, 0.15e9)]
)
def test_annuities_of_the_published_parts_give_the_published_total(
    hardware_life: float, published: float, tolerance: float
) -> None:
    assert annual_cost(25.3e9, 12.7e9, OPEX, hardware_life) == pytest.approx(published, abs=tolerance)


def test_a_gigawatt_costs_38_billion_up_front(lines: pd.DataFrame) -> None:
    assert lines["capex"].sum() == pytest.approx(CAPEX, rel=0.10)


def test_hardware_and_facility_each_cost_what_the_published_total_implies(lines: pd.DataFrame) -> None:
    assert lines["rack_capex"].sum() == pytest.approx(25.3e9, rel=0.10)
    assert lines["facility_capex"].sum() == pytest.approx(12.7e9, rel=0.10)


def test_running_it_costs_nine_tenths_of_a_billion_a_year_two_thirds_of_it_energy(year: pd.Series) -> None:
    assert year["power_cost"] == pytest.approx(ENERGY, rel=0.10)
    assert year["opex"] == pytest.approx(OPEX, rel=0.10)


def test_the_models_own_parts_cost_8_5_billion_a_year(lines: pd.DataFrame, year: pd.Series) -> None:
    total = annual_cost(lines["rack_capex"].sum(), lines["facility_capex"].sum(), year["opex"], 5)
    assert total == pytest.approx(8.5e9, rel=0.10)


@pytest.mark.parametrize(("hardware_life", "published"), [(3, 12.0e9), (7, 7.0e9)])
def test_the_models_own_parts_follow_the_life_of_the_hardware(
    lines: pd.DataFrame, year: pd.Series, hardware_life: float, published: float
) -> None:
    total = annual_cost(lines["rack_capex"].sum(), lines["facility_capex"].sum(), year["opex"], hardware_life)
    assert total == pytest.approx(published, rel=0.10)


def test_servers_are_three_fifths_of_the_annual_cost(lines: pd.DataFrame, year: pd.Series) -> None:
    racks = lines["racks_in_service"].max()
    servers = capital_charge(racks * finmodel.load("epoch-1gw").values["rack_price"], RATE, 5, "annual")
    total = annual_cost(lines["rack_capex"].sum(), lines["facility_capex"].sum(), year["opex"], 5)
    assert servers == pytest.approx(5e9, rel=0.10)
    assert servers / total == pytest.approx(0.60, abs=0.03)
