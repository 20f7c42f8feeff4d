"""A person's requests about their own data, as the API shows them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from arrears.access.model import Permission
from arrears.graphql.declare import (
    Connection,
    Info,
    column,
    describe_enum,
    entity,
    expression,
    extend,
    few,
    loaded,
    many,
    mutations,
    one,
    plain,
    queries,
    root_many,
    root_one,
    value,
)
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, mutation, payload, run
from arrears.graphql.scalars import Json
from arrears.privacy.commands import (
    close_data_request,
    open_data_request,
    retry_data_request,
    reveal_data_request,
)
from arrears.privacy.model import DataRequestKind, DataRequestStatus, ErasureBlock, ErasureGround

if TYPE_CHECKING:
    from arrears.clients.graphql import Client
    from arrears.debtors.graphql import Debtor

describe_enum(
    DataRequestKind,
    "What a person asks for.",
    {
        "EXPORT": "Everything that is kept about them, here and at providers, as one document.",
        "ERASURE": "That everything that tells who they are is erased, here and at providers.",
    },
)
describe_enum(
    DataRequestStatus,
    "How far a request is.",
    {
        "OPEN": "It is being worked on, or tried again later.",
        "NEEDS_ATTENTION": "It was tried enough, or something keeps the data: somebody has to look.",
        "FULFILLED": "The data was collected, or erased.",
        "CLOSED": "It was ended without being fulfilled.",
    },
)
describe_enum(
    ErasureGround,
    "Why a person is to be erased although an account is open.",
    {
        "COURT_ORDER": "A court orders it.",
        "REGULATOR_ORDER": "A supervisory authority orders it.",
        "UNLAWFUL_PROCESSING": "The data was never to be processed: another person was meant, for instance.",
    },
)
describe_enum(
    ErasureBlock,
    "What keeps a person's data from being erased.",
    {
        "LITIGATION": "A hold for litigation is in force.",
        "OPEN_ACCOUNT": "The person stands on an account that is open.",
        "PAYMENT_UNDER_WAY": "A payment of the person has no known outcome yet.",
    },
)


@value(table="data_request_failure", description="What stood in the way of a request at its last try.")
class DataRequestFailure:
    plugin: str = column(description="The plugin whose part failed.")
    reason: str = column(description="What it says, without personal data.")
    failed_at: datetime.datetime = column(description="When.")
    client: Client | None = one("client_id", description="For which client; null for the whole deployment.")


@entity(
    "dreq",
    table="data_request",
    description="A person's request for everything that is kept about them, or to be erased.",
    permission=Permission.PRIVACY_READ,
)
class DataRequest:
    kind: DataRequestKind = column(description="What the person asks for.", filter=True)
    ground: ErasureGround | None = column(description="The ground in law on which an open account does not matter.")
    status: DataRequestStatus = column(description="How far it is.", filter=True)
    debtor: Debtor | None = one("debtor_id", description="Whose request it is.", filter=True)
    opened_at: datetime.datetime = column(description="When it was taken in.", filter=True, order=True)
    due_on: datetime.date = column(description="By when the person has to be answered: within a month.")
    tries: int = column(description="How often it was tried.")
    next_try_at: datetime.datetime | None = column(description="When it is tried again; null when it is not.")
    blocked_by: ErasureBlock | None = column(description="What keeps the data from being erased.")
    without_plugins: list[str] = column(description="Plugins whose part somebody has seen to by hand.")
    fulfilled_at: datetime.datetime | None = column(description="When it was fulfilled; null when it was not.")
    is_available: bool = expression(
        "({row}.export is not null and {row}.available_until > {now})",
        description="Whether what was collected can be read, with `dataRequestReveal`.",
    )
    available_until: datetime.datetime | None = column(description="Until when what was collected is kept.")
    closed_at: datetime.datetime | None = column(description="When it was ended without being fulfilled.")
    failures: list[DataRequestFailure] = few(
        "request_id", order="id", limit=50, description="What stood in the way at the last try."
    )
    version: int = column(description="Rises with every change; a change names the version that it is based on.")


@extend("Debtor", permission=Permission.PRIVACY_READ)
class DebtorDataRequests:
    data_requests: Connection[DataRequest] = many(
        "debtor_id", order="-opened_at", description="What the debtor asked for about their own data."
    )


@queries
class DataRequestQueries:
    data_request: DataRequest | None = root_one(description="One request.", permission=Permission.PRIVACY_READ)
    data_requests: Connection[DataRequest] = root_many(
        description="Requests of persons about their own data, the latest first.",
        permission=Permission.PRIVACY_READ,
        order="-opened_at",
    )


@input_type(description="What a person asks for.")
class DataRequestOpenInput(Input):
    idempotency_key: str | None = input_field(description="The same key with the same input is done once.")
    debtor_id: ID = input_field("dbtr", description="The person.")
    kind: DataRequestKind = input_field(description="What they ask for.")
    ground: ErasureGround | None = input_field(
        description="For an erasure: the ground in law on which open accounts do not matter."
    )


@input_type(description="A request that is to be tried again.")
class DataRequestRetryInput(Input):
    idempotency_key: str | None = input_field(description="The same key with the same input is done once.")
    data_request_id: ID = input_field("dreq", description="The request.")
    version: int = input_field(description="The version of the request that this is based on.")
    without_plugins: list[str] | None = input_field(
        description="Plugins that are left out from now on, since somebody has seen to their part by hand."
    )


@input_type(description="A request that will not be fulfilled.")
class DataRequestCloseInput(Input):
    idempotency_key: str | None = input_field(description="The same key with the same input is done once.")
    data_request_id: ID = input_field("dreq", description="The request.")
    version: int = input_field(description="The version of the request that this is based on.")
    reason: str = input_field(description="Why, as the person was told.")


@input_type(description="What was collected about a person is to be read.")
class DataRequestRevealInput(Input):
    data_request_id: ID = input_field("dreq", description="The request.")
    reason: str = input_field(description="Why it is read; kept on record.")


@payload
class DataRequestOpenPayload(Payload):
    """The request that was taken in."""

    data_request: DataRequest | None = loaded("data_request_id", description="The new request.")


@payload
class DataRequestRetryPayload(Payload):
    """The request that is tried again."""

    data_request: DataRequest | None = loaded("data_request_id", description="The request as it is now.")


@payload
class DataRequestClosePayload(Payload):
    """The request that was ended."""

    data_request: DataRequest | None = loaded("data_request_id", description="The request as it is now.")


@payload
class DataRequestRevealPayload(Payload):
    """What was collected about a person."""

    document: Json | None = plain(
        description="Everything that was kept about the person, as one document.",
        permission=Permission.PRIVACY_REVEAL,
    )
    data_request: DataRequest | None = loaded("data_request_id", description="The request that it was collected for.")


@mutations
class DataRequestMutations:
    @mutation(
        open_data_request, description="Take in a person's request about their own data; it is fulfilled by a job."
    )
    async def data_request_open(self, info: Info, input: DataRequestOpenInput) -> DataRequestOpenPayload:
        return await run(info, DataRequestOpenPayload, open_data_request, input, idempotency_key=input.idempotency_key)

    @mutation(retry_data_request, description="Try a request again that needs attention.")
    async def data_request_retry(self, info: Info, input: DataRequestRetryInput) -> DataRequestRetryPayload:
        key = input.idempotency_key
        return await run(info, DataRequestRetryPayload, retry_data_request, input, idempotency_key=key)

    @mutation(close_data_request, description="End a request that needs attention without fulfilling it.")
    async def data_request_close(self, info: Info, input: DataRequestCloseInput) -> DataRequestClosePayload:
        key = input.idempotency_key
        return await run(info, DataRequestClosePayload, close_data_request, input, idempotency_key=key)

    @mutation(reveal_data_request, description="Read what was collected about a person; who did and why is on record.")
    async def data_request_reveal(self, info: Info, input: DataRequestRevealInput) -> DataRequestRevealPayload:
        return await run(info, DataRequestRevealPayload, reveal_data_request, input)
