"""Lines that are figures: a number of their own in each of the first periods, for books reckoned by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from finmodel.graph import Input, Node, Scope, line, where
from finmodel.graph.line import Definition

AT = "at"
"""The cohort of the periods that have figures."""


def periods(count: int) -> tuple[str, ...]:
    """Members of the cohort `at`."""
    return tuple(f"p{number}" for number in range(count))


def given_lines(units: Mapping[str, str], each: str | tuple[str, ...] = (), start: int = 0) -> dict[str, object]:
    """Inputs and lines for a module, by name; the first figure is that of the period `start`."""
    made: dict[str, object] = {f"{name}_in": Input(unit, "Given.", low=None, each=AT) for name, unit in units.items()}
    return made | {name: _line(name, unit, each, start) for name, unit in units.items()}


def figures(rows: Mapping[str, Sequence[float]], names: Iterable[str], count: int) -> dict[str, float]:
    """The figures behind the lines; what is not given is zero."""
    filled = {name: [*rows.get(name, ()), *[0.0] * count] for name in names}
    return {f"{name}_in.p{number}": float(row[number]) for name, row in filled.items() for number in range(count)}


def _line(name: str, unit: str, each: str | tuple[str, ...], start: int) -> Definition:
    def formula(m: Scope, *_: object) -> Node:
        parts = []
        for at in m.members(AT):
            period = at.number + start
            now = where((m.period >= period) & (m.period <= period), 1, 0)
            parts.append(m[f"{name}_in"][at] * now)
        return sum(parts[1:], start=parts[0])

    formula.__name__, formula.__doc__ = name, f"Given: {name}."
    return line(unit, each=each)(formula)
