"""Draws: a path's stand by themselves in every design and for every kind, and data keep their own values."""

import numpy as np
import pytest
from scipy import stats

from finmodel.assumptions.bound import BoundFigure
from finmodel.assumptions.correlation import matrix_of
from finmodel.assumptions.figure import Figure
from finmodel.assumptions.possible import KINDS
from finmodel.assumptions.range import Range
from finmodel.errors import Faults
from finmodel.render.quantiles import Interpreted
from finmodel.simulate.dependence import correlate
from finmodel.simulate.designs import DESIGNS, REPLICATES, uniforms
from finmodel.simulate.distributions import ppf_of_normal_scores
from finmodel.simulate.sampler import PIECE, Sampler
from finmodel.simulate.shocks import normal_scores

DATA = (3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.5, 3.5)
RANGES = {
    "price": Range("pert", (1.0, 2.0, 6.0)),
    "cost": Range("lognormal", (3.0, 2.0)),
    "delay": Range("triangular", (0.0, 0.0, 1.0)),
    "share": Range("uniform", (0.0, 1.0)),
    "growth": Range("normal", (0.0, 1.0)),
    "cut": Range("normal", (0.0, 1.0), -1.0, 2.0),
    "yield": Range("beta", (2.0, 5.0, 0.0, 1.0)),
    "shape": Range("beta", (0.02, 0.02, 0.0, 1.0)),
    "tender": Range("cumulative", (10.0, 0.0, 12.0, 0.3, 20.0, 1.0)),
    "size": Range("discrete", (100.0, 1.0, 200.0, 3.0)),
    "wind": Range("empirical", DATA),
    "strike": Range("bernoulli", (0.1,)),
    "rent": Range.of(stats.gamma(3, scale=2)),
    "claims": Range.of(stats.poisson(4)),
}
NAMES = tuple(RANGES)
PAIRS = {("price", "wind"): 0.7, ("cost", "wind"): 0.5, ("growth", "strike"): -0.4, ("cut", "rent"): 0.6}
MATRIX = matrix_of(len(NAMES), {(NAMES.index(a), NAMES.index(b)): rank for (a, b), rank in PAIRS.items()})


def figures(ranges):
    made = {}
    for name, one in ranges.items():
        figure = Figure(value=1.0, unit="1", as_of="2026", grade="estimate", note="For a test.")
        made[name] = BoundFigure(name, 1.0, "1", one, figure)
    return made


def sampler(paths, design="sobol", seed=7, ranges=RANGES, dimensions=NAMES, matrix=MATRIX):
    return Sampler(figures(ranges), dimensions, matrix, paths=paths, seed=seed, design=design)


def test_every_kind_is_tried_here():
    assert {one.kind for one in RANGES.values()} == {*KINDS, "scipy"}


@pytest.mark.parametrize("design", DESIGNS)
def test_a_path_drawn_alone_has_the_row_that_it_has_among_all(design):
    paths = 2 * PIECE + 77
    whole = sampler(paths, design).draw()
    assert whole.shape == (len(NAMES), paths)
    for first, last in [(0, 1), (17, 18), (PIECE - 3, PIECE + 5), (paths - 1, paths), (100, 4_100)]:
        assert np.array_equal(sampler(paths, design).draw(first, last), whole[:, first:last])


@pytest.mark.parametrize("design", DESIGNS)
def test_draws_are_quantiles_of_correlated_scores(design):
    draws = sampler(1_000, design).draw()
    scores = correlate(normal_scores(uniforms(design, 1_000, len(NAMES), 7)), MATRIX)
    for row, (name, z) in enumerate(zip(NAMES, scores, strict=True)):
        if name != "wind":
            assert np.array_equal(draws[row], ppf_of_normal_scores(RANGES[name], z)), name


@pytest.mark.parametrize("design", DESIGNS)
def test_rank_correlations_are_those_asked_for_within_4_standard_errors(design):
    paths = 16_384
    draws = dict(zip(NAMES, sampler(paths, design).draw(), strict=True))
    for (first, second), asked in PAIRS.items():
        if "strike" not in (first, second):
            assert abs(stats.spearmanr(draws[first], draws[second]).statistic - asked) < 4.0 / np.sqrt(paths) + 0.01
    assert abs(stats.spearmanr(draws["price"], draws["rent"]).statistic) < 4.0 / np.sqrt(paths)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("paths", [1_600, 16_384, 5_003])
def test_data_come_as_often_as_each_other(design, paths):
    drawn = sampler(paths, design).draw()[NAMES.index("wind")]
    values, counts = np.unique(drawn, return_counts=True)
    assert values.tolist() == sorted(set(DATA))
    times = np.array([DATA.count(value) for value in values])
    assert np.abs(counts - times * paths / len(DATA)).max() < (2.0 if paths % REPLICATES == 0 else 4.0)


@pytest.mark.parametrize("design", ["sobol", "lhs"])
def test_data_come_as_often_in_each_replicate(design):
    drawn = sampler(16_384, design).draw()[NAMES.index("wind")]
    for replicate in range(REPLICATES):
        counts = np.unique(drawn[replicate::REPLICATES], return_counts=True)[1]
        assert np.abs(counts / (np.array([2, 1, 1, 1, 1, 1, 1, 1, 1]) * 102.4) - 1.0).max() < 0.01


def test_data_follow_the_order_of_their_scores_in_each_replicate():
    drawn = sampler(3_200).draw()[NAMES.index("wind")]
    z = correlate(normal_scores(uniforms("sobol", 3_200, len(NAMES), 7)), MATRIX)[NAMES.index("wind")]
    for replicate in range(REPLICATES):
        order = np.argsort(z[replicate::REPLICATES])
        assert np.all(np.diff(drawn[replicate::REPLICATES][order]) >= 0.0)


@pytest.mark.parametrize("design", DESIGNS)
def test_every_path_is_as_likely_to_draw_any_value(design):
    for paths, path in [(16, 3), (32, 21), (5, 4)]:
        ranges = {"wind": Range("empirical", (0.0, 1.0, 2.0, 3.0))}
        found = [
            sampler(paths, design, seed, ranges, ("wind",), np.eye(1)).draw(path, path + 1)[0, 0] for seed in range(160)
        ]
        counts = np.bincount(np.array(found, dtype=int), minlength=4)
        assert stats.chisquare(counts).pvalue > 1e-3


def test_more_data_than_paths_are_drawn_evenly():
    data = tuple(np.random.default_rng(4).normal(size=5_000).tolist())
    drawn = sampler(1_600, ranges={"wind": Range("empirical", data)}, dimensions=("wind",), matrix=np.eye(1)).draw()[0]
    assert np.unique(drawn).size > 1_500
    assert drawn.mean() == pytest.approx(np.mean(data), abs=0.005)
    assert drawn.std() == pytest.approx(np.std(data), rel=0.01)


@pytest.mark.parametrize("design", DESIGNS)
def test_a_fixed_figure_keeps_its_dimension_and_what_it_is_correlated_with(design):
    fixed = {name: None if name in ("price", "cost", "growth") else one for name, one in RANGES.items()}
    some, whole = sampler(3_000, design, ranges=fixed), sampler(3_000, design)
    kept = [row for row, name in enumerate(NAMES) if fixed[name] is not None]
    assert some.names == tuple(NAMES[row] for row in kept)
    assert np.array_equal(some.draw(), whole.draw()[kept])


def test_draws_stand_in_the_order_of_the_figures_whatever_that_of_the_dimensions():
    turned = tuple(reversed(NAMES))
    found = sampler(500, dimensions=turned, matrix=MATRIX[::-1, ::-1])
    assert found.names == NAMES
    alone = sampler(500, ranges={"size": RANGES["size"]}, dimensions=("rent", "size"), matrix=np.eye(2)).draw()[0]
    other = sampler(500, ranges={"size": RANGES["size"]}, dimensions=("size", "rent"), matrix=np.eye(2)).draw()[0]
    assert not np.array_equal(alone, other)


def test_one_dimension_more_at_the_end_leaves_all_draws_as_they_are():
    more = {**RANGES, "new": Range("uniform", (0.0, 1.0))}
    matrix = np.eye(len(NAMES) + 1)
    matrix[:-1, :-1] = MATRIX
    for design in DESIGNS:
        longer = sampler(1_000, design, ranges=more, dimensions=(*NAMES, "new"), matrix=matrix).draw()
        assert np.array_equal(longer[:-1], sampler(1_000, design).draw())


@pytest.mark.parametrize("design", DESIGNS)
def test_where_machine_code_is_forbidden_draws_have_the_same_bits(design, monkeypatch):
    compiled = sampler(PIECE + 777, design).draw()
    for module in ("sampler", "curves", "shocks"):
        monkeypatch.setattr(f"finmodel.simulate.{module}.quantiles", Interpreted)
    assert np.array_equal(sampler(PIECE + 777, design).draw(), compiled)


def test_nothing_uncertain_is_an_empty_draw():
    assert sampler(100, ranges={"price": None}, dimensions=("price",), matrix=np.eye(1)).draw().shape == (0, 100)
    assert sampler(100, ranges={}, dimensions=(), matrix=np.eye(0)).draw().shape == (0, 100)


def test_a_range_without_a_dimension_and_an_unknown_design_are_refused():
    with pytest.raises(ValueError, match="without a dimension in the design: price"):
        sampler(100, ranges={"price": RANGES["price"]}, dimensions=("cost",), matrix=np.eye(1))
    with pytest.raises(Faults, match="no such design"):
        sampler(100, "sobel")
