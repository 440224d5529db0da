"""What a sample of paths says about its inputs: correlations and regressions side by side.

It needs no path but those of the simulation, and sees the inputs vary together, correlated as they are. Shocks are no
inputs; what they do lowers R².
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from finmodel.simulate.sensitivity.ranks import rank_correlations, ranks
from finmodel.simulate.sensitivity.regression import Regression, regression

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

PATHS_AT_MOST = 65_536
"""Of a longer run the first ones tell enough."""
ENOUGH = 0.7
"""R² below which coefficients tell little."""


def sensitivities(metric: Floats, inputs: Mapping[str, Floats]) -> pd.DataFrame:
    """How each input moves with a metric, the strongest rank correlation first.

    Parameters
    ----------
    metric : ndarray, shape (paths,)
        Paths where it is missing are left out.
    inputs : mapping of str to ndarray, shape (paths,)
        Draws of the uncertain inputs.

    Returns
    -------
    DataFrame
        A row an input: rank_correlation; rank_coefficient and rank_r_squared, of the standardised regression of ranks
        on ranks; coefficient and r_squared, of values on values. R² is the regression's, the same in every row; below
        0.7 its coefficients tell little, which ``attrs["notes"]`` then says.
    """
    import pandas as pd

    present = ~np.isnan(metric)
    result = metric[present]
    draws = np.array([row[present] for row in inputs.values()]).reshape(len(inputs), result.size)
    by_value = regression(draws, result)
    for row in draws:
        row[:] = ranks(row)
    order = ranks(result)
    by_rank = regression(draws, order)
    columns = {
        "rank_correlation": rank_correlations(draws, order),
        "rank_coefficient": by_rank.coefficients,
        "rank_r_squared": by_rank.r_squared,
        "coefficient": by_value.coefficients,
        "r_squared": by_value.r_squared,
    }
    table = pd.DataFrame(columns, index=pd.Index(list(inputs), name="input", dtype=object))
    table = table.sort_values("rank_correlation", key=lambda column: -column.abs(), kind="stable")
    table.attrs["notes"] = [*_notes("ranks", by_rank), *_notes("values", by_value)]
    return table


def _notes(what: str, found: Regression) -> Iterator[str]:
    if math.isnan(found.r_squared):
        yield f"no regression of {what}: too few paths, or nothing varies that can be told apart"
    elif found.r_squared < ENOUGH:
        yield f"R² of {what} is {found.r_squared:.2f}, below {ENOUGH}: these coefficients tell little"
