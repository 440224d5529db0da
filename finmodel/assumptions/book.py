"""The book of a case: every figure it runs on, its scenarios, correlations, sources and structure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Real
from pathlib import Path

from finmodel.assumptions.figure import Change, Correlation, Figure
from finmodel.assumptions.schema import Source, Structure
from finmodel.errors import Fault, Faults
from finmodel.graph.line import Cohort
from finmodel.graph.timeline import Timeline

BASE = "base"
"""The scenario that changes nothing; no file may take its name."""


@dataclass(frozen=True)
class Scenario:
    """Figures and changes that apply together.

    Attributes
    ----------
    figures
        By the input's name; a change may name an input that is given per cohort without its cohort. None leaves the
        figure as the base has it, whatever the scenario's file says.
    """

    name: str
    title: str
    description: str
    file: str
    figures: Mapping[str, Figure | Change | None]


@dataclass(frozen=True)
class Book:
    """A case as read, before a model asks anything of it.

    Attributes
    ----------
    name
        The file's name without its ending.
    path
        The case's file.
    currency
        The region's, as ISO code; USD where no region is given.
    figures
        By the input's name, in order of the files; each knows its own file and row.
    scenarios
        By name, without `base`, in the order of the case.
    repair
        ``"nearest"`` where impossible correlations are to be mended.
    fingerprint
        SHA-256 of all that was read.
    text
        Of the case's own file, without what it builds on.
    parts
        Names and SHA-256 of all the other files that were read, in order.
    """

    name: str
    title: str
    description: str
    path: Path
    file: str
    structure: Structure
    currency: str
    figures: Mapping[str, Figure]
    scenarios: Mapping[str, Scenario]
    correlations: tuple[Correlation, ...]
    repair: str | None
    sources: Mapping[str, Source]
    fingerprint: str
    text: str
    parts: tuple[tuple[str, str], ...]

    @property
    def timeline(self) -> Timeline:
        """The periods that the structure states."""
        stated = self.structure
        return Timeline(stated.close, stated.periods, stated.per_year, stated.tax_year_end)

    @property
    def cohorts(self) -> dict[str, Cohort]:
        """Members by the name that lines use: `phase`, `generation`, `recovery_year`; `tranche` with its traits."""
        stated = self.structure
        return {
            "phase": stated.phases,
            "generation": stated.generations,
            "recovery_year": stated.recovery_years,
            "tranche": {name: tranche.traits for name, tranche in stated.tranches.items()},
        }

    def with_figures(self, figures: Mapping[str, tuple[str, float]]) -> Book:
        """The book with further figures set by hand, each a unit and a number; estimates, as of close.

        Raises
        ------
        Faults
            Where a number is not finite.
        """
        wrong = [
            Fault("is not a finite number", key=name, found=str(value), expected=f"a finite number of {unit}")
            for name, (unit, value) in figures.items()
            if finite(value) is None
        ]
        if wrong:
            raise Faults(wrong)
        as_of = self.structure.close.isoformat()
        made = {
            name: Figure(value=float(value), unit=unit, as_of=as_of, grade="estimate", note="Set by hand.")
            for name, (unit, value) in figures.items()
        }
        return replace(self, figures={**self.figures, **made})


def finite(value: object) -> float | None:
    """A number that a program gives, None where it is no finite number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
