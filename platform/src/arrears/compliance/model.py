"""The words of decisions: what was asked, what each rule said, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from arrears.plugins.settings import Place
from arrears_sdk.ids import encode_id
from arrears_sdk.ruling import Finding as RuleFinding, Ruling
from arrears_sdk.vocabulary import CommunicationChannel, ContactChannel, Initiator


class Verdict(StrEnum):
    """What may be done, from the mildest to the strictest."""

    ALLOW = "ALLOW"
    WARN = "WARN"
    REQUIRE = "REQUIRE"
    DEFER = "DEFER"
    DENY = "DENY"


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

    @property
    def initiated_by(self) -> Initiator:
        """Whose wish it is; a call back that the debtor asked for is the debtor's, though the agency dials."""
        return Initiator.DEBTOR if self.at_debtor_request else Initiator.AGENCY


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule said, for the debts of one client. Dataclass and stored JSON have the same names."""

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


@dataclass(frozen=True)
class AccountAnswer:
    """What may be done about one of the accounts, were it the only one."""

    account_id: UUID
    client_id: UUID | None
    verdict: Verdict
    until: datetime | None


@dataclass(frozen=True)
class ContactAnswer:
    """The answer for one debtor, combined from the rulings of all places: the strictest wins, nothing is left out.

    `until` is the end of what is allowed, or for a DEFER the instant at which the whole set of rules stands; `rounds`
    tells how often it was run again to find that.
    """

    question: ContactQuestion
    debtor_id: UUID
    parts: tuple[PlacedRuling, ...]
    until: datetime | None
    rounds: int
    facts_digest: str
    settings_version: int
    later: Ruling = field(default_factory=Ruling)

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

    @cached_property
    def ruling(self) -> Ruling:
        """Everything that was said."""
        return Ruling.combine([self.later, *(part.ruling for part in self.parts)])

    @property
    def verdict(self) -> Verdict:
        """The strictest of all that was said."""
        return Verdict[self.ruling.verdict.name]

    @property
    def requirements(self) -> list[str]:
        """Everything that has to be met first, also beside a DEFER."""
        return list(self.ruling.requirements)

    @cached_property
    def findings(self) -> list[Finding]:
        """Every finding, the strictest first, in an order that does not depend on who was asked first."""
        said: list[tuple[UUID | None, RuleFinding]] = [(None, finding) for finding in self.later.findings]
        said += [(part.place.client_id, finding) for part in self.parts for finding in part.ruling.findings]
        return _shown(said)

    @property
    def accounts(self) -> list[AccountAnswer]:
        """The accounts by themselves, each as its own client's rules have it."""
        return [
            AccountAnswer(id, part.place.client_id, Verdict[part.ruling.verdict.name], part.ruling.until)
            for part in self.parts
            for id in part.account_ids
        ]

    @property
    def plugins(self) -> list[AskedPlugin]:
        """Every plugin that was asked, also one that had nothing to say."""
        return sorted({plugin for part in self.parts for plugin in part.plugins})

    @property
    def client_id(self) -> UUID | None:
        """The client, when all accounts are of one."""
        clients = {part.place.client_id for part in self.parts}
        return clients.pop() if len(clients) == 1 else None


def _shown(said: Iterable[tuple[UUID | None, RuleFinding]]) -> list[Finding]:
    unique = sorted(set(said), key=lambda pair: (-pair[1].verdict, *_order(pair[1]), str(pair[0] or "")))
    return [_finding(position, client_id, finding) for position, (client_id, finding) in enumerate(unique)]


def _order(finding: RuleFinding) -> Sequence[str]:
    texts = (finding.plugin, finding.rule, finding.reason, finding.requirement or "", finding.missing_fact or "")
    return (*texts, "" if finding.until is None else finding.until.isoformat(), finding.citation)


def _finding(position: int, client_id: UUID | None, finding: RuleFinding) -> Finding:
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
    )
