"""The way back: a case from a workbook that somebody edited, and what was changed, in words."""

from __future__ import annotations

import datetime as dt
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from rich.console import Group
from rich.table import Table
from rich.text import Text

from finmodel.assumptions.bind import Binding
from finmodel.assumptions.book import BASE
from finmodel.assumptions.check import Assemble, prove
from finmodel.assumptions.edited import Edit, Rewritten, rewritten
from finmodel.assumptions.load import Unwritten
from finmodel.errors import Fault, Faults, OutputFault
from finmodel.graph.outline import Outline
from finmodel.report import cover
from finmodel.report.case_file import CaseFile, read_case_file
from finmodel.report.layout import CASE_FILE, SHOWN_BASE
from finmodel.report.opened import Opened, open_workbook
from finmodel.report.returned import Returned, compare
from finmodel.report.trials import MOST, Trials
from finmodel.report.wishes import edits, wishes
from finmodel.report.workbook import sheets

if TYPE_CHECKING:
    from finmodel.simulate.run import Progress

SUFFIX = ".yaml"
LISTED = 20
"""Things of one sort that are said one by one."""
READ_BACK = 1e-12
"""Relative; how near the case's figure must come to the workbook's, in whatever unit its file states it."""
STEPS, READ, MADE = 100, 45, 90
"""Of the work, in percent: all, what is done once the file is read, and once its sheets are made again."""

C = TypeVar("C", bound=cover.Case)
Make = Callable[[Binding, str, Mapping[str, float]], C]
"""Makes a case of a binding, under a scenario, with figures set by hand."""


@dataclass(frozen=True)
class Imported(Generic[C]):
    """What came back in a workbook.

    Attributes
    ----------
    case
        With the figures of the workbook, under the scenario that it shows.
    text
        Of the case's new file.
    edits
        How figures differ from those that were exported, also those that are kept where the base changed.
    place
        Where the new file goes unless another place is asked for.
    said
        What else there is to say, a line each.
    """

    file: str
    case: C
    text: str
    edits: tuple[Edit, ...]
    place: Path
    said: tuple[str, ...]

    def __rich__(self) -> Group:
        edits = [one for one in self.edits if not one.stated]
        changed = [one for one in edits if one.was != one.value]
        kept = [f"{one.name} under {one.scenario}" for one in edits if one.was == one.value]
        count = len(changed)
        head = f"{self.file}: case {self.case.name}, " + (
            f"{count} figure{'s' if count > 1 else ''} changed" if count else "no figure changed"
        )
        lines = [Text(line) for line in self.said]
        if kept:
            lines.append(Text(f"kept as the workbook holds them, where the base changed: {', '.join(kept)}"))
        if not changed:
            return Group(Text(head), *lines)
        table = Table("figure", "column", "was", "is", "unit", box=None, pad_edge=False, header_style="bold")
        for one in changed:
            column = SHOWN_BASE if one.scenario == BASE else one.scenario
            numbers = ("as Base" if value is None else f"{value:,.15g}" for value in (one.was, one.value))
            table.add_row(*(Text(cell) for cell in (one.name, column, *numbers, one.unit)))
        return Group(Text(head), table, *lines)

    def write(self, out: Path | None = None) -> Path:
        """Write the case's new file; one that is there already is replaced only where `out` names it.

        Raises
        ------
        OutputFault
            Where it cannot be written.
        """
        path = out or self.place
        if path.suffix != SUFFIX:
            raise OutputFault(f"cannot write a case to {path}: the name of its file ends in {SUFFIX}")
        draft = path.with_name(f".{os.getpid()}.{path.name}")
        try:
            if path.is_dir() or (out is None and path.exists()):
                raise OutputFault(f"cannot write to {path}: it is there already; name a file with --out")
            draft.write_text(self.text, encoding="utf-8", newline="\n")
            draft.replace(path)
        except OSError as error:
            why = error.strerror or str(error)
            raise OutputFault(f"cannot write to {path}: {why}; choose another place with --out") from error
        finally:
            with suppress(OSError):  # where it could not be written it is not there
                draft.unlink()
        return path


def bring_back(
    path: Path,
    assemble: Assemble,
    make: Make[C],
    outline: Outline,
    folders: Sequence[Path],
    today: dt.date | None = None,
    progress: Progress | None = None,
) -> Imported[C]:
    """Read a workbook back into its case.

    Parameters
    ----------
    assemble, outline
        The model of a book, and how a workbook lays it out.
    folders
        Where the new file may stand; the first from which the case's components are those of the workbook is taken.
    progress
        Called with what is done and what there is to do.

    Raises
    ------
    Faults
        Where the file is no workbook that can be brought back, or what was changed in it is at fault.
    CalculationFault
        Where the figures drive the arithmetic out of bounds.
    """
    date = (today or dt.date.today()).isoformat()
    tell = progress or (lambda done, total: None)
    tell(0, STEPS)
    book = open_workbook(path)
    tell(READ, STEPS)
    said = read_case_file(book)
    _refuse(_of_python(book, said))
    folder, binding = _placed(book, said, assemble, folders)
    case = make(binding, said.scenario, said.fixed)
    expected = sheets(case, outline, None, _trials(case, outline, said.trials), date=said.written)
    tell(MADE, STEPS)
    returned = compare(book, expected, said)
    found = wishes(case, returned.changes, {sheet.name: sheet for sheet in expected}, book.file)
    comments = _comments(returned, book.file, date)

    def proven(*, stated: bool) -> tuple[list[Edit], Rewritten, Binding]:
        asked = edits(case, found, book.file, date, stated=stated)
        new = rewritten(binding, asked, f"{book.file}, {CASE_FILE}", date[:7], comments)
        rebound = prove(Unwritten(folder / f"{said.name}{SUFFIX}", new.text, f"the new case of {book.file}"), assemble)
        _refuse(_unsaid(asked, rebound, book.file))
        return asked, new, rebound

    made, new, rebound = proven(stated=False)
    left = {name: value for name, value in said.fixed.items() if all(one.name != name for one in made)}
    whole, in_file, _ = proven(stated=True) if left else (made, new, rebound)
    brought = make(rebound, found.scenario, left)
    brought.evaluate()  # figures that drive the arithmetic out of bounds are refused before a file is written
    return Imported(
        book.file,
        brought,
        in_file.text,
        tuple(whole),
        folder / f"{said.name}-edited{SUFFIX}",
        tuple(_said(in_file, returned, found.ignored, (said.scenario, found.scenario), left)),
    )


def _trials(case: cover.Case, outline: Outline, count: int) -> Trials | None:
    """As many trials as the workbook carries, without their numbers: formulas read where they stand."""
    if not count:
        return None
    drawn = case.binding.figures(case.scenario_name, case.fixed)
    uncertain = [name for name, figure in drawn.items() if figure.range is not None]
    return Trials.blank(case.model, outline.ranked_by(case.model.metrics), uncertain, count)


def _refuse(faults: Iterator[Fault]) -> None:
    found = list(faults)
    if found:
        raise Faults(found)


def _of_python(book: Opened, said: CaseFile) -> Iterator[Fault]:
    """What no file of a case can hold, or no case of ours would say."""
    name = said.name
    if not name or name.startswith(".") or not name.isprintable() or any(mark in name for mark in "/\\:"):
        yield Fault("names no case", book.file, None, f"{CASE_FILE} Case", repr(name)[:40], "the name of a file")
    if not 0 <= said.trials <= MOST:
        expected = f"0 to {MOST}"
        yield Fault(
            "carries no such number of trials", book.file, None, f"{CASE_FILE} Trials", str(said.trials), expected
        )
    for names, what in ((said.lines, "lines"), (said.ranges, "ranges")):
        if names:
            shown = ", ".join(names[:LISTED])
            remedy = "import a workbook that was written without them, and add them again in Python"
            message = f"holds {what} that were given from Python"
            yield Fault(message, book.file, None, CASE_FILE, shown, "what the case's own file says", remedy)


def _placed(book: Opened, said: CaseFile, assemble: Assemble, folders: Sequence[Path]) -> tuple[Path, Binding]:
    """The first folder from which the case is what it was, and the case."""
    wrong: list[Faults] = []
    for folder in folders:
        draft = Unwritten(folder / f"{said.name}{SUFFIX}", said.text, f"{book.file}, {CASE_FILE}")
        try:
            binding = prove(draft, assemble)
        except Faults as faults:
            wrong.append(faults)
            continue
        apart = list(_apart(book, said, binding))
        if not apart:
            return folder, binding
        wrong.append(Faults(apart))
    raise wrong[0]


def _apart(book: Opened, said: CaseFile, binding: Binding) -> Iterator[Fault]:
    """The files that the case builds on and that are not what they were."""
    then, now = dict(said.parts), dict(binding.book.parts)
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name):
            found = "no such file now" if name not in now else "a new file" if name not in then else "another text"
            expected = f"SHA-256 {then[name][:16]}" if name in then else "no such file"
            remedy = "import it where that file is as it was, with --out beside the case's own components"
            yield Fault("is not what the workbook was written from", book.file, None, name, found, expected, remedy)
    if then == now and binding.book.fingerprint != said.fingerprint:
        found, expected = binding.book.fingerprint[:16], said.fingerprint[:16]
        yield Fault("is another case", book.file, None, f"{CASE_FILE} Figures", found, expected)


def _unsaid(asked: Sequence[Edit], binding: Binding, file: str) -> Iterator[Fault]:
    """Figures that the new file does not give as the workbook has them."""
    for one in asked:
        figure = binding.by_scenario[one.scenario][one.name]
        wanted = binding.by_scenario[BASE][one.name].value if one.value is None else one.value
        if not math.isclose(figure.value, wanted, rel_tol=READ_BACK):
            found, expected = f"{figure.value:.15g} {one.unit}", f"{wanted:.15g} {one.unit}"
            yield Fault("cannot be said in the case's file", file, None, one.name, found, expected)


def _comments(returned: Returned, file: str, date: str) -> list[str]:
    entries = [", ".join(words) for words in returned.entries]
    return [f"Change log of {file}, imported on {date}:", *(f"  {entry}" for entry in entries)] if entries else []


def _said(
    new: Rewritten, returned: Returned, ignored: Sequence[str], chosen: tuple[str, str], by_hand: Mapping[str, float]
) -> Iterator[str]:
    if new.certain:
        yield f"certain now, since a figure that was changed has no range: {', '.join(new.certain)}"
    if new.uncorrelated:
        yield f"no longer correlated: {', '.join(new.uncorrelated)}"
    if by_hand:
        yield f"set by hand when the workbook was written, and stated in the new file: {', '.join(by_hand)}"
    if chosen[0] != chosen[1]:
        yield f"scenario chosen: {chosen[1]}, before {chosen[0]}; a file holds none, so give --scenario"
    if returned.entries:
        yield f"kept as comments at the top of the file: {len(returned.entries)} of the change log"
    everything = [*ignored, *returned.ignored]
    yield from (f"ignored: {words}" for words in everything[:LISTED])
    if len(everything) > LISTED:
        yield f"ignored: {len(everything) - LISTED:,} more"
