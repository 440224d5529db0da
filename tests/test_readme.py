from __future__ import annotations

import inspect
import re
import shlex
from pathlib import Path

import pytest

import finmodel
from finmodel import cli
from tests.reference import sam

README = (Path(__file__).resolve().parents[1] / "README.md").read_text()
ROW = re.compile(r"^\| `(?P<metric>\w+)`[^|]*\| (?P<number>-?[\d.,]+)(?: (?P<unit>[^|]+?))? \|", re.MULTILINE)


def sanity_rows():
    table = README.split("<!-- sanity")[1].split("\n\n")[0]
    return [(row["metric"], row["number"], row["unit"] or "1") for row in ROW.finditer(table)]


@pytest.fixture(scope="module")
def base():
    case = finmodel.load("reference-1gw")
    return case.evaluate().metrics, case.units


def test_the_sanity_table_has_its_rows():
    assert {"ebitda_margin", "payback_from_revenue_years", "levelised_cost_of_compute"} <= {
        row[0] for row in sanity_rows()
    }


@pytest.mark.parametrize(("metric", "number", "unit"), sanity_rows(), ids=lambda value: value)
def test_a_number_in_the_readme_is_what_a_run_gives(base, metric, number, unit):
    metrics, units = base
    million = unit.startswith("m ")
    assert unit.removeprefix("m ").rstrip("s") == units[metric].rstrip("s")
    decimals = len(number.partition(".")[2])
    assert float(number) == pytest.approx(metrics[metric] / (1e6 if million else 1), abs=0.5000001 * 10**-decimals)


@pytest.mark.parametrize("line", re.findall(r"^finmodel .*$", README, re.MULTILINE))
def test_a_command_of_the_readme_is_understood(line, capsys):
    _, command, *words = shlex.split(line)
    with pytest.raises(SystemExit):
        cli.main([command, "--help"])
    helped = capsys.readouterr().out
    assert [word for word in words if word.startswith("--") and word not in helped] == []


def test_the_table_of_contents_names_every_section():
    sections = re.findall(r"^## (.+)$", README, re.MULTILINE)
    linked = re.findall(r"^- \[(.+)\]\(#(.+)\)$", README, re.MULTILINE)
    assert [title for title, _ in linked] == sections
    assert [anchor for _, anchor in linked] == [
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in sections
    ]


def test_the_yaml_example_is_a_case(tmp_path):
    (example,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "my-case.yaml"
    path.write_text(example)
    assert finmodel.load(path).evaluate().metrics["capex_total"] > 0


def test_the_projects_own_model_in_the_readme_is_that_of_the_reference():
    assert inspect.getsource(sam.model) in README
    last = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[-1]
    names: dict[str, object] = {}
    exec(last, names)
    assert names["outputs"]["lcoe_nom"] == pytest.approx(5.8282, abs=5e-4)


def test_the_line_of_the_readme_can_be_added(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict[str, object] = {"__name__": "readme"}
    exec(blocks[0].replace("65_536", "64"), names)
    assert (tmp_path / "reference.xlsx").is_file()
    script = tmp_path / "added.py"  # a line remembers the file that defines it
    script.write_text(blocks[1])
    exec(compile(blocks[1], str(script), "exec"), names)
