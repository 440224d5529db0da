"""The plain rendering: readable Python source for one path, the reference for all the others.

The source is generated from the plan and kept in memory; tracebacks show it through linecache.
"""

from __future__ import annotations

import itertools
import linecache
import math
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType, TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import CalculationFault
from finmodel.graph import elementary
from finmodel.graph.model import Line
from finmodel.graph.nodes import Const, Item, Lag, Lead, Node, Reduce
from finmodel.graph.writer import SCALARS
from finmodel.render.plan import Plan
from finmodel.render.printing import print_expression

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evaluation:
    """All lines on one path.

    Attributes
    ----------
    rows
        Lines that vary in time, each of shape (periods + 1,).
    scalars
        Lines that do not; NaN is a metric that does not exist.
    shocks
        The shocks behind them, each of shape (periods + 1,).
    """

    rows: Mapping[str, Floats]
    scalars: Mapping[str, float]
    shocks: Mapping[str, Floats]


class Plain:
    """The plan as a Python function of one path; `source` is its text."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        printer = _Printer(plan)
        self.source = printer.print()
        self._line_of_row = printer.line_of_row
        self._name = f"<plain rendering {id(self)}>"
        weakref.finalize(self, linecache.cache.pop, self._name, None)
        linecache.cache[self._name] = (len(self.source), None, self.source.splitlines(keepends=True), self._name)
        namespace: dict[str, Any] = {"power": _power, "exp": _exp, "log": _log, "nan": math.nan} | printer.reductions
        code: CodeType = compile(self.source, self._name, "exec")
        exec(code, namespace)  # noqa: S102  # the text was printed above from checked expressions, never from the user's input
        self._run: Callable[..., Iterator[tuple[dict[str, list[float]], dict[str, float]]]] = namespace["run"]

    def run(
        self, values: Mapping[str, float], shocks: Mapping[str, Floats] | None = None, path: int | None = None
    ) -> Evaluation:
        """Compute every line.

        Parameters
        ----------
        values
            A number for every input, in the input's unit.
        shocks
            For each shock an array of shape (periods + 1,); zero where not given.
        path
            The number of the path, for the message of a fault.

        Raises
        ------
        CalculationFault
            Naming line and period, where a division by zero, a logarithm of nothing or an overflow occurs.
        """
        model = self.plan.model
        length = model.timeline.periods + 1
        drawn = {name: np.zeros(length) for name in model.shocks} | dict(shocks or {})
        given = {name: row.tolist() for name, row in drawn.items()}
        series = {name: row.tolist() for name, row in model.timeline.series.items()}
        inputs = {name: float(values[name]) for name in model.inputs}
        try:
            # A generator keeps its thousands of variables in an object of its own. On the interpreter's stack they
            # would fill a block, and each call of exp or power from near its end fetch another from the system and
            # give it back, at several times the cost of the whole model.
            rows, scalars = next(self._run(inputs, series, model.timeline.numbers, given, length))
        except (ZeroDivisionError, _OutOfBoundsError, OverflowError) as fault:
            raise self._located(fault, fault.__traceback__, path) from fault
        # A zero has no sign outside: minus zero plus zero is zero.
        evaluation = Evaluation(
            {name: np.array(row) + 0.0 for name, row in rows.items()},
            {name: value + 0.0 for name, value in scalars.items()},
            drawn,
        )
        self._refuse_infinite(evaluation, path)
        return evaluation

    def _located(self, fault: Exception, trace: TracebackType | None, path: int | None) -> CalculationFault:
        line, period = None, None
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self._name:
                line = self._line_of_row.get(trace.tb_lineno)
                number = trace.tb_frame.f_locals.get("t")
                if line and self.plan.model.lines[line].varies and number is not None:
                    period = self.plan.model.timeline.labels[number]
            trace = trace.tb_next
        why = "division by zero" if isinstance(fault, ZeroDivisionError) else str(fault)
        return CalculationFault(why, line=line, period=period, path=path)

    def _refuse_infinite(self, evaluation: Evaluation, path: int | None) -> None:
        model = self.plan.model
        for name in model.order:
            if name in evaluation.rows:
                bad = np.flatnonzero(~np.isfinite(evaluation.rows[name]))
                if bad.size:
                    label = model.timeline.labels[int(bad[0])]
                    raise CalculationFault("not a finite number", line=name, period=label, path=path)
                continue
            value = evaluation.scalars[name]
            if math.isinf(value) or (math.isnan(value) and not model.lines[name].may_be_missing):
                raise CalculationFault("not a finite number", line=name, path=path)


class _OutOfBoundsError(ArithmeticError):
    """An argument outside the domain of a function."""


def _power(base: float, exponent: float) -> float:
    if base < 0.0 or not (base > 0.0 or exponent > 0.0):
        raise _OutOfBoundsError(f"{base:g} to the power {exponent:g}")
    return float(elementary.power(SCALARS, base, exponent))


def _exp(x: float) -> float:
    if not x <= elementary.EXP_HIGHEST:
        raise _OutOfBoundsError(f"exponential of {x:g}")
    return float(elementary.exp(SCALARS, x))


def _log(x: float) -> float:
    if not x > 0.0:
        raise _OutOfBoundsError(f"logarithm of {x:g}")
    return float(elementary.log(SCALARS, x))


OWN_NAMES = frozenset(
    {"run", "inputs", "series", "numbers", "shocks", "length", "t", "range", "min", "max", "nan", "power", "exp", "log"}
)
"""What the generated source calls by these names; its other names begin with an underscore, as no item's name does."""


class _Names:
    """Python names for the items of a model, no two alike: `x` for the number, `x_row` for the row of `x`."""

    def __init__(self, names: Iterable[str]) -> None:
        self._given: dict[str, str] = {}
        taken = set(OWN_NAMES)
        for name in names:
            written = name.replace(".", "__")
            while taken & {written, f"{written}_row"}:
                written += "_"
            taken |= {written, f"{written}_row"}
            self._given[name] = written

    def __getitem__(self, name: str) -> str:
        return self._given[name]


class _Printer:
    """Prints the function `run`; remembers which of its rows computes which line."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.lines = plan.model.lines
        model = plan.model
        self.names = _Names(
            (*model.timeline.numbers, *model.timeline.series, *model.inputs, *model.shocks, *model.lines)
        )
        self.text: list[str] = []
        self.line_of_row: dict[int, str] = {}
        self.reductions: dict[str, Callable[..., float]] = {}
        self._temporaries: Iterator[int] = itertools.count(1)

    def print(self) -> str:
        model = self.plan.model
        self._write("def run(inputs, series, numbers, shocks, length):")
        for name in model.inputs:
            self._write(f"    {self.names[name]} = inputs[{name!r}]")
        for name in model.timeline.numbers:
            self._write(f"    {self.names[name]} = numbers[{name!r}]")
        for name in model.timeline.series:
            self._write(f"    {self.names[name]}_row = series[{name!r}]")
        for name in model.shocks:
            self._write(f"    {self.names[name]}_row = shocks[{name!r}]")
        for number, stage in enumerate(self.plan.stages):
            self._write(f"    # stage {number}")
            for line in stage.once:
                self._assign(line, "    ", {})
            if stage.each_period:
                self._loop(stage.each_period)
        varying = ", ".join(
            f"{line.name!r}: {self.names[line.name]}_row" for line in self.lines.values() if line.varies
        )
        constant = ", ".join(
            f"{line.name!r}: {self.names[line.name]}" for line in self.lines.values() if not line.varies
        )
        self._write(f"    yield {{{varying}}}, {{{constant}}}")
        return "\n".join(self.text) + "\n"

    def _write(self, row: str) -> None:
        self.text.append(row)

    def _loop(self, lines: Sequence[Line]) -> None:
        for line in lines:
            self._write(f"    {self.names[line.name]}_row = [0.0] * length")
        self._write("    for t in range(length):")
        here = {line.name: self.names[line.name] for line in lines}
        for line in lines:
            self._assign(line, "        ", here)

    def _assign(self, line: Line, indent: str, here: Mapping[str, str]) -> None:
        self._temporaries = itertools.count(1)
        text = self._text(self.plan.expression(line.name), here)
        absent = " or ".join(f"{self.names[name]} != {self.names[name]}" for name in self.plan.may_be_missing(line))
        if absent:
            text = f"nan if {absent} else ({text})"
        self._write(f"{indent}{self.names[line.name]} = {text}")
        self.line_of_row[len(self.text)] = line.name
        if line.varies:
            self._write(f"{indent}{self.names[line.name]}_row[t] = {self.names[line.name]}")

    def _text(self, node: Node, here: Mapping[str, str]) -> str:
        return print_expression(node, "python", lambda leaf: self._leaf(leaf, here), self._temporaries)

    def _leaf(self, node: Node, here: Mapping[str, str]) -> str:
        match node:
            case Const(value=value):
                return repr(value) if value >= 0 else f"({value!r})"
            case Item(kind="series" | "shock", name=name):
                return f"{self.names[name]}_row[t]"
            case Item(kind="line", name=name):
                return (
                    f"{self.names[name]}_row[t]" if self.lines[name].varies and name not in here else self.names[name]
                )
            case Item(name=name):
                return self.names[name]
            case Lag(line=Item(name=name), periods=periods, opening=opening):
                past = f"{self.names[name]}_row[t - {periods}]" if self.lines[name].varies else self.names[name]
                first = self._text(opening, here)
                return f"({past} if t >= {periods} else {first})"
            case Lead(line=Item(name=name), periods=periods, closing=closing):
                ahead = f"{self.names[name]}_row[t + {periods}]" if self.lines[name].varies else self.names[name]
                return f"({ahead} if t + {periods} < length else {self._text(closing, here)})"
            case Reduce():
                return self._reduce(node, here)
            case _:
                raise TypeError(f"{node!r} cannot be printed")

    def _reduce(self, node: Reduce, here: Mapping[str, str]) -> str:
        write = node.reduction.write
        name = f"_{node.reduction.name}"
        self.reductions[name] = lambda rows, scalars: float(write(SCALARS, rows, scalars))
        rows = "".join(f"{self.names[row.name]}_row, " for row in node.rows if isinstance(row, Item))
        scalars = "".join(f"{self._text(scalar, here)}, " for scalar in node.scalars)
        return f"{name}(({rows}), ({scalars}))"


def compile_plain(plan: Plan) -> Plain:
    """The plain rendering of a plan."""
    return Plain(plan)
