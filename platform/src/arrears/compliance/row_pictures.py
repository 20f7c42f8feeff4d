"""Single rows as plugins see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from arrears.clients.model import CollectorRole
from arrears.compliance.gathered import (
    AccountFacts,
    ConsentFacts,
    HoldFacts,
    InteractionFacts,
    PlaceFacts,
    PointFacts,
)
from arrears.debtors.zones import region_code
from arrears.kernel.calendar import told_day
from arrears_sdk.clock import business_date
from arrears_sdk.ids import encode_id
from arrears_sdk.law.words import ContactParty, ContactPurpose
from arrears_sdk.money import Money
from arrears_sdk.views import Account, Consent, Hold, Interaction, Place
from arrears_sdk.vocabulary import (
    AccountStatus,
    CommunicationChannel,
    ConsentScope,
    ConsentState,
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


def endpoint_type(point: PointFacts) -> EndpointType:
    """What kind of place or device a contact point is."""
    if point.owner == "THIRD_PARTY":
        return EndpointType.THIRD_PARTY
    if point.owner == "EMPLOYER" or point.used_for == "WORK":
        return EndpointType.WORK
    if point.line_type == LineType.MOBILE:
        return EndpointType.MOBILE
    return EndpointType.HOME if point.used_for == "HOME" else EndpointType.UNKNOWN


def account_picture(facts: AccountFacts, holds: Sequence[HoldFacts], at: datetime) -> Account:
    """An account at the end of the business day of an instant, with the holds in force then."""
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
        opened_on=told_day(facts.opened_on),
        due_on=told_day(facts.due_on),
        placed_on=told_day(facts.placed_on),
        days_past_due=(as_of - facts.due_on).days if facts.balance_minor > 0 else 0,
        as_of=as_of,
        charge_off_on=_by_then(facts.charge_off_on, as_of),
        last_payment_on=None if facts.last_payment_on is None else told_day(facts.last_payment_on),
        last_contact_at=facts.last_contact_at,
        contacts=facts.contacts,
        holds=holds_in_force(holds, at),
    )


def _by_then(day: date | None, as_of: date) -> date | None:
    return told_day(day) if day is not None and day <= as_of else None


def holds_in_force(holds: Iterable[HoldFacts], at: datetime) -> tuple[Hold, ...]:
    """The holds that stop something at an instant."""
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


def consent_concerns(consent: ConsentFacts, clients: Collection[UUID]) -> bool:
    """Whether a consent is about messages of these clients; what was taken back from the agency is so from everyone."""
    if consent.client_id is None or consent.client_id in clients:
        return True
    return consent.state == ConsentState.REVOKED and consent.scope != ConsentScope.CLIENT_MESSAGES


def standing_consents(consents: Iterable[ConsentFacts], at: datetime) -> list[ConsentFacts]:
    """The last word on each channel of each endpoint at an instant: when one ended, the one before it stands again."""
    words: dict[tuple[UUID | None, UUID | None, str], ConsentFacts] = {}
    for consent in consents:
        key = (consent.client_id, consent.contact_point_id, consent.channel)
        known = words.get(key)
        if consent.given_at <= at and (known is None or (known.expires_at is not None and known.expires_at <= at)):
            words[key] = consent
    return list(words.values())


def consent_picture(facts: ConsentFacts) -> Consent:
    """The last word on a channel."""
    return Consent(
        channel=CommunicationChannel(facts.channel),
        state=ConsentState(facts.state),
        scope=ConsentScope(facts.scope),
        given_at=facts.given_at,
        expires_at=facts.expires_at,
        given_directly=facts.given_directly,
        contact_point_id=None if facts.contact_point_id is None else encode_id("cont", facts.contact_point_id),
    )


def place_picture(facts: PlaceFacts) -> Place:
    """A place, with the code of its region however it was given."""
    return Place(
        kind=ResidenceKind(facts.kind),
        country=facts.country,
        region=region_code(facts.country, facts.region),
        city=facts.city,
        postal_code=facts.postal_code,
    )


def interaction_picture(facts: InteractionFacts) -> Interaction:
    """A contact or attempt that was written down."""
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
        purpose=ContactPurpose.COLLECT if facts.purpose is None else ContactPurpose(facts.purpose),
        party=ContactParty.DEBTOR if facts.party is None else ContactParty(facts.party),
    )
