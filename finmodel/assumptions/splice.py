"""Changes of a YAML file by its text: what is not changed stays as it was written, comments, order and spaces included.

Values are replaced where they stand, members are added behind the last one and taken out with their rows. The result
is read again and must say what was asked, or the change is refused: an anchor, say, that others repeat.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from finmodel.assumptions.tree import Builder, Stop
from finmodel.errors import Fault, Faults

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*|[0-9]{4}-[0-9]{2}")
"""Texts that need no quotes: names, paths and months."""
RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
COMMENT = re.compile(r"(?:^|(?<=\s))#[^\n]*", re.MULTILINE)
HEADER = re.compile(r"[|>][0-9+-]*[ \t]+(?P<comment>#[^\n]*)")
"""How a block of text begins where a comment stands beside its mark."""
ANCHOR = re.compile(r"(?:^|[\s\[{,])&\w", re.MULTILINE)
INDENT = 2
UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class Removed:
    """Stands for a member that is to go."""


REMOVED = Removed()

Wanted = Mapping[str, Any]
"""What a file is to say, by key: text, numbers, None, mappings of them, `REMOVED`."""


def spliced(text: str, wanted: Wanted, file: str, without: Mapping[str, set[int]] | None = None) -> str:
    """The text of a YAML file, changed.

    Parameters
    ----------
    wanted
        Merged into the file's keys, at every depth.
    file
        As a fault names it.
    without
        By a key of the file, the places in its list of the members that are to go.

    Raises
    ------
    Faults
        Where the text cannot be changed so.
    """
    root = _root(text)
    work = _Splices(text)
    work.merge(root, wanted)
    for key, places in (without or {}).items():
        work.thin(root, key, places)
    changed = work.applied()
    try:
        before, after = (Builder(file).build(one).plain() for one in (text, changed))
    except Stop as stop:
        raise _refused(file, f"{stop.fault.message}, row {stop.fault.row}") from stop
    expected = _merged(before, wanted)
    for key, places in (without or {}).items():
        left = tuple(one for place, one in enumerate(expected[key]) if place not in places)
        expected = {name: left if name == key else one for name, one in expected.items() if name != key or left}
    if expected != after:
        repeated = "a value that other parts of the file repeat"
        raise _refused(file, repeated if ANCHOR.search(text) else "a form of YAML that is not changed by its text")
    return changed


def _refused(file: str, found: str) -> Faults:
    remedy = "write the change into the case's own file by hand, then write the workbook again"
    return Faults(
        [Fault("cannot be changed in place", file, None, None, found, "keys and values, plainly written", remedy)]
    )


def _merged(before: Any, wanted: Any) -> Any:
    if not isinstance(wanted, Mapping):
        return wanted
    merged = dict(before) if isinstance(before, dict) else {}
    for key, value in wanted.items():
        if value is REMOVED:
            merged.pop(key, None)
        else:
            merged[key] = _merged(merged.get(key), value)
    return merged


@dataclass
class _Node:
    """A value and where it stands in the text; `end` is behind its last character."""

    kind: Literal["map", "list", "scalar", "alias"]
    start: int
    end: int
    flow: bool = False
    members: dict[str, tuple[_Node, _Node]] = field(default_factory=dict)
    items: list[_Node] = field(default_factory=list)


def _root(text: str) -> _Node:
    events = iter(YAML(typ="safe", pure=True).parse(text))
    first = next(event for event in events if isinstance(event, MappingStartEvent))
    return _node(first, events, text)


def _node(event: Event, events: Iterator[Event], text: str) -> _Node:
    start, end = event.start_mark.index, event.end_mark.index
    if isinstance(event, AliasEvent):
        return _Node("alias", start, end)
    if isinstance(event, ScalarEvent):
        written = text[start:end].rstrip()  # a block of text ends behind the empty rows that follow it
        return _Node("scalar", start, start + len(written))
    node = _Node(
        "map" if isinstance(event, MappingStartEvent) else "list", start, end, bool(getattr(event, "flow_style", False))
    )
    while not isinstance(one := next(events), MappingEndEvent | SequenceEndEvent):
        member = _node(one, events, text)
        if node.kind == "list":
            node.items.append(member)
            node.end = member.end
            continue
        value = _node(next(events), events, text)
        if value.kind == "scalar" and value.start == value.end:  # nothing stands there: behind the colon
            value.start = value.end = text.find(":", member.end) + 1
        node.members[str(getattr(one, "value", ""))] = (member, value)
        node.end = max(member.end, value.end)
    if node.flow:
        node.end = one.end_mark.index
    return node


class _Splices:
    """Changes of a text, collected against the text as it is."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[tuple[int, int, str]] = []

    def applied(self) -> str:
        """The changed text."""
        text = self.text
        # From the end on; of two at one place the later goes in first, which sorted(reverse=True) would not do.
        for start, end, new in reversed(sorted(self.found, key=lambda one: one[:2])):  # noqa: C413
            text = text[:start] + new + text[end:]
        return text

    def merge(self, node: _Node, wanted: Wanted, owner: _Node | None = None) -> None:
        """Have a mapping say what is wanted; `owner` is the key that it stands under."""
        gone = {key for key, value in wanted.items() if value is REMOVED and key in node.members}
        if node.flow and gone:
            self._rewrite(node, {key: value for key, value in wanted.items() if value is not REMOVED}, gone, owner)
            return
        for key in gone:
            self._cut(node.members[key][0].start, _end(node.members[key]), comments=True)
        added: list[tuple[str, Any]] = []
        for key, value in wanted.items():
            there = node.members.get(key)
            if value is REMOVED:
                continue
            if there is None:
                added.append((key, value))
            elif isinstance(value, Mapping) and there[1].kind == "map":
                self.merge(there[1], value, there[0])
            else:
                self._replace(*there, value)
        if added:
            self._add(node, added, [member for key, member in node.members.items() if key not in gone])

    def thin(self, node: _Node, key: str, places: set[int]) -> None:
        """Take members out of a list; the list too, where none is left."""
        items = node.members[key][1].items
        if len(places) == len(items):
            self._cut(node.members[key][0].start, _end(node.members[key]), comments=True)
        elif node.members[key][1].flow:
            self._above(node.members[key][0], self._comments(node.members[key][1].start, node.members[key][1].end))
            kept = [self.text[one.start : one.end] for place, one in enumerate(items) if place not in places]
            self.found.append((node.members[key][1].start, node.members[key][1].end, f"[{', '.join(kept)}]"))
        else:
            for place in places:
                self._cut(items[place].start, items[place].end, comments=True)

    def _replace(self, key: _Node, value: _Node, wanted: Any) -> None:
        gap = "" if self.text[value.start - 1 : value.start].isspace() else " "
        if value.kind in ("map", "list"):
            self._above(key, self._comments(value.start, value.end))
        elif header := HEADER.match(self.text, value.start):
            self._above(key, [header["comment"].rstrip()])
        self.found.append((value.start, value.end, gap + _flow(wanted)))

    def _rewrite(self, node: _Node, wanted: Wanted, gone: set[str], owner: _Node | None) -> None:
        """A mapping in braces, anew: members that nothing is said of as they were written."""
        parts = [
            f"{_scalar(key)}: {_flow(wanted[key])}" if key in wanted else self.text[first.start : last.end]
            for key, (first, last) in node.members.items()
            if key not in gone
        ]
        parts += [f"{_scalar(key)}: {_flow(value)}" for key, value in wanted.items() if key not in node.members]
        if owner is not None:
            self._above(owner, self._comments(node.start, node.end))
        opening = self.text.index("{", node.start)  # behind an anchor
        self.found.append((opening, node.end, f"{{{', '.join(parts)}}}"))

    def _above(self, key: _Node, comments: list[str]) -> None:
        """Keep comments that lose their place, in rows of their own above a key."""
        line = self.text.rfind("\n", 0, key.start) + 1
        if comments:
            self.found.append((line, line, "".join(f"{' ' * (key.start - line)}{comment}\n" for comment in comments)))

    def _comments(self, start: int, end: int) -> list[str]:
        """The comments in a stretch of text; what is in quotes or in a block of text is none."""
        hits = COMMENT.finditer(self.text, start, end)
        return [hit[0].rstrip() for hit in hits if not any(a <= hit.start() < b for a, b in self._values)]

    @cached_property
    def _values(self) -> list[tuple[int, int]]:
        events = YAML(typ="safe", pure=True).parse(self.text)
        scalars = (event for event in events if isinstance(event, ScalarEvent) and event.value)
        return [(event.start_mark.index, event.end_mark.index) for event in scalars]

    def _cut(self, start: int, end: int, *, comments: bool = False) -> None:
        """Take whole rows out, but for their comments if these are to stay."""
        line = self.text.rfind("\n", 0, start) + 1
        close = self.text.find("\n", end)
        close = len(self.text) if close < 0 else close + 1
        kept = self._comments(start, close) if comments else []
        self.found.append((line, close, "".join(f"{' ' * (start - line)}{comment}\n" for comment in kept)))

    def _add(self, node: _Node, added: list[tuple[str, Any]], kept: list[tuple[_Node, _Node]]) -> None:
        if node.flow:
            text = ", ".join(f"{_scalar(key)}: {_flow(value)}" for key, value in added)
            behind = max(map(_end, kept)) if kept else self.text.index("{", node.start) + 1
            rest = self.text[behind : node.end]
            comma = rest.lstrip(" \t").startswith(",") and "#" not in rest
            if comma:  # it ends the list; before a comment, which would swallow what is added, it stays where it is
                behind = self.text.index(",", behind) + 1
            self.found.append((behind, behind, f" {text}" if comma else f", {text}" if kept else text))
            return
        first = node.members[next(iter(node.members))][0].start
        pad = first - (self.text.rfind("\n", 0, first) + 1)
        close = self.text.find("\n", max(map(_end, kept), default=node.end))
        close = len(self.text) if close < 0 else close
        rows = [row for key, value in added for row in _block(key, value, pad)]
        self.found.append((close, close, "".join(f"\n{row}" for row in rows)))


def _end(member: tuple[_Node, _Node]) -> int:
    return max(node.end for node in member)


def _block(key: str, value: Any, pad: int) -> list[str]:
    """The rows of a member."""
    head = f"{' ' * pad}{_scalar(key)}:"
    if isinstance(value, Mapping) and value:
        inner = [row for name, one in value.items() if one is not REMOVED for row in _block(name, one, pad + INDENT)]
        return [head, *inner]
    return [f"{head} {_flow(value)}"]


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_scalar(key)}: {_flow(one)}' for key, one in value.items() if one is not REMOVED)}}}"
    return _scalar(value)


def _scalar(value: Any) -> str:
    """A value as YAML 1.2 writes it."""
    if value is None:
        return "null"
    if isinstance(value, float | int):
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    text = str(value)
    if PLAIN.fullmatch(text) and text.lower() not in RESERVED:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
