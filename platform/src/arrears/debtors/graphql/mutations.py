"""The mutations on debtors and what they give back."""

from __future__ import annotations

from arrears.debtors.commands import (
    consent_record,
    contact_point_add,
    contact_point_invalidate,
    contact_point_update,
    debtor_create,
    debtor_link_client,
    debtor_update,
    name_add,
    national_id_reveal,
    national_id_set,
    residence_add,
    residence_end,
)
from arrears.debtors.graphql.inputs import (
    ConsentRecordInput,
    ContactPointAddInput,
    ContactPointInvalidateInput,
    ContactPointUpdateInput,
    DebtorCreateInput,
    DebtorLinkClientInput,
    DebtorUpdateInput,
    NameAddInput,
    NationalIdRevealInput,
    NationalIdSetInput,
    ResidenceAddInput,
    ResidenceEndInput,
)
from arrears.debtors.graphql.types import ContactPoint, Debtor, DebtorName, NationalId, Residence
from arrears.graphql.declare import Info, loaded, mutations, plain
from arrears.graphql.mutations import Payload, mutation, payload, run


@payload
class DebtorCreatePayload(Payload):
    """The new debtor."""

    debtor: Debtor | None = loaded("debtor_id", description="The new debtor.")


@payload
class DebtorUpdatePayload(Payload):
    """The debtor after the change."""

    debtor: Debtor | None = loaded("debtor_id", description="The debtor after the change.")


@payload
class DebtorLinkClientPayload(Payload):
    """The debtor with its further client."""

    debtor: Debtor | None = loaded("debtor_id", description="The debtor with its further client.")


@payload
class NameAddPayload(Payload):
    """The new name and its debtor."""

    name: DebtorName | None = loaded("name_id", description="The new name.")
    debtor: Debtor | None = loaded("debtor_id", description="The debtor with the name.")


@payload
class ResidenceAddPayload(Payload):
    """The new place and its debtor."""

    residence: Residence | None = loaded("residence_id", description="The new place.")
    debtor: Debtor | None = loaded("debtor_id", description="The debtor with the place.")


@payload
class ResidenceEndPayload(Payload):
    """The place with its end, and its debtor."""

    residence: Residence | None = loaded("residence_id", description="The place with its end.")
    debtor: Debtor | None = loaded("debtor_id", description="The debtor after the change.")


@payload
class ContactPointAddPayload(Payload):
    """The new contact point and its debtor."""

    contact_point: ContactPoint | None = loaded("contact_point_id", description="The new contact point.")
    debtor: Debtor | None = loaded("debtor_id", description="The debtor with the contact point.")


@payload
class ContactPointUpdatePayload(Payload):
    """The contact point after the change."""

    contact_point: ContactPoint | None = loaded("contact_point_id", description="The contact point after the change.")


@payload
class ContactPointInvalidatePayload(Payload):
    """The contact point that is invalid now."""

    contact_point: ContactPoint | None = loaded("contact_point_id", description="The contact point, invalid now.")


@payload
class ConsentRecordPayload(Payload):
    """The debtor with its new consents."""

    debtor: Debtor | None = loaded("debtor_id", description="The debtor with the records; see its consents.")


@payload
class NationalIdSetPayload(Payload):
    """The stored identifier and its debtor."""

    national_id: NationalId | None = loaded("national_id_id", description="The identifier, sealed.")
    debtor: Debtor | None = loaded("debtor_id", description="Whom it identifies.")


@payload
class NationalIdRevealPayload(Payload):
    """The identifier in full, shown once."""

    number: str | None = plain(description="The identifier in full, without separators.")
    debtor: Debtor | None = loaded("debtor_id", description="Whom it identifies.")


@mutations
class DebtorMutations:
    @mutation(debtor_create, description="Add a debtor with names, places, contact points and the clients that see it.")
    async def debtor_create(self, info: Info, input: DebtorCreateInput) -> DebtorCreatePayload:
        return await run(info, DebtorCreatePayload, debtor_create, input, idempotency_key=input.idempotency_key)

    @mutation(debtor_update, description="Change facts of a debtor.")
    async def debtor_update(self, info: Info, input: DebtorUpdateInput) -> DebtorUpdatePayload:
        return await run(info, DebtorUpdatePayload, debtor_update, input, idempotency_key=input.idempotency_key)

    @mutation(debtor_link_client, description="Let a further client see a debtor.")
    async def debtor_link_client(self, info: Info, input: DebtorLinkClientInput) -> DebtorLinkClientPayload:
        return await run(
            info, DebtorLinkClientPayload, debtor_link_client, input, idempotency_key=input.idempotency_key
        )

    @mutation(name_add, description="Add a name; a legal one that is not over becomes the name shown.")
    async def name_add(self, info: Info, input: NameAddInput) -> NameAddPayload:
        return await run(info, NameAddPayload, name_add, input, idempotency_key=input.idempotency_key)

    @mutation(residence_add, description="Add a place where a debtor lives, works, receives letters or is.")
    async def residence_add(self, info: Info, input: ResidenceAddInput) -> ResidenceAddPayload:
        return await run(info, ResidenceAddPayload, residence_add, input, idempotency_key=input.idempotency_key)

    @mutation(residence_end, description="Note the last day of a place.")
    async def residence_end(self, info: Info, input: ResidenceEndInput) -> ResidenceEndPayload:
        return await run(info, ResidenceEndPayload, residence_end, input, idempotency_key=input.idempotency_key)

    @mutation(contact_point_add, description="Add a number, address or handle; it is brought into one form.")
    async def contact_point_add(self, info: Info, input: ContactPointAddInput) -> ContactPointAddPayload:
        return await run(info, ContactPointAddPayload, contact_point_add, input, idempotency_key=input.idempotency_key)

    @mutation(contact_point_update, description="Change what is known about a contact point.")
    async def contact_point_update(self, info: Info, input: ContactPointUpdateInput) -> ContactPointUpdatePayload:
        return await run(
            info, ContactPointUpdatePayload, contact_point_update, input, idempotency_key=input.idempotency_key
        )

    @mutation(contact_point_invalidate, description="Note that a contact point does not reach the debtor, and why.")
    async def contact_point_invalidate(
        self, info: Info, input: ContactPointInvalidateInput
    ) -> ContactPointInvalidatePayload:
        return await run(
            info, ContactPointInvalidatePayload, contact_point_invalidate, input, idempotency_key=input.idempotency_key
        )

    @mutation(consent_record, description="Record that a debtor agreed to be contacted, or took it back.")
    async def consent_record(self, info: Info, input: ConsentRecordInput) -> ConsentRecordPayload:
        return await run(info, ConsentRecordPayload, consent_record, input, idempotency_key=input.idempotency_key)

    @mutation(national_id_set, description="Store a debtor's national identifier, sealed.")
    async def national_id_set(self, info: Info, input: NationalIdSetInput) -> NationalIdSetPayload:
        return await run(info, NationalIdSetPayload, national_id_set, input, idempotency_key=input.idempotency_key)

    @mutation(national_id_reveal, description="Show a national identifier in full; who saw it and why is on record.")
    async def national_id_reveal(self, info: Info, input: NationalIdRevealInput) -> NationalIdRevealPayload:
        return await run(info, NationalIdRevealPayload, national_id_reveal, input)
