"""Reads what decisions stand on: a fixed number of statements for a batch of whatever size, as the caller sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from arrears.kernel.context import Context
from arrears.kernel.database import Connection

HISTORY_DAYS = 366
MOST_HISTORY = 1_000

Source: TypeAlias = Context | Connection
"""Where facts are read: in a context's own snapshot, or on the connection of a transaction that is under way."""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """One account at the end of the business day of an instant, in the zone of its client."""

    asked_at: datetime
    id: UUID
    client_id: UUID
    portfolio_id: UUID | None
    debtor_id: UUID
    product: str
    purpose: str
    status: str
    collector_role: str
    currency: str
    balance_minor: int
    placed_minor: int
    opened_on: date
    due_on: date
    placed_on: date
    charge_off_on: date | None
    last_payment_on: date | None
    client_zone: str
    client_country: str
    last_contact_at: datetime | None
    contacts: int
    parties: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class DebtorFacts:
    """What is known of a debtor itself."""

    id: UUID
    kind: str
    born_on: date | None
    country: str | None
    preferred_language: str | None
    languages: Sequence[str]


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """One place of a debtor, for as long as it is one."""

    debtor_id: UUID
    id: UUID
    kind: str
    country: str
    region: str | None
    city: str | None
    postal_code: str | None
    from_on: date | None
    until_on: date | None


@dataclass(frozen=True, slots=True)
class ZoneFacts:
    """One time zone that a debtor may be in, and what says so."""

    debtor_id: UUID
    zone: str
    source: str
    residence_id: UUID | None


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """The last word of a debtor on one channel of one endpoint, as one client or the agency recorded it."""

    debtor_id: UUID
    client_id: UUID | None
    contact_point_id: UUID | None
    channel: str
    state: str
    scope: str
    given_directly: bool
    given_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """One hold on an account, or on everything of a debtor, that was not over when it was asked for."""

    id: UUID
    debtor_id: UUID
    account_id: UUID | None
    kind: str
    blocks: Sequence[str]
    channel: str | None
    starts_at: datetime
    ends_at: datetime | None
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class InteractionFacts:
    """One contact or attempt that counts."""

    debtor_id: UUID
    id: UUID
    started_at: datetime
    channel: str
    direction: str
    result: str
    party_reached: str
    initiated_by: str
    debtor_local_date: date
    account_id: UUID | None
    discussed: Sequence[UUID]
    endpoint_type: str
    contact_point_id: UUID | None
    debt_discussed: bool
    at_debtor_request: bool
    required_by_law: bool


@dataclass(frozen=True, slots=True)
class PointFacts:
    """One contact point, without the number or address itself."""

    id: UUID
    debtor_id: UUID
    channel: str
    line_type: str | None
    owner: str
    used_for: str
    area_zones: Sequence[str]
    validity: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything that was read for a batch, by the id of the account or debtor that it belongs to."""

    accounts: Mapping[tuple[UUID, datetime], AccountFacts]
    points: Mapping[UUID, PointFacts]
    debtors: Mapping[UUID, DebtorFacts] = field(default_factory=dict)
    places: Mapping[UUID, Sequence[PlaceFacts]] = field(default_factory=dict)
    zones: Mapping[UUID, Sequence[ZoneFacts]] = field(default_factory=dict)
    consents: Mapping[UUID, Sequence[ConsentFacts]] = field(default_factory=dict)
    account_holds: Mapping[UUID, Sequence[HoldFacts]] = field(default_factory=dict)
    debtor_holds: Mapping[UUID, Sequence[HoldFacts]] = field(default_factory=dict)
    history: Mapping[UUID, Sequence[InteractionFacts]] = field(default_factory=dict)


# A payment dated after the day has not been made; what was booked for the day counts whenever it was recorded.
_ACCOUNTS = """
select asked.at, account.id, account.client_id, account.portfolio_id, account.debtor_id, account.product,
       account.purpose, account.status, client.collector_role, account.currency,
       account.balance_minor - coalesce(later.amount_minor, 0)::bigint, account.placed_minor, account.opened_on,
       account.due_on, account.placed_on, account.charge_off_on,
       case when account.last_payment_on <= (asked.at at time zone client.time_zone)::date
            then account.last_payment_on end,
       client.time_zone, client.country, contacted.last_at, contacted.contacts,
       array(select party.debtor_id from party where party.account_id = account.id order by party.position)
from unnest(%(accounts)s::uuid[], %(account_ats)s::timestamptz[]) as asked (id, at)
join account on account.id = asked.id
join client on client.id = account.client_id
cross join lateral (
    select sum(posting.amount_minor) as amount_minor
    from posting
    where posting.account_id = account.id and posting.ledger_account = 'RECEIVABLE'
      and posting.effective_on > (asked.at at time zone client.time_zone)::date
) as later
cross join lateral (
    select max(made.started_at) as last_at, count(*) as contacts
    from (
        select made.id, made.started_at, made.direction from interaction made
        where made.account_id = account.id and made.started_at <= asked.at
        union
        select made.id, made.started_at, made.direction
        from interaction_account discussed join interaction made on made.id = discussed.interaction_id
        where discussed.account_id = account.id and made.started_at <= asked.at
    ) as made
    where made.direction = 'OUTBOUND'
      and not exists (select 1 from interaction correction where correction.corrects_id = made.id)
) as contacted
"""
_POINTS = """
select id, debtor_id, channel, line_type, owner, used_for, area_zones, validity
from contact_point where id = any(%(points)s::uuid[])
"""
_DEBTORS = """
select id, kind, date_of_birth, country, preferred_language, languages from debtor where id = any(%(debtors)s::uuid[])
"""
_PLACES = """
select debtor_id, id, kind, country, region, city, postal_code, from_on, until_on
from residence where debtor_id = any(%(debtors)s::uuid[]) order by debtor_id, id
"""
_ZONES = """
select debtor_id, zone, source, residence_id
from time_zone_candidate where debtor_id = any(%(debtors)s::uuid[]) order by debtor_id, id
"""
_CONSENTS = """
select distinct on (consent.debtor_id, consent.client_id, consent.contact_point_id, consent.channel)
       consent.debtor_id, consent.client_id, consent.contact_point_id, consent.channel, consent.state, consent.scope,
       consent.given_directly, consent.given_at, consent.expires_at
from unnest(%(debtors)s::uuid[], %(debtor_ats)s::timestamptz[]) as asked (id, at)
join consent on consent.debtor_id = asked.id and consent.given_at <= asked.at
order by consent.debtor_id, consent.client_id, consent.contact_point_id, consent.channel,
         consent.given_at desc, consent.recorded_at desc, consent.id desc
"""
_HOLDS = """
select id, debtor_id, account_id, kind, blocks, channel, starts_at, ends_at, released_at from (
    select hold.* from hold where hold.account_id = any(%(held)s::uuid[])
    union all
    select hold.* from hold where hold.debtor_id = any(%(debtors)s::uuid[]) and hold.account_id is null
) as hold
where coalesce(hold.ends_at > %(earliest)s, true) and coalesce(hold.released_at > %(earliest)s, true)
order by hold.starts_at, hold.id
"""
_HISTORY = """
select recent.debtor_id, recent.id, recent.started_at, recent.channel, recent.direction, recent.result,
       recent.party_reached, recent.initiated_by, recent.debtor_local_date, recent.account_id,
       array(select discussed.account_id from interaction_account discussed
             where discussed.interaction_id = recent.id order by discussed.account_id),
       recent.endpoint_type, recent.contact_point_id, recent.debt_discussed, recent.at_debtor_request,
       recent.required_by_law
from unnest(%(debtors)s::uuid[], %(debtor_ats)s::timestamptz[]) as asked (id, at)
cross join lateral (
    select interaction.* from interaction
    where interaction.debtor_id = asked.id and interaction.started_at <= asked.at
      and interaction.started_at > asked.at - make_interval(days => %(days)s)
      and not exists (select 1 from interaction correction where correction.corrects_id = interaction.id)
    order by interaction.started_at desc, interaction.id desc limit %(most)s
) as recent
order by recent.debtor_id, recent.started_at desc, recent.id desc
"""


@asynccontextmanager
async def connected(source: Source) -> AsyncIterator[Connection]:
    """A connection on which the caller's scope is set: the transaction's own, or one with a snapshot of its own."""
    if isinstance(source, Context):
        async with source.database.reads(source.principal.scope) as connection:
            yield connection
    else:
        yield source


async def gather(
    connection: Connection,
    accounts: Iterable[tuple[UUID, datetime]],
    debtors: Iterable[tuple[UUID, datetime]] = (),
    points: Collection[UUID] = (),
    *,
    history: bool = True,
) -> Gathered:
    """What is known of these accounts, their debtors and the further debtors, each at its instant.

    Two round trips and eight statements, seven without `history`. What is unknown or not visible is left out.
    """
    asked = sorted(set(accounts))
    parameters: dict[str, Any] = {
        "accounts": [id for id, _ in asked],
        "account_ats": [at for _, at in asked],
        "points": list(points),
    }
    rows = await _rows(connection, (_ACCOUNTS, _POINTS), parameters)
    found = {(row[1], row[0]): AccountFacts(*row) for row in rows[0]}
    known = {row[0]: PointFacts(*row) for row in rows[1]}
    concerned = [*debtors, *((account.debtor_id, account.asked_at) for account in found.values())]
    latest: dict[UUID, datetime] = {}
    for id, at in concerned:
        latest[id] = max(at, latest.get(id, at))
    if not latest:
        return Gathered(found, known)
    parameters |= {
        "debtors": list(latest),
        "debtor_ats": list(latest.values()),
        "held": parameters["accounts"],
        "earliest": min(at for _, at in concerned),
        "days": HISTORY_DAYS,
        "most": MOST_HISTORY,
    }
    statements = (_DEBTORS, _PLACES, _ZONES, _CONSENTS, _HOLDS, *((_HISTORY,) if history else ()))
    rows = await _rows(connection, statements, parameters)
    holds = [HoldFacts(*row) for row in rows[4]]
    return Gathered(
        accounts=found,
        points=known,
        debtors={row[0]: DebtorFacts(*row) for row in rows[0]},
        places=_by((place.debtor_id, place) for place in (PlaceFacts(*row) for row in rows[1])),
        zones=_by((zone.debtor_id, zone) for zone in (ZoneFacts(*row) for row in rows[2])),
        consents=_by((consent.debtor_id, consent) for consent in (ConsentFacts(*row) for row in rows[3])),
        account_holds=_by((hold.account_id, hold) for hold in holds if hold.account_id is not None),
        debtor_holds=_by((hold.debtor_id, hold) for hold in holds if hold.account_id is None),
        history=_by((one.debtor_id, one) for one in (InteractionFacts(*row) for row in (rows[5] if history else ()))),
    )


async def _rows(
    connection: Connection, statements: Sequence[str], parameters: Mapping[str, Any]
) -> list[list[tuple[Any, ...]]]:
    """The rows of each statement, all in one round trip."""
    async with connection.pipeline():
        cursors = [await connection.execute(statement, parameters) for statement in statements]
    return [await cursor.fetchall() for cursor in cursors]


FactsT = TypeVar("FactsT")


def _by(pairs: Iterable[tuple[UUID, FactsT]]) -> Mapping[UUID, Sequence[FactsT]]:
    found: defaultdict[UUID, list[FactsT]] = defaultdict(list)
    for id, fact in pairs:
        found[id].append(fact)
    return found
