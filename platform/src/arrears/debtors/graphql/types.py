"""Debtors and what is known about them, as the API shows it."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from arrears.access.model import Permission
from arrears.debtors.graphql import words  # noqa: F401 - describes the enumerations used below
from arrears.debtors.graphql.search import SEARCH_ARGUMENTS, debtors_of_client, search_source
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
    Validity,
    ZoneSource,
)
from arrears.graphql.declare import (
    Argument,
    Connection,
    Mask,
    column,
    entity,
    expression,
    few,
    many,
    one,
    queries,
    root_many,
    root_one,
    value,
)
from arrears.graphql.mutations import ID

if TYPE_CHECKING:
    from arrears.clients.graphql import Client

_SUPPLIER = "The client that it comes from; null for what the agency found out itself, or when you may not see it."
_IN_FORCE = "({row}.state = 'GRANTED' and ({row}.expires_at is null or {row}.expires_at > {now}))"


@value(table="debtor_client", description="A client that sees a debtor.")
class DebtorClient:
    reference: str | None = column(description="The client's own reference of the debtor.")
    created_at: datetime.datetime = column(description="Since when the client sees the debtor.")
    client: Client | None = one("client_id", description="The client.")


@value(table="time_zone_candidate", description="A time zone in which a debtor may be, and what says so.")
class TimeZoneCandidate:
    zone: str = column(description="The IANA name of the zone, such as America/Chicago.")
    source: ZoneSource = column(description="What places the debtor there.")
    residence: Residence | None = one("residence_id", description="The place that says so; null for a number.")
    contact_point: ContactPoint | None = one(
        "contact_point_id", description="The number that says so; null for a place."
    )


@value(
    table="consent_standing",
    description="The latest word of a debtor on one channel, for one contact point or for all.",
)
class ConsentStanding:
    channel: CommunicationChannel = column(description="The way of contact that it is about.")
    state: ConsentState = column(description="What the debtor said last.")
    in_force: bool = expression(_IN_FORCE, description="Whether the debtor agrees now: granted and not expired.")
    scope: ConsentScope = column(description="How far it reaches.")
    given_at: datetime.datetime = column(description="When the debtor said it.")
    expires_at: datetime.datetime | None = column(description="When the consent ends by itself.")
    contact_point: ContactPoint | None = one(
        "contact_point_id", description="The endpoint that it is about; null for all."
    )
    client: Client | None = one("client_id", description="The client that it was given to; null for the agency.")


@entity(
    "dbtr",
    table="debtor",
    description="A person or company that owes. Debtors belong to the agency; each is seen by the clients it owes.",
    permission=Permission.DEBTORS_READ,
)
class Debtor:
    kind: DebtorKind = column(description="Whether it is a person or a company.", filter=True)
    display_name: str = column(description="The name that the debtor is shown by: the legal one where it is known.")
    sort_name: str = column(
        description="The name in small letters without accents, a person's family name first.", filter=True, order=True
    )
    date_of_birth: datetime.date | None = column(
        description="A person's date of birth; hidden from roles that may not see contact data.",
        mask=Mask.HIDDEN,
        reveal=Permission.CONTACTS_REVEAL,
    )
    country: str | None = column(
        description="The debtor's country (ISO 3166-1, two letters), where it is known.", filter=True
    )
    preferred_language: str | None = column(description="The language to write and speak in (BCP 47).")
    languages: list[str] = column(description="The languages that the debtor understands (BCP 47), the best first.")
    legal_form: str | None = column(description="A company's legal form, such as GmbH.")
    registration_number: str | None = column(description="A company's number in its register.")
    version: int = column(description="Pass it with a change; it grows with each.")
    created_at: datetime.datetime = column(description="When the debtor was added.")
    updated_at: datetime.datetime = column(description="When it was last changed.")
    clients: list[DebtorClient] = few(
        "debtor_id", order="id", limit=50, description="The clients that see the debtor, of those that you may see."
    )
    names: Connection[DebtorName] = many("debtor_id", description="The names that the debtor bears or bore.")
    residences: Connection[Residence] = many("debtor_id", description="Where the debtor lives, works or is.")
    contact_points: Connection[ContactPoint] = many("debtor_id", description="How the debtor can be reached.")
    consents: Connection[Consent] = many(
        "debtor_id", order="-given_at", description="What the debtor agreed to or took back, the latest first."
    )
    consent_standings: list[ConsentStanding] = few(
        "debtor_id", order="id", limit=100, description="The latest word on each channel and contact point."
    )
    time_zone_candidates: list[TimeZoneCandidate] = few(
        "debtor_id",
        order="id",
        limit=100,
        description="The time zones in which the debtor may be. A contact must be lawful in each, unless the current "
        "location is known.",
    )
    national_ids: Connection[NationalId] = many("debtor_id", description="The debtor's national identifiers, sealed.")


@entity("name", table="debtor_name", description="A name of a debtor.", permission=Permission.DEBTORS_READ)
class DebtorName:
    kind: NameKind = column(description="In what sense the debtor bears it.", filter=True)
    full_name: str = column(description="The name in full.")
    given_name: str | None = column(description="A person's given names.")
    family_name: str | None = column(description="A person's family name.")
    from_on: datetime.date | None = column(description="The first day of the name, where it is known.")
    until_on: datetime.date | None = column(description="The last day of the name; null while it is borne.")
    created_at: datetime.datetime = column(description="When it was entered.")
    supplied_by: Client | None = one("client_id", description=_SUPPLIER)
    debtor: Debtor | None = one("debtor_id", description="Whose name it is.")


@entity(
    "addr",
    table="residence",
    description="A place where a debtor lives, works, receives letters or is.",
    permission=Permission.DEBTORS_READ,
)
class Residence:
    kind: ResidenceKind = column(description="What the place is to the debtor.", filter=True)
    address_lines: str | None = column(
        description="Street, number and further lines, parted by line feeds.",
        mask=Mask.TEXT,
        reveal=Permission.CONTACTS_REVEAL,
    )
    city: str | None = column(description="The city.")
    region: str | None = column(description="State, province or region: its ISO 3166-2 code or its name.")
    postal_code: str | None = column(description="The postal code.", mask=Mask.TEXT, reveal=Permission.CONTACTS_REVEAL)
    country: str = column(description="The country (ISO 3166-1, two letters).", filter=True)
    from_on: datetime.date | None = column(description="The first day, where it is known.")
    until_on: datetime.date | None = column(description="The last day; null while it lasts.")
    source: str | None = column(description="Where the address comes from.")
    obtained_on: datetime.date | None = column(description="The day it was learned.")
    version: int = column(description="Pass it with a change; it grows with each.")
    created_at: datetime.datetime = column(description="When it was entered.")
    updated_at: datetime.datetime = column(description="When it was last changed.")
    supplied_by: Client | None = one("client_id", description=_SUPPLIER)
    debtor: Debtor | None = one("debtor_id", description="Whose place it is.")


@entity(
    "cont",
    table="contact_point",
    description="A number, address or handle by which a debtor can be reached.",
    permission=Permission.DEBTORS_READ,
)
class ContactPoint:
    channel: ContactChannel = column(description="What kind of endpoint it is.", filter=True)
    value: str = column(
        description="The number (E.164), address or handle; partly hidden from roles that may not see contact data.",
        mask=Mask.CONTACT,
        reveal=Permission.CONTACTS_REVEAL,
    )
    extension: str | None = column(
        description="The extension to dial after the number.", mask=Mask.HIDDEN, reveal=Permission.CONTACTS_REVEAL
    )
    network: str | None = column(description="The social network or portal that a handle belongs to.")
    line_type: LineType | None = column(description="What kind of line a number is; null for anything else.")
    owner: ContactOwner = column(description="Whose it is.")
    used_for: ContactUse = column(description="Where it reaches the debtor.")
    source: str | None = column(description="Where it comes from.")
    obtained_on: datetime.date | None = column(description="The day it was learned.")
    area_zones: list[str] = column(description="The IANA zones that a number's digits point to.")
    reassignment_checked_on: datetime.date | None = column(
        description="The day on which it was last checked that the number still has the same holder."
    )
    validity: Validity = column(description="Whether it is known to work.", filter=True)
    invalid_reason: str | None = column(description="Why it does not reach the debtor.")
    invalid_on: datetime.date | None = column(description="Since when that is known.")
    preferred: bool = column(description="Whether the debtor wishes to be reached by it.", filter=True)
    version: int = column(description="Pass it with a change; it grows with each.")
    created_at: datetime.datetime = column(description="When it was entered.")
    updated_at: datetime.datetime = column(description="When it was last changed.")
    supplied_by: Client | None = one("client_id", description=_SUPPLIER)
    debtor: Debtor | None = one("debtor_id", description="Who is reached by it.")
    consents: Connection[Consent] = many(
        "contact_point_id", order="-given_at", description="Consents for this endpoint, the latest first."
    )
    consent_standings: list[ConsentStanding] = few(
        "contact_point_id", order="id", limit=50, description="The latest word on each channel for this endpoint."
    )


@entity(
    "cons",
    table="consent",
    description="What a debtor agreed to or took back. Records are never changed; a later one takes the place of "
    "an earlier.",
    permission=Permission.DEBTORS_READ,
)
class Consent:
    channel: CommunicationChannel = column(description="The way of contact that it is about.", filter=True)
    state: ConsentState = column(description="Whether consent was given or taken back.", filter=True)
    scope: ConsentScope = column(description="How far it reaches.")
    method: ConsentMethod = column(description="How the debtor expressed it.")
    source: str = column(description="Where the record comes from.")
    given_directly: bool = column(
        description="Whether the debtor gave it to the agency itself, and not to the creditor or someone else."
    )
    given_at: datetime.datetime = column(description="When the debtor said it.", order=True)
    expires_at: datetime.datetime | None = column(description="When the consent ends by itself.")
    evidence: str | None = column(description="What proves it, such as a recording's or document's reference.")
    revocation_medium: str | None = column(description="By what means a revocation came; null for a consent.")
    recorded_at: datetime.datetime = column(description="When it was written down.")
    contact_point: ContactPoint | None = one(
        "contact_point_id", description="The endpoint that it is about; null for all."
    )
    client: Client | None = one("client_id", description="The client that it was given to; null for the agency.")
    debtor: Debtor | None = one("debtor_id", description="Who agreed.")


@entity(
    "natl",
    table="national_id",
    description="A national identifier, sealed under a key of the debtor's own; see nationalIdReveal.",
    permission=Permission.DEBTORS_READ,
)
class NationalId:
    kind: NationalIdKind = column(description="Which register it comes from.", filter=True)
    country: str = column(description="The country of the register (ISO 3166-1, two letters).")
    hint: str = column(
        description="The last characters, to compare with what the debtor says; few or none of a short identifier.",
        mask=Mask.TEXT,
        reveal=Permission.CONTACTS_REVEAL,
    )
    created_at: datetime.datetime = column(description="When it was first stored.")
    updated_at: datetime.datetime = column(description="When it was last replaced.")
    supplied_by: Client | None = one("client_id", description=_SUPPLIER)
    debtor: Debtor | None = one("debtor_id", description="Whom it identifies.")


@queries
class DebtorQueries:
    debtor: Debtor | None = root_one(description="A debtor by its id.")
    debtors: Connection[Debtor] = root_many(
        description="All debtors that you may see.",
        arguments=[Argument("client_id", ID | None, "Only debtors that this client sees.", prefix="clnt")],
        source=debtors_of_client,
    )
    debtor_search: Connection[Debtor] = root_many(
        description="Debtors found by a name, reference, number or address, in the order of their names. Searching "
        "by telephone or e-mail needs contacts.reveal, by national identifier identity.reveal.",
        arguments=SEARCH_ARGUMENTS,
        source=search_source,
        order="sort_name",
    )
    contact_point: ContactPoint | None = root_one(description="A contact point by its id.")
