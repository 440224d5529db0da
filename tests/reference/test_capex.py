"""What a gigawatt costs, beside what others publish: CAPEX.md holds the table, the model its numbers."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import finmodel

PAGE = (Path(__file__).parent / "CAPEX.md").read_text(encoding="utf-8")
CASES = ("reference-1gw", "epoch-1gw", "rubin-1gw")
PUBLISHED = {"Bernstein": 35.0, "Epoch": 38.0, "Barclays": 57.0, "NVIDIA, 2025": 50.0, "NVIDIA, 2026": 90.0}
BILLION = 1e9

Parts = dict[str, float]


def rows_of(section: str) -> list[list[str]]:
    """Cells of the first table after a heading, without its head, emphasis and code marks left out."""
    table = PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip(" *`") for cell in row.strip("|").split("|")] for row in rows[2:]]


def parts_of(name: str) -> Parts:
    """Initial capital expenditure of a case in bn USD per GW of IT, by the parts of the table."""
    case = finmodel.load(name)
    lines = case.evaluate().lines
    last: pd.Series[float] = lines.iloc[-1]
    gigawatts = sum(last[line] for line in lines.columns if line.startswith("it_capacity.")) / 1000
    hardware = {
        "racks": last["platform_price"],
        "network": last["network_cost"],
        "storage": case.values["storage_price"],
    }
    hardware["cooling parts, integration, freight, spares"] = last["landed_price"] - sum(hardware.values())
    bought = lines["rack_capex"].sum() / last["landed_price"]
    facility = {
        "land": last["land_capex"],
        "shell, site, offices": last["shell_capex"],
        "electrical plant": last["electrical_capex"],
        "mechanical plant": last["mechanical_capex"],
        "fit-out": last["fit_out_capex"],
        "grid connection": last["grid_connection_capex"],
        "soft cost, contingency": last["soft_cost"] + last["contingency"],
    }
    parts = {part: price * bought for part, price in hardware.items()} | {
        **facility,
        "IT": lines["rack_capex"].sum(),
        "facility": lines["facility_capex"].sum(),
        "total": lines["capex"].sum(),
    }
    return {part: float(dollars) / gigawatts / BILLION for part, dollars in parts.items()}


@pytest.fixture(scope="module")
def ours() -> dict[str, Parts]:
    return {name: parts_of(name) for name in CASES}


def test_every_number_of_ours_is_the_models(ours: dict[str, Parts]) -> None:
    rows = {row[0]: row[1:4] for row in rows_of("By part")}
    assert set(rows) == set(ours["reference-1gw"])
    for part, cells in rows.items():
        for name, cell in zip(CASES, cells, strict=True):
            assert float(cell) == pytest.approx(ours[name][part], abs=0.005001), f"{name}: {part}"


@pytest.mark.parametrize("column", range(1, 5))
def test_parts_of_a_column_add_up(column: int) -> None:
    amounts: Parts = {}
    for row in rows_of("By part"):
        number = re.match(r"\d+(\.\d+)?", row[column])
        amounts[row[0]] = float(number[0]) if number else 0.0
    parts = sum(amount for part, amount in amounts.items() if part not in {"IT", "facility", "total"})
    assert amounts["IT"] + amounts["facility"] == pytest.approx(amounts["total"], abs=0.0101)
    assert parts == pytest.approx(amounts["total"], abs=0.06)


def test_published_totals_stand_in_their_columns() -> None:
    total = next(row for row in rows_of("By part") if row[0] == "total")
    assert [float(cell) for cell in total[4:]] == list(PUBLISHED.values())


def test_every_difference_is_stated_and_explained_in_a_line(ours: dict[str, Parts]) -> None:
    rows = rows_of("Differences")
    assert [(row[0], row[2]) for row in rows] == [(publisher, name) for publisher in PUBLISHED for name in CASES]
    for publisher, published, name, total, difference, why in rows:
        assert float(published) == PUBLISHED[publisher]
        assert float(total) == pytest.approx(ours[name]["total"], abs=0.005001)
        assert float(difference) == pytest.approx(ours[name]["total"] - PUBLISHED[publisher], abs=0.005001)
        assert why.endswith(".")
