"""How a model is laid out for readers, said by whoever wrote its lines: which sections share a page, what must hold."""

from __future__ import annotations

from dataclasses import dataclass

from finmodel.graph.check import Check


@dataclass(frozen=True)
class Page:
    """Line items that are read together.

    Attributes
    ----------
    name
        One word, which names a sheet.
    note
        What is on it, in a sentence.
    sections
        Of the lines, in the order in which they stand.
    """

    name: str
    note: str
    sections: tuple[str, ...]


@dataclass(frozen=True)
class Outline:
    """The pages of a model in the order in which they are read, and the checks; a section without a page gets one."""

    pages: tuple[Page, ...] = ()
    checks: tuple[Check, ...] = ()
