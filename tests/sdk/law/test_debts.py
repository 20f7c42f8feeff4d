"""What is known of one debt among several, months that differ in length, and when a claim is barred."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from arrears_sdk.law.days import months_after
from arrears_sdk.law.debts import about, accrued_on, allowed_to, debts, expiry, for_all
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.words import FactSource
from arrears_sdk.testing.builders import Builder
from arrears_sdk.views import ContactAttempt, Fact

SINCE = datetime(2020, 1, 1, tzinfo=UTC)


def fact(kind: FactKind, account: str | None, on: date | None = None, word: str | None = None) -> Fact:
    return Fact(
        id=f"{kind}-{account}",
        kind=kind,
        source=FactSource.CLIENT,
        received_at=SINCE,
        starts_at=SINCE,
        account_id=account,
        on=on,
        word=word,
    )


def attempt(*facts: Fact) -> ContactAttempt:
    builder = Builder(7)
    debtor = builder.debtor()
    accounts = tuple(builder.account(debtor) for _ in range(2))
    named = tuple(replace(each, account_id=each.account_id and accounts[int(each.account_id)].id) for each in facts)
    made = builder.contact_attempt()
    return ContactAttempt(
        at=datetime(2026, 3, 2, tzinfo=UTC), channel=made.channel, debtor=debtor, accounts=accounts, facts=named
    )


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 10), 1, date(2027, 1, 10)),
        (date(2026, 5, 31), 12, date(2027, 5, 31)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_one(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected


def test_a_fact_of_one_debt_is_not_one_of_the_other() -> None:
    asked = attempt(fact(FactKind.BREATHING_SPACE_EXCLUDED, "0"))
    first, second = debts(asked)
    assert about(asked, FactKind.BREATHING_SPACE_EXCLUDED, first) is not None
    assert about(asked, FactKind.BREATHING_SPACE_EXCLUDED, second) is None
    assert not for_all(asked, FactKind.BREATHING_SPACE_EXCLUDED)


def test_a_fact_of_no_single_debt_is_one_of_all() -> None:
    asked = attempt(fact(FactKind.BREATHING_SPACE_EXCLUDED, None))
    assert for_all(asked, FactKind.BREATHING_SPACE_EXCLUDED)


def test_where_no_debt_is_named_a_fact_of_one_debt_is_not_one_of_all() -> None:
    asked = replace(attempt(fact(FactKind.BREATHING_SPACE_EXCLUDED, "0")), accounts=())
    assert not for_all(asked, FactKind.BREATHING_SPACE_EXCLUDED)
    assert for_all(
        replace(attempt(fact(FactKind.BREATHING_SPACE_EXCLUDED, None)), accounts=()), FactKind.BREATHING_SPACE_EXCLUDED
    )


def test_a_claim_accrued_when_recorded_and_expires_after_its_years() -> None:
    asked = attempt(fact(FactKind.ACCRUED, "0", date(2020, 3, 2)))
    assert accrued_on(asked, debts(asked)[0]) == date(2020, 3, 2)
    assert accrued_on(asked, debts(asked)[1]) == debts(asked)[1].due_on


def test_an_acknowledgment_in_other_words_does_not_restart_the_period() -> None:
    asked = attempt(
        fact(FactKind.ACCRUED, None, date(2015, 3, 2)), fact(FactKind.ACKNOWLEDGED, None, date(2018, 1, 1), "ORAL")
    )
    account = next((each for each in debts(asked) if each.last_payment_on is None), debts(asked)[0])
    strict, broad = expiry(asked, account, 6, {"SIGNED"}), expiry(asked, account, 6, {"ORAL"})
    assert strict is not None
    assert broad is not None
    assert (strict, broad) == (date(2021, 3, 2), date(2024, 1, 1))


def test_a_span_that_ends_at_midnight_does_not_count_the_day_that_begins_then() -> None:
    # given: a period of six years from 2 March 2015 that stood still from 1 to 10 January 2020
    span = replace(
        fact(FactKind.TOLLING, None),
        starts_at=datetime(2020, 1, 1, tzinfo=UTC),
        ends_at=datetime(2020, 1, 11, tzinfo=UTC),
    )
    asked = attempt(fact(FactKind.ACCRUED, None, date(2015, 3, 2)), span)
    asked = replace(asked, debtor=replace(asked.debtor, time_zones=("UTC",)))
    account = replace(debts(asked)[0], last_payment_on=None)
    # then: it is ten days longer
    assert expiry(asked, account, 6, set()) == date(2021, 3, 12)


def test_what_a_period_allows_ends_with_it_in_the_first_of_two_zones() -> None:
    # given: it is the evening of 1 March in Los Angeles and already 2 March in New York
    asked = attempt()
    zones = ("America/Los_Angeles", "America/New_York")
    asked = replace(asked, at=datetime(2026, 3, 2, 6, tzinfo=UTC), debtor=replace(asked.debtor, time_zones=zones))
    # when
    last_day, far, open_end = (allowed_to(asked, ends) for ends in (date(2026, 3, 2), date(2026, 5, 4), None))
    # then: allowed to the beginning of 3 March in New York
    assert last_day is not None
    assert last_day.until == datetime(2026, 3, 3, 5, tzinfo=UTC)
    assert far is None
    assert open_end is None
