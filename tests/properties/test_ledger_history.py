"""Any history of a book keeps its laws (reliability row R11), against a naive model in memory.

`ARREARS_PROPERTY_RUNS` sets how many histories are tried; a failure prints the history that broke a law.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from arrears.kernel.transaction import begin
from arrears.ledger.batches import record_payments
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
from arrears.ledger.model import DebtComponent, PaidTo, PaymentMethod
from arrears.ledger.verification import verify
from arrears_sdk.errors import ArrearsError, ErrorCode
from arrears_sdk.money import Money
from tests.conftest import Deployment
from tests.product.ledger.books import Books

TODAY = date(2026, 3, 2)
ACCOUNTS = (("USD", "THIRD_PARTY"), ("USD", "FIRST_PARTY"), ("JPY", "THIRD_PARTY"), ("KWD", "THIRD_PARTY"))
RUNS = int(os.environ.get("ARREARS_PROPERTY_RUNS", "12"))
HISTORY = settings(
    max_examples=RUNS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture
def books(deployment: Deployment) -> Books:
    """An empty deployment to which clients and accounts can be added."""
    return Books(deployment)


@dataclass(frozen=True)
class Step:
    """Something tried on one of the accounts; whether it is lawful is for the model to say."""

    kind: str
    account: int
    amount: int
    percent: int
    component: DebtComponent
    days_ago: int
    paid_to: PaidTo
    chosen: int


STEPS = st.builds(
    Step,
    kind=st.sampled_from(["open", "charge", "pay", "pay", "pay", "reverse"]),
    account=st.sampled_from([0, 0, 0, 1, 2, 3]),
    amount=st.one_of(st.integers(1, 50), st.integers(1, 10**6), st.sampled_from([0, 2**63 - 1])),
    percent=st.one_of(st.integers(1, 20), st.integers(1, 110)),
    component=st.sampled_from(DebtComponent),
    days_ago=st.integers(-1, 60),
    paid_to=st.sampled_from(PaidTo),
    chosen=st.integers(0, 50),
)


START = [
    Step("open", 0, 700, 0, DebtComponent.PRINCIPAL, 40, PaidTo.AGENCY, 0),
    *(Step("charge", 0, 50, 0, component, 30, PaidTo.AGENCY, 0) for component in DebtComponent),
]


@dataclass
class Entry:
    """An entry as the model knows it."""

    entry_id: UUID
    day: date
    change: dict[DebtComponent, int]
    opening: bool = False
    is_reversal: bool = False
    is_reversed: bool = False


@dataclass
class Model:
    """One account as plain sums."""

    account_id: UUID
    client_id: UUID
    currency: str
    entries: list[Entry] = field(default_factory=list)

    def owed(self, day: date = date.max) -> dict[DebtComponent, int]:
        return {
            component: sum(entry.change.get(component, 0) for entry in self.entries if entry.day <= day)
            for component in DebtComponent
        }

    def paid(self, step: Step) -> int:
        """The amount that a payment tries: a share of what is owed, now and then more than all of it."""
        return min(step.amount and max(1, sum(self.owed().values()) * step.percent // 100), 2**63 - 1)

    def paid_by_rule(self, amount: int) -> dict[DebtComponent, int]:
        shares: dict[DebtComponent, int] = {}
        for component in (DebtComponent.COSTS, DebtComponent.INTEREST, DebtComponent.FEES, DebtComponent.PRINCIPAL):
            shares[component] = -min(amount, max(self.owed()[component], 0))
            amount += shares[component]
        return {component: share for component, share in shares.items() if share}

    def allows(self, step: Step) -> bool:
        balance = sum(self.owed().values())
        fits = balance + step.amount < 2**63 and self.owed()[step.component] + step.amount < 2**63
        if step.kind == "reverse":
            if not self.entries:
                return False
            entry = self.entries[step.chosen % len(self.entries)]
            lowers = sum(entry.change.values())
            stands = not entry.is_reversal and not entry.is_reversed
            in_time = self.day(step) <= TODAY and self.day(step) >= entry.day
            after = {component: self.owed()[component] - entry.change.get(component, 0) for component in DebtComponent}
            fits = all(-(2**63) < minor < 2**63 for minor in (*after.values(), sum(after.values())))
            return stands and in_time and fits and (balance >= lowers or lowers <= 0)
        if step.amount == 0 or self.day(step) > TODAY:
            return False
        if step.kind == "open":
            return fits and not any(entry.opening and not entry.is_reversed for entry in self.entries)
        return fits if step.kind == "charge" else self.paid(step) <= balance

    @staticmethod
    def day(step: Step) -> date:
        return TODAY - timedelta(days=step.days_ago)


async def perform(deployment: Deployment, model: Model, step: Step) -> Entry:
    context = deployment.context()
    money, day = Money(step.amount, model.currency), model.day(step)
    if step.kind == "open":
        amounts: dict[str, Any] = {step.component.value.lower(): money}
        opening = OpeningBalanceRecord(account_id=model.account_id, effective_on=day, **amounts)
        opened = await record_opening_balance(context, opening)
        return Entry(opened.result.entry_id, day, {step.component: step.amount}, opening=True)
    if step.kind == "charge":
        charge = ChargeRecord(
            account_id=model.account_id, component=step.component, amount=money, effective_on=day, reason="A charge"
        )
        charged = await record_charge(context, charge)
        return Entry(charged.result.entry_id, day, {step.component: step.amount})
    if step.kind == "pay":
        shares = model.paid_by_rule(model.paid(step))
        payment = PaymentRecord(
            account_id=model.account_id,
            amount=Money(model.paid(step), model.currency),
            method=PaymentMethod.CASH,
            paid_to=step.paid_to,
            received_on=day,
        )
        paid = await record_payment(context, payment)
        return Entry(paid.result.entry_id, day, shares)
    original = model.entries[step.chosen % len(model.entries)] if model.entries else None
    entry_id = model.account_id if original is None else original.entry_id
    undone = await reverse_entry(context, EntryReverse(entry_id=entry_id, reason="A reversal", effective_on=day))
    assert original is not None
    original.is_reversed = True
    mirrored = {component: -amount for component, amount in original.change.items()}
    return Entry(undone.result.entry_id, day, mirrored, is_reversal=True)


REFUSALS = {
    ErrorCode.AMOUNT_EXCEEDS_BALANCE,
    ErrorCode.AMOUNT_NOT_POSITIVE,
    ErrorCode.AMOUNT_OUT_OF_RANGE,
    ErrorCode.ALREADY_REVERSED,
    ErrorCode.OPENING_BALANCE_EXISTS,
    ErrorCode.INVALID_INPUT,
    ErrorCode.NOT_FOUND,
}


async def posted_so_far(books: Books, models: list[Model]) -> list[Any]:
    return await books.query(
        "select posting.*, entry.recorded_at from posting join ledger_entry entry on entry.id = posting.entry_id"
        " where entry.client_id = any (%(clients)s) order by entry.id, posting.position",
        {"clients": [model.client_id for model in models]},
    )


async def as_of(books: Books, account_id: UUID, day: date) -> int:
    ((balance,),) = await books.query(
        "select coalesce(sum(amount_minor), 0) from posting where ledger_account = 'RECEIVABLE'"
        " and account_id = %(id)s and effective_on <= %(day)s",
        {"id": account_id, "day": day},
    )
    return int(balance)


@HISTORY
@given(steps=st.lists(STEPS, max_size=25))
async def test_any_history_keeps_the_laws_of_the_book(books: Books, steps: list[Step]) -> None:
    models = []
    for currency, role in ACCOUNTS:
        client_id = await books.client(currency=currency, role=role)
        models.append(Model(await books.account(client_id, currency=currency), client_id, currency))
    before: list[Any] = []
    for step in [*START, *steps]:
        model = models[step.account]
        if model.allows(step):
            model.entries.append(await perform(books.deployment, model, step))
        else:
            with pytest.raises(ArrearsError) as refused:
                await perform(books.deployment, model, step)
            assert refused.value.code in REFUSALS, step
        after = await posted_so_far(books, models)
        known = {row[0] for row in before}
        assert [row for row in after if row[0] in known] == before, "an entry changed"
        before = after
    for model in models:
        await assert_agrees(books, model)
    assert (await verify(books.deployment.context())).faults == ()
    unbalanced = await books.query(
        "select client_id, currency, book, sum(amount_minor) from posting"
        " group by client_id, currency, book having sum(amount_minor) <> 0"
    )
    assert unbalanced == []


async def assert_agrees(books: Books, model: Model) -> None:
    kept = await books.kept(model.account_id)
    owed = model.owed()
    for component in DebtComponent:
        assert kept[f"{component.value.lower()}_minor"] == owed[component]
    assert kept["balance_minor"] == sum(owed.values())
    for days in (-1, 0, 1, 15, 30, 61):
        day = TODAY - timedelta(days=days)
        assert await as_of(books, model.account_id, day) == sum(model.owed(day).values())


@HISTORY
@given(
    balances=st.lists(st.integers(1, 10**6), min_size=1, max_size=6),
    shares=st.lists(st.integers(1, 100), min_size=6, max_size=6),
)
async def test_a_batch_of_payments_is_the_same_as_one_by_one(
    books: Books, balances: list[int], shares: list[int]
) -> None:
    client_id = await books.client()
    singly, together = [], []
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
