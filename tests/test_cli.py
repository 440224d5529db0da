from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from finmodel import cli
from finmodel.errors import CalculationFault, Fault, Faults, MachineFault, ModelFault, OutputFault

FAST = ("--paths", "64", "--threads", "1")
SMALL = "h200-10k"
"""The case whose workbook is written soonest."""


@pytest.fixture
def finmodel(capsys, monkeypatch, tmp_path):
    """Run the command line in an empty folder: exit status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(arguments)
        code = left.value.code
        return (0 if code is None else code), *capsys.readouterr()

    return call


def fails(error):
    def load(name):
        raise error

    return load


class Report:
    def __init__(self, text):
        self.text = text

    def check(self):
        return self.text


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """One run for all who only look at it: its folder of outputs and what it printed."""
    folder = tmp_path_factory.mktemp("ran")
    with contextlib.redirect_stdout(io.StringIO()) as printed, pytest.raises(SystemExit) as left:
        cli.main(["run", *FAST, "--out", str(folder)])
    assert left.value.code in (0, None)
    return folder, printed.getvalue()


def test_run_writes_three_files_and_says_so(ran):
    folder, out = ran
    names = sorted(path.name for path in (folder / "reference-1gw").iterdir())
    assert names == ["simulation.parquet", "summary.json", "workbook.xlsx"]
    assert all(f"wrote {folder}/reference-1gw/{name}" in out for name in names)


def test_run_prints_metrics_with_paths_seed_and_design(ran):
    _, out = ran
    assert "64 paths, seed 0, design sobol" in out
    assert "project_npv" in out


def test_simulation_parquet_has_one_row_a_path(ran):
    table = pd.read_parquet(ran[0] / "reference-1gw" / "simulation.parquet")
    assert table["path"].tolist() == list(range(64))
    assert {"rack_price", "project_npv"} <= set(table.columns)


def test_json_prints_summary_json_and_nothing_else(finmodel):
    status, out, err = finmodel("run", SMALL, *FAST, "--json", "--seed", "5", "--design", "lhs", "--out", "elsewhere")
    assert (status, err) == (0, "")
    assert out == Path(f"elsewhere/{SMALL}/summary.json").read_text()
    content = json.loads(out)
    assert (content["paths"], content["seed"], content["design"]) == (64, 5, "lhs")


def test_a_rule_that_is_not_met_is_said_in_every_output(finmodel):
    status, out, _ = finmodel("run", SMALL, *FAST, "--until", "project_npv mean 0.1%")
    said = next(row for row in out.splitlines() if row.startswith("not converged: project_npv mean 0.1%: "))
    assert status == 0
    folder = Path("outputs") / SMALL
    convergence = json.loads((folder / "summary.json").read_text())["convergence"]
    assert (convergence["converged"], convergence["paths"], convergence["words"]) == (False, 64, said)
    sheet = openpyxl.load_workbook(folder / "workbook.xlsx", read_only=True)["Simulation"]
    assert ("Convergence", said) in {row[1:3] for row in sheet.iter_rows(values_only=True)}


MENDED = """title: Delays that cannot all be as correlated as they are said to be
extends: [cases/single-rack]
repair: nearest
correlations:
  - {between: [grid_delay, construction_delay], rank: 0.9, grade: estimate, note: Late together.}
  - {between: [grid_delay, supply_delay], rank: 0.9, grade: estimate, note: Late together.}
  - {between: [construction_delay, supply_delay], rank: -0.9, grade: estimate, note: Never late together.}
"""


def test_correlations_that_were_mended_are_said_in_every_output(finmodel, tmp_path):
    (tmp_path / "mended.yaml").write_text(MENDED, encoding="utf-8")
    status, out, _ = finmodel("run", "mended.yaml", *FAST)
    assert status == 0
    said = "".join(line.removeprefix("mended: ") for line in out.splitlines() if line.startswith("mended: "))
    assert said.startswith("correlations are impossible together; the nearest possible are taken: ")
    assert json.loads(Path("outputs/mended/summary.json").read_text())["mended"] == [said]
    sheet = openpyxl.load_workbook("outputs/mended/workbook.xlsx", read_only=True)["Simulation"]
    rows = list(sheet.iter_rows(values_only=True))
    first = next(number for number, row in enumerate(rows) if row[1] == "Mended")
    assert " ".join(str(row[2]) for row in rows[first:]).startswith(said)  # in as many rows as it needs


def test_without_a_simulation_none_is_written_and_an_earlier_one_goes(finmodel):
    earlier = Path("outputs") / SMALL / "simulation.parquet"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("of an earlier run")
    status, out, _ = finmodel("run", SMALL, "--no-simulation", "--json")
    assert status == 0
    assert json.loads(out)["simulation"] == {}
    assert not earlier.exists()


def test_set_moves_the_base_case_under_a_scenario_that_is_named(finmodel, ran):
    status, out, _ = finmodel("run", "--no-simulation", "--json", "--set", "rack_price=9e6", "--scenario", "downside")
    assert status == 0
    content = json.loads(out)
    before = json.loads((ran[0] / "reference-1gw" / "summary.json").read_text())
    assert (before["scenario"], content["scenario"]) == ("base", "downside")
    assert content["base"]["rack_cost"]["value"] > 9e6 > before["base"]["rack_cost"]["value"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "referense-1gw"), "reference-1gw"),
        (("run", "--set", "rack_prise=1"), "rack_price"),
        (("run", "--set", "rack_price"), "expected NAME=VALUE"),
        (("run", "--set", "rack_price=nan"), "a finite number"),
        (("run", "--set", "rack_price=1e999"), "a finite number"),
        (("run", "--set", "=3"), "expected NAME=VALUE"),
        (("run", "--set", "rack_price=3e6", "--set", "rack_price=4e6"), "twice"),
        (("run", "--set", "rack_price=-1"), "rack_price"),
        (("run", "--scenario", "downsid"), "downside"),
        (("run", "--until", "project_npv mean"), "METRIC STATISTIC TOLERANCE"),
        (("run", "--until", "project_nvp mean 1%"), "project_npv"),
        (("run", "--seed", "99999999999999999999"), "99999999999999999999"),
        (("check", "no-such-case"), "no-such-case"),
        (("explain", "reference-1gw", "electricity_cos"), "electricity_cost"),
        (("explain", "reference-1gw", "electricity_cost", "--period", "1999-01"), "1999-01"),
        (("explain", "reference-1gw", "electricity_cost", "--period", "soon"), "soon"),
    ],
)
def test_input_at_fault_exits_2_names_it_on_standard_error_and_writes_nothing(finmodel, tmp_path, arguments, said):
    status, out, err = finmodel(*arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("columns", [80, 100, 120])
def test_on_a_terminal_of_any_width_the_numbers_of_an_input_stand_on_one_line(finmodel, monkeypatch, columns):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(columns))
    status, out, _ = finmodel("list", "inputs")
    assert status == 0
    lines = re.sub(r"\x1b\[[0-9;]*m", "", out).splitlines()
    assert max(map(len, lines)) <= columns
    (headings,) = [line for line in lines if "mean" in line and "P95" in line]
    (numbers,) = [line for line in lines if "4,216,000" in line]
    for place in ("value", "mean", "sd", "P5", "P50", "P95"):
        assert place in headings.split()
    assert len([word for word in numbers.split() if word[0].isdigit()]) == 6
    assert headings.index("P95") + 3 == numbers.index("4,216,000") + 9


def test_every_faulty_set_is_said_at_once(finmodel):
    _, _, err = finmodel("run", "--set", "a", "--set", "b=x")
    assert "'a'" in err
    assert "'b=x'" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--paths", "0"),
        ("run", "--paths", "many"),
        ("run", "--seed", "-1"),
        ("run", "--design", "halton"),
        ("run", "--threads", "0"),
        ("run", "--what"),
        ("explain", "reference-1gw"),
        ("list", "gpus"),
        ("fly",),
    ],
)
def test_arguments_that_are_not_understood_exit_2(finmodel, arguments):
    status, out, err = finmodel(*arguments)
    assert (status, out) == (2, "")
    assert "Usage:" in err


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Faults([Fault("a fault")]), 2),
        (CalculationFault("division by zero", line="x"), 2),
        (OutputFault("cannot write"), 2),
        (ModelFault("a circle"), 1),
        (MachineFault("no memory for code"), 1),
    ],
)
@pytest.mark.parametrize("command", [("run", "x"), ("check", "x"), ("explain", "x", "y")])
def test_each_kind_of_error_has_its_exit_status(finmodel, monkeypatch, command, error, status):
    monkeypatch.setattr("finmodel.case.load", fails(error))
    left, out, err = finmodel(*command)
    assert (left, out, err) == (status, "", f"{error}\n")


def test_check_goes_on_after_a_case_that_is_at_fault(finmodel, monkeypatch):
    def load(name):
        if name == "good":
            return Report("good: all is well")
        raise Faults([Fault(f"{name} is at fault")])

    monkeypatch.setattr("finmodel.case.load", load)
    status, out, err = finmodel("check", "bad", "good", "worse")
    assert status == 2
    assert out == "good: all is well\n"
    assert err == "bad is at fault\nworse is at fault\n"


def test_an_output_folder_that_cannot_be_written_is_said_before_the_run(finmodel, monkeypatch):
    Path("outputs").write_text("in the way")
    monkeypatch.setattr("finmodel.case.Case.simulate", fails(RuntimeError("simulated all the same")))
    status, out, err = finmodel("run")
    assert (status, out) == (2, "")
    assert "cannot write to outputs" in err


def test_a_case_file_names_its_folder_by_its_stem(finmodel, repository, tmp_path):
    status, _, err = finmodel("run", "--no-simulation", str(repository / "assumptions" / "cases" / f"{SMALL}.yaml"))
    assert (status, err) == (0, "")
    assert [path.name for path in (tmp_path / "outputs").iterdir()] == [SMALL]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("[red]red[/] :smile:", "[red]red[/] :smile:"),
        ("[/nothing]", "[/nothing]"),
        ("\x9b2J", "\\x9b2J"),
        ("name\u202eslx.exe", "name\\u202eslx.exe"),
        ("bell\a", "bell"),
    ],
)
def test_text_of_a_case_neither_styles_nor_steers_the_terminal(finmodel, monkeypatch, text, shown):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr("finmodel.case.load", lambda name: Report(text))
    _, out, _ = finmodel("check", "x")
    assert out == f"{shown}\n"
    monkeypatch.setattr("finmodel.case.load", fails(Faults([Fault(text)])))
    _, _, err = finmodel("check", "x")
    assert err == f"{shown}\n"


@pytest.mark.parametrize(
    ("what", "named"),
    [
        ("lines", "project_npv"),
        ("inputs", "rack_price"),
        ("cases", "epoch-1gw"),
        ("platforms", "gb300-nvl72"),
        ("regions", "texas"),
    ],
)
def test_list_names_what_there_is(finmodel, what, named):
    status, out, err = finmodel("list", what)
    assert (status, err) == (0, "")
    assert any(line.split()[:1] == [named] for line in out.splitlines())


def test_explain_goes_down_to_figures_and_their_sources(finmodel):
    status, out, err = finmodel("explain", "reference-1gw", "electricity_cost", "--period", "2029-03")
    assert (status, err) == (0, "")
    assert "electricity_cost" in out
    assert "2029-03" in out
    assert "USD" in out


def test_check_proves_a_case(finmodel):
    status, out, err = finmodel("check", "reference-1gw", "epoch-1gw")
    assert (status, err) == (0, "")
    assert "reference-1gw" in out
    assert "epoch-1gw" in out


def test_compare_sets_cases_and_scenarios_side_by_side(finmodel):
    status, out, err = finmodel("compare", "reference-1gw", "reference-1gw@downside", "epoch-1gw")
    assert (status, err) == (0, "")
    assert "reference-1gw@downside: Reference gigawatt" in out
    assert "Structure that differs" in out
    assert any(line.startswith("project_npv") for line in out.splitlines())
    assert max(map(len, out.splitlines())) <= 100


def test_compare_json_prints_json_and_nothing_else(finmodel):
    status, out, err = finmodel("compare", "reference-1gw", "reference-1gw@downside", "--json")
    assert (status, err) == (0, "")
    content = json.loads(out)
    assert list(content) == ["cases", "structure", "figures", "metrics"]
    assert content["cases"]["reference-1gw@downside"]["scenario"] == "downside"
    assert [str(path) for path in Path().rglob("*.*")] == ["outputs/comparison/workbook.xlsx"]


def test_compare_says_every_fault_at_once(finmodel):
    status, out, err = finmodel("compare", "referense-1gw", "reference-1gw@downsid", "@", "reference-1gw")
    assert (status, out) == (2, "")
    assert "perhaps 'reference-1gw' is meant" in err
    assert "perhaps 'downside' is meant" in err
    assert len(err.splitlines()) == 3
    assert "Traceback" not in err


def test_compare_needs_two_cases(finmodel):
    status, out, err = finmodel("compare", "reference-1gw")
    assert (status, out) == (2, "")
    assert "two or more are compared" in err


def test_a_path_with_an_at_sign_is_a_path(finmodel, repository, tmp_path):
    source = (repository / "assumptions" / "cases" / "reference-1gw.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine@home.yaml").write_text(source, encoding="utf-8")
    status, out, err = finmodel("compare", "mine@home.yaml", "mine@home.yaml@upside", "--json")
    assert (status, err) == (0, "")
    assert [side["scenario"] for side in json.loads(out)["cases"].values()] == ["base", "upside"]


def test_text_of_compared_cases_does_not_steer_the_terminal(finmodel, repository, tmp_path):
    source = (repository / "assumptions" / "cases" / "reference-1gw.yaml").read_text(encoding="utf-8")
    title = source.partition("\n")[0]
    (tmp_path / "one.yaml").write_text(source.replace(title, 'title: "[red]A\\e[31m\\u202E"'), encoding="utf-8")
    status, out, _ = finmodel("compare", "one.yaml", "reference-1gw")
    assert status == 0
    assert "[red]A\\x1b[31m\\u202e" in out
    assert "\x1b" not in out


def test_run_prints_the_price_of_a_months_delay_and_summary_json_has_no_word_of_it(ran):
    folder, out = ran
    (line,) = [line for line in out.splitlines() if line.startswith("price of a month's delay")]
    assert line.endswith(" USD/month of project_npv")
    assert "delay" not in (folder / "reference-1gw" / "summary.json").read_text()


def test_a_price_of_delay_that_cannot_be_reckoned_stops_no_run(finmodel, monkeypatch):
    monkeypatch.setattr("finmodel.case.Case.price_of_delay", fails(CalculationFault("division by zero", line="x")))
    status, out, err = finmodel("run", SMALL, "--no-simulation")
    assert (status, err) == (0, "")
    assert "price of a month's delay: none (line 'x': division by zero)" in out


def test_help_starts_at_once_and_imports_nothing_heavy():
    code = """import sys
from finmodel.cli import main
try:
    main(["--help"])
finally:
    print(sorted(sys.modules), file=sys.stderr)
"""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert time.perf_counter() - began < 2.0  # 0.2 s alone on a core; the rest is for a busy machine
    assert "explain" in done.stdout
    assert not [
        name for name in ("numpy", "pandas", "scipy", "llvmlite", "pint", "altair") if f"'{name}'" in done.stderr
    ]


def test_python_m_finmodel_is_the_same_program():
    done = subprocess.run([sys.executable, "-m", "finmodel", "--version"], capture_output=True, text=True, check=True)
    from finmodel import __version__

    assert done.stdout == f"finmodel {__version__}\n"


def test_solve_prints_the_value_what_it_reaches_and_where_it_looked(finmodel):
    status, out, err = finmodel("solve", "reference-1gw", "--vary", "gpu_hour_price", "--target", "project_npv=0")
    assert (status, err) == (0, "")
    head, found, base, searched = out.splitlines()
    assert head == "reference-1gw, scenario base: gpu_hour_price for project_npv = 0 USD"
    assert found.startswith("gpu_hour_price = ")
    assert "USD/(GPU*h), where project_npv = " in found
    assert base.startswith("the case has ")
    assert searched.startswith("searched from 0 to ")


def test_solve_takes_scenario_set_and_bounds_and_prints_json_and_nothing_else(finmodel):
    status, out, err = finmodel(
        "solve", "reference-1gw", "--vary", "gpu_hour_price", "--target", "project_irr=8%", "--scenario", "downside",
        "--set", "rack_price=3e6", "--between", "1", "20", "--json",
    )  # fmt: skip
    assert (status, err) == (0, "")
    content = json.loads(out)
    assert (content["scenario"], content["between"]) == ("downside", [1.0, 20.0])
    assert content["solutions"][0]["reached"] == pytest.approx(0.08)


def test_solve_for_a_chance_says_paths_seed_design_and_standard_error(finmodel):
    status, out, err = finmodel(
        "solve", "reference-1gw", "--vary", "gpu_hour_price", "--target", "P(project_npv>0)=60%",
        "--paths", "128", "--seed", "3", "--design", "lhs", "--threads", "1",
    )  # fmt: skip
    assert (status, err) == (0, "")
    assert "128 paths, seed 3, design lhs" in out
    assert "standard error of that share of paths" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--vary", "gpu_hour_price", "--target", "project_npv=1e15"), "project_npv = -"),
        (("--vary", "gpu_hour_prise", "--target", "project_npv=0"), "gpu_hour_price"),
        (("--vary", "gpu_hour_price", "--target", "project_nvp=0"), "project_npv"),
        (("--vary", "gpu_hour_price", "--target", "soon"), "METRIC=VALUE"),
        (("--vary", "gpu_hour_price", "--target", "project_npv=0", "--between", "9", "1"), "is no interval"),
        (("--vary", "gpu_hour_price", "--target", "project_npv=0", "--scenario", "downsid"), "downside"),
    ],
)
def test_solve_without_an_answer_exits_2_and_says_why(finmodel, arguments, said):
    status, out, err = finmodel("solve", "reference-1gw", *arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_compare_with_paths_adds_differences_with_intervals(finmodel):
    status, out, err = finmodel("compare", "reference-1gw", "reference-1gw@downside", "--paths", "64", "--seed", "5")
    assert (status, err) == (0, "")
    assert "Means over 64 paths, seed 5, design sobol" in out
    assert " ± " in out
    status, out, _ = finmodel("compare", "reference-1gw", "reference-1gw@downside", "--paths", "64", "--json")
    assert status == 0
    assert json.loads(out)["simulation"]["paths"] == 64
