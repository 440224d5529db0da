import pytest

from finmodel.graph.units import ONE, factor, parse


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("kW", "MW", 1e-3),
        ("USD/kWh", "USD/MWh", 1e3),
        ("year", "h", 8760.0),
        ("month", "h", 730.0),
        ("year", "month", 12.0),
        ("%", "1", 0.01),
        ("week", "h", 168.0),
        ("MW*h", "MWh", 1.0),
        ("USD/kW", "USD/MW", 1e3),
        ("1/year", "1/year", 1.0),
    ],
)
def test_scales_of_one_quantity_differ_by_their_factor(source: str, target: str, expected: float) -> None:
    assert factor(source, target) == expected


def test_a_currency_is_a_dimension_of_its_own() -> None:
    with pytest.raises(ValueError, match="not a scale of"):
        factor("EUR/MWh", "USD/MWh")


def test_the_regions_currency_reads_as_local() -> None:
    assert factor("EUR/kWh", "local/MWh", {"EUR": "local"}) == 1e3


@pytest.mark.parametrize("text", ["parsec", "MW +", "3", "2*kW", "__import__('os')", "kW-h", "1e400*kW", "kW" * 90])
def test_what_is_no_unit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a unit|too long"):
        parse(text)


@pytest.mark.parametrize("text", ["USD/MWh", "1/year**0.5", "GPU*h", "USD/(MW*year)", "local/(MW*month)", "m3/MWh"])
def test_a_unit_reads_back_as_written(text: str) -> None:
    unit = parse(text)
    assert parse(str(unit)).equals(unit)


def test_the_root_of_a_year_cancels_a_volatility() -> None:
    assert (parse("1/year**0.5") * parse("year").raised(0.5)).equals(ONE)


def test_a_unit_of_no_common_scale_is_shown_with_its_factor() -> None:
    assert str(parse("USD/Wh")) == "1000 USD/kW/h"


def test_a_power_beyond_all_numbers_is_refused() -> None:
    for exponent in (-500, 500):
        with pytest.raises(ValueError, match="out of bounds"):
            parse("USD/Wh").raised(exponent)
