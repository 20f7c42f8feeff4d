"""Payments through gateways in the schema: intents, refunds, notices, and the mutations that take and give money."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from arrears.access.model import Permission
from arrears.compliance.model import Verdict
from arrears.graphql.declare import (
    Connection,
    Info,
    column,
    entity,
    extend,
    few,
    loaded,
    many,
    money,
    mutations,
    one,
    queries,
    root_many,
    root_one,
    value,
)
from arrears.graphql.mutations import (
    ID,
    Input,
    Payload,
    PayloadValue,
    input_field,
    input_type,
    mutation,
    payload,
    run,
)
from arrears.graphql.scalars import Money, MoneyInput
from arrears.payments import words  # noqa: F401 - describes the enumerations used below
from arrears.payments.charging import PaymentCharged, charge_payment
from arrears.payments.model import AttemptKind, OutcomeKind, PaymentStatus, RefundStatus
from arrears.payments.refunding import refund_payment
from arrears_sdk.errors import ErrorCode, Problem
from arrears_sdk.ports.gateway import NoticeKind
from arrears_sdk.vocabulary import Initiator, PaymentMethodKind

if TYPE_CHECKING:
    from arrears.accounts.graphql import Account
    from arrears.clients.graphql import Client
    from arrears.compliance.graphql import Decision
    from arrears.debtors.graphql import Debtor
    from arrears.ledger.graphql import Payment


@value(
    table="payment_finding",
    description="What one rule said about a payment before it was taken.",
    permission=Permission.PAYMENTS_READ,
)
class PaymentFinding:
    verdict: Verdict = column(description="What may be done by this rule.")
    rule: str = column(description="The rule's own id.")
    reason: str = column(description="Why, in a sentence.")
    citation: str = column(description="The law or contract that it rests on; empty when it names none.")
    requirement: str | None = column(description="What has to be met first.")
    missing_fact: str | None = column(description="The fact whose absence decided.")
    until: datetime.datetime | None = column(description="Until when it allows, or from when it no longer objects.")
    plugin: str = column(description="The plugin that said so; `arrears` for the platform itself.")
    plugin_version: str = column(description="The plugin's version.")
    settings_version: int | None = column(description="The version of the settings under which it was asked.")


@value(
    table="payment_attempt",
    description="One call of a provider. A charge or a refund is sent once; after that it is only asked about.",
    permission=Permission.PAYMENTS_READ,
)
class PaymentAttempt:
    kind: AttemptKind = column(description="What the provider was called for.")
    started_at: datetime.datetime = column(description="When the call was begun.")
    ended_at: datetime.datetime | None = column(description="When it ended; null when its end is not known.")
    outcome: OutcomeKind | None = column(description="How it ended.")
    problem: str | None = column(description="Why it did not do what was wanted.")


@value(
    table="payment_chargeback",
    description="What the debtor's bank took back.",
    permission=Permission.PAYMENTS_READ,
)
class PaymentChargeback:
    reference: str = column(description="The provider's name for it; empty when it has none.")
    amount: Money | None = money("amount_minor", description="How much; null means all of it.")
    won: bool = column(description="Whether the bank had to give it again.")
    opened_at: datetime.datetime | None = column(description="When it was taken back.")
    won_at: datetime.datetime | None = column(description="When it was given again.")


@entity(
    "pmnt",
    table="payment_intent",
    description="Money to be taken from a debtor through a gateway: stored before the gateway is asked.",
    permission=Permission.PAYMENTS_READ,
    scope_column="client_id",
)
class PaymentIntent:
    amount: Money = money("amount_minor", description="What is to be taken.")
    status: PaymentStatus = column(description="Where it stands.", filter=True)
    outcome: OutcomeKind | None = column(description="What is known of the provider's side; null before any answer.")
    method: PaymentMethodKind = column(description="By what means the debtor pays.")
    initiated_by: Initiator = column(description="Who wanted the payment.")
    description: str | None = column(description="What the payer is told that it is for.")
    gateway: str = column(description="The gateway that takes it.")
    plugin: str = column(description="The plugin that the gateway belongs to.")
    plugin_version: str = column(description="The plugin's version.")
    settings_version: int | None = column(description="The version of the settings under which it was charged.")
    provider_reference: str | None = column(description="The provider's own name for it.", filter=True)
    action_url: str | None = column(description="A page of the provider on which the payer has to do something first.")
    problem_code: str | None = column(description="The provider's own code of what stood in the way.")
    problem: str | None = column(description="What stood in the way, in words.")
    captured: Money = money("captured_minor", description="What the provider took.")
    fee: Money | None = money("fee_minor", description="What the provider keeps; null when it does not say.")
    refunded: Money = money("refunded_minor", description="What was given back.")
    charged_back: Money = money("charged_back_minor", description="What the debtor's bank took back.")
    times_asked: int = column(description="How often the provider was asked how it stands.")
    attention_at: datetime.datetime | None = column(description="Since when somebody has to look into it.")
    settled_at: datetime.datetime | None = column(description="When it was learned that the provider took it.")
    created_at: datetime.datetime = column(description="When it was made.", filter=True, order=True)
    updated_at: datetime.datetime = column(description="When it was last changed.")
    version: int = column(description="Rises with every change.")
    account: Account | None = one("account_id", description="The account that it is for.", filter=True)
    debtor: Debtor | None = one("debtor_id", description="Who owes.")
    client: Client | None = one("client_id", description="To whom it is owed.", filter=True)
    decision: Decision | None = one(
        "decision_id",
        description="What the gate decided before anybody was asked.",
        permission=Permission.DECISIONS_READ,
    )
    payment: Payment | None = one(
        "payment_id", description="The payment in the ledger.", permission=Permission.LEDGER_READ
    )
    findings: list[PaymentFinding] = few(
        "intent_id", order="position", limit=50, description="What the rules said before it was taken."
    )
    attempts: list[PaymentAttempt] = few(
        "intent_id", order="started_at", limit=100, description="The calls of the provider, its refunds' included."
    )
    chargebacks: list[PaymentChargeback] = few(
        "intent_id", order="reference", limit=20, description="What the debtor's bank took back of it."
    )
    refunds: Connection[PaymentRefund] = many("intent_id", order="created_at", description="What is given back of it.")
    notices: Connection[WebhookNotice] = many(
        "intent_id", order="received_at", description="What the provider told about it and its refunds."
    )


@entity(
    "rfnd",
    table="payment_refund",
    description="Money of a payment to be given back through its gateway: stored before the gateway is asked.",
    permission=Permission.PAYMENTS_READ,
    scope_column="client_id",
)
class PaymentRefund:
    amount: Money = money("amount_minor", description="What is given back.")
    reason: str = column(description="Why.")
    status: RefundStatus = column(description="Where it stands.", filter=True)
    outcome: OutcomeKind | None = column(description="What is known of the provider's side; null before any answer.")
    provider_reference: str | None = column(description="The provider's own name for it.", filter=True)
    problem_code: str | None = column(description="The provider's own code of what stood in the way.")
    problem: str | None = column(description="What stood in the way, in words.")
    times_asked: int = column(description="How often the provider was asked how it stands.")
    attention_at: datetime.datetime | None = column(description="Since when somebody has to look into it.")
    settled_at: datetime.datetime | None = column(description="When it was learned that the provider gave it back.")
    created_at: datetime.datetime = column(description="When it was made.", filter=True, order=True)
    updated_at: datetime.datetime = column(description="When it was last changed.")
    version: int = column(description="Rises with every change.")
    intent: PaymentIntent | None = one("intent_id", description="The payment that it belongs to.", filter=True)
    account: Account | None = one("account_id", description="The account that was paid.", filter=True)


@entity(
    "hook",
    table="webhook_notice",
    description="One thing that a provider told by webhook, kept once however often it was sent.",
    permission=Permission.PAYMENTS_READ,
    scope_column="client_id",
)
class WebhookNotice:
    gateway: str = column(description="The gateway that read it.")
    notice_id: str = column(description="The provider's id of it.")
    kind: NoticeKind = column(description="What it is about.")
    outcome: OutcomeKind = column(description="What it tells.")
    provider_reference: str | None = column(description="The provider's name for what it is about.")
    problem: str | None = column(description="What stood in the way, in words.")
    occurred_at: datetime.datetime = column(description="When it happened at the provider.")
    received_at: datetime.datetime = column(description="When it arrived.", filter=True, order=True)
    client: Client | None = one("client_id", description="For whom it came.", filter=True)
    intent: PaymentIntent | None = one(
        "intent_id", description="The payment that it is about; null as long as none is known.", filter=True
    )


@extend("Account", permission=Permission.PAYMENTS_READ)
class AccountPayments:
    payment_intents: Connection[PaymentIntent] = many(
        "account_id", order="-created_at", description="Payments through gateways, the latest first."
    )


@queries
class PaymentQueries:
    payment_intent: PaymentIntent | None = root_one(description="A payment through a gateway by its id.")
    payment_intents: Connection[PaymentIntent] = root_many(
        description="All payments through gateways that you may see.", order="-created_at"
    )
    payment_refund: PaymentRefund | None = root_one(description="A refund by its id.")
    payment_refunds: Connection[PaymentRefund] = root_many(
        description="All refunds that you may see.", order="-created_at"
    )
    webhook_notice: WebhookNotice | None = root_one(description="A notice of a provider by its id.")
    webhook_notices: Connection[WebhookNotice] = root_many(
        description="All notices of providers that you may see.", order="-received_at"
    )


@input_type(description="Money to be taken through a gateway.")
class PaymentChargeInput(Input):
    idempotency_key: str = input_field(
        description="The same key with the same input is done once; sent again it shows how the payment stands."
    )
    account_id: ID = input_field("acct", description="The account that it is for.")
    amount: MoneyInput = input_field(
        description="How much: above zero, and not more than is owed less what is under way."
    )
    method: PaymentMethodKind = input_field(description="By what means.")
    token: str = input_field(
        description="The provider's token of the means of payment. A card number is refused, and never stored."
    )
    initiated_by: Initiator = input_field(
        description="Who wants the payment: holds stop what the debtor did not ask for."
    )
    description: str | None = input_field(description="What the payer is told that it is for.")
    gateway: str | None = input_field(description="The gateway; the one of the client's settings unless given.")
    recurring: bool = input_field(
        default=False, description="Whether it is one of a series that is taken under one authorisation."
    )
    previous_amount: MoneyInput | None = input_field(
        description="How much the one before it in the series was: rules may want notice of an amount that differs."
    )


@input_type(description="Money of a payment to be given back.")
class PaymentRefundInput(Input):
    idempotency_key: str = input_field(
        description="The same key with the same input is done once; sent again it shows how the refund stands."
    )
    intent_id: ID = input_field("pmnt", description="The payment.")
    amount: MoneyInput | None = input_field(description="How much; all that is left unless given.")
    reason: str = input_field(description="Why.")


@payload
class PaymentChargePayload(Payload):
    """The payment as it stands after the provider was asked. When a rule refuses it, it is there with its findings."""

    payment_intent: PaymentIntent | None = loaded("intent_id", description="The payment.")
    account: Account | None = loaded("account_id", description="The account after it.")


@payload
class PaymentRefundPayload(Payload):
    """The refund as it stands after the provider was asked."""

    refund: PaymentRefund | None = loaded("refund_id", description="The refund.")
    payment_intent: PaymentIntent | None = loaded("intent_id", description="The payment after it.")
    account: Account | None = loaded("account_id", description="The account after it.")


@mutations
class PaymentMutations:
    @mutation(charge_payment, description="Take money from a debtor through a gateway; never twice for one key.")
    async def payment_charge(self, info: Info, input: PaymentChargeInput) -> PaymentChargePayload:
        made = await run(info, PaymentChargePayload, charge_payment, input, idempotency_key=input.idempotency_key)
        return _with_objections(made)

    @mutation(refund_payment, description="Give money of a payment back through its gateway; never twice for one key.")
    async def payment_refund(self, info: Info, input: PaymentRefundInput) -> PaymentRefundPayload:
        return await run(info, PaymentRefundPayload, refund_payment, input, idempotency_key=input.idempotency_key)


def _with_objections(made: PaymentChargePayload) -> PaymentChargePayload:
    """The payload of a payment that was not allowed says so, and shows the intent with what the rules said."""
    if not isinstance(made, PayloadValue) or not isinstance(made.result, PaymentCharged):
        return made
    problems = tuple(
        Problem(ErrorCode.PAYMENT_NOT_ALLOWED, one.reason, ("input",), one.rule or one.plugin or None)
        for one in made.result.objections
    )
    return PayloadValue(made.result, problems)  # type: ignore[return-value]
