"""The three statements: income, balance sheet, cash flow, in every period.

They read lines by plain names and know no asset. Tax follows profit as it is made: what the open tax year has earned so
far is taxed as deferred, so that each period bears its own tax though all of it is paid at the end of the year.
Interest and fees drawn on a loan are shown as drawn and paid.
"""

from finmodel.graph import Node, Scope, across, balance, cumulative, line, where
from finmodel.lines.schedule import change

INCOME_STATEMENT = (
    "revenue",
    "opex",
    "ebitda",
    "book_depreciation",
    "grant_income",
    "asset_sale",
    "financing_cost_amortised",
    "interest_expense",
    "reserve_interest",
    "profit_before_tax",
    "tax.levered",
    "deferred_tax_expense",
    "net_income",
)
"""Rows in order; all of them flows."""

BALANCE_SHEET = (
    "net_book_assets",
    "capitalised_financing_cost",
    "receivables",
    "operating_reserve",
    "debt_reserve",
    "cash",
    "total_assets",
    "payables",
    "prepayments",
    "deferred_grant",
    "debt_total",
    "deferred_tax",
    "total_liabilities",
    "paid_in_capital",
    "retained_earnings",
    "equity",
)
"""Rows in order; all of them levels at the end of the period."""

CASH_FLOW_STATEMENT = (
    "ebitda",
    "working_capital_increase",
    "prepayment_flow",
    "reserve_interest",
    "interest_settled",
    "tax.levered",
    "operating_cash_flow",
    "capex",
    "refresh_capex",
    "asset_sale",
    "grant",
    "investing_cash_flow",
    "debt_raised",
    "debt_repaid",
    "financing_cost",
    "contributions",
    "distributions",
    "financing_cash_flow",
    "cash_and_reserves_increase",
)
"""Rows in order; all of them flows."""

STATEMENTS = {"income": INCOME_STATEMENT, "balance": BALANCE_SHEET, "cash flow": CASH_FLOW_STATEMENT}


@line("1")
def combined_tax_rate(m: Scope) -> Node:
    """State and national rate together: the state's tax is deductible from the national base."""
    return m.state_tax_rate + m.tax_rate * (1 - m.state_tax_rate)


@line("1")
def before_horizon(m: Scope) -> Node:
    """1 but in the last period, after which nothing carried forward is worth anything."""
    return where(m.month < m.horizon, 1, 0)


@line("USD")
def taxed_later(m: Scope) -> Node:
    """Profit shown and not yet taxed: ahead of tax in depreciation, or earned in the tax year that is still open."""
    open_year = m.taxable_income_to_date["levered"] * (1 - m.tax_year_end)
    return m.net_book_assets - m.net_fixed_assets + open_year


@line("USD")
def deducted_later(m: Scope) -> Node:
    """Losses and interest carried forward, which lower tax to come."""
    return (m.tax_losses["levered"] + m.disallowed_interest) * m.before_horizon


@line("USD")
def deferred_tax(m: Scope) -> Node:
    """Tax to be paid later on profit already shown, net of what is carried forward; an asset where it is negative.

    At the full rate, whatever holiday may come, and with all that is carried forward counted on until the horizon.
    Source: the liability method of IAS 12, paragraphs 15, 34 and 47, without its test whether profit is probable.
    """
    carried = m.tax_credits["levered"] * m.before_horizon
    return m.combined_tax_rate * (m.taxed_later - m.deducted_later) - carried


@line("USD")
def deferred_tax_expense(m: Scope) -> Node:
    """Tax of the period's profit that is not paid in it; negative where more is paid."""
    return change(m.deferred_tax)


@line("USD")
def profit_before_tax(m: Scope) -> Node:
    """EBITDA less depreciation in the accounts, with grants, sold assets and net interest."""
    operations = m.ebitda - m.book_depreciation + m.grant_income + m.asset_sale
    return operations - m.net_interest_expense


@line("USD")
def net_income(m: Scope) -> Node:
    """Profit after tax, current and deferred."""
    return m.profit_before_tax - m.tax["levered"] - m.deferred_tax_expense


@line("USD")
def total_assets(m: Scope) -> Node:
    """What the project owns and is owed."""
    funds = m.operating_reserve + m.debt_reserve + m.cash
    return m.net_book_assets + m.capitalised_financing_cost + m.receivables + funds


@line("USD")
def total_liabilities(m: Scope) -> Node:
    """What the project owes, deferred tax in; an asset of deferred tax lowers it."""
    operations = m.payables + m.prepayments + m.deferred_grant
    return operations + m.debt_total + m.deferred_tax


@line("USD")
def paid_in_capital(m: Scope) -> Node:
    """Paid in by the owners so far."""
    return cumulative(m.contributions)


@balance("USD")
def retained_earnings(m: Scope) -> tuple[Node, Node]:
    """Profit so far less what was distributed; negative while distributions return capital."""
    return m.net_income, m.distributions


@line("USD")
def equity(m: Scope) -> Node:
    """Paid-in capital and retained earnings."""
    return m.paid_in_capital + m.retained_earnings


@line("USD")
def interest_settled(m: Scope) -> Node:
    """Interest paid on all loans."""
    return across(m.interest_paid)


@line("USD")
def operating_cash_flow(m: Scope) -> Node:
    """Cash from operations after interest and tax."""
    operations = m.ebitda - m.working_capital_increase + m.prepayment_flow + m.reserve_interest
    return operations - m.interest_settled - m.tax["levered"]


@line("USD")
def investing_cash_flow(m: Scope) -> Node:
    """Cash from assets bought and sold, with grants."""
    return m.grant + m.asset_sale - m.capex - m.refresh_capex


@line("USD")
def debt_raised(m: Scope) -> Node:
    """Drawn on all loans, new loans of a refinancing in."""
    return m.debt_drawn + across(m.refinancing_drawn)


@line("USD")
def debt_repaid(m: Scope) -> Node:
    """Repaid on all loans: when due, early, and by a refinancing."""
    return across(m.principal_paid) + across(m.debt_swept) + across(m.refinancing_repaid)


@line("USD")
def financing_cash_flow(m: Scope) -> Node:
    """Cash from lenders and owners, less what the loans cost while they are drawn or refinanced."""
    lenders = m.debt_raised - m.debt_repaid - m.financing_cost
    return lenders + m.contributions - m.distributions


@line("USD")
def cash_and_reserves(m: Scope) -> Node:
    """Cash kept and held in reserves."""
    return m.cash + m.debt_reserve + m.operating_reserve


@line("USD")
def cash_and_reserves_increase(m: Scope) -> Node:
    """Growth of cash and reserves."""
    return change(m.cash_and_reserves)
