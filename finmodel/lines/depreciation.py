"""Depreciation for tax by asset class: at once, by a table, by declining balance, in a straight line.

Racks with their refits are one class, the facility without land the other. A bonus is written off at entry into
service; a share of the rest follows a table by tax year, a share of what then remains declining balance, and the rest
is straight line. Shares choose the method, so the choice is a figure. Straight line writes off a rack that retires;
table and balance keep to the class as a whole, as general asset accounts and pools do (26 CFR 1.168(i)-1(e); UK Capital
Allowances Act 2001, s. 56). What is left at the end of operations is written off then.
"""

from finmodel.graph import (
    Input,
    Member,
    Node,
    Scope,
    across,
    balance,
    line,
    maximum,
    minimum,
    ramp,
)
from finmodel.lines.schedule import change, paid_by
from finmodel.lines.write_off import by_balance, by_shares, by_table, in_tax_year

hardware_tax_life = Input("year", "Straight-line life of racks and refits for tax, from acceptance.", low=1)
hardware_bonus_share = Input("1", "Share of racks and refits written off at entry into service.", high=1)
hardware_table_share = Input(
    "1", "Share of what the bonus leaves of racks and refits that is written off by their table.", high=1
)
hardware_tax_table = Input(
    "1", "Share of racks and refits written off by table in that tax year of service.", high=1, each="recovery_year"
)
hardware_declining_share = Input(
    "1",
    "Share of what bonus and table leave of racks and refits that is written off by declining balance; the rest is "
    "straight line.",
    high=1,
)
hardware_declining_rate = Input("1/year", "Share of the balance of racks and refits written off a year.", high=1)
facility_tax_life = Input(
    "year", "Straight-line life of the facility without land, from a ready hall, for tax and in the accounts.", low=1
)
facility_bonus_share = Input("1", "Share of the facility without land written off at entry into service.", high=1)
facility_table_share = Input(
    "1", "Share of what the bonus leaves of the facility that is written off by its table.", high=1
)
facility_tax_table = Input(
    "1", "Share of the facility written off by table in that tax year of service.", high=1, each="recovery_year"
)
facility_declining_share = Input(
    "1",
    "Share of what bonus and table leave of the facility that is written off by declining balance; the rest is "
    "straight line.",
    high=1,
)
facility_declining_rate = Input("1/year", "Share of the balance of the facility written off a year.", high=1)
investment_credit_basis_share = Input(
    "1", "Share of the investment credit by which the cost that is written off for tax falls.", high=1
)


@line("USD", each=("phase", "generation"))
def hardware_placed(m: Scope, phase: Member, generation: Member) -> Node:
    """The generation's racks and refit that have entered service so far, at cost, retired ones included.

    They enter at acceptance, when the last of their price is paid; a date between two period ends is split between
    them in proportion (finmodel convention 1), and so between two tax years.
    """
    cost = m.rack_purchase[phase, generation] + m.refit[phase, generation]
    return cost * paid_by(m, m.acceptance_date[phase, generation], m.installation_ramp[phase])


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


@line("USD")
def hardware_placed_so_far(m: Scope) -> Node:
    """Racks and refits that have entered service so far, at cost."""
    return across(m.hardware_placed)


@line("USD")
def hardware_entry(m: Scope) -> Node:
    """Racks and refits that enter service in the period."""
    return change(m.hardware_placed_so_far)


@line("USD")
def hardware_placed_in_tax_year(m: Scope) -> Node:
    """Racks and refits that entered service since the start of the tax year."""
    return in_tax_year(m, "hardware")


@line("USD")
def hardware_written_off_by_table(m: Scope) -> Node:
    """Racks and refits so far, were all written off by table, in the last period of each tax year.

    Source: IRS Publication 946, How To Depreciate Property, appendix A: tables by tax year of service, half-year or
    mid-quarter as the figures are.
    """
    return by_table(m, "hardware")


@line("USD")
def hardware_declining_balance(m: Scope) -> Node:
    """What declining balance would leave of all racks and refits so far, from the period after they enter service.

    Definition: (1 - rate)^years of each amount, effective annual (finmodel convention 2).
    """
    return by_balance(m, "hardware")


@line("USD")
def hardware_paid(m: Scope) -> Node:
    """Paid so far for racks and refits."""
    return across(m.initial_racks_paid) + across(m.refresh_paid)


@line("USD")
def hardware_depreciated(m: Scope) -> Node:
    """Depreciation so far of all racks and refits; all that was paid once operations have ended."""
    so_far = by_shares(m, "hardware", across(m.hardware_written_off))
    return maximum(so_far, m.hardware_paid * paid_by(m, m.closing_date))


@line("1", each="phase")
def facility_placed_share(m: Scope, phase: Member) -> Node:
    """Share of the facility's cost without land that has entered service with the phase's ready hall."""
    ready = paid_by(m, m.hall_ready[phase])
    return m.phase_share[phase] * minimum(ready, m.construction_progress[phase])


@line("1", each="phase")
def facility_written_off_share(m: Scope, phase: Member) -> Node:
    """Share of the facility's cost without land depreciated on the phase so far: straight line, the rest at closing.

    What has not been spent is not written off.
    """
    passed = ramp((m.month - m.hall_ready[phase]) / m.facility_tax_life.to("month"))
    written_off = minimum(maximum(passed, m.phase_closed[phase]), m.construction_progress[phase])
    return m.phase_share[phase] * written_off


@line("1")
def facility_placed_so_far(m: Scope) -> Node:
    """Share of the facility that has entered service so far."""
    return across(m.facility_placed_share)


@line("1")
def facility_entry(m: Scope) -> Node:
    """Share of the facility that enters service in the period."""
    return change(m.facility_placed_so_far)


@line("1")
def facility_placed_in_tax_year(m: Scope) -> Node:
    """Share of the facility that entered service since the start of the tax year."""
    return in_tax_year(m, "facility")


@line("1")
def facility_written_off_by_table(m: Scope) -> Node:
    """Share of the facility so far, were all written off by table, in the last period of each tax year.

    Source: IRS Publication 946, How To Depreciate Property, appendix A.
    """
    return by_table(m, "facility")


@line("1")
def facility_declining_balance(m: Scope) -> Node:
    """What declining balance would leave of the share in service, from the period after it enters service.

    Definition: (1 - rate)^years of each amount, effective annual (finmodel convention 2).
    """
    return by_balance(m, "facility")


@line("1")
def facility_depreciated_share(m: Scope) -> Node:
    """Share of the facility's cost without land depreciated so far; at least what has closed."""
    so_far = by_shares(m, "facility", across(m.facility_written_off_share))
    return maximum(so_far, across(m.facility_closed_share))


@line("USD")
def facility_to_write_off(m: Scope) -> Node:
    """Cost of the facility without land."""
    return m.facility_cost - m.land_capex


@line("USD")
def initial_hardware_placed(m: Scope) -> Node | float:
    """Racks first installed that have entered service so far, at cost."""
    original = m.members("generation")[0]
    return sum(m.hardware_placed[phase, original] for phase in m.members("phase"))


@line("USD")
def placed_in_service(m: Scope) -> Node:
    """Initial capex without land that enters service in the period."""
    return change(m.initial_hardware_placed) + m.facility_to_write_off * m.facility_entry


@line("USD")
def depreciation_forgone(m: Scope) -> Node:
    """What is not written off so far for the sake of the investment credit: a share of it, as initial capex is.

    Of hardware the racks first installed are taken to be written off first.
    Source: the reduction of basis by a share of the credit, as in 26 USC 50(c).
    """
    racks = minimum(m.hardware_depreciated, m.initial_hardware_placed)
    halls = m.facility_to_write_off * minimum(m.facility_depreciated_share, m.facility_placed_so_far)
    return m.investment_credit_basis_share * m.investment_credit_rate * (racks + halls)


@line("USD")
def written_off(m: Scope) -> Node:
    """Depreciation of all assets so far; land is written off when it is sold."""
    halls = m.facility_to_write_off * m.facility_depreciated_share
    land = m.land_capex * across(m.facility_closed_share)
    return m.hardware_depreciated + halls + land - m.depreciation_forgone


@line("USD")
def depreciation(m: Scope) -> Node:
    """Depreciation of the period for tax, with what is left of assets that are retired or sold."""
    return change(m.written_off)


@balance("USD")
def net_fixed_assets(m: Scope) -> tuple[Node, Node]:
    """Assets at cost less depreciation for tax, payments on account included."""
    forgone = m.investment_credit_basis_share * m.tax_credit_earned
    return m.capex + m.refresh_capex, m.depreciation + forgone
