"""The kit itself: exemptions, grades, reports, and tests that pytest makes of checks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from arrears_sdk import Config, PaymentAttempt, Plugin, Ruling
from arrears_sdk.testing import CheckResult, ExemptionError, Report, Status, conformance, run_checks
from arrears_sdk.testing.suite import suite_of

pytest_plugins = ["pytester"]
NAMELESS = "decision.findings"
SOURCE = """
from arrears_sdk import Plugin, Ruling

class Nameless(Plugin):
    name = "nameless"

    def rule_on_payments(self, attempts):
        return [Ruling.warn("look") for _ in attempts]
"""
SUITE = """
from nameless_plugin import Nameless
from arrears_sdk.testing import conformance

TestNameless = conformance(Nameless)
"""


class Nameless(Plugin):
    """Warns without naming its rule."""

    name = "nameless"

    def rule_on_payments(self, attempts: Sequence[PaymentAttempt]) -> list[Ruling]:
        """Violates one check."""
        return [Ruling.warn("look") for _ in attempts]


class DemandingConfig(Config):
    """Has no default."""

    limit: int


class Demanding(Plugin[DemandingConfig]):
    """Needs settings."""

    name = "demanding"

    def rule_on_payments(self, attempts: Sequence[PaymentAttempt]) -> list[Ruling]:
        """Allows everything."""
        return [Ruling.allow() for _ in attempts]


def report(*statuses: Status) -> Report:
    results = tuple(CheckResult(check_id="batch.law", status=status) for status in statuses)
    return Report(plugin="p", version="1", results=results)


@pytest.mark.parametrize(
    ("statuses", "grade"),
    [
        ([Status.PASSED] * 3, "A"),
        ([Status.PASSED, Status.NOT_APPLICABLE], "A"),
        ([Status.PASSED, Status.EXEMPT, Status.EXEMPT], "B"),
        ([Status.PASSED, *[Status.EXEMPT] * 3], "C"),
        ([*[Status.PASSED] * 9, Status.FAILED], "D"),
        ([*[Status.PASSED] * 8, Status.FAILED, Status.BLOCKED], "F"),
        ([Status.FAILED], "F"),
    ],
)
def test_the_grade_is_computed_from_the_results(statuses: list[Status], grade: str) -> None:
    assert report(*statuses).grade == grade


def test_an_exemption_needs_a_known_check_and_a_reason() -> None:
    with pytest.raises(ExemptionError, match="no check"):
        suite_of(Nameless, exemptions={"decision.nonsense": "because"})
    with pytest.raises(ExemptionError, match="needs a reason"):
        suite_of(Nameless, exemptions={NAMELESS: "  "})
    with pytest.raises(ExemptionError, match="does not concern"):
        suite_of(Nameless, exemptions={"score.range": "because"})


def test_an_exempted_check_that_fails_is_exempt_and_says_why() -> None:
    result = suite_of(Nameless, exemptions={NAMELESS: "An old rule without a number."}).result(NAMELESS)
    assert result.status is Status.EXEMPT
    assert "An old rule without a number." in result.message


def test_an_exempted_check_that_passes_fails() -> None:
    result = suite_of(Nameless, exemptions={"batch.count": "It used to miscount."}).result("batch.count")
    assert result.status is Status.FAILED
    assert "has to go" in result.message


def test_what_needs_a_failed_check_is_not_run() -> None:
    suite = suite_of(Demanding)
    assert suite.result("plugin.constructs").status is Status.FAILED
    assert "configs=[DemandingConfig(...)]" in suite.result("plugin.constructs").message
    assert suite.result("batch.law").status is Status.BLOCKED


def test_settings_can_be_given() -> None:
    assert run_checks(Demanding, configs=[DemandingConfig(limit=1), DemandingConfig(limit=2)]).grade == "A"


def test_a_report_can_be_kept(tmp_path: Path) -> None:
    report(Status.PASSED, Status.FAILED).write(tmp_path / "report.json")
    kept = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (kept["plugin"], kept["grade"], len(kept["results"])) == ("p", "F", 2)


def test_pytest_gets_one_test_for_each_check() -> None:
    tests = conformance(Nameless)
    suite = suite_of(Nameless)
    made = [name for name in vars(tests) if name.startswith("test_")]
    assert made == ["test_" + check.id.replace(".", "_").replace("-", "_") for check in suite.checks]
    assert tests.__name__ == "TestNameless"


def test_pytest_prints_the_grade_and_keeps_the_report(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(nameless_plugin=SOURCE, test_nameless=SUITE)
    result = pytester.runpytest_subprocess(
        "--conformance-report=kept.json", "-p", "no:cacheprovider", "-k", "findings or batch_count"
    )
    result.assert_outcomes(passed=1, failed=1, deselected=len(suite_of(Nameless).checks) - 2)
    result.stdout.fnmatch_lines(["*decision.findings: rule_on_payments finds 'look'*", "nameless 0: grade F*1 failed"])
    (kept,) = json.loads((pytester.path / "kept.json").read_text("utf-8"))
    assert {each["check"]: each["status"] for each in kept["results"]} == {
        NAMELESS: "FAILED",
        "batch.count": "PASSED",
    }
