"""The caps: how long the command line takes to answer, and how soon the demonstration answers, first and again.

The demonstration runs from this installation, so that its first figure leaves out the installing.
"""

from __future__ import annotations

import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.results import Result, at_most

ARREARS = Path(sys.executable).with_name("arrears")
PATIENCE_SECONDS = 300


def measure_caps() -> list[Result]:
    """The caps of the command line and the demonstration."""
    with tempfile.TemporaryDirectory() as folder:
        # PostgreSQL runs as a user of its own when this runs as root, and has to get in.
        Path(folder).chmod(0o755)
        first, seeding = start_demo(Path(folder) / "demo")
        again, _ = start_demo(Path(folder) / "demo")
    return [
        at_most("`arrears --help`", help_seconds(), 0.5, unit=" s"),
        at_most("`arrears demo`, first start until the link", first, 240, digits=1, unit=" s"),
        at_most("seeding the demonstration", seeding, 45, digits=1, unit=" s"),
        at_most("`arrears demo`, started again", again, 15, digits=1, unit=" s"),
    ]


def help_seconds() -> float:
    """How long `arrears --help` takes: the median of five runs after one to warm the file cache."""
    taken = []
    for _ in range(6):
        began = time.perf_counter()
        subprocess.run([ARREARS, "--help"], check=True, capture_output=True, timeout=30)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


def start_demo(folder: Path) -> tuple[float, float]:
    """Seconds until the demonstration prints its link, and those of them from the start of the seeding on."""
    began = time.monotonic()
    process = subprocess.Popen(
        [ARREARS, "demo", "--data", folder, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    seeding_began = began
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "happens once" in line:
                seeding_began = time.monotonic()
            if "#token=" in line:
                return time.monotonic() - began, time.monotonic() - seeding_began
            if time.monotonic() - began > PATIENCE_SECONDS:
                break
        raise RuntimeError("the demonstration printed no link")
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
