"""Small cost tables from books, analysts and forums, reproduced from their own inputs."""

from __future__ import annotations

import pytest

from finmodel.graph.units import factor
from finmodel.metrics import capital_charge, irr, levelised_cost, payback, straight_line

HOURS_PER_MONTH = 730.0


class TestHennessyPatterson:
    """Computer Architecture, 5th edition, figures 6.13 and 6.14, after James Hamilton: 8 MW of servers, monthly."""

    servers, network, facility = 66_700_000.0, 12_810_000.0, 88_000_000.0
    people = 85_000.0

    @staticmethod
    def monthly(cost: float, years: float) -> float:
        return capital_charge(cost, 0.05, years, "monthly") / 12.0

    @property
    def table(self) -> dict[str, float]:
        energy = 8_000.0 * 0.80 * 1.45 * HOURS_PER_MONTH
        facility = self.monthly(self.facility, 10)
        return {
            "servers": self.monthly(self.servers, 3),
            "networking": self.monthly(self.network, 4),
            "power and cooling": 0.82 * facility,
            "other infrastructure": 0.18 * facility,
            "power": 0.07 * energy,
            "people": self.people,
        }

    @pytest.mark.parametrize(
        ("item", "dollars", "published", "share"),
        [
            ("servers", 1_999_059, 2_000_000, 0.53),
            ("networking", 295_005, 295_000, 0.08),
            ("power and cooling", 765_369, 765_000, 0.20),
            ("other infrastructure", 168_008, 170_000, 0.04),
            ("power", 474_208, 475_000, 0.13),
        ],
    )
    def test_each_monthly_cost_is_the_books(self, item: str, dollars: float, published: float, share: float) -> None:
        found = self.table[item]
        assert found == pytest.approx(dollars, abs=0.5)
        assert found == pytest.approx(published, rel=0.015)
        assert found / sum(self.table.values()) == pytest.approx(share, abs=0.006)

    def test_the_total_is_the_books(self) -> None:
        total = sum(self.table.values())
        assert total == pytest.approx(1_999_059 + 295_005 + 765_369 + 168_008 + 474_208 + 85_000, abs=2)
        assert total == pytest.approx(3_786_385, rel=1e-4)  # quoted 264 dollars below the sum of its own parts
        assert total == pytest.approx(3_800_000, rel=0.005)

    def test_a_server_hour_costs_eleven_cents_and_a_watt_year_two_dollars(self) -> None:
        assert sum(self.table.values()) / (45_978 * HOURS_PER_MONTH) == pytest.approx(0.11, abs=0.005)
        burdened = self.table["power"] + self.table["power and cooling"]
        assert 12.0 * burdened / 8_000_000 == pytest.approx(2.0, rel=0.08)


class TestClusterOfTenThousandH200:
    """A forum's table of a cluster of 10,000 H200 (discussion.fool.com/t/nbis-2025-q2-er/120546)."""

    gpus = 10_000.0
    hardware = gpus * 30_000 + 1_250 * 70_000 + 156 * 35_000 + 20_000 * 600 + 30e6
    capex = hardware + 146.6e6
    power = 1_250 * 10.2 * 1.2
    electricity = power * 0.05 * factor("year", "h")
    opex = electricity + 5.2e6 + 0.02 * hardware
    gpu_hours = gpus * factor("year", "h")

    def test_capex_is_582_million(self) -> None:
        assert self.hardware == pytest.approx(434.96e6)
        assert self.capex == pytest.approx(581.56e6)
        assert round(self.capex / 1e6) == 582

    def test_it_draws_15_megawatts_for_7_million_a_year(self) -> None:
        assert self.power * factor("kW", "MW") == pytest.approx(15.3)
        assert self.electricity == pytest.approx(6.70e6, rel=1e-3)

    def test_a_gpu_hour_costs_24_cents_to_run(self) -> None:
        assert self.opex == pytest.approx(20.6e6, rel=1e-3)
        running = levelised_cost(self.capex, 0.0, self.opex, self.gpu_hours)
        assert running == pytest.approx(0.235, abs=5e-4)

    def test_at_full_use_it_pays_back_in_2_94_years(self) -> None:
        margin = 2.50 - round(levelised_cost(self.capex, 0.0, self.opex, self.gpu_hours), 2)
        assert margin == pytest.approx(2.26)
        flows = [-round(self.capex, -6)] + [margin * self.gpu_hours] * 5
        assert payback(flows) == pytest.approx(2.94, abs=5e-3)


class TestIdentities:
    """Quotients that analysts quote: what a GPU-hour, a million tokens, a rack's cooling or a megawatt costs."""

    @pytest.mark.parametrize(("price", "dollars"), [(70_000, 3.2), (50_000, 2.3)], ids=["GB200", "H100"])
    def test_a_gpu_over_three_years_with_a_fifth_for_operation(self, price: float, dollars: float) -> None:
        capital = straight_line(price, 0.0, 3.0)
        hourly = levelised_cost(price, capital / price, 0.2 * capital, factor("year", "h"))
        assert hourly == pytest.approx(dollars, abs=0.05)

    @pytest.mark.parametrize("tokens_per_second", [50.0, 1_000.0, 20_000.0])
    def test_a_million_tokens_cost_the_gpu_hour_over_its_tokens(self, tokens_per_second: float) -> None:
        hourly = levelised_cost(70_000, 1 / 3, 4_667, factor("year", "h"))
        per_token = levelised_cost(70_000, 1 / 3, 4_667, tokens_per_second * factor("year", "h") * 3600)
        assert per_token * 1e6 == pytest.approx(hourly / (tokens_per_second * 3600) * 1e6)

    def test_cooling_parts_of_a_rack_of_gb300(self) -> None:
        compute_trays, switch_trays = (18, 2_260.0), (9, 1_020.0)
        assert sum(count * price for count, price in (compute_trays, switch_trays)) == 49_860

    def test_gpus_interrupted_in_a_year(self) -> None:
        per_gpu_hour = 268 / 16_384 / (54 * 24)
        assert per_gpu_hour * factor("year", "h") == pytest.approx(0.111, abs=5e-4)

    def test_a_data_centre_of_30_megawatts(self) -> None:
        assert 30 * factor("MW", "kW") * 40_000 == pytest.approx(1.2e9)


def test_a_level_annuity_is_what_the_rate_of_return_finds() -> None:
    """The charge of the annual convention, received for the life, returns the rate that it was made with."""
    charge = capital_charge(1_000.0, 0.07, 14, "annual")
    assert irr([-1_000.0, *[charge] * 14]).rate == pytest.approx(0.07, abs=1e-12)
