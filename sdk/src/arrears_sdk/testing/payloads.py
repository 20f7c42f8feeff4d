"""Payloads of events as the platform gives them, with values that are made up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from arrears_sdk.events import JsonValue
from arrears_sdk.payloads import PAYLOADS


class MakesIds(Protocol):
    """Makes up ids of a kind."""

    def id(self, prefix: str) -> str:
        """An id of the kind that the prefix names."""


_IDS: Mapping[str, str] = {
    "account_id": "acct",
    "client_id": "clnt",
    "contact_point_id": "cont",
    "debtor_id": "dbtr",
    "entry_id": "entr",
    "intent_id": "pmnt",
    "name_id": "name",
    "placement_id": "plac",
    "portfolio_id": "port",
    "principal_id": "prin",
    "request_id": "dreq",
    "residence_id": "addr",
    "team_id": "team",
}

_VALUES: Mapping[str, JsonValue] = {
    "after": "ACTIVE",
    "amount_minor": 12_500,
    "before": "NEW",
    "blocks": ["CONTACT"],
    "changed": ["due_on"],
    "channel": "EMAIL",
    "channels": ["EMAIL"],
    "collector_role": "AGENCY",
    "collects_in_client_name": False,
    "corrects_id": None,
    "country": "US",
    "currency": "USD",
    "direction": "OUTBOUND",
    "effective_on": "2026-03-02",
    "ends_at": None,
    "ends_on": "2026-04-08",
    "from_on": "2026-03-02",
    "group": "payments",
    "kind": "PERSON",
    "medium": "LETTER",
    "name": "Example",
    "place": "US-NY",
    "product": None,
    "received_on": "2026-03-02",
    "reference": "4711",
    "result": "DELIVERED",
    "role": "AGENT",
    "scope": "ALL",
    "sent_at": "2026-03-02T12:00:00+00:00",
    "starts_at": "2026-03-02T12:00:00+00:00",
    "status": "SETTLED",
    "time_zone": "America/New_York",
    "until": None,
    "until_on": "2026-03-02",
    "validity": "INVALID",
    "verdict": "ALLOW",
    "version": 1,
}


def payload_of(build: MakesIds, name: str) -> dict[str, JsonValue]:
    """The payload of an event of this name; that of an unknown name is empty."""
    return {key: _value(build, key) for key in PAYLOADS.get(name, ())}


def _value(build: MakesIds, key: str) -> JsonValue:
    if key in _IDS:
        return build.id(_IDS[key])
    if key.endswith("_ids"):
        return [build.id(_IDS[key.removesuffix("s")])]
    return _VALUES[key]
