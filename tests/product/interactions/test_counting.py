"""How each result of a contact counts (rule sheet, section 0.2)."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from arrears.debtors.model import CommunicationChannel
from arrears.interactions.model import (
    COUNTING_SQL,
    TRAITS,
    Contact,
    Direction,
    InteractionResult,
    PartyReached,
    fits,
    is_contacted,
    is_conversation,
    is_placed_call,
    is_reached,
    is_right_party,
    is_worked,
    usual_party,
)
from tests.product.accounts.book import Book

RULES: dict[str, Callable[[Contact], bool]] = {
    "placed_call": is_placed_call,
    "conversation": is_conversation,
    "reached": is_reached,
    "right_party": is_right_party,
    "worked": is_worked,
    "contacted": is_contacted,
}


def call(
    result: str,
    party: str | None = None,
    *,
    direction: str = "OUTBOUND",
    discussed: bool = True,
    channel: str = "PHONE_CALL",
) -> Contact:
    wanted = InteractionResult(result)
    reached = usual_party(wanted) if party is None else PartyReached(party)
    return Contact(channel, Direction(direction), reached, wanted, discussed)


@pytest.mark.parametrize(
    ("contact", "placed", "conversation"),
    [
        (call("TALKED"), True, True),
        (call("TALKED", discussed=False), True, True),
        (call("HUNG_UP", discussed=False), True, False),
        (call("HUNG_UP", discussed=True), True, True),
        (call("VOICEMAIL_LEFT", discussed=False), True, False),
        (call("NO_ANSWER", discussed=False), True, False),
        (call("VOICEMAIL_NO_MESSAGE", discussed=False), True, False),
        (call("BUSY", discussed=False), False, False),
        (call("OUT_OF_SERVICE", discussed=False), False, False),
        (call("WRONG_NUMBER", discussed=False), False, False),
        (call("TALKED", direction="INBOUND", discussed=True), False, True),
        (call("TALKED", direction="INBOUND", discussed=False), False, False),
    ],
)
def test_the_shared_table_of_call_results(contact: Contact, placed: bool, conversation: bool) -> None:
    assert (is_placed_call(contact), is_conversation(contact)) == (placed, conversation)


@pytest.mark.parametrize(
    ("contact", "placed", "conversation"),
    [
        (call("PROMISE", channel="PHONE_AUTODIALED"), True, True),
        (call("VOICEMAIL_LEFT", channel="RINGLESS_VOICEMAIL", discussed=False), True, False),
        (call("REPLIED", channel="SMS"), False, False),
        (call("TALKED", channel="IN_PERSON_HOME"), False, False),
        (call("TALKED", "ATTORNEY"), False, False),
        (call("TALKED", "SPOUSE"), True, True),
        (call("DECEASED", "THIRD_PARTY"), True, False),
        (call("DECEASED", "REPRESENTATIVE"), True, True),
        (call("THIRD_PARTY_REACHED", discussed=False), True, False),
    ],
)
def test_only_telephone_calls_with_the_person_count(contact: Contact, placed: bool, conversation: bool) -> None:
    assert (is_placed_call(contact), is_conversation(contact)) == (placed, conversation)


@pytest.mark.parametrize(
    ("contact", "reached", "right_party", "worked", "contacted"),
    [
        (call("NO_ANSWER", discussed=False), False, False, True, False),
        (call("MESSAGE_WITH_PERSON"), True, False, True, False),
        (call("TALKED"), True, True, True, True),
        (call("DELIVERED", channel="SMS"), False, False, False, False),
        (call("REPLIED", channel="EMAIL"), True, True, False, True),
        (call("WRONG_NUMBER", "THIRD_PARTY"), False, False, True, False),
    ],
)
def test_reached_right_party_worked_and_contacted_are_four_things(
    contact: Contact, reached: bool, right_party: bool, worked: bool, contacted: bool
) -> None:
    found = (is_reached(contact), is_right_party(contact), is_worked(contact), is_contacted(contact))
    assert found == (reached, right_party, worked, contacted)


def test_every_result_has_its_traits() -> None:
    assert set(TRAITS) == set(InteractionResult)


def test_a_letter_is_not_busy_and_a_live_call_is_not_returned() -> None:
    assert not fits("LETTER", InteractionResult.BUSY)
    assert not fits("PHONE_CALL", InteractionResult.RETURNED)
    assert fits("PHONE_CALL", InteractionResult.NO_ANSWER)
    assert fits("IN_PERSON_HOME", InteractionResult.NO_ANSWER)
    assert fits("SMS", InteractionResult.WRONG_NUMBER)


async def test_sql_counts_as_the_functions_do_for_every_combination(book: Book) -> None:
    combinations = [
        Contact(channel.value, direction, party, result, discussed)
        for channel, direction, party, result, discussed in itertools.product(
            CommunicationChannel, Direction, PartyReached, InteractionResult, (True, False)
        )
    ]
    conditions = ", ".join(f"({sql.format(row='given')})" for sql in COUNTING_SQL.values())
    sql = (
        f"select {conditions} from unnest(%(channels)s::text[], %(directions)s::text[], %(parties)s::text[],"
        " %(results)s::text[], %(discussed)s::boolean[]) with ordinality"
        " as given (channel, direction, party_reached, result, debt_discussed, place) order by place"
    )

    rows = await book.rows(
        sql,
        channels=[contact.channel for contact in combinations],
        directions=[contact.direction.value for contact in combinations],
        parties=[contact.party_reached.value for contact in combinations],
        results=[contact.result.value for contact in combinations],
        discussed=[contact.debt_discussed for contact in combinations],
    )

    assert list(COUNTING_SQL) == list(RULES)
    expected = [tuple(rule(contact) for rule in RULES.values()) for contact in combinations]
    assert [tuple(row) for row in rows] == expected
