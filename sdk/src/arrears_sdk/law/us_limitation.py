"""When a claim expires in the United States: the clock of limitation periods for an attempt (rule sheet, section 1.5).

The periods are those of `us_periods`. Unknown facts are read so that the claim expires early, and the clock says which
fact would tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Literal, NamedTuple

from pydantic import Field

from arrears_sdk.law.days import years_after
from arrears_sdk.law.debts import debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, day_of, days, of_kind
from arrears_sdk.law.limitation import Tolling, expires_on, is_barred
from arrears_sdk.law.requirements import fact as fact_requirement
from arrears_sdk.law.settings import LawConfig
from arrears_sdk.law.us_periods import Periods, Revival, other_new_york, table
from arrears_sdk.views import Account, ActionAttempt, Fact
from arrears_sdk.vocabulary import CollectorRole, Product, Purpose

STAY_GRACE = timedelta(days=30)
"""11 USC 108(c): a period that had not ended at the petition ends no earlier than so long after the stay."""
EMERGENCY_GRACE = timedelta(days=60)
"""D.C. Code 28-3814(bb): the period stands still in a public-health emergency and for so long after it."""
NEW_YORK_CONSUMER_CREDIT = date(2022, 4, 7)
"""From this day on CPLR 214-i bars consumer credit after three years; six before."""


class LimitationConfig(LawConfig):
    """The choices about limitation periods; packs that use the clock take their settings from here."""

    limitation_law: Literal["SHORTER", "FORUM", "CONTRACT"] = Field(
        default="SHORTER",
        description="Whose limitation period counts: the shorter of the forum's and of the law that the contract names"
        " or was made under, the forum's alone, or the contract's where it is known (rule sheet, section 1.5).",
    )
    revival_after_expiry: bool = Field(
        default=False,
        description="Whether a payment or acknowledgment begins an expired period anew in states that allow it"
        " (`yes` in the table).",
    )
    earlier_payments_restart: bool = Field(
        default=False,
        description="Whether a payment before expiry begins the period anew in states that bar revival by statute"
        " (`no` in the table: DC, MD, MN, MS, NY).",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitationClock:
    """How one debt stands: whose period of how many years, from when to when. `expires_on` is None while it stands
    still; `missing` are the facts, as requirements, that were not known and read strictly.
    """

    account_id: str
    periods: Periods
    years: int
    accrued_on: date
    expires_on: date | None
    barred: bool
    missing: tuple[str, ...] = ()

    @property
    def missing_fact(self) -> str | None:
        """The first fact that would tell more."""
        return self.missing[0] if self.missing else None

    @property
    def told(self) -> dict[str, object]:
        """The facts that the clock used, for a finding."""
        return {
            "limitation law": f"US-{self.periods.state}",
            "period": f"{self.years} years",
            "accrued on": self.accrued_on.isoformat(),
            "expires on": "stands still" if self.expires_on is None else self.expires_on.isoformat(),
        }


_DEFAULT = LimitationConfig()


def clock(
    attempt: Attempt, account: Account, settings: LimitationConfig = _DEFAULT, *, forum: str | None = None
) -> LimitationClock | None:
    """How a debt of the attempt stands by the limitation law that counts; None for a judgment, which the table has not.

    `forum` is the state, by its two letters, whose courts are meant; else those of the jurisdictions. Of several, with
    the place of the suit and the contract's law, the one under which the claim expires first.
    """
    instrument = _word(attempt, account, FactKind.INSTRUMENT)
    if instrument == "JUDGMENT":
        return None
    accrued, missing = _accrual(attempt, account)
    today = days(attempt)[-1]
    standing = [
        _standing(attempt, account, periods, instrument, accrued, today, settings, missing)
        for periods in _periods(attempt, account, settings, forum, today)
    ]
    if len(standing) == 1:
        return standing[0]
    return min(standing, key=lambda clock: (clock.expires_on or date.max, clock.periods.state))


class _Standing(NamedTuple):
    """How the debts of one attempt stand; the attempt and the settings are kept so that their ids stay their own."""

    attempt: Attempt
    settings: LimitationConfig
    clocks: tuple[LimitationClock, ...]
    barred: LimitationClock | None
    next_expiry: date | None


# Several rules ask how the debts of one attempt stand.
_STANDING: dict[tuple[int, int, str | None], _Standing] = {}
_MOST_STANDING = 8


def _stand(attempt: Attempt, settings: LimitationConfig, forum: str | None) -> _Standing:
    key = (id(attempt), id(settings), forum)
    known = _STANDING.get(key)
    if known is not None and known[0] is attempt and known[1] is settings:
        return known
    each = [clock(attempt, account, settings, forum=forum) for account in debts(attempt)]
    clocks = tuple([standing for standing in each if standing is not None])
    barred, expires = None, None
    for standing in clocks:
        if standing.barred:
            barred = barred or standing
        elif standing.expires_on is not None and (expires is None or standing.expires_on < expires):
            expires = standing.expires_on
    found = _Standing(attempt, settings, clocks, barred, expires)
    if len(_STANDING) >= _MOST_STANDING:
        _STANDING.clear()
    _STANDING[key] = found
    return found


def clocks(
    attempt: Attempt, settings: LimitationConfig = _DEFAULT, *, forum: str | None = None
) -> tuple[LimitationClock, ...]:
    """How every debt of the attempt stands, but for judgments."""
    return _stand(attempt, settings, forum).clocks


def first_barred(
    attempt: Attempt, settings: LimitationConfig = _DEFAULT, *, forum: str | None = None
) -> LimitationClock | None:
    """The clock of a debt of the attempt that is barred by time; None when none is."""
    return _stand(attempt, settings, forum).barred


def next_expiry(attempt: Attempt, settings: LimitationConfig = _DEFAULT, *, forum: str | None = None) -> date | None:
    """The first day on which a debt of the attempt that is not yet barred expires; None when none will by itself."""
    return _stand(attempt, settings, forum).next_expiry


def _standing(
    attempt: Attempt,
    account: Account,
    periods: Periods,
    instrument: str | None,
    accrued: date,
    today: date,
    settings: LimitationConfig,
    missing: tuple[str, ...],
) -> LimitationClock:
    years = _years(periods, account, instrument)
    missing = missing if years is not None else (*missing, fact_requirement(FactKind.INSTRUMENT))
    counted = periods.shortest if years is None else years
    ends = _ends(attempt, account, periods, instrument, accrued, counted, settings)
    return LimitationClock(
        account_id=account.id,
        periods=periods,
        years=counted,
        accrued_on=accrued,
        expires_on=ends,
        barred=is_barred(today, ends),
        missing=missing,
    )


def _years(periods: Periods, account: Account, instrument: str | None) -> int | None:
    """The years of what the debt rests on; None when that is unknown. A sealed contract is read as a written one."""
    if instrument is None:
        return periods.card if account.product is Product.CARD else None
    found = _RESTS_ON.get(instrument)
    return None if found is None else found(periods)


_RESTS_ON: dict[str, Callable[[Periods], int]] = {
    "WRITTEN": attrgetter("written"),
    "SEALED": attrgetter("written"),
    "DEED": attrgetter("written"),
    "OPEN_ACCOUNT": attrgetter("open_account"),
    "ORAL": attrgetter("oral"),
    "NOTE": attrgetter("note"),
    "CARD": attrgetter("card"),
}


def _periods(
    attempt: Attempt, account: Account, settings: LimitationConfig, forum: str | None, today: date
) -> Sequence[Periods]:
    """The rows whose periods are to be compared; every state's when nobody knows where the debtor lives."""
    consumer_credit = account.purpose is Purpose.CONSUMER and (
        not attempt.facts or _word(attempt, account, FactKind.CREDIT_EXTENDED) != "NO"
    )
    return _rows(
        forum,
        attempt.place if isinstance(attempt, ActionAttempt) else None,
        attempt.jurisdictions,
        frozenset(_contract_states(attempt, account)) if attempt.facts else frozenset[str](),
        settings.limitation_law,
        consumer_credit and today >= NEW_YORK_CONSUMER_CREDIT,
    )


@lru_cache(maxsize=512)
def _rows(
    forum: str | None,
    filed: str | None,
    jurisdictions: frozenset[str],
    contract: frozenset[str],
    law: Literal["SHORTER", "FORUM", "CONTRACT"],
    new_york_consumer_credit: bool,
) -> Sequence[Periods]:
    forums = frozenset(_forums(forum, filed, jurisdictions))
    chosen = {"SHORTER": forums | contract, "FORUM": forums, "CONTRACT": contract or forums}[law]
    known = [state for state in sorted(chosen) if state in table()] or sorted(table())
    return tuple(
        other_new_york() if state == "NY" and not new_york_consumer_credit else table()[state] for state in known
    )


def _forums(forum: str | None, filed: str | None, jurisdictions: frozenset[str]) -> Iterator[str]:
    """The state that is meant, else those of the jurisdictions; with it the one in which a suit would be filed."""
    if forum:
        yield forum
    for place in (filed or "",) if forum else (filed or "", *jurisdictions):
        parts = place.split("-")
        if parts[0] == "US" and len(parts) > 1:
            yield parts[1]


def _contract_states(attempt: Attempt, account: Account) -> Iterator[str]:
    if not attempt.facts:
        return
    for kind in (FactKind.GOVERNING_LAW, FactKind.CONTRACT_PLACE):
        for found in _about(attempt, account, kind):
            parts = (found.place or "").split("-")
            if parts[0] == "US" and len(parts) > 1 and (found.ends_at is None or attempt.at < found.ends_at):
                yield parts[1]


def _accrual(attempt: Attempt, account: Account) -> tuple[date, tuple[str, ...]]:
    """The day on which the claim accrued; unknown, the earliest day on which it may have."""
    for kind in (FactKind.ACCRUED, FactKind.DELINQUENT_SINCE) if attempt.facts else ():
        known = [found.on for found in _about(attempt, account, kind) if found.on and _holds(found, attempt)]
        if known:
            return min(known), ()
    perhaps = (account.due_on, account.charge_off_on, account.last_payment_on)
    return min([day for day in perhaps if day is not None]), _ACCRUAL_UNKNOWN


_ACCRUAL_UNKNOWN = (fact_requirement(FactKind.ACCRUED),)


def _ends(
    attempt: Attempt,
    account: Account,
    periods: Periods,
    instrument: str | None,
    accrued: date,
    years: int,
    settings: LimitationConfig,
) -> date | None:
    restarts = list(_restarts(attempt, account, periods, instrument, settings))
    if not restarts and not attempt.facts:
        return years_after(accrued, years)
    tolling = list(_tolling(attempt, account, periods.state)) if attempt.facts else []
    ends = expires_on(accrued, years, restarts=restarts, tolling=tolling)
    if periods.revival is Revival.ALWAYS and settings.revival_after_expiry and restarts:
        ends = _later(ends, expires_on(max(*restarts, accrued), years, tolling=tolling))
    return _after_stays(attempt, ends) if attempt.facts else ends


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)


def _restarts(
    attempt: Attempt, account: Account, periods: Periods, instrument: str | None, settings: LimitationConfig
) -> Iterator[date]:
    """The days of payments and acknowledgments that the state lets begin the period anew."""
    revival = periods.revival
    if revival is Revival.NEVER_AFTER_EXPIRY and not settings.earlier_payments_restart:
        return
    if revival is Revival.NOT_FOR_DEBT_BUYERS and account.collector_role is CollectorRole.DEBT_BUYER:
        return
    pays = revival not in _SIGNED_ONLY or (revival is Revival.NOTE_PAYMENT and instrument == "NOTE")
    if pays and account.last_payment_on is not None:
        yield account.last_payment_on
    if not attempt.facts:
        return
    words = ("SIGNED",) if revival in _SIGNED_ONLY else ("SIGNED", "WRITTEN")
    for found in _about(attempt, account, FactKind.ACKNOWLEDGED):
        if found.word in words and found.on is not None:
            yield found.on


_SIGNED_ONLY = frozenset(
    {Revival.WRITTEN_ACKNOWLEDGMENT, Revival.NOTE_PAYMENT, Revival.WRITTEN_ENTRY, Revival.NEW_PROMISE}
)


def _tolling(attempt: Attempt, account: Account, state: str) -> Iterator[Tolling]:
    """The spans that do not count: military service (50 USC 3936), what was recorded, DC's public emergencies."""
    for kind in (FactKind.MILITARY_SERVICE, FactKind.TOLLING):
        for found in _about(attempt, account, kind):
            yield day_of(attempt, found.starts_at), _last_day(attempt, found.ends_at)
    if state == "DC":
        for found in _about(attempt, account, FactKind.PUBLIC_EMERGENCY):
            if found.place == "US-DC":
                last = _last_day(attempt, found.ends_at)
                yield day_of(attempt, found.starts_at), None if last is None else last + EMERGENCY_GRACE


def _last_day(attempt: Attempt, ends_at: datetime | None) -> date | None:
    return None if ends_at is None else day_of(attempt, ends_at - timedelta(microseconds=1))


def _after_stays(attempt: Attempt, ends: date | None) -> date | None:
    """The end as bankruptcies put it off (11 USC 108(c)); None while a stay lasts."""
    cases = [found for found in of_kind(attempt, FactKind.BANKRUPTCY) if found.starts_at <= attempt.at]
    for case in sorted(cases, key=lambda found: found.starts_at):
        if ends is None or (case.on or day_of(attempt, case.starts_at)) > ends:
            continue
        if case.ends_at is None or case.ends_at > attempt.at:
            return None
        ends = max(ends, day_of(attempt, case.ends_at) + STAY_GRACE)
    return ends


def _about(attempt: Attempt, account: Account, kind: FactKind) -> Iterator[Fact]:
    """The facts of a kind about one debt that have begun."""
    for found in of_kind(attempt, kind):
        if found.starts_at <= attempt.at and found.account_id in (None, account.id):
            yield found


def _holds(found: Fact, attempt: Attempt) -> bool:
    return found.ends_at is None or attempt.at < found.ends_at


def _word(attempt: Attempt, account: Account, kind: FactKind) -> str | None:
    if not of_kind(attempt, kind):
        return None
    known = [found for found in _about(attempt, account, kind) if _holds(found, attempt)]
    return max(known, key=lambda found: (found.starts_at, found.received_at, found.id)).word if known else None
