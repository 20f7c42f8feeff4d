"""Italy: limitation, privacy in collection, the industry's code of hours, and the licence."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

from arrears_european_union.neighbours import IN_WRITING, demanded_on, rule_on_limitation
from arrears_european_union.packs import ACTIONS, CONTACTS, PAYMENTS
from arrears_european_union.settings import EuropeanUnionConfig
from arrears_sdk.law.consents import while_in_force
from arrears_sdk.law.counting import PHONE, VISITS, Counting, recent
from arrears_sdk.law.debts import about, debts, expiry
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import opening, weekly
from arrears_sdk.law.known import days, in_force, need_licence
from arrears_sdk.law.purposes import asked_for
from arrears_sdk.law.requirements import fact as fact_requirement
from arrears_sdk.law.words import ContactParty as Party, Content
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, PaymentAttempt
from arrears_sdk.vocabulary import ActionKind as Act, CollectorRole, CommunicationChannel as Channel, Product

ROME = ("Europe/Rome",)
CODE_HOURS = weekly((time(8, 30), time(21)), (time(8, 30), time(15)), None, holidays="IT")
_PERIODIC = frozenset({Product.RENT, Product.LEASE, Product.TELECOM, Product.INSURANCE})
_LONG, _PERIODIC_YEARS, _UTILITY_YEARS = 10, 5, 2
_OTHERS = frozenset(
    {Party.SPOUSE, Party.HOUSEHOLD, Party.FAMILY, Party.EMPLOYER, Party.NEIGHBOUR, Party.OTHER, Party.PARENT_OF_MINOR}
)


@ACTIONS.rule("it.limitation", citation="C.C. 2943, 2946, 2948", jurisdiction="IT", confidence="G", actions=[Act.SUE])
def limitation(attempt: ActionAttempt) -> Ruling | None:
    """In Italy claims last ten years, what is paid by periods five, and utility bills two; a notice of default begins
    the period anew. Refused when the debtor pleads it, else a warning.
    """
    account = attempt.account
    instrument = about(attempt, FactKind.INSTRUMENT, account)
    years = _LONG
    if account.product is Product.UTILITY:
        years = _UTILITY_YEARS
    elif account.product in _PERIODIC or (instrument is not None and instrument.word == "PERIODIC"):
        years = _PERIODIC_YEARS
    if about(attempt, FactKind.JUDGMENT, account) is not None:
        return None
    ends = expiry(attempt, account, years, IN_WRITING, restarts=demanded_on(attempt))
    return rule_on_limitation(attempt, ends)


@CONTACTS.rule(
    "it.privacy-conduct",
    citation="Garante per la protezione dei dati personali, 30 Nov 2005",
    jurisdiction="IT",
    confidence="G",
)
def privacy(attempt: ContactAttempt) -> Ruling | None:
    """In Italy nobody else learns of the debt: no recorded voice, no postcard or visible wording, no word to family or
    colleagues.
    """
    if attempt.channel in (Channel.PHONE_PRERECORDED, Channel.RINGLESS_VOICEMAIL):
        return Ruling.deny("No recorded voice tells of a debt.", facts={"channel": attempt.channel})
    if attempt.channel in (Channel.POSTCARD, Channel.SOCIAL_PUBLIC) or Content.REVEALS_DEBT in attempt.content:
        return Ruling.deny("Others could read of the debt.", facts={"channel": attempt.channel})
    if attempt.party not in _OTHERS:
        return None
    consents = in_force(attempt, FactKind.THIRD_PARTY_CONSENT)
    if consents:
        return while_in_force(consents, "The debtor consents to contact with others.")
    return Ruling.deny(
        "Family and colleagues are not told of the debt.",
        missing_fact=fact_requirement(FactKind.THIRD_PARTY_CONSENT),
        facts={"with": attempt.party},
    )


@CONTACTS.rule(
    "it.hours-code",
    citation="UNIREC/consumer forum code of conduct",
    jurisdiction="IT",
    confidence="G",
    channels=PHONE | VISITS,
    configured=True,
)
def hours(attempt: ContactAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    """The industry's code, which is no law: calls and visits Monday to Friday 08:30 to 21:00, Saturday to 15:00, none
    on Sundays and holidays, and not again on the same day. Beyond it this rule warns.
    """
    if asked_for(attempt):
        return None
    for zone in attempt.debtor.time_zones or ROME:
        wall = attempt.at.astimezone(ZoneInfo(zone))
        span = opening(CODE_HOURS, wall.date(), zone)
        if span is None or not span[0] <= attempt.at < span[1]:
            return Ruling.warn(
                "This is outside the hours of the industry's code.", facts={"local time": f"{wall:%Y-%m-%d %H:%M}"}
            )
    today = days(attempt)[-1]
    again = [*recent(attempt, Counting.PHONE_ATTEMPT, today), *recent(attempt, Counting.VISIT, today)]
    count = sum(event.debtor_local_date == today for event in again)
    if count < settings.italian_contacts_a_day:
        return None
    return Ruling.warn("The debtor was called or visited today already.", facts={"today": count})


@CONTACTS.rule("it.licence", citation="RD 773/1931 art 115", jurisdiction="IT", confidence="G", configured=True)
@ACTIONS.rule("it.licence", citation="RD 773/1931 art 115", jurisdiction="IT", confidence="G", configured=True)
@PAYMENTS.rule("it.licence", citation="RD 773/1931 art 115", jurisdiction="IT", confidence="G", configured=True)
def licence(attempt: ContactAttempt | ActionAttempt | PaymentAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    """Collecting for others in Italy needs the police licence of article 115 TULPS."""
    roles = {account.collector_role for account in debts(attempt)}
    if roles and CollectorRole.THIRD_PARTY not in roles:
        return None
    return need_licence(attempt, "IT", settings, "Collecting for others in Italy needs the licence of article 115.")
