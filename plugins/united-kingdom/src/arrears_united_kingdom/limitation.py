"""When claims are barred by time: England and Wales, Northern Ireland, Scotland and Ireland."""

from __future__ import annotations

from datetime import date, timedelta

from arrears_sdk.law.days import ONE_DAY
from arrears_sdk.law.debts import about, accrued_on, debts, expiry
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, days, in_force
from arrears_sdk.law.limitation import is_barred
from arrears_sdk.law.purposes import pursues
from arrears_sdk.law.requirements import fact as fact_requirement
from arrears_sdk.law.words import Content
from arrears_sdk.rules import CHANGES_SOON, first_of_day
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, PaymentAttempt
from arrears_sdk.vocabulary import ActionKind as Act, Initiator, Product
from arrears_united_kingdom.attempts import DEMANDS, local, may_be_consumer_credit, zones_of
from arrears_united_kingdom.breathing_space import REGULATIONS, periods
from arrears_united_kingdom.nations import ENGLAND_AND_WALES, NORTHERN_IRELAND, SCOTLAND, may_be
from arrears_united_kingdom.packs import ACTIONS, CONTACTS, PAYMENTS
from arrears_united_kingdom.settings import UnitedKingdomConfig

SIMPLE_YEARS, DEED_YEARS, SCOTTISH_YEARS = 6, 12, 5
_ACCRUED = fact_requirement(FactKind.ACCRUED)
_SIGNED, _IN_WRITING = frozenset({"SIGNED"}), frozenset({"SIGNED", "WRITTEN"})


def simple_expiry(attempt: Attempt, account: Account, settings: UnitedKingdomConfig) -> date | None:
    """The last day on which a suit is in time in England, Wales and Northern Ireland."""
    instrument = about(attempt, FactKind.INSTRUMENT, account)
    deed = account.product is Product.MORTGAGE or (instrument is not None and instrument.word in ("DEED", "SEALED"))
    ends = expiry(attempt, account, DEED_YEARS if deed else SIMPLE_YEARS, _SIGNED)
    return ends if ends is None else extended(attempt, ends, settings)


def extended(attempt: Attempt, ends: date, settings: UnitedKingdomConfig) -> date | None:
    """The end of a limitation period that a moratorium puts off; None while the moratorium has no end."""
    if not attempt.facts:
        return ends
    after = timedelta(days=settings.moratorium_limitation_days)
    for each in periods(attempt, settings, "STANDARD", "MENTAL_HEALTH"):
        if ends < each.first:
            continue
        if each.last is None:
            return None
        if ends <= each.last + after:
            ends = max(ends, each.last + after)
    return ends


def _judged(attempt: Attempt, account: Account) -> bool:
    return about(attempt, FactKind.JUDGMENT, account) is not None


def _pleaded(attempt: Attempt, account: Account) -> bool:
    return about(attempt, FactKind.LIMITATION_RAISED, account) is not None


def _facts(attempt: Attempt, account: Account, ends: date | None) -> dict[str, object]:
    stated = about(attempt, FactKind.ACCRUED, account) is not None
    return {
        "accrued on": f"{accrued_on(attempt, account)}{'' if stated else ' (assumed)'}",
        "last payment": account.last_payment_on or "none",
        "period ended": ends or "not yet",
    }


def _suit_in_time(attempt: ActionAttempt, ends: date | None, words: str) -> Ruling | None:
    """What is said of a suit by a period that may be over."""
    account = attempt.account
    if not is_barred(days(attempt)[-1], ends):
        return _ends_soon(attempt, ends)
    told = _facts(attempt, account, ends)
    if _pleaded(attempt, account):
        return Ruling.deny(f"The debtor says so rightly: the claim is barred by time. {words}", facts=told)
    return Ruling.warn(f"The claim seems barred by time: the debtor may plead it. {words}", facts=told)


@ACTIONS.rule(
    "uk.limitation.simple",
    citation="Limitation Act 1980 s.5, 8, 29-31; Limitation (Northern Ireland) Order 1989",
    jurisdiction="GB",
    confidence="P",
    actions=[Act.SUE],
    configured=True,
)
def simple(attempt: ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """In England, Wales and Northern Ireland a claim is barred six years after it accrued, one on a deed or for the
    principal of a mortgage twelve. A signed acknowledgment or a part payment before that begins the period anew;
    nothing revives it afterwards. Refused when the debtor raised it, else a warning.
    """
    if not may_be(attempt, ENGLAND_AND_WALES, NORTHERN_IRELAND) or _judged(attempt, attempt.account):
        return None
    return _suit_in_time(attempt, simple_expiry(attempt, attempt.account, settings), "Six years, or twelve for a deed.")


@ACTIONS.rule(
    "uk.bs.limitation",
    citation=f"{REGULATIONS} reg 8",
    jurisdiction="GB",
    confidence="G",
    actions=[Act.SUE],
    configured=True,
)
def moratorium_extends(attempt: ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """A limitation period that would end in a moratorium, or within eight weeks after it, ends eight weeks after it.
    This rule tells so and never objects; uk.limitation.simple reads it.
    """
    if not attempt.facts or not periods(attempt, settings, "STANDARD", "MENTAL_HEALTH"):
        return None
    plain = expiry(attempt, attempt.account, SIMPLE_YEARS, _SIGNED)
    longer = None if plain is None else extended(attempt, plain, settings)
    if plain is None or longer == plain:
        return None
    return Ruling.allow(
        reason="A moratorium extends the limitation period.",
        rule="uk.bs.limitation",
        facts={"without": plain, "with": longer or "open"},
    )


@ACTIONS.rule(
    "uk.limitation.scotland",
    citation="Prescription and Limitation (Scotland) Act 1973 s.6",
    jurisdiction="GB",
    confidence="P",
    actions=[Act.SUE, *DEMANDS, Act.OFFER_SETTLEMENT, Act.CHARGE_FEE, Act.CHARGE_INTEREST],
)
@PAYMENTS.rule(
    "uk.limitation.scotland",
    citation="Prescription and Limitation (Scotland) Act 1973 s.6",
    jurisdiction="GB",
    confidence="P",
)
@CONTACTS.rule(
    "uk.limitation.scotland",
    citation="Prescription and Limitation (Scotland) Act 1973 s.6",
    jurisdiction="GB",
    confidence="P",
)
def scotland(attempt: ActionAttempt | PaymentAttempt | ContactAttempt) -> Ruling | None:
    """In Scotland five years without a relevant claim or acknowledgment extinguish the obligation: nothing is left to
    collect. Where nobody knows in which part of the United Kingdom the debtor lives, it counts as Scotland.
    """
    if isinstance(attempt, ContactAttempt) and not pursues(attempt):
        return None
    if isinstance(attempt, PaymentAttempt) and attempt.initiated_by is Initiator.DEBTOR:
        return None
    soon = None
    for account in debts(attempt):
        if _young(attempt, account, SCOTTISH_YEARS):
            continue
        ends = expiry(attempt, account, SCOTTISH_YEARS, _IN_WRITING)
        if _judged(attempt, account) or not may_be(attempt, SCOTLAND):
            continue
        if not is_barred(days(attempt)[-1], ends):
            soon = _ends_soon(attempt, ends) or soon
            continue
        certain = not may_be(attempt, ENGLAND_AND_WALES, NORTHERN_IRELAND)
        return Ruling.deny(
            "After five years without a claim or acknowledgment the debt is extinguished in Scotland.",
            missing_fact=None if certain else "region",
            facts=_facts(attempt, account, ends),
        )
    return soon


def _young(attempt: Attempt, account: Account, years: int) -> bool:
    """Whether a debt of which nothing else is known cannot be barred soon."""
    return not attempt.facts and attempt.at.year - account.due_on.year < years - 1


def _ends_soon(attempt: Attempt, ends: date | None) -> Ruling | None:
    """What is allowed while a limitation period runs is allowed no longer than to its end."""
    if ends is None or ends - days(attempt)[-1] > CHANGES_SOON:
        return None
    return Ruling.allow(first_of_day(ends + ONE_DAY, zones_of(attempt.debtor)), reason="The claim is not barred yet.")


@ACTIONS.rule(
    "uk.conc.statute-barred",
    citation="CONC 7.15.4 R, 7.15.8 R",
    jurisdiction="GB",
    confidence="P",
    actions=DEMANDS,
    configured=True,
)
@CONTACTS.rule(
    "uk.conc.statute-barred",
    citation="CONC 7.15.4 R, 7.15.8 R",
    jurisdiction="GB",
    confidence="P",
    configured=True,
)
def statute_barred(attempt: ActionAttempt | ContactAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """A barred debt is not demanded in England, Wales and Northern Ireland when its owner had no contact with the
    debtor within the limitation period, nor once the debtor will not pay because it is barred; and nobody is misled
    about whether it can be enforced.
    """
    if isinstance(attempt, ContactAttempt) and not pursues(attempt):
        return None
    soon = None
    for account in debts(attempt):
        if _young(attempt, account, SIMPLE_YEARS):
            continue
        ends = simple_expiry(attempt, account, settings)
        barred = is_barred(days(attempt)[-1], ends)
        pleaded = _pleaded(attempt, account)
        if not barred and not (pleaded and about(attempt, FactKind.ACCRUED, account) is None):
            soon = _ends_soon(attempt, ends) or soon
            continue
        if _judged(attempt, account) or not may_be_consumer_credit(attempt):
            continue
        if not may_be(attempt, ENGLAND_AND_WALES, NORTHERN_IRELAND):
            continue
        said = _demand_of_barred(attempt, account, ends, barred=barred, pleaded=pleaded)
        if said is not None:
            return said
    return soon


def _demand_of_barred(
    attempt: ActionAttempt | ContactAttempt, account: Account, ends: date | None, *, barred: bool, pleaded: bool
) -> Ruling | None:
    told = _facts(attempt, account, ends)
    if pleaded:
        return Ruling.deny(
            "The debtor will not pay because the debt is barred by time.",
            missing_fact=None if barred else _ACCRUED,
            facts=told,
        )
    if isinstance(attempt, ActionAttempt) and attempt.kind is Act.THREATEN_SUIT:
        return Ruling.deny("A suit for a barred debt is not threatened.", facts=told)
    if Content.THREATENS_SUIT in attempt.content:
        return Ruling.deny("The contact would mislead the debtor about whether the debt can be enforced.", facts=told)
    if ends is not None and not _contact_in_time(attempt, account, ends):
        return Ruling.deny(
            "The limitation period passed without any contact of the owner with the debtor.",
            missing_fact=fact_requirement(FactKind.CREDITOR_LAST_CONTACT),
            facts=told,
        )
    return None


def _contact_in_time(attempt: ActionAttempt | ContactAttempt, account: Account, ends: date) -> bool:
    """Whether the owner had contact with the debtor between the beginning and the end of the period."""
    begins = accrued_on(attempt, account)
    contacts = [
        fact.on
        for fact in in_force(attempt, FactKind.CREDITOR_LAST_CONTACT)
        if fact.on is not None and fact.account_id in (None, account.id)
    ]
    if account.last_contact_at is not None:
        contacts += [local(account.last_contact_at, zone).date() for zone in zones_of(attempt.debtor)]
    return any(begins <= day <= ends for day in contacts)


@ACTIONS.rule(
    "ie.limitation",
    citation="Statute of Limitations 1957 s.11, 56, 65",
    jurisdiction="IE",
    confidence="G",
    actions=[Act.SUE],
)
def ireland(attempt: ActionAttempt) -> Ruling | None:
    """In Ireland a claim on a simple contract is barred after six years; a written acknowledgment or a part payment
    begins the period anew. Refused when the debtor raised it, else a warning.
    """
    if _judged(attempt, attempt.account):
        return None
    return _suit_in_time(attempt, expiry(attempt, attempt.account, SIMPLE_YEARS, _IN_WRITING), "Six years in Ireland.")
