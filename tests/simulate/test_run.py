"""The run: the same bits however it is cut, each path standing alone, faults that name where, and known answers."""

import math
import threading

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from finmodel.assumptions.correlation import matrix_of
from finmodel.assumptions.range import Range
from finmodel.errors import CalculationFault, Faults
from finmodel.graph import Input, exp, growth, line, log, metric, minimum, ratio, total, where
from finmodel.metrics.nodes import irr_of, payback_of
from finmodel.render.plain import compile_plain
from finmodel.render.plan import Plan
from finmodel.render.vector import Kernel
from finmodel.simulate.designs import DESIGNS
from finmodel.simulate.run import inputs_of_path
from finmodel.simulate.sampler import Sampler
from finmodel.simulate.simulation import shocks_of_path
from finmodel.simulate.statistics import half_width
from tests.graph.toys import model
from tests.simulate.toys import BASE, PROJECT, bound, project, run


@pytest.fixture(scope="module")
def made():
    return project()


@pytest.fixture(scope="module")
def simulation(made):
    return run(made, PROJECT, BASE, paths=5_000, seed=7)


def same(a, b) -> bool:
    return a.metrics.equals(b.metrics) and a.inputs.equals(b.inputs)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(
    "options", [{"threads": 1}, {"threads": 2}, {"threads": 3, "chunk": 100}, {"chunk": 1}], ids=str
)
def test_threads_and_chunks_change_no_bit(made, design, options):
    whole = run(made, PROJECT, BASE, paths=1_001, seed=7, design=design, threads=1, chunk=10_000)
    assert same(whole, run(made, PROJECT, BASE, paths=1_001, seed=7, design=design, **options))


@pytest.mark.parametrize("design", ["sobol", "random"])
def test_fewer_paths_are_the_beginning_of_more(made, design):
    long = run(made, PROJECT, BASE, paths=3_000, seed=3, design=design)
    short = run(made, PROJECT, BASE, paths=777, seed=3, design=design)
    assert short.metrics.equals(long.metrics[:777])


def test_every_path_alone_by_the_plain_rendering_gives_its_row(made, simulation):
    plain = compile_plain(Plan(made))
    for path in [0, 1, 17, 2_500, 4_999]:
        drawn = simulation.path(path)
        alone = plain.run(drawn.values, drawn.shocks)
        assert [alone.scalars[name] for name in made.metrics] == simulation.metrics.loc[path].tolist()


@pytest.mark.parametrize("design", DESIGNS)
def test_a_path_can_be_drawn_without_the_others(made, design):
    together = run(made, PROJECT, BASE, paths=5_000, seed=7, design=design).path(4_321)
    alone = inputs_of_path(*bound(made, PROJECT, BASE), 4_321, paths=5_000, seed=7, design=design)
    assert alone == {name: together.values[name] for name in PROJECT if name != "rate"}
    assert np.array_equal(together.shocks["price_shock"], shocks_of_path(made, 7, 4_321)["price_shock"])


def test_a_path_beyond_the_design_cannot_be_drawn(made):
    with pytest.raises(Faults, match="no such path"):
        inputs_of_path(*bound(made, PROJECT, BASE), 100, paths=100)


def test_the_seed_decides(made, simulation):
    assert same(simulation, run(made, PROJECT, BASE, paths=5_000, seed=7))
    assert not (simulation.metrics == run(made, PROJECT, BASE, paths=5_000, seed=8).metrics).any(axis=None)


@pytest.mark.parametrize("design", DESIGNS)
def test_a_fixed_figure_leaves_the_draws_of_the_others(made, design):
    dimensions = ("price", "volume", "cost", "outlay", "volatility")
    matrix = matrix_of(5, {(0, 2): 0.5, (1, 2): -0.3})
    options = {"dimensions": dimensions, "correlation": matrix, "paths": 200, "seed": 5, "design": design}
    free = run(made, PROJECT, BASE, **options)
    held = run(made, {**PROJECT, "cost": 450.0}, BASE, **options)
    assert held.uncertain == ("price", "volume", "outlay", "volatility")
    for name in held.uncertain:
        assert np.array_equal(held.inputs[name], free.inputs[name])


def test_correlated_inputs_have_the_rank_correlation_asked_for(made):
    matrix = matrix_of(5, {(0, 2): 0.5})
    drawn = run(made, PROJECT, BASE, paths=8_192, seed=5, correlation=matrix).inputs
    assert drawn["price"].corr(drawn["cost"], method="spearman") == pytest.approx(0.5, abs=4 / math.sqrt(8_192))
    assert drawn["price"].corr(drawn["volume"], method="spearman") == pytest.approx(0.0, abs=4 / math.sqrt(8_192))


def test_an_uncertain_input_without_a_dimension_is_refused(made):
    with pytest.raises(ValueError, match="without a dimension in the design: cost"):
        run(made, PROJECT, BASE, dimensions=("price", "volume", "outlay", "volatility"), paths=16)


def test_frames_have_one_row_a_path_and_the_names_of_the_model(made, simulation):
    assert simulation.inputs.index.name == simulation.metrics.index.name == "path"
    assert list(simulation.inputs.columns) == ["price", "volume", "cost", "outlay", "volatility"]
    assert list(simulation.metrics.columns) == list(made.metrics)
    assert list(simulation.to_frame().columns) == ["path", *simulation.inputs.columns, *made.metrics]
    assert simulation.to_frame()["path"].tolist() == list(range(5_000))


def test_the_parquet_file_is_the_frame_with_units_seed_and_design(made, simulation, tmp_path):
    simulation.to_parquet(tmp_path / "simulation.parquet")
    assert pd.read_parquet(tmp_path / "simulation.parquet").equals(simulation.to_frame())
    schema = pq.read_schema(tmp_path / "simulation.parquet")
    assert (schema.metadata[b"seed"], schema.metadata[b"design"]) == (b"7", b"sobol")
    assert schema.field("project_npv").metadata[b"unit"] == b"USD"


def test_the_summary_has_the_columns_of_summary_json(simulation):
    assert list(simulation.summary().columns) == [
        "mean", "sd", "standard_error", "p1", "p5", "p10", "p25", "p50", "p75", "p90", "p95", "p99",
        "missing_share", "unit",
    ]  # fmt: skip
    row = simulation.summary().loc["project_npv"]
    assert row["unit"] == "USD"
    assert row["p5"] == np.percentile(simulation.metrics["project_npv"], 5)


def test_probabilities_are_null_for_what_the_model_lacks(simulation):
    assert set(simulation.probabilities) == {
        "project_npv_negative", "project_irr_missing", "payback_missing", "covenant_breach",
    }  # fmt: skip
    assert simulation.probabilities["project_npv_negative"] == (simulation.metrics["project_npv"] < 0).mean()
    assert simulation.probabilities["covenant_breach"] is None
    assert simulation.probability_errors["covenant_breach"] is None
    assert 0 < simulation.probability_errors["project_npv_negative"] < 0.01


def test_the_price_moves_value_up_and_the_cost_moves_it_down(simulation):
    found = simulation.sensitivity()["rank_correlation"]
    assert found["price"] > 0.3
    assert found["cost"] < -0.3
    assert found.abs().is_monotonic_decreasing


def test_sensitivity_of_no_metric_names_the_nearest(simulation):
    with pytest.raises(Faults, match="did you mean project_npv"):
        simulation.sensitivity("project_nvp")


def test_there_is_no_path_beyond_the_last(simulation):
    with pytest.raises(Faults, match="no such path"):
        simulation.path(5_000)


def test_progress_counts_every_path_in_the_calling_thread(made):
    calls = []
    run(made, PROJECT, BASE, paths=1_000, chunk=300, threads=2,
        progress=lambda done, total: calls.append((done, total, threading.current_thread())))  # fmt: skip
    assert [total for _, total, _ in calls] == [1_000] * 4
    assert sorted(done for done, _, _ in calls) == [done for done, _, _ in calls]
    assert calls[-1][0] == 1_000
    assert {thread for _, _, thread in calls} == {threading.current_thread()}


def test_the_calling_thread_only_waits_so_that_an_interruption_cannot_cut_a_number_short(made, monkeypatch):
    at_work = set()

    def noted(function):
        def call(*args, **kwargs):
            at_work.add(threading.current_thread())
            return function(*args, **kwargs)

        return call

    monkeypatch.setattr(Sampler, "fill", noted(Sampler.fill))
    monkeypatch.setattr(Kernel, "run", noted(Kernel.run))
    run(made, PROJECT, BASE, paths=100, threads=1)
    assert at_work
    assert threading.current_thread() not in at_work


def test_an_interrupted_run_leaves_no_thread_at_work(made):
    def stop(done, total):
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt) as caught:
        run(made, PROJECT, BASE, paths=10_000, chunk=16, threads=2, progress=stop)
    assert caught.traceback is not None
    assert threading.active_count() == before


def test_every_option_at_fault_is_named_at_once(made):
    with pytest.raises(Faults) as caught:
        run(made, PROJECT, BASE, paths=0, seed=2**32, design="halton", threads=0, chunk=0)
    assert [fault.key for fault in caught.value.faults] == ["design", "paths", "seed", "threads", "chunk"]


def test_what_is_counted_is_a_whole_number(made):
    with pytest.raises(Faults) as caught:
        run(made, PROJECT, BASE, paths=10.5, seed=True, threads="2", chunk=1e3)
    assert [fault.key for fault in caught.value.faults] == ["paths", "seed", "threads", "chunk"]
    assert run(made, PROJECT, BASE, paths=np.int64(3), seed=np.int64(1)).paths == 3


def test_more_paths_than_the_memory_holds_are_a_fault(made, monkeypatch):
    def full(*_, **__):
        raise MemoryError

    monkeypatch.setattr(Sampler, "fill", full)
    with pytest.raises(Faults, match="paths: more than the memory holds"):
        run(made, PROJECT, BASE, paths=100)


def test_a_number_that_overflows_is_a_fault_though_no_one_chooses_it():
    @metric("1")
    def capped(m):
        """The exponential of 1,000 is no number, so nothing is the smaller of it and 1."""
        return minimum(exp(m.a), 1.0)

    made = model(a=Input("1", "Exponent."), capped=capped)
    with pytest.raises(CalculationFault, match=r"line .capped., path 0: exponential of 1000") as caught:
        run(made, {"a": Range("uniform", (1000.0, 1000.001))}, {"a": 1.0}, paths=10, design="random")
    assert caught.value.path == 0


def test_a_simulation_shows_itself_in_one_line(simulation):
    assert repr(simulation) == "<Simulation of 5,000 paths, seed 7, design sobol>"


def test_a_model_without_uncertain_inputs_runs_on_its_shocks_alone(made):
    found = run(made, BASE, BASE, paths=500, seed=1)
    assert found.inputs.shape == (500, 0)
    assert found.metrics["project_npv"].nunique() == 500
    assert found.metrics["worst_flow"].nunique() == 1


def test_one_path_is_a_run(made, simulation):
    found = run(made, PROJECT, BASE, paths=1, seed=7)
    assert found.metrics.loc[0].tolist() == simulation.metrics.loc[0].tolist()
    assert found.summary()["sd"].isna().all()
    assert found.basis_of_errors == "spread of 1 path, too few for replicates: 32 paths are needed"


def test_the_basis_of_standard_errors_is_said(made, simulation):
    assert simulation.basis_of_errors == "spread of 16 replicates of 312 or 313 paths"
    assert run(made, PROJECT, BASE, paths=64).basis_of_errors == "spread of 16 replicates of 4 paths"
    assert run(made, PROJECT, BASE, paths=64, design="random").basis_of_errors == "spread of 64 paths"


def divided():
    """Something divided by what may be zero, in a year when it matters."""

    @line("1")
    def share(m):
        """One over the headroom after the first year."""
        return where(m.period > 12, 1 / where(m.headroom > 0.5, m.headroom, 0), 1.0)

    @metric("1")
    def project_npv(m):
        """Sum of shares."""
        return total(m.share)

    return model(headroom=Input("1", "Headroom."), share=share, project_npv=project_npv)


def test_a_path_that_divides_by_zero_is_named_with_line_and_period():
    made, given = divided(), {"headroom": Range("uniform", (0.499, 1.0))}
    with pytest.raises(CalculationFault) as caught:
        run(made, given, {"headroom": 0.9}, paths=4_096, seed=2, threads=2, chunk=64)
    draws = Sampler(*bound(made, given, {"headroom": 0.9}), paths=4_096, seed=2, design="sobol").draw()
    assert caught.value.path == int(np.argmax(draws[0] <= 0.5))
    assert (caught.value.line, caught.value.period) == ("share", "2028-04")
    assert "division by zero" in caught.value.why


def test_a_division_by_zero_that_is_not_chosen_is_harmless():
    @metric("1")
    def project_npv(m):
        """Guarded."""
        return ratio(1.0, where(m.headroom > 0.5, m.headroom, 0), 0) + where(
            m.headroom > 0.5, log(where(m.headroom > 0.5, m.headroom, 0)), 0
        )

    found = run(model(headroom=Input("1", "Headroom."), project_npv=project_npv),
                {"headroom": Range("uniform", (0.0, 1.0))}, {"headroom": 0.9}, paths=1_000)  # fmt: skip
    assert found.probabilities["project_npv_negative"] == 0.0


def test_a_metric_that_overflows_is_a_fault():
    @metric("1")
    def project_npv(m):
        """Too large."""
        return m.size * 1e300 * m.size

    made = model(size=Input("1", "Size."), project_npv=project_npv)
    with pytest.raises(CalculationFault, match="line 'project_npv', path 0: not a finite number"):
        run(made, {"size": Range("normal", (1e6, 1e4))}, {"size": 1.0}, paths=64)


def test_a_payback_that_does_not_exist_is_missing_and_counted():
    @line("USD")
    def flow(m):
        """The outlay at close, then rent."""
        return where(m.period > 0.0, m.rent, 0) - where(m.period > 0.0, 0, m.outlay)

    @metric("1")
    def periods_to_payback(m):
        """Months until the outlay is back."""
        return payback_of(m.flow)

    @metric("year")
    def payback_years(m):
        """Years until the outlay is back."""
        return m.periods_to_payback * m.years_per_period

    @metric("1")
    def project_irr(m):
        """Rate of return a month."""
        return irr_of(m.flow, 0.1)

    made = model(
        rent=Input("USD", "Rent.", low=None), outlay=Input("USD", "Outlay."),
        flow=flow, periods_to_payback=periods_to_payback, payback_years=payback_years, project_irr=project_irr,
    )  # fmt: skip
    found = run(made, {"rent": Range("uniform", (-5.0, 10.0)), "outlay": 96.0}, {"rent": 5.0, "outlay": 96.0},
                paths=2_000, seed=4)  # fmt: skip
    rent, payback = found.inputs["rent"], found.metrics["payback_years"]
    assert payback.isna().equals(rent < 4.0)
    assert np.allclose(payback.dropna() * 12, 96.0 / rent[rent >= 4.0], rtol=1e-12)
    assert found.probabilities["payback_missing"] == found.summary().loc["payback_years", "missing_share"]
    assert found.probabilities["payback_missing"] == pytest.approx(0.6, abs=0.005)
    assert found.probabilities["project_irr_missing"] == pytest.approx((rent <= 0.0).mean(), abs=1e-15)


def annual_project(flows: int):
    """Hillier's project: an outlay, then four yearly flows that move as one or each by itself."""
    names = [f"flow_{year if flows > 1 else 1}" for year in range(1, 5)]

    @metric("USD")
    def project_npv(m):
        """Net present value."""
        return sum((m[name] * (1 / growth(m.rate, m.span * year)) for year, name in enumerate(names, 1)), -m.outlay)

    inputs = {name: Input("USD", "Flow of a year.", low=None) for name in dict.fromkeys(names)}
    made = model(**inputs, outlay=Input("USD", "Outlay."), rate=Input("1/year", "Discount rate."),
                 span=Input("year", "One year."), project_npv=project_npv)  # fmt: skip
    certain = {"outlay": 10_000.0, "rate": 0.1, "span": 1.0}
    given = {name: Range("normal", (4_000.0, 2_000.0)) for name in inputs}
    return made, given | certain, dict.fromkeys(inputs, 4_000.0) | certain


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(
    ("flows", "sd"),
    [(1, 6_339.730893), (4, math.sqrt(sum((2_000 / 1.1**year) ** 2 for year in range(1, 5))))],
    ids=["perfectly correlated", "independent"],
)
def test_mean_and_sd_of_npv_are_hilliers(design, flows, sd):
    """Hillier, "The derivation of probabilistic information for the evaluation of risky investments", 1963."""
    found = run(*annual_project(flows), paths=16_384, seed=3, design=design)
    summary = found.summary().loc["project_npv"]
    tolerance = half_width(summary["standard_error"], found.paths, design, level=0.9999)
    assert summary["mean"] == pytest.approx(2_679.461785, abs=tolerance + 1e-6)
    assert summary["sd"] == pytest.approx(sd, rel=0.01 if design != "random" else 0.02)
