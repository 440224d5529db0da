"""From the files of a case to its book: components, then the case, nothing said twice, every fault in one list."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from finmodel.assumptions.book import BASE, Book, Scenario
from finmodel.assumptions.evidence import evidence_faults
from finmodel.assumptions.figure import Change, Figure
from finmodel.assumptions.finding import SUFFIX, find, find_case, meant
from finmodel.assumptions.layers import Composer, Layer
from finmodel.assumptions.reading import Document, parsed
from finmodel.assumptions.schema import ScenarioFile
from finmodel.assumptions.validate import salvaged, validated
from finmodel.errors import Fault, Faults, nearest


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


@dataclass(frozen=True)
class Unwritten:
    """A case that is no file yet.

    Attributes
    ----------
    path
        Where it is to stand; what it builds on is looked for from there.
    text
        Of its file.
    said
        The name that faults give it.
    """

    path: Path
    text: str
    said: str


def draft_of(case: str | Unwritten) -> Draft:
    """Read a case, a name or path or one that is no file yet, as far as it can be read."""
    path = case.path if isinstance(case, Unwritten) else find_case(str(case))
    if isinstance(path, Fault):
        return Draft(None, (path,))
    composer = Composer(path)
    if isinstance(case, Unwritten):
        composer.documents[path.resolve()], faults = parsed(case.text, case.said)
        composer.faults += faults
    composer.read_sources()
    layer = composer.layer(path, "cases")
    document = composer.document(path)
    if document is None:
        return Draft(None, in_order(composer.faults))
    found = {name: _scenario(composer, layer, name) for name in layer.scenarios}
    _refuse_unknown_scenarios(composer, layer)
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
    parts = _parts(composer)
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
        fingerprint=_fingerprint((f"cases/{path.name}", document.digest), *parts),
        text=document.text,
        parts=parts,
    )
    return Draft(book, in_order(composer.faults), broken, layer.complete)


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """By file and row, none twice."""
    return tuple(sorted(dict.fromkeys(faults), key=lambda fault: (fault.file or "", fault.row or 0)))


def _parts(composer: Composer) -> tuple[tuple[str, str], ...]:
    """Names and digests of all that was read besides the case's own file, wherever the book lies."""
    entries = []
    for path, document in composer.documents.items():
        if document is not None and path != composer.path.resolve():
            root = next((root for root in composer.roots if path.is_relative_to(root)), path.parent)
            entries.append((path.relative_to(root).as_posix(), document.digest))
    return tuple(sorted(entries))


def _fingerprint(*files: tuple[str, str]) -> str:
    """SHA-256 of the names and digests of files."""
    return hashlib.sha256("\n".join(sorted(f"{name} {digest}" for name, digest in files)).encode()).hexdigest()


def _refuse_unknown_scenarios(composer: Composer, layer: Layer) -> None:
    """Figures under a scenario that the case does not have would silently have no use."""
    for name, stated in layer.scenario_figures.items():
        if name not in layer.scenarios:
            near = nearest(name, layer.scenarios)
            remedy = f"perhaps '{near}' is meant" if near else "add it to 'scenarios'"
            if name == BASE:
                remedy = "state it under 'figures'"
            expected = f"one of {', '.join(layer.scenarios)}" if layer.scenarios else "a scenario of the case"
            for document in {document.file: document for document in stated.values()}.values():
                composer.fault(
                    document, ("scenario_figures", name), "is no scenario of the case",
                    key=f"scenario_figures.{name}", found=f"'{name}'", expected=expected, remedy=remedy,
                )  # fmt: skip


def _scenario(composer: Composer, layer: Layer, name: str) -> Scenario | None:
    """A scenario's file, and what the case states under it; None where there is no such file."""
    file, row, key = layer.scenarios[name]
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
    figures: dict[str, Figure | Change | None] = {}
    for key in getattr(form, "figures", {}):  # absent where the file has none, which is a fault
        entry = _entry(composer, document, ("figures", key))
        if entry is not None:
            figures[key] = entry
    for key, owner in layer.scenario_figures.get(name, {}).items():
        path_of_entry = ("scenario_figures", name, key)
        as_in_base = owner.plain(path_of_entry) is None
        entry = None if as_in_base else _entry(composer, owner, path_of_entry)
        if entry is not None or as_in_base:
            figures[key] = entry
    title = str(getattr(form, "title", name))
    return Scenario(name, title, form.description, document.file, figures)


def _entry(composer: Composer, document: Document, path: tuple[str, ...]) -> Figure | Change | None:
    """A scenario's figure, or its change of the case's."""
    data = document.plain(path)
    entry: Figure | Change | None
    if isinstance(data, dict) and ("times" in data or "plus" in data):
        entry, faults = validated(Change, document, path)
    else:
        entry, faults = validated(Figure, document, path)
    composer.faults += faults
    if entry is not None:
        entry = entry.placed(document.place(path))
        composer.faults += evidence_faults(path[-1], entry, composer.sources, composer.broken_sources)
    return entry
