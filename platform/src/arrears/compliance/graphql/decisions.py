"""Decisions in the schema: may a debtor be contacted, asking so with effect, and what was decided."""

from __future__ import annotations

import datetime
import decimal
from typing import TYPE_CHECKING, Annotated

from arrears.access.model import Permission
from arrears.compliance.asking import ask_about_contact
from arrears.compliance.commands import ContactRequest, Decided, decide_contact, request_contact
from arrears.compliance.graphql import words as words
from arrears.compliance.graphql.permits import Permit
from arrears.compliance.model import ContactQuestion, DecisionKind, Verdict
from arrears.debtors.commands.facts import checked_languages
from arrears.debtors.model import CommunicationChannel
from arrears.graphql.declare import (
    Connection,
    Info,
    argument,
    column,
    computed,
    entity,
    expression,
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
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, mutation, payload, perform
from arrears.graphql.operation import RunningOperation
from arrears.graphql.scalars import Money
from arrears.kernel.context import Context
from arrears.plugins.host import PluginHost
from arrears_sdk.errors import ErrorCode, InputError, NotFoundError
from arrears_sdk.ids import decode_id
from arrears_sdk.law.requirements import RequirementKind
from arrears_sdk.law.words import ContactParty, ContactPurpose, Content
from arrears_sdk.vocabulary import ActionKind, Initiator, PaymentMethodKind

if TYPE_CHECKING:
    from arrears.accounts.graphql import Account
    from arrears.clients.graphql import Client
    from arrears.debtors.graphql import ContactPoint, Debtor

MOST_ACCOUNTS_NAMED = 100
MOST_FINDINGS = 250
MOST_PLUGINS = 100
MOST_REQUIREMENTS = 50
MOST_FACTS = 20
MOST_RULES = 250
# A question about as many accounts as can be named is nearly all that one operation may ask for.
ASKING = FieldCost(once=8_000, each=1_500)


@value(table="decision_requirement", description="What has to be met first, and what meets it.")
class Requirement:
    name: str = column(description="The whole of it, as rules name it: `notice:VALIDATION`.")
    kind: RequirementKind = column(description="What sort of thing it is.")
    word: str = column(description="What of that sort.")
    mutation: str | None = column(description="The mutation by which it is met; null for a plugin's own words.")
    meaning: str = column(description="What has to be done, in plain words.")


@value(table="decision_used_fact", description="One fact that a rule used.")
class UsedFact:
    name: str = column(description="What it is.")
    value: str = column(description="What it was, in plain words.")


@value(table="decision_rule", description="A rule that was asked, whether or not it had anything to say.")
class AskedRule:
    rule: str = column(description="The rule's id.")
    version: int = column(description="The rule's version.")
    citation: str = column(description="Where it is written down.")
    confidence: str = column(
        description="How well its law was read: S at its source, P in part or quoted, G general knowledge."
    )
    plugin: str = column(description="The plugin whose rule it is.")
    plugin_version: str = column(description="The version that was asked.")


@value(table="decision_finding", description="What one rule said, and why.")
class Finding:
    verdict: Verdict = column(description="What it comes to by itself.")
    reason: str = column(description="Why, in plain words.")
    rule: str = column(description="The rule's id; empty when the plugin names none.")
    citation: str = column(description="Where the rule is written down; empty when nowhere.")
    until: datetime.datetime | None = column(
        description="The end of what is allowed, or the instant from which a deferral no longer objects."
    )
    requirement: str | None = column(description="What has to be met first.")
    missing_fact: str | None = column(description="The fact that would change the answer, were it known.")
    plugin: str = column(description="The plugin that said so; `arrears` is the platform itself.")
    plugin_version: str = column(description="The plugin's version.")
    settings_version: int | None = column(description="The version of the settings under which it was asked.")
    client_id: str | None = expression(
        "public_id('clnt', {row}.said_for_id)",
        description="The client for whose debts it was said; null when for no single one.",
    )
    confidence: str = column(description="How well its law was read: S, P or G; empty when the rule does not tell.")
    facts: list[UsedFact] = few(
        "finding_id", order="position", limit=MOST_FACTS, description="The facts that it used, in plain words."
    )


@value(table="decision_plugin", description="A plugin that was asked, whether or not it had anything to say.")
class AskedPlugin:
    name: str = column(description="Its name.")
    version: str = column(description="The version that answered.")
    settings_version: int = column(description="The version of the settings under which it was asked.")


@entity(
    "dacc",
    table="decision_account",
    description="A debt that a decision was about, with what its own client's rules said of it alone.",
    permission=Permission.DECISIONS_READ,
    scope_column="client_id",
)
class DecidedAccount:
    decision: Decision | None = one("decision_id", description="The decision.")
    account: Account | None = one("account_id", description="The debt.", permission=Permission.ACCOUNTS_READ)
    decided_at: datetime.datetime = column(description="When it was decided.", order=True)
    verdict: Verdict = column(description="The verdict, were this debt the only one.", filter=True)
    until: datetime.datetime | None = column(description="Its end, or for a deferral when it ends for this debt alone.")


@entity(
    "dfnd",
    table="decision_finding",
    description="A finding by itself, as decisions are searched by rule and verdict.",
    permission=Permission.DECISIONS_READ,
    scope_column="client_id",
)
class DecisionFinding:
    decision: Decision | None = one("decision_id", description="The decision for which it was said.")
    decided_at: datetime.datetime = column(description="When that was decided.", order=True)
    rule: str = column(description="The rule's id.", filter=True)
    verdict: Verdict = column(description="What it came to by itself.", filter=True)
    plugin: str = column(description="The plugin that said so.", filter=True)
    reason: str = column(description="Why, in plain words.")
    citation: str = column(description="Where the rule is written down.")


@entity(
    "deci",
    table="decision",
    description="What was decided on a contact, an act or a payment, with every finding. It is never changed.",
    permission=Permission.DECISIONS_READ,
    scope_column="client_id",
)
class Decision:
    kind: DecisionKind = column(description="What was decided on.", filter=True)
    client: Client | None = one(
        "client_id", description="The client whose debts it was about; null when of several or none.", filter=True
    )
    debtor: Debtor | None = one("debtor_id", description="Whom it was about.", filter=True)
    accounts: Connection[DecidedAccount] = many("decision_id", order="decided_at", description="The debts.")
    decided_at: datetime.datetime = column(description="The instant that it was decided for.", filter=True, order=True)
    decided_by: str = column("decided_by_name", description="Who asked.")
    retrospective: bool = column(
        description="Whether it was made afterwards, about a contact that was recorded without a permit."
    )
    channel: CommunicationChannel | None = column(description="By which way, of a contact.", filter=True)
    contact_point: ContactPoint | None = one("contact_point_id", description="The contact point that was named.")
    purpose: ContactPurpose | None = column(description="What the contact was for.")
    party: ContactParty | None = column(description="With whom the contact was meant to be.")
    reply_to: datetime.datetime | None = column(description="When that came which the contact answers.")
    languages: list[str] = column(description="The languages of the contact.")
    at_debtor_request: bool = column(description="Whether the debtor had asked for the contact.")
    required_by_law: bool = column(description="Whether a law requires the contact.")
    action: ActionKind | None = column(description="What was to be done, of an act.", filter=True)
    content: list[Content] = column(description="What it would carry.")
    planned_on: datetime.date | None = column(description="The day of the act, where it was not that day.")
    amount: Money | None = money("amount_minor", "currency", description="The amount of an act or a payment.")
    rate: decimal.Decimal | None = column(description="The interest that was wanted, in per cent a year.")
    place: str | None = column(description="Where a suit would be filed.")
    method: PaymentMethodKind | None = column(description="By what means, of a payment.")
    gateway: str | None = column(description="Through which gateway, of a payment.")
    initiated_by: Initiator = column(description="Whose wish it was.")
    verdict: Verdict = column(description="The strictest of all findings.", filter=True)
    until: datetime.datetime | None = column(
        description="The end of what is allowed; of a deferral the instant at which the whole set of rules stands."
    )
    rounds: int = column(description="How often the rules were run again to find that instant.")
    requirements: list[Requirement] = few(
        "decision_id", order="position", limit=MOST_REQUIREMENTS, description="Everything that has to be met first."
    )
    findings: list[Finding] = few(
        "decision_id", order="position", limit=MOST_FINDINGS, description="Every finding, the strictest first."
    )
    plugins: list[AskedPlugin] = few(
        "decision_id", order="name", limit=MOST_PLUGINS, description="Every plugin that was asked."
    )
    rules: list[AskedRule] = few(
        "decision_id",
        order="position",
        limit=MOST_RULES,
        description="Every rule that was asked, also those that had nothing to say.",
    )
    facts_digest: str = column(description="SHA-256 of the facts that the plugins were shown.")
    rules_digest: str = column(description="SHA-256 of the rules that were asked.")
    settings_version: int = column(description="The version of the settings that held.")
    permit: Permit | None = one(
        "(select permit.id from permit where permit.decision_id = {row}.id)",
        description="The permit that was given with it; null when it did not allow.",
    )


@extend("Debtor", permission=Permission.DECISIONS_READ)
class DebtorDecisions:
    decisions: Connection[Decision] = many(
        "debtor_id", order="-decided_at", description="What was decided about contacts with the debtor."
    )


@extend("Interaction", permission=Permission.DECISIONS_READ)
class InteractionDecision:
    decision: Decision | None = one(
        "decision_id",
        description="What was decided: before it was made, or afterwards about one that was made without a permit.",
    )
    permit: Permit | None = one("permit_id", description="The permit on which it was made.")


@extend("Account", permission=Permission.DECISIONS_READ)
class AccountDecisions:
    decisions: Connection[DecidedAccount] = many(
        "account_id", order="-decided_at", description="What was decided about contacts on this debt."
    )


@output(description="What may be done about one debt, were it the only one.", permission=Permission.CONTACTS_ASK)
class AccountAnswer:
    account: Account | None = loaded("account_id", description="The debt.")
    verdict: Verdict = plain(description="The verdict of its own client's rules.")
    until: datetime.datetime | None = plain(description="Its end, or when a deferral ends for this debt alone.")


@output(description="Whether a debtor may be contacted; nothing was stored.", permission=Permission.CONTACTS_ASK)
class ContactAnswer:
    debtor: Debtor | None = loaded("debtor_id", description="With whom.")
    at: datetime.datetime = plain(description="The instant that was asked about.")
    channel: CommunicationChannel = plain(description="The channel that was asked about.")
    contact_point: ContactPoint | None = loaded("contact_point_id", description="The contact point that was named.")
    verdict: Verdict = plain(description="The strictest of all findings.")
    until: datetime.datetime | None = plain(
        description="The end of what is allowed; of a deferral the instant at which the whole set of rules stands."
    )
    rounds: int = plain(description="How often the rules were run again to find that instant.")
    requirements: list[Requirement] = plain(description="Everything that has to be met first.")
    findings: list[Finding] = plain(description="Every finding, the strictest first.")
    plugins: list[AskedPlugin] = plain(description="Every plugin that was asked.")
    accounts: list[AccountAnswer] = plain(description="The debts by themselves.")
    facts_digest: str = plain(description="SHA-256 of the facts that the plugins were shown.")
    settings_version: int = plain(description="The version of the settings that held.")


@queries
class ComplianceQueries:
    decision: Decision | None = root_one(description="One decision.", permission=Permission.DECISIONS_READ)
    decisions: Connection[Decision] = root_many(
        description="Decisions about contacts, acts and payments.",
        permission=Permission.DECISIONS_READ,
        order="decided_at",
    )
    decision_findings: Connection[DecisionFinding] = root_many(
        description="What rules said, to search decisions by rule and verdict.",
        permission=Permission.DECISIONS_READ,
        order="decided_at",
    )

    @computed(
        permission=Permission.CONTACTS_ASK,
        description="Whether debtors may be contacted, and if not, why not and when: one answer for each debtor of the"
        " accounts, none when something that is named is unknown. Nothing is stored and nobody is contacted;"
        " `contactRequest` asks with effect.",
        cost=ASKING,
    )
    async def can_contact(
        self,
        info: Info,
        channel: Annotated[CommunicationChannel, argument(description="By which way.")],
        debtor_id: Annotated[
            ID | None,
            argument(description="The debtor; left out, the primary debtor of each account, or whose point it is."),
        ] = None,
        account_ids: Annotated[
            list[ID] | None,
            argument(description="The debts to speak of, at most 100; left out, all open ones of the debtor."),
        ] = None,
        contact_point_id: Annotated[ID | None, argument(description="The contact point to be used.")] = None,
        at: Annotated[datetime.datetime | None, argument(description="The instant; left out, now.")] = None,
        at_debtor_request: Annotated[bool, argument(description="Whether the debtor asked for the contact.")] = False,
        required_by_law: Annotated[bool, argument(description="Whether a law requires the contact.")] = False,
        purpose: Annotated[ContactPurpose, argument(description="What the contact is for.")] = ContactPurpose.COLLECT,
        party: Annotated[ContactParty, argument(description="With whom it is meant to be.")] = ContactParty.DEBTOR,
        content: Annotated[list[Content] | None, argument(description="What it would carry.")] = None,
        languages: Annotated[list[str] | None, argument(description="Its languages, as BCP 47 tags.")] = None,
        reply_to: Annotated[datetime.datetime | None, argument(description="When that came which it answers.")] = None,
    ) -> list[ContactAnswer]:
        operation: RunningOperation = info.context
        context = operation.context
        named = account_ids or []
        if len(named) > MOST_ACCOUNTS_NAMED:
            raise InputError(f"At most {MOST_ACCOUNTS_NAMED} accounts can be named.", field=("accountIds",))
        question = ContactQuestion(
            at=at or context.clock.now(),
            channel=channel,
            debtor_id=None if debtor_id is None else decode_id("dbtr", debtor_id),
            account_ids=tuple(decode_id("acct", id) for id in named),
            contact_point_id=None if contact_point_id is None else decode_id("cont", contact_point_id),
            at_debtor_request=at_debtor_request,
            required_by_law=required_by_law,
            purpose=purpose,
            party=party,
            content=frozenset(content or ()),
            languages=tuple(checked_languages(languages or (), ("languages",))),
            reply_to=reply_to,
        )
        try:
            return await ask_about_contact(context, context.service(PluginHost), question)  # type: ignore[return-value]
        except NotFoundError:
            # As everywhere in queries: what is not there and what may not be seen is left out.
            return []


@input_type(description="A contact that is to be made now: with one debtor, about one or several debts.")
class ContactRequestInput(Input):
    idempotency_key: str = input_field(
        description="A key of the caller's own: the same key with the same input gives the first decision again."
    )
    channel: CommunicationChannel = input_field(description="By which way.")
    debtor_id: ID | None = input_field(
        "dbtr", description="The debtor; left out, the primary debtor of the accounts, which must be one."
    )
    account_ids: list[ID] | None = input_field(
        "acct", description="The debts to speak of, at most 100; left out, all open ones of the debtor."
    )
    contact_point_id: ID | None = input_field("cont", description="The contact point to be used.")
    at_debtor_request: bool = input_field(default=False, description="Whether the debtor asked for the contact.")
    required_by_law: bool = input_field(default=False, description="Whether a law requires the contact.")
    purpose: ContactPurpose = input_field(default=ContactPurpose.COLLECT, description="What the contact is for.")
    party: ContactParty = input_field(default=ContactParty.DEBTOR, description="With whom it is meant to be.")
    content: list[Content] | None = input_field(description="What it will carry.")
    languages: list[str] | None = input_field(description="Its languages, as BCP 47 tags.")
    reply_to: datetime.datetime | None = input_field(description="When that came which it answers.")
    reply_to_id: ID | None = input_field("intr", description="The inbound interaction that it answers.")


@payload
class ContactRequestPayload(Payload):
    """What was decided about the contact."""

    decision: Decision | None = loaded(
        "decision_id", description="The decision, which stays as it is.", permission=Permission.DECISIONS_READ
    )
    permit: Permit | None = loaded(
        "permit_id", description="The permit; null unless it is allowed.", permission=Permission.CONTACTS_REQUEST
    )


@mutations
class ComplianceMutations:
    @mutation(
        decide_contact,
        description="Ask whether a contact may be made now, with effect: the decision is stored, whatever it is."
        " Only an ALLOW or a WARN lets the contact be made.",
        cost=ASKING,
    )
    async def contact_request(self, info: Info, input: ContactRequestInput) -> ContactRequestPayload:
        operation: RunningOperation = info.context

        async def ask(context: Context) -> Decided:
            given = {name: value for name, value in input.to_command().items() if value is not None}
            if len(given.get("account_ids", ())) > MOST_ACCOUNTS_NAMED:
                message = f"At most {MOST_ACCOUNTS_NAMED} accounts can be named."
                raise InputError(message, code=ErrorCode.INVALID_INPUT, field=("input", "accountIds"))
            receipt = await request_contact(context, ContactRequest(**given), idempotency_key=input.idempotency_key)
            if receipt.replayed:
                operation.extensions["idempotency"] = {"replayed": True}
            return receipt.result

        return await perform(info, ContactRequestPayload, ask)
