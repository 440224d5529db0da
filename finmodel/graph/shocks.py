"""Standard normal shocks from a counter: key (seed, stream) and counter (path, period) always give the same number.

Nothing is remembered between draws, so a path has the same shocks for any chunk, thread or machine and can be run again
alone. The functions use operators only, so that NumPy, the machine code of the vector rendering and JavaScript give the
same bits.

Sources
-------
Threefry2x32 with 20 rounds: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011),
doi:10.1145/2063384.2063405. Inverse normal: Giles, "Approximating the erfinv function", GPU Computing Gems, Jade
edition (2011), chapter 10, double precision.
"""

from __future__ import annotations

from typing import Any

from finmodel.graph.elementary import log
from finmodel.graph.writer import Value, Writer

Word = Any
"""An unsigned 32-bit integer that wraps: supports + ^ << >> | with words and ints, and gives a value by * a float."""

ROTATIONS = (13, 15, 26, 6, 17, 29, 16, 24)
ROUNDS = 20
PARITY = 0x1BD11BDA
"""Skein's key schedule parity, lower half."""

SQUARE_ROOT_OF_2 = 1.41421356237309514547
CENTRE_BELOW = 6.25
FAR_FROM = 16.0
CENTRE = (
    -3.6444120640178196996e-21,
    -1.685059138182016589e-19,
    1.2858480715256400167e-18,
    1.115787767802518096e-17,
    -1.333171662854620906e-16,
    2.0972767875968561637e-17,
    6.6376381343583238325e-15,
    -4.0545662729752068639e-14,
    -8.1519341976054721522e-14,
    2.6335093153082322977e-12,
    -1.2975133253453532498e-11,
    -5.4154120542946279317e-11,
    1.051212273321532285e-09,
    -4.1126339803469836976e-09,
    -2.9070369957882005086e-08,
    4.2347877827932403518e-07,
    -1.3654692000834678645e-06,
    -1.3882523362786468719e-05,
    0.0001867342080340571352,
    -0.00074070253416626697512,
    -0.0060336708714301490533,
    0.24015818242558961693,
    1.6536545626831027356,
)
TAIL = (
    2.2137376921775787049e-09,
    9.0756561938885390979e-08,
    -2.7517406297064545428e-07,
    1.8239629214389227755e-08,
    1.5027403968909827627e-06,
    -4.013867526981545969e-06,
    2.9234449089955446044e-06,
    1.2475304481671778723e-05,
    -4.7318229009055733981e-05,
    6.8284851459573175448e-05,
    2.4031110387097893999e-05,
    -0.0003550375203628474796,
    0.00095328937973738049703,
    -0.0016882755560235047313,
    0.0024914420961078508066,
    -0.0037512085075692412107,
    0.005370914553590063617,
    1.0052589676941592334,
    3.0838856104922207635,
)
FAR_TAIL = (
    -2.7109920616438573243e-11,
    -2.5556418169965252055e-10,
    1.5076572693500548083e-09,
    -3.7894654401267369937e-09,
    7.6157012080783393804e-09,
    -1.4960026627149240478e-08,
    2.9147953450901080826e-08,
    -6.7711997758452339498e-08,
    2.2900482228026654717e-07,
    -9.9298272942317002539e-07,
    4.5260625972231537039e-06,
    -1.9681778105531670567e-05,
    7.5995277030017761139e-05,
    -0.00021503011930044477347,
    -0.00013871931833623122026,
    1.0103004648645343977,
    4.8499064014085844221,
)


def threefry(key0: Word, key1: Word, counter0: Word, counter1: Word) -> tuple[Word, Word]:
    """Two random words of 32 bits for a key and a counter of two words each (Threefry2x32-20)."""
    keys = (key0, key1, key0 ^ key1 ^ PARITY)
    x0, x1 = counter0 + key0, counter1 + key1
    for turn in range(ROUNDS):
        rotation = ROTATIONS[turn % len(ROTATIONS)]
        x0 = x0 + x1
        x1 = ((x1 << rotation) | (x1 >> (32 - rotation))) ^ x0
        if turn % 4 == 3:
            injection = turn // 4 + 1
            x0 = x0 + keys[injection % 3]
            x1 = x1 + keys[(injection + 1) % 3] + injection
    return x0, x1


def uniform(key0: Word, key1: Word, counter0: Word, counter1: Word) -> Value:
    """A number strictly between 0 and 1: the middle of one of 2^52 equal cells, every step of the conversion exact."""
    x0, x1 = threefry(key0, key1, counter0, counter1)
    return ((x0 >> 6) * 2.0**-26 + (x1 >> 6) * 2.0**-52) + 2.0**-53


def normal_score(w: Writer, u: Value) -> Value:
    """The standard normal quantile of 2^-53 <= u <= 1 - 2^-53, to a few units in the last place.

    One path in a thousand leaves the central polynomial; `repeat` with a limit of one skips the tails where none does.
    """
    distance = -log(w, 4.0 * u * (1.0 - u))
    far = distance >= CENTRE_BELOW

    def tails(_: Value) -> tuple[tuple[Value], Any]:
        root = w.sqrt(distance)
        ratio = w.select(distance < FAR_FROM, polynomial(w, TAIL, root - 3.25), polynomial(w, FAR_TAIL, root - 5.0))
        return (ratio,), far

    centre = polynomial(w, CENTRE, distance - 3.125)
    (ratio,) = w.repeat((centre,), far, tails, 1)
    return ratio * (2.0 * u - 1.0) * SQUARE_ROOT_OF_2


def polynomial(w: Writer, coefficients: tuple[float, ...], x: Value) -> Value:
    """Horner's rule, the highest power first."""
    result = w.constant(coefficients[0])
    for coefficient in coefficients[1:]:
        result = result * x + coefficient
    return result
