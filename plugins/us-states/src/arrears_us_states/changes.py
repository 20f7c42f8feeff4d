"""What is recorded begins and ends: a rule that allows says until when, whichever of the records it looked at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial, wraps
from typing import NamedTuple

from arrears_sdk.law.known import Attempt, make_room
from arrears_sdk.law.settings import LawConfig
from arrears_sdk.rules import CHANGES_SOON
from arrears_sdk.ruling import Ruling, Verdict
from arrears_sdk.views import Fact

# Attempts of one batch share their facts; they are kept so that their id stays their own.
_CHANGES: dict[int, tuple[Sequence[Fact], tuple[datetime, ...]]] = {}
_MOST_KEPT = 2_048


def until_it_objects(function: Callable[..., Ruling | None], *, configured: bool) -> Callable[..., Ruling | None]:
    """The same rule; where it does not object now, but will when a fact or consent begins or ends, it says so.

    It is asked again only where something that is recorded changes soon, which is rare.
    """

    @wraps(function)
    def asked(attempt: Attempt) -> Ruling | None:
        said = function(attempt)
        last = _last[0]
        later = last[1] if last[0] is attempt else _later(attempt)
        return _limited(said, later, function) if later else said

    @wraps(function)
    def asked_under(attempt: Attempt, settings: LawConfig) -> Ruling | None:
        said = function(attempt, settings)
        last = _last[0]
        later = last[1] if last[0] is attempt else _later(attempt)
        return _limited(said, later, partial(function, settings=settings)) if later else said

    return asked_under if configured else asked


def _limited(
    said: Ruling | None, later: tuple[Attempt, ...], function: Callable[[Attempt], Ruling | None]
) -> Ruling | None:
    """What a rule says now; where it does not object, with the first instant at which it will."""
    if _objects(said):
        return said
    for changed in later:
        if _objects(function(changed)):
            limit = Ruling.allow(changed.at, reason="What is recorded changes then.")
            return limit if said is None else said | limit
    return said


def _objects(said: Ruling | None) -> bool:
    return said is not None and said.verdict > Verdict.WARN


class _Last(NamedTuple):
    """The attempt that was asked about last, and as it will be when something of it changes: all rules ask the same."""

    attempt: Attempt | None
    later: tuple[Attempt, ...]


# Changed as a whole only, so that threads see what belongs to the attempt that they see.
_last = [_Last(None, ())]


def _later(attempt: Attempt) -> tuple[Attempt, ...]:
    """The attempt at each instant soon after it at which something that is recorded changes."""
    facts = attempt.facts
    later: tuple[Attempt, ...] = ()
    if (facts and _of_facts(facts)[-1] > attempt.at) or _consents_change(attempt):
        later = tuple([replace(attempt, at=instant) for instant in _changes(attempt)])
    _last[0] = _Last(attempt, later)
    return later


def _consents_change(attempt: Attempt) -> bool:
    at = attempt.at
    for consent in attempt.debtor.consents:
        if consent.given_at > at or (consent.expires_at is not None and consent.expires_at > at):
            return True
    return False


def _changes(attempt: Attempt) -> Iterator[datetime]:
    """The instants soon after the attempt at which a fact or a consent begins or ends, in their order."""
    facts = _of_facts(attempt.facts)
    ends = attempt.at + CHANGES_SOON
    found = {instant for instant in facts[bisect_right(facts, attempt.at) :] if instant <= ends}
    for consent in attempt.debtor.consents:
        found.update(
            instant
            for instant in (consent.given_at, consent.expires_at)
            if instant is not None and attempt.at < instant <= ends
        )
    yield from sorted(found)


def _of_facts(facts: tuple[Fact, ...]) -> tuple[datetime, ...]:
    """Every instant at which one of the facts begins or ends, sorted."""
    kept = _CHANGES.get(id(facts))
    if kept is not None and kept[0] is facts:
        return kept[1]
    found = {fact.starts_at for fact in facts} | {fact.ends_at for fact in facts if fact.ends_at is not None}
    instants = tuple(sorted(found))
    make_room(_CHANGES, _MOST_KEPT)
    _CHANGES[id(facts)] = (facts, instants)
    return instants
