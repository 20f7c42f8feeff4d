"""How money that came once is shared among several debts: five ways, each exact to the minor unit. Pure rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from arrears_sdk.money import Currency, Money


class SharingWay(StrEnum):
    """By which rule money is shared among debts."""

    PRIORITY = "PRIORITY"
    EVEN = "EVEN"
    PRO_RATA = "PRO_RATA"
    SORTED = "SORTED"
    DIRECTED = "DIRECTED"


class SortKey(StrEnum):
    """What debts can be sorted by."""

    DUE_ON = "DUE_ON"
    PLACED_ON = "PLACED_ON"
    BALANCE = "BALANCE"
    INTEREST_RATE = "INTEREST_RATE"
    REFERENCE = "REFERENCE"


MOST_SORT_KEYS = 4


@dataclass(frozen=True, slots=True)
class Sort:
    """One key to sort debts by, lowest first unless it is descending."""

    key: SortKey
    descending: bool = False


@dataclass(frozen=True, slots=True)
class SharedDebt:
    """One debt among which money is shared.

    `balance_minor` is what is owed on it on the day of the payment, what was written off included; `room_minor` is how
    much the debt can take, which is less where it was paid later. `directed_minor` is what the debtor named for it.
    """

    account_id: UUID
    reference: str
    due_on: date
    placed_on: date
    rate_percent: Decimal
    balance_minor: int
    room_minor: int
    is_disputed: bool = False
    rank: int = 1
    directed_minor: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """What one debt gets, why, and how much of that is more than it can take."""

    account_id: UUID
    amount_minor: int
    reason: str
    surplus_minor: int = 0


@dataclass(frozen=True, slots=True)
class _Part:
    debt: SharedDebt
    amount_minor: int
    reason: str


def shared(money: Money, debts: Sequence[SharedDebt], way: SharingWay, sorts: Sequence[Sort] = ()) -> list[Share]:
    """The shares of the debts, in the order in which the debts were given; they add up to the money exactly.

    Disputed debts get nothing. Money beyond what all others can take is a surplus on the last that had its turn; where
    the debtor named amounts, on the debt for which it was named. Raises `ValueError` when no debt may take money, and
    when named amounts are not the money.
    """
    free = sorted((debt for debt in debts if not debt.is_disputed), key=_usual)
    if not free:
        raise ValueError("no debt may take the money")
    if way is SharingWay.DIRECTED:
        found = _directed(money, debts)
    else:
        parts = _ways[way](money, free, sorts)
        left = money.minor - sum(part.amount_minor for part in parts)
        found = {part.debt.account_id: Share(part.debt.account_id, part.amount_minor, part.reason) for part in parts}
        if left:
            last = parts[-1].debt.account_id
            found[last] = replace(found[last], amount_minor=found[last].amount_minor + left, surplus_minor=left)
    return [
        Share(debt.account_id, 0, "It is disputed: nothing is paid on it.")
        if debt.is_disputed
        else _told(found[debt.account_id], money.currency)
        for debt in debts
    ]


def _told(share: Share, currency: Currency) -> Share:
    if share.amount_minor == 0:
        return replace(share, reason=f"{share.reason} Nothing came to it.")
    if share.surplus_minor:
        surplus = Money(share.surplus_minor, currency)
        return replace(share, reason=f"{share.reason} {surplus} of it is more than is owed.")
    return share


def _usual(debt: SharedDebt) -> tuple[date, str, UUID]:
    """The fixed order: what fell due first, then by reference."""
    return debt.due_on, debt.reference, debt.account_id


def _directed(money: Money, debts: Sequence[SharedDebt]) -> dict[UUID, Share]:
    if sum(debt.directed_minor for debt in debts if not debt.is_disputed) != money.minor:
        raise ValueError("the named amounts are not the money")
    return {
        debt.account_id: Share(
            debt.account_id,
            debt.directed_minor,
            "As the debtor directed.",
            max(debt.directed_minor - debt.room_minor, 0),
        )
        for debt in debts
    }


def _by_priority(money: Money, debts: Sequence[SharedDebt], _: Sequence[Sort]) -> list[_Part]:
    left, parts = money.minor, list[_Part]()
    ranked = sorted(debts, key=lambda debt: debt.rank)
    for rank, group in groupby(ranked, key=lambda debt: debt.rank):
        equals = list(group)
        found = _in_proportion(Money(left, money.currency), equals, ())
        if len(equals) == 1:
            found = [replace(found[0], reason=f"Priority {rank}.")]
        else:
            found = [replace(part, reason=f"Priority {rank}, shared: {part.reason}") for part in found]
        left -= sum(part.amount_minor for part in found)
        parts += found
    return parts


def _in_proportion(money: Money, debts: Sequence[SharedDebt], _: Sequence[Sort]) -> list[_Part]:
    total = sum(debt.balance_minor for debt in debts)
    to_share = min(money.minor, total)
    amounts = [min(to_share * debt.balance_minor // total, debt.room_minor) if total else 0 for debt in debts]
    _add_in_order(amounts, debts, to_share - sum(amounts), most=1)
    # More than a unit each is left only where a debt can take less than was owed on it.
    _add_in_order(amounts, debts, money.minor - sum(amounts), most=money.minor)
    whole = Money(total, money.currency)
    return [
        _Part(debt, amount, f"In proportion: {Money(debt.balance_minor, money.currency)} of {whole} owed.")
        for debt, amount in zip(debts, amounts, strict=True)
    ]


def _evenly(money: Money, debts: Sequence[SharedDebt], _: Sequence[Sort]) -> list[_Part]:
    amounts = [0] * len(debts)
    left = money.minor
    while left:
        open_ones = [place for place, debt in enumerate(debts) if amounts[place] < debt.room_minor]
        if not open_ones:
            break
        each = max(left // len(open_ones), 1)
        for place in open_ones:
            part = min(each, left, debts[place].room_minor - amounts[place])
            amounts[place] += part
            left -= part
    return [
        _Part(debt, amount, "An even part, up to what is owed.") for debt, amount in zip(debts, amounts, strict=True)
    ]


def _by_order(money: Money, debts: Sequence[SharedDebt], sorts: Sequence[Sort]) -> list[_Part]:
    ordered = list(debts)
    # The least important key first: sorting is stable.
    for sort in reversed(sorts):
        ordered.sort(key=_values[sort.key], reverse=sort.descending)
    named = ", then ".join(_named(sort) for sort in sorts)
    amounts = [0] * len(ordered)
    _add_in_order(amounts, ordered, money.minor, most=money.minor)
    return [
        _Part(debt, amount, f"Number {place} by {named}.")
        for place, (debt, amount) in enumerate(zip(ordered, amounts, strict=True), start=1)
    ]


def _add_in_order(amounts: list[int], debts: Sequence[SharedDebt], left: int, *, most: int) -> None:
    """Adds to each in turn, as far as it can take more."""
    for place, debt in enumerate(debts):
        part = max(min(left, most, debt.room_minor - amounts[place]), 0)
        amounts[place] += part
        left -= part


_values: dict[SortKey, Callable[[SharedDebt], tuple[date | Decimal | int | str, ...]]] = {
    SortKey.DUE_ON: lambda debt: (debt.due_on,),
    SortKey.PLACED_ON: lambda debt: (debt.placed_on,),
    SortKey.BALANCE: lambda debt: (debt.balance_minor,),
    SortKey.INTEREST_RATE: lambda debt: (debt.rate_percent,),
    SortKey.REFERENCE: lambda debt: (debt.reference,),
}
_WORDS = {
    SortKey.DUE_ON: "due date",
    SortKey.PLACED_ON: "day of placement",
    SortKey.BALANCE: "balance",
    SortKey.INTEREST_RATE: "rate of interest",
    SortKey.REFERENCE: "reference",
}


def _named(sort: Sort) -> str:
    return f"{_WORDS[sort.key]}, highest first" if sort.descending else _WORDS[sort.key]


_ways: dict[SharingWay, Callable[[Money, Sequence[SharedDebt], Sequence[Sort]], list[_Part]]] = {
    SharingWay.PRIORITY: _by_priority,
    SharingWay.EVEN: _evenly,
    SharingWay.PRO_RATA: _in_proportion,
    SharingWay.SORTED: _by_order,
}
