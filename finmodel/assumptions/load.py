"""From the files of a case to its book: components, then the case, nothing said twice, every fault in one list."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from finmodel.assumptions.book import Book, Scenario
from finmodel.assumptions.evidence import evidence_faults
from finmodel.assumptions.figure import Change, Figure
from finmodel.assumptions.finding import SUFFIX, find, find_case, meant
from finmodel.assumptions.layers import Composer
from finmodel.assumptions.reading import Document
from finmodel.assumptions.schema import ScenarioFile
from finmodel.assumptions.validate import salvaged, validated
from finmodel.errors import Fault, Faults


def load(name: str) -> Book:
    """The book of a case.

    Parameters
    ----------
    name
        A path, or the name of a case in ./assumptions/cases/ or in the shipped book.

    Raises
    ------
    Faults
        Everything that is wrong with the case's files.
    """
    draft = draft_of(name)
    if draft.faults or draft.book is None:
        raise Faults(draft.faults)
    return draft.book


@dataclass(frozen=True)
class Draft:
    """What could be read of a case.

    Attributes
    ----------
    book
        None where not even its structure or currency could be read.
    faults
        Everything that kept it from being read.
    broken
        Figures that stand in the book but could not be read.
    complete
        Whether all that the case builds on could be read.
    """

    book: Book | None
    faults: tuple[Fault, ...]
    broken: frozenset[str] = frozenset()
    complete: bool = True


def draft_of(name: str) -> Draft:
    """Read a case as far as it can be read."""
    path = find_case(str(name))
    if isinstance(path, Fault):
        return Draft(None, (path,))
    composer = Composer(path)
    composer.read_sources()
    layer = composer.layer(path, "cases")
    document = composer.document(path)
    if document is None:
        return Draft(None, in_order(composer.faults))
    found = {name: _scenario(composer, name, *where) for name, where in layer.scenarios.items()}
    broken = frozenset(name for name, entry in layer.figures.items() if entry.figure is None)
    structure = layer.whole_structure
    if structure is None:
        if not layer.structure_is_at_fault:
            composer.fault(
                document, (), "is missing", key="structure", found="nothing", expected="close, periods, phases"
            )
        return Draft(None, in_order(composer.faults))
    if layer.currency_is_at_fault:
        return Draft(None, in_order(composer.faults))
    book = Book(
        name=path.name.removesuffix(SUFFIX),
        title=layer.title,
        description=layer.description,
        path=path,
        file=document.file,
        structure=structure,
        currency=layer.currency or "USD",
        figures={name: entry.figure for name, entry in layer.figures.items() if entry.figure is not None},
        scenarios={name: scenario for name, scenario in found.items() if scenario is not None},
        correlations=tuple(layer.correlations.values()),
        repair=layer.repair,
        sources=composer.sources,
        fingerprint=_fingerprint(composer),
    )
    return Draft(book, in_order(composer.faults), broken, layer.complete)


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """By file and row, none twice."""
    return tuple(sorted(dict.fromkeys(faults), key=lambda fault: (fault.file or "", fault.row or 0)))


def _fingerprint(composer: Composer) -> str:
    """SHA-256 of the names and bytes of all that was read, wherever the book lies."""
    entries = []
    for path, document in composer.documents.items():
        if document is not None:
            root = next((root for root in composer.roots if path.is_relative_to(root)), path.parent)
            entries.append(f"{path.relative_to(root).as_posix()} {document.digest}")
    return hashlib.sha256("\n".join(sorted(entries)).encode()).hexdigest()


def _scenario(composer: Composer, name: str, file: str, row: int, key: str) -> Scenario | None:
    """A scenario's file, None where there is none; file, row and key are those that ask for it."""
    path = find("scenarios", name, composer.roots)
    if path is None:
        expected, remedy = meant("scenarios", name, composer.roots)
        composer.faults.append(
            Fault("does not exist", file, row, key, found=f"'{name}'", expected=expected, remedy=remedy)
        )
        return None
    document = composer.document(path)
    if document is None:
        return None
    form, faults = salvaged(ScenarioFile, document)
    composer.faults += faults
    figures: dict[str, Figure | Change] = {}
    for key in getattr(form, "figures", {}):  # absent where the file has none, which is a fault
        entry = _entry(composer, document, key)
        if entry is not None:
            figures[key] = entry
    title = str(getattr(form, "title", name))
    return Scenario(name, title, form.description, document.file, figures)


def _entry(composer: Composer, document: Document, key: str) -> Figure | Change | None:
    """A scenario's figure, or its change of the case's."""
    path = ("figures", key)
    data = document.plain(path)
    entry: Figure | Change | None
    if isinstance(data, dict) and ("times" in data or "plus" in data):
        entry, faults = validated(Change, document, path)
    else:
        entry, faults = validated(Figure, document, path)
    composer.faults += faults
    if entry is not None:
        entry = entry.placed(document.place(path))
        composer.faults += evidence_faults(key, entry, composer.sources, composer.broken_sources)
    return entry
