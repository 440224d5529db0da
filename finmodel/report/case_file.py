"""The sheet that carries the file of the case, so that a workbook can be read back wherever it has been."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from finmodel.errors import Fault, Faults
from finmodel.render.sheet import Cell, Sheet, Style, cell_text, column_name
from finmodel.report.cover import Case
from finmodel.report.layout import CASE_FILE, KEY, NOTE
from finmodel.report.opened import Cells, Opened
from finmodel.report.spelling import canonical
from finmodel.version import __version__

SNAPSHOTS = frozenset({"Cover", "Simulation", "Sensitivity", "Trials", "Draws", "Dashboard", "Glossary"})
"""Sheets with results of runs that the importer does not have, or words about them: nothing reads a figure there."""
ABOUT = "About this workbook"
TEXT = "Text of the case's file"
FIRST_ROW = 3
DIGITS = 8
PIECE = 16_000
"""Characters of a line in one cell; what is longer goes on in the next column."""
ESCAPED = re.compile("⟦U\\+([0-9A-F]{4,6})⟧")
MISREAD = re.compile("x(?=[0-9A-Fa-f]{4}_)")
"""Begins what programs that read workbooks take for the number of a character."""
EXPLANATION = (
    "This sheet holds the file that the case was read from. The command finmodel import needs it to bring back what is "
    "changed on the other sheets: leave it as it is."
)


@dataclass(frozen=True)
class CaseFile:
    """What the sheet says.

    Attributes
    ----------
    written
        The day on which the workbook was written.
    scenario
        The one that was chosen then.
    trials
        How many paths of a simulation the workbook carries.
    fixed
        Figures that were set by hand, in their inputs' units.
    ranges, lines
        Inputs whose ranges, and lines which, were given from Python: no file has them.
    parts
        Names and digests of the files that the case builds on.
    sheets
        Names of all sheets.
    formulas
        Of each cell of a snapshot's sheets that holds a formula, by sheet and address, a digest.
    text
        Of the case's own file.
    """

    name: str
    version: str
    written: dt.date
    fingerprint: str
    scenario: str
    trials: int
    fixed: Mapping[str, float]
    ranges: tuple[str, ...]
    lines: tuple[str, ...]
    parts: tuple[tuple[str, str], ...]
    sheets: tuple[str, ...]
    formulas: Mapping[tuple[str, str], str]
    text: str


def case_file_sheet(
    case: Case, sheets: Sequence[str], date: dt.date, trials: int = 0, snapshots: Iterable[Sheet] = ()
) -> Sheet:
    """The file of a case, and from what else its workbook can be made again.

    Parameters
    ----------
    sheets
        Names of the other sheets, in order.
    date
        The day that the workbook carries.
    trials
        How many paths of a simulation it carries.
    snapshots
        Sheets that cannot be made again without the simulation.
    """
    sheet, book = Sheet(CASE_FILE, frozen=(FIRST_ROW, 0)), case.book
    lines = book.text.split("\n")
    facts = [
        ("Case", book.name),
        ("Made by", f"finmodel {__version__}"),
        ("Written", date.isoformat()),
        ("Figures", f"SHA-256 {book.fingerprint}"),
        ("Scenario", case.scenario_name),
        ("Trials", str(trials)),
        *(("Set by hand", f"{name} = {value!r}") for name, value in case.fixed.items()),
        *(("Range from Python", name) for name in case.binding.ranged),
        *(("Line from Python", name) for name in case.own_lines),
        *(("Builds on", f"{name} {digest}") for name, digest in book.parts),
        *(("Sheet", name) for name in (*sheets, CASE_FILE)),
        *(("Formulas", words) for snapshot in snapshots for words in _fingerprints(snapshot)),
        ("Text", f"SHA-256 {_digest(book.text)}"),
        ("Lines", str(len(lines))),
    ]
    sheet.text(FIRST_ROW, 0, ABOUT, "section")
    sheet.text(FIRST_ROW + 1, NOTE, EXPLANATION)
    row = FIRST_ROW + 2
    for label, words in facts:
        sheet.text(row, KEY, label)
        sheet.text(row, NOTE, words)
        row += 1
    sheet.text(row + 1, 0, TEXT, "section")
    for number, line in enumerate(lines, 1):
        sheet.number(row + 1 + number, KEY, float(number), Style("fixed", "0"))
        for column, piece in enumerate(_pieces(line), NOTE):
            sheet.cells[row + 1 + number, column] = Cell(piece, Style("text"))
    sheet.widths = {(0, 0): 2.0, (KEY, KEY): 18.0, (NOTE, NOTE): 150.0}
    return sheet


def read_case_file(book: Opened) -> CaseFile:
    """What the sheet of a workbook says.

    Raises
    ------
    Faults
        Where the workbook is none of ours, or the sheet is not as it was written.
    """
    cells = book.sheets.get(CASE_FILE)
    if cells is None:
        expected = f"a workbook of finmodel, with a sheet '{CASE_FILE}'"
        found = f"sheets {', '.join(list(book.sheets)[:6])}" if book.sheets else "no sheet"
        raise Faults([Fault("is no workbook that can be imported", book.file, None, None, found, expected)])
    facts = _facts(cells)
    version = "".join(facts.get("Made by", [])).removeprefix("finmodel ")
    if version != __version__:
        found, expected = f"'{version}'", f"finmodel {__version__}"
        remedy = f"import it with finmodel {version}" if re.fullmatch(r"\d[\w.+-]*", version) else None
        raise Faults(
            [Fault("was written by another version", book.file, None, f"{CASE_FILE} Made by", found, expected, remedy)]
        )
    try:
        text = "\n".join(_lines(cells, int(facts["Lines"][0])))
        said = CaseFile(
            name=facts["Case"][0],
            version=version,
            written=dt.date.fromisoformat(facts["Written"][0]),
            fingerprint=facts["Figures"][0].removeprefix("SHA-256 "),
            scenario=facts["Scenario"][0],
            trials=int(facts["Trials"][0]),
            fixed={name: float(value) for name, _, value in (one.partition(" = ") for one in facts["Set by hand"])},
            ranges=tuple(facts["Range from Python"]),
            lines=tuple(facts["Line from Python"]),
            parts=tuple((name, digest) for name, _, digest in (one.rpartition(" ") for one in facts["Builds on"])),
            sheets=tuple(facts["Sheet"]),
            formulas=dict(_formulas(facts["Formulas"])),
            text=text,
        )
    except (KeyError, IndexError, ValueError) as error:
        raise _altered(book.file, str(error)[:80]) from error
    if facts["Text"] != [f"SHA-256 {_digest(text)}"]:
        raise _altered(book.file, "another text of the case's file")
    return said


def fingerprint(formula: str) -> str:
    """A digest of a formula, the same in every spelling."""
    return hashlib.sha256(canonical(formula).encode()).hexdigest()[:DIGITS]


def _fingerprints(sheet: Sheet) -> Iterator[str]:
    """For each row the digests of its formulas, such as "Dashboard!12 E:0f3a5c7e G:..."."""
    rows: dict[int, list[str]] = {}
    for (row, column), cell in sorted(sheet.cells.items()):
        if cell.formula is not None:
            rows.setdefault(row, []).append(f"{column_name(column)}:{fingerprint(cell.formula)}")
    for row, marks in rows.items():
        yield f"{sheet.name}!{row + 1} {' '.join(marks)}"


def _formulas(said: Iterable[str]) -> Iterator[tuple[tuple[str, str], str]]:
    for words in said:
        place, *marks = words.split(" ")
        name, row = place.split("!")
        for mark in marks:
            column, digest = mark.split(":")
            yield (name, f"{column}{row}"), digest


def _altered(file: str, found: str) -> Faults:
    expected, remedy = "the sheet as finmodel wrote it", "change figures on the sheet Inputs, or the case's own file"
    return Faults([Fault("is not as it was written", file, None, CASE_FILE, found, expected, remedy)])


def _facts(cells: Cells) -> dict[str, list[str]]:
    """What stands beside each label, above the text."""
    labels = ("Set by hand", "Range from Python", "Line from Python", "Builds on", "Sheet", "Formulas", "Text")
    found: dict[str, list[str]] = {label: [] for label in labels}
    for row in range(FIRST_ROW + 2, _text_row(cells)):
        label, words = cells.get((row, KEY)), cells.get((row, NOTE))
        if isinstance(label, str) and isinstance(words, str):
            found.setdefault(label, []).append(words)
    return found


def _text_row(cells: Cells) -> int:
    return next((row for (row, column), content in cells.items() if column == 0 and content == TEXT), 0)


def _lines(cells: Cells, count: int) -> Iterator[str]:
    first = _text_row(cells) + 1
    if not 0 <= count <= max(cells)[0] + 1 - first:
        raise ValueError(f"{count} lines in {max(cells)[0] + 1 - first} rows")
    columns: dict[int, dict[int, str]] = {}
    for (row, column), content in cells.items():
        if row >= first and column >= NOTE:
            if not isinstance(content, str):
                raise ValueError(f"{content!r} in row {row + 1}")
            columns.setdefault(row, {})[column] = content
    for row in range(first, first + count):
        pieces = columns.get(row, {})
        line = "".join(pieces[column] for column in sorted(pieces))
        yield ESCAPED.sub(lambda mark: chr(int(mark[1], 16)), line)


def _pieces(line: str) -> list[str]:
    """A line in texts that a cell holds; a character that no cell may hold is written as its number."""
    safe = line
    if not line.isprintable() or "⟦" in line:
        safe = "".join(_escape(one) if one == "⟦" or cell_text(one) != one else one for one in line)
    safe = MISREAD.sub(_escape("x"), safe)
    return [safe[start : start + PIECE] for start in range(0, len(safe), PIECE)]


def _escape(character: str) -> str:
    return f"⟦U+{ord(character):04X}⟧"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
