"""A small gigafactory of round figures, independent of the book, and a way to evaluate it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from finmodel.graph import Timeline
from finmodel.graph.line import Cohort
from finmodel.lines import gigafactory
from finmodel.render.plain import Evaluation, Plain, compile_plain
from finmodel.render.plan import Plan

HALF_A_MONTH = 365 / 168
"""In weeks: 365 hours."""

RECOVERY_YEARS = ("y1", "y2", "y3", "y4", "y5", "y6")

Tranche = tuple[str, str, str, str, str]
"""Name, what it finances, how it is sized, drawn and repaid."""

TWO_LOANS: tuple[Tranche, ...] = (
    ("building", "facility", "smaller", "equity_first", "annuity"),
    ("chips", "hardware", "gearing", "pro_rata", "sculpted"),
)

FIGURES: dict[str, float] = {
    # events: all likely, none rolled
    "late_grid_probability": 0.3,
    "late_grid_roll": 1,
    "late_grid_delay": 4,
    "supplier_slip_probability": 0.3,
    "supplier_slip_roll": 1,
    "supplier_slip_delay": 6,
    "export_control_probability": 0.3,
    "export_control_roll": 1,
    "export_control_date": 40,
    "export_control_length": 15,
    "export_control_price_rise": 0.2,
    "outage_probability": 0.3,
    "outage_roll": 1,
    "outage_date": 19.5,
    "outage_length": 2,
    "outage_share": 0.4,
    "tenant_default_probability": 0.3,
    "tenant_default_roll": 1,
    "tenant_default_date": 24,
    "remarketing_time": 3,
    # processes
    "inflation_volatility": 0.01,
    "inflation_reversion": 0.5,
    "base_rate_now": 0.04,
    "base_rate_mean": 0.03,
    "base_rate_volatility": 0.01,
    "base_rate_reversion": 0.2,
    "base_rate_correlation": 0,
    # schedule: hall ready at 12, racks there at 9, accepted from 13 on; the second phase 12 months later
    "construction_start": 0,
    "construction_start.second": 12,
    "construction_duration": 12,
    "prefabrication_saving": 0,
    "construction_delay": 0,
    "spend_curve": 2,
    "grid_energisation": 10,
    "grid_energisation.second": 22,
    "grid_delay": 0,
    "rack_order": 3,
    "rack_order.second": 15,
    "rack_lead_time": 5,
    "supply_delay": 0,
    "factory_integration_time": HALF_A_MONTH,
    "shipping_time": HALF_A_MONTH,
    "installation_time": HALF_A_MONTH,
    "burn_in_time": HALF_A_MONTH / 2,
    "acceptance_time": HALF_A_MONTH / 2,
    "installation_ramp": 0,
    "operations_end": 120,
    # racks
    "racks": 10,
    "racks.second": 20,
    "rack_power": 100,
    "rack_peak_power": 0,
    "generation_power": 1,
    "gpus_per_rack": 72,
    "generation_gpus": 1,
    "cpus_per_rack": 36,
    "rack_price": 3e6,
    "gpu_price": 0,
    "cpu_price": 0,
    "rack_price_decline": 0,
    "network_price": 4e5,
    "nics_per_rack": 0,
    "nic_price": 0,
    "switches_per_rack": 0,
    "switch_price": 0,
    "optics_per_rack": 0,
    "optic_price": 0,
    "storage_price": 1e5,
    "cooling_price": 5e5,
    "integration_price": 2e5,
    "design_price": 0,
    "freight_share": 0.01,
    "duty_share": 0.02,
    "spares_share": 0.02,
    "rack_deposit_share": 0.3,
    "rack_delivery_share": 0.5,
    # facility
    "land_cost": 1e6,
    "shell_cost": 2e6,
    "electrical_cost": 5e6,
    "mechanical_cost": 3e6,
    "fit_out_cost": 1e6,
    "grid_connection_cost": 1e6,
    "soft_cost_share": 0.1,
    "contingency_share": 0.05,
    "construction_index": 1,
    "construction_escalation": 0,
    "leased_share": 0,
    "lease_rent": 150,
    "lease_escalation": 0.03,
    "capitalised_share": 0,
    "facility_rent": 100,
    "capitalisation_rate": 0.06,
    "facility_residual_share": 0.2,
    # power
    "load_factor": 0.8,
    "pue": 1.25,
    "electricity_price": 60,
    "electricity_escalation": 0,
    "electricity_market_share": 1,
    "electricity_volatility": 0.3,
    "electricity_reversion": 0.6,
    "electricity_swing": 0,
    "electricity_peak_month": 0.5,
    "electricity_inflation_correlation": 0,
    "demand_charge": 5000,
    "water_usage": 0,
    "water_price": 3,
    "exchange_rate": 1,
    "price_correlation": 0,
    # carbon
    "grid_intensity": 400,
    "grid_intensity_decline": 0,
    "carbon_price": 0,
    "carbon_price_growth": 0,
    # operations
    "inflation": 0,
    "wage_growth": 0,
    "staff_fixed": 10,
    "staff_per_mw": 2,
    "staff_per_kgpu": 0,
    "salary": 120_000,
    "facility_maintenance_rate": 0.02,
    "hardware_support_rate": 0.03,
    "gpu_failure_rate": 0,
    "gpu_replacement_share": 0.8,
    "hardware_warranty": 2,
    "insurance_rate": 0.004,
    "property_tax_rate": 0.01,
    "hardware_assessed_share": 0.5,
    "transit_cost": 50_000,
    "software_cost": 500,
    "service_cost": 0,
    "overhead_share": 0.03,
    # revenue
    "availability": 0.95,
    "contracted_share": 0.6,
    "contract_price": 4,
    "contract_term": 2,
    "take_or_pay_share": 1,
    "contracted_sold_share": 0.7,
    "promised_availability": 0,
    "service_credit_rate": 0,
    "service_credit_cap": 1,
    "prepayment_share": 0,
    "prepayment_lead": 6,
    "recontracted_share": 0.5,
    "sold_share": 0.8,
    "sales_ramp": 0,
    "gpu_hour_price": 5,
    "gpu_hour_price_drift": 0,
    "gpu_hour_price_volatility": 0.25,
    "gpu_hour_price_reversion": 0.2,
    "gpu_hour_price_jump_rate": 0.5,
    "gpu_hour_price_jump_up": 0.2,
    "gpu_hour_price_jump_down": 0.3,
    "price_ageing": 0,
    "generation_price_ageing": 1,
    "generation_gpu_hour_price": 1,
    # tokens and colocation, both switched off
    "token_share": 0,
    "token_sold_share": 0.5,
    "token_price": 2,
    "token_price_decline": 0,
    "tokens_per_gpu_second": 1000,
    "token_software_gain": 0,
    "generation_token_rate": 1,
    "colocation_capacity": 0,
    "colocation_let_share": 0.9,
    "colocation_ramp": 0,
    "colocation_price": 150,
    "colocation_escalation": 0,
    # refresh
    "hardware_life": 3,
    "generation_life": 1,
    "refresh_downtime": 0,
    "minimum_refresh_term": 1,
    "generation_price": 1,
    "refit_cost": 5e5,
    "residual_share": 0.1,
    # grants, switched off
    "grant_share": 0,
    "grant_cap": 0,
    "grant_date": 0,
    # working capital
    "receivable_days": 365 / 12,
    "payable_days": 365 / 24,
    # tax
    "tax_rate": 0.25,
    "state_tax_rate": 0,
    "loss_use_limit": 0.8,
    "loss_life": 100,
    "loss_refund_share": 0,
    "interest_cap": 0.3,
    "interest_capped_share": 0,
    "investment_credit_rate": 0,
    "investment_credit_basis_share": 0.5,
    "tax_holiday": 0,
    "tax_holiday_share": 1,
    # depreciation: straight line alone
    "facility_tax_life": 10,
    "facility_bonus_share": 0,
    "facility_table_share": 0,
    "facility_tax_table": 1 / 6,
    "facility_declining_share": 0,
    "facility_declining_rate": 0.2,
    "hardware_tax_life": 3,
    "hardware_bonus_share": 0,
    "hardware_table_share": 0,
    "hardware_tax_table": 1 / 6,
    "hardware_declining_share": 0,
    "hardware_declining_rate": 0.2,
    # debt, for the structures that have it
    "gearing": 0.6,
    "debt_limit": 1e12,
    "target_dscr": 1.4,
    "availability_period": 13,
    "debt_tenor": 4,
    "interest_margin": 0.03,
    "swap_rate": 0.035,
    "hedged_share": 0.5,
    "commitment_fee": 0.01,
    "upfront_fee": 0.02,
    "debt_reserve_months": 6,
    "balloon_share": 0,
    "refinancing_date": 1000,
    "refinancing_margin": 0.02,
    "refinancing_tenor": 4,
    "refinancing_fee": 0.01,
    "refinancing_ratio": 1,
    "tax_in_cfads": 0,
    "operating_reserve_months": 0,
    "reserve_rate": 0.03,
    "equity_support_limit": 0,
    "sweep_share": 0,
    "lock_up_dscr": 1.15,
    "default_dscr": 1.05,
    "cover_tolerance": 1e-6,
    # returns
    "project_discount_rate": 0.1,
    "country_risk_premium": 0,
    "cost_of_equity": 0.1,
}
"""A figure without a cohort's member stands for every member that has none of its own."""

Shocks = Mapping[str, NDArray[np.float64]]


class Site:
    """The model in one structure; called with figures that differ from the base, it evaluates."""

    def __init__(self, plain: Plain) -> None:
        self.plain = plain
        self.model = plain.plan.model
        self.periods = self.model.timeline.periods

    def figures(self, changes: Mapping[str, float]) -> dict[str, float]:
        """Every input's figure: the base, then the changes, a member's own before one for all members."""
        unknown = [name for name in changes if name not in self.model.inputs and name not in FIGURES]
        if unknown:
            raise KeyError(f"no such inputs: {unknown}")
        figures = {}
        for name in self.model.inputs:
            stem = name.partition(".")[0]
            chosen = next(known[key] for known in (changes, FIGURES) for key in (name, stem) if key in known)
            figures[name] = float(chosen)
        return figures

    def __call__(
        self, changes: Mapping[str, float] | None = None, shocks: Shocks | None = None, **more: float
    ) -> Result:
        return Result(self, self.plain.run(self.figures({**(changes or {}), **more}), shocks))


class Result:
    """Lines and metrics of one evaluation by name; a line that does not vary is one number."""

    def __init__(self, site: Site, evaluation: Evaluation) -> None:
        self.site, self.evaluation = site, evaluation

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        rows, scalars = self.evaluation.rows, self.evaluation.scalars
        return rows[name] if name in rows else np.float64(scalars[name])

    def across(self, name: str) -> NDArray[np.float64]:
        """The sum over every member of a line's cohorts."""
        return sum(self[full] for full in self.site.model.lines if full.startswith(f"{name}."))


@cache
def site_of(
    periods: int,
    per_year: int,
    phases: Sequence[str],
    generations: Sequence[str],
    tax_year_end: int,
    tranches: tuple[Tranche, ...] = (),
) -> Site:
    timeline = Timeline(dt.date(2026, 12, 31), periods, per_year, tax_year_end)
    traits = {
        name: dict(zip(("finances", "sizing", "draws", "repayment"), what, strict=True)) for name, *what in tranches
    }
    cohorts: dict[str, Cohort] = {
        "phase": phases,
        "generation": generations,
        "recovery_year": RECOVERY_YEARS,
        "tranche": traits,
    }
    return Site(compile_plain(Plan(gigafactory.model(timeline, cohorts))))


@pytest.fixture(scope="session")
def site() -> Site:
    """Two phases, three generations, ten years by month from the end of 2026."""
    return site_of(120, 12, ("first", "second"), ("original", "second", "third"), 12)


@pytest.fixture(scope="session")
def financed() -> Site:
    """The same under two loans, one for the halls and one for the racks."""
    return site_of(120, 12, ("first", "second"), ("original", "second", "third"), 12, TWO_LOANS)


@pytest.fixture(scope="session")
def single() -> Site:
    """One phase, one generation, four years by month: small enough to reckon by hand."""
    return site_of(48, 12, ("only",), ("original",), 12)
