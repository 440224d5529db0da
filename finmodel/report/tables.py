"""The summary of a run: the content of summary.json, and the table that a terminal shows of it."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from finmodel.report.numbers import scale, written
from finmodel.simulate.statistics import LEVEL

if TYPE_CHECKING:
    from finmodel.simulate.simulation import Simulation
    from finmodel.simulate.statistics import Estimate

WIDTH = 240
"""Characters a line where no terminal says how many."""
LOSSES = {
    "value_at_risk": "value at risk",
    "conditional_value_at_risk": "conditional value at risk",
    "expected_loss_given_loss": "expected loss given a loss",
}
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
    basis : str
        Where the standard errors come from, in words.
    grades : dict
        For each metric the weakest grade of evidence among the figures behind it.
    """

    title: str
    content: dict[str, Any]
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
        base: Mapping[str, float],
        units: Mapping[str, str],
        grades: Mapping[str, str],
        simulation: Simulation | None = None,
        notices: Sequence[str] = (),
    ) -> Summary:
        """Gather the summary of a run.

        Parameters
        ----------
        case, title, scenario, version : str
            What was run, and the release of finmodel that ran it.
        base : mapping of str to float
            The metrics of the base case, by name.
        units : mapping of str to str
            The unit of each metric.
        grades : mapping of str to str
            The weakest grade of evidence behind each metric.
        simulation : Simulation, optional
            Without it paths is 0, seed and design are None, and the simulation, its probabilities and risk are empty.
        notices : sequence of str
            What was mended in the book, in words.
        """
        content: dict[str, Any] = {
            "case": case,
            "scenario": scenario,
            "version": version,
            "paths": 0,
            "seed": None,
            "design": None,
            "base": {name: {"value": _number(value), "unit": units[name]} for name, value in base.items()},
            "simulation": {},
            "probabilities": {},
            "timings": {},
            "risk": {},
            "convergence": None,
            "mended": list(notices),
        }
        if simulation is None:
            return cls(title, content, grades=grades)
        content["paths"], content["seed"], content["design"] = simulation.paths, simulation.seed, simulation.design
        content["simulation"] = {
            name: {**{column: _number(value) for column, value in row.items()}, "unit": units[name]}
            for name, row in simulation.statistics.items()
        }
        content["probabilities"] = {name: _number(simulation.probabilities.get(name)) for name in PROBABILITIES}
        content["timings"] = {name: float(seconds) for name, seconds in simulation.timings.items()}
        content["risk"] = _risk(simulation, units)
        content["convergence"] = None if simulation.verdict is None else simulation.verdict.content
        return cls(title, content, simulation.basis_of_errors, grades)

    def json(self) -> str:
        """The text of `summary.json`."""
        return json.dumps(self.content, indent=2, allow_nan=False) + "\n"

    def write(self, path: str | Path) -> None:
        """Write `summary.json`."""
        Path(path).write_text(self.json(), encoding="utf-8")

    def __str__(self) -> str:
        console = Console(file=StringIO(), width=WIDTH, markup=False, highlight=False, emoji=False, color_system=None)
        console.print(self)
        return str(console.file.getvalue())  # type: ignore[attr-defined]  # the file is the StringIO above

    def _repr_html_(self) -> str:
        """The table, in a notebook."""
        return f"<pre>{html.escape(str(self))}</pre>"

    def __rich__(self) -> Group:
        content = self.content
        run = f"{content['case']}, scenario {content['scenario']}, finmodel {content['version']}"
        if not content["paths"]:
            return Group(Text(self.title, style="bold"), Text(run), self._base(), *self._mended())
        drawn = f"{content['paths']:,} paths, seed {content['seed']}, design {content['design']}"
        head = Text(self.title, style="bold"), Text(run), Text(f"{drawn}; standard errors: {self.basis}")
        return Group(*head, *self._convergence(), self._simulated(), *self._chances(), *self._losses(), *self._mended())

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

    def _convergence(self) -> Iterator[Text]:
        verdict = self.content["convergence"]
        if verdict is not None:
            yield Text(verdict["words"], style="" if verdict["converged"] else "bold red")

    def _mended(self) -> Iterator[Text]:
        for notice in self.content["mended"]:
            yield Text(f"mended: {notice}")

    def _chances(self) -> Iterator[Text]:
        for name, found in self.content["risk"]["probabilities"].items():
            if found is not None:
                chance, error = _share(found["value"]), _share(found["standard_error"])
                yield Text(f"share of paths with {name}: {chance}, standard error {error}")

    def _losses(self) -> Iterator[Text]:
        risk = self.content["risk"]
        for name, found in risk["losses"].items():
            factor, unit = scale(found["unit"], _present(*(found[key]["value"] for key in LOSSES)))
            parts = []
            for key, words in LOSSES.items():
                value, error = (None if x is None else x * factor for x in found[key].values())
                shown = "none" if value is None else f"{written(value)} {unit}, standard error {written(error)}"
                parts.append(f"{words} {shown}")
            yield Text(f"{name} at {risk['level']:.0%}: {'; '.join(parts)}; positive is money lost")


def _risk(simulation: Simulation, units: Mapping[str, str]) -> dict[str, Any]:
    """Figures of loss, chances and standard errors, beside what summary.json has always held."""

    def shown(found: Estimate | None) -> dict[str, float | None] | None:
        if found is None:
            return None
        return {"value": _number(found.value), "standard_error": _number(found.standard_error)}

    return {
        "level": LEVEL,
        "losses": {
            name: {"unit": units[name]} | {figure: shown(found) for figure, found in figures.items()}
            for name, figures in simulation.losses.items()
        },
        "probabilities": {name: shown(found) for name, found in simulation.events.items()},
        "standard_errors": {
            name: {figure: _number(found.standard_error) for figure, found in figures.items()}
            for name, figures in simulation.estimates.items()
        },
    }


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
