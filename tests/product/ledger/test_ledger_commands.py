"""Opening balances, charges, payments and reversals: what they post, what they keep, what they refuse."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.ledger.commands import (
    ChargeRecord,
    EntryReverse,
    OpeningBalanceRecord,
    PaymentRecord,
    PaymentReverse,
    record_charge,
    record_opening_balance,
    record_payment,
    reverse_entry,
    reverse_payment,
)
from arrears.ledger.model import DebtComponent, PaidTo, PaymentMethod
from arrears.ledger.verification import verify
from arrears_sdk.errors import ArrearsError, ErrorCode, InputError, NotFoundError, RefusedError
from arrears_sdk.ids import new_id
from arrears_sdk.money import Money
from tests.product.ledger.books import OPENED, Books

TODAY = date(2026, 3, 2)


def usd(amount: str) -> Money:
    return Money.parse(amount, "USD")


async def opened(books: Books, **components: str) -> UUID:
    """An account with an opening balance of January."""
    account_id = await books.account(await books.client())
    amounts = {name: usd(amount) for name, amount in (components or {"principal": "100.00"}).items()}
    change = OpeningBalanceRecord(account_id=account_id, effective_on=OPENED, **amounts)
    await record_opening_balance(books.deployment.context(), change)
    return account_id


async def refusal(books: Books, command: object, change: object) -> ErrorCode:
    with pytest.raises(ArrearsError) as caught:
        await command(books.deployment.context(), change)  # type: ignore[operator]
    assert (await verify(books.deployment.context())).is_sound
    return caught.value.code


def payment(account_id: UUID, amount: str, **more: object) -> PaymentRecord:
    return PaymentRecord(account_id=account_id, amount=usd(amount), method=PaymentMethod.CHEQUE, **more)  # type: ignore[arg-type]


async def test_an_opening_balance_is_receivable_against_placed_by_component(books: Books) -> None:
    account_id = await books.account(await books.client())

    receipt = await record_opening_balance(
        books.deployment.context(),
        OpeningBalanceRecord(account_id=account_id, principal=usd("100.00"), costs=usd("7.05"), effective_on=OPENED),
    )

    assert receipt.result.balance == usd("107.05")
    assert await books.lines(receipt.result.entry_id) == [
        ("DEBT", "RECEIVABLE", "PRINCIPAL", 10000),
        ("DEBT", "PLACED", "PRINCIPAL", -10000),
        ("DEBT", "RECEIVABLE", "COSTS", 705),
        ("DEBT", "PLACED", "COSTS", -705),
    ]
    assert await books.kept(account_id) == {
        "principal_minor": 10000,
        "interest_minor": 0,
        "fees_minor": 0,
        "costs_minor": 705,
        "balance_minor": 10705,
        "placed_minor": 10705,
        "last_payment_on": None,
    }


async def test_an_account_has_one_opening_balance_until_it_is_reversed(books: Books) -> None:
    account_id = await books.account(await books.client())
    context = books.deployment.context()
    opening = OpeningBalanceRecord(account_id=account_id, principal=usd("100.00"))
    first = await record_opening_balance(context, opening)

    assert await refusal(books, record_opening_balance, opening) is ErrorCode.OPENING_BALANCE_EXISTS

    await reverse_entry(context, EntryReverse(entry_id=first.result.entry_id, reason="Placed with a wrong amount"))
    again = await record_opening_balance(context, OpeningBalanceRecord(account_id=account_id, principal=usd("80.00")))
    assert again.result.balance == usd("80.00")
    assert (await books.kept(account_id))["placed_minor"] == 8000


async def test_a_payment_to_us_lowers_costs_interest_fees_and_principal_in_turn_and_is_held_in_trust(
    books: Books,
) -> None:
    account_id = await opened(books, principal="100.00", interest="10.00", fees="5.00", costs="2.00")

    receipt = await record_payment(books.deployment.context(), payment(account_id, "15.00"))

    assert receipt.result.balance == usd("102.00")
    assert await books.lines(receipt.result.entry_id) == [
        ("DEBT", "RECEIVABLE", "INTEREST", -1000),
        ("DEBT", "RECOVERED", "INTEREST", 1000),
        ("DEBT", "RECEIVABLE", "FEES", -300),
        ("DEBT", "RECOVERED", "FEES", 300),
        ("DEBT", "RECEIVABLE", "COSTS", -200),
        ("DEBT", "RECOVERED", "COSTS", 200),
        ("AGENCY", "TRUST_BANK", None, 1500),
        ("AGENCY", "CLIENT_PAYABLE", None, -1500),
    ]
    assert (await books.kept(account_id))["last_payment_on"] == TODAY


@pytest.mark.parametrize(("role", "paid_to"), [("THIRD_PARTY", PaidTo.CLIENT), ("FIRST_PARTY", PaidTo.AGENCY)])
async def test_money_that_is_not_the_clients_in_our_hands_leaves_the_agency_book_alone(
    books: Books, role: str, paid_to: PaidTo
) -> None:
    account_id = await books.account(await books.client(role=role))
    context = books.deployment.context()
    await record_opening_balance(context, OpeningBalanceRecord(account_id=account_id, principal=usd("50.00")))

    receipt = await record_payment(context, payment(account_id, "50.00", paid_to=paid_to))

    assert await books.lines(receipt.result.entry_id) == [
        ("DEBT", "RECEIVABLE", "PRINCIPAL", -5000),
        ("DEBT", "RECOVERED", "PRINCIPAL", 5000),
    ]


async def test_more_than_is_owed_is_refused_and_changes_nothing(books: Books) -> None:
    account_id = await opened(books)

    assert await refusal(books, record_payment, payment(account_id, "100.01")) is ErrorCode.AMOUNT_EXCEEDS_BALANCE

    assert (await books.kept(account_id))["balance_minor"] == 10000
    assert await books.query("select count(*) from payment") == [(0,)]


async def test_a_reversed_payment_restores_the_debt_and_stands_reversed_once(books: Books) -> None:
    account_id = await books.account(await books.client(), last_payment_on=date(2025, 12, 24))
    context = books.deployment.context()
    await record_opening_balance(context, OpeningBalanceRecord(account_id=account_id, principal=usd("100.00")))
    before = await books.kept(account_id)
    paid = await record_payment(context, payment(account_id, "30.00", reference="CHK 1001"))
    assert (await books.kept(account_id))["last_payment_on"] == TODAY

    change = PaymentReverse(payment_id=paid.result.payment_id, reason="Cheque returned unpaid")
    reversed_ = await reverse_payment(context, change)

    assert reversed_.result.payment_id == paid.result.payment_id
    assert reversed_.result.reversed_entry_id == paid.result.entry_id
    assert reversed_.result.balance == usd("100.00")
    assert await books.kept(account_id) == before
    original = await books.lines(paid.result.entry_id)
    assert await books.lines(reversed_.result.entry_id) == [(*line[:3], -line[3]) for line in original]
    assert await books.query("select state from payment") == [("REVERSED",)]
    assert await refusal(books, reverse_payment, change) is ErrorCode.ALREADY_REVERSED


async def test_reversing_the_entry_of_a_payment_reverses_the_payment(books: Books) -> None:
    account_id = await opened(books)
    context = books.deployment.context()
    paid = await record_payment(context, payment(account_id, "30.00"))

    await reverse_entry(context, EntryReverse(entry_id=paid.result.entry_id, reason="Posted to the wrong debt"))

    assert await books.query("select state from payment") == [("REVERSED",)]
    assert (await verify(context)).is_sound


async def test_a_reversal_cannot_be_reversed(books: Books) -> None:
    account_id = await opened(books)
    context = books.deployment.context()
    charge = ChargeRecord(account_id=account_id, component=DebtComponent.FEES, amount=usd("15.00"), reason="Late fee")
    charged = await record_charge(context, charge)
    undone = await reverse_entry(context, EntryReverse(entry_id=charged.result.entry_id, reason="Waived"))

    change = EntryReverse(entry_id=undone.result.entry_id, reason="Waived by mistake")

    assert await refusal(books, reverse_entry, change) is ErrorCode.ALREADY_REVERSED


async def test_a_reversal_that_would_leave_less_than_nothing_owed_is_refused(books: Books) -> None:
    account_id = await books.account(await books.client())
    context = books.deployment.context()
    first = await record_opening_balance(context, OpeningBalanceRecord(account_id=account_id, principal=usd("10.00")))
    await record_payment(context, payment(account_id, "10.00"))

    change = EntryReverse(entry_id=first.result.entry_id, reason="Never owed")

    assert await refusal(books, reverse_entry, change) is ErrorCode.AMOUNT_EXCEEDS_BALANCE


async def test_the_days_of_an_entry_are_the_clients_and_never_lie_ahead(books: Books) -> None:
    # Noon in London on 2 March is 3 March on the Chatham Islands.
    account_id = await books.account(await books.client(zone="Pacific/Chatham"))
    context = books.deployment.context()
    receipt = await record_opening_balance(context, OpeningBalanceRecord(account_id=account_id, principal=usd("10.00")))
    assert await books.query(
        "select effective_on from ledger_entry where id = %(id)s", {"id": receipt.result.entry_id}
    ) == [(TODAY + timedelta(days=1),)]

    ahead = payment(account_id, "1.00", received_on=TODAY + timedelta(days=2))

    assert await refusal(books, record_payment, ahead) is ErrorCode.INVALID_INPUT


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (usd("0.00"), ErrorCode.AMOUNT_NOT_POSITIVE),
        (usd("-1.00"), ErrorCode.AMOUNT_NOT_POSITIVE),
        (Money.parse("1.00", "EUR"), ErrorCode.CURRENCY_MISMATCH),
    ],
)
async def test_an_amount_is_above_zero_and_in_the_accounts_currency(
    books: Books, amount: Money, code: ErrorCode
) -> None:
    account_id = await opened(books)
    change = PaymentRecord(account_id=account_id, amount=amount, method=PaymentMethod.CASH)

    assert await refusal(books, record_payment, change) is code


async def test_a_balance_beyond_64_bits_is_refused(books: Books) -> None:
    account_id = await books.account(await books.client())
    context = books.deployment.context()
    largest = Money(2**63 - 1, "USD")
    await record_opening_balance(context, OpeningBalanceRecord(account_id=account_id, principal=largest))

    charge = ChargeRecord(account_id=account_id, component=DebtComponent.FEES, amount=usd("0.01"))

    assert await refusal(books, record_charge, charge) is ErrorCode.AMOUNT_OUT_OF_RANGE
    assert (await books.kept(account_id))["balance_minor"] == 2**63 - 1


async def test_a_closed_account_takes_a_payment_and_no_charge(books: Books) -> None:
    context = books.deployment.context()
    account_id = await opened(books)
    await books.execute(
        "update account set status = 'CLOSED', closed_at = %(at)s, close_reason = 'SETTLED' where id = %(id)s",
        {"id": account_id},
    )

    charge = ChargeRecord(account_id=account_id, component=DebtComponent.COSTS, amount=usd("1.00"))
    assert await refusal(books, record_charge, charge) is ErrorCode.ACCOUNT_CLOSED

    paid = await record_payment(context, payment(account_id, "1.00"))
    assert paid.result.balance == usd("99.00")


async def test_an_account_out_of_sight_is_answered_like_one_that_does_not_exist(books: Books) -> None:
    account_id = await opened(books)
    other = await books.client()
    stranger = Principal(
        id=new_id(),
        kind="SERVICE",
        name="A client's service",
        roles=frozenset(),
        permissions=frozenset({"ledger.write"}),
        scope=Scope(kind="limited", staff=False, clients=(other,)),
    )
    context = books.deployment.context(stranger)

    with pytest.raises(NotFoundError) as foreign:
        await record_payment(context, payment(account_id, "1.00"))
    with pytest.raises(NotFoundError) as unknown:
        await record_payment(context, payment(new_id(), "1.00"))

    assert foreign.value.problems == unknown.value.problems
    assert foreign.value.problems[0].field == ("input", "accountId")


async def test_a_collector_limited_to_a_team_posts_by_the_terms_of_a_client_it_cannot_see(books: Books) -> None:
    account_id = await opened(books)
    team = new_id()
    await books.execute(
        "insert into team (id, name, version, created_at, updated_at) values (%(id)s, 'North', 1, %(at)s, %(at)s)",
        {"id": team},
    )
    await books.execute("update account set team_id = %(team)s where id = %(id)s", {"team": team, "id": account_id})
    collector = Principal(
        id=new_id(),
        kind="PERSON",
        name="Collector",
        roles=frozenset(),
        permissions=frozenset({"ledger.write"}),
        scope=Scope(kind="limited", staff=True, teams=(team,)),
    )

    receipt = await record_payment(books.deployment.context(collector), payment(account_id, "40.00"))

    assert receipt.result.balance == usd("60.00")
    assert (await verify(books.deployment.context())).is_sound


async def test_the_same_key_gives_the_first_payment_again(books: Books) -> None:
    account_id = await opened(books)
    context = books.deployment.context()

    first = await record_payment(context, payment(account_id, "25.00"), idempotency_key="receipt-17")
    again = await record_payment(context, payment(account_id, "25.00"), idempotency_key="receipt-17")

    assert (first.replayed, again.replayed) == (False, True)
    assert again.result == first.result
    assert (await books.kept(account_id))["balance_minor"] == 7500


async def test_a_reversal_needs_a_reason(books: Books) -> None:
    account_id = await opened(books)
    context = books.deployment.context()
    paid = await record_payment(context, payment(account_id, "25.00"))

    with pytest.raises(InputError) as caught:
        await reverse_payment(context, PaymentReverse(payment_id=paid.result.payment_id, reason="  "))

    assert caught.value.problems[0].field == ("input", "reason")


async def test_a_card_number_in_a_reference_is_never_stored(books: Books) -> None:
    account_id = await opened(books)

    await record_payment(books.deployment.context(), payment(account_id, "1.00", reference="4111 1111 1111 1111"))

    ((reference,),) = await books.query("select reference from payment")
    assert "4111 1111" not in reference
    assert reference.startswith("card-1111-")


async def test_what_happened_is_announced_and_audited_with_it(books: Books) -> None:
    account_id = await opened(books)

    paid = await record_payment(books.deployment.context(), payment(account_id, "1.00"))

    assert await books.query("select name, subject, subject_id from event order by position desc limit 1") == [
        ("PaymentRecorded", "paym", paid.result.payment_id)
    ]
    assert await books.query("select command, subject_id from audit_entry order by recorded_at desc limit 1") == [
        ("ledger.record_payment", paid.result.payment_id)
    ]


async def test_refusals_are_of_the_group_that_says_what_to_do(books: Books) -> None:
    account_id = await opened(books)

    with pytest.raises(RefusedError, match=r"more than the 100\.00 USD that is owed"):
        await record_payment(books.deployment.context(), payment(account_id, "500.00"))
