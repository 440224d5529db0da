"""The page of sources: what the figures of a case rest on."""

from __future__ import annotations

from collections.abc import Container

from finmodel.assumptions.bind import Binding
from finmodel.render.sheet import Sheet, fit_columns
from finmodel.render.workings import HEAD, TOP
from finmodel.report.layout import KEY, NOTE, heads
from finmodel.report.painting import can_link

SOURCES = "Sources"


def sources_sheet(binding: Binding, fixed: Container[str] = ()) -> Sheet:
    """The sources that the case cites, and the inputs that rest on each, those of a scenario with its name.

    Parameters
    ----------
    fixed
        Inputs set by hand, which rest on no source.
    """
    sheet = Sheet(SOURCES, frozen=(TOP - 1, 0))
    heads(sheet, HEAD, ("Key", "Title", "Publisher", "Date", "Seen", "Verified", "Used by", "Note", "Address"))
    users = _users(binding, fixed)
    row = TOP - 1
    for key, source in binding.book.sources.items():
        if key not in users:
            continue
        words = (source.title, source.publisher, source.date or "", source.accessed or "")
        sheet.text(row, KEY, key, "key")
        for column, said in enumerate((*words, "yes" if source.verified else "no"), NOTE):
            sheet.text(row, column, said, "wrapped")
        sheet.text(row, 7, ", ".join(users[key]), "wrapped")
        sheet.text(row, 8, source.note, "wrapped")
        sheet.text(row, 9, source.url or "", "link" if can_link(source.url) else "text")
        if can_link(source.url):
            sheet.links[row, 9] = str(source.url)
        row += 1
    sheet.widths[0, 0] = 2.0
    fit_columns(sheet, KEY, KEY, 14.0, 40.0, from_row=HEAD)
    for column, width in zip(range(NOTE, 10), (50.0, 28.0, 12.0, 12.0, 10.0, 44.0, 40.0, 100.0), strict=True):
        sheet.widths[column, column] = width
    return sheet


def _users(binding: Binding, fixed: Container[str]) -> dict[str, list[str]]:
    base, *scenarios = binding.scenarios
    users: dict[str, list[str]] = {}
    for scenario in (base, *scenarios):
        for name, figure in binding.by_scenario[scenario].items():
            if name in fixed or (scenario != base and figure is binding.by_scenario[base][name]):
                continue
            source = (figure.change or figure.figure).source
            if source is not None:
                users.setdefault(source, []).append(name if scenario == base else f"{name} ({scenario})")
    return users
