"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

REPOSITORY = Path(__file__).resolve().parents[1]
WANT = "for want of LibreOffice"

# A busy machine is no fault of the code: no deadline. On CI Hypothesis already draws the same examples every time.
settings.register_profile("finmodel", parent=settings.default, deadline=None)
settings.load_profile("finmodel")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout: the folder that holds finmodel/, assumptions/ and tests/."""
    return REPOSITORY


@pytest.fixture(scope="session")
def libreoffice() -> str:
    """The path of LibreOffice; without it the test is skipped, or fails where FINMODEL_REQUIRE_LIBREOFFICE is set."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        if os.environ.get("FINMODEL_REQUIRE_LIBREOFFICE"):
            pytest.fail("LibreOffice is required here (FINMODEL_REQUIRE_LIBREOFFICE is set) and not installed")
        pytest.skip(WANT)
    return found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if WANT in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(
            f"{len(skipped)} tests skipped {WANT}: install it (Debian: apt-get install libreoffice-calc) to run them",
            yellow=True,
        )
