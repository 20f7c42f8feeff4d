"""What an account's course is computed from: the terms that hold for it, and what happened to it. Pure values.

Nothing here was computed by the platform: amounts that the platform works out (the interest of a day, how a payment was
spread) are left out of `History` and are found by `arrears.ledger.course`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from arrears.ledger.model import DebtComponent, EntryKind

Amounts = Mapping[DebtComponent, int]
"""Minor units by component; components that are left out are nought."""


class Stage(StrEnum):
    """How far a debt has come, as far as the order of its payments asks."""

    STANDARD = "STANDARD"
    NON_PERFORMING = "NON_PERFORMING"
    JUDGMENT = "JUDGMENT"
    SETTLEMENT = "SETTLEMENT"
    WRITTEN_OFF = "WRITTEN_OFF"


class Timing(StrEnum):
    """How an instalment stands on the day of a payment: due before it, due on it, or due later."""

    PAST_DUE = "PAST_DUE"
    DUE = "DUE"
    IN_ADVANCE = "IN_ADVANCE"


class Ahead(StrEnum):
    """To which instalments money goes that is paid in advance: the next one, the last one, or all evenly."""

    NEXT = "NEXT"
    LAST = "LAST"
    EVENLY = "EVENLY"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a waterfall: the components that are paid in it, and of which instalments.

    `by_instalment` pays all the turn's components of the oldest instalment before the next instalment; otherwise each
    component is paid for all instalments before the next component.
    """

    components: tuple[DebtComponent, ...]
    timings: frozenset[Timing] = frozenset(Timing)
    by_instalment: bool = False


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The order in which money is spread over a debt; a name for people, turns for the computation.

    Whatever no turn takes up is taken in the usual order afterwards, so that no cent depends on a list being complete.
    """

    name: str
    turns: tuple[Turn, ...]
    ahead: Ahead = Ahead.NEXT


class DayCount(StrEnum):
    """How many days a year has for interest, and how days are counted."""

    ACTUAL_360 = "ACTUAL_360"
    ACTUAL_364 = "ACTUAL_364"
    ACTUAL_365 = "ACTUAL_365"
    ACTUAL_ACTUAL = "ACTUAL_ACTUAL"
    THIRTY_360 = "THIRTY_360"


class Compounding(StrEnum):
    """How often unpaid interest begins to bear interest itself."""

    NEVER = "NEVER"
    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"
    HALF_YEARLY = "HALF_YEARLY"
    YEARLY = "YEARLY"


class Rounding(StrEnum):
    """How the exact interest becomes whole minor units."""

    HALF_EVEN = "HALF_EVEN"
    HALF_UP = "HALF_UP"
    DOWN = "DOWN"
    UP = "UP"


@dataclass(frozen=True, slots=True)
class RatePeriod:
    """From this day on (the day itself included) interest runs at so many per cent a year; `source` says whence."""

    from_on: date
    percent: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class InterestTerms:
    """By what rule an account bears interest. No rates, no interest.

    The interest of a day is that of the balance at the end of the day before, at the rate of the day itself; so the day
    from which interest runs bears none, and the day of a payment bears interest on what it paid. `cap_percent` ends it
    when the interest charged since the beginning comes to so many per cent of the principal at the beginning;
    `no_more_than_principal` stops it while interest owed is as much as principal owed. With `keeps_first_rate` the rate
    of the first day that bears interest holds as long as the count goes on.
    """

    name: str = "none"
    rates: tuple[RatePeriod, ...] = ()
    day_count: DayCount = DayCount.ACTUAL_365
    compounding: Compounding = Compounding.NEVER
    rounding: Rounding = Rounding.HALF_EVEN
    bears: frozenset[DebtComponent] = frozenset({DebtComponent.PRINCIPAL})
    cap_percent: Decimal | None = None
    no_more_than_principal: bool = False
    keeps_first_rate: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that a client has settled about how the debts of one product run, with the account's own terms in it.

    `waterfalls` has an entry for every stage. `non_performing_after_days` is how many days past due make a debt
    non-performing. `interest` holds before a judgment, `judgment_interest` from its day on unless the judgment has a
    rate of its own.
    """

    waterfalls: Mapping[Stage, Waterfall]
    non_performing_after_days: int
    interest: InterestTerms = InterestTerms()
    judgment_interest: InterestTerms = InterestTerms()


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the ledger that nobody computed, or the part of it that nobody did.

    `changes` is what it does to the debt, for kinds that say so themselves (opening, charge, fee, adjustment, discount,
    transfer, judgment, a write-off of given amounts, and reversals of these). `money_minor` is what was paid: above
    zero for payments and won chargebacks, below for refunds, chargebacks and reversals of payments. An entry about a
    payment names it; `is_whole` is a write-off of whatever is owed at that moment.
    """

    entry_id: UUID
    kind: EntryKind
    effective_on: date
    changes: Amounts = field(default_factory=dict)
    money_minor: int = 0
    payment_id: UUID | None = None
    reverses_id: UUID | None = None
    direction: tuple[DebtComponent, ...] = ()
    in_settlement: bool = False
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Instalment:
    """One part of a debt with a due day of its own."""

    number: int
    due_on: date
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Schedule:
    """The instalments that hold from a day until the next schedule's day."""

    from_on: date
    instalments: tuple[Instalment, ...]


@dataclass(frozen=True, slots=True)
class Award:
    """A judgment: from its day on its own rate holds, where the court gave one."""

    entry_id: UUID
    entered_on: date
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Span:
    """Days from the first to the day before `until_on`; no end when that is none."""

    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class History:
    """An account's terms and all that happened to it, in any order.

    `accrues_from_on` is the day from which interest runs (it bears none itself); none means the day of the opening
    entry. `interest_free` are the days on which a hold stopped interest.
    """

    account_id: UUID
    client_id: UUID
    currency: str
    due_on: date
    terms: Terms
    happenings: tuple[Happening, ...]
    schedules: tuple[Schedule, ...] = ()
    awards: tuple[Award, ...] = ()
    accrues_from_on: date | None = None
    interest_free: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class InterestState:
    """Where the count of interest stands at the end of a day: enough to go on without the history.

    `exact` is the unrounded interest since the count began, in minor units; `accrued_minor` what of it was charged;
    `capitalised_minor` the unpaid interest that bears interest itself. `began_on` is the day from which periods of
    compounding are counted, `principal_at_start_minor` the principal at its end, of which caps are a share.
    """

    through_on: date
    exact: Fraction
    accrued_minor: int
    capitalised_minor: int
    began_on: date
    principal_at_start_minor: int = 0


@dataclass(frozen=True, slots=True)
class TraceLine:
    """What one part of the debt received of a payment: how much was owed on it then, how much was paid, and why.

    A line without a component is money beyond the debt. `recovered` is a part that had been written off.
    """

    instalment: int | None
    component: DebtComponent | None
    owed_minor: int
    paid_minor: int
    reason: str
    recovered: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """How the money of one payment was spread, under which waterfall and at which stage."""

    waterfall: str
    stage: Stage
    lines: tuple[TraceLine, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What one happening did: to what is owed, to what was written off, and to what is owed back to the debtor.

    For payments `owed` and `written_off` are negative or nought, and their sum with `-surplus_minor` is minus the
    money; giving money back has the opposite signs. A write-off lowers `owed` and raises `written_off` as much.
    """

    owed: Amounts
    written_off: Amounts = field(default_factory=dict)
    surplus_minor: int = 0
    trace: Trace | None = None


@dataclass(frozen=True, slots=True)
class InstalmentPosition:
    """How an instalment stands: what of it is unpaid, and the day on which it was paid in whole, when it was."""

    number: int
    due_on: date
    unpaid: Amounts
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class Position:
    """How an account stands at the end of a day. `oldest_unpaid_on` is the earliest due day of what is owed."""

    day: date
    owed: Amounts
    written_off: Amounts
    surplus_minor: int
    stage: Stage
    oldest_unpaid_on: date | None
    instalments: tuple[InstalmentPosition, ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """How a debt ran: what each happening did, the interest of each day, and how it stood at the end of each day.

    `interest` names only days whose interest is not nought; `positions` has the day of every change in date order, and
    the last day computed. `state` is none where no interest runs.
    """

    effects: Mapping[UUID, Effect]
    interest: Mapping[date, int]
    positions: tuple[Position, ...]
    state: InterestState | None

    @property
    def last(self) -> Position:
        """How the account stands on the last day computed."""
        return self.positions[-1]

    def at(self, day: date) -> Position | None:
        """How the account stood at the end of a day; none before anything happened."""
        found: Position | None = None
        for position in self.positions:
            if position.day > day:
                break
            found = position
        return found
