"""What a bankruptcy case stops: 11 USC 362, 524, 1201, 1301."""

from __future__ import annotations

from datetime import date, timedelta

from arrears_sdk.law.days import days_after
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, day_of, days, hold, in_force, recorded, stated
from arrears_sdk.law.requirements import fact as fact_requirement
from arrears_sdk.law.words import ContactParty as Party, ContactPurpose, Content
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, Fact, PaymentAttempt
from arrears_sdk.vocabulary import ActionKind as Act, DebtorKind, HoldKind, Initiator, Purpose
from arrears_us_federal.coverage import covered
from arrears_us_federal.packs import ACTIONS, CONTACTS, PAYMENTS
from arrears_us_federal.persons import PROFESSIONALS, asked_for, consent_to_contact, to_consumer, until_over
from arrears_us_federal.planned import until_begins, wait_until
from arrears_us_federal.representation import direct_contact, represented, represented_since
from arrears_us_federal.settings import UsFederalConfig

STAY = "11 USC 362(a),(c)"
DISCHARGE = "11 USC 524(a),(c)"
CO_DEBTORS = "11 USC 1301, 1201"
REPEAT_FILER_DAYS = 30
_PLANS = frozenset({"CHAPTER_12", "CHAPTER_13"})
_PROPERTY = frozenset({Act.REPOSSESS, Act.EVICT, Act.ENFORCE_JUDGMENT})
COLLECTING_ACTS = _PROPERTY | {
    Act.SUE,
    Act.THREATEN_SUIT,
    Act.SEEK_DEFAULT_JUDGMENT,
    Act.TERMINATE_AGREEMENT,
    Act.DEMAND_PAYMENT,
    Act.CHARGE_FEE,
    Act.CHARGE_INTEREST,
    Act.DEPOSIT_INSTRUMENT,
    Act.OFFER_SETTLEMENT,
}
_COLLECTING = frozenset(
    {
        ContactPurpose.COLLECT,
        ContactPurpose.LEAVE_MESSAGE,
        ContactPurpose.LOCATION_INQUIRY,
        ContactPurpose.EMPLOYMENT_CHECK,
        ContactPurpose.CONSENT_REQUEST,
        ContactPurpose.NOTICE,
        ContactPurpose.REMEDY_NOTICE,
        ContactPurpose.LEGAL_PROCESS,
    }
)
_CLAIM = fact_requirement(FactKind.STAY_RELIEF)


def _accounts(attempt: Attempt) -> tuple[Account, ...]:
    return attempt.accounts if isinstance(attempt, ContactAttempt) else (attempt.account,)


def _of(attempt: Attempt, kind: FactKind, account: Account) -> list[Fact]:
    return [one for one in in_force(attempt, kind) if one.account_id in (None, account.id)]


def petition_day(attempt: Attempt, case: Fact) -> date:
    """The day of the petition."""
    return case.on or day_of(attempt, case.starts_at)


def _begun_before(account: Account, attempt: Attempt, case: Fact) -> bool:
    """Whether the claim arose before the petition; one of the same day is taken to have."""
    return account.opened_on <= petition_day(attempt, case)


def _stayed(attempt: Attempt, *, property_stays: bool) -> Ruling | None:
    """A refusal while the stay lasts for a debt of the attempt."""
    if attempt.holds and not in_force(attempt, FactKind.BANKRUPTCY) and hold(attempt, HoldKind.BANKRUPTCY):
        return Ruling.deny(
            "The account is held for bankruptcy, and no petition is recorded.",
            missing_fact=fact_requirement(FactKind.BANKRUPTCY),
        )
    if not attempt.facts:
        return None
    cases = in_force(attempt, FactKind.BANKRUPTCY)
    if not cases:
        return until_begins(attempt, FactKind.BANKRUPTCY)
    said = [_stayed_by(attempt, case, property_stays=property_stays) for case in cases]
    return Ruling.combine(one for one in said if one is not None)


def _stayed_by(attempt: Attempt, case: Fact, *, property_stays: bool) -> Ruling | None:
    """A refusal while the stay of one case lasts."""
    accounts = _accounts(attempt)
    debts = [one for one in accounts if _begun_before(one, attempt, case)]
    if accounts and all(_of(attempt, FactKind.STAY_RELIEF, account) for account in debts):
        relief = in_force(attempt, FactKind.STAY_RELIEF)
        return until_over(relief, "The court lifted the stay.", [one.id for one in debts]) if debts else None
    filed = petition_day(attempt, case)
    told = {"chapter": case.word, "petition": filed, "dismissed": case.number or 0}
    dismissed = 0 if in_force(attempt, FactKind.STAY_EXTENDED) else case.number or 0
    if dismissed >= 2:
        return None
    if dismissed == 1 and not property_stays:
        free = days_after(filed, REPEAT_FILER_DAYS) + timedelta(days=1)
        if days(attempt)[0] >= free:
            return None
        return wait_until(attempt, free, f"{_told(filed)} After one dismissal it lasts until day 30.", **told)
    return Ruling.deny(f"{_told(filed)} Go to counsel, or file a proof of claim.", missing_fact=_CLAIM, facts=told)


def _told(filed: date) -> str:
    return f"A bankruptcy petition of {filed.isoformat()} stays every act to collect."


def _collects(attempt: ContactAttempt) -> bool:
    """Whether a contact is an act to collect from the debtor: not with professionals, nor what the law demands."""
    if attempt.purpose not in _COLLECTING or attempt.required_by_law or attempt.party in PROFESSIONALS:
        return False
    return Content.PROOF_OF_CLAIM not in attempt.content


@CONTACTS.rule("us.bk.automatic-stay", citation=STAY, jurisdiction="US")
def contact_stay(attempt: ContactAttempt) -> Ruling | None:
    """From the petition until discharge, closing or dismissal nobody acts to collect a debt from before it, unless the
    court lifts the stay. After one dismissal in the year before it lasts thirty days, after two it never begins, unless
    the court extends it. What the debtor asks for is answered with a warning.
    """
    if not attempt.facts and not attempt.holds:
        return None
    if attempt.party is Party.CO_DEBTOR or not _collects(attempt):
        return None
    stayed = _stayed(attempt, property_stays=False)
    return _warned(stayed) if stayed is not None and asked_for(attempt) else stayed


def _warned(stayed: Ruling) -> Ruling:
    """The same as a warning, for what the debtor wants; an allowance stays one."""
    return Ruling.combine(
        Ruling.warn(f"{found.reason} Answer the debtor, and ask for nothing.", facts=dict(found.facts))
        if found.until is None or found.verdict > 0
        else Ruling(frozenset([found]))
        for found in stayed.findings
    )


@ACTIONS.rule("us.bk.automatic-stay", citation=STAY, jurisdiction="US", actions=COLLECTING_ACTS, configured=True)
def action_stay(attempt: ActionAttempt, settings: UsFederalConfig) -> Ruling | None:
    """From the petition until discharge, closing or dismissal nobody sues, enforces, takes property, adds to or demands
    a debt from before it, unless the court lifts the stay; a proof of claim is free. After one dismissal in the year
    before it lasts thirty days, after two it never begins, unless the court extends it.
    """
    if not attempt.facts and not attempt.holds:
        return None
    if Content.PROOF_OF_CLAIM in attempt.content:
        return None
    return _stayed(attempt, property_stays=settings.repeat_filer_property_stays and attempt.kind in _PROPERTY)


@PAYMENTS.rule("us.bk.automatic-stay", citation=STAY, jurisdiction="US")
def payment_stay(attempt: PaymentAttempt) -> Ruling | None:
    """From the petition on nothing is taken for a debt from before it; what the debtor pays unasked is warned of."""
    if not attempt.facts and not attempt.holds:
        return None
    stayed = _stayed(attempt, property_stays=False)
    return _warned(stayed) if stayed is not None and attempt.initiated_by is Initiator.DEBTOR else stayed


def discharged_on(attempt: Attempt) -> date | None:
    """The day of the discharge of a debt of the attempt that was not validly reaffirmed before it."""
    discharges = in_force(attempt, FactKind.DISCHARGE)
    if not discharges:
        return None
    for account in _accounts(attempt):
        granted = [one.on for one in discharges if one.on is not None and _discharges(attempt, one, account)]
        if not granted:
            continue
        kept = [one.on for one in _of(attempt, FactKind.REAFFIRMATION, account) if one.on is not None]
        if not any(on < max(granted) for on in kept):
            return max(granted)
    return None


def _discharges(attempt: Attempt, granted: Fact, account: Account) -> bool:
    """Whether a discharge is of a debt: one of all debts is of those from before its petition, else from before it."""
    if granted.account_id is not None or granted.on is None:
        return granted.account_id == account.id
    filed = [petition_day(attempt, case) for case in recorded(attempt, FactKind.BANKRUPTCY)]
    return account.opened_on <= max((day for day in filed if day <= granted.on), default=granted.on)


def _discharged(attempt: Attempt) -> Ruling | None:
    day = discharged_on(attempt)
    if day is None:
        if in_force(attempt, FactKind.DISCHARGE):
            return _while_reaffirmed(attempt)
        return until_begins(attempt, FactKind.DISCHARGE)
    return Ruling.deny(
        f"The debt was discharged on {day.isoformat()}: the debtor no longer owes it in person.",
        missing_fact=fact_requirement(FactKind.REAFFIRMATION),
        facts={"discharged": day},
    )


def _while_reaffirmed(attempt: Attempt) -> Ruling | None:
    """No objection while each of the discharged debts is reaffirmed."""
    discharges = in_force(attempt, FactKind.DISCHARGE)
    kept = [
        account.id
        for account in _accounts(attempt)
        if any(_discharges(attempt, granted, account) for granted in discharges)
    ]
    return until_over(in_force(attempt, FactKind.REAFFIRMATION), "The debt was reaffirmed.", kept) if kept else None


@CONTACTS.rule("us.bk.discharge", citation=DISCHARGE, jurisdiction="US")
def contact_discharge(attempt: ContactAttempt) -> Ruling | None:
    """After its discharge nobody acts to collect a debt as the debtor's, unless it was reaffirmed before and that was
    not rescinded.
    """
    if not attempt.facts or attempt.party is Party.CO_DEBTOR or not _collects(attempt):
        return None
    said = _discharged(attempt)
    return _warned(said) if said is not None and asked_for(attempt) else said


@ACTIONS.rule("us.bk.discharge", citation=DISCHARGE, jurisdiction="US", actions=COLLECTING_ACTS | {Act.FURNISH})
def action_discharge(attempt: ActionAttempt) -> Ruling | None:
    """After its discharge nobody sues for, enforces or demands a debt, or reports it as owing, unless it was
    reaffirmed before and that was not rescinded. A lien that survived is enforced with a court's order.
    """
    if not attempt.facts:
        return None
    if attempt.kind is Act.FURNISH and (attempt.amount or attempt.account.balance).minor <= 0:
        return None
    if attempt.kind is Act.REPOSSESS and any(
        one.word == "REPOSSESS" for one in in_force(attempt, FactKind.COURT_ORDER)
    ):
        return None
    return _discharged(attempt)


@PAYMENTS.rule("us.bk.discharge", citation=DISCHARGE, jurisdiction="US")
def payment_discharge(attempt: PaymentAttempt) -> Ruling | None:
    """After its discharge nothing is taken for a debt, unless it was reaffirmed; the debtor may pay of free will."""
    if not attempt.facts or attempt.initiated_by is Initiator.DEBTOR:
        return None
    return _discharged(attempt)


def _another_filed(attempt: Attempt) -> Ruling | None:
    """A refusal while the case of another who owes the consumer debt protects this debtor."""
    stays = in_force(attempt, FactKind.CO_DEBTOR_STAY)
    for account in _accounts(attempt) if stays else ():
        if account.purpose is not Purpose.CONSUMER or _of(attempt, FactKind.STAY_RELIEF, account):
            continue
        filed = [one for one in stays if one.account_id in (None, account.id)]
        if filed:
            since = day_of(attempt, filed[0].starts_at)
            return Ruling.deny(
                "Another who owes this debt filed under chapter 12 or 13: nothing is collected from this one.",
                missing_fact=_CLAIM,
                facts={"since": since},
            )
    return until_begins(attempt, FactKind.CO_DEBTOR_STAY)


def _own_plan(attempt: ContactAttempt) -> Ruling | None:
    """A refusal to collect from another what this debtor's plan covers."""
    case = stated(attempt, FactKind.BANKRUPTCY)
    if case is None or case.word not in _PLANS:
        return None
    debts = [one for one in attempt.accounts if one.purpose is Purpose.CONSUMER and _begun_before(one, attempt, case)]
    if all(_of(attempt, FactKind.STAY_RELIEF, account) for account in debts):
        return None
    filed = petition_day(attempt, case)
    return Ruling.deny(
        f"The debtor filed under chapter 12 or 13 on {filed.isoformat()}: others who owe the debt are protected too.",
        missing_fact=_CLAIM,
        facts={"chapter": case.word, "petition": filed},
    )


@CONTACTS.rule("us.bk.codebtor-stay", citation=CO_DEBTORS, jurisdiction="US", confidence="G")
def contact_codebtor_stay(attempt: ContactAttempt) -> Ruling | None:
    """While a case under chapter 12 or 13 lasts a consumer debt is not collected from others who owe it either."""
    if not attempt.facts or attempt.debtor.kind is not DebtorKind.PERSON or not _collects(attempt):
        return None
    if attempt.party is Party.CO_DEBTOR:
        return _own_plan(attempt)
    return None if asked_for(attempt) else _another_filed(attempt)


@ACTIONS.rule("us.bk.codebtor-stay", citation=CO_DEBTORS, jurisdiction="US", confidence="G", actions=COLLECTING_ACTS)
def action_codebtor_stay(attempt: ActionAttempt) -> Ruling | None:
    """While a case under chapter 12 or 13 lasts a consumer debt is not collected from others who owe it either."""
    if not attempt.facts or attempt.debtor.kind is not DebtorKind.PERSON or Content.PROOF_OF_CLAIM in attempt.content:
        return None
    return _another_filed(attempt)


@PAYMENTS.rule("us.bk.codebtor-stay", citation=CO_DEBTORS, jurisdiction="US", confidence="G")
def payment_codebtor_stay(attempt: PaymentAttempt) -> Ruling | None:
    """While a case under chapter 12 or 13 lasts nothing is taken for a consumer debt from others who owe it either."""
    if not attempt.facts or attempt.debtor.kind is not DebtorKind.PERSON or attempt.initiated_by is Initiator.DEBTOR:
        return None
    return _another_filed(attempt)


@CONTACTS.rule("us.bk.counsel", citation="15 USC 1692c(a)(2)", jurisdiction="US")
def bankruptcy_counsel(attempt: ContactAttempt) -> Ruling | None:
    """A debtor whose bankruptcy lawyer is known is represented, also after the case: speak with the lawyer."""
    if not attempt.facts and not attempt.holds:
        return None
    filed = recorded(attempt, FactKind.BANKRUPTCY) or hold(attempt, HoldKind.BANKRUPTCY)
    if not filed or not covered(attempt) or not to_consumer(attempt) or asked_for(attempt):
        return None
    since = represented_since(attempt)
    if since is None:
        return until_begins(attempt, FactKind.ATTORNEY)
    permitted = direct_contact(attempt)
    if permitted:
        return until_over(permitted, "The lawyer, or a court, permits direct contact.", represented(attempt))
    consent = consent_to_contact(attempt, since)
    if consent is not None:
        return Ruling.allow(consent.ends_at, reason="The debtor consented to direct contact.")
    day = day_of(attempt, since)
    return Ruling.deny(
        f"A lawyer acts for the bankrupt debtor since {day.isoformat()}: speak with the lawyer.",
        missing_fact=fact_requirement(FactKind.ATTORNEY_CONSENT),
        facts={"lawyer since": day},
    )
