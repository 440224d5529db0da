"""Corporate tax, without debt and with it: state and national, with losses, interest and credits carried forward.

Every line of the cohort `basis` is written once: unlevered tax is that of the project as if it had no debt, levered tax
is what is paid. All of it is reckoned per tax year and falls in the year's last period, or in that of the horizon
(finmodel convention 6). Beside `ebitda`, `depreciation`, `asset_sale`, `grant_income` and the flows of the debt, the
lines read `tax_relief`, the part of the rate that falls away, and `placed_in_service`, what earns a credit.
"""

from finmodel.graph import Input, Member, Node, Scope, balance, cumulative, line, maximum, minimum, opening, ramp
from finmodel.lines.schedule import tax_year_to_date

BASES = ("unlevered", "levered")
"""Members of the cohort `basis`: tax as if there were no debt, and tax as it is paid."""

tax_rate = Input(
    "1", "National corporate income tax rate; with the state's, net of its deduction, where that has none here.", high=1
)
state_tax_rate = Input(
    "1",
    "Corporate income tax rate of the state or region, on the same income, deductible from the national one.",
    high=1,
)
loss_use_limit = Input("1", "Share of a tax year's profit that losses carried forward may offset.", high=1)
loss_life = Input(
    "year", "Tax years in which a loss may be carried forward; a life beyond the horizon never ends.", low=1
)
loss_refund_share = Input(
    "1",
    "Share of a tax year's loss that brings its tax back at once, as to an owner with other profit; the rest is "
    "carried forward.",
    high=1,
)
interest_cap = Input("1", "Most net interest that is deducted, as a share of the tax year's EBITDA for tax.", high=1)
interest_capped_share = Input("1", "Share of net interest to which the cap applies; 0 where there is no cap.", high=1)
investment_credit_rate = Input("1", "Tax credit, as a share of the initial capex that enters service.", high=1)


@line("USD")
def net_interest_expense(m: Scope) -> Node:
    """Interest and financing cost of the period, less interest on reserves."""
    return m.interest_expense + m.financing_cost_amortised - m.reserve_interest


@line("USD")
def net_interest_to_date(m: Scope) -> Node:
    """Net interest expense since the start of the tax year."""
    return tax_year_to_date(m, m.net_interest_to_date, m.net_interest_expense)


@line("USD")
def tax_ebitda(m: Scope) -> Node:
    """Earnings by which deductible interest is measured: EBITDA and what is taxed of a grant.

    The sale of assets is left out: what it brings beyond their cost for tax is depreciation won back.
    Source: 26 USC 163(j)(8); Directive (EU) 2016/1164 (ATAD), article 4(2).
    """
    return m.ebitda + m.grant_income


@line("USD")
def tax_ebitda_to_date(m: Scope) -> Node:
    """EBITDA for tax since the start of the tax year."""
    return tax_year_to_date(m, m.tax_ebitda_to_date, m.tax_ebitda)


@line("USD")
def interest_under_cap(m: Scope) -> Node:
    """Net interest of the tax year to which the cap applies, in its last period."""
    return m.interest_capped_share * maximum(m.net_interest_to_date, 0) * m.tax_year_end


@line("USD")
def interest_capacity(m: Scope) -> Node:
    """Net interest that the cap allows in the tax year, in its last period; none on negative earnings.

    Source: 30 % of EBITDA for tax by 26 USC 163(j)(1) and by Directive (EU) 2016/1164 (ATAD), article 4(1); capacity
    that is not used is not carried forward.
    """
    return m.interest_cap * maximum(m.tax_ebitda_to_date, 0) * m.tax_year_end


@line("USD")
def interest_disallowed(m: Scope) -> Node:
    """Interest of the tax year above the cap."""
    return maximum(m.interest_under_cap - m.interest_capacity, 0)


@line("USD")
def disallowed_interest_used(m: Scope) -> Node:
    """Interest of earlier tax years that is deducted in this one, as far as the cap has room."""
    room = maximum(m.interest_capacity - m.interest_under_cap, 0)
    return minimum(opening(m.disallowed_interest), room)


@balance("USD")
def disallowed_interest(m: Scope) -> tuple[Node, Node]:
    """Interest not yet deducted, carried forward without limit.

    Source: 26 USC 163(j)(2); Directive (EU) 2016/1164 (ATAD), article 4(6)(a).
    """
    return m.interest_disallowed, m.disallowed_interest_used


@line("USD", each="basis")
def taxable_income(m: Scope, basis: Member) -> Node:
    """Profit of the period for tax: EBITDA less depreciation, with the sale of assets and what is due of a grant.

    Levered, less the net interest that is deducted; what the cap disallows comes back in the tax year's last period.
    """
    if basis == "levered":
        capped = m.interest_disallowed - m.disallowed_interest_used
        return m.taxable_income["unlevered"] - m.net_interest_expense + capped
    return m.ebitda - m.depreciation + m.asset_sale + m.grant_income


@line("USD", each="basis")
def taxable_income_to_date(m: Scope, basis: Member) -> Node:
    """Taxable income since the start of the tax year."""
    return tax_year_to_date(m, m.taxable_income_to_date[basis], m.taxable_income[basis])


@line("USD", each="basis")
def tax_year_income(m: Scope, basis: Member) -> Node:
    """Taxable income of the tax year, in its last period."""
    return m.taxable_income_to_date[basis] * m.tax_year_end


@line("USD", each="basis")
def tax_loss_used(m: Scope, basis: Member) -> Node:
    """Losses carried forward that the year's profit absorbs, within the limit."""
    return minimum(opening(m.tax_losses[basis]), m.loss_use_limit * maximum(m.tax_year_income[basis], 0))


@line("USD", each="basis")
def tax_loss_refunded(m: Scope, basis: Member) -> Node:
    """Part of the tax year's loss that brings its tax back at once."""
    return m.loss_refund_share * maximum(-m.tax_year_income[basis], 0)


@line("USD", each="basis")
def tax_losses_made(m: Scope, basis: Member) -> Node:
    """Part of the tax year's loss that is carried forward, in its last period."""
    return (1 - m.loss_refund_share) * maximum(-m.tax_year_income[basis], 0)


@line("1")
def loss_life_in_tax_years(m: Scope) -> Node:
    """Tax years in which a loss may be carried forward."""
    return m.loss_life / (m.years_per_period * m.periods_per_year)


@line("USD", each="basis")
def tax_losses_young(m: Scope, basis: Member) -> Node:
    """Losses made within the life of a loss, used ones included: all since close less those made before.

    A life between two whole years is taken between their amounts, in proportion.
    """
    life = m.loss_life_in_tax_years
    made = cumulative(m.tax_losses_made[basis])
    old = sum((ramp(1 + age - life) - ramp(age - life)) * m.years_ago(made, age) for age in m.whole_years())
    return made - old


@line("USD", each="basis")
def tax_losses_expired(m: Scope, basis: Member) -> Node:
    """Losses that expire unused: the oldest are used first, so what is left was made within the life of a loss.

    Source: first in, first out, as in 26 USC 172(b)(2) and its like elsewhere.
    """
    left = opening(m.tax_losses[basis]) + m.tax_losses_made[basis] - m.tax_loss_used[basis]
    return maximum(left - m.tax_losses_young[basis], 0)


@balance("USD", each="basis")
def tax_losses(m: Scope, basis: Member) -> tuple[Node, Node]:
    """Tax losses carried forward, less those used or expired."""
    return m.tax_losses_made[basis], m.tax_loss_used[basis] + m.tax_losses_expired[basis]


@line("USD", each="basis")
def tax_base(m: Scope, basis: Member) -> Node:
    """What the tax year is taxed on: its profit less losses used; negative where a loss brings its tax back."""
    return maximum(m.tax_year_income[basis], 0) - m.tax_loss_used[basis] - m.tax_loss_refunded[basis]


@line("USD", each="basis")
def state_tax(m: Scope, basis: Member) -> Node:
    """Income tax of the state or region."""
    return m.state_tax_rate * (1 - m.tax_relief) * m.tax_base[basis]


@line("USD", each="basis")
def national_tax_before_credit(m: Scope, basis: Member) -> Node:
    """National income tax on what the state's leaves, before credits.

    Source: taxes of a state are deductible from the national base by 26 USC 164(a)(3).
    """
    return m.tax_rate * (1 - m.tax_relief) * (m.tax_base[basis] - m.state_tax[basis])


@line("USD")
def tax_credit_earned(m: Scope) -> Node:
    """Investment credit on what enters service in the period.

    Source: a credit in the tax year in which property is placed in service, as in 26 USC 48(a)(1).
    """
    return m.investment_credit_rate * m.placed_in_service


@line("USD", each="basis")
def tax_credit_used(m: Scope, basis: Member) -> Node:
    """Credits set against the national tax of the tax year, never more than it."""
    available = opening(m.tax_credits[basis]) + m.tax_credit_earned
    return minimum(available, maximum(m.national_tax_before_credit[basis], 0))


@balance("USD", each="basis")
def tax_credits(m: Scope, basis: Member) -> tuple[Node, Node]:
    """Credits not yet used, carried forward without limit."""
    return m.tax_credit_earned, m.tax_credit_used[basis]


@line("USD", each="basis")
def national_tax(m: Scope, basis: Member) -> Node:
    """National income tax after credits."""
    return m.national_tax_before_credit[basis] - m.tax_credit_used[basis]


@line("USD", each="basis")
def tax(m: Scope, basis: Member) -> Node:
    """Income tax, state and national, in the last period of each tax year (finmodel convention 6).

    Relief lowers both rates for the part of the tax year that it covers; losses are used under it as in any year.
    """
    return m.state_tax[basis] + m.national_tax[basis]
