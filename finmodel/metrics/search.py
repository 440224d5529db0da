"""The one rule by which a rate of return is found, whatever the dates of the flows.

With u = 1 + rate, each flow is worth F u^-t. Their sum N(u) over the gross sum G(u) of the |F| u^-t is the *level*: it
lies between -1 and 1, has the roots of the net present value and none of its steepness, so its dips can be compared.

1. The level is taken on a ladder of fixed multiples of 1 + guess (`LADDER`), closest together at the guess. A level
   within `NOISE` of zero is no sign at all: its neighbours decide.
2. Where the sign of two neighbours differs there is a root between them; where it does not, but the level of the middle
   one of three is nearer zero than both, there may be two ("a dip").
3. The two brackets nearest the guess, on either side of it, in which the level goes from plus to minus as the rate
   rises are candidates, and the two nearest dips that begin no further away than the root of such a bracket. In a dip
   the derivative is bisected until the sign changes; the root where the level goes from plus to minus lies on the left
   of that point if the level around the dip is positive, else on the right.
4. Of the candidates the root nearest the guess is taken; if there is none, a lone root at which the level goes from
   minus to plus (the rate of a borrower).
5. Within its bracket a root is refined by Newton's method, replaced by a bisection (in the logarithm of u) wherever it
   leaves the bracket or does not halve its step.

A root where the level only touches zero is no crossing, so it is none.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from finmodel.graph.writer import Condition, State, Value, Writer

RUNGS = 20
FIRST_GAP = 0.005
GAP_GROWTH = 1.6
FINE_GAP, FINE_REACH = 0.02, 0.15
"""Up to this distance from the guess, in the logarithm of u, gaps grow no wider than that."""
LOWEST, HIGHEST = 1e-12, 1e30
"""The ends of the ladder: below, a rate could not be told from -1; a tenth gained in a day is 1e15 a year."""
NOISE = 2.0**-46
"""A level this near zero is not told from zero: a few hundred roundings."""
PROMINENCE = 1e-9
"""How much nearer zero than its neighbours the level of a dip must be."""
DIP_ROUNDS = 24
DIP_WIDTH = 0.004
"""Relative width below which the level between two points of a dip is taken for convex."""
REFINEMENTS = 100
PRECISION = 1e-12
"""Relative change of 1 + rate at which a root is taken for found."""
BRACKETS = 2
"""How many brackets can come into question: one on each side of the guess."""
DIPS = 2
"""How many dips are looked into at most."""
LARGEST = 1e290
LAST_RESORT = 1e200
"""Distance of what is taken only if there is nothing else."""


def _ladder() -> tuple[float, ...]:
    distance, gap, above = 0.0, FIRST_GAP, []
    for _ in range(RUNGS):
        distance += gap
        above.append(math.exp(distance))
        gap = min(GAP_GROWTH * gap, FINE_GAP) if distance < FINE_REACH else GAP_GROWTH * gap
    multiples = [LOWEST, *(1.0 / c for c in reversed(above)), 1.0, *above, HIGHEST]
    # Six digits, so that the ladder is the same whatever the platform's exponential and can be read in a sheet.
    return tuple(float(f"{c:.6g}") for c in multiples)


LADDER = _ladder()
"""Multiples of 1 + guess, lowest first; the middle one is 1."""
MIDDLE = len(LADDER) // 2


class Flows(Protocol):
    """Dated flows and how they are discounted; sums may share any positive factor that depends on u alone."""

    def levels(self, ratios: Sequence[Value]) -> list[tuple[Value, Value]]:
        """(N, G) at each u, given in ascending order along the ladder."""

    def slope(self, ratio: Value) -> tuple[Value, Value]:
        """(N, K) at u, K being the sum of t F u^-t, so that dN/du = -K/u."""

    def shape(self, ratio: Value) -> tuple[Value, Value, Value, Value]:
        """(N, K, G, H) at u, H being the sum of t |F| u^-t."""


@dataclass(frozen=True)
class Root:
    """What the search found on each path."""

    ratio: Value
    """1 + rate."""
    found: Condition
    settled: Condition
    others: Condition
    """Whether more than one root was seen."""


class _Place(NamedTuple):
    """A stretch of the ladder that may hold the root; infinitely far where there is none."""

    near: Value
    """Distance of its near edge from the guess, as a multiple of 1 + guess."""
    low: Value
    high: Value
    level_low: Value
    level_high: Value


def place_order() -> list[tuple[float, bool, int]]:
    """Every place of the ladder from the guess outwards: distance of its near edge, whether it is a dip, its rung.

    A bracket lies between the rung before and its own, a dip between the rungs on both sides of its own. Distances are
    multiples of 1 + guess; of two that begin at the same distance, brackets come before dips and low rungs before high.
    """
    brackets = [(_near(i - 1, i), False, i) for i in range(1, len(LADDER))]
    return sorted([*brackets, *((_near(i - 1, i + 1), True, i) for i in range(1, len(LADDER) - 1))])


def search(w: Writer, flows: Flows, guess: Value) -> Root:
    """Find the rate of return nearest the guess; the module says by which rule.

    Parameters
    ----------
    w
        What the search is written against.
    flows
        The flows and how they are discounted.
    guess
        A rate above -1, in the unit of the result.
    """
    base = 1.0 + guess
    ratios = [base * c for c in LADDER]
    sums = flows.levels(ratios)
    levels = [_level(w, net, gross) for net, gross in sums]
    brackets, rising, crossings = _brackets(w, ratios, levels)
    dips = _dips(w, ratios, levels, [gross <= LARGEST for _, gross in sums])
    places = (*brackets, *dips, rising)

    def examine(
        number: Value, best: Value, distance: Value, settled: Value, hidden: Value, *waiting: Value
    ) -> tuple[State, Condition]:
        near, low, high, level_low, level_high = waiting[: len(_Place._fields)]
        active = near * base < distance
        is_dip = active & (number >= float(BRACKETS)) & (number < float(BRACKETS + DIPS))
        side = w.select(level_low > 0.0, w.constant(1.0), w.constant(-1.0))
        inside, level_inside = _look(w, flows, low, high, side, is_dip)
        in_dip = inside > 0.0
        left, right = is_dip & (side > 0.0), is_dip & (side < 0.0)
        holds = active & (w.no(is_dip) | in_dip)
        root, done = _refine(
            w,
            flows,
            w.select(right, inside, low),
            w.select(left, inside, high),
            w.select(right, level_inside, level_low),
            w.select(left, level_inside, level_high),
            holds,
        )
        away = _absolute(w, root - base)
        better = holds & (away < distance)
        return (
            number + 1.0,
            w.select(better, root, best),
            w.select(better, away, distance),
            w.select(better, done, settled),
            w.select(is_dip & in_dip, w.constant(1.0), hidden),
            *waiting[len(_Place._fields) :],
            *waiting[: len(_Place._fields)],
        ), number < float(len(places))

    zero = w.constant(0.0)
    start = (zero, zero, w.constant(math.inf), zero, zero, *itertools.chain(*places))
    _, best, _, settled, hidden, *_ = w.repeat(start, base > 0.0, examine, len(places))
    return Root(best, best > 0.0, settled > 0.0, (crossings > 1.0) | (hidden > 0.0))


def _level(w: Writer, net: Value, gross: Value) -> Value:
    measurable = (gross <= LARGEST) & (gross > 0.0)
    one = w.constant(1.0)
    quotient = w.select(measurable, net, w.constant(0.0)) / w.select(measurable, gross, one)
    # Beyond the largest number only the largest flow counts, and the sum's sign is right although it is infinite.
    return w.select(gross <= LARGEST, quotient, w.select(net > 0.0, one, -one))


def _absolute(w: Writer, x: Value) -> Value:
    return w.select(x < 0.0, -x, x)


def _near(low: int, high: int) -> float:
    return max(LADDER[low] - 1.0, 1.0 - LADDER[high], 0.0)


def _nowhere(w: Writer) -> _Place:
    one = w.constant(1.0)
    return _Place(w.constant(math.inf), one, one, one, -one)


def _choose(w: Writer, condition: Condition, chosen: _Place, otherwise: _Place) -> _Place:
    return _Place(*(w.select(condition, a, b) for a, b in zip(chosen, otherwise, strict=True)))


def _brackets(
    w: Writer, ratios: Sequence[Value], levels: Sequence[Value]
) -> tuple[tuple[_Place, _Place], _Place, Value]:
    """Where the sign changes from plus to minus, nearest above and below the guess; where it does the reverse; how
    often it changes at all.
    """
    zero, one = w.constant(0.0), w.constant(1.0)
    above = below = rising = _nowhere(w)
    crossings, sign = zero, zero
    low, level_low = ratios[0], zero
    for i, (ratio, level) in enumerate(zip(ratios, levels, strict=True)):
        plus, minus = level > NOISE, level < -NOISE
        falls, rises = minus & (sign > 0.0), plus & (sign < 0.0)
        here = _Place(w.constant(_near(max(i - 1, 0), i)), low, ratio, level_low, level)
        if i <= MIDDLE:
            below = _choose(w, falls, here, below)
        else:
            above = _choose(w, falls & (here.near < above.near), here, above)
        rising = _choose(w, rises, here._replace(near=w.constant(LAST_RESORT)), rising)
        crossings = crossings + w.select(falls | rises, one, zero)
        sign = w.select(plus, one, w.select(minus, -one, sign))
        low, level_low = w.select(plus | minus, ratio, low), w.select(plus | minus, level, level_low)
    return (below, above), rising, crossings


def _dips(
    w: Writer, ratios: Sequence[Value], levels: Sequence[Value], measurable: Sequence[Condition]
) -> tuple[_Place, _Place]:
    """The two places nearest the guess where the level comes nearer to zero than on both sides without reaching it."""
    first = second = _nowhere(w)
    for near, dip, i in reversed(place_order()):
        if not dip:
            continue
        here = _Place(w.constant(near), ratios[i - 1], ratios[i + 1], levels[i - 1], levels[i + 1])
        side = w.select(here.level_low > 0.0, w.constant(1.0), w.constant(-1.0))
        left, depth, right = side * here.level_low, side * levels[i], side * here.level_high
        stands_out = (depth < left - PROMINENCE) & (depth < right - PROMINENCE)
        holds = (
            stands_out & (depth >= -NOISE) & (left > NOISE) & (right > NOISE) & measurable[i - 1] & measurable[i + 1]
        )
        second = _choose(w, holds, first, second)
        first = _choose(w, holds, here, first)
    return first, second


def _look(w: Writer, flows: Flows, low: Value, high: Value, side: Value, going: Condition) -> tuple[Value, Value]:
    """Bisect the derivative of the level until its sign is another: where, or 0, and the level there."""
    zero = w.constant(0.0)

    def step(low: Value, high: Value, inside: Value, level_inside: Value) -> tuple[State, Condition]:
        middle = w.sqrt(low * high)
        net, moment, gross, gross_moment = flows.shape(middle)
        safe = w.select(gross > 0.0, gross, w.constant(1.0))
        level = net / safe
        slope = level * (gross_moment / safe) - moment / safe
        crossed = side * level < -NOISE
        rising = side * slope > 0.0
        width = high / low - 1.0
        hopeless = (width < DIP_WIDTH) & (side * level > _absolute(w, slope) * width)
        return (
            w.select(rising, low, middle),
            w.select(rising, middle, high),
            w.select(crossed, middle, inside),
            w.select(crossed, level, level_inside),
        ), w.no(crossed | hopeless)

    _, _, inside, level_inside = w.repeat((low, high, zero, zero), going, step, DIP_ROUNDS)
    return inside, level_inside


def _refine(
    w: Writer, flows: Flows, low: Value, high: Value, level_low: Value, level_high: Value, going: Condition
) -> tuple[Value, Value]:
    """The root between two points of unlike sign, and 1 where it was reached to `PRECISION`, else 0."""
    side = w.select(level_low > 0.0, w.constant(1.0), w.constant(-1.0))
    apart = w.select(going, level_low - level_high, w.constant(1.0))
    chord = low + (high - low) * (level_low / apart)
    start = w.select((chord > low) & (chord < high) & (high < 2.0 * low), chord, w.sqrt(low * high))

    def step(low: Value, high: Value, x: Value, before: Value, settled: Value) -> tuple[State, Condition]:
        net, moment = flows.slope(x)
        right = side * net > 0.0
        low, high = w.select(right, x, low), w.select(right, high, x)
        usable = ((moment > 0.0) | (moment < 0.0)) & (_absolute(w, moment) <= LARGEST) & (_absolute(w, net) <= LARGEST)
        move = x * (w.select(usable, net, w.constant(0.0)) / w.select(usable, moment, w.constant(1.0)))
        newton = x + move
        good = usable & (newton >= low) & (newton <= high) & (_absolute(w, move) <= 0.5 * before)
        following = w.select(good, newton, w.sqrt(low * high))
        following = w.select((net > 0.0) | (net < 0.0), following, x)
        moved = _absolute(w, following - x)
        done = moved <= PRECISION * x
        return (low, high, following, moved, w.select(done, w.constant(1.0), settled)), w.no(done)

    _, _, root, _, settled = w.repeat((low, high, start, high - low, w.constant(0.0)), going, step, REFINEMENTS)
    return root, settled
