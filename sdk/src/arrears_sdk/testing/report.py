"""What came out of a run of the checks: a result for each, and a grade computed from them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from arrears_sdk.testing.check import CHECKS


class Status(StrEnum):
    """How a check came out."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    EXEMPT = "EXEMPT"
    BLOCKED = "BLOCKED"
    NOT_APPLICABLE = "NOT_APPLICABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """How one check came out, and why where it did not pass."""

    check_id: str
    status: Status
    message: str = ""

    @property
    def consequence(self) -> str:
        """What a violation would do to a debtor or to money."""
        return CHECKS[self.check_id].consequence


MANY_EXEMPTIONS = 2
FEW_FAILURES = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The results of one plugin, in the order of the checks."""

    plugin: str
    version: str
    results: tuple[CheckResult, ...]

    def having(self, status: Status) -> tuple[CheckResult, ...]:
        """The results with a status."""
        return tuple(result for result in self.results if result.status is status)

    @property
    def passed(self) -> bool:
        """Whether nothing failed; what was not run because of a failure never stands alone."""
        return not self.having(Status.FAILED)

    @property
    def grade(self) -> str:
        """A: everything that applies passed. B: at most two exemptions. C: more. D: at most a tenth failed. F: more."""
        failed = len(self.having(Status.FAILED)) + len(self.having(Status.BLOCKED))
        exempt = len(self.having(Status.EXEMPT))
        tried = failed + exempt + len(self.having(Status.PASSED))
        if failed:
            return "D" if failed <= FEW_FAILURES * tried else "F"
        if exempt:
            return "B" if exempt <= MANY_EXEMPTIONS else "C"
        return "A"

    @property
    def summary(self) -> str:
        """One line: `quiet-hours 0.1.0: grade A, 31 checks passed`."""
        parts = [f"{len(self.having(Status.PASSED))} checks passed"]
        words = {Status.FAILED: "failed", Status.BLOCKED: "not run because of these", Status.EXEMPT: "exempt"}
        parts += [f"{len(self.having(status))} {word}" for status, word in words.items() if self.having(status)]
        return f"{self.plugin} {self.version}: grade {self.grade}, {', '.join(parts)}"

    def text(self) -> str:
        """The report for a person: what did not pass, why, and what it would do; then the summary."""
        lines = []
        for result in self.results:
            if result.status in (Status.FAILED, Status.EXEMPT):
                lines += [f"{result.status} {result.check_id}", f"  {result.message}", f"  {result.consequence}"]
            elif result.status is Status.NOT_APPLICABLE:
                lines.append(f"{result.status.replace('_', ' ')} {result.check_id}: {result.message}")
        if blocked := self.having(Status.BLOCKED):
            lines.append(f"BLOCKED until these pass: {', '.join(result.check_id for result in blocked)}")
        return "\n".join([*lines, self.summary]) + "\n"

    def as_json(self) -> str:
        """The report as JSON."""
        results = [
            {"check": result.check_id, "status": result.status.value, "message": result.message}
            for result in self.results
        ]
        report = {"plugin": self.plugin, "version": self.version, "grade": self.grade, "results": results}
        return json.dumps(report, indent=2, ensure_ascii=False) + "\n"

    def write(self, path: Path) -> None:
        """Keeps the report as a JSON file."""
        path.write_text(self.as_json(), encoding="utf-8")
