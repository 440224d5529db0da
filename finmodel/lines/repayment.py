"""Repayment by tranche: annuity, equal principal or sculpted to CFADS, with a balloon, and one refinancing.

What is due is a share of what is owed above the balloon, so that a sweep or an amount left unpaid spreads over the
rest of the tenor. The last payment is all that is owed (finmodel convention 7).
"""

from finmodel.graph import (
    Input,
    Member,
    Node,
    Scope,
    across,
    balance,
    lag,
    lead,
    line,
    maximum,
    minimum,
    opening,
    power,
    ratio,
    total,
    where,
)
from finmodel.lines.schedule import change

balloon_share = Input("1", "Share of the loan repaid in one sum at maturity; 1 is a bullet.", high=1, each="tranche")
refinancing_date = Input(
    "month",
    "When the loan is repaid by a new one, after close; never if not a period before its maturity.",
    each="tranche",
)
refinancing_margin = Input("1/year", "Margin of the new loan, nominal.", each="tranche")
refinancing_tenor = Input("year", "From the refinancing to the maturity of the new loan.", each="tranche")
refinancing_fee = Input("1", "Fee on the new loan.", high=1, each="tranche")
refinancing_ratio = Input("1", "New loan over what is owed on the old one.", each="tranche")


@line("1", each="tranche")
def refinanced(m: Scope, tranche: Member) -> Node:
    """1 from the period of the refinancing on, which is after the last draw and before the maturity, or never."""
    in_time = where(m.refinancing_date[tranche] + m.months_per_period <= m.first_maturity[tranche], 1, 0)
    return where(m.month >= m.refinancing_date[tranche], (1 - m.drawing[tranche]) * in_time, 0)


@line("1", each="tranche")
def on_new_terms(m: Scope, tranche: Member) -> Node:
    """1 in the periods after the refinancing."""
    return lag(m.refinanced[tranche])


@line("month", each="tranche")
def second_maturity(m: Scope, tranche: Member) -> Node:
    """Final repayment of the new loan."""
    signed = m.horizon + m.months_per_period * (1 - total(m.refinanced[tranche]))
    return minimum(signed + m.refinancing_tenor[tranche].to("month"), m.closing_date)


@line("1/year", each="tranche")
def loan_margin(m: Scope, tranche: Member) -> Node:
    """Margin in force."""
    return where(m.on_new_terms[tranche] > 0, m.refinancing_margin[tranche], m.interest_margin[tranche])


@line("1", each="tranche")
def periods_left(m: Scope, tranche: Member) -> Node:
    """Periods from the start of this one to maturity."""
    maturity = where(m.on_new_terms[tranche] > 0, m.second_maturity[tranche], m.first_maturity[tranche])
    return maximum(maturity - m.month + m.months_per_period, 0) / m.months_per_period


def even_share(tranche: Member, rate: Node, left: Node) -> Node:
    """Share of what is owed that an even repayment takes, level in principal or in principal and interest together.

    Source: the annuity's principal in its first period, r / ((1 + r)^n - 1) of the loan; 1 / n without interest.
    """
    if tranche.traits["repayment"] == "equal_principal":
        return ratio(1, left, 1)
    return where(rate > 0, ratio(rate, power(1 + rate, left) - 1, 1), ratio(1, left, 1))


@line("1", each="tranche")
def level_share(m: Scope, tranche: Member) -> Node:
    """Share of what is owed that an even repayment takes on the terms in force."""
    rate = (m.loan_margin[tranche] + m.swap_rate[tranche]) * m.years_per_period
    return even_share(tranche, rate, m.periods_left[tranche])


@line("1", each="tranche")
def scheduled_share(m: Scope, tranche: Member) -> Node:
    """Repayment by the schedule at close, per unit committed: nothing swept, unpaid or refinanced.

    Sculpted, it is what CFADS over the target, scaled to the size of the loan, leaves beyond interest.
    """
    owed, rate = opening(m.scheduled_left[tranche]), m.sizing_rate[tranche]
    above = maximum(owed - m.balloon_share[tranche], 0)
    left = (m.first_maturity[tranche] - m.month) / m.months_per_period
    if tranche.traits["repayment"] == "sculpted":
        allowed = maximum(m.cfads_for_loan[tranche], 0) / m.target_dscr[tranche]
        service = allowed * ratio(m.amortised_value[tranche], m.present_cover[tranche], 0)
        due = minimum(maximum(service - rate * owed, 0), above)
    else:
        due = even_share(tranche, rate, maximum(left, 0) + 1) * above
    return (1 - m.drawing[tranche]) * where(left > 0, due, owed)


@balance("1", each="tranche")
def scheduled_left(m: Scope, tranche: Member) -> tuple[Node, Node]:
    """What is owed by the schedule at close, per unit committed, from the last draw on."""
    return m.last_draw[tranche], m.scheduled_share[tranche]


@line("1", each="tranche")
def amortisation(m: Scope, tranche: Member) -> Node:
    """Share of what is owed above the balloon that is due; all of it in the last period and after."""
    share: Node = m.level_share[tranche]
    if tranche.traits["repayment"] == "sculpted":
        above = opening(m.scheduled_left[tranche]) - m.balloon_share[tranche]
        share = where(m.on_new_terms[tranche] > 0, share, ratio(m.scheduled_share[tranche], above, 0))
    return (1 - m.drawing[tranche]) * where(m.periods_left[tranche] > 1, share, 1)


@line("1", each="tranche")
def next_amortisation(m: Scope, tranche: Member) -> Node:
    """Share of what is owed above the balloon that a reserve takes to be due in each of the next periods.

    That of the next one; sculpted, where one period may bring much and the next nothing, the mean of the next year.
    """
    due = lead(m.amortisation[tranche])
    if tranche.traits["repayment"] != "sculpted":
        return due
    above = maximum(m.scheduled_left[tranche] - m.balloon_share[tranche], 0)
    in_a_year = maximum(m.years_ahead(m.scheduled_left[tranche], 1) - m.balloon_share[tranche], 0)
    periods = minimum(m.periods_per_year, lead(m.periods_left[tranche]))
    return where(m.refinanced[tranche] > 0, due, ratio(above - in_a_year, above * periods, 0))


@line("USD", each="tranche")
def scheduled_principal(m: Scope, tranche: Member) -> Node:
    """Repayment by the schedule at close."""
    return m.commitment[tranche] * m.scheduled_share[tranche]


@line("USD", each="tranche")
def scheduled_debt(m: Scope, tranche: Member) -> Node:
    """What is owed by the schedule at close, from the last draw on."""
    return m.commitment[tranche] * m.scheduled_left[tranche]


@line("USD")
def scheduled_total(m: Scope) -> Node:
    """What is owed on all loans by the schedule at close."""
    return across(m.scheduled_debt)


@line("USD", each="tranche")
def scheduled_service(m: Scope, tranche: Member) -> Node:
    """Interest and repayment by the schedule at close."""
    return m.sizing_rate[tranche] * lag(m.scheduled_debt[tranche]) + m.scheduled_principal[tranche]


@line("USD", each="tranche")
def amortising(m: Scope, tranche: Member) -> Node:
    """What is owed above the balloon; a refinanced loan has none."""
    balloon = m.balloon_share[tranche] * m.commitment[tranche] * (1 - m.on_new_terms[tranche])
    return maximum(opening(m.debt[tranche]) - balloon, 0)


@line("USD", each="tranche")
def interest_due(m: Scope, tranche: Member) -> Node:
    """Interest to be paid: that of the periods after the last draw."""
    return m.interest_accrued[tranche] * (1 - m.drawing[tranche])


@line("USD", each="tranche")
def amortisation_due(m: Scope, tranche: Member) -> Node:
    """Repayment due, without a balloon."""
    return m.amortisation[tranche] * m.amortising[tranche]


@line("USD", each="tranche")
def principal_due(m: Scope, tranche: Member) -> Node:
    """Repayment due, with a balloon: at maturity and after all that is owed."""
    due = where(m.periods_left[tranche] > 1, m.amortisation_due[tranche], opening(m.debt[tranche]))
    return due * (1 - m.drawing[tranche])


@line("USD")
def interest_expense(m: Scope) -> Node:
    """Interest due on all loans."""
    return across(m.interest_due)


@line("USD")
def repayment_due(m: Scope) -> Node:
    """Repayment due on all loans, balloons in."""
    return across(m.principal_due)


@line("USD", each="tranche")
def interest_unpaid(m: Scope, tranche: Member) -> Node:
    """Interest for which there is no money, added to what is owed."""
    return m.interest_due[tranche] * ratio(m.interest_shortfall, m.interest_expense, 0)


@line("USD", each="tranche")
def interest_paid(m: Scope, tranche: Member) -> Node:
    """Interest paid."""
    return m.interest_due[tranche] - m.interest_unpaid[tranche]


@line("USD", each="tranche")
def principal_paid(m: Scope, tranche: Member) -> Node:
    """Repayment of what is due, as far as there is money for it."""
    return m.principal_due[tranche] * (1 - ratio(m.repayment_shortfall, m.repayment_due, 0))


@line("USD", each="tranche")
def owed_after_service(m: Scope, tranche: Member) -> Node:
    """Owed after the repayment due, on a loan that is no longer drawn."""
    owed = opening(m.debt[tranche]) + m.interest_unpaid[tranche] - m.principal_paid[tranche]
    return owed * (1 - m.drawing[tranche])


@line("USD", each="tranche")
def debt_swept(m: Scope, tranche: Member) -> Node:
    """Repaid early out of cash that is left, each loan by what is owed on it."""
    return m.owed_after_service[tranche] * ratio(m.cash_swept, across(m.owed_after_service), 0)


@line("USD", each="tranche")
def refinancing_repaid(m: Scope, tranche: Member) -> Node:
    """Repaid by the new loan: all that is owed."""
    return (m.owed_after_service[tranche] - m.debt_swept[tranche]) * change(m.refinanced[tranche])


@line("USD", each="tranche")
def refinancing_drawn(m: Scope, tranche: Member) -> Node:
    """The new loan."""
    return m.refinancing_ratio[tranche] * m.refinancing_repaid[tranche]


@line("USD", each="tranche")
def refinancing_cost(m: Scope, tranche: Member) -> Node:
    """Fee on the new loan, paid out of cash."""
    return m.refinancing_fee[tranche] * m.refinancing_drawn[tranche]


@line("1", each="tranche")
def reserved_interest(m: Scope, tranche: Member) -> Node:
    """Months of the next interest that a reserve holds, per unit owed."""
    return m.debt_reserve_months[tranche] / m.months_per_period * lead(m.loan_rate[tranche])


@line("1", each="tranche")
def reserved_principal(m: Scope, tranche: Member) -> Node:
    """Months of the next repayment that a reserve holds, per unit owed above the balloon; no more than that."""
    return minimum(m.debt_reserve_months[tranche] / m.months_per_period * m.next_amortisation[tranche], 1)


@line("USD", each="tranche")
def reserve_target(m: Scope, tranche: Member) -> Node:
    """What the loan's reserve should hold: months of the next service due, without a balloon.

    A refinancing is taken to replace what is owed before the sweep of its period.
    """
    new = 1 + (m.refinancing_ratio[tranche] - 1) * change(m.refinanced[tranche])
    owed = m.owed_after_service[tranche] * new + m.last_draw[tranche] * m.commitment[tranche]
    above = maximum(owed - m.balloon_share[tranche] * m.commitment[tranche] * (1 - m.refinanced[tranche]), 0)
    return m.reserved_interest[tranche] * owed + m.reserved_principal[tranche] * above
