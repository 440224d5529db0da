"""Grants: public money towards the initial capex, received as it is spent, taxed over the life of the hardware.

Capex, its depreciation and what is measured on it stay before the grant.
"""

from finmodel.graph import Input, Node, Scope, balance, cumulative, line, maximum, minimum, ramp
from finmodel.lines.schedule import change, paid_by

grant_share = Input("1", "Share of the initial capex, facility and racks first installed, that is granted.", high=1)
grant_cap = Input("local", "The most that is granted, over the whole life.")
grant_date = Input("month", "First payment of the grant, after close; what is spent later is granted as it is spent.")


@line("USD")
def grant_received(m: Scope) -> Node:
    """Received so far: the share of the initial capex so far, up to the cap, once the grant's date has come.

    Never more than its share of what has been spent, so a project that stops early keeps no more than that.
    """
    granted = minimum(m.grant_share * cumulative(m.capex), m.grant_cap * m.exchange_rate)
    return granted * paid_by(m, m.grant_date)


@line("USD")
def grant(m: Scope) -> Node:
    """Grant received in the period."""
    return change(m.grant_received)


@line("USD")
def grant_released(m: Scope) -> Node:
    """Part of what was received that has been taxable income so far: a straight line from the site's first rack on.

    It runs over the tax life of the hardware, the shorter of the two, so that no tax is put off for the sake of the
    halls; the rest is taxed when operations end. Tax and accounts are taken to agree on it.
    Source: a grant related to assets as deferred income, IAS 20, paragraphs 24 and 26.
    """
    in_use = ramp((m.month - m.site_opening) / m.hardware_tax_life.to("month"))
    return m.grant_received * maximum(in_use, paid_by(m, m.closing_date))


@line("USD")
def grant_income(m: Scope) -> Node:
    """Taxable income of the period from the grant."""
    return change(m.grant_released)


@balance("USD")
def deferred_grant(m: Scope) -> tuple[Node, Node]:
    """Grant received and not yet taxed."""
    return m.grant, m.grant_income
