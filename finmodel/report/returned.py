"""What somebody changed in a workbook: cell by cell against the sheets as finmodel makes them from the same case.

Cells of kind `input` may have changed, those of kind `entry` hold what people wrote. Every formula, name and number
besides must be the same, or the workbook is refused with the cells named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from finmodel.errors import Fault, Faults
from finmodel.render.sheet import Cell, Sheet, address
from finmodel.report.case_file import SNAPSHOTS, CaseFile, fingerprint
from finmodel.report.layout import CASE_FILE, KEY
from finmodel.report.opened import Cells, Content, Error, Formula, Moment, Opened
from finmodel.report.spelling import same_formula, same_number, same_text

NAMED = 20
"""Faults that are named; of the others their number is said."""
SHOWN = 60
DATE_DIGITS = 1e-9


@dataclass(frozen=True)
class Change:
    """A cell that a reader may change, as it is and as it was."""

    sheet: str
    row: int
    column: int
    was: str | float
    found: Content | None

    @property
    def place(self) -> str:
        """Such as Inputs!E12."""
        return f"{self.sheet}!{address(self.row, self.column)}"


@dataclass
class Returned:
    """What was changed in a workbook.

    Attributes
    ----------
    changes
        Cells of kind `input` that hold something else.
    entries
        Texts of cells of kind `entry`, a list a row.
    ignored
        What stands where the workbook had nothing, in words.
    """

    changes: list[Change] = field(default_factory=list)
    entries: list[list[str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def compare(book: Opened, expected: Sequence[Sheet], said: CaseFile) -> Returned:
    """Hold a workbook against its sheets as they were made.

    Parameters
    ----------
    expected
        The sheets of the same case; those of `SNAPSHOTS` may be missing.
    said
        What the workbook says of itself: its sheets, and the formulas of snapshots.

    Raises
    ------
    Faults
        Every sheet that is missing and every cell that differs and is no input.
    """
    names = said.sheets
    faults = [*_missing(book, names), *_unknown(book, expected, names)]
    returned = Returned()
    other = [name for name in book.sheets if name not in names]
    returned.ignored += [f"sheet '{name}', which finmodel did not write" for name in other]
    moved: list[Fault] = []
    for sheet in expected:
        cells = book.sheets.get(sheet.name)
        if cells is None or sheet.name in SNAPSHOTS or sheet.name == CASE_FILE:
            continue
        shift = _shift(sheet, cells, book.file)
        if shift is not None:
            moved.append(shift)
            continue
        faults += _differences(sheet, cells, book.file, returned)
    faults = [*moved, *faults, *_of_snapshots(book, said)]
    if faults:
        left = len(faults) - NAMED
        more = [Fault(f"and {left:,} more such faults", book.file)] if left > 0 else []
        raise Faults([*faults[:NAMED], *more])
    return returned


def _of_snapshots(book: Opened, said: CaseFile) -> Iterator[Fault]:
    """Formulas on sheets that cannot be made again: they are held against their digests."""
    remedy = "put it back, or start from the workbook as it was written"
    for name in SNAPSHOTS & book.sheets.keys():
        found = {address(*at): content for at, content in book.sheets[name].items() if isinstance(content, Formula)}
        listed = {place: digest for (sheet, place), digest in said.formulas.items() if sheet == name}
        for place, digest in listed.items():
            if place not in found:
                yield Fault("has lost its formula", book.file, None, f"{name}!{place}", remedy=remedy)
            elif fingerprint(found[place]) != digest:
                shows = shown(found[place])
                yield Fault("has another formula", book.file, None, f"{name}!{place}", shows, remedy=remedy)
        for place in found.keys() - listed.keys():
            yield Fault(
                "holds a formula where none was", book.file, None, f"{name}!{place}", shown(found[place]), remedy=remedy
            )


def _missing(book: Opened, names: Iterable[str]) -> Iterator[Fault]:
    unknown = [name for name in book.sheets if name not in names]
    for name in names:
        if name not in book.sheets:
            found = f"{', '.join(unknown)} instead" if unknown else "no such sheet"
            remedy = "give every sheet its old name, or start from the workbook as it was written"
            yield Fault("has lost a sheet", book.file, None, name, found, f"a sheet '{name}'", remedy)


def _unknown(book: Opened, expected: Iterable[Sheet], names: Iterable[str]) -> Iterator[Fault]:
    """A sheet that the workbook says it had and that cannot be made from its case."""
    made = {sheet.name for sheet in expected} | SNAPSHOTS
    for name in names:
        if name not in made:
            yield Fault(
                "has a sheet that its case does not make", book.file, None, name, expected="the case's own sheets"
            )


def _shift(sheet: Sheet, cells: Cells, file: str) -> Fault | None:
    """The first key or heading that stands elsewhere, where rows or columns were put in or taken out."""
    marks = {
        at: cell.content
        for at, cell in sheet.cells.items()
        if cell.style.kind in ("key", "head", "head of numbers")
        and isinstance(cell.content, str)
        and cell.formula is None
    }
    places: dict[str, list[tuple[int, int]]] = {}
    for at, content in cells.items():
        if isinstance(content, str) and marks.get(at) != content:
            places.setdefault(content, []).append(at)
    for (row, column), name in marks.items():
        if cells.get((row, column)) == name:
            continue
        rows = [r for r, c in places.get(name, ()) if c == column]
        columns = [c for r, c in places.get(name, ()) if r == row]
        if rows or columns:
            there = address(rows[0], column) if rows else address(row, columns[0])
            what = "rows" if rows else "columns"
            return Fault(
                f"has its {what} shifted",
                file,
                None,
                f"{sheet.name}!{address(row, column)}",
                f"'{name}' at {there}",
                f"'{name}' at {address(row, column)}",
                f"take out the {what} that were put in, or start from the workbook as it was written",
            )
    return None


def _differences(sheet: Sheet, cells: Cells, file: str, returned: Returned) -> Iterator[Fault]:
    entries: dict[int, list[str]] = {}
    for (row, column), cell in sheet.cells.items():
        found = cells.get((row, column))
        kind = cell.style.kind
        if kind == "input":
            if not _same(cell, found):
                returned.changes.append(Change(sheet.name, row, column, cell.content, found))
        elif kind in ("entry", "long entry"):
            if found is not None and not _same(cell, found):
                entries.setdefault(row, []).append(_written(found))
        elif not _same(cell, found):
            yield _fault(sheet, row, column, cell, found, file)
    returned.entries += entries.values()
    last_row, last_column = sheet.last_row, sheet.last_column
    for (row, column), found in cells.items():
        if (row, column) in sheet.cells:
            continue
        if isinstance(found, str) and not isinstance(found, Formula | Error):
            returned.ignored.append(f"{sheet.name}!{address(row, column)}: {shown(found)}")
        elif row > last_row or column > last_column:
            returned.ignored.append(f"{sheet.name}!{address(row, column)}: {shown(found)}, beside the table")
        else:
            yield _fault(sheet, row, column, None, found, file)


def _same(cell: Cell, found: Content | None) -> bool:
    if cell.formula is not None:
        return isinstance(found, Formula) and same_formula(cell.formula, found)
    if isinstance(cell.content, str):
        words = "" if found is None else found
        return isinstance(words, str) and not isinstance(words, Formula | Error) and same_text(cell.content, words)
    if isinstance(found, Moment):
        return (
            abs(found.number - cell.content) <= DATE_DIGITS * max(1.0, abs(cell.content)) and cell.style.kind != "input"
        )
    return isinstance(found, float | int) and not isinstance(found, bool) and same_number(cell.content, float(found))


def _fault(sheet: Sheet, row: int, column: int, cell: Cell | None, found: Content | None, file: str) -> Fault:
    """One cell that is not as it was; what stands in its row is said, so that a reader finds it."""
    named = sheet.cells.get((row, KEY))
    name = f" ({named.content})" if named is not None and named.style.kind == "key" and column != KEY else ""
    if cell is None:
        message, expected = "holds something where nothing was", "an empty cell"
    elif cell.formula is not None:
        message = "has lost its formula" if not isinstance(found, Formula) else "has another formula"
        expected = shown(Formula(cell.formula))
    else:
        message, expected = "is not as it was", shown(cell.content)
    remedy = "put it back, or start from the workbook as it was written"
    return Fault(message, file, None, f"{sheet.name}!{address(row, column)}{name}", shown(found), expected, remedy)


def shown(content: Content | None) -> str:
    """What a cell holds, as a fault shows it."""
    match content:
        case None:
            return "nothing"
        case Formula():
            text = f"={content}"
        case bool():
            return "TRUE" if content else "FALSE"
        case Error():
            text = content
        case str():
            text = f"'{content}'"
        case Moment():
            return f"a date or time ({content.number:.15g})"
        case _:
            return f"{content:.15g}"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _written(content: Content) -> str:
    """What a person wrote into a cell of words; a date as people write it."""
    match content:
        case Moment():
            from openpyxl.utils.datetime import from_excel

            return str(from_excel(content.number))[:10]
        case Formula():
            return f"={content}"
        case str():
            return str(content)
        case _:
            return f"{content:.15g}"
