"""Fans: percentiles of lines by period, to the last bit those of the paths replayed one by one."""

import numpy as np
import pytest

from finmodel.assumptions.range import Range
from finmodel.errors import CalculationFault, Faults
from finmodel.graph import Input, line, metric, total, where
from finmodel.render import vector
from finmodel.render.plain import compile_plain
from finmodel.render.plan import Plan
from finmodel.simulate import fans
from finmodel.simulate.designs import DESIGNS
from finmodel.simulate.fans import PERCENTILES, fan
from finmodel.simulate.subject import Subject
from tests.graph.toys import model
from tests.simulate.toys import BASE, PROJECT, bound, project, run


@pytest.fixture(scope="module")
def made():
    return project()


@pytest.fixture(scope="module")
def subject(made):
    return Subject(Plan(made), *bound(made, PROJECT, BASE))


def replayed(made, names, **options):
    """Rows of every path, by the plain rendering: for each line an array of shape (paths, periods + 1)."""
    simulation, plain = run(made, PROJECT, BASE, **options), compile_plain(Plan(made))
    drawn = [simulation.path(number) for number in range(simulation.paths)]
    found = [plain.run(path.values, path.shocks).rows for path in drawn]
    return {name: np.array([rows[name] for rows in found]) for name in names}


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("threads", [1, 2])
def test_a_fan_is_the_percentiles_of_the_paths_replayed(made, subject, design, threads):
    names = ["cash_flow", "price_level"]
    found = fan(subject, names, paths=301, seed=7, design=design, threads=threads)
    rows = replayed(made, names, paths=301, seed=7, design=design)
    for name in names:
        assert np.array_equal(found[name].to_numpy(), np.percentile(rows[name], PERCENTILES, axis=0).T)


def test_a_fan_has_a_row_a_period_and_seven_percentiles_a_line(made, subject):
    found = fan(subject, ["price_level", "cash_flow", "price_level"], paths=64, seed=0, design="sobol")
    assert found.index.tolist() == list(made.timeline.labels)
    assert found.index.name == "period"
    assert found.columns.tolist() == [
        (name, f"p{percent}") for name in ("price_level", "cash_flow") for percent in PERCENTILES
    ]
    assert found.columns.names == ["line", "percentile"]
    assert found.attrs["units"] == {"price_level": "1", "cash_flow": "USD"}
    assert (found["cash_flow"].diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)


def test_a_fan_is_made_of_the_first_paths_and_says_so(made, subject, monkeypatch):
    monkeypatch.setattr(fans, "PATHS", 100)
    for design in ("sobol", "lhs"):
        found = fan(subject, ["cash_flow"], paths=1_600, seed=3, design=design)
        rows = replayed(made, ["cash_flow"], paths=1_600, seed=3, design=design)["cash_flow"][:100]
        assert np.array_equal(found["cash_flow"].to_numpy(), np.percentile(rows, PERCENTILES, axis=0).T)
        assert found.attrs["source"] == f"percentiles of the first 100 of 1,600 paths, seed 3, design {design}"
    assert fan(subject, ["cash_flow"], paths=90, seed=3, design="sobol").attrs["source"].startswith("percentiles of 90")


def test_a_line_at_a_time_gives_the_same_bits(subject, monkeypatch):
    names = ["cash_flow", "price_level"]
    together = fan(subject, names, paths=500, seed=1, design="sobol")
    monkeypatch.setattr(fans, "MEMORY", 1)
    assert fan(subject, names, paths=500, seed=1, design="sobol").equals(together)


def test_where_machine_code_is_forbidden_a_fan_has_the_same_bits(subject, monkeypatch):
    compiled = fan(subject, ["cash_flow", "price_level"], paths=5_000, seed=1, design="sobol")

    def forbidden(*_):
        raise vector.MachineFault("no")

    monkeypatch.setattr(vector, "Compiled", forbidden)
    with pytest.warns(RuntimeWarning, match="much slower"):
        found = fan(subject, ["cash_flow", "price_level"], paths=5_000, seed=1, design="sobol")
    assert found.equals(compiled)


def test_a_line_that_is_the_same_on_every_path_has_a_fan_without_width(made):
    certain = Subject(Plan(made), *bound(made, {**PROJECT, "price": 10.0, "volume": 100.0, "cost": 500.0}, BASE))
    assert fan(certain, ["cash_flow"], paths=64, seed=0, design="sobol")["cash_flow"].nunique(axis=1).max() > 1

    @line("USD")
    def rent(m):
        """The same on every path."""
        return where(m.period > 0.0, m.due, 0)

    @line("USD")
    def flow(m):
        """Uncertain."""
        return m.rent * m.share

    @metric("USD")
    def project_npv(m):
        """Sum."""
        return total(m.flow)

    other = model(due=Input("USD", "Rent."), share=Input("1", "Share."), rent=rent, flow=flow, project_npv=project_npv)
    given = {"due": 3.0, "share": Range("uniform", (0.0, 1.0))}
    found = fan(Subject(Plan(other), *bound(other, given, {"due": 3.0, "share": 0.5})), ["rent", "flow"],
                paths=64, seed=0, design="sobol")  # fmt: skip
    assert (found["rent"].iloc[1:] == 3.0).all(axis=None)
    assert (found["flow"]["p5"].iloc[1:] < found["flow"]["p95"].iloc[1:]).all()


def test_every_name_that_has_no_fan_is_said_at_once(subject):
    with pytest.raises(Faults) as caught:
        fan(subject, ["cash_flwo", "project_npv", "xyzzy"], paths=0, seed=0, design="sobol", threads=0)
    said = [str(fault) for fault in caught.value.faults]
    assert "did you mean cash_flow?" in said[0]
    assert "one value a path" in said[1]
    assert "no such line" in said[2]
    assert "cannot run that many paths" in said[3]
    assert "threads: must be at least 1" in said[4]


def test_a_fan_of_nothing_is_refused(subject):
    with pytest.raises(Faults, match="no line is named"):
        fan(subject, [], paths=64, seed=0, design="sobol")


@pytest.mark.parametrize("width", vector.WIDTHS)
def test_rows_stand_behind_the_metrics_whatever_the_width(made, subject, width):
    names, length = ("price_level", "cash_flow"), made.timeline.periods + 1
    kernel = vector.compile_vector(
        subject.plan, subject.uncertain, shocks=True, outputs=made.metrics, width=width, rows=names
    )
    simulation = run(made, PROJECT, BASE, paths=37, seed=5)
    inputs = np.array([simulation.draw(name) for name in kernel.uncertain])
    out = np.full((len(made.metrics) + 1 + 2 * length, 37), np.nan)
    kernel.run(kernel.tables(BASE), inputs, out, seed=5)
    assert np.array_equal(out[: len(made.metrics)], [simulation.result(name) for name in made.metrics])
    assert not out[len(made.metrics)].any()
    rows = replayed(made, names, paths=37, seed=5)
    for place, name in enumerate(names):
        first = len(made.metrics) + 1 + place * length
        assert np.array_equal(out[first : first + length].T, rows[name])


@pytest.mark.parametrize(("name", "said"), [("project_npv", "but not project_npv"), ("revenu", "no line named revenu")])
def test_a_kernel_refuses_rows_that_are_no_rows(subject, name, said):
    with pytest.raises(ValueError, match=said):
        vector.compile_vector(subject.plan, subject.uncertain, shocks=True, outputs=(), rows=(name,))


def test_a_path_that_divides_by_zero_is_named():
    @line("1")
    def share(m):
        """One over the headroom."""
        return where(m.period > 12, 1 / where(m.headroom > 0.5, m.headroom, 0), 1.0)

    @metric("1")
    def project_npv(m):
        """Nothing that reads it."""
        return m.headroom * 1

    made = model(headroom=Input("1", "Headroom."), share=share, project_npv=project_npv)
    subject = Subject(Plan(made), *bound(made, {"headroom": Range("uniform", (0.4, 1.0))}, {"headroom": 0.9}))
    with pytest.raises(CalculationFault, match=r"line 'share', period 2028-04, path \d+: division by zero"):
        fan(subject, ["share"], paths=1_000, seed=0, design="sobol")
