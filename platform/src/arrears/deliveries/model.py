"""Events as plugins are told of them, how patiently each is told again, and what a dead letter can become."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from arrears.kernel.events import RecordedEvent
from arrears_sdk.events import Event, JsonValue
from arrears_sdk.ids import encode_id

ATTEMPTS = 8
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 3600.0
LONGEST_ERROR = 500
LONGEST_REASON = 500
# The subscriber of an event that happened while its plugin did not run: whom it has to tell is not known yet.
UNKNOWN_SUBSCRIBER = "*"


class DeadLetterState(StrEnum):
    """What became of an event that a subscriber could not take."""

    DEAD = "DEAD"
    REPLAYED = "REPLAYED"
    DISCARDED = "DISCARDED"


def wait_after(failures: int) -> float | None:
    """Seconds until an event is told again after so many failures in a row; None when it was told often enough."""
    if failures >= ATTEMPTS:
        return None
    return float(min(FIRST_WAIT_SECONDS * 4 ** (failures - 1), LONGEST_WAIT_SECONDS))


def as_told(event: RecordedEvent) -> Event:
    """The event as a plugin sees it: ids name their kind, and the payload's names are written one way."""
    return Event(
        id=encode_id("evnt", event.id),
        name=event.name,
        subject_id=encode_id(event.subject, event.subject_id),
        client_id=None if event.client_id is None else encode_id("clnt", event.client_id),
        occurred_at=event.occurred_at,
        payload={_snake(name): _told(_snake(name), value) for name, value in event.payload.items()},
    )


# Of which kind the ids are that payloads hold under these names.
_KINDS: Mapping[str, str] = {
    "account_id": "acct",
    "client_id": "clnt",
    "contact_point_id": "cont",
    "corrects_id": "intr",
    "debtor_id": "dbtr",
    "entry_id": "entr",
    "intent_id": "pmnt",
    "name_id": "name",
    "payment_id": "paym",
    "placement_id": "plac",
    "portfolio_id": "port",
    "principal_id": "prin",
    "request_id": "dreq",
    "residence_id": "addr",
    "team_id": "team",
}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: "_" + found[1].lower(), name)


def _told(name: str, value: JsonValue) -> JsonValue:
    if name.endswith("_ids") and isinstance(value, list):
        return [_told(name.removesuffix("s"), each) for each in value]
    kind = _KINDS.get(name)
    if kind is None or not isinstance(value, str):
        return value
    try:
        return encode_id(kind, UUID(value))
    except ValueError:
        return value
