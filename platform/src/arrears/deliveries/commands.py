"""What people do about dead letters: have the subscriber told again, or let the event be."""

from __future__ import annotations

from uuid import UUID

from arrears.access.model import Permission
from arrears.clients.model import checked_text
from arrears.deliveries.model import LONGEST_REASON, DeadLetterState
from arrears.deliveries.tables import DeadLetterRow
from arrears.kernel.command import Command, Result, command, load
from arrears.kernel.personal import mask_card_numbers
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import ErrorCode, RefusedError
from arrears_sdk.ids import new_id


class DeadLetterReplay(Command):
    """The dead letter whose event is to be told again."""

    dead_letter_id: UUID


class DeadLetterDiscard(Command):
    """The dead letter that nobody is to be told of any more, and why."""

    dead_letter_id: UUID
    reason: str


class DeadLetterSettled(Result):
    """The dead letter that is none any more."""

    dead_letter_id: UUID


@command("deadLetter.replay", permission=Permission.EVENTS_WRITE)
async def replay_dead_letter(tx: Transaction, change: DeadLetterReplay) -> DeadLetterSettled:
    """Have the subscriber told of the event again, as patiently as of a new one."""
    letter = await _settle(tx, change.dead_letter_id, DeadLetterState.REPLAYED, None)
    parameters = {
        "id": new_id(),
        "event": letter.event_id,
        "plugin": letter.plugin,
        "subscriber": letter.subscriber,
    }
    await (await tx.connection()).execute(_DELIVER, parameters)
    return DeadLetterSettled(dead_letter_id=letter.id)


@command("deadLetter.discard", permission=Permission.EVENTS_WRITE)
async def discard_dead_letter(tx: Transaction, change: DeadLetterDiscard) -> DeadLetterSettled:
    """Let the event be: the subscriber is not told of it any more."""
    reason = mask_card_numbers(checked_text(change.reason, ("input", "reason"), most=LONGEST_REASON))
    letter = await _settle(tx, change.dead_letter_id, DeadLetterState.DISCARDED, reason)
    return DeadLetterSettled(dead_letter_id=letter.id)


async def _settle(tx: Transaction, id: UUID, state: DeadLetterState, reason: str | None) -> DeadLetterRow:
    letter = await load(tx, DeadLetterRow, id, kind="dead", field=("input", "deadLetterId"), lock=True)
    if letter.state != DeadLetterState.DEAD:
        message = f"This dead letter was {letter.state.lower()} already."
        raise RefusedError(message, code=ErrorCode.ALREADY_ENDED, field=("input", "deadLetterId"))
    letter.state, letter.reason = state.value, reason
    letter.settled_at, letter.settled_by_name = tx.now, tx.context.principal.name
    tx.audit(
        subject="dead",
        subject_id=letter.id,
        client_id=letter.client_id,
        before={"state": DeadLetterState.DEAD},
        after={
            "state": state,
            "reason": reason,
            "plugin": letter.plugin,
            "subscriber": letter.subscriber,
            "event": letter.event_id,
        },
    )
    await tx.session.flush()
    return letter


# One that is on its way already is left as it is.
_DELIVER = """
insert into delivery (id, event_id, position, plugin, subscriber, client_id, subject_id)
select %(id)s, event.id, event.position, %(plugin)s, %(subscriber)s, event.client_id, event.subject_id
from event where event.id = %(event)s
on conflict on constraint uq_delivery_event_id_plugin_subscriber do nothing
"""
