"""The same small tables, reckoned by the model's own lines: a server is a rack of eight GPUs, or of none."""

from __future__ import annotations

import pytest

from finmodel.metrics import capital_charge
from tests.lines.conftest import Result, site_of

YEAR = 12


def bare(**figures: float) -> Result:
    """One phase and one generation over ten years, every figure at its lowest but those given; all is sold at once."""
    site = site_of(120, 12, ("only",), ("original",), 12)
    lowest = {name: max(known.low or 0.0, 0.0) for name, known in site.model.inputs.items()}
    certain = {
        "construction_index": 1,
        "exchange_rate": 1,
        "operations_end": 120,
        "spend_curve": 1,
        "availability": 1,
        "sold_share": 1,
        "generation_price": 1,
        "generation_gpu_hour_price": 1,
        "load_factor": 1,
    }
    chosen = certain | figures
    return site({name: chosen.get(name.partition(".")[0], value) for name, value in lowest.items()})


class TestHennessyPatterson:
    """45,978 servers of together 8 MW; cases and sources as in test_published_tables."""

    @pytest.fixture
    def result(self) -> Result:
        return bare(
            racks=45_978,
            rack_power=8_000 / 45_978,
            rack_price=66_700_000 / 45_978,
            network_price=12_810_000 / 45_978,
            shell_cost=0.18 * 11e6,
            electrical_cost=0.82 * 11e6,
            load_factor=0.80,
            pue=1.45,
            electricity_price=70,
            staff_fixed=1,
            salary=85_000 * YEAR,
            hardware_life=9,
        )

    def test_power_and_people_cost_what_the_book_says_a_month(self, result: Result) -> None:
        assert result["electricity_cost"][24] == pytest.approx(474_208, abs=0.5)
        assert result["staff_cost"][24] == pytest.approx(85_000)

    def test_the_month_in_all_costs_3_8_million(self, result: Result) -> None:
        servers, network = 66_700_000.0, 12_810_000.0
        assert result["rack_capex"].sum() == pytest.approx(servers + network)
        assert result["facility_capex"].sum() == pytest.approx(88_000_000)
        parts = ((servers, 3.0), (network, 4.0), (float(result["facility_capex"].sum()), 10.0))
        charges = sum(capital_charge(cost, 0.05, years, "monthly") / YEAR for cost, years in parts)
        assert charges + result["opex"][24] == pytest.approx(3_786_649, abs=2)


class TestClusterOfTenThousandH200:
    """A forum's cluster: 1,250 servers of eight GPUs, every hour sold at 2.50 USD."""

    @pytest.fixture
    def result(self) -> Result:
        return bare(
            racks=1_250,
            rack_power=10.2,
            gpus_per_rack=8,
            rack_price=70_000,
            gpu_price=30_000,
            switches_per_rack=156 / 1_250,
            switch_price=35_000,
            optics_per_rack=20_000 / 1_250,
            optic_price=600,
            storage_price=30e6 / 1_250,
            shell_cost=146.6e6 / 12.75,
            pue=1.2,
            electricity_price=50,
            staff_fixed=40,
            salary=130_000,
            hardware_support_rate=0.02,
            gpu_hour_price=2.50,
            hardware_life=9,
        )

    def test_it_costs_582_million(self, result: Result) -> None:
        assert result["rack_capex"].sum() == pytest.approx(434.96e6)
        assert result["capex_total"] == pytest.approx(581.56e6)

    def test_a_year_costs_20_6_million_of_which_6_7_electricity(self, result: Result) -> None:
        year = slice(24, 24 + YEAR)
        assert result["electricity_cost"][year].sum() == pytest.approx(6.70e6, rel=1e-3)
        assert result["opex"][year].sum() == pytest.approx(20.6e6, rel=1e-3)
        assert result["opex"][year].sum() / result["gpu_hours_sold"][year].sum() == pytest.approx(0.235, abs=5e-4)

    def test_it_pays_back_in_2_93_years_of_full_use(self, result: Result) -> None:
        # The forum rounds the margin to 2.26 USD before it divides, and has 2.94.
        assert result["payback_from_revenue_years"] == pytest.approx(581.56e6 / (87.6e6 * 2.5 - 20.6e6), rel=1e-3)
        assert result["payback_from_revenue_years"] == pytest.approx(2.94, abs=0.015)


@pytest.mark.parametrize(("price", "dollars"), [(70_000, 3.2), (50_000, 2.3)], ids=["GB200", "H100"])
def test_a_gpu_over_three_years_with_a_fifth_for_operation(price: float, dollars: float) -> None:
    result = bare(
        racks=1,
        gpus_per_rack=72,
        rack_price=72 * price,
        hardware_support_rate=0.2 / 3,
        hardware_life=3,
        gpu_hour_price=1,
    )
    assert result["gpu_hours_sold_total"] == pytest.approx(72 * 3 * 8760)
    assert result["levelised_cost_of_compute"] == pytest.approx(dollars, abs=0.05)


def test_a_data_centre_of_30_megawatts_at_40_000_dollars_a_kilowatt() -> None:
    result = bare(racks=300, rack_power=100, rack_price=2_500_000, fit_out_cost=15e6)
    assert result["capex_total"] == pytest.approx(1.2e9)
    assert result["capex_per_mw"] == pytest.approx(40e6)
