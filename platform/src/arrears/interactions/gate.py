"""How a recorded contact stands to the gate. Which gate there is, a later domain says: this one knows of none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from arrears.debtors.model import CommunicationChannel
from arrears.interactions.model import Initiator
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import FaultError


@dataclass(frozen=True, kw_only=True)
class OutboundContact:
    """A contact from the agency that is about to be recorded; `field` is where the caller named the permit.

    `is_elsewhere` says that a number or address was written out that is not the contact point's.
    """

    client_id: UUID
    debtor_id: UUID
    account_ids: tuple[UUID, ...]
    started_at: datetime
    channel: CommunicationChannel
    contact_point_id: UUID | None
    is_elsewhere: bool
    initiated_by: Initiator
    at_debtor_request: bool
    required_by_law: bool
    language: str | None
    opt_out_line: bool
    permit_id: UUID | None
    field: tuple[str, ...]


@dataclass(frozen=True)
class Passage:
    """By which permit a contact was made and what was decided; outside the gate, the decision came afterwards."""

    permit_id: UUID | None = None
    decision_id: UUID | None = None
    outside_gate: bool = False


class ContactGate(Protocol):
    """What looks at contacts from the agency as they are recorded, in the same transaction."""

    async def passages(self, tx: Transaction, contacts: Sequence[OutboundContact]) -> list[Passage]:
        """How each stands; RefusedError for a permit that is not good for its contact."""
        ...


class GateKeeper:
    """Keeps the one gate of this process."""

    def __init__(self) -> None:
        self._gate: ContactGate | None = None

    def keep(self, gate: ContactGate) -> None:
        """From now on this one is asked."""
        self._gate = gate

    @property
    def gate(self) -> ContactGate:
        """The gate; FaultError when none was set up, since no contact may be recorded past it."""
        if self._gate is None:
            raise FaultError("No gate was set up: contacts cannot be recorded.")
        return self._gate


gate_keeper = GateKeeper()
