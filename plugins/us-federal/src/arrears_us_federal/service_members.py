"""Protection of those in military service: 50 USC 3901 and following (SCRA)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from arrears_sdk.law.days import days_after, years_after
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, day_of, days, hold, in_force, latest, recorded, stated
from arrears_sdk.law.requirements import fact as fact_requirement
from arrears_sdk.law.words import Content
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, Fact
from arrears_sdk.vocabulary import ActionKind as Act, DebtorKind, HoldKind, Product
from arrears_us_federal.packs import ACTIONS
from arrears_us_federal.planned import earliest_day, until_begins, until_day_ends, while_held
from arrears_us_federal.settings import UsFederalConfig

MOST_INTEREST = Decimal(6)
_MOMENT = timedelta(microseconds=1)
_CHARGES = frozenset({Act.CHARGE_INTEREST, Act.CHARGE_FEE})
_PROTECTED = _CHARGES | {
    Act.SEEK_DEFAULT_JUDGMENT,
    Act.REPOSSESS,
    Act.TERMINATE_AGREEMENT,
    Act.EVICT,
    Act.FURNISH,
}


def in_service_since(attempt: Attempt) -> datetime | None:
    """Since when the debtor is in military service, by fact or by hold; orders protect from their receipt on, and say
    only that service has not begun, so that everything before today came before it.
    """
    if attempt.debtor.kind is not DebtorKind.PERSON:
        return None
    if attempt.facts:
        serving = in_force(attempt, FactKind.MILITARY_SERVICE)
        if serving:
            return min(one.starts_at for one in serving)
        if in_force(attempt, FactKind.MILITARY_ORDERS):
            return attempt.at
    return attempt.at if attempt.holds and hold(attempt, HoldKind.MILITARY) is not None else None


def _before_service(attempt: ActionAttempt, day: date, since: datetime) -> bool:
    """Whether a day lies before service; nothing is known of its beginning but that it is not before `since`."""
    return day < day_of(attempt, since) or since == attempt.at


def _free(attempt: Attempt) -> Ruling | None:
    return until_begins(attempt, FactKind.MILITARY_SERVICE, FactKind.MILITARY_ORDERS)


@ACTIONS.rule(
    "us.scra.default-judgment",
    citation="50 USC 3931",
    jurisdiction="US",
    actions={Act.SEEK_DEFAULT_JUDGMENT},
    configured=True,
)
def default_judgment(attempt: ActionAttempt, settings: UsFederalConfig) -> Ruling | None:
    """Before a judgment by default the military status is searched and sworn to. Who is in service gets a lawyer from
    the court first, and a stay of at least ninety days where that is justified.
    """
    if attempt.debtor.kind is not DebtorKind.PERSON:
        return None
    wanted = fact_requirement(FactKind.MILITARY_AFFIDAVIT)
    sworn = latest(in_force(attempt, FactKind.MILITARY_AFFIDAVIT))
    if sworn is None:
        return Ruling.require(wanted, "The military status has to be searched and sworn to first.", missing_fact=wanted)
    if sworn.word == "IN_SERVICE" or in_service_since(attempt) is not None:
        return _lawyer_first(attempt)
    searched = sworn.on or day_of(attempt, sworn.starts_at)
    last = days_after(searched, settings.military_affidavit_days)
    if days(attempt)[-1] > last:
        return Ruling.require(
            wanted,
            f"The military status was searched on {searched.isoformat()}: search again.",
            missing_fact=wanted,
            facts={"searched": searched},
        )
    if sworn.word == "UNKNOWN":
        return Ruling.warn("The military status is sworn to be unknown: the court may want a bond.")
    serves = until_day_ends(attempt, last, f"The search of {searched.isoformat()} serves until {last.isoformat()}.")
    return Ruling.combine(said for said in (serves, _free(attempt)) if said is not None)


def _lawyer_first(attempt: ActionAttempt) -> Ruling | None:
    permitted = in_force(attempt, FactKind.COURT_PERMISSION)
    if permitted:
        return while_held(permitted)
    return Ruling.deny(
        "The debtor is in military service: the court has to appoint a lawyer, and stays the case for 90 days or more.",
        missing_fact=fact_requirement(FactKind.COURT_PERMISSION),
    )


@ACTIONS.rule("us.scra.interest-cap", citation="50 USC 3937", jurisdiction="US", actions=_CHARGES)
def interest_cap(attempt: ActionAttempt) -> Ruling | None:
    """What was owed before service bears at most six per cent a year, fees included, while in service, and on
    mortgages for one year more; the rest is forgiven.
    """
    if not attempt.facts and not attempt.holds:
        return None
    since = in_service_since(attempt)
    if since is None:
        since = _mortgage_year(attempt)
    if since is None:
        return _free(attempt)
    if not _before_service(attempt, attempt.account.opened_on, since):
        return None
    told = {"debt of": attempt.account.opened_on, "in service since": day_of(attempt, since)}
    if attempt.rate is None:
        return Ruling.deny(
            "The debtor is protected as in military service: say the yearly rate with all fees.",
            missing_fact="rate",
            facts=told,
        )
    if attempt.rate <= MOST_INTEREST:
        return None
    return Ruling.deny(
        f"The debtor is protected as in military service: at most 6 % a year with all fees, not {attempt.rate} %.",
        facts=told,
    )


def _mortgage_year(attempt: ActionAttempt) -> datetime | None:
    """The beginning of a service that ended less than a year ago, where the debt is a mortgage."""
    if attempt.debtor.kind is not DebtorKind.PERSON or not _mortgage(attempt):
        return None
    today = days(attempt)[0]
    return next(
        (one.starts_at for one in recorded(attempt, FactKind.MILITARY_SERVICE) if _year(attempt, one, today)), None
    )


def _year(attempt: ActionAttempt, service: Fact, today: date) -> bool:
    return service.ends_at is not None and today <= years_after(day_of(attempt, service.ends_at - _MOMENT), 1)


def _mortgage(attempt: ActionAttempt) -> bool:
    if attempt.account.product is Product.MORTGAGE:
        return True
    secured = stated(attempt, FactKind.SECURED)
    return secured is not None and secured.word == "REAL_PROPERTY"


@ACTIONS.rule(
    "us.scra.repossess",
    citation="50 USC 3952",
    jurisdiction="US",
    actions={Act.REPOSSESS, Act.TERMINATE_AGREEMENT},
)
def repossess(attempt: ActionAttempt) -> Ruling | None:
    """What was bought by instalments, of which one was paid before service, is not taken back and its contract not
    ended during service without a court's order.
    """
    if not attempt.facts and not attempt.holds:
        return None
    since = in_service_since(attempt)
    if since is None:
        return _free(attempt)
    ordered = [one for one in in_force(attempt, FactKind.COURT_ORDER) if one.word == "REPOSSESS"]
    if ordered:
        return while_held(ordered)
    paid_on = attempt.account.last_payment_on
    before = paid_on is not None and _before_service(attempt, paid_on, since)
    if not before and not in_force(attempt, FactKind.INSTALMENT_BEFORE_SERVICE):
        return None
    return Ruling.deny(
        "The debtor is in military service and paid an instalment before: only a court may order this.",
        missing_fact=fact_requirement(FactKind.COURT_ORDER),
        facts={"in service since": day_of(attempt, since)},
    )


@ACTIONS.rule("us.scra.evict", citation="50 USC 3951", jurisdiction="US", actions={Act.EVICT}, configured=True)
def evict(attempt: ActionAttempt, settings: UsFederalConfig) -> Ruling | None:
    """During service nobody is evicted without a court's order from a home whose monthly rent, given as the amount,
    does not exceed the ceiling of the year.
    """
    if not attempt.facts and not attempt.holds:
        return None
    since = in_service_since(attempt)
    if since is None:
        return _free(attempt)
    ordered = [one for one in in_force(attempt, FactKind.COURT_ORDER) if one.word == "EVICT"]
    if ordered:
        return while_held(ordered)
    rent, ceiling = attempt.amount, settings.rent_ceiling
    if ceiling is not None and rent is not None and rent.currency == "USD" and rent.amount > ceiling:
        return None
    wanted = fact_requirement(FactKind.COURT_ORDER)
    return Ruling.require(
        wanted,
        "The tenant is in military service: only a court may order an eviction.",
        missing_fact=wanted,
        facts={"in service since": day_of(attempt, since), "rent": rent or "unknown"},
    )


@ACTIONS.rule("us.scra.no-adverse-report", citation="50 USC 3919", jurisdiction="US", actions={Act.FURNISH})
def no_adverse_report(attempt: ActionAttempt) -> Ruling | None:
    """That somebody exercised a right of those in service is no reason for an adverse report."""
    if Content.BASED_ON_SERVICE_RIGHTS in attempt.content:
        return Ruling.deny("The report rests on a right that the debtor exercised for being in service.")
    if not attempt.facts:
        return None
    used = in_force(attempt, FactKind.SERVICE_RIGHT_EXERCISED)
    if not used:
        return None
    return Ruling.warn(
        "The debtor exercised a right of those in service: report only what does not come from that.",
        facts={"exercised": day_of(attempt, used[0].starts_at), "reported on": earliest_day(attempt)},
    )


@ACTIONS.rule("us.scra.tolling", citation="50 USC 3936", jurisdiction="US", actions={Act.SUE, Act.THREATEN_SUIT})
def tolling(attempt: ActionAttempt) -> Ruling | None:
    """Time in military service is not counted in any limitation period. This rule never objects: the limitation clock
    of `us.regf.time-barred` leaves that time out.
    """
    return None


@ACTIONS.rule("us.scra.orders-received", citation="50 USC 3917", jurisdiction="US", actions=_PROTECTED)
def orders_received(attempt: ActionAttempt) -> Ruling | None:
    """Reservists are protected from the receipt of their orders on. This rule never objects: the others take orders
    for service.
    """
    return None
