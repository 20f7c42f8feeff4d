"""Names, settings, hooks and objects that are wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import BaseModel, ConfigDict

from arrears_sdk.host import Host
from arrears_sdk.plugin import Config, NoConfig, Plugin
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt


class Named(Plugin):
    """Takes another name after it was made."""

    name = "named"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Allows everything."""
        return [Ruling.allow() for _ in attempts]


Named.name = "Not A Name"


class Idle(Plugin):
    """Implements nothing."""

    name = "idle"


class LooseConfig(Config):
    """Takes whatever it is given."""

    model_config = ConfigDict(extra="ignore")


class Loose(Plugin[LooseConfig]):
    """Has settings that may be misspelt."""

    name = "loose"
    rule_on_contacts = Named.rule_on_contacts


class SoftConfig(Config):
    """Can be changed."""

    model_config = ConfigDict(frozen=False)


class Soft(Plugin[SoftConfig]):
    """Has settings that can be changed while it runs."""

    name = "soft"
    rule_on_contacts = Named.rule_on_contacts


class ShapelessConfig(Config):
    """Holds what JSON cannot."""

    rule: Callable[[int], int] | None = None


class Shapeless(Plugin[ShapelessConfig]):
    """Has settings without a schema."""

    name = "shapeless"
    rule_on_contacts = Named.rule_on_contacts


class Provider(BaseModel):
    """Inner settings with a secret in plain text."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    api_key: str | None = None


class TalkativeConfig(Config):
    """Shows its secret."""

    provider: Provider = Provider()


class Talkative(Plugin[TalkativeConfig]):
    """Has a secret that is plain text."""

    name = "talkative"
    rule_on_contacts = Named.rule_on_contacts


class Unmakeable(Plugin):
    """Cannot be made."""

    name = "unmakeable"
    rule_on_contacts = Named.rule_on_contacts

    def __init__(self, config: NoConfig, host: Host) -> None:
        super().__init__(config, host)
        raise RuntimeError("no")


class Unstoppable(Plugin):
    """Cannot be stopped."""

    name = "unstoppable"
    rule_on_contacts = Named.rule_on_contacts

    async def stop(self) -> None:
        """Fails."""
        raise RuntimeError("no")
