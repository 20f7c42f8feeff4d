"""Fees in the schema: each with its history, what would be charged, and how people quote, claim and waive."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from arrears.access.model import Permission
from arrears.charges import (
    jobs,  # noqa: F401 - makes the daily run and the followers of the ledger known
    settings,  # noqa: F401 - declares the group
    words,  # noqa: F401 - describes the enumerations used below
)
from arrears.charges.claiming import FeeClaimed, claim_fee
from arrears.charges.model import FEE, FeeKind, FeePeriod, FeeState, FeeStep
from arrears.charges.preview import MOST_ACCOUNTS, FeesPreview as Previewed, PreviewedFee, WantedFees, preview_fees
from arrears.charges.quoting import quote_fee
from arrears.charges.waiving import waive_fee
from arrears.graphql.build import PageInfo
from arrears.graphql.declare import (
    Connection,
    Info,
    argument,
    column,
    computed,
    entity,
    extend,
    few,
    loaded,
    many,
    money,
    mutations,
    one,
    output,
    plain,
    queries,
    root_many,
    root_one,
    value,
)
from arrears.graphql.limits import FieldCost
from arrears.graphql.mutations import ID, Input, Payload, PayloadValue, input_field, input_type, mutation, payload, run
from arrears.graphql.operation import RunningOperation
from arrears.graphql.scalars import Money
from arrears_sdk.errors import ErrorCode, NotFoundError, Problem
from arrears_sdk.ids import decode_id, encode_id
from arrears_sdk.money import Money as ExactMoney

if TYPE_CHECKING:
    from arrears.accounts.graphql import Account
    from arrears.clients.graphql import Client
    from arrears.compliance.graphql import Decision
    from arrears.debtors.graphql import Debtor
    from arrears.ledger.graphql import LedgerEntry

_ONCE = "The same key with the same input is done once; sent again it gives the first result."


@value(
    table="fee_claim_step",
    description="One thing that happened to a fee; never changed.",
    permission=Permission.LEDGER_READ,
)
class FeeClaimStep:
    position: int = column(description="Counts up from 1.")
    step: FeeStep = column(description="What happened.")
    state: FeeState = column(description="Where the fee stood after it.")
    effective_on: datetime.date = column(description="From which business day on it counts.")
    recorded_at: datetime.datetime = column(description="When it was written down.")
    recorded_by_name: str = column(description="Who did it; the platform's own work has the name of the job.")
    reason: str = column(description="Why; of a refusal each rule with what it said.")
    entry: LedgerEntry | None = one("entry_id", description="The ledger entry that was made for it.")
    decision: Decision | None = one(
        "decision_id", description="What the gate decided.", permission=Permission.DECISIONS_READ
    )


@entity(
    FEE,
    table="fee_claim",
    description="One late or dunning fee of an account, by one rule and for one period; never charged twice.",
    permission=Permission.LEDGER_READ,
    scope_column="client_id",
)
class FeeClaim:
    rule: str = column(description="The rule of the client's settings that charges it.", filter=True)
    period: str = column(
        description="For which period: ONCE, a month such as 2026-03, an instalment's due day or a notice's id."
    )
    kind: FeeKind = column(description="What it is for.")
    state: FeeState = column(description="Where it stands.", filter=True)
    amount: Money = money("amount_minor", description="How much it is.")
    computed: Money = money("computed_minor", description="What the rule alone came to, before any cap.")
    base: Money = money("base_minor", description="The overdue principal on which it was computed.")
    forgiven: Money = money("forgiven_minor", description="How much of it was waived.")
    cap: str | None = column(description="What lowered it; null when nothing did.")
    days_past_due: int = column(description="How many days the debt was past due when it came about.")
    settings_version: int = column(description="The version of the settings under which it came about.")
    quoted_on: datetime.date = column(description="The business day on which it came about.", filter=True, order=True)
    claim_on: datetime.date = column(description="The business day from which it may be claimed.")
    claimed_on: datetime.date | None = column(description="The business day from which it is owed; null until then.")
    created_at: datetime.datetime = column(description="When it was made.")
    updated_at: datetime.datetime = column(description="When it was last changed.")
    version: int = column(description="Rises with every change.")
    account: Account | None = one("account_id", description="The account that it is charged on.", filter=True)
    debtor: Debtor | None = one("debtor_id", description="Who owes.")
    client: Client | None = one("client_id", description="To whom it is owed.", filter=True)
    entry: LedgerEntry | None = one("entry_id", description="The ledger entry by which it is owed; null until then.")
    decision: Decision | None = one(
        "decision_id",
        description="What the gate last decided about claiming it; null before it was asked.",
        permission=Permission.DECISIONS_READ,
    )
    steps: list[FeeClaimStep] = few(
        "fee_claim_id", order="position", limit=200, description="All that happened to it, the first thing first."
    )


@extend("Account", permission=Permission.LEDGER_READ)
class AccountFees:
    fee_claims: Connection[FeeClaim] = many(
        "account_id", order="-quoted_on", description="Late and dunning fees of the account, the latest first."
    )


@output(description="One fee that would be charged.", permission=Permission.LEDGER_READ)
class PreviewedFeeClaim:
    account_id: ID = plain(description="The account.")
    rule: str = plain(description="The rule that would charge it.")
    kind: FeeKind = plain(description="What it is for.")
    charged: FeePeriod = plain(description="How often the rule charges.")
    period: str = plain(description="For which period it would be.")
    amount: Money = plain(description="How much it would be.")
    computed: Money = plain(description="What the rule alone comes to, before any cap.")
    base: Money = plain(description="The overdue principal on which it is computed.")
    cap: str | None = plain(description="What lowers it; null when nothing does.")
    days_past_due: int = plain(description="How many days the debt is past due.")
    claim_on: datetime.date = plain(description="The business day from which it would be owed.")


@output(
    description="What a client's rules would charge on a day, on one page of its accounts. Nothing was written.",
    permission=Permission.LEDGER_READ,
)
class FeeClaimsPreview:
    client_id: ID = plain(description="The client.")
    on: datetime.date = plain(description="The business day, in the client's zone.")
    fees: list[PreviewedFeeClaim] = plain(description="The fees, account by account in the order of their rules.")
    page_info: PageInfo = plain(description="Whether there are further accounts; `endCursor` goes into `after`.")


@dataclass(frozen=True)
class _PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True)
class _Fee:
    account_id: str
    rule: str
    kind: FeeKind
    charged: FeePeriod
    period: str
    amount: ExactMoney
    computed: ExactMoney
    base: ExactMoney
    cap: str | None
    days_past_due: int
    claim_on: datetime.date


@dataclass(frozen=True)
class _Preview:
    client_id: str
    on: datetime.date
    fees: list[_Fee]
    page_info: _PageInfo


@queries
class FeeQueries:
    fee_claim: FeeClaim | None = root_one(description="A fee by its id.")
    fee_claims: Connection[FeeClaim] = root_many(description="All fees that you may see.", order="-quoted_on")

    @computed(
        description="What a client's rules of fees would charge on a day, by what is known now; null for a client or"
        " account that you may not see. The gate is not asked, and nothing is written.",
        permission=Permission.LEDGER_READ,
        cost=FieldCost(once=2_000, each=20, usual=50),
    )
    async def fee_claims_preview(
        self,
        info: Info,
        client_id: Annotated[ID, argument(description="The client.")],
        on: Annotated[
            datetime.date | None, argument(description="The business day in the client's zone; today when not given.")
        ] = None,
        account_ids: Annotated[
            list[ID] | None, argument(description=f"Only these accounts of the client, at most {MOST_ACCOUNTS}.")
        ] = None,
        first: Annotated[
            int | None, argument(description=f"How many accounts; 50 when not given, at most {MOST_ACCOUNTS}.")
        ] = None,
        after: Annotated[
            str | None, argument(description="Begin after this cursor: the `endCursor` of the page before.")
        ] = None,
    ) -> FeeClaimsPreview | None:
        operation: RunningOperation = info.context
        wanted = WantedFees(
            client_id=decode_id("clnt", client_id),
            account_ids=None if account_ids is None else [decode_id("acct", id) for id in account_ids],
            first=50 if first is None else first,
            after=None if after is None else decode_id("acct", after),
        )
        try:
            found = await preview_fees(operation.context, wanted, on)
        except NotFoundError:
            # What the caller may not see is as if it were not there, here as in every other query.
            return None
        return _shown(found, wanted)  # type: ignore[return-value]


def _shown(found: Previewed, wanted: WantedFees) -> _Preview:
    return _Preview(
        client_id=encode_id("clnt", found.client_id),
        on=found.on,
        fees=[_shown_fee(fee) for fee in found.fees],
        page_info=_PageInfo(
            has_next_page=found.more,
            has_previous_page=wanted.after is not None,
            start_cursor=None,
            end_cursor=None if found.last is None else encode_id("acct", found.last),
        ),
    )


def _shown_fee(previewed: PreviewedFee) -> _Fee:
    fee, debt = previewed.fee, previewed.debt
    return _Fee(
        account_id=encode_id("acct", debt.account_id),
        rule=fee.rule.id,
        kind=fee.rule.kind,
        charged=fee.rule.period,
        period=fee.occasion.period,
        amount=ExactMoney(fee.amount_minor, debt.currency),
        computed=ExactMoney(fee.computed_minor, debt.currency),
        base=ExactMoney(fee.occasion.base_minor, debt.currency),
        cap=fee.cap,
        days_past_due=fee.occasion.days_past_due,
        claim_on=fee.claim_on,
    )


@input_type(description="A fee to be quoted on an account by one rule of its client, as the debt stands today.")
class FeeClaimQuoteInput(Input):
    idempotency_key: str = input_field(description=_ONCE)
    account_id: ID = input_field("acct", description="The account.")
    rule: str = input_field(description="The id of the rule in the client's settings.")


@input_type(description="A quoted fee that is to be owed.")
class FeeClaimClaimInput(Input):
    idempotency_key: str = input_field(description=_ONCE)
    fee_claim_id: ID = input_field(FEE, description="The fee.")
    permit_id: ID | None = input_field(
        "prmt",
        description="A permit for CHARGE_FEE on the account and of this amount; without one the gate is asked now.",
    )


@input_type(description="A fee that the creditor lets the debtor off.")
class FeeClaimWaiveInput(Input):
    idempotency_key: str = input_field(description=_ONCE)
    fee_claim_id: ID = input_field(FEE, description="The fee.")
    reason: str = input_field(description="Why.")


@payload
class FeeClaimQuotePayload(Payload):
    """The fee that was quoted; nothing is owed for it yet."""

    fee_claim: FeeClaim | None = loaded("fee_claim_id", description="The fee.")
    account: Account | None = loaded("account_id", description="The account.")


@payload
class FeeClaimClaimPayload(Payload):
    """The fee as it stands after the gate was asked. When a rule refuses it, it is there and still quoted."""

    fee_claim: FeeClaim | None = loaded("fee_claim_id", description="The fee.")
    account: Account | None = loaded("account_id", description="The account after it.")


@payload
class FeeClaimWaivePayload(Payload):
    """The fee that was waived."""

    fee_claim: FeeClaim | None = loaded("fee_claim_id", description="The fee.")
    account: Account | None = loaded("account_id", description="The account after it.")


@mutations
class FeeMutations:
    @mutation(
        quote_fee, description="Quote a fee by a rule of the client; refused when the rule charges nothing today."
    )
    async def fee_claim_quote(self, info: Info, input: FeeClaimQuoteInput) -> FeeClaimQuotePayload:
        return await run(info, FeeClaimQuotePayload, quote_fee, input, idempotency_key=input.idempotency_key)

    @mutation(claim_fee, description="Claim a quoted fee, so that it is owed from now on; the gate is asked first.")
    async def fee_claim_claim(self, info: Info, input: FeeClaimClaimInput) -> FeeClaimClaimPayload:
        made = await run(info, FeeClaimClaimPayload, claim_fee, input, idempotency_key=input.idempotency_key)
        return _with_objections(made)

    @mutation(waive_fee, description="Waive a fee that is quoted or claimed; what is unpaid of it is forgiven.")
    async def fee_claim_waive(self, info: Info, input: FeeClaimWaiveInput) -> FeeClaimWaivePayload:
        return await run(info, FeeClaimWaivePayload, waive_fee, input, idempotency_key=input.idempotency_key)


def _with_objections(made: FeeClaimClaimPayload) -> FeeClaimClaimPayload:
    """The payload of a fee that may not be claimed says so, and shows the fee with what the rules said."""
    if not isinstance(made, PayloadValue) or not isinstance(made.result, FeeClaimed):
        return made
    problems = tuple(
        Problem(ErrorCode.FEE_NOT_ALLOWED, one.reason, ("input",), one.rule or one.plugin or None)
        for one in made.result.objections
    )
    return PayloadValue(made.result, problems)  # type: ignore[return-value]
