"""The summary: tax years, the parts of the hardware's cost, and what readers see by year and on one page."""

from finmodel.graph import Node, Scope, cumulative, line, ratio
from finmodel.graph.summary import (
    Annual,
    Dashboard,
    Drawn,
    EveryYear,
    Part,
    Parts,
    PerYear,
    Picture,
    Row,
    Said,
    Sentence,
    Yearly,
)
from finmodel.lines.statements import BALANCE_SHEET, CASH_FLOW_STATEMENT, INCOME_STATEMENT


@line("1")
def tax_year(m: Scope) -> Node:
    """Number of the tax year in which the period ends, 1 first; close belongs to the year it falls in."""
    return 1 + cumulative(m.tax_year_end) - m.tax_year_end


@line("USD")
def platform_capex(m: Scope) -> Node:
    """The racks first installed, with the GPUs and CPUs that are bought apart."""
    return m.rack_capex_total * ratio(m.platform_price, m.landed_price, 0)


@line("USD")
def network_capex(m: Scope) -> Node:
    """The network of the racks first installed."""
    return m.rack_capex_total * ratio(m.network_cost, m.landed_price, 0)


@line("USD")
def landing_capex(m: Scope) -> Node:
    """Storage and cooling parts of the racks first installed, freight, duty, spare parts, integration and design."""
    return m.rack_capex_total - m.platform_capex - m.network_capex


OPERATIONS: tuple[Row, ...] = (
    Yearly("it_in_service", "end"),
    Yearly("gpus_in_service", "end"),
    Yearly("energy_drawn"),
    Yearly("gpu_hours_sold"),
    Yearly("power_cost"),
    Yearly("staff_cost"),
    Yearly("hardware_support"),
    Yearly("facility_maintenance"),
    Yearly("overhead"),
    Yearly("emissions"),
)
UNIT_ECONOMICS: tuple[Row, ...] = (
    PerYear(
        "revenue_per_gpu_hour",
        "Revenue per GPU-hour sold; 0 where none are.",
        "USD/(GPU*h)",
        "revenue",
        "gpu_hours_sold",
    ),
    PerYear("power_per_gpu_hour", "Power per GPU-hour sold.", "USD/(GPU*h)", "power_cost", "gpu_hours_sold"),
    PerYear("opex_per_gpu_hour", "Operating cost per GPU-hour sold.", "USD/(GPU*h)", "opex", "gpu_hours_sold"),
    EveryYear("levelised_cost_of_compute"),
)
PROJECT: tuple[Row, ...] = (
    Yearly("cash_flow_before_tax"),
    Yearly("cash_flow"),
    Yearly("cumulative_cash_flow", "end"),
    Yearly("cfads"),
    Yearly("service_due"),
    Yearly("debt_total", "end"),
    Yearly("dscr", "lowest", where="test_date"),
    Yearly("equity_flow"),
    Yearly("cumulative_equity_flow", "end"),
)

ANNUAL = Annual(
    "tax_year",
    (
        ("operations", OPERATIONS),
        ("income statement", tuple(Yearly(name) for name in INCOME_STATEMENT)),
        ("balance sheet, at year end", tuple(Yearly(name, "end") for name in BALANCE_SHEET)),
        ("cash flow statement", tuple(Yearly(name) for name in CASH_FLOW_STATEMENT)),
        ("project, debt and equity", PROJECT),
        ("per GPU-hour", UNIT_ECONOMICS),
    ),
)

DASHBOARD = Dashboard(
    answer=(
        Sentence(
            (
                "At ",
                Said("platform_price", fine=True),
                " the project earns ",
                Said("project_irr", percent=True, unit="% a year"),
                " before debt and after tax. Its NPV is ",
                Said("project_npv"),
                " at a discount rate of ",
                Said("discount_rate", percent=True),
                ". Payback from the first spending: ",
                Said("payback_years", unit="years"),
                ".",
            )
        ),
        Sentence(
            (
                "With ",
                Said("committed"),
                " of debt the owners earn ",
                Said("equity_irr", percent=True, unit="% a year"),
                ". Their NPV is ",
                Said("equity_npv"),
                " at ",
                Said("cost_of_equity", percent=True),
                ". The lowest debt service cover ratio is ",
                Said("min_dscr", fine=True, unit=""),
                ".",
            ),
            where="committed",
            otherwise="The project has no debt.",
        ),
    ),
    figures=(
        Said("project_npv", label="Project NPV"),
        Said("project_irr", percent=True, unit="% a year", label="Project IRR"),
        Said("payback_years", unit="years", label="Payback from first spending"),
        Said("capex_total", label="Initial capex"),
        Said("capex_per_mw", label="Capex per MW of IT"),
        Said("levelised_cost_of_compute", fine=True, label="Levelised cost of compute"),
        Said("equity_npv", label="Equity NPV"),
        Said("equity_irr", percent=True, unit="% a year", label="Equity IRR"),
        Said("peak_equity", label="Peak equity"),
        Said("committed", label="Debt committed"),
        Said("min_dscr", fine=True, unit="times", label="Lowest DSCR"),
        Said("time_to_first_token_months", unit="months", label="Close to first token"),
    ),
    pictures=(
        Picture(
            "Cash flow of the project, before debt, after tax",
            "Columns: the project's cash flow of each tax year. Line: its sum since financial close.",
            "{unit}",
            (
                Drawn("cash_flow", "cash flow of the year"),
                Drawn("cumulative_cash_flow", "since close", "line"),
            ),
        ),
        Picture(
            "Debt at year end, and the lowest cover in the year",
            "Columns: what is owed on all loans at the end of each tax year. Line, on the right: the lowest debt "
            "service cover ratio of a period in that year, 0 where nothing is due.",
            "{unit}",
            (
                Drawn("debt_total", "debt at year end"),
                Drawn("dscr", "lowest DSCR (right; 0: no service)", "line", second=True),
            ),
            second="DSCR, times",
        ),
        Picture(
            "Revenue and cost per GPU-hour sold",
            "Lines: revenue, operating cost and its part for power per GPU-hour sold in each tax year, and the "
            "levelised cost of compute, which is the same in every year. 0 where no GPU-hours are sold.",
            "{unit}, nominal",
            (
                Drawn("revenue_per_gpu_hour", "revenue", "line"),
                Drawn("opex_per_gpu_hour", "operating cost", "line"),
                Drawn("power_per_gpu_hour", "of it power", "line"),
                Drawn("levelised_cost_of_compute", "levelised cost, capex in", "line"),
            ),
        ),
    ),
    parts=Parts(
        "Initial capex by part",
        "capex_total",
        (
            Part("racks", ("platform_capex",)),
            Part("network", ("network_capex",)),
            Part("storage, freight, integration", ("landing_capex",)),
            Part("land and shell", ("land_capex", "shell_capex")),
            Part("electrical plant", ("electrical_capex",)),
            Part("mechanical plant", ("mechanical_capex",)),
            Part("fit-out", ("fit_out_capex",)),
            Part("grid connection", ("grid_connection_capex",)),
            Part("soft cost", ("soft_cost",)),
            Part("contingency", ("contingency",)),
        ),
        {"capex_per_mw": "per MW of IT", "capex_per_rack": "per rack"},
    ),
)
