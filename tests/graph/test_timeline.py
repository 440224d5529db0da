import datetime as dt

import pytest

from finmodel.graph import Timeline


def test_convention_1_period_0_is_a_point_without_length() -> None:
    series = Timeline(dt.date(2027, 3, 31), 24).series
    assert series["hours"][0] == 0.0
    assert series["hours"][1:].sum() == 2 * 8760.0
    assert series["month"][0] == 0.0


@pytest.mark.parametrize(("per_year", "last"), [(12, "2028-03"), (4, "2030-03"), (1, "2039-03")])
def test_a_period_is_named_by_the_month_in_which_it_ends(per_year: int, last: str) -> None:
    timeline = Timeline(dt.date(2027, 3, 31), 12, per_year)
    assert timeline.labels[0] == "2027-03"
    assert timeline.labels[-1] == last


def test_a_month_inside_a_quarter_belongs_to_it() -> None:
    timeline = Timeline(dt.date(2026, 12, 31), 8, 4)
    assert [timeline.period_of(month) for month in ("2026-12", "2027-01", "2027-03", "2027-04")] == [0, 1, 1, 2]


@pytest.mark.parametrize(
    "label", ["2027", "2027-13", "March", "2026-02", "2099-01", "2028-3", "+2028-03", " 2028-03", "2028-0_3"]
)
def test_a_month_outside_the_timeline_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match=r"not a month|outside the timeline"):
        Timeline(dt.date(2027, 3, 31), 24).period_of(label)


@pytest.mark.parametrize("per_year", [12, 4, 1])
def test_every_tax_year_ends_once(per_year: int) -> None:
    timeline = Timeline(dt.date(2027, 3, 31), 10 * per_year, per_year, tax_year_end=12)
    flags = timeline.series["tax_year_end"]
    assert flags.sum() == (11 if per_year > 1 else 10)
    assert flags[-1] == 1.0
    months = [label[-2:] for label, flag in zip(timeline.labels, flags, strict=True) if flag]
    assert set(months[:-1]) == ({"12"} if per_year > 1 else {"03"})


def test_a_close_at_the_end_of_the_tax_year_ends_it() -> None:
    assert Timeline(dt.date(2026, 12, 31), 12).series["tax_year_end"][0] == 1.0
    assert Timeline(dt.date(2027, 1, 31), 12).series["tax_year_end"][0] == 0.0


@pytest.mark.parametrize(("periods", "per_year", "tax"), [(0, 12, 12), (12, 5, 12), (12, 12, 13)])
def test_a_timeline_that_cannot_be_is_refused(periods: int, per_year: int, tax: int) -> None:
    with pytest.raises(ValueError, match="not"):
        Timeline(dt.date(2027, 3, 31), periods, per_year, tax)
