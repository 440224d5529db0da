"""Where the files of the book lie: beside the case, below the working folder, or in the copy that the wheel carries."""

from __future__ import annotations

import re
from pathlib import Path

from finmodel.assumptions.reading import read, shown
from finmodel.errors import Fault, nearest

COMPONENTS = ("platforms", "regions", "facilities", "finance")
"""Folders of components."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
SUFFIX = ".yaml"


def shipped() -> Path:
    """The book that comes with the package; an editable install falls back to the checkout."""
    package = Path(__file__).resolve().parents[1]
    carried = package / "_assumptions"
    return carried if carried.is_dir() else package.parent / "assumptions"


def catalogue(kind: str) -> dict[str, Path]:
    """Names and files of one kind, such as ``cases``, below the working folder and in the shipped book.

    Where both have a name, the file below the working folder is meant.
    """
    return _names((Path("assumptions"), shipped()), kind)


def titles(kind: str) -> dict[str, str]:
    """Names and titles of the files of one kind; a file that cannot be read says so in its title's place.

    A component that others of its kind build on is left out: it is a part of them, not one to choose.
    """
    found, built_on = {}, set()
    for name, path in catalogue(kind).items():
        document, faults = read(path)
        plain = document.plain() if document is not None else {}
        title, extends = plain.get("title"), plain.get("extends")
        found[name] = title if isinstance(title, str) else f"({faults[0].message if faults else 'has no title'})"
        if kind in COMPONENTS and isinstance(extends, list | tuple):
            built_on |= {f"{other}" for other in extends}
    return {name: title for name, title in found.items() if f"{kind}/{name}" not in built_on}


def roots_of(case: Path) -> tuple[Path, ...]:
    """Where the components, scenarios and sources of a case are looked for, first one first."""
    folder = case.resolve().parent
    own = folder.parent if folder.name == "cases" else folder
    return (own,) if own == shipped() else (own, shipped())


def find(kind: str, name: str, roots: tuple[Path, ...]) -> Path | None:
    """The file of that kind and name in the first root that has it."""
    if not NAME.fullmatch(name):
        return None
    paths = (root / kind / f"{name}{SUFFIX}" for root in roots)
    return next((path for path in paths if path.is_file()), None)


def meant(kind: str, name: str, roots: tuple[Path, ...]) -> tuple[str, str]:
    """For a fault: the names that exist, as a case writes them, and a remedy."""
    known = sorted(_names(roots, kind))
    near = nearest(name, known)
    folder = "" if kind == "scenarios" else f"{kind}/"
    remedy = f"perhaps '{folder}{near}' is meant" if near else f"write {roots[0].name}/{kind}/{name}{SUFFIX}"
    return (f"one of {', '.join(folder + one for one in known)}" if known else f"a file of {kind}/"), remedy


def find_case(name: str) -> Path | Fault:
    """The file of a case: a path, else a name in ./assumptions/cases/, else in the shipped book."""
    path = Path(name)
    try:
        if path.is_file():
            return path
        bare = NAME.fullmatch(name) is not None and path.suffix != SUFFIX
        found = find("cases", name, (Path("assumptions"), shipped())) if bare else None
        if found is not None:
            return found
        if path.exists():
            return path  # a folder or a device: reading it says so
    except (OSError, ValueError) as fault:
        return Fault("cannot be read", file=name[:80], found=str(fault)[:80], expected="the name or path of a case")
    known = sorted(catalogue("cases"))
    near = nearest(path.stem, known)
    return Fault(
        "is no case",
        file=shown(path),
        found="no such file",
        expected=f"a path or one of {', '.join(known)}" if known else "a path",
        remedy=f"perhaps '{near}' is meant" if near else "finmodel list cases",
    )


def _names(roots: tuple[Path, ...], kind: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for root in reversed(roots):
        found |= {path.name.removesuffix(SUFFIX): path for path in sorted((root / kind).glob(f"*{SUFFIX}"))}
    return dict(sorted(found.items()))
