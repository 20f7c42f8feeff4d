"""Interest is booked for the days that have ended: once, whenever it runs, and as the course of each debt says."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from arrears.accounts.commands import AccountUpdate, place_hold, release_hold, update_account
from arrears.accounts.holds import HoldPlace, HoldRelease
from arrears.accounts.model import HoldBlock, HoldKind, HoldSource
from arrears.deployment import load_domains
from arrears.kernel.transaction import begin
from arrears.ledger import accruing
from arrears.ledger.booking import AwardDraft, Wish, resettle
from arrears.ledger.model import EntryKind
from arrears_sdk.errors import InputError
from arrears_sdk.events import JsonValue
from tests.product.ledger.bearing import PRINCIPAL, Bearing, noon
from tests.product.ledger.books import Books

A_DOLLAR_A_DAY = 3_650_00


@pytest.fixture
async def bearing(books: Books) -> Bearing:
    load_domains()
    return await Bearing.opened(books)


async def settled(bearing: Bearing, *accounts: UUID) -> bool:
    """Whether the courses of accounts say what the ledger says."""
    async with begin(bearing.books.deployment.worker_context()) as tx:
        return not await resettle(tx, accounts)


async def test_every_day_that_has_ended_has_its_interest(bearing: Bearing) -> None:
    # given: it is 2 March 2026
    client_id = await bearing.books.client()
    account_id = await bearing.debt(client_id, A_DOLLAR_A_DAY, date(2026, 2, 26))
    # when
    booked = await bearing.accrue()
    again = await bearing.accrue()
    # then: 27 and 28 February and 1 March have ended
    assert await bearing.interest(account_id) == [
        (date(2026, 2, 27), 100),
        (date(2026, 2, 28), 100),
        (date(2026, 3, 1), 100),
    ]
    assert (booked.entries, booked.amounts, again.entries) == (3, {"USD": 300}, 0)
    kept = await bearing.books.kept(account_id)
    assert (kept["interest_minor"], kept["balance_minor"]) == (300, A_DOLLAR_A_DAY + 300)
    assert await bearing.events() == [
        {"through_on": day, "accounts": 1, "amounts_minor": {"USD": 100}}
        for day in ("2026-02-27", "2026-02-28", "2026-03-01")
    ]
    audited = await bearing.books.query("select count(*) from audit_entry where command = 'ledger.accrue'")
    assert audited == [(1,)]
    assert await settled(bearing, account_id)
    assert await bearing.is_sound()


async def test_a_day_that_has_not_ended_cannot_be_counted(bearing: Bearing) -> None:
    # given
    await bearing.books.client(zone="Pacific/Auckland")
    await bearing.books.client(zone="America/New_York")
    # when / then: it is 3 March in Auckland, and still 2 March in New York
    with pytest.raises(InputError, match="2026-03-02 has not ended"):
        await bearing.accrue(date(2026, 3, 2))


async def test_a_payment_and_the_nights_before_and_after_agree(bearing: Bearing) -> None:
    # given
    account_id = await bearing.debt(await bearing.books.client(), A_DOLLAR_A_DAY, date(2026, 2, 26))
    await bearing.accrue(date(2026, 2, 27))
    # when: the payment of 1 March finds that day's interest, and pays it first
    await bearing.pay(account_id, 3_00 + 1_825_00, date(2026, 3, 1))
    bearing.wait(2)
    await bearing.accrue()
    # then
    assert await bearing.interest(account_id) == [
        (date(2026, 2, 27), 100),
        (date(2026, 2, 28), 100),
        (date(2026, 3, 1), 100),
        (date(2026, 3, 2), 50),
        (date(2026, 3, 3), 50),
    ]
    assert await settled(bearing, account_id)
    assert await bearing.is_sound()


async def test_a_payment_that_is_learned_of_later_corrects_the_interest_since(bearing: Bearing) -> None:
    # given
    account_id = await bearing.debt(await bearing.books.client(), A_DOLLAR_A_DAY, date(2026, 2, 26))
    await bearing.accrue()
    # when
    await bearing.pay(account_id, 1_00 + 1_825_00, date(2026, 2, 27))
    bearing.wait(1)
    await bearing.accrue()
    # then: 28 February and 1 March bear half
    kept = await bearing.books.kept(account_id)
    assert (kept["interest_minor"], kept["principal_minor"]) == (50 * 3, 1_825_00)
    assert await settled(bearing, account_id)
    assert await bearing.is_sound()


async def test_nothing_is_borne_while_a_hold_stops_interest(bearing: Bearing) -> None:
    # given: the hold lasts from 28 February to 1 March in New York
    account_id = await bearing.debt(await bearing.books.client(), A_DOLLAR_A_DAY, date(2026, 2, 26))
    now = bearing.books.deployment.clock.now()
    hold = HoldPlace(
        account_id=account_id, kind=HoldKind.MILITARY, reason="served", source=HoldSource.DEBTOR,
        blocks=(HoldBlock.INTEREST,), starts_at=now - timedelta(days=2), ends_at=now - timedelta(days=1),
    )  # fmt: skip
    await place_hold(bearing.books.deployment.context(), hold)
    # when
    await bearing.accrue()
    # then
    assert [day for day, _ in await bearing.interest(account_id)] == [date(2026, 2, 27), date(2026, 3, 1)]
    assert await settled(bearing, account_id)


async def test_a_closed_account_bears_nothing_after_its_day(bearing: Bearing) -> None:
    # given: closed at noon of 28 February
    account_id = await bearing.debt(await bearing.books.client(), A_DOLLAR_A_DAY, date(2026, 2, 26))
    close = "update account set status = 'CLOSED', close_reason = 'RECALLED', closed_at = %(noon)s where id = %(id)s"
    await bearing.books.execute(close, {"id": account_id, "noon": noon(date(2026, 2, 28))})
    # when
    await bearing.accrue()
    bearing.wait(5)
    await bearing.accrue()
    # then
    assert [day for day, _ in await bearing.interest(account_id)] == [date(2026, 2, 27), date(2026, 2, 28)]


async def test_other_terms_are_counted_anew_from_the_beginning(bearing: Bearing) -> None:
    # given
    account_id = await bearing.debt(await bearing.books.client(), A_DOLLAR_A_DAY, date(2026, 2, 26))
    await bearing.accrue()
    # when: it was 20 % all along
    bearing.change({"percent": "20"})
    bearing.wait(1)
    await bearing.accrue()
    # then
    assert (await bearing.books.kept(account_id))["interest_minor"] == 4 * 200
    assert await settled(bearing, account_id)
    # when: and now there is none
    bearing.change({"method": "NONE"})
    bearing.wait(1)
    await bearing.accrue()
    bearing.wait(1)
    ended = await bearing.accrue()
    # then
    assert (await bearing.books.kept(account_id))["interest_minor"] == 0
    assert ended.entries == 0
    assert await bearing.is_sound()


async def test_a_rate_that_will_change_counts_nothing_anew(bearing: Bearing) -> None:
    # given
    account_id = await bearing.debt(await bearing.books.client(), A_DOLLAR_A_DAY, date(2026, 2, 26))
    first: JsonValue = {"from_on": "2020-01-01", "percent": "10"}
    bearing.change({"rates": [first]})
    await bearing.accrue()
    # when: from 3 March it is 20 %
    bearing.change({"rates": [first, {"from_on": "2026-03-03", "percent": "20"}]})
    bearing.wait(2)
    await bearing.accrue()
    # then
    assert [minor for _, minor in await bearing.interest(account_id)] == [100, 100, 100, 100, 200]
    assert await bearing.books.query("select count(*) from ledger_entry where kind = 'CORRECTION'") == [(0,)]
    assert await settled(bearing, account_id)


async def test_a_judgment_bears_the_rate_of_the_court(bearing: Bearing) -> None:
    # given
    bearing.change({"percent": "10"}, judgment={"percent": "8"})
    account_id = await bearing.debt(await bearing.books.client(), A_DOLLAR_A_DAY, date(2026, 2, 26))
    await bearing.book(Wish(
        account_id=account_id, kind=EntryKind.JUDGMENT, event="JudgmentRecorded", effective_on=date(2026, 2, 27),
        changes={PRINCIPAL: A_DOLLAR_A_DAY},
        award=AwardDraft({PRINCIPAL: 2 * A_DOLLAR_A_DAY}, "USD", rate_percent=Decimal(5)),
    ))  # fmt: skip
    # when
    await bearing.accrue()
    # then: twice the principal at half the rate
    assert [minor for _, minor in await bearing.interest(account_id)] == [100, 100, 100]
    assert await settled(bearing, account_id)
    assert await bearing.is_sound()


async def test_a_book_in_many_currencies_and_stretches_is_counted_whole(
    bearing: Bearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(accruing, "ACCOUNTS_PER_PARTITION", 3)
    monkeypatch.setattr(accruing, "DAYS_PER_TRANSACTION", 5)
    bearing.change({"contract": True})
    clients = [await bearing.books.client(), await bearing.books.client(zone="Asia/Tokyo", currency="JPY")]
    for number in range(8):
        await bearing.debt(clients[0], 10_000_00 + number, date(2026, 2, 20 + number % 4), percent=Decimal(number))
    for number in range(5):
        await bearing.debt(clients[1], 70_000 * number + 1, date(2026, 2, 20), currency="JPY", percent=Decimal("4.5"))
    # when
    booked = await bearing.accrue()
    # then
    accounts = [row[0] for row in await bearing.books.query("select id from account order by id")]
    sums = await bearing.books.query("select currency, sum(interest_minor)::bigint from account group by 1 order by 1")
    assert booked.amounts == dict(sums)
    assert set(booked.amounts) == {"JPY", "USD"}
    assert await settled(bearing, *accounts)
    assert await bearing.is_sound()


async def test_a_balance_beyond_64_bits_is_left_to_people(bearing: Bearing) -> None:
    # given
    client_id = await bearing.books.client()
    largest = await bearing.debt(client_id, 2**63 - 1_000, date(2026, 2, 26))
    usual = await bearing.debt(client_id, A_DOLLAR_A_DAY, date(2026, 2, 26))
    # when
    booked = await bearing.accrue()
    # then
    assert booked.amounts == {"USD": 300}
    assert await bearing.interest(largest) == []
    assert len(await bearing.interest(usual)) == 3


async def test_a_hold_that_is_recorded_later_takes_interest_back_and_its_end_brings_it(bearing: Bearing) -> None:
    # given
    client_id = await bearing.books.client()
    account_id = await bearing.debt(client_id, A_DOLLAR_A_DAY, date(2026, 2, 26))
    other = await bearing.debt(client_id, A_DOLLAR_A_DAY, date(2026, 2, 26))
    await bearing.accrue()
    now = bearing.books.deployment.clock.now()
    context = bearing.books.deployment.context()
    # when
    held = await place_hold(context, HoldPlace(
        account_id=account_id, kind=HoldKind.MILITARY, reason="served", source=HoldSource.DEBTOR,
        blocks=(HoldBlock.INTEREST,), starts_at=now - timedelta(days=2),
    ))  # fmt: skip
    await bearing.tell()
    # then: 28 February and 1 March are taken back
    assert (await bearing.books.kept(account_id))["interest_minor"] == 100
    assert (await bearing.books.kept(other))["interest_minor"] == 300
    # when: it ends on 4 March, which bears interest again
    bearing.wait(2)
    await release_hold(context, HoldRelease(hold_id=held.result.hold_id, version=1, reason="back"))
    await bearing.tell()
    bearing.wait(1)
    await bearing.accrue()
    # then
    assert (await bearing.books.kept(account_id))["interest_minor"] == 200
    assert await settled(bearing, account_id, other)
    assert await bearing.is_sound()


async def test_facts_that_are_corrected_count_interest_anew(bearing: Bearing) -> None:
    # given
    bearing.change({"contract": True})
    account_id = await bearing.debt(await bearing.books.client(), A_DOLLAR_A_DAY, date(2026, 2, 26))
    assert (await bearing.accrue()).entries == 0
    # when
    context = bearing.books.deployment.context()
    await update_account(context, AccountUpdate(account_id=account_id, version=1, interest_rate_percent=Decimal(20)))
    await bearing.tell()
    await bearing.accrue()
    # then
    assert await bearing.interest(account_id) == [
        (date(2026, 2, 27), 200),
        (date(2026, 2, 28), 200),
        (date(2026, 3, 1), 200),
    ]
    # when
    await update_account(context, AccountUpdate(account_id=account_id, version=2, accrues_from_on=date(2026, 2, 28)))
    await bearing.tell()
    # then
    assert (await bearing.books.kept(account_id))["interest_minor"] == 200
    assert await settled(bearing, account_id)
