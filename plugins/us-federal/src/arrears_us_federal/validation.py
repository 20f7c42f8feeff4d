"""The validation notice and its period: 12 CFR 1006.34, 1006.38(b), 1006.42; 15 USC 1692g."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from arrears_sdk.law.calendars import us_federal_holiday
from arrears_sdk.law.counting import ELECTRONIC
from arrears_sdk.law.days import business_days_after, days_after
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import start_of_day
from arrears_sdk.law.known import Attempt, day_of, days, in_force
from arrears_sdk.law.requirements import consent, content, fact as fact_requirement, notice as notice_requirement
from arrears_sdk.law.words import ContactPurpose, Content, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, Notice
from arrears_sdk.vocabulary import ActionKind
from arrears_us_federal.coverage import covered, covered_accounts
from arrears_us_federal.disclosures import communicates, first_communication, is_first_of_each
from arrears_us_federal.packs import ACTIONS, CONTACTS
from arrears_us_federal.persons import ELECTRONIC_MEDIA, MAIL, granted
from arrears_us_federal.settings import UsFederalConfig
from arrears_us_federal.wishes import first_start

NOTICE_DAYS = 5
ASSUMED_RECEIPT_DAYS = 5
PERIOD_DAYS = 30
PERIOD = "12 CFR 1006.34(b)(5)"
OVERSHADOW = "12 CFR 1006.38(b); 15 USC 1692g(b)"
_CONTENTS = {
    Content.COLLECTOR_DETAILS: "the collector's name and the address for disputes",
    Content.CREDITOR_DETAILS: "the debtor, the account number, and the creditor then and now",
    Content.CLAIM_DETAILS: "the itemisation date, the amount then, what was added and paid since, the amount now, the"
    " rights with the end of the period, and the prompts to answer",
}
_WITHOUT_NOTICE = frozenset({ContactPurpose.NOTICE, ContactPurpose.CEASE_CONFIRMATION})


def validation_notice(attempt: Attempt, account: Account) -> Notice | None:
    """The newest validation notice about one debt that did not come back."""
    found = None
    for given in attempt.notices:
        if given.kind is not NoticeKind.VALIDATION or given.sent_at > attempt.at:
            continue
        if given.returned_at is not None and given.returned_at <= attempt.at:
            continue
        if given.account_ids and account.id not in given.account_ids:
            continue
        if found is None or (given.sent_at, given.id) > (found.sent_at, found.id):
            found = given
    return found


def period_end(attempt: Attempt, given: Notice) -> date:
    """The last day of the validation period: thirty days after receipt, known or assumed five business days after the
    notice was sent; a later day that the notice itself named stands.
    """
    received = given.received_on or business_days_after(
        day_of(attempt, given.sent_at), ASSUMED_RECEIPT_DAYS, us_federal_holiday
    )
    ends = days_after(received, PERIOD_DAYS)
    return ends if given.ends_on is None else max(ends, given.ends_on)


def validation_end(attempt: Attempt, account: Account) -> date | None:
    """The last day on which a dispute of one debt is in time; None while no notice has been given."""
    given = validation_notice(attempt, account) if attempt.notices else None
    return None if given is None else period_end(attempt, given)


def running_period(attempt: Attempt) -> date | None:
    """The end of the validation period that runs for a debt of the attempt; of several the latest."""
    if not attempt.notices:
        return None
    today = days(attempt)[0]
    ends = [validation_end(attempt, account) for account in covered_accounts(attempt)]
    return max((end for end in ends if end is not None and today <= end), default=None)


def _settled(attempt: Attempt, account: Account) -> bool:
    if account.balance.minor <= 0:
        return True
    paid = in_force(attempt, FactKind.PAID_OR_SETTLED) if attempt.facts else ()
    return any(one.account_id in (None, account.id) for one in paid)


@CONTACTS.rule("us.regf.validation-notice", citation="12 CFR 1006.34(a); 15 USC 1692g(a),(d)", jurisdiction="US")
def validation_notice_due(attempt: ContactAttempt) -> Ruling | None:
    """The validation information is given in the first communication or sent within five days after it, unless the
    debt was paid before.
    """
    if not attempt.history or Content.VALIDATION_INFORMATION in attempt.content:
        return None
    if attempt.purpose in _WITHOUT_NOTICE or attempt.required_by_law or not communicates(attempt):
        return None
    due: date | None = None
    for account in covered_accounts(attempt):
        if (attempt.notices and validation_notice(attempt, account) is not None) or _settled(attempt, account):
            continue
        first = first_communication(attempt, account.id)
        if first is not None and (due is None or first.debtor_local_date < due):
            due = first.debtor_local_date
    if due is None:
        return None
    last = days_after(due, NOTICE_DAYS)
    told = {"first communication": due, "validation notice due": last}
    if days(attempt)[-1] <= last:
        until = first_start(last + timedelta(days=1), attempt.debtor.time_zones)
        return Ruling.allow(until, reason=f"The validation notice is due by {last.isoformat()}.", facts=told)
    wanted = notice_requirement(NoticeKind.VALIDATION)
    return Ruling.require(
        wanted,
        f"The validation notice was due by {last.isoformat()}, five days after the first communication.",
        missing_fact=wanted,
        facts=told,
    )


@CONTACTS.rule("us.regf.validation-contents", citation="12 CFR 1006.34(c)", jurisdiction="US", confidence="P")
def validation_contents(attempt: ContactAttempt) -> Ruling | None:
    """A validation notice names collector, debtor, creditors, account, itemised amount and rights, with prompts."""
    if Content.VALIDATION_INFORMATION not in attempt.content or not covered(attempt):
        return None
    missing = [word for word in _CONTENTS if word not in attempt.content]
    if not missing:
        return None
    return Ruling.combine(
        Ruling.require(content(word), f"The validation notice has to give {_CONTENTS[word]}.") for word in missing
    )


@CONTACTS.rule("us.regf.itemization-date", citation="12 CFR 1006.34(b)(3)", jurisdiction="US", confidence="P")
def itemization_date(attempt: ContactAttempt) -> Ruling | None:
    """The debt is itemised from one day, the same throughout: last statement, charge-off, last payment, transaction or
    judgment.
    """
    if Content.VALIDATION_INFORMATION not in attempt.content or not covered(attempt):
        return None
    stated = in_force(attempt, FactKind.ITEMISATION_DATE)
    for account in covered_accounts(attempt):
        days_named = {(one.word, one.on) for one in stated if one.account_id in (None, account.id)}
        if not days_named:
            wanted = fact_requirement(FactKind.ITEMISATION_DATE)
            return Ruling.require(wanted, "Choose the day from which the debt is itemised.", missing_fact=wanted)
        if len(days_named) > 1:
            return Ruling.require(
                fact_requirement(FactKind.ITEMISATION_DATE),
                f"The debt is itemised from {len(days_named)} different days: end all but one.",
                facts={"itemisation dates": ", ".join(sorted(str(on) for _, on in days_named))},
            )
    return None


@ACTIONS.rule(
    "us.regf.validation-period",
    citation=PERIOD,
    jurisdiction="US",
    actions={ActionKind.SUE, ActionKind.FURNISH},
    configured=True,
)
def validation_period(attempt: ActionAttempt, settings: UsFederalConfig) -> Ruling | None:
    """The validation period runs from the notice to thirty days after its receipt. A suit within it waits by the
    agency's policy, and a credit report within it is warned of; the law bars neither.
    """
    if not attempt.notices or not covered(attempt):
        return None
    ends = running_period(attempt)
    if ends is None:
        return None
    day = ends.isoformat()
    if attempt.kind is ActionKind.FURNISH or settings.suits_in_validation_period == "WARN":
        return Ruling.warn(f"The validation period lasts until {day}.", facts={"validation period ends": day})
    return Ruling.defer(
        start_of_day(ends + timedelta(days=1), attempt.debtor.time_zones),
        f"The validation period lasts until {day}: a suit before may overshadow the right to dispute.",
        facts={"validation period ends": day},
    )


@CONTACTS.rule("us.regf.validation-period", citation=PERIOD, jurisdiction="US")
def contact_validation_period(attempt: ContactAttempt) -> Ruling | None:
    """The validation period runs from the notice to thirty days after its receipt, and contacts go on in it. For
    contacts it never objects: the rules about disputes and overshadowing count by it.
    """
    return None


@CONTACTS.rule("us.regf.no-overshadow", citation=OVERSHADOW, jurisdiction="US")
def no_overshadow(attempt: ContactAttempt) -> Ruling | None:
    """During the validation period nothing may overshadow or contradict the right to dispute, nor threaten suit."""
    if not attempt.content:
        return None
    return _overshadows(attempt)


@ACTIONS.rule(
    "us.regf.no-overshadow",
    citation=OVERSHADOW,
    jurisdiction="US",
    actions={ActionKind.THREATEN_SUIT, ActionKind.DEMAND_PAYMENT, ActionKind.SEND_DOCUMENT},
)
def action_no_overshadow(attempt: ActionAttempt) -> Ruling | None:
    """During the validation period nothing may overshadow or contradict the right to dispute, nor threaten suit."""
    return _overshadows(attempt)


def _overshadows(attempt: ContactAttempt | ActionAttempt) -> Ruling | None:
    threat = Content.THREATENS_SUIT in attempt.content or (
        isinstance(attempt, ActionAttempt) and attempt.kind is ActionKind.THREATEN_SUIT
    )
    if not threat and Content.OVERSHADOWS_RIGHTS not in attempt.content:
        return None
    if not covered(attempt):
        return None
    ends = running_period(attempt)
    if ends is None and Content.VALIDATION_INFORMATION not in attempt.content:
        return None
    what = "A threat of suit" if threat else "What contradicts the right to dispute"
    when = "with the validation notice" if ends is None else f"before the validation period ends on {ends.isoformat()}"
    told = {} if ends is None else {"validation period ends": ends}
    return Ruling.deny(f"{what} may not come {when}.", facts=told)


@CONTACTS.rule("us.regf.delivery", citation="12 CFR 1006.42", jurisdiction="US")
def delivery(attempt: ContactAttempt) -> Ruling | None:
    """Required notices go where they can be expected to arrive and be kept: not to an address that failed, and
    electronically, beyond the first communication, only with consent.
    """
    validates = Content.VALIDATION_INFORMATION in attempt.content
    if not validates and attempt.purpose is not ContactPurpose.NOTICE:
        return None
    if attempt.channel not in ELECTRONIC_MEDIA and attempt.channel not in MAIL:
        return None
    if not covered(attempt):
        return None
    failed = _failed(attempt)
    if failed is not None:
        return failed
    if attempt.channel not in ELECTRONIC or (validates and is_first_of_each(attempt)):
        return None
    if granted(attempt, frozenset({attempt.channel})) is not None:
        return None
    wanted = consent(attempt.channel)
    return Ruling.require(
        wanted, "Beyond the first communication a notice goes electronically only with consent.", missing_fact=wanted
    )


def _failed(attempt: ContactAttempt) -> Ruling | None:
    """A refusal of an address from which notices come back, or that is not the debtor's."""
    point = attempt.contact_point
    if point is None:
        return None
    bounced = in_force(attempt, FactKind.BOUNCED)
    if not point.invalid and not bounced and not in_force(attempt, FactKind.NOT_THE_DEBTORS):
        return None
    last: datetime | None = max((one.starts_at for one in bounced), default=None)
    told = {} if last is None else {"came back": day_of(attempt, last)}
    return Ruling.deny("A notice to this address is not to be expected to arrive: use another.", facts=told)
