"""What a summary of a model shows, said by whoever wrote its lines: rows by year, key figures, sentences, pictures.

Lines are named; what a model lacks is left out by whoever lays the summary out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Fold = Literal["sum", "end", "lowest"]
Drawing = Literal["column", "stacked column", "line"]


@dataclass(frozen=True)
class Yearly:
    """A line by year.

    Attributes
    ----------
    line
        Its name, which is the key of the row.
    fold
        What becomes of its periods: the sum of flows, a level as it stands at the end, the lowest.
    where
        Of the lowest: a line that is above zero in the periods that count.
    """

    line: str
    fold: Fold = "sum"
    where: str = ""


@dataclass(frozen=True)
class PerYear:
    """The sum of a year of the line `above` over that of the line `below`; 0 where the latter is 0."""

    key: str
    note: str
    unit: str
    above: str
    below: str


@dataclass(frozen=True)
class EveryYear:
    """A line that does not vary in time, beside what does."""

    line: str


Row = Yearly | PerYear | EveryYear


@dataclass(frozen=True)
class Annual:
    """The summary by year.

    Attributes
    ----------
    year
        The line that numbers the years, from 1.
    blocks
        Rows under their headings.
    """

    year: str
    blocks: tuple[tuple[str, tuple[Row, ...]], ...]


@dataclass(frozen=True)
class Said:
    """A number within a sentence, or a key figure.

    Attributes
    ----------
    line
        A line that does not vary, or an input.
    fine
        Whether it is said with two decimal places, not with one.
    percent
        Whether it is a share, said in per cent; its unit is then `unit`.
    unit
        What follows the number; its own unit, in millions or billions where it is large, unless given.
    label
        What a key figure is called.
    """

    line: str
    fine: bool = False
    percent: bool = False
    unit: str | None = None
    label: str = ""


@dataclass(frozen=True)
class Sentence:
    """A sentence with live numbers.

    Attributes
    ----------
    where
        A line above zero, without which `otherwise` is said.
    """

    words: tuple[str | Said, ...]
    where: str = ""
    otherwise: str = ""


@dataclass(frozen=True)
class Drawn:
    """A row of the summary by year in a picture, under the name by which the legend knows it."""

    key: str
    name: str
    drawing: Drawing = "column"
    second: bool = False


@dataclass(frozen=True)
class Picture:
    """A chart by year.

    Attributes
    ----------
    up, second
        Titles of the axes on the left and on the right; `{unit}` in them is the unit of what is drawn.
    """

    title: str
    described: str
    up: str
    rows: tuple[Drawn, ...]
    second: str = ""


@dataclass(frozen=True)
class Part:
    """A part of a whole: lines that are added up, and what people call them."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Parts:
    """What a line that does not vary is made of, as it is and per unit.

    Attributes
    ----------
    per
        Metrics that are the whole over a quantity, and what people call that; each becomes a chart of its parts.
    """

    title: str
    whole: str
    parts: tuple[Part, ...]
    per: Mapping[str, str]


@dataclass(frozen=True)
class Dashboard:
    """The summary on one page: the answer in sentences, key figures, pictures by year, parts of a whole."""

    answer: tuple[Sentence, ...]
    figures: tuple[Said, ...]
    pictures: tuple[Picture, ...]
    parts: Parts

    def called(self, name: str) -> str:
        """What a line or metric is called: the label of its key figure, else its name in words."""
        labels = (figure.label for figure in self.figures if figure.line == name and figure.label)
        return next(labels, name.replace("_", " ").capitalize())
