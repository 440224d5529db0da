"""The metrics as operations of the graph."""

from __future__ import annotations

from collections.abc import Sequence

from finmodel.graph.nodes import Node, Reduce, lift
from finmodel.graph.operations import UnitOrAny
from finmodel.graph.reduction import Block, Part, Reduction, SheetRow, Term
from finmodel.graph.units import ONE
from finmodel.graph.writer import Row, Value, Writer
from finmodel.metrics.irr import write_irr
from finmodel.metrics.irr_sheet import irr_sheet, irr_status_sheet
from finmodel.metrics.payback import write_payback
from finmodel.metrics.payback_sheet import payback_sheet


def _with_guess(_: Sequence[UnitOrAny], scalars: Sequence[UnitOrAny]) -> UnitOrAny:
    (guess,) = scalars
    if guess is not None and not guess.equals(ONE):
        raise ValueError(f"the guess must be a rate per period, a pure number, not {guess}: write per_period(...)")
    return ONE


def _quotient(_: Sequence[UnitOrAny], scalars: Sequence[UnitOrAny]) -> UnitOrAny:
    above, below = scalars
    if below is None:
        raise ValueError("a ratio to a bare zero")
    return None if above is None else above / below


def write_missing_ratio(w: Writer, rows: Sequence[Row], scalars: Sequence[Value]) -> Value:
    """The quotient of two scalars, missing where the lower one is zero."""
    above, below = scalars
    exists = (below < 0.0) | (below > 0.0)
    return w.select(exists, above / w.select(exists, below, w.constant(1.0)), w.constant(float("nan")))


def missing_ratio_sheet(block: Block, rows: Sequence[SheetRow], scalars: Sequence[Term]) -> Term:
    """The same on a sheet."""
    above, below = scalars
    return block.choose((below < 0) | (below > 0), above / below, block.missing())


def _rate_and_status(w: Writer, rows: Sequence[Row], scalars: Sequence[Value]) -> tuple[Value, Value]:
    return write_irr(w, rows[0], scalars[0])


IRR_RATE = Reduction(
    name="irr",
    write=lambda w, rows, scalars: _rate_and_status(w, rows, scalars)[0],
    part=Part(_rate_and_status, 0),
    fold=None,
    unit=_with_guess,
    may_be_missing=True,
    sheet=irr_sheet,
)
IRR_STATUS = Reduction(
    name="irr_status",
    write=lambda w, rows, scalars: _rate_and_status(w, rows, scalars)[1],
    part=Part(_rate_and_status, 1),
    fold=None,
    unit=_with_guess,
    may_be_missing=False,
    sheet=irr_status_sheet,
)
PAYBACK = Reduction(
    name="payback",
    write=lambda w, rows, scalars: write_payback(w, rows[0]),
    fold=None,
    unit=lambda rows, scalars: ONE,
    may_be_missing=True,
    sheet=payback_sheet,
)
MISSING_RATIO = Reduction(
    name="missing_ratio",
    write=write_missing_ratio,
    fold=None,
    unit=_quotient,
    may_be_missing=True,
    sheet=missing_ratio_sheet,
)


def irr_of(flows: Node, guess: Node | float) -> Node:
    """Internal rate of return per period, by the rule of `finmodel.metrics.irr`; missing where there is none."""
    return Reduce(IRR_RATE, (flows,), (lift(guess),))


def irr_status_of(flows: Node, guess: Node | float) -> Node:
    """Code of the status of that rate: 0 none, 1 unique, 2 multiple, 3 not converged."""
    return Reduce(IRR_STATUS, (flows,), (lift(guess),))


def payback_of(flows: Node) -> Node:
    """Periods from index 0 to the first return of the cumulative to zero; missing where it never returns."""
    return Reduce(PAYBACK, (flows,), ())


def missing_ratio(above: Node | float, below: Node | float) -> Node:
    """Quotient of two quantities that do not vary in time; missing where the lower one is zero."""
    return Reduce(MISSING_RATIO, (), (lift(above), lift(below)))
