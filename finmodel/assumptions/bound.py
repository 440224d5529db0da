"""A figure in its input's unit and within its bounds: of the book, changed by a scenario, or set by hand."""

from __future__ import annotations

import datetime
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from finmodel.assumptions.amounts import Converter, Unfit, stated_range
from finmodel.assumptions.book import Book, Scenario
from finmodel.assumptions.figure import Change, Figure, Grade, weakest
from finmodel.assumptions.forms import Placed
from finmodel.assumptions.possible import Problem, numbers
from finmodel.assumptions.range import Range
from finmodel.errors import Fault, nearest
from finmodel.graph.line import Input
from finmodel.graph.model import Model


@dataclass(frozen=True)
class BoundFigure:
    """What an input reads.

    Attributes
    ----------
    value
        In `unit`, the input's.
    range
        Its parameters in `unit`; None where the figure is certain.
    figure
        As the book has it, with source, date, grade and note.
    change
        What a scenario does to it.
    fixed
        Whether the value was set by hand, against the book.
    """

    name: str
    value: float
    unit: str
    range: Range | None
    figure: Figure
    change: Change | None = None
    fixed: bool = False

    @property
    def grade(self) -> Grade:
        """The weaker grade of the figure and of its change; a figure set by hand is an estimate."""
        if self.fixed:
            return "estimate"
        grades = (self.figure.grade,) if self.change is None else (self.figure.grade, self.change.grade)
        return weakest(grades) or "estimate"

    @property
    def as_of(self) -> str:
        """When the figure held."""
        return self.figure.as_of

    def fixed_at(self, value: float) -> BoundFigure:
        """The same input with a certain value set by hand."""
        return replace(self, value=value, range=None, fixed=True)


def allowed(declared: Input) -> str:
    """The bounds of an input in words."""
    low = None if declared.low is None else f"at least {declared.low:.15g}"
    high = None if declared.high is None else f"at most {declared.high:.15g}"
    sides = " and ".join(side for side in (low, high) if side)
    return sides if declared.unit == "1" else f"{sides} {declared.unit}"


def quantity(value: float | str, unit: str) -> str:
    """A number with its unit, as a fault shows it."""
    text = value if isinstance(value, str) else f"{value:.15g}"
    return text if unit == "1" else f"{text} {unit}"


def within(declared: Input, low: float, high: float) -> bool:
    """Whether all from low to high lies within the input's bounds."""
    return (declared.low is None or low >= declared.low) and (declared.high is None or high <= declared.high)


def range_problem(declared: Input, given: Range, value: float, found: str) -> Problem | None:
    """What keeps a range from being an input's, or the base value from being in it; None where nothing does.

    Parameters
    ----------
    found
        The value as a fault shows it.
    """
    low, high = given.support
    mode = given.mode
    span = quantity(numbers((low, high)), declared.unit)
    if mode is not None and not within(declared, mode, mode):
        shown = quantity(f"mode {mode:.15g}", declared.unit)
        return Problem("has its mode outside its bounds", shown, allowed(declared))
    if not within(declared, low, high):
        remedy = "leave out the values beyond" if given.in_steps else _truncation(declared)
        return Problem("reaches out of bounds", span, allowed(declared), remedy)
    if not low <= value <= high:
        return Problem("leaves out its own value", span, f"around {found}", "let value and range agree")
    return None


class Fitter:
    """Fits the figures of a book to the inputs of a model and collects what does not fit.

    Parameters
    ----------
    excused
        Figures that may have a use in what could not be read.
    """

    def __init__(self, book: Book, model: Model, excused: Collection[str] = ()) -> None:
        self.book = book
        self.inputs, self.idle, self.excused = model.inputs, model.idle_inputs, excused
        self.converter = Converter(book.currency, book.structure.close)
        self.faults: list[Fault] = []

    def bound(self, declared: Input, figure: Figure) -> BoundFigure | None:
        """A figure in its input's unit; None where it does not fit."""
        unit = figure.unit or "month"
        part = "unit" if figure.unit else "value"
        if not figure.unit and not self.converter.is_time(declared.unit):
            expected = f"a number in {declared.unit}"
            self._fault(declared.name, part, figure, Problem("is a date", str(figure.value), expected))
            return None
        try:
            scale = self.converter.scale(unit, declared.unit)
            part = "value"
            value = scale(self.converter.number(figure.value, unit))
            part = "range"
            found = None
            if figure.range is not None:
                found = stated_range(figure.range, lambda amount: self.converter.number(amount, unit), scale)
        except Unfit as unfit:
            self._fault(declared.name, part, figure, unfit.problem)
            return None
        bound = BoundFigure(declared.name, value, declared.unit, found, figure)
        return bound if self._fits(declared, bound, figure) else None

    def changed(self, scenario: Scenario, base: Mapping[str, BoundFigure]) -> dict[str, BoundFigure]:
        """The figures that a scenario replaces or changes."""
        result: dict[str, BoundFigure] = {}
        # a change of one cohort comes after the change of all cohorts, and takes its place
        for key, entry in sorted(scenario.figures.items(), key=lambda item: item[0] in self.inputs):
            names = [key] if key in self.inputs else [name for name in self.inputs if name.startswith(f"{key}.")]
            if (key in self.idle and not isinstance(entry, Figure)) or key in self.excused:
                continue
            if not names or (isinstance(entry, Figure) and names != [key]):
                self._unknown(key, names, entry, scenario)
                continue
            for name in names:
                result.pop(name, None)
                if entry is None:
                    continue
                bound = (
                    self.bound(self.inputs[name], entry)
                    if isinstance(entry, Figure)
                    else self._change(self.inputs[name], base[name], entry)
                    if name in base
                    else None
                )
                if bound is not None:
                    result[name] = bound
        return result

    def _unknown(self, key: str, cohorts: list[str], entry: Placed | None, scenario: Scenario) -> None:
        file, row = (entry.place.file, entry.place.row) if entry and entry.place else (scenario.file, None)
        near = ", ".join(cohorts[:4]) or nearest(key, self.inputs)
        remedy = f"perhaps '{near}' is meant" if near else "leave it out"
        self.faults.append(
            Fault("has no use", file, row, key, found=f"'{key}'", expected="an input of the model", remedy=remedy)
        )

    def _change(self, declared: Input, bound: BoundFigure, change: Change) -> BoundFigure | None:
        before = bound.range
        try:
            if change.times is not None:
                if before is not None and change.times <= 0:
                    expected = "above 0, since the figure has a range"
                    raise Unfit(Problem("cannot scale a range", f"times {change.times:.15g}", expected))
                value = bound.value * change.times
                after = before and before.scaled(change.times)
            else:
                plus = self.converter.scale(change.unit, declared.unit)(change.plus or 0.0)
                if before is not None and before.kind == "lognormal":
                    remedy = "use times, or give the whole figure"
                    raise Unfit(
                        Problem("cannot be shifted", "plus on a lognormal range", "a range of another kind", remedy)
                    )
                value = bound.value + plus
                after = before and before.shifted(plus)
        except Unfit as unfit:
            part = "unit" if "unit" in unfit.problem.message else "times" if change.times is not None else "plus"
            self._fault(declared.name, part, change, unfit.problem)
            return None
        except ValueError as fault:
            part = "times" if change.times is not None else "plus"
            self._fault(
                declared.name, part, change, Problem("leaves no range", str(fault), "a change of ordinary size")
            )
            return None
        result = replace(bound, value=value, range=after, change=change)
        return result if self._fits(declared, result, change) else None

    def _fits(self, declared: Input, bound: BoundFigure, entry: Figure | Change) -> bool:
        """Whether value and range lie within the input's bounds, and the value within the range."""
        part = "value" if isinstance(entry, Figure) else "times" if entry.times is not None else "plus"
        before = len(self.faults)
        found = quantity(bound.value, bound.unit)
        if isinstance(entry, Figure) and isinstance(entry.value, datetime.date):
            found += f" ({entry.value})"
        if not math.isfinite(bound.value) or not within(declared, bound.value, bound.value):
            self._fault(declared.name, part, entry, Problem("is out of bounds", found, allowed(declared)))
            if isinstance(entry, Change):
                return False
        if bound.range is not None:
            part = "range" if isinstance(entry, Figure) else part
            problem = range_problem(declared, bound.range, bound.value, found)
            if problem is not None:
                self._fault(declared.name, part, entry, problem)
        return len(self.faults) == before

    def _fault(self, name: str, part: str, entry: Placed, problem: Problem) -> None:
        place = entry.place
        self.faults.append(
            Fault(
                problem.message,
                file=place.file if place else None,
                row=place.at(part) if place else None,
                key=f"{name}.{part}",
                found=problem.found,
                expected=problem.expected,
                remedy=problem.remedy,
            )
        )


def _truncation(declared: Input) -> str:
    low = "null" if declared.low is None else f"{declared.low:.15g}"
    high = "null" if declared.high is None else f"{declared.high:.15g}"
    return f"truncate: [{low}, {high}]"
