"""Rules of states and cities of the United States, with their limitation periods and licences."""

from __future__ import annotations

from collections.abc import Sequence

from arrears_sdk.host import Host
from arrears_sdk.plugin import Plugin
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, PaymentAttempt
from arrears_us_states import (
    california,
    district_of_columbia,
    district_of_columbia_debts,
    licences,
    limitation,
    massachusetts,
    new_york,
    new_york_city,
    others,
    others_debts,
    washington,
    washington_debts,
)
from arrears_us_states.packs import ACTIONS, CONTACTS, PAYMENTS
from arrears_us_states.settings import UsStatesConfig

# The modules add their rules to the packs when they are imported.
MODULES = (
    california,
    district_of_columbia,
    district_of_columbia_debts,
    licences,
    limitation,
    massachusetts,
    new_york,
    new_york_city,
    others,
    others_debts,
    washington,
    washington_debts,
)


class UsStates(Plugin[UsStatesConfig]):
    """Rules of states and cities of the United States, with their limitation periods and licences."""

    name = "us-states"
    packs = (CONTACTS, PAYMENTS, ACTIONS)

    def __init__(self, config: UsStatesConfig, host: Host) -> None:
        super().__init__(config, host)
        self._contacts = CONTACTS.under(config)
        self._payments = PAYMENTS.under(config)
        self._actions = ACTIONS.under(config)

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """What the law says of each contact."""
        return self._contacts.rule_on(attempts)

    def rule_on_payments(self, attempts: Sequence[PaymentAttempt]) -> list[Ruling]:
        """What the law says of each payment to be taken."""
        return self._payments.rule_on(attempts)

    def rule_on_actions(self, attempts: Sequence[ActionAttempt]) -> list[Ruling]:
        """What the law says of each act about a debt."""
        return self._actions.rule_on(attempts)
