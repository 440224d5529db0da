"""The vector rendering: many paths at once, each to the last bit as the plain rendering computes it.

    kernel = compile_vector(plan, uncertain, shocks=True, outputs=model.metrics)
    tables = kernel.tables(values)
    kernel.run(tables, inputs, out, seed=7)

`tables` holds what is the same on every path; `inputs` has a row for each uncertain input and a column for each path,
`out` a row for each output and one more, which says whether the path is a fault. With `rows=` whole lines follow, a row
of `out` for each of their periods.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finmodel.errors import MachineFault
from finmodel.render.arrays import Interpreted
from finmodel.render.certain import Certain, Tables
from finmodel.render.compiled import WORDS, Compiled
from finmodel.render.plain import Evaluation, Plain, compile_plain
from finmodel.render.plan import Plan
from finmodel.render.pruned import pruned

Floats = NDArray[np.float64]
WIDTHS = (4, 8, 16)


class Kernel:
    """A plan made ready for many paths, for a choice of uncertain inputs and outputs.

    Attributes
    ----------
    plan
        What it computes.
    uncertain
        Names of the uncertain inputs, in the order of the rows of `inputs`.
    outputs
        Names of the metrics, in the order of the rows of `out`.
    rows
        Names of the lines that follow them, all periods of one before the next.
    """

    def __init__(
        self,
        plan: Plan,
        certain: Certain,
        outputs: Sequence[str],
        rows: Sequence[str],
        engine: Compiled | Interpreted,
        known: Mapping[str, float],
    ) -> None:
        self.plan, self.outputs, self.rows = plan, tuple(outputs), tuple(rows)
        self._known = known
        self.uncertain = certain.uncertain
        self._certain = certain
        self._engine = engine
        self._plain: Plain | None = None

    @property
    def ir(self) -> str:
        """The text in LLVM's intermediate representation; empty where the platform forbids compiled code."""
        return self._engine.text if isinstance(self._engine, Compiled) else ""

    @property
    def assembly(self) -> str:
        """The machine code as text; empty where the platform forbids compiled code."""
        return self._engine.code.assembly() if isinstance(self._engine, Compiled) else ""

    def tables(self, values: Mapping[str, float], evaluation: Evaluation | None = None) -> Tables:
        """What is the same on every path, from one plain evaluation.

        Parameters
        ----------
        values
            A number for every input; those of uncertain inputs must only be good for an evaluation.
        evaluation
            The plain rendering's result for them, where it is there already.

        Raises
        ------
        CalculationFault
            Where these figures drive the arithmetic out of bounds.
        ValueError
            Where a certain input is not what the kernel was compiled for.
        """
        if others := [name for name, value in self._known.items() if values[name] != value]:
            raise ValueError(f"compiled for other figures of {', '.join(others)}")
        if evaluation is None:
            self._plain = self._plain or compile_plain(self.plan)
            evaluation = self._plain.run(values)
        return self._certain.tables(values, evaluation)

    def run(
        self,
        tables: Tables,
        inputs: Floats,
        out: Floats,
        *,
        low: int = 0,
        high: int | None = None,
        seed: int = 0,
        first_path: int = 0,
    ) -> None:
        """Compute the paths of columns `low` to `high`; threads may do so at once for different columns.

        Parameters
        ----------
        inputs
            Shape (uncertain inputs, paths), C-contiguous.
        out
            Shape (outputs + 1 + rows * (periods + 1), paths), C-contiguous; its columns from `low` to `high` are
            written. The row behind the outputs is 1 where the path is a fault, which the plain rendering explains, else
            0. Only what outputs and rows need is computed, and only there a fault is seen.
        low, high
            Columns; all of them where not given.
        seed, first_path
            The shocks of column k are those of path `first_path` + k under this seed.

        Raises
        ------
        ValueError
            Where an array or number is not of this kind.
        """
        paths = int(np.shape(inputs)[-1]) if np.ndim(inputs) == 2 else 0
        _refuse_foreign("inputs", inputs, (len(self.uncertain), paths))
        length = self.plan.model.timeline.periods + 1
        _refuse_foreign("out", out, (len(self.outputs) + 1 + len(self.rows) * length, paths), written=True)
        numbers, rows = self._certain.shape
        _refuse_foreign("tables.numbers", tables.numbers, (numbers,))
        _refuse_foreign("tables.rows", tables.rows, (length, rows))
        high = paths if high is None else high
        if not 0 <= low <= high <= paths:
            raise ValueError(f"columns {low} to {high} are not within the {paths} paths")
        if not 0 <= seed < WORDS:
            raise ValueError(f"a seed is from 0 to {WORDS - 1}, not {seed}")
        if not 0 <= first_path <= WORDS - paths:
            raise ValueError(f"numbers of paths are from 0 to {WORDS - 1}: the first cannot be {first_path}")
        self._engine.compute(tables, inputs, out, low, high, seed, first_path)


def compile_vector(
    plan: Plan,
    uncertain: Collection[str],
    *,
    shocks: bool,
    outputs: Sequence[str],
    width: int = 8,
    rows: Sequence[str] = (),
    values: Mapping[str, float] | None = None,
    evaluation: Evaluation | None = None,
) -> Kernel:
    """Make the plan ready for many paths.

    Where the platform does not let compiled code run in memory, a warning says so and the plan runs as operations on
    arrays: the same bits, much slower.

    Parameters
    ----------
    uncertain
        Inputs that differ between paths.
    shocks
        Whether shocks are drawn, else they are zero.
    outputs
        Metrics, or other lines that do not vary in time.
    width
        Paths in a vector: 4, 8 or 16. It changes no result.
    rows
        Lines of which every period is wanted; they differ between paths and periods.
    values, evaluation
        A number for every input, and the plain rendering's result for them where it is there already. Where they are
        given, without rows, the kernel holds for these certain inputs only, and leaves out what they make zero: no
        fault is seen there.

    Raises
    ------
    CalculationFault
        Where these values drive the arithmetic out of bounds.
    ValueError
        Where the model has no such input or output, a row is the same on every path or in every period, or the width is
        none of these.
    """
    model = plan.model
    _refuse_unknown(uncertain, model.inputs, "input")
    _refuse_unknown((*outputs, *rows), model.lines, "line")
    varying = [name for name in outputs if model.lines[name].varies]
    if varying:
        raise ValueError(f"an output is one number a path, but {', '.join(varying)} varies in time")
    if width not in WIDTHS:
        raise ValueError(f"a vector is {', '.join(map(str, WIDTHS))} paths wide, not {width}")
    certain = Certain(plan, uncertain, shocks=shocks)
    alike = [name for name in rows if not (name in certain.uncertain_lines and model.lines[name].varies)]
    if alike:
        raise ValueError(f"a row differs between paths and periods, but not {', '.join(alike)}")
    known: dict[str, float] = {}
    lean = plan
    if values is not None and not rows:
        known = {name: values[name] for name in model.inputs if name not in certain.uncertain}
        lean = pruned(plan, certain, certain.reader(values, evaluation or compile_plain(plan).run(values)))
        certain = Certain(lean, uncertain, shocks=shocks)
    engine: Compiled | Interpreted
    try:
        engine = Compiled(lean, certain, outputs, width, rows)
    except MachineFault as fault:
        warnings.warn(f"{fault}; paths run much slower, as operations on arrays", RuntimeWarning, stacklevel=2)
        engine = Interpreted(lean, certain, outputs, rows)
    return Kernel(plan, certain, outputs, rows, engine, known)


def _refuse_unknown(names: Collection[str], known: Mapping[str, Any], what: str) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ValueError(f"the model has no {what} named {', '.join(unknown)}")


def _refuse_foreign(name: str, array: Any, shape: tuple[int, ...], *, written: bool = False) -> None:
    """Machine code checks nothing: an array of another kind would give plausible nonsense or end the process."""
    if not isinstance(array, np.ndarray) or array.dtype != np.dtype(np.float64):
        raise ValueError(f"{name} must be an array of float64, not {getattr(array, 'dtype', type(array).__name__)}")
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, not {array.shape}")
    if not (array.flags.c_contiguous and array.flags.aligned):
        raise ValueError(f"{name} must be C-contiguous and aligned, as numpy.ascontiguousarray makes it")
    if written and not array.flags.writeable:
        raise ValueError(f"{name} cannot be written")
