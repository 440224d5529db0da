"""Ranges given from Python, against the book: as YAML states them, or as frozen distributions of `scipy.stats`.

They stand where the book's range would stand, so that a scenario's times and plus act on them. An input that had no
range yet becomes the last dimension of a design, and the draws of all others stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from finmodel.assumptions.amounts import Converter, Unfit, stated_range
from finmodel.assumptions.bind import Binding, unknown
from finmodel.assumptions.book import BASE
from finmodel.assumptions.bound import BoundFigure, Fitter, quantity, range_problem
from finmodel.assumptions.frozen import EXPECTED, is_distribution, problem_of
from finmodel.assumptions.possible import KINDS, Problem
from finmodel.assumptions.range import Range
from finmodel.assumptions.stated import StatedRange
from finmodel.assumptions.tree import described
from finmodel.assumptions.validate import WORDS
from finmodel.errors import Fault, Faults
from finmodel.graph.line import Input

FORMS = f"{EXPECTED}, or a mapping with one of {', '.join(KINDS)}"


def with_ranges(binding: Binding, ranges: Mapping[str, object], scenario: str, fixed: Mapping[str, float]) -> Binding:
    """The binding with ranges given by hand.

    Parameters
    ----------
    ranges
        By input, in its unit: what a book states under `range`, a frozen distribution of `scipy.stats`, or such a one
        under the key ``scipy`` with a truncation beside it.
    scenario, fixed
        Under which the case stands: a range of what they replace or fix would change nothing, and is a fault.

    Raises
    ------
    Faults
        Everything that keeps the ranges from being those of the inputs.
    """
    faults: list[Fault] = []
    given: dict[str, Range] = {}
    inputs, base = binding.model.inputs, dict(binding.by_scenario[BASE])
    converter = Converter(binding.book.currency, binding.book.structure.close)
    for name, one in ranges.items():
        fault = unknown(name, inputs)
        if fault is None and name in fixed:
            fault = _without_effect(name, "is set by hand", "a figure that no one fixes")
        elif fault is None:
            found = _range(one, inputs[name], base[name], converter)
            if isinstance(found, Problem):
                fault = Fault(found.message, None, None, f"{name}.range", found.found, found.expected, found.remedy)
            else:
                given[name] = found
        if fault is not None:
            faults.append(fault)
    if not faults:
        base |= {name: replace(base[name], range=one) for name, one in given.items()}
        fitter = Fitter(binding.book, binding.model)
        changed = {one.name: fitter.changed(one, base) for one in binding.book.scenarios.values()}
        faults += fitter.faults
        for name in given:
            figure = changed.get(scenario, {}).get(name)
            if figure is not None and figure.change is None:
                message = f"is replaced by scenario {scenario}"
                faults.append(_without_effect(name, message, "a figure that the scenario leaves or changes"))
    if faults:
        raise Faults(faults)
    new = tuple(name for name in given if name not in binding.uncertain)
    return replace(
        binding,
        by_scenario={BASE: base, **{name: {**base, **figures} for name, figures in changed.items()}},
        uncertain=(*binding.uncertain, *new),
        dependence=binding.dependence.extended(len(new)),
        ranged={**binding.ranged, **given},
    )


def _without_effect(name: str, message: str, expected: str) -> Fault:
    remedy = "give the range first, or leave it out"
    return Fault(
        message, key=f"{name}.range", found="a range that would change nothing", expected=expected, remedy=remedy
    )


def _range(given: object, declared: Input, figure: BoundFigure, converter: Converter) -> Range | Problem:
    found = given if isinstance(given, Range) else _stated(_plain(given), declared, converter)
    if isinstance(found, Problem):
        return found
    return range_problem(declared, found, figure.value, quantity(figure.value, declared.unit)) or found


def _stated(given: Any, declared: Input, converter: Converter) -> Range | Problem:
    if is_distribution(given):
        return _drawn_by(given, (None, None))
    if not isinstance(given, dict):
        return Problem("is no range", described(given), FORMS)
    scipy, truncation = given.get("scipy"), given.get("truncate")
    try:
        if not is_distribution(scipy):
            stated = StatedRange.model_validate(given)
            return stated_range(stated, lambda amount: converter.number(amount, declared.unit), lambda x: x)
        sides = (None, None) if truncation is None else _sides(truncation, declared, converter)
    except ValidationError as error:
        return _problem(error)
    except Unfit as unfit:
        return unfit.problem
    others = sorted(set(given) - {"scipy", "truncate"})
    return Problem("is no range", described(given), FORMS) if others else _drawn_by(scipy, sides)


def _sides(truncation: Any, declared: Input, converter: Converter) -> tuple[float | None, float | None]:
    """The sides of a truncation, in the form that a book states."""
    stated = StatedRange.model_validate({"uniform": [0, 1], "truncate": truncation}).truncate or (None, None)
    low, high = (None if side is None else converter.number(side, declared.unit) for side in stated)
    return low, high


def _drawn_by(distribution: Any, sides: tuple[float | None, float | None]) -> Range | Problem:
    return problem_of(distribution, *sides) or Range.of(distribution, *sides)


def _problem(error: ValidationError) -> Problem:
    """The first thing that keeps a mapping from being a range."""
    details = error.errors(include_url=False)[0]
    where = ".".join(map(str, details["loc"]))
    if details["type"] == "extra_forbidden":
        return Problem("is an unknown key", f"'{where}'", f"one of {', '.join(KINDS)}, and truncate")
    expected = WORDS.get(details["type"], details["msg"].removeprefix("Input should be "))
    return Problem("is not valid", f"{where} {described(details['input'])}".strip(), expected)


def _plain(given: object) -> Any:
    """Arrays and series as lists, and a mapping of them with lists."""
    if isinstance(given, Mapping):
        return {key: _plain(one) for key, one in given.items()}
    if hasattr(given, "tolist"):
        return given.tolist()
    return [_plain(one) for one in given] if isinstance(given, list | tuple) else given
