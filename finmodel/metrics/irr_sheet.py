"""The internal rate of return as tables of a sheet, by the rule of `metrics.search`.

A sheet's own IRR() starts anywhere and stops anywhere. Here the level of the net present value stands on the same
ladder of rates as in the simulation, the same places are examined in the same order, and each root is bisected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finmodel.graph.reduction import Block, SheetRow, Table, Term
from finmodel.metrics.irr import MULTIPLE, NONE, UNIQUE
from finmodel.metrics.search import (
    BRACKETS,
    DIP_ROUNDS,
    DIP_WIDTH,
    DIPS,
    LADDER,
    LARGEST,
    NOISE,
    PROMINENCE,
    place_order,
)

BISECTIONS = 60
EXAMS = BRACKETS + DIPS
RUNGS = len(LADDER)

LADDER_COLUMNS = (
    *("multiple", "ratio", "below 1", "net", "gross", "level", "size", "measurable", "sign"),
    *("last sign", "signed at", "falls", "rises", "up from", "up to"),
    *("above zero", "below zero", "valley", "hill"),
)
PLACE_COLUMNS = (
    *("rank", "ladder row", "is dip", "near edge", "side", "low", "high"),
    *("holds", "dips so far", "admitted", "rank if admitted"),
)
EXAM_COLUMNS = (
    *("number", "rank", "exists", "place", "is dip", "side", "low", "high", "active", "inside", "usable"),
    *("root low", "root high", "root", "away", "better", "best", "distance", "hidden"),
)
DIP_COLUMNS = (
    *("middle", "below 1", "net", "moment", "gross", "gross moment", "level", "slope", "width"),
    *("crossed", "hopeless", "low", "high", "going"),
)
ROOT_COLUMNS = ("middle", "below 1", "net", "gross", "level", "low", "high")


def irr_sheet(block: Block, rows: Sequence[SheetRow], scalars: Sequence[Term]) -> Term:
    """Rate per period, or what stands for a missing one."""
    found = _found(block, rows, scalars)
    return block.choose(found.exists > 0, found.ratio - 1, block.missing())


def irr_status_sheet(block: Block, rows: Sequence[SheetRow], scalars: Sequence[Term]) -> Term:
    """Code of the status, in the order of `metrics.irr.STATUSES`."""
    found = _found(block, rows, scalars)
    several = block.number(MULTIPLE, "status multiple")
    unique, none = block.number(UNIQUE, "status unique"), block.number(NONE, "status none")
    ambiguous = (found.others > 0) & (found.proved <= 0)
    status = block.cell("status where a root exists", "1", block.choose(ambiguous, several, unique))
    return block.choose(found.exists > 0, status, none)


def _found(block: Block, rows: Sequence[SheetRow], scalars: Sequence[Term]) -> _Found:
    found: _Found = block.once("irr", lambda: _Search(block, rows[0], scalars[0]).run())
    return found


@dataclass(frozen=True)
class _Found:
    ratio: Term
    exists: Term
    others: Term
    proved: Term


class _Search:
    def __init__(self, block: Block, flows: SheetRow, guess: Term) -> None:
        self.block, self.flows = block, flows
        self.noise = block.number(NOISE, "noise of a level")
        self.prominence = block.number(PROMINENCE, "prominence of a dip")
        self.largest = block.number(LARGEST, "largest measurable sum")
        self.base = block.cell("1 + guess", "1", 1 + guess)
        self.sizes = sizes = block.row("size of the flow", "", lambda now: block.call("ABS", now(flows)))
        begun = block.row("a flow so far", "1", lambda now: block.choose(now(sizes) > 0, 1, now.before))
        before = block.row("before the first flow", "1", lambda now: 1 - now(begun))
        first = block.cell("period of the first flow", "1", block.call("SUM", block.whole(before)))
        dated = block.row("period of the flow", "1", lambda now: block.choose(now(sizes) > 0, now.period, 0))
        self.last = block.cell("period of the last flow", "1", block.call("MAX", block.whole(dated)))
        self.since = block.row("since the first flow", "1", lambda now: block.call("MAX", now.period - first, 0))
        self.until = block.row("until the last flow", "1", lambda now: block.call("MAX", self.last - now.period, 0))
        self.changes = self._sign_changes(flows, "flow")
        sofar = block.row("cumulative", "", lambda now: now.before + now(flows))
        self.turns = self._sign_changes(sofar, "cumulative")

    def run(self) -> _Found:
        """All tables, then what they found."""
        block = self.block
        ladder = self._ladder()
        exams = self._examine(self._places(ladder))
        best = block.cell("1 + rate", "1", self._or_last_resort(exams.at(EXAMS, "best"), ladder))
        exists = block.cell("a root exists", "1", self._flag(best > 0))
        crossings = block.call("SUM", ladder.column("falls"), ladder.column("rises"))
        several = (crossings > 1) | (exams.at(EXAMS, "hidden") > 0)
        others = block.cell("more than one root seen", "1", self._flag(several))
        single = _is_one(self.changes) | (_is_one(self.turns) & (best > 1))
        return _Found(best, exists, others, block.cell("proved to be the only one", "1", self._flag(single)))

    def _flag(self, condition: Term) -> Term:
        return self.block.choose(condition, 1, 0)

    def _sign(self, x: Term, beyond: Term | float = 0) -> Term:
        return self._flag(x > beyond) - self._flag(x < -beyond)

    def _sign_changes(self, row: SheetRow, of: str) -> Term:
        block = self.block
        own = block.row(f"sign of the {of}", "1", lambda now: self._sign(now(row)))
        seen = block.row(f"the {of} has a sign", "1", lambda now: block.call("ABS", now(own)))
        sign = block.row(f"last sign of the {of}", "1", lambda now: block.choose(now(seen) > 0, now(own), now.before))
        change = block.row(f"change of sign of the {of}", "1", lambda now: self._flag(now(row) * now.earlier(sign) < 0))
        return block.cell(f"changes of sign of the {of}", "1", block.call("SUM", block.whole(change)))

    def _sum(self, ratio: Term, below: Term, *rows: SheetRow, moment: bool = False) -> Term:
        """The sum over the periods of the rows' products (and of the period for a moment), discounted at 1 + rate.

        Where `below` flags that 1 + rate is below 1 it is worth what it is at the last flow, else at the first, so that
        the greatest weight is 1: what is asked of such a sum is its sign, or its ratio to another one, and some
        spreadsheets take 1E-20 for zero.
        """
        block = self.block
        ranges = [*map(block.whole, rows), *([block.periods()] if moment else [])]
        # Not ratio^period: one spreadsheet takes a power too small for a number for an error.
        exponents = below * block.whole(self.until) - (1 - below) * block.whole(self.since)
        return block.call("SUMPRODUCT", *ranges, block.call("EXP", block.call("LN", ratio) * exponents))

    def _table(self, title: str, columns: Sequence[str], steps: int) -> Table:
        return self.block.table(title, dict.fromkeys(columns, "1"), steps + 1)

    def _ladder(self) -> Table:
        """The level on every rung, its clean sign, and where that changes."""
        block = self.block
        table = self._table("Level of the net present value on rates around the guess", LADDER_COLUMNS, RUNGS)
        before = {name: table.mark(0, name, 0.0) for name in LADDER_COLUMNS}
        levels, measurable = [], []
        for i, multiple in enumerate(LADDER, 1):
            rung = table.write(i, "multiple", block.number(multiple, f"ladder rung {i}"))
            ratio = table.write(i, "ratio", self.base * rung)
            below = table.write(i, "below 1", self._flag(ratio < 1))
            net = table.write(i, "net", self._sum(ratio, below, self.flows))
            gross = table.write(i, "gross", self._sum(ratio, below, self.sizes))
            levels.append(table.write(i, "level", block.choose(gross > 0, net / gross, 0)))
            logarithm = block.call("LN", gross) - self.last * block.call("LN", ratio)
            size = table.write(i, "size", block.choose(gross > 0, logarithm, 0))
            too_large = block.call("AND", gross > 0, below > 0, size > block.call("LN", self.largest))
            measurable.append(table.write(i, "measurable", block.choose(too_large, 0, 1)))
            sign = table.write(i, "sign", self._sign(levels[-1], self.noise))
            signed = block.call("ABS", sign) > 0
            table.write(i, "falls", self._flag((sign < 0) & (before["last sign"] > 0)))
            rises = table.write(i, "rises", self._flag((sign > 0) & (before["last sign"] < 0)))
            up_from = table.write(i, "up from", block.choose(rises > 0, before["signed at"], before["up from"]))
            up_to = table.write(i, "up to", block.choose(rises > 0, ratio, before["up to"]))
            before = {
                "last sign": table.write(i, "last sign", block.choose(signed, sign, before["last sign"])),
                "signed at": table.write(i, "signed at", block.choose(signed, ratio, before["signed at"])),
                "up from": up_from,
                "up to": up_to,
            }
        for i in range(2, RUNGS):
            for aside, name, side in (("above zero", "valley", 1), ("below zero", "hill", -1)):
                three = levels[i - 2 : i + 1] if side > 0 else [-level for level in levels[i - 2 : i + 1]]
                one_side = self._on_one_side(three, measurable[i - 2], measurable[i])
                table.write(i, name, self._dip(table.write(i, aside, one_side), three))
        for i in (1, RUNGS):
            for name in LADDER_COLUMNS[-4:]:
                table.mark(i, name, 0.0)
        return table

    def _on_one_side(self, levels: Sequence[Term], first: Term, last: Term) -> Term:
        """Whether three levels are above zero, the middle one perhaps at it, and the outer ones can be measured."""
        before, at, after = levels
        above = (before > self.noise, after > self.noise, at >= -self.noise)
        return self._flag(self.block.call("AND", *above, first > 0, last > 0))

    def _dip(self, above: Term, levels: Sequence[Term]) -> Term:
        """Whether the middle of three levels is nearer zero than both, without a change of sign."""
        before, at, after = levels
        nearer = (at < before - self.prominence, at < after - self.prominence)
        return self._flag(self.block.call("AND", above > 0, *nearer))

    def _places(self, ladder: Table) -> Table:
        """Stretches of the ladder that may hold the root, the nearest to the guess first."""
        block = self.block
        order = place_order()
        table = self._table("Places that may hold the root, nearest to the guess first", PLACE_COLUMNS, len(order))
        for name in PLACE_COLUMNS:
            table.mark(0, name, len(order) + 1.0 if name == "rank if admitted" else 0.0)
        most = block.number(float(DIPS), "dips looked into")
        count = block.number(float(len(order)), "places on the ladder")
        dips: Term = table.mark(0, "dips so far", 0.0)

        def read(column: str, row: Term) -> Term:
            return block.call("INDEX", ladder.column(column), row)

        for i, (_, dip, rung) in enumerate(order, 1):
            rank = table.mark(i, "rank", float(i))
            row = table.mark(i, "ladder row", rung + 2.0)
            is_dip = table.mark(i, "is dip", float(dip))
            below = read("multiple", row - 1) - 1
            table.write(i, "near edge", block.call("MAX", below, 1 - read("multiple", row + is_dip), 0))
            is_hill = (is_dip > 0) & (read("valley", row) < read("hill", row))
            table.write(i, "side", block.choose(is_hill, -block.number(1, ""), 1))
            below = block.choose(is_dip > 0, read("ratio", row - 1), read("signed at", row - 1))
            table.write(i, "low", below)
            table.write(i, "high", read("ratio", row + is_dip))
            found = block.choose(is_dip > 0, read("valley", row) + read("hill", row), read("falls", row))
            holds = table.write(i, "holds", found)
            dips = table.write(i, "dips so far", dips + holds * is_dip)
            admitted = block.choose((is_dip <= 0) | (dips <= most), holds, 0)
            admitted = table.write(i, "admitted", admitted)
            table.write(i, "rank if admitted", block.choose(admitted > 0, rank, count + 1))
        return table

    def _examine(self, places: Table) -> Table:
        """The places that hold a root, one after another, until none can be nearer than the best."""
        block, flag = self.block, self._flag
        exams = self._table("Places examined", EXAM_COLUMNS, EXAMS)
        best, distance, hidden = (
            exams.mark(0, name, value) for name, value in (("best", 0.0), ("distance", LARGEST), ("hidden", 0.0))
        )
        for name in EXAM_COLUMNS[:-3]:
            exams.mark(0, name, 0.0)
        count = block.number(float(len(place_order())), "places on the ladder")
        for i in range(1, EXAMS + 1):
            number = exams.mark(i, "number", float(i))
            rank = exams.write(i, "rank", block.call("SMALL", places.column("rank if admitted"), number))
            exists = exams.write(i, "exists", flag(rank <= count))
            place = exams.write(i, "place", block.choose(exists > 0, rank + 1, 1))
            dip, side, low, high = (
                exams.write(i, name, block.call("INDEX", places.column(name), place))
                for name in ("is dip", "side", "low", "high")
            )
            near = block.call("INDEX", places.column("near edge"), place) * self.base
            active = exams.write(i, "active", flag((exists > 0) & (near < distance)))
            inside = exams.write(i, "inside", self._look(exams, i))
            usable = exams.write(i, "usable", block.choose((dip > 0) & (inside <= 0), 0, active))
            exams.write(i, "root low", block.choose((dip > 0) & (side < 0), inside, low))
            exams.write(i, "root high", block.choose((dip > 0) & (side > 0), inside, high))
            label = f"Place {i}"
            ends = exams.at(i, "root low"), exams.at(i, "root high")
            root = exams.write(i, "root", self._bisect(label, *ends, exams.at(i, "usable")))
            away = exams.write(i, "away", block.call("ABS", root - self.base))
            better = exams.write(i, "better", flag((usable > 0) & (away < distance)))
            best = exams.write(i, "best", block.choose(better > 0, root, best))
            distance = exams.write(i, "distance", block.choose(better > 0, away, distance))
            hidden = exams.write(i, "hidden", block.call("MAX", hidden, usable * dip))
        return exams

    def _look(self, exams: Table, number: int) -> Term:
        """Bisect the derivative of the level in a dip until its sign is another: where, or 0."""
        block, flag = self.block, self._flag
        table = self._table(f"Place {number}: a dip, its derivative bisected", DIP_COLUMNS, DIP_ROUNDS)
        width_of_dip = block.number(DIP_WIDTH, "width of a dip")
        side = exams.at(number, "side")
        low = table.write(0, "low", exams.at(number, "low"))
        high = table.write(0, "high", exams.at(number, "high"))
        going = table.write(0, "going", exams.at(number, "active") * exams.at(number, "is dip"))
        for name in DIP_COLUMNS[:-3]:
            table.mark(0, name, 0.0)
        for i in range(1, DIP_ROUNDS + 1):
            on = going > 0

            def write(name: str, term: Term, i: int = i, on: Term = on) -> Term:
                return table.write(i, name, block.choose(on, term, 0))

            middle = write("middle", block.call("SQRT", low * high))
            below = table.write(i, "below 1", flag(middle < 1))
            net = write("net", self._sum(middle, below, self.flows))
            moment = write("moment", self._sum(middle, below, self.flows, moment=True))
            gross = write("gross", self._sum(middle, below, self.sizes))
            gross_moment = write("gross moment", self._sum(middle, below, self.sizes, moment=True))
            level = write("level", net / gross)
            slope = write("slope", level * gross_moment / gross - moment / gross)
            width = write("width", high / low - 1)
            crossed = table.write(i, "crossed", flag(on & (side * level < -self.noise)))
            flat = side * level > block.call("ABS", slope) * width
            hopeless = table.write(i, "hopeless", flag(block.call("AND", on, width < width_of_dip, flat)))
            rising = side * slope
            low, high, going = (
                table.write(i, "low", block.choose(on & (rising <= 0), middle, low)),
                table.write(i, "high", block.choose(rising > 0, middle, high)),
                table.write(i, "going", going * (1 - block.call("MAX", crossed, hopeless))),
            )
        return block.call("SUMPRODUCT", table.column("crossed"), table.column("middle"))

    def _or_last_resort(self, best: Term, ladder: Table) -> Term:
        """The best root, or else one where the level goes from minus to plus, as the rate of a borrower does."""
        block = self.block
        low, high = ladder.at(RUNGS, "up from"), ladder.at(RUNGS, "up to")
        alone = block.cell("only a rising root is there", "1", self._flag((best <= 0) & (high > 0)))
        root = self._bisect("Last resort", low, high, alone, rising=True)
        return block.choose(alone > 0, root, best)

    def _bisect(self, label: str, low: Term, high: Term, usable: Term, *, rising: bool = False) -> Term:
        """The root between two ends at which the level has unlike signs; it falls unless it is rising."""
        block = self.block
        table = self._table(f"{label}: the root, bisected", ROOT_COLUMNS, BISECTIONS)
        for name in ROOT_COLUMNS[:-2]:
            table.mark(0, name, 0.0)
        low, high = table.write(0, "low", low), table.write(0, "high", high)
        for i in range(1, BISECTIONS + 1):
            middle = table.write(i, "middle", block.call("SQRT", low * high))
            below = table.write(i, "below 1", self._flag(middle < 1))
            net = table.write(i, "net", block.choose(usable > 0, self._sum(middle, below, self.flows), 0))
            gross = table.write(i, "gross", block.choose(usable > 0, self._sum(middle, below, self.sizes), 1))
            level = table.write(i, "level", net / gross)
            right = level < 0 if rising else level > 0
            low, high = (
                table.write(i, "low", block.choose(right, middle, low)),
                table.write(i, "high", block.choose(right, high, middle)),
            )
        return block.call("SQRT", low * high)


def _is_one(count: Term) -> Term:
    return (count >= 1) & (count <= 1)
