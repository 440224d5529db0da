"""Terms: pieces of a sheet's formula that carry the value they compute.

A reduction's workings are written once, as Python over terms; each operator and worksheet function yields the text for
the sheet and the number to store beside it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finmodel.graph.operations import ATOM

COMPARISON, JOIN, SUM, PRODUCT, SIGN = 1, 2, 3, 4, 5
WRITTEN = (0.0, 1.0)
"""The only numbers that may stand in a formula; others have a cell of their own."""

CalculatedValue = float | bool | str | NDArray[np.float64]


class Term:
    """A piece of a formula, its value, and how tightly its text binds.

    Supports + - * / and unary -, comparisons and & | between terms, and 0 and 1 on either side. `value` is a
    number, a condition, a text, or the array of a range.
    """

    __hash__ = object.__hash__
    __slots__ = ("binding", "text", "value")

    def __init__(self, text: str, value: CalculatedValue, binding: int = ATOM) -> None:
        self.text, self.value, self.binding = text, value, binding

    def __repr__(self) -> str:
        return f"Term({self.text!r}, {self.value!r})"

    @property
    def number(self) -> float:
        """The value of a term that is one number; a text is not a number."""
        return float(_number(self.value))

    @property
    def stored(self) -> float | str:
        """The value as a cell stores it."""
        return self.value if isinstance(self.value, str) else self.number

    def within(self, binding: int) -> str:
        """The text, in brackets where it binds less tightly than its surroundings."""
        return f"({self.text})" if self.binding < binding else self.text

    def __add__(self, other: Term | float) -> Term:
        return _infix("+", SUM, operator.add, self, other)

    def __radd__(self, other: float) -> Term:
        return _infix("+", SUM, operator.add, other, self)

    def __sub__(self, other: Term | float) -> Term:
        return _infix("-", SUM, operator.sub, self, other)

    def __rsub__(self, other: float) -> Term:
        return _infix("-", SUM, operator.sub, other, self)

    def __mul__(self, other: Term | float) -> Term:
        return _infix("*", PRODUCT, operator.mul, self, other)

    def __rmul__(self, other: float) -> Term:
        return _infix("*", PRODUCT, operator.mul, other, self)

    def __truediv__(self, other: Term | float) -> Term:
        return _infix("/", PRODUCT, _quotient, self, other)

    def __rtruediv__(self, other: float) -> Term:
        return _infix("/", PRODUCT, _quotient, other, self)

    def __neg__(self) -> Term:
        value = _number(self.value)
        return Term(f"-{self.within(SIGN + 1)}", -value, SIGN)

    def __lt__(self, other: Term | float) -> Term:
        return _infix("<", COMPARISON, operator.lt, self, other)

    def __le__(self, other: Term | float) -> Term:
        return _infix("<=", COMPARISON, operator.le, self, other)

    def __gt__(self, other: Term | float) -> Term:
        return _infix(">", COMPARISON, operator.gt, self, other)

    def __ge__(self, other: Term | float) -> Term:
        return _infix(">=", COMPARISON, operator.ge, self, other)

    def __and__(self, other: Term) -> Term:
        return call("AND", self, other)

    def __or__(self, other: Term) -> Term:
        return call("OR", self, other)

    def __bool__(self) -> bool:
        raise TypeError("a term has no truth value: write choose(condition, a, b) for if, & for and, | for or")


def lift(x: Term | float) -> Term:
    """A term, or 0 or 1 as a term.

    Raises
    ------
    ValueError
        For any other number: it belongs in a cell of its own, with a name and a unit.
    """
    if isinstance(x, Term):
        return x
    if x not in WRITTEN:
        raise ValueError(f"{x!r} cannot stand in a formula: give it a cell of its own")
    return Term(f"{x:g}", float(x))


def _number(value: CalculatedValue) -> Any:
    """What arithmetic sees: a text is no number, a condition is 0 or 1."""
    if isinstance(value, str):
        return math.nan
    return float(value) if isinstance(value, bool) else value


def _quotient(a: Any, b: Any) -> Any:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        with np.errstate(all="ignore"):
            return np.asarray(a) / b
    return a / b if b else math.nan


Compute = Callable[[Any, Any], Any]


def _infix(sign: str, binding: int, compute: Compute, left: Term | float, right: Term | float) -> Term:
    a, b = lift(left), lift(right)
    text = f"{a.within(binding)}{sign}{b.within(binding + 1)}"
    return Term(text, compute(_number(a.value), _number(b.value)), binding)


def _power(base: Any, exponent: Any) -> Any:
    with np.errstate(all="ignore"):
        result = np.power(base, np.asarray(exponent, dtype=np.float64))
    return result if result.ndim else float(result)


def _npv(rate: float, flows: NDArray[np.float64]) -> float:
    """The sheet's NPV: its first value is discounted by one period."""
    return float(np.sum(flows * _power(1.0 / (1.0 + rate), np.arange(1.0, len(flows) + 1.0))))


def _sum_of_products(*ranges: NDArray[np.float64]) -> float:
    with np.errstate(all="ignore"):
        return float(np.sum(np.prod(np.broadcast_arrays(*ranges), axis=0)))


def _meets(values: NDArray[np.float64], criterion: str | float) -> NDArray[np.bool_]:
    """Which values meet a criterion of a worksheet function: a sign, or a number to be equal to."""
    if isinstance(criterion, str):
        return values > 0.0 if criterion == ">0" else values < 0.0
    return np.equal(values, criterion)


def _sum_if(values: NDArray[np.float64], sign: str) -> float:
    return float(np.sum(values[_meets(values, sign)]))


def _where(choose: Callable[[NDArray[np.float64]], np.float64]) -> Callable[..., float]:
    """SUMIFS, MINIFS or MAXIFS, which is 0 where nothing meets the criteria; each follows the range that it tests."""

    def chosen(values: NDArray[np.float64], *tests: Any) -> float:
        met = np.ones(len(values), dtype=np.bool_)
        for tested, criterion in zip(tests[::2], tests[1::2], strict=True):
            met &= _meets(tested, criterion)
        found = values[met]
        return float(choose(found)) if found.size else 0.0

    return chosen


def _rounded(number: float | str, digits: float) -> float:
    """To so many decimal places, halves away from zero, of the number as it is written with 15 digits."""
    if isinstance(number, str) or not math.isfinite(number):
        return math.nan
    written = Decimal(f"{number:.15g}")
    return float(written.quantize(Decimal(1).scaleb(-int(digits)), rounding=ROUND_HALF_UP)) + 0.0


def _place(value: float | str, among: Any, _exact: float) -> float:
    found = [place for place, x in enumerate(np.asarray(among).tolist(), 1) if x == value]
    return float(found[0]) if found else math.nan


def _pick(among: Any, place: float) -> Any:
    return math.nan if math.isnan(place) else np.asarray(among).tolist()[int(place) - 1]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "IF": lambda condition, chosen, otherwise: chosen if condition else otherwise,
    "AND": lambda *conditions: all(bool(condition) for condition in conditions),
    "OR": lambda *conditions: any(bool(condition) for condition in conditions),
    "NOT": lambda condition: not condition,
    "ISNUMBER": lambda x: isinstance(x, float) and math.isfinite(x),
    "ISERROR": lambda x: isinstance(x, float) and not math.isfinite(x),
    "ABS": np.abs,
    "SQRT": lambda x: math.sqrt(x) if x >= 0 else math.nan,
    "EXP": np.exp,
    "LN": lambda x: math.log(x) if x > 0 else math.nan,
    "POWER": _power,
    "MIN": lambda *xs: float(min(np.min(x) for x in xs)),
    "MAX": lambda *xs: float(max(np.max(x) for x in xs)),
    "SUM": lambda *xs: float(sum(np.sum(x) for x in xs)),
    "SUMPRODUCT": _sum_of_products,
    "SUMIF": _sum_if,
    "COUNTIF": lambda values, criterion: float(np.sum(_meets(values, criterion))),
    "SUMIFS": _where(np.sum),
    "MINIFS": _where(np.min),
    "MAXIFS": _where(np.max),
    "NPV": _npv,
    "SMALL": lambda xs, rank: float(np.sort(np.asarray(xs))[int(rank) - 1]),
    "ROUND": _rounded,
    "INDEX": _pick,
    "MATCH": _place,
}
"""The worksheet functions that workings may use, with what they compute."""

NEWER = frozenset({"MINIFS", "MAXIFS"})
"""Those newer than the file format, which a file marks by a prefix that no spreadsheet shows."""


def call(function: str, *args: Term | float) -> Term:
    """A worksheet function of terms."""
    terms = [lift(arg) for arg in args]
    with np.errstate(all="ignore"):  # what is not chosen may be out of bounds
        value = FUNCTIONS[function](*(term.value for term in terms))
    if isinstance(value, np.floating | np.bool_ | int) and not isinstance(value, bool):
        value = value.item() if isinstance(value, np.generic) else float(value)
    written = f"_xlfn.{function}" if function in NEWER else function
    return Term(f"{written}({','.join(term.text for term in terms)})", value)


def text(words: str) -> Term:
    """A text in a formula."""
    doubled = words.replace('"', '""')
    return Term(f'"{doubled}"', words)


def joined(*parts: Term) -> Term:
    """Texts and numbers as one text; a number is written as a cell without a format shows it."""
    said = "".join(part.value if isinstance(part.value, str) else _said(part.number) for part in parts)
    return Term("&".join(part.within(JOIN) for part in parts), said, JOIN)


def _said(number: float) -> str:
    return format(Decimal(f"{number:.15g}"), "f") if math.isfinite(number) else ""


def block_of(values: Sequence[Term]) -> NDArray[np.float64]:
    """The values of cells that make a range; a text counts as missing."""
    return np.array([_number(term.value) for term in values], dtype=np.float64)
