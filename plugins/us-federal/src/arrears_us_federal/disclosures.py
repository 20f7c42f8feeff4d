"""What a debt collector says of itself: 12 CFR 1006.18(e); 15 USC 1692e(11)."""

from __future__ import annotations

from collections.abc import Iterator

from arrears_sdk.law.counting import MESSAGES, NOT_CONNECTED, NOT_DELIVERED, UNANSWERED, about_debt
from arrears_sdk.law.requirements import content
from arrears_sdk.law.words import ContactPurpose, Content
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt, Interaction
from arrears_sdk.vocabulary import Direction, InteractionResult as Result
from arrears_us_federal.coverage import covered, covered_accounts
from arrears_us_federal.packs import CONTACTS
from arrears_us_federal.persons import SPOKEN, to_consumer
from arrears_us_federal.representation import LOCATING

NOT_COMMUNICATED = (
    UNANSWERED
    | NOT_CONNECTED
    | NOT_DELIVERED
    | (MESSAGES - {Result.VOICEMAIL_LEFT})
    | {Result.THIRD_PARTY_REACHED, Result.LANGUAGE}
)
"""Results that conveyed nothing about the debt to the debtor; a limited-content message is an attempt only."""
_NO_COMMUNICATION = LOCATING | {ContactPurpose.LEGAL_PROCESS, ContactPurpose.OPT_OUT_CONFIRMATION}
ENGLISH = "en"


def communicates(attempt: ContactAttempt) -> bool:
    """Whether the contact conveys anything about the debt to the consumer: no pleading, inquiry or limited message."""
    if attempt.purpose in _NO_COMMUNICATION or Content.LIMITED_CONTENT in attempt.content:
        return False
    return covered(attempt) and to_consumer(attempt)


def communicated(event: Interaction) -> bool:
    """Whether a past contact conveyed something about the debt."""
    if event.pending or event.purpose in _NO_COMMUNICATION:
        return False
    if event.result is Result.HUNG_UP or event.direction is Direction.INBOUND:
        return event.debt_discussed
    return event.result not in NOT_COMMUNICATED


def communications(attempt: ContactAttempt, account_id: str | None) -> Iterator[Interaction]:
    """The past communications about a debt, the newest first; about any when no debt is known."""
    at = attempt.at
    for event in attempt.history:
        if communicated(event) and event.started_at <= at and (account_id is None or about_debt(event, account_id)):
            yield event


def first_communication(attempt: ContactAttempt, account_id: str) -> Interaction | None:
    """The first communication about a debt of which anything is known."""
    at = attempt.at
    for event in reversed(attempt.history):
        if communicated(event) and event.started_at <= at and about_debt(event, account_id):
            return event
    return None


def _debts(attempt: ContactAttempt) -> list[str | None]:
    return [account.id for account in covered_accounts(attempt)] or [None]


def is_first(attempt: ContactAttempt) -> bool:
    """Whether it would be the first communication about one of the debts."""
    for debt in _debts(attempt):
        for _ in communications(attempt, debt):
            break
        else:
            return True
    return False


def is_first_of_each(attempt: ContactAttempt) -> bool:
    """Whether it would be the first communication about every one of the debts."""
    return all(next(communications(attempt, debt), None) is None for debt in _debts(attempt))


def is_first_written(attempt: ContactAttempt) -> bool:
    """Whether it would be the first written communication about one of the debts, all before it being oral."""
    if attempt.channel in SPOKEN:
        return False
    return any(all(event.channel in SPOKEN for event in communications(attempt, debt)) for debt in _debts(attempt))


@CONTACTS.rule("us.regf.initial-disclosure", citation="12 CFR 1006.18(e)(1); 15 USC 1692e(11)", jurisdiction="US")
def initial_disclosure(attempt: ContactAttempt) -> Ruling | None:
    """The first communication says that it is an attempt to collect a debt and that information will be used for that;
    when it was oral, the first written one says so again.
    """
    if Content.INITIAL_DISCLOSURE in attempt.content or not communicates(attempt):
        return None
    if is_first(attempt):
        reason = "This is the first communication: say that it is to collect a debt, and what information is used for."
    elif is_first_written(attempt):
        reason = "The first communication was oral: the first written one says again that it is to collect a debt."
    else:
        return None
    return Ruling.require(content(Content.INITIAL_DISCLOSURE), reason)


@CONTACTS.rule("us.regf.subsequent-disclosure", citation="12 CFR 1006.18(e)(2)", jurisdiction="US")
def subsequent_disclosure(attempt: ContactAttempt) -> Ruling | None:
    """Every later communication says that it is from a debt collector."""
    said = attempt.content
    if Content.COLLECTOR_DISCLOSURE in said or Content.INITIAL_DISCLOSURE in said or not communicates(attempt):
        return None
    if is_first(attempt):
        return None
    return _SAY_COLLECTOR


_SAY_COLLECTOR = Ruling.require(content(Content.COLLECTOR_DISCLOSURE), "Say that this is from a debt collector.")


@CONTACTS.rule("us.regf.disclosure-language", citation="12 CFR 1006.18(e)(3),(4)", jurisdiction="US")
def disclosure_language(attempt: ContactAttempt) -> Ruling | None:
    """What has to be disclosed is said in the same language as the rest, translated completely and accurately; not in
    formal pleadings.
    """
    spoken = attempt.languages or attempt.debtor.languages[:1]
    if Content.SAME_LANGUAGE in attempt.content or all(language == ENGLISH for language in spoken):
        return None
    others = [language for language in spoken if language.partition("-")[0].lower() != ENGLISH]
    if not others or not communicates(attempt):
        return None
    known = "language of the contact" if attempt.languages else "language of the debtor"
    return Ruling.require(
        content(Content.SAME_LANGUAGE),
        "Make the disclosures in the language of the rest of the contact.",
        facts={known: ", ".join(others)},
    )
