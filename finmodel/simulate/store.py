"""Where the draws and metrics of a run lie: held in memory, or kept as blocks on disk and read a column at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from finmodel.simulate.shocks import blocks

Floats = NDArray[np.float64]

ROWS = 65_536
"""Paths of a block on disk, and of a row group of simulation.parquet."""
HELD_AT_MOST = 2 * ROWS
"""Paths of the longest run that is held in memory; a longer one is kept on disk."""
PARQUET = {"use_dictionary": False}
"""Draws seldom repeat: a dictionary of them costs eight times the time and some of the space."""


class Store(Protocol):
    """Columns of one number a path, by the name of an input or metric."""

    @property
    def paths(self) -> int:
        """How many."""

    @property
    def folder(self) -> Path | None:
        """Where they lie on disk, if they do."""

    def column(self, name: str) -> Floats:
        """One column, shape (paths,)."""

    def path(self, number: int) -> Mapping[str, float]:
        """Every column's value on one path."""

    def of_paths(self, numbers: NDArray[np.int64]) -> Mapping[str, Floats]:
        """Every column on some paths, in their order; each piece that lies on disk is read once."""

    def blocks(self) -> Iterator[Mapping[str, Floats]]:
        """The columns in pieces of `ROWS` paths, the last may be shorter."""

    def discard(self) -> None:
        """Remove what lies on disk; nothing can be read from there afterwards."""


@dataclass(frozen=True, eq=False)
class Held:
    """Columns in memory."""

    columns: Mapping[str, Floats]
    paths: int
    folder: None = None

    def column(self, name: str) -> Floats:
        """One column, shape (paths,)."""
        return self.columns[name]

    def path(self, number: int) -> Mapping[str, float]:
        """Every column's value on one path."""
        return {name: float(column[number]) for name, column in self.columns.items()}

    def of_paths(self, numbers: NDArray[np.int64]) -> Mapping[str, Floats]:
        """Every column on some paths, in their order."""
        return {name: column[numbers] for name, column in self.columns.items()}

    def blocks(self) -> Iterator[Mapping[str, Floats]]:
        """The columns in pieces of `ROWS` paths."""
        for part in blocks(self.paths, ROWS):
            yield {name: column[part] for name, column in self.columns.items()}

    def discard(self) -> None:
        """Nothing lies on disk."""


def write_parquet(path: Path, store: Store, units: Mapping[str, str], metadata: Mapping[str, str]) -> None:
    """Write the number of the path and every column, a row group for each block; the bytes tell nothing of the store.

    Parameters
    ----------
    path
        The file.
    store
        What is written.
    units
        The unit of each column; it becomes the column's metadata.
    metadata
        Of the whole file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [pa.field(name, pa.float64(), metadata={"unit": unit}) for name, unit in units.items()]
    number = pa.field("path", pa.int64(), metadata={"unit": "1"})
    schema = pa.schema([number, *fields], metadata=dict(metadata))
    with pq.ParquetWriter(str(path), schema, **PARQUET) as writer:
        for part, columns in zip(blocks(store.paths, ROWS), store.blocks(), strict=True):
            arrays = [np.arange(part.start, part.stop), *(columns[name] for name in units)]
            writer.write_table(pa.table(arrays, schema=schema), row_group_size=ROWS)
