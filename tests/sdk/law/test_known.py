"""What is known about an attempt: what has begun, what is over, what comes, and of which debt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from arrears_sdk.law import known
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.settings import LawConfig
from arrears_sdk.law.words import Attestation, NoticeKind
from arrears_sdk.ruling import Verdict
from arrears_sdk.views import ContactAttempt, Hold, Licence, Notice
from arrears_sdk.vocabulary import CommunicationChannel, HoldBlock, HoldKind
from tests.sdk.law.attempts import DEBT, NOON, attempt, fact

HOUR = timedelta(hours=1)
STRICT = LawConfig()
CEASE, DISPUTE = FactKind.CEASE, FactKind.DISPUTE


def test_a_fact_holds_from_its_beginning_until_before_its_end() -> None:
    spell = fact(CEASE, NOON, ends_at=NOON + HOUR, word="WRITTEN")
    for at, begun, holds in (
        (NOON - timedelta(seconds=1), False, False),
        (NOON, True, True),
        (NOON + HOUR - timedelta(seconds=1), True, True),
        (NOON + HOUR, True, False),
    ):
        asked = attempt(at, facts=(spell,))
        assert bool(known.recorded(asked, CEASE)) is begun
        assert bool(known.in_force(asked, CEASE)) is holds
        assert known.word(asked, CEASE) == ("WRITTEN" if holds else None)
        assert known.upcoming(asked, CEASE) == (None if begun else NOON)
    assert known.in_force(attempt(facts=(spell,)), DISPUTE) == ()


def test_a_fact_of_another_debt_or_endpoint_does_not_concern_an_attempt() -> None:
    mine, all_debts, another = (
        fact(DISPUTE, id=str(number), account_id=account) for number, account in enumerate((DEBT, None, "acct_9"))
    )
    asked = attempt(facts=(mine, all_debts, another))
    assert known.in_force(asked, DISPUTE) == (mine, all_debts)
    assert known.of_kind(asked, DISPUTE) == (mine, all_debts, another)
    point = asked.contact_point
    assert point is not None
    here, elsewhere = fact(FactKind.BOUNCED, contact_point_id=point.id), fact(FactKind.BOUNCED, contact_point_id="cont")
    assert known.in_force(attempt(facts=(here, elsewhere)), FactKind.BOUNCED) == (here,)


def test_the_latest_fact_counts_and_of_two_at_one_instant_the_one_heard_last() -> None:
    older, newer = fact(CEASE, NOON - 2 * HOUR, id="a"), fact(CEASE, NOON - HOUR, id="b")
    heard = replace(newer, id="c", received_at=NOON)
    assert known.stated(attempt(facts=(newer, older)), CEASE) == newer
    assert known.stated(attempt(facts=(heard, newer, older)), CEASE) == heard
    assert known.stated(attempt(), CEASE) is None


def given(**changes: object) -> Notice:
    made = Notice(
        id="notc_1", kind=NoticeKind.VALIDATION, medium=CommunicationChannel.LETTER, sent_at=NOON, account_ids=(DEBT,)
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"account_ids": ()}, True),
        ({"account_ids": ("acct_9",)}, False),
        ({"sent_at": NOON + HOUR}, False),
        ({"returned_at": NOON}, False),
        ({"returned_at": NOON + HOUR}, True),
        ({"kind": NoticeKind.ARREARS}, False),
    ],
)
def test_a_notice_counts_when_it_was_given_about_the_debt_and_did_not_come_back(
    changes: dict[str, object], counts: bool
) -> None:
    assert (known.notice(attempt(notices=(given(**changes),)), NoticeKind.VALIDATION) is not None) is counts


def test_the_newest_notice_is_first_and_all_debts_need_one() -> None:
    first, second = given(id="a", sent_at=NOON - HOUR), given(id="b")
    asked = attempt(notices=(first, second))
    assert known.notices(asked, NoticeKind.VALIDATION) == (second, first)
    both = replace(asked, accounts=(*asked.accounts, replace(asked.accounts[0], id="acct_2")))
    assert known.notice(both, NoticeKind.VALIDATION) is None


@pytest.mark.parametrize(
    ("at", "zone", "held"),
    [
        # A licence of June: New York's June begins four hours after UTC's, and ends four hours after.
        (datetime(2026, 6, 1, 4, tzinfo=UTC), "America/New_York", True),
        (datetime(2026, 6, 1, 3, 59, tzinfo=UTC), "America/New_York", False),
        (datetime(2026, 7, 1, 3, 59, tzinfo=UTC), "America/New_York", True),
        (datetime(2026, 7, 1, 4, tzinfo=UTC), "America/New_York", False),
    ],
)
def test_a_licence_holds_on_its_first_and_on_its_last_day(at: datetime, zone: str, held: bool) -> None:
    june = Licence(place="US-NY", kind="LICENCE", from_on=date(2026, 6, 1), until_on=date(2026, 6, 30))
    asked = attempt(at, licences=(june,))
    asked = replace(asked, debtor=replace(asked.debtor, time_zones=(zone,)))
    assert (known.licensed(asked, "US-NY") is june) is held
    assert known.licensed(asked, "US") is None


def test_between_two_days_a_licence_has_to_hold_on_both() -> None:
    zones = ("America/New_York", "America/Los_Angeles")
    june = Licence(place="US", kind="LICENCE", from_on=date(2026, 6, 1), until_on=date(2026, 6, 30))

    def held(at: datetime) -> bool:
        asked = attempt(at, licences=(june,))
        return known.licensed(replace(asked, debtor=replace(asked.debtor, time_zones=zones)), "US") is june

    # Half past midnight in New York is half past nine of the evening before in Los Angeles.
    assert not held(datetime(2026, 6, 1, 4, 30, tzinfo=UTC))
    assert held(datetime(2026, 6, 1, 7, 30, tzinfo=UTC))
    assert held(datetime(2026, 7, 1, 3, 30, tzinfo=UTC))
    assert not held(datetime(2026, 7, 1, 4, 30, tzinfo=UTC))


def test_a_licence_that_ends_soon_allows_until_its_end_and_a_renewal_goes_on() -> None:
    first = Licence(place="US-NY", kind="LICENCE", from_on=date(2025, 1, 1), until_on=date(2026, 6, 30))
    second = replace(first, from_on=date(2026, 7, 1), until_on=date(2026, 7, 31))
    gap = replace(second, from_on=date(2026, 7, 2))
    lasting = replace(second, until_on=None)

    def ends(*licences: Licence, at: datetime = NOON, choices: LawConfig = STRICT) -> datetime | None:
        ruling = known.need_licence(attempt(at, licences=licences), "US-NY", choices, "A licence is needed.")
        assert ruling is None or ruling.verdict is Verdict.ALLOW
        return ruling.until if ruling else None

    # In New York a day begins four hours after UTC's.
    july, august = datetime(2026, 7, 1, 4, tzinfo=UTC), datetime(2026, 8, 1, 4, tzinfo=UTC)
    assert (ends(first), ends(first, gap), ends(first, second)) == (july, july, august)
    assert ends(first, lasting) is None
    assert ends(first, at=NOON - timedelta(days=60)) is None
    assert ends(first, choices=LawConfig(without_licence="WARN")) is None


def test_a_licence_or_statement_that_lacks_is_required_or_warned_of() -> None:
    strict, mild = LawConfig(), LawConfig(without_licence="WARN", without_attestation="WARN")
    asked = attempt(attestations=frozenset({Attestation.CONTACTS_LOGGED}))
    lacking = known.need_licence(asked, "US-NY", strict, "A licence is needed.")
    unsaid = known.need_attestation(asked, Attestation.US_SAFEGUARDS, strict, "Safeguards are needed.")
    assert lacking is not None
    assert unsaid is not None
    assert (lacking.requirements, unsaid.requirements) == (("licence:US-NY",), ("attestation:US_SAFEGUARDS",))
    assert {finding.missing_fact for finding in (lacking | unsaid).findings} == {
        "licence:US-NY",
        "attestation:US_SAFEGUARDS",
    }
    warned = known.need_licence(asked, "US-NY", mild, "A licence is needed.")
    reminded = known.need_attestation(asked, Attestation.US_SAFEGUARDS, mild, "Safeguards are needed.")
    assert [ruling.verdict for ruling in (warned, reminded) if ruling] == [Verdict.WARN, Verdict.WARN]
    assert known.need_attestation(asked, Attestation.CONTACTS_LOGGED, strict, "Logs are needed.") is None


def test_holds_and_days() -> None:
    held = Hold(kind=HoldKind.ATTORNEY, blocks=frozenset({HoldBlock.CONTACT}), starts_at=NOON)
    asked = attempt(datetime(2026, 6, 9, 3, tzinfo=UTC), holds=(held,))
    assert known.hold(asked, HoldKind.ATTORNEY) is held
    assert known.hold(asked, HoldKind.DISPUTE) is None
    apart = replace(asked, debtor=replace(asked.debtor, time_zones=("America/New_York", "Europe/London")))
    assert known.days(apart) == (date(2026, 6, 8), date(2026, 6, 9))
    assert known.day_of(apart, asked.at) == date(2026, 6, 9)
    nowhere: ContactAttempt = replace(asked, debtor=replace(asked.debtor, time_zones=()))
    assert known.days(nowhere) == (date(2026, 6, 9),)
