"""The proof of a case: its files, then its figures against the model, every fault of both in one list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from finmodel.assumptions.bind import Binding, fit
from finmodel.assumptions.book import Book
from finmodel.assumptions.figure import GRADES
from finmodel.assumptions.load import Unwritten, draft_of, in_order
from finmodel.errors import Fault, Faults
from finmodel.graph.model import Model

Assemble = Callable[[Book], Model]
"""Builds the model that a book's structure asks for."""


def prove(name: str | Unwritten, assemble: Assemble) -> Binding:
    """The book of a case, bound to its model.

    Parameters
    ----------
    name
        As `load.load` takes it, or a case that is no file yet.

    Raises
    ------
    Faults
        Everything that is wrong with the case: its files, and how they fit the model.
    """
    draft = draft_of(name)
    if draft.book is None:
        raise Faults(draft.faults)
    binding, faults = fit(draft.book, assemble(draft.book), draft.broken, complete=draft.complete)
    everything = in_order((*draft.faults, *faults))
    if everything or binding is None:
        raise Faults(everything)
    return binding


def faults_of(name: str, assemble: Assemble) -> tuple[Fault, ...]:
    """Everything that is wrong with a case; none where it is sound."""
    try:
        prove(name, assemble)
    except Faults as found:
        return found.faults
    return ()


def report(binding: Binding) -> str:
    """What a sound case rests on: figures by grade, ranges, scenarios and sources, one line each."""
    book = binding.book
    figures = binding.figures()
    grades = Counter(figure.grade for figure in figures.values())
    cited = {figure.figure.source for figure in figures.values()} - {None}
    correlated = [pair for pair in book.correlations if set(pair.between) <= set(binding.uncertain)]
    unseen = sorted(key for key in cited if key is not None and not book.sources[key].verified)
    rows = (
        ("inputs", str(len(figures))),
        ("grades", ", ".join(f"{grades[grade]} {grade}" for grade in GRADES)),
        ("uncertain", f"{len(binding.uncertain)} inputs"),
        ("correlated", f"{len(correlated)} pairs"),
        *(("mended", notice) for notice in binding.dependence.notices),
        ("scenarios", ", ".join(binding.scenarios)),
        ("sources", f"{len(cited)} cited" + (f", not verified: {', '.join(unseen)}" if unseen else ", all verified")),
        ("fingerprint", book.fingerprint[:16]),
    )
    return "\n".join((f"{book.name}: {book.title}", *(f"  {label:<12}{text}" for label, text in rows)))
