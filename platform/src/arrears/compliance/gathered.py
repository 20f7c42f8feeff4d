"""What was read for a batch, row by row: what pictures of attempts are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID

from arrears.compliance.settings import ComplianceSettings
from arrears.plugins.settings import Place


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
    debt: DebtFacts


@dataclass(frozen=True, slots=True)
class DebtFacts:
    """What an account's own columns say of the debt, as far as rules of law turn on it."""

    servicing_reference: str | None
    itemization_on: date | None
    first_delinquency_on: date | None
    judgment_on: date | None
    default_on: date | None
    accrues_from_on: date | None
    acknowledged_on: date | None
    acknowledgment: str | None
    in_default_when_acquired: bool | None
    instrument: str | None
    contract_place: str | None
    governing_law: str | None
    principal_at_default_minor: int | None
    hospital_non_profit: bool | None
    first_billed_on: date | None
    assistance_applied_on: date | None


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
    purpose: str | None
    party: str | None


@dataclass(frozen=True, slots=True)
class PermitFacts:
    """Leave for a contact that is under way or may still be made."""

    debtor_id: UUID
    id: UUID
    granted_at: datetime
    expires_at: datetime
    used_at: datetime | None
    channel: str
    contact_point_id: UUID | None
    purpose: str | None
    party: str | None
    initiated_by: str
    at_debtor_request: bool
    required_by_law: bool
    accounts: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class StatedFacts:
    """One recorded fact that was not withdrawn."""

    id: UUID
    kind: str
    debtor_id: UUID | None
    client_id: UUID | None
    account_id: UUID | None
    contact_point_id: UUID | None
    source: str
    received_at: datetime
    starts_at: datetime
    ends_at: datetime | None
    word: str | None
    on: date | None
    number: int | None
    amount_minor: int | None
    currency: str | None
    place: str | None
    earliest: time | None
    latest: time | None
    weekdays: Sequence[int]
    channel: str | None


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """One notice that was given to a debtor."""

    debtor_id: UUID
    client_id: UUID | None
    id: UUID
    kind: str
    medium: str
    sent_at: datetime
    received_on: date | None
    returned_at: datetime | None
    ends_on: date | None
    contact_point_id: UUID | None
    accounts: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    """One licence of the agency."""

    place: str
    kind: str
    from_on: date
    until_on: date | None


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
    obtained_on: date | None
    reassignment_checked_on: date | None


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
    permits: Mapping[UUID, Sequence[PermitFacts]] = field(default_factory=dict)
    stated: Mapping[UUID, Sequence[StatedFacts]] = field(default_factory=dict)
    stated_of_accounts: Mapping[UUID, Sequence[StatedFacts]] = field(default_factory=dict)
    stated_of_places: Sequence[StatedFacts] = ()
    notices: Mapping[UUID, Sequence[NoticeFacts]] = field(default_factory=dict)
    licences: Sequence[LicenceFacts] = ()
    agency: Mapping[Place, ComplianceSettings] = field(default_factory=dict)
