"""Workbooks recalculated by engines that are not ours, and held against Python."""

from __future__ import annotations

import contextlib
import math
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import ironcalc
import numpy as np
import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import coordinate_to_tuple

from finmodel.graph import Model
from finmodel.graph.model import Line
from finmodel.graph.nodes import Item, Reduce
from finmodel.render.plain import Evaluation

Read = Callable[[str, int, int], Any]
"""Value of a cell by sheet, row and column, both from 1."""
KEY, CONSTANT, TOTAL, OPENING, FIRST = 2, 5, 6, 7, 8
VALUE = 4
AGREEMENT = 1e-9
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""


class Iron:
    """A workbook in IronCalc."""

    def __init__(self, path: Path) -> None:
        self._book = ironcalc.load_from_xlsx(str(path))
        self._sheets = {sheet["name"]: place for place, sheet in enumerate(self._book.get_worksheets_properties())}

    def set(self, edits: Mapping[tuple[str, str], float | str]) -> Iron:
        """Type into cells, by sheet and address."""
        for (sheet, place), value in edits.items():
            row, column = coordinate_to_tuple(place)
            if isinstance(value, str):
                self._book.set_user_input(self._sheets[sheet], row, column, value)
            else:
                self._book.update_cell_with_number(self._sheets[sheet], row, column, float(value))
        return self

    def recalculated(self) -> Read:
        """Every cell, computed anew."""
        self._book.evaluate()
        return lambda sheet, row, column: self._book.get_cell_value(self._sheets[sheet], row, column)


def office(path: Path, folder: Path, soffice: str, edits: Mapping[tuple[str, str], float | str] | None = None) -> Read:
    """Every cell, computed anew by LibreOffice after edits of the file."""
    source = folder / "edited.xlsx"
    book = openpyxl.load_workbook(path)
    for (sheet, place), value in (edits or {}).items():
        book[sheet][place] = value
    book.save(source)  # drops every stored value, so that nothing can be compared with itself
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(PROFILE)
    out = folder / "out"
    command = [soffice, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", str(out), str(source)], check=True, capture_output=True, timeout=300)
    computed = openpyxl.load_workbook(out / source.name, data_only=True)
    return lambda sheet, row, column: computed[sheet].cell(row, column).value


def cell_name(row: int, column: int) -> str:
    """Such as B7; rows and columns from 1."""
    return f"{get_column_letter(column)}{row}"


def cells(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    """The stored values of a sheet, a tuple a row."""
    return _cells(path, sheet, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _cells(path: Path, sheet: str, _written: int) -> list[tuple[Any, ...]]:
    with contextlib.closing(openpyxl.load_workbook(path, read_only=True, data_only=True)) as book:
        return list(book[sheet].iter_rows(values_only=True))


def keys(path: Path, sheet: str) -> dict[str, int]:
    """The row of each key of a sheet, from 1."""
    found = {row[KEY - 1]: number for number, row in enumerate(cells(path, sheet), 1) if len(row) >= KEY}
    return {str(key): number for key, number in found.items() if key is not None}


def live_cell(path: Path, name: str, heading: str = "Base") -> tuple[str, str]:
    """Sheet and address of an input's cell under a heading."""
    rows = cells(path, "Inputs")
    head = next(row for row in rows if "Key" in row and "Live" in row)
    number = next(number for number, row in enumerate(rows, 1) if row[head.index("Key")] == name)
    return "Inputs", cell_name(number, head.index(heading) + 1)


def disagreements(
    path: Path, model: Model, evaluation: Evaluation, read: Read, sizes: Mapping[str, float] | None = None
) -> Iterator[str]:
    """Cells of the calculations that differ from Python by more than convention 9 allows.

    `sizes` are magnitudes to hold lines against that may be near zero.
    """
    rows = keys(path, "Calculations")
    returns = keys(path, "Returns")
    for line in model.lines.values():
        row = rows[line.name]
        if line.varies:
            expected = evaluation.rows[line.name]
            size = float(np.max(np.abs(expected)))
            for period, value in enumerate(expected.tolist()):
                yield from _differs(f"{line.name}[{period}]", read("Calculations", row, FIRST + period), value, size)
            continue
        number = evaluation.scalars[line.name]
        size = max(_size(line, evaluation), (sizes or {}).get(line.name, 0.0))
        yield from _differs(line.name, read("Calculations", row, CONSTANT), number, size)
        if line.is_metric:
            yield from _differs(f"Returns {line.name}", read("Returns", returns[line.name], VALUE), number, size)


def _size(line: Line, evaluation: Evaluation) -> float:
    """The magnitude that a cell is held against: of a total, its gross terms."""
    value = evaluation.scalars[line.name]
    match line.expression:
        case Reduce(reduction=reduction, rows=(Item(name=row),)) if (
            reduction.name == "total" and row in evaluation.rows
        ):
            return float(np.sum(np.abs(evaluation.rows[row])))
    return 0.0 if math.isnan(value) else abs(value)


def _differs(place: str, found: Any, expected: float, size: float) -> Iterator[str]:
    if math.isnan(expected):
        if found != "none":
            yield f"{place}: {found!r} where none is expected"
    elif isinstance(found, bool) or not isinstance(found, int | float) or not abs(found - expected) <= AGREEMENT * size:
        yield f"{place}: {found!r} where {expected!r} is expected"


REFERENCE = re.compile(r"(?<![A-Za-z_.\"])(\$?)([A-Z]{1,3})(\$?)(\d+)(?![\d(A-Za-z_])")


def relative(formula: str, row: int, column: int) -> str:
    """A formula in R1C1 terms: the same text wherever it says the same."""

    def name(match: re.Match[str]) -> str:
        fixed_column, letters, fixed_row, digits = match.groups()
        at_row, at_column = coordinate_to_tuple(f"{letters}{digits}")
        shown_row = f"R{at_row}" if fixed_row else f"R[{at_row - row}]"
        return shown_row + (f"C{at_column}" if fixed_column else f"C[{at_column - column}]")

    return REFERENCE.sub(name, formula)
