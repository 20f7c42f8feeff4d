"""Frozen views of what was gathered, as plugins see it at an instant; they hold no names, numbers or addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from arrears.clients.model import CollectorRole
from arrears.compliance.gathering import (
    MOST_HISTORY,
    AccountFacts,
    ConsentFacts,
    Gathered,
    HoldFacts,
    InteractionFacts,
    PlaceFacts,
    PointFacts,
)
from arrears.debtors.model import ZoneSource
from arrears.debtors.zones import region_code, zones_of_place
from arrears_sdk.clock import business_date
from arrears_sdk.errors import NotFoundError
from arrears_sdk.ids import encode_id
from arrears_sdk.money import Money
from arrears_sdk.rules import chain
from arrears_sdk.views import Account, Consent, ContactPoint, Debtor, Hold, Interaction, Place
from arrears_sdk.vocabulary import (
    AccountStatus,
    CommunicationChannel,
    ConsentScope,
    ConsentState,
    DebtorKind,
    Direction,
    EndpointType,
    HoldBlock,
    HoldKind,
    Initiator,
    InteractionResult,
    LineType,
    PartyReached,
    Product,
    Purpose,
    ResidenceKind,
)

# The day is another one elsewhere: what may be true somewhere on earth counts.
_WEST, _EAST = timedelta(hours=12), timedelta(hours=14)
_LAWFUL_PLACES = frozenset({ResidenceKind.RESIDENCE, ResidenceKind.CURRENT_LOCATION, ResidenceKind.STATED_LOCATION})


@dataclass(frozen=True)
class Album:
    """Views of one batch, each made once. An id that was not found, or may not be seen, raises NotFoundError."""

    gathered: Gathered
    _accounts: dict[tuple[UUID, datetime, datetime], Account] = field(default_factory=dict)
    _debtors: dict[tuple[UUID, datetime, frozenset[UUID]], Debtor] = field(default_factory=dict)
    _histories: dict[tuple[UUID, datetime], tuple[Interaction, ...]] = field(default_factory=dict)

    def facts(self, account_id: UUID, asked_at: datetime) -> AccountFacts:
        """The row of an account that was asked for."""
        found = self.gathered.accounts.get((account_id, asked_at))
        if found is None:
            raise _unknown("acct", "accountIds")
        return found

    def party(self, facts: AccountFacts, debtor_id: UUID | None) -> UUID:
        """The debtor, if that one stands or stood on the account; the primary debtor when none is named."""
        if debtor_id is None or debtor_id == facts.debtor_id or debtor_id in facts.parties:
            return debtor_id or facts.debtor_id
        raise _unknown("dbtr", "debtorId")

    def account(self, account_id: UUID, asked_at: datetime, at: datetime | None = None) -> Account:
        """An account as of the business day of the instant it was asked for, or of a later one."""
        at = at or asked_at
        key = (account_id, asked_at, at)
        if key not in self._accounts:
            facts = self.facts(account_id, asked_at)
            holds = [
                *self.gathered.account_holds.get(account_id, ()),
                *self.gathered.debtor_holds.get(facts.debtor_id, ()),
            ]
            self._accounts[key] = _account(facts, holds, at)
        return self._accounts[key]

    def debtor(self, debtor_id: UUID, at: datetime, clients: Collection[UUID]) -> Debtor:
        """A debtor as of an instant, with the consents that concern these clients."""
        key = (debtor_id, at, frozenset(clients))
        if key not in self._debtors:
            facts = self.gathered.debtors.get(debtor_id)
            if facts is None:
                raise _unknown("dbtr", "debtorId")
            languages = (facts.preferred_language, *facts.languages)
            self._debtors[key] = Debtor(
                id=encode_id("dbtr", debtor_id),
                kind=DebtorKind(facts.kind),
                places=tuple(_place(place) for place in self._places(debtor_id, at)),
                time_zones=self._zones(debtor_id, at),
                languages=tuple(dict.fromkeys(language for language in languages if language)),
                consents=tuple(
                    _consent(consent)
                    for consent in self.gathered.consents.get(debtor_id, ())
                    if _concerns(consent, clients) and consent.given_at <= at
                ),
                born_on=facts.born_on,
            )
        return self._debtors[key]

    def jurisdictions(self, debtor_id: UUID, at: datetime, clients: Iterable[str]) -> frozenset[str]:
        """The places whose law applies: where the debtor lives or is, with their parents; else the likeliest country.

        `clients` are the countries of the clients, the last resort: some law always applies.
        """
        places = self._places(debtor_id, at)
        lawful = [place for place in places if place.kind in _LAWFUL_PLACES]
        lawful = lawful or [place for place in places if place.kind == ResidenceKind.MAILING]
        if lawful:
            return frozenset().union(
                *(chain(place.country, region_code(place.country, place.region), _city(place)) for place in lawful)
            )
        country = self.gathered.debtors[debtor_id].country
        return frozenset().union(*(chain(country) for country in ([country] if country else clients)))

    def holds(self, debtor_id: UUID, account_ids: Iterable[UUID], at: datetime) -> tuple[Hold, ...]:
        """What is in force at an instant: on everything of the debtor, and on these accounts."""
        found = [*self.gathered.debtor_holds.get(debtor_id, ())]
        for account_id in account_ids:
            found += self.gathered.account_holds.get(account_id, ())
        return _holds(found, at)

    def history(self, debtor_id: UUID, at: datetime) -> tuple[Interaction, ...]:
        """What the debtor heard, newest first, in the 366 days up to an instant."""
        key = (debtor_id, at)
        if key not in self._histories:
            since = at - timedelta(days=366)
            self._histories[key] = tuple(
                _interaction(row)
                for row in self.gathered.history.get(debtor_id, ())[:MOST_HISTORY]
                if since < row.started_at <= at
            )
        return self._histories[key]

    def point(self, contact_point_id: UUID, debtor_id: UUID) -> ContactPoint:
        """A contact point of the debtor."""
        row = self.gathered.points.get(contact_point_id)
        if row is None or row.debtor_id != debtor_id:
            raise _unknown("cont", "contactPointId")
        return ContactPoint(
            id=encode_id("cont", row.id),
            endpoint_type=endpoint_type(row),
            line_type=None if row.line_type is None else LineType(row.line_type),
            area_zones=tuple(row.area_zones),
            invalid=row.validity == "INVALID",
        )

    def _places(self, debtor_id: UUID, at: datetime) -> list[PlaceFacts]:
        return [
            place
            for place in self.gathered.places.get(debtor_id, ())
            if (place.until_on is None or place.until_on >= (at - _WEST).date())
            and (place.from_on is None or place.from_on <= (at + _EAST).date())
        ]

    def _zones(self, debtor_id: UUID, at: datetime) -> tuple[str, ...]:
        """Every zone in which the debtor may be: where it is known to be, else all candidates (rule sheet, 0.4)."""
        standing = {place.id for place in self._places(debtor_id, at)}
        candidates = [
            zone
            for zone in self.gathered.zones.get(debtor_id, ())
            if zone.residence_id is None or zone.residence_id in standing
        ]
        certain = [zone for zone in candidates if zone.source == ZoneSource.CURRENT_LOCATION]
        found = tuple(dict.fromkeys(zone.zone for zone in certain or candidates))
        country = self.gathered.debtors[debtor_id].country
        return found or (zones_of_place(country, None) if country else ())


def endpoint_type(point: PointFacts) -> EndpointType:
    """What kind of place or device a contact point is."""
    if point.owner == "THIRD_PARTY":
        return EndpointType.THIRD_PARTY
    if point.owner == "EMPLOYER" or point.used_for == "WORK":
        return EndpointType.WORK
    if point.line_type == LineType.MOBILE:
        return EndpointType.MOBILE
    return EndpointType.HOME if point.used_for == "HOME" else EndpointType.UNKNOWN


def _account(facts: AccountFacts, holds: Sequence[HoldFacts], at: datetime) -> Account:
    as_of = business_date(at, facts.client_zone)
    return Account(
        id=encode_id("acct", facts.id),
        client_id=encode_id("clnt", facts.client_id),
        portfolio_id=None if facts.portfolio_id is None else encode_id("port", facts.portfolio_id),
        debtor_id=encode_id("dbtr", facts.debtor_id),
        product=Product(facts.product),
        purpose=Purpose(facts.purpose),
        status=AccountStatus(facts.status),
        collector_role=CollectorRole(facts.collector_role),
        balance=Money(facts.balance_minor, facts.currency),
        placed=Money(facts.placed_minor, facts.currency),
        opened_on=facts.opened_on,
        due_on=facts.due_on,
        placed_on=facts.placed_on,
        days_past_due=(as_of - facts.due_on).days if facts.balance_minor > 0 else 0,
        as_of=as_of,
        charge_off_on=_by_then(facts.charge_off_on, as_of),
        last_payment_on=facts.last_payment_on,
        last_contact_at=facts.last_contact_at,
        contacts=facts.contacts,
        holds=_holds(holds, at),
    )


def _by_then(day: date | None, as_of: date) -> date | None:
    return day if day is not None and day <= as_of else None


def _holds(holds: Iterable[HoldFacts], at: datetime) -> tuple[Hold, ...]:
    return tuple(
        Hold(
            kind=HoldKind(hold.kind),
            blocks=frozenset(map(HoldBlock, hold.blocks)),
            starts_at=hold.starts_at,
            ends_at=hold.ends_at,
            channel=None if hold.channel is None else CommunicationChannel(hold.channel),
        )
        for hold in holds
        if in_force(hold, at)
    )


def in_force(hold: HoldFacts, at: datetime) -> bool:
    """Whether a hold stops anything at an instant: its start counts, its end and its release do not."""
    over = [end for end in (hold.ends_at, hold.released_at) if end is not None and end <= at]
    return hold.starts_at <= at and not over


def _concerns(consent: ConsentFacts, clients: Collection[UUID]) -> bool:
    """Whether a consent is about messages of these clients; what was taken back from the agency is so from everyone."""
    if consent.client_id is None or consent.client_id in clients:
        return True
    return consent.state == ConsentState.REVOKED and consent.scope != ConsentScope.CLIENT_MESSAGES


def _consent(facts: ConsentFacts) -> Consent:
    return Consent(
        channel=CommunicationChannel(facts.channel),
        state=ConsentState(facts.state),
        scope=ConsentScope(facts.scope),
        given_at=facts.given_at,
        expires_at=facts.expires_at,
        given_directly=facts.given_directly,
        contact_point_id=None if facts.contact_point_id is None else encode_id("cont", facts.contact_point_id),
    )


def _place(facts: PlaceFacts) -> Place:
    return Place(
        kind=ResidenceKind(facts.kind),
        country=facts.country,
        region=region_code(facts.country, facts.region),
        city=facts.city,
        postal_code=facts.postal_code,
    )


def _city(place: PlaceFacts) -> str | None:
    return " ".join(place.city.split()) or None if place.city else None


def _interaction(facts: InteractionFacts) -> Interaction:
    accounts = (facts.account_id, *facts.discussed)
    return Interaction(
        id=encode_id("intr", facts.id),
        started_at=facts.started_at,
        channel=CommunicationChannel(facts.channel),
        direction=Direction(facts.direction),
        result=InteractionResult(facts.result),
        party_reached=PartyReached(facts.party_reached),
        initiated_by=Initiator(facts.initiated_by),
        debtor_local_date=facts.debtor_local_date,
        account_ids=tuple(dict.fromkeys(encode_id("acct", id) for id in accounts if id is not None)),
        endpoint_type=EndpointType(facts.endpoint_type),
        contact_point_id=None if facts.contact_point_id is None else encode_id("cont", facts.contact_point_id),
        debt_discussed=facts.debt_discussed,
        at_debtor_request=facts.at_debtor_request,
        required_by_law=facts.required_by_law,
    )


def _unknown(kind: str, field: str) -> NotFoundError:
    return NotFoundError(f"There is no such record ({kind}) that you may see.", field=(field,))
