"""Every file of the book at once, for those who describe it: components, cases, scenarios, sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from finmodel.assumptions.figure import Change, Figure
from finmodel.assumptions.finding import COMPONENTS, catalogue, shipped
from finmodel.assumptions.reading import read
from finmodel.assumptions.schema import CaseFile, ComponentFile, Composed, FinanceFile, RegionFile, ScenarioFile, Source
from finmodel.assumptions.validate import validated
from finmodel.errors import Fault, Faults

KINDS = (*COMPONENTS, "cases", "scenarios")
"""Folders of the book, in the order in which its files build on each other."""

FORMS: Mapping[str, type[Composed] | type[ScenarioFile]] = {
    "regions": RegionFile,
    "finance": FinanceFile,
    "cases": CaseFile,
    "scenarios": ScenarioFile,
}


@dataclass(frozen=True)
class Volume:
    """A file of the book.

    Attributes
    ----------
    kind
        Its folder.
    currency
        Of a region.
    figures
        By key, as it has them: a scenario's may be changes, and name an input without its cohort.
    """

    kind: str
    name: str
    title: str
    description: str
    currency: str | None
    figures: Mapping[str, Figure | Change]

    @property
    def reference(self) -> str:
        """As a file names it that builds on it."""
        return self.name if self.kind == "scenarios" else f"{self.kind}/{self.name}"


@dataclass(frozen=True)
class Volumes:
    """Every file below the working folder's `assumptions/` and in the shipped book, and every source they may cite."""

    files: tuple[Volume, ...]
    sources: Mapping[str, Source]

    @classmethod
    def all(cls) -> Volumes:
        """All of them.

        Raises
        ------
        Faults
            Everything that keeps a file from being read.
        """
        faults: list[Fault] = []
        sources: dict[str, Source] = {}
        for root in (shipped(), Path("assumptions")):
            if (root / "sources.yaml").is_file():
                sources |= _sources(root / "sources.yaml", faults)
        files = [_volume(kind, name, path, faults) for kind in KINDS for name, path in catalogue(kind).items()]
        if faults:
            raise Faults(dict.fromkeys(faults))
        return cls(tuple(file for file in files if file is not None), sources)

    def names(self, *kinds: str) -> list[str]:
        """How files of some kinds are named by those that build on them."""
        return [file.reference for file in self.files if file.kind in kinds]


def _sources(path: Path, faults: list[Fault]) -> dict[str, Source]:
    document, wrong = read(path)
    faults += wrong
    found = {}
    for key in document.plain() if document is not None else ():
        source, wrong = validated(Source, document, (key,))  # type: ignore[arg-type]  # there is one, as it has a key
        faults += wrong
        if source is not None:
            found[key] = source
    return found


def _volume(kind: str, name: str, path: Path, faults: list[Fault]) -> Volume | None:
    document, wrong = read(path)
    faults += wrong
    if document is None:
        return None
    file, wrong = validated(FORMS.get(kind, ComponentFile), document)
    faults += wrong
    if file is None:
        return None
    figures: dict[str, Figure | Change] = {}
    for key, entry in file.figures.items():
        changes = kind == "scenarios" and isinstance(entry, dict) and ("times" in entry or "plus" in entry)
        form: type[Figure] | type[Change] = Change if changes else Figure
        figure, wrong = validated(form, document, ("figures", key))
        faults += wrong
        if figure is not None:
            figures[key] = figure.placed(document.place(("figures", key)))
    currency = file.currency if isinstance(file, RegionFile) else None
    return Volume(kind, name, file.title, file.description, currency, figures)
