"""A YAML file is changed by its text: what is not changed stays to the last blank, and what cannot be is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmodel.assumptions.splice import REMOVED, spliced
from finmodel.assumptions.tree import Builder
from finmodel.errors import Faults

BLOCK = """\
# top
a:
  # above b
  b:
    value:  1   # beside
    note: >
      folded
      text   # no comment

  # above c
  c: {value: 2, "unit": "%", range: [1, 2], }   # after
last: |
  words
# end
"""


def plain(text: str) -> Any:
    return Builder("test").build(text).plain()


def changed(text: str, wanted: Any) -> str:
    """The changed text, proved to say what is wanted by `spliced` itself."""
    return spliced(text, wanted, "test.yaml")


def test_nothing_wanted_changes_nothing() -> None:
    assert changed(BLOCK, {}) == BLOCK


def test_a_value_changes_where_it_stands() -> None:
    assert changed(BLOCK, {"a": {"b": {"value": 1.5}}}) == BLOCK.replace("value:  1 ", "value:  1.5 ")
    assert changed(BLOCK, {"a": {"c": {"value": 3}}}) == BLOCK.replace("value: 2", "value: 3")


def test_a_folded_text_is_replaced_whole() -> None:
    assert changed(BLOCK, {"a": {"b": {"note": "new: #1"}}}) == BLOCK.replace(
        ">\n      folded\n      text   # no comment\n", '"new: #1"\n'
    )


def test_a_member_is_added_behind_the_last_at_its_depth() -> None:
    text = changed(BLOCK, {"a": {"d": {"value": 4, "unit": "rack"}, "c": {"as_of": "2026-10"}}})
    assert "range: [1, 2], as_of: 2026-10 }   # after\n  d:\n    value: 4\n    unit: rack\nlast:" in text


def test_a_member_is_taken_out_and_its_comments_stay() -> None:
    text = changed(BLOCK, {"a": {"b": {"value": REMOVED, "unit": "rack"}}})
    assert "  b:\n    # beside\n    note: >\n      folded\n      text   # no comment\n    unit: rack\n" in text
    text = changed(BLOCK, {"a": {"c": {"range": REMOVED, "unit": REMOVED, "grade": "estimate"}}})
    assert "  c: {value: 2, grade: estimate}   # after\n" in text


def test_sections_that_are_missing_are_made() -> None:
    assert changed("a: 1", {"b": {"c": {"d": None}}}) == "a: 1\nb:\n  c:\n    d: null"
    assert changed("a: 1\nb:\nc: 2\n", {"b": {"d": 1}}) == "a: 1\nb: {d: 1}\nc: 2\n"
    assert changed("a: {}\n", {"a": {"d": "x y"}}) == 'a: {d: "x y"}\n'
    assert changed("{a: 1}\n", {"b": "yes"}) == '{a: 1, b: "yes"}\n'


def test_a_block_takes_the_place_of_what_it_held() -> None:
    text = changed("a:\n  b:  # why\n    c: 1  # one\nd: 2\n", {"a": {"b": None}})
    assert plain(text) == {"a": {"b": None}, "d": 2}
    assert "# why" in text
    assert "# one" in text


@pytest.mark.parametrize(
    "style", ["l:\n  - {n: 1}\n  # two\n  - n: 2\n    m: 3\nz: 1\n", "l: [{n: 1}, {n: 2, m: 3}]\nz: 1\n"]
)
def test_members_of_a_list_are_taken_out(style: str) -> None:
    assert plain(spliced(style, {}, "test.yaml", {"l": {0}})) == {"l": ({"n": 2, "m": 3},), "z": 1}
    assert plain(spliced(style, {}, "test.yaml", {"l": {1}})) == {"l": ({"n": 1},), "z": 1}
    assert plain(spliced(style, {}, "test.yaml", {"l": {0, 1}})) == {"z": 1}


def test_a_member_is_added_before_a_comment_that_would_swallow_it() -> None:
    for last in ("b: 2 # two", "b: 2, # two", "b: 2"):
        text = changed(f"a: {{\n  x: 1, # one\n  {last}\n}}\n", {"a": {"c": 3}})
        assert plain(text) == {"a": {"x": 1, "b": 2, "c": 3}}
        assert "# one" in text
        assert ("# two" in text) == ("two" in last)


def test_the_comment_beside_the_mark_of_a_block_of_text_stays() -> None:
    text = changed("a:\n  note: >  # kept\n    folded\n  b: 1\n", {"a": {"note": "new"}})
    assert text == "a:\n  # kept\n  note: new\n  b: 1\n"


@pytest.mark.parametrize("places", [{0}, {0, 1}])
@pytest.mark.parametrize("style", ["block", "flow"])
def test_comments_stay_where_members_of_a_list_go(style: str, places: set[int]) -> None:
    block = "# above\nlist: # beside\n  # of one\n  - 1 # one\n  - 2 # two\n  - 3\nend: 1\n"
    flow = "# above\nlist: [ # beside\n  # of one\n  1, # one\n  2, # two\n  3]\nend: 1\n"
    given = block if style == "block" else flow
    text = spliced(given, {}, "file", {"list": places})
    for comment in ("# above", "# beside", "# of one", "# one", "# two"):
        assert comment in text
    assert plain(text) == {"list": tuple(one for place, one in enumerate([1, 2, 3]) if place not in places), "end": 1}


def test_a_value_that_others_repeat_is_refused() -> None:
    text = "a: &one {value: 1, unit: rack}\nb: *one\n"
    assert plain(changed(text, {"b": {"value": 2, "unit": "rack"}}))["a"]["value"] == 1
    for wanted in ({"a": {"value": 2}}, {"a": None}):
        with pytest.raises(Faults, match=r"test\.yaml: cannot be changed in place"):
            changed(text, wanted)


NAMES = st.sampled_from(["a", "b.c", "d e", "#f", "yes", "1", "ü: x", "- g"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff"), max_size=12)
SCALARS = (
    TEXTS | st.none() | st.integers(-(10**18), 10**18).map(float) | st.floats(allow_nan=False, allow_infinity=False)
)
TREES = st.recursive(SCALARS, lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=6)


@settings(max_examples=150)
@given(st.dictionaries(NAMES, TREES, min_size=1, max_size=4), st.dictionaries(NAMES, TREES, max_size=4))
def test_whatever_is_wanted_is_said_and_the_rest_stays(before: dict[str, Any], wanted: dict[str, Any]) -> None:
    text = changed("keep: 1  # kept\n", before)
    assert plain(text) == {"keep": 1} | before
    again = changed(text, wanted)
    assert again.startswith("keep: 1  # kept\n")
    assert set(plain(again)) == {"keep", *before, *wanted}
