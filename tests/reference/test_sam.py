"""NREL's System Advisor Model, Single Owner: every yearly row and output of thirteen runs (PySAM 7.1.1, BSD-3).

`sam-single-owner.json` came from elsewhere; `sam-more.json` was made with the same release, one feature at a time and
then many together. SAM seeks its IRR to 1e-3 percentage points only.
"""

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.reference import sam

HERE = Path(__file__).parent
RUNS = {
    name: {"common": file["set_explicitly_common"], **case}
    for path in ("sam-single-owner.json", "sam-more.json")
    for file in [json.loads((HERE / path).read_text(encoding="utf-8"))]
    for name, case in file["cases"].items()
}
REFUSED = {"K_schedules": "federal_tax_rate that changes from year to year, state_tax_rate that changes"}
MODELLED = [name for name in RUNS if name not in REFUSED]
SOUGHT = ("irr", "wacc")
"""What rests on SAM's own search for a rate."""


def inputs(run: dict[str, Any]) -> dict[str, Any]:
    return {**run["common"], **run["overrides"]}


@pytest.mark.parametrize("name", MODELLED)
def test_every_yearly_row_is_that_of_sam(name: str) -> None:
    rows, _ = sam.run(inputs(RUNS[name]))
    for row, expected in RUNS[name]["cashflows_annual"].items():
        wanted = np.array([np.nan if value is None else value for value in expected])
        known = ~np.isnan(wanted)
        found = rows[row].to_numpy()[known]
        size = max(np.abs(wanted[known]).max(), 1e-9)
        tolerance = 1e-3 if row.endswith("_irr") else 1e-6 * size
        np.testing.assert_allclose(found, wanted[known], rtol=0, atol=tolerance, err_msg=row)


@pytest.mark.parametrize("name", MODELLED)
def test_every_single_output_is_that_of_sam(name: str) -> None:
    _, outputs = sam.run(inputs(RUNS[name]))
    for output, expected in RUNS[name]["outputs_scalar"].items():
        if expected is None:
            continue
        tolerance = {"abs": 1e-3} if any(word in output for word in SOUGHT) else {"rel": 1e-6}
        assert outputs[output] == pytest.approx(expected, **tolerance), output


def test_the_levelised_costs_of_the_two_published_runs() -> None:
    found = [sam.run(inputs(RUNS[name]))[1]["lcoe_nom"] for name in list(RUNS)[:2]]
    assert found == pytest.approx([6.7300, 7.8243], abs=5e-5)


@pytest.mark.parametrize("name", MODELLED[:3])
def test_inputs_may_come_by_group(name: str) -> None:
    rows, outputs = sam.run(inputs(RUNS[name]))
    by_group, same = sam.run(RUNS[name]["inputs_nonzero"])
    np.testing.assert_allclose(by_group.to_numpy(), rows.to_numpy(), rtol=1e-12, atol=1e-6)
    assert same["project_return_aftertax_npv"] == pytest.approx(outputs["project_return_aftertax_npv"], rel=1e-12)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_modelled_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=REFUSED[name]):
        sam.run(inputs(RUNS[name]))


def test_all_that_is_not_modelled_is_named_at_once() -> None:
    given = {**inputs(RUNS[MODELLED[0]]), "loan_moratorium": 2, "ibi_fed_amount": [1000.0], "ppa_soln_mode": 0}
    with pytest.raises(ValueError, match="not modelled: ibi_fed_amount, loan_moratorium, ppa_soln_mode"):
        sam.run(given)


def test_years_of_fees_do_not_change_what_the_loan_repays() -> None:
    rows, _ = sam.run(inputs(RUNS["M_rich_level_payment_25_years"]))
    assert rows["cf_debt_balance"].iloc[-1] == 0.0
    assert rows["cf_debt_payment_principal"].sum() == pytest.approx(rows["cf_debt_balance"].iloc[0], rel=1e-12)


def test_absent_inputs_may_be_none_and_series_arrays() -> None:
    given = inputs(RUNS[MODELLED[0]])
    _, outputs = sam.run(given)
    _, same = sam.run({**given, "gen": np.full(8760, 1e4), "om_capacity": None, "om_fixed": (1e6,) * 20})
    assert same["lcoe_nom"] == pytest.approx(outputs["lcoe_nom"], rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"gen": None, "analysis_period": None}, "needed and not given: analysis_period, gen"),
        ({"term_tenor": 25}, "term_tenor beyond analysis_period"),
        ({"term_tenor": 0}, "debt without term_tenor"),
        ({"system_use_lifetime_output": 1}, "system_use_lifetime_output"),
        ({"debt_option": 1, "dscr": 1.05, "term_tenor": 20}, "a loan of 65,629,797, more than the cost of 50,000,000"),
        ({"debt_option": 1, "om_fixed": [9e6]}, "does not bear the interest, year 1, 2, 3"),
        ({"debt_option": 1, "om_fixed": [6e6, *[1e6] * 19]}, "does not bear the interest, year 1"),
    ],
)
def test_what_the_finance_lines_do_not_do_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        sam.run({**inputs(RUNS[MODELLED[0]]), **changes})


def test_the_file_can_be_loaded_by_its_path_alone() -> None:
    spec = importlib.util.spec_from_file_location("anywhere", HERE / "sam.py")
    assert spec is not None
    assert spec.loader is not None
    alone = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(alone)
    _, outputs = alone.run(inputs(RUNS[MODELLED[0]]))
    assert outputs["lcoe_nom"] == pytest.approx(6.7300, abs=5e-5)
