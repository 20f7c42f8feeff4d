"""India, Singapore, the Emirates and Japan."""

from __future__ import annotations

from datetime import time

from arrears_other_countries.limits import barred
from arrears_other_countries.packs import ACTIONS, CONTACTS
from arrears_other_countries.settings import OtherCountriesConfig
from arrears_sdk.law.counting import PHONE, VISITS, Counting, counted, day_numbers
from arrears_sdk.law.days import count_in
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import common_opening, every_day, rule_on_hours
from arrears_sdk.law.known import days, in_force, need_licence
from arrears_sdk.law.requirements import content
from arrears_sdk.law.words import Attestation, ContactParty, Content
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt
from arrears_sdk.vocabulary import ActionKind as Act, CollectorRole, CommunicationChannel as Channel, EndpointType

SUITS = frozenset({Act.SUE, Act.THREATEN_SUIT})
SPOKEN = PHONE | VISITS
LENDERS_PARTIES = frozenset({ContactParty.DEBTOR, ContactParty.CO_DEBTOR, ContactParty.ATTORNEY})
RBI = "RBI circular of 12 August 2022; Fair Practices Code"
UNFAIR = {
    Content.RIDICULE: "it exposes the debtor",
    Content.MISLEADING: "it is misleading",
    Content.THREATENS_UNLAWFUL_STEP: "it threatens",
    Content.REVEALS_DEBT: "it reveals the debt to others",
}
_INDIA_HOURS = every_day(time(8), time(19))
_JAPAN_HOURS = every_day(time(8), time(21))
_EMIRATES_HOURS = every_day(time(9), time(20))
INDIA_TIME = ("Asia/Kolkata",)


@CONTACTS.rule("in.rbi.hours", citation=RBI, jurisdiction="IN", confidence="P", channels=SPOKEN)
def india_hours(attempt: ContactAttempt) -> Ruling | None:
    """Lenders and their agents call and visit from 08:00 to 19:00, Indian time."""
    if attempt.at_debtor_request:
        return None
    return rule_on_hours(_INDIA_HOURS, attempt.at, INDIA_TIME, words="08:00 to 19:00")


@CONTACTS.rule("in.rbi.harassment", citation=RBI, jurisdiction="IN", confidence="P")
def india_harassment(attempt: ContactAttempt) -> Ruling | None:
    """No intimidation, public shaming, intrusion, inappropriate or anonymous messages, or false statements."""
    return unfair(attempt)


def unfair(attempt: ContactAttempt) -> Ruling | None:
    """A denial of content that shames, misleads, threatens or reveals, and of contact in public."""
    if attempt.channel is Channel.SOCIAL_PUBLIC:
        return Ruling.deny("Others would see the message.")
    if not attempt.content:
        return None
    why = [reason for word, reason in UNFAIR.items() if word in attempt.content]
    return Ruling.deny(f"The content is not allowed: {', '.join(why)}.") if why else None


@CONTACTS.rule(
    "in.rbi.draft-2026",
    citation="RBI draft Second Amendment Directions of 12 February 2026",
    jurisdiction="IN",
    confidence="P",
)
def india_draft(attempt: ContactAttempt) -> Ruling | None:
    """The draft: only borrower and guarantor, none at bereavement, calamity, marriage or festivals, trained agents,
    recorded calls. It only warns until the final text is checked.
    """
    why = []
    if attempt.party not in LENDERS_PARTIES:
        why.append("it is not the borrower or a guarantor")
    if in_force(attempt, FactKind.OCCASION):
        why.append("it is a time of bereavement, marriage, festival or calamity")
    if attempt.channel in PHONE and Attestation.CALLS_RECORDED not in attempt.attestations:
        why.append("calls are not recorded")
    if Attestation.TRAINED_AGENTS not in attempt.attestations:
        why.append("agents are not stated to be trained")
    return Ruling.warn(f"The draft directions would object: {'; '.join(why)}.") if why else None


@CONTACTS.rule(
    "in.rbi.agent-identity",
    citation="RBI outsourcing and recovery-agent directions",
    jurisdiction="IN",
    confidence="G",
    channels=VISITS,
)
def agent_identity(attempt: ContactAttempt) -> Ruling | None:
    """A visiting agent carries the lender's authorisation and an identity card; the borrower is told who comes."""
    roles = {account.collector_role for account in attempt.accounts}
    if roles == {CollectorRole.FIRST_PARTY} or Content.AGENT_IDENTITY in attempt.content:
        return None
    return Ruling.require(content(Content.AGENT_IDENTITY), "Carry the lender's authorisation and say who comes.")


@ACTIONS.rule(
    "in.limitation",
    citation="Limitation Act 1963 arts 19-55, ss.18, 19; Contract Act s.25(3)",
    jurisdiction="IN",
    confidence="G",
    actions=SUITS,
)
def india_limitation(attempt: ActionAttempt) -> Ruling | None:
    """Three years; a signed written acknowledgment or a payment before the end begins them anew."""
    return barred(attempt, attempt.account, 3, restarting=("SIGNED",))


@CONTACTS.rule("sg.licence", citation="Debt Collection Act 2022", jurisdiction="SG", confidence="G", configured=True)
def singapore_licence(attempt: ContactAttempt, settings: OtherCountriesConfig) -> Ruling | None:
    """A business that collects for others is licensed, and neither threatens nor says what is false."""
    if attempt.accounts and all(account.collector_role is CollectorRole.FIRST_PARTY for account in attempt.accounts):
        return unfair(attempt)
    wrong = unfair(attempt)
    lacking = need_licence(attempt, "SG", settings, "The agency's licence in Singapore is not recorded.")
    return Ruling.combine([found for found in (wrong, lacking) if found is not None]) if wrong or lacking else None


@CONTACTS.rule(
    "sg.harassment",
    citation="Protection from Harassment Act 2014 ss.3-5, 7",
    jurisdiction="SG",
    confidence="G",
)
def singapore_harassment(attempt: ContactAttempt) -> Ruling | None:
    """A pattern that alarms or distresses is an offence: more than five attempts in a day are looked at."""
    made = counted(attempt, Counting.CONTACT_OR_ATTEMPT)
    today = days(attempt)[0]
    number = count_in(day_numbers(made), today, today) if made else 0
    return (
        Ruling.warn(f"There were {number} attempts today.", facts={"attempts today": number}) if number >= 5 else None
    )


@ACTIONS.rule(
    "sg.limitation", citation="Limitation Act 1959 ss.6, 26", jurisdiction="SG", confidence="G", actions=SUITS
)
def singapore_limitation(attempt: ActionAttempt) -> Ruling | None:
    """Six years; an acknowledgment or a payment begins them anew."""
    return barred(attempt, attempt.account, 6)


@CONTACTS.rule(
    "ae.cbuae.conduct",
    citation="CBUAE Consumer Protection Regulation 8/2020 and Standards",
    jurisdiction="AE",
    confidence="P",
)
def emirates(attempt: ContactAttempt) -> Ruling | None:
    """Reasonable hours (reported: 09:00 to 20:00), in proportion, nothing to third parties: warned of, not barred."""
    why = []
    zones = attempt.debtor.time_zones or ("Asia/Dubai",)
    opened = common_opening([(_EMIRATES_HOURS, zone) for zone in zones], attempt.at)
    if attempt.channel not in (Channel.LETTER, Channel.EMAIL) and (opened is None or opened[0] > attempt.at):
        why.append("it is not 09:00 to 20:00")
    if attempt.party not in LENDERS_PARTIES:
        why.append("it is with a third party")
    if unfair(attempt) is not None:
        why.append("its content is unfair")
    if not why and opened is not None:
        return Ruling.allow(opened[1], reason="It is 09:00 to 20:00.")
    return Ruling.warn(f"The contact may not be reasonable: {'; '.join(why)}.") if why else None


@CONTACTS.rule(
    "jp.moneylending.hours",
    citation="Money Lending Business Act art. 21",
    jurisdiction="JP",
    confidence="G",
    channels=frozenset(Channel) - {Channel.LETTER, Channel.POSTCARD},
)
def japan(attempt: ContactAttempt) -> Ruling | None:
    """No contact from 21:00 to 08:00 without good reason, none at work, no demand to third parties."""
    if attempt.at_debtor_request:
        return None
    point = attempt.contact_point
    working = attempt.channel is Channel.IN_PERSON_WORK or (
        point is not None and point.endpoint_type is EndpointType.WORK
    )
    if working or attempt.party not in LENDERS_PARTIES:
        return Ruling.deny("No contact at work and no demand to third parties.")
    return rule_on_hours(_JAPAN_HOURS, attempt.at, attempt.debtor.time_zones, words="08:00 to 21:00")
