"""What plugins are asked about: attempts and accounts with their facts, built for a batch in a few set-based reads.

`source` is a context, whose principal's rows are read in one snapshot, or the connection of a transaction that is under
way. Ids that are unknown or outside the scope raise NotFoundError. The order of the answers is that of the questions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict, TypeVar
from uuid import UUID

from arrears.compliance.attempts import attempt_text
from arrears.compliance.gathered import AccountFacts, Gathered
from arrears.compliance.gathering import Source, connected, gather
from arrears.compliance.pictures import Album
from arrears.compliance.settings import ComplianceSettings
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import DEPLOYMENT, Place
from arrears_sdk.law.words import Attestation, ContactParty, ContactPurpose, Content
from arrears_sdk.money import Money
from arrears_sdk.views import (
    Account,
    ActionAttempt,
    ContactAttempt,
    Fact,
    Interaction,
    Licence,
    Notice,
    PaymentAttempt,
)
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
    purpose: ContactPurpose = ContactPurpose.COLLECT
    party: ContactParty = ContactParty.DEBTOR
    content: frozenset[Content] = frozenset()
    languages: tuple[str, ...] = ()
    reply_to: datetime | None = None


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
    recurring: bool = False
    scheduled_on: date | None = None
    previous: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAction:
    """An act about an account, against its debtor or another who stands on it."""

    at: datetime
    kind: ActionKind
    account_id: UUID
    amount: Money | None = None
    debtor_id: UUID | None = None
    planned_on: date | None = None
    rate: Decimal | None = None
    place: str | None = None
    content: frozenset[Content] = frozenset()


WantedT = TypeVar("WantedT", WantedPayment, WantedAction)


async def contact_attempts(
    source: Source, wanted: Sequence[WantedContact], host: PluginHost | None = None
) -> list[ContactAttempt]:
    """The attempts of contacts with everything that rules look at: twelve statements, however many are wanted."""
    album = Album(await gathered_for_contacts(source, wanted, host))
    return [contact_attempt(album, one) for one in wanted]


async def payment_attempts(
    source: Source, wanted: Sequence[WantedPayment], host: PluginHost | None = None
) -> list[PaymentAttempt]:
    """The attempts of payments: twelve statements, however many are wanted."""
    album = await _album(source, wanted, host)
    return [
        PaymentAttempt(
            at=one.at,
            debtor=album.debtor(party, one.at, (facts.client_id,)),
            account=album.account(one.account_id, one.at),
            amount=one.amount,
            method=one.method,
            gateway=one.gateway,
            initiated_by=one.initiated_by,
            recurring=one.recurring,
            scheduled_on=one.scheduled_on,
            previous=one.previous,
            holds=album.holds(party, (one.account_id,), one.at),
            **_known(album, facts, party),
        )
        for one, facts, party in _parties(album, wanted)
    ]


async def action_attempts(
    source: Source, wanted: Sequence[WantedAction], host: PluginHost | None = None
) -> list[ActionAttempt]:
    """The attempts of acts about debts: twelve statements, however many are wanted."""
    album = await _album(source, wanted, host)
    return [
        ActionAttempt(
            at=one.at,
            kind=one.kind,
            debtor=album.debtor(party, one.at, (facts.client_id,)),
            account=album.account(one.account_id, one.at),
            amount=one.amount,
            holds=album.holds(party, (one.account_id,), one.at),
            **_known(album, facts, party),
            planned_on=one.planned_on,
            rate=one.rate,
            place=one.place,
            content=one.content,
        )
        for one, facts, party in _parties(album, wanted)
    ]


async def account_views(source: Source, account_ids: Sequence[UUID], at: datetime) -> list[Account]:
    """The accounts as of their business day at an instant: seven statements, however many there are."""
    async with connected(source) as connection:
        album = Album(await gather(connection, [(id, at) for id in account_ids], for_rules=False))
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
    debtor = album.debtor(debtor_id, at, clients)
    countries = sorted({account.client_country for account in facts})
    jurisdictions = album.jurisdictions(debtor_id, at, countries) | album.licensed_places(at, facts)
    return ContactAttempt(
        at=at,
        channel=wanted.channel,
        debtor=debtor,
        accounts=tuple(album.account(id, wanted.at, at) for id in wanted.account_ids),
        contact_point=None if point is None else album.point(point, debtor_id),
        jurisdictions=jurisdictions,
        history=album.history(debtor_id, at),
        holds=album.holds(debtor_id, wanted.account_ids, at),
        initiated_by=wanted.initiated_by,
        at_debtor_request=wanted.at_debtor_request,
        required_by_law=wanted.required_by_law,
        purpose=wanted.purpose,
        party=wanted.party,
        content=wanted.content,
        languages=wanted.languages,
        reply_to=wanted.reply_to,
        facts=album.facts_about(debtor_id, at, wanted.account_ids, wanted.at, jurisdictions, point),
        notices=album.notices(debtor_id, clients),
        licences=album.licences(),
        attestations=album.attestations(facts),
    )


class _Known(TypedDict):
    """What payments and acts are shown beside themselves."""

    jurisdictions: frozenset[str]
    history: tuple[Interaction, ...]
    facts: tuple[Fact, ...]
    notices: tuple[Notice, ...]
    licences: tuple[Licence, ...]
    attestations: frozenset[Attestation]


def _known(album: Album, account: AccountFacts, debtor_id: UUID) -> _Known:
    at = account.asked_at
    jurisdictions = album.jurisdictions(debtor_id, at, (account.client_country,))
    jurisdictions |= album.licensed_places(at, (account,))
    return _Known(
        jurisdictions=jurisdictions,
        history=album.history(debtor_id, at),
        facts=album.facts_about(debtor_id, at, (account.id,), at, jurisdictions),
        notices=album.notices(debtor_id, (account.client_id,)),
        licences=album.licences(),
        attestations=album.attestations((account,)),
    )


def facts_digest(attempts: Iterable[ContactAttempt | PaymentAttempt | ActionAttempt]) -> str:
    """SHA-256 over everything that the attempts hold, in one canonical form: the same facts, the same digest."""
    digest = hashlib.sha256()
    for attempt in attempts:
        digest.update(attempt_text(attempt))
        digest.update(b"\n")
    return digest.hexdigest()


async def gathered_for_contacts(
    source: Source, wanted: Sequence[WantedContact], host: PluginHost | None = None
) -> Gathered:
    """What contacts stand on, from which attempts are made for their own instants or for later ones.

    The host tells what the agency states about itself; without one it states nothing.
    """
    async with connected(source) as connection:
        found = await gather(
            connection,
            ((id, one.at) for one in wanted for id in one.account_ids),
            [(one.debtor_id, one.at) for one in wanted if one.debtor_id is not None],
            {one.contact_point_id for one in wanted if one.contact_point_id is not None},
        )
    return await _with_agency(found, host)


async def _album(
    source: Source, wanted: Sequence[WantedPayment] | Sequence[WantedAction], host: PluginHost | None
) -> Album:
    async with connected(source) as connection:
        found = await gather(
            connection,
            [(one.account_id, one.at) for one in wanted],
            [(one.debtor_id, one.at) for one in wanted if one.debtor_id is not None],
        )
    return Album(await _with_agency(found, host))


async def _with_agency(gathered: Gathered, host: PluginHost | None) -> Gathered:
    """The same with what the settings of each place say about the agency."""
    if host is None:
        return gathered
    places = {Place(account.client_id, account.portfolio_id) for account in gathered.accounts.values()} | {DEPLOYMENT}
    return replace(gathered, agency={place: await host.config(ComplianceSettings, place) for place in places})


def _parties(album: Album, wanted: Sequence[WantedT]) -> Iterator[tuple[WantedT, AccountFacts, UUID]]:
    """Each with the row of its account and the debtor it is about."""
    for one in wanted:
        facts = album.facts(one.account_id, one.at)
        yield one, facts, album.party(facts, one.debtor_id)
