"""A small model and its book, for tests: eleven inputs, one metric, a case that is sound and one for each fault."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from finmodel.assumptions.book import Book
from finmodel.graph import Input, Model, assemble, metric

BOOK = Path(__file__).parent / "book"
CASES = BOOK / "cases"


@metric("USD")
def rack_spending(m):
    """What the racks cost."""
    return m.rack_price * m.racks["first"]


INPUTS = {
    "rack_power": Input("kW/rack", "Draw of a rack."),
    "rack_price": Input("USD/rack", "Price of a rack."),
    "gpu_hour_price": Input("USD/GPU/h", "Price of an hour."),
    "electricity_price": Input("local/MWh", "Price of electricity."),
    "inflation": Input("1/year", "Rise of prices.", low=-0.5),
    "pue": Input("1", "Power usage effectiveness.", low=1.0),
    "utilisation": Input("1", "Share sold.", high=1.0),
    "racks": Input("rack", "Racks.", each="phase"),
    "energisation": Input("month", "Months from close to power.", each="phase"),
    "loan_margin": Input("1/year", "Above the base rate.", each="tranche"),
}


def model_of(book: Book) -> Model:
    """The model of a book's structure."""
    part = ModuleType("toy")
    vars(part).update(INPUTS, rack_spending=rack_spending)
    return assemble([part], book.timeline, book.cohorts)
