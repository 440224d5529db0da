"""The sources that ship: each has title, publisher, address and date, cited or not; tables of law stand in the book."""

from __future__ import annotations

import re

import pytest

import finmodel
from finmodel.assumptions.finding import shipped
from finmodel.assumptions.reading import read
from finmodel.case import library


@pytest.fixture(scope="module")
def sources():
    """As they are written, before any form reads them."""
    document, faults = read(shipped() / "sources.yaml")
    assert not faults
    return document.plain()


def test_every_source_has_a_title_a_publisher_an_address_and_a_date(sources):
    for key, source in sources.items():
        assert set(source) >= {"title", "publisher", "url", "date", "verified"}, key
        assert re.fullmatch(r"https?://[^\s/]+\.[^\s/]+(/\S*)?", source["url"]), key
        assert re.fullmatch(r"\d{4}(-\d\d){0,2}", str(source["date"])), key
        assert all(text and text == text.strip() for text in (source["title"], source["publisher"])), key


def test_no_source_stands_twice(sources):
    facts = [(source["title"], source["publisher"], source["url"], str(source["date"])) for source in sources.values()]
    assert len(facts) == len(set(facts))


def test_keys_of_sources_are_in_order(sources):
    assert list(sources) == sorted(sources)


@pytest.mark.parametrize("name", sorted(library("cases")))
def test_depreciation_tables_stand_in_the_book_and_write_off_all_or_nothing(name):
    values = finmodel.load(name).values
    tables = {key.partition(".")[0] for key in values if "_tax_table." in key}
    assert tables == {"hardware_tax_table", "facility_tax_table"}
    for table in tables:
        written_off = sum(value for key, value in values.items() if key.startswith(f"{table}."))
        assert written_off == pytest.approx(1) or written_off == 0, table
