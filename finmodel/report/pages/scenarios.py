"""The page of scenarios: what each is, what it changes and why, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from finmodel.assumptions.bind import Binding
from finmodel.render.excel import Rendered, first_sentence
from finmodel.render.sheet import Sheet, Style, address, fit_columns
from finmodel.report.figures import INPUTS, Inputs
from finmodel.report.layout import BASE, KEY, LIVE, NOTE
from finmodel.report.pages.writing import Writer, format_of, put

SCENARIOS = "Scenarios"
TOP = 4
UNCHANGED = "–"


def scenarios_sheet(
    binding: Binding,
    inputs: Inputs,
    rendered: Rendered,
    computed: Mapping[str, Mapping[str, float]],
    metrics: Sequence[str] = (),
) -> Sheet:
    """Each scenario, the figures that it changes, live, and its metrics as they were.

    Parameters
    ----------
    inputs
        The sheet of figures, laid out.
    computed
        For the base case and each scenario, in the order of the binding, the metrics.
    metrics
        Those that are shown; all unless given.
    """
    sheet = Sheet(SCENARIOS, frozen=(TOP, NOTE))
    writer = Writer(sheet, 2)
    writer.sentence(f"Choose the scenario on {INPUTS}. Figures are live; the metrics of each scenario are a snapshot.")
    _list(writer, binding, inputs)
    if inputs.scenarios:
        _changes(writer, binding, inputs)
    shown = [name for name in metrics or binding.model.metrics if name in binding.model.metrics]
    _metrics(writer, binding, rendered, computed, shown)
    _reasons(writer, binding, inputs)
    sheet.widths[0, 0] = 2.0
    fit_columns(sheet, KEY, KEY, 14.0, 40.0, from_row=TOP)
    sheet.widths[NOTE, NOTE] = 60.0
    fit_columns(sheet, LIVE, BASE + 1 + len(inputs.scenarios), 13.0, 24.0, from_row=TOP)
    return sheet


def _list(writer: Writer, binding: Binding, inputs: Inputs) -> None:
    sheet = writer.sheet
    writer.section("The scenarios")
    writer.heads(("Scenario", "What it is", "Shown", "Figures changed"), ("Shown", "Figures changed"))
    base = writer.line("Base", "The figures of the case as they are.")
    for scenario in binding.book.scenarios.values():
        writer.line(scenario.name, f"{scenario.title}. {scenario.description}")
    chosen = f'IF({inputs.chosen}="",{address(base, KEY, fixed=True)},{inputs.chosen})'
    shown = inputs.shown
    for row in range(base, writer.row):
        answer = "yes" if sheet.cells[row, KEY].content == shown else "no"
        sheet.formula(row, LIVE, f'IF({chosen}={address(row, KEY)},"yes","no")', answer, Style("formula"))
    for place, row in enumerate(range(base + 1, writer.row), 1):
        cells = [inputs.sheet.cells[at, BASE + place] for at in inputs.rows.values()]
        count = float(sum(isinstance(cell.content, float) for cell in cells))
        sheet.formula(row, BASE, f"COUNT({inputs.range_of(BASE + place)})", count, Style("formula", "0"))


def _changes(writer: Writer, binding: Binding, inputs: Inputs) -> None:
    sheet, columns = writer.sheet, range(BASE, BASE + 1 + len(inputs.scenarios))
    writer.section("Figures that a scenario changes")
    words = ("Key", "What it is", "Live", "Unit", "Base", *inputs.scenarios)
    writer.heads(words, words[2:3] + words[4:])
    for name, at in inputs.rows.items():
        cells = [inputs.sheet.cells[at, column] for column in columns]
        if not any(isinstance(cell.content, float) for cell in cells[1:]):
            continue
        declared = binding.model.inputs[name]
        row = writer.line(name, first_sentence(declared.note))
        live = inputs.sheet.cells[at, LIVE]
        sheet.formula(row, LIVE, inputs.addresses[name], live.content, Style("formula", live.style.number))
        sheet.text(row, BASE, declared.unit, "unit")
        for column, cell in zip(columns, cells, strict=True):
            there = f"{INPUTS}!{address(at, column)}"
            style = Style("formula", cells[0].style.number)
            stated = UNCHANGED if cell.content == "" else cell.content
            sheet.formula(row, column + 1, f'IF({there}="","{UNCHANGED}",{there})', stated, style)


def _metrics(
    writer: Writer,
    binding: Binding,
    rendered: Rendered,
    computed: Mapping[str, Mapping[str, float]],
    shown: Sequence[str],
) -> None:
    sheet = writer.sheet
    writer.section("What comes of them")
    writer.sentence("As computed when the workbook was written; only the column Live follows what is changed since.")
    words = ("Key", "What it is", "Live", "Unit", "Base", *binding.scenarios[1:])
    writer.heads(words, words[2:3] + words[4:])
    for name in shown:
        line, live = binding.model.lines[name], rendered.numbers[name]
        found = [computed[scenario][name] for scenario in binding.scenarios]
        number = format_of(line.unit, found)
        row = writer.line(name, first_sentence(line.note))
        sheet.formula(row, LIVE, live.text, live.stored, Style("formula", number))
        sheet.text(row, BASE, line.unit, "unit")
        for column, value in enumerate(found, BASE + 1):
            put(sheet, row, column, value, number)


def _reasons(writer: Writer, binding: Binding, inputs: Inputs) -> None:
    sheet, base = writer.sheet, binding.by_scenario[binding.scenarios[0]]
    for scenario in inputs.scenarios:
        writer.section(f"Why: {scenario}")
        writer.heads(("Key", "Reason that the case gives", "Grade", "Source"))
        for name, figure in binding.by_scenario[scenario].items():
            if figure is base[name] or name in inputs.fixed:
                continue
            said = figure.change or figure.figure
            row = writer.line(name, said.note)
            sheet.text(row, LIVE, figure.grade, "unit")
            sheet.text(row, BASE, said.source or "", "unit")
