"""What capital costs a year: annuities, fixed charges and the levelised cost that they make."""

from __future__ import annotations

import math
from typing import Literal

from finmodel.errors import Fault, Faults
from finmodel.metrics.people import above_minus_one

Convention = Literal["monthly", "annual", "annual in advance", "straight line"]
CONVENTIONS: tuple[Convention, ...] = ("monthly", "annual", "annual in advance", "straight line")


def capital_recovery_factor(rate: float, periods: float) -> float:
    """Level payment at the end of each period that repays a loan of 1.

    Parameters
    ----------
    rate : float
        Rate per period, above -1; at 0 the payment is 1 / periods.
    periods : float
        Number of payments, positive.

    Returns
    -------
    float
        rate / (1 - (1 + rate)^-periods).

    Raises
    ------
    Faults
        If the rate is not above -1 or the number of payments is not positive.
    """
    above_minus_one("rate", rate)
    _positive("periods", periods)
    return rate / -math.expm1(-periods * math.log1p(rate)) if rate else 1.0 / periods


def capital_charge(cost: float, rate: float, years: float, convention: Convention = "annual") -> float:
    """What an asset costs a year over its life, capital and interest.

    Parameters
    ----------
    cost : float
        Price of the asset, without residual value.
    rate : float
        Cost of money per year, above -1.
    years : float
        Life, positive.
    convention : {"monthly", "annual", "annual in advance", "straight line"}
        "monthly": twelve payments, each at the end of a month, the rate nominal (a twelfth of it a month).
        "annual": a level annuity in arrears. "annual in advance": the same, paid at the start of each year.
        "straight line": a yearly share of the cost, and the average yearly interest of a loan repaid by such level
        shares, rate x cost x (years + 1) / (2 years). (Repaid by level payments, interest and principal together, it
        would cost just the level annuity.)

    Returns
    -------
    float
        Per year, in the unit of the cost.

    Raises
    ------
    Faults
        If the rate is not above -1, the life is not positive, or the convention is unknown.
    """
    above_minus_one("rate", rate)
    _positive("years", years)
    match convention:
        case "monthly":
            return 12.0 * cost * capital_recovery_factor(rate / 12.0, 12.0 * years)
        case "annual":
            return cost * capital_recovery_factor(rate, years)
        case "annual in advance":
            return cost * capital_recovery_factor(rate, years) / (1.0 + rate)
        case "straight line":
            return straight_line(cost, 0.0, years) + rate * cost * (years + 1.0) / (2.0 * years)
    raise Faults([Fault("unknown convention of payment", found=f"{convention!r}", expected=", ".join(CONVENTIONS))])


def straight_line(cost: float, salvage: float, life: float) -> float:
    """Depreciation per period of a life of so many periods: (cost - salvage) / life."""
    _positive("life", life)
    return (cost - salvage) / life


def levelised_cost(
    capital_cost: float,
    fixed_charge_rate: float,
    fixed_operating_cost: float,
    annual_units: float,
    variable_operating_cost: float = 0.0,
) -> float:
    """Cost per unit by the method of the fixed charge rate.

    Parameters
    ----------
    capital_cost : float
        Paid at the start.
    fixed_charge_rate : float
        Share of the capital cost charged a year, such as a capital recovery factor.
    fixed_operating_cost : float
        Per year.
    annual_units : float
        Units made a year, such as delivered GPU-hours; positive.
    variable_operating_cost : float
        Per unit.

    Returns
    -------
    float
        (fixed_charge_rate x capital_cost + fixed_operating_cost) / annual_units + variable_operating_cost.

    Raises
    ------
    Faults
        If no units are made.

    References
    ----------
    Short, Packey and Holt, A manual for the economic evaluation of energy efficiency and renewable energy
    technologies, NREL/TP-462-5173, 1995.
    """
    _positive("annual_units", annual_units)
    return (fixed_charge_rate * capital_cost + fixed_operating_cost) / annual_units + variable_operating_cost


def nominal_rate(real: float, inflation: float) -> float:
    """Effective nominal rate from a real one (Fisher): (1 + real) (1 + inflation) - 1."""
    return (1.0 + above_minus_one("real", real)) * (1.0 + above_minus_one("inflation", inflation)) - 1.0


def _positive(name: str, number: float) -> None:
    if not (math.isfinite(number) and number > 0.0):
        raise Faults([Fault(f"{name} must be positive", found=f"{number!r}", expected="a number above 0")])
