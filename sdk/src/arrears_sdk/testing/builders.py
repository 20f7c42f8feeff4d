"""Believable debtors, accounts and attempts: made up, and the same again for the same seed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from arrears_sdk.events import Event
from arrears_sdk.ids import encode_id
from arrears_sdk.law.words import ContactParty, ContactPurpose
from arrears_sdk.money import Money
from arrears_sdk.permit import Permit
from arrears_sdk.ports.gateway import ChargeRequest
from arrears_sdk.rules import chain
from arrears_sdk.testing import law_samples
from arrears_sdk.testing.payloads import payload_of
from arrears_sdk.views import (
    Account,
    ActionAttempt,
    Consent,
    ContactAttempt,
    ContactPoint,
    DataSubject,
    Debtor,
    Hold,
    Interaction,
    PaymentAttempt,
    Place,
)
from arrears_sdk.vocabulary import (
    AccountStatus,
    ActionKind,
    CollectorRole,
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
    PaymentMethodKind,
    Product,
    Purpose,
    ResidenceKind,
)

ChoiceT = TypeVar("ChoiceT")

HOMES: tuple[tuple[str, str | None, str | None, tuple[str, ...]], ...] = (
    ("US", "NY", "NEW YORK", ("America/New_York",)),
    ("US", "CA", None, ("America/Los_Angeles",)),
    ("US", "TX", None, ("America/Chicago",)),
    ("US", "AZ", None, ("America/Phoenix",)),
    ("US", "IN", None, ("America/Indiana/Indianapolis", "America/Chicago")),
    ("US", "MA", None, ("America/New_York",)),
    ("GB", "ENG", None, ("Europe/London",)),
    ("DE", "BE", None, ("Europe/Berlin",)),
    ("IN", "MH", None, ("Asia/Kolkata",)),
    ("AU", "NSW", None, ("Australia/Sydney",)),
    ("US", "DC", "WASHINGTON", ("America/New_York",)),
    ("US", "WA", None, ("America/Los_Angeles",)),
    ("CA", "ON", "TORONTO", ("America/Toronto",)),
    ("FR", None, None, ("Europe/Paris",)),
    ("ZA", None, None, ("Africa/Johannesburg",)),
)
"""Where sample debtors live, with the zones that go with it."""
DAYS = (
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 11, 1),
    date(2026, 12, 24),
    date(2026, 12, 25),
    date(2027, 1, 1),
    date(2027, 1, 31),
    date(2028, 2, 29),
)
"""Days on which mistakes show: changes of the clocks, holidays, a leap day, first days of new rules."""
TIMES = (
    time(0, 0),
    time(2, 30),
    time(6, 59, 59),
    time(7, 59, 59),
    time(8, 0),
    time(12, 0),
    time(19, 0),
    time(20, 59, 59),
    time(21, 0),
    time(23, 59, 59),
)
"""Times of the debtor's day on which mistakes show: the edges of permitted hours."""
UNREACHED = (
    InteractionResult.NO_ANSWER,
    InteractionResult.NO_ANSWER,
    InteractionResult.VOICEMAIL_LEFT,
    InteractionResult.BUSY,
    InteractionResult.SENT,
    InteractionResult.BOUNCED,
)
BLOCKS = {
    HoldKind.DISPUTE: {HoldBlock.CREDIT_REPORT, HoldBlock.LEGAL},
    HoldKind.CEASE_COMMUNICATION: {HoldBlock.CONTACT},
    HoldKind.ATTORNEY: {HoldBlock.CONTACT},
    HoldKind.BANKRUPTCY: set(HoldBlock),
    HoldKind.HARDSHIP: {HoldBlock.CONTACT, HoldBlock.PAYMENT_RUN, HoldBlock.INTEREST},
}


class Builder:
    """Makes sample objects; two builders with the same seed make the same ones.

    For anything special take what it gives and use `dataclasses.replace`:
    `replace(build.debtor(), time_zones=())`.
    """

    def __init__(self, seed: int = 0) -> None:
        self.random = Random(seed)

    def choice(self, options: tuple[ChoiceT, ...]) -> ChoiceT:
        """One of the options."""
        return self.random.choice(options)

    def id(self, prefix: str) -> str:
        """A fresh id of a kind: `acct_...`."""
        return encode_id(prefix, UUID(int=self.random.getrandbits(128)))

    def chance(self, share: float) -> bool:
        """True in about that share of cases."""
        return self.random.random() < share

    def instant(self, zone: str = "UTC") -> datetime:
        """An instant in UTC, often at an edge of a debtor's day, sometimes on a day on which clocks change."""
        day = self.choice(DAYS) if self.chance(0.5) else date(2026, 1, 1) + timedelta(days=self.random.randrange(900))
        at = self.choice(TIMES) if self.chance(0.6) else time(self.random.randrange(24), self.random.randrange(60))
        return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)

    def debtor(self) -> Debtor:
        """A debtor who lives somewhere, mostly a person."""
        country, region, city, zones = self.choice(HOMES)
        home = Place(kind=ResidenceKind.RESIDENCE, country=country, region=region, city=city)
        company = self.chance(0.1)
        return Debtor(
            id=self.id("dbtr"),
            kind=DebtorKind.COMPANY if company else DebtorKind.PERSON,
            places=(home,),
            time_zones=zones,
            languages=(self.choice(("en", "de", "es")),),
            consents=tuple(self.consent() for _ in range(self.random.randrange(3))),
            born_on=None if company else date(1950 + self.random.randrange(57), 1 + self.random.randrange(12), 15),
        )

    def consent(self) -> Consent:
        """A consent that was given or taken back."""
        return Consent(
            channel=self.choice(tuple(CommunicationChannel)),
            state=self.choice(tuple(ConsentState)),
            scope=self.choice(tuple(ConsentScope)),
            given_at=datetime(2025, 6, 1, 15, tzinfo=UTC) + timedelta(days=self.random.randrange(200)),
            given_directly=self.chance(0.5),
        )

    def money(self, currency: str = "USD") -> Money:
        """An amount that somebody may owe."""
        return Money(self.random.randrange(100, 900_000), currency)

    def hold(self) -> Hold:
        """A hold in force since the past."""
        kind = self.choice(tuple(BLOCKS))
        return Hold(kind=kind, blocks=frozenset(BLOCKS[kind]), starts_at=datetime(2025, 12, 1, tzinfo=UTC))

    def account(self, debtor: Debtor | None = None, as_of: date = date(2026, 3, 2)) -> Account:
        """An account in collection, of a debtor or of some debtor."""
        due_on = as_of - timedelta(days=self.random.randrange(-10, 700))
        placed_on = max(due_on, as_of - timedelta(days=self.random.randrange(1, 200)))
        balance = self.money(self.choice(("USD", "USD", "EUR", "GBP", "JPY")))
        return Account(
            id=self.id("acct"),
            client_id=self.id("clnt"),
            portfolio_id=self.id("port") if self.chance(0.7) else None,
            debtor_id=debtor.id if debtor else self.id("dbtr"),
            product=self.choice(tuple(Product)),
            purpose=Purpose.CONSUMER if self.chance(0.9) else Purpose.COMMERCIAL,
            status=AccountStatus.ACTIVE if self.chance(0.8) else AccountStatus.LEGAL,
            collector_role=self.choice(tuple(CollectorRole)),
            balance=balance,
            placed=Money(balance.minor + self.random.randrange(50_000), balance.currency),
            opened_on=due_on - timedelta(days=400),
            due_on=due_on,
            placed_on=placed_on,
            days_past_due=(as_of - due_on).days,
            as_of=as_of,
            last_payment_on=placed_on if self.chance(0.3) else None,
            contacts=self.random.randrange(12),
            holds=(self.hold(),) if self.chance(0.15) else (),
        )

    def interaction(self, before: datetime, account_ids: tuple[str, ...] = (), point: str | None = None) -> Interaction:
        """A contact of the weeks before an instant."""
        started_at = before - timedelta(minutes=self.random.randrange(1, 60 * 24 * 30))
        reached = self.chance(0.4)
        return Interaction(
            id=self.id("intr"),
            started_at=started_at,
            channel=self.choice(tuple(CommunicationChannel)),
            direction=Direction.OUTBOUND if self.chance(0.8) else Direction.INBOUND,
            result=InteractionResult.TALKED if reached else self.choice(UNREACHED),
            party_reached=PartyReached.DEBTOR if reached else PartyReached.NONE,
            initiated_by=Initiator.AGENCY,
            debtor_local_date=started_at.date(),
            account_ids=account_ids,
            contact_point_id=point if self.chance(0.5) else None,
            debt_discussed=reached,
            purpose=self.choice((ContactPurpose.COLLECT, ContactPurpose.COLLECT, ContactPurpose.LOCATION_INQUIRY)),
            pending=not reached and self.chance(0.05),
        )

    def contact_attempt(self) -> ContactAttempt:
        """A contact that somebody wants to make, with the debtor's history."""
        debtor = self.debtor()
        at = self.instant(debtor.time_zones[0])
        accounts = tuple(self.account(debtor, at.date()) for _ in range(1 + self.random.randrange(2)))
        ids = tuple(account.id for account in accounts)
        point = ContactPoint(
            id=self.id("cont"),
            endpoint_type=self.choice(tuple(EndpointType)),
            line_type=self.choice(tuple(LineType)),
            area_zones=debtor.time_zones if self.chance(0.5) else (),
        )
        history = [self.interaction(at, ids, point.id) for _ in range(self.random.randrange(9))]
        places = jurisdictions(debtor)
        return ContactAttempt(
            at=at,
            channel=self.choice(tuple(CommunicationChannel)),
            debtor=debtor,
            accounts=accounts,
            contact_point=point,
            jurisdictions=places,
            history=tuple(sorted(history, key=lambda past: past.started_at, reverse=True)),
            holds=(self.hold(),) if self.chance(0.2) else (),
            initiated_by=self.choice((Initiator.AGENCY, Initiator.AGENCY, Initiator.DEBTOR)),
            at_debtor_request=self.chance(0.1),
            required_by_law=self.chance(0.05),
            purpose=self.choice(tuple(ContactPurpose)) if self.chance(0.3) else ContactPurpose.COLLECT,
            party=self.choice(tuple(ContactParty)) if self.chance(0.3) else ContactParty.DEBTOR,
            content=law_samples.content(self),
            languages=(self.choice(("en", "de", "es")),) if self.chance(0.5) else (),
            reply_to=at - timedelta(hours=1 + self.random.randrange(48)) if self.chance(0.1) else None,
            facts=law_samples.facts(self, at, accounts[0].balance.currency, ids, point.id),
            notices=law_samples.notices(self, at, ids),
            licences=law_samples.licences(self, at, places),
            attestations=law_samples.attestations(self),
        )

    def payment_attempt(self) -> PaymentAttempt:
        """Money that somebody wants to take."""
        debtor = self.debtor()
        at = self.instant(debtor.time_zones[0])
        account = self.account(debtor, at.date())
        return PaymentAttempt(
            at=at,
            debtor=debtor,
            account=account,
            amount=Money(self.random.randrange(1, account.balance.minor + 1), account.balance.currency),
            method=self.choice(tuple(PaymentMethodKind)),
            gateway="sandbox",
            initiated_by=self.choice((Initiator.DEBTOR, Initiator.AGENCY)),
            jurisdictions=jurisdictions(debtor),
            holds=(self.hold(),) if self.chance(0.2) else (),
            recurring=self.chance(0.4),
            scheduled_on=at.date() + timedelta(days=self.random.randrange(20)) if self.chance(0.3) else None,
            facts=law_samples.facts(self, at, account.balance.currency, (account.id,)),
            notices=law_samples.notices(self, at, (account.id,)),
            licences=law_samples.licences(self, at, jurisdictions(debtor)),
            attestations=law_samples.attestations(self),
        )

    def action_attempt(self) -> ActionAttempt:
        """A suit, a fee, a credit report or the like that somebody wants."""
        debtor = self.debtor()
        at = self.instant(debtor.time_zones[0])
        account = self.account(debtor, at.date())
        return ActionAttempt(
            at=at,
            kind=self.choice(tuple(ActionKind)),
            debtor=debtor,
            account=account,
            amount=account.balance if self.chance(0.5) else None,
            jurisdictions=jurisdictions(debtor),
            holds=(self.hold(),) if self.chance(0.2) else (),
            planned_on=at.date() + timedelta(days=self.random.randrange(20)) if self.chance(0.2) else None,
            rate=Decimal(self.random.randrange(1, 3_000)) / 100 if self.chance(0.5) else None,
            content=law_samples.content(self),
            history=tuple(self.interaction(at, (account.id,)) for _ in range(self.random.randrange(3))),
            facts=law_samples.facts(self, at, account.balance.currency, (account.id,)),
            notices=law_samples.notices(self, at, (account.id,)),
            licences=law_samples.licences(self, at, jurisdictions(debtor)),
            attestations=law_samples.attestations(self),
        )

    def event(self, name: str = "PaymentRecorded", debtor_id: str | None = None) -> Event:
        """Something that happened, with the payload that the platform gives an event of this name."""
        payload = payload_of(self, name)
        if debtor_id is not None and "debtor_id" in payload:
            payload["debtor_id"] = debtor_id
        return Event(
            id=self.id("evnt"),
            name=name,
            subject_id=debtor_id or self.id("dbtr"),
            client_id=self.id("clnt"),
            occurred_at=self.instant(),
            payload=payload,
        )

    def data_subject(self) -> DataSubject:
        """A person who asks for their data."""
        return DataSubject(request_id=self.id("dreq"), debtor_id=self.id("dbtr"))

    def charge_request(self, token: SecretStr, amount: Money, method: PaymentMethodKind) -> ChargeRequest:
        """A charge with a key of its own."""
        return ChargeRequest(
            key=self.id("pmnt"),
            payment_id=self.id("pmnt"),
            account_id=self.id("acct"),
            debtor_id=self.id("dbtr"),
            amount=amount,
            method=method,
            token=token,
            description="Payment of account 4711",
            permit=self.permit(f"PAYMENT of {amount}"),
        )

    def permit(self, what: str) -> Permit:
        """What a platform's gate gives with its leave; good in tests of plugins only."""
        return Permit(
            id=self.id("prmt"),
            decision_id=self.id("deci"),
            what=what,
            expires_at=self.instant() + timedelta(minutes=10),
        )


def jurisdictions(debtor: Debtor) -> frozenset[str]:
    """The places whose law applies to a debtor: those where they live, with their parents."""
    return frozenset[str]().union(*(chain(place.country, place.region, place.city) for place in debtor.places))
