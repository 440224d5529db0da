"""What must hold in a model, said by whoever wrote its lines; a rendering finds each number again in another way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Discounted:
    """`metric` is the net present value of the row `flows` at the effective annual rate of the line `rate`."""

    metric: str
    flows: str
    rate: str


@dataclass(frozen=True)
class AddsUp:
    """In every period the row `whole` is the sum of the rows `parts`, less that of the rows `less`."""

    whole: str
    parts: tuple[str, ...]
    less: tuple[str, ...] = ()


@dataclass(frozen=True)
class EndsAtZero:
    """The row `level` is zero in the last period."""

    level: str


Check = Discounted | AddsUp | EndsAtZero
