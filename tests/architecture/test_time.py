"""Time is a parameter: what the business does depends on the platform's clock, which a sandbox can move.

Tokens, leases, rate limits and heartbeats use real time; a line that does so says "real time" in a comment on it or
on one of the six lines before.
"""

from __future__ import annotations

import re

from tests.architecture.tree import PLATFORM, files, name

SQL_CLOCK = re.compile(
    r"(?<![\w.])(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\(\)"
    r"|\b(current_date|current_timestamp|current_time|localtimestamp|localtime)\b",
    re.IGNORECASE,
)
PYTHON_CLOCK = re.compile(
    r"\bdatetime\.now\(|\bdatetime\.utcnow\(|\bdate\.today\(|\btime\.time(_ns)?\(|\bSystemClock\("
)
KERNEL_SCRIPTS = {"10_kernel.sql", "15_audit.sql"}


def unexplained(pattern: re.Pattern[str], text: str) -> list[int]:
    lines = text.splitlines()
    return [
        number
        for number, line in enumerate(lines, start=1)
        if pattern.search(line) and "real time" not in " ".join(lines[max(0, number - 7) : number]).lower()
    ]


def test_no_business_sql_asks_the_database_for_the_time() -> None:
    found = [
        f"{name(path)}:{number}"
        for path in files(".py", ".sql")
        if path.is_relative_to(PLATFORM)
        and not path.is_relative_to(PLATFORM / "kernel")
        and path.name not in KERNEL_SCRIPTS
        for number in unexplained(SQL_CLOCK, path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_domain_asks_the_machine_for_the_time() -> None:
    entry_points = ("app", "cli", "demo", "kernel")
    found = [
        f"{name(path)}:{number}"
        for path in files(".py")
        if path.is_relative_to(PLATFORM) and path.relative_to(PLATFORM).parts[0].removesuffix(".py") not in entry_points
        for number in unexplained(PYTHON_CLOCK, path.read_text(encoding="utf-8"))
    ]
    assert found == []
