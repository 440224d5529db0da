"""Payback as rows of a sheet: the cumulative, the period in which it returns to zero, and the share of that period."""

from __future__ import annotations

from collections.abc import Sequence

from finmodel.graph.reduction import Block, Moment, SheetRow, Term
from finmodel.metrics.payback import TOLERANCE


def payback_sheet(block: Block, rows: Sequence[SheetRow], scalars: Sequence[Term]) -> Term:
    """Periods until the cumulative of the flows returns to zero, by the rule of `metrics.payback.write_payback`."""
    (flows,) = rows
    tolerance = block.number(TOLERANCE, "zero tolerance of a cumulative")

    def flag(condition: Term) -> Term:
        return block.choose(condition, 1, 0)

    def share_of(now: Moment) -> Term:
        return block.choose(now(first) > 0, block.call("MIN", -now.earlier(sofar) / now(flows), 1), 0)

    sofar = block.row("cumulative", "", lambda now: now.before + now(flows))
    gross = block.row("gross flows so far", "", lambda now: now.before + block.call("ABS", now(flows)))
    under = block.row("cumulative below zero", "1", lambda now: flag(now(sofar) < -tolerance * now(gross)))
    below = block.row("has been below zero", "1", lambda now: block.call("MAX", now.before, now(under)))
    above = block.row("back after being below", "1", lambda now: flag((now.earlier(below) > 0) & (now(under) <= 0)))
    returned = block.row("has returned", "1", lambda now: block.call("MAX", now.before, now(above)))
    first = block.row("returns in this period", "1", lambda now: now(returned) - now.earlier(returned))
    share = block.row("share of the period until then", "1", share_of)
    until = block.row("periods until the return", "1", lambda now: now(first) * (now.period - 1 + now(share)))
    again = block.row("below zero again", "1", lambda now: flag((now.earlier(returned) > 0) & (now(under) > 0)))
    block.report("The cumulative turns negative again after payback.", block.call("SUM", block.whole(again)))
    never_below = block.call("SUM", block.whole(under)) <= 0
    returns = block.call("SUM", block.whole(first)) > 0
    returned_at = block.choose(returns, block.call("SUM", block.whole(until)), block.missing())
    return block.choose(never_below, 0, block.cell("periods until payback", "1", returned_at))
