"""Short formulas for a sheet: what a long or nested formula is made of gets rows of its own, directly above it.

The engine computes lines as they were written; only the workbook shows their ingredients. Each is a line like any other
there, named after the line that it is part of and a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from finmodel.graph.model import Line, Model
from finmodel.render.plain import Evaluation
from finmodel.render.quantities import values_of
from finmodel.render.recipe import LONGEST, SheetOf, recipe_of


def with_ingredients(
    model: Model,
    evaluation: Evaluation,
    values: Mapping[str, float],
    sheet_of: SheetOf = lambda section: "",
    longest: int = LONGEST,
) -> tuple[Model, Evaluation]:
    """The model as a sheet shows it: ingredients are lines directly above their own, and have values.

    Parameters
    ----------
    evaluation
        The values of the lines.
    values
        The inputs behind them.
    sheet_of
        Where the sections stand, since a cell of another sheet is written with its name; on one sheet unless given.
    longest
        Characters of a formula that is short enough.

    Returns
    -------
    tuple
        A model to be laid out, not to be computed: its order is that of the model without ingredients. Ingredients
        have the line that they belong to as `owner`.
    """
    lines: dict[str, Line] = {}
    rows, scalars = dict(evaluation.rows), dict(evaluation.scalars)
    seen = Evaluation(rows, scalars, evaluation.shocks)
    for line in model.lines.values():
        recipe = recipe_of(model, line, sheet_of, longest)
        for part in recipe.ingredients:
            value = values_of(part.expression, model, seen, values)
            if part.varies:
                rows[part.name] = np.full(model.timeline.periods + 1, value)
            else:
                scalars[part.name] = float(value)
            lines[part.name] = part
        lines[line.name] = replace(line, expression=recipe.expression)
    return replace(model, lines=MappingProxyType(lines)), seen
