"""`make bench-paths`: time and peak memory as the number of paths grows.

python -m tests.benchmarks.paths [CASE] [PATHS...]
"""

from __future__ import annotations

import sys

from finmodel.simulate.threads import processors
from tests.benchmarks.memory import MIB, measured

PATHS = (100_000, 1_000_000)


def main(case: str = "reference-1gw", *paths: str) -> None:
    """Simulate in fresh processes, the fewest paths first."""
    print(f"{case}: {'paths':>12}{'seconds':>12}{'us a path':>12}{'peak MiB':>12}  stages")
    for number in tuple(map(int, paths)) or PATHS:
        run = measured(case, number, processors())
        stages = ", ".join(f"{name} {seconds:.2f}" for name, seconds in run.stages.items())
        each, peak = 1e6 * run.seconds / number, run.peak_bytes / MIB
        print(f"{'':{len(case) + 1}} {number:12,}{run.seconds:12.2f}{each:12.2f}{peak:12.0f}  {stages}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
