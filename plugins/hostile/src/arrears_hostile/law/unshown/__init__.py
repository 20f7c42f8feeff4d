"""A rule that no case shows."""

from __future__ import annotations

from collections.abc import Sequence

from arrears_sdk.plugin import Plugin
from arrears_sdk.rules import RulePack
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt
from arrears_sdk.vocabulary import CommunicationChannel

LAW: RulePack[ContactAttempt] = RulePack("unshown")


@LAW.rule("hostile.unshown", citation="Postcard Act, s. 1", jurisdiction="US")
def no_postcards(attempt: ContactAttempt) -> Ruling | None:
    """No postcards."""
    return Ruling.deny("It is a postcard.") if attempt.channel is CommunicationChannel.POSTCARD else None


class Unshown(Plugin):
    """Ships no cases."""

    name = "unshown"
    packs = (LAW,)

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """What the law says."""
        return LAW.rule_on(attempts)
