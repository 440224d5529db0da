"""The workbook's rendering: how formulas are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from finmodel.errors import ModelFault
from finmodel.graph import Input, Timeline, balance, growth, line
from finmodel.render.rates import compounding, said
from finmodel.render.sheet import Sheet, column_name
from tests.graph.toys import MONTHLY, model
from tests.workbook.ooxml import relative
from tests.workbook.toys import VALUES, everything, laid_out

TOTAL, PERIODS = 5, 7
NUMBER = re.compile(r"(?<![A-Za-z$\d.])\d+\.?\d*(?![\d:])")
BANNED = ("OFFSET", "INDIRECT", "NOW", "TODAY", "RAND", "LET(", "LAMBDA", "FILTER(", "IRR(", "[")


@pytest.fixture(scope="module")
def sheets() -> dict[str, Sheet]:
    """The sheets of a model with every construct."""
    _, rendered, _ = laid_out(everything(), VALUES)
    found = (*rendered.pages.values(), rendered.workings, rendered.constants.sheet)
    return {sheet.name: sheet for sheet in found}


def rows(sheet: Sheet) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """The formulas of each row in the columns of the periods."""
    for row in sorted({row for row, _ in sheet.cells}):
        found = [
            (c, sheet.cells[row, c].formula) for c in range(PERIODS, sheet.last_column + 1) if (row, c) in sheet.cells
        ]
        yield row, [(column, formula) for column, formula in found if formula is not None]


@pytest.mark.parametrize("name", ["Calculations", "Workings"])
def test_each_row_is_one_formula_in_relative_terms(sheets: dict[str, Sheet], name: str) -> None:
    for row, formulas in rows(sheets[name]):
        if len(formulas) == MONTHLY.periods + 1:
            assert len({relative(formula, row + 1, column + 1) for column, formula in formulas}) == 1, row


def test_every_line_that_varies_has_a_formula_in_every_period(sheets: dict[str, Sheet]) -> None:
    toy, sheet = everything(), sheets["Calculations"]
    at = {cell.content: row for (row, column), cell in sheet.cells.items() if column == 1}
    for name, line_ in toy.lines.items():
        columns = range(PERIODS, PERIODS + MONTHLY.periods + 1) if line_.varies else [4]
        assert all(sheet.cells[at[name], column].formula for column in columns), name


def test_no_number_stands_in_a_formula_but_0_and_1(sheets: dict[str, Sheet]) -> None:
    for sheet in sheets.values():
        for place, cell in sheet.cells.items():
            if cell.formula:
                text = re.sub(r'"[^"]*"|\$?[A-Z]{1,3}\$?\d+', "", cell.formula)
                assert set(NUMBER.findall(text)) <= {"0", "1"}, (sheet.name, place, cell.formula)


def test_no_function_is_volatile_or_new(sheets: dict[str, Sheet]) -> None:
    formulas = [cell.formula for sheet in sheets.values() for cell in sheet.cells.values() if cell.formula]
    assert not [formula for formula in formulas for word in BANNED if word in formula]


def test_a_lag_of_one_period_reads_the_cell_before(sheets: dict[str, Sheet]) -> None:
    assert formula_of(sheets, "cash.opening", PERIODS) == f"G{row_of(sheets, 'cash') + 1}"


def test_a_longer_lag_reads_its_length_from_a_cell(sheets: dict[str, Sheet]) -> None:
    row = row_of(sheets, "revenue") + 1
    assert re.fullmatch(
        rf"INDEX\(\$G{row}:J{row},MAX\(K\$5-Constants!\$D\$\d+,1\)\)", formula_of(sheets, "received", PERIODS + 3)
    )


def test_a_lead_reads_no_cell_past_the_last_period(sheets: dict[str, Sheet]) -> None:
    row, last = row_of(sheets, "revenue") + 1, column_name(PERIODS + MONTHLY.periods)
    period, row_of_cells = r"Timing!K\$7\+{}", rf"\$H\${row}:\${last}\${row}"
    of_one = rf"IF\({period}>Constants!\$D\$\d+,0,INDEX\({row_of_cells},{period}\+1\)\)".format("1", "1")
    cell = r"Constants!\$D\$\d+"
    of_three = rf"IF\({period}>{cell},.+,INDEX\({row_of_cells},{period}\+1\)\)".format(cell, cell)
    ingredient = row_of(sheets, "expected.1") + 1
    assert re.fullmatch(of_three, formula_of(sheets, "expected.1", PERIODS + 3))
    assert re.fullmatch(rf"{of_one}\+K{ingredient}", formula_of(sheets, "expected", PERIODS + 3))


def test_an_extreme_of_flagged_periods_is_none_where_no_flag_is_set(sheets: dict[str, Sheet]) -> None:
    formula = formula_of(sheets, "worst_when_full", 4)
    ranges = r"(\$H\$\d+:\$AF\$\d+),(\$H\$\d+:\$AF\$\d+)"
    found = re.fullmatch(rf'IF\(COUNTIF\((\S+),">0"\)>0,_xlfn\.MINIFS\({ranges},">0"\),"none"\)', formula)
    assert found, formula
    assert found[1] == found[3] != found[2]


def test_a_corkscrew_is_whole_though_what_is_added_and_taken_never_varies() -> None:
    @balance("1")
    def stock(m):
        """A piece more each period."""
        return m.piece * 1, 0 * m.piece, m.piece

    toy = model(MONTHLY, stock=stock, piece=Input("1", "A piece."))
    _, rendered, _ = laid_out(toy, {"piece": 2.0})
    assert {name: len(rendered.rows[name].values) for name in toy.lines} == dict.fromkeys(toy.lines, 25)
    assert rendered.rows["stock.added"].values.tolist() == [2.0] * 25
    assert rendered.rows["stock"].values[-1] == 52.0


def test_what_does_not_vary_has_one_formula(sheets: dict[str, Sheet]) -> None:
    assert formula_of(sheets, "net", 4).startswith("SUM($H$")
    assert ("net", PERIODS) not in sheets["Calculations"].cells


def test_what_reads_a_missing_metric_is_missing(sheets: dict[str, Sheet]) -> None:
    paid = row_of(sheets, "paid") + 1
    assert formula_of(sheets, "months_until_paid", 4) == f'IF(ISNUMBER($E${paid}),$E${paid}*Constants!$D$13,"none")'


def test_brackets_stand_where_they_are_needed() -> None:
    @line("1")
    def shaped(m):
        """Needs brackets."""
        return m.a - (m.b - m.c) * (m.a + m.b) / (m.c / m.a)

    @line("1")
    def signed(m):
        """Two signs."""
        return m.c - -(m.a + m.b)

    toy = model(MONTHLY, shaped=shaped, signed=signed, a=Input("1", "A."), b=Input("1", "B."), c=Input("1", "C."))
    _, rendered, _ = laid_out(toy, {"a": 1.0, "b": 2.0, "c": 3.0})
    a, b, c = (f"Inputs!$C${row}" for row in (2, 3, 4))
    found = rendered.pages["Calculations"].cells.items()
    formulas = [cell.formula for (_, column), cell in found if column == 4 and cell.formula]
    assert formulas == [f"{a}-({b}-{c})*({a}+{b})/({c}/{a})", f"{c}--({a}+{b})"]


def test_a_timeline_wider_than_a_sheet_is_refused() -> None:
    @line("1")
    def grows(m):
        """Grows."""
        return m.period

    wide = Timeline(MONTHLY.close, 16_400, 12)
    with pytest.raises(ModelFault, match="fit no sheet"):
        laid_out(model(wide, grows=grows), {})


def row_of(sheets: dict[str, Sheet], name: str) -> int:
    """The row of a line, from 0."""
    cells = sheets["Calculations"].cells
    return next(row for (row, column), cell in cells.items() if column == 1 and cell.content == name)


def formula_of(sheets: dict[str, Sheet], name: str, column: int) -> str:
    """The formula of a line."""
    return str(sheets["Calculations"].cells[row_of(sheets, name), column].formula)


def test_flows_have_a_total_and_levels_have_none(sheets: dict[str, Sheet]) -> None:
    cells = sheets["Calculations"].cells
    with_total = {
        name
        for name in everything().lines
        if (row_of(sheets, name), TOTAL) in cells and formula_of(sheets, name, TOTAL)
    }
    assert {"flow", "revenue", "outlays", "change", "cash.added", "cash.less"} <= with_total
    assert not {"cash", "cash.opening", "running", "in_service", "built.first", "energy"} & with_total


def test_annual_rates_say_whether_they_compound() -> None:
    @line("1")
    def index(m):
        """Grows."""
        return growth(m.rise, m.year) + m.charge * m.year

    toy = model(MONTHLY, index=index, rise=Input("1/year", "A."), charge=Input("1/year", "B."))
    effective = compounding(toy)
    assert said("A.", "rise", "1/year", effective) == "A. Effective annual rate."
    assert said("B.", "charge", "1/year", effective) == "B. Simple annual rate."
    assert said("C.", "month", "month", effective) == "C."
