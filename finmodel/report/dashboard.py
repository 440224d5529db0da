"""The dashboard: the answer in sentences, key figures and charts on one page, live but for what says that it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from finmodel.graph.model import Model
from finmodel.graph.summary import Dashboard, Parts, Picture, Said, Sentence
from finmodel.render.chart import Axis, Chart, Series
from finmodel.render.excel import Rendered
from finmodel.render.sheet import Sheet, Style, address
from finmodel.render.term import Term, call, joined, lift, text
from finmodel.report.annual import ByYear
from finmodel.report.numbers import THOUSANDS, on_axis, scale
from finmodel.report.snapshot import Snapshot

DASHBOARD = "Dashboard"
LEFT, COLUMNS, WIDTH = 1, 12, 20.0
"""The first column of the page, how many there are, and how wide they are."""
MASTER = LEFT + 8
"""The column with the master check."""
ACROSS, TALL = 4, 17
"""Columns and rows of a chart."""
ANSWER, FIGURES, CHARTS = 3, 7, 11
LARGE = {1 / 1e9: ("billion", 1e9), 1 / 1e6: ("million", 1e6)}
"""By the factor of a scale, the constant by which a formula divides."""


@dataclass(frozen=True)
class Live:
    """Reads the numbers that a dashboard shows.

    Attributes
    ----------
    inputs
        The live cell of each input, and what it holds.
    """

    model: Model
    rendered: Rendered
    inputs: Mapping[str, Term]

    def __contains__(self, name: str) -> bool:
        return name in self.rendered.numbers or name in self.inputs

    def __getitem__(self, name: str) -> Term:
        return self.rendered.numbers[name] if name in self.rendered.numbers else self.inputs[name]

    def unit(self, said: Said) -> str:
        """What follows the number."""
        return self._scale(said)[1]

    def format(self, said: Said) -> str:
        """The number format."""
        plain = "#,##0.00" if said.fine else "#,##0.0"
        return f"{plain}%" if said.percent else plain + THOUSANDS[self._scale(said)[0]]

    def words(self, said: Said) -> Term:
        """A number rounded and in its unit, as a text; "none" where it is missing."""
        cell, (factor, unit) = self[said.line], self._scale(said)
        shown = cell
        if said.percent:
            shown = cell * self._constant("per cent", 100.0)
        elif factor in LARGE:
            shown = cell / self._constant(*LARGE[factor])
        digits = self._constant("decimal places", 2.0) if said.fine else lift(1)
        rounded = call("ROUND", shown, digits) + 0  # for some engines what is rounded up to zero is -0
        return call("IF", call("ISNUMBER", cell), joined(rounded, text(f" {unit}".rstrip())), cell)

    def _scale(self, said: Said) -> tuple[float, str]:
        """What the number is multiplied by, and its unit."""
        lines, cell = self.model.lines, self[said.line]
        if said.percent or said.unit is not None:
            return 1.0, "%" if said.unit is None else said.unit
        unit = lines[said.line].unit if said.line in lines else self.model.inputs[said.line].unit
        return scale(unit, [cell.number])

    def _constant(self, name: str, value: float) -> Term:
        constants = self.rendered.constants
        constants.user = DASHBOARD
        return Term(constants.named(name, value, "1", "For amounts that are said in words."), value)


def dashboard_sheet(shown: Dashboard, live: Live, years: ByYear, snapshot: Snapshot) -> Sheet:
    """Lay out the page: what is live, then what a simulation found."""
    sheet = Sheet(DASHBOARD, one_page=True, frozen=(2, 0))
    sheet.widths = {(0, 0): 2.0, (LEFT, LEFT + COLUMNS - 1): WIDTH}
    for row, sentence in enumerate(shown.answer, ANSWER):
        said = _sentence(sentence, live)
        if said is not None:
            sheet.formula(row, LEFT, said.text, said.stored, Style("answer"))
    if snapshot.words:
        sheet.text(ANSWER + len(shown.answer), LEFT, snapshot.words, "answer")
    _figures(sheet, [figure for figure in shown.figures if figure.line in live], live)
    pictures = [chart for picture in shown.pictures if (chart := _picture(picture, years)) is not None]
    room = -(-(len(pictures) + len(shown.parts.per) + len(snapshot.charts)) // (COLUMNS // ACROSS)) * (TALL + 1)
    pictures += _parts(sheet, CHARTS + room, shown.parts, live)
    for place, chart in enumerate((*pictures, *snapshot.charts)):
        down, right = divmod(place, COLUMNS // ACROSS)
        row, column = CHARTS + down * (TALL + 1), LEFT + right * ACROSS
        sheet.charts.append(replace(chart, row=row, column=column, rows=TALL, columns=ACROSS))
    return sheet


def _sentence(sentence: Sentence, live: Live) -> Term | None:
    """A sentence as a formula; None where the model lacks one of its numbers."""
    named = [word.line for word in sentence.words if isinstance(word, Said)]
    if not all(name in live for name in (*named, *filter(None, [sentence.where]))):
        return None
    said = joined(*(live.words(word) if isinstance(word, Said) else text(word) for word in sentence.words))
    if not sentence.where:
        return said
    return call("IF", live[sentence.where] > 0, said, text(sentence.otherwise))


def _figures(sheet: Sheet, figures: Sequence[Said], live: Live) -> None:
    for column, figure in enumerate(figures[:COLUMNS], LEFT):
        cell = live[figure.line]
        sheet.text(FIGURES, column, figure.label, "caption")
        sheet.formula(FIGURES + 1, column, cell.text, cell.stored, Style("figure", live.format(figure)))
        sheet.text(FIGURES + 2, column, live.unit(figure).removeprefix("% "), "caption")
    sheet.heights[FIGURES + 1] = 21.0


def _picture(picture: Picture, years: ByYear) -> Chart | None:
    """A chart by year; None where its rows are not there, or all are zero, as debt is where there is none."""
    rows = [drawn for drawn in picture.rows if drawn.key in years.rows]
    first = [years.rows[drawn.key] for drawn in rows if not drawn.second]
    if not any((years.rows[drawn.key].values != 0).any() for drawn in rows) or not first:
        return None
    values = [value for row in first for value in row.values.tolist()]
    up, number = on_axis(first[0].unit, values)
    return Chart(
        title=picture.title,
        described=picture.described,
        across=Axis("tax year that ends in", "0"),
        up=Axis(picture.up.format(unit=up), number),
        series=tuple(
            Series(drawn.name, years.years, years.rows[drawn.key].range, drawn.drawing, second=drawn.second)
            for drawn in rows
        ),
        second=Axis(picture.second, "0.0") if any(drawn.second for drawn in rows) else None,
    )


def _parts(sheet: Sheet, top: int, parts: Parts, live: Live) -> Iterator[Chart]:
    """What a whole is made of as a table from a row on, and a chart for each quantity that it is set against."""
    named = [parts.whole, *parts.per, *(line for part in parts.parts for line in part.lines)]
    if not all(name in live for name in named):
        return
    first, last = LEFT + 1, LEFT + len(parts.parts)
    sheet.text(top, 0, parts.title, "section")
    for column, words in enumerate(("", *(part.name for part in parts.parts), "all"), LEFT):
        sheet.text(top + 1, column, words, "head of numbers" if words else "head")
    whole = live[parts.whole]
    amounts = [sum((live[line] for line in part.lines[1:]), live[part.lines[0]]) for part in parts.parts]
    cells = _row(sheet, top + 2, Said(parts.whole, label="in all"), [*amounts, whole], live)
    for row, (metric, name) in enumerate(parts.per.items(), top + 3):
        per = live[metric]
        there = call("AND", call("ISNUMBER", per), cells[-1] > 0)
        of_each = [call("IF", there, cell / cells[-1] * per, per) for cell in cells]
        _row(sheet, row, Said(metric, label=name), of_each, live)
        unit, number = on_axis(live.model.lines[metric].unit, [per.number])
        yield Chart(
            title=f"{parts.title}, {name}",
            described=f"Bars, one a part: {parts.title.lower()} {name}, in {unit}, from the table below the charts.",
            across=Axis(unit, number),
            up=Axis("", reverse=True),
            series=(Series(name, _span(top + 1, first, last), _span(row, first, last), "bar"),),
            legend=False,
        )


def _row(sheet: Sheet, row: int, said: Said, terms: Sequence[Term], live: Live) -> list[Term]:
    """Write a row of the table; returns terms that read its cells."""
    sheet.text(row, LEFT, f"{said.label}, {live.unit(said)}")
    cells = []
    for column, term in enumerate(terms, LEFT + 1):
        sheet.formula(row, column, term.text, term.stored, Style("formula", live.format(said)))
        cells.append(Term(f"{DASHBOARD}!{address(row, column, fixed=True)}", term.value))
    return cells


def _span(row: int, first: int, last: int) -> str:
    return f"{DASHBOARD}!{address(row, first, fixed=True)}:{address(row, last, fixed=True)}"
