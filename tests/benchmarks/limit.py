"""The least time that the machine needs for the arithmetic of a simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.benchmarks.executed import Executed
from tests.benchmarks.operations import ARITHMETIC, DIVISIONS


@dataclass(frozen=True)
class Work:
    """What one path takes of one part: operations that run at the rate of additions, and divisions and roots."""

    arithmetic: float
    divisions: float

    def seconds(self, paths: int, rates: Mapping[str, float]) -> float:
        """Both at their peak rates, one after the other."""
        return paths * (self.arithmetic / rates["arithmetic"] + self.divisions / rates["divisions"])


def work(executed: Executed) -> dict[str, Work]:
    """The work of each part, checks left out: they are the engine's own, not the model's."""
    return {
        part: Work(sum(found.get(kind, 0.0) for kind in ARITHMETIC), sum(found.get(kind, 0.0) for kind in DIVISIONS))
        for part, found in executed.formulas.items()
    }


def limits(parts: Mapping[str, Work], paths: int, rates: Mapping[str, float]) -> dict[str, float]:
    """Seconds of each part."""
    return {name: part.seconds(paths, rates) for name, part in parts.items()}
