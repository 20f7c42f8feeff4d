"""What a golden case proposes, and what it expects of the rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from arrears_sdk.law.case_records import Given, read_given
from arrears_sdk.law.case_text import Part
from arrears_sdk.law.words import ContactParty, ContactPurpose, Content
from arrears_sdk.ruling import Finding, Ruling, Verdict
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, Hold, PaymentAttempt
from arrears_sdk.vocabulary import ActionKind, CommunicationChannel, Initiator, PaymentMethodKind

Attempt: TypeAlias = ContactAttempt | PaymentAttempt | ActionAttempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the findings of the case's rule, taken alone, have to come to; `overall` is of all rules of its plugin."""

    verdict: Verdict
    until: datetime | None = None
    requirement: str | None = None
    missing_fact: str | None = None
    overall: Verdict | None = None

    def differences(self, findings: Sequence[Finding], overall: Verdict) -> Iterator[str]:
        """In what the findings differ, in words."""
        ruling = Ruling(frozenset(findings))
        if ruling.verdict is not self.verdict:
            yield f"verdict: expected {self.verdict.name}, was {ruling.verdict.name}"
        if self.until is not None and ruling.until != self.until:
            was = ruling.until.isoformat() if ruling.until else "none"
            yield f"until: expected {self.until.isoformat()}, was {was}"
        wanted = {finding.requirement for finding in findings}
        if self.requirement is not None and self.requirement not in wanted:
            yield f"requirement: expected {self.requirement}, was {_listed(wanted)}"
        missing = {finding.missing_fact for finding in findings}
        if self.missing_fact is not None and self.missing_fact not in missing:
            yield f"missing_fact: expected {self.missing_fact}, was {_listed(missing)}"
        if self.overall is not None and overall is not self.overall:
            yield f"overall: expected {self.overall.name}, was {overall.name}"


def _listed(words: set[str | None]) -> str:
    return ", ".join(sorted(word for word in words if word)) or "none"


def read_expected(part: Part) -> Expected:
    """What a case expects."""
    part.needed("verdict")
    verdict = _verdict(part, "verdict")
    assert verdict is not None
    expected = Expected(
        verdict=verdict,
        until=part.instant("until"),
        requirement=part.text("requirement"),
        missing_fact=part.text("missing_fact"),
        overall=_verdict(part, "overall"),
    )
    part.end()
    return expected


def _verdict(part: Part, key: str) -> Verdict | None:
    word = part.text(key)
    if word is None:
        return None
    if word not in Verdict.__members__:
        raise part.fault(key, f"unknown word {word!r}; known are {', '.join(Verdict.__members__)}")
    return Verdict[word]


def read_attempt(given: Part, when: Part) -> Attempt:
    """The act that a case proposes, with all that is given."""
    kinds = [kind for kind in ("contact", "act", "take") if when.has(kind)]
    if len(kinds) != 1:
        raise when.fault("contact", "a case proposes one of contact, act and take")
    when.needed("at")
    at = when.instant("at")
    assert at is not None
    known = read_given(given, at)
    readers: dict[str, Callable[[Part, Given], Attempt]] = {"contact": _contact, "act": _act, "take": _take}
    attempt = readers[kinds[0]](when, known)
    for kind in ("contact", "act", "take"):
        when.take(kind)
    when.end()
    return attempt


def _contact(when: Part, given: Given) -> ContactAttempt:
    channel = when.word("contact", CommunicationChannel)
    assert channel is not None
    point = given.point
    if when.has("point") and (point is None or when.text("point") != point.id):
        raise when.fault("point", "is not the point that is given")
    when.take("point")
    accounts = _accounts(when, given)
    return ContactAttempt(
        at=given.at,
        channel=channel,
        debtor=given.debtor,
        accounts=accounts,
        contact_point=point,
        jurisdictions=given.jurisdictions,
        history=given.history,
        holds=_holds(given, accounts),
        initiated_by=when.word("initiated_by", Initiator) or Initiator.AGENCY,
        at_debtor_request=when.flag("at_debtor_request"),
        required_by_law=when.flag("required_by_law"),
        purpose=when.word("purpose", ContactPurpose) or ContactPurpose.COLLECT,
        party=when.word("party", ContactParty) or ContactParty.DEBTOR,
        content=frozenset(when.words("content", Content)),
        languages=when.texts("languages"),
        reply_to=when.instant("reply_to"),
        facts=given.facts,
        notices=given.notices,
        licences=given.licences,
        attestations=given.attestations,
    )


def _accounts(when: Part, given: Given) -> tuple[Account, ...]:
    """The debts that are named, all that are given when none is."""
    if not when.has("accounts"):
        when.take("accounts")
        return given.accounts
    known = {account.id: account for account in given.accounts}
    named = when.texts("accounts")
    if unknown := [id for id in named if id not in known]:
        raise when.fault("accounts", f"{', '.join(unknown)} is not given")
    return tuple(known[id] for id in named)


def _account(when: Part, given: Given) -> Account:
    """The debt that is named, the first that is given when none is."""
    id = when.text("account")
    found = next((account for account in given.accounts if id is None or account.id == id), None)
    if found is None:
        raise when.fault("account", f"{id} is not given")
    return found


def _holds(given: Given, accounts: Sequence[Account]) -> tuple[Hold, ...]:
    """What holds the debtor or a debt of the attempt."""
    return tuple(dict.fromkeys(hold for holds in (given.holds, *(each.holds for each in accounts)) for hold in holds))


def _act(when: Part, given: Given) -> ActionAttempt:
    kind = when.word("act", ActionKind)
    assert kind is not None
    account = _account(when, given)
    return ActionAttempt(
        at=given.at,
        kind=kind,
        debtor=given.debtor,
        account=account,
        amount=when.money("amount"),
        jurisdictions=given.jurisdictions,
        holds=_holds(given, [account]),
        planned_on=when.day("planned_on"),
        rate=when.decimal("rate"),
        place=when.text("place"),
        content=frozenset(when.words("content", Content)),
        history=given.history,
        facts=given.facts,
        notices=given.notices,
        licences=given.licences,
        attestations=given.attestations,
    )


def _take(when: Part, given: Given) -> PaymentAttempt:
    method = when.word("take", PaymentMethodKind)
    assert method is not None
    account = _account(when, given)
    return PaymentAttempt(
        at=given.at,
        debtor=given.debtor,
        account=account,
        amount=when.money("amount") or account.balance,
        method=method,
        gateway=when.text("gateway") or "sandbox",
        initiated_by=when.word("initiated_by", Initiator) or Initiator.AGENCY,
        jurisdictions=given.jurisdictions,
        holds=_holds(given, [account]),
        recurring=when.flag("recurring"),
        scheduled_on=when.day("scheduled_on"),
        previous=when.money("previous"),
        history=given.history,
        facts=given.facts,
        notices=given.notices,
        licences=given.licences,
        attestations=given.attestations,
    )
