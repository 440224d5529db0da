"""The operations of the language: each says what it costs in units and how it is written everywhere.

An operation that lacks a form in any language cannot be made: every field of `Operation` is required.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from finmodel.graph import elementary
from finmodel.graph.nodes import Apply, Cast, Const, Node, Ref, lift
from finmodel.graph.units import ONE, Unit
from finmodel.graph.writer import Condition, Value, Writer

UnitOrAny = Unit | None
"""None is the unit of a bare zero, which fits everywhere."""

ATOM = 9
"""Precedence of what needs no brackets."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation on values of one period.

    Attributes
    ----------
    python, excel, text
        Templates over the printed arguments; `{t}` is a temporary name that the printer makes unique.
    write
        The operation against a `Writer`.
    unit
        The unit of the result, from those of the arguments and the arguments themselves; raises ValueError.
    precedence
        How tightly the printed form binds, `ATOM` for a call.
    fault
        Where the arithmetic is out of bounds, or None where it never is.
    guards
        For each argument, where it is needed at all; None where every argument always is.
    condition
        Whether the result is a condition.
    """

    name: str
    arity: int
    python: str
    excel: str
    text: str
    write: Callable[..., Value]
    unit: Callable[[Sequence[UnitOrAny], Sequence[Node]], UnitOrAny]
    precedence: int
    fault: Callable[..., Condition] | None
    guards: Callable[..., tuple[Condition | None, ...]] | None
    condition: bool
    chooses: bool
    """Whether it picks among its arguments, so that a missing metric may not enter it."""


def _alike(units: Sequence[UnitOrAny], _: Sequence[Node]) -> UnitOrAny:
    known = [unit for unit in units if unit is not None]
    for unit in known[1:]:
        if not unit.equals(known[0]):
            hint = " (write .to(...) to change the scale)" if unit.same_dimension(known[0]) else ""
            raise ValueError(f"{known[0]} and {unit} do not go together{hint}")
    return known[0] if known else None


def _compared(units: Sequence[UnitOrAny], args: Sequence[Node]) -> UnitOrAny:
    _alike(units, args)
    return ONE


def _multiplied(units: Sequence[UnitOrAny], _: Sequence[Node]) -> UnitOrAny:
    return None if None in units else units[0] * units[1]  # type: ignore[operator]  # None is excluded in this line


def _divided(units: Sequence[UnitOrAny], _: Sequence[Node]) -> UnitOrAny:
    if units[1] is None:
        raise ValueError("a division by a bare zero")
    return None if units[0] is None else units[0] / units[1]


def _pure(units: Sequence[UnitOrAny], _: Sequence[Node]) -> UnitOrAny:
    for unit in units:
        if unit is not None and not unit.equals(ONE):
            raise ValueError(f"needs a pure number, not {unit}")
    return ONE


def _powered(units: Sequence[UnitOrAny], args: Sequence[Node]) -> UnitOrAny:
    base = units[0]
    if base is None or base.equals(ONE):
        return _pure(units, args)
    if not isinstance(args[1], Const):
        raise ValueError(f"a quantity in {base} can only be raised to a constant")
    return base.raised(args[1].value)


def _chosen(units: Sequence[UnitOrAny], args: Sequence[Node]) -> UnitOrAny:
    return _alike(units[1:], args[1:])


def _quotient(units: Sequence[UnitOrAny], args: Sequence[Node]) -> UnitOrAny:
    if units[1] is None:
        raise ValueError("a ratio to a bare zero")
    return _alike([None if units[0] is None else units[0] / units[1], units[2]], args)


def _zero(x: Value) -> Condition:
    """False also for what is not a number, so that it is not chosen away but reaches the line's value, a fault."""
    return (x <= 0.0) & (x >= 0.0)


def _write_ratio(w: Writer, a: Value, b: Value, otherwise: Value) -> Value:
    zero = _zero(b)
    return w.select(zero, otherwise, a / w.select(zero, w.constant(1.0), b))


def _write_ramp(w: Writer, x: Value) -> Value:
    zero, one = w.constant(0.0), w.constant(1.0)
    above = w.select(zero > x, zero, x)
    return w.select(one < above, one, above)


def _operation(
    name: str,
    arity: int,
    python: str,
    excel: str,
    text: str,
    write: Callable[..., Value],
    unit: Callable[[Sequence[UnitOrAny], Sequence[Node]], UnitOrAny],
    precedence: int = ATOM,
    *,
    fault: Callable[..., Condition] | None = None,
    guards: Callable[..., tuple[Condition | None, ...]] | None = None,
    condition: bool = False,
    chooses: bool = False,
) -> Operation:
    return Operation(
        name=name,
        arity=arity,
        python=python,
        excel=excel,
        text=text,
        write=write,
        unit=unit,
        precedence=precedence,
        fault=fault,
        guards=guards,
        condition=condition,
        chooses=chooses,
    )


def _infix(
    sign: str, write: Callable[..., Value], unit: Callable[..., UnitOrAny], precedence: int, **more: object
) -> Operation:
    form = f"{{0}} {sign} {{1}}"
    return _operation(sign, 2, form, f"{{0}}{sign}{{1}}", form, write, unit, precedence, **more)  # type: ignore[arg-type]  # keyword flags


def _comparison(sign: str, write: Callable[..., Condition]) -> Operation:
    return _infix(sign, write, _compared, 2, condition=True, chooses=True)


OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        _infix("+", lambda w, a, b: a + b, _alike, 3),
        _infix("-", lambda w, a, b: a - b, _alike, 3),
        _infix("*", lambda w, a, b: a * b, _multiplied, 4),
        _infix("/", lambda w, a, b: a / b, _divided, 4, fault=lambda w, a, b: _zero(b)),
        _operation("neg", 1, "-{0}", "-{0}", "-{0}", lambda w, a: -a, lambda units, _: units[0], 5),
        _comparison("<", lambda w, a, b: a < b),
        _comparison("<=", lambda w, a, b: a <= b),
        _comparison(">", lambda w, a, b: a > b),
        _comparison(">=", lambda w, a, b: a >= b),
        _operation(
            "and",
            2,
            "({0}) & ({1})",
            "AND({0},{1})",
            "{0} and {1}",
            lambda w, a, b: a & b,
            lambda units, _: ONE,
            1,
            condition=True,
            chooses=True,
        ),
        _operation(
            "minimum",
            2,
            "min({0}, {1})",
            "MIN({0},{1})",
            "minimum({0}, {1})",
            lambda w, a, b: w.select(b < a, b, a),
            _alike,
            chooses=True,
        ),
        _operation(
            "maximum",
            2,
            "max({0}, {1})",
            "MAX({0},{1})",
            "maximum({0}, {1})",
            lambda w, a, b: w.select(b > a, b, a),
            _alike,
            chooses=True,
        ),
        _operation(
            "where",
            3,
            "({1} if {0} else {2})",
            "IF({0},{1},{2})",
            "where({0}, {1}, {2})",
            lambda w, c, a, b: w.select(c, a, b),
            _chosen,
            guards=lambda w, c, a, b: (None, c, w.no(c)),
            chooses=True,
        ),
        _operation(
            "ratio",
            3,
            "({0} / {t} if ({t} := {1}) != 0.0 else {2})",
            "IF({1},{0}/{1},{2})",
            "ratio({0}, {1}, {2})",
            _write_ratio,
            _quotient,
            guards=lambda w, a, b, otherwise: (w.no(_zero(b)), None, _zero(b)),
            chooses=True,
        ),
        _operation(
            "ramp",
            1,
            "min(max({0}, 0.0), 1.0)",
            "MIN(MAX({0},0),1)",
            "ramp({0})",
            _write_ramp,
            _pure,
            chooses=True,
        ),
        _operation(
            "power",
            2,
            "power({0}, {1})",
            "POWER({0},{1})",
            "power({0}, {1})",
            elementary.power,
            _powered,
            fault=lambda w, a, b: (a < 0.0) | (w.no(a > 0.0) & w.no(b > 0.0)),
        ),
        _operation(
            "exp",
            1,
            "exp({0})",
            "EXP({0})",
            "exp({0})",
            elementary.exp,
            _pure,
            fault=lambda w, a: w.no(a <= elementary.EXP_HIGHEST),
        ),
        _operation(
            "log", 1, "log({0})", "LN({0})", "log({0})", elementary.log, _pure, fault=lambda w, a: w.no(a > 0.0)
        ),
    )
}


def _call(name: str, *args: Node | float) -> Node:
    return Apply(OPERATIONS[name], tuple(lift(arg) for arg in args))


def minimum(a: Node | float, b: Node | float) -> Node:
    """The smaller of two quantities of one unit."""
    return _call("minimum", a, b)


def maximum(a: Node | float, b: Node | float) -> Node:
    """The larger of two quantities of one unit."""
    return _call("maximum", a, b)


def where(condition: Node, chosen: Node | float, otherwise: Node | float) -> Node:
    """`chosen` where the condition holds, else `otherwise`; what is not chosen never matters."""
    return _call("where", condition, chosen, otherwise)


def ratio(a: Node | float, b: Node | float, otherwise: Node | float) -> Node:
    """A / b, or `otherwise` where b is zero."""
    return _call("ratio", a, b, otherwise)


def ramp(x: Node | float) -> Node:
    """X clipped to 0..1: the share that has passed."""
    return _call("ramp", x)


def power(base: Node | float, exponent: Node | float) -> Node:
    """Base to the exponent, for base >= 0; zero to a positive exponent is zero."""
    return _call("power", base, exponent)


def sqrt(x: Node | float) -> Node:
    """Square root of a quantity >= 0; the unit's root is taken too."""
    return _call("power", x, 0.5)


def exp(x: Node | float) -> Node:
    """E to the x; a fault where x is above 709, the end of floating-point numbers."""
    return _call("exp", x)


def log(x: Node | float) -> Node:
    """Natural logarithm of a positive pure number."""
    return _call("log", x)


def growth(rate: Node, years: Node) -> Node:
    """(1 + rate) to the years: an effective annual rate over a real number of years (convention 2)."""
    return power(1 + Cast(lift(rate), "1/year", "1"), Cast(lift(years), "year", "1"))


def per_period(rate: Node) -> Node:
    """(1 + rate)^(1/n) - 1: an effective annual rate per period of a timeline with n a year (convention 2)."""
    return power(1 + Cast(lift(rate), "1/year", "1"), 1 / Ref("periods_per_year")) - 1
