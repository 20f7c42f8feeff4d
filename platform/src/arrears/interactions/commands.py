"""The writers of the contact log: record a contact, correct one that was recorded wrongly."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime

from arrears.access.model import Permission
from arrears.clients.model import checked_text
from arrears.debtors.model import CommunicationChannel
from arrears.interactions.gate import Passage
from arrears.interactions.model import Direction, EndpointType, Initiator, InteractionResult, PartyReached
from arrears.interactions.queries import correction_of, discussed_accounts
from arrears.interactions.recording import (
    Correction,
    InteractionContent,
    InteractionRecord,
    InteractionRecorded,
    record_interactions,
)
from arrears.interactions.tables import InteractionRow
from arrears.kernel.command import Command, Result, command, load
from arrears.kernel.personal import mask_card_numbers
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import ErrorCode, Problem, RefusedError

CORRECTED_ALREADY = Problem(
    ErrorCode.ALREADY_CORRECTED, "This interaction was corrected already.", ("input", "interactionId")
)


class InteractionCorrect(Command):
    """What should have been recorded; whatever is left out stays as in the interaction that is corrected."""

    interaction_id: UUID
    reason: str
    account_id: UUID | None = None
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    channel: CommunicationChannel | None = None
    direction: Direction | None = None
    contact_point_id: UUID | None = None
    endpoint: str | None = None
    endpoint_type: EndpointType | None = None
    party_reached: PartyReached | None = None
    result: InteractionResult | None = None
    debts_discussed: tuple[UUID, ...] | None = None
    initiated_by: Initiator | None = None
    at_debtor_request: bool | None = None
    required_by_law: bool | None = None
    debtor_zone: str | None = None
    language: str | None = None
    content: str | None = None
    disclosures: tuple[str, ...] | None = None
    template: str | None = None
    template_version: str | None = None
    opt_out_line: bool | None = None
    bounce_notice: str | None = None
    recording_reference: str | None = None
    note: str | None = None


class InteractionCorrected(Result):
    """The interaction that now counts, and the one that it supersedes."""

    interaction_id: UUID
    superseded_id: UUID


_COPIED = frozenset(InteractionContent.model_fields) - {"debts_discussed"} | {"account_id"}
# What follows from something else is worked out anew when that something is corrected.
_DERIVED = {
    "party_reached": {"result"},
    "endpoint": {"contact_point_id"},
    "endpoint_type": {"contact_point_id"},
    "initiated_by": {"direction"},
}


@command("interaction.record", permission=Permission.INTERACTIONS_WRITE)
async def record_interaction(tx: Transaction, change: InteractionRecord) -> InteractionRecorded:
    """Write down one contact or attempt."""
    (recorded,) = await record_interactions(tx, [change], at=[("input",)])
    return recorded


@command(
    "interaction.correct",
    permission=Permission.INTERACTIONS_WRITE,
    constraints={"uq_interaction_corrects_id": CORRECTED_ALREADY},
)
async def correct_interaction(tx: Transaction, change: InteractionCorrect) -> InteractionCorrected:
    """Put a wrongly recorded interaction right by one that supersedes it; both stay in the log."""
    original = await load(tx, InteractionRow, change.interaction_id, kind="intr", field=("input", "interactionId"))
    connection = await tx.connection()
    if await correction_of(connection, original.id) is not None:
        raise RefusedError(CORRECTED_ALREADY.message, code=CORRECTED_ALREADY.code, field=CORRECTED_ALREADY.field)
    reason = mask_card_numbers(checked_text(change.reason, ("input", "reason"), most=2000))
    discussed = await discussed_accounts(connection, original.id)
    record = InteractionRecord(**_merged(original, change, discussed))
    correction = Correction(original.id, reason, _passage(original, record, discussed))
    (recorded,) = await record_interactions(tx, [record], at=[("input",)], corrections=[correction])
    return InteractionCorrected(interaction_id=recorded.interaction_id, superseded_id=original.id)


def _merged(original: InteractionRow, change: InteractionCorrect, discussed: tuple[UUID, ...]) -> dict[str, Any]:
    """The fields of the original with those that the correction gives in their place."""
    named = {name: getattr(change, name) for name in change.model_fields_set - {"interaction_id", "reason"}}
    given = {name: value for name, value in named.items() if value is not None or name in _FORGETTABLE}
    kept = {
        name: getattr(original, name)
        for name in _COPIED
        if name not in given and not _DERIVED.get(name, set()) & given.keys()
    }
    subject = {"debtor_id": original.debtor_id, "client_id": original.client_id}
    return {**kept, "debts_discussed": discussed, **subject, **given}


def _passage(original: InteractionRow, record: InteractionRecord, discussed: Collection[UUID]) -> Passage | None:
    """How the original stood to the gate, if it was the same contact; else the gate looks at what it really was."""
    was = Passage(original.permit_id, original.decision_id, original.outside_gate)
    same = all(getattr(original, name) == getattr(record, name) for name in _WHAT_WAS_PERMITTED)
    same = same and record.endpoint in (None, original.endpoint)
    same = same and set(record.debts_discussed) <= {*discussed, original.account_id}
    return was if same else None


_WHAT_WAS_PERMITTED = ("account_id", "debtor_id", "started_at", "channel", "direction", "contact_point_id")

# What a correction may take away by an explicit null.
_FORGETTABLE = frozenset(
    {
        "account_id",
        "ended_at",
        "contact_point_id",
        "endpoint",
        "debtor_zone",
        "language",
        "content",
        "template",
        "template_version",
        "bounce_notice",
        "recording_reference",
        "note",
    }
)

__all__ = [
    "InteractionCorrect",
    "InteractionCorrected",
    "InteractionRecord",
    "InteractionRecorded",
    "correct_interaction",
    "record_interaction",
    "record_interactions",
]
