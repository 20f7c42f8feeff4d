"""What the commands and the daily run of fees read: debts, how they stood on a day, notices, and fees there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from arrears.accounts.model import CLOSED_STATUSES
from arrears.charges.covering import FeeMove, Move
from arrears.charges.model import Debt, FeeState, GivenNotice, KnownFee, Lateness, Part
from arrears.charges.settings import ChargeSettings
from arrears.kernel.context import Context
from arrears.kernel.database import Connection
from arrears.kernel.transaction import Transaction
from arrears.ledger.course import course
from arrears.ledger.histories import histories
from arrears.ledger.history import Course, Position
from arrears.ledger.model import DebtComponent, EntryKind, LedgerAccount
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place

PARTS = 4
"""Into how many parts the accounts of a client are divided; workers take parts, not clients."""

_DEBT = "select id, client_id, portfolio_id, debtor_id, product, currency, due_on, placed_on from account"
_DEBTS = f"{_DEBT} where id = any (%(ids)s::uuid[]) order by id"
_CANDIDATES = f"""
{_DEBT}
where client_id = %(client)s and id > %(after)s and status <> all (%(closed)s::text[])
  and (%(part)s::integer is null
       or ('x' || right(id::text, 4))::bit(16)::integer %% %(parts)s = %(part)s)
  and (exists (select 1 from fee_claim fee where fee.account_id = account.id and fee.state = 'QUOTED')
       or ((due_on < %(through)s::date
            or exists (select 1 from instalment_schedule plan where plan.account_id = account.id))
           and (balance_minor > 0 or last_entry_on >= %(since)s::date)))
order by id limit %(limit)s
"""
_BALANCES = """
select account_id, effective_on, component, sum(amount_minor)::bigint from posting
where account_id = any (%(ids)s::uuid[]) and ledger_account = 'RECEIVABLE' and effective_on < %(through)s
group by account_id, effective_on, component order by effective_on
"""
_IN_PARTS = "select distinct account_id from instalment_schedule where account_id = any (%(ids)s::uuid[])"
# A notice that names no debt was about all of the debtor's; it counts from the day after it was given and known of.
_NOTICES = """
select account.id, notice.id, notice.kind,
       greatest(notice.sent_at, notice.created_at) at time zone client.time_zone
from account
join posting_terms(array[%(client)s::uuid]) client on client.client_id = account.client_id
join notice on notice.debtor_id in (
    select party.debtor_id from party where party.account_id = account.id union select account.debtor_id)
where account.id = any (%(ids)s::uuid[]) and notice.returned_at is null
  and (notice.client_id is null or notice.client_id = account.client_id)
  and (exists (select 1 from notice_account named
               where named.notice_id = notice.id and named.account_id = account.id)
       or not exists (select 1 from notice_account named where named.notice_id = notice.id))
order by notice.sent_at, notice.id
"""
_FEES = """
select account_id, id, rule, period, state, amount_minor, forgiven_minor, ask_on from fee_claim
where account_id = any (%(ids)s::uuid[]) order by quoted_on, id
"""
_MOVES = """
select entry.id, entry.kind, entry.effective_on, entry.reverses_id, posting.ledger_account, posting.amount_minor
from ledger_entry entry join posting on posting.entry_id = entry.id
where entry.account_id = %(account)s and posting.component = 'FEES'
  and posting.ledger_account in ('PLACED', 'FORGIVEN', 'TRANSFERRED', 'RECOVERED')
order by entry.effective_on, entry.id, posting.position
"""
_WAIVERS = """
select waiver.entry_id, fee.entry_id from fee_claim_step waiver join fee_claim fee on fee.id = waiver.fee_claim_id
where fee.account_id = %(account)s and waiver.step = 'WAIVED' and waiver.entry_id is not null
"""
_ACCOUNTS_WITH_FEES = """
select distinct account_id from fee_claim where account_id = any (%(ids)s::uuid[]) and entry_id is not null
order by account_id
"""
_NONE = UUID(int=0)

_OF_BOOKS = (_BALANCES, _NOTICES, _FEES)


@dataclass(frozen=True)
class Book:
    """A debt with all that its fees are weighed by, as it is known now."""

    debt: Debt
    fees: tuple[KnownFee, ...]
    notices: tuple[GivenNotice, ...]
    changes: tuple[tuple[date, DebtComponent, int], ...]
    course: Course | None = None
    """How a debt with instalments ran; others need none."""

    def late_on(self, day: date) -> Lateness:
        """How the debt stood at the beginning of a day."""
        owed = dict.fromkeys(DebtComponent, 0)
        for changed_on, component, minor in self.changes:
            if changed_on < day:
                owed[component] += minor
        principal = max(owed[DebtComponent.PRINCIPAL], 0)
        before = None if self.course is None else self.course.at(day - timedelta(days=1))
        if before is None or not before.instalments:
            besides = sum(minor for component, minor in owed.items() if component is not DebtComponent.FEES)
            parts = (Part(self.debt.due_on, principal, besides),) if besides > 0 else ()
            return Lateness(day, parts, principal)
        return Lateness(day, _unpaid(before, self.debt.due_on, principal), principal, has_instalments=True)


def _unpaid(before: Position, due_on: date, principal: int) -> tuple[Part, ...]:
    """What is unpaid of each instalment, by due days; principal that no instalment holds is due since the debt was."""
    parts: dict[date, Part] = {}
    for one in before.instalments:
        of_principal = one.unpaid.get(DebtComponent.PRINCIPAL, 0)
        besides = sum(minor for component, minor in one.unpaid.items() if component is not DebtComponent.FEES)
        known = parts.get(one.due_on, Part(one.due_on, 0, 0))
        parts[one.due_on] = Part(one.due_on, known.principal_minor + of_principal, known.besides_fees_minor + besides)
        principal -= of_principal
    if principal > 0:
        known = parts.get(due_on, Part(due_on, 0, 0))
        parts[due_on] = Part(due_on, known.principal_minor + principal, known.besides_fees_minor + principal)
    return tuple(part for _, part in sorted(parts.items()) if part.besides_fees_minor > 0)


async def charge_settings(context: Context, client_id: UUID, portfolio_id: UUID | None) -> ChargeSettings:
    """The rules of fees that hold for accounts of a portfolio, or of a client."""
    return await context.service(PluginHost).config(ChargeSettings, Place(client_id, portfolio_id))


async def candidates(
    connection: Connection,
    client_id: UUID,
    *,
    since: date,
    through: date,
    after: UUID | None,
    limit: int,
    part: int | None = None,
) -> list[Debt]:
    """The next accounts of a client that may incur a fee on one of the days, in the order of their ids."""
    parameters = {
        "client": client_id,
        "after": after or _NONE,
        "closed": sorted(CLOSED_STATUSES),
        "part": part,
        "parts": PARTS,
        "since": since - timedelta(days=1),
        "through": through,
        "limit": limit,
    }
    return [Debt(*row) for row in await (await connection.execute(_CANDIDATES, parameters)).fetchall()]


async def debts(connection: Connection, account_ids: Sequence[UUID]) -> list[Debt]:
    """Those of the accounts that the transaction's principal sees."""
    return [Debt(*row) for row in await (await connection.execute(_DEBTS, {"ids": list(account_ids)})).fetchall()]


async def books(tx: Transaction, of: Sequence[Debt], *, through: date) -> dict[UUID, Book]:
    """Debts of one client with everything by which fees up to a day are weighed, in a fixed number of statements."""
    if not of:
        return {}
    connection = await tx.connection()
    parameters = {"ids": [debt.account_id for debt in of], "client": of[0].client_id, "through": through}
    async with connection.pipeline():
        cursors = [await connection.execute(statement, parameters) for statement in _OF_BOOKS]
        in_parts = await connection.execute(_IN_PARTS, parameters)
    balances, notices, fees = [_by_account(await cursor.fetchall()) for cursor in cursors]
    recorded = await histories(tx, [row[0] for row in await in_parts.fetchall()])
    return {
        debt.account_id: Book(
            debt=debt,
            fees=tuple(
                KnownFee(id, rule, period, FeeState(state), amount, forgiven, ask_on)
                for id, rule, period, state, amount, forgiven, ask_on in fees.get(debt.account_id, ())
            ),
            notices=tuple(
                GivenNotice(id, kind, known_at.date() + timedelta(days=1))
                for id, kind, known_at in notices.get(debt.account_id, ())
            ),
            changes=tuple(
                (day, DebtComponent(component), minor) for day, component, minor in balances.get(debt.account_id, ())
            ),
            course=course(recorded[debt.account_id].history, through) if debt.account_id in recorded else None,
        )
        for debt in of
    }


def _by_account(rows: Sequence[tuple[Any, ...]]) -> dict[UUID, list[tuple[Any, ...]]]:
    found: dict[UUID, list[tuple[Any, ...]]] = {}
    for account_id, *rest in rows:
        found.setdefault(account_id, []).append(tuple(rest))
    return found


@dataclass(frozen=True)
class FeeMoves:
    """What the ledger did to the fees of an account.

    `undone` are raises and waivers that were reversed, which count as if they had never been; `waived` are the raises
    of which a waiver stands.
    """

    moves: tuple[FeeMove, ...]
    undone: frozenset[UUID]
    waived: frozenset[UUID]


async def fee_moves(connection: Connection, account_id: UUID) -> FeeMoves:
    """What the ledger did to the fees of an account, as it is now."""
    parameters = {"account": account_id}
    async with connection.pipeline():
        moved, waivers = [await connection.execute(statement, parameters) for statement in (_MOVES, _WAIVERS)]
    rows = await moved.fetchall()
    about: dict[UUID, UUID] = {row[0]: row[1] for row in await waivers.fetchall()}
    raised = {row[0] for row in rows if row[4] == LedgerAccount.PLACED and row[5] < 0}
    undone = {row[3] for row in rows if row[1] == EntryKind.REVERSAL and (row[3] in raised or row[3] in about)}
    moves = []
    for entry_id, _, day, reverses_id, ledger_account, minor in rows:
        if entry_id in undone or reverses_id in undone:
            continue
        if ledger_account == LedgerAccount.PLACED or (ledger_account == LedgerAccount.TRANSFERRED and minor < 0):
            moves.append(FeeMove(day, Move.RAISED, entry_id, -minor))
        else:
            move = Move.PAID if ledger_account == LedgerAccount.RECOVERED else Move.FORGIVEN
            moves.append(FeeMove(day, move, entry_id, minor, about.get(entry_id)))
    waived = {raise_id for waiver_id, raise_id in about.items() if waiver_id not in undone}
    return FeeMoves(tuple(moves), frozenset(undone), frozenset(waived))


async def accounts_with_fees(connection: Connection, account_ids: Sequence[UUID]) -> list[UUID]:
    """Those of the accounts on which a fee was ever claimed."""
    rows = await (await connection.execute(_ACCOUNTS_WITH_FEES, {"ids": list(account_ids)})).fetchall()
    return [row[0] for row in rows]
