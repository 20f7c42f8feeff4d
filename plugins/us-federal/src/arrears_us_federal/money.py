"""What may be demanded, charged, deposited and taken: 15 USC 1692f, 1692h; 12 CFR 1006.22, 1006.30(c)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from arrears_sdk.law.calendars import us_federal_holiday
from arrears_sdk.law.counting import PHONE
from arrears_sdk.law.days import ONE_DAY, business_days_before
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, day_of, hold, in_force, notices, word
from arrears_sdk.law.requirements import fact as fact_requirement, notice as notice_requirement
from arrears_sdk.law.words import Content, NoticeKind
from arrears_sdk.money import Money
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, Fact, PaymentAttempt
from arrears_sdk.vocabulary import (
    ActionKind as Act,
    CollectorRole as Role,
    CommunicationChannel as Channel,
    DebtorKind,
    HoldKind,
    Initiator,
    Purpose,
)
from arrears_us_federal.coverage import covered
from arrears_us_federal.packs import ACTIONS, CONTACTS, PAYMENTS
from arrears_us_federal.persons import asked_for
from arrears_us_federal.planned import earliest_day, latest_day, until_begins, until_day_ends, wait_until, while_held

AMOUNTS = "15 USC 1692f(1); 12 CFR 1006.22(b)"
MOST_POSTDATED_DAYS = 5
EARLIEST_NOTICE, LATEST_NOTICE = 10, 3
"""Business days before the deposit between which its notice is given."""
_IN_WRITING = frozenset({Channel.LETTER, Channel.EMAIL, Channel.FAX, Channel.PUSH_OR_PORTAL})
_CLAUSES = {
    Act.CHARGE_FEE: frozenset({"FEE", "COLLECTION_COST", "NSF_CHARGE"}),
    Act.CHARGE_INTEREST: frozenset({"INTEREST"}),
}
_TAKERS = frozenset({Role.THIRD_PARTY, Role.DEBT_BUYER, Role.ATTORNEY, Role.SERVICER_PREDEFAULT})
_WHOLE = Decimal(10_000)
"""A rate is written in hundredths of a per cent."""


@ACTIONS.rule(
    "us.regf.amount-authorized",
    citation=AMOUNTS,
    jurisdiction="US",
    actions={Act.CHARGE_FEE, Act.CHARGE_INTEREST, Act.DEMAND_PAYMENT},
)
def amount_authorized(attempt: ActionAttempt) -> Ruling | None:
    """No interest, fee, charge for paying or cost of collection but what the agreement that created the debt or a law
    expressly allows, and within what it allows; nor a demand of more than is owed.
    """
    if not covered(attempt):
        return None
    if attempt.kind is Act.DEMAND_PAYMENT:
        return _more_than_owed(attempt, attempt.amount)
    what = "interest" if attempt.kind is Act.CHARGE_INTEREST else "fee"
    clauses = [one for one in in_force(attempt, FactKind.AMOUNT_CLAUSE) if one.word in _CLAUSES[attempt.kind]]
    if not clauses:
        return Ruling.deny(
            f"Nothing recorded allows this {what}: neither the agreement nor a law.",
            missing_fact=fact_requirement(FactKind.AMOUNT_CLAUSE),
        )
    refused = [_beyond(attempt, clause) for clause in clauses]
    allowing = [clause for clause, refusal in zip(clauses, refused, strict=True) if refusal is None]
    return while_held(allowing) if allowing else refused[0]


def _beyond(attempt: ActionAttempt, clause: Fact) -> Ruling | None:
    """A refusal of what goes beyond one clause."""
    wanted = attempt.amount
    told = {"allowed by": clause.word, "wanted": wanted or "unknown"}
    if clause.amount is not None:
        if wanted is None:
            return Ruling.deny(f"At most {clause.amount} may be added; say how much.", missing_fact="amount")
        if wanted.currency != clause.amount.currency or wanted > clause.amount:
            return Ruling.deny(f"At most {clause.amount} may be added, not {wanted}.", facts=told)
    if clause.number is None:
        return None
    most = clause.number / Decimal(100)
    if attempt.kind is Act.CHARGE_INTEREST:
        if attempt.rate is None:
            return Ruling.deny(f"At most {most} % a year may be charged; say the rate.", missing_fact="rate")
        if attempt.rate > most:
            return Ruling.deny(f"At most {most} % a year may be charged, not {attempt.rate} %.", facts=told)
        return None
    if wanted is None:
        return Ruling.deny(f"At most {most} % of the debt may be added; say how much.", missing_fact="amount")
    if wanted.minor > attempt.account.balance.minor * clause.number / _WHOLE:
        return Ruling.deny(f"At most {most} % of the debt may be added, not {wanted}.", facts=told)
    return None


def _more_than_owed(attempt: ActionAttempt | PaymentAttempt, wanted: Money | None) -> Ruling | None:
    owed = attempt.account.balance
    if wanted is None or (wanted.currency == owed.currency and wanted <= owed):
        return None
    return Ruling.deny(f"{wanted} is more than the {owed} that are owed.", facts={"owed": owed, "wanted": wanted})


@PAYMENTS.rule("us.regf.amount-authorized", citation=AMOUNTS, jurisdiction="US")
def payment_authorized(attempt: PaymentAttempt) -> Ruling | None:
    """No more is taken than is owed."""
    if attempt.initiated_by is Initiator.DEBTOR or not covered(attempt):
        return None
    return _more_than_owed(attempt, attempt.amount)


def _instruments(attempt: ActionAttempt) -> list[Fact]:
    """The accepted instruments that this may be: those of the amount, all of them where it is not said."""
    return [
        one
        for one in in_force(attempt, FactKind.POSTDATED_INSTRUMENT)
        if one.on is not None and (attempt.amount is None or one.amount is None or one.amount == attempt.amount)
    ]


@ACTIONS.rule(
    "us.regf.postdated-early",
    citation="15 USC 1692f(3),(4)",
    jurisdiction="US",
    actions={Act.DEPOSIT_INSTRUMENT},
)
def postdated_early(attempt: ActionAttempt) -> Ruling | None:
    """No instrument is deposited before the day that is written on it."""
    if not attempt.facts or not covered(attempt):
        return None
    dated = max((one.on for one in _instruments(attempt) if one.on is not None), default=None)
    if dated is None or earliest_day(attempt) >= dated:
        return None
    return wait_until(attempt, dated, f"The instrument is dated {dated.isoformat()}.", dated=dated)


@ACTIONS.rule(
    "us.regf.postdated-notice",
    citation="15 USC 1692f(2); 12 CFR 1006.22(c)(1)",
    jurisdiction="US",
    actions={Act.DEPOSIT_INSTRUMENT},
)
def postdated_notice(attempt: ActionAttempt) -> Ruling | None:
    """Who accepted an instrument postdated by more than five days gives written notice of the deposit, at most ten and
    at least three business days before it.
    """
    if not attempt.facts or not covered(attempt):
        return None
    found = [one for one in _instruments(attempt) if one.on and _postdated(attempt, one) > MOST_POSTDATED_DAYS]
    if not found:
        return None
    accepted = max(day_of(attempt, one.starts_at) for one in found)
    given = [
        day
        for one in notices(attempt, NoticeKind.POSTDATED_DEPOSIT)
        if one.medium in _IN_WRITING and (day := day_of(attempt, one.sent_at)) >= accepted
    ]
    if not given:
        return _notice_wanted("Written notice of the deposit comes three to ten business days before it.", accepted)
    early, late = earliest_day(attempt), latest_day(attempt)
    fitting = [day for day in given if _in_time(day, early) and _fresh(day, late)]
    if fitting:
        last = _last_deposit(max(fitting), late)
        return until_day_ends(attempt, last, f"The notice of the deposit serves until {last.isoformat()}.")
    newest = max(given)
    if _in_time(newest, early):
        return _notice_wanted(
            f"The notice of {newest.isoformat()} is more than ten business days old: give another.", newest
        )
    free = early
    while not _in_time(newest, free):
        free += ONE_DAY
    return wait_until(
        attempt, free, f"The notice of {newest.isoformat()} is not three business days old.", notice_given=newest
    )


def _postdated(attempt: ActionAttempt, instrument: Fact) -> int:
    """By how many days an instrument was postdated when it was accepted."""
    assert instrument.on is not None
    return (instrument.on - day_of(attempt, instrument.starts_at)).days


def _in_time(given: date, deposit: date) -> bool:
    return given <= business_days_before(deposit, LATEST_NOTICE, us_federal_holiday)


def _fresh(given: date, deposit: date) -> bool:
    return given >= business_days_before(deposit, EARLIEST_NOTICE, us_federal_holiday)


def _last_deposit(given: date, deposit: date) -> date:
    while _fresh(given, deposit + ONE_DAY):
        deposit += ONE_DAY
    return deposit


def _notice_wanted(reason: str, since: date) -> Ruling:
    wanted = notice_requirement(NoticeKind.POSTDATED_DEPOSIT)
    return Ruling.require(wanted, reason, missing_fact=wanted, facts={"since": since})


@CONTACTS.rule("us.regf.communication-charges", citation="15 USC 1692f(5)", jurisdiction="US")
def communication_charges(attempt: ContactAttempt) -> Ruling | None:
    """Nobody is made to pay for a contact whose purpose is hidden: no collect calls, and no call or text to a number
    that costs its owner without saying that it is from a debt collector.
    """
    if Content.CHARGES_THE_DEBTOR in attempt.content:
        return Ruling.deny("The contact would cost the debtor money.") if covered(attempt) else None
    if not attempt.facts or (attempt.channel not in PHONE and attempt.channel is not Channel.SMS):
        return None
    if not in_force(attempt, FactKind.CHARGES_RECIPIENT) or asked_for(attempt) or not covered(attempt):
        return None
    if attempt.content & {Content.INITIAL_DISCLOSURE, Content.COLLECTOR_DISCLOSURE}:
        return None
    return Ruling.deny("A call or message to this number costs its owner, and does not say what it is for.")


@ACTIONS.rule("us.regf.dispossession", citation="15 USC 1692f(6)", jurisdiction="US", actions={Act.REPOSSESS})
def dispossession(attempt: ActionAttempt) -> Ruling | None:
    """Without a court nothing is taken or disabled unless there is a present right to it, the intent to take it, and no
    exemption. This binds who enforces security for another whatever the state of the debt was.
    """
    if attempt.account.purpose is not Purpose.CONSUMER or attempt.debtor.kind is not DebtorKind.PERSON:
        return None
    if attempt.account.collector_role not in _TAKERS and not covered(attempt):
        return None
    ordered = [one for one in in_force(attempt, FactKind.COURT_ORDER) if one.word == "REPOSSESS"]
    if ordered:
        return while_held(ordered)
    if word(attempt, FactKind.SECURED) == "NONE":
        return Ruling.deny("Nothing secures the debt.")
    right = in_force(attempt, FactKind.PRESENT_RIGHT)
    if right:
        return while_held(right)
    return Ruling.deny(
        "Nothing says that there is a present right and intent to take it, and no exemption.",
        missing_fact=fact_requirement(FactKind.PRESENT_RIGHT),
    )


def disputed(attempt: Attempt) -> bool:
    """Whether a debt of the attempt is disputed, in whatever form, by fact or by hold."""
    return bool(attempt.facts and in_force(attempt, FactKind.DISPUTE)) or bool(
        attempt.holds and hold(attempt, HoldKind.DISPUTE)
    )


@ACTIONS.rule(
    "us.regf.payment-allocation",
    citation="15 USC 1692h; 12 CFR 1006.30(c)",
    jurisdiction="US",
    actions={Act.APPLY_PAYMENT},
)
def payment_allocation(attempt: ActionAttempt) -> Ruling | None:
    """A payment goes where the debtor directed, and never to a disputed debt."""
    if not covered(attempt):
        return None
    if disputed(attempt):
        return Ruling.deny("The debt is disputed: no payment is applied to it.")
    other = _directed_elsewhere(attempt) if attempt.facts else None
    if other is not None:
        return Ruling.deny(
            "The debtor directed that this payment go to another debt.", facts={"directed to": other.account_id}
        )
    return until_begins(attempt, FactKind.DISPUTE)


def _directed_elsewhere(attempt: ActionAttempt) -> Fact | None:
    """The debtor's direction of such a payment to another debt; None where one names this debt."""
    directions = [
        one
        for one in attempt.facts
        if one.kind is FactKind.ALLOCATION_DIRECTION
        and one.starts_at <= attempt.at
        and (one.ends_at is None or attempt.at < one.ends_at)
        and (one.amount is None or attempt.amount is None or one.amount == attempt.amount)
    ]
    if any(one.account_id in (None, attempt.account.id) for one in directions):
        return None
    return next(iter(directions), None)
