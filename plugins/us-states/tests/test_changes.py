"""What a rule allows it allows no longer than to the next record that makes it object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from arrears_sdk.law.cases import Case, CaseResult, run_cases, shipped_cases
from arrears_sdk.ruling import Verdict
from arrears_us_states import UsStates

SOON = timedelta(minutes=90)
LATER = timedelta(hours=2)


def _with_facts_that_change(case: Case) -> Iterator[Case]:
    """The case once for each fact that ends soon, or begins soon."""
    attempt = case.attempt
    for number, fact in enumerate(attempt.facts):
        for changed in (
            replace(fact, ends_at=attempt.at + SOON),
            replace(fact, starts_at=attempt.at + SOON, ends_at=None),
        ):
            facts = (*attempt.facts[:number], changed, *attempt.facts[number + 1 :])
            yield replace(case, attempt=replace(attempt, facts=facts))


def _with_consents_that_end(case: Case) -> Iterator[Case]:
    debtor = case.attempt.debtor
    if debtor.consents:
        ending = tuple(replace(consent, expires_at=case.attempt.at + SOON) for consent in debtor.consents)
        yield replace(case, attempt=replace(case.attempt, debtor=replace(debtor, consents=ending)))


def _later(case: Case) -> Case:
    return replace(case, attempt=replace(case.attempt, at=case.attempt.at + LATER))


def _allowed_past(result: CaseResult) -> bool:
    ends = [finding.until for finding in result.findings if finding.until]
    return result.verdict <= Verdict.WARN and (not ends or min(ends) > result.case.attempt.at + LATER)


def test_nothing_is_allowed_past_a_record_that_bars_it() -> None:
    changing = [
        changed
        for case in shipped_cases(UsStates)
        for changed in (*_with_facts_that_change(case), *_with_consents_that_end(case))
    ]
    assert len(changing) > 1_000
    now = run_cases(changing, [UsStates])
    later = run_cases([_later(case) for case in changing], [UsStates])
    wrong = [
        before.case.id
        for before, after in zip(now, later, strict=True)
        if _allowed_past(before) and after.verdict > Verdict.WARN
    ]
    assert wrong == []
