"""Expressions of the plan as LLVM IR: each is computed once, before the loop over the periods or inside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from finmodel.graph.model import Line
from finmodel.graph.nodes import Apply, Const, Item, Lag, Lead, Node, Reduce
from finmodel.graph.writer import Value
from finmodel.render.certain import Certain
from finmodel.render.draws import padded
from finmodel.render.faults import fault_of, may_fault
from finmodel.render.lanes import INFINITE, NOT_A_NUMBER, Condition, Lanes, Number, Section
from finmodel.render.llvm import LlvmWriter, Row
from finmodel.render.needs import Needs
from finmodel.render.numbering import name_of
from finmodel.render.plan import Plan


@dataclass
class Loop:
    """A loop over the periods while its body is printed.

    Attributes
    ----------
    names
        Lines computed in it.
    period, now, table
        Registers: the period, where its stored rows lie, where its certain rows lie.
    values, faults, shifts
        What has been computed in the body.
    found
        Conditions under which a period is a fault.
    sound
        A register and its value after the lines so far: NaN where any that is tested was not finite, else 0.
    previous
        For lines that are lagged by one period: the register, and the value before period 0.
    """

    names: frozenset[str]
    section: Section
    period: str
    now: str = ""
    table: str = ""
    values: dict[int, Lanes] = field(default_factory=dict)
    faults: dict[tuple[int, bool], Condition | None] = field(default_factory=dict)
    shifts: dict[int, tuple[str, str]] = field(default_factory=dict)
    found: list[Condition] = field(default_factory=list)
    sound: tuple[Number, Number] | None = None
    previous: dict[str, tuple[Number, Number]] = field(default_factory=dict)


class Expressions:
    """Prints expressions; remembers what has been computed before the open loop (`values`) and in it (`loop.values`).

    Memory is laid out as draws [shock][period][path], then stored rows [period][row][path].
    """

    def __init__(self, plan: Plan, certain: Certain, needs: Needs, width: int) -> None:
        self.plan, self.model, self.certain, self.needs = plan, plan.model, certain, needs
        self.numbering, self.width = certain.numbering, width
        self.length = plan.model.timeline.periods + 1
        self.places = {name: place for place, name in enumerate(needs.stored)}
        self.turn = len(self.places) * width
        self.alignment = min(64, 8 * width)
        self.writer = LlvmWriter(width)
        self.outer = self.writer.section
        self.values: dict[int, Lanes] = {}
        self.faults: dict[tuple[int, bool], Condition | None] = {}
        self.found: list[Condition] = []
        self.loop: Loop | None = None
        self._together: dict[object, tuple[Value, ...]] = {}

    @property
    def drawn(self) -> int:
        """Doubles that the draws of shocks take."""
        return len(self.needs.drawn) * padded(self.length, self.width) * self.width

    @contextmanager
    def writing_to(self, section: Section) -> Iterator[None]:
        """Let loads, stores and branches go to a section."""
        before, self.writer.section = self.writer.section, section
        try:
            yield
        finally:
            self.writer.section = before

    def line(self, line: Line, found: list[Condition]) -> Number:
        """The value of a line; where computing it is a fault is added to `found`."""
        w = self.writer
        expression = self.plan.expression(line.name)
        value = self.number(expression)
        names = self.plan.may_be_missing(line)
        fault = self._fault(expression, guarded=bool(names))
        if names:
            absent = w.condition(False)
            for name in names:
                absent = absent | self.number(Item("line", name)).missing()
            value = w.choose(absent, w.constant(float("nan")), value)
            fault = None if fault is None else fault & w.no(absent)
        if fault is not None:
            found.append(fault)
        if line.name in self.needs.checked and self.loop is not None and not line.may_be_missing:
            register, so_far = self.loop.sound or (w.register(value),) * 2
            self.loop.sound = register, w.spoilt(so_far, value)
        elif line.name in self.needs.checked:
            found.append(value.is_class(INFINITE if line.may_be_missing else INFINITE | NOT_A_NUMBER))
        return value

    def number(self, node: Node) -> Number:
        """The value of an expression that is no condition."""
        value = self.value(node)
        if not isinstance(value, Number):
            raise TypeError(f"{node!r} is no number")
        return value

    def _memory_of(self, node: Node) -> tuple[Section, dict[int, Lanes], dict[tuple[int, bool], Condition | None]]:
        """Where an expression is computed, and what has been computed there."""
        if self.loop is not None and self.plan.varies(node):
            return self.loop.section, self.loop.values, self.loop.faults
        return self.outer, self.values, self.faults

    def value(self, node: Node) -> Lanes:
        """The value of an expression, computed where it was not yet."""
        if isinstance(node, Const):
            return self.writer.constant(node.value)
        if isinstance(node, Item) and node.kind == "number":
            return self.writer.constant(self.model.timeline.numbers[node.name])
        section, values, _ = self._memory_of(node)
        key = self.numbering.of(node)
        if key not in values:
            with self.writing_to(section):
                values[key] = self._certain(node) if self.certain.is_certain(node) else self._computed(node)
        return values[key]

    def _certain(self, node: Node) -> Lanes:
        value = self._tabled(node, fault=False)
        return value > 0.0 if isinstance(node, Apply) and node.operation.condition else value

    def _tabled(self, node: Node, *, fault: bool) -> Number:
        place = self.certain.place(node, fault=fault)
        base = self._now().table if self.plan.varies(node) else "%numbers"
        return self.writer.load_splat(self.writer.offset(base, place))

    def _computed(self, node: Node) -> Lanes:
        w = self.writer
        match node:
            case Item(kind="input", name=name):
                row = w.emit(f"mul i64 %input_stride, {self.certain.uncertain.index(name)}")
                return w.load(w.offset(w.offset("%inputs", row), "%column"), 8)
            case Item(kind="shock", name=name):
                return self._shock(name)
            case Item(kind="line", name=name):
                return w.load(w.offset(self._now().now, self.places[name] * self.width), self.alignment)
            case Apply(operation=operation, args=args):
                return w.lanes(operation.write(w, *(self.value(arg) for arg in args)))
            case Lag():
                return self._lag(node)
            case Lead():
                return self._elsewhere(node, self.number(node.closing))
            case Reduce():
                return w.lanes(self._reduced(node))
            case _:
                raise TypeError(f"{node!r} cannot be computed")

    def _reduced(self, node: Reduce) -> Value:
        """A reduction after the loop; results that are found together are found once."""
        w, part = self.writer, node.reduction.part
        rows, scalars = [self._row(row) for row in node.rows], [self.value(scalar) for scalar in node.scalars]
        if part is None:
            return node.reduction.write(w, rows, scalars)
        key = id(part.write), *map(self.numbering.of, (*node.rows, *node.scalars))
        if key not in self._together:
            self._together[key] = part.write(w, rows, scalars)
        return self._together[key][part.place]

    def _now(self) -> Loop:
        if self.loop is None:
            raise ValueError("what varies in time is computed in a loop over the periods only")
        return self.loop

    def _lag(self, node: Lag) -> Number:
        w, loop = self.writer, self._now()
        name, opening = name_of(node.line), self.number(node.opening)
        if node.periods == 1 and name in loop.names:
            if name not in loop.previous:
                loop.previous[name] = (w.register(opening), opening)
            return loop.previous[name][0]
        return self._elsewhere(node, opening)

    def _elsewhere(self, node: Lag | Lead, outside: Number) -> Number:
        """A row in another period, or what is read `outside` of it."""
        w, name = self.writer, name_of(node.line)
        beyond, period = self._shifted(node)
        if not self.model.lines[name].varies:
            value = self.number(node.line)
        elif name in self.places:
            base = w.offset("%stored", w.emit(f"mul i64 {period}, {self.turn}"))
            value = w.load(w.offset(base, self.places[name] * self.width), self.alignment)
        else:
            base = w.offset("%rows", w.emit(f"mul i64 {period}, %row_stride"))
            value = w.load_splat(w.offset(base, self.certain.place(node.line)))
        return w.choose_all(beyond, outside, value)

    def _shifted(self, node: Lag | Lead) -> tuple[str, str]:
        """Whether the period so long ago or ahead lies outside of the row, and its number, or 0."""
        loop, w = self._now(), self.writer
        shift = -node.periods if isinstance(node, Lag) else node.periods
        if shift not in loop.shifts:
            if shift < 0:
                beyond = w.emit(f"icmp slt i64 {loop.period}, {-shift}")
                period = w.emit(f"sub i64 {loop.period}, {-shift}")
            else:
                beyond = w.emit(f"icmp sge i64 {loop.period}, {self.length - shift}")
                period = w.emit(f"add i64 {loop.period}, {shift}")
            loop.shifts[shift] = beyond, w.emit(f"select i1 {beyond}, i64 0, i64 {period}")
        return loop.shifts[shift]

    def _row(self, node: Node) -> Row:
        """A whole row, for a reduction that runs after the loop."""
        w, name = self.writer, name_of(node)
        if name in self.places:
            start = w.offset("%stored", self.places[name] * self.width)
            return Row(
                self.length,
                lambda period: w.load(w.offset(start, w.emit(f"mul i64 {period}, {self.turn}")), self.alignment),
            )
        column = w.offset("%rows", self.certain.place(node))
        return Row(self.length, lambda period: w.load_splat(w.offset(column, w.emit(f"mul i64 {period}, %row_stride"))))

    def _shock(self, name: str) -> Number:
        """What `@draw` has put into memory for this period."""
        w, row = self.writer, self.needs.drawn.index(name)
        start = w.offset("%scratch", row * padded(self.length, self.width) * self.width)
        turn = w.emit(f"mul i64 {self._now().period}, {self.width}")
        return w.load(w.offset(start, turn), self.alignment)

    def _fault(self, node: Node, *, guarded: bool) -> Condition | None:
        """Where evaluating an expression is a fault; None where it never is or another place says so.

        Every path and period meets what is not `guarded` by a choice. A certain fault of that kind stops the plain
        evaluation that fills the tables; one that does not vary is told once per path, before the loop.
        """
        if self.certain.is_certain(node) and not (guarded and may_fault(node)):
            return None
        section, _, faults = self._memory_of(node)
        key = self.numbering.of(node), guarded
        if key not in faults:
            with self.writing_to(section):
                faults[key] = self._fault_computed(node, guarded)
            condition = faults[key]
            if not guarded and section is self.outer and condition is not None:
                self.found.append(condition)
                faults[key] = None
        return faults[key]

    def _fault_computed(self, node: Node, guarded: bool) -> Condition | None:
        w = self.writer
        if self.certain.is_certain(node):
            return self._tabled(node, fault=True) > 0.0
        choice = guarded or (isinstance(node, Apply) and node.operation.guards is not None)
        found: Condition | None = fault_of(
            w,
            node,
            self.value,
            lambda below: self._fault(below, guarded=choice),
            lambda shift: w.splat(Condition, self._shifted(shift)[0], "i1"),
        )
        return found
