"""Holds: what stops work, on an account, on a debtor or on a channel."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from arrears.access.model import Permission
from arrears.accounts.commands import place_hold, release_hold
from arrears.accounts.graphql import words  # noqa: F401 - describes the enumerations used below
from arrears.accounts.model import BankruptcyChapter, HoldBlock, HoldKind, HoldScope, HoldSource, HoldState
from arrears.debtors.model import CommunicationChannel
from arrears.graphql.declare import (
    Connection,
    Info,
    column,
    entity,
    expression,
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

if TYPE_CHECKING:
    from arrears.accounts.graphql.types import Account
    from arrears.clients.graphql import Client
    from arrears.debtors.graphql import Debtor

_ENDED = "({row}.ends_at <= {now} or {row}.released_at <= {now}) is true"


@entity(
    "hold",
    table="hold",
    description="A reason to stop, in force from its start until its end or its release, whichever comes first.",
    permission=Permission.HOLDS_READ,
)
class Hold:
    account: Account | None = one(
        "account_id", description="The account it is on; null when it is on everything of the debtor.", filter=True
    )
    debtor: Debtor | None = one("debtor_id", description="The debtor it is about.", filter=True)
    client: Client | None = one(
        "client_id", description="The client it came from; null when the agency knows by itself.", filter=True
    )
    kind: HoldKind = column(description="What brought the work to a stop.", filter=True)
    bankruptcy_chapter: BankruptcyChapter | None = column(description="For a bankruptcy: under which law, if known.")
    scope: HoldScope = column(description="How far it reaches.")
    channel: CommunicationChannel | None = column(description="The one channel it stops; null when it stops more.")
    blocks: list[HoldBlock] = column(description="What it stops.")
    reason: str = column(description="Why, in the words of whoever placed it.")
    source: HoldSource = column(description="From whom the agency knows.")
    evidence: str | None = column(description="Where the proof is found.")
    starts_at: datetime.datetime = column(description="From when it stops work.", filter=True, order=True)
    ends_at: datetime.datetime | None = column(description="When it ends by itself; null when it is open.")
    released_at: datetime.datetime | None = column(description="When it was released; null when it was not.")
    release_reason: str | None = column(description="Why it was released.")
    state: HoldState = expression(
        f"case when {_ENDED} then 'ENDED' when {{row}}.starts_at <= {{now}} then 'IN_FORCE' else 'PENDING' end",
        description="Whether it stops anything now.",
        filter_sql={
            "PENDING": f"not {_ENDED} and {{row}}.starts_at > {{now}}",
            "IN_FORCE": f"not {_ENDED} and {{row}}.starts_at <= {{now}}",
            "ENDED": "({row}.ends_at <= {now} or {row}.released_at <= {now})",
        },
    )
    version: int = column(description="Rises with every change; a change names the version that it is based on.")
    created_at: datetime.datetime = column(description="When it was placed.")
    updated_at: datetime.datetime = column(description="When it was last changed.")


@extend("Debtor", permission=Permission.HOLDS_READ)
class DebtorHolds:
    holds: Connection[Hold] = many(
        "debtor_id", order="-starts_at", description="Holds on the debtor and on its accounts, the latest first."
    )


@queries
class HoldQueries:
    hold: Hold | None = root_one(description="One hold.", permission=Permission.HOLDS_READ)
    holds: Connection[Hold] = root_many(
        description="All holds that you may see.", permission=Permission.HOLDS_READ, order="-starts_at"
    )


@input_type(description="A reason to stop. Of `accountId` and `debtorId` exactly one is given.")
class HoldPlaceInput(Input):
    idempotency_key: str | None = input_field(description="The same key with the same input is done once.")
    account_id: ID | None = input_field("acct", description="The account to stop.")
    debtor_id: ID | None = input_field("dbtr", description="The debtor with whom to stop everything.")
    client_id: ID | None = input_field(
        "clnt", description="From which client it is known; left out, it is the agency's own knowledge."
    )
    channel: CommunicationChannel | None = input_field(description="Stop this channel only.")
    kind: HoldKind = input_field(description="What brings the work to a stop.")
    bankruptcy_chapter: BankruptcyChapter | None = input_field(description="For a bankruptcy: under which law.")
    blocks: list[HoldBlock] | None = input_field(description="What to stop; left out, what is usual for the kind.")
    reason: str = input_field(description="Why.")
    source: HoldSource = input_field(description="From whom the agency knows.")
    evidence: str | None = input_field(description="Where the proof is found.")
    starts_at: datetime.datetime | None = input_field(description="From when; now unless given.")
    ends_at: datetime.datetime | None = input_field(description="Until when; open unless given.")


@input_type(description="A hold that is to end before its time.")
class HoldReleaseInput(Input):
    idempotency_key: str | None = input_field(description="The same key with the same input is done once.")
    hold_id: ID = input_field("hold", description="The hold.")
    version: int = input_field(description="The version of the hold that this is based on.")
    reason: str = input_field(description="Why it is released.")


@payload
class HoldPlacePayload(Payload):
    """The hold that was placed."""

    hold: Hold | None = loaded("hold_id", description="The new hold.")


@payload
class HoldReleasePayload(Payload):
    """The hold that was released."""

    hold: Hold | None = loaded("hold_id", description="The hold as it is now.")


@mutations
class HoldMutations:
    @mutation(place_hold, description="Stop work on an account, on a debtor or on a channel.")
    async def hold_place(self, info: Info, input: HoldPlaceInput) -> HoldPlacePayload:
        return await run(info, HoldPlacePayload, place_hold, input, idempotency_key=input.idempotency_key)

    @mutation(release_hold, description="End a hold before its time.")
    async def hold_release(self, info: Info, input: HoldReleaseInput) -> HoldReleasePayload:
        return await run(info, HoldReleasePayload, release_hold, input, idempotency_key=input.idempotency_key)
