"""Who stands on an account, and what stops the work on it."""

from __future__ import annotations

import datetime
from typing import Any
from uuid import UUID

import pytest

import arrears.debtors.jobs  # noqa: F401 - a change of name defers one of its jobs
from arrears.accounts.commands import (
    AccountClose,
    HoldPlace,
    HoldRelease,
    PartyAdd,
    PartyEnd,
    add_party,
    close_account,
    end_party,
    place_hold,
    release_hold,
)
from arrears.accounts.jobs import expire_hold, rename_parties
from arrears.accounts.model import (
    CloseReason,
    HoldBlock,
    HoldKind,
    HoldSource,
    HoldState,
    PartyRole,
    hold_state,
    usual_blocks,
)
from arrears.debtors.commands.change import name_add
from arrears.debtors.commands.inputs import NameAdd
from arrears.debtors.model import CommunicationChannel
from arrears.kernel.dispatcher import Due, dispatch_due
from arrears.kernel.events import RecordedEvent
from arrears_sdk.errors import ArrearsError, ErrorCode, InputError, NotFoundError, RefusedError
from arrears_sdk.ids import new_id
from tests.product.accounts.book import DUE, OPENED, Book

NOW = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


async def started(book: Book) -> tuple[UUID, UUID, UUID]:
    client = await book.client()
    debtor = await book.debtor(client)
    return client, debtor, await book.account(client, debtor)


async def placed(book: Book, **given: Any) -> UUID:
    values: dict[str, Any] = {"kind": HoldKind.DISPUTE, "reason": "says it is not hers", "source": HoldSource.DEBTOR}
    return (await place_hold(book.context(), HoldPlace(**{**values, **given}))).result.hold_id


async def test_a_party_joins_last_and_leaves_with_its_last_day(book: Book) -> None:
    client, _, account = await started(book)
    bob = await book.debtor(client, name="Bob")

    added = (
        await add_party(
            book.context(), PartyAdd(account_id=account, debtor_id=bob, role=PartyRole.CO_DEBTOR, from_on=DUE)
        )
    ).result
    await end_party(book.context(), PartyEnd(party_id=added.party_id, version=1, until_on=DUE))

    row = await book.row("party", added.party_id)
    assert (row["position"], row["name"], row["liability"]) == (2, "Bob", "JOINT_AND_SEVERAL")
    assert (row["from_on"], row["until_on"], row["version"]) == (DUE, DUE, 2)
    again = PartyAdd(account_id=account, debtor_id=bob, role=PartyRole.GUARANTOR, from_on=DUE)
    assert (await book.row("party", (await add_party(book.context(), again)).result.party_id))["position"] == 3


async def test_a_party_of_another_client_is_linked_with_the_accounts(book: Book) -> None:
    client, _, account = await started(book)
    eve = await book.debtor(await book.client("Other"), name="Eve")

    await add_party(book.context(), PartyAdd(account_id=account, debtor_id=eve, role=PartyRole.GUARANTOR, from_on=DUE))

    assert await book.rows(
        "select 1 from debtor_client where debtor_id = %(eve)s and client_id = %(client)s", eve=eve, client=client
    ) == [(1,)]


async def test_a_debtor_stands_on_an_account_once_and_the_primary_one_stays(book: Book) -> None:
    client, debtor, account = await started(book)
    bob = await book.debtor(client, name="Bob")
    ((primary,),) = await book.rows("select id from party")
    refusals = []
    for command, change in (
        (add_party, PartyAdd(account_id=account, debtor_id=debtor, role=PartyRole.CO_DEBTOR, from_on=DUE)),
        (add_party, PartyAdd(account_id=account, debtor_id=bob, role=PartyRole.PRIMARY, from_on=DUE)),
        (add_party, PartyAdd(account_id=account, debtor_id=new_id(), role=PartyRole.CO_DEBTOR, from_on=DUE)),
        (end_party, PartyEnd(party_id=primary, version=1, until_on=DUE)),
    ):
        with pytest.raises(ArrearsError) as refused:
            await command(book.context(), change)  # type: ignore[operator]
        refusals.append((refused.value.code, refused.value.problems[0].field))

    assert refusals == [
        (ErrorCode.INVALID_INPUT, ("input", "debtorId")),
        (ErrorCode.INVALID_INPUT, ("input", "role")),
        (ErrorCode.NOT_FOUND, ("input", "debtorId")),
        (ErrorCode.INVALID_INPUT, ("input", "partyId")),
    ]


async def test_a_party_ends_once_and_not_before_it_began(book: Book) -> None:
    client, _, account = await started(book)
    bob = await book.debtor(client, name="Bob")
    add = PartyAdd(account_id=account, debtor_id=bob, role=PartyRole.CO_DEBTOR, from_on=DUE)
    party = (await add_party(book.context(), add)).result.party_id

    with pytest.raises(InputError):
        await end_party(book.context(), PartyEnd(party_id=party, version=1, until_on=OPENED))
    await end_party(book.context(), PartyEnd(party_id=party, version=1, until_on=DUE))
    with pytest.raises(RefusedError) as refused:
        await end_party(book.context(), PartyEnd(party_id=party, version=2, until_on=DUE))

    assert refused.value.code is ErrorCode.ALREADY_ENDED


async def test_nobody_joins_a_closed_account(book: Book) -> None:
    client, _, account = await started(book)
    bob = await book.debtor(client, name="Bob")
    await close_account(book.context(), AccountClose(account_id=account, version=1, reason=CloseReason.SOLD))

    add = PartyAdd(account_id=account, debtor_id=bob, role=PartyRole.CO_DEBTOR, from_on=DUE)
    with pytest.raises(RefusedError) as refused:
        await add_party(book.context(), add)

    assert refused.value.code is ErrorCode.ACCOUNT_CLOSED


async def test_parties_follow_the_debtors_new_name(book: Book) -> None:
    _, debtor, _ = await started(book)
    await name_add(book.context(), NameAdd(debtor_id=debtor, full_name="Ada Married", from_on=DUE))
    told = RecordedEvent(new_id(), 1, "DebtorRenamed", "dbtr", debtor, None, new_id(), "r", {}, NOW)

    await rename_parties(book.deployment.worker_context(), told)
    await rename_parties(book.deployment.worker_context(), told)

    assert await book.rows("select name, version from party") == [("Ada Married", 2)]


async def test_a_hold_on_a_debt_takes_client_debtor_and_usual_blocks_from_what_it_is(book: Book) -> None:
    client, debtor, account = await started(book)

    hold = await placed(book, account_id=account, kind=HoldKind.HARDSHIP)

    row = await book.row("hold", hold)
    assert (row["client_id"], row["debtor_id"], row["account_id"]) == (client, debtor, account)
    assert (row["scope"], row["blocks"]) == ("DEBT", ["PAYMENT_RUN", "LEGAL"])
    assert (row["starts_at"], row["ends_at"]) == (NOW, None)
    assert await book.events("HoldPlaced") == [
        {"debtorId": str(debtor), "accountId": str(account), "kind": "HARDSHIP", "blocks": ["PAYMENT_RUN", "LEGAL"]}
    ]
    assert "says it is not hers" not in str(await book.rows("select after from audit_entry"))


async def test_holds_on_a_debtor_and_on_a_channel_say_so(book: Book) -> None:
    client, debtor, account = await started(book)

    agency = await placed(book, debtor_id=debtor, kind=HoldKind.DECEASED)
    told = await placed(book, debtor_id=debtor, client_id=client, kind=HoldKind.ATTORNEY)
    letters = await placed(book, account_id=account, channel=CommunicationChannel.LETTER)

    scopes = [await book.row("hold", hold) for hold in (agency, told, letters)]
    assert [(row["scope"], row["client_id"], row["account_id"], row["channel"]) for row in scopes] == [
        ("DEBTOR", None, None, None),
        ("DEBTOR", client, None, None),
        ("CHANNEL", client, account, "LETTER"),
    ]
    assert [row["blocks"] for row in scopes] == [
        ["CONTACT", "PAYMENT_RUN", "CREDIT_REPORT", "LEGAL", "INTEREST"],
        ["CONTACT"],
        ["CONTACT"],
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"account_id": None}, "accountId"),
        ({"debtor_id": new_id()}, "accountId"),
        ({"ends_at": NOW}, "endsAt"),
        ({"blocks": ()}, "blocks"),
        ({"bankruptcy_chapter": "CHAPTER_7"}, "bankruptcyChapter"),
        ({"channel": "SMS", "blocks": ("LEGAL",)}, "blocks"),
        ({"reason": "  "}, "reason"),
        ({"client_id": new_id()}, "clientId"),
    ],
)
async def test_a_hold_that_makes_no_sense_is_refused_at_its_place(
    book: Book, given: dict[str, Any], field: str
) -> None:
    _, _, account = await started(book)

    with pytest.raises(InputError) as refused:
        await placed(book, **{"account_id": account, **given})

    assert refused.value.problems[0].field == ("input", field)


async def test_a_hold_on_an_unknown_account_is_not_found(book: Book) -> None:
    with pytest.raises(NotFoundError) as refused:
        await placed(book, account_id=new_id())

    assert refused.value.problems[0].field == ("input", "accountId")


async def test_a_hold_is_released_once(book: Book) -> None:
    _, _, account = await started(book)
    hold = await placed(book, account_id=account)

    await release_hold(book.context(), HoldRelease(hold_id=hold, version=1, reason="settled the matter"))

    row = await book.row("hold", hold)
    assert (row["released_at"], row["release_reason"], row["version"]) == (NOW, "settled the matter", 2)
    with pytest.raises(RefusedError) as refused:
        await release_hold(book.context(), HoldRelease(hold_id=hold, version=2, reason="again"))
    assert refused.value.code is ErrorCode.ALREADY_ENDED


async def test_a_hold_that_came_to_its_end_cannot_be_released(book: Book) -> None:
    _, _, account = await started(book)
    hold = await placed(book, account_id=account, ends_at=NOW + HOUR)
    book.deployment.clock.advance(HOUR)

    with pytest.raises(RefusedError):
        await release_hold(book.context(), HoldRelease(hold_id=hold, version=1, reason="late"))


async def test_the_end_of_a_hold_is_announced_once_when_the_clock_reaches_it(book: Book) -> None:
    _, debtor, account = await started(book)
    hold = await placed(book, account_id=account, ends_at=NOW + HOUR)
    worker = book.deployment.worker_context()
    assert await dispatch_due(worker) == 0

    book.deployment.clock.advance(HOUR)
    assert await dispatch_due(worker) == 1
    due = Due(new_id(), hold, None, NOW + HOUR, {})
    await expire_hold(worker, due)
    await expire_hold(worker, due)

    assert await book.events("HoldExpired") == [{"debtorId": str(debtor), "accountId": str(account), "kind": "DISPUTE"}]


async def test_a_released_hold_does_not_expire(book: Book) -> None:
    _, _, account = await started(book)
    hold = await placed(book, account_id=account, ends_at=NOW + HOUR)
    await release_hold(book.context(), HoldRelease(hold_id=hold, version=1, reason="over"))
    book.deployment.clock.advance(HOUR)

    await expire_hold(book.deployment.worker_context(), Due(new_id(), hold, None, NOW + HOUR, {}))

    assert await book.events("HoldExpired") == []


@pytest.mark.parametrize(
    ("ends", "released", "at", "state"),
    [
        (None, None, -1, "PENDING"),
        (None, None, 0, "IN_FORCE"),
        (2, None, 1, "IN_FORCE"),
        (2, None, 2, "ENDED"),
        (2, 1, 1, "ENDED"),
        (None, 1, 0, "IN_FORCE"),
        (None, -1, 0, "ENDED"),
    ],
)
def test_the_start_of_a_hold_counts_and_its_end_does_not(
    ends: int | None, released: int | None, at: int, state: str
) -> None:
    ends_at, released_at = (None if hours is None else NOW + hours * HOUR for hours in (ends, released))
    assert hold_state(NOW, ends_at, released_at, NOW + at * HOUR) is HoldState(state)


def test_every_kind_of_hold_stops_something() -> None:
    assert all(usual_blocks(kind) for kind in HoldKind)
    assert usual_blocks(HoldKind.DISPUTE) == frozenset(HoldBlock)
