"""An expression as text in an infix language, with no more brackets than it needs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Literal

from finmodel.graph.nodes import Apply, Node
from finmodel.graph.operations import ATOM, Operation

Language = Literal["python", "excel", "text"]


def print_expression(
    node: Node, language: Language, leaf: Callable[[Node], str], temporaries: Iterator[int] | None = None
) -> str:
    """The text of an expression; `leaf` prints whatever is no operation.

    Where a leaf prints an expression of its own, both take the numbers of their temporary names from one iterator.
    """
    numbers = itertools.count(1) if temporaries is None else temporaries

    def show(part: Node) -> tuple[str, int]:
        if not isinstance(part, Apply):
            return leaf(part), ATOM
        operation = part.operation
        shown = [
            f"({text})" if needs_brackets(operation, place, binding) else text
            for place, (text, binding) in enumerate(map(show, part.args))
        ]
        template: str = getattr(operation, language)
        temporary = f"_{next(numbers)}" if "{t}" in template else ""
        return template.format(*shown, t=temporary), operation.precedence

    return show(node)[0]


def needs_brackets(operation: Operation, place: int, precedence: int) -> bool:
    """Whether an argument of that precedence stands in brackets at that place of an operation."""
    if operation.precedence == ATOM and operation.name != "ratio":
        return False
    return precedence < (ATOM if operation.name == "ratio" else operation.precedence + (place > 0))
