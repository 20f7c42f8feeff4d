"""Disputes, requests for the original creditor, and records: 12 CFR 1006.38, 1006.100; 15 USC 1692g, 1692h."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from arrears_sdk.law.days import years_after
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import start_of_day
from arrears_sdk.law.known import Attempt, day_of, days, hold, in_force
from arrears_sdk.law.requirements import content, notice as notice_requirement
from arrears_sdk.law.words import ContactParty as Party, ContactPurpose, Content, NoticeKind
from arrears_sdk.money import Money
from arrears_sdk.rules import local_days
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, Fact, PaymentAttempt
from arrears_sdk.vocabulary import AccountStatus, ActionKind, HoldKind, Initiator
from arrears_us_federal.coverage import covered, covered_accounts
from arrears_us_federal.packs import ACTIONS, CONTACTS, PAYMENTS
from arrears_us_federal.persons import asked_for, until_begun
from arrears_us_federal.validation import validation_end

DISPUTE = "12 CFR 1006.38(d)(2); 15 USC 1692g(b)"
ORIGINAL_CREDITOR = "12 CFR 1006.38(c)"
LATE = "15 USC 1692e(8), 1692h"
COLLECTING = frozenset(
    {
        ContactPurpose.COLLECT,
        ContactPurpose.LEAVE_MESSAGE,
        ContactPurpose.LOCATION_INQUIRY,
        ContactPurpose.EMPLOYMENT_CHECK,
        ContactPurpose.REMEDY_NOTICE,
        ContactPurpose.LEGAL_PROCESS,
    }
)
STOPPED = frozenset(
    {
        ActionKind.SUE,
        ActionKind.SEEK_DEFAULT_JUDGMENT,
        ActionKind.ENFORCE_JUDGMENT,
        ActionKind.THREATEN_SUIT,
        ActionKind.REPOSSESS,
        ActionKind.FURNISH,
        ActionKind.CHARGE_FEE,
        ActionKind.DEMAND_PAYMENT,
        ActionKind.DEPOSIT_INSTRUMENT,
        ActionKind.OFFER_SETTLEMENT,
        ActionKind.EVICT,
        ActionKind.TERMINATE_AGREEMENT,
    }
)
_OTHERS = frozenset({Party.CREDITOR, Party.BUREAU})
_WRITTEN = frozenset({"WRITTEN", "ELECTRONIC", None})
_OVER = frozenset({AccountStatus.CLOSED, AccountStatus.RETURNED, AccountStatus.RECALLED})
KEEP_YEARS = 3


def in_time(attempt: Attempt, account: Account, made: Fact) -> bool:
    """Whether a dispute or request came on or before the last day of the validation period, which does not end before
    the notice is given.
    """
    ends = validation_end(attempt, account)
    return ends is None or local_days(made.received_at, attempt.debtor.time_zones)[0] <= ends


def _of(facts: Iterable[Fact], account: Account) -> list[Fact]:
    return [fact for fact in facts if fact.account_id in (None, account.id)]


def _answered(attempt: Attempt, account: Account, kind: NoticeKind, made: Fact) -> bool:
    return any(
        given.kind is kind
        and made.starts_at <= given.sent_at <= attempt.at
        and (given.returned_at is None or given.returned_at > attempt.at)
        and (not given.account_ids or account.id in given.account_ids)
        for given in attempt.notices
    )


def unverified(attempt: Attempt, account: Account) -> Fact | None:
    """The written dispute of a debt, made in time, of which no verification was sent; nor, for one that only repeats
    another, the notice that says so. Of several the one of the whole debt, or of the largest part.
    """
    found = None
    for made in _of(in_force(attempt, FactKind.DISPUTE), account):
        if made.word not in _WRITTEN or not in_time(attempt, account, made):
            continue
        if _answered(attempt, account, NoticeKind.VERIFICATION, made):
            continue
        repeats = _of(in_force(attempt, FactKind.DISPUTE_DUPLICATE), account)
        if repeats and _answered(attempt, account, NoticeKind.DUPLICATE_DISPUTE, made):
            continue
        if found is None or _widest(made) > _widest(found):
            found = made
    return found


def _widest(made: Fact) -> tuple[bool, int]:
    return made.amount is None, 0 if made.amount is None else made.amount.minor


def _undisputed(account: Account, made: Fact, amount: Money | None) -> bool:
    """Whether an amount is within the part of a debt that is not disputed."""
    if made.amount is None or amount is None or made.amount.currency != amount.currency:
        return False
    return amount.minor + made.amount.minor <= account.balance.minor


def _stopped(attempt: Attempt, made: Fact) -> Ruling:
    day = day_of(attempt, made.received_at).isoformat()
    wanted = notice_requirement(NoticeKind.VERIFICATION)
    told: dict[str, object] = {"dispute received": day}
    if made.amount is not None:
        told["disputed"] = made.amount
    return Ruling.deny(
        f"The debtor disputed the debt in writing on {day}: send verification, or a copy of the judgment, first.",
        missing_fact=wanted,
        facts=told,
    )


@CONTACTS.rule("us.regf.dispute-cease", citation=DISPUTE, jurisdiction="US")
def contact_dispute_cease(attempt: ContactAttempt) -> Ruling | None:
    """After a written dispute within the validation period nothing is collected of what is disputed until
    verification, or a copy of the judgment, is sent; a dispute that only repeats another is answered by saying so.
    """
    if not attempt.facts or not _collects(attempt):
        return None
    partly: Ruling | None = None
    for account in covered_accounts(attempt):
        made = unverified(attempt, account)
        if made is None:
            continue
        part = made.amount is not None and made.amount.currency == account.balance.currency
        if part and made.amount is not None and made.amount.minor < account.balance.minor:
            partly = Ruling.warn(
                f"{made.amount} of the debt is disputed and not verified: speak only of the rest.",
                facts={"disputed": made.amount},
            )
            continue
        return _stopped(attempt, made)
    return partly or until_begun(attempt, FactKind.DISPUTE, "The debt is disputed from then on.")


def _collects(attempt: ContactAttempt) -> bool:
    if attempt.purpose not in COLLECTING or attempt.party in _OTHERS:
        return False
    return not asked_for(attempt) and not attempt.required_by_law


@ACTIONS.rule("us.regf.dispute-cease", citation=DISPUTE, jurisdiction="US", actions=STOPPED)
def action_dispute_cease(attempt: ActionAttempt) -> Ruling | None:
    """After a written dispute within the validation period there is no suit, fee, demand or first credit report of
    what is disputed until verification, or a copy of the judgment, is sent.
    """
    if not attempt.facts or not covered(attempt):
        return None
    if attempt.kind is ActionKind.FURNISH and in_force(attempt, FactKind.FURNISHED):
        return None
    made = unverified(attempt, attempt.account)
    if made is None or _undisputed(attempt.account, made, attempt.amount):
        return None
    return _stopped(attempt, made)


@PAYMENTS.rule("us.regf.dispute-cease", citation=DISPUTE, jurisdiction="US")
def payment_dispute_cease(attempt: PaymentAttempt) -> Ruling | None:
    """After a written dispute within the validation period the collector takes no money for what is disputed until
    verification is sent; what the debtor pays of their own will is taken.
    """
    if not attempt.facts or attempt.initiated_by is Initiator.DEBTOR or not covered(attempt):
        return None
    made = unverified(attempt, attempt.account)
    if made is None or _undisputed(attempt.account, made, attempt.amount):
        return None
    return _stopped(attempt, made)


def _creditor_asked(attempt: Attempt) -> Ruling | None:
    """A refusal while a request for the original creditor, made in time, has no answer."""
    asked = in_force(attempt, FactKind.ORIGINAL_CREDITOR_REQUEST)
    if not asked:
        return None
    for account in covered_accounts(attempt):
        for made in _of(asked, account):
            if not in_time(attempt, account, made):
                continue
            if _answered(attempt, account, NoticeKind.ORIGINAL_CREDITOR, made):
                continue
            day = day_of(attempt, made.received_at).isoformat()
            return Ruling.deny(
                f"The debtor asked on {day} who the original creditor is: send name and address first.",
                missing_fact=notice_requirement(NoticeKind.ORIGINAL_CREDITOR),
                facts={"request received": day},
            )
    return None


@CONTACTS.rule("us.regf.original-creditor-request", citation=ORIGINAL_CREDITOR, jurisdiction="US")
def contact_original_creditor(attempt: ContactAttempt) -> Ruling | None:
    """After a request for the original creditor within the validation period collection stops until name and address
    are sent, or a notice that it is the current one.
    """
    return _creditor_asked(attempt) if attempt.facts and _collects(attempt) else None


@ACTIONS.rule("us.regf.original-creditor-request", citation=ORIGINAL_CREDITOR, jurisdiction="US", actions=STOPPED)
def action_original_creditor(attempt: ActionAttempt) -> Ruling | None:
    """After a request for the original creditor within the validation period collection stops until name and address
    are sent, or a notice that it is the current one.
    """
    return _creditor_asked(attempt) if attempt.facts else None


@PAYMENTS.rule("us.regf.original-creditor-request", citation=ORIGINAL_CREDITOR, jurisdiction="US")
def payment_original_creditor(attempt: PaymentAttempt) -> Ruling | None:
    """After a request for the original creditor within the validation period the collector takes no money until name
    and address are sent; what the debtor pays of their own will is taken.
    """
    return _creditor_asked(attempt) if attempt.facts and attempt.initiated_by is not Initiator.DEBTOR else None


@ACTIONS.rule(
    "us.regf.oral-or-late-dispute",
    citation=LATE,
    jurisdiction="US",
    actions={ActionKind.FURNISH, ActionKind.APPLY_PAYMENT},
)
def oral_or_late_dispute(attempt: ActionAttempt) -> Ruling | None:
    """A dispute that was oral or late stops nothing, but the debt is treated as disputed: it is reported as such, and
    no payment is applied to it but by the debtor's direction.
    """
    if (not attempt.facts and not attempt.holds) or not covered(attempt):
        return None
    made = _of(in_force(attempt, FactKind.DISPUTE), attempt.account)
    if not made and hold(attempt, HoldKind.DISPUTE) is None:
        return None
    told = {"dispute received": day_of(attempt, made[0].received_at)} if made else {"dispute": "by a hold"}
    if attempt.kind is ActionKind.APPLY_PAYMENT:
        if in_force(attempt, FactKind.ALLOCATION_DIRECTION):
            return None
        return Ruling.deny(
            "A payment may not be applied to a disputed debt without the debtor's direction.", facts=told
        )
    if Content.DISPUTE_CODE in attempt.content:
        return None
    return Ruling.require(content(Content.DISPUTE_CODE), "Report the debt as disputed.", facts=told)


@ACTIONS.rule("us.regf.no-admission", citation="15 USC 1692g(c)", jurisdiction="US")
def no_admission(attempt: ActionAttempt) -> Ruling | None:
    """That a debtor did not dispute is no admission that the debt is owed. It never objects: no other rule
    reads silence as an admission.
    """
    return None


@ACTIONS.rule(
    "us.regf.record-retention", citation="12 CFR 1006.100", jurisdiction="US", actions={ActionKind.DELETE_RECORD}
)
def record_retention(attempt: ActionAttempt) -> Ruling | None:
    """Records are kept until three years after the last collection activity on the debt, recordings of calls three
    years after the call.
    """
    if not covered(attempt):
        return None
    account = attempt.account
    if account.status not in _OVER:
        return Ruling.deny("The debt is still being collected: its records are kept.", facts={"status": account.status})
    last = last_activity(attempt)
    kept = years_after(last, KEEP_YEARS)
    if days(attempt)[0] > kept:
        return None
    return Ruling.defer(
        start_of_day(kept + timedelta(days=1), attempt.debtor.time_zones),
        f"The last collection activity was on {last.isoformat()}: records are kept until {kept.isoformat()}.",
        facts={"last collection activity": last, "kept until": kept},
    )


def last_activity(attempt: ActionAttempt) -> date:
    """The day of the last thing done to collect the debt, as far as is known."""
    account = attempt.account
    found = [account.placed_on]
    found += [account.last_payment_on] if account.last_payment_on is not None else []
    found += [day_of(attempt, account.last_contact_at)] if account.last_contact_at is not None else []
    found += [
        event.debtor_local_date for event in attempt.history if not event.account_ids or account.id in event.account_ids
    ]
    return max(found)
