"""Acts about debts in the schema: may one be done, and asking so with effect."""

from __future__ import annotations

import datetime
import decimal
from typing import TYPE_CHECKING, Annotated

from arrears.access.model import Permission
from arrears.compliance.acting import ask_about_act
from arrears.compliance.commands import ActRequest, Decided, decide_act, request_act
from arrears.compliance.graphql import words as words
from arrears.compliance.graphql.decisions import AskedPlugin, Decision, Finding, Requirement
from arrears.compliance.graphql.permits import Permit
from arrears.compliance.model import ActQuestion, Verdict
from arrears.graphql.declare import Info, argument, computed, loaded, mutations, output, plain, queries
from arrears.graphql.limits import FieldCost
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, mutation, payload, perform
from arrears.graphql.operation import RunningOperation
from arrears.graphql.scalars import MoneyInput
from arrears.kernel.context import Context
from arrears.plugins.host import PluginHost
from arrears_sdk.errors import NotFoundError
from arrears_sdk.ids import decode_id
from arrears_sdk.law.words import Content
from arrears_sdk.money import Money as Amount
from arrears_sdk.vocabulary import ActionKind

if TYPE_CHECKING:
    from arrears.accounts.graphql import Account
    from arrears.debtors.graphql import Debtor

ASKING = FieldCost(once=3_000, each=0)


@output(
    description="Whether something may be done about a debt; nothing was stored.", permission=Permission.CONTACTS_ASK
)
class ActAnswer:
    debtor: Debtor | None = loaded("debtor_id", description="Against whom.")
    account: Account | None = loaded("account_id", description="About which debt.")
    at: datetime.datetime = plain(description="The instant that was asked about.")
    action: ActionKind = plain(description="What is to be done.")
    verdict: Verdict = plain(description="The strictest of all findings.")
    until: datetime.datetime | None = plain(
        description="The end of what is allowed; of a deferral the instant at which the whole set of rules stands."
    )
    rounds: int = plain(description="How often the rules were run again to find that instant.")
    requirements: list[Requirement] = plain(description="Everything that has to be met first.")
    findings: list[Finding] = plain(description="Every finding, the strictest first.")
    plugins: list[AskedPlugin] = plain(description="Every plugin that was asked.")
    facts_digest: str = plain(description="SHA-256 of the facts that the plugins were shown.")
    settings_version: int = plain(description="The version of the settings that held.")


@queries
class ActQueries:
    @computed(
        permission=Permission.CONTACTS_ASK,
        description="Whether something may be done about a debt, and if not, why not and when; null when something that"
        " is named is unknown. Nothing is stored and nothing is done; `actionRequest` asks with effect.",
        cost=ASKING,
    )
    async def can_act(
        self,
        info: Info,
        action: Annotated[ActionKind, argument(description="What is to be done.")],
        account_id: Annotated[ID, argument(description="About which debt.")],
        debtor_id: Annotated[ID | None, argument(description="Against whom; left out, its primary debtor.")] = None,
        at: Annotated[datetime.datetime | None, argument(description="The instant; left out, now.")] = None,
        amount: Annotated[MoneyInput | None, argument(description="The amount that is claimed.")] = None,
        planned_on: Annotated[datetime.date | None, argument(description="The day, where it is not today.")] = None,
        rate: Annotated[decimal.Decimal | None, argument(description="The interest, in per cent a year.")] = None,
        place: Annotated[str | None, argument(description="Where a suit would be filed, as rules spell it.")] = None,
        content: Annotated[list[Content] | None, argument(description="What it would carry.")] = None,
    ) -> ActAnswer | None:
        operation: RunningOperation = info.context
        context = operation.context
        question = ActQuestion(
            at=at or context.clock.now(),
            action=action,
            account_id=decode_id("acct", account_id),
            debtor_id=None if debtor_id is None else decode_id("dbtr", debtor_id),
            amount=None if amount is None else Amount.parse(amount.amount, amount.currency),
            planned_on=planned_on,
            rate=rate,
            place=place,
            content=frozenset(content or ()),
        )
        try:
            return await ask_about_act(context, context.service(PluginHost), question)  # type: ignore[return-value]
        except NotFoundError:
            return None


@input_type(description="An act about a debt that is to be done: it is decided on, with effect.")
class ActionRequestInput(Input):
    idempotency_key: str = input_field(
        description="A key of the caller's own: the same key with the same input gives the first decision again."
    )
    action: ActionKind = input_field(description="What is to be done.")
    account_id: ID = input_field("acct", description="About which debt.")
    debtor_id: ID | None = input_field("dbtr", description="Against whom; left out, its primary debtor.")
    amount: MoneyInput | None = input_field(description="The amount that is claimed.")
    planned_on: datetime.date | None = input_field(description="The day, where it is not today.")
    rate: decimal.Decimal | None = input_field(description="The interest, in per cent a year.")
    place: str | None = input_field(description="Where a suit would be filed, as rules spell it.")
    content: list[Content] | None = input_field(description="What it will carry.")


@payload
class ActionRequestPayload(Payload):
    """What was decided about the act."""

    decision: Decision | None = loaded(
        "decision_id", description="The decision, which stays as it is.", permission=Permission.DECISIONS_READ
    )
    permit: Permit | None = loaded(
        "permit_id", description="The permit; null unless it is allowed.", permission=Permission.CONTACTS_REQUEST
    )


@mutations
class ActMutations:
    @mutation(
        decide_act,
        description="Ask whether something may be done about a debt, with effect: the decision is stored, whatever it"
        " is. Only its permit lets the act be done.",
        cost=ASKING,
    )
    async def action_request(self, info: Info, input: ActionRequestInput) -> ActionRequestPayload:
        operation: RunningOperation = info.context

        async def ask(context: Context) -> Decided:
            given = {name: value for name, value in input.to_command().items() if value is not None}
            receipt = await request_act(context, ActRequest(**given), idempotency_key=input.idempotency_key)
            if receipt.replayed:
                operation.extensions["idempotency"] = {"replayed": True}
            return receipt.result

        return await perform(info, ActionRequestPayload, ask)
