"""The correlations of a book, fitted to a model's uncertain inputs: possible as given, mended, or at fault.

A rank correlation is handed to the normal scores as 2 sin(pi r / 6). A matrix of ranks that is only just possible may
be impossible after that conversion; then the nearest possible one is taken and said. A matrix that is impossible as
given is a fault that shows the nearest, unless the case says `repair: nearest`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finmodel.assumptions.book import Book
from finmodel.assumptions.correlation import (
    Pairs,
    is_possible,
    matrix_of,
    nearest_possible,
    possible_ranks,
    rank_of_normal,
    ranks_of,
    smallest_eigenvalue,
)
from finmodel.assumptions.figure import Correlation
from finmodel.errors import Fault, nearest
from finmodel.graph.line import Input

SHOWN_FROM = 5e-4
"""Change of a rank correlation by a repair that is worth a word."""


@dataclass(frozen=True, eq=False)
class Dependence:
    """How uncertain inputs depend on each other.

    Attributes
    ----------
    matrix
        Correlations of the normal scores, positive definite, shape (inputs, inputs).
    asked
        The rank correlation that the book asks for, by pair of inputs in the order of the matrix.
    notices
        What was mended, in words.
    """

    matrix: NDArray[np.float64]
    asked: Mapping[tuple[str, str], float]
    notices: tuple[str, ...] = ()

    def extended(self, count: int) -> Dependence:
        """The same with further inputs at the end, independent of all."""
        size = len(self.matrix)
        matrix = np.eye(size + count)
        matrix[:size, :size] = self.matrix
        return Dependence(matrix, self.asked, self.notices)


def dependence(
    book: Book, inputs: Mapping[str, Input], uncertain: tuple[str, ...], unread: Collection[str]
) -> tuple[Dependence | None, list[Fault]]:
    """The dependence of the uncertain inputs; None where it is impossible.

    Parameters
    ----------
    unread
        Inputs whose figures are at fault, of which nothing more is said.
    """
    faults: list[Fault] = []
    pairs: dict[tuple[int, int], float] = {}
    for given in book.correlations:
        wrong = list(_pair_faults(book, given, inputs, uncertain, unread))
        faults += wrong
        if not wrong and set(given.between) <= set(uncertain) - set(unread):
            first, second = sorted(uncertain.index(name) for name in given.between)
            pairs[first, second] = given.rank
    asked = {(uncertain[i], uncertain[j]): rank for (i, j), rank in pairs.items()}
    matrix = matrix_of(len(uncertain), pairs)
    if is_possible(matrix):
        return Dependence(matrix, asked), faults
    only_converted = is_possible(ranks_of(len(uncertain), pairs))
    if not only_converted and book.repair != "nearest":
        return None, [*faults, _impossible(book, uncertain, matrix, pairs)]
    mended = nearest_possible(matrix)
    reason = "possible as ranks, but not for normal scores" if only_converted else "impossible together"
    return Dependence(mended, asked, (_notice(reason, uncertain, mended, pairs),)), faults


def _notice(reason: str, uncertain: tuple[str, ...], mended: NDArray[np.float64], pairs: Pairs) -> str:
    changes = {pair: rank_of_normal(float(mended[pair])) for pair in pairs}
    shown = [
        f"{uncertain[i]} ~ {uncertain[j]} {rank:.3f} for {pairs[i, j]:g}"
        for (i, j), rank in changes.items()
        if abs(rank - pairs[i, j]) >= SHOWN_FROM
    ]
    return f"correlations are {reason}; the nearest possible are taken: {', '.join(shown) or 'all within 0.0005'}"


def _impossible(book: Book, uncertain: tuple[str, ...], matrix: NDArray[np.float64], pairs: Pairs) -> Fault:
    """The fault of correlations that cannot hold together: the ranks that the nearest possible ones change."""
    nearest_ranks = possible_ranks(matrix, pairs)
    changed = {pair: rank for pair, rank in nearest_ranks.items() if rank != pairs[pair]}
    shown = ", ".join(f"{uncertain[i]} ~ {uncertain[j]}: {rank:g}" for (i, j), rank in changed.items())
    among = {frozenset((uncertain[i], uncertain[j])) for i, j in changed}
    place = next((one.place for one in book.correlations if frozenset(one.between) in among and one.place), None)
    return Fault(
        "are impossible together",
        file=place.file if place else book.file,
        row=place.row if place else None,
        key="correlations",
        found=f"a smallest eigenvalue of {smallest_eigenvalue(matrix):.3g}",
        expected=f"a positive definite matrix; the nearest has {shown}",
        remedy="take these ranks, or write 'repair: nearest' in the case",
    )


def _pair_faults(
    book: Book, given: Correlation, inputs: Mapping[str, Input], uncertain: Collection[str], unread: Collection[str]
) -> Iterator[Fault]:
    place = given.place
    file = place.file if place else book.file

    def fault(part: str, message: str, found: str, expected: str, remedy: str | None = None) -> Fault:
        row = place.at(part) if place else None
        return Fault(message, file, row, f"{given.name}.{part}", found, expected, remedy)

    if not -1 <= given.rank <= 1:
        yield fault("rank", "is no correlation", f"{given.rank:.15g}", "from -1 to 1")
    if given.between[0] == given.between[1]:
        yield fault("between", "names one input twice", f"'{given.between[0]}'", "two inputs")
    for name in dict.fromkeys(given.between):
        if name in unread or name in uncertain:
            continue
        if name in inputs:
            if (place is not None and place.file != book.file) or book.figures[name].place is None:
                continue  # who makes a figure certain, by a case or by a program, ends what correlates it
            yield fault(
                "between", "is certain", f"'{name}', which has no range", "an uncertain figure", "give it a range"
            )
        else:
            near = nearest(name, inputs)
            remedy = f"perhaps '{near}' is meant" if near else "leave it out"
            yield fault("between", "is no input", f"'{name}'", "an input of the model", remedy)
