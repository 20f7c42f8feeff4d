"""Money that is shared among debts is neither made nor lost, and no debt gets more than it may."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given, strategies as st

from arrears.ledger.sharing import SharedDebt, SharingWay, Sort, SortKey, shared
from arrears_sdk.money import Currency, Money

FIRST = date(2026, 1, 1)
CURRENCIES = st.sampled_from([Currency("USD"), Currency("JPY"), Currency("KWD")])
WAYS = st.sampled_from([way for way in SharingWay if way is not SharingWay.DIRECTED])
SORTS = st.lists(st.builds(Sort, key=st.sampled_from(SortKey), descending=st.booleans()), min_size=1, max_size=4)


@st.composite
def debts(draw: st.DrawFn, *, least_free: int = 1) -> list[SharedDebt]:
    count = draw(st.integers(least_free, 7))
    found: list[SharedDebt] = []
    for number in range(count):
        balance = draw(st.integers(0, 10_000))
        found.append(
            SharedDebt(
                account_id=UUID(int=draw(st.integers(0, 1_000)) * 10 + number),
                reference=draw(st.sampled_from(["A", "B", "C"])),
                due_on=FIRST + timedelta(days=draw(st.integers(0, 3))),
                placed_on=FIRST + timedelta(days=draw(st.integers(0, 3))),
                rate_percent=Decimal(draw(st.integers(0, 3))),
                balance_minor=balance,
                room_minor=draw(st.one_of(st.just(balance), st.integers(0, balance))),
                is_disputed=number >= least_free and draw(st.booleans()),
                rank=draw(st.integers(1, 3)),
            )
        )
    return found


@given(debts(), st.integers(1, 50_000), WAYS, SORTS, CURRENCIES)
def test_shares_are_the_money_exactly_and_no_debt_gets_more_than_it_can_take(
    owed: list[SharedDebt], minor: int, way: SharingWay, sorts: list[Sort], currency: Currency
) -> None:
    shares = shared(Money(minor, currency), owed, way, sorts)

    by_account = {debt.account_id: debt for debt in owed}
    assert [share.account_id for share in shares] == [debt.account_id for debt in owed]
    assert sum(share.amount_minor for share in shares) == minor
    room = sum(debt.room_minor for debt in owed if not debt.is_disputed)
    assert sum(share.surplus_minor for share in shares) == max(minor - room, 0)
    for share in shares:
        debt = by_account[share.account_id]
        assert 0 <= share.amount_minor - share.surplus_minor <= debt.room_minor
        assert share.reason
        if debt.is_disputed:
            assert share.amount_minor == 0


@given(debts(), st.integers(1, 50_000), WAYS, SORTS)
def test_the_order_in_which_debts_are_named_moves_no_cent(
    owed: list[SharedDebt], minor: int, way: SharingWay, sorts: list[Sort]
) -> None:
    money = Money(minor, Currency("USD"))

    forwards = {share.account_id: share for share in shared(money, owed, way, sorts)}
    backwards = {share.account_id: share for share in shared(money, owed[::-1], way, sorts)}

    assert forwards == backwards


@given(debts(), st.integers(1, 50_000))
def test_what_is_shared_in_proportion_is_off_by_less_than_a_minor_unit(owed: list[SharedDebt], minor: int) -> None:
    whole = [debt for debt in owed if debt.room_minor == debt.balance_minor and not debt.is_disputed]
    total = sum(debt.balance_minor for debt in whole)
    if not whole or minor > total:
        return

    shares = shared(Money(minor, Currency("USD")), whole, SharingWay.PRO_RATA)

    for share, debt in zip(shares, whole, strict=True):
        assert abs(share.amount_minor * total - minor * debt.balance_minor) < total


@given(debts(), st.integers(1, 50_000))
def test_even_parts_differ_by_a_minor_unit_unless_a_debt_is_full(owed: list[SharedDebt], minor: int) -> None:
    shares = shared(Money(minor, Currency("USD")), owed, SharingWay.EVEN)

    rooms = {debt.account_id: debt.room_minor for debt in owed if not debt.is_disputed}
    paid = {share.account_id: share.amount_minor - share.surplus_minor for share in shares}
    unfilled = [paid[account_id] for account_id, room in rooms.items() if paid[account_id] < room]
    if unfilled:
        assert max(paid[account_id] for account_id in rooms) <= min(unfilled) + 1
