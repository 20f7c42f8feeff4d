"""Germany: default, interest, the order of payments, consumer credit and assigned claims (BGB)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from arrears_european_union.credit import is_consumer_credit
from arrears_european_union.packs import ACTIONS
from arrears_european_union.rates import between_businesses, rule_on_rate
from arrears_european_union.settings import EuropeanUnionConfig
from arrears_sdk.law.days import ONE_DAY
from arrears_sdk.law.debts import about
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.hours import start_of_day
from arrears_sdk.law.known import day_of, days, in_force, notice, notices
from arrears_sdk.law.requirements import notice as notice_requirement
from arrears_sdk.law.words import Content, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, Notice
from arrears_sdk.vocabulary import ActionKind as Act, CollectorRole, Product

CONSUMER_MARGIN, BUSINESS_MARGIN = Decimal(5), Decimal(9)
LUMP_SUM = Decimal(40)
_NO_PRICE = frozenset({Product.TORT, Product.FINE, Product.TAX})
"""Claims that are not for the price of goods or services, and bear the lower interest also between businesses."""
_REMINDERS = (NoticeKind.REMINDER, NoticeKind.FIRST_CLAIM, NoticeKind.COLLECTION, NoticeKind.DEFAULT)
_CHARGES = (Act.CHARGE_INTEREST, Act.CHARGE_FEE)
MISSED_INSTALMENTS = 2
SMALLEST_ARREARS = Decimal("0.10")


def received(attempt: ActionAttempt, given: Notice) -> date:
    """The day on which a notice was received, or sent where nobody recorded the receipt."""
    return given.received_on or day_of(attempt, given.sent_at)


def default_since(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> date | None:
    """The first day of default: recorded, after a reminder or a refusal, or by itself for a business (BGB 286)."""
    account = attempt.account
    found: list[date] = []
    stated = about(attempt, FactKind.IN_DEFAULT, account)
    if stated is not None:
        found.append(stated.on or day_of(attempt, stated.starts_at))
    refused = about(attempt, FactKind.REFUSAL, account)
    if refused is not None:
        found.append(max(day_of(attempt, refused.starts_at), account.due_on + ONE_DAY))
    if attempt.notices:
        reminded = [received(attempt, each) for kind in _REMINDERS for each in notices(attempt, kind)]
        found += [day + ONE_DAY for day in reminded if day >= account.due_on]
    if between_businesses(attempt):
        billed = about(attempt, FactKind.FIRST_BILL, account)
        begins = account.due_on if billed is None or billed.on is None else max(billed.on, account.due_on)
        found.append(begins + timedelta(days=settings.german_default_days) + ONE_DAY)
    return min(found, default=None)


@ACTIONS.rule(
    "de.bgb.default-start",
    citation="BGB 286",
    jurisdiction="DE",
    confidence="P",
    actions=_CHARGES,
    configured=True,
)
def default_start(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    """Interest and costs need default: after a reminder, on a day fixed by the calendar, after a definite refusal, or
    30 days after a business was to pay an invoice. A consumer is in default after 30 days only if the invoice said so,
    which is recorded as IN_DEFAULT.
    """
    since = default_since(attempt, settings)
    if since is None:
        return Ruling.require(notice_requirement(NoticeKind.REMINDER), "The debtor is not in default: remind first.")
    if days(attempt)[0] >= since:
        return None
    begins = start_of_day(since, attempt.debtor.time_zones)
    return Ruling.defer(begins, "The debtor is not in default yet.", facts={"default from": since})


@ACTIONS.rule(
    "de.bgb.interest",
    citation="BGB 247, 288(1), (2), 289",
    jurisdiction="DE",
    confidence="P",
    actions=[Act.CHARGE_INTEREST],
    configured=True,
)
def interest(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    """In default a consumer owes the base rate and five points, a business nine points on a price, or what the contract
    says where that is more. There is no interest on interest.
    """
    higher = between_businesses(attempt) and attempt.account.product not in _NO_PRICE
    return rule_on_rate(attempt, settings.german_rates, BUSINESS_MARGIN if higher else CONSUMER_MARGIN)


@ACTIONS.rule(
    "de.bgb.lump-sum",
    citation="BGB 288(5)",
    jurisdiction="DE",
    confidence="P",
    actions=[Act.CHARGE_FEE],
)
def lump_sum(attempt: ActionAttempt) -> Ruling | None:
    """A business in default owes a lump sum of 40 euros, credited against costs; a consumer never. A fee that no
    statement of costs explains counts as a lump sum.
    """
    if Content.COST_STATEMENT in attempt.content:
        return None
    if not between_businesses(attempt):
        return Ruling.deny("A consumer owes no lump sum: costs are stated by kind, amount and reason.")
    wanted = attempt.amount
    if wanted is None:
        return Ruling.deny("Nobody said what is to be charged.", missing_fact="amount")
    if wanted.currency == "EUR" and wanted.amount <= LUMP_SUM:
        return None
    return Ruling.deny("The lump sum is 40 euros.", facts={"wanted": wanted})


@ACTIONS.rule(
    "de.bgb.consumer-credit-arrears",
    citation="BGB 497, 498",
    jurisdiction="DE",
    confidence="G",
    actions=[Act.CHARGE_INTEREST, Act.TERMINATE_AGREEMENT],
    configured=True,
)
def consumer_credit(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    """Arrears of consumer credit bear the base rate and five points, whatever the contract says. It is terminated after
    two missed instalments in a row that make up a tenth of the loan, and a notice that left two weeks.
    """
    if not is_consumer_credit(attempt, attempt.account):
        return None
    if attempt.kind is Act.CHARGE_INTEREST:
        return rule_on_rate(attempt, settings.german_rates, CONSUMER_MARGIN, contract=False)
    return _termination(attempt, settings)


def _termination(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    stated = about(attempt, FactKind.IN_DEFAULT, attempt.account)
    missed = 0 if stated is None or stated.number is None else stated.number
    if missed < MISSED_INSTALMENTS:
        return Ruling.deny(
            "Two instalments in a row have to be missed before the loan is terminated.",
            missing_fact="fact:IN_DEFAULT",
            facts={"missed": missed},
        )
    arrears, loan = attempt.amount, attempt.account.placed
    if arrears is not None and arrears.currency == loan.currency and arrears.amount < loan.amount * SMALLEST_ARREARS:
        return Ruling.deny("The arrears are less than a tenth of the loan.", facts={"arrears": arrears, "loan": loan})
    given = notice(attempt, NoticeKind.DEFAULT)
    if given is None:
        return Ruling.require(
            notice_requirement(NoticeKind.DEFAULT), "A notice gives the borrower two weeks to pay the arrears."
        )
    served = received(attempt, given)
    earliest = served + timedelta(days=settings.german_termination_days) + ONE_DAY
    if days(attempt)[0] >= earliest:
        return None
    begins = start_of_day(earliest, attempt.debtor.time_zones)
    return Ruling.defer(begins, "The two weeks of the notice run still.", facts={"served on": served})


@ACTIONS.rule(
    "de.bgb.allocation",
    citation="BGB 366, 367, 497",
    jurisdiction="DE",
    confidence="P",
    actions=[Act.APPLY_PAYMENT],
)
def allocation(attempt: ActionAttempt) -> Ruling | None:
    """A payment goes to the debt that the debtor named; within it to costs, then interest, then principal, and for
    consumer credit to costs, then principal, then interest. The finding tells the order.
    """
    account = attempt.account
    # Directions about other debts concern this one, so they are looked for among all facts.
    directed = {
        fact.account_id
        for fact in attempt.facts
        if fact.kind is FactKind.ALLOCATION_DIRECTION
        and fact.starts_at <= attempt.at
        and (fact.ends_at is None or attempt.at < fact.ends_at)
    }
    if directed and directed.isdisjoint({None, account.id}):
        return Ruling.deny("The debtor directed that the payment go to another debt.")
    credit = is_consumer_credit(attempt, account)
    order = "costs, principal, interest" if credit else "costs, interest, principal"
    return Ruling.allow(reason=f"The payment goes to {order}.", rule="de.bgb.allocation", facts={"order": order})


@ACTIONS.rule(
    "de.bgb.debtor-of-assigned",
    citation="BGB 407, 410",
    jurisdiction="DE",
    confidence="P",
    actions=[Act.ACCEPT_PAYMENT, Act.DEMAND_PAYMENT, Act.SUE],
)
def assigned(attempt: ActionAttempt) -> Ruling | None:
    """The debtor of an assigned claim may withhold payment until the assignment is shown, and is discharged by paying
    the old creditor before knowing of it: without a documented assignment and a notice of it this rule warns.
    """
    if attempt.account.collector_role is not CollectorRole.DEBT_BUYER:
        return None
    if in_force(attempt, FactKind.CHAIN_OF_TITLE) and notice(attempt, NoticeKind.TRANSFER) is not None:
        return None
    return Ruling.warn("The debtor may withhold payment until the assignment is shown, or have paid the old creditor.")
