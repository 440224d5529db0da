"""The manual of assumptions, as Markdown: every input, what reads it, and every figure that the book gives for it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence

from finmodel.assumptions.bound import allowed
from finmodel.assumptions.figure import Change, Figure
from finmodel.assumptions.forms import Amount
from finmodel.assumptions.range import LISTED_AT_MOST
from finmodel.assumptions.schema import Source
from finmodel.assumptions.stated import ModeAndPercentiles, Percentiles, Stated, StatedBeta, StatedRange
from finmodel.assumptions.volumes import Volume, Volumes
from finmodel.errors import Fault, Faults, nearest
from finmodel.graph.line import Input
from finmodel.graph.model import Model
from finmodel.graph.nodes import items

MARKS = re.compile(r"([\\`*_<>\[\]|])")
"""What Markdown would not show as it stands."""

HEAD = """# Manual of assumptions

Made by `make manual` from the book; a change belongs into `assumptions/`, not here. For each input of the model: what
it is, its unit and bounds, the lines that read it, and every figure that the book gives for it, with grade and source.
In units `local` is the region's own currency.
"""


def manual(model: Model, volumes: Volumes) -> str:
    """The text of the manual.

    Raises
    ------
    Faults
        Where the book has a figure for what is no input of the model.
    """
    inputs = _inputs(model, volumes)
    figures = _by_input(inputs, volumes)
    readers = _readers(model)
    sections: dict[str, list[Input]] = {}
    for declared in inputs.values():
        sections.setdefault(declared.section or "own", []).append(declared)
    blocks = [HEAD, "\n".join(f"- [{name}](#{name})" for name in (*sections, "sources")) + "\n"]
    for name, members in sections.items():
        blocks.append(f"## {name}\n")
        for declared in members:
            stem = _stem(declared.name)
            blocks += _input(declared, readers.get(stem, []), figures.get(stem, []), volumes.sources)
    blocks += ["## sources\n", _sources(volumes.sources)]
    return "\n".join(blocks)


def _stem(name: str) -> str:
    return name.partition(".")[0]


def _inputs(model: Model, volumes: Volumes) -> dict[str, Input]:
    """Each input once, whatever its cohorts; of those whose cohort is empty here, what the book has figures for."""
    found: dict[str, Input] = {}
    for name, declared in model.inputs.items():
        found.setdefault(_stem(name), declared)
    given = {_stem(key) for volume in volumes.files for key in volume.figures}
    return found | {name: declared for name, declared in model.idle_inputs.items() if name in given}


def _readers(model: Model) -> dict[str, list[str]]:
    """Lines by the input that they read, each once, whatever its cohorts."""
    found: dict[str, dict[str, None]] = {}
    for line in model.lines.values():
        for item in items(line.expression):
            if item.kind == "input":
                found.setdefault(_stem(item.name), {})[_stem(line.owner or line.name)] = None
    return {name: list(lines) for name, lines in found.items()}


def _by_input(inputs: Mapping[str, Input], volumes: Volumes) -> dict[str, list[tuple[Volume, str, Figure | Change]]]:
    found: dict[str, list[tuple[Volume, str, Figure | Change]]] = {}
    faults: list[Fault] = []
    for volume in volumes.files:
        for key, figure in volume.figures.items():
            stem, _, member = key.partition(".")
            found.setdefault(stem, []).append((volume, member, figure))
            if stem not in inputs:
                place, near = figure.place, nearest(stem, inputs)
                file, row = (place.file, place.row) if place else (None, None)
                remedy = f"perhaps '{near}' is meant" if near else "leave it out"
                faults.append(Fault("has no use", file, row, key, f"'{key}'", "an input of the model", remedy))
    if faults:
        raise Faults(faults)
    return found


def _input(
    declared: Input,
    readers: list[str],
    figures: list[tuple[Volume, str, Figure | Change]],
    sources: Mapping[str, Source],
) -> Iterator[str]:
    each = (declared.each,) if isinstance(declared.each, str) else declared.each
    facts = {
        "unit": _plain(declared.unit),
        "bounds": _plain(allowed(declared)) if (declared.low, declared.high) != (None, None) else "none",
        "given for each": ", ".join(name for name in each if name),
        "read by": ", ".join(f"`{name}`" for name in readers),
    }
    yield f"### {_stem(declared.name)}\n"
    yield f"{_plain(declared.note)}\n"
    yield "\n".join(f"- {label}: {text}" for label, text in facts.items() if text) + "\n"
    rows = [
        (_where(volume, member), *_stated(figure), figure.grade, _cited(figure.source, sources), _plain(figure.note))
        for volume, member, figure in figures
    ]
    yield _table(("file", "value", "range", "as of", "grade", "source", "note"), rows)


def _where(volume: Volume, member: str) -> str:
    return _plain(f"{volume.kind}/{volume.name}" + (f", {member}" if member else ""))


def _stated(figure: Figure | Change) -> tuple[str, str, str]:
    """Value, range and date."""
    if isinstance(figure, Figure):
        value = f"{_amount(figure.value)} {figure.unit}" if figure.unit not in ("", "1") else _amount(figure.value)
        return _plain(value), _plain(_range(figure.range)), figure.as_of
    times, plus = f"times {_amount(figure.times)}", f"plus {_amount(figure.plus)} {figure.unit}"
    return _plain(plus if figure.times is None else times), "", ""


def _amount(value: Amount | None) -> str:
    if value is None:
        return "open"
    return value.isoformat() if isinstance(value, datetime.date) else f"{value:,.12g}"


def _range(stated: StatedRange | None) -> str:
    if stated is None:
        return ""
    cut = "" if stated.truncate is None else f", within {' / '.join(map(_amount, stated.truncate))}"
    return f"{stated.kind} {_said(stated.parameters)}{cut}"


def _said(stated: Stated) -> str:
    """What is stated of a distribution."""
    match stated:
        case Percentiles():
            return f"P10 {_amount(stated.p10)}, P90 {_amount(stated.p90)}"
        case ModeAndPercentiles():
            return f"P10 {_amount(stated.p10)}, mode {_amount(stated.mode)}, P90 {_amount(stated.p90)}"
        case StatedBeta():
            shape = f"alpha {_amount(stated.alpha)}, beta {_amount(stated.beta)}"
            return f"{shape}, from {_amount(stated.low)} to {_amount(stated.high)}"
        case tuple() if len(stated) > LISTED_AT_MOST:
            return f"of {len(stated):,} values"
        case tuple():
            return " / ".join(
                " : ".join(map(_amount, one)) if isinstance(one, tuple) else _amount(one) for one in stated
            )
        case _:
            return _amount(stated)


def _cited(key: str | None, sources: Mapping[str, Source]) -> str:
    source = None if key is None else sources.get(key)
    if key is None or source is None or source.url is None:
        return _plain(key or "")
    address = source.url.replace(">", "%3E").replace("|", "%7C")
    return f"[{_plain(key)}](<{address}>)"


def _sources(sources: Mapping[str, Source]) -> str:
    rows = [
        (
            _cited(key, sources),
            _plain(source.title),
            _plain(source.publisher),
            source.date or "",
            "yes" if source.verified else "no",
            _plain(source.note),
        )
        for key, source in sources.items()
    ]
    return _table(("source", "title", "publisher", "date", "seen", "note"), rows)


def _table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    ruled = [headings, ("---",) * len(headings), *rows]
    return "\n".join("|" + "".join(f" {cell} |" if cell else " |" for cell in row) for row in ruled) + "\n"


def _plain(text: str) -> str:
    """Text as Markdown shows it, in one line."""
    return MARKS.sub(r"\\\1", " ".join(text.split()))
