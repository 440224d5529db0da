"""How a model is laid out for readers, said by whoever wrote its lines: which sections share a page, what must hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finmodel.graph.check import Check
from finmodel.graph.summary import Annual, Dashboard


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
class Word:
    """A word of the field.

    Attributes
    ----------
    meaning
        In a sentence or two.
    also
        How else it is written: words by which a reader meets it, names of lines among them.
    """

    name: str
    meaning: str
    also: tuple[str, ...] = ()


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
    annual, dashboard
        What the summaries by year and on one page show; there is none where it is not said.
    compared
        The metrics by which cases and scenarios are compared; all unless given.
    fan
        The line of which a simulation shows percentiles by year.
    glossary
        Words that a reader may not know.
    """

    pages: tuple[Page, ...] = ()
    checks: tuple[Check, ...] = ()
    headline: str | None = None
    annual: Annual | None = None
    dashboard: Dashboard | None = None
    compared: tuple[str, ...] = ()
    fan: str | None = None
    glossary: tuple[Word, ...] = ()

    def ranked_by(self, metrics: Sequence[str]) -> str:
        """The metric by which paths are ranked."""
        return self.headline or metrics[0]
