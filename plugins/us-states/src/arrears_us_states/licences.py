"""The licences, registrations and bonds that agencies need, by state and city (rule sheet, section 2.7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from arrears_sdk.law.debts import debts
from arrears_sdk.law.known import Attempt, need_licence
from arrears_sdk.law.requirements import content as content_requirement
from arrears_sdk.law.words import Content
from arrears_sdk.rules import Confidence
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt
from arrears_sdk.vocabulary import CollectorRole, CommunicationChannel as Channel
from arrears_us_states.law import COLLECTING, EVERY_CHANNEL, law
from arrears_us_states.places import STATES
from arrears_us_states.reach import for_consumer
from arrears_us_states.settings import UsStatesConfig
from arrears_us_states.stops import time_barred

_AGENCIES = frozenset({CollectorRole.THIRD_PARTY, CollectorRole.DEBT_BUYER})
_WITH_ATTORNEYS = _AGENCIES | {CollectorRole.ATTORNEY}
LicenceRule = Callable[[Attempt, UsStatesConfig], Ruling | None]
SNAPSHOT = "Rule sheet of November 2026, section 2.7 (general knowledge, to be verified)"
_LETTERS = frozenset({Channel.LETTER, Channel.EMAIL, Channel.FAX})


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What an agency has to have at a place: a licence, a permit, a registration, a bond."""

    id: str
    place: str
    name: str
    what: str = "licence"
    citation: str = SNAPSHOT
    confidence: Confidence = "G"
    number_in_letters: bool = False


def _state(code: str, what: str = "licence", id: str = "", citation: str = SNAPSHOT, **more: bool) -> Needed:
    return Needed(
        id=id or f"us.{code.lower()}.licence",
        place=f"US-{code}",
        name=STATES[code],
        what=what,
        citation=citation,
        confidence="S" if code == "WA" else "G",
        number_in_letters=more.get("number_in_letters", False),
    )


_LICENCES = ("AK", "AZ", "AR", "CO", "HI", "ID", "IL", "IN", "MA", "MI", "MN", "ND", "NE", "NM", "TN", "WI", "WV", "WY")
_REGISTRATIONS = ("FL", "LA", "OR", "RI", "UT")
NEEDED: tuple[Needed, ...] = (
    *(_state(code) for code in _LICENCES),
    *(_state(code, "registration") for code in _REGISTRATIONS),
    *(_state(code, "business licence") for code in ("DE", "DC")),
    _state("IA", "notification"),
    _state("NJ", "bond"),
    _state("TX", "surety bond of 10,000 dollars", "us.tx.bond", "Tex. Fin. Code 392.101"),
    _state("CA", citation="Cal. Fin. Code 100000 ff.; Civ. Code 1788.11(f)", number_in_letters=True),
    _state("CT", citation="Conn. Gen. Stat. 36a-801, 36a-805"),
    _state("NV", citation="NRS 649.075"),
    _state("NC", "permit", "us.nc.permit", "N.C.G.S. 58-70-1 ff.", number_in_letters=True),
    _state("ME", citation="32 M.R.S. 11001 ff."),
    _state("WA", citation="RCW 19.16.110, 19.16.260"),
    Needed(
        id="us.nyc.licence",
        place="US-NY-NEW YORK",
        name="New York City",
        citation="N.Y.C. Admin. Code 20-489, 20-490",
        confidence="P",
    ),
    Needed(id="us.ny.buffalo.licence", place="US-NY-BUFFALO", name="Buffalo"),
    Needed(id="us.ny.yonkers.licence", place="US-NY-YONKERS", name="Yonkers"),
)
"""All but Maryland's, whose rule says more."""


def _reached(attempt: Attempt, settings: UsStatesConfig) -> bool:
    """Whether an agency collects; a contact that names no debt may be about one that it does."""
    roles = _WITH_ATTORNEYS if settings.attorneys_need_licences else _AGENCIES
    concerned = debts(attempt)
    return not concerned or any(account.collector_role in roles for account in concerned)


def _number(attempt: Attempt) -> Ruling | None:
    if not isinstance(attempt, ContactAttempt) or attempt.channel not in _LETTERS:
        return None
    if Content.LICENCE_NUMBER in attempt.content:
        return None
    wanted = content_requirement(Content.LICENCE_NUMBER)
    return Ruling.require(wanted, "Letters show the number of the licence.", missing_fact=wanted)


def _rule(needed: Needed) -> LicenceRule:
    reason = f"The agency has recorded no {needed.what} for {needed.name}."

    def licence(attempt: Attempt, settings: UsStatesConfig) -> Ruling | None:
        if not _reached(attempt, settings):
            return None
        lacking = need_licence(attempt, needed.place, settings, reason)
        number = _number(attempt) if needed.number_in_letters else None
        if lacking is None or number is None:
            return lacking or number
        return lacking | number

    letters = "; letters show its number" if needed.number_in_letters else ""
    licence.__doc__ = f"Who collects for others, or bought debts, has a {needed.what} for {needed.name}{letters}."
    return licence


for _needed in NEEDED:
    law(
        _needed.id,
        place=_needed.place,
        citation=_needed.citation,
        confidence=_needed.confidence,
        contacts=EVERY_CHANNEL,
        actions=COLLECTING,
        payments=True,
        configured=True,
    )(_rule(_needed))


@law(
    "us.md.licence",
    place="US-MD",
    citation="Md. Bus. Reg. 7-301; Cts. & Jud. Proc. 5-1202",
    confidence="G",
    contacts=EVERY_CHANNEL,
    actions=COLLECTING,
    payments=True,
    configured=True,
)
def maryland(attempt: Attempt, settings: UsStatesConfig) -> Ruling | None:
    """Who collects for others, or bought debts, has a licence, and sues on no consumer's debt that is barred."""
    if not _reached(attempt, settings):
        return None
    said = need_licence(attempt, "US-MD", settings, "The agency has recorded no licence for Maryland.")
    kind = getattr(attempt, "kind", None)
    if kind is None or kind.value != "SUE" or not any(for_consumer(account) for account in debts(attempt)):
        return said
    barred = time_barred(attempt, settings, "MD", "A consumer's debt that is barred by time is not sued on.")
    found = [ruling for ruling in (said, barred) if ruling is not None]
    return Ruling.combine(found) if found else None
