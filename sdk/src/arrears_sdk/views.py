"""Frozen pictures of what a plugin is asked about. They hold what a decision needs, and no names or numbers beyond."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.words import Attestation, ContactParty, ContactPurpose, Content, FactSource, NoticeKind
from arrears_sdk.money import Money
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One reason to stop. In force from `starts_at`, until `ends_at` where that is known."""

    kind: HoldKind
    blocks: frozenset[HoldBlock]
    starts_at: datetime
    ends_at: datetime | None = None
    channel: CommunicationChannel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a debtor lives, works, gets letters or is. `region` is the code after the country's: `NY` of `US-NY`."""

    kind: ResidenceKind
    country: str
    region: str | None = None
    city: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One granting or revoking of consent, as recorded; the latest about a channel counts."""

    channel: CommunicationChannel
    state: ConsentState
    scope: ConsentScope
    given_at: datetime
    expires_at: datetime | None = None
    given_directly: bool = False
    contact_point_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalHours:
    """Hours of the debtor's day, on some days of the week (1 is Monday; none named means all).

    Without `earliest` from midnight, without `latest` to midnight. The end is not within. `latest` before `earliest`
    goes over midnight.
    """

    earliest: time | None = None
    latest: time | None = None
    weekdays: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One recorded fact; `arrears_sdk.law.catalogue` says what each kind means and which parts it has.

    In force from `starts_at` until `ends_at`, which itself is not within; known since `received_at`. Without
    `account_id` it is about the debtor, or about every debt of the debtor. `number` of a rate is in hundredths of a
    per cent; `place` is spelt as `chain` does.
    """

    id: str
    kind: FactKind
    source: FactSource
    received_at: datetime
    starts_at: datetime
    ends_at: datetime | None = None
    account_id: str | None = None
    contact_point_id: str | None = None
    word: str | None = None
    on: date | None = None
    number: int | None = None
    amount: Money | None = None
    place: str | None = None
    hours: LocalHours | None = None
    channel: CommunicationChannel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice that was given. `received_on` is the day of receipt, known or assumed; `ends_on` the last day of the
    period that it opened, where it opened one. One that came back has `returned_at` and counts as never given.
    """

    id: str
    kind: NoticeKind
    medium: CommunicationChannel
    sent_at: datetime
    account_ids: tuple[str, ...] = ()
    received_on: date | None = None
    returned_at: datetime | None = None
    ends_on: date | None = None
    contact_point_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """A licence, registration or bond of the agency, held at a place from a day to a last day."""

    place: str
    kind: str
    from_on: date
    until_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Debtor:
    """A person or company that owes. `time_zones` are all zones in which the debtor may be; empty means unknown."""

    id: str
    kind: DebtorKind
    places: tuple[Place, ...] = ()
    time_zones: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    consents: tuple[Consent, ...] = ()
    born_on: date | None = None
    deceased_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One debt of one debtor to one client at the end of the day `as_of`, which is a day at the client's.

    `days_past_due` is negative before the due day, and nought when nothing is owed. `contacts` counts outbound contacts
    and attempts, of which `last_contact_at` is the last. `holds` are those in force, on the account or its debtor.
    """

    id: str
    client_id: str
    portfolio_id: str | None
    debtor_id: str
    product: Product
    purpose: Purpose
    status: AccountStatus
    collector_role: CollectorRole
    balance: Money
    placed: Money
    opened_on: date
    due_on: date
    placed_on: date
    days_past_due: int
    as_of: date
    charge_off_on: date | None = None
    last_payment_on: date | None = None
    last_contact_at: datetime | None = None
    contacts: int = 0
    holds: tuple[Hold, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One contact or attempt of the past. A `pending` one is a permit that is still open, counted as an attempt."""

    id: str
    started_at: datetime
    channel: CommunicationChannel
    direction: Direction
    result: InteractionResult
    party_reached: PartyReached
    initiated_by: Initiator
    debtor_local_date: date
    account_ids: tuple[str, ...] = ()
    endpoint_type: EndpointType = EndpointType.UNKNOWN
    contact_point_id: str | None = None
    debt_discussed: bool = False
    at_debtor_request: bool = False
    required_by_law: bool = False
    purpose: ContactPurpose = ContactPurpose.COLLECT
    party: ContactParty = ContactParty.DEBTOR
    pending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPoint:
    """By what a debtor would be reached; never the number or address itself."""

    id: str
    endpoint_type: EndpointType = EndpointType.UNKNOWN
    line_type: LineType | None = None
    obtained_on: date | None = None
    employer_provided: bool = False
    area_zones: tuple[str, ...] = ()
    invalid: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAttempt:
    """A contact that somebody wants to make at `at`: decided before it is made.

    `content` is what the contact will carry; `reply_to` the channel's inbound message that it answers.
    `facts`, `notices` and `licences` are all that are recorded about the debtor, the debts, the endpoint and the
    agency, also those that are over; `attestations` is what the agency states about itself.
    `history` is what the debtor heard about any debt, newest first, over the last 366 days and at most 1,000;
    `jurisdictions` are the places whose law applies, each with its parents: `US`, `US-NY`, `US-NY-NEW YORK`; a member
    state of the European Union with `EU`.
    """

    at: datetime
    channel: CommunicationChannel
    debtor: Debtor
    accounts: tuple[Account, ...]
    contact_point: ContactPoint | None = None
    jurisdictions: frozenset[str] = frozenset()
    history: tuple[Interaction, ...] = ()
    holds: tuple[Hold, ...] = ()
    initiated_by: Initiator = Initiator.AGENCY
    at_debtor_request: bool = False
    required_by_law: bool = False
    purpose: ContactPurpose = ContactPurpose.COLLECT
    party: ContactParty = ContactParty.DEBTOR
    content: frozenset[Content] = frozenset()
    languages: tuple[str, ...] = ()
    reply_to: datetime | None = None
    facts: tuple[Fact, ...] = ()
    notices: tuple[Notice, ...] = ()
    licences: tuple[Licence, ...] = ()
    attestations: frozenset[Attestation] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAttempt:
    """Money that somebody wants to take from a debtor at `at`: decided before the provider is asked.

    `scheduled_on` is the day of the debit where it is not today; `previous` the amount of the debit before it.
    """

    at: datetime
    debtor: Debtor
    account: Account
    amount: Money
    method: PaymentMethodKind
    gateway: str
    initiated_by: Initiator
    jurisdictions: frozenset[str] = frozenset()
    holds: tuple[Hold, ...] = ()
    recurring: bool = False
    scheduled_on: date | None = None
    previous: Money | None = None
    history: tuple[Interaction, ...] = ()
    facts: tuple[Fact, ...] = ()
    notices: tuple[Notice, ...] = ()
    licences: tuple[Licence, ...] = ()
    attestations: frozenset[Attestation] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionAttempt:
    """An act about a debt that is neither a contact nor a payment, wanted at `at`; `amount` where money is claimed.

    `planned_on` is the day of the act where it is not today (a deposit, a report); `rate` the interest wanted, in per
    cent a year; `place` where a suit would be filed; `content` what the filing, plan or report carries; `history` as of
    a contact.
    """

    at: datetime
    kind: ActionKind
    debtor: Debtor
    account: Account
    amount: Money | None = None
    jurisdictions: frozenset[str] = frozenset()
    holds: tuple[Hold, ...] = ()
    planned_on: date | None = None
    rate: Decimal | None = None
    place: str | None = None
    content: frozenset[Content] = frozenset()
    history: tuple[Interaction, ...] = ()
    facts: tuple[Fact, ...] = ()
    notices: tuple[Notice, ...] = ()
    licences: tuple[Licence, ...] = ()
    attestations: frozenset[Attestation] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a scorer thinks of an account: 0 (worst) to 1 (best), with the reasons in order of their weight."""

    value: float
    reasons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0.0 <= self.value <= 1.0:
            raise ValueError(f"a score lies between 0 and 1, not {self.value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSubject:
    """The person whose data is to be handed out or erased. `request_id` stays the same when a duty is tried again.

    A duty is asked once for the deployment and once for each client of the person, under that client's settings:
    `client_id` says whose part is meant, for `host.values(...)`.
    """

    request_id: str
    debtor_id: str
    client_id: str | None = None
