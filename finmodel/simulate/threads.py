"""Work on several cores: in any order, since what a path gives depends on its number alone.

The calling thread only waits. An interruption is raised there, and work in another thread is done or not done, never
done in part: libraries in compiled code have been seen to lose an interruption and go on with half of their numbers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def beside(first: Callable[[], Task], second: Callable[[], Result], threads: int) -> tuple[Task, Result]:
    """Both results; the two are worked on at once if more than one thread is wanted."""
    with ThreadPoolExecutor(min(threads, 2)) as pool:
        one, other = pool.submit(first), pool.submit(second)
        return one.result(), other.result()


def in_threads(work: Callable[[Task], Result], tasks: Iterable[Task], threads: int) -> Generator[Result, None, None]:
    """Results as they come, in any order; what has not begun when one fails is dropped."""
    with ThreadPoolExecutor(threads) as pool:
        try:
            for future in as_completed([pool.submit(work, task) for task in tasks]):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
