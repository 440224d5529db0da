"""Workbooks recalculated by engines that are not ours, and held against Python."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import ironcalc
import numpy as np
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import coordinate_to_tuple
from python_calamine import CalamineWorkbook

from finmodel.graph import Model
from finmodel.graph.model import Line
from finmodel.graph.nodes import Item, Reduce
from finmodel.render.plain import Evaluation
from tests.workbook.ooxml import edited

Edits = Mapping[tuple[str, str], float | str]
"""What is typed, by sheet and address."""
KEY, UNIT, CONSTANT, TOTAL, OPENING, FIRST = 2, 3, 5, 6, 7, 8
HEADS = {"Key": KEY, "Unit": UNIT, "What it is": 4, "Constant": CONSTANT, "Total": TOTAL, "Opening": OPENING}
"""The columns of every sheet of months, from 1; the months follow from FIRST on."""
WORKINGS = "Workings"
SCENARIO, TRIAL = ("Inputs", "D3"), ("Inputs", "D4")
AGREEMENT = 1e-9
ROUNDING = 1e-15
"""What is left of the largest numbers of a unit where they cancel out: spreadsheets call it 0, Python does not."""
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""


class Read(Protocol):
    """Values by sheet, row and column, both from 1; an empty cell is ``None``."""

    def __call__(self, sheet: str, row: int, column: int) -> Any:
        """The value of a cell."""

    def run(self, sheet: str, row: int, first: int, count: int) -> list[Any]:
        """The values of cells side by side."""


class Iron:
    """A workbook in IronCalc; its values are those of the last recalculation."""

    def __init__(self, path: Path) -> None:
        self._book = ironcalc.load_from_bytes(_loaded(path, path.stat().st_mtime_ns), "en")
        self._sheets = {sheet["name"]: place for place, sheet in enumerate(self._book.get_worksheets_properties())}

    def set(self, edits: Edits) -> Iron:
        """Type into cells, by sheet and address."""
        for (sheet, place), value in edits.items():
            row, column = coordinate_to_tuple(place)
            if isinstance(value, str):
                self._book.set_user_input(self._sheets[sheet], row, column, value)
            else:
                self._book.update_cell_with_number(self._sheets[sheet], row, column, float(value))
        return self

    def recalculated(self) -> Iron:
        """With every cell computed anew."""
        self._book.evaluate()
        return self

    def __call__(self, sheet: str, row: int, column: int) -> Any:
        return self._book.get_cell_value(self._sheets[sheet], row, column)

    def run(self, sheet: str, row: int, first: int, count: int) -> list[Any]:
        """The values of cells side by side."""
        value, place = self._book.get_cell_value, self._sheets[sheet]
        return [value(place, row, column) for column in range(first, first + count)]


@lru_cache(maxsize=4)
def _loaded(path: Path, _written: int) -> bytes:
    """A workbook in IronCalc's own format, which it reads a hundred times faster."""
    return bytes(ironcalc.load_from_xlsx(str(path)).to_bytes())


class Stored:
    """The values that stand in a file."""

    def __init__(self, path: Path) -> None:
        self.sheets = _stored(path, path.stat().st_mtime_ns)

    def __call__(self, sheet: str, row: int, column: int) -> Any:
        rows = self.sheets[sheet]
        return rows[row - 1][column - 1] if row <= len(rows) and column <= len(rows[row - 1]) else None

    def at(self, sheet: str, place: str) -> Any:
        """The value at an address."""
        return self(sheet, *coordinate_to_tuple(place))

    def run(self, sheet: str, row: int, first: int, count: int) -> list[Any]:
        """The values of cells side by side."""
        return list(self.sheets[sheet][row - 1][first - 1 : first - 1 + count])


@lru_cache(maxsize=6)
def _stored(path: Path, _written: int) -> dict[str, list[tuple[Any, ...]]]:
    book = CalamineWorkbook.from_path(str(path))
    sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    return {
        name: [tuple(None if value == "" else value for value in row) for row in rows] for name, rows in sheets.items()
    }


def office(path: Path, folder: Path, soffice: str, *variants: Edits) -> list[Stored]:
    """Every cell, computed anew by LibreOffice, of a workbook with these edits; of the workbook as it is without any.

    The files that it opens hold no value of a formula, so that nothing can be compared with itself.
    """
    files = [folder / f"variant-{number}.xlsx" for number, _ in enumerate(variants or ({},))]
    for file, edits in zip(files, variants or ({},), strict=True):
        edited(path, file, edits)
    return converted(files, folder, soffice)


def converted(files: Sequence[Path], folder: Path, soffice: str) -> list[Stored]:
    """Workbooks as LibreOffice saves them, told to recalculate whatever it opens."""
    profile, out = folder / "profile", folder / "out"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(PROFILE)
    command = [soffice, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "xlsx"]
    command += ["--outdir", str(out), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    return [Stored(out / file.name) for file in files]


def cell_name(row: int, column: int) -> str:
    """Such as B7; rows and columns from 1."""
    return f"{get_column_letter(column)}{row}"


def cells(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    """The stored values of a sheet, a tuple a row."""
    return Stored(path).sheets[sheet]


def keys(path: Path, sheet: str) -> dict[str, int]:
    """The row of each key of a sheet, from 1."""
    found = {row[KEY - 1]: number for number, row in enumerate(cells(path, sheet), 1) if len(row) >= KEY}
    return {str(key): number for key, number in found.items() if key is not None}


def time_sheets(path: Path) -> dict[str, int]:
    """The sheets of months, and the row of their headings."""
    found = {}
    for sheet, rows in Stored(path).sheets.items():
        for number, row in enumerate(rows[:12], 1):
            if all(len(row) >= column and row[column - 1] == head for head, column in HEADS.items()):
                found[sheet] = number
    return found


def rows(path: Path) -> dict[str, tuple[str, int]]:
    """Sheet and row of every line, wherever it stands; keys of workings, or that stand twice, are left out."""
    return dict(_rows(path, path.stat().st_mtime_ns))


@lru_cache(maxsize=64)
def _rows(path: Path, _written: int) -> dict[str, tuple[str, int]]:
    places: dict[str, list[tuple[str, int]]] = {}
    for sheet, head in time_sheets(path).items():
        if sheet != WORKINGS:
            for number, row in enumerate(cells(path, sheet)[head:], head + 1):
                if row[KEY - 1] is not None:
                    places.setdefault(str(row[KEY - 1]), []).append((sheet, number))
    return {key: found[0] for key, found in places.items() if len(found) == 1}


def typed_row(path: Path, shock: str) -> tuple[str, int]:
    """Sheet and row of the cells into which a shock is typed, a month each."""
    return rows(path)[f"{shock} typed"]


def headings(path: Path, sheet: str, *words: str) -> tuple[int, dict[str, int]]:
    """The row of a table's headings, found by some of them, and the column of each, both from 1."""
    for number, row in enumerate(cells(path, sheet), 1):
        if set(words) <= set(row):
            return number, {str(word): column for column, word in enumerate(row, 1) if word is not None}
    raise KeyError(f"{sheet} has no row with the headings {words}")


def returns(path: Path) -> dict[str, tuple[str, int, int]]:
    """Sheet, row and column of the value of each metric."""
    head, columns = headings(path, "Returns", "Key", "Value")
    table = enumerate(cells(path, "Returns")[head:], head + 1)
    return {str(row[columns["Key"] - 1]): ("Returns", number, columns["Value"]) for number, row in table}


def live_cell(path: Path, name: str, heading: str = "Base") -> tuple[str, str]:
    """Sheet and address of an input's cell under a heading."""
    head, columns = headings(path, "Inputs", "Key", "Live")
    table = enumerate(cells(path, "Inputs")[head:], head + 1)
    row = next(number for number, row in table if row[columns["Key"] - 1] == name)
    return "Inputs", cell_name(row, columns[heading])


def failing(read: Read) -> Any:
    """The number of checks that fail."""
    return read("Checks", 3, 4)


def disagreements(
    path: Path, model: Model, evaluation: Evaluation, read: Read, sizes: Mapping[str, float] | None = None
) -> Iterator[str]:
    """Cells of the model that differ from Python by more than convention 9 allows.

    A line that is nothing but what rounding leaves may be any such rest. `sizes` are magnitudes to hold lines against
    that may be near zero.
    """
    places, metrics, units = rows(path), returns(path), model.units
    magnitudes = {name: _magnitude(line, evaluation) for name, line in model.lines.items()}
    rests: dict[str, float] = {}
    for name, magnitude in magnitudes.items():
        rests[units[name]] = max(rests.get(units[name], 0.0), ROUNDING * magnitude)
    for name, line in model.lines.items():
        rest = rests[units[name]]
        size = max(magnitudes[name], (sizes or {}).get(name, 0.0))
        allowed = AGREEMENT * size if size > rest else rest
        sheet, row = places[name]
        if line.varies:
            yield from _row_differs(name, read.run(sheet, row, FIRST, len(evaluation.rows[name])), evaluation, allowed)
            continue
        number = evaluation.scalars[name]
        yield from _differs(name, read(sheet, row, CONSTANT), number, allowed)
        if line.is_metric:
            yield from _differs(f"Returns {name}", read(*metrics[name]), number, allowed)


def _magnitude(line: Line, evaluation: Evaluation) -> float:
    """The largest number of a row; of a total, its gross terms."""
    if line.varies:
        return float(np.max(np.abs(evaluation.rows[line.name])))
    value = evaluation.scalars[line.name]
    match line.expression:
        case Reduce(reduction=reduction, rows=(Item(name=row),)) if (
            reduction.name == "total" and row in evaluation.rows
        ):
            return float(np.sum(np.abs(evaluation.rows[row])))
    return 0.0 if math.isnan(value) else abs(value)


def _row_differs(name: str, found: list[Any], evaluation: Evaluation, allowed: float) -> Iterator[str]:
    expected = np.asarray(evaluation.rows[name])
    numbers = set(map(type, found)) <= {int, float}
    if numbers and bool(np.all(np.abs(np.array(found, dtype=np.float64) - expected) <= allowed)):
        return
    for period, (value, cell) in enumerate(zip(expected.tolist(), found, strict=True)):
        yield from _differs(f"{name}[{period}]", cell, value, allowed)


def _differs(place: str, found: Any, expected: float, allowed: float) -> Iterator[str]:
    if math.isnan(expected):
        if found != "none":
            yield f"{place}: {found!r} where none is expected"
    elif isinstance(found, bool) or not isinstance(found, int | float) or not abs(found - expected) <= allowed:
        yield f"{place}: {found!r} where {expected!r} is expected"
