"""One of the cases that are compared: what it is called, what builds it, its figures and its metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from finmodel.assumptions.book import BASE
from finmodel.assumptions.bound import BoundFigure
from finmodel.assumptions.schema import Structure
from finmodel.graph.line import Definition
from finmodel.report.cover import Case

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
