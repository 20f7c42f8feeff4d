"""What holds for subscribers."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from arrears_sdk.events import EVENTS
from arrears_sdk.ports.subscriber import Subscriber
from arrears_sdk.testing.builders import Builder
from arrears_sdk.testing.check import Violation, check
from arrears_sdk.testing.trial import Session, Trial

HOOK = ("register_subscribers",)


def subscribers(trial: Trial) -> Iterator[tuple[Session, Subscriber]]:
    """Every subscriber under all of the settings, each object of the plugin with a fresh host."""
    for config in trial.settings:
        with trial.session(config) as session:
            for subscriber in session.ports("register_subscribers"):
                assert isinstance(subscriber, Subscriber)
                yield session, subscriber


@check(
    "subscriber.events",
    "Of an event that does not exist nobody is told, and of one named twice twice: work is not done, or done again.",
    hooks=HOOK,
    needs=("registration.ports",),
)
def events_exist(trial: Trial) -> None:
    """It names events as the platform does, in the past tense: `PaymentRecorded`."""
    for _, subscriber in subscribers(trial):
        names: object = subscriber.events
        if not isinstance(names, tuple) or not names:
            raise Violation(f"{subscriber.key} names no events in a tuple")
        for event in subscriber.events:
            if event not in EVENTS:
                near = difflib.get_close_matches(str(event), EVENTS, n=1)
                hint = f"; the nearest is {near[0]}" if near else ""
                raise Violation(f"{subscriber.key} wants to be told of {event!r}, which never happens{hint}")
        if len(set(subscriber.events)) != len(subscriber.events):
            raise Violation(f"{subscriber.key} names an event twice")


@check(
    "subscriber.handles",
    "A subscriber that fails on every event is given up after eight times, and a client's ledger misses a payment.",
    hooks=HOOK,
    needs=("subscriber.events",),
)
def ordinary_events_are_taken(trial: Trial) -> None:
    """Ordinary events of every kind that it names are taken without an error."""
    for session, subscriber in subscribers(trial):
        for seed, event in enumerate(subscriber.events):
            _tell(session, subscriber, trial, seed, event)


@check(
    "subscriber.twice",
    "Events come at least once: what is done twice for one event is a second letter, or a second payment passed on.",
    hooks=HOOK,
    needs=("subscriber.handles",),
)
def told_twice_is_told_once(trial: Trial) -> None:
    """Told of an event again, it keeps what it kept after the first time."""
    for session, subscriber in subscribers(trial):
        for seed, event in enumerate(subscriber.events):
            _tell(session, subscriber, trial, seed, event)
            once = session.host.kept()
            _tell(session, subscriber, trial, seed, event)
            if session.host.kept() != once:
                raise Violation(f"{subscriber.key} keeps something else once it is told of the same {event} again")


def _tell(session: Session, subscriber: Subscriber, trial: Trial, seed: int, event: str) -> None:
    told = trial.samples.events(Builder(seed), event)
    try:
        session.call(subscriber.handle, told)
    except Violation:
        raise
    except Exception as error:
        raise Violation(f"{subscriber.key} raised {type(error).__name__} for {event}: {error}") from error
