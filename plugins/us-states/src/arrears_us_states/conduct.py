"""The federal rules of conduct, for creditors whom a state's law holds to them although federal law does not."""

from __future__ import annotations

from arrears_sdk.law.debts import for_all
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import rule_on_hours
from arrears_sdk.law.known import in_force
from arrears_sdk.law.words import ContactPurpose, Content
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt
from arrears_sdk.vocabulary import CommunicationChannel as Channel, EndpointType
from arrears_us_states.law import TIMED
from arrears_us_states.reach import STRANGERS, asked_for
from arrears_us_states.stops import EIGHT_TO_NINE, EIGHT_TO_NINE_WORDS, represented

_AFTER_STOP = frozenset({ContactPurpose.CEASE_CONFIRMATION, ContactPurpose.REMEDY_NOTICE, ContactPurpose.LEGAL_PROCESS})
_WORK = frozenset({Channel.IN_PERSON_WORK})
SILENCE_DAYS = 30


def federal_conduct(attempt: ContactAttempt) -> Ruling | None:
    """What 15 USC 1692b to 1692d say of a contact: hours, work, lawyers, written stops and third parties."""
    if attempt.required_by_law:
        return None
    said = [_time(attempt), _third_party(attempt)]
    if attempt.facts:
        said.extend([_work(attempt), _cease(attempt), represented(attempt, lambda _: True, SILENCE_DAYS)])
    found = [ruling for ruling in said if ruling is not None]
    return Ruling.combine(found) if found else None


def _time(attempt: ContactAttempt) -> Ruling | None:
    if attempt.channel not in TIMED or asked_for(attempt):
        return None
    return rule_on_hours(EIGHT_TO_NINE, attempt.at, attempt.debtor.time_zones, words=EIGHT_TO_NINE_WORDS)


def _third_party(attempt: ContactAttempt) -> Ruling | None:
    if attempt.party not in STRANGERS or in_force(attempt, FactKind.THIRD_PARTY_CONSENT):
        return None
    inquires = attempt.purpose in {ContactPurpose.LOCATION_INQUIRY, ContactPurpose.EMPLOYMENT_CHECK}
    if (inquires and Content.REVEALS_DEBT not in attempt.content) or for_all(attempt, FactKind.COURT_PERMISSION):
        return None
    return Ruling.deny("Others are not spoken with about the debt.")


def _work(attempt: ContactAttempt) -> Ruling | None:
    point = attempt.contact_point
    at_work = attempt.channel in _WORK or (point is not None and point.endpoint_type is EndpointType.WORK)
    if at_work and in_force(attempt, FactKind.EMPLOYER_PROHIBITS):
        return Ruling.deny("The debtor may not be contacted at work.")
    return None


def _cease(attempt: ContactAttempt) -> Ruling | None:
    if attempt.purpose in _AFTER_STOP:
        return None
    for fact in in_force(attempt, FactKind.CEASE):
        if fact.word != "ORAL":
            return Ruling.deny("The debtor wrote not to want further contact.")
    return None
