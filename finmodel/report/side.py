"""One of the cases that are compared: what it is called, what builds it, its figures, its metrics, its years."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finmodel.assumptions.book import BASE
from finmodel.assumptions.bound import BoundFigure
from finmodel.assumptions.schema import Source, Structure
from finmodel.graph.line import Definition
from finmodel.graph.timeline import Timeline
from finmodel.report.cover import Case

LOCAL = re.compile(r"\blocal\b")


@dataclass(frozen=True)
class Years:
    """A line by calendar year.

    Attributes
    ----------
    values
        By year: the sum of a flow over the periods that end in it, a level as it stands at its end.
    total
        Of a flow, the sum over all periods; None of a level.
    """

    unit: str
    values: Mapping[int, float]
    total: float | None


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
    years
        The lines that are shown by year.
    months
        Months of the horizon by calendar year: the first and the last year may be parts of one.
    notes
        What its inputs, its metrics and the lines by year are.
    sources
        What its book cites, by key.
    fingerprint
        Of the files of its book.
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
    years: Mapping[str, Years]
    months: Mapping[int, float]
    notes: Mapping[str, str]
    timeline: Timeline
    sources: Mapping[str, Source]
    fingerprint: str

    @classmethod
    def of(cls, case: Case, label: str, flows: Sequence[str] = (), levels: Sequence[str] = ()) -> Side:
        """A case under its scenario, evaluated; those of the flows and levels that it has are kept by year."""
        scalars, model = case.evaluate().path.scalars, case.model
        timeline = model.timeline
        there = [name for name in (*flows, *levels) if name in model.lines and not model.lines[name].may_be_missing]
        inputs = {name: declared.note for name, declared in model.inputs.items()}
        length = np.full(timeline.periods + 1, float(timeline.months_per_period))
        length[0] = 0.0  # close is a point in time
        return cls(
            label=label,
            title=_title(case),
            case=case.name,
            scenario=case.scenario_name,
            structure=dict(_structure(case)),
            currency=case.book.currency,
            figures=case.binding.figures(case.scenario_name, case.fixed),
            metrics={name: scalars[name] for name in model.metrics},
            units={name: model.units[name] for name in model.metrics},
            years={name: _years(case, name, level=name in levels) for name in there},
            months=by_year(timeline, length),
            notes=inputs | {name: model.lines[name].note for name in (*there, *model.metrics)},
            timeline=timeline,
            sources=case.book.sources,
            fingerprint=case.book.fingerprint,
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


def _years(case: Case, name: str, *, level: bool) -> Years:
    path, timeline = case.evaluate().path, case.model.timeline
    row = path.rows[name] if name in path.rows else np.full(timeline.periods + 1, path.scalars[name])
    unit = LOCAL.sub(case.book.currency, case.model.units[name])
    return Years(unit, by_year(timeline, row, level=level), None if level else float(row.sum()))


def by_year(timeline: Timeline, row: NDArray[np.float64], *, level: bool = False) -> dict[int, float]:
    """A row by the calendar year in which its periods end: added up, or as it stands at the end of the year."""
    found: dict[int, float] = {}
    for label, value in zip(timeline.labels, row.tolist(), strict=True):
        year = int(label.partition("-")[0])
        found[year] = value if level else found.get(year, 0.0) + value
    return found


def label_of(case: Case) -> str:
    """The name of a case with its scenario and what is set by hand."""
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


def _source(figure: BoundFigure) -> str:
    """What a figure rests on, in a few words."""
    if figure.fixed:
        return "set by hand"
    source, change = figure.figure.source or "", figure.change
    if change is None:
        return source
    by = f"times {change.times:.12g}" if change.times is not None else f"plus {change.plus:.12g} {change.unit}"
    return ", ".join(part for part in (source, by, change.source) if part)
