"""The inputs and results of the commands on debtors."""

from __future__ import annotations

import datetime
from uuid import UUID

from pydantic import AwareDatetime, Field

from arrears.debtors.model import (
    CommunicationChannel,
    ConsentMethod,
    ConsentScope,
    ConsentState,
    ContactChannel,
    ContactOwner,
    ContactUse,
    DebtorKind,
    LineType,
    NameKind,
    NationalIdKind,
    ResidenceKind,
)
from arrears.kernel.calendar import DatedCommand
from arrears.kernel.command import Command, Result


class NewClientLink(Command):
    """A client that sees the debtor, with its own reference of the debtor."""

    client_id: UUID
    reference: str | None = None


class NewName(Command):
    """A name: in full, or as given and family name."""

    kind: NameKind = NameKind.LEGAL
    full_name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    from_on: datetime.date | None = None
    until_on: datetime.date | None = None


class NewResidence(Command):
    """A place where the debtor lives, works, receives letters or is."""

    kind: ResidenceKind = ResidenceKind.RESIDENCE
    address_lines: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str
    from_on: datetime.date | None = None
    until_on: datetime.date | None = None
    source: str | None = None
    obtained_on: datetime.date | None = None


class NewContactPoint(Command):
    """A number, address or handle. `country` tells how a number without international prefix is read."""

    channel: ContactChannel
    value: str
    country: str | None = None
    extension: str | None = None
    network: str | None = None
    line_type: LineType | None = None
    owner: ContactOwner = ContactOwner.DEBTOR
    used_for: ContactUse = ContactUse.UNKNOWN
    source: str | None = None
    obtained_on: datetime.date | None = None
    reassignment_checked_on: datetime.date | None = None
    preferred: bool = False


class NewNationalId(Command):
    """An identifier of a national register; sealed before it is stored."""

    kind: NationalIdKind
    country: str
    number: str = Field(repr=False)


class DebtorCreate(Command):
    """A new debtor with everything known at first.

    `supplied_by` is the client that the names, places and contact points come from. Left out, it is the only client,
    or the agency where there are several.
    """

    kind: DebtorKind
    clients: tuple[NewClientLink, ...]
    names: tuple[NewName, ...]
    residences: tuple[NewResidence, ...] = ()
    contact_points: tuple[NewContactPoint, ...] = ()
    national_ids: tuple[NewNationalId, ...] = ()
    supplied_by: UUID | None = None
    date_of_birth: datetime.date | None = None
    country: str | None = None
    preferred_language: str | None = None
    languages: tuple[str, ...] = ()
    legal_form: str | None = None
    registration_number: str | None = None


class DebtorUpdate(Command):
    """New values of a debtor; what is left out stays, what is null is forgotten."""

    debtor_id: UUID
    version: int
    date_of_birth: datetime.date | None = None
    country: str | None = None
    preferred_language: str | None = None
    languages: tuple[str, ...] | None = None
    legal_form: str | None = None
    registration_number: str | None = None


class DebtorLinkClient(Command):
    """A further client that sees the debtor from now on."""

    debtor_id: UUID
    client_id: UUID
    reference: str | None = None


class DebtorSaved(Result):
    """The debtor that was made or changed."""

    debtor_id: UUID


class NameAdd(NewName):
    """A further name of a debtor. A legal name becomes the one the debtor is shown by, unless it is over."""

    debtor_id: UUID
    supplied_by: UUID | None = None


class NameAdded(Result):
    """The name that was added."""

    name_id: UUID
    debtor_id: UUID


class ResidenceAdd(NewResidence):
    """A further place of a debtor."""

    debtor_id: UUID
    supplied_by: UUID | None = None


class ResidenceEnd(Command):
    """The last day on which a place was the debtor's."""

    residence_id: UUID
    version: int
    until_on: datetime.date


class ResidenceSaved(Result):
    """The place that was added or ended."""

    residence_id: UUID
    debtor_id: UUID


class ContactPointAdd(NewContactPoint):
    """A further contact point of a debtor."""

    debtor_id: UUID
    supplied_by: UUID | None = None


class ContactPointUpdate(Command):
    """New values of a contact point; what is left out stays. Another number is another contact point."""

    contact_point_id: UUID
    version: int
    extension: str | None = None
    network: str | None = None
    line_type: LineType | None = None
    owner: ContactOwner | None = None
    used_for: ContactUse | None = None
    source: str | None = None
    obtained_on: datetime.date | None = None
    reassignment_checked_on: datetime.date | None = None
    preferred: bool | None = None
    verified: bool | None = None


class ContactPointInvalidate(Command):
    """That a contact point does not reach the debtor, and why."""

    contact_point_id: UUID
    version: int
    reason: str


class ContactPointSaved(Result):
    """The contact point that was added or changed."""

    contact_point_id: UUID
    debtor_id: UUID


class ConsentRecord(DatedCommand):
    """What a debtor agreed to or took back, for one or several channels, on one contact point or on all."""

    debtor_id: UUID
    contact_point_id: UUID | None = None
    client_id: UUID | None = None
    channels: tuple[CommunicationChannel, ...]
    state: ConsentState
    scope: ConsentScope = ConsentScope.ALL_MESSAGES
    method: ConsentMethod
    source: str
    given_directly: bool
    given_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    evidence: str | None = None
    revocation_medium: str | None = None


class ConsentsRecorded(Result):
    """The records that were made, one for each channel in the order given."""

    debtor_id: UUID
    consent_ids: tuple[UUID, ...]


class NationalIdSet(NewNationalId):
    """The debtor's identifier of this kind and country; an earlier one is replaced."""

    debtor_id: UUID
    supplied_by: UUID | None = None


class NationalIdSaved(Result):
    """The identifier that was stored."""

    national_id_id: UUID
    debtor_id: UUID


class NationalIdReveal(Command):
    """A wish to see a sealed identifier, and why."""

    national_id_id: UUID
    reason: str


class NationalIdRevealed(Result):
    """The identifier in clear, which is never stored with an idempotency key: a replay gives None."""

    debtor_id: UUID
    number: str | None = Field(default=None, repr=False, exclude=True)
