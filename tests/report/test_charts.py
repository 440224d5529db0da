from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from finmodel.report import charts

SOURCE = "finmodel, a case: 2,000 paths, seed 1, sobol"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def npv():
    values = pd.Series(np.random.default_rng(1).normal(1e9, 2e9, 2000))
    values[:5] = np.nan
    return values


@pytest.fixture
def flows():
    labels = [f"{2027 + month // 12}-{month % 12 + 1:02d}" for month in range(30)]
    return pd.DataFrame({"revenue": 3.0e6, "capex": -1.0e6}, index=labels)


def rows(specification):
    """All inline data of a chart, as a list of tables."""
    return list(specification["datasets"].values())


def text_of(specification):
    title = specification["title"]
    return [title["text"], *title["subtitle"]]


@pytest.mark.parametrize("draw", [charts.histogram, charts.s_curve])
def test_a_chart_of_a_metric_says_title_unit_source_and_what_is_left_out(npv, draw):
    specification = draw(npv, unit="USD", title="Project NPV", source=SOURCE).to_dict()
    assert text_of(specification)[:3] == ["Project NPV", SOURCE, "5 of 2,000 paths have none and are left out"]
    assert "Project NPV (bn USD)" in str(specification)


def test_the_bars_of_a_histogram_hold_every_path_but_those_that_the_caption_leaves_out(npv):
    specification = charts.histogram(npv, unit="USD", title="x", source=SOURCE).to_dict()
    bars = next(table for table in rows(specification) if "share" in table[0])
    held = sum(bar["share"] for bar in bars)
    (said,) = [line for line in text_of(specification) if "beyond the picture" in line]
    assert 0.985 < held < 1
    assert said.startswith(f"{1 - held:.2%} of paths lie beyond the picture; the least is -")


def test_no_bar_of_a_histogram_straddles_zero(npv):
    bars = next(
        table
        for table in rows(charts.histogram(npv, unit="USD", title="x", source=SOURCE).to_dict())
        if "share" in table[0]
    )
    assert all(bar["high"] <= 1e-12 or bar["low"] >= -1e-12 for bar in bars)
    below = sum(bar["share"] for bar in bars if bar["side"] == "below zero")
    lowest = min(bar["low"] for bar in bars) * 1e9
    assert below == pytest.approx(((npv < 0) & (npv >= lowest)).sum() / npv.count())


def test_the_s_curve_says_how_many_paths_are_below_zero(npv):
    caption = text_of(charts.s_curve(npv, unit="USD", title="x", source=SOURCE).to_dict())
    assert f"{(npv.dropna() < 0).mean():.1%} of paths are below zero (the upright line)" in caption


def test_a_metric_that_no_path_has_is_not_drawn():
    with pytest.raises(ValueError, match="nothing to draw"):
        charts.histogram(pd.Series([np.nan, np.nan]), unit="USD", title="x", source=SOURCE)


def test_a_metric_that_is_the_same_on_every_path_can_be_drawn():
    assert charts.histogram(pd.Series([2.0] * 9), unit="USD", title="x", source=SOURCE).to_dict()


def test_parts_are_drawn_largest_first_with_amount_and_share():
    specification = charts.parts({"shell": 1e9, "racks": 3e9}, unit="USD", title="Capex", source=SOURCE).to_dict()
    (table,) = rows(specification)
    assert [row["text"] for row in table] == ["3.00  (75.0%)", "1.00  (25.0%)"]
    assert text_of(specification) == ["Capex", SOURCE]


def test_flows_are_summed_by_calendar_year_and_run_up_to_their_total(flows):
    tables = rows(charts.yearly(flows, unit="USD", title="Cash", source=SOURCE).to_dict())
    bars = next(table for table in tables if "part" in table[0])
    running = next(table for table in tables if "part" not in table[0])
    assert [row["amount"] for row in bars if row["part"] == "revenue"] == pytest.approx([36, 36, 18])
    assert [row["year"] for row in running] == ["2027", "2028", "2029"]
    assert running[-1]["amount"] == pytest.approx(flows.to_numpy().sum() / 1e6)


@pytest.fixture
def percentiles():
    labels = [f"{2027 + month // 12}-{month % 12 + 1:02d}" for month in range(30)]
    columns = {f"p{percent}": np.linspace(0, 1e9 * (percent - 40), 30) for percent in (5, 10, 25, 50, 75, 90, 95)}
    return pd.DataFrame(columns, index=labels)


def test_a_fan_has_three_bands_around_its_median(percentiles):
    specification = charts.fan(percentiles, unit="USD", title="Cash flow", source=SOURCE).to_dict()
    drawn = {table[0]["part"]: table for table in rows(specification) if "part" in table[0]}
    assert list(drawn) == ["5 % to 95 % of paths", "10 % to 90 % of paths", "25 % to 75 % of paths", "median"]
    last = drawn["10 % to 90 % of paths"][-1]
    assert (last["low"], last["high"]) == pytest.approx((-30, 50))
    assert last["period"].startswith("2029-06")
    assert drawn["median"][-1]["median"] == pytest.approx(10)
    assert text_of(specification)[:2] == ["Cash flow", SOURCE]
    assert "Cash flow (bn USD)" in str(specification)


def test_zero_is_marked_where_a_fan_crosses_it(percentiles):
    def has_zero(frame):
        return [{"zero": 0.0}] in rows(charts.fan(frame, unit="USD", title="x", source=SOURCE).to_dict())

    assert has_zero(percentiles)
    assert not has_zero(percentiles.abs() + 1)


@pytest.fixture
def running():
    columns = {"mean": [2e9, 1.5e9, 1.6e9], "mean_half_width": [np.nan, 4e8, 1e8]}
    return pd.DataFrame(columns, index=[1, 64, 128])


def test_convergence_is_drawn_with_its_interval_from_the_first_that_has_one(running):
    specification = charts.convergence(running, statistic="mean", unit="USD", title="NPV", source=SOURCE).to_dict()
    (table,) = rows(specification)
    assert [row["paths"] for row in table] == [64, 128]
    assert (table[1]["low"], table[1]["high"]) == pytest.approx((1.5, 1.7))
    assert text_of(specification) == [
        "NPV", SOURCE, "128 paths: 1.600 bn USD, 95 % interval (the band) ± 0.100",
    ]  # fmt: skip
    assert "NPV, mean (bn USD)" in str(specification)


def test_convergence_without_an_interval_is_not_drawn(running):
    with pytest.raises(ValueError, match="nothing to draw"):
        charts.convergence(running[:1], statistic="mean", unit="USD", title="x", source=SOURCE)


def test_more_parts_than_colours_are_refused(flows):
    many = pd.concat({str(part): flows["revenue"] for part in range(8)}, axis=1)
    with pytest.raises(ValueError, match="sum the smaller parts"):
        charts.yearly(many, unit="USD", title="x", source=SOURCE)


def test_a_chart_becomes_a_picture_without_a_browser(npv, percentiles, running, tmp_path):
    made = {
        "npv": charts.histogram(npv, unit="USD", title="Project NPV", source=SOURCE),
        "fan": charts.fan(percentiles, unit="USD", title="Cash flow", source=SOURCE),
        "convergence": charts.convergence(running, statistic="mean", unit="USD", title="NPV", source=SOURCE),
    }
    for name, chart in made.items():
        chart.save(tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").read_bytes().startswith(PNG)
