"""Sheets that set cases side by side: metrics, figures, structure, a simulation, sources; differences are formulas."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from finmodel.render.excel import first_sentence
from finmodel.render.sheet import MISSING, PERCENT, Kind, Sheet, Style, address, fit_columns, number_format
from finmodel.report.compare import Comparison
from finmodel.report.layout import KEY, LIVE, NOTE
from finmodel.report.painting import can_link
from finmodel.report.side import Side
from finmodel.simulate.paired import Paired

METRICS, FIGURES, STRUCTURE, SIMULATION, SOURCES = "Metrics", "Figures", "Structure", "Simulation", "Sources"
GROUP, HEAD, TOP = 3, 4, 5
"""Rows: what several columns show, the case of each, the first of the table."""
UNIT, FIRST = LIVE, LIVE + 1
ABSENT = "absent"
LACKING: Kind = "missing"
WIDE = 34.0
LEGIBLE = 300.0
"""Characters of the columns' width that a page holds in letters that can be read."""


class Table:
    """Rows of a sheet under headings of two lines: what a group of columns shows, then whose it is."""

    def __init__(self, name: str, keys: Sequence[str] = ("Key", "What it is", "Unit")) -> None:
        self.sheet = Sheet(name, frozen=(TOP, NOTE))
        self.row, self._column = TOP - 1, KEY
        for key in keys:
            self.columns("", (key,), numbers=False)

    def columns(self, group: str, heads: Sequence[str], *, numbers: bool = True) -> int:
        """A group of columns to the right of those there are; the number of its first."""
        first = self._column
        kind: Kind = "head of numbers" if numbers else "head"
        for column, head in enumerate(heads, first):
            self.sheet.text(GROUP, column, group if column == first else "", "head")
            self.sheet.text(HEAD, column, head, kind)
        self._column += len(heads)
        return first

    def begin(self, key: str, note: str) -> None:
        """A row, its first two cells."""
        self.row += 1
        self.sheet.text(self.row, KEY, key, "key")
        self.sheet.text(self.row, NOTE, note, "wrapped")

    def number(self, column: int, value: float, number: str) -> None:
        """A number as it was; 'none' where it is missing."""
        if math.isfinite(value):
            self.sheet.number(self.row, column, value, Style("fixed", number))
        else:
            self.sheet.text(self.row, column, MISSING, LACKING)

    def differences(
        self, column: int, relative: int, values: int, found: Sequence[float], number: str, *, comparable: bool
    ) -> None:
        """Of each value but the first, what it is more than the first, and that as a share of the first's size.

        Parameters
        ----------
        column, relative, values
            Where the differences, the shares and the values begin.
        comparable
            Whether the values have one unit.
        """
        first = f"${address(self.row, values)}"
        for place, value in enumerate(found[1:]):
            if not comparable:
                self.number(column + place, math.nan, number)
                self.number(relative + place, math.nan, number)
                continue
            own, apart = address(self.row, values + 1 + place), address(self.row, column + place)
            there = math.isfinite(value) and math.isfinite(found[0])
            more: float | str = value - found[0] if there else MISSING
            formula = f'IF(AND(ISNUMBER({own}),ISNUMBER({first})),{own}-{first},"{MISSING}")'
            self.sheet.formula(self.row, column + place, formula, more, Style("formula", number))
            share: float | str = MISSING
            if isinstance(more, float) and found[0]:
                share = more / abs(found[0])
            formula = f'IF(ISNUMBER({apart}),IF({first}=0,"{MISSING}",{apart}/ABS({first})),"{MISSING}")'
            self.sheet.formula(self.row, relative + place, formula, share, Style("formula", PERCENT))

    def finish(self, note: float, breaks: Sequence[int]) -> Sheet:
        """The sheet, its columns as wide as they need be; `breaks` are columns at which it may be cut in print."""
        sheet = self.sheet
        sheet.widths[0, 0] = 2.0
        fit_columns(sheet, KEY, KEY, 14.0, 44.0, from_row=HEAD)
        sheet.widths[NOTE, NOTE] = note
        fit_columns(sheet, UNIT, self._column - 1, 11.0, 24.0, from_row=HEAD)
        cut(sheet, NOTE, breaks)
        return sheet


def metrics_sheet(comparison: Comparison) -> Sheet:
    """Every metric of the base cases, and how far each is from that of the first."""
    labels, table = comparison.labels, Table(METRICS)
    values = table.columns("Base case", labels)
    apart = table.columns(f"Difference to {labels[0]}", labels[1:])
    share = table.columns(f"Difference as a share of {labels[0]}", labels[1:])
    content = comparison.metrics
    for name in map(str, content.index):
        unit = str(content.at[name, "unit"])
        found = [float(side.metrics.get(name, math.nan)) for side in comparison.sides]
        number = number_format(unit, [x for x in found if math.isfinite(x)])
        table.begin(name, note_of(comparison.sides, name))
        table.sheet.text(table.row, UNIT, unit, "unit")
        for column, value in enumerate(found, values):
            table.number(column, value, number)
        comparable = len({side.unit_of(name) for side in comparison.sides if name in side.units}) == 1
        table.differences(apart, share, values, found, number, comparable=comparable)
    return table.finish(60.0, (apart, share))


def figures_sheet(comparison: Comparison) -> Sheet:
    """The figures that differ: value, range, grade and source of each case."""
    labels, table = comparison.labels, Table(FIGURES)
    values = table.columns("Value", labels)
    apart = table.columns(f"Difference to {labels[0]}", labels[1:])
    share = table.columns(f"Difference as a share of {labels[0]}", labels[1:])
    words = {key: table.columns(key.capitalize(), labels, numbers=False) for key in ("range", "grade", "source")}
    names = list(map(str, comparison.figures.index.unique("input")))
    for name in names:
        entries = [side.entry(name) for side in comparison.sides]
        units = list(dict.fromkeys(entry["unit"] for entry in entries if entry is not None))
        found = [math.nan if entry is None else float(entry["value"]) for entry in entries]
        number = number_format(units[0], [x for x in found if math.isfinite(x)])
        table.begin(name, note_of(comparison.sides, name))
        table.sheet.text(table.row, UNIT, "; ".join(units), "unit")
        for column, value in enumerate(found, values):
            if math.isnan(value):
                table.sheet.text(table.row, column, ABSENT, LACKING)
            else:
                table.number(column, value, number)
        table.differences(apart, share, values, found, number, comparable=len(units) == 1)
        for key, first in words.items():
            for column, entry in enumerate(entries, first):
                table.sheet.text(table.row, column, _said(entry, key), "wrapped")
    if not names:
        table.begin("none", "No figure differs.")
    sheet = table.finish(44.0, ())
    for key, width in (("range", WIDE), ("grade", 16.0), ("source", WIDE)):
        sheet.widths[words[key], words[key] + len(labels) - 1] = width
    cut(sheet, NOTE, (apart, words["range"], words["source"]))
    if names:
        sheet.filtered = (HEAD, KEY, table.row, words["source"] + len(labels) - 1)
    return sheet


def structure_sheet(comparison: Comparison) -> Sheet:
    """What differs in what builds the models, in words."""
    labels, table = comparison.labels, Table(STRUCTURE, ("Structure",))
    first = table.columns("Case", labels, numbers=False)
    for key, row in zip(comparison.structure.index, comparison.structure.values, strict=True):
        table.row += 1
        table.sheet.text(table.row, KEY, str(key), "key")
        for column, words in enumerate(row, first):
            table.sheet.text(table.row, column, str(words), "wrapped")
    if comparison.structure.empty:
        table.row += 1
        table.sheet.text(table.row, KEY, "No structure differs.")
    sheet = table.sheet
    sheet.widths[0, 0] = 2.0
    fit_columns(sheet, KEY, KEY, 24.0, 44.0, from_row=HEAD)
    sheet.widths[first, first + len(labels) - 1] = WIDE
    return sheet


def simulation_sheet(comparison: Comparison, paired: Paired) -> Sheet:
    """Means over common paths, and the mean of the differences path by path with its interval."""
    labels, table = comparison.labels, Table(SIMULATION)
    means = table.columns(f"Mean over {paired.paths:,} paths, seed {paired.seed}, design {paired.design}", labels)
    blocks = {
        label: table.columns(f"{label} less {labels[0]}", ("Mean", "±", "From", "To", "0 is outside"))
        for label in labels[1:]
    }
    shares = table.columns("Paths with the metric in both", labels[1:])
    content: dict[str, dict[str, Mapping[str, Any]]] = {}
    simulated = comparison.simulated
    for (metric, label), entry in zip(simulated.index, simulated.to_dict(orient="records"), strict=True):
        content.setdefault(metric, {})[label] = {str(key): value for key, value in entry.items()}
    for name, rows in content.items():
        units = list(dict.fromkeys(str(row["unit"]) for row in rows.values()))
        shown = [float(row["mean"]) for row in rows.values()]
        number = number_format(units[0], [x for x in shown if math.isfinite(x)])
        table.begin(name, note_of(comparison.sides, name))
        table.sheet.text(table.row, UNIT, "; ".join(units), "unit")
        for column, label in enumerate(labels, means):
            table.number(column, float(rows[label]["mean"]) if label in rows else math.nan, number)
        for place, (label, first) in enumerate(blocks.items(), shares):
            found = rows.get(label, {})
            mean, half = (float(found.get(key, math.nan)) for key in ("difference", "half_width"))
            _interval(table, first, mean, half, units[0])
            table.number(place, float(found.get("share", math.nan)), PERCENT)
    sheet, row = table.finish(44.0, tuple(blocks.values())), table.row + 2
    for label, notes in zip(labels, paired.notes, strict=True):
        for note in notes:
            sheet.text(row, KEY, f"{label}: {note}")
            row += 1
    return sheet


def _interval(table: Table, column: int, mean: float, half: float, unit: str) -> None:
    """A mean difference, half the width of its interval, its ends, and whether 0 is outside."""
    sheet, number = table.sheet, number_format(unit, [x for x in (mean, half) if math.isfinite(x)])
    table.number(column, mean, number)
    table.number(column + 1, half, number)
    middle, width, low, high = (address(table.row, column + place) for place in range(4))
    there = math.isfinite(mean) and math.isfinite(half)
    for place, sign, end in ((column + 2, "-", mean - half), (column + 3, "+", mean + half)):
        formula = f'IF(AND(ISNUMBER({middle}),ISNUMBER({width})),{middle}{sign}{width},"{MISSING}")'
        sheet.formula(table.row, place, formula, end if there else MISSING, Style("formula", number))
    formula = f'IF(ISNUMBER({low}),IF(OR({low}>0,{high}<0),"yes","no"),"{MISSING}")'
    outside = "yes" if mean - half > 0 or mean + half < 0 else "no"
    sheet.formula(table.row, column + 4, formula, outside if there else MISSING, Style("formula"))


def sources_sheet(comparison: Comparison) -> Sheet:
    """The sources behind the figures that differ."""
    sheet = Sheet(SOURCES, frozen=(TOP, NOTE))
    for column, head in enumerate(("Key", "Title", "Publisher", "Date", "Used by", "Address"), KEY):
        sheet.text(HEAD, column, head, "head")
    users: dict[str, dict[str, None]] = {}
    for name in map(str, comparison.figures.index.unique("input")):
        for figure in (side.figures[name] for side in comparison.sides if name in side.figures):
            cited = (figure.figure.source, None if figure.change is None else figure.change.source)
            for key in cited if not figure.fixed else ():
                if key is not None:
                    users.setdefault(key, {})[name] = None
    known = {key: source for side in reversed(comparison.sides) for key, source in side.sources.items()}
    for row, key in enumerate((key for key in known if key in users), TOP):
        source = known[key]
        sheet.text(row, KEY, key, "key")
        words = (source.title, source.publisher, source.date or "", ", ".join(users[key]))
        for column, said in enumerate(words, NOTE):
            sheet.text(row, column, said, "wrapped")
        place = NOTE + len(words)
        sheet.text(row, place, source.url or "", "link" if can_link(source.url) else "text")
        if can_link(source.url):
            sheet.links[row, place] = str(source.url)
    if not users:
        sheet.text(TOP, KEY, "No source stands behind a figure that differs.")
    sheet.widths[0, 0] = 2.0
    fit_columns(sheet, KEY, KEY, 14.0, 40.0, from_row=HEAD)
    for column, width in zip(range(NOTE, NOTE + 5), (50.0, 28.0, 12.0, 44.0, 80.0), strict=True):
        sheet.widths[column, column] = width
    return sheet


def cut(sheet: Sheet, repeated: int, breaks: Sequence[int]) -> None:
    """Print a sheet that is too wide to be read on one page in parts, the first columns on each."""
    wide = sum(width * (last - first + 1) for (first, last), width in sheet.widths.items())
    if wide > LEGIBLE:
        sheet.one_page_wide, sheet.repeated_columns, sheet.column_breaks = False, repeated, list(breaks)


def note_of(sides: Sequence[Side], name: str) -> str:
    """What an input, a line or a metric is, as the first case that has it says."""
    return next((first_sentence(side.notes[name]) for side in sides if name in side.notes), "")


def _said(entry: Mapping[str, Any] | None, key: str) -> str:
    if entry is None:
        return ABSENT
    return str(entry[key]) if entry[key] else MISSING
