"""Exponential, logarithm and power as short sequences of arithmetic, the same in every rendering but the sheet's.

The C library's versions differ between platforms and have no vector form; these cost under one unit in the last place
and are equal to the last bit wherever a `Writer` runs them.
"""

from __future__ import annotations

from finmodel.graph.writer import Value, Writer

LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
LOG2_E = 1.44269504088896338700
ROUNDER = 6755399441055744.0
"""1.5 times 2^52: adding and taking it away rounds to a whole number, halves to even."""
LOG_SERIES = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)
EXP_SERIES = (
    1.66666666666666019037e-01,
    -2.77777777770155933842e-03,
    6.61375632143793436117e-05,
    -1.65339022054652515390e-06,
    4.13813679705723846039e-08,
)
EXP_HIGHEST = 709.0
EXP_LOWEST = -708.0


def log(w: Writer, x: Value) -> Value:
    """Natural logarithm of a positive normal number.

    Source: the reduction and series of FreeBSD's msun e_log.c (Sun Microsystems, 1993).
    """
    m, k = w.split(x)
    f = m - 1.0
    half = 0.5 * f * f
    q = f / (2.0 + f)
    z = q * q
    y = z * z
    c = LOG_SERIES
    odd = y * (c[1] + y * (c[3] + y * c[5]))
    even = z * (c[0] + y * (c[2] + y * (c[4] + y * c[6])))
    return k * LN2_HIGH + (f - (half - (q * (half + (even + odd)) + k * LN2_LOW)))


def exp(w: Writer, x: Value) -> Value:
    """e^x; infinite above 709, zero below -708.

    Source: the reduction and series of FreeBSD's msun e_exp.c (Sun Microsystems, 1993).
    """
    low, high = x < EXP_LOWEST, x > EXP_HIGHEST
    inside = w.select(low, w.constant(EXP_LOWEST), w.select(high, w.constant(EXP_HIGHEST), x))
    k = (inside * LOG2_E + ROUNDER) - ROUNDER
    upper = inside - k * LN2_HIGH
    lower = k * LN2_LOW
    r = upper - lower
    t = r * r
    c = EXP_SERIES
    s = r - t * (c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * c[4]))))
    result = (1.0 - ((lower - (r * s) / (2.0 - s)) - upper)) * w.two_to(k)
    return w.select(low, w.constant(0.0), w.select(high, w.constant(float("inf")), result))


def power(w: Writer, base: Value, exponent: Value) -> Value:
    """base^exponent for base >= 0; 0^exponent is 0 (the caller sees to it that the exponent is then positive)."""
    none = base <= 0.0
    safe = w.select(none, w.constant(1.0), base)

    def curve(_: Value) -> tuple[tuple[Value], bool]:
        return (w.select(none, w.constant(0.0), exp(w, exponent * log(w, safe))),), False

    # Powers of 0 and 1, and those to 0, are what the arithmetic gives too; `repeat` skips it where no path has others.
    known = w.select(none, w.constant(0.0), w.constant(1.0))
    moved = exponent * (safe - 1.0)
    others = w.no((moved >= 0.0) & (moved <= 0.0))
    (result,) = w.repeat((known,), others, curve, 1)
    return result
