"""Any history of a book keeps its laws (reliability row R11), whatever is backdated, given back or written off in it.

`ARREARS_PROPERTY_RUNS` sets how many histories are tried, of fifty steps each from 300 runs on. A failure prints the
history that broke a law.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from arrears.kernel.command import Command
from arrears.kernel.transaction import begin
from arrears.ledger.accruing import accrue
from arrears.ledger.batches import record_payments
from arrears.ledger.booking import resettle
from arrears.ledger.commands import (
    ChargeRecord,
    EntryReverse,
    OpeningBalanceRecord,
    PaymentRecord,
    record_charge,
    record_opening_balance,
    record_payment,
    reverse_entry,
)
from arrears.ledger.corrections import (
    BalanceAdjust,
    DiscountGrant,
    WriteOffRecord,
    adjust_balance,
    grant_discount,
    write_off,
)
from arrears.ledger.course import course
from arrears.ledger.histories import histories
from arrears.ledger.model import DebtComponent, EntryKind, PaidTo, PaymentMethod
from arrears.ledger.returns import (
    PaymentChargebackRecord,
    PaymentRefundRecord,
    charge_back_payment,
    refund_payment,
)
from arrears.ledger.standing import PaymentRestate, restate_payment
from arrears.ledger.verification import verify
from arrears_csv_importer import CsvImporter
from arrears_sdk.errors import ArrearsError, ErrorCode
from arrears_sdk.events import JsonValue
from arrears_sdk.money import Money
from tests.plugin_hosts import TestHost, host_with
from tests.product.ledger.books import Books

TODAY = date(2026, 3, 2)
# Currency, role of the collector, and the contract's rate: debts without one go the fast way where they can.
ACCOUNTS = (
    ("USD", "THIRD_PARTY", "18.25"),
    ("USD", "FIRST_PARTY", None),
    ("JPY", "THIRD_PARTY", "36.5"),
    ("KWD", "THIRD_PARTY", None),
)
RUNS = int(os.environ.get("ARREARS_PROPERTY_RUNS", "12"))
STEPS_AT_MOST = 50 if RUNS >= 300 else 16
HISTORY = settings(
    max_examples=RUNS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
TERMS: tuple[dict[str, JsonValue], ...] = (
    {"interest": [{"contract": True}]},
    {"interest": [{"contract": True, "method": "COMPOUND", "compounding": "MONTHLY", "rounding": "UP"}]},
    {"interest": [{"contract": True, "margin": "2"}], "allocation": "non-performing"},
    {},
)


@pytest.fixture
def books(deployment: Any) -> Books:
    """An empty deployment to which clients and accounts can be added."""
    return Books(deployment)


@dataclass(frozen=True)
class Step:
    """Something tried on one of the accounts; it may be refused, and then changes nothing."""

    kind: str
    account: int
    amount: int
    component: DebtComponent
    days_ago: int
    chosen: int
    flag: bool


KINDS = [*["pay"] * 4, *["reverse"] * 2, "open", "charge", "charge back", "win", "refund", "write off", "discount"]
KINDS += ["adjust", "accrue", "terms"]
STEPS = st.builds(
    Step,
    kind=st.sampled_from(KINDS),
    account=st.sampled_from([0, 0, 0, 1, 2, 3]),
    amount=st.one_of(st.integers(1, 50), st.integers(1, 10**6), st.sampled_from([0, 2**63 - 1])),
    component=st.sampled_from(DebtComponent),
    days_ago=st.integers(-1, 60),
    chosen=st.integers(0, 50),
    flag=st.booleans(),
)
START = [Step("open", account, 70_000, DebtComponent.PRINCIPAL, 55, 0, False) for account in range(len(ACCOUNTS))] + [
    Step("charge", 0, 5_000, component, 30, 0, False) for component in DebtComponent
]


@dataclass
class Entry:
    """An entry as the model knows it: what it adds to the debt by itself, and the payment that it books."""

    entry_id: UUID
    given: int = 0
    payment_id: UUID | None = None


@dataclass
class Model:
    """One account as plain sums: what was given, and the money that stands of each payment."""

    account_id: UUID
    client_id: UUID
    currency: str
    entries: list[Entry] = field(default_factory=list)
    given: int = 0
    money: dict[UUID, int] = field(default_factory=dict)
    paid: dict[UUID, int] = field(default_factory=dict)

    def chosen(self, step: Step) -> UUID:
        """One of the payments; of what is no payment nothing can be given back."""
        payments = list(self.money)
        return payments[step.chosen % len(payments)] if payments else self.account_id


@dataclass
class Play:
    """A history while it goes on."""

    books: Books
    host: TestHost
    models: list[Model]

    @classmethod
    async def begun(cls, books: Books) -> Play:
        host = await host_with(books.deployment, [CsvImporter], {"debts": TERMS[0]})
        models = []
        for currency, role, percent in ACCOUNTS:
            client_id = await books.client(currency=currency, role=role)
            account_id = await books.account(client_id, currency=currency)
            await books.execute(
                "update account set interest_rate_percent = %(percent)s where id = %(id)s",
                {"percent": None if percent is None else Decimal(percent), "id": account_id},
            )
            models.append(Model(account_id, client_id, currency))
        return cls(books, host, models)

    async def tried(self, step: Step) -> ErrorCode | None:
        """Do a step; gives why it was refused, if it was."""
        try:
            await self.perform(step)
        except ArrearsError as error:
            return error.code
        return None

    async def perform(self, step: Step) -> None:
        """Do a step, and count it in once it is done."""
        model, context = self.models[step.account], self.books.deployment.context()
        day, money = TODAY - timedelta(days=step.days_ago), Money(step.amount, model.currency)
        on_account: dict[str, Any] = {"account_id": model.account_id, "effective_on": day}
        amounts: dict[str, Any] = {step.component.value.lower(): money}
        if step.kind == "open":
            await self._given(model, record_opening_balance, OpeningBalanceRecord(**on_account, **amounts), step.amount)
        elif step.kind == "charge":
            change = ChargeRecord(**on_account, component=step.component, amount=money)
            await self._given(model, record_charge, change, step.amount)
        elif step.kind == "discount":
            await self._given(model, grant_discount, DiscountGrant(**on_account, **amounts, reason="x"), -step.amount)
        elif step.kind == "adjust":
            less = {
                name: Money(-minor.minor, model.currency) if step.flag else minor for name, minor in amounts.items()
            }
            minor = -step.amount if step.flag else step.amount
            await self._given(model, adjust_balance, BalanceAdjust(**on_account, **less, reason="x"), minor)
        elif step.kind == "write off":
            await self._given(
                model, write_off, WriteOffRecord(**on_account, reason="x", **amounts if step.flag else {}), 0
            )
        elif step.kind == "pay":
            await self._pay(model, step, day, money)
        elif step.kind == "reverse":
            await self._reverse(model, step, day)
        elif step.kind in ("charge back", "refund", "win"):
            await self._give_back(model, step, day, money)
        elif step.kind == "accrue":
            await accrue(self.books.deployment.worker_context(), TODAY - timedelta(days=1))
        else:
            self.host.change({"debts": TERMS[step.chosen % len(TERMS)]})
            async with begin(context) as tx:
                await resettle(tx, [other.account_id for other in self.models])

    async def _given(self, model: Model, command: Any, change: Command, minor: int) -> None:
        done = await command(self.books.deployment.context(), change)
        model.entries.append(Entry(done.result.entry_id, minor))
        model.given += minor

    async def _pay(self, model: Model, step: Step, day: date, money: Money) -> None:
        change = PaymentRecord(
            account_id=model.account_id,
            amount=money,
            method=PaymentMethod.CASH,
            paid_to=PaidTo.CLIENT if step.chosen % 3 == 0 else PaidTo.AGENCY,
            received_on=day,
            direction=(step.component,) if step.chosen % 5 == 0 else (),
            in_settlement=step.chosen % 7 == 0,
            accepts_surplus=step.flag and step.amount < 10**9,
        )
        done = (await record_payment(self.books.deployment.context(), change)).result
        model.entries.append(Entry(done.entry_id, payment_id=done.payment_id))
        model.money[done.payment_id] = model.paid[done.payment_id] = step.amount

    async def _reverse(self, model: Model, step: Step, day: date) -> None:
        original = model.entries[step.chosen % len(model.entries)] if model.entries else Entry(model.account_id)
        change = EntryReverse(entry_id=original.entry_id, reason="x", effective_on=day)
        await reverse_entry(self.books.deployment.context(), change)
        model.given -= original.given
        if original.payment_id is not None:
            model.money[original.payment_id] = 0
            assert await self.standing(original.payment_id) == [], "something is left of a payment that was undone"

    async def _give_back(self, model: Model, step: Step, day: date, money: Money) -> None:
        payment_id, context = model.chosen(step), self.books.deployment.context()
        if step.kind == "win":
            whole = Money(model.paid.get(payment_id, 1), model.currency)
            if model.money.get(payment_id) == 0 and await self.is_undone(payment_id):
                return
            change = PaymentRestate(payment_id=payment_id, standing=whole, kind=EntryKind.CHARGEBACK_WON, reason="x")
            await restate_payment(context, change)
            model.money[payment_id] = whole.minor
            return
        amount = None if step.flag else money
        if step.kind == "refund":
            refund = PaymentRefundRecord(payment_id=payment_id, reason="x", amount=amount, effective_on=day)
            done = (await refund_payment(context, refund)).result
        else:
            returned = PaymentChargebackRecord(payment_id=payment_id, reason="x", amount=amount, effective_on=day)
            done = (await charge_back_payment(context, returned)).result
        model.money[payment_id] -= done.amount.minor

    async def standing(self, payment_id: UUID) -> list[Any]:
        """What all entries of a payment leave on the accounts of the books."""
        return await self.books.query(
            "select ledger_account, component, sum(amount_minor)::bigint from posting where entry_id in"
            " (select id from ledger_entry where payment_id = %(id)s) group by 1, 2 having sum(amount_minor) <> 0",
            {"id": payment_id},
        )

    async def is_undone(self, payment_id: UUID) -> bool:
        """Whether a payment was reversed as a whole, which is final."""
        ((undone,),) = await self.books.query(
            "select exists (select 1 from ledger_entry where payment_id = %(id)s and kind = 'REVERSAL')",
            {"id": payment_id},
        )
        return bool(undone)

    async def posted(self) -> list[Any]:
        """Every posting so far."""
        clients = [model.client_id for model in self.models]
        return await self.books.query(
            "select * from posting where client_id = any (%(clients)s) order by entry_id, position",
            {"clients": clients},
        )


REFUSALS = {
    ErrorCode.AMOUNT_EXCEEDS_BALANCE,
    ErrorCode.AMOUNT_NOT_POSITIVE,
    ErrorCode.AMOUNT_OUT_OF_RANGE,
    ErrorCode.ALREADY_REVERSED,
    ErrorCode.OPENING_BALANCE_EXISTS,
    ErrorCode.PAYMENT_RETURNED,
    ErrorCode.REFUND_EXCEEDS_PAYMENT,
    ErrorCode.INVALID_INPUT,
    ErrorCode.NOT_FOUND,
}


@pytest.mark.timeout(300 + 30 * RUNS)
@HISTORY
@given(steps=st.lists(STEPS, max_size=STEPS_AT_MOST))
async def test_any_history_keeps_the_laws_of_the_book(books: Books, steps: list[Step]) -> None:
    play = await Play.begun(books)
    before: list[Any] = []
    for step in [*START, *steps]:
        refusal = await play.tried(step)
        after = await play.posted()
        known = {row[0] for row in before}
        assert [row for row in after if row[0] in known] == before, "an entry changed"
        assert refusal is None or (refusal in REFUSALS and len(after) == len(before)), (refusal, step)
        before = after
    for model in play.models:
        await assert_adds_up(books, model)
    await assert_replay_finds_nothing(books, play.models)
    await assert_sound(books)


async def assert_adds_up(books: Books, model: Model) -> None:
    """What is owed is what was given and borne, less the money that stands and what was given up."""
    ((owed, written_off, surplus, interest),) = await books.query(
        """
        select account.balance_minor, account.written_off_minor,
            coalesce((select -sum(line.amount_minor)
              from ledger_entry entry join posting line on line.entry_id = entry.id
              where entry.account_id = account.id and line.ledger_account = 'REFUNDS_PAYABLE'), 0)::bigint,
            coalesce((select sum(entry.amount_minor) from ledger_entry entry
              left join ledger_entry corrected on corrected.id = entry.corrects_id
              where entry.account_id = account.id and coalesce(corrected.kind, entry.kind) = 'INTEREST'), 0)::bigint
        from account where id = %(id)s
        """,
        {"id": model.account_id},
    )
    assert owed + written_off - surplus == model.given + interest - sum(model.money.values())
    spread = await books.query(
        "select payment.id, payment.amount_minor, sum(line.paid_minor)::bigint from payment"
        " join allocation on allocation.payment_id = payment.id"
        " join allocation_line line on line.allocation_id = allocation.id"
        " where payment.account_id = %(id)s group by payment.id, allocation.id",
        {"id": model.account_id},
    )
    assert {row[0] for row in spread} == set(model.money)
    assert all(amount == paid for _, amount, paid in spread)


async def assert_replay_finds_nothing(books: Books, models: list[Model]) -> None:
    """The ledger says what a fresh computation says, and a replay has nothing to write."""
    account_ids = [model.account_id for model in models]
    async with begin(books.deployment.context()) as tx:
        assert await resettle(tx, account_ids) == {}
        recorded = await histories(tx, account_ids)
    for model in models:
        found = recorded[model.account_id]
        days = [entry.effective_on for entry in found.entries.values()]
        if not days:
            continue
        until = max([*days, *([found.accrual.through_on] if found.accrual else [])])
        last, kept = course(found.history, until).last, await books.kept(model.account_id)
        owed = {component: kept[f"{component.value.lower()}_minor"] for component in DebtComponent}
        assert {component: minor for component, minor in owed.items() if minor} == last.owed


async def assert_sound(books: Books) -> None:
    assert (await verify(books.deployment.context())).faults == ()
    unbalanced = await books.query(
        "select client_id, currency, book, sum(amount_minor) from posting"
        " group by client_id, currency, book having sum(amount_minor) <> 0"
    )
    assert unbalanced == []


@HISTORY
@given(
    balances=st.lists(st.integers(1, 10**6), min_size=1, max_size=6),
    shares=st.lists(st.integers(1, 100), min_size=6, max_size=6),
)
async def test_a_batch_of_payments_is_the_same_as_one_by_one(
    books: Books, balances: list[int], shares: list[int]
) -> None:
    client_id = await books.client()
    singly: list[PaymentRecord] = []
    together: list[PaymentRecord] = []
    for balance, share in zip(balances, shares, strict=False):
        for changes in (singly, together):
            account_id = await books.account(client_id)
            principal, costs = Money(balance, "USD"), Money(share, "USD")
            opening = OpeningBalanceRecord(account_id=account_id, principal=principal, costs=costs)
            await record_opening_balance(books.deployment.context(), opening)
            amount = Money(max(1, (balance + share) * share // 100), "USD")
            changes.append(PaymentRecord(account_id=account_id, amount=amount, method=PaymentMethod.CARD))

    one_by_one = [(await record_payment(books.deployment.context(), change)).result for change in singly]
    async with begin(books.deployment.context()) as tx:
        at_once = await record_payments(tx, together)

    for single, batched in zip(one_by_one, at_once, strict=True):
        assert single.balance == batched.balance
        assert await books.lines(single.entry_id) == await books.lines(batched.entry_id)
        assert await books.kept(single.account_id) == await books.kept(batched.account_id)
    assert (await verify(books.deployment.context())).is_sound
