"""Charts of a file: they name what they show, also for those who cannot see it, and no look is given twice."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from finmodel.render.chart import Axis, Chart, Mark, Series
from finmodel.render.sheet import Sheet, Style
from finmodel.report.painting import paint

YEARS, COUNT = 12, 6
LABELS = f"Data!$A$1:$A${YEARS}"


def values(place: int) -> str:
    letter = "BCDEFG"[place]
    return f"Data!${letter}$1:${letter}${YEARS}"


def series(count: int, mark: Mark) -> tuple[Series, ...]:
    return tuple(Series(f"series {place}", LABELS, values(place), mark) for place in range(count))


def chart(*shown: Series, second: Axis | None = None) -> Chart:
    return Chart("Flows", "What flows by year.", Axis("year", "0"), Axis("bn USD", "0.0,,,"), shown, second=second)


def xml(tmp_path: Path, *charts: Chart) -> tuple[list[str], str]:
    """The parts of a file with charts, and with the drawing in which they stand."""
    sheet = Sheet("Data", charts=list(charts))
    for year in range(YEARS):
        sheet.number(year, 0, 2027.0 + year, Style("formula", "0"))
        for place in range(COUNT):
            sheet.formula(year, 1 + place, f"A{year + 1}", 1e9 * (year - place), Style("formula"))
    path = tmp_path / "book.xlsx"
    paint(path, [sheet], title="Charts", version="test", written=dt.date(2027, 3, 31))
    book = zipfile.ZipFile(path)
    names = (f"xl/charts/chart{number}.xml" for number, _ in enumerate(charts, 1))
    return [book.read(name).decode() for name in names], book.read("xl/drawings/drawing1.xml").decode()


@pytest.mark.parametrize("mark", get_args(Mark))
def test_a_chart_names_itself_its_axes_and_its_series(mark: Mark, tmp_path: Path) -> None:
    (found,), drawing = xml(tmp_path, chart(*series(2, mark)))
    titles = re.findall(r"<a:t>([^<]+)</a:t>", found)
    assert sorted(titles) == ["Flows", "bn USD", "year"]
    assert re.findall(r"<c:tx><c:v>([^<]+)</c:v>", found) == ["series 0", "series 1"]
    assert 'descr="What flows by year."' in drawing


def test_a_chart_that_says_nothing_to_the_blind_is_refused() -> None:
    with pytest.raises(ValueError, match="no description"):
        replace(chart(*series(1, "line")), described=" ")


def test_a_second_axis_comes_with_what_is_measured_on_it() -> None:
    one, other = series(2, "column")
    with pytest.raises(ValueError, match="second axis"):
        chart(one, replace(other, mark="line", second=True))
    with pytest.raises(ValueError, match="second axis"):
        chart(one, other, second=Axis("times"))


def test_columns_and_a_line_stand_on_an_axis_each(tmp_path: Path) -> None:
    one, other = series(2, "column")
    both = chart(one, replace(other, mark="line", second=True), second=Axis("times", "0.0"))
    (found,), _ = xml(tmp_path, both)
    assert found.count("<c:barChart>") == found.count("<c:lineChart>") == 1
    assert "<a:t>times</a:t>" in found
    assert found.count("<c:valAx>") == 2


@pytest.mark.parametrize("mark", ["line", "scatter", "column", "stacked column", "bar"])
def test_no_two_series_of_a_chart_look_alike_even_without_colour(mark: Mark, tmp_path: Path) -> None:
    (found,), _ = xml(tmp_path, chart(*series(COUNT, mark)))
    drawn = re.findall(r"<c:ser>.*?</c:ser>", found, flags=re.DOTALL)
    marks = [_colourless(one) for one in drawn]
    assert len(drawn) == COUNT
    assert len(set(marks)) == COUNT
    assert len({_colours(one) for one in drawn}) == COUNT


def _colourless(drawn: str) -> tuple[str, ...]:
    return tuple(re.findall(r'<a:prstDash val="(\w+)"|<c:symbol val="(\w+)"|<a:pattFill prst="(\w+)"', drawn))


def _colours(drawn: str) -> frozenset[str]:
    return frozenset(re.findall(r'srgbClr val="(\w+)"', drawn))


def test_a_chart_carries_the_values_of_its_cells(tmp_path: Path) -> None:
    """For those who see a preview, which computes nothing."""
    (found,), _ = xml(tmp_path, chart(*series(1, "column")))
    kept = re.findall(r"<c:pt idx=\"\d+\"><c:v>([^<]+)</c:v>", found)
    assert kept == [*(str(2027 + year) for year in range(YEARS)), *_written(1e9 * year for year in range(YEARS))]


def _written(numbers: Sequence[float]) -> list[str]:
    return [str(float(number)) for number in numbers]


def test_a_chart_covers_its_cells(tmp_path: Path) -> None:
    one = replace(chart(*series(1, "line")), row=14, column=2, rows=10, columns=5)
    _, drawing = xml(tmp_path, one)
    places = [int(number) for number in re.findall(r"<xdr:(?:col|row)>(\d+)</xdr:(?:col|row)>", drawing)]
    assert places == [2, 14, 6, 24]


def test_bars_that_run_from_top_to_bottom_keep_their_numbers_below(tmp_path: Path) -> None:
    lying = replace(chart(*series(1, "bar")), across=Axis("bn USD"), up=Axis("", reverse=True))
    (found,), _ = xml(tmp_path, lying)
    labels = re.search(r"<c:catAx>.*?</c:catAx>", found, flags=re.DOTALL)
    numbers = re.search(r"<c:valAx>.*?</c:valAx>", found, flags=re.DOTALL)
    assert labels is not None
    assert 'orientation val="maxMin"' in labels[0]
    assert numbers is not None
    assert '<c:crosses val="max"/>' in numbers[0]
