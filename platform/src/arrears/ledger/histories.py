"""What the ledger has of accounts: what happened on each, and what its entries come to now, read for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import UUID

from arrears.ledger.history import (
    Award,
    Happening,
    History,
    Instalment,
    InterestState,
    Schedule,
    Stage,
    Trace,
    TraceLine,
)
from arrears.ledger.interest import PARTS
from arrears.ledger.model import PAYING, RESTATING, DebtComponent, EntryKind, LedgerAccount, Line
from arrears.ledger.standstill import standstills
from arrears.ledger.terms import terms_for

if TYPE_CHECKING:
    from arrears.kernel.transaction import Transaction

Sums = Mapping[tuple[LedgerAccount, DebtComponent | None], int]

_GIVING = PAYING | RESTATING

_ACCOUNTS = """
select account.id, account.client_id, account.currency, account.due_on, account.product, account.portfolio_id,
       account.interest_rate_percent, account.accrues_from_on, account.last_entry_on
from account where account.id = any (%(ids)s::uuid[])
"""
_ENTRIES = """
select account_id, id, kind, effective_on, payment_id, reverses_id, corrects_id, is_whole
from ledger_entry where account_id = any (%(ids)s::uuid[]) order by effective_on, id
"""
_LINES = """
select entry_id, ledger_account, component, amount_minor
from entry_lines((select array_agg(entry.id) from ledger_entry entry where entry.account_id = any (%(ids)s::uuid[])))
"""
_PAYMENTS = """
select id, direction, in_settlement from payment where account_id = any (%(ids)s::uuid[])
"""
_ALLOCATIONS = """
select allocation.payment_id, allocation.sequence, allocation.waterfall, allocation.stage,
       line.instalment, line.component, line.owed_minor, line.paid_minor, line.reason
from (
    select distinct on (payment_id) * from allocation where account_id = any (%(ids)s::uuid[])
    order by payment_id, sequence desc
) allocation
left join allocation_line line on line.allocation_id = allocation.id
order by allocation.payment_id, line.position
"""
_ACCRUALS = """
select account_id, through_on, exact, accrued_minor, capitalised_minor, began_on, principal_at_start_minor, rule
from accrual where account_id = any (%(ids)s::uuid[])
"""
_SCHEDULES = """
select schedule.account_id, schedule.sequence, schedule.from_on, part.number, part.due_on,
       part.principal_minor, part.interest_minor, part.fees_minor, part.costs_minor
from instalment_schedule schedule left join instalment part on part.schedule_id = schedule.id
where schedule.account_id = any (%(ids)s::uuid[]) order by schedule.account_id, schedule.sequence, part.number
"""
_JUDGMENTS = """
select account_id, entry_id, entered_on, rate_percent from judgment where account_id = any (%(ids)s::uuid[])
order by entered_on, id
"""
_STATEMENTS: tuple[LiteralString, ...] = (
    _ACCOUNTS,
    _ENTRIES,
    _LINES,
    _PAYMENTS,
    _ALLOCATIONS,
    _ACCRUALS,
    _SCHEDULES,
    _JUDGMENTS,
)


@dataclass(slots=True)
class RecordedEntry:
    """An entry that corrects no other, with its own lines and what it comes to together with its corrections."""

    entry_id: UUID
    kind: EntryKind
    effective_on: date
    payment_id: UUID | None
    reverses_id: UUID | None
    is_whole: bool
    own: list[Line] = field(default_factory=list)
    posted: dict[tuple[LedgerAccount, DebtComponent | None], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordedAllocation:
    """How a payment's money is spread by what was last recorded."""

    sequence: int
    trace: Trace


@dataclass(frozen=True, slots=True)
class Recorded:
    """What happened on an account, and what the ledger has made of it so far.

    `entries` has every entry but corrections, `allocations` the one of each payment that holds, by payment.
    """

    history: History
    entries: Mapping[UUID, RecordedEntry]
    allocations: Mapping[UUID, RecordedAllocation]
    accrual: InterestState | None
    rule: str | None
    last_entry_on: date | None


async def histories(tx: Transaction, account_ids: Iterable[UUID]) -> dict[UUID, Recorded]:
    """What the ledger has of those of the accounts that the principal may see; in two round trips at most."""
    connection = await tx.connection()
    parameters = {"ids": sorted(set(account_ids))}
    async with connection.pipeline():
        cursors = [await connection.execute(statement, parameters) for statement in _STATEMENTS]
        answers = [await cursor.fetchall() for cursor in cursors]
    accounts, entries, lines, payments, allocations, accruals, schedules, judgments = answers
    recorded = _entries(entries, lines)
    paid = {row[0]: row for row in payments}
    spread = _allocations(allocations)
    of_account = {name: _grouped(rows) for name, rows in (("schedules", schedules), ("judgments", judgments))}
    terms = {row[0]: await terms_for(tx.context, row[1], row[5], row[4], row[6]) for row in accounts}
    bearing = [account_id for account_id, one in terms.items() if one.interest.rates or of_account["judgments"]]
    free = await standstills(connection, bearing) if bearing else {}
    counted = {row[0]: row for row in accruals}
    found: dict[UUID, Recorded] = {}
    for row in accounts:
        account_id, own = row[0], recorded.get(row[0], {})
        history = History(
            account_id=account_id,
            client_id=row[1],
            currency=row[2],
            due_on=row[3],
            terms=terms[account_id],
            happenings=tuple(_happening(entry, own, paid) for entry in own.values() if entry.kind != "INTEREST"),
            schedules=_schedules(of_account["schedules"].get(account_id, ())),
            awards=tuple(Award(*judgment[1:]) for judgment in of_account["judgments"].get(account_id, ())),
            accrues_from_on=row[7],
            interest_free=free.get(account_id, ()),
        )
        state = counted.get(account_id)
        found[account_id] = Recorded(
            history=history,
            entries=own,
            allocations={
                entry.payment_id: spread[entry.payment_id]
                for entry in own.values()
                if entry.payment_id is not None and entry.payment_id in spread
            },
            accrual=None if state is None else _state(state),
            rule=None if state is None else state[7],
            last_entry_on=row[8],
        )
    return found


def _grouped(rows: Sequence[tuple[Any, ...]]) -> dict[UUID, list[tuple[Any, ...]]]:
    groups: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        groups[row[0]].append(row)
    return groups


def _entries(
    rows: Sequence[tuple[Any, ...]], lines: Sequence[tuple[Any, ...]]
) -> dict[UUID, dict[UUID, RecordedEntry]]:
    by_entry: dict[UUID, list[Line]] = defaultdict(list)
    for entry_id, account, component, amount in lines:
        named = None if component is None else DebtComponent(component)
        by_entry[entry_id].append(Line(LedgerAccount(account), named, amount))
    by_account: dict[UUID, dict[UUID, RecordedEntry]] = defaultdict(dict)
    for account_id, entry_id, kind, effective_on, payment_id, reverses_id, corrects_id, is_whole in rows:
        if corrects_id is None:
            entry = RecordedEntry(
                entry_id, EntryKind(kind), effective_on, payment_id, reverses_id, is_whole, by_entry[entry_id]
            )
            _count(entry.posted, entry.own)
            by_account[account_id][entry_id] = entry
    for account_id, entry_id, _, _, _, _, corrects_id, _ in rows:
        if corrects_id is not None:
            _count(by_account[account_id][corrects_id].posted, by_entry[entry_id])
    return by_account


def _count(sums: dict[tuple[LedgerAccount, DebtComponent | None], int], lines: Iterable[Line]) -> None:
    for line in lines:
        place = (line.ledger_account, line.component)
        sums[place] = sums.get(place, 0) + line.amount_minor


def _happening(
    entry: RecordedEntry, others: Mapping[UUID, RecordedEntry], payments: Mapping[UUID, tuple[Any, ...]]
) -> Happening:
    moves_money = entry.payment_id is not None and (entry.kind in _GIVING or entry.kind is EntryKind.REVERSAL)
    follows = moves_money or is_whole_write_off(entry, others)
    payment = None if entry.payment_id is None or entry.kind not in PAYING else payments[entry.payment_id]
    return Happening(
        entry_id=entry.entry_id,
        kind=entry.kind,
        effective_on=entry.effective_on,
        changes={} if follows else changes_of(entry.own),
        money_minor=money_of(entry.own) if moves_money else 0,
        payment_id=entry.payment_id,
        reverses_id=entry.reverses_id,
        direction=() if payment is None else tuple(DebtComponent(component) for component in payment[1]),
        in_settlement=payment is not None and payment[2],
        is_whole=entry.is_whole,
    )


def is_whole_write_off(entry: RecordedEntry, others: Mapping[UUID, RecordedEntry]) -> bool:
    """Whether an entry writes off whatever was owed, or undoes one that did: its amounts follow from the course."""
    undone = None if entry.reverses_id is None else others.get(entry.reverses_id)
    return entry.is_whole or (undone is not None and undone.is_whole)


def changes_of(lines: Iterable[Line]) -> dict[DebtComponent, int]:
    """What lines do to each component of the debt."""
    changes: dict[DebtComponent, int] = {}
    for line in lines:
        if line.ledger_account is LedgerAccount.RECEIVABLE and line.component is not None:
            changes[line.component] = changes.get(line.component, 0) + line.amount_minor
    return changes


def money_of(lines: Iterable[Line]) -> int:
    """The money that lines book as paid: what is recovered of the debt, and what is owed back to the debtor."""
    signs = {LedgerAccount.RECOVERED: 1, LedgerAccount.REFUNDS_PAYABLE: -1}
    return sum(signs.get(line.ledger_account, 0) * line.amount_minor for line in lines)


def _allocations(rows: Sequence[tuple[Any, ...]]) -> dict[UUID, RecordedAllocation]:
    lines: dict[UUID, list[TraceLine]] = defaultdict(list)
    heads: dict[UUID, tuple[Any, ...]] = {}
    for payment_id, sequence, waterfall, stage, instalment, component, owed, paid, reason in rows:
        heads[payment_id] = (sequence, waterfall, Stage(stage))
        if reason is not None:
            named = None if component is None else DebtComponent(component)
            lines[payment_id].append(TraceLine(instalment, named, owed, paid, reason))
    return {
        payment_id: RecordedAllocation(sequence, Trace(waterfall, stage, tuple(lines[payment_id])))
        for payment_id, (sequence, waterfall, stage) in heads.items()
    }


def _schedules(rows: Iterable[tuple[Any, ...]]) -> tuple[Schedule, ...]:
    days: dict[int, date] = {}
    parts: dict[int, list[Instalment]] = defaultdict(list)
    for _, sequence, from_on, number, due_on, *amounts in rows:
        days[sequence] = from_on
        if number is not None:
            owed = {component: minor for component, minor in zip(DebtComponent, amounts, strict=True) if minor}
            parts[sequence].append(Instalment(number, due_on, owed))
    return tuple(Schedule(days[sequence], tuple(parts[sequence])) for sequence in sorted(days))


def _state(row: tuple[Any, ...]) -> InterestState:
    _, through_on, exact, accrued, capitalised, began_on, principal_at_start, _ = row
    return InterestState(through_on, Fraction(int(exact), PARTS), accrued, capitalised, began_on, principal_at_start)
