"""Files are read as YAML 1.2, in plain values that know their rows, and nothing that stands in one can do harm."""

from __future__ import annotations

import datetime
import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from finmodel.assumptions.reading import LARGEST_FILE, read
from finmodel.assumptions.tree import DEEPEST, UNREADABLE, described, key_of


def document_of(folder, text):
    path = folder / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return read(path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("-3", -3), ("+4", 4), ("012", 12), ("0.5", 0.5), (".5", 0.5), ("1.", 1.0), ("1e3", 1000.0),
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("yes", "yes"), ("on", "on"), ("1_000", "1_000"), ("0o17", "0o17"), ("0x1f", "0x1f"), ("1:30", "1:30"),
        ("2026-05", "2026-05"), ("2026-05-31", datetime.date(2026, 5, 31)), ("2026-05-31T12:00", "2026-05-31T12:00"),
        ("'12'", "12"), ('"2026-05-31"', "2026-05-31"), ("nan", "nan"), ("inf", "inf"), ("=SUM(A1)", "=SUM(A1)"),
    ],
)  # fmt: skip
def test_scalars_mean_what_yaml_1_2_says_and_dates_are_dates(tmp_path, text, value):
    document, faults = document_of(tmp_path, f"key: {text}\n")
    assert not faults
    assert document.plain() == {"key": value}
    assert type(document.plain(("key",))) is type(value)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".inf", "-.INF", "1e999", "-1e999", "9" * 400])
def test_what_is_not_finite_is_a_fault_and_leaves_a_value_that_nothing_else_complains_of(tmp_path, text):
    document, faults = document_of(tmp_path, f"key: {text}\n")
    assert document.plain(("key",)) is UNREADABLE
    assert [fault.message for fault in faults] == ["is not a finite number"]


def test_every_value_knows_its_row(tmp_path):
    document, _ = document_of(tmp_path, "a:\n  b: 1\n  c:\n    - 2\n    - {d: 3}\ne: 4\n")
    rows = {("a",): 1, ("a", "b"): 2, ("a", "c"): 3, ("a", "c", 0): 4, ("a", "c", 1, "d"): 5, ("e",): 6}
    assert {path: document.row(path) for path in rows} == rows
    assert document.row(("a", "c", 7, "unknown")) == 3


def test_an_alias_repeats_its_value(tmp_path):
    document, faults = document_of(tmp_path, "a: &one {x: [1, 2]}\nb: *one\n")
    assert not faults
    assert document.plain() == {"a": {"x": (1, 2)}, "b": {"x": (1, 2)}}


def test_aliases_cannot_nest_a_file_deeper_than_its_text(tmp_path):
    deep = "[" * (DEEPEST - 2) + "]" * (DEEPEST - 2)
    _, faults = document_of(tmp_path, f"a: &one {deep}\nb: [[*one]]\n")
    assert [fault.message for fault in faults] == ["is nested too deep"]


def test_a_megabyte_is_read_and_a_byte_more_is_not(tmp_path):
    path = tmp_path / "file.yaml"
    path.write_bytes(b"# " + b"x" * (LARGEST_FILE - 8) + b"\na: 1\n")
    assert path.stat().st_size == LARGEST_FILE
    assert read(path)[1] == []
    path.write_bytes(path.read_bytes() + b"\n")
    assert [fault.message for fault in read(path)[1]] == ["is too large to be read"]


SIGNS = (
    "a|b: |- |\n|  |{|}|[|]|, |: |&x |*x|!!str |!<|? |> |'|\"|---\n|...\n|%YAML 1.2\n|# c|<<|\t|\\|1|.nan|2026-01-01|é"
)
fragments = st.sampled_from([*SIGNS.split("|"), "| ", "\u2028", "\x00"])


@given(st.one_of(st.lists(fragments, max_size=30).map("".join).map(str.encode), st.binary(max_size=200)))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_a_document_or_faults(tmp_path, content):
    path = tmp_path / "any.yaml"
    path.write_bytes(content)
    document, faults = read(path)
    assert (document is None) <= bool(faults)
    assert document is None or isinstance(document.plain(), dict)
    assert all(fault.file and fault.message for fault in faults)


plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.floats(allow_nan=False, allow_infinity=False))
    | st.dates()
    | st.text(st.characters(max_codepoint=0x17F, exclude_categories=["Cc"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


def written(value):
    """A value in YAML's flow style."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{written(key)}: {written(member)}" for key, member in value.items()) + "}"
        case _:
            return str(value)


def tupled(value):
    if isinstance(value, list):
        return tuple(map(tupled, value))
    return {key: tupled(member) for key, member in value.items()} if isinstance(value, dict) else value


@given(plain)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_written_is_what_is_read(tmp_path, value):
    document, faults = document_of(tmp_path, f"key: {written(value)}\n")
    assert not faults
    assert document.plain(("key",)) == tupled(value)


def test_a_fault_shows_keys_as_a_reader_writes_them_and_values_in_short():
    assert key_of(("figures", "rack_price", "range", "pert", 1)) == "rack_price.range.pert[1]"
    assert key_of(()) is None
    assert described("x" * 1000) == f"'{'x' * 60}…'"
    assert described(tuple(range(9))) == "[0, 1, 2, 3, …]"
    assert described(math.pi) == "3.14159265358979"


BOOK = sorted((Path(__file__).parents[2] / "assumptions").rglob("*.yaml"))


@pytest.mark.parametrize("path", BOOK, ids=lambda path: path.stem)
def test_both_parsers_read_the_same_from_the_book(path):
    text = path.read_text(encoding="utf-8")

    def events(pure):
        for event in YAML(typ="safe", pure=pure).parse(text):
            yield (
                type(event),
                event.start_mark.line,
                getattr(event, "value", None),
                getattr(event, "style", None) or None,
            )

    assert list(events(False)) == list(events(True))
