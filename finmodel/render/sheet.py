"""A sheet before it is a file: cells, formulas with their values, and how they are to look.

Nothing here knows a spreadsheet library; `report.painting` paints these sheets. Formulas refer to other sheets by name,
and lose the name of the sheet that they stand on.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import Fault, Faults, ModelFault
from finmodel.render.chart import Chart

Tab = Literal["inputs", "model", "results", "about"]
Kind = Literal[
    "text",
    "wrapped",
    "said",
    "title",
    "subtitle",
    "section",
    "head",
    "head of numbers",
    "unit",
    "band",
    "band of numbers",
    "key",
    "part",
    "link",
    "input",
    "entry",
    "long entry",
    "fixed",
    "missing",
    "formula",
    "check",
    "master",
    "caption",
    "figure",
    "answer",
]
"""What a cell is; it decides its looks.

`input` is a figure that a reader may change, `entry` room for words of whoever uses the workbook, `long entry` over
several columns; every other cell is locked. `part` is the key of a row that is an ingredient of another. `fixed` is a
number that the structure fixes or that was found once, `missing` the word for one that does not exist, `said` a
formula among words; `caption` and `figure` are a key figure's label and number, `answer` is the sentence above them.
"""

LONGEST_FORMULA = 8192
LONGEST_TEXT = 32_767
MOST_COLUMNS = 16_384
MISSING = "none"
WRAPPED: tuple[Kind, ...] = ("wrapped", "entry", "head", "head of numbers", "link")
DEFAULT_WIDTH, LINE_HEIGHT, TALLEST = 8.43, 13.0, 409.0
WIDTHS = {" ,.:;'|!`Iijl": 0.46, '()[]{}-/\\"rtfJ': 0.63, "mMwW@%&": 1.56, "ABCDEFGHKLNOPQRSTUVXYZ": 1.15}
"""How wide characters are, a column's width of 1 being one: of the usual letters in usual size; all others are 0.98."""
LETTER, IDEOGRAPH, BOLD = 0.98, 1.92, 1.04
INDENT, MARGINS = 1.4, 1.0
ONCE: tuple[Kind, ...] = ("text", "wrapped", "unit", "said", "key", "head", "link", "caption", "figure", "master")
NEVER: tuple[Kind, ...] = ("title", "subtitle", "section", "answer")
INDENTS: dict[Kind, int] = {**dict.fromkeys(NEVER, 0), **dict.fromkeys(ONCE, 1), "part": 2}
"""How often texts that stand on the left are indented, by their kind, also those that run from right to left."""
GENERAL, WHOLE, PLAIN, PERCENT, DATE = "General", "#,##0", "0.0000", "0.00%", "mmm yyyy"
SMALL = "0.000000"


class Style(NamedTuple):
    """How a cell looks: what it is, and its number format."""

    kind: Kind
    number: str = GENERAL


class Cell(NamedTuple):
    """A text or a number, or a formula and the value stored beside it."""

    content: str | float
    style: Style
    formula: str | None = None


@dataclass(frozen=True)
class Choice:
    """A cell that takes one of the texts of a range."""

    row: int
    column: int
    source: str
    note: str


@dataclass(frozen=True)
class Bounds:
    """Cells of one row that take a number, or only a whole one, between two bounds."""

    row: int
    first: int
    last: int
    low: float | None
    high: float | None
    note: str
    whole: bool = False


@dataclass
class Sheet:
    """A named grid of cells; rows and columns count from 0.

    Attributes
    ----------
    widths
        Width of a column in characters, by the first and last column that have it.
    heights
        Height of a row in points, where it holds text of several lines.
    frozen
        How many rows and columns stay in sight.
    links
        Addresses that texts lead to.
    one_page_wide
        Whether it is printed on pages as wide as the sheet; else `repeated_columns` stand on each page.
    one_page
        Whether all of it is printed on one page.
    filtered
        The first and last row and column of a table with a button to filter each column; its first row holds the heads.
    column_breaks
        Columns that begin a page in print, where it is not one page wide.
    tab
        To which group of sheets it belongs, which decides the colour of its tab.
    """

    name: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    widths: dict[tuple[int, int], float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    frozen: tuple[int, int] = (0, 0)
    links: dict[tuple[int, int], str] = field(default_factory=dict)
    choices: list[Choice] = field(default_factory=list)
    bounds: list[Bounds] = field(default_factory=list)
    one_page_wide: bool = True
    repeated_columns: int = 1
    one_page: bool = False
    filtered: tuple[int, int, int, int] | None = None
    column_breaks: list[int] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    tab: Tab | None = None

    def __post_init__(self) -> None:
        self._own_name = re.compile(rf"(?<![\w.'\]]){re.escape(self.name)}!")

    def text(self, row: int, column: int, words: str, kind: Kind = "text") -> None:
        """Write a text, whatever it begins with.

        Raises
        ------
        Faults
            Where it is longer than a cell holds.
        """
        self.cells[row, column] = Cell(cell_text(words), Style(kind))

    def number(self, row: int, column: int, value: float, style: Style) -> None:
        """Write a number."""
        self.cells[row, column] = Cell(value, style)

    def numbers(self, row: int, column: int, values: Sequence[float], style: Style) -> None:
        """Write numbers side by side, from `column` on."""
        for place, value in enumerate(values, column):
            self.cells[row, place] = Cell(value, style)

    def formula(self, row: int, column: int, text: str, value: float | str | bool, style: Style) -> None:
        """Write a formula without its equals sign, and the value it has.

        Raises
        ------
        ModelFault
            Where the formula is longer than a cell holds, or its value is not finite.
        """
        own = self.own(text)
        if len(own) >= LONGEST_FORMULA:
            raise ModelFault(f"{self.name}!{address(row, column)}: a formula of {len(own)} characters fits no cell")
        if isinstance(value, float) and not math.isfinite(value):
            raise ModelFault(f"{self.name}!{address(row, column)}: the formula {own} has no finite value")
        self.cells[row, column] = Cell(value, style, own)

    def own(self, text: str) -> str:
        """A formula as it stands on this sheet, whose name references to it do without."""
        return self._own_name.sub("", text)

    @property
    def last_row(self) -> int:
        """The lowest row in use."""
        return max(self.cells, default=(0, 0))[0]

    @property
    def last_column(self) -> int:
        """The rightmost column in use."""
        return max((column for _, column in self.cells), default=0)


def cell_text(words: str) -> str:
    """The text as a cell can hold it: what no document may contain is replaced by U+FFFD, tabs by spaces.

    Raises
    ------
    Faults
        Where it is longer than a cell holds.
    """
    clean = "".join(map(_character, words.replace("\r\n", "\n")))
    if len(clean.encode("utf-16-le")) // 2 > LONGEST_TEXT:
        raise Faults(
            [
                Fault(
                    "a text is too long for a cell of the workbook",
                    found=f"{len(clean):,} characters, '{clean[:40]}…'",
                    expected=f"at most {LONGEST_TEXT:,}",
                )
            ]
        )
    return clean


def _character(character: str) -> str:
    code = ord(character)
    if character in "\t\r\v\f":
        return " "
    if character == "\n" or 0x20 <= code < 0x7F:
        return character
    forbidden = code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF)
    steers = 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069
    return "\ufffd" if forbidden or steers else character


def column_name(column: int) -> str:
    """The letters of a column, which counts from 0."""
    name = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(65 + letter) + name
    return name


def column_number(name: str) -> int:
    """The column with these letters, counted from 0."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number - 1


def address(row: int, column: int, *, fixed: bool = False) -> str:
    """Such as B7, or $B$7."""
    return f"${column_name(column)}${row + 1}" if fixed else f"{column_name(column)}{row + 1}"


def number_format(unit: str, values: Sequence[float] | NDArray[np.float64]) -> str:
    """A number format that suits a unit and the size of some values."""
    present = np.abs(np.asarray([x for x in values if isinstance(x, float | int)], dtype=np.float64))
    present = present[np.isfinite(present)]
    largest = float(present.max()) if present.size else 0.0
    if unit == "1/year" and largest < 10:
        return PERCENT
    if largest >= 1e15:
        return "0.000E+00"
    if not present.size or not np.any(present % 1):
        return WHOLE
    if largest >= 10_000:
        return WHOLE
    if largest >= 100:
        return "#,##0.0"
    if largest >= 10:
        return "#,##0.00"
    if largest >= 1e-3:
        return PLAIN
    return SMALL if largest >= 1e-5 else "0.000E+00"


class _Widths(dict[str, float]):
    """The width of each character, found when first asked for."""

    def __missing__(self, character: str) -> float:
        wide = unicodedata.east_asian_width(character) in ("W", "F")
        usual = (width for characters, width in WIDTHS.items() if character in characters)
        self[character] = IDEOGRAPH if wide else next(usual, LETTER)
        return self[character]


_width_of = _Widths().__getitem__


def text_width(words: str) -> float:
    """How wide a text is, a column's width of 1 being one."""
    return sum(map(_width_of, words))


def shown_width(value: float | str, style: Style) -> float:
    """How wide a cell's text or number is, roughly."""
    if isinstance(value, str):
        bold = style.kind in ("head", "head of numbers", "title", "subtitle", "section")
        return text_width(value) * (BOLD if bold else 1.0)
    if style.number == DATE:
        return 8
    if style.number == PERCENT:
        return len(f"{value:,.2%}")
    if style.number.startswith("#,##0"):
        digits, thousands, percent = style.number.count("0") - 1, style.number[5:].count(","), style.number.count("%")
        return len(f"{value * 100.0**percent / 1000.0**thousands:,.{digits}f}") + percent
    if style.number == GENERAL:
        return len(f"{value:.10g}")
    return max(len(f"{value:.3e}"), 6) if "E" in style.number else len(f"{value:.4f}")


def fit_columns(sheet: Sheet, first: int, last: int, least: float, most: float, *, from_row: int = 0) -> None:
    """Give columns the width that their widest cell needs, within limits."""
    needed = dict.fromkeys(range(first, last + 1), least)
    for row in range(from_row, sheet.last_row + 1):
        for column in needed:
            cell = sheet.cells.get((row, column))
            if cell is not None:
                lines = str(cell.content).split("\n") if isinstance(cell.content, str) else [cell.content]
                beside = _beside(cell.style) if isinstance(cell.content, str) else 2.0
                needed[column] = max(needed[column], *(shown_width(line, cell.style) + beside for line in lines))
    for width, columns in itertools.groupby(needed.items(), key=lambda pair: min(pair[1], most)):
        group = [column for column, _ in columns]
        sheet.widths[group[0], group[-1]] = width


def _beside(style: Style) -> float:
    """What of a column's width is not for its text."""
    return MARGINS + INDENTS.get(style.kind, 0) * INDENT


def fit_rows(sheet: Sheet) -> None:
    """Give rows with wrapped text the height that it needs at the widths of their columns."""
    widths = {column: width for (first, last), width in sheet.widths.items() for column in range(first, last + 1)}
    for (row, column), cell in sheet.cells.items():
        if cell.style.kind in WRAPPED and isinstance(cell.content, str):
            room = max(1.0, widths.get(column, DEFAULT_WIDTH) - _beside(cell.style))
            lines = sum(_lines(part, room, cell.style) for part in cell.content.split("\n"))
            if lines > 1:
                sheet.heights[row] = max(sheet.heights.get(row, 0.0), min(lines * LINE_HEIGHT + 2.0, TALLEST))


def _lines(words: str, room: float, style: Style) -> int:
    """In how many lines a text stands: it is broken at spaces, and where a word is longer than a line."""
    if shown_width(words, style) <= room:
        return 1
    lines, used, space = 1, 0.0, text_width(" ")
    for word in words.split():
        width = shown_width(word, style)
        if used and used + space + width > room:
            lines, used = lines + 1, 0.0
        used += width + (space if used else 0.0)
        more = int(used // room)
        lines, used = lines + more, used - more * room
    return lines
