"""A subscriber says what it wants to be told of, and a name that does not exist is refused at once."""

from __future__ import annotations

import pytest

from arrears_sdk.events import Event
from arrears_sdk.ports.subscriber import Subscriber


async def ignore(event: Event) -> None:
    """Takes the event and does nothing."""


def test_a_subscriber_names_events_of_the_catalogue() -> None:
    subscriber = Subscriber(key="ledger", events=("PaymentRecorded", "PaymentReversed"), handle=ignore)

    assert subscriber.events == ("PaymentRecorded", "PaymentReversed")


@pytest.mark.parametrize(
    ("key", "events", "reason"),
    [
        ("", ("PaymentRecorded",), "a key that stays"),
        ("ledger", (), "names no event"),
        ("ledger", ("PaymentRecorded", "PaymentRecordd"), "'PaymentRecordd', which is no event.*'PaymentRecorded'"),
        ("ledger", ("payment",), "the nearest is 'Payment"),
    ],
    ids=["keyless", "deaf", "misspelt", "far"],
)
def test_a_subscriber_that_could_never_be_told_is_refused(key: str, events: tuple[str, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Subscriber(key=key, events=events, handle=ignore)
