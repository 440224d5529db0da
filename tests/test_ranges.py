"""Ranges of a case, seen from outside: given from Python, and what they imply as the command line lists it."""

import re

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

import finmodel
from finmodel.cli import app
from finmodel.errors import Faults
from finmodel.graph import Input, metric


@pytest.fixture(scope="module")
def case():
    return finmodel.load("reference-1gw")


CERTAIN = "racks.first"


def test_ranges_from_python_are_drawn_and_leave_the_draws_of_all_others(case):
    given = stats.gamma(9, scale=case.values["contract_price"] / 9)
    racks = case.values[CERTAIN]
    changed = case.with_ranges(contract_price=given, **{CERTAIN: {"triangular": [racks - 300, racks, racks + 100]}})
    before, after = case.simulate(paths=512, seed=3), changed.simulate(paths=512, seed=3)
    assert list(after.inputs) == [name for name in case.figures if name in {*before.inputs, CERTAIN}]
    same = [name for name in before.inputs if name != "contract_price"]
    assert after.inputs[same].equals(before.inputs[same])
    assert stats.kstest(after.inputs["contract_price"], given.cdf).pvalue > 1e-3
    assert after.inputs[CERTAIN].between(racks - 300, racks + 100).all()
    assert changed.evaluate().metrics.equals(case.evaluate().metrics), "the base case stays"
    replayed = changed.replay(77, paths=512, seed=3)
    assert np.array_equal(replayed.metrics, after.metrics.loc[77, list(replayed.metrics.index)], equal_nan=True)


def test_ranges_by_hand_stay_under_scenarios_values_and_lines_of_ones_own(case):
    changed = case.with_ranges(**{CERTAIN: {"uniform": [3_000, 3_600]}})
    assert changed.scenario("downside").figures[CERTAIN].range is not None
    assert changed.with_values(pue=1.3).figures[CERTAIN].range is not None
    assert changed.with_values(**{CERTAIN: 3_100}).figures[CERTAIN].range is None

    @metric("rack")
    def spare_racks(m):
        """Racks that stand by."""
        return m.racks["first"] * m.spare_racks_share

    longer = changed.with_lines(spare_racks, spare_racks_share=(Input("1", "Share that stands by."), 0.01))
    assert longer.figures[CERTAIN].range == changed.figures[CERTAIN].range
    assert longer.binding.uncertain == changed.binding.uncertain
    both = changed.with_ranges(rack_power={"uniform": [140, 160]})
    assert both.figures[CERTAIN].range is not None


def test_a_range_by_hand_that_cannot_be_is_a_fault(case):
    with pytest.raises(Faults, match=r"racks\.first\.range: leaves out its own value"):
        case.with_ranges(**{CERTAIN: {"uniform": [1, 2]}})
    with pytest.raises(Faults, match=r"racks\.first\.range: is set by hand"):
        case.with_values(**{CERTAIN: 3_000}).with_ranges(**{CERTAIN: {"uniform": [2_900, 3_100]}})


def test_what_a_range_implies_is_what_its_draws_show(case):
    drawn = case.simulate(paths=8_192).inputs
    for name in drawn:
        implied = case.implied(name)
        assert implied.mean == pytest.approx(drawn[name].mean(), abs=0.02 * implied.sd), name
        assert implied.sd == pytest.approx(drawn[name].std(), rel=0.05), name
        shown = np.quantile(drawn[name], [0.05, 0.5, 0.95]).tolist()
        assert [implied.p5, implied.p50, implied.p95] == pytest.approx(shown, abs=0.1 * implied.sd), name
    assert case.implied(CERTAIN) is None


def listed(**env):
    result = CliRunner().invoke(app, ["list", "inputs"], env=env)
    assert result.exit_code == 0
    return result.output.splitlines()


def test_inputs_are_listed_with_what_their_ranges_imply_a_line_each_in_a_pipe(case):
    heading, *lines = listed()
    assert heading.split() == ["input", "value", "mean", "sd", "P5", "P50", "P95", "unit", "range", "grade", "note"]
    assert [line.split()[0] for line in lines] == list(case.figures)
    (line,) = (line for line in lines if line.startswith("construction_duration.first "))
    assert re.split(r"\s{2,}", line.strip()) == [
        "construction_duration.first", "18", "18.33", "1.873", "15.39", "18.25", "21.54", "month",
        "pert: minimum 14, mode 18, maximum 24", "secondary",
        "Months from start of construction to a complete hall.",
    ]  # fmt: skip
    assert all(declared.note in line for declared, line in zip(case.model.inputs.values(), lines, strict=True))


def test_a_terminal_of_120_columns_has_words_below_the_numbers(case):
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in listed(FORCE_COLOR="1", COLUMNS="120", TERM="xterm")]
    assert max(map(len, lines)) <= 120
    places = [place for place, line in enumerate(lines) if not line.startswith(" ")]
    assert [lines[place].split()[0] for place in places[1:]] == list(case.figures)
    heading = lines[0]
    row = next(line for line in lines if line.startswith("rack_price "))
    name, *numbers, unit = row.split()
    implied = case.implied("rack_price")
    assert (name, unit) == ("rack_price", "USD/rack")
    exact = [case.values["rack_price"], implied.mean, implied.sd, implied.p5, implied.p50, implied.p95]
    assert [float(number.replace(",", "")) for number in numbers] == pytest.approx(exact, rel=5e-4)
    for label in ("value", "mean", "sd", "P5", "P50", "P95"):
        end = heading.index(label) + len(label)
        assert row[end - 1].isdigit()
        assert row[end : end + 1] in ("", " ")
