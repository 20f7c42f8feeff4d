"""How debtors are contacted: CONC 7.9, harassment, and who is authorised to collect at all."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import lru_cache

from arrears_sdk.law.consents import while_in_force
from arrears_sdk.law.counting import PHONE, VISITS, Counting, counted
from arrears_sdk.law.days import ONE_DAY, window
from arrears_sdk.law.debts import debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import Hours, common_opening, opening, rule_on_hours, start_of_day, weekly
from arrears_sdk.law.known import days, in_force, need_attestation, notice, word
from arrears_sdk.law.purposes import asked_for
from arrears_sdk.law.requirements import content as content_requirement, notice as notice_requirement
from arrears_sdk.law.words import Attestation, ContactPurpose as Aim, Content, NoticeKind
from arrears_sdk.rules import first_of_day
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, PaymentAttempt
from arrears_sdk.vocabulary import CollectorRole, CommunicationChannel as Channel, EndpointType
from arrears_united_kingdom.attempts import ENTITLED, local, may_be_consumer_credit, served_on, zones_of
from arrears_united_kingdom.packs import ACTIONS, CONTACTS, PAYMENTS
from arrears_united_kingdom.settings import UnitedKingdomConfig
from arrears_united_kingdom.wishes import rule_on_wishes

_MISLEADING = frozenset({Content.MISLEADING, Content.THREATENS_UNLAWFUL_STEP, Content.CHARGES_THE_DEBTOR})
_PATTERN = frozenset({Content.RIDICULE, Content.THREATENS_UNLAWFUL_STEP})
_LIVE = PHONE | VISITS
_PLAIN_ENVELOPE = Ruling.require(
    content_requirement(Content.PLAIN_ENVELOPE), "A letter goes in an envelope that does not show what it is about."
)
_IDENTITY = Ruling.require(
    content_requirement(Content.IDENTITY_CHECK), "The other person's identity is confirmed before the debt is named."
)
_PURPOSE = Ruling.require(
    content_requirement(Content.COLLECTOR_DISCLOSURE), "A visitor says clearly who they are and why they come."
)


@CONTACTS.rule("uk.conc.contact-times", citation="CONC 7.9.4 R", jurisdiction="GB", confidence="S", configured=True)
def contact_times(attempt: ContactAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """No contact at unreasonable times, and due regard to the debtor's reasonable wishes about when, where and how.
    The rule names no hours: those of the settings are the agency's policy, outside of which it warns.
    """
    if asked_for(attempt):
        return None
    zones = zones_of(attempt.debtor)
    wishes = (rule_on_wishes(attempt, zones) or _unwanted_place(attempt)) if attempt.facts else None
    policy = _policy_hours(attempt, zones, settings) if attempt.channel in settings.timed_channels else None
    return wishes | policy if wishes is not None and policy is not None else wishes or policy


def _policy_hours(attempt: ContactAttempt, zones: tuple[str, ...], settings: UnitedKingdomConfig) -> Ruling | None:
    hours = _policy(
        settings.contact_from, settings.contact_to, settings.sunday_contact_from, settings.sunday_contact_to
    )
    if settings.outside_contact_hours == "DEFER":
        return rule_on_hours(hours, attempt.at, zones, words="a reasonable time for contact")
    if all(_open(hours, attempt.at, zone) for zone in zones):
        return None
    found = common_opening([(hours, zone) for zone in zones], attempt.at)
    return Ruling.warn(
        "This is outside the hours that the agency holds reasonable.",
        facts={
            "local time": " / ".join(f"{local(attempt.at, zone):%Y-%m-%d %H:%M}" for zone in zones),
            "next reasonable time": "none" if found is None else found[0].isoformat(),
        },
    )


@lru_cache(maxsize=64)
def _policy(begins: time, ends: time, sunday_begins: time, sunday_ends: time) -> Hours:
    sunday = (sunday_begins, sunday_ends)
    return weekly((begins, ends), (begins, ends), sunday, holidays="GB-ENG", on_holidays=sunday)


def _open(hours: Hours, at: datetime, zone: str) -> bool:
    span = opening(hours, local(at, zone).date(), zone)
    return span is not None and span[0] <= at < span[1]


def _unwanted_place(attempt: ContactAttempt) -> Ruling | None:
    words = {fact.word for fact in in_force(attempt, FactKind.INCONVENIENT_PLACE)}
    if not words:
        return None
    kind = attempt.contact_point.endpoint_type if attempt.contact_point else EndpointType.UNKNOWN
    at_home = kind is EndpointType.HOME or attempt.channel is Channel.IN_PERSON_HOME
    if ("HOME" in words and at_home) or ("WORK" in words and _at_work(attempt)):
        return Ruling.deny("The debtor asked not to be contacted at this place.")
    return None


def _at_work(attempt: ContactAttempt) -> bool:
    point = attempt.contact_point
    if attempt.channel is Channel.IN_PERSON_WORK:
        return True
    return point is not None and (point.endpoint_type is EndpointType.WORK or point.employer_provided)


@CONTACTS.rule(
    "uk.conc.no-misleading-contact", citation="CONC 7.9.2 R, 7.9.3 R, 7.9.5 R", jurisdiction="GB", confidence="S"
)
def no_misleading_contact(attempt: ContactAttempt) -> Ruling | None:
    """Nothing brings a debtor into contact by misunderstanding, such as a card of a missed delivery; no number to call
    back costs more than a usual call.
    """
    found = attempt.content & _MISLEADING
    if not found:
        return None
    return Ruling.deny(
        "The contact would mislead the debtor, or make it expensive to answer.", facts={"content": _listed(found)}
    )


def _listed(words: frozenset[Content]) -> str:
    return ", ".join(sorted(words))


@CONTACTS.rule("uk.conc.third-party", citation="CONC 7.9.6-7.9.11", jurisdiction="GB", confidence="S")
def third_party(attempt: ContactAttempt) -> Ruling | None:
    """Others do not learn of the debt: no card or public post, no contact with others without the debtor's consent, no
    revealing message; letters in plain envelopes, and the identity confirmed before the debt is named. Asking others
    for the debtor's whereabouts is open when the debt is not named.
    """
    if attempt.channel in (Channel.POSTCARD, Channel.SOCIAL_PUBLIC):
        return Ruling.deny("Everybody could read of the debt.", facts={"channel": attempt.channel})
    reveals = Content.REVEALS_DEBT in attempt.content
    if attempt.party not in ENTITLED:
        consents = in_force(attempt, FactKind.THIRD_PARTY_CONSENT)
        if consents:
            return while_in_force(consents, "The debtor consents to contact with others.")
        if attempt.purpose is Aim.LOCATION_INQUIRY and not reveals:
            return None
        return Ruling.deny(
            "Others are not contacted about a debt without the debtor's consent.",
            missing_fact=f"fact:{FactKind.THIRD_PARTY_CONSENT}",
            facts={"with": attempt.party},
        )
    if in_force(attempt, FactKind.NOT_THE_DEBTORS):
        return Ruling.deny("This number or address turned out not to be the debtor's.")
    if attempt.purpose is Aim.LEAVE_MESSAGE and reveals:
        return Ruling.deny("A message that names the debt may be heard by others.")
    if attempt.channel is Channel.LETTER:
        return None if Content.PLAIN_ENVELOPE in attempt.content else _PLAIN_ENVELOPE
    if attempt.channel not in _LIVE or attempt.purpose in (Aim.LEAVE_MESSAGE, Aim.LOCATION_INQUIRY):
        return None
    if Content.IDENTITY_CHECK in attempt.content or in_force(attempt, FactKind.IDENTITY_VERIFIED):
        return None
    return _IDENTITY


@CONTACTS.rule(
    "uk.conc.visits",
    citation="CONC 7.9.12-7.9.14",
    jurisdiction="GB",
    confidence="P",
    channels=VISITS,
    configured=True,
)
def visits(attempt: ContactAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """A visit is announced with its day and likely time, explains its purpose, happens at home and nowhere else, and
    not at all where the debtor is known to be vulnerable.
    """
    if attempt.at_debtor_request:
        return None
    if attempt.channel is not Channel.IN_PERSON_HOME:
        return Ruling.deny("Debtors are not visited at work or at other unreasonable places.")
    for kind in (FactKind.VULNERABILITY, FactKind.INCAPACITY):
        if in_force(attempt, kind):
            return Ruling.deny(
                "A debtor who is vulnerable is not visited.", facts={"vulnerability": word(attempt, kind)}
            )
    given = notice(attempt, NoticeKind.VISIT)
    today = days(attempt)[0]
    if given is None or (given.ends_on is not None and given.ends_on < today):
        return Ruling.require(
            notice_requirement(NoticeKind.VISIT), "The day and likely time of a visit are announced beforehand."
        )
    zones = zones_of(attempt.debtor)
    announced = max(served_on(given, zone) for zone in zones)
    earliest = announced + timedelta(days=settings.visit_notice_days) + ONE_DAY
    if today < earliest:
        return Ruling.defer(
            start_of_day(earliest, zones),
            f"A visit is announced {settings.visit_notice_days} days beforehand.",
            facts={"announced on": announced},
        )
    if Content.COLLECTOR_DISCLOSURE not in attempt.content:
        return _PURPOSE
    if given.ends_on is None:
        return None
    return Ruling.allow(first_of_day(given.ends_on + ONE_DAY, zones), reason="The visit was announced for these days.")


@CONTACTS.rule(
    "uk.admin.harassment",
    citation="Administration of Justice Act 1970 s.40",
    jurisdiction="GB",
    confidence="G",
    configured=True,
)
def harassment(attempt: ContactAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """Harassing a debtor with demands is an offence. There is no number in the act: from as many contacts in as many
    days as the settings name this rule warns, and of content that ridicules or threatens.
    """
    bad = attempt.content & _PATTERN
    if bad:
        return Ruling.warn("Such content may be part of a harassment.", facts={"content": _listed(bad)})
    enough = settings.pattern_contacts
    # The history is newest first: where the contact that would make the pattern is too old, none is looked at.
    if len(attempt.history) < enough or asked_for(attempt):
        return None
    first, last = window(settings.pattern_days, days(attempt)[-1])
    if attempt.history[enough - 1].debtor_local_date < first:
        return None
    events = counted(attempt, Counting.CONTACT_OR_ATTEMPT)
    count = sum(first <= event.debtor_local_date <= last for event in events)
    if count < enough:
        return None
    return Ruling.warn(
        f"There were {count} contacts or attempts in {settings.pattern_days} days.",
        facts={"contacts": count, "from": first, "to": last},
    )


@CONTACTS.rule(
    "uk.authorisation", citation="FSMA 2000 s.19; RAO art 39F, 39G", jurisdiction="GB", confidence="G", configured=True
)
@ACTIONS.rule(
    "uk.authorisation", citation="FSMA 2000 s.19; RAO art 39F, 39G", jurisdiction="GB", confidence="G", configured=True
)
@PAYMENTS.rule(
    "uk.authorisation", citation="FSMA 2000 s.19; RAO art 39F, 39G", jurisdiction="GB", confidence="G", configured=True
)
def authorisation(
    attempt: ContactAttempt | ActionAttempt | PaymentAttempt, settings: UnitedKingdomConfig
) -> Ruling | None:
    """Collecting or administering regulated debts for others needs the FCA's permission, which the agency states."""
    if Attestation.UK_AUTHORISED in attempt.attestations:
        return None
    roles = {account.collector_role for account in debts(attempt)}
    if (roles and roles <= _OWN_DEBTS) or not may_be_consumer_credit(attempt):
        return None
    return need_attestation(
        attempt,
        Attestation.UK_AUTHORISED,
        settings,
        "Collecting a regulated debt needs the FCA's permission, and the agency has not stated that it has it.",
    )


_OWN_DEBTS = frozenset({CollectorRole.FIRST_PARTY, CollectorRole.GOVERNMENT})
