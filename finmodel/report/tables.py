"""The summary of a run: the content of summary.json, and the table that a terminal shows of it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from finmodel.report.numbers import scale, written

if TYPE_CHECKING:
    import pandas as pd

    from finmodel.simulate.simulation import Simulation

PROBABILITIES = ("project_npv_negative", "project_irr_missing", "payback_missing", "covenant_breach")


@dataclass(frozen=True)
class Summary:
    """What a run found, once for programs and once for people.

    Attributes
    ----------
    title : str
        The case's title.
    content : dict
        What `summary.json` holds; a missing number is None.
    errors : dict
        The standard error of each probability.
    basis : str
        Where the standard errors come from, in words.
    grades : dict
        For each metric the weakest grade of evidence among the figures behind it.
    """

    title: str
    content: dict[str, Any]
    errors: dict[str, float | None] = field(default_factory=dict)
    basis: str = ""
    grades: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        *,
        case: str,
        title: str,
        scenario: str,
        version: str,
        base: pd.Series[float],
        units: Mapping[str, str],
        grades: Mapping[str, str],
        simulation: Simulation | None = None,
    ) -> Summary:
        """Gather the summary of a run.

        Parameters
        ----------
        case, title, scenario, version : str
            What was run, and the release of finmodel that ran it.
        base : Series
            The metrics of the base case, by name.
        units : mapping of str to str
            The unit of each metric.
        grades : mapping of str to str
            The weakest grade of evidence behind each metric.
        simulation : Simulation, optional
            Without it paths is 0, seed and design are None, and the simulation and its probabilities are empty.
        """
        content: dict[str, Any] = {
            "case": case,
            "scenario": scenario,
            "version": version,
            "paths": 0,
            "seed": None,
            "design": None,
            "base": {str(name): {"value": _number(value), "unit": units[str(name)]} for name, value in base.items()},
            "simulation": {},
            "probabilities": {},
            "timings": {},
        }
        if simulation is None:
            return cls(title, content, grades=grades)
        content["paths"], content["seed"], content["design"] = simulation.paths, simulation.seed, simulation.design
        statistics = simulation.summary().drop(columns="unit", errors="ignore")
        content["simulation"] = {
            str(name): {**{str(column): _number(value) for column, value in row.items()}, "unit": units[str(name)]}
            for name, row in statistics.iterrows()
        }
        content["probabilities"] = {name: _number(simulation.probabilities.get(name)) for name in PROBABILITIES}
        content["timings"] = {name: float(seconds) for name, seconds in simulation.timings.items()}
        errors = {name: _number(simulation.probability_errors.get(name)) for name in PROBABILITIES}
        return cls(title, content, errors, simulation.basis_of_errors, grades)

    def json(self) -> str:
        """The text of `summary.json`."""
        return json.dumps(self.content, indent=2, allow_nan=False) + "\n"

    def write(self, path: str | Path) -> None:
        """Write `summary.json`."""
        Path(path).write_text(self.json(), encoding="utf-8")

    def __rich__(self) -> Group:
        content = self.content
        run = f"{content['case']}, scenario {content['scenario']}, finmodel {content['version']}"
        if not content["paths"]:
            return Group(Text(self.title, style="bold"), Text(run), self._base())
        drawn = f"{content['paths']:,} paths, seed {content['seed']}, design {content['design']}"
        head = Text(self.title, style="bold"), Text(run), Text(f"{drawn}; standard errors: {self.basis}")
        return Group(*head, self._simulated(), *self._chances())

    def _base(self) -> Table:
        table = _table("metric", "unit", "base case", "weakest grade")
        for name, entry in self.content["base"].items():
            factor, unit = scale(entry["unit"], _present(entry["value"]))
            table.add_row(Text(name), Text(unit), _cell(entry["value"], factor), Text(self.grades.get(name, "")))
        return table

    def _simulated(self) -> Table:
        table = _table(
            "metric", "unit", "base case", "mean", "standard error", "P5", "P50", "P95", "missing", "weakest grade"
        )
        for name, entry in self.content["base"].items():
            draws = self.content["simulation"].get(name, {})
            shown = [entry["value"], *(draws.get(column) for column in ("mean", "standard_error", "p5", "p50", "p95"))]
            factor, unit = scale(entry["unit"], _present(*shown))
            missing = draws.get("missing_share")
            table.add_row(
                Text(name),
                Text(unit),
                *(_cell(value, factor) for value in shown),
                Text(_share(missing)),
                Text(self.grades.get(name, "")),
            )
        return table

    def _chances(self) -> list[Text]:
        return [
            Text(f"share of paths with {name}: {chance:.2%}, standard error {_share(self.errors.get(name))}")
            for name, chance in self.content["probabilities"].items()
            if chance is not None
        ]


def _number(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def _present(*values: float | None) -> list[float]:
    return [value for value in values if value is not None]


def _cell(value: float | None, factor: float) -> Text:
    return Text(written(None if value is None else value * factor))


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.2%}"


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, justify="left" if heading in {"metric", "unit"} else "right", no_wrap=True)
    return table
