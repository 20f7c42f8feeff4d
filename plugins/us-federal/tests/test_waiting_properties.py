"""Waits for notices, stays and reports, day by day: a deferral names the first day on which the act is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from arrears_sdk.law.calendars import us_federal_holiday
from arrears_sdk.law.cases import Case, shipped_cases
from arrears_sdk.law.days import is_business_day
from arrears_sdk.rules import Rule
from arrears_sdk.ruling import Ruling, Verdict
from arrears_sdk.views import ActionAttempt, Notice
from arrears_us_federal import UsFederal
from arrears_us_federal.packs import ACTIONS
from arrears_us_federal.settings import UsFederalConfig

EASTERN = ZoneInfo("America/New_York")
CASES = {case.id: case for case in shipped_cases(UsFederal)}
RULES = {rule.id: rule for rule in ACTIONS.under(UsFederalConfig()).rules}
SENT = [date(2026, 6, 8) + timedelta(days=number) for number in range(0, 45, 3)]
"""Over Juneteenth and an Independence Day that is observed on a Friday."""


def noon(day: date) -> datetime:
    """Noon of a day where the debtor is."""
    return datetime.combine(day, time(12), EASTERN).astimezone(UTC)


def given_on(case: Case, day: date) -> ActionAttempt:
    """The act of a case, with its notices sent on a day."""
    attempt = case.attempt
    assert isinstance(attempt, ActionAttempt)
    notices: tuple[Notice, ...] = tuple(replace(one, sent_at=noon(day)) for one in attempt.notices)
    return replace(attempt, notices=notices)


def asked(rule: Rule[ActionAttempt], attempt: ActionAttempt, days: int) -> Iterator[tuple[date, Ruling]]:
    """What a rule says at noon of each day from that of the act on."""
    first = attempt.at.astimezone(EASTERN).date()
    for number in range(days):
        day = first + timedelta(days=number)
        yield day, rule.rule_on(replace(attempt, at=noon(day)))


@pytest.mark.parametrize("sent", SENT)
@pytest.mark.parametrize(
    ("id", "rule"),
    [
        ("us.regf.furnish-first-contact/fifteen-days-after-the-notice", "us.regf.furnish-first-contact"),
        ("us.regf.postdated-notice/three-business-days", "us.regf.postdated-notice"),
        ("us.medical.501r/day-31-after-the-notice", "us.medical.501r"),
    ],
)
def test_a_wait_ends_on_the_first_day_that_is_allowed(id: str, rule: str, sent: date) -> None:
    # given an act whose notice is sent on a day, asked on each of the next sixty days
    attempt = replace(given_on(CASES[id], sent), at=noon(sent))
    said = list(asked(RULES[rule], attempt, 60))
    deferred = {ruling.until for _, ruling in said if ruling.verdict is Verdict.DEFER}
    # then all deferrals name one instant, the beginning of the first day on which the act is allowed
    free = next(day for day, ruling in said if ruling.verdict is Verdict.ALLOW)
    assert deferred == {datetime.combine(free, time(0), EASTERN).astimezone(UTC)}


@pytest.mark.parametrize("sent", SENT)
def test_a_notice_of_a_deposit_serves_from_three_to_ten_business_days(sent: date) -> None:
    # given a notice of a deposit that is sent on a day
    attempt = replace(given_on(CASES["us.regf.postdated-notice/three-business-days"], sent), at=noon(sent))
    for day, ruling in asked(RULES["us.regf.postdated-notice"], attempt, 40):
        # when the business days from the notice, its own among them, until before the deposit are counted
        between = [sent + timedelta(days=number) for number in range((day - sent).days)]
        number = sum(is_business_day(one, us_federal_holiday) for one in between)
        # then a deposit is allowed from the third to the tenth, of which the notice's own day is one
        most = 10 if is_business_day(sent, us_federal_holiday) else 9
        assert (ruling.verdict is Verdict.ALLOW) is (3 <= number <= most), (sent, day)
