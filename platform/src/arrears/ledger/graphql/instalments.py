"""Schedules of instalments in the schema."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from arrears.access.model import Permission
from arrears.graphql.declare import Connection, Info, column, entity, extend, loaded, many, money, mutations, one
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, mutation, payload, run
from arrears.graphql.scalars import Money, MoneyInput
from arrears.ledger.instalments import set_instalments

if TYPE_CHECKING:
    from arrears.accounts.graphql import Account

# Of several that begin by a day the one that was told last holds; nothing begins in the future.
_IN_FORCE = """{row}.schedule_id = (
    select schedule.id from instalment_schedule schedule
    where schedule.account_id = {row}.account_id and schedule.from_on <= {as_of}
    order by schedule.sequence desc limit 1)"""


@entity(
    "schd",
    table="instalment_schedule",
    description="The instalments of an account from a day on, until the next schedule begins; never changed.",
    permission=Permission.LEDGER_READ,
    scope_column="client_id",
)
class InstalmentSchedule:
    account: Account | None = one("account_id", description="The account.")
    sequence: int = column(description="Its number among the schedules of the account; the highest holds.")
    from_on: datetime.date = column(description="The first day on which it holds.")
    reason: str = column(description="Why it was set, in the words of whoever did.")
    recorded_at: datetime.datetime = column(description="When it was written down.")
    instalments: Connection[Instalment] = many(
        "schedule_id", order="number", description="Its instalments in the order of their due days."
    )


@entity(
    "inst",
    table="instalment",
    description="One part of a debt with a due day of its own.",
    permission=Permission.LEDGER_READ,
    scope_column="client_id",
    as_of="client_day({row}.client_id, {now})",
)
class Instalment:
    number: int = column(description="Its place in the schedule, from 1.")
    due_on: datetime.date = column(description="The day on which it is due.")
    principal: Money = money("principal_minor", description="Principal due.")
    interest: Money = money("interest_minor", description="Interest due.")
    fees: Money = money("fees_minor", description="Fees due.")
    costs: Money = money("costs_minor", description="Costs due.")
    schedule: InstalmentSchedule | None = one("schedule_id", description="The schedule that it belongs to.")


@extend("Account", permission=Permission.LEDGER_READ)
class AccountInstalments:
    instalments: Connection[Instalment] = many(
        "account_id",
        order="number",
        condition=_IN_FORCE,
        description="The instalments of the schedule that holds as of `asOf` or today; none when it is due in one sum.",
    )
    instalment_schedules: Connection[InstalmentSchedule] = many(
        "account_id", order="-sequence", description="All schedules that were set, the latest first."
    )


@input_type(description="One instalment; at least one amount is above zero.")
class InstalmentInput(Input):
    due_on: datetime.date = input_field(description="The day on which it is due.")
    principal: MoneyInput | None = input_field(description="Principal due.")
    interest: MoneyInput | None = input_field(description="Interest due.")
    fees: MoneyInput | None = input_field(description="Fees due.")
    costs: MoneyInput | None = input_field(description="Costs due.")


@input_type(description="The instalments of an account from a day on.")
class InstalmentScheduleSetInput(Input):
    idempotency_key: str = input_field(description="The same key with the same input is done once.")
    account_id: ID = input_field("acct", description="The account.")
    instalments: list[InstalmentInput] = input_field(
        description="The instalments in the order of their due days; together what is owed, unless `partial`."
    )
    from_on: datetime.date | None = input_field(
        description="The first day on which it holds; today in the client's zone unless given."
    )
    partial: bool = input_field(default=False, description="Whether the instalments are only a part of the debt.")
    reason: str = input_field(description="Why it is set.")


@payload
class InstalmentScheduleSetPayload(Payload):
    """The new schedule and its account."""

    schedule: InstalmentSchedule | None = loaded("schedule_id", description="The new schedule.")
    account: Account | None = loaded("account_id", description="The account with it.")


@mutations
class InstalmentMutations:
    @mutation(
        set_instalments,
        description="Set the instalments of an account. The schedule before holds up to the day; payments since then"
        " are spread anew.",
    )
    async def instalment_schedule_set(
        self, info: Info, input: InstalmentScheduleSetInput
    ) -> InstalmentScheduleSetPayload:
        return await run(
            info, InstalmentScheduleSetPayload, set_instalments, input, idempotency_key=input.idempotency_key
        )
