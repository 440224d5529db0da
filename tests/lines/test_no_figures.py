"""The lines hold no figure: no number but 0 and 1 stands in them, however it is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from finmodel.graph.units import EXPONENT

LINES = Path(__file__).parents[2] / "finmodel" / "lines"
FILES = sorted(LINES.glob("**/*.py"))
NUMBER = re.compile(r"(?<![A-Za-z_])\d[\d.]*")
UNITS = {"to", "line", "metric", "balance", "Input"}
"""What takes a unit as its first text."""
MAKERS = {
    "float",
    "int",
    "complex",
    "Decimal",
    "Fraction",
    "literal_eval",
    "eval",
    "exec",
    "open",
    "len",
    "ord",
    "__import__",
}


def named(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def tree(request: pytest.FixtureRequest) -> ast.Module:
    return ast.parse(request.param.read_text(encoding="utf-8"))


def test_there_are_lines() -> None:
    assert {"schedule", "racks", "gigafactory"} <= {path.stem for path in FILES}


def test_no_number_but_0_and_1_stands_in_lines(tree: ast.Module) -> None:
    numbers = [
        f"row {node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float | complex) and node.value not in (0, 1)
    ]
    assert numbers == []


def test_no_unit_hides_a_factor(tree: ast.Module) -> None:
    """Such as `to("0.9 MW")`; 1 stands for what has no unit, and a power is no factor."""
    hidden = [
        f"row {call.lineno}: {first.value}"
        for call in calls(tree)
        if named(call) in UNITS and call.args and isinstance(first := call.args[0], ast.Constant)
        for number in NUMBER.findall(EXPONENT.sub("", str(first.value)))
        if number != "1"
    ]
    assert hidden == []


def test_no_number_is_made_from_text_or_a_length(tree: ast.Module) -> None:
    assert [f"row {call.lineno}: {named(call)}" for call in calls(tree) if named(call) in MAKERS] == []


def test_lines_import_no_constant(tree: ast.Module) -> None:
    """`math.pi` and the like: lines import their language, each other and what types them."""
    modules = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not [
        name
        for name in modules
        if name not in {"collections.abc", "__future__", "typing"}
        and not name.startswith(("finmodel.graph", "finmodel.lines", "finmodel.metrics"))
    ]


@pytest.mark.parametrize(
    ("written", "test"),
    [
        ("x = 0.35", test_no_number_but_0_and_1_stands_in_lines),
        ("MACRS = (0.2, 0.32, 0.192)", test_no_number_but_0_and_1_stands_in_lines),
        ("x = y.to('0.9*MW')", test_no_unit_hides_a_factor),
        ("x = float('0.35')", test_no_number_is_made_from_text_or_a_length),
        ("from math import pi", test_lines_import_no_constant),
    ],
)
def test_each_way_to_write_a_figure_is_found(written: str, test: object) -> None:
    with pytest.raises(AssertionError):
        test(ast.parse(written))  # type: ignore[operator]  # one of the tests above


def test_units_of_powers_and_of_nothing_are_no_factors() -> None:
    tree = ast.parse("a = Input('1/year', 'A.'); b = c.to('m3'); d = e.to('MW**2')")
    test_no_unit_hides_a_factor(tree)
