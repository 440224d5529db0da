"""Charts that set the years of cases side by side: a chart a line, a series a case."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from finmodel.render.chart import Axis, Chart, Series
from finmodel.render.rates import RATE
from finmodel.render.sheet import PERCENT, Sheet
from finmodel.report.comparison_tables import note_of
from finmodel.report.comparison_years import Annual, Row
from finmodel.report.numbers import scale, written

CHARTS = "Charts"
MOST = 7
"""Series of a chart whose looks all differ; more cases take more charts, the first case in each."""
ACROSS = 3
ROWS, COLUMNS, WIDTH, GAP = 18, 8, 9.0, 1
TOP = 3


def charts_sheet(annual: Annual) -> Sheet:
    """Each line by calendar year, the cases in one chart as far as their units are alike."""
    sheet = Sheet(CHARTS, frozen=(TOP - 1, 0), one_page=True)
    by_line = itertools.groupby(annual.rows, key=lambda row: row.line)
    found = [part for _, rows in by_line for part in _parts(list(rows))]
    for number, rows in enumerate(found):
        down, right = divmod(number, ACROSS)
        place = TOP + down * (ROWS + GAP), 1 + right * (COLUMNS + GAP)
        sheet.charts.append(_chart(annual, rows, *place))
    sheet.widths = {(0, 0): 2.0, (1, ACROSS * (COLUMNS + GAP)): WIDTH}
    return sheet


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The rows of a line by their units, as many as a chart tells apart."""
    for unit in dict.fromkeys(row.years.unit for row in rows):
        first, *others = (row for row in rows if row.years.unit == unit)
        yield [first, *others[: MOST - 1]]
        for start in range(MOST - 1, len(others), MOST - 1):
            yield [first, *others[start : start + MOST - 1]]


def _chart(annual: Annual, rows: Sequence[Row], row: int, column: int) -> Chart:
    line, unit = rows[0].line, rows[0].years.unit
    shown = [value for found in rows for value in found.years.values.values()]
    factor, scaled = scale(unit, shown)
    thousands = "," * round(-math.log10(factor) / 3) if factor < 1 else ""
    digits = "#,##0" if max(map(abs, shown)) * factor >= 10 else "0.00"
    when = "by calendar year" if rows[0].years.total is not None else "at the end of each calendar year"
    return Chart(
        row=row,
        column=column,
        rows=ROWS,
        columns=COLUMNS,
        title=f"{line} {when}",
        described=f"Lines of {line} {when}, one a case. {note_of(annual.sides, line)} "
        + " ".join(_extremes(found, factor, scaled) for found in rows),
        across=Axis("Year"),
        up=Axis(scaled, number=PERCENT if unit == RATE else digits + thousands),
        series=tuple(
            Series(found.side.label, annual.heads, annual.range_of_years(found.row), "line") for found in rows
        ),
    )


def _extremes(row: Row, factor: float, unit: str) -> str:
    """The lowest and the highest year of a row, in words."""
    values = row.years.values
    low, high = (
        f"{written(float(f'{values[year] * factor:.3g}'))} {unit} in {year}"
        for year in (min(values, key=values.__getitem__), max(values, key=values.__getitem__))
    )
    return f"{row.side.label}: lowest {low}, highest {high}."
