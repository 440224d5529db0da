"""The book that ships: every figure says where it comes from, every case runs in every scenario, parts fit together."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ruamel.yaml import YAML

import finmodel
from finmodel.assumptions.book import Book
from finmodel.assumptions.load import load as load_book
from finmodel.case import Evaluation, library
from finmodel.graph.units import CURRENCIES

ASSUMPTIONS = Path(__file__).parents[2] / "assumptions"
FIGURES = 250
"""What the book must hold at the least."""
DIRTIEST = 1000.0
"""kg/MWh: no grid emits more."""


def names(kind: str) -> list[str]:
    """Names of the book's files of a kind."""
    return sorted(path.stem for path in (ASSUMPTIONS / kind).glob("*.yaml"))


@cache
def raw(kind: str, name: str) -> Mapping[str, Any]:
    """A file of the book as YAML reads it."""
    content: Mapping[str, Any] = YAML(typ="safe").load(ASSUMPTIONS / kind / f"{name}.yaml")
    return content


@cache
def sources() -> Mapping[str, Mapping[str, Any]]:
    content: Mapping[str, Mapping[str, Any]] = YAML(typ="safe").load(ASSUMPTIONS / "sources.yaml")
    return content


KINDS = ("platforms", "regions", "facilities", "finance", "cases")
CASES = names("cases")
REGIONS = names("regions")
FACILITIES = names("facilities")
SHARED = {"accelerated", "nvl72-common", "hgx-common", "original", "four-generations"}
"""Files of platforms/ that platforms build on, or that say what follows them."""
PLATFORMS = sorted(set(names("platforms")) - SHARED)
GROWING = ("single-rack", "provider-10mw", "regional-100mw", "reference-1gw")
"""One platform, from one rack to a gigawatt."""
ENERGY = ("electricity_price", "exchange_rate")
FINANCINGS = {
    "reference-1gw": "building-and-gpus",
    "rubin-1gw": "gpu-backed",
    "italy-100k-gpu": "infrastructure-debt",
    "regional-100mw": "infrastructure-debt",
    "provider-10mw": "gpu-backed",
    "epoch-1gw": "unlevered",
    "h200-10k": "unlevered",
    "single-rack": "unlevered",
}
LEVERED = [name for name, financing in FINANCINGS.items() if financing != "unlevered"]
UNLEVERED = [name for name in FINANCINGS if name not in LEVERED]
ON_GPUS = [name for name in LEVERED if "gpu" in FINANCINGS[name]]
ON_A_BUILDING = [name for name in LEVERED if FINANCINGS[name] != "gpu-backed"]
PAID_BY = {"building": "facility_capex", "hardware": "rack_capex"}
"""The cost that each loan of the book finances."""


@pytest.fixture(params=CASES)
def book(request: pytest.FixtureRequest) -> Book:
    return load_book(str(ASSUMPTIONS / "cases" / f"{request.param}.yaml"))


Rebuilt = Callable[..., finmodel.Case]


@pytest.fixture
def rebuilt(tmp_path: Path) -> Rebuilt:
    """A case of the book with other components in the place of its own, by kind."""

    def build(name: str, **components: str) -> finmodel.Case:
        text = (ASSUMPTIONS / "cases" / f"{name}.yaml").read_text(encoding="utf-8")
        for kind, component in components.items():
            candidates = PLATFORMS if kind == "platforms" else names(kind)
            held = next(one for one in candidates if f"{kind}/{one}," in text or f"{kind}/{one}]" in text)
            text = text.replace(f"{kind}/{held}", f"{kind}/{component}", 1)
        path = tmp_path / f"{name}-elsewhere.yaml"
        path.write_text(text, encoding="utf-8")
        return finmodel.load(path)

    return build


class TestEvidence:
    """Every figure has a source or says why it has none; every source says what it is."""

    def test_every_figure_has_a_source_or_is_an_estimate_that_says_why(self, book: Book) -> None:
        silent = [name for name, figure in book.figures.items() if not figure.source and figure.grade != "estimate"]
        assert not silent
        assert not [name for name, figure in book.figures.items() if not figure.note]

    def test_what_rests_on_a_page_not_seen_is_an_estimate(self, book: Book) -> None:
        for name, figure in book.figures.items():
            if figure.source and not book.sources[figure.source].verified:
                assert figure.grade == "estimate", name

    def test_every_source_says_what_it_is_who_answers_for_it_where_and_when(self) -> None:
        for key, source in sources().items():
            assert source["title"], key
            assert source["publisher"], key
            assert source["url"].startswith(("https://", "http://")), key
            assert str(source["date"]), key

    def test_every_source_is_used_or_named_in_a_note(self) -> None:
        texts = [path.read_text(encoding="utf-8") for kind in KINDS for path in (ASSUMPTIONS / kind).glob("*.yaml")]
        book_text = "\n".join(texts)
        for key, source in sources().items():
            named = source["publisher"].partition(" (")[0].partition(",")[0]
            original = source["publisher"].partition("(citing ")[2].rstrip(")")
            told = any(name and name in book_text for name in (named, original, key.partition("-")[0].upper()))
            assert f"source: {key}\n" in book_text or told, key

    def test_every_note_is_one_line_that_ends(self, book: Book) -> None:
        for name, figure in book.figures.items():
            assert "\n" not in figure.note, name
            assert figure.note.endswith("."), name

    @pytest.mark.parametrize("kind", [*KINDS, "scenarios"])
    def test_every_file_has_a_title_and_says_what_it_is(self, kind: str) -> None:
        for name in names(kind):
            assert raw(kind, name)["title"], name
            assert raw(kind, name)["description"].endswith("."), name

    def test_the_book_holds_enough_figures(self) -> None:
        figures = [figure for kind in KINDS for name in names(kind) for figure in raw(kind, name)["figures"].values()]
        assert len(figures) >= FIGURES
        assert all(figure.get("source") or figure.get("note") for figure in figures)
        assert all(figure.get("source") in {*sources(), None} for figure in figures)


class TestCases:
    """Every case loads, binds and runs, in every scenario that it lists."""

    @pytest.mark.parametrize("name", CASES)
    def test_every_case_runs_under_every_scenario(self, name: str) -> None:
        case = finmodel.load(ASSUMPTIONS / "cases" / f"{name}.yaml")
        for scenario in case.scenarios:
            metrics = case.scenario(scenario).evaluate().metrics
            assert metrics["capex_total"] > 0
            assert metrics["levelised_cost_of_compute"] > 0

    def test_the_reference_case_is_uncertain_in_what_decides_it(self) -> None:
        case = finmodel.load("reference-1gw")
        uncertain = {name for name, figure in case.figures.items() if figure.range}
        assert len(uncertain) >= 15
        assert {
            "rack_price",
            "contract_price",
            "gpu_hour_price",
            "gpu_hour_price_drift",
            "electricity_price",
            "pue",
            "load_factor",
            "availability",
            "sold_share",
            "electrical_cost",
            "construction_duration.first",
            "construction_delay",
            "grid_delay",
            "hardware_life",
            "staff_per_mw",
        } <= uncertain

    def test_the_book_uses_every_kind_of_range(self) -> None:
        kinds = {figure.range.kind for figure in finmodel.load("reference-1gw").figures.values() if figure.range}
        assert kinds == {"pert", "triangular", "uniform", "normal", "lognormal"}

    @pytest.mark.parametrize(
        ("name", "megawatts"),
        [
            ("reference-1gw", 1000),
            ("epoch-1gw", 1000),
            ("rubin-1gw", 1000),
            ("italy-100k-gpu", 211),
            ("regional-100mw", 100),
            ("provider-10mw", 10),
            ("single-rack", 0.152),
            ("h200-10k", 12.75),
        ],
    )
    def test_a_case_has_the_it_that_its_title_says(self, name: str, megawatts: float) -> None:
        last = finmodel.load(name).evaluate().lines.iloc[-1]
        capacity = sum(last[line] for line in last.index if line.startswith("it_capacity."))
        assert capacity == pytest.approx(megawatts, rel=0.005)

    def test_the_gigafactory_has_a_hundred_thousand_gpus(self) -> None:
        lines = finmodel.load("italy-100k-gpu").evaluate().lines
        assert lines["gpus_in_service"].max() == pytest.approx(100_000, rel=1e-3)

    def test_compute_gets_cheaper_from_one_rack_to_a_gigawatt(self) -> None:
        cost = [finmodel.load(name).evaluate().metrics["levelised_cost_of_compute"] for name in GROWING]
        assert all(small > 1.02 * large for small, large in pairwise(cost))

    def test_compute_gets_cheaper_with_size_on_the_same_spot_too(self, rebuilt: Rebuilt) -> None:
        sites = [rebuilt(name, regions="texas") for name in GROWING]
        cost = [site.evaluate().metrics["levelised_cost_of_compute"] for site in sites]
        assert all(small > 1.02 * large for small, large in pairwise(cost))

    def test_the_smaller_sites_differ_in_scale_not_in_hardware_or_time(self) -> None:
        for name in GROWING:
            case = raw("cases", name)
            assert case["structure"]["periods"] == 240
            assert {"platforms/gb300-nvl72", "platforms/four-generations"} <= set(case["extends"])


class TestRisks:
    """The register of events and the processes: silent in the base case, heard in a simulation."""

    def test_no_event_happens_in_a_base_case_or_scenario(self, book: Book) -> None:
        rolls = {name: figure for name, figure in book.figures.items() if name.endswith("_roll")}
        assert len(rolls) == 5
        for name, figure in rolls.items():
            assert figure.value == 1, name
            assert figure.range is not None, name
            assert (figure.range.kind, figure.range.parameters) == ("uniform", (0, 1)), name
            probability = book.figures[f"{name.removesuffix('_roll')}_probability"]
            assert 0 < probability.value < 50, name

    def test_events_happen_as_often_as_the_register_says(self) -> None:
        drawn = finmodel.load("reference-1gw").simulate(paths=4096, seed=3).inputs
        for event in ("late_grid", "supplier_slip", "export_control", "outage", "tenant_default"):
            happens, chance = drawn[f"{event}_roll"] < drawn[f"{event}_probability"], drawn[f"{event}_probability"]
            error = (chance.mean() * (1 - chance.mean()) / len(drawn)) ** 0.5
            assert happens.mean() == pytest.approx(chance.mean(), abs=4 * error), event

    def test_a_late_grid_and_a_failed_tenant_are_what_a_simulation_loses_by(self) -> None:
        simulation = finmodel.load("reference-1gw").simulate(paths=4096, seed=3)
        for event in ("late_grid", "tenant_default"):
            happens = simulation.inputs[f"{event}_roll"] < simulation.inputs[f"{event}_probability"]
            value = simulation.metrics["project_npv"]
            assert value[happens].mean() < value[~happens].mean() - 1e9, event

    def test_jumps_leave_the_expected_price_alone(self) -> None:
        """A jump's size is exponential in the logarithm: prices are 1/(1 - up) or 1/(1 + down) times as high."""
        values = finmodel.load("reference-1gw").values
        up, down = values["gpu_hour_price_jump_up"], values["gpu_hour_price_jump_down"]
        assert (1 / (1 - up) + 1 / (1 + down)) / 2 == pytest.approx(1, abs=0.01)

    def test_chips_are_least_sure_where_the_rules_were_tightest(self) -> None:
        chance = {
            region: raw("regions", region)["figures"]["export_control_probability"]["value"] for region in REGIONS
        }
        tiers = [("texas", "virginia"), ("italy", "germany", "france", "japan"), ("uae", "saudi-arabia", "india")]
        assert all(
            max(chance[one] for one in freer) < min(chance[one] for one in tighter)
            for freer, tighter in pairwise(tiers)
        )

    def test_power_is_dearest_in_winter_in_the_north_and_in_summer_in_the_south(self) -> None:
        peak = {region: raw("regions", region)["figures"]["electricity_peak_month"]["value"] for region in REGIONS}
        assert all(peak[region] in (12, 1) for region in ("sweden", "finland", "germany", "france", "united-kingdom"))
        assert all(5 <= peak[region] <= 8 for region in ("texas", "uae", "saudi-arabia", "india"))


class TestScenarios:
    """Each story moves value in the direction that its title says."""

    def test_value_moves_as_the_titles_say(self) -> None:
        case = finmodel.load("reference-1gw")
        value = {name: case.scenario(name).evaluate().metrics["project_npv"] for name in case.scenarios}
        assert set(value) == {"base", *names("scenarios")}
        assert value["downside"] < value["base"] < value["upside"]
        assert all(value[name] < value["base"] for name in ("late-grid", "price-war", "power-shock", "chip-delay"))

    def test_a_late_grid_and_late_chips_move_the_first_token(self) -> None:
        case = finmodel.load("reference-1gw")
        first = {
            name: case.scenario(name).evaluate().metrics["time_to_first_token_months"]
            for name in ("base", "late-grid", "chip-delay", "power-shock")
        }
        assert first["late-grid"] > first["base"] + 6
        assert first["chip-delay"] > first["base"] + 3
        assert first["power-shock"] == first["base"]

    def test_a_power_shock_raises_the_bill_by_its_factor_at_the_start(self) -> None:
        case = finmodel.load("reference-1gw")
        base, shock = (case.scenario(name).values["electricity_price"] for name in ("base", "power-shock"))
        assert shock == pytest.approx(1.7 * base)

    @pytest.mark.parametrize("name", [name for name in CASES if name != "epoch-1gw"])
    def test_every_case_of_ours_can_be_stressed(self, name: str) -> None:
        stories = {"downside", "late-grid", "price-war", "power-shock", "chip-delay"}
        assert stories <= set(finmodel.load(name).scenarios)


class TestRegions:
    """A region replaces another whole, and no two are alike."""

    @pytest.mark.parametrize("region", REGIONS)
    def test_the_reference_site_runs_in_every_region(self, region: str, rebuilt: Rebuilt) -> None:
        case = rebuilt("reference-1gw", regions=region)
        assert case.book.currency == raw("regions", region)["currency"]
        for scenario in case.scenarios:
            assert case.scenario(scenario).evaluate().metrics["capex_total"] > 0

    def test_there_are_twelve_regions_and_more(self) -> None:
        assert len(REGIONS) >= 12
        wanted = {"texas", "virginia", "italy", "germany", "france", "ireland", "sweden", "finland"}
        assert wanted | {"united-kingdom", "uae", "saudi-arabia", "india", "malaysia", "japan"} <= set(REGIONS)

    def test_every_region_gives_the_same_figures(self) -> None:
        owned = {region: set(raw("regions", region)["figures"]) for region in REGIONS}
        for region in REGIONS:
            assert owned[region] == owned["texas"], region

    def test_no_two_regions_share_tariff_tax_and_climate(self) -> None:
        def alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
            keys = ("tariff", "tax", "climate")
            return [key for key in keys if one[key] == pytest.approx(other[key])]

        drawn = {}
        for region in REGIONS:
            figures = raw("regions", region)["figures"]
            price, rate = (figures[key]["value"] for key in ENERGY)
            drawn[region] = {
                "tariff": price * rate,
                "tax": figures["tax_rate"]["value"],
                "climate": figures["pue"]["value"],
            }
        for one, other in combinations(REGIONS, 2):
            assert len(alike(drawn[one], drawn[other])) < 2, (one, other)

    def test_every_region_pays_in_a_currency_of_its_own_units(self) -> None:
        for region in REGIONS:
            content = raw("regions", region)
            assert content["currency"] in CURRENCIES
            unit = content["figures"]["electricity_price"]["unit"]
            assert unit == f"{content['currency']}/MWh", region

    def test_regions_of_one_currency_take_one_rate_of_exchange(self) -> None:
        rates: dict[str, set[float]] = {}
        for region in REGIONS:
            content = raw("regions", region)
            rates.setdefault(content["currency"], set()).add(content["figures"]["exchange_rate"]["value"])
        assert all(len(found) == 1 for found in rates.values())
        assert rates["USD"] == {1}

    def test_tariffs_and_risk_are_of_a_credible_size(self) -> None:
        for region in REGIONS:
            figures = raw("regions", region)["figures"]
            price, rate = (figures[key]["value"] for key in ENERGY)
            assert 30 < price * rate < 320, region
            assert 1.04 <= figures["pue"]["value"] <= 1.3, region
            assert 0 <= figures["country_risk_premium"]["value"] < 5, region
            assert 0 < figures["grid_intensity"]["value"] < DIRTIEST, region


class TestComponents:
    """Platforms and facilities fit every case."""

    @pytest.mark.parametrize("platform", PLATFORMS)
    def test_the_reference_site_runs_on_every_platform(self, platform: str, rebuilt: Rebuilt) -> None:
        case = rebuilt("reference-1gw", platforms=platform)
        for scenario in case.scenarios:
            assert case.scenario(scenario).evaluate().metrics["capex_per_mw"] > 1e6

    @pytest.mark.parametrize("facility", FACILITIES)
    def test_the_reference_site_runs_in_every_facility(self, facility: str, rebuilt: Rebuilt) -> None:
        metrics = rebuilt("reference-1gw", facilities=facility).evaluate().metrics
        assert metrics["capex_total"] > 0

    def test_there_are_six_platforms_one_of_them_not_nvidias(self) -> None:
        wanted = {"gb200-nvl72", "gb300-nvl72", "vera-rubin-nvl72", "hgx-h200", "hgx-b300", "mi355x"}
        assert wanted <= set(PLATFORMS)
        assert "NVIDIA" not in raw("platforms", "mi355x")["title"]

    def test_a_kilowatt_of_it_costs_what_analysts_say(self) -> None:
        for platform in PLATFORMS:
            own = raw("platforms", platform)["figures"]
            per_kw = own["rack_price"]["value"] / own["rack_power"]["value"]
            assert 5_000 < per_kw < 40_000, platform

    def test_a_leased_hall_needs_little_capital_and_pays_rent(self, rebuilt: Rebuilt) -> None:
        owned, leased = (
            rebuilt("regional-100mw", facilities=hall).evaluate() for hall in ("liquid-cooled", "leased-hall")
        )
        assert leased.lines["facility_capex"].sum() < 0.25 * owned.lines["facility_capex"].sum()
        assert leased.metrics["opex_per_mw_year"] > owned.metrics["opex_per_mw_year"] + 1e6

    def test_prefabrication_is_quicker_and_cheaper(self, rebuilt: Rebuilt) -> None:
        built, modular = (
            rebuilt("regional-100mw", facilities=hall).evaluate() for hall in ("liquid-cooled", "prefabricated-modular")
        )
        assert modular.lines["facility_capex"].sum() < built.lines["facility_capex"].sum()
        assert modular.lines["hall_complete.first"].iloc[-1] <= built.lines["hall_complete.first"].iloc[-1] - 3

    def test_the_command_line_finds_the_book(self) -> None:
        assert set(CASES) <= set(library("cases"))
        assert set(PLATFORMS) <= set(library("platforms"))
        assert set(REGIONS) <= set(library("regions"))


@cache
def shipped(name: str) -> finmodel.Case:
    """A case of the book."""
    return finmodel.load(ASSUMPTIONS / "cases" / f"{name}.yaml")


@cache
def evaluated(name: str) -> Evaluation:
    """The base case of a case of the book."""
    return shipped(name).evaluate()


def tranches(name: str) -> dict[str, Mapping[str, str]]:
    """The loans of a case and their kinds."""
    cohort = shipped(name).book.cohorts["tranche"]
    assert isinstance(cohort, Mapping)
    return dict(cohort)


def last_period(values: pd.Series) -> int:
    """The last period in which a row is not zero."""
    return int(values.to_numpy().nonzero()[0][-1])


class TestFinancings:
    """Loans on market terms that the base case carries; the project is worth what it is worth without them."""

    @pytest.mark.parametrize("name", CASES)
    def test_each_case_has_its_financing(self, name: str) -> None:
        financings = [one for one in raw("cases", name)["extends"] if one.startswith("finance/")]
        assert financings == [f"finance/{FINANCINGS[name]}"]

    def test_the_readme_lists_every_case_with_its_financing(self) -> None:
        readme = (ASSUMPTIONS.parent / "README.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| `([\w-]+)` \| [^|]+ \| `([\w-]+)`", readme, re.MULTILINE)
        assert dict(rows) == FINANCINGS

    def test_each_case_has_the_loans_of_its_financing(self) -> None:
        building = {"finances": "facility", "sizing": "gearing", "repayment": "annuity", "draws": "pro_rata"}
        hardware = {**building, "finances": "hardware"}
        assert {name: tranches(name) for name in CASES} == {
            "reference-1gw": {"building": building, "hardware": hardware},
            "rubin-1gw": {"hardware": hardware},
            "italy-100k-gpu": {"building": building},
            "regional-100mw": {"building": {**building, "sizing": "smaller", "repayment": "sculpted"}},
            "provider-10mw": {"hardware": hardware},
            **{name: {} for name in UNLEVERED},
        }

    @pytest.mark.parametrize("financing", ["infrastructure-debt", "gpu-backed", "building-and-gpus", "unlevered"])
    def test_a_financing_takes_the_place_of_none(self, financing: str, rebuilt: Rebuilt) -> None:
        base = rebuilt("h200-10k", finance=financing).evaluate()
        assert base.lines["debt_total"].iloc[-1] == 0
        assert base.metrics["project_npv"] == pytest.approx(evaluated("h200-10k").metrics["project_npv"])

    @pytest.mark.parametrize("name", LEVERED)
    def test_the_base_case_pays_its_debt_in_full_and_on_time(self, name: str) -> None:
        base = evaluated(name)
        lines, metrics = base.lines, base.metrics
        assert lines["debt_total"].max() > 0.1 * lines["capex"].sum()
        assert lines["debt_total"].iloc[-1] == 0
        assert metrics["periods_in_default"] == 0
        assert lines["covenant_broken"].max() == 0
        assert metrics["min_dscr"] > 1.2
        assert metrics["min_trailing_dscr"] > 1.3

    @pytest.mark.parametrize("name", LEVERED)
    def test_base_construction_falls_within_the_time_in_which_loans_are_drawn(self, name: str) -> None:
        case, lines = shipped(name), evaluated(name).lines
        for tranche in tranches(name):
            available = case.values[f"availability_period.{tranche}"]
            assert last_period(lines[PAID_BY[tranche]]) + 2 <= available <= last_period(lines["capex"]) + 12

    @pytest.mark.parametrize("name", ON_GPUS)
    def test_a_loan_on_gpus_is_repaid_within_their_first_contract(self, name: str) -> None:
        lines = evaluated(name).lines
        repaid = last_period(lines["principal_paid.hardware"])
        assert lines["contract_revenue"].iloc[repaid] > 0

    @pytest.mark.parametrize("name", ON_A_BUILDING)
    def test_a_loan_on_a_building_outlives_its_first_racks(self, name: str) -> None:
        lines = evaluated(name).lines
        drawn, repaid = (last_period(lines[f"{line}.building"]) for line in ("loan_drawn", "principal_paid"))
        assert 12 * 12 <= repaid - drawn <= 15 * 12
        assert lines["refresh_capex"].iloc[drawn:repaid].sum() > 0

    def test_two_loans_are_covered_by_the_contract_as_lenders_ask(self) -> None:
        lines = evaluated("reference-1gw").lines
        served = lines["principal_paid.hardware"] > 0
        assert lines.loc[served, "trailing_dscr"].between(1.3, 1.5).mean() > 0.9

    @pytest.mark.parametrize("name", LEVERED)
    def test_debt_moves_the_owners_return_and_not_the_projects(self, name: str) -> None:
        case = shipped(name)
        without = case.with_values(**{f"gearing.{tranche}": 0 for tranche in tranches(name)})
        indebted, free = evaluated(name), without.evaluate()
        assert indebted.metrics["project_npv"] == free.metrics["project_npv"]
        built = last_period(indebted.lines["capex"])
        paid_in, paid_in_alone = (one.lines["contributions"].iloc[: built + 1].sum() for one in (indebted, free))
        assert paid_in < 0.9 * paid_in_alone
        assert free.metrics["gearing_at_completion"] == 0
        assert free.metrics["equity_irr"] == pytest.approx(free.metrics["project_irr"], abs=2e-3)

    @pytest.mark.parametrize("name", UNLEVERED)
    def test_without_debt_the_owners_value_is_the_projects(self, name: str) -> None:
        case, metrics = shipped(name), evaluated(name).metrics
        assert case.values["country_risk_premium"] == 0
        assert metrics["equity_npv"] == pytest.approx(metrics["project_npv"], rel=1e-9)
        assert metrics["equity_irr"] == pytest.approx(metrics["project_irr"], rel=1e-9)
        assert math.isnan(metrics["min_dscr"])

    @pytest.mark.parametrize("name", UNLEVERED)
    def test_terms_of_debt_are_certain_where_there_is_none(self, name: str) -> None:
        terms = set(raw("finance", "terms")["figures"])
        assert not [key for key, figure in shipped(name).figures.items() if key in terms and figure.range]

    def test_racks_that_come_after_the_last_draw_are_the_owners_to_pay(self) -> None:
        case = shipped("rubin-1gw")
        base, late = evaluated("rubin-1gw"), case.scenario("chip-delay").evaluate()
        assert late.lines["rack_capex"].sum() > base.lines["rack_capex"].sum()
        assert late.lines["commitment.hardware"].iloc[0] < 0.9 * base.lines["commitment.hardware"].iloc[0]
        assert late.lines["loan_drawn.hardware"].iloc[37:].sum() == 0

    def test_cover_lowers_what_was_committed_and_never_raises_it(self) -> None:
        case = shipped("regional-100mw")
        limit = case.values["debt_limit.building"]
        committed = {
            name: case.scenario(name).evaluate().lines["commitment.building"].iloc[0] for name in case.scenarios
        }
        assert committed["base"] == pytest.approx(limit, rel=1e-3)
        assert max(committed.values()) <= limit
        dear = case.with_values(**{"target_dscr.building": 20}).evaluate()
        assert dear.lines["commitment.building"].iloc[0] < 0.5 * limit

    def test_facts_that_conflict_are_ranges(self) -> None:
        book = load_book(str(ASSUMPTIONS / "cases" / "reference-1gw.yaml"))
        for tranche in tranches("reference-1gw"):
            for term in ("gearing", "interest_margin", "swap_rate"):
                figure = book.figures[f"{term}.{tranche}"]
                assert figure.source, (term, tranche)
                assert figure.range is not None, (term, tranche)
