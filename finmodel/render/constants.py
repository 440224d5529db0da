"""The sheet of constants: every number that is no figure of a case, with a name, a unit and the lines that use it."""

from __future__ import annotations

from finmodel.graph.timeline import HOURS_PER_YEAR, MONTHS_PER_YEAR, NUMBERS, Timeline
from finmodel.render.sheet import DATE, GENERAL, WHOLE, Sheet, Style, address, fit_columns, number_format

CONSTANTS = "Constants"
KEY, NOTE, VALUE, UNIT, USE = range(1, 6)
HEADS = ("Key", "What it is", "Value", "Unit", "Used in")
MOST_USERS = 4


class Constants:
    """Gives each constant a cell, once; `user` is whoever asks at the moment."""

    def __init__(self, timeline: Timeline, close: float, top: int) -> None:
        self.sheet = Sheet(CONSTANTS)
        self.user = "timeline"
        self._next, self._head = top, top - 1
        self._of_time: dict[str, str] = {}
        self._addresses: dict[tuple[str, float], str] = {}
        self._rows: dict[tuple[str, float], int] = {}
        self._users: dict[tuple[str, float], dict[str, None]] = {}
        self._section("Time")
        for key, note, value, unit in (
            ("months_per_year", "Months in a year.", float(MONTHS_PER_YEAR), "month"),
            ("hours_per_year", "Hours in a year.", HOURS_PER_YEAR, "h"),
            ("periods_per_year", NUMBERS["periods_per_year"][1], float(timeline.per_year), "1"),
            ("periods", "Number of the last period; 0 is financial close.", float(timeline.periods), "1"),
            ("close", "Financial close, the end of its month.", close, "date"),
            ("close_month", "Calendar month of close, 1 to 12.", float(timeline.close.month), "1"),
            ("tax_year_end", "Calendar month in which the tax year ends, 1 to 12.", float(timeline.tax_year_end), "1"),
        ):
            self._of_time[key] = self._put(key, note, value, unit)
        per_year, months = self.of("periods_per_year"), self.of("months_per_year")
        length = f"{months}/{per_year}"
        for key, formula in (
            ("months_per_period", length),
            ("years_per_period", f"1/{per_year}"),
            ("horizon", f"{self.of('periods')}*{months}/{per_year}"),
        ):
            unit, note = NUMBERS[key]
            self._of_time[key] = self._put(key, note, timeline.numbers[key], unit, formula)
        self._section("Numbers in formulas")

    def _section(self, words: str) -> None:
        self.sheet.text(self._next, 0, words, "section")
        self._next += 1

    def _put(self, key: str, note: str, value: float, unit: str, formula: str | None = None) -> str:
        row = self._next
        self._next += 1
        shown = number_format(unit, [value])
        number = DATE if unit == "date" else shown if shown == WHOLE else GENERAL
        self.sheet.text(row, KEY, key, "key")
        self.sheet.text(row, NOTE, note, "wrapped")
        self.sheet.text(row, UNIT, unit, "unit")
        if formula is None:
            self.sheet.number(row, VALUE, value, Style("fixed", number))
        else:
            self.sheet.formula(row, VALUE, formula, value, Style("formula", number))
        place = f"{CONSTANTS}!{address(row, VALUE, fixed=True)}"
        self._addresses[key, value] = place
        self._rows[key, value] = row
        return place

    def of(self, key: str) -> str:
        """The address of a constant of the timeline."""
        return self._of_time[key]

    def named(self, label: str, value: float, unit: str, note: str | None = None) -> str:
        """The address of a constant, which gets a cell when it is first asked for."""
        place = self._addresses.get((label, value)) or self._put(label, note or "", value, unit)
        users = self._users.setdefault((label, value), {})
        users[self.user] = None
        shown = list(users)[:MOST_USERS]
        more = f" and {len(users) - MOST_USERS} more" if len(users) > MOST_USERS else ""
        self.sheet.text(self._rows[label, value], USE, ", ".join(shown) + more, "wrapped")
        return place

    def finish(self) -> None:
        """Write the headings and set the widths, once every constant has its cell."""
        sheet, head = self.sheet, self._head
        for column, words in enumerate(HEADS, KEY):
            sheet.text(head, column, words, "head of numbers" if column == VALUE else "head")
        sheet.frozen = (head + 1, 0)
        sheet.widths[0, 0] = 2.0
        fit_columns(sheet, KEY, KEY, 14.0, 44.0, from_row=head)
        fit_columns(sheet, NOTE, NOTE, 24.0, 60.0, from_row=head)
        fit_columns(sheet, VALUE, UNIT, 10.0, 20.0, from_row=head)
        sheet.widths[USE, USE] = 70.0
