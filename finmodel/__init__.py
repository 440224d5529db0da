"""A sourced financial model of AI gigafactories, from assumptions to a live workbook and a simulation.

`finmodel.load("reference-1gw")` is the way in; the rest hangs on the `Case` that it returns.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from finmodel.version import __version__

if TYPE_CHECKING:
    from finmodel import metrics
    from finmodel.case import Case, load
    from finmodel.errors import Faults, FinmodelError


__all__ = ["Case", "Faults", "FinmodelError", "__version__", "load", "metrics"]

_HOMES = {"Case": "case", "Faults": "errors", "FinmodelError": "errors", "load": "case"}


def __getattr__(name: str) -> object:
    # Imported on first use, so that `finmodel --help` does not wait for pandas and LLVM.
    if name == "metrics":
        return importlib.import_module("finmodel.metrics")
    if name in _HOMES:
        return getattr(importlib.import_module(f"finmodel.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'finmodel' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
