"""Which past contacts count, row by row of table 0.2, and how they are held against a limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from arrears_sdk.law.counting import (
    Counting,
    about_debt,
    counted,
    day_numbers,
    free_day,
    fullest,
    last_about,
    lately,
    since,
)
from arrears_sdk.law.facts import FactKind
from arrears_sdk.testing import Builder
from arrears_sdk.views import ContactAttempt, Interaction
from arrears_sdk.vocabulary import CommunicationChannel, Direction, Initiator, InteractionResult as Result
from tests.sdk.law.attempts import DEBT, NOON, attempt, call, fact

TODAY = date(2026, 6, 9)
PLACED, TALK, DC = Counting.PLACED_CALL, Counting.CONVERSATION, Counting.CALL_DC
REACHED, ANY, DONE = Counting.COMMUNICATION, Counting.CONTACT_OR_ATTEMPT, Counting.COMPLETED_CALL
DIALLED = Counting.PHONE_ATTEMPT
INBOUND = {"direction": Direction.INBOUND, "initiated_by": Initiator.DEBTOR}


def counts(event: Interaction) -> set[Counting]:
    asked = attempt(history=(event,))
    return {counting for counting in Counting if counted(asked, counting)}


@pytest.mark.parametrize(
    ("result", "changes", "expected"),
    [
        (Result.TALKED, {"debt_discussed": True}, {PLACED, TALK, DC, REACHED, ANY, DONE, DIALLED}),
        (Result.HUNG_UP, {}, {PLACED, DC, REACHED, ANY, DIALLED}),
        (Result.HUNG_UP, {"debt_discussed": True}, {PLACED, TALK, DC, REACHED, ANY, DONE, DIALLED}),
        (Result.VOICEMAIL_LEFT, {}, {PLACED, DC, REACHED, ANY, DIALLED}),
        (Result.LIMITED_CONTENT_MESSAGE, {}, {PLACED, DC, REACHED, ANY, DIALLED}),
        (Result.NO_ANSWER, {}, {PLACED, DC, ANY, DIALLED}),
        (Result.VOICEMAIL_NO_MESSAGE, {}, {PLACED, DC, ANY, DIALLED}),
        (Result.BUSY, {}, {ANY, DIALLED}),
        (Result.OUT_OF_SERVICE, {}, {ANY, DIALLED}),
        (Result.WRONG_NUMBER, {}, {ANY, DIALLED}),
        (Result.TALKED, {"debt_discussed": True, **INBOUND}, {TALK}),
        (Result.TALKED, INBOUND, set()),
    ],
)
def test_a_call_counts_as_its_row_says(result: Result, changes: dict[str, object], expected: set[Counting]) -> None:
    assert counts(call(TODAY, result, **changes)) == expected


@pytest.mark.parametrize(
    ("channel", "result", "changes", "expected"),
    [
        (CommunicationChannel.SMS, Result.DELIVERED, {}, {REACHED, ANY, Counting.ELECTRONIC_MESSAGE}),
        (CommunicationChannel.EMAIL, Result.BOUNCED, {}, {ANY}),
        (CommunicationChannel.LETTER, Result.SENT, {}, {REACHED, ANY}),
        (CommunicationChannel.LETTER, Result.RETURNED, {}, {ANY}),
        (CommunicationChannel.SMS, Result.SENT, {"at_debtor_request": True}, set()),
        (CommunicationChannel.SMS, Result.SENT, {"initiated_by": Initiator.DEBTOR}, set()),
        (CommunicationChannel.IN_PERSON_HOME, Result.NO_ANSWER, {}, {ANY, Counting.VISIT}),
    ],
)
def test_what_is_no_call(
    channel: CommunicationChannel, result: Result, changes: dict[str, object], expected: set[Counting]
) -> None:
    assert counts(call(TODAY, result, channel=channel, **changes)) == expected


def test_an_open_permit_counts_as_an_attempt_and_as_reaching_the_debtor() -> None:
    assert counts(call(TODAY, Result.BUSY, pending=True)) == {PLACED, DC, REACHED, ANY, DIALLED}


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_looking_at_all_events_at_once_counts_what_each_alone_counts(seed: int) -> None:
    build = Builder(seed)
    history = tuple(
        replace(build.interaction(NOON, (DEBT,)), initiated_by=build.choice(tuple(Initiator)), id=str(number))
        for number in range(12)
    )
    asked = attempt(history=history)
    for counting in Counting:
        alone = [event for event in history if counted(attempt(history=(event,)), counting)]
        assert list(counted(asked, counting)) == alone


def test_calls_to_a_number_that_turned_out_to_be_a_strangers_are_taken_out() -> None:
    history = tuple(
        call(TODAY, Result.NO_ANSWER, contact_point_id=point, id=str(point)) for point in ("cont_1", "cont_2", None)
    )
    stranger = fact(FactKind.NOT_THE_DEBTORS, contact_point_id="cont_1")
    asked = attempt(history=history, facts=(stranger,))
    assert [event.contact_point_id for event in counted(asked, PLACED)] == ["cont_2", None]
    assert len(counted(attempt(history=history), PLACED)) == 3
    not_yet = replace(stranger, starts_at=NOON + timedelta(hours=1))
    taken_back = replace(stranger, ends_at=NOON)
    for known in (not_yet, taken_back):
        assert len(counted(attempt(history=history, facts=(known,)), PLACED)) == 3


def eighth(history: tuple[Interaction, ...]) -> tuple[date, int]:
    asked = attempt(history=history)
    return free_day(asked, counted(asked, PLACED), TODAY, limit=7, span=7)


def test_the_worked_arithmetic_of_regulation_f() -> None:
    daily = tuple(call(date(2026, 6, day)) for day in range(9, 2, -1))
    assert eighth(daily) == (date(2026, 6, 10), 7)
    assert eighth(daily[1:]) == (TODAY, 6)
    all_at_once = tuple(call(date(2026, 6, 3), id=str(number)) for number in range(7))
    assert eighth(all_at_once) == (date(2026, 6, 10), 7)
    busy = (*daily[1:], call(TODAY, Result.BUSY))
    assert eighth(busy) == (TODAY, 6)


def two_debts() -> ContactAttempt:
    asked = attempt()
    return replace(asked, accounts=(asked.accounts[0], replace(asked.accounts[0], id="acct_2")))


def test_each_debt_is_held_to_the_limit_by_itself_and_a_person_to_all() -> None:
    mine = tuple(call(TODAY, id=f"a{number}") for number in range(4))
    other = tuple(call(TODAY, id=f"b{number}", account_ids=("acct_2",)) for number in range(5))
    unknown = (call(TODAY, id="c", account_ids=()),)
    asked = replace(two_debts(), history=(*mine, *other, *unknown))
    events = counted(asked, PLACED)
    assert [len(days) for days in fullest(asked, events, by_debt=True)] == [5, 6]
    assert [len(days) for days in fullest(asked, events, by_debt=False)] == [10]
    assert free_day(asked, events, TODAY, limit=6, span=7) == (date(2026, 6, 16), 6)
    assert free_day(asked, events, TODAY, limit=7, span=7) == (TODAY, 6)
    assert free_day(asked, events, TODAY, limit=7, span=7, by_debt=False) == (date(2026, 6, 16), 10)
    assert fullest(asked, (), by_debt=True) == []


def test_what_was_about_a_debt() -> None:
    newest, older = call(TODAY, account_ids=("acct_2",)), call(date(2026, 6, 8))
    assert last_about((newest, older), [DEBT]) is older
    assert last_about((newest, older), []) is newest
    assert last_about((newest,), [DEBT]) is None
    assert about_debt(call(TODAY, account_ids=()), "anything")
    assert day_numbers((newest, older), DEBT) == [older.debtor_local_date.toordinal()]
    assert day_numbers((newest, older)) == [TODAY.toordinal() - 1, TODAY.toordinal()]
    assert since((newest, older), newest.started_at) == (newest,)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 20), max_size=12), st.integers(1, 14))
def test_lately_is_what_a_look_at_every_event_finds(ago: list[int], span: int) -> None:
    events = [call(TODAY - timedelta(days=number), id=f"{index}") for index, number in enumerate(sorted(ago))]
    asked = attempt(history=tuple(events))
    expected = [event for event in events if TODAY - timedelta(days=span) < event.debtor_local_date]
    assert list(lately(asked, PLACED, span)) == expected
