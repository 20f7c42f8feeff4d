"""One id for two laws."""

from __future__ import annotations

from collections.abc import Sequence

from arrears_sdk.plugin import Plugin
from arrears_sdk.rules import RulePack
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt
from arrears_sdk.vocabulary import CommunicationChannel

CONTACTS: RulePack[ContactAttempt] = RulePack("twice")
ACTIONS: RulePack[ActionAttempt] = RulePack("twice")


@CONTACTS.rule("hostile.twice", citation="Postcard Act, s. 1", jurisdiction="US")
def no_postcards(attempt: ContactAttempt) -> Ruling | None:
    """No postcards."""
    return Ruling.deny("It is a postcard.") if attempt.channel is CommunicationChannel.POSTCARD else None


@ACTIONS.rule("hostile.twice", citation="Suit Act, s. 2", jurisdiction="US")
def no_small_suits(attempt: ActionAttempt) -> Ruling | None:
    """No acts about less than one unit of money."""
    return Ruling.deny("It is too small.") if attempt.account.balance.minor < 100 else None


class Twice(Plugin):
    """Gives two laws one id."""

    name = "twice"
    packs = (CONTACTS, ACTIONS)

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """What one law says."""
        return CONTACTS.rule_on(attempts)

    def rule_on_actions(self, attempts: Sequence[ActionAttempt]) -> list[Ruling]:
        """What the other law says."""
        return ACTIONS.rule_on(attempts)
