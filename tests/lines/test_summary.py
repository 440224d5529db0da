"""The summary: tax years, the parts of the hardware's cost, and what is shown by year and on one page."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from finmodel.graph.summary import Annual, Dashboard, EveryYear, PerYear, Said, Yearly
from finmodel.lines.summary import ANNUAL, DASHBOARD
from tests.lines.conftest import Site, site_of


def lines_by_year(annual: Annual) -> Iterator[str]:
    """The lines that the summary by year reads."""
    yield annual.year
    for _, rows in annual.blocks:
        for row in rows:
            match row:
                case Yearly(line=name, where=where):
                    yield from filter(None, (name, where))
                case PerYear(above=above, below=below):
                    yield from (above, below)
                case EveryYear(line=name):
                    yield name


def lines_on_one_page(dashboard: Dashboard) -> Iterator[str]:
    """The lines and inputs that the dashboard reads, besides those by year."""
    for sentence in dashboard.answer:
        yield from (word.line for word in sentence.words if isinstance(word, Said))
        yield from filter(None, [sentence.where])
    yield from (figure.line for figure in dashboard.figures)
    yield from (dashboard.parts.whole, *dashboard.parts.per)
    yield from (line for part in dashboard.parts.parts for line in part.lines)


def test_all_that_is_shown_is_in_the_model(financed: Site) -> None:
    known = {*financed.model.lines, *financed.model.inputs}
    assert {*lines_by_year(ANNUAL), *lines_on_one_page(DASHBOARD)} <= known


def test_all_that_is_pictured_is_a_row_by_year() -> None:
    keys = {row.key if isinstance(row, PerYear) else row.line for _, rows in ANNUAL.blocks for row in rows}
    assert {drawn.key for picture in DASHBOARD.pictures for drawn in picture.rows} <= keys


def test_a_ratio_of_a_year_reads_sums_that_stand_above_it() -> None:
    above: set[str] = set()
    for _, rows in ANNUAL.blocks:
        for row in rows:
            if isinstance(row, PerYear):
                assert {row.above, row.below} <= above
            elif isinstance(row, Yearly) and row.fold == "sum":
                above.add(row.line)


@pytest.mark.parametrize(("periods", "per_year", "ends_in"), [(30, 12, 3), (24, 12, 12), (11, 4, 6), (5, 1, 9)])
def test_tax_years_end_where_the_timeline_says(periods: int, per_year: int, ends_in: int) -> None:
    site = site_of(periods, per_year, ("only",), ("original",), ends_in)
    years, ends = site()["tax_year"], site.model.timeline.series["tax_year_end"]
    assert years[0] == 1
    assert np.array_equal(np.diff(years), ends[:-1])
    assert years[-1] == ends.sum()


def test_the_parts_of_the_initial_capex_add_up(financed: Site) -> None:
    result = financed()
    parts = sum(result[line] for part in DASHBOARD.parts.parts for line in part.lines)
    assert parts == pytest.approx(result["capex_total"], rel=1e-12)
