"""What the commands of payments read before they write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from arrears.kernel.context import Context
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import Transaction
from arrears.payments.model import OPEN_STATUSES
from arrears.plugins.settings import Place
from arrears_sdk.errors import InputError
from arrears_sdk.ids import decode_id

_RESERVED = """
select coalesce(sum(amount_minor), 0)::bigint from payment_intent
where account_id = %s and status = any (%s::text[])
"""
_REFUNDS = """
select coalesce(sum(amount_minor) filter (where outcome = 'DONE'), 0)::bigint,
       coalesce(sum(amount_minor) filter (where status = any (%(open)s::text[])), 0)::bigint
from payment_refund where intent_id = %(intent)s
"""
_CHARGED_BACK = """
select coalesce(sum(coalesce(amount_minor, %(captured)s)) filter (where not won), 0)::bigint
from payment_chargeback where intent_id = %(intent)s
"""
_CHARGEBACK = """
insert into payment_chargeback (id, client_id, account_id, intent_id, reference, amount_minor, currency, won, opened_at,
                                won_at)
values (%(id)s, %(client)s, %(account)s, %(intent)s, %(reference)s, %(amount)s, %(currency)s, %(won)s, %(opened_at)s,
        %(won_at)s)
on conflict (intent_id, reference) do update set
    won = payment_chargeback.won or excluded.won,
    amount_minor = greatest(payment_chargeback.amount_minor, excluded.amount_minor),
    opened_at = least(payment_chargeback.opened_at, excluded.opened_at),
    won_at = least(payment_chargeback.won_at, excluded.won_at)
"""
_END_CALL = """
update payment_attempt set ended_at = %(now)s, outcome = %(outcome)s, problem = %(problem)s
where intent_id = %(intent)s and refund_id is not distinct from %(refund)s and kind = %(kind)s and ended_at is null
"""


async def holds_on_payments(tx: Transaction, account_id: UUID) -> list[str]:
    """The kinds of the holds that stop money from being taken for an account now."""
    cursor = await (await tx.connection()).execute("select holds_on_payments(%s, %s)", [account_id, tx.now])
    return [str(row[0]) for row in await cursor.fetchall()]


async def reserved_on_account(tx: Transaction, account_id: UUID) -> int:
    """What charges that are under way may still take, in minor units."""
    cursor = await (await tx.connection()).execute(_RESERVED, [account_id, list(OPEN_STATUSES)])
    row = await cursor.fetchone()
    return 0 if row is None else int(row[0])


@dataclass(frozen=True)
class Refunds:
    """What was given back of an intent, and what may still be, in minor units."""

    done: int
    under_way: int


async def refunds_of(tx: Transaction, intent_id: UUID) -> Refunds:
    """The refunds of an intent, added up."""
    cursor = await (await tx.connection()).execute(_REFUNDS, {"open": list(OPEN_STATUSES), "intent": intent_id})
    row = await cursor.fetchone()
    assert row is not None
    return Refunds(int(row[0]), int(row[1]))


async def charged_back(tx: Transaction, intent_id: UUID, captured: int) -> int:
    """What banks hold back of an intent, in minor units; a chargeback without an amount takes all."""
    cursor = await (await tx.connection()).execute(_CHARGED_BACK, {"captured": captured, "intent": intent_id})
    row = await cursor.fetchone()
    return 0 if row is None else int(row[0])


async def note_chargeback(tx: Transaction, values: Mapping[str, object]) -> None:
    """Adds what was told about a chargeback to what is known of it; the order of what is told does not matter."""
    await (await tx.connection()).execute(_CHARGEBACK, values)


async def end_call(
    tx: Transaction, intent_id: UUID, refund_id: UUID | None, outcome: str, problem: str | None, now: datetime
) -> None:
    """Writes down how the call ended by which an order was sent."""
    values = {
        "now": now,
        "outcome": outcome,
        "problem": problem,
        "intent": intent_id,
        "refund": refund_id,
        "kind": "CHARGE" if refund_id is None else "REFUND",
    }
    await (await tx.connection()).execute(_END_CALL, values)


async def find_place(context: Context, named: str) -> Place | None:
    """The place that an address names: a client by its id or reference, or a portfolio by its id; None for no place.

    Asked in the platform's own name, since whoever calls the address is not known yet.
    """
    portfolio, client = _id_of("port", named), _id_of("clnt", named)
    sql = "select id, null::uuid from client where id = %(client)s or reference = %(named)s"
    if portfolio is not None:
        sql = "select client_id, id from portfolio where id = %(portfolio)s"
    values = {"client": client, "portfolio": portfolio, "named": named}
    if "\x00" in named:
        return None
    rows = await context.database.read(Scope.everything(), sql, values)
    return Place(rows[0][0], rows[0][1]) if rows else None


def _id_of(prefix: str, named: str) -> UUID | None:
    try:
        return decode_id(prefix, named)
    except InputError:
        return None
