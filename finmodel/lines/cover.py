"""Cover ratios and covenants: what lenders test.

DSCR is shown both ways (finmodel convention 6): of each period before tax, and of twelve months after the tax that the
project would pay without debt, as tax falls due once a year. Covenants are tested on twelve months too, once a year of
service has passed, within a tolerance that stands in for rounding.
"""

from finmodel.graph import (
    Input,
    Node,
    Scope,
    across,
    cumulative,
    lag,
    lead,
    line,
    lowest_where,
    maximum,
    metric,
    ramp,
    ratio,
    total,
    where,
)
from finmodel.metrics.nodes import missing_ratio

lock_up_dscr = Input("1", "Cover of the last twelve months below which nothing is distributed.")
default_dscr = Input("1", "Cover of the last twelve months below which the loans' covenant is broken.")
cover_tolerance = Input(
    "1", "Share by which cover or a reserve may fall short before it counts, as they are reported rounded.", high=1
)


@line("USD")
def tested_service(m: Scope) -> Node:
    """Debt service that cover is measured against: interest and repayment due, without balloons."""
    return m.interest_expense + across(m.amortisation_due)


@line("1")
def test_date(m: Scope) -> Node:
    """1 in the periods in which debt service is due."""
    return where(m.tested_service > 0, 1, 0)


@line("1")
def dscr(m: Scope) -> Node:
    """Debt service cover ratio of the period before tax; 0 where nothing is due."""
    return ratio(m.cfads_before_tax, m.tested_service, 0)


def last_twelve_months(m: Scope, flow: Node) -> Node:
    """The sum of a flow over the test dates of the last twelve months."""
    so_far = cumulative(flow * m.test_date)
    return so_far - m.years_ago(so_far, 1)


@line("USD")
def trailing_cfads(m: Scope) -> Node:
    """CFADS of the last twelve months, on the basis on which covenants are tested."""
    return last_twelve_months(m, m.cfads)


@line("USD")
def trailing_cfads_after_tax(m: Scope) -> Node:
    """CFADS of the last twelve months after the tax of the project without debt."""
    return last_twelve_months(m, m.cfads_before_tax - m.tax["unlevered"])


@line("USD")
def trailing_service(m: Scope) -> Node:
    """Debt service of the last twelve months that cover is measured against."""
    return last_twelve_months(m, m.tested_service)


@line("1")
def trailing_dscr(m: Scope) -> Node:
    """Cover of the last twelve months, as covenants test it; 0 where nothing was due."""
    return ratio(m.trailing_cfads, m.trailing_service, 0)


@line("1")
def dscr_after_tax(m: Scope) -> Node:
    """Cover of the last twelve months after the tax of the project without debt; 0 where nothing was due."""
    return ratio(m.trailing_cfads_after_tax, m.trailing_service, 0)


@line("1")
def covenant_date(m: Scope) -> Node:
    """1 in the periods in which covenants are tested: service is due, and has been for a year."""
    return where(cumulative(m.test_date) >= m.periods_per_year, m.test_date, 0)


@line("USD")
def service_counted(m: Scope) -> Node:
    """Debt service of the last twelve months, less the tolerance, at the dates on which covenants are tested."""
    return m.trailing_service * (1 - m.cover_tolerance) * m.covenant_date


@line("1")
def in_default(m: Scope) -> Node:
    """1 where debt service is left unpaid, beyond the tolerance."""
    return where(m.service_unpaid > m.cover_tolerance * m.service_due, 1, 0)


@line("1")
def covenant_broken(m: Scope) -> Node:
    """1 where the cover of the last twelve months breaks the covenant, or debt service is left unpaid."""
    too_low = where(m.trailing_cfads < m.default_dscr * m.service_counted, m.covenant_date, 0)
    return maximum(too_low, m.in_default)


@line("1")
def lock_up_test(m: Scope) -> Node | float:
    """1 while a loan may be drawn, and where the cover of the last twelve months is too low to distribute."""
    if not m.members("tranche"):
        return 0
    too_low = where(m.trailing_cfads < m.lock_up_dscr * m.service_counted, m.covenant_date, 0)
    return maximum(across(m.drawing, "maximum"), too_low)


@line("month")
def last_loan_drawn_by(m: Scope) -> Node | float:
    """End of the availability period of the loan that is drawn last."""
    return across(m.drawn_by, "maximum") if m.members("tranche") else 0


@line("month")
def last_maturity(m: Scope) -> Node | float:
    """Maturity, on the terms at close, of the loan that is repaid last."""
    return across(m.first_maturity, "maximum") if m.members("tranche") else 0


@line("USD")
def committed(m: Scope) -> Node:
    """All loans together, as committed."""
    return across(m.commitment)


@line("USD")
def sizing_interest(m: Scope) -> Node | float:
    """Interest of a period on all loans as committed, on the terms at close."""
    return sum(
        (m.commitment[tranche] * m.sizing_rate[tranche] for tranche in m.members("tranche")), start=0 * m.committed
    )


@line("1")
def repaying(m: Scope) -> Node:
    """1 in the periods after the last draw on any loan."""
    return where(m.month > m.last_loan_drawn_by, 1, 0)


@line("1")
def loan_discount(m: Scope) -> Node:
    """Present value at the last draw of one unit at the end of the period, at the loans' average rate."""
    average = ratio(m.sizing_interest, m.committed, 0)
    return lag(m.loan_discount, opening=1) * (1 + m.repaying * (1 / (1 + average) - 1))


@line("USD")
def cfads_over_loan_life(m: Scope) -> Node:
    """Present value at the last draw of CFADS from then to the last maturity."""
    within = ramp((m.last_maturity - m.month + m.months_per_period) / m.months_per_period)
    return total(m.cfads * m.loan_discount * m.repaying * within)


@line("USD")
def cfads_over_project_life(m: Scope) -> Node:
    """Present value at the last draw of CFADS from then on."""
    return total(m.cfads * m.loan_discount * m.repaying)


@line("USD")
def debt_at_first_repayment(m: Scope) -> Node:
    """Owed on all loans after the last draw."""
    return total(m.debt_total * (lead(m.repaying, closing=1) - m.repaying))


@line("1")
def test_dates(m: Scope) -> Node:
    """Periods in which debt service is due."""
    return total(m.test_date)


@line("1")
def dscr_sum(m: Scope) -> Node:
    """Sum of the cover ratios before tax of all test dates."""
    return total(m.dscr)


@line("1")
def covenant_dates(m: Scope) -> Node:
    """Periods in which covenants are tested."""
    return total(m.covenant_date)


@line("1")
def dscr_after_tax_sum(m: Scope) -> Node:
    """Sum of the cover after tax of all dates on which covenants are tested."""
    return total(m.dscr_after_tax * m.covenant_date)


@line("USD*year")
def debt_years(m: Scope) -> Node:
    """What is owed, times the years for which it is owed."""
    return total(m.debt_total) * m.years_per_period


@line("USD")
def cost_with_financing(m: Scope) -> Node:
    """Cost of the project: initial capex, interest and fees drawn on loans, and the first filling of reserves."""
    drawn = across(m.interest_capitalised) + across(m.fees_drawn) + across(m.reserve_funded)
    filling = (1 - m.repaying) * m.operating_reserve_filled
    return total(m.capex + drawn + filling)


@metric("1")
def gearing_at_completion(m: Scope) -> Node:
    """All loans over the cost of the project with its financing."""
    return missing_ratio(m.committed, m.cost_with_financing)


@metric("1")
def min_dscr(m: Scope) -> Node:
    """Lowest debt service cover ratio before tax, over the periods in which service is due; missing without debt."""
    return lowest_where(m.dscr, m.test_date)


@metric("1")
def average_dscr(m: Scope) -> Node:
    """Mean debt service cover ratio before tax, over the periods in which service is due; missing without debt."""
    return missing_ratio(m.dscr_sum, m.test_dates)


@metric("1")
def min_dscr_after_tax(m: Scope) -> Node:
    """Lowest cover of twelve months after the tax of the project without debt; missing without debt."""
    return lowest_where(m.dscr_after_tax, m.covenant_date)


@metric("1")
def average_dscr_after_tax(m: Scope) -> Node:
    """Mean cover of twelve months after the tax of the project without debt; missing without debt."""
    return missing_ratio(m.dscr_after_tax_sum, m.covenant_dates)


@metric("1")
def min_trailing_dscr(m: Scope) -> Node:
    """Lowest cover of twelve months, as covenants test it."""
    return lowest_where(m.trailing_dscr, m.covenant_date)


@metric("1")
def llcr(m: Scope) -> Node:
    """Loan life cover ratio at first repayment: present value of CFADS to maturity over debt, reserves excluded.

    Source: Yescombe, Principles of Project Finance, 2nd ed. (2013), section 12.3.
    """
    return missing_ratio(m.cfads_over_loan_life, m.debt_at_first_repayment)


@metric("1")
def plcr(m: Scope) -> Node:
    """Project life cover ratio at first repayment: present value of all later CFADS over debt, reserves excluded."""
    return missing_ratio(m.cfads_over_project_life, m.debt_at_first_repayment)


@metric("year")
def average_life(m: Scope) -> Node:
    """Average time for which a unit of all loans as committed is owed, from its draw to its repayment."""
    return missing_ratio(m.debt_years, m.committed)


@metric("month")
def first_covenant_breach(m: Scope) -> Node:
    """When cover first breaks the covenant or debt service is first left unpaid, after close; missing if never."""
    return lowest_where(m.month, m.covenant_broken)


@metric("1")
def periods_in_default(m: Scope) -> Node:
    """Periods in which debt service is left unpaid."""
    return total(m.in_default)
