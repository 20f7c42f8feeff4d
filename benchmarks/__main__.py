"""Every benchmark in turn: `python -m benchmarks` (or `make bench`). `--write` keeps the table in docs/reference."""

from __future__ import annotations

import argparse
import asyncio
import platform
import sys
from pathlib import Path

from benchmarks.accrual import measure_accrual
from benchmarks.caps import measure_caps
from benchmarks.contact_request import measure_contact_request
from benchmarks.gate import measure_gate
from benchmarks.gate_stored import measure_gate_stored
from benchmarks.large_agency import DEBTORS
from benchmarks.posting import measure_posting
from benchmarks.results import Result
from benchmarks.runner import measure_runner
from benchmarks.sdk_import import measure_sdk_import
from benchmarks.strategy import measure_strategy
from benchmarks.totals import measure_totals
from benchmarks.windows import measure_windows
from benchmarks.worklist import measure_worklist

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "benchmarks.md"
HEAD = """# Benchmarks

Ratios to a floor measured in the same run, so that they hold on any machine; `make bench` prints this table anew and
keeps it here. Absolute figures say little: the machine that made this page has {cores} cores, which the server,
PostgreSQL and the load shared ({python}, {system}).

| benchmark | figure | target | met |
|---|---|---|---|
"""


def page(results: list[Result]) -> str:
    """The page with its table."""
    import os

    head = HEAD.format(cores=os.cpu_count(), python=f"Python {platform.python_version()}", system=platform.system())
    return head + "".join(f"| {r.name} | {r.shown} | {r.target} | {'yes' if r.met else 'no'} |\n" for r in results)


async def main() -> int:
    """Run everything; exit status 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".arrears") / "benchmark")
    parser.add_argument("--debtors", type=int, default=DEBTORS)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="keep the table in docs/reference/benchmarks.md")
    options = parser.parse_args()
    results = await measure_worklist(options.data, options.debtors, options.seconds, options.rounds)
    results += await measure_runner()
    results += await measure_strategy(options.data, options.debtors)
    results += await measure_posting(options.data.with_name("benchmark-posting"))
    results += await measure_accrual(options.data.with_name("benchmark-accrual"), options.debtors)
    results += await measure_totals(options.data, options.debtors)
    results += await measure_windows(options.data.with_name("benchmark-windows"))
    results += await asyncio.to_thread(measure_gate)
    small = options.data.with_name(f"{options.data.name}-gate")
    results += await measure_gate_stored(small)
    results += await measure_contact_request(small)
    results += await asyncio.to_thread(measure_sdk_import)
    results += await asyncio.to_thread(measure_caps)
    shown = page(results)
    print(shown)
    if options.write:
        PAGE.write_text(shown, encoding="utf-8")
    return 0 if all(result.met for result in results) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
