"""Debtors in difficulty, in advice, vulnerable or in dispute: CONC 7.2, 7.3, 7.6, 7.10, 7.14."""

from __future__ import annotations

from datetime import datetime, timedelta

from arrears_sdk.law.days import ONE_DAY
from arrears_sdk.law.debts import about, debts, for_all
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import start_of_day
from arrears_sdk.law.known import Attempt, day_of, in_force, latest, need_attestation, recorded, stated, told
from arrears_sdk.law.purposes import pursues
from arrears_sdk.law.requirements import content as content_requirement, fact as fact_requirement
from arrears_sdk.law.words import Attestation, Content
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, PaymentAttempt
from arrears_sdk.vocabulary import ActionKind as Act, PartyReached, PaymentMethodKind
from arrears_united_kingdom.attempts import DEMANDS, ENFORCEMENT, may_be_consumer_credit, zones_of
from arrears_united_kingdom.packs import ACTIONS, CONTACTS, PAYMENTS
from arrears_united_kingdom.settings import UnitedKingdomConfig

_CONSIDERED = fact_requirement(FactKind.FORBEARANCE_CONSIDERED)


@ACTIONS.rule(
    "uk.conc.forbearance",
    citation="CONC 7.3.3-7.3.10",
    jurisdiction="GB",
    confidence="P",
    actions=[*ENFORCEMENT, Act.CHARGE_INTEREST, Act.CHARGE_FEE],
)
def forbearance(attempt: ActionAttempt) -> Ruling | None:
    """Debtors in difficulty are treated with forbearance: less interest, later dates, small payments, time to repay.
    Before measures of that kind were considered nothing is enforced; interest and charges give a warning.
    """
    if not in_force(attempt, FactKind.HARDSHIP) or in_force(attempt, FactKind.FORBEARANCE_CONSIDERED):
        return None
    if not may_be_consumer_credit(attempt):
        return None
    if attempt.kind in (Act.CHARGE_INTEREST, Act.CHARGE_FEE):
        return Ruling.warn("The debtor is in difficulty: consider reducing or waiving interest and charges.")
    return Ruling.deny(
        "The debtor is in difficulty, and no forbearance was considered yet.",
        missing_fact=_CONSIDERED,
        facts=told(attempt, FactKind.HARDSHIP),
    )


@CONTACTS.rule(
    "uk.conc.hold-debt-advice", citation="CONC 7.3.11, 7.3.12", jurisdiction="GB", confidence="G", configured=True
)
def hold_contact(attempt: ContactAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """Active pursuit rests for a reasonable period while a debtor or an adviser works out a repayment plan: 30 days,
    and 30 more when progress was shown.
    """
    return _hold(attempt, settings) if attempt.facts and pursues(attempt) else None


@ACTIONS.rule(
    "uk.conc.hold-debt-advice",
    citation="CONC 7.3.11, 7.3.12",
    jurisdiction="GB",
    confidence="G",
    actions=[*ENFORCEMENT, *DEMANDS],
    configured=True,
)
def hold_action(attempt: ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """While a plan is being worked out nothing is demanded or enforced: 30 days, and 30 more with progress."""
    return _hold(attempt, settings)


def _hold(attempt: Attempt, settings: UnitedKingdomConfig) -> Ruling | None:
    told = stated(attempt, FactKind.DEBT_ADVICE)
    if told is None:
        return None
    progress = bool(in_force(attempt, FactKind.DEBT_ADVICE_PROGRESS))
    length = settings.debt_advice_days + (settings.debt_advice_extension_days if progress else 0)
    since = day_of(attempt, told.starts_at)
    until = start_of_day(since + timedelta(days=length) + ONE_DAY, zones_of(attempt.debtor))
    until = until if told.ends_at is None else min(until, told.ends_at)
    if attempt.at >= until:
        return None
    return Ruling.defer(
        until,
        f"A repayment plan is being worked out: pursuit rests for {length} days.",
        facts={"told on": since, "days": length, "progress shown": progress},
    )


@CONTACTS.rule(
    "uk.conc.vulnerable", citation="CONC 7.2.1, 7.10; PRIN 2A", jurisdiction="GB", confidence="P", configured=True
)
def vulnerable_contact(attempt: ContactAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """Pursuit rests while a debtor may lack mental capacity, until the position is known. Vulnerable debtors are
    handled under a policy, which the agency states to have, and with care.
    """
    return _vulnerable(attempt, settings) if attempt.facts and pursues(attempt) else None


@ACTIONS.rule(
    "uk.conc.vulnerable",
    citation="CONC 7.2.1, 7.10; PRIN 2A",
    jurisdiction="GB",
    confidence="P",
    actions=[*ENFORCEMENT, *DEMANDS],
    configured=True,
)
def vulnerable_action(attempt: ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """Nothing is enforced while a debtor may lack mental capacity; vulnerable debtors are handled with care."""
    return _vulnerable(attempt, settings)


def _vulnerable(attempt: Attempt, settings: UnitedKingdomConfig) -> Ruling | None:
    incapable = in_force(attempt, FactKind.INCAPACITY)
    if incapable:
        ends = [fact.ends_at for fact in incapable if fact.ends_at is not None]
        if len(ends) < len(incapable):
            return Ruling.deny("The debtor may lack mental capacity, and the position is not known yet.")
        return Ruling.defer(max(ends), "The debtor may lack mental capacity until the recorded day.")
    found = stated(attempt, FactKind.VULNERABILITY)
    if found is None:
        return None
    lacking = need_attestation(
        attempt,
        Attestation.UK_VULNERABILITY_POLICY,
        settings,
        "The debtor is vulnerable, and the agency has not stated that it has a policy for vulnerable customers.",
    )
    return lacking or Ruling.warn("The debtor is vulnerable: act with care.", facts={"vulnerability": found.word})


@ACTIONS.rule(
    "uk.conc.sff",
    citation="CONC 7.3.7A, 8.5",
    jurisdiction="GB",
    confidence="G",
    actions=[Act.OFFER_SETTLEMENT],
)
def financial_statement(attempt: ActionAttempt) -> Ruling | None:
    """Plans rest on income and expenditure in the Standard Financial Statement, and ask for no more than the debtor
    can afford. Of a debtor in difficulty the statement has to be known first.
    """
    statement = stated(attempt, FactKind.FINANCIAL_STATEMENT)
    if statement is None:
        if not in_force(attempt, FactKind.HARDSHIP):
            return None
        return Ruling.require(
            fact_requirement(FactKind.FINANCIAL_STATEMENT),
            "The debtor is in difficulty: income and expenditure come before a plan.",
        )
    left, wanted = statement.amount, attempt.amount
    if left is None or wanted is None or left.currency != wanted.currency or wanted <= left:
        return None
    return Ruling.warn(
        "The plan asks for more than the debtor's statement leaves.", facts={"wanted": wanted, "left a month": left}
    )


@CONTACTS.rule("uk.conc.dispute", citation="CONC 7.14.1-7.14.6", jurisdiction="GB", confidence="G")
def dispute_contact(attempt: ContactAttempt) -> Ruling | None:
    """Steps to recover rest while a debtor disputes the debt on grounds that may be valid; the dispute is looked into,
    and answers and information stay open.
    """
    return _disputed(attempt) if attempt.facts and pursues(attempt) else None


@ACTIONS.rule(
    "uk.conc.dispute",
    citation="CONC 7.14.1-7.14.6",
    jurisdiction="GB",
    confidence="G",
    actions=[*ENFORCEMENT, *DEMANDS, Act.SELL_OR_PLACE],
)
def dispute_action(attempt: ActionAttempt) -> Ruling | None:
    """A disputed debt is neither demanded nor enforced, and passed on only with the word that it is disputed."""
    found = _disputed(attempt)
    if found is None or attempt.kind is not Act.SELL_OR_PLACE:
        return found
    if Content.DISPUTE_CODE in attempt.content:
        return None
    return Ruling.require(
        content_requirement(Content.DISPUTE_CODE), "A disputed debt is passed on with the word that it is disputed."
    )


def _disputed(attempt: Attempt) -> Ruling | None:
    known = in_force(attempt, FactKind.DISPUTE)
    if known and debts(attempt):
        kept = [each for each in debts(attempt) if about(attempt, FactKind.DISPUTE_DUPLICATE, each) is None]
        known = tuple(one for one in known if any(one.account_id in (None, each.id) for each in kept))
    found = latest(known)
    if found is None or for_all(attempt, FactKind.DISPUTE_DUPLICATE):
        return None
    return Ruling.deny(
        "The debtor disputes the debt, and the dispute is not resolved.",
        facts={"disputed since": day_of(attempt, found.starts_at)},
    )


@PAYMENTS.rule("uk.conc.cpa", citation="CONC 7.6", jurisdiction="GB", confidence="G", configured=True)
def continuous_authority(attempt: PaymentAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """Under a continuous payment authority nothing is taken from a card while difficulty is suspected and nobody spoke
    with the debtor since. High-cost short-term credit: no further request after two refused ones, and no part of the
    agreed sum unless the debtor agreed to it.
    """
    if not attempt.recurring or attempt.method is not PaymentMethodKind.CARD or not may_be_consumer_credit(attempt):
        return None
    trouble = latest([*in_force(attempt, FactKind.HARDSHIP), *in_force(attempt, FactKind.DEBIT_REFUSED)])
    if trouble is not None and not _spoken_since(attempt, trouble.starts_at):
        return Ruling.deny(
            "The debtor may be in difficulty, and nobody has spoken with them since.",
            facts={"since": day_of(attempt, trouble.starts_at)},
        )
    if attempt.account.product not in settings.high_cost_products:
        return None
    refused = len(recorded(attempt, FactKind.DEBIT_REFUSED))
    if refused >= settings.refused_debits:
        return Ruling.deny(f"{refused} requests were refused; no further one is made.", facts={"refused": refused})
    agreed = stated(attempt, FactKind.DEBIT_AUTHORISATION)
    whole = None if agreed is None else agreed.amount
    if whole is None or whole.currency != attempt.amount.currency or attempt.amount >= whole:
        return None
    if in_force(attempt, FactKind.PLAN_AGREED):
        return None
    return Ruling.deny(
        "Part of the agreed sum is taken only when the debtor agreed to it.",
        missing_fact=fact_requirement(FactKind.PLAN_AGREED),
        facts={"agreed": whole, "wanted": attempt.amount},
    )


def _spoken_since(attempt: PaymentAttempt, instant: datetime) -> bool:
    return any(
        event.started_at >= instant and event.party_reached is PartyReached.DEBTOR and not event.pending
        for event in attempt.history
    )
