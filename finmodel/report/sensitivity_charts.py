"""Charts of what moves a metric: tornado and spider, each with a description for those who cannot see it.

What is at which end is written beside the bars, and each line of a spider has a mark of its own: no meaning hangs on
colour alone.
"""

from __future__ import annotations

import math

import altair as alt
import pandas as pd

from finmodel.report.charts import layered
from finmodel.report.numbers import scale, written
from finmodel.report.palette import BLUE, GREEN, INK, ORANGE, PURPLE, SKY, VERMILLION

BARS = 15
ROW = 30
ENDS = {"P5": ORANGE, "P95": BLUE}
COLOURS = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, INK)
MARKS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "triangle-right")


def tornado(
    swings: pd.DataFrame, *, base: float, unit: str, title: str, source: str, most: int = BARS
) -> alt.LayerChart:
    """How far a metric moves when each input alone goes to its 5th and to its 95th percentile.

    Parameters
    ----------
    swings : DataFrame
        The table of a tornado: by input unit, low, high, at_low, at_high and swing, the widest first.
    base : float
        The metric in the base case; NaN where it does not exist.
    unit : str
        The unit of the metric.
    title, source : str
        The headline, and where the values come from.
    most : int
        Bars at most; the caption says how many inputs are left out.

    Raises
    ------
    ValueError
        No input has a swing.
    """
    drawn = swings[swings["swing"].notna()]
    if drawn.empty:
        raise ValueError("no input has a swing: there is nothing to draw")
    shown = drawn.head(most)
    factor, label = scale(unit, [base, *shown["at_low"], *shown["at_high"]])
    origin = base if math.isfinite(base) else float(shown[["at_low", "at_high"]].to_numpy().mean())
    rows = [
        (str(name), end, origin * factor, row[at] * factor, _figure(row[x], str(row["unit"])))
        for name, row in shown.iterrows()
        for end, x, at in (("P5", "low", "at_low"), ("P95", "high", "at_high"))
    ]
    bars = pd.DataFrame(rows, columns=["input", "end", "from", "to", "text"])
    bars["left"] = bars["to"] < bars["from"]
    names = [str(name) for name in shown.index]
    low, high = float(bars[["from", "to"]].min().min()), float(bars[["from", "to"]].max().max())
    room = 0.25 * (high - low or 1.0)
    chart = alt.Chart(bars).encode(
        y=alt.Y("input:N", sort=names, title=None, axis=alt.Axis(labelLimit=280)),
        yOffset=alt.YOffset("end:N", sort=list(ENDS)),
    )
    x = alt.X("to:Q", title=f"{title} ({label})", scale=alt.Scale(domain=[low - room, high + room], zero=False))
    legend = alt.Legend(title="the input at its", orient="bottom")
    layers = [
        chart.mark_bar().encode(
            x=x,
            x2="from:Q",
            color=alt.Color("end:N", scale=alt.Scale(domain=list(ENDS), range=list(ENDS.values())), legend=legend),
            tooltip=["input:N", "end:N", "text:N", alt.Tooltip("to:Q", format=",.4g")],
        ),
        *(
            chart.transform_filter(alt.datum.left == left)
            .mark_text(align="right" if left else "left", dx=-4 if left else 4, color=INK, fontSize=10)
            .encode(x=x, text="text:N")
            for left in (True, False)
        ),
    ]
    if math.isfinite(base):
        rule = alt.Chart(pd.DataFrame({"base": [base * factor]})).mark_rule(color=INK)
        layers.append(rule.encode(x="base:Q"))
    said = f"{written(base * factor)} {label}" if math.isfinite(base) else "none"
    where = " (the upright line)" if math.isfinite(base) else ""
    caption = [source, f"base case {said}{where}; each input moves alone, beside its end the input's value"]
    caption += _left_out(swings, len(drawn), len(shown))
    first = bars.iloc[:2]["to"]
    described = (
        f"Tornado of {title}: {len(shown)} inputs, the widest swing first. Base case {said}. Widest: {names[0]}, "
        f"{written(float(first.iloc[0]))} at its P5 and {written(float(first.iloc[1]))} {label} at its P95."
    )
    return _described(layered(layers, title, caption, height=ROW * len(shown)), described)


def spider(points: pd.DataFrame, *, base: float, unit: str, title: str, source: str) -> alt.LayerChart:
    """How a metric moves when each of a few inputs alone goes through the quantiles of its range.

    Parameters
    ----------
    points : DataFrame
        The table of a spider: input, unit, quantile, value and result. Up to seven inputs.
    base : float
        The metric in the base case; NaN where it does not exist.
    unit : str
        The unit of the metric.
    title, source : str
        The headline, and where the values come from.

    Raises
    ------
    ValueError
        There are more inputs than colours that can be told apart, or nothing to draw.
    """
    names = [str(name) for name in points["input"].unique()]
    if len(names) > len(COLOURS):
        raise ValueError(f"{len(names)} inputs, {len(COLOURS)} colours: choose fewer inputs")
    there = points[points["result"].notna()]
    if there.empty:
        raise ValueError("the metric exists at no quantile: there is nothing to draw")
    factor, label = scale(unit, [base, *there["result"]])
    lines = pd.DataFrame(
        {
            "input": there["input"].astype(str),
            "quantile": there["quantile"],
            "result": there["result"] * factor,
            "text": [_figure(value, its_unit) for value, its_unit in zip(there["value"], there["unit"], strict=True)],
        }
    )
    colour = alt.Color("input:N", scale=alt.Scale(domain=names, range=list(COLOURS[: len(names)])), legend=_legend())
    shape = alt.Shape("input:N", scale=alt.Scale(domain=names, range=list(MARKS[: len(names)])), legend=_legend())
    chart = alt.Chart(lines).encode(
        x=alt.X("quantile:Q", title="quantile of the input's range", axis=alt.Axis(format=".0%")),
        y=alt.Y("result:Q", title=f"{title} ({label})", scale=alt.Scale(zero=False)),
        color=colour,
        tooltip=["input:N", alt.Tooltip("quantile:Q", format=".0%"), "text:N", alt.Tooltip("result:Q", format=",.4g")],
    )
    layers = [chart.mark_line(strokeWidth=2), chart.mark_point(filled=True, size=60, opacity=1).encode(shape=shape)]
    said, where = "none", ""
    if math.isfinite(base):
        said, where = f"{written(base * factor)} {label}", " (the dashed line)"
        rule = alt.Chart(pd.DataFrame({"base": [base * factor]})).mark_rule(color=INK, strokeDash=[4, 3])
        layers.insert(0, rule.encode(y=alt.Y("base:Q", title=f"{title} ({label})")))
    caption = [source, f"base case {said}{where}; each input moves alone, the others at base"]
    absent = len(points) - len(there)
    if absent:
        caption.append(f"at {absent} of {len(points)} points the metric does not exist")
    ends = "; ".join(_ends(lines[lines["input"] == name], name, label) for name in names)
    return _described(layered(layers, title, caption), f"Spider of {title}. Base case {said}. {ends}.")


def _figure(value: float, unit: str) -> str:
    """An input's value with its unit."""
    factor, label = scale(unit, [value])
    return written(value * factor, 3) + ("" if unit == "1" else f" {label}")


def _left_out(swings: pd.DataFrame, drawn: int, shown: int) -> list[str]:
    words = []
    absent = [str(name) for name in swings.index[swings["swing"].isna()]]
    if absent:
        words.append(f"the metric does not exist at a percentile of {', '.join(absent)}")
    if shown < drawn:
        words.append(f"the widest {shown} of {drawn} inputs")
    return words


def _ends(line: pd.DataFrame, name: str, label: str) -> str:
    if line.empty:
        return f"{name}: none"
    first, last = line.iloc[0], line.iloc[-1]
    return (
        f"{name}: {written(float(first['result']))} at {first['quantile']:.0%}, "
        f"{written(float(last['result']))} {label} at {last['quantile']:.0%}"
    )


def _legend() -> alt.Legend:
    return alt.Legend(title=None, orient="bottom", columns=3, labelLimit=240, symbolOpacity=1)


def _described(chart: alt.LayerChart, words: str) -> alt.LayerChart:
    """The chart with a text for screen readers, which becomes its label in a page."""
    described: alt.LayerChart = chart.properties(description=words)
    return described
