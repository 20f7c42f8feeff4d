"""The inputs of the mutations on accounts and parties."""

from __future__ import annotations

import datetime
from decimal import Decimal

from strawberry import Maybe

from arrears.accounts.graphql import words  # noqa: F401 - describes the enumerations used below
from arrears.accounts.model import (
    AccountStatus,
    Acknowledgment,
    CloseReason,
    CreditorRole,
    Instrument,
    Liability,
    PartyRole,
    Product,
    Purpose,
)
from arrears.debtors.graphql.inputs import DebtorCreateInput
from arrears.graphql.mutations import ID, Input, input_field, input_type
from arrears.graphql.scalars import CurrencyCode, MoneyInput

_KEY = "The same key with the same input is done once."
_VERSION = "The version of the account that this is based on; CONFLICT when somebody changed it since."


@input_type(description="One creditor of a chain of title.")
class CreditorInput(Input):
    name: str = input_field(description="The creditor's name as notices state it.")
    role: CreditorRole = input_field(description="What it is in the chain; the original one is the first.")
    from_on: datetime.date | None = input_field(description="Since when the debt is or was its own.")
    document_reference: str | None = input_field(description="The reference of the document that proves it.")


@input_type(description="A further debtor of a new account.")
class PartyInput(Input):
    debtor_id: ID = input_field("dbtr", description="The debtor.")
    role: PartyRole = input_field(description="As what it stands on the account.")
    liability: Liability | None = input_field(description="How far it answers; as usual for the role unless given.")
    from_on: datetime.date | None = input_field(description="The first day; the account's own date unless given.")


@input_type(description="What is known of a debt beyond who owes whom.")
class DebtFactsInput(Input):
    original_reference: str | None = input_field(description="The original creditor's reference.")
    servicing_reference: str | None = input_field(description="The account number it was serviced under when acquired.")
    itemization_on: datetime.date | None = input_field(description="The day that a notice's breakdown refers to.")
    charge_off_on: datetime.date | None = input_field(description="The day the creditor wrote it off.")
    first_delinquency_on: datetime.date | None = input_field(description="The first day of the delinquency.")
    last_payment_on: datetime.date | None = input_field(description="The day of the debtor's last payment.")
    judgment_on: datetime.date | None = input_field(description="The day of the judgment.")
    default_on: datetime.date | None = input_field(description="The day of the default.")
    accrues_from_on: datetime.date | None = input_field(description="The day the claim arose, for limitation.")
    acknowledged_on: datetime.date | None = input_field(description="The day of the last acknowledgment.")
    acknowledgment: Acknowledgment | None = input_field(description="In which form the debtor acknowledged the debt.")
    in_default_when_acquired: bool | None = input_field(description="Whether it was in default when acquired.")
    secured_property: str | None = input_field(description="What secures it.")
    instrument: Instrument | None = input_field(description="What it rests on.")
    contract_place: str | None = input_field(description="Where the contract was made: DE, US-NY.")
    governing_law: str | None = input_field(description="Whose law governs it: DE, US-NY.")
    interest_clause: str | None = input_field(description="What the contract says of interest.")
    interest_rate_percent: Decimal | None = input_field(description="The contract's yearly rate in per cent.")
    fee_clause: str | None = input_field(description="What the contract says of fees.")
    principal_at_default: MoneyInput | None = input_field(description="The principal owed on the day of the default.")
    hospital_non_profit: bool | None = input_field(description="Medical: whether the hospital is non-profit.")
    first_billed_on: datetime.date | None = input_field(description="Medical: the day of the first bill.")
    assistance_applied_on: datetime.date | None = input_field(description="Medical: the day of asking for assistance.")


@input_type(description="A debt that is taken on. Of `debtorId` and `debtor` exactly one is given.")
class AccountOpenInput(DebtFactsInput):
    idempotency_key: str | None = input_field(description=_KEY)
    client_id: ID = input_field("clnt", description="The client whose debt it is.")
    debtor_id: ID | None = input_field("dbtr", description="The debtor, when known already.")
    debtor: DebtorCreateInput | None = input_field(description="The debtor, when new.")
    reference: str = input_field(description="The client's own reference, which no other account of it has.")
    product: Product = input_field(description="What kind of debt it is.")
    purpose: Purpose = input_field(description="Whether it is a consumer's debt or a business's.")
    currency: CurrencyCode = input_field(description="The currency of all amounts of the account.")
    opened_on: datetime.date = input_field(description="The debt's own date, such as an invoice's.")
    due_on: datetime.date = input_field(description="The day it is or was due.")
    placed_on: datetime.date | None = input_field(
        description="The day of the hand-over: the placement's, else today, unless given."
    )
    status: AccountStatus | None = input_field(description="Where it is in its life; IMPORTED unless given.")
    portfolio_id: ID | None = input_field("port", description="The client's portfolio it belongs to.")
    placement_id: ID | None = input_field("plac", description="The placement it came with.")
    team_id: ID | None = input_field("team", description="The team that is to work it.")
    parties: list[PartyInput] | None = input_field(description="Further debtors beside the primary one.")
    creditors: list[CreditorInput] | None = input_field(
        description="The chain of title in order; the client as current creditor when left out."
    )


@input_type(description="New facts of an account. What is left out stays; null makes a fact unknown.")
class AccountUpdateInput(DebtFactsInput):
    idempotency_key: str | None = input_field(description=_KEY)
    account_id: ID = input_field("acct", description="The account.")
    version: int = input_field(description=_VERSION)
    reference: Maybe[str] = input_field(description="The client's own reference of the debt.")
    product: Maybe[Product] = input_field(description="What kind of debt it is.")
    purpose: Maybe[Purpose] = input_field(description="Whether it is a consumer's debt or a business's.")
    portfolio_id: Maybe[ID | None] = input_field("port", description="The client's portfolio it belongs to.")
    placement_id: Maybe[ID | None] = input_field("plac", description="The placement it came with.")
    opened_on: Maybe[datetime.date] = input_field(description="The debt's own date, such as an invoice's.")
    due_on: Maybe[datetime.date] = input_field(description="The day it is or was due.")
    placed_on: Maybe[datetime.date] = input_field(description="The day of the hand-over.")


@input_type(description="The next status of an account; closing and reopening have mutations of their own.")
class AccountChangeStatusInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    account_id: ID = input_field("acct", description="The account.")
    version: int = input_field(description=_VERSION)
    status: AccountStatus = input_field(description="The status that it is to have.")


@input_type(description="The end of the work on an account.")
class AccountCloseInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    account_id: ID = input_field("acct", description="The account.")
    version: int = input_field(description=_VERSION)
    reason: CloseReason = input_field(description="Why.")
    note: str | None = input_field(description="A word on it for the audit.")


@input_type(description="The resumption of the work on a closed account.")
class AccountReopenInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    account_id: ID = input_field("acct", description="The account.")
    version: int = input_field(description=_VERSION)
    reason: str = input_field(description="Why.")


@input_type(description="The team that is to work an account.")
class AccountAssignTeamInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    account_id: ID = input_field("acct", description="The account.")
    version: int = input_field(description=_VERSION)
    team_id: ID | None = input_field("team", description="The team; null takes the account from every team.")


@input_type(description="A further debtor of an account.")
class PartyAddInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    account_id: ID = input_field("acct", description="The account.")
    debtor_id: ID = input_field("dbtr", description="The debtor.")
    role: PartyRole = input_field(description="As what it stands on the account.")
    liability: Liability | None = input_field(description="How far it answers; as usual for the role unless given.")
    from_on: datetime.date = input_field(description="The first day of the role.")


@input_type(description="The end of a debtor's role on an account.")
class PartyEndInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    party_id: ID = input_field("part", description="The party; not the primary debtor.")
    version: int = input_field(description="The version of the party that this is based on.")
    until_on: datetime.date = input_field(description="The last day of the role.")
