"""How payments were spread over debts, and the mutation that has an account's course computed again."""

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
    loaded,
    many,
    money,
    mutations,
    one,
    plain,
)
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, mutation, payload, run
from arrears.graphql.scalars import Money
from arrears.ledger.history import Stage
from arrears.ledger.model import DebtComponent
from arrears.ledger.replays import replay_account

if TYPE_CHECKING:
    from arrears.accounts.graphql import Account
    from arrears.ledger.graphql.types import LedgerEntry, Payment

describe_enum(
    Stage,
    "How far a debt has come, as far as the order of its payments asks.",
    {
        "STANDARD": "It is open in the ordinary way.",
        "NON_PERFORMING": "It is past due for so long that the client counts it as non-performing.",
        "JUDGMENT": "A court has awarded it.",
        "SETTLEMENT": "The money came under a settlement.",
        "WRITTEN_OFF": "It was given up; what comes in is recovered.",
    },
)


@entity(
    "alc",
    table="allocation",
    description="How the money of a payment was spread over the debt, by what was known when it was recorded.",
    permission=Permission.LEDGER_READ,
    scope_column="client_id",
)
class Allocation:
    sequence: int = column(description="The first is 1; the highest holds.")
    waterfall: str = column(description="The order by which it was spread, as people call it.")
    stage: Stage = column(description="How far the debt had come on the day of the payment.")
    recorded_at: datetime.datetime = column(description="When it was written down.")
    is_current: bool = expression(
        "not exists (select 1 from allocation later where later.payment_id = {row}.payment_id"
        " and later.sequence > {row}.sequence)",
        description="Whether it holds now, and no later one took its place.",
    )
    payment: Payment | None = one("payment_id", description="The payment.")
    entry: LedgerEntry | None = one(
        "entry_id", description="The payment's entry, or the correction by which the money came to be spread otherwise."
    )
    account: Account | None = one("account_id", description="The account.")
    lines: Connection[AllocationLine] = many(
        "allocation_id", order="position", description="What each part of the debt received, in the order paid."
    )


@entity(
    "alln",
    table="allocation_line",
    description="What one part of a debt received of a payment, and why.",
    permission=Permission.LEDGER_READ,
    scope_column="client_id",
)
class AllocationLine:
    position: int = column(description="Its place in the order paid, from 1.")
    instalment: int | None = column(description="The instalment's number; null for what belongs to none.")
    component: DebtComponent | None = column(description="The part of the debt; null for money beyond the debt.")
    owed: Money = money("owed_minor", description="What was owed on it just before.")
    paid: Money = money("paid_minor", description="What it received.")
    reason: str = column(description="Why it received this, in a sentence.")


@input_type(description="An account whose course is computed again from the beginning.")
class AccountReplayInput(Input):
    idempotency_key: str = input_field(description="The same key with the same input is done once.")
    account_id: ID = input_field("acct", description="The account.")
    dry_run: bool = input_field(default=False, description="Tell what would change, and write nothing.")


@payload
class AccountReplayPayload(Payload):
    """What a replay changed, or would change."""

    account: Account | None = loaded("account_id", description="The account after it.")
    corrected: int | None = plain(description="How many entries came to another result.")
    added: int | None = plain(description="How many days' interest was missing.")
    spread_again: int | None = plain(description="How many payments are spread otherwise.")
    from_on: datetime.date | None = plain(description="The first day that changes; null when nothing was corrected.")
    balance: Money | None = plain(description="What is owed after it, or would be.")


@mutations
class ReplayMutations:
    @mutation(replay_account, description="Put an account's ledger right by what is known and settled now.")
    async def account_replay(self, info: Info, input: AccountReplayInput) -> AccountReplayPayload:
        return await run(info, AccountReplayPayload, replay_account, input, idempotency_key=input.idempotency_key)
