"""The cases of the book as workbooks, each written once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

import finmodel
from finmodel.case import Case
from finmodel.render.plain import Evaluation, Plain, compile_plain
from finmodel.render.plan import Plan
from finmodel.simulate.simulation import Simulation, shocks_of_path
from tests.workbook.spreadsheets import cells, headings

CASES = (
    "reference-1gw",
    "epoch-1gw",
    "rubin-1gw",
    "italy-100k-gpu",
    "regional-100mw",
    "provider-10mw",
    "single-rack",
    "h200-10k",
)
PATHS, SEED = 512, 7


@dataclass(frozen=True)
class Shipped:
    """A case and the workbook that a stakeholder gets, with a simulation."""

    case: Case
    simulation: Simulation
    path: Path

    @cached_property
    def trials(self) -> dict[int, int]:
        """The path of each trial that the file carries."""
        head, columns = headings(self.path, "Trials", "Trial", "Path")
        table = cells(self.path, "Trials")[head:]
        pairs = ((row[columns["Trial"] - 1], row[columns["Path"] - 1]) for row in table)
        return {int(trial): int(path) for trial, path in pairs if isinstance(trial, int | float)}

    def python(self, scenario: str, trial: int = 0, typed: Mapping[str, float] | None = None) -> Evaluation:
        """What Python computes under a scenario, for the draws of a trial, after base figures were typed over.

        A typed figure holds where the scenario has none of its own, a drawn one whatever else is chosen.
        """
        base, chosen = self._figures["base"], self._figures[scenario]
        values = {**chosen, **{name: value for name, value in (typed or {}).items() if chosen[name] == base[name]}}
        if trial == 0:
            return self._plain.run(values, None)
        path = self.trials[trial]
        drawn = self.simulation.inputs.iloc[path]
        return self._plain.run({**values, **drawn}, shocks_of_path(self.case.model, self.simulation.seed, path))

    @cached_property
    def _figures(self) -> dict[str, Mapping[str, float]]:
        return {name: self.case.scenario(name).values for name in self.case.scenarios}

    @cached_property
    def _plain(self) -> Plain:
        return compile_plain(Plan(self.case.model))


@pytest.fixture(scope="session", params=CASES)
def shipped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shipped:
    """A case of the book as its workbook."""
    case = finmodel.load(request.param)
    simulation = case.simulate(paths=PATHS, seed=SEED)
    path = tmp_path_factory.mktemp(case.name) / "workbook.xlsx"
    case.to_excel(path, simulation=simulation)
    return Shipped(case, simulation, path)


@pytest.fixture
def case(shipped: Shipped) -> Case:
    """The case."""
    return shipped.case


@pytest.fixture
def path(shipped: Shipped) -> Path:
    """Its workbook."""
    return shipped.path
