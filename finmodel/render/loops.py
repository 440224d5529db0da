"""The plan as LLVM IR: a function that computes one block of paths, with one loop over the periods per stage.

What does not vary in time stands before the loop that first reads it. A lag of one period within a stage is carried
from turn to turn. Rows that a later stage, a longer lag or a reduction reads are kept in scratch memory, so that a
block works in a few hundred kilobytes whatever the number of paths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from finmodel.graph.model import Line
from finmodel.graph.nodes import Item
from finmodel.graph.writer import Value, Writer
from finmodel.render.certain import Certain
from finmodel.render.draws import draws_text
from finmodel.render.expressions import Expressions, Loop
from finmodel.render.lanes import Lanes, Number, Section
from finmodel.render.needs import last_of, needs_of
from finmodel.render.numbering import name_of
from finmodel.render.plan import Plan

ARGUMENTS = (
    "ptr noalias %inputs, ptr noalias %numbers, ptr noalias %rows, ptr noalias %out, "
    "i64 %input_stride, i64 %row_stride, i64 %output_stride, i64 %column, i32 %path, i32 %seed, ptr noalias %scratch"
)
Carried = tuple[Lanes, Lanes, Lanes]
"""A register of a loop, its value before the loop and its value after a turn."""
Finish = Callable[[Writer, Value], Value]


class BlockPrinter:
    """Prints ``@block``: `column` is where the block stands in inputs and outputs, `path` its first path's number."""

    def __init__(
        self, plan: Plan, certain: Certain, outputs: Sequence[str], width: int, rows: Sequence[str] = ()
    ) -> None:
        self.plan, self.certain, self.outputs, self.width = plan, certain, tuple(outputs), width
        self.rows = tuple(rows)
        self.needs = needs_of(plan, certain, (*outputs, *rows))
        self.expressions = Expressions(plan, certain, self.needs, width)
        self.writer = self.expressions.writer

    @property
    def scratch(self) -> int:
        """Doubles of scratch memory that a block works in: the draws, then the stored rows."""
        return self.expressions.drawn + self.expressions.length * self.expressions.turn

    def print(self) -> str:
        """The text of the function, and of the one that draws shocks for it."""
        w, known = self.writer, self.expressions
        if self.needs.drawn:
            w.effect("call void @draw(i32 %path, i32 %seed, ptr %scratch)")
        w.effect(f"%stored = getelementptr double, ptr %scratch, i64 {known.drawn}")
        for number, stage in enumerate(self.plan.stages):
            for line in stage.once:
                if line.name in self.needs.lines:
                    known.values[known.numbering.line(line.name)] = known.line(line, known.found)
            lines = [line for line in stage.each_period if line.name in self.needs.lines]
            if lines:
                self._print_loop(number, lines)
        fault = w.condition(False)
        for condition in known.found:
            fault = fault | condition
        results = [known.number(Item("line", name)) + 0.0 for name in self.outputs]  # a zero has no sign outside
        for place, result in enumerate([*results, w.choose(fault, 1.0, 0.0)]):
            row = w.emit(f"mul i64 %output_stride, {place}")
            w.store(result, w.offset(w.offset("%out", row), "%column"), 8)
        body = "\n".join(known.outer.lines)
        streams = [list(self.plan.model.shocks).index(name) for name in self.needs.drawn]
        draw = draws_text(streams, known.length, self.width) if streams else ""
        return f"{draw}define internal void @block({ARGUMENTS}) #0 {{\nentry:\n{body}\n  ret void\n}}\n"

    def _print_loop(self, number: int, lines: Sequence[Line]) -> None:
        w, known, name = self.writer, self.expressions, f"stage{number}"
        unfinished: list[tuple[int, Finish]] = []
        loop = known.loop = Loop(frozenset(line.name for line in lines), Section(name, depth=1), f"%t{number}")
        with known.writing_to(loop.section):
            loop.now = w.offset("%stored", w.emit(f"mul i64 {loop.period}, {known.turn}"))
            loop.table = w.offset("%rows", w.emit(f"mul i64 {loop.period}, %row_stride"))
            for line in lines:
                value = loop.values[known.numbering.line(line.name)] = known.line(line, loop.found)
                if line.name in known.places:
                    w.store(value, w.offset(loop.now, known.places[line.name] * self.width), known.alignment)
                if line.name in self.rows:
                    self._put_out(line.name, value, loop.period)
            carried = [*self._reductions(loop, unfinished), *self._faults(loop)]
            for line_name, (previous, opening) in loop.previous.items():
                carried.append((previous, opening, loop.values[known.numbering.line(line_name)]))
            following = w.emit(f"add i64 {loop.period}, 1")
            done = w.emit(f"icmp eq i64 {following}, {known.length}")
        before, end, after = known.outer.label, loop.section.label, f"after{number}"
        w.effect(f"br label %{name}")
        known.outer.begin(name)
        w.effect(f"{loop.period} = phi i64 [0, %{before}], [{following}, %{end}]")
        for register, first, turned in carried:
            w.effect(f"{register} = phi {w.type_of(register)} [{first}, %{before}], [{turned}, %{end}]")
        known.outer.lines += loop.section.lines
        w.effect(f"br i1 {done}, label %{after}, label %{name}")
        known.outer.begin(after)
        loop.section.closed_into, known.loop = known.outer, None
        if loop.sound is not None:
            known.found.append(loop.sound[1].missing())
        for key, finish in unfinished:
            known.values[key] = w.lanes(finish(w, known.values[key]))

    def _put_out(self, name: str, value: Number, period: str) -> None:
        """A line's value in one period among the outputs, behind the metrics and the row of faults."""
        w = self.writer
        first = len(self.outputs) + 1 + self.rows.index(name) * self.expressions.length
        row = w.emit(f"mul i64 %output_stride, {w.emit(f'add i64 {period}, {first}')}")
        w.store(value + 0.0, w.offset(w.offset("%out", row), "%column"), 8)

    def _reductions(self, loop: Loop, unfinished: list[tuple[int, Finish]]) -> Iterator[Carried]:
        """Reductions in one pass whose rows are all known in this loop."""
        w, known = self.writer, self.expressions
        for node in self.needs.carried:
            key, fold = known.numbering.of(node), node.reduction.fold
            last = last_of(map(name_of, node.rows), self.needs.lines, self.plan.model.stage)
            if key in known.values or fold is None or last not in loop.names:
                continue
            values = [known.number(row) for row in node.rows]
            register = w.register(values[0])
            known.values[key] = w.lanes(fold.step(w, register, *values))
            if fold.finish is not None:
                unfinished.append((key, fold.finish))
            yield register, w.constant(fold.initial), known.values[key]

    def _faults(self, loop: Loop) -> Iterator[Carried]:
        """Whether any period so far was a fault."""
        if loop.sound is not None:
            yield loop.sound[0], self.writer.constant(0.0), loop.sound[1]
        if loop.found:
            never = self.writer.condition(False)
            register = state = self.writer.register(never)
            for condition in loop.found:
                state = state | condition
            self.expressions.found.append(state)
            yield register, never, state


def kernel_text(printer: BlockPrinter, attributes: str) -> str:
    """The module: ``@run`` walks the paths from `low` to `high`, a whole number of blocks."""
    width, block = printer.width, printer.print()
    rows = printer.certain.shape[1]
    return f"""{block}
define void @run(ptr noalias %inputs, ptr noalias %numbers, ptr noalias %rows, ptr noalias %out, i64 %input_stride,
                 i64 %output_stride, i64 %low, i64 %high, i32 %first_path, i32 %seed, ptr noalias %scratch) #0 {{
entry:
  %some = icmp slt i64 %low, %high
  br i1 %some, label %loop, label %done
loop:
  %column = phi i64 [%low, %entry], [%following, %loop]
  %short = trunc i64 %column to i32
  %path = add i32 %first_path, %short
  call void @block(ptr %inputs, ptr %numbers, ptr %rows, ptr %out, i64 %input_stride, i64 {rows}, i64 %output_stride,
                   i64 %column, i32 %path, i32 %seed, ptr %scratch)
  %following = add i64 %column, {width}
  %more = icmp slt i64 %following, %high
  br i1 %more, label %loop, label %done
done:
  ret void
}}
attributes #0 = {{ nounwind {attributes} }}
"""
