"""Rules of the European Union, Germany and other member states."""

from __future__ import annotations

from collections.abc import Sequence

from arrears_european_union import (
    credit,
    data_protection,
    german_claims,
    german_services,
    germany,
    italy,
    late_payment,
    neighbours,
)
from arrears_european_union.packs import ACTIONS, CONTACTS, PAYMENTS
from arrears_european_union.settings import EuropeanUnionConfig
from arrears_sdk.host import Host
from arrears_sdk.plugin import Plugin
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, PaymentAttempt

# Importing a body of law registers its rules.
BODIES = (credit, data_protection, german_claims, german_services, germany, italy, late_payment, neighbours)


class EuropeanUnion(Plugin[EuropeanUnionConfig]):
    """Rules of the European Union, Germany and other member states."""

    name = "european-union"
    packs = (CONTACTS, PAYMENTS, ACTIONS)

    def __init__(self, config: EuropeanUnionConfig, host: Host) -> None:
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
