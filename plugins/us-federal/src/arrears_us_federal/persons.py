"""With whom a contact is meant to be, what the debtor asked for or consented to, and the one reply always free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from arrears_sdk.law.counting import ELECTRONIC, PHONE, VISITS
from arrears_sdk.law.days import years_after
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, days, hold, in_force, upcoming
from arrears_sdk.law.words import ContactParty as Party
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Consent, ContactAttempt, Fact
from arrears_sdk.vocabulary import CommunicationChannel as Channel, ConsentState, Direction, HoldKind, Initiator
from arrears_us_federal.coverage import covered
from arrears_us_federal.packs import CONTACTS

CONSUMERS = frozenset(
    {
        Party.DEBTOR,
        Party.CO_DEBTOR,
        Party.SPOUSE,
        Party.PARENT_OF_MINOR,
        Party.GUARDIAN,
        Party.PERSONAL_REPRESENTATIVE,
        Party.SUCCESSOR,
    }
)
"""Who is the consumer in the wide sense of 12 CFR 1006.6(a); a co-debtor owes the debt and is one himself."""
PROFESSIONALS = frozenset({Party.ATTORNEY, Party.CREDITOR, Party.BUREAU})
"""With whom a debt may be spoken of as business: lawyers, the creditor and its lawyer, credit bureaus."""
AUTOMATED = frozenset({Channel.PHONE_AUTODIALED, Channel.PHONE_PRERECORDED, Channel.RINGLESS_VOICEMAIL})
MAIL = frozenset({Channel.LETTER, Channel.POSTCARD})
SPOKEN = PHONE | VISITS
ELECTRONIC_MEDIA = ELECTRONIC | {Channel.FAX}
MAJORITY = 18
_MEDIA = {**dict.fromkeys(PHONE, PHONE), **dict.fromkeys(MAIL, MAIL), **dict.fromkeys(VISITS, VISITS)}


def to_consumer(attempt: ContactAttempt) -> bool:
    """Whether the contact is with the consumer in the wide sense; a parent only of a debtor who is known to be a minor,
    a personal representative only of one who is known to have died, or where the relation itself is recorded.
    """
    party = attempt.party
    if party is Party.PARENT_OF_MINOR:
        if attempt.debtor.born_on is not None:
            return days(attempt)[0] < years_after(attempt.debtor.born_on, MAJORITY)
        return hold(attempt, HoldKind.MINOR) is not None or related(attempt, "PARENT")
    if party is Party.PERSONAL_REPRESENTATIVE:
        return died(attempt) or related(attempt, "PERSONAL_REPRESENTATIVE")
    return party in CONSUMERS


def related(attempt: ContactAttempt, relation: str) -> bool:
    """Whether it is recorded that somebody stands to the debtor in a relation."""
    return any(one.word == relation for one in in_force(attempt, FactKind.RELATIONSHIP))


def died(attempt: ContactAttempt) -> bool:
    """Whether the debtor is known to have died."""
    if attempt.debtor.deceased_on is not None:
        return True
    if attempt.facts and in_force(attempt, FactKind.DEATH):
        return True
    return bool(attempt.holds) and hold(attempt, HoldKind.DECEASED) is not None


def medium(channel: Channel) -> frozenset[Channel]:
    """The channels that are one medium of communication: telephone, mail, visits, or the channel by itself."""
    return _MEDIA.get(channel) or frozenset({channel})


def asked_for(attempt: ContactAttempt) -> bool:
    """Whether the debtor asked for this very contact, or began it: prior consent given directly."""
    return attempt.at_debtor_request or attempt.initiated_by is Initiator.DEBTOR


def consent_to_contact(attempt: ContactAttempt, since: datetime | None = None) -> Fact | None:
    """The consent given directly to this collector that holds for the medium and was given after an instant; of
    several the one that lasts longest.
    """
    if not attempt.facts:
        return None
    way = medium(attempt.channel)
    held = [
        fact
        for fact in in_force(attempt, FactKind.DIRECT_CONSENT)
        if (fact.channel is None or fact.channel in way) and (since is None or fact.starts_at >= since)
    ]
    return max(held, key=lambda fact: (fact.ends_at is None, fact.ends_at or fact.starts_at), default=None)


def consent_to_place(attempt: ContactAttempt, since: datetime) -> Fact | None:
    """A consent given after an instant that names the very number or address of the contact."""
    found = consent_to_contact(attempt, since)
    return found if found is not None and found.contact_point_id is not None else None


def until_begun(attempt: Attempt, kind: FactKind, reason: str) -> Ruling | None:
    """A permission that ends when a fact that will bar begins; nothing when none is known."""
    begins = upcoming(attempt, kind) if attempt.facts else None
    return None if begins is None else Ruling.allow(begins, reason=reason)


def until_over(facts: Sequence[Fact], reason: str, debts: Sequence[str] = ()) -> Ruling | None:
    """A permission as long as the facts that give it last for each of the debts; nothing when they have no end."""
    ends = [end for debt in debts or (None,) if (end := _over(facts, debt)) is not None]
    return Ruling.allow(min(ends), reason=reason) if ends else None


def _over(facts: Sequence[Fact], debt: str | None) -> datetime | None:
    """When the last of the facts about a debt ends; None when one of them does not."""
    ends = [one.ends_at for one in facts if debt is None or one.account_id in (None, debt)]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def latest_consent(attempt: ContactAttempt, channels: frozenset[Channel]) -> Consent | None:
    """The last that the debtor granted or took back for a medium, or for this very number or address."""
    point = attempt.contact_point.id if attempt.contact_point is not None else None
    found = None
    for consent in attempt.debtor.consents:
        if consent.channel not in channels or consent.given_at > attempt.at:
            continue
        if consent.contact_point_id is not None and consent.contact_point_id != point:
            continue
        if found is None or (consent.given_at, consent.state) > (found.given_at, found.state):
            found = consent
    return found


def granted(attempt: ContactAttempt, channels: frozenset[Channel]) -> Consent | None:
    """The debtor's standing consent to a medium: the last word was a grant that has not expired."""
    found = latest_consent(attempt, channels) if attempt.debtor.consents else None
    if found is None or found.state is not ConsentState.GRANTED:
        return None
    return found if found.expires_at is None or attempt.at < found.expires_at else None


def answers_once(attempt: ContactAttempt) -> bool:
    """Whether the contact is the first reply to what the debtor wrote or said, by the same medium."""
    asked = attempt.reply_to
    if asked is None:
        return False
    way = medium(attempt.channel)
    heard = False
    for event in attempt.history:
        if event.started_at < asked:
            break
        if event.channel not in way:
            continue
        if event.direction is Direction.OUTBOUND:
            return False
        heard = heard or event.started_at == asked
    return heard


@CONTACTS.rule("us.regf.respond-once", citation="12 CFR 1006.6(b)(1) comment 2; 1006.14(h)(2)(ii)", jurisdiction="US")
def respond_once(attempt: ContactAttempt) -> Ruling | None:
    """To what a consumer writes or says at a barred time or place, or by a barred medium, one reply by the same medium
    is free. It never objects: those that bar times, places and media ask it.
    """
    if attempt.reply_to is None or not covered(attempt) or not answers_once(attempt):
        return None
    asked = attempt.reply_to.isoformat(timespec="minutes")
    return Ruling.allow(reason="This is the one reply to what the debtor wrote.", facts={"replies to": asked})


@CONTACTS.rule("us.regf.consumer-includes", citation="15 USC 1692c(d); 12 CFR 1006.6(a)", jurisdiction="US")
def consumer_includes(attempt: ContactAttempt) -> Ruling | None:
    """Spouse, parent of a minor, guardian, personal representative and successor in interest are protected as the
    consumer is, and may be spoken with as such; other relatives may not. It never objects: it decides
    whether the rules about consumers or those about third parties are asked.
    """
    return None
