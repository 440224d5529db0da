"""The sheet of figures: what the model reads live, the base, the scenarios, and where each figure comes from."""

from __future__ import annotations

from collections.abc import Mapping

from finmodel.assumptions.bind import Binding
from finmodel.assumptions.bound import BoundFigure
from finmodel.render.excel import first_sentence
from finmodel.render.rates import compounding, said
from finmodel.render.sheet import Bounds, Choice, Sheet, Style, address, fit_columns, number_format
from finmodel.render.term import Term
from finmodel.report.layout import BASE, KEY, LIVE, NOTE, SHOWN, SHOWN_BASE, TRIAL, heads
from finmodel.report.painting import can_link
from finmodel.report.trials import Trials

INPUTS = "Inputs"
CHOSEN, SHOWN_TRIAL, COLUMN_OF_CHOSEN, IS_SHOWN, HEAD = 2, 3, 4, 5, 7
AFTER_SCENARIOS = ("Chosen", "Unit", "Low", "High", "In bounds", "Distribution", "Grade", "As of", "Source", "Note")
BY_HAND = "Set by hand."


class Inputs:
    """The sheet of figures: what the model reads live, the base, the scenarios, and where each comes from."""

    def __init__(
        self, binding: Binding, fixed: Mapping[str, float], scenario: str, trials: Trials | None = None
    ) -> None:
        self.binding, self.fixed, self.trials = binding, fixed, trials
        self.scenarios = binding.scenarios[1:]
        self.effective = compounding(binding.model)
        self.sheet = Sheet(INPUTS, frozen=(HEAD + 1, BASE), one_page_wide=False, repeated_columns=NOTE)
        self.picked = BASE + len(self.scenarios) + 1
        self.unit = self.picked + 1
        base, live = binding.figures(None, fixed), binding.figures(scenario, fixed)
        self._heading(scenario)
        self.rows: dict[str, int] = {}
        row, section = HEAD + 1, None
        for name, declared in binding.model.inputs.items():
            if declared.section != section:
                section = declared.section
                self.sheet.text(row, 0, section, "section")
                row += 1
            self.rows[name] = row
            self._row(row, base[name], live[name])
            row += 1
        self._widths()

    @property
    def addresses(self) -> dict[str, str]:
        """The live cell of each input."""
        return {name: f"{INPUTS}!{address(row, LIVE, fixed=True)}" for name, row in self.rows.items()}

    @property
    def column_of_chosen(self) -> str:
        """The cell with the number of the chosen scenario's column."""
        return f"{INPUTS}!{address(COLUMN_OF_CHOSEN, LIVE, fixed=True)}"

    @property
    def chosen(self) -> str:
        """The cell that chooses the scenario."""
        return f"{INPUTS}!{address(CHOSEN, LIVE, fixed=True)}"

    def tell(self, changes: Term) -> None:
        """Say what is shown, and how many figures are not those exported; `changes` is the cell with that number."""
        said = f'"Scenario "&IF({self.chosen}="","{SHOWN_BASE}",{self.chosen})'
        if self.trials is not None:
            said = f'{said}&IF({SHOWN}>0,", trial "&{TRIAL},"")'
        said = f'{said}&IF({changes.text}=0,"",", "&{changes.text}&" changed since export")'
        self.sheet.formula(CHOSEN, BASE, said, self.in_words, Style("said"))

    @property
    def in_words(self) -> str:
        """Which scenario is shown."""
        return f"Scenario {self.shown}"

    def range_of(self, column: int) -> str:
        """A column of the table of inputs."""
        ends = (address(row, column, fixed=True) for row in (HEAD + 1, self.sheet.last_row))
        return f"{INPUTS}!{':'.join(ends)}"

    @property
    def in_bounds(self) -> str:
        """The flags that say whether each live figure is allowed."""
        return self.range_of(self.picked + AFTER_SCENARIOS.index("In bounds"))

    @property
    def grades(self) -> str:
        """The grades of the figures."""
        return self.range_of(self.picked + AFTER_SCENARIOS.index("Grade"))

    def _heading(self, scenario: str) -> None:
        sheet, last = self.sheet, BASE + len(self.scenarios)
        names = f"{address(HEAD, BASE, fixed=True)}:{address(HEAD, last, fixed=True)}"
        sheet.text(CHOSEN, KEY, "Scenario", "subtitle")
        sheet.text(CHOSEN, NOTE, "Choose here: every figure follows; empty means Base.")
        self.shown = scenario if scenario in self.scenarios else SHOWN_BASE
        sheet.text(CHOSEN, LIVE, self.shown, "input")
        note = "Choose a scenario from the list, or leave the cell empty for Base."
        sheet.choices.append(Choice(CHOSEN, LIVE, names, note))
        sheet.text(COLUMN_OF_CHOSEN, NOTE, "Its column, counted from Base.")
        chosen = address(CHOSEN, LIVE, fixed=True)
        place = 1.0 + (self.scenarios.index(scenario) + 1 if scenario in self.scenarios else 0)
        formula = f'IF({chosen}="",1,MATCH({chosen},{names},0))'
        sheet.formula(COLUMN_OF_CHOSEN, LIVE, formula, place, Style("formula", "0"))
        self._trial()
        numbers = ("Live", "Base", *self.scenarios)
        words = ("Key", "What it is", *numbers, *AFTER_SCENARIOS)
        heads(sheet, HEAD, words, (*numbers, "Chosen", "Low", "High", "In bounds"))

    def _trial(self) -> None:
        """The cell that takes the number of a trial, and the flag that says whether one is shown."""
        sheet, trials = self.sheet, self.trials
        sheet.text(SHOWN_TRIAL, KEY, "Trial", "subtitle")
        if trials is None:
            sheet.text(SHOWN_TRIAL, NOTE, "This workbook carries no trials: it was written without a simulation.")
            return
        words = f"1 to {len(trials)} shows that simulated path; 0 the scenario."
        sheet.text(SHOWN_TRIAL, NOTE, words)
        sheet.number(SHOWN_TRIAL, LIVE, 0.0, Style("input", "0"))
        sheet.bounds.append(
            Bounds(SHOWN_TRIAL, LIVE, LIVE, 0.0, float(len(trials)), f"A whole number, 0 to {len(trials)}.", whole=True)
        )
        said = f'IF({SHOWN}>0,{trials.name_shown},"no trial is shown")'
        sheet.formula(SHOWN_TRIAL, BASE, said, "no trial is shown", Style("said"))
        sheet.text(IS_SHOWN, NOTE, "1 while a trial is shown.")
        sheet.formula(IS_SHOWN, LIVE, f"IF({TRIAL}=0,0,1)", 0.0, Style("formula", "0"))

    def _row(self, row: int, base: BoundFigure, live: BoundFigure) -> None:
        sheet, declared = self.sheet, self.binding.model.inputs[base.name]
        stated = [base.value, live.value]
        changed: dict[int, float] = {}
        unchanged = self.binding.by_scenario[self.binding.scenarios[0]][base.name]
        for place, scenario in enumerate(self.scenarios, BASE + 1):
            figure = self.binding.by_scenario[scenario][base.name]
            if base.name not in self.fixed and figure is not unchanged:
                changed[place] = figure.value
        style = Style("input", number_format(base.unit, [*stated, *changed.values()]))
        sheet.text(row, KEY, base.name, "key")
        note = said(first_sentence(declared.note), base.name, declared.unit, self.effective)
        sheet.text(row, NOTE, note, "wrapped")
        last = BASE + len(self.scenarios)
        every = f"${address(row, BASE)}:${address(row, last)}"
        picked = f"INDEX({every},{address(COLUMN_OF_CHOSEN, LIVE, fixed=True)})"
        formula, chosen = f'IF({picked}="",${address(row, BASE)},{picked})', f"${address(row, self.picked)}"
        sheet.formula(row, self.picked, formula, live.value, Style("formula", style.number))
        if self.trials is not None and base.name in self.trials.columns:
            chosen = f"IF({SHOWN}>0,{self.trials.of_shown(base.name)},{chosen})"
        sheet.formula(row, LIVE, chosen, live.value, Style("formula", style.number))
        sheet.number(row, BASE, base.value, style)
        for place in range(BASE + 1, last + 1):
            if place in changed:
                sheet.number(row, place, changed[place], style)
            else:
                sheet.text(row, place, "", "input")
        if declared.low is not None or declared.high is not None:
            note = f"{base.name} must lie within its bounds, Low to High."
            sheet.bounds.append(Bounds(row, BASE, last, declared.low, declared.high, note))
        self._evidence(row, base, style.number)

    def _evidence(self, row: int, base: BoundFigure, number: str) -> None:
        sheet, declared, column = self.sheet, self.binding.model.inputs[base.name], self.unit
        sheet.text(row, column, base.unit, "unit")
        for place, bound in ((column + 1, declared.low), (column + 2, declared.high)):
            if bound is not None:
                sheet.number(row, place, bound, Style("fixed", number_format("1", [bound])))
        live, stated, low, high = (address(row, place) for place in (LIVE, BASE, column + 1, column + 2))
        numbers = f"AND(ISNUMBER({stated}),ISNUMBER({live}))"  # a base figure that is cleared would be read as 0
        stated_all = f"{stated}:{address(row, self.picked - 1)}"
        above = f'OR({low}="",AND({live}>={low},COUNTIF({stated_all},"<"&{low})=0))'
        below = f'OR({high}="",AND({live}<={high},COUNTIF({stated_all},">"&{high})=0))'
        all_numbers = f"COUNT({stated_all})=COUNTA({stated_all})"
        sheet.formula(
            row, column + 3, f"IF(AND({numbers},{all_numbers},{above},{below}),1,0)", 1.0, Style("formula", "0")
        )
        by_hand = base.name in self.fixed
        figure = base.figure
        words = (
            "" if base.range is None else str(base.range),
            base.grade,
            "" if by_hand else str(figure.as_of),
            "" if by_hand else figure.source or "",
            BY_HAND if by_hand else figure.note,
        )
        for place, text in enumerate(words, column + 4):
            sheet.text(row, place, text, "wrapped")
        source = None if by_hand else self.binding.source_of(base.name)
        if source is not None and can_link(source.url):
            sheet.text(row, column + 7, figure.source or "", "link")
            sheet.links[row, column + 7] = str(source.url)

    def _widths(self) -> None:
        sheet, column = self.sheet, self.unit
        sheet.widths[0, 0] = 2.0
        sheet.column_breaks = [column]
        fit_columns(sheet, KEY, KEY, 14.0, 40.0, from_row=HEAD)
        sheet.widths[NOTE, NOTE] = 52.0
        fit_columns(sheet, LIVE, column - 1, 12.0, 24.0, from_row=HEAD)
        fit_columns(sheet, column, column, 8.0, 20.0, from_row=HEAD)
        fit_columns(sheet, column + 1, column + 3, 10.0, 14.0, from_row=HEAD)
        fit_columns(sheet, column + 4, column + 4, 12.0, 44.0, from_row=HEAD)
        fit_columns(sheet, column + 5, column + 6, 10.0, 14.0, from_row=HEAD)
        fit_columns(sheet, column + 7, column + 7, 12.0, 30.0, from_row=HEAD)
        sheet.widths[column + 8, column + 8] = 64.0
