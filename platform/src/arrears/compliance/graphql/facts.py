"""Facts that rules of law turn on, in the schema: recording them, ending them, taking back what was an error."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from arrears.access.model import Permission
from arrears.compliance.graphql import fact_words  # noqa: F401 - describes the enumerations used below
from arrears.compliance.recording import FactState, end_fact, record_fact, withdraw_fact
from arrears.debtors.model import CommunicationChannel
from arrears.graphql.declare import (
    Connection,
    Info,
    column,
    computed,
    entity,
    expression,
    extend,
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
)
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, mutation, payload, run
from arrears.graphql.scalars import Money, MoneyInput
from arrears_sdk.law.catalogue import FACTS
from arrears_sdk.law.facts import FactKind, FactLevel, FactNature, FactPart
from arrears_sdk.law.words import FactSource

if TYPE_CHECKING:
    from arrears.accounts.graphql import Account
    from arrears.clients.graphql import Client
    from arrears.debtors.graphql import ContactPoint, Debtor

_KEY = "The same key with the same input is done once."


@entity(
    "fact",
    table="fact",
    description="Something known on which rules of law turn: in force from its start until its end, where it has one.",
    permission=Permission.FACTS_READ,
    scope_column="client_id",
)
class Fact:
    kind: FactKind = column(description="What kind of fact it is.", filter=True)
    debtor: Debtor | None = one(
        "debtor_id", description="The debtor it is about; null for a fact of a place.", filter=True
    )
    account: Account | None = one(
        "account_id", description="The debt it is about; null when it is not about a single one.", filter=True
    )
    contact_point: ContactPoint | None = one("contact_point_id", description="The endpoint it is about.", filter=True)
    client: Client | None = one(
        "client_id", description="The client from which it is known; null when the agency knows by itself.", filter=True
    )
    source: FactSource = column(description="From whom it was learned.")
    received_at: datetime.datetime = column(description="When it was learned.")
    starts_at: datetime.datetime = column(description="From when it holds.", filter=True, order=True)
    ends_at: datetime.datetime | None = column(description="When it ends, which itself is not within; null while open.")
    state: FactState = expression(
        "case when {row}.withdrawn_at is not null then 'WITHDRAWN' when {row}.starts_at > {now} then 'UPCOMING'"
        " when {row}.ends_at <= {now} then 'ENDED' else 'IN_FORCE' end",
        description="Where it stands now.",
    )
    word: str | None = column(description="Its word, one of those that `factKinds` lists for the kind.")
    on: datetime.date | None = column("on_day", description="Its day; the kind says of what.")
    number: int | None = column(description="Its number; the kind says of what.")
    amount: Money | None = money("amount_minor", "currency", description="Its amount; the kind says of what.")
    place: str | None = column(description="Its place, as rules spell it: DE, US-NY.")
    earliest: str | None = expression(
        "to_char({row}.earliest_time, 'HH24:MI')", description="From which hour of the debtor's day, such as 09:00."
    )
    latest: str | None = expression(
        "to_char({row}.latest_time, 'HH24:MI')", description="Until which hour, which itself is not within."
    )
    weekdays: list[int] = column(description="On which days of the week, 1 being Monday; empty when on all.")
    channel: CommunicationChannel | None = column(description="For which channel; null when for all.")
    evidence: str | None = column(description="Where the proof is found.")
    end_reason: str | None = column(description="Why it was ended.")
    withdrawn_at: datetime.datetime | None = column(description="When it was withdrawn as an error.")
    withdrawn_reason: str | None = column(description="Why it was withdrawn.")
    recorded_by: str = column("recorded_by_name", description="Who wrote it down.")
    version: int = column(description="Rises with every change; a change names the version that it is based on.")
    created_at: datetime.datetime = column(description="When it was written down.")
    updated_at: datetime.datetime = column(description="When it was last changed.")


@extend("Debtor", permission=Permission.FACTS_READ)
class DebtorFacts:
    facts: Connection[Fact] = many(
        "debtor_id", order="-starts_at", description="What is known of the debtor and its debts, the latest first."
    )


@extend("Account", permission=Permission.FACTS_READ)
class AccountFacts:
    facts: Connection[Fact] = many(
        "account_id", order="-starts_at", description="What is known of this debt alone, the latest first."
    )


@output(description="What a kind of fact is and may say: enough to build a form.", permission=Permission.FACTS_READ)
class FactKindDescription:
    kind: FactKind = plain(description="The kind.")
    meaning: str = plain(description="What such a fact means.")
    level: FactLevel = plain(description="What it is about.")
    nature: FactNature = plain(description="How its absence is read.")
    words: list[str] = plain(description="The words of which it says one; empty when it says none.")
    needs: list[FactPart] = plain(description="What it must say.")
    takes: list[FactPart] = plain(description="What it may say besides.")


@queries
class FactQueries:
    fact: Fact | None = root_one(description="One fact.", permission=Permission.FACTS_READ)
    facts: Connection[Fact] = root_many(
        description="All facts that you may see.", permission=Permission.FACTS_READ, order="-starts_at"
    )

    @computed(
        permission=Permission.FACTS_READ, description="Every kind of fact, with what it is about and what it may say."
    )
    async def fact_kinds(self, info: Info) -> list[FactKindDescription]:
        return [_described(kind) for kind in FactKind]


def _described(kind: FactKind) -> FactKindDescription:
    spec = FACTS[kind]
    found = FactKindDescription()
    found.kind, found.meaning, found.level, found.nature = kind, spec.meaning, spec.level, spec.nature
    found.words = list(spec.words)
    found.needs = [part for part in FactPart if part in spec.needs]
    found.takes = [part for part in FactPart if part in spec.parts - spec.needs]
    return found


@input_type(description="A fact. `factKinds` tells for each kind what it is about, what it must say and what it may.")
class FactRecordInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    kind: FactKind = input_field(description="What kind of fact it is.")
    debtor_id: ID | None = input_field(
        "dbtr", description="The debtor it is about; left out, the one of the account or of the contact point."
    )
    account_id: ID | None = input_field("acct", description="The debt it is about; left out, all debts of the debtor.")
    contact_point_id: ID | None = input_field("cont", description="The endpoint it is about.")
    client_id: ID | None = input_field(
        "clnt", description="From which client it is known; left out, the account's, or the agency's own knowledge."
    )
    source: FactSource = input_field(description="From whom it was learned.")
    received_at: datetime.datetime | None = input_field(description="When it was learned; now unless given.")
    starts_at: datetime.datetime | None = input_field(description="From when it holds; from receipt unless given.")
    ends_at: datetime.datetime | None = input_field(description="When it ends; open unless given.")
    word: str | None = input_field(description="One of the words of the kind.")
    on: datetime.date | None = input_field(description="The day that the kind speaks of.")
    number: int | None = input_field(description="The number that the kind speaks of.")
    amount: MoneyInput | None = input_field(description="The amount that the kind speaks of.")
    place: str | None = input_field(description="The place, by code or name: DE, US-NY, US-New York.")
    earliest: str | None = input_field(description="From which hour of the debtor's day, such as 09:00.")
    latest: str | None = input_field(description="Until which hour, which itself is not within.")
    weekdays: list[int] | None = input_field(description="On which days of the week, 1 being Monday; left out, on all.")
    channel: CommunicationChannel | None = input_field(description="For which channel; left out, for all.")
    evidence: str | None = input_field(description="Where the proof is found.")


@input_type(description="The end of a fact that holds.")
class FactEndInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    fact_id: ID = input_field("fact", description="The fact.")
    version: int = input_field(description="The version of the fact that this is based on.")
    ends_at: datetime.datetime | None = input_field(description="When it ends; now unless given.")
    reason: str = input_field(description="Why it ends.")


@input_type(description="A fact that was recorded in error.")
class FactWithdrawInput(Input):
    idempotency_key: str | None = input_field(description=_KEY)
    fact_id: ID = input_field("fact", description="The fact.")
    version: int = input_field(description="The version of the fact that this is based on.")
    reason: str = input_field(description="What was wrong.")


@payload
class FactRecordPayload(Payload):
    """The fact that was recorded."""

    fact: Fact | None = loaded("fact_id", description="The new fact.")


@payload
class FactEndPayload(Payload):
    """The fact that was ended."""

    fact: Fact | None = loaded("fact_id", description="The fact as it is now.")


@payload
class FactWithdrawPayload(Payload):
    """The fact that was withdrawn."""

    fact: Fact | None = loaded("fact_id", description="The fact as it is now.")


@mutations
class FactMutations:
    @mutation(record_fact, description="Record a fact about a debtor, a debt, an endpoint or a place.")
    async def fact_record(self, info: Info, input: FactRecordInput) -> FactRecordPayload:
        return await run(info, FactRecordPayload, record_fact, input, idempotency_key=input.idempotency_key)

    @mutation(end_fact, description="Say until when a fact holds.")
    async def fact_end(self, info: Info, input: FactEndInput) -> FactEndPayload:
        return await run(info, FactEndPayload, end_fact, input, idempotency_key=input.idempotency_key)

    @mutation(
        withdraw_fact,
        description="Withdraw a fact that was recorded in error: it is no longer read, and earlier decisions stay.",
    )
    async def fact_withdraw(self, info: Info, input: FactWithdrawInput) -> FactWithdrawPayload:
        return await run(info, FactWithdrawPayload, withdraw_fact, input, idempotency_key=input.idempotency_key)
