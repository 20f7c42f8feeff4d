"""Accounts with their balances, parties and creditors, and how they are found."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from arrears.access.model import Permission
from arrears.accounts.graphql import words  # noqa: F401 - describes the enumerations used below
from arrears.accounts.model import (
    AccountStatus,
    Acknowledgment,
    CloseReason,
    CreditorRole,
    HoldBlock,
    Instrument,
    Liability,
    PartyRole,
    Product,
    Purpose,
    Standing,
)
from arrears.accounts.queries import account_by_reference, account_source, accounts_source
from arrears.graphql.declare import (
    Argument,
    Connection,
    column,
    entity,
    expression,
    extend,
    few,
    many,
    money,
    one,
    queries,
    root_many,
    root_one,
    value,
)
from arrears.graphql.mutations import ID
from arrears.graphql.scalars import CurrencyCode, Money

if TYPE_CHECKING:
    from arrears.access.graphql import Team
    from arrears.accounts.graphql.holds import Hold
    from arrears.clients.graphql import Client, Placement, Portfolio
    from arrears.debtors.graphql import Debtor

_BALANCE = "in the account's currency; as of the list's `asOf` where it has one, else all that is posted."
# Debtor-wide holds count for the primary debtor's accounts; what stops one channel only does not stop the account.
_BLOCKED = """array(
    select distinct stopped from hold, unnest(hold.blocks) as stopped
    where (hold.account_id = {row}.id or hold.account_id is null and hold.debtor_id = {row}.debtor_id)
      and hold.scope <> 'CHANNEL' and hold.starts_at <= {now}
      and (hold.ends_at is null or {now} < hold.ends_at) and (hold.released_at is null or {now} < hold.released_at)
    order by stopped)"""


# A debt that is due in instalments is past due since the oldest of them that was unpaid on the day.
_OLDEST_DUE = """(case when {row}.in_instalments then coalesce((
    select unpaid.due_on from unpaid_since unpaid
    where unpaid.account_id = {row}.id and unpaid.from_on <= {as_of}
    order by unpaid.from_on desc limit 1), {row}.due_on) else {row}.due_on end)"""


@value(table="account_creditor", description="One creditor in the chain of title of a debt.")
class Creditor:
    name: str = column(description="The creditor's name as notices state it.")
    role: CreditorRole = column(description="What it is in the chain.")
    from_on: datetime.date | None = column(description="Since when the debt is or was its own.")
    document_reference: str | None = column(description="The client's reference of the document that proves it.")


@entity(
    "acct",
    table="account",
    description="One debt of one debtor to one client.",
    permission=Permission.ACCOUNTS_READ,
    as_of="client_day({row}.client_id, {now})",
    scope_column="client_id",
)
class Account:
    client: Client | None = one("client_id", description="The creditor who placed the debt.", filter=True)
    portfolio: Portfolio | None = one("portfolio_id", description="The client's portfolio it belongs to.", filter=True)
    placement: Placement | None = one("placement_id", description="The placement it came with.", filter=True)
    debtor: Debtor | None = one(
        "debtor_id", description="The primary debtor; null for a co-debtor, who may not see it.", filter=True
    )
    team: Team | None = one(
        "team_id", description="The team that works it.", permission=Permission.CLIENTS_READ, filter=True
    )
    reference: str = column(
        description="The client's own reference of the debt, unique with it.", filter=True, order=True
    )
    original_reference: str | None = column(description="The original creditor's reference of the debt.")
    servicing_reference: str | None = column(description="The account number it was serviced under when acquired.")
    product: Product = column(description="What kind of debt it is.")
    purpose: Purpose = column(description="Whether it is a consumer's debt or a business's.")
    currency: CurrencyCode = column(description="The currency of all amounts of the account.")
    status: AccountStatus = column(description="Where it is in its life.", filter=True)
    close_reason: CloseReason | None = column(description="Why the work on it ended; null while it is not closed.")
    closed_at: datetime.datetime | None = column(description="When it was closed; null while it is not.")
    opened_on: datetime.date = column(description="The debt's own date (an invoice's date), in the client's zone.")
    due_on: datetime.date = column(
        description="The day it is or was due, in the client's zone; past due from the day after.",
        filter=True,
        order=True,
    )
    placed_on: datetime.date = column(description="The day it was handed over to the agency.", filter=True, order=True)
    itemization_on: datetime.date | None = column(description="The day that the breakdown on a notice refers to.")
    charge_off_on: datetime.date | None = column(description="The day the creditor wrote it off.")
    first_delinquency_on: datetime.date | None = column(
        description="The first day of the delinquency that was never brought current."
    )
    last_payment_on: datetime.date | None = column(description="The effective day of the debtor's last payment.")
    judgment_on: datetime.date | None = column(description="The day of the judgment.")
    default_on: datetime.date | None = column(description="The day of the default.")
    accrues_from_on: datetime.date | None = column(description="The day the claim arose, for limitation.")
    acknowledged_on: datetime.date | None = column(description="The day the debtor last acknowledged the debt.")
    acknowledgment: Acknowledgment | None = column(description="In which form the debtor did.")
    in_default_when_acquired: bool | None = column(
        description="Whether it was in default when the agency or the client acquired it; null when not known."
    )
    secured_property: str | None = column(description="What secures it; null when nothing is known to.")
    instrument: Instrument | None = column(description="What it rests on.")
    contract_place: str | None = column(description="Where the contract was made: DE, US-NY.")
    governing_law: str | None = column(description="Whose law governs it: DE, US-NY.")
    interest_clause: str | None = column(description="What the contract says of interest.")
    interest_rate_percent: Decimal | None = column(description="The contract's yearly rate of interest in per cent.")
    fee_clause: str | None = column(description="What the contract says of fees.")
    principal_at_default: Money | None = money(
        "principal_at_default_minor", description="The principal that was owed on the day of the default."
    )
    hospital_non_profit: bool | None = column(description="For medical debt: whether the hospital is non-profit.")
    first_billed_on: datetime.date | None = column(description="For medical debt: the day of the first bill.")
    assistance_applied_on: datetime.date | None = column(
        description="For medical debt: the day the debtor applied for assistance."
    )
    placed: Money = money("placed_minor", description="What was placed with the agency.")
    principal: Money = money("principal_minor", description=f"Principal owed, {_BALANCE}")
    interest: Money = money("interest_minor", description=f"Interest owed, {_BALANCE}")
    fees: Money = money("fees_minor", description=f"Fees owed, {_BALANCE}")
    costs: Money = money("costs_minor", description=f"Costs owed, {_BALANCE}")
    balance: Money = money("balance_minor", description=f"All that is owed, {_BALANCE}", filter=True, order=True)
    days_past_due: int = expression(
        f"case when {{row}}.balance_minor > 0 then greatest(0, {{as_of}} - {_OLDEST_DUE}) else 0 end",
        description="Whole days since the due day of the oldest unpaid part while something is owed, as of `asOf` or"
        " today in the client's zone.",
    )
    standing: Standing = expression(
        f"case when {{row}}.balance_minor <= 0 then 'SETTLED' when {_OLDEST_DUE} < {{as_of}} then 'PAST_DUE'"
        " else 'OPEN' end",
        description="Whether it is open, past due or settled, as of `asOf` or today in the client's zone.",
        filter_sql={
            "OPEN": f"{{row}}.balance_minor > 0 and {_OLDEST_DUE} >= {{as_of}}",
            "PAST_DUE": f"{{row}}.balance_minor > 0 and {_OLDEST_DUE} < {{as_of}}",
            "SETTLED": "{row}.balance_minor <= 0",
        },
    )
    parties: Connection[Party] = many(
        "account_id", order="position", description="Who stands on the account, the primary debtor first."
    )
    creditor_chain: list[Creditor] = few(
        "account_id", order="position", limit=20, description="The chain of title, from the original creditor on."
    )
    holds: Connection[Hold] = many(
        "account_id",
        order="-starts_at",
        permission=Permission.HOLDS_READ,
        description="Holds on this account, the latest first; those on everything of the debtor are the debtor's.",
    )
    blocked: list[HoldBlock] = expression(
        _BLOCKED,
        permission=Permission.HOLDS_READ,
        description="What visible holds on the account or its primary debtor stop now.",
    )
    version: int = column(description="Rises with every change; a change names the version that it is based on.")
    created_at: datetime.datetime = column(description="When it was entered.")
    updated_at: datetime.datetime = column(description="When its facts were last changed.")


@entity(
    "part",
    table="party",
    description="One debtor's role on one account.",
    permission=Permission.ACCOUNTS_READ,
    scope_column="client_id",
)
class Party:
    account: Account | None = one("account_id", description="The account.", filter=True)
    debtor: Debtor | None = one(
        "debtor_id", description="The debtor; null for one who may only know its name.", filter=True
    )
    name: str = column(description="The name the debtor is shown by.")
    role: PartyRole = column(description="As what it stands on the account.", filter=True)
    liability: Liability = column(description="How far it answers for the debt.")
    position: int = column(description="Its place among the parties, from 1.", order=True)
    from_on: datetime.date = column(description="The first day of the role.")
    until_on: datetime.date | None = column(description="The last day of the role; null while it lasts.")
    version: int = column(description="Rises with every change; a change names the version that it is based on.")


@extend("Debtor", permission=Permission.ACCOUNTS_READ)
class DebtorAccounts:
    accounts: Connection[Account] = many("debtor_id", description="The accounts on which it is the primary debtor.")
    parties: Connection[Party] = many("debtor_id", description="Its roles on all accounts, of others too.")


@extend("Client", permission=Permission.ACCOUNTS_READ)
class ClientAccounts:
    accounts: Connection[Account] = many("client_id", description="The accounts that the client placed.")


_AS_OF = Argument(
    "as_of",
    datetime.date | None,
    "The business day whose end balances, days past due and existence are told for. Today's knowledge counts unless"
    " `knownAt` is given.",
)
_KNOWN_AT = Argument(
    "known_at",
    datetime.datetime | None,
    "Count only what was recorded by this instant. Alone it means the client's day of the instant. Facts of an account"
    " that have no history, such as its due day, are today's.",
)


@queries
class AccountQueries:
    account: Account | None = root_one(
        description="One account; with `asOf` or `knownAt` as it stood then, null when it did not exist yet.",
        permission=Permission.ACCOUNTS_READ,
        arguments=[
            Argument("id", ID, "The account's id; an unknown and an invisible one both give null.", prefix="acct"),
            _AS_OF,
            _KNOWN_AT,
        ],
        source=account_source,
    )
    account_by_reference: Account | None = root_one(
        description="The account of a client's own reference; null when there is none that you may see.",
        permission=Permission.ACCOUNTS_READ,
        arguments=[
            Argument("client_id", ID, "The client.", prefix="clnt"),
            Argument("reference", str, "The client's reference of the debt, exactly."),
        ],
        source=account_by_reference,
    )
    accounts: Connection[Account] = root_many(
        description="Accounts. With `asOf` or `knownAt`, those that existed on the day, as they stood at its end.",
        permission=Permission.ACCOUNTS_READ,
        arguments=[_AS_OF, _KNOWN_AT],
        source=accounts_source,
    )
