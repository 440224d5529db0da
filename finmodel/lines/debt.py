"""Debt by tranche: what it finances, how large it is, how it is drawn.

A tranche is available from close for some months. Its share of the cost that it finances is drawn as the cost falls
due; interest, fees and the first filling of its reserve are drawn on the loan itself. All of these are linear in the
size of the loan, so the size follows from one division (`commitment`), and nothing is iterated. What a tranche
finances, how it is sized, drawn and repaid is structure (`tranches` of a case); its terms are figures.

Interest of a period is on the balance at the end of the one before. Loan rates are nominal, divided by the periods of a
year (finmodel convention 2). Sources: Yescombe, Principles of Project Finance, 2nd ed. (2013), chapters 12 and 13;
Bodmer, Corporate and Project Finance Modeling (2014), on funding and debt sizing without circular references.
"""

from finmodel.graph import (
    Input,
    Member,
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
    power,
    ramp,
    ratio,
    total,
    where,
)
from finmodel.lines.schedule import change

gearing = Input(
    "1",
    "Most of the financed cost, with the interest, fees and reserve drawn on the loan, that the loan may make up.",
    high=1,
    each="tranche",
)
debt_limit = Input("USD", "The most that the lenders commit, whatever gearing and cover allow.", each="tranche")
target_dscr = Input("1", "Debt service cover ratio that the loan is sized on.", each="tranche")
availability_period = Input(
    "month", "From close to the last draw: interest is drawn on the loan until then, repayment follows.", each="tranche"
)
debt_tenor = Input(
    "year", "From the last draw to the final repayment, which comes with the end of operations if not before.",
    each="tranche",
)  # fmt: skip
interest_margin = Input("1/year", "Margin over the base rate, nominal.", each="tranche")
swap_rate = Input("1/year", "Fixed rate paid on the hedged share in place of the base rate, nominal.", each="tranche")
hedged_share = Input("1", "Share of the loan whose base rate is swapped into the fixed one.", high=1, each="tranche")
commitment_fee = Input("1/year", "Fee on what is committed and not yet drawn, nominal.", each="tranche")
upfront_fee = Input("1", "Fee at close on what is committed.", high=1, each="tranche")
debt_reserve_months = Input(
    "month",
    "Debt service, in months of the next one due, of the next year's mean where it is sculpted, that a reserve holds.",
    each="tranche",
)


@line("1", each="tranche")
def drawing(m: Scope, tranche: Member) -> Node:
    """1 in the periods in which the loan may be drawn; at least one period of operations is left for its repayment."""
    last = minimum(m.availability_period[tranche], m.closing_date - m.months_per_period)
    return where(m.month <= last, 1, 0)


@line("1", each="tranche")
def last_draw(m: Scope, tranche: Member) -> Node:
    """1 in the last period in which the loan may be drawn."""
    return m.drawing[tranche] - lead(m.drawing[tranche])


@line("month", each="tranche")
def drawn_by(m: Scope, tranche: Member) -> Node:
    """End of the last period in which the loan may be drawn, after close."""
    return (total(m.drawing[tranche]) - 1) * m.months_per_period


@line("month", each="tranche")
def first_maturity(m: Scope, tranche: Member) -> Node:
    """Final repayment on the terms at close."""
    return minimum(m.drawn_by[tranche] + m.debt_tenor[tranche].to("month"), m.closing_date)


@line("1", each="tranche")
def loan_rate(m: Scope, tranche: Member) -> Node:
    """Interest of the period per unit of the loan: margin and hedged or floating base rate."""
    hedged = m.hedged_share[tranche]
    base = hedged * m.swap_rate[tranche] + (1 - hedged) * m.base_rate
    return (m.loan_margin[tranche] + base) * m.years_per_period


@line("1", each="tranche")
def sizing_rate(m: Scope, tranche: Member) -> Node:
    """Interest of a period on the terms at close, all of it swapped: what size and profile of the loan rest on."""
    return (m.interest_margin[tranche] + m.swap_rate[tranche]) * m.years_per_period


@line("1")
def started(m: Scope) -> Node:
    """0 at close, 1 after."""
    return minimum(m.period, 1)


@line("1", each="tranche")
def undrawn_cost(m: Scope, tranche: Member) -> Node:
    """Commitment fee of the period per unit that is not drawn; none at close, which has no length."""
    return m.commitment_fee[tranche] * m.years_per_period * m.started


@line("USD", each="tranche")
def financed_cost(m: Scope, tranche: Member) -> Node:
    """Cost that the loan finances as it falls due: of the project, the facility or the racks first installed.

    The filling of the operating reserve is a cost of the project. What an earlier tranche pays is left out.
    """
    match tranche.traits["finances"]:
        case "facility":
            cost: Node = m.facility_capex
        case "hardware":
            cost = m.rack_capex
        case _:
            cost = m.capex + m.operating_reserve_filled
    earlier = tranche.previous
    while earlier is not None:
        kinds = {tranche.traits["finances"], earlier.traits["finances"]}
        if "project" in kinds or tranche.traits["finances"] == earlier.traits["finances"]:
            cost = cost - m.cost_drawn[earlier]
        earlier = earlier.previous
    return maximum(cost, 0) * m.drawing[tranche]


@line("USD", each="tranche")
def financed_total(m: Scope, tranche: Member) -> Node:
    """All cost that the loan finances, before interest, fees and reserve."""
    return total(m.financed_cost[tranche])


@line("1", each="tranche")
def balance_growth(m: Scope, tranche: Member) -> Node:
    """What a unit drawn before becomes in the period: interest is drawn on it, and no commitment fee is due on it."""
    return 1 + m.loan_rate[tranche] * m.started - m.undrawn_cost[tranche]


@line("USD", each="tranche")
def cost_compounded(m: Scope, tranche: Member) -> Node:
    """Financed cost so far with its growth, were all of it drawn."""
    grown = lag(m.cost_compounded[tranche]) * m.balance_growth[tranche]
    return (grown + m.financed_cost[tranche]) * m.drawing[tranche]


@line("1", each="tranche")
def fees_compounded(m: Scope, tranche: Member) -> Node:
    """Fees so far with their growth, per unit committed."""
    grown = lag(m.fees_compounded[tranche]) * m.balance_growth[tranche]
    fees = m.undrawn_cost[tranche] + m.upfront_fee[tranche] * (1 - m.started)
    return (grown + fees) * m.drawing[tranche]


@line("1", each="tranche")
def first_reserve_share(m: Scope, tranche: Member) -> Node:
    """First filling of the loan's reserve per unit committed: months of the first service due."""
    principal = (1 - m.balloon_share[tranche]) * m.reserved_principal[tranche]
    return total(m.last_draw[tranche] * (m.reserved_interest[tranche] + principal))


@line("USD", each="tranche")
def all_cost_compounded(m: Scope, tranche: Member) -> Node:
    """The loan without its fees and reserve, were all of the cost drawn on it."""
    return total(m.last_draw[tranche] * m.cost_compounded[tranche])


@line("1", each="tranche")
def share_for_cost(m: Scope, tranche: Member) -> Node:
    """Part of the commitment that is left for cost with its interest once fees and reserve are drawn."""
    fees = total(m.last_draw[tranche] * m.fees_compounded[tranche])
    return maximum(1 - fees - m.first_reserve_share[tranche], 0)


@line("USD", each="tranche")
def loan_of_all_cost(m: Scope, tranche: Member) -> Node:
    """The loan on which all of the cost is drawn: no loan is larger."""
    return ratio(m.all_cost_compounded[tranche], m.share_for_cost[tranche], 0)


@line("1", each="tranche")
def growth_from_close(m: Scope, tranche: Member) -> Node:
    """What a unit drawn at close has become."""
    return lag(m.growth_from_close[tranche], opening=1) * m.balance_growth[tranche]


@line("1", each="tranche")
def growth_to_last_draw(m: Scope, tranche: Member) -> Node:
    """What a unit drawn in the period becomes by the last draw."""
    return total(m.last_draw[tranche] * m.growth_from_close[tranche]) / m.growth_from_close[tranche]


@line("USD", each="tranche")
def later_cost_compounded(m: Scope, tranche: Member) -> Node:
    """What the cost after the period becomes by the last draw."""
    so_far = m.cost_compounded[tranche] * m.growth_to_last_draw[tranche]
    return (m.all_cost_compounded[tranche] - so_far) * m.drawing[tranche]


@line("USD", each="tranche")
def equity_first_cost(m: Scope, tranche: Member) -> Node:
    """Cost of the period paid by equity where it comes first and the loan is sized by gearing.

    Equity ends where its sum and the loan that all later cost needs stand in the ratio that gearing asks for; before
    and after, the solution for the period lies outside of what the period costs, and is clipped to it.
    """
    growth, cost, share = m.growth_to_last_draw[tranche], m.financed_cost[tranche], m.gearing[tranche]
    so_far = cumulative(cost)
    weight = share * m.share_for_cost[tranche] + (1 - share) * growth
    equity = ratio((1 - share) * (m.later_cost_compounded[tranche] + so_far * growth), weight, 0)
    return minimum(maximum(equity - (so_far - cost), 0), cost)


@line("USD", each="tranche")
def loan_by_gearing(m: Scope, tranche: Member) -> Node:
    """The loan that makes up the given share of cost, interest, fees and reserve together."""
    everything, left, share = m.all_cost_compounded[tranche], m.share_for_cost[tranche], m.gearing[tranche]
    if tranche.traits["draws"] == "equity_first":
        by_equity = total(m.equity_first_cost[tranche] * m.growth_to_last_draw[tranche])
        return ratio(maximum(everything - by_equity, 0), left, 0)
    cost = share * m.financed_total[tranche]
    return ratio(cost * everything, (1 - share) * everything + cost * left, 0)


@line("USD", each="tranche")
def cfads_for_loan(m: Scope, tranche: Member) -> Node:
    """CFADS left for the loan by the scheduled service of the tranches before it."""
    before = tranche.previous
    if before is None:
        return m.cfads
    return m.cfads_for_loan[before] - m.scheduled_service[before]


@line("1", each="tranche")
def sizing_discount(m: Scope, tranche: Member) -> Node:
    """Present value at the last draw of one unit of service in the period, at the loan's rate; 0 outside the tenor."""
    periods = (m.month - m.drawn_by[tranche]) / m.months_per_period
    within = ramp((m.first_maturity[tranche] - m.month + m.months_per_period) / m.months_per_period)
    return (1 - m.drawing[tranche]) * within * power(1 + m.sizing_rate[tranche], -periods)


@line("USD", each="tranche")
def present_cover(m: Scope, tranche: Member) -> Node:
    """Present value at the last draw of all service that CFADS over the tenor allows at the target cover."""
    value = total(maximum(m.cfads_for_loan[tranche], 0) * m.sizing_discount[tranche])
    return value / m.target_dscr[tranche]


@line("1", each="tranche")
def amortised_value(m: Scope, tranche: Member) -> Node:
    """Present value at the last draw of what is repaid before the balloon, with interest, per unit of the loan."""
    periods = (m.first_maturity[tranche] - m.drawn_by[tranche]) / m.months_per_period
    return 1 - m.balloon_share[tranche] * power(1 + m.sizing_rate[tranche], -periods)


@line("USD", each="tranche")
def loan_by_cover(m: Scope, tranche: Member) -> Node:
    """The loan whose service, before its balloon, CFADS covers by the target; any loan if it asks for no service."""
    return ratio(m.present_cover[tranche], m.amortised_value[tranche], m.loan_of_all_cost[tranche])


@line("USD", each="tranche")
def commitment(m: Scope, tranche: Member) -> Node:
    """Size of the loan: by gearing, by cover or the smaller; within the lenders' limit and the cost there is."""
    most = minimum(m.debt_limit[tranche], m.loan_of_all_cost[tranche])
    match tranche.traits["sizing"]:
        case "dscr":
            return minimum(m.loan_by_cover[tranche], most)
        case "smaller":
            return minimum(minimum(m.loan_by_gearing[tranche], m.loan_by_cover[tranche]), most)
        case _:
            return minimum(m.loan_by_gearing[tranche], most)


@line("1", each="tranche")
def drawn_share(m: Scope, tranche: Member) -> Node:
    """Share of the financed cost, with its growth, that is drawn on the loan."""
    return ratio(m.commitment[tranche] * m.share_for_cost[tranche], m.all_cost_compounded[tranche], 0)


@line("USD", each="tranche")
def cost_drawn(m: Scope, tranche: Member) -> Node:
    """Drawn for cost: a constant share of it, or what is left of it once equity has been spent."""
    cost = m.financed_cost[tranche]
    if tranche.traits["draws"] == "equity_first":
        growth = m.growth_to_last_draw[tranche]
        room = m.commitment[tranche] * m.share_for_cost[tranche] - m.later_cost_compounded[tranche]
        return minimum(maximum(ratio(room, growth, 0), 0), cost)
    return m.drawn_share[tranche] * cost


@line("USD", each="tranche")
def interest_accrued(m: Scope, tranche: Member) -> Node:
    """Interest of the period on what was owed at its start."""
    return m.loan_rate[tranche] * opening(m.debt[tranche])


@line("USD", each="tranche")
def interest_capitalised(m: Scope, tranche: Member) -> Node:
    """Interest drawn on the loan while it is available."""
    return m.interest_accrued[tranche] * m.drawing[tranche]


@line("USD", each="tranche")
def fees_drawn(m: Scope, tranche: Member) -> Node:
    """Upfront and commitment fees drawn on the loan."""
    upfront = m.upfront_fee[tranche] * m.commitment[tranche] * (1 - m.started)
    undrawn = m.undrawn_cost[tranche] * (m.commitment[tranche] - opening(m.debt[tranche]))
    return (upfront + undrawn) * m.drawing[tranche]


@line("USD", each="tranche")
def reserve_funded(m: Scope, tranche: Member) -> Node:
    """First filling of the loan's reserve, with the last draw."""
    return m.last_draw[tranche] * m.first_reserve_share[tranche] * m.commitment[tranche]


@line("USD", each="tranche")
def loan_drawn(m: Scope, tranche: Member) -> Node:
    """Drawn in the period: for cost, interest, fees and reserve."""
    financing = m.interest_capitalised[tranche] + m.fees_drawn[tranche] + m.reserve_funded[tranche]
    return m.cost_drawn[tranche] + financing


@line("USD")
def debt_drawn(m: Scope) -> Node:
    """Drawn on all loans."""
    return across(m.loan_drawn)


@balance("USD", each="tranche")
def debt(m: Scope, tranche: Member) -> tuple[Node, Node]:
    """What is owed on the loan: draws, interest left unpaid and a refinancing, less repayments."""
    added = m.loan_drawn[tranche] + m.interest_unpaid[tranche] + m.refinancing_drawn[tranche]
    return added, m.principal_paid[tranche] + m.debt_swept[tranche] + m.refinancing_repaid[tranche]


@line("USD")
def debt_total(m: Scope) -> Node:
    """Owed on all loans."""
    return across(m.debt)


@line("USD")
def financing_cost(m: Scope) -> Node:
    """Interest and fees that are capitalised: those drawn on the loans, and fees of a refinancing."""
    return across(m.interest_capitalised) + across(m.fees_drawn) + across(m.refinancing_cost)


@line("USD", each="tranche")
def financing_written_off(m: Scope, tranche: Member) -> Node:
    """Capitalised interest and fees written off so far: a straight line from the last draw to the maturity at close.

    What is capitalised in a period is written off from the next on.
    """
    cost = m.interest_capitalised[tranche] + m.fees_drawn[tranche] + m.refinancing_cost[tranche]
    start = m.drawn_by[tranche]
    passed = ratio(m.month - start, m.first_maturity[tranche] - start, 1)
    return lag(cumulative(cost)) * ramp(passed)


@line("USD")
def financing_cost_amortised(m: Scope) -> Node:
    """Capitalised interest and fees written off in the period."""
    return change(across(m.financing_written_off))


@balance("USD")
def capitalised_financing_cost(m: Scope) -> tuple[Node, Node]:
    """Interest and fees capitalised and not yet written off."""
    return m.financing_cost, m.financing_cost_amortised
