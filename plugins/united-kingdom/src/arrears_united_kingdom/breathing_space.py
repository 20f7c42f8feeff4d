"""Breathing space and mental-health crisis moratoria: SI 2020/1311, and the Scottish statutory moratorium."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from arrears_sdk.law.days import months_after
from arrears_sdk.law.debts import about, debts, for_all
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import start_of_day
from arrears_sdk.law.known import Attempt, need_attestation
from arrears_sdk.law.purposes import NOT_DEBTORS, asked_for
from arrears_sdk.law.words import Attestation, ContactPurpose as Aim
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, Fact, PaymentAttempt
from arrears_sdk.vocabulary import ActionKind as Act, Initiator, Product
from arrears_united_kingdom.attempts import DEMANDS, ENFORCEMENT, local, zones_of
from arrears_united_kingdom.nations import ENGLAND_AND_WALES, nations
from arrears_united_kingdom.packs import ACTIONS, CONTACTS, PAYMENTS
from arrears_united_kingdom.settings import UnitedKingdomConfig

REGULATIONS = "Debt Respite Scheme Regulations 2020 (SI 2020/1311)"
ONE_DAY = timedelta(days=1)
A_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Moratorium:
    """One moratorium, from the instant at which it begins to that at which it is over; None while nobody knows."""

    word: str
    entered_on: date
    begins: datetime
    over: datetime | None
    first: date
    last: date | None

    def holds(self, at: datetime) -> bool:
        """Whether an instant is within."""
        return self.begins <= at and (self.over is None or at < self.over)

    @property
    def facts(self) -> dict[str, object]:
        """What a finding tells of it."""
        last = "the end of treatment and what follows it" if self.last is None else self.last
        return {"register entry": self.entered_on, "moratorium": f"{self.first} to {last}"}


def periods(attempt: Attempt, settings: UnitedKingdomConfig, *words: str) -> list[Moratorium]:
    """Every recorded moratorium of these kinds: also those that are over, and those that begin tomorrow."""
    return list(_periods(attempt, settings, words)) if attempt.facts else []


def _periods(attempt: Attempt, settings: UnitedKingdomConfig, words: tuple[str, ...]) -> Iterator[Moratorium]:
    zones = zones_of(attempt.debtor)
    for fact in attempt.facts:
        if fact.kind is not FactKind.BREATHING_SPACE or fact.word not in words:
            continue
        if fact.on is None or fact.received_at > attempt.at:
            continue
        first = fact.on if fact.word == "SCOTTISH" else fact.on + ONE_DAY
        begins = min(start_of_day(first, (zone,)) for zone in zones)
        last = _last_day(fact, settings, zones)
        over = None if last is None else start_of_day(last + ONE_DAY, zones)
        if fact.word != "MENTAL_HEALTH" and fact.ends_at is not None and over is not None and fact.ends_at < over:
            over = fact.ends_at
        yield Moratorium(fact.word or "", fact.on, begins, over, first, last)


def _last_day(fact: Fact, settings: UnitedKingdomConfig, zones: tuple[str, ...]) -> date | None:
    """The last day of a moratorium; of a crisis moratorium None while the treatment has no end."""
    assert fact.on is not None
    if fact.word == "SCOTTISH":
        return months_after(fact.on, settings.scottish_moratorium_months)
    if fact.word == "STANDARD":
        # The day after the entry is the first of the days, so the last is as many days after the entry itself.
        return fact.on + timedelta(days=settings.breathing_space_days)
    if fact.ends_at is None:
        return None
    treated_until = max(local(fact.ends_at, zone).date() for zone in zones)
    return treated_until + timedelta(days=settings.mental_health_days)


def moratorium(attempt: Attempt, settings: UnitedKingdomConfig) -> Moratorium | None:
    """The moratorium of England and Wales that an attempt falls in; of several the one that ends last."""
    if not attempt.facts:
        return None
    found = [each for each in periods(attempt, settings, "STANDARD", "MENTAL_HEALTH") if each.holds(attempt.at)]
    return max(found, key=lambda each: (each.over is None, each.over or attempt.at), default=None)


def excluded(attempt: Attempt) -> bool:
    """Whether every debt of the attempt is outside the moratorium (reg 5(4), or an ongoing liability)."""
    return for_all(attempt, FactKind.BREATHING_SPACE_EXCLUDED)


def _bars(attempt: Attempt, settings: UnitedKingdomConfig) -> Moratorium | None:
    """The moratorium that covers a debt of the attempt."""
    found = moratorium(attempt, settings)
    return None if found is None or excluded(attempt) else found


def _court_permits(attempt: Attempt) -> bool:
    """Whether a court permits it for each debt of the attempt that is not outside the moratorium."""
    named = debts(attempt)
    if not named:
        return for_all(attempt, FactKind.COURT_PERMISSION)
    return all(
        about(attempt, FactKind.COURT_PERMISSION, each) or about(attempt, FactKind.BREATHING_SPACE_EXCLUDED, each)
        for each in named
    )


def _until_it_begins(attempt: Attempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """What is allowed today is allowed no longer than to the first day of a moratorium that was entered today."""
    coming = [
        each.begins for each in periods(attempt, settings, "STANDARD", "MENTAL_HEALTH") if each.begins > attempt.at
    ]
    if not coming or excluded(attempt):
        return None
    return Ruling.allow(min(coming), reason=f"A moratorium begins at {min(coming).isoformat()}.")


@CONTACTS.rule("uk.bs.contact", citation=f"{REGULATIONS} reg 11", jurisdiction="GB", confidence="S", configured=True)
def contact(attempt: ContactAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """In a moratorium nobody contacts the debtor about enforcing a moratorium debt. Answers to a query or complaint,
    contact that the debtor asked for, contact with the debt adviser, contact that the law requires, other debts, and
    court proceedings that may go on stay open.
    """
    if not attempt.facts:
        return None
    if asked_for(attempt) or attempt.party in NOT_DEBTORS:
        return None
    if attempt.purpose is Aim.LEGAL_PROCESS and _court_permits(attempt):
        return None
    return _no_contact(attempt, settings)


@ACTIONS.rule(
    "uk.bs.contact",
    citation=f"{REGULATIONS} reg 11",
    jurisdiction="GB",
    confidence="S",
    actions=DEMANDS,
    configured=True,
)
def demand(attempt: ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """In a moratorium nobody demands payment of a moratorium debt or takes a step towards a claim."""
    return _no_contact(attempt, settings)


def _no_contact(attempt: ContactAttempt | ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    found = _bars(attempt, settings)
    if found is None:
        return _until_it_begins(attempt, settings)
    if found.over is None:
        return Ruling.deny(
            "A mental-health crisis moratorium is in force, and no end of the treatment is recorded.",
            facts=found.facts,
        )
    return Ruling.defer(found.over, f"A moratorium protects the debtor to the end of {found.last}.", facts=found.facts)


@CONTACTS.rule(
    "uk.bs.period", citation=f"{REGULATIONS} regs 26, 32", jurisdiction="GB", confidence="G", configured=True
)
@ACTIONS.rule("uk.bs.period", citation=f"{REGULATIONS} regs 26, 32", jurisdiction="GB", confidence="G", configured=True)
def period(attempt: ContactAttempt | ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """A breathing space begins on the day after its entry in the register and lasts 60 days, that day included; a
    crisis moratorium lasts for the treatment and 30 days more. This rule tells the dates and never objects; others
    read them.
    """
    found = moratorium(attempt, settings)
    return (
        None
        if found is None
        else Ruling.allow(reason="A moratorium is in force.", rule="uk.bs.period", facts=found.facts)
    )


@ACTIONS.rule(
    "uk.bs.enforcement",
    citation=f"{REGULATIONS} reg 7",
    jurisdiction="GB",
    confidence="P",
    actions=ENFORCEMENT,
    configured=True,
)
def enforcement(attempt: ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """In a moratorium no step to collect or enforce a moratorium debt is taken, by whomever it would be taken."""
    found = _bars(attempt, settings)
    if found is None:
        return _until_it_begins(attempt, settings) if attempt.facts else None
    if _court_permits(attempt):
        return None
    return Ruling.deny("A moratorium stops every step to collect or enforce this debt.", facts=found.facts)


@PAYMENTS.rule("uk.bs.enforcement", citation=f"{REGULATIONS} reg 7", jurisdiction="GB", confidence="P", configured=True)
def taking(attempt: PaymentAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """In a moratorium nobody takes money for a moratorium debt that the debtor does not hand over."""
    if not attempt.facts or attempt.initiated_by in (Initiator.DEBTOR, Initiator.REPRESENTATIVE):
        return None
    found = _bars(attempt, settings)
    if found is None:
        return _until_it_begins(attempt, settings)
    return Ruling.deny("A moratorium stops every step to collect this debt.", facts=found.facts)


@ACTIONS.rule(
    "uk.bs.interest-fees",
    citation=f"{REGULATIONS} reg 7",
    jurisdiction="GB",
    confidence="P",
    actions=[Act.CHARGE_INTEREST, Act.CHARGE_FEE],
    configured=True,
)
def interest_and_fees(attempt: ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """No interest, fee, penalty or charge accrues on a moratorium debt for the time of the moratorium, and none for
    that time is charged afterwards: for a year after it this rule warns of it.
    """
    if not attempt.facts:
        return None
    found = _bars(attempt, settings)
    if found is not None:
        return Ruling.deny("Nothing may be charged on this debt for the time of a moratorium.", facts=found.facts)
    recent = [
        each
        for each in periods(attempt, settings, "STANDARD", "MENTAL_HEALTH")
        if each.over is not None and each.over <= attempt.at < each.over + A_YEAR
    ]
    if not recent or excluded(attempt):
        return _until_it_begins(attempt, settings)
    return Ruling.warn("Nothing may be charged for the days of the past moratorium.", facts=recent[-1].facts)


@CONTACTS.rule("uk.bs.agents", citation=f"{REGULATIONS} reg 12", jurisdiction="GB", confidence="S", configured=True)
@ACTIONS.rule("uk.bs.agents", citation=f"{REGULATIONS} reg 12", jurisdiction="GB", confidence="S", configured=True)
def agents(attempt: ContactAttempt | ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """Whoever is told of a moratorium tells their agents as soon as they can; while one is in force, an act about the
    debt that the debtor did not ask for needs the agency's statement that it does so.
    """
    if not attempt.facts or (isinstance(attempt, ContactAttempt) and asked_for(attempt)):
        return None
    if _bars(attempt, settings) is None:
        return None
    return need_attestation(
        attempt,
        Attestation.UK_AGENTS_TOLD,
        settings,
        "A moratorium is in force, and the agency has not stated that it tells its agents of moratoria at once.",
    )


@CONTACTS.rule(
    "uk.bs.non-eligible", citation=f"{REGULATIONS} reg 5(4)", jurisdiction="GB", confidence="P", configured=True
)
@ACTIONS.rule(
    "uk.bs.non-eligible", citation=f"{REGULATIONS} reg 5(4)", jurisdiction="GB", confidence="P", configured=True
)
def non_eligible(attempt: ContactAttempt | ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """Some debts are outside a moratorium: secured debt not in arrears, debts of fraud, fines, child support, student
    and social-fund loans, damages for injury. They are as soon as BREATHING_SPACE_EXCLUDED is recorded of them; of a
    fine or student loan of which nobody said so this rule warns.
    """
    if moratorium(attempt, settings) is None or excluded(attempt):
        return None
    if all(account.product not in (Product.FINE, Product.STUDENT) for account in debts(attempt)):
        return None
    return Ruling.warn("A fine or student loan may be outside the moratorium; it counts as within until recorded.")


@CONTACTS.rule(
    "uk.bs.eligibility", citation=f"{REGULATIONS} reg 24", jurisdiction="GB", confidence="P", configured=True
)
@ACTIONS.rule("uk.bs.eligibility", citation=f"{REGULATIONS} reg 24", jurisdiction="GB", confidence="P", configured=True)
def eligibility(attempt: ContactAttempt | ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """A moratorium is for those who live in England or Wales, and a breathing space for those who had none in the last
    twelve months. What the register says counts; where it looks wrong this rule warns, so that somebody asks.
    """
    found = moratorium(attempt, settings)
    if found is None:
        return None
    if ENGLAND_AND_WALES not in nations(attempt):
        return Ruling.warn("The debtor seems to live outside England and Wales.", facts=found.facts)
    earlier = [
        each
        for each in periods(attempt, settings, "STANDARD")
        if each.entered_on < found.entered_on <= months_after(each.last or each.first, 12)
    ]
    if found.word == "STANDARD" and earlier:
        return Ruling.warn("The debtor had a breathing space in the twelve months before.", facts=earlier[-1].facts)
    return None


@ACTIONS.rule(
    "uk.sc.moratorium",
    citation="Bankruptcy (Scotland) Act 2016 s.195-198",
    jurisdiction="GB",
    confidence="P",
    actions=ENFORCEMENT,
    configured=True,
)
def scottish(attempt: ActionAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """The Scottish moratorium of six months stops diligence and creditors' petitions: nothing is enforced, taken or
    evicted, and a suit must not be a petition. Contact, notices, charges and interest go on.
    """
    found = _scottish(attempt, settings)
    if found is None:
        return None
    if attempt.kind in (Act.ENFORCE_JUDGMENT, Act.REPOSSESS, Act.EVICT):
        return Ruling.deny("A Scottish statutory moratorium stops diligence.", facts=found.facts)
    return Ruling.warn("A Scottish statutory moratorium stops petitions for bankruptcy.", facts=found.facts)


@CONTACTS.rule(
    "uk.sc.moratorium",
    citation="Bankruptcy (Scotland) Act 2016 s.195-198",
    jurisdiction="GB",
    confidence="P",
    configured=True,
)
def scottish_contact(attempt: ContactAttempt, settings: UnitedKingdomConfig) -> Ruling | None:
    """The Scottish moratorium does not stop contact; this rule tells of it."""
    found = _scottish(attempt, settings)
    if found is None:
        return None
    return Ruling.allow(
        reason="A Scottish moratorium stops diligence, not contact.", rule="uk.sc.moratorium", facts=found.facts
    )


def _scottish(attempt: Attempt, settings: UnitedKingdomConfig) -> Moratorium | None:
    if not attempt.facts:
        return None
    return next((each for each in periods(attempt, settings, "SCOTTISH") if each.holds(attempt.at)), None)
