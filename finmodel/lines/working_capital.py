"""Working capital: what customers owe and what is owed to suppliers."""

from finmodel.graph import Input, Node, Scope, line
from finmodel.lines.schedule import change, paid_by

receivable_days = Input("day", "Days of revenue owed by customers.")
payable_days = Input("day", "Days of operating cost owed to suppliers.")


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
