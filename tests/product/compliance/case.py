"""Debtors in given places with accounts, contact points, holds and contacts, for tests of decisions."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from arrears.accounts.holds import HoldPlace, place_hold
from arrears.accounts.model import HoldBlock, HoldKind, HoldSource
from arrears.compliance.facts import WantedContact, contact_attempts
from arrears.debtors.commands.contacts import consent_record
from arrears.debtors.commands.create import debtor_create
from arrears.debtors.commands.inputs import (
    ConsentRecord,
    DebtorCreate,
    NewClientLink,
    NewContactPoint,
    NewName,
    NewResidence as NewResidence,
)
from arrears.debtors.model import CommunicationChannel, ConsentMethod, ConsentState, ContactChannel, DebtorKind
from arrears.interactions.commands import InteractionRecord, record_interaction
from arrears.interactions.model import Direction, InteractionResult
from arrears.plugins.host import PluginHost
from arrears_sdk.views import ContactAttempt
from tests.conftest import START
from tests.product.accounts.book import Book

NEW_YORK = NewResidence(
    country="US", region="New York", city="New York", postal_code="10001", address_lines="1 Main St"
)
PHONE = "+12125550123"


@dataclass
class Case(Book):
    """A book of debtors for whom something is to be decided."""

    keys: dict[str, str] = field(default_factory=dict)

    async def person(
        self,
        *clients: UUID,
        residences: tuple[NewResidence, ...] = (NEW_YORK,),
        phone: str | None = PHONE,
        **facts: Any,
    ) -> UUID:
        """A person with places and a telephone number."""
        contacts = () if phone is None else (NewContactPoint(channel=ContactChannel.PHONE, value=phone),)
        change = DebtorCreate(
            kind=DebtorKind.PERSON,
            clients=tuple(NewClientLink(client_id=client) for client in clients),
            names=(NewName(full_name="Ada Example"),),
            residences=residences,
            contact_points=contacts,
            **facts,
        )
        return (await debtor_create(self.context(), change)).result.debtor_id

    async def phone_of(self, debtor_id: UUID) -> UUID:
        """The debtor's contact point."""
        rows = await self.rows("select id from contact_point where debtor_id = %(id)s", id=debtor_id)
        found: UUID = rows[0][0]
        return found

    async def hold(self, kind: HoldKind, blocks: tuple[HoldBlock, ...] | None = None, **where: Any) -> UUID:
        """A hold on an account or a debtor."""
        change = HoldPlace(kind=kind, blocks=blocks, reason="Told on the phone", source=HoldSource.DEBTOR, **where)
        return (await place_hold(self.context(), change)).result.hold_id

    async def consent(self, debtor_id: UUID, channel: str, state: str = "REVOKED", **facts: Any) -> None:
        """A consent given or taken back."""
        change = ConsentRecord(
            debtor_id=debtor_id,
            channels=(CommunicationChannel(channel),),
            state=ConsentState(state),
            method=ConsentMethod.WRITTEN,
            source="letter",
            given_directly=True,
            revocation_medium="letter" if state == "REVOKED" else None,
            **facts,
        )
        await consent_record(self.context(), change)

    async def call(self, account_id: UUID, at: datetime.datetime, result: str = "TALKED", **facts: Any) -> UUID:
        """A telephone call from the agency."""
        change = InteractionRecord(
            account_id=account_id,
            started_at=at,
            channel=CommunicationChannel.PHONE_CALL,
            direction=Direction.OUTBOUND,
            result=InteractionResult(result),
            debts_discussed=(account_id,),
            **facts,
        )
        return (await record_interaction(self.context(), change)).result.interaction_id

    async def attempt(
        self, account_id: UUID, *, at: datetime.datetime = START, host: PluginHost | None = None, **facts: Any
    ) -> ContactAttempt:
        """What rules are shown of a telephone call about an account."""
        wanted = WantedContact(at=at, channel=CommunicationChannel.PHONE_CALL, account_ids=(account_id,), **facts)
        (attempt,) = await contact_attempts(self.context(), [wanted], host)
        return attempt
