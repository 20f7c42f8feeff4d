"""Delinquency in the schema: days past due and how they came to be, buckets and their history, pauses."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from arrears.access.model import Permission
from arrears.delinquency.commands import pause_delinquency, resume_delinquency
from arrears.delinquency.reading import delinquencies
from arrears.graphql.declare import (
    Argument,
    Connection,
    Info,
    batched,
    column,
    entity,
    expression,
    extend,
    loaded,
    many,
    mutations,
    one,
    output,
    plain,
)
from arrears.graphql.limits import FieldCost
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, mutation, payload, run
from arrears.kernel.calendar import check_calendar
from arrears.ledger.instalments import MOST_INSTALMENTS

if TYPE_CHECKING:
    from arrears.accounts.graphql import Account
    from arrears.kernel.context import Context

MOST_LINES = 200
COUNTING = FieldCost(once=500, each=20)

_ENDED = "(select resumed.from_on from delinquency_pause resumed where resumed.pause_id = {row}.id)"


async def _counted(context: Context, account_ids: Sequence[UUID], arguments: Mapping[str, Any]) -> list[object]:
    on, known_at = arguments.get("on"), arguments.get("known_at")
    check_calendar(on, ("on",))
    check_calendar(known_at, ("knownAt",))
    found = await delinquencies(context, account_ids, on=on, known_at=known_at)
    return [found.get(account_id) for account_id in account_ids]


@output(description="How long one instalment is past due.", permission=Permission.LEDGER_READ)
class InstalmentDelinquency:
    number: int = plain(description="Its place in the schedule.")
    due_on: datetime.date = plain(description="The day on which it is due.")
    days_past_due: int = plain(description="Days since then while any of it is unpaid.")
    paused_days: int = plain(description="How many of these lie in a pause.")
    delinquent_days: int = plain(description="How many count, after pauses and grace.")


@output(
    description="How long a debt is past due at the end of a day, and how that came to be.",
    permission=Permission.LEDGER_READ,
)
class Delinquency:
    on: datetime.date = plain(description="The day, in the client's zone.")
    days_past_due: int = plain(description="Days since the oldest unpaid due day; nought when nothing is past due.")
    paused_days: int = plain(description="How many of these lie in a pause.")
    grace_days: int = plain(description="How many of these the client's days of grace take away.")
    delinquent_days: int = plain(description="Days past due without those of pauses and grace.")
    bucket: str = plain(
        description="The bucket that the delinquent days put it in, by the settings of the client; as it was before a"
        " pause while that runs; `current` when it is in none."
    )
    oldest_unpaid_due_on: datetime.date | None = plain(
        description="The earliest due day of what is owed; null when nothing is."
    )
    is_paused: bool = plain(description="Whether the day lies in a pause.")
    next_change_on: datetime.date | None = plain(
        description="The day on which the bucket changes if nothing more happens; null when it never does."
    )
    instalments: list[InstalmentDelinquency] = plain(
        description="Each instalment of the schedule that holds; none for a debt that is due in one sum.",
        most=MOST_INSTALMENTS,
    )
    explanation: list[str] = plain(description="How each figure came to be, line by line.", most=MOST_LINES)


@entity(
    "buck",
    table="delinquency_bucket",
    description="The days that a debt spent in a bucket, as they were known from one instant until another.",
    permission=Permission.LEDGER_READ,
    scope_column="client_id",
)
class BucketStay:
    account: Account | None = one("account_id", description="The account.")
    bucket: str = column(description="The bucket's name.")
    from_days: int = column(description="The fewest delinquent days in it.")
    until_days: int | None = column(description="The most delinquent days in it; null when it has no end.")
    added_on: datetime.date = column(description="The first day in it.")
    lifted_on: datetime.date | None = column(description="The first day no longer in it; null while it lasts.")
    recorded_at: datetime.datetime = column(description="When this became known.")
    superseded_at: datetime.datetime | None = column(
        description="When it turned out otherwise, or the debt left the bucket; null for what holds."
    )


@entity(
    "paus",
    table="delinquency_pause",
    description="Days that do not count as delinquent; never changed, and ended early only by a record of its own.",
    permission=Permission.LEDGER_READ,
    scope_column="client_id",
)
class DelinquencyPauseRecord:
    account: Account | None = one("account_id", description="The account.")
    from_on: datetime.date = column(description="The first day that does not count.")
    until_on: datetime.date | None = column(description="The first day that would count again, as it was meant.")
    resumed_on: datetime.date | None = expression(
        _ENDED, description="The first day that counts again, when it was ended early."
    )
    reason: str = column(description="Why, in the words of whoever paused.")
    recorded_at: datetime.datetime = column(description="When it was written down.")


@extend("Account", permission=Permission.LEDGER_READ)
class AccountDelinquency:
    delinquency: Delinquency | None = batched(
        _counted,
        description="How long it is past due at the end of a day, and how that came to be.",
        arguments=[
            Argument("on", datetime.date | None, "The day; left out, today in the client's zone."),
            Argument(
                "known_at",
                datetime.datetime | None,
                "Only what was recorded by this instant counts; left out, everything.",
            ),
        ],
        cost=COUNTING,
    )
    bucket_history: Connection[BucketStay] = many(
        "account_id",
        order="-added_on",
        condition="{row}.superseded_at is null",
        description="The buckets that it was and is in, the latest first.",
    )
    superseded_buckets: Connection[BucketStay] = many(
        "account_id",
        order="-added_on",
        condition="{row}.superseded_at is not null",
        description="What was believed of its buckets before, the latest first.",
    )
    delinquency_pauses: Connection[DelinquencyPauseRecord] = many(
        "account_id",
        order="-from_on",
        condition="{row}.kind = 'PAUSE'",
        description="Its pauses, the latest first.",
    )


@input_type(description="Days that are not to count as delinquent.")
class DelinquencyPauseInput(Input):
    account_id: ID = input_field("acct", description="The account.")
    from_on: datetime.date | None = input_field(
        description="The first day that does not count; today in the client's zone unless given."
    )
    until_on: datetime.date = input_field(description="The first day that counts again.")
    reason: str = input_field(description="Why.")
    idempotency_key: str | None = input_field(description="The same key with the same input is done once.")


@input_type(description="The early end of the pause that runs.")
class DelinquencyResumeInput(Input):
    account_id: ID = input_field("acct", description="The account.")
    on: datetime.date | None = input_field(
        description="The first day that counts again; only today in the client's zone may be given."
    )
    reason: str = input_field(description="Why.")
    idempotency_key: str | None = input_field(description="The same key with the same input is done once.")


@payload
class DelinquencyPausePayload(Payload):
    """The pause and its account."""

    pause: DelinquencyPauseRecord | None = loaded("pause_id", description="The new pause.")
    account: Account | None = loaded("account_id", description="The account with it.")


@payload
class DelinquencyResumePayload(Payload):
    """The pause that was ended, and its account."""

    pause: DelinquencyPauseRecord | None = loaded("pause_id", description="The pause that was ended.")
    account: Account | None = loaded("account_id", description="The account after it.")


@mutations
class DelinquencyMutations:
    @mutation(
        pause_delinquency,
        description="Have days of an account not count as delinquent. Pauses never overlap, and are never changed.",
    )
    async def delinquency_pause(self, info: Info, input: DelinquencyPauseInput) -> DelinquencyPausePayload:
        return await run(info, DelinquencyPausePayload, pause_delinquency, input, idempotency_key=input.idempotency_key)

    @mutation(resume_delinquency, description="End the pause that runs on an account, from today on.")
    async def delinquency_resume(self, info: Info, input: DelinquencyResumeInput) -> DelinquencyResumePayload:
        return await run(
            info, DelinquencyResumePayload, resume_delinquency, input, idempotency_key=input.idempotency_key
        )
