"""The placement that the rows of a file are received in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from arrears.clients.commands import PlacementCreate, placement_create
from arrears.imports.model import ClientTerms
from arrears.imports.queries import placement_by_reference
from arrears.kernel.personal import protect_reference
from arrears.kernel.transaction import Transaction


@dataclass
class Placing:
    """Finds the placement of a reference, or makes it; known from the start when a run has one already."""

    terms: ClientTerms
    reference: str
    received_on: date
    placement_id: UUID | None = None

    async def placement(self, tx: Transaction) -> UUID:
        """The placement, made in the caller's transaction when there is none."""
        if self.placement_id is not None:
            return self.placement_id
        reference = protect_reference(self.reference.strip(), tx.context.vault)
        found = await placement_by_reference(tx, self.terms.client_id, reference)
        if found is not None:
            return found
        change = PlacementCreate(client_id=self.terms.client_id, reference=self.reference, received_on=self.received_on)
        made = await placement_create.within(tx, change)
        await tx.session.flush()
        return made.placement_id
