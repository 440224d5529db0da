"""Files of the book, read safely: at most a megabyte of UTF-8, as a document that knows the row of everything in it."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finmodel.assumptions.place import Place
from finmodel.assumptions.tree import Builder, Node, Steps, Stop, key_of
from finmodel.errors import Fault

LARGEST_FILE = 1_000_000
"""Bytes; a book of a thousand figures is a tenth of it."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read.

    Attributes
    ----------
    file
        As a person would name it: from the working folder if it lies below, else in full.
    text
        Without a byte order mark, its lines ending in a line feed.
    digest
        SHA-256 of the text, in UTF-8.
    """

    file: str
    root: Node
    text: str
    digest: str

    def row(self, path: Steps) -> int:
        """The row of the key or member that `path` leads to, or of the last part of it that exists."""
        return self._find(path)[0]

    def plain(self, path: Steps = ()) -> Any:
        """The value that `path` leads to, in dicts, tuples, strings, numbers, dates and None.

        Raises
        ------
        KeyError
            Where the path leads nowhere.
        """
        node = self.root
        for step in path:
            below = node.child(step)
            if below is None:
                raise KeyError(key_of(path))
            node = below[1]
        return node.plain()

    def place(self, path: Steps) -> Place:
        """Where the value stands that `path` leads to, and its keys."""
        row, node = self._find(path)
        below = node.value if isinstance(node.value, dict) else {}
        return Place(self.file, row, {key: key_row for key, (key_row, _) in below.items()})

    def _find(self, path: Steps) -> tuple[int, Node]:
        row, node = self.root.row, self.root
        for step in path:
            below = node.child(step)
            if below is None:
                break
            row, node = below
        return row, node


def shown(path: Path) -> str:
    """The path from the working folder if it lies below, else in full."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (OSError, RuntimeError, ValueError):  # links that lead in a circle are the first or the second
        return str(path)


def read(path: Path) -> tuple[Document | None, list[Fault]]:
    """Read one file of the book.

    Returns
    -------
    document, faults
        No document where the file as a whole cannot be read. A value at fault is `UNREADABLE` in the document.
    """
    file = shown(path)
    try:
        text = _text_of(_bytes_of(path, file), file)
    except Stop as stop:
        return None, [stop.fault]
    return parsed(text, file)


def parsed(text: str, file: str) -> tuple[Document | None, list[Fault]]:
    """The text of a file as `read` returns it; `file` is the name that faults give it."""
    builder = Builder(file)
    try:
        root = builder.build(text)
    except Stop as stop:
        return None, [*builder.faults, stop.fault]
    return Document(file, root, text, hashlib.sha256(text.encode()).hexdigest()), builder.faults


def _bytes_of(path: Path, file: str) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise Stop(
                Fault("is a folder", file=file, found="a folder", expected="a YAML file", remedy="name a file in it")
            )
        if not stat.S_ISREG(status.st_mode):
            raise Stop(Fault("is not a regular file", file=file, expected="a YAML file"))
        if status.st_size > LARGEST_FILE:
            raise Stop(
                Fault(
                    "is too large to be read",
                    file=file,
                    found=f"{status.st_size:,} bytes",
                    expected=f"at most {LARGEST_FILE:,} bytes",
                )
            )
        with path.open("rb") as stream:
            return stream.read(LARGEST_FILE)
    except (OSError, ValueError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
        raise Stop(Fault("cannot be read", file=file, found=reason, expected="a YAML file")) from fault


def _text_of(raw: bytes, file: str) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        row = raw[: fault.start].count(b"\n") + 1
        raise Stop(
            Fault(
                "is not a YAML file",
                file=file,
                row=row,
                found=f"byte {raw[fault.start]:#04x}",
                expected="text in UTF-8",
            )
        ) from fault
    if not text.strip():
        raise Stop(Fault("is empty", file=file, row=1, found="nothing", expected="keys and values"))
    return text.replace("\r\n", "\n").replace("\r", "\n")
