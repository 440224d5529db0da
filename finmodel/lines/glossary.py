"""Words of project finance and of data centres, for readers of a workbook who come from the other side."""

from finmodel.graph.outline import Word

FINANCE = (
    Word("Annuity", "Repayment by which interest and principal together are the same in every period."),
    Word("Balloon", "A part of a loan that is repaid in one sum at its end.", ("balloons", "balloon_share")),
    Word(
        "Capex",
        "Capital expenditure: money spent once on what serves for years, such as halls and racks.",
        ("capital expenditure",),
    ),
    Word(
        "Cash sweep", "What is left after debt service repays the loan early, in part or in whole.", ("sweep", "swept")
    ),
    Word(
        "CFADS",
        "Cash flow available for debt service: what operations leave before lenders and owners are paid.",
        ("cash flow available for debt service",),
    ),
    Word("Commitment fee", "What a lender takes for money that is promised and not yet drawn.", ("commitment",)),
    Word("Contingency", "An allowance on top of an estimate, for costs that are likely but cannot be named yet."),
    Word(
        "Contributions",
        "Money that owners pay into the project; what they get back are distributions.",
        ("distributions", "contribution", "distribution"),
    ),
    Word(
        "Corkscrew",
        "Four rows that follow a balance: opening, added, less, closing; each closing is the next opening.",
        ("opening", "closing"),
    ),
    Word("Cost of equity", "The return that owners ask for; equity flows are discounted at it."),
    Word("Covenant", "A promise in a loan agreement, such as to keep the DSCR above a level.", ("covenants",)),
    Word("Default", "A borrower does not keep its promise, above all does not pay debt service when it is due."),
    Word(
        "Depreciation",
        "The cost of an asset written off over its life; no cash flows, but it lowers taxable profit.",
        ("depreciated",),
    ),
    Word(
        "Discount rate",
        "The rate of return by which a flow of next year is worth less than one of today.",
        ("discounted",),
    ),
    Word(
        "DSCR",
        "Debt service cover ratio: CFADS over the interest and principal due in the same period. Below one, "
        "service cannot be paid out of the period's own cash.",
        ("debt service cover ratio",),
    ),
    Word(
        "DSRA",
        "Debt service reserve account: cash set aside for the service of the next months.",
        ("debt_reserve", "debt service reserve"),
    ),
    Word("EBITDA", "Earnings before interest, tax, depreciation and amortisation: revenue less operating costs."),
    Word("Equity", "What the owners put in, and what is left to them after all debts."),
    Word("Escalation", "A growth of prices that a contract or an index fixes in advance."),
    Word(
        "Financial close",
        "The day on which all contracts are signed and the money is there; the model counts from it.",
        ("close",),
    ),
    Word("Gearing", "The share of a cost that is paid by debt."),
    Word("Grant", "Public money for the investment that is not repaid.", ("grants",)),
    Word(
        "Hedge",
        "A contract that fixes what would float; a swap does so for the interest of a loan.",
        ("hedged", "swap", "swapped"),
    ),
    Word(
        "IDC",
        "Interest during construction: interest paid before there is revenue, which becomes a part of the cost.",
        ("interest during construction", "capitalised_financing_cost", "capitalised interest"),
    ),
    Word(
        "IRR",
        "Internal rate of return: the discount rate at which the net present value is zero. A row of flows may "
        "have none or several.",
    ),
    Word("LLCR", "Loan life cover ratio: present value of CFADS until the loan matures over the loan."),
    Word(
        "Lock-up",
        "A DSCR below which nothing may be distributed, though nobody is in default.",
        ("lock_up", "locked up"),
    ),
    Word(
        "Loss carried forward",
        "A tax loss of one year that lowers the taxable profit of later ones.",
        ("carried forward", "tax_losses"),
    ),
    Word("MOIC", "Multiple on invested capital: all distributions over all contributions, without regard to time."),
    Word("Nominal", "In money of the day, inflation included; the contrary is real."),
    Word("NPV", "Net present value: the sum of all flows, each discounted to financial close."),
    Word(
        "Offtake",
        "A contract by which a customer buys what will be produced, often before it is built.",
        ("contracted", "contracted_share"),
    ),
    Word(
        "Opex",
        "Operating expenditure: what it costs to run the site, such as power, staff and maintenance.",
        ("operating costs", "operating cost"),
    ),
    Word("Payback", "The time until the money spent has come back."),
    Word("PLCR", "Project life cover ratio: as the LLCR, with CFADS until the end of the project."),
    Word(
        "Prepayment",
        "What a customer pays before the service, and what is then set against invoices.",
        ("prepayments",),
    ),
    Word("Pro rata", "Debt and equity are drawn side by side in a fixed proportion.", ("pro_rata",)),
    Word("Refinancing", "A loan is repaid out of a new one with other terms."),
    Word(
        "Residual value",
        "What an asset fetches when its use here ends.",
        ("residual", "residual_share", "salvage", "resale"),
    ),
    Word("ROI", "Return on investment: the sum of all flows over capex, without regard to time."),
    Word(
        "Sculpting",
        "Repayments that follow the cash flow, so that the cover is the same in every period.",
        ("sculpted",),
    ),
    Word("Straight line", "Depreciation by the same amount in every year.", ("straight-line",)),
    Word("Take-or-pay", "The customer pays for what is reserved whether it is used or not."),
    Word(
        "Tenor",
        "The time from the first draw of a loan, or from its conversion, to its last repayment.",
        ("debt_tenor",),
    ),
    Word("Tranche", "One of several loans with terms of its own.", ("tranches",)),
    Word(
        "Unlevered",
        "As if there were no debt: what the project earns whoever finances it; with debt it is levered.",
        ("levered",),
    ),
    Word("Waterfall", "The order in which cash is paid: costs, tax, lenders, reserves, owners."),
    Word(
        "Working capital",
        "Money tied up between delivery and payment: receivables less payables.",
        ("receivable", "payable", "receivables", "payables"),
    ),
)
SITE = (
    Word("Availability", "The share of time in which what is in service can be used."),
    Word("Burn-in", "Hours under full load before acceptance, in which weak parts fail.", ("burn_in",)),
    Word("Colocation", "Power, cooling and space let to customers who bring hardware of their own."),
    Word("Energisation", "The day on which the grid connection carries power."),
    Word(
        "GPU-hour",
        "One graphics processor for one hour: what a cloud for artificial intelligence sells.",
        ("gpu h", "gpu-hours", "gpu_hours", "gpu_hour"),
    ),
    Word("IT load", "What servers, network and storage draw, without cooling and losses.", ("it_load", "it mw")),
    Word(
        "Levelised cost of compute",
        "The price of a GPU-hour, the same over the whole life, at which the net present "
        "value is zero; costs and hours are both discounted.",
        ("levelised", "levelised_cost_of_compute"),
    ),
    Word("PUE", "Power usage effectiveness: energy of the whole facility over that of its IT."),
    Word("Rack", "A cabinet of servers with their network and cooling, delivered and accepted as one.", ("racks",)),
    Word(
        "Refresh",
        "Hardware at the end of its life is replaced by a newer generation in the same halls.",
        ("refit", "replaced"),
    ),
    Word(
        "Token",
        "A piece of text of about four characters, as which a model's answers are counted and sold.",
        ("tokens", "mtoken"),
    ),
    Word("Utilisation", "The share of what is in service that is sold.", ("sold_share",)),
    Word("WUE", "Water usage effectiveness: litres of water for each kWh of IT energy.", ("water",)),
)
CHANCE = (
    Word(
        "Correlation",
        "How far two figures move together, from -1 to 1; a rank correlation looks at their order only.",
        ("correlations",),
    ),
    Word(
        "Distribution",
        "How likely each value of an uncertain figure is, such as pert, triangular or lognormal.",
        ("pert", "triangular", "lognormal", "uniform"),
    ),
    Word("Latin hypercube", "A design that takes one number from each of many equal slices of every range.", ("lhs",)),
    Word(
        "Monte Carlo simulation",
        "The model computed many times, each time with other draws of the uncertain figures.",
        ("monte carlo", "simulation"),
    ),
    Word(
        "P5, P50, P95",
        "Percentiles: 5, 50 and 95 % of the paths lie below; P50 is the median.",
        ("p5", "p50", "p95", "percentile"),
    ),
    Word("Path", "One draw of all uncertain figures and shocks, and what the model makes of it.", ("paths", "trial")),
    Word("PERT", "A distribution from a least, a most likely and a greatest value."),
    Word("Sensitivity", "How far a result moves when an input does.", ("tornado",)),
    Word("Seed", "The number from which all draws follow: the same seed gives the same paths."),
    Word("Shock", "A random push in one month, such as to a price; zero in the base case.", ("shocks",)),
    Word("Sobol", "Draws that fill their space more evenly than random ones, so that fewer do."),
    Word("Standard error", "How far a number found from paths typically lies from that of infinitely many."),
    Word(
        "Value at risk",
        "A loss that only 5 % of the paths exceed; the conditional one is the mean of those.",
        ("value_at_risk", "conditional_value_at_risk"),
    ),
)
WORDS = (*FINANCE, *SITE, *CHANCE)
