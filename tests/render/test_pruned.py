"""What certain figures switch off is left out of the machine code, and nothing else changes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finmodel.errors import CalculationFault
from finmodel.graph import Input, Shock, cumulative, lag, line, lowest, metric, minimum, ratio, total, where
from finmodel.metrics.nodes import irr_of
from finmodel.render.needs import needs_of
from finmodel.render.plain import compile_plain
from finmodel.render.plan import Plan
from finmodel.render.vector import Kernel, compile_vector
from tests.graph.toys import model
from tests.render.random_models import INPUTS, Recipe, build, recipes
from tests.render.test_vector import FIGURES, differences, no_compiled_code

SWITCHES = (0.0, 0.0, 1.0, 1.0, *FIGURES)


@pytest.mark.parametrize("compiled", [True, False])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(recipe=recipes(), uncertain=st.sets(st.sampled_from(INPUTS)), shocks=st.booleans(), data=st.data())
def test_known_figures_change_no_bit_of_a_path_of_a_random_model(
    compiled: bool, recipe: Recipe, uncertain: set[str], shocks: bool, data: st.DataObject
) -> None:
    plan, paths = Plan(build(recipe)), 7
    values = {name: data.draw(st.sampled_from(SWITCHES), label=name) for name in INPUTS}
    rows = st.lists(st.sampled_from(FIGURES), min_size=paths, max_size=paths)

    try:
        base = compile_plain(plan).run(values)
    except CalculationFault:
        return  # the base case itself is a fault, and says so
    with nullcontext() if compiled else no_compiled_code():
        wanted = plan.model.metrics
        kernel = compile_vector(plan, uncertain, shocks=shocks, outputs=wanted, values=values, evaluation=base)
    inputs = np.array([data.draw(rows, label=name) for name in kernel.uncertain]).reshape(len(kernel.uncertain), paths)
    found = differences(kernel, values, inputs, seed=11, shocks=shocks)
    assert [each for each in found if "the fault was not seen" not in each] == []


@line("USD")
def rent(m: Any) -> Any:
    """An uncertain rent of a share of the site."""
    return m.site * m.share_let


@line("USD")
def lease(m: Any) -> Any:
    """All rent so far."""
    return cumulative(m.rent)


@line("USD")
def reserve(m: Any) -> Any:
    """What a lag feeds and nobody fills."""
    return minimum(lag(m.reserve) + m.rent, lag(m.reserve) * 2)


@line("1")
def luck(m: Any) -> Any:
    """A walk of the weather."""
    return lag(m.luck) + m.volatility * m.weather


@line("USD")
def income(m: Any) -> Any:
    """Of the site, by a choice, and what is let."""
    chosen = where(m.share_let > 0.5, m.site * m.period, m.site * (1 + m.luck))
    return chosen * m.factor + m.lease + m.reserve - m.rent / 4


@metric("USD")
def earned(m: Any) -> Any:
    """All income."""
    return total(m.income)


@metric("USD")
def let(m: Any) -> Any:
    """All rent."""
    return total(m.rent)


@metric("1")
def cover(m: Any) -> Any:
    """Least rent over site; none where nothing is let."""
    return lowest(m.cover_now)


@line("1")
def cover_now(m: Any) -> Any:
    """Rent over site."""
    return ratio(m.rent, m.site, 0)


SITE = {
    "site": Input("USD", "Uncertain."),
    "share_let": Input("1", "Certain."),
    "volatility": Input("1", "Certain."),
    "factor": Input("1", "Certain."),
    "weather": Shock("Good and bad luck."),
}
OFF = {"site": 7.0, "share_let": 0.0, "volatility": 0.0, "factor": 1.0}


def site(values: Mapping[str, float] | None) -> Kernel:
    parts = {each.name: each for each in (rent, lease, reserve, luck, income, earned, let, cover, cover_now)}
    plan = Plan(model(**parts, **SITE))
    return compile_vector(plan, {"site"}, shocks=True, outputs=["earned", "let", "cover"], values=values)


def evaluated(kernel: Kernel) -> set[str]:
    certain = kernel._certain
    return set(needs_of(certain.plan, certain, kernel.outputs).lines)


def test_lines_that_a_certain_zero_switches_off_are_not_computed() -> None:
    whole, lean = site(None), site(OFF)
    assert {"rent", "lease", "reserve", "luck"} <= evaluated(whole)
    assert not {"rent", "lease", "reserve", "luck", "cover_now"} & evaluated(lean)
    assert evaluated(lean) == {"income", "earned"}


def test_a_shock_without_volatility_is_not_drawn() -> None:
    assert "@draw" in site(None).ir
    assert "@draw" in site({**OFF, "volatility": 0.1}).ir
    assert "@draw" not in site(OFF).ir


def test_all_outputs_are_what_they_were() -> None:
    inputs = np.linspace(-3.0, 40.0, 19).reshape(1, 19)
    for values in (OFF, {**OFF, "share_let": 1.0}, {**OFF, "volatility": 0.3, "factor": 0.0}):
        assert differences(site(values), values, inputs, seed=11, shocks=True) == []


def test_a_kernel_for_known_figures_refuses_others() -> None:
    kernel = site(OFF)
    kernel.tables({**OFF, "site": 12.0})  # uncertain
    with pytest.raises(ValueError, match="compiled for other figures of share_let"):
        kernel.tables({**OFF, "share_let": 0.1})


def test_a_zero_shows_no_sign() -> None:
    kernel = site(OFF)
    inputs, out = np.full((1, 8), -5.0), np.empty((4, 8))
    kernel.run(kernel.tables(OFF), inputs, out)
    assert math.copysign(1.0, out[1, 0]) == 1.0
    whole, plain = np.empty((4, 8)), site(None)
    plain.run(plain.tables(OFF), inputs, whole)
    np.testing.assert_array_equal(whole.view(np.int64), out.view(np.int64))


def test_what_reads_a_missing_metric_stays_missing_whatever_multiplies_it() -> None:
    @line("USD")
    def flow(m: Any) -> Any:
        """Only outlays, so that it has no rate of return."""
        return -m.site

    @metric("1")
    def rate(m: Any) -> Any:
        """Of the flow."""
        return irr_of(m.flow, 0.05)

    @metric("1")
    def share(m: Any) -> Any:
        """Nothing of the rate."""
        return m.rate * m.share_let

    plan = Plan(model(flow=flow, rate=rate, share=share, site=SITE["site"], share_let=SITE["share_let"]))
    values = {"site": 7.0, "share_let": 0.0}
    kernel = compile_vector(plan, {"site"}, shocks=False, outputs=["share"], values=values)
    out = np.empty((2, 8))
    kernel.run(kernel.tables(values), np.full((1, 8), 7.0), out)
    assert np.isnan(out[0]).all()
    assert not out[1].any()
