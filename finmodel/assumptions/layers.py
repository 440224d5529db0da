"""What the files of a case say together: components below, the case on top, nothing said twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from finmodel.assumptions.book import BASE
from finmodel.assumptions.evidence import evidence_faults
from finmodel.assumptions.figure import Correlation, Figure
from finmodel.assumptions.finding import COMPONENTS, find, meant, roots_of
from finmodel.assumptions.reading import Document, read
from finmodel.assumptions.schema import (
    CaseFile,
    ComponentFile,
    Composed,
    FinanceFile,
    RegionFile,
    Source,
    Structure,
    Tranche,
)
from finmodel.assumptions.tree import Steps
from finmodel.assumptions.validate import salvaged, validated
from finmodel.errors import Fault, nearest
from finmodel.graph.units import CURRENCIES


@dataclass(frozen=True)
class Entry:
    """A figure, None where it could not be read, and where it stands."""

    figure: Figure | None
    file: str
    row: int


@dataclass(frozen=True)
class TrancheEntry:
    """A tranche of a financing, and where it stands."""

    tranche: Tranche
    file: str
    row: int


@dataclass
class Layer:
    """What a file and all that it builds on say together.

    Attributes
    ----------
    complete
        Whether all of it could be read; else what is missing may stand in what could not.
    structure_is_at_fault, currency_is_at_fault
        Whether a fault already says why there is none.
    tranches
        By name, those of financings: a structure that gives none has them.
    scenarios
        By name, the file, row and key that ask for it.
    scenario_figures
        By scenario and input, the file of a case that states its own.
    """

    title: str = ""
    description: str = ""
    figures: dict[str, Entry] = field(default_factory=dict)
    complete: bool = True
    currency: str | None = None
    currency_is_at_fault: bool = False
    structure: Structure | None = None
    structure_is_at_fault: bool = False
    tranches: dict[str, TrancheEntry] = field(default_factory=dict)
    correlations: dict[frozenset[str], Correlation] = field(default_factory=dict)
    repair: str | None = None
    scenarios: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    scenario_figures: dict[str, dict[str, Document]] = field(default_factory=dict)

    @property
    def whole_structure(self) -> Structure | None:
        """The structure with the tranches of its financings, unless it gives its own, be they none."""
        if self.structure is None or "tranches" in self.structure.model_fields_set:
            return self.structure
        return self.structure.model_copy(
            update={"tranches": {name: one.tranche for name, one in self.tranches.items()}}
        )


class Composer:
    """Reads a case and all that it builds on, each file once.

    Attributes
    ----------
    faults
        Of every file read so far.
    documents
        By path; None for a file that cannot be read.
    sources
        By key; those beside the case take the place of the shipped ones.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.roots = roots_of(path)
        self.faults: list[Fault] = []
        self.documents: dict[Path, Document | None] = {}
        self.layers: dict[Path, Layer] = {}
        self.sources: dict[str, Source] = {}
        self.broken_sources: set[str] = set()

    def document(self, path: Path) -> Document | None:
        """A file of the book; None where it cannot be read."""
        where = path.resolve()
        if where not in self.documents:
            self.documents[where], faults = read(path)
            self.faults += faults
        return self.documents[where]

    def fault(self, document: Document, path: Steps, message: str, **details: str | None) -> None:
        """Note a fault at a place of a document."""
        self.faults.append(Fault(message, file=document.file, row=document.row(path), **details))

    def read_sources(self) -> None:
        """Read every sources.yaml; figures are checked against them."""
        for root in reversed(self.roots):
            path = root / "sources.yaml"
            if path.is_file() and (document := self.document(path)):
                for key in document.plain():
                    source, faults = validated(Source, document, (key,))
                    self.faults += faults
                    if source is None:
                        self.broken_sources.add(key)
                    else:
                        self.sources[key] = source

    def layer(self, path: Path, kind: str, trail: tuple[Path, ...] = ()) -> Layer:
        """What a file says, with what it builds on below it.

        Parameters
        ----------
        kind
            The folder it comes from, which says what it may hold.
        trail
            The files that build on it, the first one first.
        """
        known = self.layers.get(path.resolve())
        if known is not None:
            return known
        layer = Layer()
        document = self.document(path)
        if document is None:
            return Layer(complete=False, structure_is_at_fault=True)
        forms: dict[str, type[Composed]] = {"cases": CaseFile, "regions": RegionFile, "finance": FinanceFile}
        file, faults = salvaged(forms.get(kind, ComponentFile), document)
        self.faults += faults
        own, tranches = self._figures(file, document), _tranches(file, document)
        parents = [
            (place, parent)
            for place, ref in enumerate(file.extends)
            if (parent := self._parent(ref, place, kind, document, (*trail, path))) is not None
        ]
        layer.complete = not faults and len(parents) == len(file.extends)
        layer.structure_is_at_fault = kind == "cases" and not layer.complete
        for place, parent in parents:
            self._merge(layer, parent, own, tranches, document, place)
        layer.figures |= own
        layer.tranches |= tranches
        layer.title, layer.description = str(getattr(file, "title", path.stem)), file.description
        if isinstance(file, RegionFile):
            self._currency(layer, file, document)
        if isinstance(file, CaseFile):
            self._case(layer, file, document)
        self.layers[path.resolve()] = layer
        return layer

    def _parent(self, ref: str, place: int, kind: str, document: Document, trail: tuple[Path, ...]) -> Layer | None:
        step = ("extends", place)
        key = f"extends[{place}]"
        folder, _, name = ref.partition("/")
        folders = (*COMPONENTS, "cases") if kind == "cases" else (kind,)
        if folder not in folders:
            near = nearest(folder, folders)
            remedy = f"perhaps '{near}/{name}' is meant" if near else None
            expected = f"{' or '.join(f'{one}/NAME' for one in folders)}"
            self.fault(
                document, step, "cannot be built on", key=key, found=f"'{ref}'", expected=expected, remedy=remedy
            )
            return None
        path = find(folder, name, self.roots)
        if path is None:
            expected, remedy = meant(folder, name, self.roots)
            self.fault(document, step, "does not exist", key=key, found=f"'{ref}'", expected=expected, remedy=remedy)
            return None
        visited = [one.resolve() for one in trail]
        if path.resolve() in visited:
            circle = [*trail[visited.index(path.resolve()) :], path]
            shown = " -> ".join(f"{one.resolve().parent.name}/{one.name.removesuffix('.yaml')}" for one in circle)
            self.fault(
                document, step, "goes in a circle", key=key, found=shown, expected="files that build on others only",
                remedy=f"take '{ref}' out of one of them",
            )  # fmt: skip
            return None
        return self.layer(path, folder, trail)

    def _merge(
        self,
        layer: Layer,
        parent: Layer,
        own: dict[str, Entry],
        tranches: dict[str, TrancheEntry],
        document: Document,
        place: int,
    ) -> None:
        """Take over what one parent says; a figure or tranche from two is a fault unless the file has its own."""
        for name, entry in parent.figures.items():
            other = layer.figures.setdefault(name, entry)
            if other != entry and name not in own:
                self._owned_twice(name, "figure", other, entry)
        for name, tranche in parent.tranches.items():
            known = layer.tranches.setdefault(name, tranche)
            if known != tranche and name not in tranches:
                self._owned_twice(f"tranches.{name}", "tranche", known, tranche)
        if parent.currency and layer.currency and parent.currency != layer.currency:
            found = f"{layer.currency} and {parent.currency}"
            key = f"extends[{place}]"
            self.fault(document, ("extends", place), "has two currencies", key=key, found=found, expected="one region")
        layer.currency = layer.currency or parent.currency
        layer.structure = parent.structure or layer.structure
        layer.structure_is_at_fault |= parent.structure_is_at_fault
        layer.currency_is_at_fault |= parent.currency_is_at_fault
        layer.complete &= parent.complete
        layer.correlations |= parent.correlations
        layer.repair = parent.repair or layer.repair
        layer.scenarios |= parent.scenarios
        for name, stated in parent.scenario_figures.items():
            layer.scenario_figures.setdefault(name, {}).update(stated)

    def _owned_twice(self, key: str, what: str, first: Entry | TrancheEntry, second: Entry | TrancheEntry) -> None:
        self.faults.append(
            Fault(
                "has two owners",
                file=second.file,
                row=second.row,
                key=key,
                found=f"{first.file}:{first.row} and {second.file}:{second.row}",
                expected=f"one owner of each {what}",
                remedy="leave it out of one, or set it in the case",
            )
        )

    def _figures(self, file: Composed, document: Document) -> dict[str, Entry]:
        found = {}
        for name in file.figures:
            path = ("figures", name)
            figure, faults = validated(Figure, document, path)
            place = document.place(path)
            if figure is not None:
                figure = figure.placed(place)
                faults += evidence_faults(name, figure, self.sources, self.broken_sources)
            self.faults += faults
            found[name] = Entry(figure, document.file, place.row)
        return found

    def _currency(self, layer: Layer, file: RegionFile, document: Document) -> None:
        code = getattr(file, "currency", None)  # absent where the key is at fault
        if code in CURRENCIES:
            layer.currency = code
            return
        layer.currency_is_at_fault = True
        if code is not None:
            near = nearest(code, CURRENCIES)
            remedy = f"perhaps '{near}' is meant" if near else None
            expected = f"one of {', '.join(CURRENCIES)}"
            path, found = ("currency",), f"'{code}'"
            self.fault(document, path, "is no currency", key="currency", found=found, expected=expected, remedy=remedy)

    def _case(self, layer: Layer, file: CaseFile, document: Document) -> None:
        if file.structure is not None:
            layer.structure, faults = validated(Structure, document, ("structure",))
            self.faults += faults
        if "structure" in document.plain():
            layer.structure_is_at_fault = layer.structure is None
        own: dict[frozenset[str], int] = {}
        for number in range(len(file.correlations)):
            path = ("correlations", number)
            correlation, faults = validated(Correlation, document, path)
            if correlation is not None:
                correlation = correlation.placed(document.place(path))
                faults += evidence_faults(correlation.name, correlation, self.sources, self.broken_sources)
                pair = frozenset(correlation.between)
                if pair in own:
                    rows = f"rows {own[pair]} and {document.row(path)}"
                    self.fault(
                        document, path, "is given twice", key=correlation.name, found=rows, expected="each pair once"
                    )
                own[pair] = document.row(path)
                layer.correlations[pair] = correlation
            self.faults += faults
        layer.repair = file.repair or layer.repair
        if file.scenarios:
            layer.scenarios = {
                name: (document.file, document.row(("scenarios", place)), f"scenarios[{place}]")
                for place, name in enumerate(file.scenarios)
                if name != BASE
            }
        for name, figures in file.scenario_figures.items():
            layer.scenario_figures.setdefault(name, {}).update(dict.fromkeys(figures, document))


def _tranches(file: Composed, document: Document) -> dict[str, TrancheEntry]:
    """The tranches that a financing gives; a file with a fault elsewhere holds them as they were read."""
    found = {}
    for name in file.tranches if isinstance(file, FinanceFile) else ():
        tranche, _ = validated(Tranche, document, ("tranches", name))
        if tranche is not None:
            found[name] = TrancheEntry(tranche, document.file, document.row(("tranches", name)))
    return found
