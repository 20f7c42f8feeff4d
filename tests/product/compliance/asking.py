"""Asking through GraphQL whether a debtor may be contacted, and small plugins that answer."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from arrears_sdk.plugin import Config, Plugin
from arrears_sdk.ruling import ALLOWED, Ruling
from arrears_sdk.views import ContactAttempt

FINDINGS = """findings {
  verdict reason rule citation until requirement missingFact plugin pluginVersion settingsVersion clientId
}"""
CAN_CONTACT = f"""
query($debtor: ID, $accounts: [ID!], $channel: CommunicationChannel! = PHONE_CALL, $point: ID, $at: DateTime,
      $asked: Boolean! = false, $law: Boolean! = false) {{
  canContact(debtorId: $debtor, accountIds: $accounts, channel: $channel, contactPointId: $point, at: $at,
             atDebtorRequest: $asked, requiredByLaw: $law) {{
    debtor {{ id }} at channel contactPoint {{ id }} verdict until rounds requirements {{ name }} settingsVersion
    factsDigest
    {FINDINGS} plugins {{ name version settingsVersion }} accounts {{ account {{ id }} verdict until }}
  }}
}}
"""
DECISION = f"""
  id client {{ id }} debtor {{ id }} decidedAt decidedBy channel contactPoint {{ id }} atDebtorRequest requiredByLaw
  verdict until rounds requirements {{ name kind word mutation meaning }} {FINDINGS}
  plugins {{ name version settingsVersion }} factsDigest settingsVersion
  accounts {{ nodes {{ account {{ id }} verdict until }} }} kind retrospective rules {{ rule }}
"""
PERMIT = "id state kind channel contactPoint { id } grantedAt expiresAt usedAt returnedAt recordedAt"
REQUEST = f"""
mutation($input: ContactRequestInput!) {{
  contactRequest(input: $input) {{
    decision {{ {DECISION} }} permit {{ {PERMIT} }} userErrors {{ code message field }}
  }}
}}
"""


def brief(findings: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Verdict, plugin and rule of each finding."""
    return [(finding["verdict"], finding["plugin"], finding["rule"]) for finding in findings]


class Demanding(Plugin):
    """Wants a notice to be sent first."""

    name = "demanding"
    version = "2.1"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Require the notice."""
        said = Ruling.require("validation notice", "No notice was sent.", rule="demanding.notice", citation="§ 1")
        return [said for _ in attempts]


class Refusing(Plugin):
    """Refuses everything."""

    name = "refusing"
    version = "3.0"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Deny."""
        return [Ruling.deny("Never.", rule="refusing.never") for _ in attempts]


class Silent(Plugin):
    """Looks and has nothing to say."""

    name = "silent"
    version = "1.0"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """No objection."""
        return [ALLOWED for _ in attempts]


class Raising(Plugin):
    """Has a fault."""

    name = "raising"
    version = "0.9"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Fail."""
        raise LookupError("no table")


class StepsConfig(Config):
    """How long each deferral is, and how often there is one."""

    hours: int = 24
    times: int = 1_000
    then_deny: bool = False


class Steps(Plugin[StepsConfig]):
    """Defers by some hours, some times, counted from a fixed instant; then allows, or denies."""

    name = "steps"
    version = "1.0"
    START = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Defer while steps are left."""
        return [self._step(attempt) for attempt in attempts]

    def _step(self, attempt: ContactAttempt) -> Ruling:
        step = datetime.timedelta(hours=self.config.hours)
        if attempt.at < self.START + self.config.times * step:
            return Ruling.defer(attempt.at + step, "Not yet.", rule="steps.wait")
        return Ruling.deny("Too late.", rule="steps.over") if self.config.then_deny else ALLOWED
