"""What all sheets along the periods share: the same column is the same month on each, headed alike, as wide."""

from __future__ import annotations

import datetime as dt

import numpy as np

from finmodel.graph.timeline import SERIES, Timeline
from finmodel.render.sheet import DATE, Sheet, Style, column_name, fit_columns, shown_width
from finmodel.render.workings import (
    CONSTANT,
    COUNTER,
    FIRST,
    HEAD,
    KEY,
    NOTE,
    OPENING,
    TIMING,
    TOP,
    TOTAL,
    UNIT,
    fill_row,
)

HEADS = {KEY: "Key", UNIT: "Unit", NOTE: "What it is", CONSTANT: "Constant", TOTAL: "Total", OPENING: "Opening"}
EXCEL_DAY_ZERO = dt.date(1899, 12, 30)
WIDEST_KEY, WIDEST_NOTE, WIDEST_NUMBER = 44.0, 100.0, 24.0
ON_A_PAGE = 12
"""Periods on a page in print, besides close on the first."""
ROW_OF_MONTH = TOP + 1 + list(SERIES).index("month")


def day(date: dt.date) -> float:
    """A date as spreadsheets count days."""
    return float((date - EXCEL_DAY_ZERO).days)


def date(days: float) -> dt.date:
    """The date that spreadsheets count so."""
    return EXCEL_DAY_ZERO + dt.timedelta(days=days)


def ends(timeline: Timeline) -> list[float]:
    """The last day of each period, period 0 first."""
    return [day(_end_of_month(label)) for label in timeline.labels]


def head(sheet: Sheet, timeline: Timeline, close: str) -> None:
    """Write the headings and the column counter of a sheet along the periods; `close` is the cell with that date."""
    for column, words in HEADS.items():
        sheet.text(HEAD, column, words, "head of numbers" if column >= CONSTANT else "head")
        sheet.text(COUNTER, column, "", "band")
    sheet.text(COUNTER, KEY, "column counter", "band")
    formula = f"EOMONTH({close},{TIMING}!{{c}}${ROW_OF_MONTH + 1})"
    fill_row(sheet, HEAD, formula, ends(timeline), Style("head", DATE))
    sheet.heights[COUNTER] = 14.0
    counter, style = np.arange(2.0, timeline.periods + 3.0), Style("band", "0")
    if sheet.name == TIMING:
        sheet.number(COUNTER, OPENING, 1.0, style)
        fill_row(sheet, COUNTER, f"{{p}}{COUNTER + 1}+1", counter, style)
    else:
        sheet.formula(COUNTER, OPENING, f"{TIMING}!{column_name(OPENING)}${COUNTER + 1}", 1.0, style)
        fill_row(sheet, COUNTER, f"{TIMING}!{{c}}${COUNTER + 1}", counter, style)


def fit(sheet: Sheet, length: int) -> None:
    """Freeze what names rows and columns, and give every column the width that it needs."""
    sheet.frozen = (TOP, NOTE)
    sheet.one_page_wide = False
    sheet.repeated_columns = NOTE
    sheet.column_breaks = list(range(FIRST + 1 + ON_A_PAGE, FIRST + length, ON_A_PAGE))
    sheet.widths[0, 0] = 2.0
    fit_columns(sheet, KEY, KEY, 14.0, WIDEST_KEY, from_row=HEAD)
    fit_columns(sheet, UNIT, UNIT, 8.0, 20.0, from_row=HEAD)
    fit_columns(sheet, CONSTANT, OPENING, 10.0, WIDEST_NUMBER, from_row=HEAD)
    sheet.widths[FIRST, FIRST + length - 1] = min(max(_widest(sheet) + 2.0, 11.0), WIDEST_NUMBER)
    fit_columns(sheet, NOTE, NOTE, 30.0, WIDEST_NOTE, from_row=HEAD)


def _widest(sheet: Sheet) -> float:
    """The width of the widest number of a period: of each style the largest and the smallest are looked at."""
    ends: dict[Style, tuple[float, float]] = {}
    for (row, column), cell in sheet.cells.items():
        value = cell.content
        if column >= FIRST and row >= TOP and not isinstance(value, str):
            low, high = ends.get(cell.style, (value, value))
            if not low <= value <= high or cell.style not in ends:
                ends[cell.style] = min(low, value), max(high, value)
    return max((shown_width(value, style) for style, both in ends.items() for value in both), default=8)


def _end_of_month(label: str) -> dt.date:
    year, month = (int(part) for part in label.split("-"))
    return dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)
