from __future__ import annotations

import time

from finmodel import terminal


def test_a_bar_appears_on_a_terminal_once_the_work_has_taken_a_while(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(terminal, "WAIT", 0.0)
    with terminal.progress("Simulating") as report:
        report(1, 4)
        time.sleep(0.2)
        report(2, 4)
    assert "Simulating" in capsys.readouterr().err


def test_quick_work_and_pipes_see_no_bar(capsys, monkeypatch):
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    with terminal.progress("Simulating") as report:
        assert report is None
    monkeypatch.setenv("FORCE_COLOR", "1")
    with terminal.progress("Simulating") as report:
        report(1, 1)
    assert "Simulating" not in capsys.readouterr().err
