"""The language: inputs, lines, operations, units, timelines, and the model they make."""

from finmodel.graph.assemble import assemble
from finmodel.graph.line import (
    Input,
    Member,
    Scope,
    Shock,
    across,
    balance,
    cumulative,
    lag,
    lead,
    line,
    metric,
    opening,
)
from finmodel.graph.model import Line, Model
from finmodel.graph.nodes import Node
from finmodel.graph.operations import exp, growth, log, maximum, minimum, per_period, power, ramp, ratio, sqrt, where
from finmodel.graph.reduction import highest, highest_where, lowest, lowest_where, total
from finmodel.graph.timeline import Timeline

__all__ = [
    "Input",
    "Line",
    "Member",
    "Model",
    "Node",
    "Scope",
    "Shock",
    "Timeline",
    "across",
    "assemble",
    "balance",
    "cumulative",
    "exp",
    "growth",
    "highest",
    "highest_where",
    "lag",
    "lead",
    "line",
    "log",
    "lowest",
    "lowest_where",
    "maximum",
    "metric",
    "minimum",
    "opening",
    "per_period",
    "power",
    "ramp",
    "ratio",
    "sqrt",
    "total",
    "where",
]
