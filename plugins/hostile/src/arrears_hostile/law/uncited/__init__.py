"""A finding that is of no rule of the pack."""

from __future__ import annotations

from collections.abc import Sequence

from arrears_sdk.plugin import Plugin
from arrears_sdk.rules import RulePack
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt
from arrears_sdk.vocabulary import CommunicationChannel

LAW: RulePack[ContactAttempt] = RulePack("uncited")


@LAW.rule("hostile.postcards", citation="Postcard Act, s. 1", jurisdiction="US")
def no_postcards(attempt: ContactAttempt) -> Ruling | None:
    """No postcards."""
    return Ruling.deny("It is a postcard.") if attempt.channel is CommunicationChannel.POSTCARD else None


class Uncited(Plugin):
    """Adds an opinion of its own to what the law says."""

    name = "uncited"
    packs = (LAW,)

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """The law, and a warning that cites nothing."""
        return [ruling | Ruling.warn("it feels wrong", rule="hostile.feeling") for ruling in LAW.rule_on(attempts)]
