"""What plugins are asked about: attempts and accounts with their facts, built for a batch in a few set-based reads.

`source` is a context, whose principal's rows are read in one snapshot, or the connection of a transaction that is under
way. Ids that are unknown or outside the scope raise NotFoundError. The order of the answers is that of the questions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import orjson

from arrears.compliance.gathering import AccountFacts, Gathered, Source, connected, gather
from arrears.compliance.pictures import Album
from arrears.plugins.settings import Place
from arrears_sdk.money import Money
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, PaymentAttempt
from arrears_sdk.vocabulary import ActionKind, CommunicationChannel, Initiator, PaymentMethodKind


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedContact:
    """A contact with a debtor about some accounts of one client; without `debtor_id` the first account's debtor.

    With `debtor_id` there may be no account at all, for a contact that is about none.
    """

    at: datetime
    channel: CommunicationChannel
    account_ids: tuple[UUID, ...] = ()
    debtor_id: UUID | None = None
    contact_point_id: UUID | None = None
    initiated_by: Initiator = Initiator.AGENCY
    at_debtor_request: bool = False
    required_by_law: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPayment:
    """Money to be taken for an account, from its debtor or from another who stands on it."""

    at: datetime
    account_id: UUID
    amount: Money
    method: PaymentMethodKind
    gateway: str
    initiated_by: Initiator
    debtor_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAction:
    """An act about an account, against its debtor or another who stands on it."""

    at: datetime
    kind: ActionKind
    account_id: UUID
    amount: Money | None = None
    debtor_id: UUID | None = None


WantedT = TypeVar("WantedT", WantedPayment, WantedAction)


async def contact_attempts(source: Source, wanted: Sequence[WantedContact]) -> list[ContactAttempt]:
    """The attempts of contacts with everything that rules look at: eight statements, however many are wanted."""
    async with connected(source) as connection:
        album = Album(await gathered_for_contacts(connection, wanted))
    return [contact_attempt(album, one) for one in wanted]


async def payment_attempts(source: Source, wanted: Sequence[WantedPayment]) -> list[PaymentAttempt]:
    """The attempts of payments: seven statements, however many are wanted."""
    album = await _album(source, wanted)
    return [
        PaymentAttempt(
            at=one.at,
            debtor=album.debtor(party, one.at, (facts.client_id,)),
            account=album.account(one.account_id, one.at),
            amount=one.amount,
            method=one.method,
            gateway=one.gateway,
            initiated_by=one.initiated_by,
            jurisdictions=album.jurisdictions(party, one.at, (facts.client_country,)),
            holds=album.holds(party, (one.account_id,), one.at),
        )
        for one, facts, party in _parties(album, wanted)
    ]


async def action_attempts(source: Source, wanted: Sequence[WantedAction]) -> list[ActionAttempt]:
    """The attempts of acts about debts: seven statements, however many are wanted."""
    album = await _album(source, wanted)
    return [
        ActionAttempt(
            at=one.at,
            kind=one.kind,
            debtor=album.debtor(party, one.at, (facts.client_id,)),
            account=album.account(one.account_id, one.at),
            amount=one.amount,
            jurisdictions=album.jurisdictions(party, one.at, (facts.client_country,)),
            holds=album.holds(party, (one.account_id,), one.at),
        )
        for one, facts, party in _parties(album, wanted)
    ]


async def account_views(source: Source, account_ids: Sequence[UUID], at: datetime) -> list[Account]:
    """The accounts as of their business day at an instant: seven statements, however many there are."""
    async with connected(source) as connection:
        album = Album(await gather(connection, [(id, at) for id in account_ids], history=False))
    return [album.account(id, at) for id in account_ids]


async def account_places(source: Source, account_ids: Collection[UUID]) -> dict[UUID, Place]:
    """Whose settings decide about each account: its portfolio's, else its client's. Unknown ones are left out."""
    async with connected(source) as connection:
        cursor = await connection.execute(
            "select id, client_id, portfolio_id from account where id = any(%s::uuid[])", [list(account_ids)]
        )
        return {id: Place(client, portfolio) for id, client, portfolio in await cursor.fetchall()}


def contact_attempt(album: Album, wanted: WantedContact, at: datetime | None = None) -> ContactAttempt:
    """The attempt of a contact; with `at` as it would be at that later instant, with today's knowledge."""
    at = at or wanted.at
    facts = [album.facts(id, wanted.at) for id in wanted.account_ids]
    clients = {account.client_id for account in facts}
    debtor_id = wanted.debtor_id or facts[0].debtor_id
    for account in facts:
        album.party(account, debtor_id)
    point = wanted.contact_point_id
    return ContactAttempt(
        at=at,
        channel=wanted.channel,
        debtor=album.debtor(debtor_id, at, clients),
        accounts=tuple(album.account(id, wanted.at, at) for id in wanted.account_ids),
        contact_point=None if point is None else album.point(point, debtor_id),
        jurisdictions=album.jurisdictions(debtor_id, at, sorted({account.client_country for account in facts})),
        history=album.history(debtor_id, at),
        holds=album.holds(debtor_id, wanted.account_ids, at),
        initiated_by=wanted.initiated_by,
        at_debtor_request=wanted.at_debtor_request,
        required_by_law=wanted.required_by_law,
    )


def facts_digest(attempts: Iterable[ContactAttempt | PaymentAttempt | ActionAttempt]) -> str:
    """SHA-256 over everything that the attempts hold, in one canonical form: the same facts, the same digest."""
    digest = hashlib.sha256()
    for attempt in attempts:
        digest.update(orjson.dumps(attempt, default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z))
        digest.update(b"\n")
    return digest.hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"a fact of type {type(value).__name__}")


async def gathered_for_contacts(source: Source, wanted: Sequence[WantedContact]) -> Gathered:
    """What contacts stand on, from which attempts are made for their own instants or for later ones."""
    async with connected(source) as connection:
        return await gather(
            connection,
            ((id, one.at) for one in wanted for id in one.account_ids),
            [(one.debtor_id, one.at) for one in wanted if one.debtor_id is not None],
            {one.contact_point_id for one in wanted if one.contact_point_id is not None},
        )


async def _album(source: Source, wanted: Sequence[WantedPayment] | Sequence[WantedAction]) -> Album:
    async with connected(source) as connection:
        found = await gather(
            connection,
            [(one.account_id, one.at) for one in wanted],
            [(one.debtor_id, one.at) for one in wanted if one.debtor_id is not None],
            history=False,
        )
    return Album(found)


def _parties(album: Album, wanted: Sequence[WantedT]) -> Iterator[tuple[WantedT, AccountFacts, UUID]]:
    """Each with the row of its account and the debtor it is about."""
    for one in wanted:
        facts = album.facts(one.account_id, one.at)
        yield one, facts, album.party(facts, one.debtor_id)
