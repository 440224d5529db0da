"""Cash flow and returns before debt."""

from finmodel.graph import (
    Input,
    Node,
    Scope,
    across,
    cumulative,
    growth,
    line,
    lowest,
    maximum,
    metric,
    per_period,
    power,
    total,
    where,
)
from finmodel.metrics.nodes import irr_of, irr_status_of, missing_ratio, payback_of

project_discount_rate = Input("1/year", "Discount rate of the project, after tax, nominal, before the region's risk.")
country_risk_premium = Input("1/year", "Added to the discount rate for the region's risk.")


@line("USD")
def ebitda(m: Scope) -> Node:
    """Earnings before interest, tax, depreciation and amortisation."""
    return m.revenue - m.opex


@line("USD")
def capex(m: Scope) -> Node:
    """Initial capital expenditure: facility with contingency, and the racks first installed."""
    return m.facility_capex + m.rack_capex


@line("USD")
def asset_sale(m: Scope) -> Node:
    """Sale of retired racks and of closed facilities."""
    return m.hardware_sale + m.facility_sale


@line("USD")
def cash_flow_before_tax(m: Scope) -> Node:
    """Unlevered cash flow before tax."""
    operations = m.ebitda - m.working_capital_increase + m.prepayment_flow
    return operations - m.capex + m.grant - m.refresh_capex + m.asset_sale


@line("USD")
def cash_flow(m: Scope) -> Node:
    """Unlevered cash flow after tax."""
    return m.cash_flow_before_tax - m.tax["unlevered"]


@line("USD")
def cumulative_cash_flow(m: Scope) -> Node:
    """Unlevered cash flow after tax since close."""
    return cumulative(m.cash_flow)


@line("1/year")
def discount_rate(m: Scope) -> Node:
    """Discount rate of the project with the region's risk, effective annual."""
    return m.project_discount_rate + m.country_risk_premium


@line("1")
def discount_factor(m: Scope) -> Node:
    """Present value at close of one unit at the end of the period (finmodel convention 2)."""
    return growth(m.discount_rate, -m.year)


@line("USD")
def discounted_cash_flow(m: Scope) -> Node:
    """Present value at close of the unlevered cash flow after tax."""
    return m.cash_flow * m.discount_factor


@line("year")
def time_to_first_spend(m: Scope) -> Node:
    """From close to the first spending on capital or operation, both exactly zero before."""
    waiting = where(cumulative(m.capex + m.opex) > 0, 0, 1)
    return total(waiting) * m.years_per_period


@line("year")
def time_to_first_revenue(m: Scope) -> Node:
    """From close to the start of the first period with revenue, exactly zero before; to the horizon without any."""
    waiting = where(cumulative(m.revenue) > 0, 0, 1)
    return (total(waiting) - 1) * m.years_per_period


@line("year")
def revenue_start(m: Scope) -> Node:
    """What payback from revenue counts from: the first revenue, or close where the cumulative never goes below zero.

    Missing where nothing is sold.
    """
    anything_sold = where(m.revenue_total > 0, 1, 0)
    return missing_ratio(where(m.peak_funding > 0, m.time_to_first_revenue, 0), anything_sold)


@line("1")
def payback_periods(m: Scope) -> Node:
    """Periods from close until the cumulative cash flow first returns to zero."""
    return payback_of(m.cash_flow)


@line("1")
def discounted_payback_periods(m: Scope) -> Node:
    """Periods from close until the cumulative discounted cash flow first returns to zero."""
    return payback_of(m.discounted_cash_flow)


@line("1")
def project_irr_per_period(m: Scope) -> Node:
    """Internal rate of return of the unlevered cash flow after tax, per period, sought from the discount rate."""
    return irr_of(m.cash_flow, per_period(m.discount_rate))


@line("USD")
def present_cost_before_tax(m: Scope) -> Node:
    """Present value at close of all cost before tax, net of sold assets and of a grant: revenue less cash flow."""
    return total((m.revenue - m.cash_flow_before_tax) * m.discount_factor)


@line("USD")
def present_cost_after_tax(m: Scope) -> Node:
    """Present value at close of all cost with tax, net of sold assets and of a grant."""
    return total((m.revenue - m.cash_flow) * m.discount_factor)


@line("GPU*h")
def discounted_gpu_hours(m: Scope) -> Node:
    """GPU-hours sold, each discounted like the money that it brings."""
    return total(m.gpu_hours_sold * m.discount_factor)


@line("GPU*h")
def discounted_token_gpu_hours(m: Scope) -> Node:
    """GPU-hours in which tokens are sold, each discounted like the money that it brings."""
    return total(m.token_gpu_hours * m.discount_factor)


@line("Mtoken")
def discounted_tokens(m: Scope) -> Node:
    """Tokens sold, each discounted like the money that it brings."""
    return total(m.tokens_sold * m.discount_factor)


@line("USD")
def cash_flow_total(m: Scope) -> Node:
    """Unlevered cash flow after tax over the whole life, undiscounted."""
    return total(m.cash_flow)


@line("USD")
def rack_capex_total(m: Scope) -> Node:
    """Payments for the racks first installed."""
    return total(m.rack_capex)


@line("USD")
def opex_total(m: Scope) -> Node:
    """Operating cost over the whole life, undiscounted."""
    return total(m.opex)


@line("MW*year")
def service_total(m: Scope) -> Node:
    """IT power in service times the years of its service."""
    return total(m.it_in_service) * m.years_per_period


@metric("USD")
def project_npv(m: Scope) -> Node:
    """Net present value at close of the unlevered cash flow after tax."""
    return total(m.discounted_cash_flow)


@metric("1")
def project_irr(m: Scope) -> Node:
    """Internal rate of return of the unlevered cash flow after tax, effective annual, a fraction."""
    return power(1 + m.project_irr_per_period, m.periods_per_year) - 1


@metric("1")
def project_irr_status(m: Scope) -> Node:
    """How sure the internal rate of return is: 0 none, 1 unique, 2 multiple, 3 not converged."""
    return irr_status_of(m.cash_flow, per_period(m.discount_rate))


@metric("1")
def roi(m: Scope) -> Node:
    """Return on investment: unlevered cash flow after tax over the whole life, undiscounted, over initial capex."""
    return missing_ratio(m.cash_flow_total, m.capex_total)


@metric("year")
def payback_years(m: Scope) -> Node:
    """Years from the first spending until the cumulative cash flow returns to zero; 0 if it never goes below."""
    start = where(m.peak_funding > 0, m.time_to_first_spend, 0)
    return m.payback_periods * m.years_per_period - start


@metric("year")
def payback_from_revenue_years(m: Scope) -> Node:
    """Years from the start of the first period with revenue until the cumulative cash flow returns to zero.

    Missing where nothing is sold.
    """
    return m.payback_periods * m.years_per_period - m.revenue_start


@metric("year")
def discounted_payback_years(m: Scope) -> Node:
    """Years from the first spending until the cumulative discounted cash flow returns to zero."""
    goes_below = lowest(cumulative(m.discounted_cash_flow)) < 0
    return m.discounted_payback_periods * m.years_per_period - where(goes_below, m.time_to_first_spend, 0)


@metric("USD/(GPU*h)")
def levelised_cost_of_compute(m: Scope) -> Node:
    """Present value of all cost before tax, net of grants, per discounted GPU-hour sold, nominal.

    The cost of halls let for colocation is in it, and their rent is not set against it.
    Source: the levelised cost of energy by discounted cash flow, as in Short, Packey & Holt (1995), A Manual for the
    Economic Evaluation of Energy Efficiency and Renewable Energy Technologies, NREL/TP-462-5173.
    """
    return missing_ratio(m.present_cost_before_tax, m.discounted_gpu_hours)


@metric("USD/(GPU*h)")
def levelised_cost_of_compute_after_tax(m: Scope) -> Node:
    """Present value of all cost, tax included, per discounted GPU-hour sold, nominal."""
    return missing_ratio(m.present_cost_after_tax, m.discounted_gpu_hours)


@metric("USD/Mtoken")
def levelised_cost_of_tokens(m: Scope) -> Node:
    """Levelised cost, before tax, of the GPU-hours in which a million tokens are made; missing where none are sold.

    Definition: (cost per GPU-hour) / (tokens per GPU-hour).
    """
    cost_of_token_hours = m.present_cost_before_tax * m.discounted_token_gpu_hours
    return missing_ratio(cost_of_token_hours, m.discounted_gpu_hours * m.discounted_tokens)


@metric("USD")
def capex_total(m: Scope) -> Node:
    """Initial capex of all phases, contingency in, before grants; without refresh, interest and fees."""
    return total(m.capex)


@metric("USD/MW")
def capex_per_mw(m: Scope) -> Node:
    """Initial capex per MW of IT."""
    return missing_ratio(m.capex_total, across(m.it_capacity))


@metric("USD/rack")
def capex_per_rack(m: Scope) -> Node:
    """Initial capex, facility in, per rack first installed."""
    return missing_ratio(m.capex_total, across(m.racks))


@metric("USD/rack")
def rack_cost(m: Scope) -> Node:
    """Cost of a rack first installed with its network, storage, cooling, integration, freight, duty and spare parts."""
    return missing_ratio(m.rack_capex_total, across(m.racks))


@metric("USD/(MW*year)")
def opex_per_mw_year(m: Scope) -> Node:
    """Operating cost per MW of IT in service and year."""
    return missing_ratio(m.opex_total, m.service_total)


@metric("USD")
def peak_funding(m: Scope) -> Node:
    """The most that the project has cost, net of what it has earned, at any time."""
    return maximum(0, -lowest(m.cumulative_cash_flow))


@metric("month")
def time_to_first_token_months(m: Scope) -> Node:
    """From close to the acceptance of the first rack."""
    return m.site_opening


@metric("month")
def time_to_full_load_months(m: Scope) -> Node:
    """From close to the acceptance of the last rack of the last phase."""
    return across(m.last_acceptance, "maximum")


@metric("week")
def ready_hall_to_token_weeks(m: Scope) -> Node:
    """From the first complete and energised hall to the acceptance of the first rack."""
    return (m.site_opening - across(m.hall_ready, "minimum")).to("week")


@metric("1")
def ebitda_margin(m: Scope) -> Node:
    """EBITDA over revenue, whole life, undiscounted."""
    return missing_ratio(m.ebitda_total, m.revenue_total)


@metric("USD")
def revenue_total(m: Scope) -> Node:
    """Revenue over the whole life, undiscounted."""
    return total(m.revenue)


@metric("USD")
def ebitda_total(m: Scope) -> Node:
    """EBITDA over the whole life, undiscounted."""
    return total(m.ebitda)


@metric("GPU*h")
def gpu_hours_sold_total(m: Scope) -> Node:
    """GPU-hours sold over the whole life."""
    return total(m.gpu_hours_sold)
