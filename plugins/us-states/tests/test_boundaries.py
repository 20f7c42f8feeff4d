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
ALLOWED = list(_ending(Verdict.ALLOW))


def test_there_are_many_such_cases() -> None:
    assert len(DEFERRED) > 60
    assert len(ALLOWED) > 100


@pytest.mark.parametrize(("case", "until"), DEFERRED, ids=[case.id for case, _ in DEFERRED])
def test_a_deferral_ends_at_its_instant_and_not_a_second_before(case: Case, until: datetime) -> None:
    _holds_from_both_sides(case, Verdict.DEFER, until)


@pytest.mark.parametrize(("case", "until"), ALLOWED, ids=[case.id for case, _ in ALLOWED])
def test_what_is_allowed_until_an_instant_is_allowed_to_the_second_before_it_and_not_at_it(
    case: Case, until: datetime
) -> None:
    _holds_from_both_sides(case, Verdict.ALLOW, until)


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "America/Los_Angeles", "Pacific/Guam"])
def test_instants_hold_as_well_for_debtors_who_may_be_in_a_second_zone(zone: str) -> None:
    for result in run_cases([_also_in(case, zone) for case in shipped_cases(UsStates)], [UsStates]):
        ends = [finding.until for finding in result.findings if finding.until and finding.verdict is result.verdict]
        if result.verdict is Verdict.DEFER and ends:
            _holds_from_both_sides(result.case, Verdict.DEFER, max(ends))
        elif result.verdict is Verdict.ALLOW and ends:
            _holds_from_both_sides(result.case, Verdict.ALLOW, min(ends))


def _also_in(case: Case, zone: str) -> Case:
    debtor = case.attempt.debtor
    zones = tuple(dict.fromkeys((*debtor.time_zones, zone)))
    return replace(case, attempt=replace(case.attempt, debtor=replace(debtor, time_zones=zones)))


def _holds_from_both_sides(case: Case, verdict: Verdict, until: datetime) -> None:
    before, after = _said(case, until - SECOND), _said(case, until)
    if verdict is Verdict.DEFER:
        assert _objects(before), case.id
        assert not any(finding.verdict is Verdict.DEFER for finding in after), case.id
    else:
        assert not _objects(before), case.id
        assert _objects(after), case.id
