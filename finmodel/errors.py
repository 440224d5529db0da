"""Everything that finmodel raises on purpose.

FinmodelError
├── Faults            the input is at fault: one list of every fault found (exit status 2)
├── CalculationFault  a figure drives the arithmetic out of bounds (exit status 2)
├── MachineFault      the platform forbids what a rendering needs, such as memory for compiled code (exit status 1)
├── OutputFault       a folder or file cannot be written (exit status 2)
└── ModelFault        the definition of the model is at fault: a circle, a unit, an unknown name (exit status 1)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class FinmodelError(Exception):
    """Base of all errors that finmodel raises on purpose."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the input: where it stands, what was found, what was expected, what would mend it."""

    message: str
    file: str | None = None
    row: int | None = None
    key: str | None = None
    found: str | None = None
    expected: str | None = None
    remedy: str | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.row) if part is not None)
        head = " ".join(part for part in (f"{place}:" if place else "", f"{self.key}:" if self.key else "") if part)
        details = [
            f"{label} {value}"
            for label, value in (("found", self.found), ("expected", self.expected), ("remedy:", self.remedy))
            if value is not None
        ]
        text = f"{head} {self.message}".strip()
        return text if not details else f"{text} ({'; '.join(details)})"


class Faults(FinmodelError):
    """Every fault of the input, at once.

    Attributes
    ----------
    faults : tuple of Fault
        In order of file and row.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class ModelFault(FinmodelError):
    """The definition of the model is at fault.

    Attributes
    ----------
    line : str or None
        The line item concerned.
    file, row
        Where it was defined.
    """

    def __init__(
        self, message: str, *, line: str | None = None, file: str | None = None, row: int | None = None
    ) -> None:
        self.line, self.file, self.row = line, file, row
        place = f"{file}:{row}: " if file else ""
        name = f"line '{line}': " if line else ""
        super().__init__(f"{place}{name}{message}")


class CalculationFault(FinmodelError):
    """A figure drives the arithmetic out of bounds: a division by zero, a logarithm of nothing, an overflow.

    Attributes
    ----------
    line : str or None
        The line item concerned.
    period : str or None
        The period's label, where the line varies in time.
    path : int or None
        The path of a simulation, None in the base case.
    """

    def __init__(
        self, why: str, *, line: str | None = None, period: str | None = None, path: int | None = None
    ) -> None:
        self.why, self.line, self.period, self.path = why, line, period, path
        where = [
            f"line '{line}'" if line else "",
            f"period {period}" if period else "",
            f"path {path}" if path is not None else "",
        ]
        super().__init__(", ".join(part for part in where if part) + f": {why}" if any(where) else why)


class MachineFault(FinmodelError):
    """The platform forbids what a rendering needs, such as memory for compiled code."""


class OutputFault(FinmodelError):
    """A folder or file cannot be written."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, or None where nothing is like it."""
    found: Sequence[str] = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return found[0] if found else None
