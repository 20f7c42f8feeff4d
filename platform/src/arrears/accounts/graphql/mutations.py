"""What is done with accounts and parties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arrears.accounts.commands import (
    add_party,
    assign_account_team,
    change_account_status,
    close_account,
    end_party,
    open_account,
    reopen_account,
    update_account,
)
from arrears.accounts.graphql.inputs import (
    AccountAssignTeamInput,
    AccountChangeStatusInput,
    AccountCloseInput,
    AccountOpenInput,
    AccountReopenInput,
    AccountUpdateInput,
    PartyAddInput,
    PartyEndInput,
)
from arrears.graphql.declare import Info, loaded, mutations
from arrears.graphql.mutations import Payload, mutation, payload, run

if TYPE_CHECKING:
    from arrears.accounts.graphql.types import Account, Party
    from arrears.debtors.graphql import Debtor


@payload
class AccountOpenPayload(Payload):
    """The account that was opened."""

    account: Account | None = loaded("account_id", description="The new account.")
    debtor: Debtor | None = loaded("debtor_id", description="Its primary debtor.")


@payload
class AccountUpdatePayload(Payload):
    """The account whose facts were changed."""

    account: Account | None = loaded("account_id", description="The account as it is now.")


@payload
class AccountChangeStatusPayload(Payload):
    """The account whose status was changed."""

    account: Account | None = loaded("account_id", description="The account as it is now.")


@payload
class AccountClosePayload(Payload):
    """The account that was closed."""

    account: Account | None = loaded("account_id", description="The account as it is now.")


@payload
class AccountReopenPayload(Payload):
    """The account that was reopened."""

    account: Account | None = loaded("account_id", description="The account as it is now.")


@payload
class AccountAssignTeamPayload(Payload):
    """The account that was given to a team."""

    account: Account | None = loaded("account_id", description="The account as it is now.")


@payload
class PartyAddPayload(Payload):
    """The party that was added."""

    party: Party | None = loaded("party_id", description="The new party.")
    account: Account | None = loaded("account_id", description="Its account.")


@payload
class PartyEndPayload(Payload):
    """The party that was ended."""

    party: Party | None = loaded("party_id", description="The party as it is now.")
    account: Account | None = loaded("account_id", description="Its account.")


@mutations
class AccountMutations:
    @mutation(open_account, description="Take on a debt: an account with its parties, for a debtor known or new.")
    async def account_open(self, info: Info, input: AccountOpenInput) -> AccountOpenPayload:
        return await run(info, AccountOpenPayload, open_account, input, idempotency_key=input.idempotency_key)

    @mutation(update_account, description="Correct or complete the facts of an account.")
    async def account_update(self, info: Info, input: AccountUpdateInput) -> AccountUpdatePayload:
        return await run(info, AccountUpdatePayload, update_account, input, idempotency_key=input.idempotency_key)

    @mutation(change_account_status, description="Move an account to a status that may follow its present one.")
    async def account_change_status(self, info: Info, input: AccountChangeStatusInput) -> AccountChangeStatusPayload:
        return await run(
            info, AccountChangeStatusPayload, change_account_status, input, idempotency_key=input.idempotency_key
        )

    @mutation(close_account, description="End the work on an account.")
    async def account_close(self, info: Info, input: AccountCloseInput) -> AccountClosePayload:
        return await run(info, AccountClosePayload, close_account, input, idempotency_key=input.idempotency_key)

    @mutation(reopen_account, description="Take up the work on a closed account again.")
    async def account_reopen(self, info: Info, input: AccountReopenInput) -> AccountReopenPayload:
        return await run(info, AccountReopenPayload, reopen_account, input, idempotency_key=input.idempotency_key)

    @mutation(assign_account_team, description="Give an account to a team, or take it from every team.")
    async def account_assign_team(self, info: Info, input: AccountAssignTeamInput) -> AccountAssignTeamPayload:
        return await run(
            info, AccountAssignTeamPayload, assign_account_team, input, idempotency_key=input.idempotency_key
        )

    @mutation(add_party, description="Put a further debtor on an account.")
    async def party_add(self, info: Info, input: PartyAddInput) -> PartyAddPayload:
        return await run(info, PartyAddPayload, add_party, input, idempotency_key=input.idempotency_key)

    @mutation(end_party, description="End a further debtor's role on an account.")
    async def party_end(self, info: Info, input: PartyEndInput) -> PartyEndPayload:
        return await run(info, PartyEndPayload, end_party, input, idempotency_key=input.idempotency_key)
