"""Writing down contacts, and putting wrong records right."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from arrears.accounts.commands import PartyOpening
from arrears.accounts.model import PartyRole
from arrears.debtors.commands.change import residence_add
from arrears.debtors.commands.inputs import ResidenceAdd
from arrears.debtors.model import CommunicationChannel
from arrears.interactions.commands import (
    InteractionCorrect,
    InteractionRecord,
    correct_interaction,
    record_interaction,
    record_interactions,
)
from arrears.interactions.model import TRAITS, Direction, InteractionResult, fits
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import begin
from arrears_sdk.errors import ArrearsError, ErrorCode, InputError, RefusedError
from arrears_sdk.ids import new_id
from tests.product.accounts.book import Book, limited

NOW = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)
# One in the morning of 2 March in London is still the evening of 1 March in New York.
NIGHT = datetime.datetime(2026, 3, 2, 1, 0, tzinfo=datetime.UTC)


@dataclass
class Scene:
    """Ada, whom Acme can call, with one account, and a second client's account beside it."""

    book: Book
    client: UUID
    debtor: UUID
    account: UUID
    phone: UUID
    foreign: UUID

    async def record(self, **given: Any) -> UUID:
        values: dict[str, Any] = {
            "account_id": self.account,
            "started_at": NOW,
            "channel": CommunicationChannel.PHONE_CALL,
            "direction": Direction.OUTBOUND,
            "result": InteractionResult.NO_ANSWER,
        }
        record = InteractionRecord(**{**values, **given})
        return (await record_interaction(self.book.context(), record)).result.interaction_id

    async def row(self, interaction: UUID) -> dict[str, Any]:
        return await self.book.row("interaction", interaction)


@pytest.fixture
async def scene(book: Book) -> Scene:
    client, other = await book.client(), await book.client("Other", zone="Europe/London")
    debtor = await book.debtor(client, other, phone="+12125550123")
    account = await book.account(client, debtor)
    foreign = await book.account(other, debtor, "FOREIGN")
    ((phone,),) = await book.rows("select id from contact_point")
    return Scene(book, client, debtor, account, phone, foreign)


async def test_what_is_left_out_follows_from_account_contact_point_and_result(scene: Scene) -> None:
    interaction = await scene.record(contact_point_id=scene.phone)

    row = await scene.row(interaction)
    assert (row["client_id"], row["debtor_id"], row["account_id"]) == (scene.client, scene.debtor, scene.account)
    assert (row["endpoint"], row["contact_point_id"]) == ("+12125550123", scene.phone)
    assert (row["party_reached"], row["initiated_by"], row["debt_discussed"]) == ("NONE", "AGENCY", False)
    assert (row["recorded_by_name"], row["recorded_at"]) == ("test", NOW)
    assert row["disclosures"] == []


async def test_everything_given_is_kept(scene: Scene) -> None:
    interaction = await scene.record(
        ended_at=NOW + datetime.timedelta(minutes=3),
        result=InteractionResult.PROMISE,
        debts_discussed=(scene.account,),
        at_debtor_request=True,
        language="es",
        disclosures=("mini-Miranda", "recorded line"),
        template="script",
        template_version="7",
        recording_reference="rec/1",
        note="Paid last time with 4111 1111 1111 1111.",
    )

    row = await scene.row(interaction)
    assert (row["ended_at"], row["party_reached"], row["debt_discussed"]) == (
        NOW + datetime.timedelta(minutes=3),
        "DEBTOR",
        True,
    )
    assert (row["at_debtor_request"], row["language"], row["disclosures"]) == (
        True,
        "es",
        ["mini-Miranda", "recorded line"],
    )
    assert (row["template"], row["template_version"], row["recording_reference"]) == ("script", "7", "rec/1")
    assert row["note"] == "Paid last time with **** **** **** 1111."
    discussed = await scene.book.rows("select account_id, client_id, debtor_id from interaction_account")
    assert discussed == [(scene.account, scene.client, scene.debtor)]
    assert await scene.book.events("InteractionRecorded") == [
        {
            "debtorId": str(scene.debtor),
            "accountId": str(scene.account),
            "channel": "PHONE_CALL",
            "direction": "OUTBOUND",
            "result": "PROMISE",
            "correctsId": None,
        }
    ]


async def test_the_debtors_local_day_is_told_where_the_debtor_is(scene: Scene) -> None:
    area_code = await scene.row(await scene.record(started_at=NIGHT))
    assert (area_code["debtor_zone"], area_code["debtor_local_date"]) == (
        "America/New_York",
        datetime.date(2026, 3, 1),
    )

    await residence_add(
        scene.book.context(), ResidenceAdd(debtor_id=scene.debtor, supplied_by=scene.client, country="DE")
    )
    moved = await scene.row(await scene.record(started_at=NIGHT))
    assert (moved["debtor_zone"], moved["debtor_local_date"]) == ("Europe/Berlin", datetime.date(2026, 3, 2))

    told = await scene.row(await scene.record(started_at=NIGHT, debtor_zone="America/Los_Angeles"))
    assert (told["debtor_zone"], told["debtor_local_date"]) == ("America/Los_Angeles", datetime.date(2026, 3, 1))


async def test_without_any_place_of_the_debtor_the_clients_zone_counts(scene: Scene) -> None:
    nowhere = await scene.book.debtor(scene.client, name="Nowhere")

    row = await scene.row(
        await scene.record(account_id=None, debtor_id=nowhere, client_id=scene.client, started_at=NIGHT)
    )

    assert (row["account_id"], row["debtor_zone"]) == (None, "America/New_York")


async def test_an_interaction_can_be_with_another_party_of_the_account(scene: Scene) -> None:
    bob, stranger = await scene.book.debtor(scene.client, name="Bob"), await scene.book.debtor(scene.client, name="Eve")
    shared = await scene.book.account(
        scene.client, scene.debtor, "SHARED", parties=(PartyOpening(debtor_id=bob, role=PartyRole.GUARANTOR),)
    )

    row = await scene.row(await scene.record(account_id=shared, debtor_id=bob))

    assert row["debtor_id"] == bob
    with pytest.raises(InputError) as refused:
        await scene.record(account_id=shared, debtor_id=stranger)
    assert (refused.value.code, refused.value.problems[0].field) == (ErrorCode.NOT_FOUND, ("input", "debtorId"))


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"account_id": new_id()}, "NOT_FOUND", "accountId"),
        ({"client_id": new_id()}, "INVALID_INPUT", "clientId"),
        ({"account_id": None}, "REQUIRED", "debtorId"),
        ({"contact_point_id": new_id()}, "NOT_FOUND", "contactPointId"),
        ({"debts_discussed": (new_id(),)}, "NOT_FOUND", "debtsDiscussed"),
        ({"started_at": NOW + datetime.timedelta(minutes=6)}, "INVALID_INPUT", "startedAt"),
        ({"ended_at": NOW - datetime.timedelta(seconds=1)}, "INVALID_INPUT", "endedAt"),
        ({"channel": "LETTER", "result": "BUSY"}, "INVALID_INPUT", "result"),
        ({"result": "TALKED", "party_reached": "NONE"}, "INVALID_INPUT", "partyReached"),
        ({"result": "NO_ANSWER", "party_reached": "DEBTOR"}, "INVALID_INPUT", "partyReached"),
        ({"debtor_zone": "EST"}, "INVALID_INPUT", "debtorZone"),
        ({"note": "n" * 20_001}, "INVALID_INPUT", "note"),
    ],
)
async def test_what_cannot_be_is_refused_at_its_place(
    scene: Scene, given: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(InputError) as refused:
        await scene.record(**given)

    (problem,) = refused.value.problems
    assert (problem.code, problem.field[:2]) == (ErrorCode(code), ("input", field))


async def test_debts_of_another_client_are_not_discussed_in_this_clients_log(scene: Scene) -> None:
    with pytest.raises(InputError) as refused:
        await scene.record(result=InteractionResult.TALKED, debts_discussed=(scene.account, scene.foreign))

    assert refused.value.problems[0].field == ("input", "debtsDiscussed", "1")


async def test_the_log_cannot_be_changed(scene: Scene) -> None:
    interaction = await scene.record()
    async with await psycopg.AsyncConnection.connect(scene.book.deployment.urls.owner) as connection:
        for statement in ("update interaction set note = 'x'", "delete from interaction"):
            with pytest.raises(psycopg.Error) as refused:
                await connection.execute(statement)
            assert refused.value.sqlstate == "AR001"
            await connection.rollback()

    assert (await scene.row(interaction))["note"] is None


async def test_a_correction_takes_over_what_it_leaves_out_and_supersedes(scene: Scene) -> None:
    wrong = await scene.record(
        contact_point_id=scene.phone, result=InteractionResult.TALKED, debts_discussed=(scene.account,), note="first"
    )

    change = InteractionCorrect(interaction_id=wrong, reason="listened again", result=InteractionResult.PROMISE)
    done = (await correct_interaction(scene.book.context(), change)).result

    before, after = await scene.row(wrong), await scene.row(done.interaction_id)
    assert (done.superseded_id, after["corrects_id"], after["correction_reason"]) == (wrong, wrong, "listened again")
    assert (before["result"], after["result"]) == ("TALKED", "PROMISE")
    kept = ("client_id", "debtor_id", "account_id", "started_at", "channel", "endpoint", "note", "debt_discussed")
    assert [after[name] for name in kept] == [before[name] for name in kept]
    assert len(await scene.book.rows("select 1 from interaction_account")) == 2


async def test_a_wrong_number_learned_later_takes_the_call_out_of_the_count(scene: Scene) -> None:
    call = await scene.record(contact_point_id=scene.phone, result=InteractionResult.TALKED)

    change = InteractionCorrect(interaction_id=call, reason="not hers", result=InteractionResult.WRONG_NUMBER)
    corrected = (await correct_interaction(scene.book.context(), change)).result.interaction_id

    # Who was reached follows from the new result.
    assert (await scene.row(corrected))["party_reached"] == "NONE"


async def test_a_correction_can_take_away_a_note_but_not_the_direction(scene: Scene) -> None:
    call = await scene.record(note="wrong file")

    change = InteractionCorrect(interaction_id=call, reason="mixed up", note=None, direction=None)
    corrected = (await correct_interaction(scene.book.context(), change)).result.interaction_id

    row = await scene.row(corrected)
    assert (row["note"], row["direction"]) == (None, "OUTBOUND")


async def test_an_interaction_is_corrected_once_and_then_its_correction(scene: Scene) -> None:
    call = await scene.record()
    again = InteractionCorrect(interaction_id=call, reason="r", note="x")
    first = (await correct_interaction(scene.book.context(), again)).result.interaction_id

    with pytest.raises(RefusedError) as refused:
        await correct_interaction(scene.book.context(), again)
    await correct_interaction(scene.book.context(), InteractionCorrect(interaction_id=first, reason="r", note="y"))

    assert refused.value.code is ErrorCode.ALREADY_CORRECTED


async def test_one_idempotency_key_records_once(scene: Scene) -> None:
    record = InteractionRecord(
        account_id=scene.account,
        started_at=NOW,
        channel=CommunicationChannel.SMS,
        direction=Direction.OUTBOUND,
        result=InteractionResult.SENT,
    )

    receipts = [await record_interaction(scene.book.context(), record, idempotency_key="k") for _ in range(2)]

    assert [receipt.replayed for receipt in receipts] == [False, True]
    assert len(await scene.book.rows("select 1 from interaction")) == 1


async def test_who_sees_an_interaction(scene: Scene) -> None:
    await scene.record(result=InteractionResult.TALKED, debts_discussed=(scene.account,))
    await scene.record(account_id=scene.foreign)

    async def seen(scope: Scope) -> tuple[int, int]:
        principal = limited(scope)
        counts = [
            len(await scene.book.rows(f"select 1 from {table}", principal))
            for table in ("interaction", "interaction_account")
        ]
        return counts[0], counts[1]

    bob = await scene.book.debtor(scene.client, name="Bob")
    assert await seen(Scope(kind="limited", staff=False, clients=(scene.client,))) == (1, 1)
    # A collector must know every call to its debtor, whichever client it was for.
    assert await seen(Scope(kind="limited", staff=True, accounts=(scene.account,))) == (2, 1)
    # Another debtor on the same account learns nothing of calls to Ada.
    assert await seen(Scope(kind="limited", staff=False, accounts=(scene.account,), debtor=bob)) == (0, 0)
    assert await seen(Scope(kind="limited", staff=True)) == (0, 0)


CHANNELS = st.sampled_from([CommunicationChannel.PHONE_CALL, CommunicationChannel.SMS, CommunicationChannel.LETTER])
RESULTS = st.sampled_from(list(TRAITS))
RECORDS = st.tuples(CHANNELS, RESULTS, st.sampled_from(list(Direction)), st.booleans(), st.integers(0, 10**6))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given=st.lists(RECORDS, min_size=1, max_size=6))
async def test_a_batch_equals_its_records_one_by_one(scene: Scene, given: list[Any]) -> None:
    records = [
        InteractionRecord(
            account_id=scene.account,
            started_at=NOW - datetime.timedelta(seconds=seconds),
            channel=channel,
            direction=direction,
            result=result if fits(channel.value, result) else InteractionResult.COMPLAINT,
            debts_discussed=(scene.account,) if discussed else (),
        )
        for channel, result, direction, discussed, seconds in given
    ]

    async with begin(scene.book.context()) as tx:
        together = [done.interaction_id for done in await record_interactions(tx, records)]
    singly = [(await record_interaction(scene.book.context(), record)).result.interaction_id for record in records]

    def comparable(row: dict[str, Any]) -> dict[str, Any]:
        # Each contact outside the gate has a decision of its own.
        decided = (row["decision_id"] is not None) == row["outside_gate"] == (row["direction"] == "OUTBOUND")
        return {name: value for name, value in row.items() if name not in ("id", "decision_id")} | {"decided": decided}

    assert [comparable(await scene.row(id)) for id in together] == [comparable(await scene.row(id)) for id in singly]


async def test_one_wrong_record_of_a_batch_refuses_all(scene: Scene) -> None:
    fine = InteractionRecord(
        account_id=scene.account,
        started_at=NOW,
        channel=CommunicationChannel.SMS,
        direction=Direction.OUTBOUND,
        result=InteractionResult.SENT,
    )
    wrong = fine.model_copy(update={"account_id": new_id()})

    with pytest.raises(ArrearsError) as refused:
        async with begin(scene.book.context()) as tx:
            await record_interactions(tx, [fine, wrong])

    assert refused.value.problems[0].field == ("interactions", "1", "accountId")
    assert await scene.book.rows("select 1 from interaction") == []
