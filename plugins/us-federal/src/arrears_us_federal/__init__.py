"""Rules of the United States: FDCPA, Regulation F, FCRA, TCPA, EFTA, SCRA, bankruptcy."""

from __future__ import annotations

from collections.abc import Sequence

import arrears_us_federal.bankruptcy
import arrears_us_federal.calls
import arrears_us_federal.coverage
import arrears_us_federal.debits
import arrears_us_federal.deceased
import arrears_us_federal.disclosures
import arrears_us_federal.disputes
import arrears_us_federal.first_contact
import arrears_us_federal.furnishing
import arrears_us_federal.media
import arrears_us_federal.medical
import arrears_us_federal.money
import arrears_us_federal.persons
import arrears_us_federal.places
import arrears_us_federal.procedures
import arrears_us_federal.representation
import arrears_us_federal.safeguards
import arrears_us_federal.sale
import arrears_us_federal.service_members
import arrears_us_federal.suits
import arrears_us_federal.telephone
import arrears_us_federal.times
import arrears_us_federal.validation  # noqa: F401
from arrears_sdk.host import Host
from arrears_sdk.plugin import Plugin
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, PaymentAttempt
from arrears_us_federal.packs import ACTIONS, CONTACTS, PAYMENTS
from arrears_us_federal.settings import UsFederalConfig


class UsFederal(Plugin[UsFederalConfig]):
    """Rules of the United States: FDCPA, Regulation F, FCRA, TCPA, EFTA, SCRA, bankruptcy."""

    name = "us-federal"
    packs = (CONTACTS, PAYMENTS, ACTIONS)

    def __init__(self, config: UsFederalConfig, host: Host) -> None:
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
