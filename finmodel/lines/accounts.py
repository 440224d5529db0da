"""Depreciation in the accounts: a straight line over the service life of racks and the life of halls.

Whatever the tax code allows, the accounts follow use (IAS 16, paragraphs 50 and 60); what is left of an asset is
written off when it is sold, and nothing is held back for its sale.
"""

from finmodel.graph import Member, Node, Scope, across, balance, cumulative, line, maximum, minimum, ratio
from finmodel.lines.schedule import change, paid_by


@line("USD", each="generation")
def hardware_charge(m: Scope, generation: Member) -> Node:
    """Straight line of the period on the generation's racks in service with their refit, over its service life."""
    cost = sum(
        m.generation_value[phase, generation]
        + m.refit[phase, generation]
        * ratio(m.generation_in_service[phase, generation], m.generation_racks[phase, generation], 0)
        for phase in m.members("phase")
    )
    return cost * ratio(m.months_per_period, m.service_life[generation].to("month"), 0)


@line("USD")
def hardware_book_written_off(m: Scope) -> Node:
    """Written off so far of all racks and refits, never more than was paid; all of it once operations have ended."""
    so_far = minimum(cumulative(across(m.hardware_charge)), m.hardware_paid)
    return maximum(so_far, m.hardware_paid * paid_by(m, m.closing_date))


@line("USD")
def book_written_off(m: Scope) -> Node:
    """Depreciation in the accounts of all assets so far; land is written off when it is sold."""
    halls = m.facility_to_write_off * across(m.facility_written_off_share)
    land = m.land_capex * across(m.facility_closed_share)
    return m.hardware_book_written_off + halls + land


@line("USD")
def book_depreciation(m: Scope) -> Node:
    """Depreciation of the period in the accounts, with what is left of assets that are retired or sold."""
    return change(m.book_written_off)


@balance("USD")
def net_book_assets(m: Scope) -> tuple[Node, Node]:
    """Assets at cost less depreciation in the accounts, payments on account included."""
    return m.capex + m.refresh_capex, m.book_depreciation
