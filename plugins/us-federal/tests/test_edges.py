"""What a rule says of an instant comes true at that instant: deferrals end there, and allowances too."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from arrears_sdk.law.cases import Case, CaseResult, run_cases, shipped_cases
from arrears_sdk.ruling import Finding, Verdict
from arrears_us_federal import UsFederal

MOMENT = timedelta(microseconds=1)
FREQUENCY = ("us.regf.call-", "us.regf.harassment-")
"""Rules that count contacts defer to the opening hour of the free day, and allow no longer than a consent lasts."""
CASES = shipped_cases(UsFederal)
RESULTS = {result.case.id: result for result in run_cases(CASES, [UsFederal])}
DEFERRED = [id for id, result in RESULTS.items() if result.verdict is Verdict.DEFER]
LIMITED = [
    id
    for id, result in RESULTS.items()
    if result.verdict is Verdict.ALLOW and any(found.until is not None for found in result.findings)
]


def asked_at(case: Case, at: datetime) -> CaseResult:
    """The same case, asked at another instant."""
    return run_cases([replace(case, attempt=replace(case.attempt, at=at))], [UsFederal])[0]


def instants(findings: tuple[Finding, ...], verdict: Verdict) -> list[datetime]:
    """The instants that findings of a verdict name."""
    return [found.until for found in findings if found.verdict is verdict and found.until is not None]


@pytest.mark.parametrize("id", DEFERRED)
def test_a_deferral_ends_at_its_instant(id: str) -> None:
    # given a case that a rule defers
    result = RESULTS[id]
    # when it is asked again at the instant that the rule named
    again = asked_at(result.case, max(instants(result.findings, Verdict.DEFER)))
    # then the rule defers no more
    assert again.verdict is not Verdict.DEFER, again.findings


@pytest.mark.parametrize("id", [id for id in LIMITED if not id.startswith(FREQUENCY)])
def test_an_allowance_ends_at_its_instant(id: str) -> None:
    # given a case that a rule allows until an instant
    result = RESULTS[id]
    # when it is asked at that instant
    until = min(instants(result.findings, Verdict.ALLOW))
    again = asked_at(result.case, until)
    # then the rule objects, or allows it for another reason that ends later
    later = instants(again.findings, Verdict.ALLOW)
    assert again.verdict > Verdict.ALLOW or (later and min(later) > until)


@pytest.mark.parametrize("id", [id for id in DEFERRED if not id.startswith(FREQUENCY)])
def test_a_deferral_lasts_to_its_instant(id: str) -> None:
    # given a case that a rule defers
    result = RESULTS[id]
    # when it is asked again a moment before the instant that the rule named
    until = max(instants(result.findings, Verdict.DEFER))
    again = asked_at(result.case, until - MOMENT)
    # then the rule still objects
    assert again.verdict > Verdict.ALLOW, again.findings


def test_there_are_edges_to_look_at() -> None:
    # given the cases of the pack, then deferrals and limited allowances are among them
    assert len(DEFERRED) > 20
    assert len(LIMITED) > 20
