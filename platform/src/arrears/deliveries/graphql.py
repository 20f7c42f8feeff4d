"""Dead letters in the schema: the events that a plugin could not take, and what people do about them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from arrears.access.model import Permission
from arrears.deliveries.commands import discard_dead_letter, replay_dead_letter
from arrears.deliveries.model import DeadLetterState
from arrears.graphql.declare import (
    Connection,
    Info,
    column,
    describe_enum,
    entity,
    expression,
    loaded,
    mutations,
    one,
    queries,
    root_many,
    root_one,
)
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, mutation, payload, run

if TYPE_CHECKING:
    from arrears.clients.graphql import Client

describe_enum(
    DeadLetterState,
    "What became of an event that a subscriber could not take.",
    {
        "DEAD": "Nobody has done anything about it yet.",
        "REPLAYED": "The subscriber was told again; if that failed as well, there is a new dead letter.",
        "DISCARDED": "The subscriber is not told of it any more.",
    },
)


@entity(
    "dead",
    table="dead_letter",
    description="An event that a plugin's subscriber could not take, however often it was told.",
    permission=Permission.EVENTS_READ,
    scope_column="client_id",
)
class DeadLetter:
    state: DeadLetterState = column(description="What became of it.", filter=True)
    plugin: str = column(description="The plugin.", filter=True)
    subscriber: str = column(description="The plugin's own name of the subscriber.")
    event_name: str = column(description="What happened, such as PaymentRecorded.", filter=True)
    event_id: str = expression("public_id('evnt', {row}.event_id)", description="The id of the event.")
    subject_id: str = expression("public_id({row}.subject, {row}.subject_id)", description="To what it happened.")
    client: Client | None = one("client_id", description="The client whose event it is, if it is one's.", filter=True)
    attempts: int = column(description="How often the subscriber was told.")
    error: str = column(description="Why it failed the last time; personal data in it is masked.")
    occurred_at: datetime.datetime = column(description="When the event happened.")
    died_at: datetime.datetime = column(description="When it was given up.", filter=True, order=True)
    settled_at: datetime.datetime | None = column(description="When it was replayed or discarded.")
    settled_by: str | None = column("settled_by_name", description="Who did that.")
    reason: str | None = column(description="Why it was discarded.")


@queries
class DeadLetterQueries:
    dead_letter: DeadLetter | None = root_one(description="One dead letter.", permission=Permission.EVENTS_READ)
    dead_letters: Connection[DeadLetter] = root_many(
        description="Events that plugins could not take, the latest first.",
        permission=Permission.EVENTS_READ,
        order="-died_at",
    )


@input_type(description="A dead letter whose event is to be told again.")
class DeadLetterReplayInput(Input):
    idempotency_key: str | None = input_field(description="The same key with the same input is done once.")
    dead_letter_id: ID = input_field("dead", description="The dead letter.")


@input_type(description="A dead letter whose event is to be let be.")
class DeadLetterDiscardInput(Input):
    idempotency_key: str | None = input_field(description="The same key with the same input is done once.")
    dead_letter_id: ID = input_field("dead", description="The dead letter.")
    reason: str = input_field(description="Why; kept with it and in the audit.")


@payload
class DeadLetterReplayPayload(Payload):
    """The dead letter that was replayed."""

    dead_letter: DeadLetter | None = loaded("dead_letter_id", description="The dead letter that was replayed.")


@payload
class DeadLetterDiscardPayload(Payload):
    """The dead letter that was discarded."""

    dead_letter: DeadLetter | None = loaded("dead_letter_id", description="The dead letter that was discarded.")


@mutations
class DeadLetterMutations:
    @mutation(
        replay_dead_letter,
        description="Have a plugin's subscriber told of an event again, as patiently as of a new one. It comes after"
        " later events of its subject that the subscriber took in the meantime.",
    )
    async def dead_letter_replay(self, info: Info, input: DeadLetterReplayInput) -> DeadLetterReplayPayload:
        return await run(
            info, DeadLetterReplayPayload, replay_dead_letter, input, idempotency_key=input.idempotency_key
        )

    @mutation(discard_dead_letter, description="Let an event be that a plugin's subscriber could not take.")
    async def dead_letter_discard(self, info: Info, input: DeadLetterDiscardInput) -> DeadLetterDiscardPayload:
        return await run(
            info, DeadLetterDiscardPayload, discard_dead_letter, input, idempotency_key=input.idempotency_key
        )
