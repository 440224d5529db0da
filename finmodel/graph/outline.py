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
    """How a model is laid out.

    Attributes
    ----------
    pages
        In the order in which they are read; sections without a page share one.
    checks
        What must hold, besides what follows from the shape of the model.
    headline
        The metric by which paths are ranked; the first one unless given.
    """

    pages: tuple[Page, ...] = ()
    checks: tuple[Check, ...] = ()
    headline: str | None = None
