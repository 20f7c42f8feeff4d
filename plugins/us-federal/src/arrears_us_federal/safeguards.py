"""What an agency keeps up by itself: data security, checks of reassigned numbers, equal terms for all."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import days, need_attestation, recorded
from arrears_sdk.law.words import Attestation
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt
from arrears_sdk.vocabulary import ActionKind as Act, CommunicationChannel as Channel, DebtorKind, Direction
from arrears_us_federal.packs import ACTIONS, CONTACTS
from arrears_us_federal.persons import AUTOMATED
from arrears_us_federal.settings import UsFederalConfig


@ACTIONS.rule(
    "us.glba.safeguards",
    citation="16 CFR 314",
    jurisdiction="US",
    confidence="G",
    actions={Act.PROCESS_PERSONAL_DATA},
    configured=True,
)
def safeguards(attempt: ActionAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Who holds data of consumers has a written programme of information security, and tells the FTC within 30 days of
    a breach of unencrypted data of 500 or more.
    """
    if attempt.debtor.kind is not DebtorKind.PERSON:
        return None
    return need_attestation(
        attempt,
        Attestation.US_SAFEGUARDS,
        settings,
        "The agency has not stated that it has a written programme of information security.",
    )


@CONTACTS.rule(
    "us.privacy.reassigned",
    citation="47 CFR 64.1200(m)",
    jurisdiction="US",
    confidence="G",
    channels=AUTOMATED | {Channel.SMS},
    configured=True,
)
def reassigned(attempt: ContactAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Before an automated call or a text a look into the FCC's database tells whether the number has passed to somebody
    else. Whoever has written or called from it since need not be looked for.
    """
    point = attempt.contact_point
    if point is None:
        return None
    patience = timedelta(days=settings.reassignment_check_days)
    since = days(attempt)[-1] - patience
    if attempt.facts and any(
        one.on is not None and one.on >= since for one in recorded(attempt, FactKind.REASSIGNMENT_CHECK)
    ):
        return None
    if any(
        event.direction is Direction.INBOUND and event.contact_point_id == point.id and event.debtor_local_date >= since
        for event in attempt.history
    ):
        return None
    return _unlooked(patience.days)


@lru_cache(maxsize=16)
def _unlooked(days_back: int) -> Ruling:
    return Ruling.warn(
        f"Nobody has looked in the last {days_back} days whether this number has passed to somebody else.",
        facts={"look into the database of reassigned numbers": "none"},
    )


@ACTIONS.rule(
    "us.ecoa.no-discrimination",
    citation="15 USC 1691, 1681m",
    jurisdiction="US",
    confidence="P",
    actions={Act.OFFER_SETTLEMENT},
    configured=True,
)
def no_discrimination(attempt: ActionAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Settlements and plans are offered to everybody by the same criteria, whatever race, colour, religion, origin,
    sex, marital status, age or source of income; who is refused credit for a credit report is told so.
    """
    if settings.settlement_criteria_reviewed or attempt.debtor.kind is not DebtorKind.PERSON:
        return None
    return Ruling.warn("Nothing says that the agency offers settlements to everybody by the same criteria.")
