"""The words of decisions: what was asked, what each rule said, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Self, TypeAlias
from uuid import UUID

from arrears.compliance.attempts import Attempt
from arrears.plugins.settings import Place
from arrears_sdk.ids import encode_id
from arrears_sdk.law.requirements import Requirement as Reading
from arrears_sdk.law.words import ContactParty, ContactPurpose, Content
from arrears_sdk.money import Money
from arrears_sdk.ruling import EvaluatedRule, Finding as RuleFinding, Ruling, Verdict as RuleVerdict
from arrears_sdk.vocabulary import ActionKind, CommunicationChannel, ContactChannel, Initiator, PaymentMethodKind


class DecisionKind(StrEnum):
    """What was decided on."""

    CONTACT = "CONTACT"
    ACTION = "ACTION"
    PAYMENT = "PAYMENT"


class Verdict(StrEnum):
    """What may be done, from the mildest to the strictest."""

    ALLOW = "ALLOW"
    WARN = "WARN"
    REQUIRE = "REQUIRE"
    DEFER = "DEFER"
    DENY = "DENY"


class PermitState(StrEnum):
    """What has become of a permit."""

    OPEN = "OPEN"
    USED = "USED"
    RETURNED = "RETURNED"
    EXPIRED = "EXPIRED"


ENDPOINT_OF: dict[CommunicationChannel, ContactChannel] = {
    CommunicationChannel.PHONE_CALL: ContactChannel.PHONE,
    CommunicationChannel.PHONE_AUTODIALED: ContactChannel.PHONE,
    CommunicationChannel.PHONE_PRERECORDED: ContactChannel.PHONE,
    CommunicationChannel.RINGLESS_VOICEMAIL: ContactChannel.PHONE,
    CommunicationChannel.SMS: ContactChannel.PHONE,
    CommunicationChannel.EMAIL: ContactChannel.EMAIL,
    CommunicationChannel.FAX: ContactChannel.FAX,
    CommunicationChannel.SOCIAL_PRIVATE: ContactChannel.SOCIAL,
    CommunicationChannel.SOCIAL_PUBLIC: ContactChannel.SOCIAL,
    CommunicationChannel.PUSH_OR_PORTAL: ContactChannel.PORTAL,
}
"""The kind of contact point that a channel reaches; letters and visits reach none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactQuestion:
    """May a debtor be contacted, at an instant, by a channel, about accounts?

    Without `debtor_id` each account's primary debtor is meant, or whose contact point it is; without `account_ids` all
    open accounts of the debtor.
    """

    at: datetime
    channel: CommunicationChannel
    debtor_id: UUID | None = None
    account_ids: tuple[UUID, ...] = ()
    contact_point_id: UUID | None = None
    at_debtor_request: bool = False
    required_by_law: bool = False
    purpose: ContactPurpose = ContactPurpose.COLLECT
    party: ContactParty = ContactParty.DEBTOR
    content: frozenset[Content] = frozenset()
    languages: tuple[str, ...] = ()
    reply_to: datetime | None = None

    @property
    def initiated_by(self) -> Initiator:
        """Whose wish it is; a call back that the debtor asked for is the debtor's, though the agency dials."""
        return Initiator.DEBTOR if self.at_debtor_request else Initiator.AGENCY


@dataclass(frozen=True, slots=True, kw_only=True)
class ActQuestion:
    """May something be done about a debt, at an instant? Without `debtor_id` against its primary debtor."""

    at: datetime
    action: ActionKind
    account_id: UUID
    debtor_id: UUID | None = None
    amount: Money | None = None
    planned_on: date | None = None
    rate: Decimal | None = None
    place: str | None = None
    content: frozenset[Content] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentQuestion:
    """May money be taken for a debt, at an instant?"""

    at: datetime
    account_id: UUID
    amount: Money
    method: PaymentMethodKind
    gateway: str
    initiated_by: Initiator
    debtor_id: UUID | None = None
    recurring: bool = False
    previous: Money | None = None


Question: TypeAlias = ContactQuestion | ActQuestion | PaymentQuestion


@dataclass(frozen=True, slots=True)
class UsedFact:
    """One fact that a rule used, in plain words."""

    position: int
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """What has to be met first: its text in the rules' grammar, and how to read it."""

    position: int
    name: str
    kind: str
    word: str
    mutation: str | None
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule said, for the debts of one client."""

    position: int
    client_id: str | None
    verdict: Verdict
    reason: str
    rule: str
    citation: str
    until: datetime | None
    requirement: str | None
    missing_fact: str | None
    plugin: str
    plugin_version: str
    settings_version: int | None
    facts: Sequence[UsedFact] = ()
    confidence: str = ""


@dataclass(frozen=True, slots=True, order=True)
class AskedPlugin:
    """A plugin that was asked, in the version that answered, under which version of the settings."""

    name: str
    version: str
    settings_version: int


@dataclass(frozen=True)
class PlacedRuling:
    """The ruling for the accounts of one client and portfolio, whose settings decided which plugins were asked."""

    place: Place
    account_ids: tuple[UUID, ...]
    ruling: Ruling
    plugins: tuple[AskedPlugin, ...] = ()
    attempt: Attempt | None = None


@dataclass(frozen=True)
class AccountAnswer:
    """What may be done about one of the accounts, were it the only one."""

    account_id: UUID
    client_id: UUID | None
    verdict: Verdict
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer for one debtor, combined from the rulings of all places: the strictest wins, nothing is left out.

    `until` is the end of what is allowed, or for a DEFER the instant at which the whole set of rules stands; `rounds`
    tells how often it was run again to find that.
    """

    debtor_id: UUID
    parts: tuple[PlacedRuling, ...]
    until: datetime | None
    rounds: int
    facts_digest: str
    settings_version: int
    later: Ruling = field(default_factory=Ruling)

    @cached_property
    def ruling(self) -> Ruling:
        """Everything that was said."""
        return Ruling.combine([self.later, *(part.ruling for part in self.parts)])

    @property
    def verdict(self) -> Verdict:
        """The strictest of all that was said."""
        return Verdict[self.ruling.verdict.name]

    def is_allowed(self, at: datetime) -> bool:
        """Whether it may be done at an instant: neither refused, nor put off, nor tied to something, nor too late."""
        return self.verdict in (Verdict.ALLOW, Verdict.WARN) and (self.until is None or self.until > at)

    def and_also(self, ruling: Ruling) -> Self:
        """The same with what else was found, of which nobody who asks sees more than the verdict."""
        if not ruling.findings:
            return self
        first, *others = self.parts
        said = replace(self, parts=(replace(first, ruling=first.ruling | ruling), *others))
        return replace(said, until=None) if said.verdict is Verdict.DENY else said

    @cached_property
    def requirements(self) -> list[Requirement]:
        """Everything that has to be met first, also beside a DEFER."""
        return [requirement(text, position) for position, text in enumerate(self.ruling.requirements)]

    @cached_property
    def findings(self) -> list[Finding]:
        """Every finding, the strictest first, in an order that does not depend on who was asked first."""
        said: list[tuple[UUID | None, RuleFinding]] = [(None, finding) for finding in self.later.findings]
        said += [(part.place.client_id, finding) for part in self.parts for finding in part.ruling.findings]
        return _shown(said, self.looked_at)

    @property
    def looked_at(self) -> tuple[UsedFact, ...]:
        """What a rule of law looked at that names no fact: the question itself."""
        return ()

    @property
    def evaluated(self) -> frozenset[EvaluatedRule]:
        """The rules that were asked, also those that had nothing to say."""
        return self.ruling.evaluated

    @property
    def accounts(self) -> list[AccountAnswer]:
        """The accounts by themselves, each as its own client's rules have it."""
        return [
            AccountAnswer(id, part.place.client_id, Verdict[part.ruling.verdict.name], part.ruling.until)
            for part in self.parts
            for id in part.account_ids
        ]

    @cached_property
    def plugins(self) -> list[AskedPlugin]:
        """Every plugin that was asked, also one that had nothing to say."""
        return sorted({plugin for part in self.parts for plugin in part.plugins})

    @property
    def client_id(self) -> UUID | None:
        """The client, when all accounts are of one."""
        clients = {part.place.client_id for part in self.parts}
        return clients.pop() if len(clients) == 1 else None


@dataclass(frozen=True, kw_only=True)
class ContactAnswer(Answer):
    """Whether a debtor may be contacted."""

    question: ContactQuestion

    @property
    def looked_at(self) -> tuple[UsedFact, ...]:
        """The contact and what it carries."""
        asked = self.question
        return _used(contact=asked.channel, purpose=asked.purpose, party=asked.party, carries=_carried(asked.content))

    @property
    def at(self) -> datetime:
        """The instant that was asked about."""
        return self.question.at

    @property
    def channel(self) -> CommunicationChannel:
        """The channel that was asked about."""
        return self.question.channel

    @property
    def contact_point_id(self) -> UUID | None:
        """The contact point that was asked about."""
        return self.question.contact_point_id


@dataclass(frozen=True, kw_only=True)
class ActAnswer(Answer):
    """Whether something may be done about a debt."""

    question: ActQuestion

    @property
    def looked_at(self) -> tuple[UsedFact, ...]:
        """The act and what it carries."""
        return _used(act=self.question.action, carries=_carried(self.question.content))

    @property
    def action(self) -> ActionKind:
        """What was asked about."""
        return self.question.action

    @property
    def account_id(self) -> UUID:
        """The debt that was asked about."""
        return self.question.account_id

    @property
    def at(self) -> datetime:
        """The instant that was asked about."""
        return self.question.at


@dataclass(frozen=True, kw_only=True)
class PaymentAnswer(Answer):
    """Whether money may be taken for a debt."""

    question: PaymentQuestion

    @property
    def looked_at(self) -> tuple[UsedFact, ...]:
        """The means of payment, on whose wish, and whether it recurs."""
        asked = self.question
        return _used(payment=asked.method, wish=asked.initiated_by, recurring="yes" if asked.recurring else "no")

    @property
    def at(self) -> datetime:
        """The instant that was asked about."""
        return self.question.at


AnyAnswer: TypeAlias = ContactAnswer | ActAnswer | PaymentAnswer


def requirement(text: str, position: int = 0) -> Requirement:
    """A requirement as it is shown, read from its text."""
    read = Reading.read(text)
    return Requirement(position, text, read.kind.value, read.word, read.kind.mutation, read.meaning)


def _used(**facts: str) -> tuple[UsedFact, ...]:
    return tuple(
        UsedFact(place, name, value.replace("_", " ").lower()) for place, (name, value) in enumerate(facts.items())
    )


def _carried(content: Iterable[Content]) -> str:
    return ", ".join(sorted(content)) or "nothing that was named"


def _shown(said: Iterable[tuple[UUID | None, RuleFinding]], looked_at: tuple[UsedFact, ...]) -> list[Finding]:
    unique = sorted(set(said), key=lambda pair: (-pair[1].verdict, *_order(pair[1]), str(pair[0] or "")))
    return [_finding(position, client_id, finding, looked_at) for position, (client_id, finding) in enumerate(unique)]


def _order(finding: RuleFinding) -> Sequence[str]:
    texts = (finding.plugin, finding.rule, finding.reason, finding.requirement or "", finding.missing_fact or "")
    return (*texts, "" if finding.until is None else finding.until.isoformat(), finding.citation)


def _finding(position: int, client_id: UUID | None, finding: RuleFinding, looked_at: tuple[UsedFact, ...]) -> Finding:
    facts = tuple(UsedFact(place, name, value) for place, (name, value) in enumerate(finding.facts))
    if not facts and finding.citation and finding.verdict > RuleVerdict.ALLOW:
        facts = looked_at
    return Finding(
        position=position,
        client_id=None if client_id is None else encode_id("clnt", client_id),
        verdict=Verdict[finding.verdict.name],
        reason=finding.reason,
        rule=finding.rule,
        citation=finding.citation,
        until=finding.until,
        requirement=finding.requirement,
        missing_fact=finding.missing_fact,
        plugin=finding.plugin,
        plugin_version=finding.plugin_version,
        settings_version=finding.settings_version,
        facts=facts,
        confidence=finding.confidence,
    )
