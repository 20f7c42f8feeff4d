"""The inputs of mutations on debtors."""

from __future__ import annotations

import datetime

from strawberry import Maybe

from arrears.debtors.graphql import words  # noqa: F401 - describes the enumerations used below
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
from arrears.graphql.mutations import ID, Input, input_field, input_type

_KEY = "The same key with the same input is done once."
_SUPPLIER = "The client that it comes from; left out, the agency found it out itself."
_VERSION = "The version that you read; CONFLICT when it has changed since."


@input_type(description="A client that sees a debtor.")
class DebtorClientInput(Input):
    client_id: ID = input_field("clnt", description="The client.")
    reference: str | None = input_field(description="The client's own reference of the debtor, not another debtor's.")


@input_type(description="A name: in full, or as given and family name.")
class DebtorNameInput(Input):
    kind: NameKind = input_field(default=NameKind.LEGAL, description="In what sense the debtor bears it.")
    full_name: str | None = input_field(description="The name in full; made of the parts when left out.")
    given_name: str | None = input_field(description="A person's given names.")
    family_name: str | None = input_field(description="A person's family name.")
    from_on: datetime.date | None = input_field(description="The first day of the name.")
    until_on: datetime.date | None = input_field(description="The last day of the name.")


@input_type(description="A place where a debtor lives, works, receives letters or is.")
class ResidenceInput(Input):
    kind: ResidenceKind = input_field(default=ResidenceKind.RESIDENCE, description="What the place is to the debtor.")
    address_lines: str | None = input_field(description="Street, number and further lines, parted by line feeds.")
    city: str | None = input_field(description="The city.")
    region: str | None = input_field(description="State, province or region: its ISO 3166-2 code or its name.")
    postal_code: str | None = input_field(description="The postal code.")
    country: str = input_field(description="The country (ISO 3166-1, two letters).")
    from_on: datetime.date | None = input_field(description="The first day.")
    until_on: datetime.date | None = input_field(description="The last day.")
    source: str | None = input_field(description="Where the address comes from.")
    obtained_on: datetime.date | None = input_field(description="The day it was learned.")


@input_type(description="A number, address or handle by which a debtor can be reached.")
class ContactPointInput(Input):
    channel: ContactChannel = input_field(description="What kind of endpoint it is.")
    value: str = input_field(description="The number, address or handle, as it was given; it is brought into one form.")
    country: str | None = input_field(
        description="Where a number without international prefix is dialled; the debtor's or client's country "
        "unless given."
    )
    extension: str | None = input_field(description="The extension to dial after the number.")
    network: str | None = input_field(description="The social network that a handle belongs to.")
    line_type: LineType | None = input_field(description="What kind of line it is; told from the number unless given.")
    owner: ContactOwner = input_field(default=ContactOwner.DEBTOR, description="Whose it is.")
    used_for: ContactUse = input_field(default=ContactUse.UNKNOWN, description="Where it reaches the debtor.")
    source: str | None = input_field(description="Where it comes from.")
    obtained_on: datetime.date | None = input_field(description="The day it was learned.")
    reassignment_checked_on: datetime.date | None = input_field(
        description="The day on which it was last checked that the number still has the same holder."
    )
    preferred: bool = input_field(default=False, description="Whether the debtor wishes to be reached by it.")


@input_type(description="A national identifier.")
class NationalIdInput(Input):
    kind: NationalIdKind = input_field(description="Which register it comes from.")
    country: str = input_field(description="The country of the register (ISO 3166-1, two letters).")
    number: str = input_field(description="The identifier; sealed before it is stored.")


@input_type(description="A new debtor with everything known at first.")
class DebtorCreateInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    kind: DebtorKind = input_field(description="Whether it is a person or a company.")
    clients: list[DebtorClientInput] = input_field(description="The clients that see the debtor; at least one.")
    names: list[DebtorNameInput] = input_field(description="The debtor's names; at least one.")
    residences: list[ResidenceInput] = input_field(default=(), description="Where the debtor lives or is.")
    contact_points: list[ContactPointInput] = input_field(default=(), description="How the debtor can be reached.")
    national_ids: list[NationalIdInput] = input_field(default=(), description="National identifiers.")
    supplied_by: ID | None = input_field(
        "clnt",
        description="The client that all this comes from; left out, the only client, or the agency if there are more.",
    )
    date_of_birth: datetime.date | None = input_field(description="A person's date of birth.")
    country: str | None = input_field(description="The debtor's country (ISO 3166-1, two letters).")
    preferred_language: str | None = input_field(description="The language to write and speak in (BCP 47).")
    languages: list[str] = input_field(default=(), description="Further languages that the debtor understands.")
    legal_form: str | None = input_field(description="A company's legal form, such as GmbH.")
    registration_number: str | None = input_field(description="A company's number in its register.")


@input_type(description="New facts of a debtor; what is left out stays, null removes.")
class DebtorUpdateInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    debtor_id: ID = input_field("dbtr", description="The debtor.")
    version: int = input_field(description=_VERSION)
    date_of_birth: Maybe[datetime.date | None] = input_field(description="A person's date of birth.")
    country: Maybe[str | None] = input_field(description="The debtor's country (ISO 3166-1, two letters).")
    preferred_language: Maybe[str | None] = input_field(description="The language to write and speak in (BCP 47).")
    languages: Maybe[list[str] | None] = input_field(description="The languages that the debtor understands.")
    legal_form: Maybe[str | None] = input_field(description="A company's legal form.")
    registration_number: Maybe[str | None] = input_field(description="A company's number in its register.")


@input_type(description="A further client that sees a debtor.")
class DebtorLinkClientInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    debtor_id: ID = input_field("dbtr", description="The debtor.")
    client_id: ID = input_field("clnt", description="The client.")
    reference: str | None = input_field(description="The client's own reference of the debtor, not another debtor's.")


@input_type(description="A further name of a debtor.")
class NameAddInput(DebtorNameInput):
    idempotency_key: str | None = input_field(description=_KEY)
    debtor_id: ID = input_field("dbtr", description="The debtor.")
    supplied_by: ID | None = input_field("clnt", description=_SUPPLIER)


@input_type(description="A further place of a debtor.")
class ResidenceAddInput(ResidenceInput):
    idempotency_key: str | None = input_field(description=_KEY)
    debtor_id: ID = input_field("dbtr", description="The debtor.")
    supplied_by: ID | None = input_field("clnt", description=_SUPPLIER)


@input_type(description="The end of a place.")
class ResidenceEndInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    residence_id: ID = input_field("addr", description="The place.")
    version: int = input_field(description=_VERSION)
    until_on: datetime.date = input_field(description="The last day on which it was the debtor's.")


@input_type(description="A further contact point of a debtor.")
class ContactPointAddInput(ContactPointInput):
    idempotency_key: str | None = input_field(description=_KEY)
    debtor_id: ID = input_field("dbtr", description="The debtor.")
    supplied_by: ID | None = input_field("clnt", description=_SUPPLIER)


@input_type(description="New facts of a contact point; what is left out stays. A new number is a new contact point.")
class ContactPointUpdateInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    contact_point_id: ID = input_field("cont", description="The contact point.")
    version: int = input_field(description=_VERSION)
    extension: Maybe[str | None] = input_field(description="The extension to dial after the number.")
    network: Maybe[str | None] = input_field(description="The social network that a handle belongs to.")
    line_type: Maybe[LineType] = input_field(description="What kind of line a number is.")
    owner: Maybe[ContactOwner] = input_field(description="Whose it is.")
    used_for: Maybe[ContactUse] = input_field(description="Where it reaches the debtor.")
    source: Maybe[str | None] = input_field(description="Where it comes from.")
    obtained_on: Maybe[datetime.date | None] = input_field(description="The day it was learned.")
    reassignment_checked_on: Maybe[datetime.date | None] = input_field(
        description="The day on which it was last checked that the number still has the same holder."
    )
    preferred: Maybe[bool] = input_field(description="Whether the debtor wishes to be reached by it.")
    verified: Maybe[bool] = input_field(
        description="True when it was found to reach the debtor, false when that is open again."
    )


@input_type(description="That a contact point does not reach the debtor.")
class ContactPointInvalidateInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    contact_point_id: ID = input_field("cont", description="The contact point.")
    version: int = input_field(description=_VERSION)
    reason: str = input_field(description="Why: wrong number, bounced, out of service.")


@input_type(description="What a debtor agreed to or took back.")
class ConsentRecordInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    debtor_id: ID = input_field("dbtr", description="The debtor.")
    contact_point_id: ID | None = input_field("cont", description="The endpoint that it is about; left out, all.")
    client_id: ID | None = input_field("clnt", description="The client that it was given to; left out, the agency.")
    channels: list[CommunicationChannel] = input_field(description="The ways of contact that it is about.")
    state: ConsentState = input_field(description="Whether consent is given or taken back.")
    scope: ConsentScope = input_field(default=ConsentScope.ALL_MESSAGES, description="How far it reaches.")
    method: ConsentMethod = input_field(description="How the debtor expressed it.")
    source: str = input_field(description="Where the record comes from, such as a call or a form.")
    given_directly: bool = input_field(
        description="Whether the debtor gave it to the agency itself, and not to the creditor or someone else."
    )
    given_at: datetime.datetime | None = input_field(description="When the debtor said it; now unless given.")
    expires_at: datetime.datetime | None = input_field(description="When the consent ends by itself.")
    evidence: str | None = input_field(description="What proves it, such as a recording's or document's reference.")
    revocation_medium: str | None = input_field(description="By what means a revocation came; required for one.")


@input_type(description="A debtor's national identifier; an earlier one of the kind and country is replaced.")
class NationalIdSetInput(NationalIdInput):
    idempotency_key: str | None = input_field(description=_KEY)
    debtor_id: ID = input_field("dbtr", description="The debtor.")
    supplied_by: ID | None = input_field("clnt", description=_SUPPLIER)


@input_type(description="A wish to see a national identifier in full.")
class NationalIdRevealInput(Input):
    national_id_id: ID = input_field("natl", description="The identifier.")
    reason: str = input_field(description="Why you need it; kept on record with your name.")
