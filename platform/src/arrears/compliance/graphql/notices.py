"""Notices in the schema: what was told to whom, when it arrived, and what period it opened."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from arrears.access.model import Permission
from arrears.compliance.graphql import fact_words  # noqa: F401 - describes the enumerations used below
from arrears.compliance.notices import receive_notice, record_notice, return_notice
from arrears.debtors.model import CommunicationChannel
from arrears.graphql.declare import (
    Connection,
    Info,
    column,
    entity,
    extend,
    loaded,
    many,
    mutations,
    one,
    queries,
    root_many,
    root_one,
)
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, mutation, payload, run
from arrears_sdk.law.words import NoticeKind

if TYPE_CHECKING:
    from arrears.accounts.graphql import Account
    from arrears.clients.graphql import Client
    from arrears.debtors.graphql import ContactPoint, Debtor
    from arrears.interactions.graphql import Interaction

_KEY = "The same key with the same input is done once."


@entity(
    "nacc",
    table="notice_account",
    description="A debt that a notice was about.",
    permission=Permission.FACTS_READ,
    scope_column="client_id",
)
class NoticedAccount:
    notice: Notice | None = one("notice_id", description="The notice.")
    account: Account | None = one("account_id", description="The debt.", permission=Permission.ACCOUNTS_READ)
    sent_at: datetime.datetime = column(description="When the notice was sent.", order=True)


@entity(
    "notc",
    table="notice",
    description="A notice that was given to a debtor. One that came back counts as never given.",
    permission=Permission.FACTS_READ,
    scope_column="client_id",
)
class Notice:
    kind: NoticeKind = column(description="What it tells.", filter=True)
    medium: CommunicationChannel = column(description="By which way it was given.")
    debtor: Debtor | None = one("debtor_id", description="To whom it was given.", filter=True)
    client: Client | None = one(
        "client_id", description="The client whose debts it is about; null when of several or none.", filter=True
    )
    accounts: Connection[NoticedAccount] = many(
        "notice_id", order="sent_at", description="The debts it is about; without any, all of them."
    )
    sent_at: datetime.datetime = column(description="When it was sent.", filter=True, order=True)
    received_on: datetime.date | None = column(description="The day on which it arrived, known or assumed.")
    receipt_assumed: bool = column(description="Whether the day of arrival is assumed, as a law allows.")
    returned_at: datetime.datetime | None = column(description="When it came back undelivered.")
    ends_on: datetime.date | None = column(description="The last day of the period that it opened.")
    contact_point: ContactPoint | None = one("contact_point_id", description="Where it was sent.")
    content_hash: str | None = column(description="SHA-256 of what was sent.")
    template: str | None = column(description="The text that was used.")
    template_version: str | None = column(description="The version of the text.")
    language: str | None = column(description="The language it was written in.")
    interaction: Interaction | None = one(
        "interaction_id", description="The contact by which it was given.", permission=Permission.INTERACTIONS_READ
    )
    recorded_by: str = column("recorded_by_name", description="Who wrote it down.")
    version: int = column(description="Rises with every change; a change names the version that it is based on.")
    created_at: datetime.datetime = column(description="When it was written down.")
    updated_at: datetime.datetime = column(description="When it was last changed.")


@extend("Debtor", permission=Permission.FACTS_READ)
class DebtorNotices:
    notices: Connection[Notice] = many(
        "debtor_id", order="-sent_at", description="The notices that were given to the debtor, the latest first."
    )


@extend("Account", permission=Permission.FACTS_READ)
class AccountNotices:
    notices: Connection[NoticedAccount] = many(
        "account_id", order="-sent_at", description="The notices that name this debt, the latest first."
    )


@queries
class NoticeQueries:
    notice: Notice | None = root_one(description="One notice.", permission=Permission.FACTS_READ)
    notices: Connection[Notice] = root_many(
        description="All notices that you may see.", permission=Permission.FACTS_READ, order="-sent_at"
    )


@input_type(description="A notice that was given. Of `debtorId`, `accountIds` and `contactPointId` one tells to whom.")
class NoticeRecordInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    kind: NoticeKind = input_field(description="What it tells.")
    medium: CommunicationChannel = input_field(description="By which way it was given.")
    debtor_id: ID | None = input_field("dbtr", description="To whom; left out, the primary debtor of the accounts.")
    account_ids: list[ID] | None = input_field(
        "acct", description="The debts it is about, at most 100; left out, all of them."
    )
    client_id: ID | None = input_field(
        "clnt", description="For which client it was given; left out, the one of the accounts."
    )
    sent_at: datetime.datetime | None = input_field(description="When it was sent; now unless given.")
    received_on: datetime.date | None = input_field(
        description="The day on which it arrived; left out, a validation notice is assumed to have after five"
        " business days."
    )
    ends_on: datetime.date | None = input_field(
        description="The last day of the period that it opens; left out, for a validation notice the 30th day after"
        " receipt."
    )
    contact_point_id: ID | None = input_field("cont", description="Where it was sent.")
    content_hash: str | None = input_field(description="SHA-256 of what was sent, in 64 hexadecimal digits.")
    template: str | None = input_field(description="The text that was used.")
    template_version: str | None = input_field(description="The version of the text.")
    language: str | None = input_field(description="The language it was written in.")
    interaction_id: ID | None = input_field("intr", description="The contact by which it was given.")


@input_type(description="A notice that came back.")
class NoticeReturnInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    notice_id: ID = input_field("notc", description="The notice.")
    version: int = input_field(description="The version of the notice that this is based on.")
    returned_at: datetime.datetime | None = input_field(description="When it came back; now unless given.")


@input_type(description="The day on which a notice arrived.")
class NoticeReceiveInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    notice_id: ID = input_field("notc", description="The notice.")
    version: int = input_field(description="The version of the notice that this is based on.")
    received_on: datetime.date = input_field(description="The day.")


@payload
class NoticeRecordPayload(Payload):
    """The notice that was recorded."""

    notice: Notice | None = loaded("notice_id", description="The new notice.")


@payload
class NoticeReturnPayload(Payload):
    """The notice that came back."""

    notice: Notice | None = loaded("notice_id", description="The notice as it is now.")


@payload
class NoticeReceivePayload(Payload):
    """The notice that arrived."""

    notice: Notice | None = loaded("notice_id", description="The notice as it is now.")


@mutations
class NoticeMutations:
    @mutation(
        record_notice,
        description="Record that a notice was given. One that is sent again is recorded again, and its period begins"
        " anew.",
    )
    async def notice_record(self, info: Info, input: NoticeRecordInput) -> NoticeRecordPayload:
        return await run(info, NoticeRecordPayload, record_notice, input, idempotency_key=input.idempotency_key)

    @mutation(return_notice, description="Record that a notice came back: it counts as never given.")
    async def notice_return(self, info: Info, input: NoticeReturnInput) -> NoticeReturnPayload:
        return await run(info, NoticeReturnPayload, return_notice, input, idempotency_key=input.idempotency_key)

    @mutation(receive_notice, description="Record when a notice arrived; a period that it opened ends no earlier.")
    async def notice_receive(self, info: Info, input: NoticeReceiveInput) -> NoticeReceivePayload:
        return await run(info, NoticeReceivePayload, receive_notice, input, idempotency_key=input.idempotency_key)
