"""Where a part of the book stands, so that a fault can say so long after the file was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part of the book stands.

    Attributes
    ----------
    rows
        Rows of the keys below it.
    """

    file: str
    row: int
    rows: Mapping[str, int] = field(default_factory=dict)

    def at(self, key: str) -> int:
        """The row of a key below, or of the whole where that key is not written."""
        return self.rows.get(key, self.row)
