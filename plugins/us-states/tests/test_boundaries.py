"""What holds of every golden case: a deferral ends at its instant and not before, and so does what is allowed until."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from arrears_sdk.law.cases import Case, run_cases, shipped_cases
from arrears_sdk.ruling import Finding, Verdict
from arrears_us_states import UsStates

SECOND = timedelta(seconds=1)
SHIPPED = run_cases(shipped_cases(UsStates), [UsStates])


def _ending(verdict: Verdict) -> Iterator[tuple[Case, datetime]]:
    for result in SHIPPED:
        if result.verdict is verdict and (ends := [finding.until for finding in result.findings if finding.until]):
            yield result.case, max(ends) if verdict is Verdict.DEFER else min(ends)


def _said(case: Case, at: datetime) -> tuple[Finding, ...]:
    return run_cases([replace(case, attempt=replace(case.attempt, at=at))], [UsStates])[0].findings


def _objects(findings: tuple[Finding, ...]) -> bool:
    return any(finding.verdict > Verdict.WARN for finding in findings)


DEFERRED = list(_ending(Verdict.DEFER))
ALLOWED = [(case, until) for case, until in _ending(Verdict.ALLOW) if not case.expected.overall]


def test_there_are_many_such_cases() -> None:
    assert len(DEFERRED) > 60
    assert len(ALLOWED) > 100


@pytest.mark.parametrize(("case", "until"), DEFERRED, ids=[case.id for case, _ in DEFERRED])
def test_a_deferral_ends_at_its_instant_and_not_a_second_before(case: Case, until: datetime) -> None:
    assert _objects(_said(case, until - SECOND))
    assert not any(finding.verdict is Verdict.DEFER for finding in _said(case, until))


@pytest.mark.parametrize(("case", "until"), ALLOWED, ids=[case.id for case, _ in ALLOWED])
def test_what_is_allowed_until_an_instant_is_allowed_to_the_second_before_it_and_not_at_it(
    case: Case, until: datetime
) -> None:
    assert not _objects(_said(case, until - SECOND))
    assert _objects(_said(case, until))
