"""Output folders and files: tried before a run, written under another name and moved into place together."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from finmodel.errors import OutputFault

DRAFT = re.compile(r"(\.(?P<process>[0-9]+)\.)+(?P<name>[^.].*)")
"""A file under another name; a writer that is careful itself makes the draft of a draft."""


def folder(out: str | Path, name: str) -> Path:
    """The folder for a case's files, tried by making it where it is missing and writing to it; nothing stays.

    Parameters
    ----------
    out : str or Path
        The folder that holds one folder per case.
    name : str
        The case's name: one part of a path, nothing that leads elsewhere.

    Raises
    ------
    OutputFault
        The folder cannot be made or written, or the name is not one part of a path.
    """
    if name in {"", ".", ".."} or not name.isprintable() or any(mark in name for mark in "/\\:"):
        raise OutputFault(
            f"{name!r} cannot name an output folder: expected letters, digits, '-', '_' and '.'; rename the case file"
        )
    path = Path(out) / name
    made: list[Path] = []
    try:
        for place in (*reversed(path.parents), path):
            if not place.is_dir():
                place.mkdir()
                made.append(place)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise _fault(path, error) from error
    finally:
        for place in reversed(made):
            with suppress(OSError):  # somebody else has put something there meanwhile
                place.rmdir()
    return path


def write(
    folder: str | Path, writers: Mapping[str, Callable[[Path], object]], stale: Sequence[str] = ()
) -> tuple[Path, ...]:
    """Write files into a folder, all or none; drafts that a killed process left there are removed.

    Parameters
    ----------
    folder : str or Path
        Made where it is missing.
    writers : mapping of str to callable
        For each file's name, what writes it to the path that it is handed.
    stale : sequence of str
        Files of an earlier run that are removed unless they are written anew.

    Returns
    -------
    tuple of Path
        The files, in the order of `writers`.

    Raises
    ------
    OutputFault
        A file cannot be written; those of an earlier run then stand as they were.
    """
    targets = {name: Path(folder) / name for name in writers}
    drafts = {name: Path(folder) / f".{os.getpid()}.{name}" for name in writers}
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        _sweep(Path(folder), {*writers, *stale})
        for name, target in targets.items():
            if target.is_dir():
                raise OutputFault(
                    f"{target} is a folder where a file is to be written; move it away, or choose another with --out"
                )
            writers[name](drafts[name])
        for name, target in targets.items():
            drafts[name].replace(target)
        for name in set(stale) - set(writers):
            (Path(folder) / name).unlink(missing_ok=True)
    except OSError as error:
        raise _fault(Path(folder), error) from error
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
    return tuple(targets.values())


def _sweep(folder: Path, names: set[str]) -> None:
    """Remove drafts of these files whose process is no more."""
    for entry in folder.glob(".*"):
        draft = DRAFT.fullmatch(entry.name)
        if draft and draft["name"] in names and not _alive(int(draft["process"])):
            entry.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # another user's, or of a machine with larger numbers
        return True
    return True


def _fault(path: Path, error: OSError) -> OutputFault:
    return OutputFault(f"cannot write to {path}: {error.strerror or error}; choose another folder with --out")
