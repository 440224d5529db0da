"""A finding that prints itself: a table, and beside it the words without which it would mislead."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finmodel.simulate.wording import written

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Shown(ABC):
    """What a method found.

    Attributes
    ----------
    title
        What the table is about, with units.
    table
        The numbers.
    notes
        How they must be read, a sentence each.
    """

    title: str
    table: pd.DataFrame
    notes: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([self.title, self.table.to_string(float_format=written, na_rep="none"), *self.notes])

    def __repr__(self) -> str:
        return str(self)
