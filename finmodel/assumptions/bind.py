"""The proof that a book and a model fit: every input has a figure of its unit within its bounds, every figure a use."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finmodel.assumptions.book import BASE, Book, finite
from finmodel.assumptions.bound import BoundFigure, Fitter, allowed, quantity, within
from finmodel.assumptions.correlation import (
    is_possible,
    matrix_of,
    nearest_possible,
    possible_ranks,
    smallest_eigenvalue,
)
from finmodel.assumptions.figure import Correlation
from finmodel.assumptions.schema import Source, Structure
from finmodel.assumptions.tree import described
from finmodel.errors import Fault, Faults, nearest
from finmodel.graph.line import Input
from finmodel.graph.model import Model

STRUCTURAL = {
    *Structure.model_fields,
    "structure",
    "phase",
    "generation",
    "recovery_year",
    "tranche",
    "timeline",
    "currency",
}
"""Names that a scenario or `--set` cannot change."""


@dataclass(frozen=True, eq=False)
class Binding:
    """A book bound to a model.

    Attributes
    ----------
    uncertain
        Inputs that have a range in the base case or in a scenario, in the model's order: the dimensions of a design,
        the same in every scenario and under every fixed figure.
    correlation
        Correlations of the normal scores of `uncertain`, positive definite, shape (len(uncertain), len(uncertain)).
    """

    book: Book
    model: Model
    by_scenario: Mapping[str, Mapping[str, BoundFigure]]
    uncertain: tuple[str, ...]
    correlation: NDArray[np.float64]

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the scenarios, `base` first."""
        return tuple(self.by_scenario)

    def figures(self, scenario: str | None = None, fixed: Mapping[str, float] | None = None) -> dict[str, BoundFigure]:
        """Every input's figure, in the model's order.

        Parameters
        ----------
        scenario
            A name of `scenarios`; None is `base`.
        fixed
            Numbers in the inputs' own units, which hold under every scenario; a fixed figure is certain.

        Raises
        ------
        Faults
            Where there is no such scenario or input, or a number is out of its bounds.
        """
        name = BASE if scenario is None else scenario
        if name not in self.by_scenario:
            near = nearest(name, self.by_scenario)
            remedy = f"perhaps '{near}' is meant" if near else None
            expected = f"one of {', '.join(self.by_scenario)}"
            raise Faults(
                [Fault("is no scenario of the case", self.book.file, None, "scenario", f"'{name}'", expected, remedy)]
            )
        figures = dict(self.by_scenario[name])
        wrong: list[Fault] = []
        for key, value in (fixed or {}).items():
            fault = _fixed_fault(key, value, self.model.inputs)
            if fault is not None:
                wrong.append(fault)
            else:
                figures[key] = figures[key].fixed_at(float(value))
        if wrong:
            raise Faults(wrong)
        return figures

    def source_of(self, name: str, scenario: str | None = None) -> Source | None:
        """The source of an input's figure; None where it cites none."""
        key = self.figures(scenario)[name].figure.source
        return None if key is None else self.book.sources[key]


def bind(book: Book, model: Model) -> Binding:
    """Prove that a book and a model fit.

    Raises
    ------
    Faults
        Everything that keeps them from fitting.
    """
    binding, faults = fit(book, model)
    if faults or binding is None:
        raise Faults(faults)
    return binding


def fit(
    book: Book, model: Model, broken: Collection[str] = (), *, complete: bool = True
) -> tuple[Binding | None, list[Fault]]:
    """Bind as far as the book could be read.

    Parameters
    ----------
    broken
        Figures that could not be read, whose faults are known already.
    complete
        Whether the book is all there; else a figure that is missing is no further fault.
    """
    excused = frozenset() if complete else _of_unknown_members(book, model)
    fitter = Fitter(book, model, excused)
    base: dict[str, BoundFigure] = {}
    for name, declared in model.inputs.items():
        if name in book.figures:
            bound = fitter.bound(declared, book.figures[name])
            if bound is not None:
                base[name] = bound
        elif name not in broken and complete:
            fitter.faults.append(_without_figure(book, declared, model.inputs))
    for name in book.figures:
        if name not in model.inputs and name not in excused:
            fitter.faults.append(_without_use(book, name, model.inputs))
    by_scenario = {BASE: base}
    for scenario in book.scenarios.values():
        by_scenario[scenario.name] = {**base, **fitter.changed(scenario, base)}
    ranged = {name for figures in by_scenario.values() for name, one in figures.items() if one.range is not None}
    uncertain = tuple(name for name in model.inputs if name in ranged)
    matrix, wrong = _correlation(book, model, uncertain, {*broken, *excused, *(set(model.inputs) - set(base))})
    faults = [*fitter.faults, *wrong]
    if faults or broken or matrix is None or len(base) < len(model.inputs):
        return None, faults
    return Binding(book, model, by_scenario, uncertain, matrix), []


def _of_unknown_members(book: Book, model: Model) -> frozenset[str]:
    """Figures for members of a cohort that may stand in what could not be read."""
    cohorts = {name.partition(".")[0] for name in model.inputs if "." in name} | set(model.idle_inputs)
    return frozenset(
        name for name in book.figures if name not in model.inputs and "." in name and name.partition(".")[0] in cohorts
    )


def _without_figure(book: Book, declared: Input, inputs: Mapping[str, Input]) -> Fault:
    near = nearest(declared.name, [name for name in book.figures if name not in inputs])
    remedy = f"perhaps '{near}' is meant for it" if near else f"add '{declared.name}' to the case"
    expected = f"a figure in {declared.unit}: {declared.note}"
    return Fault("has no figure", book.file, None, declared.name, found="nothing", expected=expected, remedy=remedy)


def _without_use(book: Book, name: str, inputs: Mapping[str, Input]) -> Fault:
    place = book.figures[name].place
    file, row = (place.file, place.row) if place else (book.file, None)
    near = nearest(name, inputs)
    remedy = f"perhaps '{near}' is meant" if near else "leave it out"
    return Fault("has no use", file, row, name, found=f"'{name}'", expected="an input of the model", remedy=remedy)


def _fixed_fault(name: str, value: object, inputs: Mapping[str, Input]) -> Fault | None:
    declared = inputs.get(name)
    if name in STRUCTURAL:
        remedy = "a new structure is a new case: write one that extends this one"
        return Fault("is structure, not a figure", key=name, found=f"'{name}'", expected="an input", remedy=remedy)
    if declared is None:
        members = [one for one in inputs if one.startswith(f"{name}.")]
        near = ", ".join(members[:4]) or nearest(name, inputs)
        remedy = f"perhaps '{near}' is meant" if near else "finmodel list inputs"
        return Fault("is no input", key=name, found=f"'{name}'", expected="an input of the model", remedy=remedy)
    number = finite(value)
    if number is None:
        expected = f"a finite number of {declared.unit}"
        return Fault("is not a finite number", key=name, found=described(value), expected=expected)
    if not within(declared, number, number):
        found = quantity(number, declared.unit)
        return Fault("is out of bounds", key=name, found=found, expected=allowed(declared))
    return None


def _correlation(
    book: Book, model: Model, uncertain: tuple[str, ...], unread: Collection[str]
) -> tuple[NDArray[np.float64] | None, list[Fault]]:
    """The matrix of normal scores of the uncertain inputs, None where it is impossible or a pair is at fault."""
    faults: list[Fault] = []
    pairs: dict[tuple[int, int], float] = {}
    for given in book.correlations:
        wrong = list(_pair_faults(book, given, model.inputs, uncertain, unread))
        faults += wrong
        if not wrong and set(given.between) <= set(uncertain) - set(unread):
            first, second = sorted(uncertain.index(name) for name in given.between)
            pairs[first, second] = given.rank
    matrix = matrix_of(len(uncertain), pairs)
    if is_possible(matrix):
        return matrix, faults
    if book.repair == "nearest":
        return nearest_possible(matrix), faults
    return None, [*faults, _impossible(book, uncertain, matrix, pairs)]


def _impossible(
    book: Book, uncertain: tuple[str, ...], matrix: NDArray[np.float64], pairs: Mapping[tuple[int, int], float]
) -> Fault:
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
