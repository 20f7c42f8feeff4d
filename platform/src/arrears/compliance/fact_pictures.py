"""Facts, notices and licences as plugins see them, also those that an account or a contact point says by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from arrears.compliance.gathered import (
    AccountFacts,
    LicenceFacts,
    NoticeFacts,
    PermitFacts,
    PointFacts,
    StatedFacts,
)
from arrears.debtors.zones import place_code
from arrears.kernel.calendar import told_day
from arrears_sdk.clock import business_date
from arrears_sdk.ids import encode_id
from arrears_sdk.law.catalogue import FACTS
from arrears_sdk.law.facts import FactKind, FactLevel
from arrears_sdk.law.words import ContactParty, ContactPurpose, FactSource, NoticeKind
from arrears_sdk.money import Money
from arrears_sdk.views import Fact, Interaction, Licence, LocalHours, Notice
from arrears_sdk.vocabulary import (
    CommunicationChannel,
    Direction,
    EndpointType,
    Initiator,
    InteractionResult,
    PartyReached,
)

# A day begins first where it is fourteen hours later than in UTC.
_EAST = timedelta(hours=14)
_KINDS = FactKind.__members__
_NOTICES = NoticeKind.__members__
# What is so of a debt whichever of its debtors it was recorded with. Who acts for one, what one consented to, was freed
# from or acknowledged, is that one's own.
OF_THE_DEBT_ITSELF = frozenset(
    {
        *(FactKind.DISPUTE, FactKind.ORIGINAL_CREDITOR_REQUEST, FactKind.DOCUMENT_REQUEST, FactKind.COPY_REQUEST),
        *(FactKind.LIMITATION_RAISED, FactKind.COMPLAINT, FactKind.OBTAINED_IN_DEFAULT, FactKind.COLLECTOR_NAME),
        *(FactKind.ORIGINAL_CREDITOR, FactKind.CHAIN_OF_TITLE, FactKind.DOCUMENTS_HELD, FactKind.SERVICING_NUMBER),
        *(FactKind.CREDIT_EXTENDED, FactKind.REGULATED_AGREEMENT, FactKind.SECURED, FactKind.PRESENT_RIGHT),
        *(FactKind.INSTRUMENT, FactKind.CONTRACT_PLACE, FactKind.GOVERNING_LAW, FactKind.AMOUNT_CLAUSE),
        *(FactKind.ITEMISATION_DATE, FactKind.DELINQUENT_SINCE, FactKind.ACCRUED, FactKind.CREDITOR_LAST_CONTACT),
        *(FactKind.IN_DEFAULT, FactKind.DEFAULT_REMEDIED, FactKind.LITIGATION_AUTHORITY, FactKind.PROCEDURES_STARTED),
        *(FactKind.PRINCIPAL_AT_DEFAULT, FactKind.DEFAULT_CHARGES, FactKind.PAID_OR_SETTLED),
        *(FactKind.KNOWN_INACCURATE, FactKind.NON_PROFIT_HOSPITAL, FactKind.FIRST_BILL, FactKind.PERFORMING_TRANSFER),
        *(FactKind.FURNISHED, FactKind.DELINQUENCY_REPORTED),
    }
)
_PHONE = frozenset(
    {
        CommunicationChannel.PHONE_CALL,
        CommunicationChannel.PHONE_AUTODIALED,
        CommunicationChannel.PHONE_PRERECORDED,
        CommunicationChannel.RINGLESS_VOICEMAIL,
    }
)


def stated_fact(row: StatedFacts) -> Fact | None:
    """A recorded fact; None for one of a kind that this version does not know, on which no rule of it can turn."""
    if row.kind not in _KINDS:
        return None
    hours = None
    if row.earliest is not None or row.latest is not None or row.weekdays:
        hours = LocalHours(earliest=row.earliest, latest=row.latest, weekdays=frozenset(row.weekdays))
    return Fact(
        id=encode_id("fact", row.id),
        kind=FactKind(row.kind),
        source=FactSource(row.source),
        received_at=row.received_at,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        account_id=None if row.account_id is None else encode_id("acct", row.account_id),
        contact_point_id=None if row.contact_point_id is None else encode_id("cont", row.contact_point_id),
        word=row.word,
        on=row.on,
        number=row.number,
        amount=None if row.amount_minor is None or row.currency is None else Money(row.amount_minor, row.currency),
        place=row.place,
        hours=hours,
        channel=None if row.channel is None else CommunicationChannel(row.channel),
    )


def concerns(row: StatedFacts, clients: Collection[UUID]) -> bool:
    """Whether a fact is about debts of these clients: one of all debts to one client is not about another's.

    What a client tells of a person or an endpoint is so for everybody: nobody is dead for one creditor only.
    """
    if row.client_id is None or row.account_id is not None or row.client_id in clients:
        return True
    return row.kind in _KINDS and FACTS[FactKind(row.kind)].level is not FactLevel.DEBT


def facts_of_point(point: PointFacts) -> Iterator[Fact]:
    """What a contact point's own row says."""
    if point.reassignment_checked_on is not None:
        yield _own("cont", point.id, FactKind.REASSIGNMENT_CHECK, point.reassignment_checked_on)


def facts_of_account(account: AccountFacts) -> Iterator[Fact]:
    """What an account's own row says, as facts of the debt that its client told."""
    debt, id = account.debt, account.id
    for kind, on in (
        (FactKind.ITEMISATION_DATE, debt.itemization_on),
        (FactKind.DELINQUENT_SINCE, debt.first_delinquency_on),
        (FactKind.JUDGMENT, debt.judgment_on),
        (FactKind.IN_DEFAULT, debt.default_on),
        (FactKind.ACCRUED, debt.accrues_from_on),
        (FactKind.FIRST_BILL, debt.first_billed_on),
        (FactKind.ASSISTANCE_APPLICATION, debt.assistance_applied_on),
    ):
        if on is not None:
            yield _own("acct", id, kind, on)
    # A part payment is known by the day of the last payment.
    if debt.acknowledged_on is not None and debt.acknowledgment != "PART_PAYMENT":
        yield _own("acct", id, FactKind.ACKNOWLEDGED, debt.acknowledged_on, word=debt.acknowledgment)
    since = account.placed_on
    if debt.in_default_when_acquired is not None:
        word = "YES" if debt.in_default_when_acquired else "NO"
        yield _own("acct", id, FactKind.OBTAINED_IN_DEFAULT, None, since, word=word)
    if debt.instrument is not None:
        yield _own("acct", id, FactKind.INSTRUMENT, None, since, word=debt.instrument)
    for kind, text in ((FactKind.CONTRACT_PLACE, debt.contract_place), (FactKind.GOVERNING_LAW, debt.governing_law)):
        place = place_code(text) if text else None
        if place is not None:
            yield _own("acct", id, kind, None, since, place=place)
    if debt.servicing_reference is not None:
        yield _own("acct", id, FactKind.SERVICING_NUMBER, None, since, number=_joining(debt.servicing_reference))
    if debt.principal_at_default_minor is not None:
        amount = Money(debt.principal_at_default_minor, account.currency)
        yield _own("acct", id, FactKind.PRINCIPAL_AT_DEFAULT, None, since, amount=amount)
    if debt.hospital_non_profit:
        yield _own("acct", id, FactKind.NON_PROFIT_HOSPITAL, None, since)


def _own(
    prefix: str,
    id: UUID,
    kind: FactKind,
    on: date | None,
    since: date | None = None,
    *,
    word: str | None = None,
    number: int | None = None,
    amount: Money | None = None,
    place: str | None = None,
) -> Fact:
    day = since or on
    assert day is not None, "a fact of a row has a day"
    begins = datetime.combine(told_day(day), time(), UTC) - _EAST
    public = encode_id(prefix, id)
    return Fact(
        id=public,
        kind=kind,
        source=FactSource.CLIENT if prefix == "acct" else FactSource.AGENCY,
        received_at=begins,
        starts_at=begins,
        account_id=public if prefix == "acct" else None,
        contact_point_id=public if prefix == "cont" else None,
        word=word,
        on=None if on is None else told_day(on),
        number=number,
        amount=amount,
        place=place,
    )


def _joining(reference: str) -> int:
    """A number that is the same for the same reference: the fact joins debts by it, and means nothing else."""
    return int.from_bytes(hashlib.sha256(reference.encode()).digest()[:6])


def notice_picture(row: NoticeFacts) -> Notice | None:
    """A notice that was given; None for one of a kind that this version does not know."""
    if row.kind not in _NOTICES:
        return None
    return Notice(
        id=encode_id("notc", row.id),
        kind=NoticeKind(row.kind),
        medium=CommunicationChannel(row.medium),
        sent_at=row.sent_at,
        account_ids=tuple(encode_id("acct", id) for id in row.accounts),
        received_on=row.received_on,
        returned_at=row.returned_at,
        ends_on=row.ends_on,
        contact_point_id=None if row.contact_point_id is None else encode_id("cont", row.contact_point_id),
    )


def licences(rows: Iterable[LicenceFacts]) -> tuple[Licence, ...]:
    """What the agency holds; a bond beside a licence is none."""
    return tuple(
        Licence(place=row.place, kind=row.kind, from_on=row.from_on, until_on=row.until_on)
        for row in rows
        if row.kind != "BOND"
    )


def is_open(row: PermitFacts, at: datetime) -> bool:
    """Whether leave for a contact counts as an attempt: used and not written down, or still to be used."""
    return row.granted_at <= at and (row.used_at is not None or row.expires_at > at)


def pending(row: PermitFacts, zones: Collection[str]) -> Interaction:
    """An open permit as the contact that it may become."""
    channel = CommunicationChannel(row.channel)
    # Of the days that it may be the last: a limit that counts it is kept the longest.
    day = max(business_date(row.granted_at, zone) for zone in zones or ("UTC",))
    return Interaction(
        id=encode_id("prmt", row.id),
        started_at=row.used_at or row.granted_at,
        channel=channel,
        direction=Direction.OUTBOUND,
        result=InteractionResult.NO_ANSWER if channel in _PHONE else InteractionResult.SENT,
        party_reached=PartyReached.NONE,
        initiated_by=Initiator(row.initiated_by),
        debtor_local_date=day,
        account_ids=tuple(encode_id("acct", id) for id in row.accounts),
        endpoint_type=EndpointType.UNKNOWN,
        contact_point_id=None if row.contact_point_id is None else encode_id("cont", row.contact_point_id),
        at_debtor_request=row.at_debtor_request,
        required_by_law=row.required_by_law,
        purpose=ContactPurpose.COLLECT if row.purpose is None else ContactPurpose(row.purpose),
        party=ContactParty.DEBTOR if row.party is None else ContactParty(row.party),
        pending=True,
    )
