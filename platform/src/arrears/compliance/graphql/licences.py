"""The agency's own licences in the schema."""

from __future__ import annotations

import datetime

from arrears.access.model import Permission
from arrears.compliance.graphql import fact_words  # noqa: F401 - describes the enumerations used below
from arrears.compliance.licences import LicenceKind, end_licence, record_licence
from arrears.graphql.declare import Connection, Info, column, entity, loaded, mutations, queries, root_many, root_one
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, mutation, payload, run

_KEY = "The same key with the same input is done once."


@entity(
    "lcnc",
    table="licence",
    description="A licence, registration or bond of the agency at a place; its first and last day count.",
    permission=Permission.LICENCES_READ,
)
class Licence:
    place: str = column(description="Where, as rules spell it: DE, US-NY.", filter=True)
    kind: LicenceKind = column(description="By what the agency may collect there.")
    number: str | None = column(description="Its number.")
    from_on: datetime.date = column(description="The first day.", order=True)
    until_on: datetime.date | None = column(description="The last day; null while none is known.")
    version: int = column(description="Rises with every change; a change names the version that it is based on.")
    created_at: datetime.datetime = column(description="When it was written down.")
    updated_at: datetime.datetime = column(description="When it was last changed.")


@queries
class LicenceQueries:
    licence: Licence | None = root_one(description="One licence.", permission=Permission.LICENCES_READ)
    licences: Connection[Licence] = root_many(
        description="The agency's licences.", permission=Permission.LICENCES_READ, order="-from_on"
    )


@input_type(description="What the agency holds at a place.")
class LicenceRecordInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    place: str = input_field(description="Where, by code or name: DE, US-NY, US-New York.")
    kind: LicenceKind = input_field(description="By what the agency may collect there.")
    number: str | None = input_field(description="Its number.")
    from_on: datetime.date = input_field(description="The first day.")
    until_on: datetime.date | None = input_field(description="The last day, where it is known.")


@input_type(description="The last day of a licence.")
class LicenceEndInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    licence_id: ID = input_field("lcnc", description="The licence.")
    version: int = input_field(description="The version of the licence that this is based on.")
    until_on: datetime.date = input_field(description="The last day.")


@payload
class LicenceRecordPayload(Payload):
    """The licence that was recorded."""

    licence: Licence | None = loaded("licence_id", description="The new licence.")


@payload
class LicenceEndPayload(Payload):
    """The licence whose last day was told."""

    licence: Licence | None = loaded("licence_id", description="The licence as it is now.")


@mutations
class LicenceMutations:
    @mutation(record_licence, description="Record a licence, registration or bond of the agency.")
    async def licence_record(self, info: Info, input: LicenceRecordInput) -> LicenceRecordPayload:
        return await run(info, LicenceRecordPayload, record_licence, input, idempotency_key=input.idempotency_key)

    @mutation(end_licence, description="Say which day is the last of a licence, also when it was renewed.")
    async def licence_end(self, info: Info, input: LicenceEndInput) -> LicenceEndPayload:
        return await run(info, LicenceEndPayload, end_licence, input, idempotency_key=input.idempotency_key)
