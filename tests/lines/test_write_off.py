"""Ways to write an asset off, for an asset that is no rack: a plant that a project of another kind owns."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from numpy.typing import NDArray

from finmodel.graph import Input, Node, Scope, Timeline, assemble, cumulative, line
from finmodel.lines import write_off
from finmodel.render.plain import compile_plain
from finmodel.render.plan import Plan
from tests.graph.toys import module
from tests.lines import given

SHARES = ("plant_bonus_share", "plant_table_share", "plant_declining_share", "plant_declining_rate")
YEARS = 8


@line("USD")
def plant_placed_so_far(m: Scope) -> Node:
    """Entered service so far."""
    return cumulative(m.plant_entry)


@line("USD")
def plant_placed_in_tax_year(m: Scope) -> Node:
    """Entered service since the start of the tax year."""
    return write_off.in_tax_year(m, "plant")


@line("USD")
def plant_written_off_by_table(m: Scope) -> Node:
    """By table."""
    return write_off.by_table(m, "plant")


@line("USD")
def plant_declining_balance(m: Scope) -> Node:
    """By declining balance."""
    return write_off.by_balance(m, "plant")


@line("USD")
def plant_written_off(m: Scope) -> Node:
    """By all methods; what has no other is written off at once."""
    return write_off.by_shares(m, "plant", m.plant_placed_so_far)


def written_off(
    entry: dict[int, float], table: tuple[float, ...], per_year: int = 1, **shares: float
) -> NDArray[np.float64]:
    """Written off in each period, period 0 first."""
    inputs = {name: Input("1/year" if name.endswith("rate") else "1", "Given.") for name in SHARES}
    inputs["plant_tax_table"] = Input("1", "Given.", each="recovery_year")
    lines = (plant_placed_so_far, plant_placed_in_tax_year, plant_written_off_by_table, plant_declining_balance)
    toy = module(**inputs, **given.given_lines({"plant_entry": "USD"}))
    periods = YEARS * per_year
    cohorts = {given.AT: given.periods(periods), "recovery_year": tuple(f"y{year}" for year in range(len(table)))}
    timeline = Timeline(dt.date(2026, 12, 31), periods, per_year)
    plan = Plan(assemble([toy, *lines, plant_written_off], timeline, cohorts))
    row = [entry.get(period, 0.0) for period in range(periods)]
    values = dict.fromkeys(SHARES, 0.0) | shares | given.figures({"plant_entry": row}, ["plant_entry"], periods)
    values |= {f"plant_tax_table.y{year}": share for year, share in enumerate(table)}
    return np.diff(compile_plain(plan).run(values).rows["plant_written_off"], prepend=0)


HALF_YEAR = (0.2, 0.32, 0.192, 0.1152, 0.1152, 0.0576)
"""Property of five years, half-year convention."""


def test_a_plant_follows_its_table_from_its_first_year() -> None:
    """50 m in service in the first year: the row of depreciation of SAM's case B."""
    row = written_off({1: 50e6}, HALF_YEAR, plant_table_share=1)
    np.testing.assert_allclose(row, [0, 10e6, 16e6, 9.6e6, 5.76e6, 5.76e6, 2.88e6, 0, 0], atol=1e-6)


def test_two_plants_follow_it_each_from_its_own_year() -> None:
    row = written_off({1: 100, 3: 50}, HALF_YEAR, plant_table_share=1)
    np.testing.assert_allclose(row[:5], [0, 20, 32, 19.2 + 10, 11.52 + 16], atol=1e-12)


def test_by_quarters_a_table_is_due_at_the_end_of_the_tax_year() -> None:
    row = written_off({2: 100}, (0.5, 0.5), per_year=4, plant_table_share=1)
    assert {int(at): float(row[at]) for at in np.flatnonzero(row)} == pytest.approx({4: 50, 8: 50})


def test_declining_balance_takes_its_rate_of_what_is_left_after_a_year() -> None:
    row = written_off({0: 100}, (1,), plant_declining_share=1, plant_declining_rate=0.25)
    np.testing.assert_allclose(row[:4], [0, 25, 18.75, 14.0625])


def test_methods_share_what_the_ones_before_them_leave() -> None:
    """A tenth at once, half of the rest by the table, half of what then remains by balance, the rest straight."""
    shares = {"plant_bonus_share": 0.1, "plant_table_share": 0.5, "plant_declining_share": 0.5}
    row = written_off({1: 100}, (1,), plant_declining_rate=0.2, **shares)
    np.testing.assert_allclose(row[:3], [0, 10 + 45 + 22.5, 0.2 * 22.5], atol=1e-12)
