"""What evidence a figure needs: primary and secondary cite a source that was seen, an estimate at least says why."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from finmodel.assumptions.figure import Change, Correlation, Figure
from finmodel.assumptions.schema import Source
from finmodel.errors import Fault, nearest


def evidence_faults(
    name: str, item: Figure | Change | Correlation, sources: Mapping[str, Source], unread: Collection[str] = ()
) -> list[Fault]:
    """Everything that is wrong with the source and grade of a figure.

    Parameters
    ----------
    unread
        Sources that stand in the book but could not be read, which is a fault of theirs.
    """
    place = item.place
    file = place.file if place else None

    def row(key: str) -> int | None:
        return place.at(key) if place else None

    if item.source is None:
        if item.grade != "estimate":
            found, expected = f"grade {item.grade} without a source", "a key of sources.yaml"
            remedy = "name the source, or grade it an estimate and say why in its note"
            return [Fault("has no source", file, row("grade"), f"{name}.source", found, expected, remedy)]
        if not item.note.strip():
            expected = "a note that says why, since there is no source"
            return [
                Fault(
                    "says neither source nor reason",
                    file,
                    row("grade"),
                    f"{name}.note",
                    "nothing",
                    expected,
                    "add 'note'",
                )
            ]
        return []
    source = sources.get(item.source)
    if source is None:
        if item.source in unread:
            return []
        near = nearest(item.source, sources)
        remedy = f"perhaps '{near}' is meant" if near else f"add '{item.source}' to sources.yaml"
        found, expected = f"'{item.source}'", "a key of sources.yaml"
        return [Fault("is no known source", file, row("source"), f"{name}.source", found, expected, remedy)]
    if not source.verified and item.grade != "estimate":
        found, expected = f"{item.grade}, from a source that is not verified", "estimate"
        remedy = f"grade it an estimate until someone has seen '{item.source}'"
        return [Fault("is graded too well", file, row("grade"), f"{name}.grade", found, expected, remedy)]
    return []
