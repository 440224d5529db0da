"""Cases side by side: where their structure and their figures differ, and what that does to the metrics."""

from __future__ import annotations

import json
import math
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from io import StringIO
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from finmodel.assumptions.book import BASE
from finmodel.assumptions.bound import BoundFigure
from finmodel.assumptions.range import Range
from finmodel.assumptions.schema import Structure
from finmodel.graph.line import Definition
from finmodel.report.cover import Case
from finmodel.report.numbers import scale, written

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 100
"""Columns of a terminal within which the tables of two or three cases stay."""

NARROWEST = 12
LOCAL = re.compile(r"\blocal\b")


@dataclass(frozen=True)
class Side:
    """One of the cases that are compared.

    Attributes
    ----------
    label
        How it is named in the tables; no other side has that label.
    structure
        What builds its model, in words.
    currency
        What `local` stands for in its units.
    figures
        Under its scenario.
    metrics
        Of its base case; NaN is one that does not exist.
    units
        Of the metrics.
    """

    label: str
    title: str
    case: str
    scenario: str
    structure: Mapping[str, str]
    currency: str
    figures: Mapping[str, BoundFigure]
    metrics: Mapping[str, float]
    units: Mapping[str, str]

    @classmethod
    def of(cls, case: Case, label: str) -> Side:
        """A case under its scenario, evaluated."""
        scalars = case.evaluate().path.scalars
        return cls(
            label=label,
            title=_title(case),
            case=case.name,
            scenario=case.scenario_name,
            structure=dict(_structure(case)),
            currency=case.book.currency,
            figures=case.binding.figures(case.scenario_name, case.fixed),
            metrics={name: scalars[name] for name in case.model.metrics},
            units={name: case.model.units[name] for name in case.model.metrics},
        )

    def unit_of(self, metric: str) -> str:
        """The unit of a metric, with the currency's name."""
        return self._named(self.units[metric])

    def entry(self, name: str) -> dict[str, Any] | None:
        """What the tables say of an input; None where the case has none of that name."""
        figure = self.figures.get(name)
        if figure is None:
            return None
        return {
            "value": figure.value,
            "unit": self._named(figure.unit),
            "range": figure.range,
            "grade": figure.grade,
            "source": _source(figure),
        }

    def _named(self, unit: str) -> str:
        return LOCAL.sub(self.currency, unit)


@dataclass(frozen=True)
class Comparison:
    """Cases side by side; the differences of metrics are to the first. Prints itself."""

    sides: tuple[Side, ...]

    @classmethod
    def of(cls, cases: Sequence[Case]) -> Comparison:
        """Evaluate cases and set them side by side.

        Raises
        ------
        CalculationFault
            Where the figures of one drive the arithmetic out of bounds.
        """
        labels: list[str] = []
        for case in cases:
            label, same = _label(case), sum(_label(case) == _label(other) for other in cases[: len(labels)])
            labels.append(f"{label} ({same + 1})" if same else label)
        return cls(tuple(Side.of(case, label) for case, label in zip(cases, labels, strict=True)))

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
            (name, label): entry | {"range": _range(entry["range"])}
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

    def json(self) -> str:
        """All of it for programs; what is missing is null."""
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
        return json.dumps(content, indent=2, allow_nan=False) + "\n"

    def __str__(self) -> str:
        console = Console(file=StringIO(), width=WIDTH, markup=False, highlight=False, emoji=False, color_system=None)
        console.print(self)
        return str(console.file.getvalue())  # type: ignore[attr-defined]  # the file is the StringIO above

    def __rich__(self) -> Group:
        parts: list[Text | Table] = [Text(f"{side.label}: {side.title}") for side in self.sides]
        if len(self.structure):
            parts += [Text("\nStructure that differs", style="bold"), self._structure_table()]
        count = len(self._differing)
        parts.append(Text(f"\n{count:,} figures that differ" if count else "\nNo figure differs", style="bold"))
        if count:
            parts.append(self._figures_table())
        first = f"differences to {self.labels[0]} in brackets"
        parts += [Text(f"\nMetrics of the base case, {first}", style="bold"), self._metrics_table()]
        return Group(*parts)

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


def _label(case: Case) -> str:
    scenario = "" if case.scenario_name == BASE else f"@{case.scenario_name}"
    return case.name + scenario + "".join(f", {name}={value:.12g}" for name, value in case.fixed.items())


def _title(case: Case) -> str:
    scenario = case.book.scenarios.get(case.scenario_name)
    return case.title if scenario is None else f"{case.title}; scenario {scenario.title}"


def _structure(case: Case) -> Iterator[tuple[str, str]]:
    """What builds the model, in words; lines that an analyst added or replaced included."""
    for name in Structure.model_fields:
        value = getattr(case.book.structure, name)
        if isinstance(value, dict):
            kinds = {tranche: ", ".join(kind.traits.values()) for tranche, kind in value.items()}
            value = tuple(f"{tranche} ({words})" for tranche, words in kinds.items()) or ("none",)
        yield name, ", ".join(value) if isinstance(value, tuple) else str(value)
    yield "currency", case.book.currency
    yield "own lines", ", ".join(part.name for part in case.model.parts if isinstance(part, Definition)) or "none"


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
        yield "", "range", *cells(lambda entry: _range(entry["range"]) or "none")
    for key in ("grade", "source"):
        if len({entry[key] for entry in given}) > 1:
            yield "", key, *cells(lambda entry, key=key: entry[key] or "none")


def _source(figure: BoundFigure) -> str:
    """What a figure rests on, in a few words."""
    if figure.fixed:
        return "set by hand"
    source, change = figure.figure.source or "", figure.change
    if change is None:
        return source
    by = f"times {change.times:.12g}" if change.times is not None else f"plus {change.plus:.12g} {change.unit}"
    return ", ".join(part for part in (source, by, change.source) if part)


def _content(entry: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What a program reads of a figure."""
    return (
        None if entry is None else dict(entry) | {"range": None if entry["range"] is None else asdict(entry["range"])}
    )


def _range(given: Range | None) -> str:
    """A range in few characters."""
    if given is None:
        return ""
    stated = "/".join(f"{value:,.6g}" for value in given.parameters)
    sides = ((given.low, "from"), (given.high, "to"))
    cut = "".join(f" {word} {side:,.6g}" for side, word in sides if side is not None)
    return f"{given.kind} {stated}{cut}"


def _wrapped(text: str, width: int) -> str:
    """Text in lines of that width, broken at spaces and hyphens where there are any."""
    return "\n".join(textwrap.wrap(text, width))


def _signed(value: float) -> str:
    return f"+{written(value)}" if value > 0 else written(value)


def _number(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
