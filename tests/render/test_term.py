"""Worksheet functions as Python computes them: what an independent engine finds in the same cells."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import numpy as np
import pytest

from finmodel.render.sheet import Sheet, Style
from finmodel.render.term import Term, call, joined, lift, text
from finmodel.report.painting import paint
from tests.workbook.spreadsheets import Iron

NUMBERS = (0.05, -0.05, 2.5, -2.5, 1.005, 13.449999999999999, 0.285, 1e15 + 0.25, 0.0, -0.04, 123456.785)


@pytest.fixture
def sheet() -> Sheet:
    """Numbers in column A, groups in B, flags in C."""
    made = Sheet("Data")
    for row, number in enumerate(NUMBERS):
        for column, value in enumerate((number, float(row % 3), float(row % 2))):
            made.number(row, column, value, Style("fixed"))
    return made


def column(letter: str) -> Term:
    """The range of a column."""
    place = "ABC".index(letter)
    values = [(number, row % 3, row % 2)[place] for row, number in enumerate(NUMBERS)]
    return Term(f"Data!${letter}$1:${letter}${len(NUMBERS)}", np.array(values, dtype=np.float64))


def test_an_independent_engine_finds_the_same(sheet: Sheet, tmp_path: Path) -> None:
    numbers, groups, flags = map(column, "ABC")
    cells = [Term(f"Data!$A${row}", number) for row, number in enumerate(NUMBERS, 1)]
    two = Term("Data!$B$3", 2.0)
    terms = [call("ROUND", cell, digits) for cell in cells for digits in (lift(0), lift(1), two)]
    terms += [joined(text("a "), call("ROUND", cell, 1) + 0, text(" %")) for cell in cells]
    terms += [
        call("SUMIFS", numbers, groups, 1),
        call("SUMIFS", numbers, groups, two, flags, 1),
        call("SUMIFS", numbers, groups, cells[0]),
        call("MINIFS", numbers, groups, two, flags, text(">0")),
        call("MINIFS", numbers, groups, 1, numbers, text("<0")),
        call("COUNTIF", groups, two),
        call("IF", two > 1, joined(text("x"), two), text("y")),
    ]
    for row, term in enumerate(terms):
        sheet.formula(row, 4, term.text, term.stored, Style("formula"))
    path = tmp_path / "book.xlsx"
    paint(path, [sheet], title="Terms", version="test", written=dt.date(2027, 3, 31))
    read = Iron(path).recalculated()
    for row, term in enumerate(terms, 1):
        assert read("Data", row, 5) == pytest.approx(term.stored), term.text


def test_a_missing_number_is_rounded_to_none() -> None:
    assert math.isnan(call("ROUND", Term("A1", "none"), 1).number)


def test_a_sum_in_a_text_needs_no_brackets_and_a_comparison_does() -> None:
    one, other = Term("A1", 1.0), Term("A2", 2.0)
    assert joined(one + other, text("x")).text == 'A1+A2&"x"'
    assert joined(one > other, text("x")).text == '(A1>A2)&"x"'
