"""Recurring debits and what may not depend on them, by Regulation E: 12 CFR 1005.10; 15 USC 1693e."""

from __future__ import annotations

from arrears_sdk.law.days import days_after
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import day_of, in_force, notices, stated
from arrears_sdk.law.requirements import fact as fact_requirement, notice as notice_requirement
from arrears_sdk.law.words import Content, NoticeKind
from arrears_sdk.money import Money
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, Notice, PaymentAttempt
from arrears_sdk.vocabulary import (
    ActionKind as Act,
    CommunicationChannel as Channel,
    DebtorKind,
    Initiator,
    PaymentMethodKind as Method,
)
from arrears_us_federal.packs import ACTIONS, CONTACTS, PAYMENTS
from arrears_us_federal.planned import earliest_day, latest_day, until_begins, wait_until, while_held
from arrears_us_federal.settings import UsFederalConfig

NOTICE_DAYS = 10
NO_COMPULSION = "12 CFR 1005.10(e)(1)"
_PERHAPS_DEBIT = frozenset({Method.CARD, Method.WALLET, Method.OTHER})
_SIGNED = frozenset({"SIGNED", "AUTHENTICATED"})
_IN_WRITING = frozenset({Channel.LETTER, Channel.EMAIL, Channel.FAX, Channel.SMS, Channel.PUSH_OR_PORTAL})


def electronic_debit(attempt: PaymentAttempt, settings: UsFederalConfig) -> bool:
    """Whether money would be taken electronically from a person's account; a card may be a debit card."""
    if attempt.debtor.kind is not DebtorKind.PERSON:
        return False
    return attempt.method is Method.BANK_DEBIT or (attempt.method in _PERHAPS_DEBIT and settings.cards_may_be_debit)


@PAYMENTS.rule(
    "us.rege.preauth-authorization",
    citation="15 USC 1693e(a); 12 CFR 1005.10(b)",
    jurisdiction="US",
    configured=True,
)
def preauth_authorization(attempt: PaymentAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Recurring debits only with a writing that the debtor signed or similarly authenticated, and has a copy of."""
    if not attempt.recurring or not electronic_debit(attempt, settings):
        return None
    held = in_force(attempt, FactKind.DEBIT_AUTHORISATION)
    signed = [one for one in held if one.word in _SIGNED]
    if signed:
        return while_held(signed)
    wanted = fact_requirement(FactKind.DEBIT_AUTHORISATION)
    reason = "The recurring debit was authorised by word of mouth only" if held else "The debtor has not authorised it"
    return Ruling.require(
        wanted,
        f"{reason}: recurring debits need a signed or authenticated writing, of which the debtor has a copy.",
        missing_fact=wanted,
    )


@PAYMENTS.rule(
    "us.rege.varying-amount",
    citation="12 CFR 1005.10(d); 15 USC 1693e(b)",
    jurisdiction="US",
    configured=True,
)
def varying_amount(attempt: PaymentAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Of a recurring debit that differs from the one before or from what was authorised, amount and day are told in
    writing at least ten days before, unless the debtor chose to hear only of debits above an amount and it is not.
    """
    if not attempt.recurring or not electronic_debit(attempt, settings):
        return None
    authorised = stated(attempt, FactKind.DEBIT_AUTHORISATION)
    usual = [attempt.previous, None if authorised is None else authorised.amount]
    differs = [amount for amount in usual if amount is not None and amount != attempt.amount]
    if not differs:
        return None
    chosen = stated(attempt, FactKind.VARYING_RANGE)
    if chosen is not None and _within(attempt.amount, chosen.amount):
        return while_held([chosen])
    told = {"amount": attempt.amount, "usual amount": differs[0]}
    given = [one for one in notices(attempt, NoticeKind.VARYING_DEBIT) if _serves(attempt, one, settings)]
    if not given:
        wanted = notice_requirement(NoticeKind.VARYING_DEBIT)
        return Ruling.require(
            wanted,
            f"The debit of {attempt.amount} differs from {differs[0]}: tell amount and day in writing ten days before.",
            missing_fact=wanted,
            facts=told,
        )
    # The newest is of this debit: an older one may have been of the debit before.
    sent = max(day_of(attempt, one.sent_at) for one in given)
    free = days_after(sent, NOTICE_DAYS)
    if earliest_day(attempt) >= free:
        return None
    return wait_until(
        attempt, free, f"The notice of the debit was sent on {sent.isoformat()}, less than ten days before.", **told
    )


def _within(amount: Money, most: Money | None) -> bool:
    return most is not None and most.currency == amount.currency and amount <= most


def _serves(attempt: PaymentAttempt, given: Notice, settings: UsFederalConfig) -> bool:
    """Whether a notice may be of this debit: written, and neither over by its own last day nor of an earlier debit."""
    if given.medium not in _IN_WRITING:
        return False
    day = latest_day(attempt)
    last = given.ends_on or days_after(day_of(attempt, given.sent_at), settings.varying_notice_days)
    return day <= last


@PAYMENTS.rule("us.rege.stop-payment", citation="15 USC 1693e(a)", jurisdiction="US", configured=True)
def stop_payment(attempt: PaymentAttempt, settings: UsFederalConfig) -> Ruling | None:
    """A debit that the debtor stopped is not made, nor tried again; an order is honoured also when it came later than
    three business days before. What the debtor pays anew is free.
    """
    if not attempt.facts or attempt.initiated_by is Initiator.DEBTOR or not electronic_debit(attempt, settings):
        return None
    for order in in_force(attempt, FactKind.STOP_ORDER):
        stopped = order.on
        if stopped is None:
            return Ruling.deny("The debtor stopped all debits.", facts={"since": day_of(attempt, order.starts_at)})
        day = earliest_day(attempt)
        if day == stopped or (day > stopped and not attempt.recurring):
            return Ruling.deny(
                f"The debtor stopped the debit of {stopped.isoformat()}; it is not tried again.",
                facts={"stopped debit": stopped},
            )
    return until_begins(attempt, FactKind.STOP_ORDER)


def _compels(content: frozenset[Content]) -> Ruling | None:
    if Content.CONDITIONS_CREDIT_ON_DEBITS not in content:
        return None
    return Ruling.deny("Credit may not depend on repayment by recurring debits.")


@ACTIONS.rule(
    "us.rege.no-compulsory",
    citation=NO_COMPULSION,
    jurisdiction="US",
    confidence="G",
    actions={Act.OFFER_SETTLEMENT, Act.SEND_DOCUMENT},
)
def no_compulsory_debits(attempt: ActionAttempt) -> Ruling | None:
    """No extension of credit, plan or settlement is offered only to who pays by recurring debits."""
    return _compels(attempt.content) if attempt.debtor.kind is DebtorKind.PERSON else None


@CONTACTS.rule("us.rege.no-compulsory", citation=NO_COMPULSION, jurisdiction="US", confidence="G")
def no_compulsory_debits_asked(attempt: ContactAttempt) -> Ruling | None:
    """No extension of credit, plan or settlement is offered only to who pays by recurring debits."""
    return _compels(attempt.content) if attempt.content and attempt.debtor.kind is DebtorKind.PERSON else None
