"""Blocks of a long run on disk: whole ones only, so that an interrupted run goes on where it stopped.

A block is a Parquet file of `ROWS` paths, written under another name and moved to one that tells its number and the
digest of its bytes. What a crash or a bad disk leaves behind has another digest, or none, and is computed again. The
folder is named after everything that the numbers depend on, so that no other run takes these blocks for its own.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import OutputFault
from finmodel.simulate import store
from finmodel.simulate.shocks import blocks

Floats = NDArray[np.float64]

PREFIX = ".run-"
LOCK = "lock"
DRAFT = "draft"
STALE = 7 * 24 * 3600.0
"""Seconds without a new block after which another run's folder is removed by the next long run beside it."""


class Kept:
    """The columns of a run in a folder of blocks.

    Parameters
    ----------
    folder
        Made where it is missing. Who else works at the same run shares it; the last one to discard it removes it.
    names
        Of the columns.
    paths
        Of the whole run.

    Raises
    ------
    OutputFault
        The folder cannot be made.
    """

    def __init__(self, folder: Path, names: Sequence[str], paths: int) -> None:
        self.folder: Path = folder
        self.names, self.paths, self.rows = tuple(names), paths, store.ROWS
        self._metadata: dict[int, Any] = {}
        self._files: dict[int, Path] = {}
        with _writing(folder):
            self._share = _shared(folder)
        weakref.finalize(self, self._share.close)

    @classmethod
    def within(cls, place: Path, identity: str, names: Sequence[str], paths: int) -> Kept:
        """The folder of a run among a case's files; what other runs left there long ago is removed."""
        mine = place / f"{PREFIX}{identity}"
        for other in place.glob(f"{PREFIX}*"):
            if other != mine:
                _remove_if_stale(other)
        return cls(mine, names, paths)

    @classmethod
    def for_now(cls, names: Sequence[str], paths: int) -> Kept:
        """A folder that goes with this object, where large temporary files belong: /tmp may be memory."""
        place = None if "TMPDIR" in os.environ or not Path("/var/tmp").is_dir() else "/var/tmp"
        with _writing(Path(place or tempfile.gettempdir())):
            folder = Path(tempfile.mkdtemp(prefix="finmodel-", dir=place))
        made = cls(folder, names, paths)
        weakref.finalize(made, shutil.rmtree, folder, ignore_errors=True)
        return made

    def leave(self) -> str:
        """Give up the share in the folder; how far the run has come, in words."""
        self._share.close()
        done = min(len(self._files) * self.rows, self.paths)
        return f"{done:,} of {self.paths:,} paths are kept in {self.folder}"

    def whole(self, number: int) -> bool:
        """Whether a block is there with all its bytes; what is there without them is removed."""
        with _writing(self.folder):
            for file in self.folder.glob(f"{number:06d}-*.parquet"):
                with file.open("rb") as content:
                    digest = hashlib.file_digest(content, "sha256").hexdigest()
                if file.name == _name(number, digest):
                    self._files[number] = file
                    return True
                file.unlink()
        return False

    def write(self, number: int, columns: Mapping[str, Floats]) -> None:
        """Add a block.

        Raises
        ------
        OutputFault
            It cannot be written; those before it stay.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        sink = pa.BufferOutputStream()
        pq.write_table(pa.table([columns[name] for name in self.names], names=list(self.names)), sink, **store.PARQUET)
        content = memoryview(sink.getvalue())
        file = self.folder / _name(number, hashlib.sha256(content).hexdigest())
        draft = file.with_suffix(f".{os.getpid()}-{id(self)}.{DRAFT}")
        with _writing(self.folder):
            try:
                draft.write_bytes(content)
                draft.replace(file)
            finally:
                with suppress(OSError):
                    draft.unlink(missing_ok=True)
        self._files[number] = file

    def column(self, name: str) -> Floats:
        """One column, shape (paths,)."""
        found = np.empty(self.paths)
        for number, part in enumerate(blocks(self.paths, self.rows)):
            found[part] = self._read(number, [name])[name]
        return found

    def path(self, number: int) -> Mapping[str, float]:
        """Every column's value on one path."""
        block, row = divmod(number, self.rows)
        return {name: float(column[row]) for name, column in self._read(block, self.names).items()}

    def of_paths(self, numbers: NDArray[np.int64]) -> Mapping[str, Floats]:
        """Every column on some paths, in their order; each block is read once."""
        found = {name: np.empty(numbers.size) for name in self.names}
        of_block = numbers // self.rows
        for block in np.unique(of_block).tolist():
            wanted = of_block == block
            columns = self._read(block, self.names)
            for name, values in found.items():
                values[wanted] = columns[name][numbers[wanted] % self.rows]
        return found

    def blocks(self) -> Iterator[Mapping[str, Floats]]:
        """The columns in pieces of `ROWS` paths."""
        for number in range(len(self._files)):
            yield self._read(number, self.names)

    def discard(self) -> None:
        """Remove the folder, unless somebody else is still at it."""
        if not self._share.closed and _alone(self._share):
            shutil.rmtree(self.folder, ignore_errors=True)
        self._share.close()

    def _read(self, number: int, names: Sequence[str]) -> dict[str, Floats]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            file = pq.ParquetFile(self._files[number], metadata=self._metadata.get(number))
            self._metadata[number] = file.metadata
            with file:
                table = file.read(columns=list(names), use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise OutputFault(f"cannot read the blocks of a run from {self.folder}: {error}; run it again") from error
        return {name: table.column(name).to_numpy() for name in names}


def _name(number: int, digest: str) -> str:
    return f"{number:06d}-{digest[:32]}.parquet"


def _shared(folder: Path) -> IO[bytes]:
    """A share in the folder, which is made where it is missing: while it is open, nobody removes the folder."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        share = (folder / LOCK).open("wb")
        if _alone(share):
            for draft in folder.glob(f"*.{DRAFT}"):
                draft.unlink()
        with suppress(OSError):  # a file system without locks
            fcntl.flock(share, fcntl.LOCK_SH)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(share.fileno()), (folder / LOCK).stat()):
                return share
        share.close()  # it was removed meanwhile


def _alone(share: IO[bytes]) -> bool:
    """Whether nobody else has a share; nobody gets one until this one is closed or shared again."""
    try:
        fcntl.flock(share, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: nobody can be seen
        return True
    return True


def _remove_if_stale(folder: Path) -> None:
    with suppress(OSError):  # somebody else is removing it
        if time.time() - folder.stat().st_mtime < STALE:
            return
        with (folder / LOCK).open("wb") as share:
            if _alone(share):
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputFault(
            f"cannot write to {folder}: {error.strerror or error}; make room there or choose another folder"
        ) from error
