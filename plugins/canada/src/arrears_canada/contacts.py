"""Who may be contacted in Canada, how often, and what has to come first."""

from __future__ import annotations

from dataclasses import replace

from arrears_canada.hours import ONTARIO, SPOKEN, own_debts
from arrears_canada.packs import CONTACTS
from arrears_canada.settings import CanadaConfig
from arrears_sdk.law.counting import PHONE, Counting, counted, free_day, lately
from arrears_sdk.law.days import days_after
from arrears_sdk.law.debts import about, for_all
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import start_of_day
from arrears_sdk.law.known import day_of, days, in_force, need_attestation, need_licence, notice, recorded, told
from arrears_sdk.law.requirements import notice as notice_required
from arrears_sdk.law.words import Attestation, ContactParty, ContactPurpose, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt, Interaction
from arrears_sdk.vocabulary import CommunicationChannel as Channel, EndpointType

THIRD_PARTIES = frozenset(
    {
        ContactParty.SPOUSE,
        ContactParty.FAMILY,
        ContactParty.HOUSEHOLD,
        ContactParty.EMPLOYER,
        ContactParty.NEIGHBOUR,
        ContactParty.OTHER,
    }
)
_FOR_THE_DEBTOR = frozenset({ContactParty.ATTORNEY, ContactParty.DEBT_ADVISER})
_MAIL = frozenset({Channel.LETTER, Channel.POSTCARD})
WEEKLY = 3


def _excused(attempt: ContactAttempt) -> bool:
    return (
        own_debts(attempt) or attempt.at_debtor_request or attempt.required_by_law or attempt.party in _FOR_THE_DEBTOR
    )


@CONTACTS.rule("ca.on.notice-first", citation=f"{ONTARIO} s.21", jurisdiction="CA-ON", confidence="P")
def notice_first(attempt: ContactAttempt) -> Ruling | None:
    """A private written notice comes first; a demand, call or visit only from the sixth day after sending it. When the
    debtor says that it did not arrive it is sent again, and six days are waited for again.
    """
    if attempt.purpose is ContactPurpose.NOTICE or _excused(attempt):
        return None
    sent = notice(attempt, NoticeKind.COLLECTION)
    missed = [fact.starts_at for fact in recorded(attempt, FactKind.NOTICE_NOT_RECEIVED)]
    if sent is None or any(instant > sent.sent_at for instant in missed):
        why = "No written notice was sent" if sent is None else "The debtor did not receive the notice"
        return Ruling.require(notice_required(NoticeKind.COLLECTION), f"{why}: send it and wait six days.")
    told = day_of(attempt, sent.sent_at)
    free = days_after(told, 6)
    if days(attempt)[0] >= free:
        return None
    return Ruling.defer(
        start_of_day(free, attempt.debtor.time_zones),
        f"The notice was sent on {told.isoformat()}: wait until the sixth day after it.",
        facts={"notice sent": told},
    )


@CONTACTS.rule("ca.on.frequency", citation=f"{ONTARIO} s.22", jurisdiction="CA-ON", confidence="P", configured=True)
def ontario_frequency(attempt: ContactAttempt, settings: CanadaConfig) -> Ruling | None:
    """After the first conversation at most three contacts in seven days for a creditor; unanswered calls without a
    message and ordinary mail do not count.
    """
    if attempt.channel in _MAIL or _excused(attempt):
        return None
    made = _of_week(attempt)
    limited = _without(attempt, FactKind.FREQUENCY_CONSENT) if len(made) >= WEEKLY else None
    if limited is None:
        return None
    talks = counted(attempt, Counting.CONVERSATION)
    if not talks:
        return None
    first = talks[-1].started_at
    return _capped(limited, [event for event in made if event.started_at >= first], settings)


def _of_week(attempt: ContactAttempt) -> list[Interaction]:
    """The contacts of the last seven days, but for mail."""
    heard = lately(attempt, Counting.COMMUNICATION, 7)
    return [event for event in heard if event.channel not in _MAIL]


@CONTACTS.rule(
    "ca.ab.frequency",
    citation="Collection and Debt Repayment Practices Regulation s.12",
    jurisdiction="CA-AB",
    confidence="P",
    configured=True,
)
def alberta_frequency(attempt: ContactAttempt, settings: CanadaConfig) -> Ruling | None:
    """At most three contacts in seven consecutive days unless agreed."""
    if attempt.channel in _MAIL or _excused(attempt):
        return None
    limited = _without(attempt, FactKind.FREQUENCY_CONSENT)
    return None if limited is None else _capped(limited, _of_week(attempt), settings)


def _without(attempt: ContactAttempt, permission: FactKind) -> ContactAttempt | None:
    """The contact as far as it is about debts of which no such permission is in force; None when it is for all."""
    if not attempt.accounts:
        return None if for_all(attempt, permission) else attempt
    kept = tuple(each for each in attempt.accounts if about(attempt, permission, each) is None)
    if len(kept) == len(attempt.accounts):
        return attempt
    return replace(attempt, accounts=kept) if kept else None


def _capped(attempt: ContactAttempt, made: list[Interaction], settings: CanadaConfig) -> Ruling | None:
    if len(made) < WEEKLY:
        return None
    today = days(attempt)[0]
    free, count = free_day(attempt, made, today, limit=WEEKLY, span=7, by_debt=settings.contacts_counted == "DEBT")
    if free <= today:
        return None
    return Ruling.defer(
        start_of_day(free, attempt.debtor.time_zones),
        f"There were {count} contacts in seven days; three are allowed.",
        facts={"contacts in 7 days": count},
    )


@CONTACTS.rule("ca.on.court-request", citation=f"{ONTARIO} s.22", jurisdiction="CA-ON")
def court_request(attempt: ContactAttempt) -> Ruling | None:
    """No further contact once the debtor disputes the debt and suggests that it be taken to court."""
    if _excused(attempt) or not in_force(attempt, FactKind.COURT_REQUEST):
        return None
    return Ruling.deny(
        "The debtor disputes the debt and suggests that it be taken to court.",
        facts=told(attempt, FactKind.COURT_REQUEST),
    )


@CONTACTS.rule("ca.on.representative", citation=f"{ONTARIO} s.22", jurisdiction="CA-ON")
def representative(attempt: ContactAttempt) -> Ruling | None:
    """Only through a lawyer or licensed paralegal once the debtor named one, unless the debtor consents."""
    if _excused(attempt):
        return None
    barred = _without(attempt, FactKind.ATTORNEY_CONSENT)
    if barred is None:
        return None
    acting = [fact for fact in in_force(barred, FactKind.ATTORNEY) if fact.word in ("LAWYER", "PARALEGAL")]
    if not acting:
        return None
    return Ruling.deny(
        "A lawyer or paralegal acts for the debtor: speak with that one.", facts=told(attempt, FactKind.ATTORNEY)
    )


@CONTACTS.rule("ca.on.third-party", citation=f"{ONTARIO} ss.22, 23", jurisdiction="CA-ON", confidence="G")
def third_party(attempt: ContactAttempt) -> Ruling | None:
    """Spouse, family, employer and neighbours only to learn how to reach the debtor, the employer once to confirm the
    employment, or with consent.
    """
    if attempt.party not in THIRD_PARTIES or own_debts(attempt) or in_force(attempt, FactKind.THIRD_PARTY_CONSENT):
        return None
    if attempt.purpose is ContactPurpose.LOCATION_INQUIRY:
        return None
    if attempt.party is ContactParty.EMPLOYER and attempt.purpose is ContactPurpose.EMPLOYMENT_CHECK:
        earlier = [event for event in attempt.history if event.party is ContactParty.EMPLOYER]
        return Ruling.deny("The employer was asked once already.") if earlier else None
    return Ruling.deny("Others than the debtor may only be asked how to reach the debtor.")


@CONTACTS.rule(
    "ca.on.recording",
    citation=f"{ONTARIO} ss.31, 32",
    jurisdiction="CA-ON",
    confidence="P",
    channels=PHONE,
    configured=True,
)
def recording(attempt: ContactAttempt, settings: CanadaConfig) -> Ruling | None:
    """An agency records its calls and keeps the recordings."""
    if own_debts(attempt):
        return None
    return need_attestation(
        attempt, Attestation.CALLS_RECORDED, settings, "The agency has not stated that it records its calls."
    )


@CONTACTS.rule(
    "ca.on.registration",
    citation="Collection and Debt Settlement Services Act s.4",
    jurisdiction="CA-ON",
    confidence="P",
    configured=True,
)
def registration(attempt: ContactAttempt, settings: CanadaConfig) -> Ruling | None:
    """An agency is registered in Ontario; a creditor collecting its own debts is not an agency."""
    if own_debts(attempt):
        return None
    return need_licence(attempt, "CA-ON", settings, "The agency's registration in Ontario is not recorded.")


@CONTACTS.rule("ca.bc.work", citation="BPCPA ss.116, 118", jurisdiction="CA-BC", confidence="P", channels=SPOKEN)
def at_work(attempt: ContactAttempt) -> Ruling | None:
    """One attempt at work, else only to learn how to reach the debtor at home; the employer only to confirm the job."""
    if attempt.party is ContactParty.EMPLOYER:
        allowed = attempt.purpose is ContactPurpose.EMPLOYMENT_CHECK
        return None if allowed else Ruling.deny("The employer may only be asked to confirm the employment.")
    point = attempt.contact_point
    working = attempt.channel is Channel.IN_PERSON_WORK or (
        point is not None and point.endpoint_type is EndpointType.WORK
    )
    if not working or attempt.at_debtor_request or attempt.purpose is ContactPurpose.LOCATION_INQUIRY:
        return None
    earlier = [
        event
        for event in counted(attempt, Counting.CONTACT_OR_ATTEMPT)
        if event.endpoint_type is EndpointType.WORK or event.channel is Channel.IN_PERSON_WORK
    ]
    if not earlier:
        return None
    return Ruling.deny(
        "There was an attempt at work already.", facts={"attempt at work": earlier[-1].debtor_local_date}
    )
