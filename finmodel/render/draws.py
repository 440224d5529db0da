"""Shocks of a block of paths, drawn ahead of the loops over the periods.

A draw is one long chain of dependent instructions, so several periods are drawn at once: their chains fill each other's
gaps. The vectors here are as many paths times periods wide, and what they give lies in memory as [shock][period][path].
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from finmodel.graph.shocks import normal_score, uniform
from finmodel.render.lanes import Word
from finmodel.render.llvm import LlvmWriter

LANES = 32
"""Draws at once."""
ALIGNMENT = 64


def padded(length: int, width: int) -> int:
    """Places for the periods of one shock: a whole number of turns."""
    together = LANES // width
    return -(-length // together) * together


def draws_text(streams: Sequence[int], length: int, width: int) -> str:
    """``@draw(path, seed, draws)``: for each stream and period a vector of `width` paths; zeros in period 0."""
    w, together, size = LlvmWriter(LANES), LANES // width, padded(length, width) * width
    seed = w.splat(Word, "%seed", "i32")
    paths = w.splat(Word, "%path", "i32") + _by_lane(w, lambda lane: lane % width)
    before = w.section.label
    w.effect("br label %turn")
    w.section.begin("turn")
    place = len(w.section.lines)
    first = w.splat(Word, w.emit("trunc i64 %period to i32"), "i32")
    periods = first + _by_lane(w, lambda lane: lane // width)
    for row, stream in enumerate(streams):
        draw = normal_score(w, uniform(seed, w.word(stream), paths, periods))
        start = w.offset("%draws", row * size)
        w.store(draw, w.offset(start, w.emit(f"mul i64 %period, {width}")), ALIGNMENT)
    following = w.emit(f"add i64 %period, {together}")
    more = w.emit(f"icmp slt i64 {following}, {length}")
    w.section.lines.insert(place, f"  %period = phi i64 [0, %{before}], [{following}, %{w.section.label}]")
    w.effect(f"br i1 {more}, label %turn, label %done")
    w.section.begin("done")
    for row in range(len(streams)):
        w.effect(f"store <{width} x double> zeroinitializer, ptr {w.offset('%draws', row * size)}, align {8 * width}")
    body = "\n".join(w.section.lines)
    return (
        f"define internal void @draw(i32 %path, i32 %seed, ptr noalias %draws) #0 {{\nentry:\n{body}\n  ret void\n}}\n"
    )


def _by_lane(w: LlvmWriter, number: Callable[[int], int]) -> Word:
    return Word(w, f"<{', '.join(f'i32 {number(lane)}' for lane in range(LANES))}>")
