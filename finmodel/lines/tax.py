"""Working capital, losses carried forward, corporate tax."""

from finmodel.graph import (
    Input,
    Node,
    Scope,
    balance,
    cumulative,
    lag,
    line,
    maximum,
    minimum,
    opening,
    ramp,
    ratio,
)
from finmodel.lines.schedule import change, paid_by

receivable_days = Input("day", "Days of revenue owed by customers.")
payable_days = Input("day", "Days of operating cost owed to suppliers.")
tax_rate = Input("1", "Corporate income tax rate, all levels together.", high=1)
loss_use_limit = Input("1", "Share of a tax year's profit that losses carried forward may offset.", high=1)
loss_life = Input(
    "year", "Tax years in which a loss may be carried forward; a life beyond the horizon never ends.", low=1
)
tax_holiday = Input("year", "Length of the tax holiday, from the acceptance of the site's first rack.")
tax_holiday_share = Input("1", "Part of the tax rate that falls away in the holiday.", high=1)


@line("USD")
def receivables(m: Scope) -> Node:
    """Invoices owed at the end of the period, collected in full when operations end."""
    periods = m.receivable_days.to("month") / m.months_per_period
    return m.invoiced * periods * (1 - paid_by(m, m.closing_date))


@line("USD")
def payables(m: Scope) -> Node:
    """Operating cost owed at the end of the period, settled in full when operations end."""
    periods = m.payable_days.to("month") / m.months_per_period
    return m.opex * periods * (1 - paid_by(m, m.closing_date))


@line("USD")
def working_capital(m: Scope) -> Node:
    """Receivables less payables."""
    return m.receivables - m.payables


@line("USD")
def working_capital_increase(m: Scope) -> Node:
    """Cash bound by the growth of working capital; negative where it is released."""
    return change(m.working_capital)


@line("USD")
def taxable_income(m: Scope) -> Node:
    """Profit of the period for tax: EBITDA less depreciation, with the sale of assets and what is due of a grant."""
    return m.ebitda - m.depreciation + m.asset_sale + m.grant_income


@line("USD")
def taxable_income_to_date(m: Scope) -> Node:
    """Taxable income since the start of the tax year."""
    return lag(m.taxable_income_to_date * (1 - m.tax_year_end)) + m.taxable_income


@line("USD")
def tax_year_income(m: Scope) -> Node:
    """Taxable income of the tax year, in its last period."""
    return m.taxable_income_to_date * m.tax_year_end


@line("USD")
def tax_loss_used(m: Scope) -> Node:
    """Losses carried forward that the year's profit absorbs, within the limit."""
    return minimum(opening(m.tax_losses), m.loss_use_limit * maximum(m.tax_year_income, 0))


@line("USD")
def tax_losses_made(m: Scope) -> Node:
    """Loss of the tax year, in its last period."""
    return maximum(-m.tax_year_income, 0)


@line("1")
def loss_life_in_tax_years(m: Scope) -> Node:
    """Tax years in which a loss may be carried forward."""
    return m.loss_life / (m.years_per_period * m.periods_per_year)


@line("USD")
def tax_losses_young(m: Scope) -> Node:
    """Losses made within the life of a loss, used ones included: all since close less those made before.

    A life between two whole years is taken between their amounts, in proportion.
    """
    life = m.loss_life_in_tax_years
    made = cumulative(m.tax_losses_made)
    old = sum((ramp(1 + age - life) - ramp(age - life)) * m.years_ago(made, age) for age in m.whole_years())
    return made - old


@line("USD")
def tax_losses_expired(m: Scope) -> Node:
    """Losses that expire unused: the oldest are used first, so what is left was made within the life of a loss.

    Source: first in, first out, as in 26 USC 172(b)(2) and its like elsewhere.
    """
    left = opening(m.tax_losses) + m.tax_losses_made - m.tax_loss_used
    return maximum(left - m.tax_losses_young, 0)


@balance("USD")
def tax_losses(m: Scope) -> tuple[Node, Node]:
    """Tax losses carried forward, less those used or expired."""
    return m.tax_losses_made, m.tax_loss_used + m.tax_losses_expired


@line("1")
def tax_holiday_cover(m: Scope) -> Node:
    """Share of the last twelve months, from the acceptance of the site's first rack on, that lies in the holiday."""
    tax_year = m.months_per_period * m.periods_per_year
    end = m.site_opening + m.tax_holiday.to("month")
    start = maximum(m.site_opening, m.month - tax_year)
    return ramp(ratio(end - start, m.month - start, 0))


@line("USD")
def tax(m: Scope) -> Node:
    """Income tax without the shield of interest, in the last period of each tax year (finmodel convention 6).

    A holiday lowers the rate for the part of the tax year that it covers; losses are used in it as in any year.
    """
    taxed = maximum(m.tax_year_income, 0) - m.tax_loss_used
    return m.tax_rate * (1 - m.tax_holiday_share * m.tax_holiday_cover) * taxed
