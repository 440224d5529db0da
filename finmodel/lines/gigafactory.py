"""The gigafactory: its line items in the order in which they are read."""

from collections.abc import Mapping, Sequence

from finmodel.graph import Model, Timeline, assemble
from finmodel.lines import facility, operations, power, racks, refresh, returns, revenue, schedule, tax

MODULES = (schedule, racks, facility, power, operations, revenue, refresh, tax, returns)


def model(timeline: Timeline, cohorts: Mapping[str, Sequence[str]]) -> Model:
    """Assemble the gigafactory for a structure.

    Parameters
    ----------
    timeline
        Close and periods.
    cohorts
        Names of the members of `phase`, in order of construction, and of `generation`, the original hardware first.

    Returns
    -------
    Model
        With every name resolved and every unit checked; figures come later.

    Raises
    ------
    ModelFault
        Where a cohort is absent or its names will not do.
    """
    return assemble(MODULES, timeline, cohorts)
