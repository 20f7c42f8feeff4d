"""The one place where the platform asks what the law says of contacts, acts and payments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from arrears.compliance.model import AskedPlugin
from arrears.compliance.settings import ComplianceSettings
from arrears.compliance.state import NO_RULES_RULE, platform_says
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place, SettingsSnapshot
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, PaymentAttempt

CONTACTS, ACTIONS, PAYMENTS = "rule_on_contacts", "rule_on_actions", "rule_on_payments"

AttemptT = TypeVar("AttemptT", ContactAttempt, PaymentAttempt, ActionAttempt)


async def rulings_of(
    host: PluginHost, hook: str, attempts: Sequence[AttemptT], places: Sequence[Place]
) -> list[Ruling]:
    """What the plugins say of each attempt; where nobody is asked, what the settings make of that."""
    said = await host.rule(hook, attempts, places)
    snapshot = await host.snapshot()
    silent = {place: await _nobody_asked(host, snapshot, place, hook) for place in set(places)}
    return [ruling | silent[place] for ruling, place in zip(said, places, strict=True)]


def asked_plugins(
    host: PluginHost, snapshot: SettingsSnapshot, place: Place, hook: str = CONTACTS
) -> tuple[AskedPlugin, ...]:
    """The plugins that answer a hook at a place, whatever they say."""
    return tuple(
        AskedPlugin(name, version, snapshot.version)
        for name, version in host.versions(hook).items()
        if version is not None and snapshot.effective(name, place).enabled
    )


async def _nobody_asked(host: PluginHost, snapshot: SettingsSnapshot, place: Place, hook: str) -> Ruling:
    """What is said where no plugin is there to be asked: never that everything is fine."""
    if any(snapshot.effective(name, place).enabled for name in host.versions(hook)):
        return Ruling()
    reason = "No compliance plugin is enabled here: nobody has looked whether the law allows this."
    settings = await host.config(ComplianceSettings, place)
    strict = settings.without_rules == "DENY"
    ruling = Ruling.deny(reason, rule=NO_RULES_RULE) if strict else Ruling.warn(reason, rule=NO_RULES_RULE)
    return platform_says(ruling, snapshot.version)
