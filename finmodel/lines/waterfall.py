"""The waterfall: what comes in, who is paid in which order, what the owners pay in and take out.

Cash of the site pays, in this order: tax, interest and repayment, the debt reserve, a sweep, then construction and
renewals that no loan or grant pays; the rest is distributed unless it is locked up. Debt service that cash does not
cover is drawn from the reserve, then from the owners up to a limit, and what is left is unpaid: repayment first, then
interest, which is added to the loan. The owners pay for construction, renewals and operating deficits in full.
"""

from finmodel.graph import (
    Input,
    Node,
    Scope,
    across,
    balance,
    cumulative,
    lag,
    lead,
    line,
    maximum,
    minimum,
    opening,
    where,
)
from finmodel.lines.schedule import change

tax_in_cfads = Input(
    "1", "Share of unlevered tax deducted from the CFADS on which debt is sized and covenants are tested.", high=1
)
operating_reserve_months = Input("month", "Operating cost, in months of the next period's, that a reserve holds.")
reserve_rate = Input("1/year", "Interest earned on reserves and cash, nominal.")
equity_support_limit = Input("USD", "The most that the owners pay in, over the whole life, towards debt service.")
sweep_share = Input("1", "Share of the cash left after debt service and reserves that repays debt early.", high=1)


@line("USD")
def cfads_before_tax(m: Scope) -> Node:
    """Cash flow available for debt service before tax: EBITDA, working capital, customers' prepayments.

    Renewals of hardware rank below debt service, and the sale of assets is not counted on.
    """
    return m.ebitda - m.working_capital_increase + m.prepayment_flow


@line("USD")
def cfads(m: Scope) -> Node:
    """Cash flow available for debt service, on the basis on which debt is sized and tested (finmodel convention 6).

    Tax is that of the project without debt, so that the size of the debt does not depend on itself.
    """
    return m.cfads_before_tax - m.tax_in_cfads * m.tax["unlevered"]


@line("USD")
def operating_reserve(m: Scope) -> Node:
    """Reserve for operating cost at the end of the period: months of the next period's."""
    return m.operating_reserve_months / m.months_per_period * lead(m.opex)


@line("USD")
def operating_reserve_filled(m: Scope) -> Node:
    """Put into the reserve for operating cost."""
    return maximum(change(m.operating_reserve), 0)


@line("USD")
def reserve_interest(m: Scope) -> Node:
    """Interest earned on what reserves and cash held at the start of the period."""
    held = lag(m.cash) + opening(m.debt_reserve) + lag(m.operating_reserve)
    return m.reserve_rate * m.years_per_period * held


@line("USD")
def cash_before_service(m: Scope) -> Node:
    """Cash kept from before with what the site brings in after tax; negative where operations have to be paid for."""
    released = m.operating_reserve_filled - change(m.operating_reserve)
    return lag(m.cash) + m.cfads_before_tax + m.asset_sale + released + m.reserve_interest - m.tax["levered"]


@line("USD")
def operating_deficit(m: Scope) -> Node:
    """What operations cost beyond the cash of the site, paid by the owners."""
    return maximum(-m.cash_before_service, 0)


@line("USD")
def service_due(m: Scope) -> Node:
    """Interest and repayment due on all loans, balloons in."""
    return m.interest_expense + m.repayment_due


@line("USD")
def service_from_cash(m: Scope) -> Node:
    """Debt service paid out of the site's cash."""
    return minimum(m.service_due, maximum(m.cash_before_service, 0))


@line("USD")
def reserve_drawn(m: Scope) -> Node:
    """Debt service paid out of the reserve."""
    return minimum(m.service_due - m.service_from_cash, opening(m.debt_reserve))


@line("USD")
def equity_support(m: Scope) -> Node:
    """Debt service paid by the owners, within their limit."""
    left = maximum(m.equity_support_limit - lag(m.equity_support_paid), 0)
    return minimum(m.service_due - m.service_from_cash - m.reserve_drawn, left)


@line("USD")
def equity_support_paid(m: Scope) -> Node:
    """Debt service paid by the owners since close."""
    return cumulative(m.equity_support)


@line("USD")
def service_unpaid(m: Scope) -> Node:
    """Debt service for which there is no money."""
    return m.service_due - m.service_from_cash - m.reserve_drawn - m.equity_support


@line("USD")
def repayment_shortfall(m: Scope) -> Node:
    """Repayment that is not made."""
    return minimum(m.service_unpaid, m.repayment_due)


@line("USD")
def interest_shortfall(m: Scope) -> Node:
    """Interest that is not paid."""
    return m.service_unpaid - m.repayment_shortfall


@line("USD")
def cash_after_service(m: Scope) -> Node:
    """Cash left after debt service."""
    return maximum(m.cash_before_service, 0) - m.service_from_cash


@line("USD")
def reserve_missing(m: Scope) -> Node:
    """What the debt reserve is short of its target after the draws of the period; negative where it holds too much."""
    held = opening(m.debt_reserve) - m.reserve_drawn + across(m.reserve_funded)
    return across(m.reserve_target) - held


@line("USD")
def reserve_slack(m: Scope) -> Node:
    """How far the debt reserve may be off its target before it is filled or released, as for cover ratios."""
    return m.cover_tolerance * across(m.reserve_target)


@line("USD")
def reserve_released(m: Scope) -> Node:
    """Taken out of the debt reserve because less has to be held."""
    return where(m.reserve_missing < -m.reserve_slack, -m.reserve_missing, 0)


@line("USD")
def reserve_topped_up(m: Scope) -> Node:
    """Put into the debt reserve out of cash, as far as it goes."""
    return where(m.reserve_missing > m.reserve_slack, minimum(m.reserve_missing, m.cash_after_service), 0)


@balance("USD")
def debt_reserve(m: Scope) -> tuple[Node, Node]:
    """Debt service reserve account: filled with the last draw, kept at its target."""
    return across(m.reserve_funded) + m.reserve_topped_up, m.reserve_drawn + m.reserve_released


@line("USD")
def cash_for_sweep(m: Scope) -> Node:
    """Cash left after debt service and reserve."""
    return m.cash_after_service - m.reserve_topped_up + m.reserve_released


@line("USD")
def cash_swept(m: Scope) -> Node:
    """Cash that repays debt early."""
    return minimum(m.sweep_share * m.cash_for_sweep, across(m.owed_after_service))


@line("USD")
def refinancing_gain(m: Scope) -> Node:
    """Cash that a refinancing brings: the new loans, less those repaid and fees."""
    return across(m.refinancing_drawn) - across(m.refinancing_repaid) - across(m.refinancing_cost)


@line("USD")
def investment_need(m: Scope) -> Node:
    """Construction, renewals and the filling of the operating reserve that no loan or grant pays."""
    return m.capex + m.refresh_capex + m.operating_reserve_filled - m.grant - across(m.cost_drawn)


@line("USD")
def cash_before_distribution(m: Scope) -> Node:
    """Cash left after all that is paid before the owners; negative where they have to pay in."""
    return m.cash_for_sweep - m.cash_swept + m.refinancing_gain - m.investment_need


@line("1")
def locked_up(m: Scope) -> Node:
    """1 where cash may not be distributed: debt is owed, and still being drawn or its cover too low."""
    return where(m.debt_total > 0, m.lock_up_test, 0)


@line("USD")
def cash(m: Scope) -> Node:
    """Cash kept in lock-up at the end of the period."""
    return m.locked_up * maximum(m.cash_before_distribution, 0)


@line("USD")
def contributions(m: Scope) -> Node:
    """Paid in by the owners: for construction and renewals, operating deficits and debt service."""
    return maximum(-m.cash_before_distribution, 0) + m.operating_deficit + m.equity_support


@line("USD")
def distributions(m: Scope) -> Node:
    """Paid out to the owners."""
    return maximum(m.cash_before_distribution, 0) - m.cash


@line("USD")
def equity_flow(m: Scope) -> Node:
    """Cash flow of the owners after tax."""
    return m.distributions - m.contributions


@line("USD")
def funding_uses(m: Scope) -> Node:
    """Uses of funds: construction, renewals, interest, fees and reserve drawn on loans, operating deficits."""
    drawn = across(m.interest_capitalised) + across(m.fees_drawn) + across(m.reserve_funded)
    return m.capex + m.refresh_capex + m.operating_reserve_filled + drawn + m.operating_deficit


@line("USD")
def site_funds(m: Scope) -> Node:
    """Construction and renewals paid out of cash of the site, a refinancing or what a grant leaves."""
    return minimum(m.investment_need, m.cash_for_sweep - m.cash_swept + m.refinancing_gain)
