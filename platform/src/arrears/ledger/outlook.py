"""What would come of an entry before it is booked: read off the account's course, interest up to the day included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from arrears.ledger.course import course
from arrears.ledger.histories import histories
from arrears.ledger.history import Amounts, Happening, History
from arrears.ledger.model import DebtComponent, EntryKind
from arrears.ledger.posting import LockedAccount
from arrears_sdk.errors import ErrorCode, RefusedError
from arrears_sdk.ids import new_id
from arrears_sdk.money import Money

if TYPE_CHECKING:
    from arrears.kernel.transaction import Transaction

# What a court finds owed on its day is what came before the judgment in the order of a day.
_BEFORE_JUDGMENT = frozenset(
    {
        EntryKind.OPENING_BALANCE,
        EntryKind.CHARGE,
        EntryKind.FEE,
        EntryKind.TRANSFER,
        EntryKind.ADJUSTMENT,
        EntryKind.JUDGMENT,
        EntryKind.REVERSAL,
    }
)


async def refuse_below_zero(
    tx: Transaction, account: LockedAccount, kind: EntryKind, day: date, changes: Mapping[DebtComponent, int]
) -> None:
    """Raises RefusedError where a component would be less than nothing on the day or on any day since."""
    taken = {component: -change for component, change in changes.items() if change < 0}
    if not taken or day > account.today:
        return
    history = (await histories(tx, [account.account_id]))[account.account_id].history
    happening = Happening(entry_id=new_id(), kind=kind, effective_on=day, changes=changes)
    found = course(_with(history, happening), account.today)
    for component, minor in taken.items():
        least = min(position.owed.get(component, 0) for position in found.positions if position.day >= day)
        if least < 0:
            most = Money(max(minor + least, 0), account.currency)
            raise RefusedError(
                f"{Money(minor, account.currency)} is more than the {most} that can be taken off here.",
                code=ErrorCode.AMOUNT_EXCEEDS_BALANCE,
                field=("input", component.value.lower()),
            )


async def owed_before_judgment(tx: Transaction, account: LockedAccount, day: date) -> Amounts:
    """What a judgment of the day replaces: interest and charges of the day counted, its payments not."""
    history = (await histories(tx, [account.account_id]))[account.account_id].history
    happenings = tuple(
        happening
        for happening in history.happenings
        if happening.effective_on < day
        or (happening.effective_on == day and happening.kind in _BEFORE_JUDGMENT and happening.payment_id is None)
    )
    if not happenings or day > account.today:
        return {}
    return course(replace(history, happenings=happenings), day).last.owed


@dataclass(frozen=True, slots=True)
class Room:
    """What is owed at the end of a day, parts that were written off included, and how much money the debt can take."""

    owed_minor: int
    room_minor: int


def room(history: History, day: date, today: date, money_minor: int) -> Room:
    """How a debt stands towards so much money of a day: what later payments already paid has no room for it."""
    happening = Happening(
        entry_id=new_id(),
        kind=EntryKind.PAYMENT,
        effective_on=day,
        money_minor=money_minor,
        payment_id=new_id(),
    )
    without, with_it = course(history, today), course(_with(history, happening), today)
    surplus = with_it.last.surplus_minor - without.last.surplus_minor
    position = without.at(day)
    owed = 0 if position is None else sum(position.owed.values()) + sum(position.written_off.values())
    return Room(max(owed, 0), max(money_minor - surplus, 0))


def _with(history: History, happening: Happening) -> History:
    return replace(history, happenings=(*history.happenings, happening))
