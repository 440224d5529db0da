"""Tornado and spider charts say what they show in words, and nothing by colour alone."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from finmodel.report.sensitivity_charts import COLOURS, MARKS, spider, tornado

SOURCE = "finmodel, a case: base case"


@pytest.fixture
def swings():
    rows = {
        "price": ("USD/rack", 3.0e6, 3.5e6, 4.2e6, 4e9, -3e9, 7e9),
        "share": ("1", 0.2, 0.5, 0.6, -1e9, 2e9, 3e9),
        "delay": ("month", 0.0, 2.0, 6.0, 1e9, 0.5e9, 0.5e9),
    }
    columns = ["unit", "low", "base", "high", "at_low", "at_high", "swing"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


@pytest.fixture
def points():
    rows = [
        (name, unit, quantile, value * (1.0 + quantile), slope * quantile * 1e9)
        for name, unit, value, slope in (("price", "USD", 10.0, -2.0), ("share", "1", 0.5, 3.0))
        for quantile in (0.1, 0.5, 0.9)
    ]
    return pd.DataFrame(rows, columns=["input", "unit", "quantile", "value", "result"])


def bars_of(specification):
    return next(table for table in specification["datasets"].values() if "end" in table[0])


def test_a_tornado_has_two_bars_an_input_from_the_base_to_each_end(swings):
    specification = tornado(swings, base=1e9, unit="USD", title="Project NPV", source=SOURCE).to_dict()
    bars = bars_of(specification)
    assert [(bar["input"], bar["end"]) for bar in bars[:2]] == [("price", "P5"), ("price", "P95")]
    assert {bar["from"] for bar in bars} == {1.0}
    assert [bar["to"] for bar in bars] == [4.0, -3.0, -1.0, 2.0, 1.0, 0.5]
    assert "Project NPV (bn USD)" in str(specification)


def test_beside_each_end_of_a_tornado_stands_the_inputs_value_with_its_unit(swings):
    bars = bars_of(tornado(swings, base=1e9, unit="USD", title="x", source=SOURCE).to_dict())
    assert [bar["text"] for bar in bars] == [
        "3.00 m USD/rack", "4.20 m USD/rack", "0.200", "0.600", "0 month", "6.00 month",
    ]  # fmt: skip


def test_a_tornado_says_base_source_and_what_it_leaves_out(swings):
    swings.loc["life", ["unit", "swing"]] = ["year", math.nan]
    found = tornado(swings, base=1e9, unit="USD", title="Project NPV", source=SOURCE, most=2).to_dict()
    assert found["title"]["text"] == "Project NPV"
    assert found["title"]["subtitle"] == [
        SOURCE,
        "base case 1.000 bn USD (the upright line); each input moves alone, beside its end the input's value",
        "the metric does not exist at a percentile of life",
        "the widest 2 of 3 inputs",
    ]
    assert len(bars_of(found)) == 4


def test_a_tornado_has_a_description_for_who_cannot_see_it(swings):
    found = tornado(swings, base=1e9, unit="USD", title="Project NPV", source=SOURCE).to_dict()
    assert found["description"] == (
        "Tornado of Project NPV: 3 inputs, the widest swing first. Base case 1.000 bn USD. "
        "Widest: price, 4.000 at its P5 and -3.000 bn USD at its P95."
    )


def test_a_tornado_without_a_base_case_hangs_between_its_ends(swings):
    found = tornado(swings, base=math.nan, unit="USD", title="x", source=SOURCE).to_dict()
    assert "base case none" in found["title"]["subtitle"][1]
    assert {bar["from"] for bar in bars_of(found)} == {(4.0 - 3.0 - 1.0 + 2.0 + 1.0 + 0.5) / 6.0}


def test_a_tornado_of_nothing_is_not_drawn(swings):
    with pytest.raises(ValueError, match="nothing to draw"):
        tornado(swings.assign(swing=math.nan), base=1.0, unit="USD", title="x", source=SOURCE)


def test_a_spider_draws_each_input_with_a_colour_and_a_mark_of_its_own(points):
    specification = spider(points, base=0.0, unit="USD", title="Project NPV", source=SOURCE).to_dict()
    encodings = [layer["encoding"] for layer in specification["layer"] if "color" in layer.get("encoding", {})]
    marked = next(encoding for encoding in encodings if "shape" in encoding)
    assert marked["color"]["scale"]["domain"] == marked["shape"]["scale"]["domain"] == ["price", "share"]
    assert len(set(marked["shape"]["scale"]["range"])) == 2
    assert len(set(COLOURS)) == len(set(MARKS)) == 7
    assert "Project NPV (bn USD)" in str(specification)
    assert "quantile of the input's range" in str(specification)


def test_a_spider_has_a_description_for_who_cannot_see_it(points):
    found = spider(points, base=0.0, unit="USD", title="Project NPV", source=SOURCE).to_dict()
    assert found["description"] == (
        "Spider of Project NPV. Base case 0 bn USD. price: -0.2000 at 10%, -1.800 bn USD at 90%; "
        "share: 0.3000 at 10%, 2.700 bn USD at 90%."
    )


def test_points_at_which_the_metric_does_not_exist_are_counted(points):
    points.loc[[0, 5], "result"] = math.nan
    found = spider(points, base=math.nan, unit="USD", title="x", source=SOURCE).to_dict()
    assert found["title"]["subtitle"][1:] == [
        "base case none; each input moves alone, the others at base",
        "at 2 of 6 points the metric does not exist",
    ]
    points["result"] = math.nan
    with pytest.raises(ValueError, match="nothing to draw"):
        spider(points, base=0.0, unit="USD", title="x", source=SOURCE)


def test_more_inputs_than_colours_are_refused(points):
    many = pd.concat([points.assign(input=f"input {number}") for number in range(8)])
    with pytest.raises(ValueError, match="choose fewer inputs"):
        spider(many, base=0.0, unit="USD", title="x", source=SOURCE)


def test_both_become_pictures_without_a_browser(swings, points, tmp_path):
    for name, chart in (
        ("tornado", tornado(swings, base=1e9, unit="USD", title="x", source=SOURCE)),
        ("spider", spider(points, base=1e9, unit="USD", title="x", source=SOURCE)),
    ):
        chart.save(tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
