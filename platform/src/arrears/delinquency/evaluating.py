"""Keeps the history of buckets in step with what happened to accounts.

The stays of an account are worked out anew from everything that is known of it, and compared with those that stand:
what stands and no longer agrees is superseded, what is missing is added. So evaluating twice changes nothing, whoever
comes second sees what the first one left, and what was believed before is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from arrears.delinquency.model import CURRENT, Bucket, Change, Rules, Stay, bucket_on, changes, stays
from arrears.delinquency.queries import Debt, debts, rules_at
from arrears.kernel.batches import insert_rows
from arrears.kernel.records import Event
from arrears_sdk.ids import new_id

if TYPE_CHECKING:
    from arrears.kernel.transaction import Transaction

_ADD_STATE = """
insert into delinquency (account_id, client_id)
select account.id, account.client_id from account where account.id = any (%(ids)s::uuid[]) order by account.id
on conflict (account_id) do nothing
"""
# From here to the end of the transaction nobody else evaluates these accounts; what is read next is read after waiting.
_LOCK_STATE = """
select account_id, evaluated_on, bucket from delinquency where account_id = any (%(ids)s::uuid[])
order by account_id for update
"""
_STANDING = """
select account_id, id, bucket, from_days, until_days, added_on, lifted_on from delinquency_bucket
where account_id = any (%(ids)s::uuid[]) and superseded_at is null
"""
_SUPERSEDE = (
    "update delinquency_bucket set superseded_at = greatest(%(now)s, recorded_at) where id = any (%(ids)s::uuid[])"
)
_SAVE_STATE = """
update delinquency set evaluated_on = told.evaluated_on, bucket = told.bucket, next_on = told.next_on, rule = told.rule
from unnest(%s::uuid[], %s::date[], %s::text[], %s::date[], %s::text[])
     as told (account_id, evaluated_on, bucket, next_on, rule)
where delinquency.account_id = told.account_id
"""


@dataclass(frozen=True, slots=True)
class _Before:
    """What was known of an account before it is evaluated."""

    evaluated_on: date | None
    bucket: str | None


@dataclass(frozen=True, slots=True)
class _Found:
    """What comes out for one account."""

    debt: Debt
    through: date
    bucket: Bucket | None
    next_on: date | None
    rules: Rules
    found: tuple[Change, ...]


async def evaluate(tx: Transaction, account_ids: Sequence[UUID], *, through: date | None = None) -> int:
    """Brings the buckets of accounts up to the end of a day, today in each client's zone; gives how many rows changed.

    A day before the last one evaluated counts as that one: what is known is not forgotten.
    """
    connection = await tx.connection()
    ids = sorted(set(account_ids))
    await connection.execute(_ADD_STATE, {"ids": ids})
    locked = await (await connection.execute(_LOCK_STATE, {"ids": ids})).fetchall()
    before = {row[0]: _Before(row[1], row[2]) for row in locked}
    known = await debts(connection, list(before), tx.now)
    standing = await (await connection.execute(_STANDING, {"ids": ids})).fetchall()
    results = [
        _work_out(debt, await rules_at(tx.context, debt.client_id, debt.portfolio_id), through, before[debt.account_id])
        for debt in known.values()
    ]
    rows = {(row[0], Stay(Bucket(row[2], row[3], row[4]), row[5], row[6])): row[1] for row in standing}
    wanted = {(result.debt.account_id, stay) for result in results for stay in stays(result.found, result.through)}
    superseded = [id for key, id in rows.items() if key not in wanted and key[0] in known]
    added = [_row(known[key[0]], key[1], tx) for key in sorted(wanted - set(rows), key=_order)]
    async with connection.pipeline():
        if superseded:
            await connection.execute(_SUPERSEDE, {"now": tx.now, "ids": superseded})
        await insert_rows(connection, "delinquency_bucket", added)
        await connection.execute(_SAVE_STATE, _states(results))
    for result in results:
        _tell(tx, result, before[result.debt.account_id])
    return len(superseded) + len(added)


def _work_out(debt: Debt, rules: Rules, through: date | None, before: _Before) -> _Found:
    day = debt.today if through is None else through
    if before.evaluated_on is not None:
        day = max(day, before.evaluated_on)
    found = tuple(changes(debt.unpaid, rules, debt.pauses))
    ahead = next((change.day for change in found if change.day > day), None)
    return _Found(debt, day, bucket_on(found, day), ahead, rules, found)


def _row(debt: Debt, stay: Stay, tx: Transaction) -> Mapping[str, object]:
    return {
        "id": new_id(),
        "client_id": debt.client_id,
        "account_id": debt.account_id,
        "bucket": stay.bucket.name,
        "from_days": stay.bucket.from_days,
        "until_days": stay.bucket.until_days,
        "added_on": stay.added_on,
        "lifted_on": stay.lifted_on,
        "recorded_at": tx.now,
    }


def _order(key: tuple[UUID, Stay]) -> tuple[UUID, date]:
    return key[0], key[1].added_on


def _states(results: Sequence[_Found]) -> list[list[object]]:
    return [
        [result.debt.account_id for result in results],
        [result.through for result in results],
        [None if result.bucket is None else result.bucket.name for result in results],
        [result.next_on for result in results],
        [result.rules.digest for result in results],
    ]


def _tell(tx: Transaction, result: _Found, before: _Before) -> None:
    """One event for each change since the last time, and one when the bucket of that time turned out to be another."""
    present = before.bucket or CURRENT
    told: list[tuple[date, str]] = []
    if before.evaluated_on is not None:
        then = bucket_on(result.found, before.evaluated_on)
        told.append((before.evaluated_on, CURRENT if then is None else then.name))
    told += [
        (change.day, CURRENT if change.bucket is None else change.bucket.name)
        for change in result.found
        if change.day <= result.through and (before.evaluated_on is None or change.day > before.evaluated_on)
    ]
    for day, bucket in told:
        if bucket == present:
            continue
        payload = {
            "account_id": str(result.debt.account_id),
            "debtor_id": str(result.debt.debtor_id),
            "before": present,
            "after": bucket,
            "changed_on": day.isoformat(),
        }
        tx.emit(Event("BucketChanged", "acct", result.debt.account_id, result.debt.client_id, payload))
        present = bucket
