"""From LLVM IR to machine code in memory, through llvmlite."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import llvmlite.binding as llvm

from finmodel.errors import MachineFault

WIDE = '"prefer-vector-width"="512" "min-legal-vector-width"="512"'
LEVEL = 2


@dataclass(frozen=True)
class Host:
    """The processor that code is made for."""

    name: str
    features: str
    attributes: str
    """What functions must say so that the widest vectors are used."""


@cache
def host() -> Host:
    """This machine.

    Raises
    ------
    MachineFault
        Where the platform forbids memory that is executable, or LLVM does not know the processor.
    """
    try:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        llvm.check_jit_execution()
        features = llvm.get_host_cpu_features()
    except (OSError, RuntimeError) as fault:
        raise MachineFault(f"this platform does not let compiled code run in memory: {fault}") from fault
    wide = bool(features.get("avx512f") and features.get("avx512vl") and features.get("avx512dq"))
    return Host(llvm.get_host_cpu_name(), features.flatten(), WIDE if wide else "")


@dataclass(frozen=True)
class Code:
    """Compiled functions; they live as long as this object."""

    engine: Any
    module: Any
    target: Any

    def address(self, function: str) -> int:
        """Where a function starts."""
        return int(self.engine.get_function_address(function))

    def assembly(self) -> str:
        """The machine code as text."""
        return str(self.target.emit_assembly(self.module))


def compile_ir(text: str) -> Code:
    """Compile a module for this machine.

    LLVM's passes over the text are left out: it has its vectors, and its invariants stand before their loops, so that
    the passes cost more time than the 5 % that they save on a hundred thousand paths. The code generator's own do run.

    Raises
    ------
    MachineFault
        Where compiled code may not run here.
    """
    return _compiled(text, host())


@lru_cache(maxsize=8)
def _compiled(text: str, here: Host) -> Code:
    """The same code is asked for again where a case is run again; making it takes longer than a short run."""
    module = llvm.parse_assembly(text)
    module.verify()
    target = llvm.Target.from_default_triple().create_target_machine(
        cpu=here.name, features=here.features, opt=LEVEL, jit=True
    )
    engine = llvm.create_mcjit_compiler(module, target)
    engine.finalize_object()
    return Code(engine, module, target)
