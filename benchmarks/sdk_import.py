"""How long importing the SDK takes, against importing what it stands on and defining one model."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks.results import Result, at_most

FLOOR = """
import pydantic, pluggy
class Settings(pydantic.BaseModel):
    limit: int = 7
"""
SDK = "import arrears_sdk"
ROUNDS = 15


def measure_sdk_import() -> list[Result]:
    """The ratio of the medians, each run in a fresh process, in turn so that a busy moment falls on both."""
    taken: dict[str, list[float]] = {FLOOR: [], SDK: []}
    for _ in range(ROUNDS + 1):
        for program, seconds in taken.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
            seconds.append(time.perf_counter() - began)
    # The first round warms the file cache.
    medians = {program: statistics.median(seconds[1:]) for program, seconds in taken.items()}
    return [at_most("`import arrears_sdk` against pydantic, pluggy and one model", medians[SDK] / medians[FLOOR], 1.5)]


if __name__ == "__main__":
    print(measure_sdk_import())
