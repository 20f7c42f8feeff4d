"""Where and until when a suit may be brought, and what may be threatened: 15 USC 1692e, 1692i; 12 CFR 1006.26."""

from __future__ import annotations

from datetime import timedelta

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import in_force
from arrears_sdk.law.requirements import fact as fact_requirement
from arrears_sdk.law.us_limitation import LimitationClock, clock
from arrears_sdk.law.words import Content
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt
from arrears_sdk.vocabulary import ActionKind as Act, CollectorRole as Role, ResidenceKind
from arrears_us_federal.coverage import covered, covered_accounts
from arrears_us_federal.packs import ACTIONS, CONTACTS
from arrears_us_federal.persons import until_over
from arrears_us_federal.planned import until_day_ends
from arrears_us_federal.representation import reaching
from arrears_us_federal.settings import UsFederalConfig

TIME_BARRED = "12 CFR 1006.26(b)"
THREATS = "15 USC 1692e(1)-(7),(9),(13)-(16)"
_FALSE = frozenset({Content.THREATENS_UNLAWFUL_STEP, Content.MISLEADING})
_FOR_ANOTHER = frozenset({Role.THIRD_PARTY, Role.ATTORNEY})


def _clocks(attempt: ActionAttempt | ContactAttempt, settings: UsFederalConfig) -> list[LimitationClock]:
    found = (clock(attempt, account, settings) for account in covered_accounts(attempt))
    return [standing for standing in found if standing is not None]


def _barred(attempt: ActionAttempt | ContactAttempt, settings: UsFederalConfig, what: str) -> Ruling | None:
    """A refusal when the limitation period of a covered debt is over; else until when it is not."""
    standing = _clocks(attempt, settings)
    over = next((one for one in standing if one.barred and one.expires_on is not None), None)
    if over is None:
        last = min((one.expires_on for one in standing if one.expires_on is not None), default=None)
        return None if last is None else until_day_ends(attempt, last, f"The limitation period ends on {last}.")
    assert over.expires_on is not None
    since = over.expires_on + timedelta(days=1)
    return Ruling.deny(
        f"The debt is barred by time since {since.isoformat()}: a suit may not be {what}.",
        missing_fact=over.missing_fact,
        facts=over.told,
    )


@ACTIONS.rule(
    "us.regf.time-barred",
    citation=TIME_BARRED,
    jurisdiction="US",
    actions={Act.SUE, Act.THREATEN_SUIT},
    configured=True,
)
def time_barred(attempt: ActionAttempt, settings: UsFederalConfig) -> Ruling | None:
    """No suit, and no threat of one, on a debt whose limitation period is over, known or not; proofs of claim in
    bankruptcy are free.
    """
    if Content.PROOF_OF_CLAIM in attempt.content or not covered(attempt):
        return None
    return _barred(attempt, settings, "brought" if attempt.kind is Act.SUE else "threatened")


@CONTACTS.rule("us.regf.time-barred", citation=TIME_BARRED, jurisdiction="US", configured=True)
def time_barred_threat(attempt: ContactAttempt, settings: UsFederalConfig) -> Ruling | None:
    """No threat of suit on a debt whose limitation period is over, known or not."""
    if Content.THREATENS_SUIT not in attempt.content or not covered(attempt):
        return None
    return _barred(attempt, settings, "threatened")


def _meets(place: str, other: str) -> bool:
    """Whether two places are the same as far as both are told: `US-NY` and `US-NY-ALBANY` are."""
    one, two = place.upper().split("-", 2), other.upper().split("-", 2)
    return all(left == right for left, right in zip(one, two, strict=False)) and min(len(one), len(two)) > 1


def _residences(attempt: ActionAttempt) -> list[str]:
    return [
        "-".join(part for part in (place.country, place.region, place.city if place.region else None) if part)
        for place in attempt.debtor.places
        if place.kind is ResidenceKind.RESIDENCE
    ]


@ACTIONS.rule("us.regf.venue", citation="15 USC 1692i; 12 CFR 1006.30(d)", jurisdiction="US", actions={Act.SUE})
def venue(attempt: ActionAttempt) -> Ruling | None:
    """A suit is brought where the debtor signed the contract or lives; to enforce rights in real property only where
    that lies.
    """
    if not covered(attempt) or Content.PROOF_OF_CLAIM in attempt.content:
        return None
    if attempt.place is None:
        return Ruling.deny("Say where the suit is to be brought.", missing_fact="place")
    land = [one for one in in_force(attempt, FactKind.SECURED) if one.word == "REAL_PROPERTY"]
    property_at = [one.place for one in land if one.place]
    if land and not property_at:
        return Ruling.deny(
            "Real property secures the debt: say where it lies, for a suit to enforce that belongs there.",
            missing_fact=fact_requirement(FactKind.SECURED),
            facts={"wanted": attempt.place},
        )
    signed_at = [one.place for one in in_force(attempt, FactKind.CONTRACT_PLACE) if one.place]
    allowed = property_at or [*signed_at, *_residences(attempt)]
    if any(_meets(attempt.place, place) for place in allowed):
        return None
    return Ruling.deny(
        f"A suit on this debt belongs to {' or '.join(sorted(set(allowed))) or 'nowhere that is known'},"
        f" not to {attempt.place}.",
        missing_fact=None if property_at or signed_at else fact_requirement(FactKind.CONTRACT_PLACE),
        facts={"wanted": attempt.place, "allowed": ", ".join(sorted(set(allowed))) or "none known"},
    )


@CONTACTS.rule("us.fdcpa.threats", citation=THREATS, jurisdiction="US", configured=True)
def threats(attempt: ContactAttempt, settings: UsFederalConfig) -> Ruling | None:
    """No threat of arrest, seizure, garnishment or any step that is not lawful and intended; no false impression of a
    lawyer, authority, bureau or court; the true business name.
    """
    if not attempt.content:
        return None
    return _false(attempt, settings, threatened=Content.THREATENS_SUIT in attempt.content)


@ACTIONS.rule(
    "us.fdcpa.threats",
    citation=THREATS,
    jurisdiction="US",
    actions={Act.THREATEN_SUIT, Act.DEMAND_PAYMENT, Act.SEND_DOCUMENT, Act.OFFER_SETTLEMENT},
    configured=True,
)
def threats_in_papers(attempt: ActionAttempt, settings: UsFederalConfig) -> Ruling | None:
    """No threat of arrest, seizure, garnishment or any step that is not lawful and intended; no false impression of a
    lawyer, authority, bureau or court; the true business name.
    """
    threatened = attempt.kind is Act.THREATEN_SUIT or Content.THREATENS_SUIT in attempt.content
    return _false(attempt, settings, threatened=threatened) if threatened or attempt.content else None


def _false(attempt: ActionAttempt | ContactAttempt, settings: UsFederalConfig, *, threatened: bool) -> Ruling | None:
    wrong = _FALSE & attempt.content
    if not wrong and not threatened:
        return None
    accounts = covered_accounts(attempt)
    if not covered(attempt):
        return None
    if Content.THREATENS_UNLAWFUL_STEP in wrong:
        return Ruling.deny("It threatens a step that is not lawful or not intended.")
    if wrong:
        return Ruling.deny("It is false or misleading.")
    for_others = [one.id for one in accounts if one.collector_role in _FOR_ANOTHER]
    if not for_others:
        return None
    authority = reaching(in_force(attempt, FactKind.LITIGATION_AUTHORITY), for_others)
    if authority:
        return until_over(authority, "The creditor authorised a suit.", for_others)
    reason = "A suit is threatened that nothing says the creditor intends: its written authority is not recorded."
    if settings.threats_without_authority == "WARN":
        return Ruling.warn(reason)
    wanted = fact_requirement(FactKind.LITIGATION_AUTHORITY)
    return Ruling.require(wanted, reason, missing_fact=wanted)
