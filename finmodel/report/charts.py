"""Charts of a run, in Altair: shown in a notebook, saved as PNG, SVG or an offline page.

Each takes plain pandas data with its unit and says its source. Colours are told apart with any kind of colour vision
(`report.palette`); no meaning hangs on colour alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import altair as alt
import numpy as np
import numpy.typing as npt
import pandas as pd

from finmodel.report.numbers import scale, written
from finmodel.report.palette import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, SKY, VERMILLION, YELLOW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, BINS = 620, 320, 60
PERCENTILES = (5, 50, 95)
BANDS = ((5, 95), (10, 90), (25, 75))
SHADES = ("#CCE3F0", "#99C7E0", "#4D9CC9")  # the same blue, darker where paths are denser: lightness tells them apart
PICTURED = (0.005, 0.995)  # quantiles between which a metric is drawn; the caption says what lies beyond

Chart = TypeVar("Chart", alt.LayerChart, alt.VConcatChart)
Values = npt.NDArray[np.float64]


def histogram(values: pd.Series[float], *, unit: str, title: str, source: str) -> alt.LayerChart:
    """How often a metric falls where: a histogram with its 5th, 50th and 95th percentile.

    Parameters
    ----------
    values : Series
        One value a path; missing ones are left out, and their number is said.
    unit : str
        The unit of `values`.
    title, source : str
        The headline, and where the values come from (case, paths, seed).
    """
    shown, label, caption = _shown(values, unit, source)
    low, high = np.quantile(shown, PICTURED)
    step = (high - low) / BINS
    edges = np.linspace(low, high, BINS + 1) if step else np.histogram_bin_edges(shown, BINS)
    if low < 0 < high:  # zero falls between two bars, so that a bar is on one side of it
        edges = step * np.arange(np.floor(low / step), np.ceil(high / step) + 1)
    counts, _ = np.histogram(shown, bins=edges)
    caption += _beyond(shown, edges[0], edges[-1], label)
    bars = pd.DataFrame({"low": edges[:-1], "high": edges[1:], "share": counts / shown.size})
    bars["side"] = np.where(bars["high"] <= 0, "below zero", "zero or above")
    layer = (
        alt.Chart(bars)
        .mark_bar(stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X("low:Q", bin="binned", title=f"{title} ({label})", axis=alt.Axis(grid=False)),
            x2="high:Q",
            y=alt.Y(
                "share:Q",
                title="share of paths",
                axis=alt.Axis(format=".1%"),
                scale=alt.Scale(domainMax=float(bars["share"].max()) * 1.25),  # room for the percentiles' names
            ),
            color=alt.Color(
                "side:N",
                scale=alt.Scale(domain=["below zero", "zero or above"], range=[VERMILLION, BLUE]),
                legend=alt.Legend(title=None, orient="bottom") if bars["side"].nunique() > 1 else None,
            ),
            tooltip=[
                alt.Tooltip("low:Q", format=",.4g"),
                alt.Tooltip("high:Q", format=",.4g"),
                alt.Tooltip("share:Q", format=".2%"),
            ],
        )
    )
    return layered([layer, *_percentiles(shown)], title, caption)


def s_curve(values: pd.Series[float], *, unit: str, title: str, source: str) -> alt.LayerChart:
    """The chance that a metric stays at or below each value: its cumulative distribution.

    Parameters
    ----------
    values : Series
        One value a path; missing ones are left out, and their number is said.
    unit : str
        The unit of `values`.
    title, source : str
        The headline, and where the values come from (case, paths, seed).
    """
    shown, label, caption = _shown(values, unit, source)
    chances = np.linspace(*PICTURED, 397)
    curve = pd.DataFrame({"value": np.quantile(shown, chances), "chance": chances})
    caption += _beyond(shown, curve["value"].min(), curve["value"].max(), label)
    line = (
        alt.Chart(curve)
        .mark_line(color=BLUE, strokeWidth=2.5)
        .encode(
            x=alt.X("value:Q", title=f"{title} ({label})"),
            y=alt.Y("chance:Q", title="share of paths at or below", axis=alt.Axis(format=".0%")),
        )
    )
    marks = _marks(shown)
    base = alt.Chart(marks).encode(x="value:Q", y="chance:Q")
    layers = [
        line,
        base.mark_point(color=BLUE, filled=True, size=60, opacity=1),
        base.mark_text(align="left", dx=10, dy=8, color=INK).encode(text="text:N"),
    ]
    below = float((shown < 0).mean())
    if 0 < below < 1:
        zero = alt.Chart(pd.DataFrame({"value": [0.0]}))
        layers.insert(0, zero.mark_rule(color=VERMILLION, strokeWidth=1.5).encode(x="value:Q"))
        caption.append(f"{below:.1%} of paths are below zero (the upright line)")
    return layered(layers, title, caption)


def parts(amounts: Mapping[str, float] | pd.Series[float], *, unit: str, title: str, source: str) -> alt.LayerChart:
    """What an amount is made of: one bar a part, the largest first, each with its amount and its share.

    Parameters
    ----------
    amounts : mapping of str to float, or Series
        The amount of each part.
    unit : str
        The unit of the amounts.
    title, source : str
        The headline, and where the amounts come from.
    """
    series = pd.Series(dict(amounts), dtype=float).sort_values(ascending=False)
    factor, label = scale(unit, series)
    bars = pd.DataFrame({"part": series.index, "amount": series.to_numpy() * factor})
    shares = bars["amount"] / bars["amount"].sum()
    bars["text"] = [
        f"{written(amount, 3)}  ({share:.1%})" for amount, share in zip(bars["amount"], shares, strict=True)
    ]
    base = alt.Chart(bars).encode(
        y=alt.Y("part:N", sort=None, title=None, axis=alt.Axis(labelLimit=240)),
        x=alt.X("amount:Q", title=label, scale=alt.Scale(domainMax=float(bars["amount"].max()) * 1.2)),
    )
    layers = [base.mark_bar(color=BLUE), base.mark_text(align="left", dx=5, color=INK).encode(text="text:N")]
    return layered(layers, title, [source], height=max(120, 26 * len(bars)))


def yearly(flows: pd.DataFrame, *, unit: str, title: str, source: str) -> alt.VConcatChart:
    """Cash flow by calendar year, stacked by part; below it the running total.

    Parameters
    ----------
    flows : DataFrame
        One row a period, labelled "YYYY-MM", and one column a part, up to seven; inflows are positive.
    unit : str
        The unit of the flows.
    title, source : str
        The headline, and where the flows come from.

    Raises
    ------
    ValueError
        There are more parts than colours that can be told apart.
    """
    colours = [BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, YELLOW]
    if len(flows.columns) > len(colours):
        raise ValueError(f"{len(flows.columns)} parts, {len(colours)} colours: sum the smaller parts into one")
    by_year = flows.groupby(flows.index.astype(str).str[:4]).sum()
    running = by_year.sum(axis=1).cumsum()
    factor, label = scale(unit, [*by_year.to_numpy().ravel(), *running])
    tall = (by_year * factor).rename_axis("year").reset_index().melt("year", var_name="part", value_name="amount")
    names = [str(name) for name in flows.columns]
    bars = (
        alt.Chart(tall)
        .mark_bar()
        .encode(
            x=alt.X("year:O", title=None, axis=alt.Axis(labels=False)),
            y=alt.Y("amount:Q", title=f"{label} a year, inflow positive"),
            color=alt.Color(
                "part:N",
                sort=names,
                scale=alt.Scale(domain=names, range=colours[: len(names)]),
                legend=alt.Legend(title=None, orient="bottom", columns=4, labelLimit=240),
            ),
            tooltip=["year:O", "part:N", alt.Tooltip("amount:Q", format=",.4g")],
        )
    )
    total = pd.DataFrame({"year": running.index, "amount": running.to_numpy() * factor})
    line = (
        alt.Chart(total)
        .mark_line(color=INK, strokeWidth=2, point=alt.OverlayMarkDef(color=INK, size=18))
        .encode(
            x=alt.X("year:O", title="calendar year", axis=alt.Axis(labelOverlap=True)),
            y=alt.Y("amount:Q", title=f"running total, {label}"),
            tooltip=["year:O", alt.Tooltip("amount:Q", format=",.4g")],
        )
    )
    panels = [bars.properties(width=WIDTH, height=HEIGHT * 2 // 3), line.properties(width=WIDTH, height=HEIGHT // 2)]
    return _dressed(alt.VConcatChart(vconcat=panels, spacing=12), title, [source])


def fan(percentiles: pd.DataFrame, *, unit: str, title: str, source: str) -> alt.LayerChart:
    """How far a line of the model may stray, period by period: bands around its median.

    Parameters
    ----------
    percentiles : DataFrame
        One row a period, labelled "YYYY-MM", and the columns p5, p10, p25, p50, p75, p90 and p95: one line of a fan.
    unit : str
        The unit of the line.
    title, source : str
        The headline, and where the percentiles come from (case, paths, seed, design).
    """
    factor, label = scale(unit, percentiles.to_numpy().ravel())
    shown = (percentiles * factor).rename_axis("period").reset_index()
    shown["period"] = pd.to_datetime(shown["period"] + "-01")
    names = [*(f"{low} % to {high} % of paths" for low, high in BANDS), "median"]
    shade = alt.Scale(domain=names, range=[*SHADES, INK])
    x = alt.X("period:T", title="period, by the month in which it ends", axis=alt.Axis(format="%Y", grid=False))
    y_title = f"{title} ({label})"
    layers = []
    for (low, high), name in zip(BANDS, names, strict=False):
        band = shown[["period"]].assign(low=shown[f"p{low}"], high=shown[f"p{high}"], part=name)
        base = alt.Chart(band).mark_area().encode(x=x, y=alt.Y("low:Q", title=y_title), y2="high:Q")
        layers.append(
            base.encode(color=alt.Color("part:N", scale=shade, legend=alt.Legend(title=None, orient="bottom")))
        )
    median = shown[["period"]].assign(median=shown["p50"], low=shown["p5"], high=shown["p95"], part="median")
    if (shown["p5"] < 0).any() and (shown["p95"] > 0).any():
        zero = alt.Chart(pd.DataFrame({"zero": [0.0]})).mark_rule(color=MUTED, strokeDash=[4, 3])
        layers.append(zero.encode(y=alt.Y("zero:Q", title=y_title)))
    layers.append(
        alt.Chart(median)
        .mark_line(strokeWidth=2)
        .encode(
            x=x,
            y=alt.Y("median:Q", title=y_title),
            color=alt.Color("part:N", scale=shade),
            tooltip=[
                alt.Tooltip("period:T", format="%Y-%m"),
                *(alt.Tooltip(f"{column}:Q", format=",.4g") for column in ("low", "median", "high")),
            ],
        )
    )
    return layered(layers, title, [source, "each period by itself: no single path follows the edge of a band"])


def convergence(running: pd.DataFrame, *, statistic: str, unit: str, title: str, source: str) -> alt.LayerChart:
    """A statistic over growing numbers of paths, within its 95 % interval.

    Parameters
    ----------
    running : DataFrame
        By number of paths: the statistic, and half the width of its interval as `<statistic>_half_width`.
    statistic : str
        One of the columns, such as mean or p5.
    unit : str
        The unit of the metric.
    title, source : str
        The headline, and where the paths come from (case, seed, design).
    """
    known = running[[statistic, f"{statistic}_half_width"]].dropna()
    if known.empty:
        raise ValueError("no number of paths has an interval: there is nothing to draw")
    value, reach = known[statistic].to_numpy(), known[f"{statistic}_half_width"].to_numpy()
    factor, label = scale(unit, value)
    shown = pd.DataFrame({"paths": known.index, "value": value, "low": value - reach, "high": value + reach})
    shown[["value", "low", "high"]] *= factor
    x = alt.X("paths:Q", title="paths", scale=alt.Scale(type="log", base=2, nice=False), axis=alt.Axis(format=","))
    y = alt.Scale(zero=False)
    base = alt.Chart(shown).encode(x=x)
    band = base.mark_area(color=SKY, opacity=0.4).encode(
        y=alt.Y("low:Q", title=f"{title}, {statistic} ({label})", scale=y), y2="high:Q"
    )
    line = base.mark_line(color=BLUE, strokeWidth=2, point=alt.OverlayMarkDef(color=BLUE, size=30)).encode(
        y=alt.Y("value:Q", scale=y),
        tooltip=[
            alt.Tooltip("paths:Q", format=","),
            *(alt.Tooltip(f"{column}:Q", format=",.5g") for column in ("low", "value", "high")),
        ],
    )
    end, width = written(float(value[-1]) * factor), written(float(reach[-1]) * factor, 3)
    said = f"{int(known.index[-1]):,} paths: {end} {label}, 95 % interval (the band) ± {width}"
    return layered([band, line], title, [source, said])


def _shown(values: pd.Series[float], unit: str, source: str) -> tuple[Values, str, list[str]]:
    present: Values = np.asarray(values.dropna(), dtype=np.float64)
    if not present.size:
        raise ValueError("no path has this metric: there is nothing to draw")
    factor, label = scale(unit, np.quantile(present, [0.05, 0.5, 0.95]))
    absent = len(values) - present.size
    caption = [source] if not absent else [source, f"{absent:,} of {len(values):,} paths have none and are left out"]
    return present * factor, label, caption


def _beyond(shown: Values, low: float, high: float, label: str) -> list[str]:
    """What the picture leaves out of the tails, in words."""
    outside = float(np.mean((shown < low) | (shown > high)))
    if not outside:
        return []
    least, greatest = written(float(shown.min()), 3), written(float(shown.max()), 3)
    return [f"{outside:.2%} of paths lie beyond the picture; the least is {least}, the greatest {greatest} {label}"]


def _marks(values: Values) -> pd.DataFrame:
    marks = pd.DataFrame({"value": [float(np.percentile(values, p)) for p in PERCENTILES], "chance": PERCENTILES})
    marks["chance"] /= 100
    marks["text"] = [f"P{p} {written(value, 3)}" for p, value in zip(PERCENTILES, marks["value"], strict=True)]
    return marks


def _percentiles(values: Values) -> list[alt.Chart]:
    layers: list[alt.Chart] = []
    for row, (_, mark) in enumerate(_marks(values).iterrows()):  # a row of text each, so that near ones do not overlap
        base = alt.Chart(pd.DataFrame([mark])).encode(x="value:Q")
        layers.append(base.mark_rule(color=INK, strokeDash=[4, 3]))
        text = base.mark_text(align="left", baseline="top", dx=4, color=INK)
        layers.append(text.encode(y=alt.value(2 + 15 * row), text="text:N"))
    return layers


def layered(layers: Sequence[alt.Chart], title: str, caption: list[str], height: int = HEIGHT) -> alt.LayerChart:
    """Layers as one chart, with its headline and the words below it."""
    return _dressed(alt.LayerChart(layer=list(layers), width=WIDTH, height=height), title, caption)


def _dressed(chart: Chart, title: str, caption: list[str]) -> Chart:
    heading = alt.TitleParams(title, subtitle=caption, anchor="start", fontSize=16, subtitleColor=MUTED, offset=12)
    dressed: Chart = (
        chart.properties(title=heading)
        .configure_view(stroke=None)
        .configure_axis(labelColor=INK, titleColor=INK, titleFontWeight="normal", gridColor="#e6e6e6")
    )
    return dressed
