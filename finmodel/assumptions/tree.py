"""The tree of a YAML file: plain values and their rows, built from the parser's events.

Nothing in a file can construct anything: tags are refused, aliases may repeat a value but neither contain themselves
nor multiply past a limit, and YAML 1.2 decides what is a number.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from finmodel.errors import Fault

LARGEST_TREE = 100_000
"""Values of a file once its aliases are written out."""

DEEPEST = 20
"""Levels of nesting."""

INTEGER = re.compile(r"[-+]?[0-9]+")
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)")
NOT_A_NUMBER = re.compile(r"\.(nan|NaN|NAN)")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


Steps = Sequence[str | int]
"""The way to a value: keys, and places in a list from 0."""


class Unreadable:
    """Stands for a value that a fault of the reader already names, so that nothing else complains of it."""

    def __str__(self) -> str:
        return "an unreadable value"


UNREADABLE = Unreadable()


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a file and the row where it begins; `size` counts the values in it, `height` the levels below it."""

    value: Any
    row: int
    size: int = 1
    height: int = 0

    def child(self, step: str | int) -> tuple[int, Node] | None:
        """The member of that key or place, and the row of its key or of itself; None where there is none."""
        if isinstance(self.value, dict) and step in self.value:
            found: tuple[int, Node] = self.value[step]
            return found
        if isinstance(self.value, tuple) and isinstance(step, int) and 0 <= step < len(self.value):
            return self.value[step].row, self.value[step]
        return None

    def plain(self) -> Any:
        """The value in dicts, tuples, strings, numbers, dates and None."""
        if isinstance(self.value, dict):
            return {key: member.plain() for key, (_, member) in self.value.items()}
        if isinstance(self.value, tuple):
            return tuple(member.plain() for member in self.value)
        return self.value


class Stop(Exception):
    """What comes after this fault in the file cannot be read."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class Builder:
    """Builds the tree of one file; `faults` are those that left something to read.

    Parameters
    ----------
    file
        As a fault names it.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.anchors: dict[str, Node] = {}
        self.open: list[str] = []

    def build(self, text: str) -> Node:
        """The tree of the file's text.

        Raises
        ------
        Stop
            Where nothing more can be read.
        """
        with suppress(Stop, YAMLError, ValueError, IndexError):
            # The parser in C, where there is one, reads twenty times as fast. Whatever is at fault is read again in
            # Python, which knows YAML 1.2 and words its faults in one way everywhere.
            root = self._document(iter(YAML(typ="safe", pure=False).parse(text)))
            if not self.faults:
                return root
        self.faults.clear()
        self.anchors.clear()
        self.open.clear()
        try:
            return self._document(iter(YAML(typ="safe", pure=True).parse(text)))
        except MarkedYAMLError as fault:
            mark = fault.problem_mark or fault.context_mark
            row = mark.line + 1 if mark is not None else None
            reason = " ".join(part for part in (fault.context, fault.problem) if part)
            raise self._stop("is not YAML", row, found=reason, expected="YAML 1.2") from fault
        except ReaderError as fault:
            row = text.count("\n", 0, fault.position) + 1
            raise self._stop("is not YAML", row, found=f"U+{int(fault.character):04X}", expected="text") from fault
        except (YAMLError, ValueError, IndexError) as fault:  # slips of the scanner on what is no YAML
            reason = " ".join(str(fault).split())[:100]
            raise self._stop("is not YAML", 1, found=reason, expected="YAML 1.2") from fault

    def _document(self, events: Iterator[Event]) -> Node:
        root: Node | None = None
        for event in events:
            if isinstance(event, DocumentStartEvent):
                row = _row(event)
                if root is not None:
                    raise self._stop("holds several documents", row, found="a second '---'", expected="one document")
                if event.version and tuple(event.version) != (1, 2):
                    version = ".".join(str(part) for part in event.version)
                    raise self._stop("is not YAML 1.2", row, found=f"%YAML {version}", expected="%YAML 1.2")
                root = self._node(next(events), events, (), 0)
        if root is None or root.value is None:
            raise self._stop("is empty", 1, found="nothing", expected="keys and values")
        if not isinstance(root.value, dict):
            raise self._stop("does not hold keys and values", root.row, found=described(root.plain()), expected="keys")
        return root

    def _node(self, event: Event, events: Iterator[Event], path: tuple[str | int, ...], depth: int) -> Node:
        row = _row(event)
        if isinstance(event, AliasEvent):
            return self._within_limits(self._alias(event, row, path), row, path, depth)
        if depth > DEEPEST:
            raise self._too_deep(row, path)
        if not isinstance(event, MappingStartEvent | SequenceStartEvent | ScalarEvent):
            raise self._stop("is not YAML", row, path, found=type(event).__name__, expected="a value")
        if event.tag is not None:
            self._fault(
                "has a tag", row, path, found=str(event.tag), expected="a plain value", remedy="leave the tag out"
            )
        anchor = event.anchor
        if anchor is not None:
            self.open.append(anchor)
        if isinstance(event, MappingStartEvent):
            node = self._mapping(row, events, path, depth)
        elif isinstance(event, SequenceStartEvent):
            node = self._sequence(row, events, path, depth)
        else:
            node = Node(event.value if event.style else self._scalar(event, row, path), row)
        if event.tag is not None and not isinstance(node.value, dict):
            node = Node(UNREADABLE, row)
        if anchor is not None:
            self.open.pop()
            self.anchors[anchor] = node
        return self._within_limits(node, row, path, depth)

    def _within_limits(self, node: Node, row: int, path: Steps, depth: int) -> Node:
        if node.size > LARGEST_TREE:
            raise self._stop(
                "grows too large when its aliases are written out", row, path, found=f"{node.size:,} values",
                expected=f"at most {LARGEST_TREE:,} values",
            )  # fmt: skip
        if depth + node.height > DEEPEST:
            raise self._too_deep(row, path)
        return node

    def _too_deep(self, row: int, path: Steps) -> Stop:
        return self._stop("is nested too deep", row, path, expected=f"at most {DEEPEST} levels")

    def _alias(self, event: AliasEvent, row: int, path: tuple[str | int, ...]) -> Node:
        name = event.anchor
        if name in self.open:
            raise self._stop(
                "contains itself", row, path, found=f"*{name}", expected="a value without itself inside",
                remedy="write the value out",
            )  # fmt: skip
        if name not in self.anchors:
            raise self._stop("names no anchor", row, path, found=f"*{name}", expected=f"&{name} in an earlier row")
        return self.anchors[name]

    def _mapping(self, row: int, events: Iterator[Event], path: tuple[str | int, ...], depth: int) -> Node:
        members: dict[str, tuple[int, Node]] = {}
        size = 1
        while not isinstance(event := next(events), MappingEndEvent):
            key_row = _row(event)
            key_node = self._node(event, events, path, depth + 1)
            key = key_node.value
            name = key if isinstance(key, str) else described(key_node.plain())
            member = self._node(next(events), events, (*path, name), depth + 1)
            size += member.size
            if not isinstance(key, str):
                self._fault(
                    "is no name", key_row, path, found=name, expected="text as a key", remedy="put it in quotes"
                )
            elif key == "<<":
                self._fault("merges keys", key_row, path, found="<<", expected="YAML 1.2", remedy="write the keys out")
            elif key in members:
                self._fault(
                    "stands twice", key_row, (*path, key), found=f"rows {members[key][0]} and {key_row}",
                    expected="each key once", remedy="leave one out",
                )  # fmt: skip
            else:
                members[key] = (key_row, member)
        return Node(members, row, size, 1 + max((node.height for _, node in members.values()), default=0))

    def _sequence(self, row: int, events: Iterator[Event], path: tuple[str | int, ...], depth: int) -> Node:
        members: list[Node] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            members.append(self._node(event, events, (*path, len(members)), depth + 1))
        size = 1 + sum(member.size for member in members)
        return Node(tuple(members), row, size, 1 + max((member.height for member in members), default=0))

    def _scalar(self, event: ScalarEvent, row: int, path: tuple[str | int, ...]) -> Any:
        """What a plain scalar means by YAML 1.2's core schema, and calendar dates."""
        text = event.value
        if text in ("", "~", "null", "Null", "NULL"):
            return None
        if text in ("true", "True", "TRUE"):
            return True
        if text in ("false", "False", "FALSE"):
            return False
        if INTEGER.fullmatch(text) and len(text) < 300:
            return int(text)
        number = float(text) if NUMBER.fullmatch(text) else None
        if number is not None and math.isfinite(number):
            return number
        if number is not None or INFINITE.fullmatch(text) or NOT_A_NUMBER.fullmatch(text):
            self._fault("is not a finite number", row, path, found=text[:40], expected="a finite number")
            return UNREADABLE
        if DATE.fullmatch(text):
            try:
                return datetime.date.fromisoformat(text)
            except ValueError:
                self._fault("is no day of the calendar", row, path, found=text, expected="YYYY-MM-DD")
                return UNREADABLE
        return text

    def _fault(self, message: str, row: int, path: Steps, **details: str) -> None:
        self.faults.append(Fault(message, file=self.file, row=row, key=key_of(path), **details))

    def _stop(self, message: str, row: int | None, path: Steps = (), **details: str) -> Stop:
        return Stop(Fault(message, file=self.file, row=row, key=key_of(path), **details))


def _row(event: Event) -> int:
    return int(event.start_mark.line) + 1


def key_of(path: Steps) -> str | None:
    """A path as a fault names it: `rack_power.range`, `correlations[0].rank`."""
    steps = path[1:] if len(path) > 1 and path[0] == "figures" else path
    text = ".".join(str(step) if isinstance(step, str) else f"[{step}]" for step in steps)
    return text.replace(".[", "[") or None


def described(value: Any) -> str:
    """A value as a fault names it: short, and never a screenful."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case dict():
            inner = ", ".join(str(key)[:40] for key in list(value)[:6])
            return f"{{{inner}{', …' if len(value) > 6 else ''}}}"
        case tuple() | list():
            inner = ", ".join(described(member) for member in value[:4])
            return f"[{inner}{', …' if len(value) > 4 else ''}]"
        case str():
            return f"'{value[:60]}{'…' if len(value) > 60 else ''}'"
        case float() | int():
            return f"{value:.15g}" if isinstance(value, float) or abs(value) < 1e15 else "a number of many digits"
        case _:
            return str(value)
