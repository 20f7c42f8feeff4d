"""The sentences in which a decision is explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from arrears_sdk.ids import encode_id
from arrears_sdk.money import Money

CONFIDENCE = {
    "S": "The law was read at its source.",
    "P": "The law was read in part, or as others quote it.",
    "G": "General knowledge, to be verified before it is relied on.",
}
"""How well the law of a rule was read."""


def instant(at: datetime) -> str:
    """An instant as people write it, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def words(name: str) -> str:
    """A word of a closed list as people write it."""
    return name.replace("_", " ").lower()


def summary(decision: Mapping[str, Any]) -> str:
    """What was decided, in a sentence."""
    what = _subject(decision)
    until = None if decision["until"] is None else instant(decision["until"])
    number = len(decision["requirements"])
    return {
        "ALLOW": f"{what} was allowed{f' until {until}' if until else ''}.",
        "WARN": f"{what} was allowed{f' until {until}' if until else ''}, with warnings that somebody should look at.",
        "REQUIRE": f"{what} was not allowed before {_counted(number, 'requirement')} had been met.",
        "DEFER": f"{what} was not allowed then; it was put off until {until}.",
        "DENY": f"{what} was refused.",
    }[decision["verdict"]]


def _subject(decision: Mapping[str, Any]) -> str:
    if decision["kind"] == "CONTACT":
        return f"A contact by {words(decision['channel'])}"
    if decision["kind"] == "PAYMENT":
        return f"A payment by {words(decision['method'])}"
    return f"The act {words(decision['action'])}"


def _counted(number: int, noun: str) -> str:
    return f"one {noun}" if number == 1 else f"{number} {noun}s"


def asked_in_words(decision: Mapping[str, Any], accounts: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """What was asked, by name and value; nothing that was left open."""
    yield "Asked by", decision["decided_by_name"]
    yield "At", instant(decision["decided_at"])
    if decision["retrospective"]:
        yield "Asked afterwards", "yes: it had happened without a permit"
    yield "Debtor", encode_id("dbtr", decision["debtor_id"])
    yield "Debts", ", ".join(encode_id("acct", one["account_id"]) for one in accounts) or "none"
    if decision["client_id"] is not None:
        yield "Client", encode_id("clnt", decision["client_id"])
    yield from _asked_of_its_kind(decision)
    if decision["content"]:
        yield "Carries", ", ".join(words(one) for one in decision["content"])
    if decision["languages"]:
        yield "Languages", ", ".join(decision["languages"])
    yield "On whose wish", words(decision["initiated_by"])
    if decision["at_debtor_request"]:
        yield "Asked for by the debtor", "yes"
    if decision["required_by_law"]:
        yield "Required by law", "yes"


def _asked_of_its_kind(decision: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, column in (("Channel", "channel"), ("Act", "action"), ("Method", "method"), ("Purpose", "purpose")):
        if decision[column] is not None:
            yield name, words(decision[column])
    if decision["party"] is not None:
        yield "With", words(decision["party"])
    if decision["contact_point_id"] is not None:
        yield "Contact point", encode_id("cont", decision["contact_point_id"])
    if decision["reply_to"] is not None:
        yield "In reply to what came at", instant(decision["reply_to"])
    if decision["amount_minor"] is not None:
        yield "Amount", str(Money(decision["amount_minor"], decision["currency"]))
    if decision["planned_on"] is not None:
        yield "Planned for", decision["planned_on"].isoformat()
    for name, column in (("Rate", "rate"), ("Place", "place"), ("Gateway", "gateway")):
        if decision[column] is not None:
            yield name, str(decision[column])
