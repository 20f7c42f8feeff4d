"""The fast way: entries that come after everything else of an account, booked from its kept balances alone."""

from __future__ import annotations

from datetime import date

from arrears.ledger.history import Effect, Terms, Trace, TraceLine
from arrears.ledger.model import DebtComponent, EntryDraft, EntryKind, PaidTo, lines_of
from arrears.ledger.rows import AllocationDraft, Besides
from arrears.ledger.waterfalls import SURPLUS, spread, stage_on
from arrears.ledger.wishes import Case, Order, Plan, first_allocation

_ADDING = frozenset({EntryKind.OPENING_BALANCE, EntryKind.CHARGE, EntryKind.FEE})
"""What only adds to a debt comes first in its day, in whatever order: more of it and payments may follow that day."""

_STRAIGHT = _ADDING | {EntryKind.ADJUSTMENT, EntryKind.DISCOUNT, EntryKind.TRANSFER, EntryKind.PAYMENT}


def is_plain(case: Case) -> bool:
    """Whether the kept balances of the account tell everything that payments from now on depend on."""
    account = case.account
    return not (
        account.has_course
        or account.written_off_minor
        or case.terms.interest.rates
        or any(minor < 0 for minor in account.owed.values())
    )


def straight(case: Case) -> Plan | None:
    """What is to be written when each wish comes after all before it; None when one of them does not."""
    if not is_plain(case):
        return None
    owed = dict(case.account.owed)
    last_on = case.account.last_entry_on
    adding_on: date | None = None
    wished: list[EntryDraft] = []
    allocations: list[AllocationDraft] = []
    for order in case.orders:
        kind = order.wish.kind
        is_later = last_on is None or order.day > last_on
        if kind not in _STRAIGHT or not (
            is_later or (adding_on == order.day and kind in _ADDING | {EntryKind.PAYMENT})
        ):
            return None
        effect = _effect(order, owed, case.terms)
        for component, change in effect.owed.items():
            owed[component] += change
        if any(minor < 0 for minor in owed.values()):
            return None
        into_trust = case.account.into_trust and _paid_to_agency(order)
        wished.append(order.draft(lines_of(effect, kind, into_trust=into_trust)))
        if effect.trace is not None:
            allocations.append(first_allocation(order, effect.trace))
        last_on = order.day
        adding_on = order.day if kind in _ADDING and (is_later or adding_on == order.day) else None
    return Plan(wished, besides=Besides(allocations=tuple(allocations)))


def _paid_to_agency(order: Order) -> bool:
    return order.wish.payment is not None and order.wish.payment.paid_to is PaidTo.AGENCY


def _effect(order: Order, owed: dict[DebtComponent, int], terms: Terms) -> Effect:
    payment = order.wish.payment
    if payment is None:
        return Effect(owed={component: change for component, change in order.wish.changes.items() if change})
    due_on = order.account.due_on
    stage = stage_on(
        order.day, terms, owed_minor=sum(owed.values()), due_on=due_on, in_settlement=payment.in_settlement
    )
    waterfall = terms.waterfalls[stage]
    lines, left = spread(
        order.wish.money_minor, owed, waterfall, direction=payment.direction, day=order.day, due_on=due_on
    )
    if left and not order.wish.allows_surplus:
        raise order.beyond_the_debt(order.wish.money_minor - left)
    paid: dict[DebtComponent, int] = {}
    for line in lines:
        if line.component is not None:
            paid[line.component] = paid.get(line.component, 0) - line.paid_minor
    if left:
        lines = (*lines, TraceLine(None, None, 0, left, SURPLUS))
    return Effect(owed=paid, surplus_minor=left, trace=Trace(waterfall.name, stage, lines))
