"""What a run hands back: every path's inputs and metrics, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import Fault, Faults, nearest
from finmodel.graph.model import Model
from finmodel.simulate.designs import is_whole
from finmodel.simulate.sensitivity import rank_correlations
from finmodel.simulate.shocks import normals
from finmodel.simulate.statistics import basis_of_errors, standard_error, summarise

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Drawn:
    """One path's inputs and shocks.

    Attributes
    ----------
    values
        A number for every input, in its unit.
    shocks
        For each shock an array of shape (periods + 1,).
    """

    values: Mapping[str, float]
    shocks: Mapping[str, Floats]


@dataclass(frozen=True, eq=False, repr=False)
class Simulation:
    """Paths of a model under one seed and design.

    Attributes
    ----------
    model
        What was run.
    values
        Every input's number in the base case, in the input's unit; uncertain inputs take their draws instead.
    uncertain
        Names of the inputs that were drawn, in the model's order.
    draws
        Shape (len(uncertain), paths), in the inputs' units.
    results
        Shape (len(model.metrics), paths), in the metrics' units; NaN is a metric that does not exist.
    paths, seed, design
        What, with book and model, determines every figure to the last bit.
    timings
        Seconds by stage: compile (beside imports and inputs where there are two threads), imports, inputs, paths.
    """

    model: Model
    values: Mapping[str, float]
    uncertain: tuple[str, ...]
    draws: Floats
    results: Floats
    paths: int
    seed: int
    design: str
    timings: Mapping[str, float]

    def __repr__(self) -> str:
        return f"<Simulation of {self.paths:,} paths, seed {self.seed}, design {self.design}>"

    @cached_property
    def inputs(self) -> pd.DataFrame:
        """The uncertain inputs, one row a path."""
        return self._frame(self.uncertain, self.draws)

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """The metrics, one row a path; NaN is a metric that does not exist."""
        return self._frame(self.model.metrics, self.results)

    def to_frame(self) -> pd.DataFrame:
        """The number of the path, the uncertain inputs and the metrics side by side, as simulation.parquet has them."""
        import pandas as pd

        return pd.concat([self.inputs, self.metrics], axis=1).reset_index()

    def summary(self) -> pd.DataFrame:
        """One row a metric: mean, sd, standard_error, p1 to p99, missing_share, unit.

        Percentiles interpolate linearly (type 7). Everything but missing_share is over the paths that have the metric.
        """
        import pandas as pd

        rows = {
            name: {**summarise(result, self.design), "unit": self.model.lines[name].unit}
            for name, result in zip(self.model.metrics, self.results, strict=True)
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("metric")

    def sensitivity(self, metric: str = "project_npv") -> pd.DataFrame:
        """Spearman's rank correlation of each uncertain input with a metric, the strongest first.

        Raises
        ------
        Faults
            Where the model has no such metric.
        """
        import pandas as pd

        found = pd.DataFrame(
            {"rank_correlation": rank_correlations(self.draws, self.result(metric))},
            index=pd.Index(self.uncertain, name="input"),
        )
        return found.sort_values("rank_correlation", key=lambda column: -column.abs(), kind="stable")

    def result(self, metric: str) -> Floats:
        """One metric on every path, shape (paths,).

        Raises
        ------
        Faults
            Where the model has no such metric.
        """
        if metric not in self.model.metrics:
            like = nearest(metric, self.model.metrics)
            raise Faults([Fault("no such metric", key=metric, remedy=f"did you mean {like}?" if like else None)])
        row: Floats = self.results[self.model.metrics.index(metric)]
        return row

    @property
    def probabilities(self) -> dict[str, float | None]:
        """Share of the paths on which something happens; None where the model does not have it."""
        return {name: None if flags is None else float(flags.mean()) for name, flags in self._events().items()}

    @property
    def probability_errors(self) -> dict[str, float | None]:
        """Standard errors of `probabilities`."""
        return {
            name: None if flags is None else standard_error(flags.astype(np.float64), self.design)
            for name, flags in self._events().items()
        }

    @property
    def basis_of_errors(self) -> str:
        """Where the standard errors come from, in words."""
        return basis_of_errors(self.paths, self.design)

    def path(self, number: int) -> Drawn:
        """Every input and every shock of one path, as the plain rendering takes them.

        Raises
        ------
        Faults
            Where there is no such path.
        """
        if found := faults_of_path(number, self.paths):
            raise Faults(found)
        drawn = dict(zip(self.uncertain, self.draws[:, number].tolist(), strict=True))
        return Drawn({**self.values, **drawn}, shocks_of_path(self.model, self.seed, number))

    def to_parquet(self, path: str | Path) -> None:
        """Write `path`, the uncertain inputs and the metrics as columns; seed, design and units as metadata."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = {"path": np.arange(self.paths)}
        columns |= dict(zip(self.uncertain, self.draws, strict=True))
        columns |= dict(zip(self.model.metrics, self.results, strict=True))
        units = self.model.units
        fields = [
            pa.field(name, pa.from_numpy_dtype(column.dtype), metadata={"unit": units.get(name, "1")})
            for name, column in columns.items()
        ]
        schema = pa.schema(fields, metadata={"seed": str(self.seed), "design": self.design})
        pq.write_table(pa.table(list(columns.values()), schema=schema), str(path))

    def _frame(self, names: tuple[str, ...], rows: Floats) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(rows.T, index=pd.RangeIndex(self.paths, name="path"), columns=pd.Index(names))

    def _events(self) -> dict[str, NDArray[np.bool_] | None]:
        def where(metric: str, happens: Callable[[Floats], NDArray[np.bool_]]) -> NDArray[np.bool_] | None:
            return happens(self.result(metric)) if metric in self.model.metrics else None

        return {
            "project_npv_negative": where("project_npv", lambda npv: npv < 0.0),
            "project_irr_missing": where("project_irr", np.isnan),
            "payback_missing": where("payback_years", np.isnan),
            "covenant_breach": where("covenant_breach", lambda breached: breached > 0.0),
        }


def shocks_of_path(model: Model, seed: int, path: int) -> dict[str, Floats]:
    """The shocks of one path by name, each of shape (periods + 1,), as the kernel draws them."""
    periods = model.timeline.periods
    return {name: normals(seed, stream, [path], periods)[0] for stream, name in enumerate(model.shocks)}


def faults_of_path(number: int, paths: int) -> list[Fault]:
    """What is wrong with the number of a path."""
    if is_whole(number) and 0 <= number < paths:
        return []
    return [Fault("no such path", key="path", found=repr(number), expected=f"a whole number from 0 to {paths - 1}")]
