"""Small models for tests: parts made from functions instead of modules."""

import datetime as dt
from collections.abc import Mapping
from types import ModuleType

from finmodel.graph import Model, Timeline, assemble
from finmodel.graph.line import Cohort

MONTHLY = Timeline(dt.date(2027, 3, 31), 24)


def module(**things: object) -> ModuleType:
    """A module of lines that holds these names."""
    made = ModuleType("toy")
    vars(made).update(things)
    return made


def model(timeline: Timeline = MONTHLY, cohorts: Mapping[str, Cohort] | None = None, **things: object) -> Model:
    """A model of one module."""
    return assemble([module(**things)], timeline, cohorts)
