"""Small subjects: what a sensitivity, a stress or a search examines."""

from collections.abc import Mapping

import numpy as np

from finmodel.assumptions.correlation import matrix_of
from finmodel.assumptions.range import Range
from finmodel.graph import Input, Model, metric
from finmodel.render.plan import Plan
from finmodel.simulate.subject import Subject
from tests.graph.toys import model
from tests.simulate.toys import bound

COEFFICIENTS = {"a": 3.0, "b": -2.0, "c": 0.5}
RANGES = {
    "a": Range("normal", (10.0, 2.0)),
    "b": Range("uniform", (0.0, 12.0)),
    "c": Range("normal", (4.0, 8.0)),
}
MIDDLES = {"a": 10.0, "b": 6.0, "c": 4.0}


def subject(made: Model, given: Mapping[str, float | Range], base: Mapping[str, float], **shape: object) -> Subject:
    """A model with its figures; every ranged input is a dimension unless told, and none is correlated."""
    return Subject(Plan(made), *bound(made, given, base, **shape))


def linear() -> Model:
    """A value that is linear in three inputs."""

    @metric("USD")
    def value(m):
        """Sum of the inputs, each times its coefficient."""
        return sum((m[name] * coefficient for name, coefficient in COEFFICIENTS.items()), 0.0)

    return model(**{name: Input("USD", "An input.", low=None) for name in COEFFICIENTS}, value=value)


def linear_subject(pairs: Mapping[tuple[int, int], float] | None = None, **given: float | Range) -> Subject:
    """The linear model; `pairs` are rank correlations by place, `given` replaces figures."""
    matrix = matrix_of(3, pairs or {})
    figures = RANGES | given
    return subject(linear(), figures, MIDDLES, dimensions=tuple(RANGES), correlation=matrix)


def sd_of(given: Range) -> float:
    """The standard deviation of a normal or uniform range."""
    low, high = given.parameters
    return high if given.kind == "normal" else (high - low) / np.sqrt(12.0)
