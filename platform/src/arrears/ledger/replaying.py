"""What an account's course says otherwise than its ledger, as the entries that put it right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.ledger.course import course
from arrears.ledger.histories import Recorded, RecordedEntry, Sums, histories, is_whole_write_off
from arrears.ledger.history import Award, Course, Effect, Happening, History, InterestState, Trace
from arrears.ledger.interest import mark_of, terms_of_count
from arrears.ledger.model import (
    PAYING,
    RESTATING,
    DebtComponent,
    EntryDraft,
    EntryKind,
    LedgerAccount,
    Line,
    PaidTo,
    lines_of,
)
from arrears.ledger.rows import AccrualDraft, AllocationDraft, Besides, JudgmentDraft
from arrears.ledger.wishes import Case, Order, Plan, first_allocation
from arrears_sdk.errors import ErrorCode, NotFoundError, RefusedError
from arrears_sdk.ids import new_id
from arrears_sdk.money import Money

if TYPE_CHECKING:
    from arrears.kernel.transaction import Transaction

_MOVING_MONEY = PAYING | RESTATING


async def planned(tx: Transaction, cases: Sequence[Case]) -> dict[UUID, Plan]:
    """What is to be written on each account so that its ledger says what its course says, wishes included."""
    if not cases:
        return {}
    recorded = await histories(tx, [case.account.account_id for case in cases])
    return {case.account.account_id: plan(case, recorded[case.account.account_id]) for case in cases}


def plan(case: Case, recorded: Recorded) -> Plan:
    """What is to be written on one account; raises RefusedError for money of a wish that the debt does not take."""
    history = _with_wishes(recorded, case)
    until = _until(recorded, history)
    if until is None:
        return Plan()
    found = course(history, until)
    _refuse_surplus(case, recorded, found)
    following = _Following(case, recorded, found)
    wished = [following.wished(order) for order in case.orders]
    corrections = list(following.corrections())
    days = [draft.effective_on for draft in corrections]
    interest = list(following.interest())
    return Plan(
        wished=wished,
        following=[*corrections, *interest],
        besides=Besides(
            allocations=tuple(following.allocations(corrections)),
            awards=tuple(_judgment(order) for order in case.orders if order.wish.kind is EntryKind.JUDGMENT),
            accruals=tuple(following.accrual(history)),
            uncounted=(case.account.account_id,) if found.state is None and recorded.accrual is not None else (),
        ),
        corrected=len(corrections),
        from_on=min(days, default=None),
    )


def _with_wishes(recorded: Recorded, case: Case) -> History:
    awards = tuple(
        Award(order.entry_id, order.day, None if order.wish.award is None else order.wish.award.rate_percent)
        for order in case.orders
        if order.wish.kind is EntryKind.JUDGMENT
    )
    return replace(
        recorded.history,
        happenings=(*recorded.history.happenings, *(_happening(order, recorded) for order in case.orders)),
        awards=(*recorded.history.awards, *awards),
    )


def _happening(order: Order, recorded: Recorded) -> Happening:
    wish = order.wish
    undone = _undone(order, recorded)
    changes = wish.changes
    if undone is not None and order.payment_id is None and not is_whole_write_off(undone, recorded.entries):
        changes = {
            line.component: -line.amount_minor
            for line in undone.own
            if line.ledger_account is LedgerAccount.RECEIVABLE and line.component is not None
        }
    return Happening(
        entry_id=order.entry_id,
        kind=wish.kind,
        effective_on=order.day,
        changes=changes,
        money_minor=wish.money_minor,
        payment_id=order.payment_id,
        reverses_id=wish.reverses_id,
        direction=() if wish.payment is None else wish.payment.direction,
        in_settlement=wish.payment is not None and wish.payment.in_settlement,
        is_whole=wish.is_whole,
    )


def _undone(order: Order, recorded: Recorded) -> RecordedEntry | None:
    if order.wish.reverses_id is None:
        return None
    undone = recorded.entries.get(order.wish.reverses_id)
    if undone is None:
        raise NotFoundError("There is no such entry that you may see.", field=("input", "entryId"))
    return undone


def _until(recorded: Recorded, history: History) -> date | None:
    """The last day that the ledger tells of: interest is counted no further than anything was written."""
    days = [happening.effective_on for happening in history.happenings]
    days += [entry.effective_on for entry in recorded.entries.values()]
    if recorded.accrual is not None:
        days.append(recorded.accrual.through_on)
    return max(days, default=None)


def _refuse_surplus(case: Case, recorded: Recorded, found: Course) -> None:
    """Refuses what leaves more paid than was owed, unless a wish allows it, be it by later payments it displaces."""
    if any(order.wish.allows_surplus for order in case.orders):
        return
    owed_back = -sum(
        amount
        for entry in recorded.entries.values()
        for (account, _), amount in entry.posted.items()
        if account is LedgerAccount.REFUNDS_PAYABLE
    )
    for order in case.orders:
        beyond = max(found.effects[order.entry_id].surplus_minor, found.last.surplus_minor - owed_back)
        if order.wish.money_minor > 0 and beyond > 0:
            raise order.beyond_the_debt(max(order.wish.money_minor - beyond, 0))
        if order.wish.money_minor == 0 and beyond > 0:
            raise RefusedError(
                f"This would leave {Money(-beyond, case.account.currency)} owed: more is taken off than is owed.",
                code=ErrorCode.AMOUNT_EXCEEDS_BALANCE,
            )


class _Following:
    """Everything that follows from one account's course, against what its ledger says."""

    def __init__(self, case: Case, recorded: Recorded, found: Course) -> None:
        self._account = case.account
        self._orders = case.orders
        self._recorded = recorded
        self._course = found
        self._wished: dict[UUID, EntryDraft] = {}
        self._into_trust = {
            entry.payment_id: any(line.ledger_account is LedgerAccount.TRUST_BANK for line in entry.own)
            for entry in recorded.entries.values()
            if entry.kind in PAYING and entry.payment_id is not None
        }
        for order in case.orders:
            if order.wish.payment is not None:
                paid_to_us = order.wish.payment.paid_to is PaidTo.AGENCY
                self._into_trust[order.wish.payment.payment_id] = case.account.into_trust and paid_to_us

    def wished(self, order: Order) -> EntryDraft:
        """A wished entry with its lines: as the course has it, or the mirror of what it undoes."""
        undone = _undone(order, self._recorded)
        if undone is not None:
            lines = tuple(line.mirrored() for line in undone.own)
            draft = order.draft(lines, reverses_kind=undone.kind)
        else:
            effect = self._course.effects[order.entry_id]
            draft = order.draft(lines_of(effect, order.wish.kind, into_trust=self._trusted(order.payment_id)))
            if (
                order.wish.kind is EntryKind.PAYMENT
                and any(effect.written_off.values())
                and not any(effect.owed.values())
            ):
                draft = replace(draft, kind=EntryKind.RECOVERY)
        self._wished[order.entry_id] = draft
        return draft

    def corrections(self) -> Iterator[EntryDraft]:
        """The entries by which others come to what the course has of them."""
        for entry in self._recorded.entries.values():
            target = self._target(entry)
            if target is not None and (lines := _difference(target, entry.posted)):
                yield self._correction(entry.entry_id, entry.effective_on, entry.payment_id, lines)
        for order in self._orders:
            undone = _undone(order, self._recorded)
            if undone is None:
                continue
            draft = self._wished[order.entry_id]
            target = self._reversal(order.entry_id, order.payment_id, undone)
            if target is not None and (lines := _difference(target, _sums(draft.lines))):
                yield self._correction(order.entry_id, order.day, order.payment_id, lines)

    def interest(self) -> Iterator[EntryDraft]:
        """The interest of days that have none yet."""
        booked = {entry.effective_on for entry in self._recorded.entries.values() if entry.kind is EntryKind.INTEREST}
        for day in sorted(self._course.interest.keys() - booked):
            yield self._draft(new_id(), EntryKind.INTEREST, day, _interest_lines(self._course.interest[day]))

    def allocations(self, corrections: Sequence[EntryDraft]) -> Iterator[AllocationDraft]:
        """How payments are spread that are new, or spread otherwise than before."""
        for order in self._orders:
            trace = self._course.effects[order.entry_id].trace
            if order.wish.payment is not None and trace is not None:
                yield first_allocation(order, trace)
        corrected_by = {draft.corrects_id: draft.entry_id for draft in corrections}
        for entry in self._recorded.entries.values():
            if entry.kind not in PAYING or entry.payment_id is None:
                continue
            trace = self._course.effects[entry.entry_id].trace
            known = self._recorded.allocations.get(entry.payment_id)
            if trace is None or (known is not None and known.trace == _as_stored(trace)):
                continue
            yield AllocationDraft(
                client_id=self._account.client_id,
                account_id=self._account.account_id,
                payment_id=entry.payment_id,
                entry_id=corrected_by.get(entry.entry_id, entry.entry_id),
                sequence=1 if known is None else known.sequence + 1,
                trace=trace,
                allocation_id=new_id(),
                currency=self._account.currency,
            )

    def accrual(self, history: History) -> Iterator[AccrualDraft]:
        """The state of the count of interest, when it is another than the one that is kept."""
        state = self._course.state
        if state is None:
            return
        rule = _mark(history, state)
        if state != self._recorded.accrual or rule != self._recorded.rule:
            yield AccrualDraft(self._account.client_id, self._account.account_id, state, rule)

    def _target(self, entry: RecordedEntry) -> Sums | None:
        """What an entry and its corrections together have to come to; None for one that nothing corrects."""
        if entry.kind is EntryKind.INTEREST:
            return _sums(_interest_lines(self._course.interest.get(entry.effective_on, 0)))
        if entry.kind is EntryKind.REVERSAL:
            assert entry.reverses_id is not None
            return self._reversal(entry.entry_id, entry.payment_id, self._recorded.entries[entry.reverses_id])
        if entry.kind in _MOVING_MONEY or entry.is_whole:
            return self._sums_of(self._course.effects[entry.entry_id], entry.kind, entry.payment_id)
        return None

    def _reversal(self, entry_id: UUID, payment_id: UUID | None, undone: RecordedEntry) -> Sums | None:
        if payment_id is not None or undone.kind is EntryKind.WRITE_OFF:
            kind = EntryKind.REVERSAL if payment_id is not None else undone.kind
            return self._sums_of(self._course.effects[entry_id], kind, payment_id)
        return None

    def _sums_of(self, effect: Effect, kind: EntryKind, payment_id: UUID | None) -> Sums:
        return _sums(lines_of(effect, kind, into_trust=self._trusted(payment_id)))

    def _trusted(self, payment_id: UUID | None) -> bool:
        return payment_id is not None and self._into_trust.get(payment_id, False)

    def _correction(self, entry_id: UUID, day: date, payment_id: UUID | None, lines: tuple[Line, ...]) -> EntryDraft:
        return replace(
            self._draft(new_id(), EntryKind.CORRECTION, day, lines), corrects_id=entry_id, payment_id=payment_id
        )

    def _draft(self, entry_id: UUID, kind: EntryKind, day: date, lines: tuple[Line, ...]) -> EntryDraft:
        return EntryDraft(
            entry_id=entry_id,
            client_id=self._account.client_id,
            account_id=self._account.account_id,
            kind=kind,
            effective_on=day,
            currency=self._account.currency,
            lines=lines,
        )


def _mark(history: History, state: InterestState) -> str:
    """By which rule interest is counted at the end of a history, as the kept count tells it."""
    undone = {happening.reverses_id for happening in history.happenings}
    awards = [one for one in history.awards if one.entered_on == state.began_on and one.entry_id not in undone]
    return mark_of(terms_of_count(history.terms, awards[-1] if awards else None), state.through_on)


def _judgment(order: Order) -> JudgmentDraft:
    assert order.wish.award is not None
    return JudgmentDraft(order.account.client_id, order.account.account_id, order.entry_id, order.day, order.wish.award)


def _interest_lines(minor: int) -> tuple[Line, ...]:
    return lines_of(Effect(owed={DebtComponent.INTEREST: minor}), EntryKind.INTEREST, into_trust=False)


def _as_stored(trace: Trace) -> Trace:
    # Whether a line recovers a part that was written off is told by its reason.
    return replace(trace, lines=tuple(replace(line, recovered=False) for line in trace.lines))


def _sums(lines: Sequence[Line]) -> dict[tuple[LedgerAccount, DebtComponent | None], int]:
    sums: dict[tuple[LedgerAccount, DebtComponent | None], int] = {}
    for line in lines:
        place = (line.ledger_account, line.component)
        sums[place] = sums.get(place, 0) + line.amount_minor
    return sums


def _difference(target: Sums, posted: Sums) -> tuple[Line, ...]:
    return tuple(
        Line(account, component, missing)
        for account, component in dict.fromkeys((*target, *posted))
        if (missing := target.get((account, component), 0) - posted.get((account, component), 0))
    )
