"""Working capital, depreciation, corporate tax."""

from finmodel.graph import Input, Member, Node, Scope, across, balance, lag, line, maximum, minimum, opening, ramp
from finmodel.lines.schedule import change, paid_by

receivable_days = Input("day", "Days of revenue owed by customers.")
payable_days = Input("day", "Days of operating cost owed to suppliers.")
tax_rate = Input("1", "Corporate income tax rate, all levels together.", high=1)
loss_use_limit = Input("1", "Share of a tax year's profit that losses carried forward may offset.", high=1)
facility_tax_life = Input("year", "Straight-line life of the facility without land, from a ready hall.", low=1)
hardware_tax_life = Input("year", "Straight-line life of racks and refits, from acceptance.", low=1)


@line("USD")
def receivables(m: Scope) -> Node:
    """Revenue owed at the end of the period, collected in full when operations end."""
    periods = m.receivable_days.to("month") / m.months_per_period
    return m.revenue * periods * (1 - paid_by(m, m.closing_date))


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


@line("USD", each=("phase", "generation"))
def hardware_written_off(m: Scope, phase: Member, generation: Member) -> Node:
    """Depreciation so far of the generation's racks and refit: straight line, the rest at retirement.

    The line runs from the first acceptance over the life and the months of installation, as racks come evenly; what
    has not been paid is not written off.
    Source: straight line as in IRS Publication 946, How To Depreciate Property, without its averaging conventions.
    """
    cost = m.rack_purchase[phase, generation] + m.refit[phase, generation]
    life = m.hardware_tax_life.to("month") + m.installation_ramp[phase]
    passed = ramp((m.month - m.acceptance_date[phase, generation]) / life)
    paid = m.initial_racks_paid if generation.previous is None else m.refresh_paid
    return minimum(cost * maximum(passed, m.retired_share[phase, generation]), paid[phase, generation])


@line("1", each="phase")
def facility_written_off_share(m: Scope, phase: Member) -> Node:
    """Share of the facility's cost without land depreciated on the phase so far: straight line, the rest at closing.

    What has not been spent is not written off.
    """
    passed = ramp((m.month - m.hall_ready[phase]) / m.facility_tax_life.to("month"))
    written_off = minimum(maximum(passed, m.phase_closed[phase]), m.construction_progress[phase])
    return m.phase_share[phase] * written_off


@line("USD")
def written_off(m: Scope) -> Node:
    """Depreciation of all assets so far; land is written off when it is sold."""
    buildings = (m.facility_cost - m.land_capex) * across(m.facility_written_off_share)
    land = m.land_capex * across(m.facility_closed_share)
    return across(m.hardware_written_off) + buildings + land


@line("USD")
def depreciation(m: Scope) -> Node:
    """Depreciation of the period, with what is left of assets that are retired or sold."""
    return change(m.written_off)


@balance("USD")
def net_fixed_assets(m: Scope) -> tuple[Node, Node]:
    """Assets at cost less depreciation, payments on account included."""
    return m.capex + m.refresh_capex, m.depreciation


@line("USD")
def taxable_income(m: Scope) -> Node:
    """Profit of the period for tax: EBITDA less depreciation, with the sale of assets."""
    return m.ebitda - m.depreciation + m.asset_sale


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


@balance("USD")
def tax_losses(m: Scope) -> tuple[Node, Node]:
    """Tax losses carried forward without expiry."""
    return maximum(-m.tax_year_income, 0), m.tax_loss_used


@line("USD")
def tax(m: Scope) -> Node:
    """Income tax without the shield of interest, in the last period of each tax year (finmodel convention 6)."""
    return m.tax_rate * (maximum(m.tax_year_income, 0) - m.tax_loss_used)
