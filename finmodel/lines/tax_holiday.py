"""A tax holiday from the opening of the site."""

from finmodel.graph import Input, Node, Scope, line, maximum, ramp, ratio

tax_holiday = Input("year", "Length of the tax holiday, from the acceptance of the site's first rack.")
tax_holiday_share = Input("1", "Part of the tax rate that falls away in the holiday.", high=1)


@line("1")
def tax_holiday_cover(m: Scope) -> Node:
    """Share of the last twelve months, from the acceptance of the site's first rack on, that lies in the holiday."""
    tax_year = m.months_per_period * m.periods_per_year
    end = m.site_opening + m.tax_holiday.to("month")
    start = maximum(m.site_opening, m.month - tax_year)
    return ramp(ratio(end - start, m.month - start, 0))


@line("1")
def tax_relief(m: Scope) -> Node:
    """Part of the tax rate that falls away for a tax year that ends with the period."""
    return m.tax_holiday_share * m.tax_holiday_cover
