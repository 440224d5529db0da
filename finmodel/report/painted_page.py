"""A worksheet of XlsxWriter that takes cells as they are, fast: numbers to their last bit, formulas unsearched."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from xlsxwriter.worksheet import Worksheet

from finmodel.render.sheet import column_name


class Number(NamedTuple):
    """A number in XlsxWriter's table of cells, which tells cells apart by the name of their class."""

    number: float
    format: Any


class Formula(NamedTuple):
    """A formula in XlsxWriter's table of cells."""

    formula: str
    format: Any
    value: float | str | bool


class PaintedPage(Worksheet):  # type: ignore[misc]  # published without types
    """A worksheet that takes numbers and formulas as they are, and writes numbers to their last bit.

    XlsxWriter rounds to 16 digits, and searches each formula for functions newer than 2010; those here are marked by
    whoever wrote them.
    """

    painted: Callable[[], None] | None = None
    """Called once the page is written."""

    def put(self, row: int, column: int, cell: Number | Formula) -> None:
        """Keep a cell until the file is written."""
        self.table[row][column] = cell

    def covers(self, rows: Sequence[int], columns: Sequence[int]) -> None:
        """Say from which row to which, and from which column to which, there are cells."""
        for corner in zip(rows, columns, strict=True):
            self._check_dimensions(*corner)

    def _assemble_xml_file(self) -> None:
        super()._assemble_xml_file()
        if self.painted is not None:
            self.painted()

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        match cell:
            case Number(number=number):
                self.fh.write(f"{_opened(row, col, cell.format)}><v>{_exact(number)}</v></c>")
            case Formula(formula=formula, value=value):
                kind, shown = _result(value)
                self.fh.write(f"{_opened(row, col, cell.format)}{kind}><f>{_escaped(formula)}</f><v>{shown}</v></c>")
            case _:
                super()._write_cell(row, col, cell)


def _opened(row: int, column: int, style: Any) -> str:
    return f'<c r="{_letters(column)}{row + 1}" s="{style._get_xf_index()}"'


_letters = cache(column_name)


def _exact(number: float) -> str:
    """The shortest text that reads back as the same number.

    Raises
    ------
    ValueError
        Where no cell can hold it.
    """
    if not math.isfinite(number):
        raise ValueError(f"{number} fits no cell")
    return repr(float(number)).removesuffix(".0")


def _result(value: float | str | bool) -> tuple[str, str]:
    """How the value of a formula is marked and written."""
    if isinstance(value, bool):
        return ' t="b"', "1" if value else "0"
    if isinstance(value, str):
        return ' t="str"', _escaped(value)
    return "", _exact(value)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
