"""South Africa and Brazil."""

from __future__ import annotations

from datetime import date, time

from arrears_other_countries.asia import SUITS, unfair
from arrears_other_countries.limits import about, barred, strictest
from arrears_other_countries.packs import ACTIONS, CONTACTS, PAYMENTS
from arrears_other_countries.settings import OtherCountriesConfig
from arrears_sdk.law.calendars import holiday_test
from arrears_sdk.law.counting import PHONE
from arrears_sdk.law.days import business_days_after, years_after
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import common_opening, start_of_day, weekly
from arrears_sdk.law.known import Attempt, day_of, days, in_force, need_licence, notice, stated, told, word
from arrears_sdk.law.requirements import content, fact, notice as notice_required
from arrears_sdk.law.words import ContactPurpose, Content, NoticeKind
from arrears_sdk.money import Money
from arrears_sdk.ruling import Ruling, Verdict
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, PaymentAttempt
from arrears_sdk.vocabulary import ActionKind as Act, CommunicationChannel as Channel

ENFORCEMENT = frozenset({Act.SUE, Act.ENFORCE_JUDGMENT, Act.REPOSSESS, Act.TERMINATE_AGREEMENT})
LETTERS = frozenset({Channel.LETTER, Channel.POSTCARD, Channel.EMAIL})
PRESCRIPTION_YEARS = 3
LONG_PRESCRIPTION_YEARS = 30
BRAZIL_YEARS = 5


@ACTIONS.rule(
    "za.nca.section129",
    citation="National Credit Act ss.129(1), 130(1)",
    jurisdiction="ZA",
    confidence="G",
    actions=ENFORCEMENT,
)
def section_129(attempt: ActionAttempt) -> Ruling | None:
    """At least 20 business days in default, and 10 business days since the notice under s.129(1).

    The day of default or delivery does not count, the day of the step does (s.2(5)). Credit agreements only.
    """
    if word(attempt, FactKind.REGULATED_AGREEMENT) == "NO":
        return None
    defaults = [one.on for one in in_force(attempt, FactKind.IN_DEFAULT) if one.on is not None]
    since = max(defaults, default=attempt.account.due_on)
    given = notice(attempt, NoticeKind.DEFAULT)
    if given is None:
        return Ruling.require(notice_required(NoticeKind.DEFAULT), "A notice under s.129(1) comes first.")
    holiday = holiday_test("ZA")
    told = given.received_on or day_of(attempt, given.sent_at)
    free = max(business_days_after(since, 20, holiday), business_days_after(told, 10, holiday))
    if days(attempt)[0] >= free:
        return None
    return Ruling.defer(
        start_of_day(free, attempt.debtor.time_zones),
        f"Twenty business days of default and ten since the notice are over on {free.isoformat()}.",
        facts={"in default since": since, "notice": told},
    )


def _prescribed(attempt: Attempt, account: Account) -> Ruling | None:
    judged = about(attempt, FactKind.JUDGMENT, account)
    years = LONG_PRESCRIPTION_YEARS if judged or account.product == "MORTGAGE" else PRESCRIPTION_YEARS
    return barred(attempt, account, years, restarting=("SIGNED", "WRITTEN", "ORAL"))


@ACTIONS.rule(
    "za.nca.prescribed",
    citation="National Credit Act s.126B",
    jurisdiction="ZA",
    actions={Act.SELL_OR_PLACE, Act.DEMAND_PAYMENT, Act.ACCEPT_PAYMENT},
)
def prescribed(attempt: ActionAttempt) -> Ruling | None:
    """A prescribed debt under a credit agreement is not sold; nor collected where the defence is or would be raised."""
    return _prescribed(attempt, attempt.account)


@CONTACTS.rule("za.nca.prescribed", citation="National Credit Act s.126B", jurisdiction="ZA")
def prescribed_contact(attempt: ContactAttempt) -> Ruling | None:
    """A prescribed debt is not collected."""
    if attempt.purpose is not ContactPurpose.COLLECT or attempt.at_debtor_request or attempt.required_by_law:
        return None
    return strictest(_prescribed(attempt, account) for account in attempt.accounts)


@ACTIONS.rule(
    "za.prescription", citation="Prescription Act ss.10, 11, 14, 15", jurisdiction="ZA", confidence="P", actions=SUITS
)
def prescription(attempt: ActionAttempt) -> Ruling | None:
    """Three years, thirty for judgments and mortgages; acknowledgment or payment interrupts; then the debt is gone."""
    return _prescribed(attempt, attempt.account)


@ACTIONS.rule(
    "za.nca.in-duplum",
    citation="National Credit Act s.103(5)",
    jurisdiction="ZA",
    confidence="P",
    actions={Act.CHARGE_INTEREST, Act.CHARGE_FEE},
)
def in_duplum(attempt: ActionAttempt) -> Ruling | None:
    """While in default, interest, fees and charges together do not exceed the principal unpaid at default."""
    if not in_force(attempt, FactKind.IN_DEFAULT) and attempt.account.days_past_due <= 0:
        return None
    principal = stated(attempt, FactKind.PRINCIPAL_AT_DEFAULT)
    if principal is None or principal.amount is None:
        wanted = fact(FactKind.PRINCIPAL_AT_DEFAULT)
        return Ruling.require(wanted, "The principal unpaid at default is not known.", missing_fact=wanted)
    charged = [one.amount for one in in_force(attempt, FactKind.DEFAULT_CHARGES) if one.amount is not None]
    total = attempt.amount or Money(0, principal.amount.currency)
    for amount in charged:
        total += amount
    if total <= principal.amount:
        return None
    return Ruling.deny(
        f"With this the charges would be {total}, above the principal of {principal.amount} at default.",
        facts={"charges": total, "principal at default": principal.amount},
    )


@ACTIONS.rule(
    "za.nca.debt-review",
    citation="National Credit Act ss.86, 88",
    jurisdiction="ZA",
    confidence="G",
    actions=ENFORCEMENT,
)
def debt_review(attempt: ActionAttempt) -> Ruling | None:
    """No enforcement while the debtor is under debt review."""
    if not in_force(attempt, FactKind.DEBT_REVIEW):
        return None
    return Ruling.deny("The debtor is under debt review.", facts=told(attempt, FactKind.DEBT_REVIEW))


@CONTACTS.rule(
    "za.collector-code", citation="Debt Collectors Act 114 of 1998", jurisdiction="ZA", confidence="G", configured=True
)
def collector_code(attempt: ContactAttempt, settings: OtherCountriesConfig) -> Ruling | None:
    """Debt collectors are registered, and their code bars harassment."""
    if attempt.accounts and all(account.collector_role == "FIRST_PARTY" for account in attempt.accounts):
        return None
    wrong = unfair(attempt)
    lacking = need_licence(attempt, "ZA", settings, "The agency's registration in South Africa is not recorded.")
    return Ruling.combine([found for found in (wrong, lacking) if found is not None]) if wrong or lacking else None


@CONTACTS.rule("br.cdc.no-ridicule", citation="CDC arts 42, 71", jurisdiction="BR")
def no_ridicule(attempt: ContactAttempt) -> Ruling | None:
    """No exposure to ridicule, constraint or threat, nor unjustified interference with work, rest or leisure."""
    return unfair(attempt)


@ACTIONS.rule(
    "br.cdc.overcharge",
    citation="CDC art. 42, sole paragraph",
    jurisdiction="BR",
    actions={Act.DEMAND_PAYMENT, Act.ACCEPT_PAYMENT},
)
def overcharge(attempt: ActionAttempt) -> Ruling | None:
    """An undue amount is refunded twofold: nothing above what is owed is demanded or accepted."""
    return _above(attempt.amount, attempt.account.balance)


@PAYMENTS.rule("br.cdc.overcharge", citation="CDC art. 42, sole paragraph", jurisdiction="BR")
def overcharged_payment(attempt: PaymentAttempt) -> Ruling | None:
    """Nothing above what is owed is taken."""
    return _above(attempt.amount, attempt.account.balance)


def _above(amount: Money | None, balance: Money) -> Ruling | None:
    if amount is None or amount.currency != balance.currency or amount <= balance:
        return None
    return Ruling.deny(f"{amount} is more than the {balance} that is owed.", facts={"owed": balance})


@CONTACTS.rule("br.cdc.documents", citation="CDC art. 42-A", jurisdiction="BR", confidence="P", channels=LETTERS)
def documents(attempt: ContactAttempt) -> Ruling | None:
    """Collection documents name the supplier with address and registration number."""
    if Content.CREDITOR_DETAILS in attempt.content:
        return None
    return Ruling.require(content(Content.CREDITOR_DETAILS), "Name the supplier with address and CPF or CNPJ.")


@CONTACTS.rule("br.hours", citation="State laws", jurisdiction="BR", confidence="G", channels=PHONE, configured=True)
def brazil_hours(attempt: ContactAttempt, settings: OtherCountriesConfig) -> Ruling | None:
    """Calls on weekdays from 08:00 to 20:00, on Saturdays to early afternoon; not on Sundays and holidays."""
    if attempt.at_debtor_request:
        return None
    saturday = (time(8), time(settings.brazil_saturday_end_hour))
    hours = weekly((time(8), time(20)), saturday, None, holidays="BR")
    zones = attempt.debtor.time_zones or ("America/Sao_Paulo",)
    opened = common_opening([(hours, zone) for zone in zones], attempt.at)
    if opened is not None and opened[0] <= attempt.at:
        return Ruling.allow(opened[1], reason="It is a usual hour for calls.")
    return Ruling.warn("State laws and the trade call on weekdays 08:00 to 20:00 and on Saturday mornings.")


@ACTIONS.rule(
    "br.negative-listing",
    citation="CDC art. 43; STJ súmulas 323, 359",
    jurisdiction="BR",
    confidence="G",
    actions={Act.FURNISH},
)
def negative_listing(attempt: ActionAttempt) -> Ruling | None:
    """Written notice before a listing; not longer than five years, nor beyond the limitation period."""
    since = stated(attempt, FactKind.DELINQUENT_SINCE)
    began: date = (since.on if since is not None else None) or attempt.account.due_on
    if days(attempt)[0] > years_after(began, BRAZIL_YEARS):
        return Ruling.deny(
            f"The debt is delinquent since {began.isoformat()}, for more than five years.",
            facts={"delinquent since": began},
        )
    old = barred(attempt, attempt.account, BRAZIL_YEARS)
    if old is not None and old.verdict is not Verdict.ALLOW:
        return old
    if notice(attempt, NoticeKind.FURNISHING_INTENT) is None:
        return Ruling.require(notice_required(NoticeKind.FURNISHING_INTENT), "Tell the debtor in writing first.")
    return old


@ACTIONS.rule(
    "br.limitation",
    citation="Civil Code art. 206, s.5, I",
    jurisdiction="BR",
    confidence="G",
    actions=SUITS | {Act.DEMAND_PAYMENT, Act.ENFORCE_JUDGMENT},
)
def brazil_limitation(attempt: ActionAttempt) -> Ruling | None:
    """Five years for liquid debts in instruments; a prescribed debt is not collected, even out of court."""
    return barred(attempt, attempt.account, BRAZIL_YEARS)


@CONTACTS.rule("br.limitation", citation="Civil Code art. 206, s.5, I", jurisdiction="BR", confidence="G")
def brazil_prescribed(attempt: ContactAttempt) -> Ruling | None:
    """A prescribed debt is not collected, even out of court."""
    if attempt.purpose is not ContactPurpose.COLLECT or attempt.at_debtor_request or attempt.required_by_law:
        return None
    return strictest(barred(attempt, account, BRAZIL_YEARS) for account in attempt.accounts)
