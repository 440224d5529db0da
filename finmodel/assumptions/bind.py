"""The proof that a book and a model fit: every input has a figure of its unit within its bounds, every figure a use."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from finmodel.assumptions.book import BASE, Book, finite
from finmodel.assumptions.bound import BoundFigure, Fitter, allowed, quantity, within
from finmodel.assumptions.correlated import Dependence, dependence
from finmodel.assumptions.range import Range
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
        the same in every scenario and under every fixed figure. Those that have one only by `ranged` come last.
    dependence
        How `uncertain` depend on each other, in that order.
    ranged
        Ranges given by hand, against the book.
    """

    book: Book
    model: Model
    by_scenario: Mapping[str, Mapping[str, BoundFigure]]
    uncertain: tuple[str, ...]
    dependence: Dependence
    ranged: Mapping[str, Range] = field(default_factory=dict)

    @property
    def correlation(self) -> NDArray[np.float64]:
        """Correlations of the normal scores of `uncertain`, positive definite, a row and a column for each."""
        return self.dependence.matrix

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
    unknown = {*broken, *excused, *(set(model.inputs) - set(base))}
    linked, wrong = dependence(book, model.inputs, uncertain, unknown)
    faults = [*fitter.faults, *wrong]
    if faults or broken or linked is None or len(base) < len(model.inputs):
        return None, faults
    return Binding(book, model, by_scenario, uncertain, linked), []


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


def unknown(name: str, inputs: Mapping[str, Input]) -> Fault | None:
    """What is wrong with a name that should be an input's; None where it is one."""
    if name in STRUCTURAL:
        remedy = "a new structure is a new case: write one that extends this one"
        return Fault("is structure, not a figure", key=name, found=f"'{name}'", expected="an input", remedy=remedy)
    if name not in inputs:
        members = [one for one in inputs if one.startswith(f"{name}.")]
        near = ", ".join(members[:4]) or nearest(name, inputs)
        remedy = f"perhaps '{near}' is meant" if near else "finmodel list inputs"
        return Fault("is no input", key=name, found=f"'{name}'", expected="an input of the model", remedy=remedy)
    return None


def _fixed_fault(name: str, value: object, inputs: Mapping[str, Input]) -> Fault | None:
    fault = unknown(name, inputs)
    if fault is not None:
        return fault
    declared, number = inputs[name], finite(value)
    if number is None:
        expected = f"a finite number of {declared.unit}"
        return Fault("is not a finite number", key=name, found=described(value), expected=expected)
    if not within(declared, number, number):
        found = quantity(number, declared.unit)
        return Fault("is out of bounds", key=name, found=found, expected=allowed(declared))
    return None
