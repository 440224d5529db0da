"""The terminal: text of a case written plainly, and a bar for work that takes long."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.segment import Segment

WAIT = 2.0  # seconds without a word before a progress bar is worth showing
UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def console(stderr: bool = False) -> Console:
    """Where to print; a pipe has lines as long as they need be, and nothing in a text is taken for a command."""
    printer = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    if not printer.is_terminal:
        printer = Console(stderr=stderr, markup=False, highlight=False, emoji=False, width=4096)  # a pipe has no width
    printer.push_render_hook(_Plainly())
    return printer


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar with the time left, on a terminal's standard error, once the work has taken longer than a moment."""
    errors = Console(stderr=True)
    if not errors.is_terminal:
        yield None
        return

    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=errors, transient=True)
    task = bar.add_task(label)
    began = time.monotonic()

    def report(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)
        if time.monotonic() - began > WAIT:
            bar.start()

    try:
        yield report
    finally:
        bar.stop()


class _Plainly(RenderHook):
    """Text from a case file reaches the terminal as text: what would steer the terminal is written out instead."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Plain(renderable) for renderable in renderables]


class _Plain:
    def __init__(self, content: ConsoleRenderable) -> None:
        self.content = content

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self.content, options):
            if segment.control:
                yield segment
            else:
                yield Segment(UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], segment.text), segment.style)
