"""How a line's expression becomes a formula, wherever the rows of the sheet stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from finmodel.errors import CalculationFault, ModelFault
from finmodel.graph.model import Line, Model
from finmodel.graph.nodes import Apply, Const, Item, Lag, Lead, Node, Reduce, items
from finmodel.graph.operations import ATOM, OPERATIONS
from finmodel.graph.writer import SCALARS, Value
from finmodel.render import term
from finmodel.render.constants import Constants
from finmodel.render.plain import Evaluation
from finmodel.render.printing import print_expression
from finmodel.render.sheet import MISSING, address, column_name
from finmodel.render.term import Term
from finmodel.render.workings import CONSTANT, COUNTER, OPENING, TIMING, PeriodRow, Workings


@dataclass
class Places:
    """Where everything stands.

    Attributes
    ----------
    numbers
        The sheet and row of each line, from 0.
    rows
        Those of them that have a cell for each period, with their values.
    """

    series: dict[str, PeriodRow]
    shocks: dict[str, PeriodRow] = field(default_factory=dict)
    numbers: dict[str, tuple[str, int]] = field(default_factory=dict)
    rows: dict[str, PeriodRow] = field(default_factory=dict)

    def constant(self, name: str) -> str:
        """The cell of a line that does not vary."""
        sheet, row = self.numbers[name]
        return f"{sheet}!{address(row, CONSTANT, fixed=True)}"

    def opening(self, name: str) -> str:
        """The cell with what lags of a line read before period 0."""
        sheet, row = self.numbers[name]
        return f"{sheet}!{address(row, OPENING, fixed=True)}"


@dataclass
class Formulas:
    """Prints formulas and computes what does not vary in time."""

    model: Model
    evaluation: Evaluation
    values: Mapping[str, float]
    inputs: Mapping[str, str]
    places: Places
    constants: Constants
    desk: Workings

    def guarded(self, line: Line) -> str:
        """The formula of a line that does not vary; "none" where it reads a metric that does not exist."""
        text = self.printed(line.expression)
        read = {item.name: item for item in items(line.expression) if item.kind == "line"}
        present = [f"ISNUMBER({self._item(read[name])})" for name in read if self.model.lines[name].may_be_missing]
        if not present:
            return text
        condition = present[0] if len(present) == 1 else f"AND({','.join(present)})"
        return f'IF({condition},{text},"{MISSING}")'

    def printed(self, node: Node | None) -> str:
        """The text of an expression; `{c}` in it is the column of the cell, `{p}` the column before."""
        if node is None:
            raise ModelFault("a line without an opening is lagged")
        return print_expression(_signed_plainly(node), "excel", self._leaf)

    def _leaf(self, node: Node) -> str:
        match node:
            case Const(value=value) if abs(value) in term.WRITTEN:
                return f"{value:g}" if value >= 0 else "(-1)"
            case Const(value=value, unit=unit, name=name):
                key, note = (name, "Factor of a change of scale.") if name else ("number", "Stated by a formula.")
                return self.constants.named(f"{key} {value:.15g}", value, unit, note)
            case Item():
                return self._item(node)
            case Lag(line=Item(name=name), periods=periods):
                return self._lag(self.places.rows[name], periods)
            case Lead(line=Item(name=name), periods=periods, closing=closing):
                return self._lead(self.places.rows[name], periods, closing)
            case Reduce():
                return self._reduce(node).within(ATOM)
            case _:
                raise TypeError(f"{node!r} cannot be printed")

    def _item(self, item: Item) -> str:
        match item.kind:
            case "input":
                return self.inputs[item.name]
            case "number":
                return self.constants.of(item.name)
            case "series":
                return f"{TIMING}!{{c}}${self.places.series[item.name].number + 1}"
            case "shock":
                return self.places.shocks[item.name].cell(0).text
            case "line" if self.model.lines[item.name].varies:
                return self.places.rows[item.name].cell(0).text
            case "line":
                return self.places.constant(item.name)

    def _lag(self, row: PeriodRow, periods: int) -> str:
        if periods == 1:
            return f"{row.sheet}!{{p}}{row.number + 1}"
        count = self.constants.named(f"lag {periods}", float(periods), "1", "How many periods a formula looks back.")
        start = f"${column_name(OPENING)}{row.number + 1}"
        return f"INDEX({row.sheet}!{start}:{{p}}{row.number + 1},MAX({{c}}${COUNTER + 1}-{count},1))"

    def _lead(self, row: PeriodRow, periods: int, closing: Node) -> str:
        count = "1"
        if periods > 1:
            note = "How many periods a formula looks ahead."
            count = self.constants.named(f"lead {periods}", float(periods), "1", note)
        period = f"{TIMING}!{{c}}${self.places.series['period'].number + 1}+{count}"
        last, beyond = self.constants.of("periods"), self.printed(closing)
        return f"IF({period}>{last},{beyond},INDEX({row.whole.text},{period}+1))"

    def _reduce(self, node: Reduce) -> Term:
        rows = [self.places.rows[row.name] for row in node.rows if isinstance(row, Item)]
        texts = [self.printed(scalar) for scalar in node.scalars]
        asker = (tuple(row.number for row in rows), *texts)
        units = [self.model.unit_of(row) for row in node.rows if isinstance(row, Item)]
        self.desk.begin(self.constants.user, node.reduction.name, asker, units[0] if units else "1")
        scalars = [self._scalar(*pair, place) for place, pair in enumerate(zip(node.scalars, texts, strict=True), 1)]
        made = node.reduction.sheet(self.desk, rows, scalars)
        return made if isinstance(made, Term) else term.lift(made)

    def _scalar(self, node: Node, text: str, place: int) -> Term:
        """An argument of a reduction; an expression gets a cell of its own."""
        read = Term(text, self.value(node))
        if isinstance(node, Item) or text in ("0", "1"):
            return read
        made: Term = self.desk.once(place, lambda: self.desk.cell(f"argument {place}", "", read))
        return made

    def value(self, node: Node | None) -> float:
        """The value of an expression that does not vary in time.

        Raises
        ------
        CalculationFault
            Where it divides by zero. Under a choice that is not taken Python never computes it, but a sheet does.
        """
        try:
            return float(self._compute(node))
        except ZeroDivisionError as fault:
            why = "an opening or argument divides by zero, which a sheet shows although nothing reads it"
            raise CalculationFault(why, line=self.constants.user) from fault

    def _compute(self, node: Node | None) -> Value:
        match node:
            case Const(value=value):
                return value
            case Item(kind="input", name=name):
                return self.values[name]
            case Item(kind="number", name=name):
                return self.model.timeline.numbers[name]
            case Item(name=name):
                return self.evaluation.scalars[name]
            case Apply(operation=operation, args=(condition, chosen, otherwise)) if operation.name == "where":
                return self._compute(chosen if self._compute(condition) else otherwise)
            case Apply(operation=operation, args=(above, below, otherwise)) if operation.name == "ratio":
                under = self._compute(below)
                return self._compute(above) / under if under else self._compute(otherwise)
            case Apply(operation=operation, args=args):
                return operation.write(SCALARS, *map(self._compute, args))
            case Reduce(reduction=reduction, rows=rows, scalars=scalars):
                read = [self.places.rows[row.name].values.tolist() for row in rows if isinstance(row, Item)]
                return float(reduction.write(SCALARS, read, [self.value(scalar) for scalar in scalars]))
            case _:
                raise TypeError(f"{node!r} varies in time")


def _signed_plainly(node: Node) -> Node:
    """The expression with 0-(a*b) for -(a*b): some spreadsheets lose the brackets in c/-(a*b) when they read a file."""
    if not isinstance(node, Apply):
        return node
    args = tuple(map(_signed_plainly, node.args))
    if node.operation.name == "neg" and isinstance(args[0], Apply) and args[0].operation.name in ("*", "/"):
        return Apply(OPERATIONS["-"], (Const(0.0), args[0]))
    return replace(node, args=args)
