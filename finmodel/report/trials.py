"""Trials: paths of a simulation that a workbook carries, so that each can be shown month by month in its live model.

They stand at even percentiles of one metric: the first is its worst path, the last its best, the middle one its median.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from finmodel.graph.model import Model
from finmodel.graph.timeline import Timeline
from finmodel.render import months
from finmodel.render.excel import Replay
from finmodel.render.sheet import MISSING, WHOLE, Sheet, Style, address, fit_columns, number_format
from finmodel.render.workings import FIRST, TOP
from finmodel.render.workings import KEY as SERIES_KEY
from finmodel.render.workings import NOTE as SERIES_NOTE
from finmodel.render.workings import UNIT as SERIES_UNIT
from finmodel.report.layout import SHOWN, TRIAL

if TYPE_CHECKING:
    from finmodel.simulate.simulation import Simulation

Floats = NDArray[np.float64]
MOST = 201
"""Trials of a workbook: percentiles 0, 0.5, ... 100."""
NAMED = {0.0: "worst", 100.0: "best", 50.0: "P50, the median", 5.0: "P5", 95.0: "P95"}
NEAR = 0.25
"""How many percent from a percentile a path may lie that bears its name: half of a step."""
TRIALS, DRAWS = "Trials", "Draws"
NUMBER, PATH, PERCENTILE, NAME, COLUMNS = 1, 2, 3, 4, 5
HEAD, ROWS = 4, 6


@dataclass(frozen=True)
class Trials:
    """Paths, and what was drawn and found on each.

    Attributes
    ----------
    model
        What was simulated.
    ranked
        The metric by which they are chosen and ordered.
    paths, percentiles
        For each trial the number of its path, and how many percent of the paths lie below it.
    columns
        For each metric and each uncertain input a number a trial; NaN is a metric that does not exist.
    shocks
        For each shock an array of shape (trials, periods + 1).
    """

    model: Model
    ranked: str
    paths: Sequence[int]
    percentiles: Sequence[float]
    columns: Mapping[str, Sequence[float]]
    shocks: Mapping[str, Floats]

    @classmethod
    def of(cls, simulation: Simulation, ranked: str) -> Trials | None:
        """At even percentiles of a metric, all paths where there are few; None where no path has that metric."""
        from finmodel.simulate.shocks import normals

        model, result = simulation.model, simulation.result(ranked)
        present = np.flatnonzero(np.isfinite(result))
        order = present[np.argsort(result[present], kind="stable")]
        if not order.size:
            return None
        places = np.unique(np.rint(np.linspace(0, order.size - 1, min(MOST, order.size))).astype(np.int64))
        chosen = order[places]
        names = (*model.metrics, *simulation.uncertain)
        found = simulation.store.of_paths(chosen)
        return cls(
            model,
            ranked,
            chosen.tolist(),
            (100.0 * places / max(order.size - 1, 1)).tolist(),
            {name: found[name].tolist() for name in names},
            {
                name: normals(simulation.seed, stream, chosen, model.timeline.periods)
                for stream, name in enumerate(model.shocks)
            },
        )

    @classmethod
    def blank(cls, model: Model, ranked: str, uncertain: Sequence[str], count: int) -> Trials:
        """As many trials without their numbers: what else a workbook says where it carries that many."""
        nothing = [0.0] * count
        series = {name: np.zeros((count, model.timeline.periods + 1)) for name in model.shocks}
        columns = dict.fromkeys((*model.metrics, *uncertain), nothing)
        return cls(model, ranked, [0] * count, nothing, columns, series)

    def __len__(self) -> int:
        return len(self.paths)

    def of_shown(self, name: str) -> str:
        """The formula that reads the shown trial's value of a metric or uncertain input."""
        return self._shown(COLUMNS + list(self.columns).index(name))

    @property
    def path_shown(self) -> str:
        """The formula that reads the number of the shown trial's path."""
        return self._shown(PATH)

    @property
    def name_shown(self) -> str:
        """The formula that reads what the shown trial is."""
        return self._shown(NAME)

    def _shown(self, column: int) -> str:
        ends = (address(row, column, fixed=True) for row in (ROWS, ROWS + len(self) - 1))
        return f"INDEX({TRIALS}!{':'.join(ends)},{TRIAL})"

    @property
    def replay(self) -> Replay:
        """How the model's shocks read the shown trial."""
        formulas = {}
        for place, name in enumerate(self.shocks):
            first = self._first_row(place)
            formulas[name] = f"INDEX({DRAWS}!{{c}}${first + 1}:{{c}}${first + len(self)},{TRIAL})"
        return Replay(SHOWN, formulas)

    def _first_row(self, place: int) -> int:
        return TOP + 1 + place * (len(self) + 2)

    def table(self) -> Sheet:
        """A row a trial: its path, its metrics, its inputs."""
        sheet = Sheet(TRIALS, frozen=(ROWS, COLUMNS), one_page_wide=False, repeated_columns=COLUMNS)
        units = self.model.units
        sheet.text(2, NUMBER, f"Paths at even percentiles of {self.ranked}: numbers as drawn and found, no formulas.")
        for column, words in ((NUMBER, "Trial"), (PATH, "Path"), (PERCENTILE, "Percentile"), (NAME, "What it is")):
            sheet.text(HEAD, column, words, "head of numbers" if column < NAME else "head")
            sheet.text(HEAD + 1, column, "%" if column == PERCENTILE else "", "band of numbers")
        metrics = set(self.model.metrics)
        for column, (name, values) in enumerate(self.columns.items(), COLUMNS):
            present = [value for value in values if np.isfinite(value)]
            style = Style("fixed", number_format(units[name], present))
            sheet.text(HEAD - 1, column, "metric" if name in metrics else "input", "band of numbers")
            sheet.text(HEAD, column, name, "head of numbers")
            sheet.text(HEAD + 1, column, units[name], "band of numbers")
            for row, value in enumerate(values, ROWS):
                if np.isfinite(value):
                    sheet.number(row, column, value, style)
                else:
                    sheet.text(row, column, MISSING, "missing")
        whole, percentile = Style("fixed", WHOLE), Style("fixed", "0.0")
        for place, (path, share) in enumerate(zip(self.paths, self.percentiles, strict=True)):
            sheet.number(ROWS + place, NUMBER, place + 1.0, whole)
            sheet.number(ROWS + place, PATH, float(path), whole)
            sheet.number(ROWS + place, PERCENTILE, share, percentile)
            sheet.text(ROWS + place, NAME, self._name(place), "unit")
        sheet.widths = {(0, 0): 2.0, (NUMBER, PERCENTILE): 14.0, (NAME, NAME): 34.0}
        fit_columns(sheet, COLUMNS, COLUMNS + len(self.columns) - 1, 12.0, 26.0, from_row=HEAD)
        return sheet

    def _name(self, place: int) -> str:
        """Such as "P5 of project_npv" for the trial that lies nearest to the fifth percentile."""
        if len(self) == 1:
            return "the only path"
        shares = np.asarray(self.percentiles)
        for percentile, name in NAMED.items():
            apart = np.abs(shares - percentile)
            if int(apart.argmin()) == place and apart[place] <= NEAR:
                return f"{name} of {self.ranked}"
        return f"P{self.percentiles[place]:.1f} of {self.ranked}"

    def draws(self, timeline: Timeline, close: str) -> Sheet:
        """A row a trial and shock, along the months; `close` is the cell with the date of financial close."""
        sheet = Sheet(DRAWS)
        style = Style("fixed", "0.0000")
        for place, (shock, rows) in enumerate(self.shocks.items()):
            first = self._first_row(place)
            sheet.text(first - 1, 0, shock.replace("_", " "), "section")
            for number, (path, values) in enumerate(zip(self.paths, rows.tolist(), strict=True)):
                row = first + number
                sheet.text(row, SERIES_KEY, f"{shock} {number + 1}", "key")
                sheet.text(row, SERIES_UNIT, "1", "unit")
                sheet.text(row, SERIES_NOTE, f"Trial {number + 1}, path {path:,}.")
                sheet.numbers(row, FIRST, values, style)
        months.head(sheet, timeline, close)
        months.fit(sheet, timeline.periods + 1)
        return sheet
