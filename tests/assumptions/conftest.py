"""What the tests of the book may ask for."""

from __future__ import annotations

import pytest

from finmodel.assumptions import finding


@pytest.fixture
def without_the_shipped_book(monkeypatch, tmp_path):
    """Only the tests' own book is there."""
    monkeypatch.setattr(finding, "shipped", lambda: tmp_path / "no-book")
