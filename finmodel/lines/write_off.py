"""Ways to write an asset off for tax: by a table, by declining balance, by a mix of both with a straight line.

Each function takes the name of an asset and reads its lines and figures by that name: `plant` has `plant_entry`,
`plant_placed_in_tax_year` and so on, in money or as a share of its cost. Nothing here knows what the asset is.
"""

from finmodel.graph import Node, Scope, cumulative, lag, minimum, per_period
from finmodel.lines.schedule import tax_year_to_date


def in_tax_year(m: Scope, asset: str) -> Node:
    """What has entered service since the start of the tax year: the formula of `<asset>_placed_in_tax_year`.

    It reads `<asset>_entry`, what enters service in the period.
    """
    return tax_year_to_date(m, m[f"{asset}_placed_in_tax_year"], m[f"{asset}_entry"])


def by_table(m: Scope, asset: str) -> Node:
    """Written off so far by table, at the end of each tax year: what entered in each year at the share of its age.

    It reads `<asset>_placed_in_tax_year` and the shares `<asset>_tax_table` of the cohort `recovery_year`.
    """
    entered = m[f"{asset}_placed_in_tax_year"]
    years = m.members("recovery_year")
    due = sum(m[f"{asset}_tax_table"][year] * m.years_ago(entered, year.number) for year in years)
    return cumulative(m.tax_year_end * due)


def by_balance(m: Scope, asset: str) -> Node:
    """What declining balance leaves: a year's rate is gone of each amount a year after it entered service.

    It is the formula of `<asset>_declining_balance`, and reads `<asset>_declining_rate` and `<asset>_entry`.
    """
    kept = 1 + per_period(-m[f"{asset}_declining_rate"])
    return lag(m[f"{asset}_declining_balance"]) * kept + m[f"{asset}_entry"]


def by_shares(m: Scope, asset: str, straight: Node) -> Node:
    """Written off so far by all methods together, each with its share.

    The shares are `<asset>_bonus_share`, of all, written off at entry; `<asset>_table_share`, of what the bonus leaves;
    `<asset>_declining_share`, of what then remains; the rest follows `straight`.
    """
    placed = m[f"{asset}_placed_so_far"]
    table, balanced = m[f"{asset}_table_share"], m[f"{asset}_declining_share"]
    declined = placed - m[f"{asset}_declining_balance"]
    listed = minimum(m[f"{asset}_written_off_by_table"], placed)
    rest = balanced * declined + (1 - balanced) * straight
    bonus = m[f"{asset}_bonus_share"]
    return bonus * placed + (1 - bonus) * (table * listed + (1 - table) * rest)
