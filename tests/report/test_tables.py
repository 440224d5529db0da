from __future__ import annotations

import io
import json
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from finmodel.report.tables import Summary
from finmodel.simulate.statistics import Estimate

COLUMNS = ["mean", "sd", "standard_error", "p1", "p5", "p10", "p25", "p50", "p75", "p90", "p95", "p99", "missing_share"]
UNITS = {"project_npv": "USD", "project_irr": "1/year"}


def simulation(verdict=None):
    rows = pd.DataFrame([[1.5e9] * 12 + [0.0], [math.nan] * 12 + [1.0]], index=list(UNITS), columns=COLUMNS)
    return SimpleNamespace(
        paths=4096,
        seed=7,
        design="sobol",
        statistics=rows.to_dict("index"),
        probabilities={"project_npv_negative": np.float64(0.25), "project_irr_missing": 1.0, "covenant_breach": None},
        events={
            "project_npv_negative": Estimate(0.25, 0.007),
            "project_irr_missing": Estimate(1.0, math.nan),
            "covenant_breach": None,
            "default": Estimate(0.125, 0.01),
        },
        losses={
            "project_npv": {
                "chance_of_loss": Estimate(0.25, 0.007),
                "expected_loss_given_loss": Estimate(math.nan, math.nan),
                "value_at_risk": Estimate(-2e9, 1e7),
                "conditional_value_at_risk": Estimate(3e9, 2e7),
            }
        },
        estimates={"project_npv": {"mean": Estimate(1.5e9, 1e7), "p5": Estimate(1.5e9, math.nan)}},
        verdict=None if verdict is None else SimpleNamespace(content=verdict),
        basis_of_errors="16 replicates",
        timings={"kernel": np.float64(0.1)},
    )


def summary(with_simulation=True, **changes):
    given = {
        "case": "tiny",
        "title": "A tiny case",
        "scenario": "base",
        "version": "0.1.0",
        "base": pd.Series({"project_npv": -2.5e9, "project_irr": math.nan}),
        "units": UNITS,
        "grades": dict.fromkeys(UNITS, "estimate"),
        "simulation": simulation() if with_simulation else None,
    }
    return Summary.of(**(given | changes))


def shown(content, **options):
    console = Console(file=io.StringIO(), width=200, **options)
    console.print(content)
    return console.file.getvalue()


def test_summary_json_has_the_names_that_other_programs_read():
    content = json.loads(summary().json())
    assert list(content) == [
        "case", "scenario", "version", "paths", "seed", "design", "base", "simulation", "probabilities", "timings",
        "risk", "convergence", "mended",
    ]  # fmt: skip
    assert content["base"]["project_npv"] == {"value": -2.5e9, "unit": "USD"}
    assert list(content["simulation"]["project_npv"]) == [*COLUMNS, "unit"]
    assert list(content["probabilities"]) == [
        "project_npv_negative", "project_irr_missing", "payback_missing", "covenant_breach",
    ]  # fmt: skip


def test_a_missing_metric_is_null_and_never_nan():
    text = summary().json()
    content = json.loads(text)
    assert "NaN" not in text
    assert content["base"]["project_irr"]["value"] is None
    assert content["simulation"]["project_irr"]["p50"] is None
    assert content["simulation"]["project_irr"]["missing_share"] == 1.0
    assert content["probabilities"]["payback_missing"] is None
    assert content["probabilities"]["covenant_breach"] is None


def test_without_a_simulation_there_are_no_paths_and_no_chances():
    content = summary(with_simulation=False).content
    assert (content["paths"], content["seed"], content["design"]) == (0, None, None)
    assert content["simulation"] == content["probabilities"] == content["timings"] == content["risk"] == {}
    assert content["convergence"] is None


def test_an_infinite_metric_is_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        summary(base=pd.Series({"project_npv": math.inf})).json()


def test_the_table_says_units_paths_seed_design_and_standard_errors():
    text = shown(summary())
    assert "4,096 paths, seed 7, design sobol; standard errors: 16 replicates" in text
    npv = next(line for line in text.splitlines() if line.startswith("project_npv"))
    assert npv.split() == ["project_npv", "bn", "USD", "-2.500", *["1.500"] * 5, "0.00%", "estimate"]
    assert "share of paths with project_npv_negative: 25.00%, standard error 0.70%" in text


def test_risk_stands_beside_the_fixed_keys_with_a_standard_error_for_each_figure():
    risk = json.loads(summary().json())["risk"]
    assert list(risk) == ["level", "losses", "probabilities", "standard_errors"]
    assert risk["level"] == 0.95
    assert risk["losses"]["project_npv"] == {
        "unit": "USD",
        "chance_of_loss": {"value": 0.25, "standard_error": 0.007},
        "expected_loss_given_loss": {"value": None, "standard_error": None},
        "value_at_risk": {"value": -2e9, "standard_error": 1e7},
        "conditional_value_at_risk": {"value": 3e9, "standard_error": 2e7},
    }
    assert risk["probabilities"]["default"] == {"value": 0.125, "standard_error": 0.01}
    assert risk["probabilities"]["covenant_breach"] is None
    assert risk["standard_errors"] == {"project_npv": {"mean": 1e7, "p5": None}}


def test_the_table_says_losses_with_level_unit_standard_error_and_sign():
    text = shown(summary())
    assert (
        "project_npv at 95%: value at risk -2.000 bn USD, standard error 0.01000; conditional value at risk "
        "3.000 bn USD, standard error 0.02000; expected loss given a loss none; positive is money lost"
    ) in " ".join(text.split())
    assert "share of paths with default: 12.50%, standard error 1.00%" in text
    assert "share of paths with project_irr_missing: 100.00%, standard error none" in text
    assert "covenant_breach" not in text


@pytest.mark.parametrize("converged", [True, False])
def test_a_rule_that_was_to_end_the_run_is_answered_above_the_table(converged):
    verdict = {"converged": converged, "words": "not converged: project_npv mean 1%"}
    found = summary(simulation=simulation(verdict))
    assert json.loads(found.json())["convergence"] == verdict
    assert "\nnot converged: project_npv mean 1%\nmetric " in shown(found)


def test_a_summary_shows_itself_in_a_notebook_as_its_table():
    found = summary(title="<b>A case</b>")
    assert "project_npv" in str(found)
    assert found._repr_html_().startswith("<pre>&lt;b&gt;A case&lt;/b&gt;\n")


def test_the_table_of_a_base_case_shows_missing_as_none():
    lines = shown(summary(with_simulation=False)).splitlines()
    assert lines[-1].split() == ["project_irr", "%/year", "none", "estimate"]


def test_markup_in_a_title_is_shown_as_it_stands():
    assert "[red]A [/nonsense] case" in shown(summary(title="[red]A [/nonsense] case"))
