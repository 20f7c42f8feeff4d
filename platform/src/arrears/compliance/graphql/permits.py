"""Permits in the schema: what a decision lets be done, redeeming it and giving it back."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from arrears.access.model import Permission
from arrears.compliance.commands import redeem_permit, return_permit
from arrears.compliance.graphql import words as words
from arrears.compliance.model import DecisionKind, PermitState
from arrears.debtors.model import CommunicationChannel
from arrears.graphql.declare import Info, column, entity, expression, loaded, mutations, one, queries, root_one
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, mutation, payload, run
from arrears_sdk.law.words import ContactParty, ContactPurpose
from arrears_sdk.vocabulary import ActionKind

if TYPE_CHECKING:
    from arrears.compliance.graphql.decisions import Decision
    from arrears.debtors.graphql import ContactPoint, Debtor


@entity(
    "prmt",
    table="permit",
    description="What a decision lets be done: once, soon, and only by whom it was given to.",
    permission=Permission.DECISIONS_READ,
    scope_column="client_id",
)
class Permit:
    decision: Decision | None = one("decision_id", description="The decision that gave it.")
    kind: DecisionKind = column(description="What it is for.")
    debtor: Debtor | None = one("debtor_id", description="Whom it is about.")
    channel: CommunicationChannel | None = column(description="The only channel, of a contact.")
    contact_point: ContactPoint | None = one("contact_point_id", description="The only contact point, of a contact.")
    purpose: ContactPurpose | None = column(description="What the contact is for.")
    party: ContactParty | None = column(description="With whom the contact is meant to be.")
    action: ActionKind | None = column(description="What may be done, of an act.")
    granted_at: datetime.datetime = column(description="When it was given.")
    expires_at: datetime.datetime = column(
        description="Nothing may begin from this instant on: ten minutes later, or where what is allowed ends."
    )
    used_at: datetime.datetime | None = column(description="When it was redeemed.")
    returned_at: datetime.datetime | None = column(description="When it was given back unused.")
    recorded_at: datetime.datetime | None = column(description="When the contact that it let happen was recorded.")
    state: PermitState = expression(
        "case when {row}.used_at is not null then 'USED' when {row}.returned_at is not null then 'RETURNED'"
        " when {row}.expires_at <= {now} then 'EXPIRED' else 'OPEN' end",
        description="What has become of it.",
    )


@queries
class PermitQueries:
    permit: Permit | None = root_one(description="One permit.", permission=Permission.DECISIONS_READ)


@input_type(description="What is about to be done on a permit: it has to be what was permitted.")
class PermitRedeemInput(Input):
    permit_id: ID = input_field("prmt", description="The permit.")
    channel: CommunicationChannel | None = input_field(description="By which way, of a contact.")
    contact_point_id: ID | None = input_field("cont", description="The contact point that will be used.")
    action: ActionKind | None = input_field(description="What will be done, of an act.")
    account_ids: list[ID] | None = input_field("acct", description="The debts that it will be about.")


@input_type(description="A permit that will not be used.")
class PermitReturnInput(Input):
    permit_id: ID = input_field("prmt", description="The permit.")


@payload
class PermitRedeemPayload(Payload):
    """The permit, redeemed."""

    permit: Permit | None = loaded("permit_id", description="The permit.", permission=Permission.CONTACTS_REQUEST)


@payload
class PermitReturnPayload(Payload):
    """The permit, given back."""

    permit: Permit | None = loaded("permit_id", description="The permit.", permission=Permission.CONTACTS_REQUEST)


@mutations
class PermitMutations:
    @mutation(
        redeem_permit,
        description="Take a permit for the contact or act that follows at once. It is checked again: not used, not"
        " over, for just this, and nothing recorded since that the decision did not know.",
    )
    async def permit_redeem(self, info: Info, input: PermitRedeemInput) -> PermitRedeemPayload:
        return await run(info, PermitRedeemPayload, redeem_permit, input)

    @mutation(return_permit, description="Give a permit back that will not be used: it counts as an attempt no more.")
    async def permit_return(self, info: Info, input: PermitReturnInput) -> PermitReturnPayload:
        return await run(info, PermitReturnPayload, return_permit, input)
