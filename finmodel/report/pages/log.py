"""The change log: what was exported, what was changed since, and room to say who changed it and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from finmodel.graph.line import Input
from finmodel.render.excel import first_sentence
from finmodel.render.sheet import Sheet, Style, address, fit_columns, number_format
from finmodel.render.term import Term
from finmodel.report.figures import INPUTS, Inputs
from finmodel.report.layout import BASE, KEY, LIVE, NOTE
from finmodel.report.pages.writing import Writer

LOG = "Change log"
ENTRIES = 30
TOP = 3
WHO, WHY = LIVE, BASE


def log_sheet(
    facts: Mapping[str, str], declared: Mapping[str, Input], inputs: Inputs, others: Sequence[Term] = ()
) -> tuple[Sheet, Term]:
    """What was exported, rows for whoever changes it, and a flag at each figure that is no longer as exported.

    Parameters
    ----------
    facts
        What the workbook was made from, by what it is.
    inputs
        The sheet of figures, laid out.
    others
        Cells that count changes elsewhere.

    Returns
    -------
    Sheet
        A figure is changed where its base or that of a scenario is another number than was exported, or a text, or
        where a cell was filled or cleared.
    Term
        The cell with the number of figures and shocks that differ, which is 0.
    """
    sheet = Sheet(LOG, frozen=(TOP, 0))
    writer = Writer(sheet, TOP)
    for key, words in facts.items():
        sheet.text(writer.row, KEY, key)
        writer.sentence(words, NOTE)
    total = writer.line("Changed since", "Figures that differ from those exported, marked 1 below; typed shocks.")
    writer.section("Log: write here what you change")
    last = BASE + 1 + len(inputs.scenarios)
    writer.heads(("Date", "What", "Who", "Why", *[""] * (last - WHY)))
    for row in range(writer.row, writer.row + ENTRIES):
        for column in range(KEY, last + 1):
            sheet.text(row, column, "", "entry" if column <= WHO else "long entry")
    writer.row += ENTRIES
    writer.section("Figures as exported")
    writer.sentence(f"Plain numbers, locked. What the model reads stands on {INPUTS}; change it there.")
    first = writer.row
    _figures(writer, declared, inputs)
    flags = f"{address(first, LIVE, fixed=True)}:{address(writer.row - 1, LIVE, fixed=True)}"
    count = "+".join([f"SUM({flags})", *(other.text for other in others)])
    sheet.formula(total, LIVE, count, 0.0, Style("check", "0"))
    sheet.widths[0, 0] = 2.0
    fit_columns(sheet, KEY, KEY, 14.0, 40.0, from_row=TOP)
    sheet.widths[NOTE, NOTE] = 64.0
    fit_columns(sheet, LIVE, last, 14.0, 24.0, from_row=first)
    return sheet, Term(f"'{LOG}'!{address(total, LIVE, fixed=True)}", 0.0)


def _figures(writer: Writer, declared: Mapping[str, Input], inputs: Inputs) -> None:
    sheet, section = writer.sheet, None
    words = ("Key", "What it is", "Changed", "Unit", "Base", *inputs.scenarios)
    last = BASE + len(inputs.scenarios)
    for name, row_of_input in inputs.rows.items():
        given = declared[name]
        if given.section != section:
            section = given.section
            writer.section(section)
            writer.heads(words, words[2:3] + words[4:])
        row = writer.line(name, first_sentence(given.note))
        sheet.text(row, BASE, given.unit, "unit")
        stated = [inputs.sheet.cells[row_of_input, column].content for column in range(BASE, last + 1)]
        number = number_format(given.unit, [x for x in stated if isinstance(x, float)])
        for column, x in enumerate(stated, BASE + 1):
            if isinstance(x, str):
                sheet.text(row, column, x, "fixed")
            else:
                sheet.number(row, column, x, Style("fixed", number))
        now = f"{INPUTS}!{address(row_of_input, BASE)}:{address(row_of_input, last)}"
        then = f"{address(row, BASE + 1)}:{address(row, last + 1)}"
        differ = f'SUMPRODUCT(({now}<>{then})+({now}&""<>{then}&""))'  # the latter tells an empty cell from 0
        sheet.formula(row, LIVE, f"IFERROR(SIGN({differ}),1)", 0.0, Style("check", "0"))
