"""Cases side by side: where their structure and their figures differ, and what that does to the metrics."""

from __future__ import annotations

import itertools
import json
import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from finmodel.assumptions.range import Range
from finmodel.report.cover import Case
from finmodel.report.numbers import scale, written
from finmodel.report.side import Side, label_of
from finmodel.simulate.paired import Difference, Paired, difference
from finmodel.simulate.statistics import Sample

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 100
"""Columns of a terminal within which the tables of two or three cases stay."""

NARROWEST = 12


@dataclass(frozen=True)
class Comparison:
    """Cases side by side; the differences of metrics are to the first. Prints itself.

    Attributes
    ----------
    paired
        Their metrics on common random numbers, where they were simulated.
    """

    sides: tuple[Side, ...]
    paired: Paired | None = None

    @classmethod
    def of(
        cls,
        cases: Sequence[Case],
        paired: Paired | None = None,
        *,
        flows: Sequence[str] = (),
        levels: Sequence[str] = (),
    ) -> Comparison:
        """Evaluate cases and set them side by side, with their simulation if there is one.

        Parameters
        ----------
        flows, levels
            Lines that are shown by calendar year: added up, and as they stand at the end of it. A case without one of
            them has no such row.

        Raises
        ------
        CalculationFault
            Where the figures of one drive the arithmetic out of bounds.
        """
        labels: list[str] = []
        for case in cases:
            name = label_of(case)
            numbered = (f"{name} ({number})" for number in itertools.count(2))
            labels.append(next(label for label in itertools.chain((name,), numbered) if label not in labels))
        sides = (Side.of(case, label, flows, levels) for case, label in zip(cases, labels, strict=True))
        return cls(tuple(sides), paired)

    @property
    def labels(self) -> list[str]:
        """The cases, as the tables name them."""
        return [side.label for side in self.sides]

    @cached_property
    def structure(self) -> pd.DataFrame:
        """What differs in what builds the models: structure x cases, in words."""
        import pandas as pd

        keys = dict.fromkeys(key for side in self.sides for key in side.structure)
        rows = {key: [side.structure.get(key, "none") for side in self.sides] for key in keys}
        differing = {key: row for key, row in rows.items() if len(set(row)) > 1}
        return pd.DataFrame.from_dict(differing, orient="index", columns=self.labels).rename_axis("structure")

    @cached_property
    def figures(self) -> pd.DataFrame:
        """The figures that differ: (input, case) x value, unit, range, grade, source.

        An input is here if value, unit, range, grade or source are not the same in every case, or a case has none;
        that case then has no row. ``figures["value"].unstack("case")`` sets values side by side.
        """
        import pandas as pd

        rows = {
            (name, label): entry | {"range": _brief(entry["range"])}
            for name, entries in self._differing.items()
            for label, entry in entries.items()
            if entry is not None
        }
        index = pd.MultiIndex.from_tuples(rows, names=["input", "case"])
        return pd.DataFrame(list(rows.values()), index=index, columns=["value", "unit", "range", "grade", "source"])

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """Metrics x unit and cases; NaN where a case has no such metric. Units that differ are all named."""
        import pandas as pd

        names = self._metric_names
        columns = {side.label: [side.metrics.get(name, math.nan) for name in names] for side in self.sides}
        units = [self._unit(name) for name in names]
        return pd.DataFrame({"unit": units, **columns}, index=pd.Index(names, name="metric"))

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Metrics x cases but the first: less the first; NaN where either is missing or their units differ."""
        table = self.metrics
        first, *others = self.labels
        apart = table[others].sub(table[first], axis="index")
        apart.loc[[name for name in self._metric_names if len(self._units(name)) > 1]] = math.nan
        return apart

    @cached_property
    def annual(self) -> pd.DataFrame:
        """Lines by calendar year: (line, case) x unit and years; NaN where a year is none of the case's."""
        import pandas as pd

        names = dict.fromkeys(name for side in self.sides for name in side.years)
        rows = {(name, side.label): side.years[name] for name in names for side in self.sides if name in side.years}
        columns = sorted({year for side in self.sides for year in side.months})
        index = pd.MultiIndex.from_tuples(rows, names=["line", "case"]) if rows else pd.Index([], name="line")
        content: dict[str | int, list[str] | list[float]] = {"unit": [row.unit for row in rows.values()]}
        content |= {year: [row.values.get(year, math.nan) for row in rows.values()] for year in columns}
        return pd.DataFrame(content, index=index)

    @cached_property
    def simulated(self) -> pd.DataFrame:
        """Means over the paths: (metric, case) x unit, mean, difference, half_width, share; empty without a simulation.

        The difference is the mean of what the case's metric is more than that of the first, path by path on common
        random numbers, half_width half of its 95 % interval, and share that of the paths with the metric in both; NaN
        for the first case, and where the units differ.
        """
        import pandas as pd

        rows: dict[tuple[str, str], tuple[str, float, float, float, float]] = {
            (name, side.label): (side.unit_of(name), mean, apart.mean, apart.half_width, apart.share)
            for name in self._metric_names
            for side, mean, apart in self._means(name)
        }
        index = pd.MultiIndex.from_tuples(rows, names=["metric", "case"]) if rows else pd.Index([], name="metric")
        columns = ["unit", "mean", "difference", "half_width", "share"]
        return pd.DataFrame(list(rows.values()), index=index, columns=columns)

    def json(self) -> str:
        """Structure, figures, metrics and means for programs; what is missing is null."""
        differences = self.differences
        content = {
            "cases": {
                side.label: {"case": side.case, "scenario": side.scenario, "title": side.title} for side in self.sides
            },
            "structure": self.structure.to_dict(orient="index"),
            "figures": {
                name: {label: _content(entry) for label, entry in entries.items()}
                for name, entries in self._differing.items()
            },
            "metrics": {
                name: {
                    side.label: {
                        "value": _number(side.metrics.get(name)),
                        "unit": side.unit_of(name) if name in side.units else None,
                    }
                    | ({"difference": _number(differences.at[name, side.label])} if place else {})
                    for place, side in enumerate(self.sides)
                }
                for name in self._metric_names
            },
        }
        if self.paired is not None:
            content["simulation"] = self._simulation(self.paired)
        return json.dumps(content, indent=2, allow_nan=False) + "\n"

    def to_excel(self, path: str | Path) -> None:
        """Write all of it as one workbook, in which the differences are formulas.

        Raises
        ------
        Faults
            Where a text of a case is too long for a cell.
        OutputFault
            Where the file cannot be written.
        """
        from finmodel.report.comparison import write

        write(Path(path), self)

    def write(self, folder: str | Path) -> tuple[Path, ...]:
        """Write workbook.xlsx into a folder, which is made where it is missing.

        Raises
        ------
        OutputFault
            Where it cannot be written.
        """
        from finmodel.report import files

        return files.write(folder, {"workbook.xlsx": self.to_excel})

    def __str__(self) -> str:
        console = Console(file=StringIO(), width=WIDTH, markup=False, highlight=False, emoji=False, color_system=None)
        console.print(self)
        return str(console.file.getvalue())  # type: ignore[attr-defined]  # the file is the StringIO above

    def __rich__(self) -> Group:
        parts: list[Text | Table] = [Text(f"{side.label}: {side.title}") for side in self.sides]
        if len(self.structure):
            parts += [Text("\nStructure that differs", style="bold"), self._structure_table()]
        count = len(self._differing)
        differ = "1 figure differs" if count == 1 else f"{count:,} figures differ" if count else "No figure differs"
        parts.append(Text(f"\n{differ}", style="bold"))
        if count:
            parts.append(self._figures_table())
        first = f"differences to {self.labels[0]} in brackets"
        parts += [Text(f"\nMetrics of the base case, {first}", style="bold"), self._metrics_table()]
        if self.paired is not None:
            drawn = f"{self.paired.paths:,} paths, seed {self.paired.seed}, design {self.paired.design}"
            parts.append(Text(f"\nMeans over {drawn}, {first}", style="bold"))
            parts.append(Text("± is half of a 95 % interval, from differences path by path on common random numbers"))
            parts += [Text(f"{label}: {note}") for label, notes in self._notes(self.paired) for note in notes]
            parts.append(self._means_table())
        return Group(*parts)

    def _means(self, metric: str) -> Iterator[tuple[Side, float, Difference]]:
        """For each case that has a metric its mean and how far it is from the first."""
        if self.paired is None:
            return
        first = self.paired.results[0].get(metric)
        for side, results in zip(self.sides, self.paired.results, strict=True):
            values = results.get(metric)
            if values is None:
                continue
            comparable = first is not None and side is not self.sides[0] and len(self._units(metric)) == 1
            none = Difference(math.nan, math.nan, math.nan)
            apart = difference(first, values, self.paired.design) if comparable and first is not None else none
            yield side, Sample(values, self.paired.design).mean().value, apart

    def _notes(self, paired: Paired) -> list[tuple[str, tuple[str, ...]]]:
        return [(label, notes) for label, notes in zip(self.labels, paired.notes, strict=True) if notes]

    def _simulation(self, paired: Paired) -> dict[str, Any]:
        metrics: dict[str, dict[str, Any]] = {}
        for name in self._metric_names:
            metrics[name] = {
                side.label: {"unit": side.unit_of(name), "mean": _number(mean)}
                | ({} if side is self.sides[0] else _content_of(apart))
                for side, mean, apart in self._means(name)
            }
        drawn = {"paths": paired.paths, "seed": paired.seed, "design": paired.design}
        return drawn | {"notes": {label: list(notes) for label, notes in self._notes(paired)}, "metrics": metrics}

    @cached_property
    def _differing(self) -> dict[str, dict[str, dict[str, Any] | None]]:
        """By input, then by case, what differs."""
        found = {}
        for name in dict.fromkeys(name for side in self.sides for name in side.figures):
            entries = {side.label: side.entry(name) for side in self.sides}
            first, *others = entries.values()
            if any(other != first for other in others):
                found[name] = entries
        return found

    @cached_property
    def _metric_names(self) -> list[str]:
        return list(dict.fromkeys(name for side in self.sides for name in side.metrics))

    def _units(self, metric: str) -> list[str]:
        return list(dict.fromkeys(side.unit_of(metric) for side in self.sides if metric in side.units))

    def _unit(self, metric: str) -> str:
        return "; ".join(self._units(metric))

    def _table(self, rows: Sequence[tuple[str, ...]], *headings: str) -> Table:
        """A table whose columns of cases share what the others leave of the width."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        used = 0
        for place, heading in enumerate(headings):
            table.add_column(heading, no_wrap=True)
            used += 2 + max(len(heading), *(len(row[place]) for row in rows))
        share = max(NARROWEST, (WIDTH - used) // len(self.sides) - 2)
        for label in self.labels:
            name, at, scenario = label.partition("@")
            parts = (name, at + scenario) if at else (name,)
            table.add_column(Text("\n".join(_wrapped(part, share) for part in parts)), justify="right")
        for row in rows:
            kept, cells = row[: len(headings)], row[len(headings) :]
            table.add_row(*map(Text, kept), *(Text(_wrapped(cell, share)) for cell in cells))
        return table

    def _structure_table(self) -> Table:
        rows = [
            (str(key), *map(str, row)) for key, row in zip(self.structure.index, self.structure.values, strict=True)
        ]
        return self._table(rows, "structure")

    def _figures_table(self) -> Table:
        return self._table([row for item in self._differing.items() for row in _figure_rows(*item)], "input", "unit")

    def _metrics_table(self) -> Table:
        rows = []
        for name in self._metric_names:
            values = [side.metrics.get(name, math.nan) for side in self.sides]
            apart = [float(self.differences[label][name]) for label in self.labels[1:]]
            factor, unit = scale(self._unit(name), values)
            rows.append((name, unit, *(written(value * factor) for value in values)))
            if any(math.isfinite(value) and value for value in apart):
                rows.append(("", "", "", *(f"({_signed(value * factor)})" for value in apart)))
        return self._table(rows, "metric", "unit")

    def _means_table(self) -> Table:
        rows = []
        for name in self._metric_names:
            found = {side.label: (mean, apart) for side, mean, apart in self._means(name)}
            means = [found[label][0] if label in found else math.nan for label in self.labels]
            factor, unit = scale(self._unit(name), means)
            rows.append((name, unit, *(written(mean * factor) for mean in means)))
            apart = [_apart(found[label][1], factor) if label in found else "" for label in self.labels]
            if any(apart):
                rows.append(("", "", *apart))
        return self._table(rows, "metric", "unit")


def _content_of(apart: Difference) -> dict[str, float | None]:
    """What a program reads of a difference."""
    return {
        "difference": _number(apart.mean),
        "half_width": _number(apart.half_width),
        "share": _number(apart.share),
    }


def _apart(found: Difference, factor: float) -> str:
    """A difference with its interval, in brackets; nothing where there is none."""
    if not math.isfinite(found.mean):
        return ""
    width = f" ± {written(found.half_width * factor, 2)}" if math.isfinite(found.half_width) else ""
    part = "" if found.share == 1.0 else f" on {found.share:.1%} of paths"
    return f"({_signed(found.mean * factor)}{width}{part})"


def _figure_rows(name: str, entries: Mapping[str, Mapping[str, Any] | None]) -> Iterator[tuple[str, ...]]:
    """The lines of one figure: its values, or what differs though they agree; grade and source where they differ."""
    given = [entry for entry in entries.values() if entry is not None]
    units = list(dict.fromkeys(entry["unit"] for entry in given))
    unit = units[0] if len(units) == 1 else ""

    def value(entry: Mapping[str, Any]) -> str:
        number = f"{entry['value']:,.12g}"
        return number if unit else f"{number} {entry['unit']}"

    def cells(of: Any) -> list[str]:
        return ["absent" if entry is None else of(entry) for entry in entries.values()]

    yield name, unit, *cells(value)
    alike = {(entry["value"], entry["unit"]) for entry in given}
    if len(alike) == 1 and len({entry["range"] for entry in given}) > 1:
        yield "", "range", *cells(lambda entry: _brief(entry["range"]) or "none")
    for key in ("grade", "source"):
        if len({entry[key] for entry in given}) > 1:
            yield "", key, *cells(lambda entry, key=key: entry[key] or "none")


def _content(entry: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What a program reads of a figure."""
    if entry is None or entry["range"] is None:
        return None if entry is None else dict(entry)
    given: Range = entry["range"]
    stated = {"kind": given.kind, "parameters": given.parameters, "low": given.low, "high": given.high}
    return dict(entry) | {"range": stated | ({"name": given.name} if given.name else {})}


def _brief(given: Range | None) -> str:
    return "" if given is None else given.brief


def _wrapped(text: str, width: int) -> str:
    """Text in lines of that width, broken at spaces and hyphens where there are any."""
    return "\n".join(textwrap.wrap(text, width))


def _signed(value: float) -> str:
    return f"+{written(value)}" if value > 0 else written(value)


def _number(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
